"""The life of a container's processes: started, stopped, killed, paused, ended, and started again."""

from abc import abstractmethod
from dataclasses import replace

from course.engine.base import SECOND, command
from course.engine.configuring import process_of
from course.engine.limits import asked_for
from course.engine.records import Container, State, Status
from course.engine.system_files import system_files, with_init_layer
from course.engine.updating import Updating
from course.errors import DockerError
from course.processes.runtime import News, Specification, StartError
from course.processes.simulated.signals import SIGKILL, SIGTERM, number
from course.words import _

FIRST_DELAY = SECOND // 10  # before a container is started again; it doubles each time (moby, restartmanager)
LONGEST_DELAY = 60 * SECOND
LONG_ENOUGH = 10 * SECOND  # a container that ran so long starts again after the first delay
GRACE = 10  # seconds between the signal of `docker stop` and SIGKILL


class Lifecycle(Updating):
    """Starts and ends containers."""

    @command
    def start(self, *containers: str) -> list[str]:
        """Start ``containers`` (str each) that do not run, on what they wrote before; return what they were called.

        Raises DockerError: one cannot be started.
        """

        def start(word: str) -> str:
            container = self.startable(word)
            if not container.is_running:
                self.start_process(container)
            return word

        return self.each(containers, start)

    def startable(self, word: str) -> Container:
        """Return the container that ``word`` (str) means, if it may be started (Container).  Raises DockerError.

        One is dead whose files could not be removed, as where another process holds a mount of them; here that never
        comes about.  Rule: moby, daemon/start.go.
        """
        container = self.container(word)
        if container.state.status is Status.PAUSED:
            raise DockerError("cannot start a paused container, try unpause instead")
        if container.state.status is Status.DEAD:
            raise DockerError("container is marked for removal and cannot be started")
        return container

    def start_process(self, container: Container, stdin: bytes | None = None, *, attached: bool = False) -> Container:
        """Start the first process of ``container`` (Container); return what it is then.

        ``stdin`` is all that it will ever read (bytes), or None: as its config says.  ``attached`` is whether someone
        waits for its end (bool).  Raises DockerError in the runtime's words; the container keeps the error (moby,
        daemon/start.go).
        """
        self._is_waiting_no_more(container)
        self._refuse_what_is_not_real_yet(container)
        try:
            container = self.join_networks(container)
        except DockerError as error:
            raise self._not_started(container, str(error), 125) from error
        for point in container.mounts:
            tree = point.mount.tree
            if tree and not self._is_in_use(tree):
                self.runtime.trees[tree] = self.store.tables["trees"][tree]
        specification = Specification(
            container.id,
            with_init_layer(container.layers),
            process_of(container, stdin),
            str(container.config["Hostname"]),
            tuple(point.mount for point in container.mounts),
            container.host.read_only,
            container.host.init,
            container.host.pids_limit,
            system_files(container),
            asked_for(container.host),
            container.host.cap_add,
            container.host.cap_drop,
            container.host.privileged,
            container.host.network,
            attached,
            container.host.auto_remove,
        )
        try:
            pid = self.runtime.start(specification, container.written)
        except StartError as error:
            message = str(error) if error.status == 125 else f"failed to create shim task: {error}"
            raise self._not_started(container, message, error.status) from error
        if not pid:
            pid = self.store.tables["machine"].get("pids", 1000) + 7
            self.store.put("machine", "pids", pid)
        before = container.state
        restarts = before.restarts if before.status is Status.RESTARTING else 0  # who starts it by hand counts anew
        state = State(Status.RUNNING, pid, 0, "", self.clock.now, before.finished, restarts)
        return self.change(container, state=state)

    def _refuse_what_is_not_real_yet(self, container: Container) -> None:
        """Refuse to start a real ``container`` without what it was promised.  Raises DockerError."""
        if not self.kept:
            return
        host = container.host
        if host.ports or host.network not in ("default", "bridge", "none"):
            raise DockerError(_("A real container has its loopback alone yet: leave --network and --publish out."), 125)

    def _not_started(self, container: Container, message: str, status: int) -> DockerError:
        """Put on record that ``container`` could not be started; return the refusal (moby, daemon/start.go)."""
        if container.state.status is Status.RESTARTING:  # as its last end has left it (moby, daemon/monitor.go)
            container = self.change_state(container, status=Status.EXITED, again=0, error=message)
        else:
            exit_code = status if status in (126, 127) else 128
            container = self.change_state(container, error=message, exit_code=exit_code)
        self.leave_networks(container)
        if container.host.auto_remove:
            self.remove(self.containers[container.id], volumes=True)
        return DockerError(message, status, kept=True)

    def _is_in_use(self, tree: str) -> bool:
        return any(
            point.mount.tree == tree
            for container in self.containers.values()
            if container.state.status in (Status.RUNNING, Status.PAUSED)
            for point in container.mounts
        )

    # What becomes of it

    def take_news(self) -> None:
        """Put on record what the containers have written, in their files and their logs, and which have ended."""
        for news in self.runtime.news():
            container = self.containers[news.id]
            log = container.log + news.output if news.output else container.log
            container = self.change(container, written=news.written, log=log)
            if news.status is not None:
                self._ended(container, news)
        for tree, written in self.runtime.trees.items():
            self.store.put("trees", tree, written)

    def meet_again(self) -> None:
        """Put on record what became of the containers while no engine was there."""
        for container in list(self.containers.values()):
            if container.state.status is Status.RESTARTING:
                self._is_waiting_no_more(container)
                self.change_state(container, status=Status.EXITED, again=0)
            elif container.is_running:
                ended = self.runtime.meet_again(container.id)
                if ended:
                    self.leave_networks(container)
                    state = {"status": Status.EXITED, "pid": 0, "exit_code": ended[0], "finished": ended[1]}
                    self.change_state(self.containers[container.id], **state)
                    if container.host.auto_remove:
                        self.remove(self.containers[container.id], volumes=True)

    def _ended(self, container: Container, news: News) -> None:
        state, container = container.state, self.leave_networks(container)
        self.last_ended[container.id] = container = self.change_state(
            container, status=Status.EXITED, pid=0, exit_code=news.status, finished=news.finished
        )
        if self._starts_again(container):
            ran = news.finished - state.started
            delay = FIRST_DELAY if ran >= LONG_ENOUGH else min(FIRST_DELAY << state.restarts, LONGEST_DELAY)
            self.change_state(
                container, status=Status.RESTARTING, restarts=state.restarts + 1, again=news.finished + delay
            )
            self.store.put("machine", "restarting", (*self.store.tables["machine"].get("restarting", ()), container.id))
        elif container.host.auto_remove:
            self.remove(container, volumes=True)

    def _starts_again(self, container: Container) -> bool:
        """Tell whether its restart policy starts a container that has ended again (bool)."""
        policy, _colon, most = container.host.restart.partition(":")
        if container.state.stopped_by_hand or policy in ("", "no"):
            return False
        if policy == "on-failure":
            return container.state.exit_code != 0 and (not most or container.state.restarts < int(most))
        return True

    def _is_waiting_no_more(self, container: Container) -> None:
        waiting = self.store.tables["machine"].get("restarting", ())
        if container.id in waiting:
            self.store.put("machine", "restarting", tuple(each for each in waiting if each != container.id))

    # Signals

    @command
    def stop(self, *containers: str, time: int | None = None) -> list[str]:
        """End ``containers`` (str each): their stop signal to PID 1, and SIGKILL after ``time`` seconds (int).

        Without it the grace is the container's own, or 10 seconds.  One that does not run stays as it is.
        """

        def stop(word: str) -> str:
            self.stopped(self.container(word), time)
            return word

        return self.each(containers, stop)

    def stopped(self, container: Container, time: int | None) -> Container:
        """Stop ``container`` (Container) as ``stop`` does, and return what it is then."""
        if not container.is_running:
            return container
        grace = container.config.get("StopTimeout", GRACE) if time is None else time
        self._signal(container, _stop_signal(container))
        if not self._wait_for_end(container, grace):
            self._signal(self.containers[container.id], SIGKILL)
            self._wait_for_end(container, None)
        return self.last_ended.get(container.id, container)

    def _wait_for_end(self, container: Container, seconds: int | None) -> bool:
        """Wait until ``container`` has ended, at most ``seconds`` (int; None or negative: any time); return whether."""
        deadline = None if seconds is None or seconds < 0 else self.clock.now + seconds * SECOND
        return self.wait_until(lambda: not self._is_running(container.id), deadline)

    def _is_running(self, identity: str) -> bool:
        return identity in self.containers and self.containers[identity].is_running

    def _signal(self, container: Container, signal: int) -> None:
        """Send ``signal`` (int) to PID 1; what is paused goes on, for it could not end otherwise."""
        if container.state.status is Status.RESTARTING:
            self._is_waiting_no_more(container)
            self.change_state(container, status=Status.EXITED, again=0, stopped_by_hand=True)
            return
        ends = signal in (SIGKILL, _stop_signal(container))
        self.runtime.kill(container.id, signal)
        status = container.state.status
        if status is Status.PAUSED:
            self.runtime.resume(container.id)
            status = Status.RUNNING
        self.change_state(container, status=status, stopped_by_hand=container.state.stopped_by_hand or ends)

    @command
    def kill(self, *containers: str, signal: str = "KILL") -> list[str]:
        """Send a signal (str: name or number) to PID 1 of ``containers`` (str each).

        Raises DockerError: no such signal, or a container does not run.
        """
        wanted = number(signal)
        if not wanted and not signal.isdecimal():
            raise DockerError(f"Invalid signal: {signal}")

        def kill(word: str) -> str:
            try:
                container = self._running(word)
            except DockerError as error:
                raise DockerError(f"Cannot kill container: {word}: {error}") from error
            if not wanted:
                raise DockerError(f"Cannot kill container: {word}: The linux daemon does not support signal {signal}")
            self._signal(container, wanted)
            if wanted == SIGKILL:
                self._wait_for_end(container, None)
            return word

        return self.each(containers, kill)

    @command
    def restart(self, *containers: str, time: int | None = None) -> list[str]:
        """Stop ``containers`` (str each) as ``stop`` does, and start them again."""

        def restart(word: str) -> str:
            container = self.container(word)
            host = container.host  # its end is no reason to remove it now (moby, daemon/restart.go)
            self.stopped(self.change(container, host=replace(host, auto_remove=False)), time)
            self.start_process(self.change(self.containers[container.id], host=host))
            return word

        return self.each(containers, restart)

    @command
    def pause(self, *containers: str) -> list[str]:
        """Freeze every process of ``containers`` (str each), by the freezer of their control groups."""

        def pause(word: str) -> str:
            container = self._running(word)
            if container.state.status is Status.PAUSED:
                raise DockerError(f"Container {container.id} is already paused")
            self.refuse_restarting(container)
            self.runtime.pause(container.id)
            self.change_state(container, status=Status.PAUSED)
            return word

        return self.each(containers, pause)

    @command
    def unpause(self, *containers: str) -> list[str]:
        """Let the processes of ``containers`` (str each) go on."""

        def unpause(word: str) -> str:
            container = self.container(word)
            if container.state.status is not Status.PAUSED:
                raise DockerError(f"Container {container.id} is not paused")
            self.runtime.resume(container.id)
            self.change_state(container, status=Status.RUNNING)
            return word

        return self.each(containers, unpause)

    @command
    def wait(self, *containers: str) -> list[int | None]:
        """Wait until ``containers`` (str each) have ended; return their exit codes (list of int).

        None stands for one that had not ended after 20 minutes.
        """

        def wait(word: str) -> int | None:
            container = self.container(word)
            ended = self.next_end(container) if container.is_running else container
            return ended.state.exit_code if ended else None

        return self.each(containers, wait)

    def next_end(self, container: Container) -> Container | None:
        """Wait for ``container`` to end, though it may start again; return what it was then, or None: it did not."""
        self.last_ended.pop(container.id, None)
        self.wait_until(lambda: container.id in self.last_ended or not self._is_running(container.id))
        ended = self.last_ended.get(container.id) or self.containers[container.id]
        return None if ended.is_running else ended

    def _running(self, word: str) -> Container:
        container = self.container(word)
        if not container.is_running:
            raise DockerError(f"Container {container.id} is not running")
        return container

    def refuse_restarting(self, container: Container) -> None:
        """Refuse ``container`` (Container) if it has no processes just now.  Raises DockerError."""
        if container.state.status is Status.RESTARTING:
            raise DockerError(f"Container {container.id} is restarting, wait until the container is running")

    @abstractmethod
    def remove(self, container: Container, volumes: bool = False) -> None:
        """Remove a container from the record; ``Removing`` says how."""

    @abstractmethod
    def join_networks(self, container: Container) -> Container:
        """Give a container that is about to run its addresses; ``Networks`` says how."""

    @abstractmethod
    def leave_networks(self, container: Container) -> Container:
        """Take the addresses of a container that has ended back; ``Networks`` says how."""


def _stop_signal(container: Container) -> int:
    """Return the signal that asks a container to end (int): its own, or SIGTERM."""
    return number(str(container.config.get("StopSignal") or "")) or SIGTERM

"""The real runtime: containers are namespaced processes on an overlay mount, started by the helper."""

import os
import select
import signal
import socket
from collections.abc import Callable, Sequence, Set
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import Any

from course.errors import DockerError
from course.layers.layer import Layer
from course.processes.linux import capabilities, user_namespace, wire
from course.processes.linux.helper_process import HelperProcess
from course.processes.linux.layer_store import OVERLAY, LayerStore
from course.processes.linux.mounted_files import mounted, tree
from course.processes.linux.watched import RealClock, Watched, in_memory, refused
from course.processes.runtime import (
    CREATE,
    EXEC,
    Execution,
    Mount,
    News,
    ProcessInfo,
    ProcessSpec,
    Specification,
    StartError,
)
from course.union.filesystem import UnionFilesystem
from course.union.overlay2_names import cache_id, link_name, mount_id
from course.union.read_write_layer import ReadWriteLayer
from course.union.view import UnionView

SECOND = 10**9
GLANCE = 0.02  # seconds between two looks at what running containers have written
SIZE = (24, 80)  # rows and columns of a terminal, until it is told otherwise


class LinuxRuntime:
    """A Runtime that asks the kernel.  ``root`` is the engine's directory (Path), whose layout is docker's."""

    pace = 0  # a command takes the time that it takes
    patience = 1 << 62  # and whoever waits can interrupt it

    def __init__(self, root: Path) -> None:
        self.root, self.clock = root.absolute(), RealClock()
        self.trees: dict[str, ReadWriteLayer] = {}
        self.helper = HelperProcess(self.root)
        self.store = LayerStore(self.root, self.helper, lambda: list(self._containers))
        self._containers: dict[str, Watched] = {}
        self._execs: list[Watched] = []
        self._poll = select.poll()
        self._by_descriptor: dict[int, Watched] = {}

    def furnish(self) -> None:
        """Let a container's root, which is not the host's, reach what it needs in the engine's directory."""
        uid, gid = user_namespace.owner()
        if user_namespace.is_root():
            os.chown(self.root, 0, gid)
            self.root.chmod(0o710)
            for name, mode in (("containers", 0o2710), ("volumes", 0o2711)):  # what is made in them is for that group
                os.chown(self.root / name, 0, gid)
                (self.root / name).chmod(mode)
            for name in (OVERLAY, f"{OVERLAY}/l"):
                os.chown(self.root / name, uid, gid)

    def new_layer(self, container: str, layers: tuple[Layer, ...]) -> ReadWriteLayer:
        """Return the read-write layer of a ``container`` (str), which is made on disk when it is first needed."""
        return self.store.written(container)

    def new_tree(self, name: str) -> ReadWriteLayer:
        """Return the files of the new volume ``name`` (str, ``volume:NAME``), whose directory is made."""
        return self.store.new_tree(name.partition(":")[2])

    def start(self, specification: Specification, written: ReadWriteLayer) -> int:
        """Start a container on what was ``written`` in it so far; return its first process's number (int).

        Raises StartError.
        """
        for layer in specification.layers:
            self.store.keep(layer)
        spec = self._spec(specification)
        log = self._log(specification.id) if spec["kept"] else in_memory(b"")
        running = self._begin(specification.id, "start", spec, specification.process, log)
        if running.refused:
            raise refused(CREATE, running.refused)
        self._containers[specification.id] = running
        return running.pid

    def exec(self, container: str, process: ProcessSpec) -> Execution:
        """Start a process beside the first one of a running container (Execution).  Raises StartError."""
        if not process.cwd.startswith("/"):
            raise StartError("OCI runtime exec failed: exec failed: Cwd must be an absolute path: unknown", 126)
        spec = {**self._process(process), "id": container, "detached": False, "kept": False, "init": False}
        first = self._containers[container].pid
        running = self._begin(container, "exec", spec, process, in_memory(b""), first)
        if running.refused:
            raise refused(EXEC, running.refused)
        self._execs.append(running)
        return running

    def _folder(self, container: str) -> Path:
        """Return the directory of a ``container`` (str), in which its monitor may write (Path)."""
        folder = self.root / "containers" / container
        folder.mkdir(exist_ok=True)
        folder.chmod(0o2730 if user_namespace.is_root() else 0o710)  # also of one that was put on record before
        return folder

    def _log(self, container: str) -> int:
        """Return the log of a ``container`` (str), opened to add to it and to read it (int)."""
        folder = self._folder(container)
        return os.open(folder / f"{container}-json.log", os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)

    def _begin(
        self, identity: str, what: str, spec: dict[str, Any], process: ProcessSpec, log: int, *more: Any
    ) -> Watched:
        """Have the helper start a process, and wait until it runs or is refused (Watched)."""
        here, there = wire.pair()
        passed = [there.fileno(), log]
        stdin = in_memory(process.stdin) if process.stdin else -1
        if stdin >= 0:
            passed.append(stdin)
        try:
            self.helper.send(what, spec, *more, descriptors=tuple(passed))
        finally:
            there.close()
            if stdin >= 0:
                os.close(stdin)
        running = Watched(identity, here, log, os.fstat(log).st_size)
        while not running.has_started and not running.refused:
            running.listen()
        if running.refused:
            running.close()
        else:
            self._watch(running)
        return running

    def _watch(self, running: Watched) -> None:
        self._poll.register(running.channel, select.POLLIN)
        self._by_descriptor[running.channel.fileno()] = running

    def meet_again(self, container: str) -> tuple[int, int] | None:
        """Find a ``container`` (str) that was running under an engine before: see Runtime.

        Its monitor is still there, or has written down how it ended; or the machine went down with both.
        """
        folder = self.root / "containers" / container
        channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            directory = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                channel.connect(f"/proc/self/fd/{directory}/monitor")  # a socket's path may not be long
            finally:
                os.close(directory)
        except OSError:
            channel.close()
            return self._end_of(folder)
        running = Watched(container, channel, self._log(container), 0)
        running.listen()
        if not running.has_started:
            running.close()
            return self._end_of(folder)
        self.helper.joined = self.helper.joined or running.pid
        self._containers[container] = running
        self._watch(running)
        return None

    def _end_of(self, folder: Path) -> tuple[int, int]:
        try:
            status, finished = (folder / "ended").read_text().split()
            return int(status), int(finished)
        except (OSError, ValueError):
            return 255, self.clock.now  # as docker has it after a crash

    def settle(self, running: Set[str]) -> None:
        """End every container that is not among those that are to be ``running`` (set of ids)."""
        for identity in self._containers.keys() - running:
            self.kill(identity, signal.SIGKILL)
            while self._containers[identity].status is None:
                self._listen(GLANCE)
            del self._containers[identity]
        self.store.take_back()

    def _spec(self, specification: Specification) -> dict[str, Any]:
        """Return what the helper is told of a container (dict of plain values)."""
        return {
            **self._process(specification.process),
            **self._union(specification.id, specification.layers),
            "hostname": specification.hostname,
            "files": dict(specification.files),
            "mounts": [self._mount(mount) for mount in specification.mounts],
            "read_only": specification.read_only,
            "init": specification.init,
            "limits": {**specification.limits, **({"pids": limit} if (limit := specification.pids_limit) else {})},
            "network": specification.network,
            "detached": not specification.attached,
            "kept": not (specification.attached and specification.auto_remove),
            "remove": specification.attached and specification.auto_remove,
            "capabilities": capabilities.wanted(
                capabilities.DEFAULT, specification.cap_add, specification.cap_drop, specification.privileged
            ),
            "confined": not specification.privileged,
        }

    def _union(self, container: str, layers: tuple[Layer, ...]) -> dict[str, Any]:
        """Return where the union of a ``container`` (str) on ``layers`` is, and of what (dict)."""
        links = [f"{OVERLAY}/l/{link_name(cache_id(layer))}" for layer in reversed(layers)]
        return {"id": container, "mount": mount_id(container), "lower": links, "root_mode": _root_mode(layers)}

    def _mount(self, mount: Any) -> tuple[str, str, bool]:
        kind, _colon, name = mount.tree.partition(":")
        source = "" if not kind else mount.path if kind == "host" else f"volumes/{name}/_data"
        return mount.destination, source, mount.read_only

    def _process(self, process: ProcessSpec) -> dict[str, Any]:
        return {
            "args": process.args,
            "env": process.env,
            "cwd": process.cwd,
            "user": process.user,
            "terminal": process.terminal,
            "size": SIZE,
            "stdin_open": process.stdin_open,
            "capabilities": capabilities.DEFAULT,
            "confined": True,
        }

    # What is asked of those that run

    def kill(self, container: str, signal: int) -> None:
        """Send ``signal`` (int) to the first process, from outside."""
        self._say(container, "kill", signal)

    def pause(self, container: str) -> None:
        """Freeze all processes (cgroup freezer)."""
        self._ask(container, "pause")

    def resume(self, container: str) -> None:
        """Let them go on."""
        self._ask(container, "resume")

    def _ask(self, container: str, what: str) -> None:
        """Have the monitor do it, and wait until it has.  Raises DockerError: it cannot."""
        watched = self._containers[container]
        watched.answer = None
        self._say(container, what)
        while watched.answer is None and watched.status is None:
            self._listen(GLANCE)
        if watched.answer and watched.answer[0] == "refused":
            raise DockerError(f"Cannot {what} container {container}: {watched.answer[1]}")

    def _say(self, container: str, *message: Any) -> None:
        try:
            wire.send(self._containers[container].channel, message)
        except OSError:
            pass  # it has ended, which the next news tell

    def ps(self, container: str) -> list[ProcessInfo]:
        """Return the processes (list of ProcessInfo), in the order of their numbers."""
        try:
            (rows,), _passed = self.helper.ask("ps", self._containers[container].pid)
        except FileNotFoundError:
            return []
        return [ProcessInfo(uid, pid, parent, started, command) for uid, pid, parent, started, command in rows]

    def filesystem(self, container: str) -> UnionFilesystem:
        """Refuse: a real container's files are not in memory.  Raises RuntimeError: ``mounted`` shows them."""
        raise RuntimeError("the files of a real container are shown by mounted()")

    def mounted(
        self, container: str, layers: tuple[Layer, ...], mounts: Sequence[Mount]
    ) -> AbstractContextManager[UnionFilesystem]:
        """Mount the files of a ``container`` (str), running or not: see Runtime.  Raises MachineError."""
        for layer in layers:
            self.store.keep(layer)
        self._listen(0)
        running = self._containers.get(container)
        spec = {**self._union(container, layers), "mounts": [self._mount(mount) for mount in mounts]}
        spec["pid"] = running.pid if running and running.status is None else 0
        return mounted(self.helper, spec)

    def tree(self, name: str) -> UnionFilesystem | None:
        """Return the files ``name`` (str) of ``trees``, which are where running containers see them: on the disk."""
        return tree(self.helper, name)

    # Time

    def run(self, until: Callable[[], bool], deadline: int) -> bool:
        """Wait until ``until`` says so, or the clock shows ``deadline`` (int, ns); return whether it came true."""
        self._listen(0)
        while not until():
            left = (deadline - self.clock.now) / SECOND
            if left <= 0:
                return False
            self._listen(min(left, GLANCE))
        return True

    def _listen(self, seconds: float) -> None:
        for descriptor, _events in self._poll.poll(seconds * 1000):
            running = self._by_descriptor[descriptor]
            running.listen()
            if running.status is not None:
                self._poll.unregister(descriptor)
                del self._by_descriptor[descriptor]
                running.look_at_all()
                running.close()
        for running in self._by_descriptor.values():
            running.look()

    @property
    def has_ended(self) -> bool:
        """Whether a container has ended since ``news`` was last called (bool)."""
        return any(running.status is not None for running in self._containers.values())

    def news(self) -> list[News]:
        """Return what became of the containers (list of News).  Those that have ended are forgotten with it."""
        found = []
        for identity, running in list(self._containers.items()):
            output = tuple(running.output)
            running.output.clear()
            if output or running.status is not None:
                found.append(News(identity, self.store.written(identity), output, running.status, running.finished))
            if running.status is not None:
                del self._containers[identity]
        return found

    def close(self) -> None:
        """Let go of everything: what nobody detached is killed, and the helper ends."""
        for running in self._by_descriptor.values():
            running.close()
        self._by_descriptor.clear()
        self._containers.clear()
        self.helper.forget()


@lru_cache(maxsize=64)
def _root_mode(layers: tuple[Layer, ...]) -> int:
    return UnionView(layers).root.entry.mode

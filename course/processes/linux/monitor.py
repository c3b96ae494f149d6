"""A container's monitor: a fork of the helper that starts the first process, keeps its log, and tells of its end.

It speaks to the engine over a socket of its own, whose end means that the engine is gone: then a container that nobody
detached is killed.  A detached one's monitor stays, listens for the next engine, and writes down how it ended.
"""

from __future__ import annotations

import errno
import marshal
import os
import select
import signal
import socket
import time

from course.processes.linux import beginning, scanning, syscalls, wire
from course.processes.linux.cgroup import Group
from course.processes.linux.cgroup_files import CannotLimit
from course.processes.linux.json_log import Log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from course.processes.linux.wire import Message, Spec

    Start = Callable[[Spec, int, tuple[int, int, int], int], None]

CHUNK = 65536
END_OF_INPUT = b"\x04"  # what a terminal takes for it (termios(3), VEOF)
AFTER_END = 0.2  # seconds that output is waited for, when a process of another container may still hold the pipe


class Monitor:
    """One container, or one exec: its first process, the pipes from it, and whom to tell."""

    def __init__(self, spec: Spec, engine: socket.socket | None, log: int, stdin: int) -> None:
        self.spec, self.engine, self.log, self.stdin = spec, engine, Log(log), stdin
        self.listener: socket.socket | None = None
        self.terminal = -1
        self.sources: dict[int, int] = {}  # descriptor that output comes from -> stream
        self.given = b""  # input that the terminal has not taken yet
        self.poll = select.poll()
        self.pid = 0

    def run(self, start: Start, group: Group | None) -> None:
        """Start the process by ``start``, and see it through to its end.  Never returns."""
        spec, self.group = self.spec, group
        failure = self._start(start, group)
        if failure:
            self._tell("failed", *failure)
        else:
            self._tell("started", self.pid)
            self._watch()
        if group and "mount" in spec:  # an exec only joins it
            group.remove()
        if spec.get("remove"):
            remove(spec["mount"])
        if failure is None:
            try:
                self._record_end()
            finally:  # also if the disk is full
                self._tell("ended", self.status, self.finished)
        os._exit(0)

    def _start(self, start: Start, group: Group | None) -> Message | None:
        """Fork the process; return None once the program runs in it, or what failed (tuple)."""
        report_read, report_write = os.pipe2(os.O_CLOEXEC)
        go_read, go_write = os.pipe2(os.O_CLOEXEC)
        here, there = wire.pair() if self.spec["terminal"] else (None, None)
        (out_read, out_write), (err_read, err_write) = os.pipe2(os.O_CLOEXEC), os.pipe2(os.O_CLOEXEC)
        stdin_read = -1
        if self.stdin < 0 and not self.spec["terminal"]:
            if self.spec["stdin_open"]:
                stdin_read, _kept_open = os.pipe2(os.O_CLOEXEC)
            else:
                stdin_read = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
        try:
            self.pid = os.fork()
        except OSError as error:
            return ("step", error.errno, error.strerror, "fork")
        if self.pid == 0:
            os.close(go_write)
            os.close(report_read)
            os.read(go_read, 1)  # until it is in its control group
            stdio = (self.stdin if self.stdin >= 0 else stdin_read, out_write, err_write)
            start(self.spec, report_write, stdio, there.fileno() if there else -1)
        for descriptor in (report_write, go_read, out_write, err_write, stdin_read):
            if descriptor >= 0:
                os.close(descriptor)
        if there:
            there.close()
        failure = None
        if group:
            try:
                group.add(self.pid)
            except OSError as error:
                failure = ("step", error.errno, error.strerror, str(error.filename))
                os.kill(self.pid, signal.SIGKILL)
        os.close(go_write)
        told = b""
        while part := os.read(report_read, CHUNK):
            told += part
        os.close(report_read)
        if failure is None and told:
            failure = marshal.loads(told)  # noqa: S302 (from a fork of ours)
        if failure:
            os.waitpid(self.pid, 0)
            return failure
        if here:
            _data, (self.terminal,), _flags, _address = socket.recv_fds(here, 16, 1)
            here.close()
            os.close(out_read)
            os.close(err_read)
            os.set_blocking(self.terminal, False)
            self.sources = {self.terminal: 1}
        else:
            self.sources = {out_read: 1, err_read: 2}
            if self.stdin >= 0:
                os.close(self.stdin)
                self.stdin = -1
        return None

    # While it runs

    def _watch(self) -> None:
        """Pass on what is written, told and asked, until the first process has ended and all it wrote is logged."""
        ended = syscalls.pidfd_open(self.pid)
        poll = self.poll
        poll.register(ended, select.POLLIN)
        for descriptor in self.sources:
            poll.register(descriptor, select.POLLIN)
        if self.engine:
            poll.register(self.engine, select.POLLIN)
        if self.terminal >= 0 and self.stdin >= 0:
            poll.register(self.stdin, select.POLLIN)
        if self.spec["detached"]:
            self._listen()
        deadline = None
        while self.sources or deadline is None:
            wait = None if deadline is None else max(0, deadline - time.monotonic())
            ready = poll.poll(None if wait is None else wait * 1000)
            if deadline is not None and not ready:
                break
            for descriptor, events in ready:
                if descriptor in self.sources:
                    self._read(descriptor)
                    if descriptor == self.terminal and events & select.POLLOUT:
                        self._type()
                elif descriptor == ended:
                    poll.unregister(ended)
                    deadline = time.monotonic() + AFTER_END
                elif descriptor == self.stdin:
                    self._take_input()
                elif self.listener and descriptor == self.listener.fileno():
                    self._accept(self.listener)
                elif self.engine and descriptor == self.engine.fileno():
                    self._obey(self.engine)
        self.log.flush()
        os.close(ended)
        _pid, status = os.waitpid(self.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        self.status, self.finished = code if code >= 0 else 128 - code, time.time_ns()

    def _read(self, descriptor: int) -> None:
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.EIO:  # nobody has the terminal open any more
                raise
            data = b""
        if data:
            self.log.write(self.sources[descriptor], data)
            if descriptor == self.terminal:
                self.log.flush()  # a prompt is not a whole line, and still is to be seen
        else:
            self.poll.unregister(descriptor)
            del self.sources[descriptor]
            os.close(descriptor)
            if descriptor == self.terminal:
                self.terminal = -1

    def _take_input(self) -> None:
        """Take what is to be typed; at its end a terminal is told so."""
        data = os.read(self.stdin, 4096)
        if not data:
            self.poll.unregister(self.stdin)
            os.close(self.stdin)
            self.stdin = -1
        self.given += data or END_OF_INPUT
        self._type()

    def _type(self) -> None:
        """Type what was given, as far as the terminal takes it; the rest when it can take more."""
        if self.terminal < 0:
            return
        try:
            self.given = self.given[os.write(self.terminal, self.given) :]
        except BlockingIOError:
            pass
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            self.given = b""
        self.poll.modify(self.terminal, select.POLLIN | (select.POLLOUT if self.given else 0))
        if self.stdin >= 0:  # no more is taken than can be passed on
            self.poll.modify(self.stdin, 0 if self.given else select.POLLIN)

    # The engine

    def _tell(self, *message: object) -> None:
        if self.engine:
            try:
                wire.send(self.engine, message)
            except OSError:
                self._lose()

    def _lose(self) -> None:
        """The engine is gone: so is the container, unless it was detached."""
        if self.engine:
            if self.engine.fileno() >= 0 and self.status is None:
                self.poll.unregister(self.engine)
            self.engine.close()
            self.engine = None
        if not self.spec["detached"]:
            self._kill(signal.SIGKILL)

    group: Group | None = None
    status: int | None = None
    finished = 0

    def _obey(self, engine: socket.socket) -> None:
        try:
            message, _descriptors = wire.receive(engine)
        except OSError:
            message = None
        if message is None:
            self._lose()
        elif message[0] == "kill":
            self._kill(message[1])
        elif message[0] in ("pause", "resume"):
            self._freeze(message[0] == "pause")
        elif message[0] == "resize" and self.terminal >= 0:
            beginning.set_size(self.terminal, *message[1:])

    def _freeze(self, wanted: bool) -> None:
        """Stop all processes of the container, or let them go on, and say whether that could be done."""
        if self.group is None:
            return self._tell("refused", self.spec["ungrouped"])
        try:
            (self.group.freeze if wanted else self.group.thaw)()
        except (CannotLimit, OSError) as error:
            self._tell("refused", str(error))
        else:
            self._tell("done")

    def _kill(self, number: int) -> None:
        if self.status is None and self.pid:
            os.kill(self.pid, number)  # it is no other process: nobody has waited for it yet

    def _listen(self) -> None:
        """Let the next engine find this monitor, by a socket in the container's directory."""
        path = f"containers/{self.spec['id']}/monitor"
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(path)
        self.listener.listen(1)
        self.poll.register(self.listener, select.POLLIN)

    def _accept(self, listener: socket.socket) -> None:
        if self.engine:
            self._lose()
        self.engine, _address = listener.accept()
        self.poll.register(self.engine, select.POLLIN)
        self._tell("started", self.pid)

    def _record_end(self) -> None:
        """Write down how it ended, for an engine to come."""
        folder = f"containers/{self.spec['id']}"
        if self.spec["kept"]:
            draft = os.open(f"{folder}/.ended", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            os.write(draft, f"{self.status} {self.finished}\n".encode())
            if self.spec["detached"]:
                os.fsync(draft)
            os.close(draft)
            os.rename(f"{folder}/.ended", f"{folder}/ended")
        if self.listener:
            os.unlink(f"{folder}/monitor")


def remove(mount: str) -> None:
    """Remove what a container has written: its directory of ``overlay2`` and that of its init layer."""
    overlay = os.open("overlay2", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for name in (mount, f"{mount}-init"):
        scanning.remove_tree(overlay, name)
    os.close(overlay)

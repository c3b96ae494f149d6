"""A process that a monitor watches, as the engine sees it: what it has written, and how it ended."""

import json
import os
import socket
import time
from datetime import datetime
from typing import Any

from course.processes.linux import wire
from course.processes.linux.explaining import explained
from course.processes.runtime import EXEC, Output, StartError, refusal
from course.processes.simulated.space import Clock
from course.words import _

SECOND = 10**9
STREAMS = {"stdout": 1, "stderr": 2}


class RealClock(Clock):
    """The machine's clock.  Nobody sets it."""

    @property
    def now(self) -> int:
        """What it shows (int, nanoseconds since 1970)."""
        return time.time_ns()

    @now.setter
    def now(self, _value: int) -> None:
        """Time passes by itself."""


class Watched:
    """A process that a monitor watches: of a container, or of an exec in one.

    ``pid`` is its number on this machine (int), ``status`` its exit status (int, None while it runs), ``finished`` when
    it ended (int, ns), ``output`` what it has written since it was last asked for (list of Output).
    """

    def __init__(self, identity: str, channel: socket.socket, log: int, position: int) -> None:
        self.id, self.channel = identity, channel
        self.pid = 0
        self.status: int | None = None
        self.finished = 0
        self.output: list[Output] = []
        self.refused: tuple[Any, ...] | None = None
        self.has_started = False
        self.answer: tuple[Any, ...] | None = None  # to what it was last asked for
        self._log, self._position, self._torn = log, position, b""

    def listen(self) -> None:
        """Take what the monitor says."""
        try:
            message, _descriptors = wire.receive(self.channel)
        except OSError:
            message = None
        if message is None:
            if not self.has_started:
                self.refused = ("step", 0, _("its monitor was killed"), "")
            elif self.status is None:
                self.status, self.finished = 137, time.time_ns()
        elif message[0] == "started":
            self.pid, self.has_started = message[1], True
        elif message[0] == "failed":
            self.refused = message[1:]
        elif message[0] in ("done", "refused"):
            self.answer = message
        elif message[0] == "ended":
            self.status, self.finished = message[1], message[2]

    def look(self) -> bool:
        """Read what has been logged since; return whether there was anything (bool)."""
        data = self._torn + os.pread(self._log, 1 << 20, self._position + len(self._torn))
        *lines, self._torn = data.split(b"\n")
        self._position += len(data) - len(self._torn)
        self.output += [logged(line) for line in lines]
        return bool(lines)

    def look_at_all(self) -> None:
        """Read all that has been logged."""
        while self.look():
            pass

    def close(self) -> None:
        """Let go of the monitor and the log."""
        self.channel.close()
        os.close(self._log)


def logged(line: bytes) -> Output:
    r"""Return what a line (bytes) of docker's json-file log says (Output).

    >>> logged(b'{"log":"hi\\n","stream":"stdout","time":"1970-01-01T00:00:01.5Z"}')
    Output(time=1500000000, stream=1, data=b'hi\n')
    """
    entry = json.loads(line)
    whole, _dot, rest = entry["time"].rstrip("Z").partition(".")
    seconds = int(datetime.fromisoformat(whole + "+00:00").timestamp())
    data = entry["log"].encode("utf-8", "surrogateescape")
    return Output(seconds * SECOND + int(rest.ljust(9, "0") or 0), STREAMS[entry["stream"]], data)


def in_memory(data: bytes) -> int:
    """Return a file in memory (int) that holds ``data`` (bytes), to be read from its beginning."""
    memory = os.memfd_create("stdin", os.MFD_CLOEXEC)
    while data:
        data = data[os.write(memory, data) :]
    os.lseek(memory, 0, os.SEEK_SET)
    return memory


def refused(form: str, told: tuple[Any, ...]) -> StartError:
    """Return why a process was not started (StartError), in runc's words as far as it has any."""
    kind, *rest = told
    if kind == "refused":
        return refusal(form, rest[0])
    if kind == "user":
        return StartError(rest[0], 126 if form == EXEC else 125)
    if kind == "limit":
        return StartError(rest[0], 125)
    if kind == "ids":
        uid, gid, reason, has_many = rest
        if not has_many:
            text = _("To run as {uid}:{gid} takes several user ids, and an ordinary user has one: only root can.")
            return StartError(text.format(uid=uid, gid=gid), 126 if form == EXEC else 125)
        return refusal(form, f"setup user: cannot set uid {uid} and gid {gid}: {reason.lower()}")
    number, reason, call = rest
    return refusal(form, f"error during container init: {call}: {explained(OSError(number, reason, call))}")

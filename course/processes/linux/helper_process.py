"""The engine's end of the helper: it is started when it is first needed, and again if it is gone."""

import os
import socket
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import course
from course.errors import MachineError
from course.processes.linux import cgroups, user_namespace, wire
from course.processes.linux.explaining import explained
from course.words import _

START = "import sys; sys.path.insert(0, sys.argv[2]); from course.processes.linux.helper import start; start()"
PATIENCE = 30  # seconds until a helper that says nothing is given up


class HelperProcess:
    """The helper of the engine whose directory is ``root`` (Path).

    ``many_ids`` is whether containers have more users than root (bool, once it runs).  Its methods raise OSError: what
    the helper was told to do failed; MachineError: there can be no helper here, or it was killed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.many_ids = user_namespace.is_root()
        self.joined = 0  # a process whose user namespace is to be used: of a container that was found running
        self._end: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.groups = cgroups.Parent({}, "", {})

    @property
    def is_there(self) -> bool:
        """Whether it runs (bool)."""
        return self._end is not None

    def ask(self, name: str, *arguments: Any, descriptors: tuple[int, ...] = ()) -> tuple[tuple[Any, ...], list[int]]:
        """Have it do ``name`` (str), and return what it answers (tuple) and passes (list of int)."""
        for last in (False, True):
            try:
                self.send(name, *arguments, descriptors=descriptors)
                answer, passed = wire.receive(self._connected())
            except OSError:
                answer, passed = None, []
            if answer is not None:
                break
            self.forget()
            if last:
                text = _("The helper that starts containers has ended in the middle of '{what}'; try again.")
                raise MachineError(text.format(what=name))
        if answer and answer[0] == "error":
            _kind, number, reason, call = answer
            raise OSError(number, reason, call)
        return (answer or ())[1:], passed

    def send(self, name: str, *arguments: Any, descriptors: tuple[int, ...] = ()) -> None:
        """Tell it to do ``name`` (str), without an answer."""
        wire.send(self._connected(), (name, *arguments), descriptors)

    def _connected(self) -> socket.socket:
        if self._end is None:
            self._start()
        assert self._end is not None  # noqa: S101 (for the type)
        return self._end

    def _start(self) -> None:
        here, there = wire.pair()
        owner = user_namespace.owner()
        self.groups = cgroups.open_parent(cgroups.find(), self._group_name(), owner if self.many_ids else None)
        command = [sys.executable, "-I", "-S", "-c", START, str(there.fileno()), str(Path(course.__file__).parents[1])]
        with there:
            self._process = subprocess.Popen(
                command,
                pass_fds=[there.fileno()],
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        weakref.finalize(self, _wait, self._process)
        here.settimeout(PATIENCE)
        try:
            wire.send(here, (self.groups.places, self.groups.unified, self.groups.reasons, self.joined))
            answer, _passed = wire.receive(here)
        except OSError:
            answer = None
        here.settimeout(None)
        if answer is None or answer[0] != "ready":
            here.close()
            self._process.wait()
            self._process = None
            if answer is None:
                raise MachineError(_("The helper that starts containers has ended before it was ready; try again."))
            raise MachineError(explained(OSError(*answer[1:])))
        self._end = here
        self.pid, self.many_ids = answer[1], answer[2]

    def _group_name(self) -> str:
        return f"layer-by-layer-{os.stat(self.root).st_ino}"

    def forget(self) -> None:
        """Let go of a helper that is gone, or that is no longer wanted; it ends by itself."""
        if self._end:
            self._end.close()
            self._end = None
        if self._process:
            self._process.wait()
            self._process = None


def _wait(process: "subprocess.Popen[bytes]") -> None:
    """Do not leave a zombie; the helper ends as soon as it sees that nobody is there."""
    if process.poll() is None:
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()

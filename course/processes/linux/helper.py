"""The helper: a small process that does what a notebook's kernel must not do itself, to start containers.

A kernel has a dozen threads and much memory: it can neither enter a user namespace nor fork cheaply.  So the engine
starts this once, tells it over a socket what to do, and has each container started by a fork of it.  It ends when the
engine's end of the socket closes.  It imports as little as it can, since what it has is copied with every fork.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import time

from course.processes.linux import (
    beginning,
    inside,
    monitor,
    preparing,
    process_list,
    scanning,
    seccomp,
    syscalls,
    user_namespace,
    wire,
)
from course.processes.linux.cgroup import Group
from course.processes.linux.cgroup_files import CannotLimit
from course.processes.linux.cgroups import Parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from course.processes.linux.wire import Message, Spec

    Answer = tuple[Message | None, tuple[int, ...]]

INSIDE = syscalls.RESOLVE_BENEATH | syscalls.RESOLVE_NO_SYMLINKS


class Helper:
    """The helper at work: ``engine`` is the socket to the engine, ``many_ids`` whether there are more than root's."""

    def __init__(self, engine: socket.socket, many_ids: bool, groups: Parent) -> None:
        self.engine, self.many_ids, self.groups = engine, many_ids, groups
        self._filters: dict[int, bytes] = {}

    def serve(self) -> None:
        """Do what the engine asks for, one thing after the other, until it is gone."""
        while True:
            message, descriptors = wire.receive(self.engine)
            if message is None:
                return
            name, *arguments = message
            passed: tuple[int, ...] = ()
            try:
                answer, passed = getattr(self, f"do_{name}")(descriptors, *arguments)
            except OSError as error:
                answer = ("error", error.errno, error.strerror, str(error.filename))
            for descriptor in descriptors:
                os.close(descriptor)
            if answer:
                wire.send(self.engine, answer, passed)
            for descriptor in passed:
                os.close(descriptor)

    # Starting

    def do_start(self, descriptors: list[int], spec: Spec) -> Answer:
        """Start a container; its monitor answers, over the first of the ``descriptors``.

        The second one is its log, the third what it reads, if it is given anything.
        """
        if os.fork() == 0:
            self._monitor(spec, descriptors, exec_in=0)
        return None, ()

    def do_exec(self, descriptors: list[int], spec: Spec, pid: int) -> Answer:
        """Start a process beside the first one of a container (``pid``, int); its monitor answers."""
        if os.fork() == 0:
            self._monitor(spec, descriptors, exec_in=pid)
        return None, ()

    def _monitor(self, spec: Spec, descriptors: list[int], exec_in: int) -> None:
        """Be the monitor of a container, or of an exec.  Never returns."""
        try:
            os.setsid()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            engine, *rest = descriptors
            log = rest.pop(0)
            stdin = rest.pop(0) if rest else -1
            close_all_but(engine, log, stdin)
            channel = socket.socket(fileno=engine)
            try:
                group = self._ready(spec, exec_in)
            except CannotLimit as refusal:
                wire.send(channel, ("failed", "limit", str(refusal)))
            except OSError as error:
                wire.send(channel, ("failed", "step", error.errno, error.strerror, str(error.filename)))
            else:
                start = beginning.begin_beside if exec_in else beginning.begin
                monitor.Monitor(spec, channel, log, stdin).run(start, group)
        finally:
            os._exit(1)

    def _ready(self, spec: Spec, exec_in: int) -> Group | None:
        """Make ready what a new process needs, in the monitor; return its control group, if there can be one."""
        spec["many_ids"], spec["ungrouped"] = self.many_ids, self.groups.why
        spec["filter"] = self._filter(spec["capabilities"]) if spec["confined"] else b""
        if exec_in:
            beginning.approach(spec, exec_in)
            return self.groups.group(spec["id"]) if self.groups.can else None
        preparing.prepare(spec)
        spec["mounts"] = [*spec["mounts"], *preparing.write_files(spec)]
        group = self.groups.make(spec["id"], **spec["limits"]) if self.groups.can or spec["limits"] else None
        syscalls.unshare(syscalls.CLONE_NEWPID)
        return group

    def _filter(self, allowed: int) -> bytes:
        if allowed not in self._filters:
            self._filters[allowed] = seccomp.program(os.uname().machine, allowed)
        return self._filters[allowed]

    # What lies on disk

    def do_scan(self, descriptors: list[int], path: str) -> Answer:
        """Tell what lies in the directory ``path`` (str)."""
        directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            return ("done", scanning.scan(directory)), ()
        finally:
            os.close(directory)

    def do_open(self, descriptors: list[int], path: str, inside: str) -> Answer:
        """Open the file ``inside`` (str) the directory ``path`` (str), whoever may read it, and pass it."""
        directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            return ("done",), (syscalls.openat2(directory, inside.strip("/"), flags, 0, INSIDE),)
        finally:
            os.close(directory)

    def do_inside(self, descriptors: list[int], spec: Spec) -> Answer:
        """Show files to the engine, over the only one of the ``descriptors``: ``inside`` says which and how."""
        if os.fork() == 0:
            try:
                os.setsid()
                close_all_but(*descriptors)
                inside.show(spec, socket.socket(fileno=descriptors[0]))
            finally:
                os._exit(1)
        return ("done",), ()

    def do_remove(self, descriptors: list[int], folder: str, name: str) -> Answer:
        """Remove ``name`` (str) from the directory ``folder`` (str), with all that lies in it."""
        directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            scanning.remove_tree(directory, name)
        finally:
            os.close(directory)
        return ("done",), ()

    def do_ps(self, descriptors: list[int], pid: int) -> Answer:
        """List the processes of the PID namespace whose first process is ``pid`` (int)."""
        return ("done", process_list.in_namespace_of(pid)), ()


def close_all_but(*kept: int) -> None:
    """Close all descriptors but these (int each; negative ones are none), and 0 to 2."""
    last = 2
    for descriptor in sorted(each for each in kept if each > 2):
        if descriptor > last + 1:
            syscalls.close_range(last + 1, descriptor - 1)
        last = descriptor
    syscalls.close_range(last + 1, (1 << 32) - 1)


def main(descriptor: int) -> None:
    """Be the helper, over the socket ``descriptor`` (int), in the working directory, which is the engine's own.

    The first message is where control groups can be made, and the process whose user namespace is to be joined (int),
    or 0.  Where groups can be made this process stays outside to remove them, and the helper is its child.
    """
    engine = socket.socket(fileno=descriptor)
    message, _descriptors = wire.receive(engine)
    if message is None:
        return
    places, unified, reasons, joined = message
    groups = Parent(places, unified, reasons)
    if groups.can:
        child = os.fork()
        if child:
            engine.close()
            os.waitpid(child, 0)
            remove_groups(groups)
            return
        groups.admit(os.getpid())
    try:
        many = (user_namespace.join(joined) if joined else user_namespace.enter()) > 1
        syscalls.unshare(syscalls.CLONE_NEWNS)
        syscalls.mount("none", "/", "", syscalls.MS_REC | syscalls.MS_SLAVE)
    except OSError as error:
        wire.send(engine, ("error", error.errno, error.strerror, str(error.filename)))
        return
    os.umask(0o022)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for monitors
    syscalls.prctl(syscalls.PR_SET_DUMPABLE, 0)  # no process of a container may look into a fork of this
    gc.disable()
    gc.freeze()
    wire.send(engine, ("ready", os.getpid(), many))
    Helper(engine, many, groups).serve()


def remove_groups(groups: Parent) -> None:
    """Remove the group of all containers, once they are out of it; what was detached keeps it for the next engine."""
    for attempt in range(100):
        try:
            groups.remove()
            break
        except OSError:
            if attempt > 20 and any(groups.group(each).pids() for each in groups.leftovers()):
                break
            time.sleep(0.05)


def start() -> None:
    """Be the helper, over the socket that the first argument says."""
    main(int(sys.argv[1]))

"""The init that ``docker run --init`` puts before a container's process: what tini does."""

import errno

from course.processes.simulated import signals
from course.processes.simulated.process import Process, Run

OF_ITS_OWN = frozenset(  # signals that tini does not pass on (tini.c, configure_signals), SIGCHLD being its work
    {
        signals.SIGFPE,
        signals.SIGILL,
        signals.SIGSEGV,
        signals.SIGBUS,
        signals.SIGABRT,
        signals.SIGTRAP,
        signals.SIGSYS,
        signals.SIGTTIN,
        signals.SIGTTOU,
        signals.SIGCHLD,
        *signals.UNCATCHABLE,
    }
)


def docker_init(process: Process, argv: list[str]) -> Run:
    """Start ``argv[2:]``, pass signals on to it, wait for all that ends, and end as it does (tini(1)).

    ``argv`` (list of str) is ``/sbin/docker-init -- program …``.
    """
    program = argv[2:]
    try:
        child = process.fork(_child, program)
    except OSError as error:
        yield from process.complain(f"[FATAL tini ({process.pid})] fork failed: {error.strerror}")
        return 1
    child.group = child.pid
    for signal in set(signals.NAMES) - OF_ITS_OWN:
        process.handlers[signal] = lambda signal: process.space.send(child, signal)
    while True:
        pid, status = yield from process.wait()
        if pid == child.pid:
            return status


def _child(process: Process, argv: list[str]) -> Run:
    try:
        process.exec(argv)
    except OSError as error:
        yield from process.complain(f"[FATAL tini ({process.pid})] exec {argv[0]} failed: {error.strerror}")
        return {errno.ENOENT: 127, errno.EACCES: 126}.get(error.errno or 0, 1)

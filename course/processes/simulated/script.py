"""A script in one call: the shell in a process space of its own, from its start to its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course.processes.simulated.process import Program
from course.processes.simulated.shell.invocation import sh
from course.processes.simulated.space import Clock, ProcessSpace, init
from course.processes.simulated.streams import Sink, Source
from course.union.filesystem import UnionFilesystem


@dataclass(frozen=True, slots=True)
class Finished:
    """What a script has printed (``stdout``, ``stderr``: bytes), and its exit ``status`` (int)."""

    stdout: bytes
    stderr: bytes
    status: int


def run_script(
    filesystem: UnionFilesystem,
    script: str,
    argv: Sequence[str] = ("sh",),
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    *,
    clock: Clock | None = None,
    programs: Mapping[str, Program] | None = None,
) -> Finished:
    """Run ``script`` (str) as ``sh -c script`` on ``filesystem`` (UnionFilesystem), and return what came of it.

    ``argv`` are ``$0`` and the positional parameters (sequence of str), ``env`` is the environment (mapping of str to
    str), ``stdin`` the standard input (bytes).  The shell has PID 2: PID 1 is an init, as on a host.  What it leaves in
    the background runs to its end too.  Raises Deadlock: the script would never end.

    >>> from course.layers.layer import Layer
    >>> filesystem = UnionFilesystem([Layer.of({})])
    >>> run_script(filesystem, "for i in 1 2 3; do echo $i; done | while read x; do printf $x; done")
    Finished(stdout=b'123', stderr=b'', status=0)
    """
    space = ProcessSpace(filesystem, clock, programs=programs)
    space.start(init)
    output, errors = Sink(), Sink()
    name, *arguments = argv
    process = space.start(
        sh, [name, "-c", script, name, *arguments], env, {0: Source(stdin), 1: output, 2: errors}, filesystem.fork()
    )
    space.run(until=process)
    space.run()
    assert process.status is not None  # noqa: S101 (it has ended)
    return Finished(bytes(output.data), bytes(errors.data), process.status)

"""A docker command line, carried out: what the engine does for it, and what docker prints of that."""

from collections.abc import Callable, Sequence

from course.engine.command_line import (
    archiving,
    building,
    containers,
    copying,
    images,
    inspecting,
    objects,
    processes,
    pulling,
    system,
)
from course.engine.command_line.declarations import GROUPS
from course.engine.command_line.flags import Call, parse
from course.engine.command_line.task import ClientError, Outcome, Task, encoded, refusal
from course.engine.command_line.words import split
from course.engine.command_line.world import Host, World
from course.engine.engine import Engine
from course.errors import CourseError, DockerError
from course.words import _

COMMANDS: dict[str, Callable[[Task], None]] = {
    "build": building.build,
    "attach": processes.attach,
    "commit": images.commit,
    "container inspect": inspecting.inspect,
    "container prune": containers.prune,
    "cp": copying.cp,
    "create": processes.create,
    "diff": containers.diff,
    "exec": processes.exec_,
    "export": archiving.export,
    "history": images.history,
    "image inspect": inspecting.inspect,
    "image prune": images.prune,
    "images": images.images,
    "import": archiving.import_,
    "info": system.info,
    "inspect": inspecting.inspect,
    "kill": containers.kill,
    "load": archiving.load,
    "logs": containers.logs,
    "network connect": objects.network_connect,
    "network create": objects.network_create,
    "network disconnect": objects.network_disconnect,
    "network inspect": inspecting.inspect,
    "network ls": objects.network_ls,
    "network prune": objects.network_prune,
    "network rm": objects.network_rm,
    "pause": containers.pause,
    "port": containers.port,
    "ps": containers.ps,
    "pull": pulling.pull,
    "push": pulling.push,
    "rename": containers.rename,
    "restart": containers.restart,
    "rm": containers.rm,
    "rmi": images.rmi,
    "run": processes.run,
    "save": archiving.save,
    "start": processes.start,
    "stop": containers.stop,
    "system df": system.df,
    "system prune": system.prune,
    "tag": images.tag,
    "top": containers.top,
    "unpause": containers.unpause,
    "update": containers.update,
    "version": system.version,
    "volume create": objects.volume_create,
    "volume inspect": inspecting.inspect,
    "volume ls": objects.volume_ls,
    "volume prune": objects.volume_prune,
    "volume rm": objects.volume_rm,
    "wait": containers.wait,
}
"""What carries a command out, by what it does (``Command.does``)."""


def carry_out(
    engine: Engine,
    words: Sequence[str],
    *,
    world: World | None = None,
    stdin: bytes | None = None,
    is_terminal: bool = False,
) -> Outcome:
    """Carry out the docker command of these ``words`` (sequence of str, without ``docker``) on ``engine`` (Engine).

    Returns what docker prints, and its exit status (Outcome).  ``world`` is what lies outside of the engine (World;
    the machine's own files, if it is left out), ``stdin`` what is typed into the command (bytes; None: nobody types),
    ``is_terminal`` whether its output goes to a person (bool): an archive does not.

    >>> outcome = carry_out(Engine(seed=0), ["run", "--rm", "base:1", "sh", "-c", "echo hello; exit 3"])
    >>> outcome.stdout, outcome.status
    (b'hello\\n', 3)
    """
    try:
        call = parse(words)
    except DockerError as error:
        return Outcome(b"", encoded(f"{error}\n"), error.status)
    if call.help and len(words) == 1 and words[0] in GROUPS:
        return Outcome(b"", encoded(f"\n{call.help}\n"))
    if call.help:
        return Outcome(encoded(f"{call.help}\n"))
    task = Task(engine, call, world or Host(), stdin, is_terminal)
    try:
        _carry_out(task, call)
    except ClientError as error:
        task.complain(str(error))
        task.status = error.status
    except DockerError as error:
        task.complain(refusal(str(error)))
        task.status = 1
    except CourseError as error:
        task.complain(str(error))
        task.status = 1
    except OSError as error:
        task.complain(f"open {error.filename}: {(error.strerror or str(error)).lower()}")
        task.status = 1
    return task.outcome


def reads_input(words: Sequence[str]) -> bool:
    """Tell whether the docker command of these ``words`` (sequence of str) reads its standard input (bool).

    >>> reads_input(["run", "-i", "base:1", "cat"]), reads_input(["load"]), reads_input(["ps"])
    (True, True, False)
    """
    try:
        call = parse(words)
    except DockerError:
        return False
    does = call.command.does if call.command else ""
    asks = does.endswith("prune") and not call.options.get("force")
    of_archive = (does == "load" and "input" not in call.options) or (
        does in ("import", "cp", "build") and call.operands[:1] == ["-"]
    )
    of_build = does == "build" and call.options.get("file") == "-"
    is_typed = bool(call.options.get("interactive")) and not call.options.get("detach")
    return is_typed or asks or of_archive or of_build


def _carry_out(task: Task, call: Call) -> None:
    if task.does not in COMMANDS:
        name = call.command.name if call.command else ""
        raise ClientError(_("docker {name} is a command of docker that is not simulated here").format(name=name))
    COMMANDS[task.does](task)


def run_line(
    engine: Engine,
    line: str,
    *,
    world: World | None = None,
    stdin: bytes | None = None,
    is_terminal: bool = False,
) -> Outcome:
    """Carry out a ``line`` (str) as people type it, with ``docker`` before it or without; the rest is as above.

    >>> print(run_line(Engine(seed=0), "docker ps").text, end="")
    CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES
    """
    try:
        words = split(line)
    except DockerError as error:
        return Outcome(b"", encoded(f"{error}\n"), error.status)
    return carry_out(engine, words, world=world, stdin=stdin, is_terminal=is_terminal)

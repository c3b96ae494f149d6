"""The commands on containers that are there: stopped, removed, renamed, watched."""

import re
from collections.abc import Sequence

from course.engine.command_line import units
from course.engine.command_line.processes import show
from course.engine.command_line.prompting import confirmed, reclaimed
from course.engine.command_line.rows import container_row, with_ipv6
from course.engine.command_line.tables import PROCESS_COLUMN, PS, PS_WITH_SIZE, aligned
from course.engine.command_line.task import ClientError, Task, refusal
from course.engine.dates import named_moment
from course.engine.engine import Engine
from course.errors import DockerError
from course.processes.runtime import ProcessInfo
from course.words import _

NOT_THERE = "No such container"


def stop(task: Task) -> None:
    """Carry out ``docker stop``."""
    task.done(*task.each(lambda: task.engine.stop(*task.operands, **task.options("time"))))


def restart(task: Task) -> None:
    """Carry out ``docker restart``."""
    task.done(*task.each(lambda: task.engine.restart(*task.operands, **task.options("time"))))


def kill(task: Task) -> None:
    """Carry out ``docker kill``."""
    task.done(*task.each(lambda: task.engine.kill(*task.operands, signal=task.option("signal") or "KILL")))


def pause(task: Task) -> None:
    """Carry out ``docker pause``."""
    task.done(*task.each(lambda: task.engine.pause(*task.operands)))


def unpause(task: Task) -> None:
    """Carry out ``docker unpause``."""
    task.done(*task.each(lambda: task.engine.unpause(*task.operands)))


def wait(task: Task) -> None:
    """Carry out ``docker wait``: it prints exit codes."""
    codes, refusals = task.each(lambda: task.engine.wait(*task.operands))
    task.done([code for code in codes if code is not None], refusals)
    if None in codes:
        task.complain(_("A container here would run for ever, and docker would wait for it until someone presses ^C."))


def rm(task: Task) -> None:
    """Carry out ``docker rm``: with ``--force``, what is not there is no failure."""
    done, refusals = task.each(lambda: task.engine.rm(*task.operands, **task.options("force", "volumes")))
    task.done(done, refusals, NOT_THERE)
    if task.option("force") and all(message.startswith(NOT_THERE) for message in refusals):
        task.status = 0


def rename(task: Task) -> None:
    """Carry out ``docker rename``."""
    old, new = task.operands
    if not old.strip() or not new.strip():
        raise ClientError("Error: Neither old nor new names may be empty")
    try:
        task.engine.rename(old, new)
    except DockerError as error:
        raise ClientError(f"{refusal(str(error))}\nError: failed to rename container named {old}") from error


def prune(task: Task) -> None:
    """Carry out ``docker container prune``."""
    wanted = task.filters
    if not confirmed(task, "This will remove all stopped containers."):
        reclaimed(task, 0)
        return
    sizes = {container.id: container.written.freeze().size for container in task.engine.containers.values()}
    gone = task.engine.container_prune(wanted)
    if gone:
        task.say("\n".join(["Deleted Containers:", *gone, ""]))
    reclaimed(task, sum(sizes[identity] for identity in gone))


def ps(task: Task) -> None:
    """Carry out ``docker ps``."""
    found = task.engine.ps(filter=task.filters, **task.options("all", "latest", "last"))
    form, size = task.option("format", ""), task.option("size", False)
    sizes = size or ".Size" in form or "json ." in form
    rows = [container_row(task.engine, container, not task.option("no_trunc"), sizes) for container in found]
    task.table(PS, rows, form or (PS.quiet if task.option("quiet") else PS_WITH_SIZE if size else ""))


def update(task: Task) -> None:
    """Carry out ``docker update``."""
    options = task.options("memory", "memory_swap", "memory_reservation", "cpus", "pids_limit", "restart")
    if not options:
        raise ClientError("you must provide one or more flags when using this command")
    done, refusals = task.each(lambda: task.engine.update(*task.operands, **options))
    if refusals == ["maximum retry count must be an integer"]:  # the client finds that out itself
        raise ClientError(refusals[0])
    task.done(done, refusals)


def diff(task: Task) -> None:
    """Carry out ``docker diff``."""
    if not task.operands[0]:
        raise ClientError("Container name cannot be empty")
    for change in task.engine.diff(task.operands[0]):
        task.say(str(change))


def port(task: Task) -> None:
    """Carry out ``docker port``."""
    name, *wanted = task.operands
    try:
        container = task.engine.container(name)
    except DockerError as error:
        raise ClientError(refusal(str(error), NOT_THERE)) from error
    published = container.host.ports if container.is_running else {}
    if not wanted:
        for key, places in sorted(published.items()):
            for place in with_ipv6(places):
                task.say(f"{key} -> {place}")
        return
    key = wanted[0] if "/" in wanted[0] else f"{wanted[0]}/tcp"
    if not published.get(key):
        raise ClientError(f"Error: No public port '{key}' published for {name}")
    for place in with_ipv6(published[key]):
        task.say(place)


# What its program writes


def logs(task: Task) -> None:
    """Carry out ``docker logs``: what the program wrote to its standard error goes to standard error."""
    engine, name = task.engine, task.operands[0]
    try:
        engine.container(name)
    except DockerError as error:
        raise ClientError(refusal(str(error), NOT_THERE)) from error
    since, until = (_time(task, option) for option in ("since", "until"))
    goes_on = bool(task.option("follow")) and not _has_ended(engine, name)
    tail = task.option("tail", "all")
    count = int(tail) if re.fullmatch(r"[+-]?\d{1,9}", tail, re.ASCII) else None
    log = [part for part in engine.logs(name, tail=count, since=since) if not until or part.time <= until]
    show(task, log, bool(task.option("timestamps")))
    if goes_on:
        task.complain(
            _(
                "The container runs on for ever, and docker would follow it until someone presses ^C. Here "
                "`docker sleep 10` lets ten seconds pass."
            )
        )


def _has_ended(engine: Engine, name: str) -> bool:
    """Wait until a container has ended (bool); but if it never would, no time passes."""
    if not engine.container(name).is_running:
        return True
    if engine.at(engine.journal.position).wait(name) == [None]:
        return False
    engine.wait(name)
    return True


def _time(task: Task, option: str) -> int:
    """Return the moment that an option names (int, nanoseconds since 1970; 0: none).  Raises ClientError."""
    text = task.option(option, "")
    if not text:
        return 0
    try:
        return named_moment(text, task.engine.clock.now)
    except ValueError as error:
        raise ClientError(f'invalid value for "{option}": {error}') from None


# Its processes

COLUMNS = {
    "pid": "PID",
    "ppid": "PPID",
    "uid": "UID",
    "user": "USER",
    "c": "C",
    "stime": "STIME",
    "tty": "TTY",
    "time": "TIME",
    "comm": "COMMAND",
    "cmd": "CMD",
    "args": "COMMAND",
    "stat": "STAT",
    "bsdtime": "TIME",
}
"""The columns of ps(1) that ``docker top`` can show, with their heads."""
BSD = ("pid", "tty", "stat", "bsdtime", "args")
FULL = ("uid", "pid", "ppid", "c", "stime", "tty", "time", "cmd")


def top(task: Task) -> None:
    """Carry out ``docker top``, by the process numbers that the container sees."""
    container, *options = task.operands
    processes = task.engine.top(container)
    columns = _columns(options)
    heads = ["UID" if name == "user" and columns == FULL else COLUMNS[name] for name in columns]
    rows = ["\t".join(heads), *("\t".join(_cell(process, name) for name in columns) for process in processes)]
    task.say(aligned("\n".join(rows), PROCESS_COLUMN))


def _columns(options: Sequence[str]) -> Sequence[str]:
    """Return the columns that options of ps(1) ask for (sequence of str).  Raises DockerError."""
    if list(options) in (["x"], ["ax"]):
        return BSD
    words = list(options)
    asked: list[str] = []
    while words:
        word = words.pop(0)
        if word in ("-ef", "-e", "-f", "ef", "-eF"):
            continue
        match = re.match(r"(?:-?e?o)(.*)", word)
        if not match:
            raise ClientError(
                _("docker top: of the options of ps, -ef and -o with names of columns are simulated here")
            )
        text = match[1] or (words.pop(0) if words else "")
        asked += [name.strip() for name in text.split(",")]
    for name in asked:
        if name not in COLUMNS:
            known = ", ".join(COLUMNS)
            raise ClientError(
                _("docker top: there is no column {name} here; there are: {known}").format(name=name, known=known)
            )
    if asked and "pid" not in asked:
        raise ClientError("Error response from daemon: Couldn't find PID field in ps output")
    return asked or FULL


def _cell(process: ProcessInfo, name: str) -> str:
    cells = {
        "pid": str(process.pid),
        "ppid": str(process.ppid),
        "uid": str(process.uid) if process.uid else "root",
        "user": str(process.uid) if process.uid else "root",
        "c": "0",
        "stime": units.moment(process.started)[11:16],
        "tty": "?",
        "time": "00:00:00",
        "stat": "Ss" if process.pid == 1 else "S",
        "bsdtime": "0:00",
        "comm": process.command.split(" ")[0].rpartition("/")[2][:15],
    }
    return cells.get(name, process.command)

"""``docker run``, ``create``, ``start`` and ``exec``: the commands that start programs."""

import re
from collections.abc import Sequence
from typing import Any

from course.engine.command_line.pulling import fetched
from course.engine.command_line.task import DAEMON, ClientError, Task, encoded, refusal, with_value
from course.engine.command_line.units import moment_of_log
from course.engine.records import Status
from course.engine.running import Ran
from course.errors import DockerError
from course.processes.runtime import STDERR, STDOUT, Output
from course.words import _, shown

FAILED = 125  # the exit status of `docker run` when it is docker that fails, and not the program
CANNOT_START = 126
BIND_SOURCE = re.compile(r"(?:^|,)(?:src|source)=([^,]+)")
NAMES = {STDOUT: "stdout", STDERR: "stderr"}
ENOUGH = 20  # lines that are shown of what would be written for ever
# what the client finds out before it asks the engine (docker/cli, container/opts.go)
BY_CLIENT = (
    "invalid reference format",
    "invalid repository name",
    "Conflicting options",
    "maximum retry count must be an integer",
    "Invalid containerPort",
    "Invalid hostPort",
    "Invalid ip address",
    "Invalid proto",
    "Invalid ranges",
    "No port specified",
)
OF_ENGINE = (
    "name env workdir user entrypoint label hostname interactive tty rm volume mount tmpfs volumes_from publish "
    "publish_all expose network network_alias ip add_host memory memory_swap memory_reservation cpus pids_limit "
    "read_only init privileged cap_add cap_drop stop_signal stop_timeout restart health_cmd health_interval "
    "health_retries health_timeout no_healthcheck"
).split()
"""The options of ``docker create`` that the engine takes as they are."""
CANNOT_ATTACH = {
    Status.CREATED: "stopped container, start it first",
    Status.EXITED: "stopped container, start it first",
    Status.PAUSED: "paused container, unpause it first",
    Status.RESTARTING: "restarting container, wait until it is running",
}


def run(task: Task) -> None:
    """Carry out ``docker run``: its exit status is that of the program."""
    detach, interactive = task.option("detach", False), task.option("interactive", False)
    if detach and task.option("attach"):
        raise ClientError("Conflicting options: -a and -d")
    stdin = _typed(task, interactive, task.stdin if interactive or task.stdin is None else None)
    options = _container_options(task)
    try:
        ran = task.engine.run(task.operands[0], *task.operands[1:], detach=detach, stdin=stdin, **options)
    except DockerError as error:
        raise _not_run(task, error, detach) from error
    if isinstance(ran, str):
        _write_id(task, ran)
        task.say(ran)
        return
    _write_id(task, ran.container)
    _show(task, ran, [stream.lower() for stream in task.option("attach", ["stdout", "stderr"])])


def create(task: Task) -> None:
    """Carry out ``docker create``."""
    options = _container_options(task)
    try:
        identity = task.engine.create(*task.operands, **options)
    except DockerError as error:
        if str(error).startswith(("invalid argument", *BY_CLIENT)):
            raise _not_run(task, error, detach=True) from error
        raise DockerError(str(error)) from error
    _write_id(task, identity)
    task.say(identity)


def start(task: Task) -> None:
    """Carry out ``docker start``."""
    attach, interactive = task.option("attach", False), task.option("interactive", False)
    if attach or interactive:
        if len(task.operands) > 1:
            raise ClientError("you cannot start and attach multiple containers at once")
        stdin = _typed(task, interactive, task.stdin)
        try:
            ran = task.engine.start_attached(task.operands[0], interactive=interactive, stdin=stdin)
        except DockerError as error:
            if error.kept:
                task.complain(_canceled(task))
            raise DockerError(str(error)) from error
        _show(task, ran)
        return
    done, refusals = task.each(lambda: task.engine.start(*task.operands))
    task.done(done, refusals)
    if refusals:
        failed = list(task.operands)
        for name in done:
            failed.remove(name)
        task.complain(f"Error: failed to start containers: {', '.join(failed)}")


def attach(task: Task) -> None:
    """Carry out ``docker attach``: what the program writes from now on, and its exit status."""
    name = task.operands[0]
    try:
        status = task.engine.container(name).state.status
    except DockerError as error:
        raise ClientError(refusal(str(error), "No such container")) from error
    if status in CANNOT_ATTACH:
        raise ClientError(f"You cannot attach to a {CANNOT_ATTACH[status]}")
    _show(task, task.engine.attach(name))


def exec_(task: Task) -> None:
    """Carry out ``docker exec``: its exit status is that of the program."""
    container, *words = task.operands
    detach, interactive = task.option("detach", False), task.option("interactive", False)
    options, stdin = task.options("tty", "workdir", "user"), _typed(task, interactive, task.stdin)
    try:
        ran = task.engine.exec(
            container,
            *words,
            detach=detach,
            interactive=interactive,
            env=_environment(task),
            stdin=stdin,
            **options,
        )
    except DockerError as error:
        if error.status == CANNOT_START and not detach:  # the engine writes it where the program would have written
            task.say(str(error))
            task.status = CANNOT_START
            return
        raise ClientError(refusal(str(error), "No such container"), 1) from error
    if not detach:
        _show(task, ran)


def _show(task: Task, ran: Ran, streams: Sequence[str] = ("stdout", "stderr")) -> None:
    output = ran.output if ran.status is not None else ran.output[:ENOUGH]
    show(task, [part for part in output if NAMES[part.stream] in streams])
    if ran.status is not None:
        task.status = ran.status
        if not ran.output and task.option("interactive") and task.stdin is None and task.does != "start":
            note = _(
                "The program found its input at an end, since nobody types here. Hand it over: in a notebook below "
                "`%%docker {command} -i …`, in a terminal as `echo id | course docker {command} -i …`."
            )
            task.complain(note.format(command=task.does))
        return
    name = task.engine.container(ran.container).name
    note = _(
        "This would go on for ever, as docker would here until someone presses ^C. The container goes on in the "
        "background: `docker logs {name}` shows what it writes, `docker stop {name}` ends it."
    )
    task.complain(note.format(name=name))


def _typed(task: Task, interactive: bool, stdin: bytes | None) -> bytes | None:
    """Return what the program is to read (bytes): where nobody can type, its input is empty."""
    if not interactive or task.option("detach"):
        return None
    if task.option("tty") and stdin is not None and not task.is_terminal:
        raise ClientError("the input device is not a TTY")
    return stdin or b""


def _container_options(task: Task) -> dict[str, Any]:
    options = task.options(*OF_ENGINE)
    if pid := task.option("pid"):
        raise _not_simulated(task, pid)
    try:
        options["env"] = _environment(task)
    except OSError as error:
        raise _refused(task, f"open {error.filename}: {_reason(error)}") from error
    except DockerError as error:
        raise _refused(task, str(error)) from error
    file = task.option("cidfile", "")
    if file and task.world.is_directory(file) is not None:
        raise _refused(
            task,
            "Container ID file found, make sure the other container isn't running or delete " + file,
            has_help=task.does == "run",
        )
    fetched(task, task.operands[0], task.option("pull", "missing"))
    _tell_of_binds(task)
    return options


def _tell_of_binds(task: Task) -> None:
    """Say that a directory of this machine, which ``--volume`` or ``--mount`` names, is another one in the engine."""
    sources = [text.partition(":")[0] for text in task.option("volume", ()) if ":" in text]
    sources += [found[1] for text in task.option("mount", ()) if (found := BIND_SOURCE.search(text))]
    for source in sources:
        if source.startswith("/") and task.world.is_directory(source) is not None:
            note = _(
                "The host is simulated too: its {path} holds none of this machine's files. `docker cp` brings files in."
            )
            task.complain(note.format(path=shown(source)))


def _not_simulated(task: Task, pid: str) -> ClientError:
    """Return why ``--pid`` is refused: docker's reason, or ours."""
    kind, _colon, name = pid.partition(":")
    if pid != "host" and (kind != "container" or not name):
        return _refused(task, "--pid: invalid PID mode")
    try:
        if name:
            task.engine.container(name)
    except DockerError as error:
        return _refused(task, DAEMON + str(error))
    return ClientError(_("--{name} is an option of docker that is not simulated here").format(name="pid"), FAILED)


def _reason(error: OSError) -> str:
    return (error.strerror or "").lower()


def _environment(task: Task) -> list[str]:
    """Return the variables that are asked for (list of str), those without a value with that of the shell."""
    variables = [line for path in task.option("env_file", ()) for line in _env_file(task, path)]
    variables += task.option("env", ())
    return [with_value(text, task.world.environment) for text in variables]


def _env_file(task: Task, path: str) -> list[str]:
    """Return the variables in a file (list of str).  Raises DockerError.  Rule: docker/cli, opts/file.go."""
    found = []
    for line in task.world.read(path).decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n"):
        line = line.lstrip()
        name, equals, _value = line.partition("=")
        if not line or line.startswith("#"):
            continue
        if not name:
            raise DockerError(f"poorly formatted environment: no variable name on line '{line}'")
        if any(char in name for char in " \t"):
            raise DockerError(f"poorly formatted environment: variable '{name}' contains whitespaces")
        if equals or name in task.world.environment:
            found.append(line)
    return found


def _write_id(task: Task, identity: str) -> None:
    if task.option("cidfile"):
        task.world.write(task.option("cidfile"), [identity.encode()])


# Refusals


def _refused(task: Task, message: str, status: int = FAILED, *, has_help: bool = True) -> ClientError:
    """Return a refusal as ``docker run`` tells it.  Rule: docker/cli, container/run.go, reportError."""
    text = f"docker: {message.removesuffix('.')}."
    return ClientError(f"{text}\nSee 'docker {task.does} --help'." if has_help else text, status)


def _not_run(task: Task, error: DockerError, detach: bool) -> ClientError:
    message = str(error)
    if message.startswith("invalid argument"):
        return ClientError(f"{message}\nSee 'docker {task.does} --help'.", FAILED)
    if message.startswith(BY_CLIENT):
        return _refused(task, message)
    status = error.status if error.status in (126, 127) else FAILED
    if not error.kept:
        return _refused(task, DAEMON + message, status)
    for identity in error.done:  # it was made, and could not be started
        _write_id(task, str(identity))
        if detach:
            task.say(str(identity))
    refused = _refused(task, DAEMON + message, status, has_help=False)
    return refused if detach else ClientError(f"{refused}\n{_canceled(task)}", status)


def _canceled(task: Task) -> str:
    """Return the line that docker 20.10's client logs when a container whose end it awaits could not be started."""
    time = moment_of_log(task.engine.clock.now)
    return f'time="{time}" level=error msg="error waiting for container: context canceled"'


# What was written


def show(task: Task, log: Sequence[Output], timestamps: bool = False) -> None:
    """Write what a container has written, to the stream to which it wrote it, with times perhaps."""
    for part in log:
        prefix = encoded(moment_of_log(part.time, fraction=True) + " ") if timestamps else b""
        task.write(prefix + part.data, part.stream)

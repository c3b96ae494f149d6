"""Starting a process in a container: whom it runs as, where, and which program, refused in the words of runc 1.1."""

from collections.abc import Mapping
from functools import partial

from course.processes.accounts import UnknownUser
from course.processes.looking import Refused, look_path, words
from course.processes.runtime import CREATE, EXEC, ProcessSpec, StartError, refusal
from course.processes.simulated import executable
from course.processes.simulated.credentials import home, resolve
from course.processes.simulated.init import docker_init
from course.processes.simulated.process import Process, Program, Run
from course.processes.simulated.space import ProcessSpace
from course.processes.simulated.streams import Stream
from course.union.filesystem import UnionFilesystem
from course.union.flags import X_OK


def first(space: ProcessSpace, spec: ProcessSpec, streams: Mapping[int, Stream], init: bool) -> Process:
    """Start the first process of a container (Process), or with ``init`` (bool) an init that starts it.

    The file system is ``space.fs``, whose working directory is the process's.  Raises StartError.
    """
    fs = _as_user(space.fs, spec, CREATE)
    env = environment(fs, spec)
    if init:
        _check_simulated(Process(space, 0, None, fs, list(spec.args)), env)
        return space.start(docker_init, ["/sbin/docker-init", "--", *spec.args], env, streams, fs)
    return _started(space, fs, spec, env, streams, CREATE)


def beside(space: ProcessSpace, spec: ProcessSpec, streams: Mapping[int, Stream]) -> Process:
    """Start another process in a container (Process), as ``docker exec`` does.  Raises StartError."""
    fs = _as_user(space.fs, spec, EXEC)
    if not spec.cwd.startswith("/"):
        raise StartError("OCI runtime exec failed: exec failed: Cwd must be an absolute path: unknown", 126)
    enter(fs, spec.cwd, EXEC)
    return _started(space, fs, spec, environment(fs, spec), streams, EXEC)


def enter(fs: UnionFilesystem, cwd: str, form: str) -> None:
    """Make ``cwd`` (str) the working directory, as root would.  Raises StartError."""
    uid, fs.uid = fs.uid, 0
    try:
        fs.chdir(cwd)
    except OSError as error:
        raise refusal(form, f'chdir to cwd ("{cwd}") set in config.json failed: {words(error)}') from None
    finally:
        fs.uid = uid


def environment(fs: UnionFilesystem, spec: ProcessSpec) -> dict[str, str]:
    """Return the environment (dict of str to str): what ``spec`` says, and HOME by the user unless it is there."""
    env = dict(pair.split("=", 1) for pair in spec.env if "=" in pair)
    if not env.get("HOME"):
        env["HOME"] = home(fs.with_credentials(0, 0), fs.uid)
    return env


def _as_user(fs: UnionFilesystem, spec: ProcessSpec, form: str) -> UnionFilesystem:
    try:
        who = resolve(fs, spec.user)
    except UnknownUser as unknown:
        raise StartError(str(unknown), 126 if form == EXEC else 125) from None
    return fs.with_credentials(who.uid, who.gid, who.groups)


def _check_simulated(caller: Process, env: dict[str, str]) -> None:
    """Raise StartError if an init would start a program that the simulator does not have."""
    caller.env = env
    try:
        executable.find(caller, caller.argv)
    except executable.ForeignProgram as foreign:
        raise _foreign(foreign) from None
    except OSError:
        return  # the init says what is wrong


def _foreign(program: executable.ForeignProgram) -> StartError:
    return StartError(f"{program.filename}: {program.strerror}", 126)


def _started(
    space: ProcessSpace,
    fs: UnionFilesystem,
    spec: ProcessSpec,
    env: dict[str, str],
    streams: Mapping[int, Stream],
    form: str,
) -> Process:
    args = list(spec.args)
    caller = Process(space, 0, None, fs, args)  # who looks for the program: the process to be
    try:
        path = look_path(fs, env.get("PATH", ""), args[0])
    except Refused as refused:
        raise refusal(form, str(refused)) from None
    try:
        fs.access(path, X_OK)
    except OSError as error:
        raise refusal(form, f"{'eaccess' if form == EXEC else 'exec'} {path}: {words(error)}") from None
    program: Program
    try:
        program, args = executable.load(caller, path, args)
    except executable.ForeignProgram as foreign:
        raise _foreign(foreign) from None
    except OSError as error:
        program = partial(_not_executed, message=f"exec {path}: {words(error)}")
    return space.start(program, args, env, streams, fs)


def _not_executed(process: Process, _argv: list[str], message: str) -> Run:
    """Say what execve(2) said when it was too late for runc to tell docker, and fail."""
    yield from process.complain(message)
    return 1

"""How a container's first process begins: in a fork of the helper, in new namespaces, up to the program's execve(2).

It takes the steps of ``steps`` in order.  What fails is told to the monitor through a pipe that execve closes: nothing
in the pipe means that the program runs.
"""

from __future__ import annotations

import errno
import fcntl
import marshal
import os
import signal
import socket
import stat
import termios
from collections.abc import Callable
from functools import partial

from course.processes.accounts import GROUP, PASSWD, Credentials, UnknownUser, home, resolve
from course.processes.linux import capabilities, mounting, network, seccomp, steps, syscalls
from course.processes.looking import Refused, look_path, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from course.processes.linux.wire import Spec

ENTERED = (
    syscalls.CLONE_NEWNS
    | syscalls.CLONE_NEWUTS
    | syscalls.CLONE_NEWIPC
    | syscalls.CLONE_NEWNET
    | syscalls.CLONE_NEWCGROUP
)
LARGEST_LIST = 1 << 20  # bytes of /etc/passwd that are read
KINDS = ("ipc", "uts", "net", "cgroup", "mnt")  # the mount namespace last: it changes what paths mean
UNLOCK, NUMBER = 0x40045431, 0x80045430  # asm-generic/ioctls.h: TIOCSPTLCK, TIOCGPTN
IN_CONTAINER = "error during container init: "


class Failed(Exception):  # noqa: N818 (an outcome)
    """What could not be done: ``told`` is what goes to the monitor (tuple)."""

    def __init__(self, *told: object) -> None:
        super().__init__(told)
        self.told = told


def begin(spec: Spec, report: int, stdio: tuple[int, int, int], terminal: int) -> None:
    """Become the program that ``spec`` (dict) tells of, or write to ``report`` (int) what failed, and exit.

    ``stdio`` are the descriptors that are to be 0 to 2 (three int); ``terminal`` is a socket to send a new terminal's
    other side through (int), or -1: there is none to be made.
    """
    _report(report, lambda: _enter(spec, stdio, terminal))


def begin_beside(spec: Spec, report: int, stdio: tuple[int, int, int], terminal: int) -> None:
    """Become the program of an exec, in the namespaces of a container; the rest is as for ``begin``."""
    _report(report, lambda: _enter_beside(spec, stdio, terminal))


def _report(report: int, action: Callable[[], None]) -> None:
    """Do what ends in execve(2), or write to ``report`` (int) what failed, and exit."""
    try:
        action()
    except Failed as failed:
        told = failed.told
    except OSError as error:
        told = ("step", error.errno, error.strerror, str(error.filename))
    except BaseException as error:
        told = ("step", 0, f"{type(error).__name__}: {error}", "")
    os.write(report, marshal.dumps(told))  # type: ignore[arg-type]
    os._exit(125)


def approach(spec: Spec, pid: int) -> None:
    """Open the namespaces of the container whose first process is ``pid`` (int), for an exec that will enter them.

    The process that calls this has its children in the PID namespace from now on, and stays outside itself.
    """
    spec["namespaces"] = [os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC) for kind in KINDS]
    syscalls.setns(os.open(f"/proc/{pid}/ns/pid", os.O_RDONLY | os.O_CLOEXEC), syscalls.CLONE_NEWPID)


def _enter_beside(spec: Spec, stdio: tuple[int, int, int], terminal: int) -> None:
    for namespace in spec["namespaces"]:
        syscalls.setns(namespace)
    if terminal >= 0:
        stdio = open_terminal(terminal, spec["size"])
    become(spec, stdio, in_exec=True)


def _enter(spec: Spec, stdio: tuple[int, int, int], terminal: int) -> None:
    steps.enter_namespaces(ENTERED)
    own = f"overlay2/{spec['mount']}"
    root = steps.mount_overlay(spec["lower"], f"{own}/diff", f"{own}/work", f"{own}/merged")
    for path, source, show in sorted(_mounts(root, spec), key=lambda mount: mount[0].strip("/").count("/")):
        try:
            show()
        except OSError as error:
            raise Failed(
                "refused", f'{IN_CONTAINER}error mounting "{source}" to rootfs at "{path}": {words(error)}'
            ) from None
    steps.pivot(root)
    if spec["hostname"]:
        syscalls.sethostname(spec["hostname"])
    if spec["network"] != "host":
        network.loopback_up()
    cwd = spec["cwd"]
    try:
        os.makedirs(cwd, 0o755, exist_ok=True)
    except OSError as error:
        raise Failed("refused", f"{IN_CONTAINER}mkdir {cwd}: {words(error)}") from None
    if spec["read_only"]:
        steps.make_read_only(root)
    if terminal >= 0:
        stdio = open_terminal(terminal, spec["size"])
    become(spec, stdio)


def _mounts(root: int, spec: Spec) -> list[tuple[str, str, Callable[[], None]]]:
    """Return what is mounted in a container: where, what it is called, and what mounts it."""
    found: list[tuple[str, str, Callable[[], None]]] = [
        ("/proc", "proc", partial(steps.mount_proc, root)),
        ("/dev", "tmpfs", partial(steps.make_dev, root)),
        ("/sys", "sysfs", partial(steps.mount_sys, root)),
    ]
    for path, source, read_only in spec["mounts"]:
        if source:
            found.append((path, source, partial(steps.bind, source, root, path, read_only)))
        else:
            found.append((path, "tmpfs", partial(_tmpfs, root, path, read_only)))
    return found


def _tmpfs(root: int, path: str, read_only: bool) -> None:
    """Mount an empty tmpfs with the permissions of the directory that it hides."""
    place = steps.place_in(root, path)
    mode = stat.S_IMODE(os.fstat(place).st_mode)
    os.close(place)
    attributes = steps.PASSIVE | (mounting.MOUNT_ATTR_RDONLY if read_only else 0)
    os.close(steps.mount_new(root, "tmpfs", path, attributes, (("mode", f"{mode:o}"),)))


def open_terminal(socket_descriptor: int, size: tuple[int, int]) -> tuple[int, int, int]:
    """Make a terminal in this container's /dev/pts, and send its master side away; return it three times (int)."""
    master = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    fcntl.ioctl(master, UNLOCK, b"\0\0\0\0")
    number = int.from_bytes(fcntl.ioctl(master, NUMBER, b"\0\0\0\0"), "little")
    slave = os.open(f"/dev/pts/{number}", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    set_size(master, *size)
    with socket.socket(fileno=os.dup(socket_descriptor)) as end:
        socket.send_fds(end, [b"terminal"], [master])
    os.close(master)
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    return slave, slave, slave


def set_size(terminal: int, rows: int, columns: int) -> None:
    """Give a ``terminal`` (int) its size, in characters (int each)."""
    packed = rows.to_bytes(2, "little") + columns.to_bytes(2, "little") + b"\0\0\0\0"
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, packed)


def become(spec: Spec, stdio: tuple[int, int, int], in_exec: bool = False) -> None:
    """Drop what a container must not have, find the program, and become it."""
    who = _who(spec["user"])
    env = dict(pair.split("=", 1) for pair in spec["env"] if "=" in pair)
    if not env.get("HOME"):
        env["HOME"] = home(_list(PASSWD), who.uid)
    try:
        os.chdir(spec["cwd"])
    except OSError as error:
        raise Failed("refused", f'chdir to cwd ("{spec["cwd"]}") set in config.json failed: {words(error)}') from None
    _drop(spec, who, stdio)
    args, variables = (
        [os.fsencode(word) for word in spec["args"]],
        {os.fsencode(k): os.fsencode(v) for k, v in env.items()},
    )
    if spec["init"]:
        return _be_init(args, variables)
    try:
        path = look_path(os, env.get("PATH", ""), spec["args"][0])
    except Refused as refused:
        raise Failed("refused", str(refused)) from None
    if not os.access(path, os.X_OK, effective_ids=True):
        raise Failed("refused", f"{'eaccess' if in_exec else 'exec'} {path}: permission denied")
    try:
        os.execve(path, args, variables)
    except OSError as error:  # too late for runc to tell docker: the container says it
        os.write(2, os.fsencode(f"exec {path}: {words(error)}\n"))
        os._exit(1)


def _who(asked: str) -> Credentials:
    try:
        return resolve(_list(PASSWD), _list(GROUP), asked)
    except UnknownUser as unknown:
        raise Failed("user", str(unknown)) from None


def _list(path: str) -> bytes:
    """Return a list of accounts (bytes), or nothing: a container may have put there what is no file, or a link."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        data = b""
        while len(data) < LARGEST_LIST and (part := os.read(descriptor, LARGEST_LIST - len(data))):
            data += part
        return data
    finally:
        os.close(descriptor)


def _drop(spec: Spec, who: Credentials, stdio: tuple[int, int, int]) -> None:
    """Give up all that the program must not have: other users' ids, capabilities, descriptors, system calls."""
    capabilities.limit_bounding(spec["capabilities"])
    try:
        if spec["many_ids"]:
            os.setgroups(who.groups)
        os.setresgid(who.gid, who.gid, who.gid)
        os.setresuid(who.uid, who.uid, who.uid)
    except OSError as error:
        raise Failed("ids", who.uid, who.gid, error.strerror, spec["many_ids"]) from None
    capabilities.limit_held(spec["capabilities"])
    os.umask(0o022)
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python ignores, and a program would inherit
        signal.signal(ignored, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    for wanted, descriptor in enumerate(stdio):
        os.dup2(descriptor, wanted, inheritable=True)
    syscalls.close_range(3, (1 << 32) - 1, syscalls.CLOSE_RANGE_CLOEXEC)
    syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
    if spec["filter"]:
        seccomp.install(spec["filter"])


def _be_init(args: list[bytes], variables: dict[bytes, bytes]) -> None:
    """Be PID 1: start the program, pass signals on to it, wait for all that ends, and end as it does (tini(1))."""
    everything = set(range(1, signal.NSIG)) - {signal.SIGKILL, signal.SIGSTOP}
    signal.pthread_sigmask(signal.SIG_BLOCK, everything)
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, everything)
        os.setpgid(0, 0)
        try:
            os.execvpe(args[0], args, variables)
        except OSError as error:
            text = f"[FATAL tini ({os.getpid()})] exec {os.fsdecode(args[0])} failed: {error.strerror}\n"
            os.write(2, os.fsencode(text))
            os._exit(127 if error.errno == errno.ENOENT else 126 if error.errno == errno.EACCES else 1)
    syscalls.close_range(3, (1 << 32) - 1)
    while True:
        number = signal.sigwait(everything)
        if number != signal.SIGCHLD:
            os.kill(child, number)
            continue
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                os._exit(1)
            if pid == 0:
                break
            if pid == child:
                code = os.waitstatus_to_exitcode(status)
                os._exit(code if code >= 0 else 128 - code)

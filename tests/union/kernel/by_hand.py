"""Layers, an overlay over them, and calls made in it.  To be run by ``sudo python3`` or ``unshare -rm python3``.

Printed scripts begin with this text, so it needs nothing but Python, ``mount`` and ``umount``.
"""

import ctypes
import errno
import os
import stat
import subprocess
import sys
import tempfile
from collections import defaultdict
from typing import NamedTuple

CLOSED = 1_000_000  # a descriptor that nobody has
RECENT = 1_700_000_000 * 10**9  # later times are "now": what the calls themselves set lies long before
HARMLESS = {(0, 0), (1, 3), (1, 5), (1, 7), (61, 1)}  # null, zero, full; 60 to 63 are for experiments: no driver
OPTIONS = {  # as Docker sets them; userxattr implies that nothing is redirected, and refuses to be told so
    "trusted.": "redirect_dir=off,index=off,metacopy=off,xino=off",
    "user.": "userxattr,index=off,metacopy=off,xino=off",
}


class Placed(NamedTuple):
    """One object of a layer, as overlayfs has it on disk: ``mode`` is kind and permissions together."""

    path: str
    mode: int
    uid: int = 0
    gid: int = 0
    mtime_ns: int = 0
    content: bytes = b""
    target: str = ""
    device: tuple = (0, 0)
    link_to: str = ""
    xattrs: tuple = ()
    opaque: bool = False


def lay_out(objects, folder, prefix):
    """Lay a layer (list of Placed) out in ``folder`` (str); overlayfs's own xattrs begin with ``prefix`` (str)."""
    for each in objects:
        _make(each, folder, folder + each.path)
    for each in reversed(objects):  # from the leaves up: what is put into a directory moves its time
        if not each.link_to:
            _set_attributes(each, folder + each.path, prefix)


def _make(each, folder, path):
    kind = stat.S_IFMT(each.mode)
    if each.link_to:
        os.link(folder + each.link_to, path, follow_symlinks=False)
    elif kind == stat.S_IFDIR:
        os.makedirs(path, exist_ok=True)
    elif kind == stat.S_IFLNK:
        os.symlink(each.target, path)
    elif kind == stat.S_IFREG:
        with open(path, "xb") as file:
            file.write(each.content)
    else:
        mknod(path, kind, each.device)


def _set_attributes(each, path, prefix):
    os.lchown(path, each.uid, each.gid)
    if not stat.S_ISLNK(each.mode):
        os.chmod(path, stat.S_IMODE(each.mode))
    for name, value in each.xattrs:
        os.setxattr(path, name, value, follow_symlinks=False)
    if each.opaque:
        os.setxattr(path, f"{prefix}overlay.opaque", b"y")
    os.utime(path, ns=(each.mtime_ns, each.mtime_ns), follow_symlinks=False)


def mknod(path, mode, device=(0, 0)):
    assert device in HARMLESS
    os.mknod(path, mode, os.makedev(*device))


def act_as(uid=0, gid=0, groups=()):
    """Make the following calls as another user, with that user's rights only."""
    if os.geteuid() != 0:
        os.seteuid(0)  # first of all, since only root may do the rest
    os.setgroups(groups)
    os.setegid(gid)
    os.seteuid(uid)


# What os lacks: used in scripts only


def rename(old, new, flags):
    _call("renameat2", -100, os.fsencode(old), -100, os.fsencode(new), flags)


def access(path, mode):
    _call("faccessat", -100, os.fsencode(path), mode, 0x200)  # AT_EACCESS


def utime(path, atime_ns=None, mtime_ns=None, follow_symlinks=True):
    omit = (0, (1 << 30) - 2)  # UTIME_OMIT
    pairs = [omit if each is None else divmod(each, 10**9) for each in (atime_ns, mtime_ns)]
    times = None if pairs == [omit, omit] else (ctypes.c_long * 4)(*pairs[0], *pairs[1])
    _call("utimensat", -100, os.fsencode(path), times, 0 if follow_symlinks else 0x100)


def _call(name, *arguments):
    if any(isinstance(each, bytes) and b"\0" in each for each in arguments):
        raise ValueError("embedded null byte")
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def mount_volume(path):
    _mount(b"tmpfs", path, b"tmpfs", 0, b"mode=755")


def bind(path, inside, read_only):
    _mount(os.fsencode(inside), path, None, 0x1000, None)  # MS_BIND
    if read_only:
        remount(path, read_only)


def remount(path, read_only):
    _mount(None, path, None, 0x1020 | read_only, None)  # MS_REMOUNT, MS_BIND, MS_RDONLY


def _mount(source, path, *others):
    _call("mount", source, os.fsencode(path), *others)


# Telling


def told(value):
    """Return in words (str) what a call gave."""
    if isinstance(value, OSError):
        return errno.errorcode[value.errno]
    if isinstance(value, os.stat_result):
        device = os.major(value.st_rdev), os.minor(value.st_rdev)
        fields = (value.st_mode, value.st_nlink, value.st_uid, value.st_gid, value.st_size, device, value.st_mtime_ns)
        return told_stat(*fields)
    if isinstance(value, ValueError):
        return "ValueError"
    text = "ok" if value is None else repr(tuple(sorted(value)) if isinstance(value, list) else value)
    return text if len(text) < 100 else f"{text[:80]}... ({len(value)})"


def told_stat(mode, nlink, uid, gid, size, device, mtime):
    size = "" if stat.S_ISDIR(mode) else f" size={size}"
    mtime = "now" if mtime == "now" or mtime > RECENT else mtime
    return f"mode={mode:o} nlink={nlink} uid={uid} gid={gid}{size} device={device} mtime={mtime}"


def show(path):
    """Print a directory and all that is below it."""
    found = os.lstat(path)
    more = ""
    if stat.S_ISLNK(found.st_mode):
        more = f" -> {os.readlink(path)!r}"
    elif stat.S_ISREG(found.st_mode):
        with open(path, "rb") as file:
            more = f" {file.read(60)!r}"
    names = [name for name in os.listxattr(path, follow_symlinks=False) if not name.endswith("overlay.uuid")]
    xattrs = {name: os.getxattr(path, name, follow_symlinks=False) for name in names}
    print(f"  {path!a}  {told(found)} ino={found.st_ino}{more} {xattrs or ''}")
    if stat.S_ISDIR(found.st_mode):
        for name in sorted(os.listdir(path)):
            show(f"{path.rstrip('/')}/{name}")


def main(layers, upper, calls, differences):
    """Lay out, mount, make the calls and show what is left; everything lies on a tmpfs that is gone at the end."""
    with open("/proc/self/uid_map") as users:
        prefix = "trusted." if users.read().split() == ["0", "0", "4294967295"] else "user."
    area = tempfile.mkdtemp()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", area], check=True)
    try:
        os.chdir(area)
        lower = [f"l{number}" for number in range(len(layers))]
        for folder, objects in zip([*lower, "upper"], [*layers, [upper]], strict=True):
            os.mkdir(folder)
            lay_out(objects, folder, prefix)
        os.mkdir("work")
        os.mkdir("merged")
        options = f"lowerdir={':'.join(reversed(lower))},upperdir=upper,workdir=work,{OPTIONS[prefix]}"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, "merged"], check=True)
        child = os.fork()
        if child == 0:
            inside(calls)
            os._exit(0)
        os.waitpid(child, 0)
        print("The upper directory:")
        show("upper")
    finally:
        os.chdir("/")
        subprocess.run(["umount", "-R", area], check=True)
        os.rmdir(area)
    print("Where the simulator differed when this was found:", *differences, sep="\n  ")


def inside(calls):
    """Make the calls with the overlay as root directory, print what they give, and show what is there in the end."""
    os.chroot("merged")
    os.chdir("/")
    os.umask(0o022)
    fd = defaultdict(lambda: CLOSED)
    for number, (text, simulator, slot, user) in enumerate(calls):
        if user:
            act_as(*user)
        try:
            value = eval(text, globals(), {"fd": fd})
        except (OSError, ValueError) as error:
            value = error
        if user:
            act_as()
        if slot is not None and isinstance(value, int):
            fd[slot] = value
            value = None
        kernel = told(value)
        differs = "" if kernel == simulator else f"   <-- the simulator: {simulator}"
        print(f"{number:3}  {text}{f' as {user}' if user else ''}: {kernel}{differs}")
    print("The overlay:")
    show("/")
    sys.stdout.flush()

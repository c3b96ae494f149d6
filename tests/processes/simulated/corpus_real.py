"""The corpus for real: each script under this machine's own dash and core utilities, on an overlay mount of its own.

``python corpus_real.py root SCRIPT…`` mounts as root, ``user`` in a user namespace with ``userxattr``.  What it prints
is JSON: a list with each script's Outcome, or a text: what this machine lacks.  Mounts and processes are made in
namespaces, and end with them.
"""

import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from corpus_layers import (
    DEVICES,
    ENVIRONMENT,
    FROM_HOST,
    HOSTNAME,
    PLACE,
    SCRIPT,
    UMASK,
    Outcome,
    corpus_layers,
    picture,
    told,
    user_of,
)

from course.layers.entry import FileEntry, InMemory, Kind
from course.processes.linux import syscalls
from course.union.marks import TRUSTED, USER, to_overlayfs

PATIENCE = 20  # seconds that one script may take
CLONE_NEWPID, CLONE_NEWUTS = 0x20000000, 0x04000000  # linux/sched.h
MS_RDONLY, MS_REMOUNT, MS_BIND = 1, 32, 4096  # linux/mount.h
LOCKED = os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC if sys.platform == "linux" else 0  # what a remount has to keep
BIND = MS_BIND | syscalls.MS_REC
OPTIONS = {  # as Docker sets them; userxattr implies that nothing is redirected
    "root": "redirect_dir=off,index=off,metacopy=off",
    "user": "userxattr,index=off,metacopy=off",
}
NO_FOLLOW = {"follow_symlinks": False}
PREFIXES = {"root": TRUSTED, "user": USER}  # of overlayfs's own xattrs


def main(kind, scripts):
    """Run all the scripts (paths) and print what they did; ``kind`` is "root" or "user"."""
    texts = [Path(script).read_bytes() for script in scripts]
    try:
        enter_namespaces(kind)
    except OSError as error:
        print(json.dumps(f"namespaces ({error})"))
        return 0
    if child := os.fork():  # the first process of the PID namespace: all others end with it
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    socket.sethostname(HOSTNAME)
    syscalls.mount("none", "/", "", syscalls.MS_REC | syscalls.MS_PRIVATE)
    with tempfile.TemporaryDirectory(prefix="course-corpus-") as folder:
        syscalls.mount("tmpfs", folder, "tmpfs")
        if not takes_xattrs(folder):  # a tmpfs does from Linux 6.6 on
            syscalls.umount2(folder)
        os.chdir(folder)  # mount(2) takes one page of options: short names
        os.umask(0)
        try:
            area = Area(kind)
            with area.mounted(b""):
                pass
        except OSError as error:
            print(json.dumps(f"an overlay mount ({error})"))
        else:
            print(json.dumps([area.outcome(text) for text in texts]))
        os.chdir("/")
        if os.path.ismount(folder):
            syscalls.umount2(folder, syscalls.MNT_DETACH)
    return 0


def enter_namespaces(kind):
    """Enter new namespaces, the PID namespace with the next child; as root in a user namespace, if ``kind`` is so."""
    wanted = syscalls.CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS
    if kind == "root":
        syscalls.unshare(wanted)
        return
    maps = {"setgroups": "deny", "uid_map": f"0 {os.geteuid()} 1", "gid_map": f"0 {os.getegid()} 1"}
    syscalls.unshare(syscalls.CLONE_NEWUSER | wanted)
    for name, content in maps.items():
        Path("/proc/self", name).write_text(content)


def takes_xattrs(folder):
    """Return whether files there may have extended attributes (bool)."""
    try:
        os.setxattr(folder, "user.tried", b"")
    except OSError:
        return False
    return True


class Area:
    """The working directory, in which overlays are mounted over the same layers, one after the other."""

    def __init__(self, kind):
        self.one_owner, self.options, self.prefix = kind == "user", OPTIONS[kind], PREFIXES[kind]
        self.count = 0
        below = self.layers(b"")[:-1]
        for number, layer in enumerate(below):
            lay_out(to_overlayfs(layer, self.prefix), f"layer{number}")
        self.lower = ":".join(f"layer{number}" for number in reversed(range(len(below))))
        self.host = {path: bound_read_only(path) for path in FROM_HOST if os.path.isdir(path)}

    def layers(self, script):
        return corpus_layers(script, {}, self.one_owner)

    @contextmanager
    def mounted(self, script):
        """Mount an overlay with this script (bytes) in it: yields its root and its upper directory (paths)."""
        self.count += 1
        top, upper, work, merged = (f"{name}{self.count}" for name in ("script", "upper", "work", "merged"))
        lay_out(to_overlayfs(self.layers(script)[-1], self.prefix), top)
        for name in (upper, work, merged):
            os.mkdir(name, 0o755)
        options = f"lowerdir={top}:{self.lower},upperdir={upper},workdir={work},{self.options}"
        syscalls.mount("overlay", merged, "overlay", 0, options)
        try:
            for path, source in {**self.host, **{path: path for path in DEVICES}}.items():
                syscalls.mount(source, merged + path, "", BIND)
            yield merged, upper
        finally:
            syscalls.umount2(merged, syscalls.MNT_DETACH)

    def outcome(self, script):
        """Run a script (bytes) and return what it did (Outcome)."""
        with self.mounted(script) as (root, upper):
            done = subprocess.run(
                ["sh", SCRIPT],
                executable="/bin/sh",
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE,
                preexec_fn=partial(enter, root, *user_of(script)),
                check=False,
            )
        status = done.returncode if done.returncode >= 0 else 128 - done.returncode  # ended by a signal, as $? has it
        return Outcome(status, told(done.stdout), told(done.stderr), picture(entries(Path(upper)), self.prefix))


def bound_read_only(path):
    """Bind this machine's directory ``path`` to one of the same name here, and return that (path)."""
    copy = f"host{path}"
    os.makedirs(copy)
    syscalls.mount(path, copy, "", BIND)
    syscalls.mount("", copy, "", MS_REMOUNT | MS_BIND | MS_RDONLY | os.statvfs(copy).f_flag & LOCKED)
    return copy


def lay_out(found, folder):
    """Write what lies in a layer's directory (path -> FileEntry) into a new one."""
    os.mkdir(folder, 0o755)
    ordered = sorted(found.items(), key=lambda item: (bool(item[1].link_to), item[0]))
    for path, entry in ordered:
        place = folder + path
        if entry.link_to:
            os.link(folder + entry.link_to, place)
            continue
        if entry.kind is Kind.SYMLINK:
            os.symlink(entry.target, place)
        elif entry.is_directory:
            os.mkdir(place)
        elif entry.kind is Kind.FIFO:
            os.mkfifo(place)
        elif entry.device == (0, 0) and entry.kind is Kind.CHARACTER_DEVICE:
            os.mknod(place, stat.S_IFCHR)
        else:
            Path(place).write_bytes(entry.read())  # a device is bound to it later
        os.chown(place, entry.uid, entry.gid, follow_symlinks=False)
        if entry.kind is not Kind.SYMLINK:
            os.chmod(place, entry.mode)
        for name, value in entry.xattrs.items():
            os.setxattr(place, name, value)
    for path, entry in ordered:
        os.utime(folder + path, ns=(entry.mtime_ns, entry.mtime_ns), follow_symlinks=False)


def enter(root, uid, gid):
    """Make this process one of this user that sees nothing but the mount."""
    os.chroot(root)
    os.chdir(PLACE)
    os.umask(UMASK)
    if uid:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)


def entries(upper):
    """Return what lies in the directory ``upper`` (Path): path -> FileEntry."""
    found, first = {}, {}
    for place in sorted(upper.rglob("*")):
        path, status = f"/{place.relative_to(upper)}", place.lstat()
        kind = Kind(stat.S_IFMT(status.st_mode))
        content = place.read_bytes() if kind is Kind.FILE else b""
        xattrs = {each: os.getxattr(place, each, **NO_FOLLOW) for each in os.listxattr(place, **NO_FOLLOW)}
        original = path if kind is Kind.DIRECTORY else first.setdefault(status.st_ino, path)
        found[path] = FileEntry(
            kind,
            stat.S_IMODE(status.st_mode),
            status.st_uid,
            status.st_gid,
            status.st_mtime_ns,
            len(content),
            os.readlink(place) if kind is Kind.SYMLINK else "",
            (os.major(status.st_rdev), os.minor(status.st_rdev)),
            original if original != path else "",
            xattrs,
            InMemory(content),
        )
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

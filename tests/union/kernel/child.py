"""A process that mounts overlays in a mount namespace of its own, and makes calls in them, request by request.

``python -m kernel.child root FOLDER``, or ``user`` to do it in a user namespace.  Requests and answers are pickles on
its standard input and output; the first answer is why no overlay can be mounted here, or nothing.  All of it lies on a
tmpfs mounted on FOLDER, which nobody else sees and which ends with the process.
"""

import os
import pickle
import shutil
import signal
import sys
import traceback
from contextlib import contextmanager, suppress
from pathlib import Path

from course.processes.linux import syscalls
from kernel.by_hand import OPTIONS, Placed, act_as, lay_out
from kernel.calls import picture, run
from kernel.real import RealFilesystem

PATIENCE = 30  # seconds that one request may take
NEEDED = "a tmpfs that keeps user.* xattrs (Linux 6.6)"


class Blocked(BaseException):
    """A call waits for something that never comes; no call's own errors."""


class Area:
    """The folder in which overlays are mounted, one after the other; in a user namespace or not (``kind``: str)."""

    def __init__(self, kind, folder):
        enter_namespaces(kind)
        syscalls.mount("none", "/", "", syscalls.MS_REC | syscalls.MS_PRIVATE)
        syscalls.mount("tmpfs", folder, "tmpfs")
        self.folder = folder
        self.prefix = "trusted." if kind == "root" else "user."
        self.outside = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
        os.setxattr(folder, "user.tried", b"")

    def answer(self, layers, root_of_upper, calls):
        """Return what the calls give, what the overlay shows after them, and what its upper directory holds."""
        os.umask(0o022)
        os.chdir(self.folder)
        try:
            with self.mounted(layers, root_of_upper):
                filesystem = RealFilesystem()
                with self.inside("merged"):
                    try:
                        outcomes = run(filesystem, calls, lambda user: act_as(*user))
                        merged = picture(filesystem)
                    finally:
                        filesystem.close_all()
                with self.inside("upper"):
                    return outcomes, merged, picture(filesystem)
        finally:
            for name in os.listdir():
                shutil.rmtree(name)

    @contextmanager
    def mounted(self, layers, root_of_upper):
        """Lay the layers out and mount them in the current folder."""
        lower = [f"l{number}" for number in range(len(layers))]
        for name in (*lower, "upper", "work", "merged"):
            os.mkdir(name)
        for name, objects in zip(lower, layers, strict=True):
            lay_out(objects, name, self.prefix)
        lay_out([root_of_upper], "upper", self.prefix)
        options = f"lowerdir={':'.join(reversed(lower))},upperdir=upper,workdir=work,{OPTIONS[self.prefix]}"
        syscalls.mount("overlay", "merged", "overlay", 0, options)
        try:
            yield
        finally:
            with suppress(OSError):
                while True:  # a case may have mounted something over it
                    syscalls.umount2("merged", syscalls.MNT_DETACH)

    @contextmanager
    def inside(self, name):
        """Make a directory the root, so that absolute paths and ``..`` mean what they mean in a container."""
        os.chroot(name)
        os.chdir("/")
        try:
            yield
        finally:
            os.fchdir(self.outside)
            os.chroot(".")
            os.chdir(self.folder)


def enter_namespaces(kind):
    if kind == "root":
        syscalls.unshare(syscalls.CLONE_NEWNS)
        act_as()
        return
    maps = {"setgroups": "deny", "uid_map": f"0 {os.geteuid()} 1", "gid_map": f"0 {os.getegid()} 1"}
    syscalls.unshare(syscalls.CLONE_NEWUSER | syscalls.CLONE_NEWNS)
    for name, content in maps.items():
        Path("/proc/self", name).write_text(content)


def blocked(_signal, _frame):
    raise Blocked(f"no answer in {PATIENCE} s")


def tried(kind, folder):
    """Return an Area and "", or None and why there can be none here."""
    try:
        area = Area(kind, folder)
        area.answer([[Placed("/", 0o40755)]], Placed("/", 0o40755), [])
    except OSError as error:
        return None, NEEDED if error.filename == folder else f"an overlay mount ({error})"
    return area, ""


def main(kind, folder):
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    signal.signal(signal.SIGALRM, blocked)
    area, lacking = tried(kind, folder)
    pickle.dump(lacking, answers)
    answers.flush()
    while area:
        try:
            request = pickle.load(requests)
        except EOFError:
            return
        signal.alarm(PATIENCE)
        try:
            answer = "", area.answer(*request)
        except (Exception, Blocked):
            answer = traceback.format_exc(), None
        signal.alarm(0)
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

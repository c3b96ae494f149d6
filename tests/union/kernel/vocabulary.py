"""What the calls of a random case may be given: paths, flags, modes, sizes and the rest, the plainest first.

Strategies are made once, since making them takes longer than drawing from them: what is there in the layers of a case
is therefore drawn as a number (There).  ``kind`` is as in ``stacks.py``.
"""

import stat
from functools import cache
from itertools import product
from typing import NamedTuple

from hypothesis import strategies as st

from course.union import flags
from kernel.calls import ROOT, Slot, User
from kernel.stacks import BEFORE_1970, LONG_AGO, PATHS, STICKY, TARGETS

choose = st.sampled_from

ODD_PATHS = [
    *("missing", "a/missing/x", "/", ".", "..", "", "/a", "//a", "./b", "../c", "a/b/../b", "a/..", "a/.", "a/b/.."),
    *("a/", "b/", "c/", "a/b/", "missing/", "a//b", ".wh.a", ".wh..wh..opq", "caf\udce9", "a\0b", " "),
    *("n" * 255, "n" * 256, "a/" + "n" * 256, "./" * 2047 + "a", "./" * 2048 + "a", "a/" * 2500),
]
USUAL_FLAGS = [
    *(flags.O_RDONLY, flags.O_RDWR, flags.O_WRONLY, flags.O_RDWR | flags.O_CREAT, flags.O_WRONLY | flags.O_TRUNC),
    *(flags.O_RDONLY | flags.O_TRUNC, flags.O_RDONLY | flags.O_CREAT, flags.O_RDWR | flags.O_APPEND),
    *(flags.O_WRONLY | flags.O_CREAT | flags.O_EXCL, flags.O_RDONLY | flags.O_DIRECTORY),
    *(flags.O_WRONLY | flags.O_CREAT | flags.O_TRUNC, flags.O_RDONLY | flags.O_NOFOLLOW),
]
FLAGS = [getattr(flags, f"O_{name}") for name in "CREAT EXCL TRUNC APPEND DIRECTORY NOFOLLOW".split()]
MODES = [0o644, 0o755, 0o600, 0o777, 0o000, 0o777 | STICKY, 0o111]
SET_ID = [0o4755, 0o2755, 0o2644, 0o6777, 0o6777 | STICKY]  # in a user namespace, root loses them as others do
XATTRS = ["user.k", "user.note"] * 6
XATTRS += ["user.other", "user.", "", "nonsense.k", "user." + "n" * 250, "user." + "n" * 251]
ROOTS_XATTRS = ["trusted.k", "trusted.overlay.opaque", "trusted.overlay.foo", "user.overlay.opaque"]
ROOTS_XATTRS += ["security.k"]
NODES = [(stat.S_IFREG, (0, 0)), (stat.S_IFIFO, (0, 0)), (stat.S_IFSOCK, (0, 0)), (stat.S_IFCHR, (0, 0))]
NODES += [(stat.S_IFDIR, (0, 0)), (0, (0, 0))]
ROOTS_NODES = [(stat.S_IFCHR, (1, 3)), (stat.S_IFCHR, (1, 7)), (stat.S_IFCHR, (61, 1)), (stat.S_IFBLK, (61, 1))]
OTHERS = (User(1000, 1000), User(1000, 1000, (1002,)), User(1001, 1001), User(1001, 1002, (1000,)))

TIME = choose((LONG_AGO, 0, 5 * 10**9 + 999_999_999, -1, BEFORE_1970, None))
DATA = choose((b"ZZ", b"+", b"", b"y" * 5000))
COUNT = choose((4, 0, 1, 100, 6000))
SIZE = choose((4, 0, 1, 20, 4096, 6000, 4, 1, -1, 2**62, 2**63 - 1))
WHENCE = choose((0, 1, 2, 3, 4, 9))
RENAMING = (0,) * 12 + (1, 1, 2, 2, 2, 3, 8)
VALUE = choose((b"v", b"", b"y", b"v", b"y", b"V" * 65537))
TARGET = choose((*TARGETS, "", "t" * 4095, "t" * 4096, "a/" * 2047))
REPLACING = choose((0, 0, 0, 0, 0, 0, 1, 2, 3, 4))
ASKED = choose((4, 2, 1, 0, 6, 7, 8))
MASK = choose((0o022, 0, 0o077, 0o777, 0o7027))
SLOT = choose((Slot(0), Slot(0), Slot(0), Slot(1)))
NAMED = choose(((), (), (("follow_symlinks", False),)))
HOW = (
    choose(USUAL_FLAGS)
    | choose(USUAL_FLAGS)
    | st.builds(lambda access, others: access | sum(others), choose((0, 1, 2)), st.sets(choose(FLAGS), max_size=4))
)
USER = {"root": choose((ROOT,) * 9 + OTHERS), "user": st.just(ROOT)}


class There(NamedTuple):
    """In place of a path: one that the layers show (``what``: "any", "file" or "directory"), and a name in it."""

    number: int
    what: str
    name: str = ""


def _mostly(*likely):
    """Return a strategy for paths: often like these (There), at times any of the few names, seldom odd ones."""
    return choose(list(likely) * (300 // len(likely)) + [path[1:] for path in PATHS] + ODD_PATHS)


ANY, FILE, DIRECTORY = (_mostly(*(There(n, what) for n in range(10))) for what in ("any", "file", "directory"))
NEW = _mostly(*(There(n, "directory", name) for n in range(5) for name in "abcd"))
EITHER = _mostly(
    *(There(n, "file") for n in range(12)), *(There(n, "directory", name) for n in range(3) for name in "ad")
)


@cache
def arguments(kind):
    """Return the strategies for the arguments of each call that takes a path, or nothing (dict of str to tuple)."""
    rooted = kind == "root"
    mode = choose(MODES + SET_ID if rooted else MODES)
    some_id = choose((0, -1, 1000, 1001, 1002) if rooted else (0, -1))
    xattr = choose(XATTRS + ROOTS_XATTRS if rooted else XATTRS)
    nodes = product(NODES + ROOTS_NODES if rooted else NODES, MODES)
    return {
        "open": (EITHER, HOW, mode),
        "unlink": (EITHER,),
        # in a user namespace two names of one file may have two inode numbers, and RENAME_WHITEOUT is then tried
        "rename": (EITHER, EITHER, choose(RENAMING + ((4,) if rooted else ()))),
        "mkdir": (NEW, mode),
        "rmdir": (DIRECTORY,),
        "link": (FILE, NEW),
        "symlink": (TARGET, NEW),
        "stat": (ANY,),
        "lstat": (ANY,),
        "listdir": (DIRECTORY,),
        "readlink": (FILE,),
        "truncate": (FILE, SIZE),
        "chmod": (ANY, mode),
        "chown": (ANY, some_id, some_id),
        "lchown": (ANY, some_id, some_id),
        "utime": (ANY, TIME, TIME),
        "mknod": (NEW, choose([(node | permissions, device) for (node, device), permissions in nodes])),
        "setxattr": (ANY, xattr, VALUE, REPLACING),
        "getxattr": (ANY, xattr),
        "listxattr": (ANY,),
        "removexattr": (ANY, xattr),
        "access": (ANY, ASKED),
        "chdir": (DIRECTORY,),
        "getcwd": (),
        "umask": (MASK,),
    }


@cache
def uses(kind):
    """Return the same for each call that takes a descriptor first."""
    rooted = kind == "root"
    some_id = choose((0, -1, 1000, 1001) if rooted else (0, -1))
    return {
        "read": (COUNT,),
        "write": (DATA,),
        "fstat": (),
        "close": (),
        "pread": (COUNT, SIZE),
        "pwrite": (DATA, SIZE),
        "lseek": (SIZE, WHENCE),
        "ftruncate": (SIZE,),
        "fchmod": (choose(MODES + SET_ID if rooted else MODES),),
        "fchown": (some_id, some_id),
    }

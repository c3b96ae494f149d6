"""The operations that were tried on a real overlay, one by one, and what each left in the upper directory.

Each row is an operation on a fresh overlay of the same two layers, its result, and what is then in the upper directory,
in a notation of one line for each object: ``name/ dir``, ``name file 'content'``, ``name ->target``, ``name WHITEOUT``,
with extended attributes in brackets.  The rows are held against the simulator, and against the kernel itself.  Rows
that are no rule are left out: 78 needs mmap, 80, 81 and 85 belong to the file system below, as does 86.
"""

import errno
import stat
from dataclasses import replace
from typing import NamedTuple

import pytest
from kernel import simulated
from kernel.calls import WHITEOUT, Call, Slot
from kernel.mounted import Mounted

from course.layers.entry import FileEntry, Kind, directory, file, symlink
from course.layers.layer import Layer
from course.union.filesystem import UnionFilesystem
from course.union.flags import (
    O_APPEND,
    O_CREAT,
    O_RDONLY,
    O_RDWR,
    O_TRUNC,
    O_WRONLY,
    RENAME_EXCHANGE,
    RENAME_NOREPLACE,
    RENAME_WHITEOUT,
)

SECOND = 10**9
THEN = 1_000_000_000 * SECOND  # when everything in the layers was made
ONE, TWO = Slot(1), Slot(2)


def made(what):
    return replace(directory() if what is None else file(what) if isinstance(what, str) else what, mtime_ns=THEN)


LOWEST = {
    "file": replace(file("0123456789"), xattrs={"user.note": b"hi"}),
    "file2": "second",
    "gone": "gone",
    "hl1": "link",
    "sym": symlink("file"),
    "dsym": symlink("d"),
    "d": None,
    "d/x": "x",
    "d/y": "y",
    "d/e": None,
    "d/e/z": "z",
    "low": None,
    "low/a": "a",
    "low/s": None,
    "low/s/b": "b",
    "emptylow": None,
    "emptymerged": None,
    "op": None,
    "op/j": "j",
    "fover": None,
    "fover/in": "in",
    "dover": "f",
    "fifo": FileEntry(Kind.FIFO, 0o644),
}
UPPERMOST = {
    "d": None,
    "d/x": "x1",
    "d/w": "w",
    "op": None,
    "op/k": "k",
    "fover": "f",
    "dover": None,
    "dover/n": "n",
    "emptymerged": None,
}
BOTTOM = {f"/{path}": made(what) for path, what in LOWEST.items()}
BOTTOM["/hl2"] = replace(BOTTOM["/hl1"], link_to="/hl1")
L0 = Layer.of(BOTTOM)
L1 = Layer.of({path: made(what) for path, what in UPPERMOST.items()}, ["/gone"], ["/op"], L0)


class Row(NamedTuple):
    """One row of the table; the last of the ``calls`` gives ``result`` (errno, or 0) and the others succeed.

    ``upper`` is what the upper directory then holds (lines), ``shows`` are calls made after it, with what they give.
    """

    number: int
    operation: str
    calls: list
    upper: list | tuple = ()
    result: int = 0
    shows: list | tuple = ()


def call(name, *arguments):
    return Call(name, arguments)


def write(path, data, how=O_WRONLY | O_CREAT | O_TRUNC, slot=ONE):
    return [*opened(path, how, slot), call("write", slot, data), call("close", slot)]


def opened(path, how, slot=ONE):
    return [Call("open", (path, how, 0o644), slot=slot)]


def unlinked(*paths):
    return [call("unlink", path) for path in paths]


FILE = "file file '0123456789' [user.note=hi]"
NO_LOW = [*unlinked("low/a", "low/s/b"), call("rmdir", "low/s"), call("rmdir", "low")]
NO_D = [*unlinked("d/x", "d/y", "d/w", "d/e/z"), call("rmdir", "d/e"), call("rmdir", "d")]
MKDIR_LOW, MKDIR_ND = call("mkdir", "low"), call("mkdir", "nd")
ND_WITH_F = [MKDIR_ND, *write("nd/f", b"f")]
APPEND = O_WRONLY | O_APPEND
OPAQUE_XATTR, FOO_XATTR = "trusted.overlay.opaque", "trusted.overlay.foo"

ROWS = [
    Row(1, "unlink lower file", unlinked("file"), ["file WHITEOUT"]),
    Row(2, "unlink file only in upper", [*write("new", b"n"), *unlinked("new")]),
    Row(3, "write lower file, then unlink it", [*write("file", b"+", APPEND), *unlinked("file")], ["file WHITEOUT"]),
    Row(4, "unlink symlink in lower", unlinked("sym"), ["sym WHITEOUT"]),
    Row(5, "unlink name already whited out in lower1", unlinked("gone"), [], errno.ENOENT),
    Row(6, "create name whited out in lower1", write("gone", b"again"), ["gone file 'again'"]),
    Row(7, "rmdir non-empty merged dir", [call("rmdir", "d")], [], errno.ENOTEMPTY),
    Row(8, "rmdir empty lower dir", [call("rmdir", "emptylow")], ["emptylow WHITEOUT"]),
    Row(9, "rmdir empty merged dir", [call("rmdir", "emptymerged")], ["emptymerged WHITEOUT"]),
    Row(10, "rm -r lower dir", NO_LOW, ["low WHITEOUT"]),
    Row(11, "rm -r merged dir", NO_D, ["d WHITEOUT"]),
    Row(
        12, "unlink every entry of low/ but keep the dir", NO_LOW[:-1], ["low/ dir", "low/a WHITEOUT", "low/s WHITEOUT"]
    ),
    Row(13, "unlink one file in nested lower dir", unlinked("low/s/b"), ["low/ dir", "low/s/ dir", "low/s/b WHITEOUT"]),
    Row(14, "unlink lower file, create same name", [*unlinked("file"), *write("file", b"new")], ["file file 'new'"]),
    Row(15, "rm -r low/, mkdir low", [*NO_LOW, MKDIR_LOW], ["low/ dir [o.opaque=y]"]),
    Row(
        16,
        "rm -r low/, mkdir low, create low/a",
        [*NO_LOW, MKDIR_LOW, *write("low/a", b"A2")],
        ["low/ dir [o.opaque=y]", "low/a file 'A2'"],
    ),
    Row(17, "rm -r low/, create FILE low", [*NO_LOW, *write("low", b"now file")], ["low file 'now file'"]),
    Row(18, "unlink file, mkdir file/", [*unlinked("file"), call("mkdir", "file")], ["file/ dir [o.opaque=y]"]),
    Row(
        19,
        "rmdir empty lower dir, symlink in its place",
        [call("rmdir", "emptylow"), call("symlink", "file", "emptylow")],
        ["emptylow ->file"],
    ),
    Row(20, "rm -r low/, mkdir low, rmdir low", [*NO_LOW, MKDIR_LOW, call("rmdir", "low")], ["low WHITEOUT"]),
    Row(21, "mkdir brand-new dir in merged root", ND_WITH_F, ["nd/ dir", "nd/f file 'f'"]),
    Row(22, "mkdir brand-new dir inside lower dir", [call("mkdir", "low/nd")], ["low/ dir", "low/nd/ dir"]),
    Row(23, "mkdir over existing lower dir", [MKDIR_LOW], [], errno.EEXIST),
    Row(24, "open O_RDONLY + read", [*opened("file", O_RDONLY), call("read", ONE, 3)]),
    Row(25, "open O_RDWR, no write", opened("file", O_RDWR), [FILE]),
    Row(26, "open O_WRONLY|O_TRUNC", opened("file", O_WRONLY | O_TRUNC), ["file file '' [user.note=hi]"]),
    Row(27, "open O_RDONLY|O_TRUNC", opened("file", O_RDONLY | O_TRUNC), ["file file '' [user.note=hi]"]),
    Row(28, "open O_CREAT|O_RDONLY existing lower file", opened("file", O_CREAT | O_RDONLY)),
    Row(29, "append to lower file", write("file", b"+", APPEND), ["file file '0123456789+' [user.note=hi]"]),
    Row(30, "write through symlink", write("sym", b"+", APPEND), ["file file '0123456789+' [user.note=hi]"]),
    Row(31, "chmod lower file", [call("chmod", "file", 0o600)], [FILE]),
    Row(32, "chmod lower file to its present mode", [call("chmod", "file", 0o644)], [FILE]),
    Row(33, "utime lower file", [call("utime", "file", THEN, THEN)], [FILE]),
    Row(34, "chown lower file (to self)", [call("chown", "file", 0, 0)], [FILE]),
    Row(
        35,
        "setxattr user.* on lower file",
        [call("setxattr", "file", "user.k", b"v")],
        ["file file '0123456789' [user.k=v user.note=hi]"],
    ),
    Row(36, "truncate lower file to 4", [call("truncate", "file", 4)], ["file file '0123' [user.note=hi]"]),
    Row(
        37,
        "truncate lower file to 20 (grow)",
        [call("truncate", "file", 20)],
        [r"file file '0123456789\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00' [user.note=hi]"],
    ),
    Row(38, "chmod lower dir", [call("chmod", "low", 0o700)], ["low/ dir"]),
    Row(39, "utime merged dir", [call("utime", "d", THEN, THEN)], ["d/ dir"]),
    Row(40, "lchown lower symlink", [call("lchown", "sym", 0, 0)], ["sym ->file"]),
    Row(41, "write deep file", write("low/s/b", b"+", APPEND), ["low/ dir", "low/s/ dir", "low/s/b file 'b+'"]),
    Row(42, "open fifo in lower O_RDWR", opened("fifo", O_RDWR)),
    Row(43, "hard-link lower file", [call("link", "file", "ln")], [f"{FILE} nlink=2", f"ln {FILE[5:]} nlink=2"]),
    Row(
        44,
        "write hl1 (lower hl1,hl2 are one inode)",
        write("hl1", b"+", APPEND),
        ["hl1 file 'link+'"],
        shows=[
            (call("stat", "hl1"), {"size": 5, "nlink": 1}),
            (call("stat", "hl2"), {"size": 4, "nlink": 2}),
        ],
    ),
    Row(45, "unlink hl1", unlinked("hl1"), ["hl1 WHITEOUT"], shows=[(call("stat", "hl2"), {"nlink": 2})]),
    Row(
        46,
        "link lower file into lower subdir",
        [call("link", "file", "low/ln")],
        [f"{FILE} nlink=2", "low/ dir", f"low/ln {FILE[5:]} nlink=2"],
    ),
    Row(
        47,
        "rename lower file to new name",
        [call("rename", "file", "moved")],
        ["file WHITEOUT", f"moved {FILE[5:]}"],
    ),
    Row(
        48,
        "rename lower file over another lower file",
        [call("rename", "file", "file2")],
        ["file WHITEOUT", f"file2 {FILE[5:]}"],
    ),
    Row(
        49,
        "rename new file over lower file",
        [*write("new", b"n"), call("rename", "new", "file")],
        ["file file 'n'"],
    ),
    Row(
        50,
        "rename lower file into lower subdir",
        [call("rename", "file", "low/file")],
        ["file WHITEOUT", "low/ dir", f"low/{FILE}"],
    ),
    Row(
        51,
        "rename lower file to a deleted name",
        [*unlinked("file2"), call("rename", "file", "file2")],
        ["file WHITEOUT", f"file2 {FILE[5:]}"],
    ),
    Row(
        52,
        "rename hl1 onto hl2 (same inode: POSIX no-op)",
        [call("rename", "hl1", "hl2")],
        ["hl1 WHITEOUT", "hl2 file 'link'"],
        shows=[(call("lstat", "hl1"), errno.ENOENT), (call("lstat", "hl2"), {"size": 4})],
    ),
    Row(53, "rename lower dir", [call("rename", "low", "low2")], [], errno.EXDEV),
    Row(54, "rename merged dir", [call("rename", "d", "d2")], [], errno.EXDEV),
    Row(55, "rename merged dir onto itself", [call("rename", "d", "d")]),
    Row(
        56,
        "chmod (copy up) lower dir then rename it",
        [call("chmod", "low", 0o700), call("rename", "low", "low2")],
        ["low/ dir"],
        errno.EXDEV,
    ),
    Row(
        57,
        "rename brand-new dir",
        [*ND_WITH_F, call("rename", "nd", "nd2")],
        ["nd2/ dir [o.opaque=y]", "nd2/f file 'f'"],
    ),
    Row(
        58,
        "rename recreated (opaque) dir",
        [*NO_LOW, MKDIR_LOW, call("rename", "low", "low2")],
        ["low WHITEOUT", "low2/ dir [o.opaque=y]"],
    ),
    Row(
        59,
        "rename new dir over empty lower dir",
        [*ND_WITH_F, call("rename", "nd", "emptylow")],
        ["emptylow/ dir [o.opaque=y]", "emptylow/f file 'f'"],
    ),
    Row(
        60,
        "rename new dir over non-empty lower dir",
        [MKDIR_ND, call("rename", "nd", "low")],
        ["nd/ dir"],
        errno.ENOTEMPTY,
    ),
    Row(
        61,
        "rename new dir to name of a deleted lower dir",
        [*NO_LOW, *ND_WITH_F, call("rename", "nd", "low")],
        ["low/ dir [o.opaque=y]", "low/f file 'f'"],
    ),
    Row(
        62,
        "rename new dir into merged dir d/",
        [MKDIR_ND, call("rename", "nd", "d/nd")],
        ["d/ dir", "d/nd/ dir [o.opaque=y]"],
    ),
    Row(63, "rename file over lower dir", [call("rename", "file", "low")], [], errno.EISDIR),
    Row(
        64,
        "rename new dir over lower file",
        [MKDIR_ND, call("rename", "nd", "file")],
        ["nd/ dir"],
        errno.ENOTDIR,
    ),
    Row(65, "rename lower symlink", [call("rename", "sym", "sym2")], ["sym WHITEOUT", "sym2 ->file"]),
    Row(
        66,
        "RENAME_EXCHANGE two lower files",
        [call("rename", "file", "file2", RENAME_EXCHANGE)],
        ["file file 'second'", f"file2 {FILE[5:]}"],
    ),
    Row(
        67,
        "RENAME_NOREPLACE onto lower file",
        [call("rename", "file2", "file", RENAME_NOREPLACE)],
        [],
        errno.EEXIST,
    ),
    Row(68, "RENAME_WHITEOUT lower file", [call("rename", "file", "moved", RENAME_WHITEOUT)], [], errno.EINVAL),
    Row(69, "mknod c 0 0 inside the mount", [call("mknod", "w", stat.S_IFCHR, (0, 0))], [], errno.EPERM),
    Row(
        70,
        "setxattr overlay.opaque through the mount",
        [call("setxattr", "low", OPAQUE_XATTR, b"y")],
        ["low/ dir [o.overlay.opaque=y]"],
        shows=[(call("listdir", "low"), ("a", "s"))],
    ),
    Row(
        71,
        "setxattr overlay.foo through the mount",
        [call("setxattr", "low", FOO_XATTR, b"y")],
        ["low/ dir [o.overlay.foo=y]"],
    ),
    Row(
        72,
        "getxattr overlay.* of op/ through the mount",
        [call("getxattr", "op", OPAQUE_XATTR)],
        [],
        errno.ENODATA,
        [(call("listxattr", "op"), ())],
    ),
    Row(
        73,
        "create file named .wh.file",
        write(".wh.file", b"trap"),
        [".wh.file file 'trap'"],
        shows=[(call("stat", "file"), {"size": 10})],
    ),
    Row(
        74,
        "touch file in op/ (opaque in lower1)",
        write("op/t", b"t"),
        ["op/ dir", "op/t file 't'"],
        shows=[(call("listdir", "op"), ("k", "t"))],
    ),
    Row(
        75,
        "write dover/new (dir in lower1 over file in lower0)",
        write("dover/new", b"q"),
        ["dover/ dir", "dover/new file 'q'"],
        shows=[(call("listdir", "dover"), ("n", "new"))],
    ),
    Row(
        76,
        "unlink fover (file in lower1 over dir in lower0)",
        unlinked("fover"),
        ["fover WHITEOUT"],
        shows=[(call("lstat", "fover"), errno.ENOENT)],
    ),
    Row(
        77,
        "fd O_RDONLY opened before copy-up: sees later write?",
        [*opened("file", O_RDONLY), call("read", ONE, 3), *write("file", b"ZZZZZZ", O_WRONLY, TWO)],
        ["file file 'ZZZZZZ6789' [user.note=hi]"],
        shows=[(call("pread", ONE, 10, 0), b"ZZZZZZ6789")],
    ),
    Row(
        79,
        "unlink open lower file, read fd",
        [*opened("file", O_RDONLY), *unlinked("file")],
        ["file WHITEOUT"],
        shows=[(call("read", ONE, 4), b"0123"), (call("fstat", ONE), {"nlink": 1})],
    ),
    Row(
        82,
        "nlink of dirs: merged d, pure-lower low, new nd (with 2 subdirs)",
        [MKDIR_ND, call("mkdir", "nd/1"), call("mkdir", "nd/2")],
        ["nd/ dir", "nd/1/ dir", "nd/2/ dir"],
        shows=[(call("stat", name), {"nlink": nlink}) for name, nlink in (("d", 1), ("low", 3), ("nd", 4), (".", 1))],
    ),
    Row(
        83,
        "dir mtime: create in lower dir changes merged mtime?",
        write("low/q", b"q"),
        ["low/ dir", "low/q file 'q'"],
        shows=[(call("stat", "low"), {"mtime": "now"})],
    ),
    Row(84, "atime of lower file after read", [*opened("file", O_RDONLY), call("read", ONE, 3)]),
]
NO_RULE = {78, 80, 81, 85, 86}


def test_every_row_that_is_a_rule_is_here():
    assert [row.number for row in ROWS] == [number for number in range(1, 87) if number not in NO_RULE]


def named_for(kind, made_call):
    """Return the call with overlayfs's own xattrs as this mount calls them."""
    if kind == "root":
        return made_call
    arguments = (
        each.replace("trusted.", "user.", 1) if isinstance(each, str) else each for each in made_call.arguments
    )
    return made_call._replace(arguments=tuple(arguments))


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.number}: {row.operation}" for row in ROWS])
def test_an_operation_leaves_in_the_simulator_what_the_table_says(row):
    assert what_came(row, simulated.run) == what_the_table_says(row)


@pytest.mark.linux
@pytest.mark.parametrize("kind", [pytest.param("root", marks=pytest.mark.root), "user"])
def test_the_table_says_what_the_kernel_does(kind):
    with Mounted(kind) as mounted:
        if mounted.lacking:
            pytest.skip(f"left out: needs {mounted.lacking}")

        def run(layers, calls):
            return mounted.run(layers, [named_for(kind, each) for each in calls])

        came = {row.number: what_came(row, run) for row in ROWS}
    assert came == {row.number: what_the_table_says(row) for row in ROWS}


def what_the_table_says(row):
    results = [0] * (len(row.calls) - 1) + [row.result]
    return results, list(row.upper), [shown for _call, shown in row.shows]


def what_came(row, run):
    """Return what the calls of a row give, what is in the upper directory, and what shows, in the table's own form."""
    outcomes, _merged, upper = run((L0, L1), [*row.calls, *(each for each, _shown in row.shows)])
    given, after = outcomes[: len(row.calls)], outcomes[len(row.calls) :]
    lines = [told(path, upper[path]) for path in sorted(upper) if path != "/"]
    shown = [as_shown(outcome, wanted) for (_call, wanted), outcome in zip(row.shows, after, strict=True)]
    return [outcome.errno for outcome in given], lines, shown


def as_shown(outcome, shown):
    """Return an outcome as the table shows it: an errno, some of what stat says, or the value."""
    if isinstance(shown, dict):
        return {name: getattr(outcome.value, name) for name in shown}
    return outcome.errno or outcome.value


def told(path, node):
    """Return an object of the upper directory in the table's notation (str)."""
    name = path[1:]
    if node == WHITEOUT:
        return f"{name} WHITEOUT"
    is_directory = stat.S_ISDIR(node.seen.mode)
    words = [f"{name}/ dir"] if is_directory else [f"{name} ->{node.target}"] if node.target else []
    words = words or [f"{name} file {node.content.decode()!r}"]
    xattrs = " ".join(f"{key.replace('trusted.overlay.', 'o.', 1)}={value.decode()}" for key, value in node.xattrs)
    words += [f"[{xattrs}]"] if xattrs else []
    words += [f"nlink={node.seen.nlink}"] if not is_directory and node.seen.nlink > 1 else []
    return " ".join(words)


def test_hard_links_are_broken_by_copy_up():
    filesystem = UnionFilesystem((L0, L1))
    assert filesystem.stat("hl1").st_ino == filesystem.stat("hl2").st_ino
    filesystem.chmod("hl1", 0o600)
    assert filesystem.stat("hl1").st_ino != filesystem.stat("hl2").st_ino


def test_reading_a_lower_file_leaves_its_time_of_access():
    filesystem = UnionFilesystem((L0, L1))
    before = filesystem.stat("file").st_atime_ns
    filesystem.read(filesystem.open("file"), 3)
    assert filesystem.stat("file").st_atime_ns == before == THEN


def test_a_copy_keeps_its_number_and_its_time():
    filesystem = UnionFilesystem((L0, L1))
    before = filesystem.stat("file")
    filesystem.chmod("file", 0o600)
    after = filesystem.stat("file")
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

"""The same commands in the simulator and with this machine's own programs, on files of the same content.

Each side starts from one Layer: written to a folder here, made by calls in a simulated machine there, so that it lies
in the read-write layer: then an overlay behaves as a plain file system.  (What is different over lower layers is the
corpus's matter.)
"""

import os
import re
import shlex
import stat
import subprocess
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from course.layers.entry import FileEntry, Kind, file, symlink
from course.layers.layer import Layer
from course.layers.small_image import builtin
from course.processes.simulated.programs import PROGRAMS
from course.processes.simulated.space import Clock, ProcessSpace, init
from course.processes.simulated.streams import Sink, Source
from course.union import flags
from course.union.filesystem import UnionFilesystem

WRITTEN = 1_700_000_000 * 10**9  # 2023-11-14 22:13:20 UTC
PLACE = "/site"
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # thousands of files, none of which is to stay
NOBODY = (65534, 65534)
TEMPORARY = re.compile(r"Cu[A-Za-z0-9]{6}")  # what cp and ln call a link before they move it to its place
NO_FOLLOW = {"follow_symlinks": False}

DEVICE = FileEntry(Kind.CHARACTER_DEVICE, 0o644, device=(10, 200))
FIFO = FileEntry(Kind.FIFO, 0o644)
FILES = {
    "/a": "hi\n",
    "/b": "bb\n",
    "/big": "z" * 123456,
    "/d/.h": "",
    "/d/e/f/g": "deep\n",
    "/d/x": "xx\n",
    "/dang": symlink("nope"),
    "/exe": file("e", 0o4755),
    "/h1": "hard\n",
    "/h2": replace(file("hard\n"), link_to="/h1"),
    "/it's": "q",
    "/la": symlink("a"),
    "/ld": symlink("d"),
    "/n": None,
    "/p": FIFO,
    "/ro": file("ro\n", 0o400),
    "/s": symlink("a"),
    "/td/e/zz": "zz\n",
    "/td/x": "other\n",
    "/x y": "sp",
}


class Done(NamedTuple):
    """What one command did."""

    status: int
    output: list[str]
    errors: list[str]


class Side(NamedTuple):
    """What the commands did on one side, and what they left (path -> what a person can see of it)."""

    results: list[Done]
    left: dict[str, dict[str, object]]


def assert_same(line, files=FILES, unordered=False, given=b"", user=None, umask=0o022, on_disk=False):
    """Run a line of commands, ``;;`` between them, on both sides, and assert that they did the same.

    ``files`` (path -> what Layer.of takes) is what there is.  ``unordered``: the lines of the output may come in
    another order, as that of a directory is the file system's own.  ``given`` (bytes) is each command's standard input,
    ``user`` (uid, gid) who runs them: without it, whoever runs the test.  ``on_disk`` if sizes of
    directories matter, which are the file system's own.
    """
    needs_the_same_userland()
    if on_disk:
        needs_blocks_of_4096()
    commands = [shlex.split(command) for command in line.split(" ;; ")]
    owner = user or (os.geteuid(), os.getegid())
    layer = owned(Layer.of(files), owner)
    mine = simulated(layer, commands, given, owner, umask)
    with tempfile.TemporaryDirectory(dir=None if on_disk else MEMORY) as folder:
        theirs = real(Path(folder, "w"), layer, commands, given, owner, umask)
    if unordered:
        mine, theirs = ordered(mine), ordered(theirs)
    found = differences(mine, theirs)
    assert not found, "\n".join(found)


def differences(mine, theirs):
    """Return what is not the same on both sides (list of str)."""
    found = []
    for number, (one, other) in enumerate(zip(mine.results, theirs.results, strict=True), 1):
        found += [
            f"command {number}, {field}:\n  simulated {getattr(one, field)}\n  real      {getattr(other, field)}"
            for field in Done._fields
            if getattr(one, field) != getattr(other, field)
        ]
    for path in sorted({*mine.left, *theirs.left}):
        one, other = mine.left.get(path), theirs.left.get(path)
        if one != other:
            found.append(f"{path}:\n  simulated {one}\n  real      {other}")
    return found


def ordered(side):
    return Side([Done(done.status, sorted(done.output), sorted(done.errors)) for done in side.results], side.left)


def lines(text):
    """Return the lines of a text (list of str), without empty ones and the blanks before them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def needs_blocks_of_4096():
    """Skip the test where directories and small files do not take 4,096 bytes each, as on ext4."""
    if disk() != (4096, 8):
        pytest.skip("left out: needs a file system whose blocks and directories take 4,096 bytes")


@cache
def other_userland():
    """Return what this machine lacks of the userland whose words the simulator speaks (str), or an empty text."""
    version = subprocess.run(["ls", "--version"], capture_output=True, text=True, check=False).stdout
    return "" if version.startswith("ls (GNU coreutils) 9.1\n") else "the programs of Debian 12 (GNU coreutils 9.1)"


def needs_the_same_userland():
    """Skip the test where programs are of other versions: their messages change from one to the next."""
    if other_userland():
        pytest.skip(f"left out: needs {other_userland()}")


@cache
def disk():
    """Return the bytes of an empty directory and the blocks of a small file, where temporary files go."""
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder, "small")
        small.write_text("x")
        return os.stat(folder).st_size, small.stat().st_blocks


def owned(layer, owner):
    """Return the layer with an owner and a time for what has none."""
    uid, gid = owner
    entries = {
        path: replace(entry, uid=entry.uid or uid, gid=entry.gid or gid, mtime_ns=entry.mtime_ns or WRITTEN)
        for path, entry in layer.entries.items()
    }
    return Layer(entries)


def in_order(layer):
    """Return the layer's entries (list of pairs): directories before what is in them, further names last."""
    return sorted(layer.entries.items(), key=lambda item: (bool(item[1].link_to), item[0]))


def described(found):
    """Return what there is (path -> dict) of ``found`` (path -> Stat or stat_result, target, content, xattrs)."""
    names = defaultdict(list)
    for path, (status, *_) in sorted(found.items()):
        if not stat.S_ISDIR(status.st_mode):
            names[status.st_ino].append(path)
    return {
        TEMPORARY.sub("CuXXXXXX", path): {
            "mode": stat.filemode(status.st_mode),
            "owner": (status.st_uid, status.st_gid),
            "target": target,
            "content": content,
            "xattrs": xattrs,
            "device": device(status),
            "names": names[status.st_ino],
            "time": "now" if status.st_mtime_ns % 10**9 else status.st_mtime_ns,  # what is set is whole seconds
        }
        for path, (status, target, content, xattrs) in sorted(found.items())
    }


def device(status):
    if not stat.S_ISCHR(status.st_mode) and not stat.S_ISBLK(status.st_mode):
        return ()
    number = status.st_rdev
    return number if isinstance(number, tuple) else (os.major(number), os.minor(number))


def done(status, output, errors):
    texts = (bytes(data).decode("utf-8", "surrogateescape").splitlines(True) for data in (output, errors))
    return Done(status, *texts)


# simulated


def simulated(layer, commands, given, owner, umask):
    """Run the commands (lists of words) in a simulated machine, and return the Side."""
    machine = {f"/bin/{name}": builtin(name) for name in PROGRAMS}
    machine |= {path: Path(path).read_bytes() for path in ("/etc/passwd", "/etc/group")}
    clock = Clock(time.time_ns() // 1000 * 1000 + 1)
    mounted = UnionFilesystem([Layer.of(machine)], clock=clock)
    lay_out(layer, mounted, owner)
    space = ProcessSpace(mounted, clock, "box", PROGRAMS)
    space.start(init)
    view = mounted.with_credentials(*owner)
    view.chdir(PLACE)
    view.umask(umask)
    results = []
    for argv in commands:
        output, errors = Sink(), Sink()
        streams = {0: Source(given), 1: output, 2: errors}
        process = space.start(argv, env={**ENVIRONMENT, "PATH": "/bin"}, streams=streams, fs=view.fork())
        space.run(until=process)
        results.append(done(process.status, output.data, errors.data))
    return Side(results, described(dict(walked(mounted, PLACE))))


def lay_out(layer, fs, owner):
    fs.mkdir(PLACE)
    fs.chown(PLACE, *owner)
    for path, entry in in_order(layer):
        place = PLACE + path
        if entry.link_to:
            fs.link(PLACE + entry.link_to, place)
        elif entry.kind is Kind.SYMLINK:
            fs.symlink(entry.target, place)
        elif entry.is_directory:
            fs.mkdir(place)
        elif entry.kind is Kind.FILE:
            fs.open_file(place, flags.O_WRONLY | flags.O_CREAT).write(entry.read())
        else:
            fs.mknod(place, entry.st_mode, entry.device)
    for path, entry in reversed(in_order(layer)):
        place = PLACE + path
        fs.lchown(place, entry.uid, entry.gid)
        if entry.kind is not Kind.SYMLINK:
            fs.chmod(place, entry.mode)
        for name, value in entry.xattrs.items():
            fs.setxattr(place, name, value)
        fs.utime(place, entry.mtime_ns, entry.mtime_ns, follow_symlinks=False)


def walked(fs, folder):
    for name in fs.listdir(folder):
        path = f"{folder}/{name}"
        status = fs.lstat(path)
        target = fs.readlink(path) if stat.S_ISLNK(status.st_mode) else ""
        content = fs.open_file(path).read(status.st_size) if stat.S_ISREG(status.st_mode) else b""
        xattrs = {each: fs.getxattr(path, each, **NO_FOLLOW) for each in fs.listxattr(path, **NO_FOLLOW)}
        yield path.removeprefix(PLACE), (status, target, content, xattrs)
        if stat.S_ISDIR(status.st_mode):
            yield from walked(fs, path)


# real


def real(folder, layer, commands, given, owner, umask):
    """Run the commands (lists of words) for real, in ``folder`` (Path), and return the Side."""
    folder.mkdir()
    write(layer, str(folder), owner)
    who = {"user": owner[0], "group": owner[1], "extra_groups": []} if owner[0] != os.geteuid() else {}
    results = []
    for argv in commands:
        assert "/" not in argv, "nothing is done to the root of the machine that runs the tests"
        ended = subprocess.run(
            argv,
            cwd=folder,
            env=ENVIRONMENT,
            input=given,
            capture_output=True,
            umask=umask,
            timeout=60,
            check=False,
            **who,
        )
        results.append(done(ended.returncode, ended.stdout, ended.stderr))
    return Side(results, described(dict(explored(folder, {}))))


def explored(folder, seen):
    """Yield every path below ``folder`` (Path), from it on, with what there is to see of it."""
    for path in folder.iterdir():
        status = seen.setdefault(path.lstat().st_ino, path.lstat())
        if os.geteuid() and not path.is_symlink():
            path.chmod(0o700)  # what was seen is to be read too
        target = os.readlink(path) if path.is_symlink() else ""
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        yield f"/{path.name}", (status, target, content, xattrs_of(path))
        if stat.S_ISDIR(status.st_mode):
            for below, what in explored(path, seen):
                yield f"/{path.name}{below}", what


def xattrs_of(path):
    try:
        names = os.listxattr(path, **NO_FOLLOW)
    except OSError:  # a file system without them
        return {}
    return {name: os.getxattr(path, name, **NO_FOLLOW) for name in names if name.startswith("user.")}


def write(layer, folder, owner):
    if os.geteuid() == 0:
        os.chown(folder, *owner)
    for path, entry in in_order(layer):
        place = folder + path
        if entry.link_to:
            os.link(folder + entry.link_to, place)
        elif entry.kind is Kind.SYMLINK:
            os.symlink(entry.target, place)
        elif entry.is_directory:
            os.mkdir(place)
        elif entry.kind is Kind.FILE:
            Path(place).write_bytes(entry.read())
        else:
            os.mknod(place, entry.st_mode, os.makedev(*entry.device))
    for path, entry in reversed(in_order(layer)):
        place = folder + path
        if os.geteuid() == 0:
            os.chown(place, entry.uid, entry.gid, **NO_FOLLOW)
        if entry.kind is not Kind.SYMLINK:
            os.chmod(place, entry.mode)
        for name, value in entry.xattrs.items():
            os.setxattr(place, name, value)
        os.utime(place, ns=(entry.mtime_ns, entry.mtime_ns), **NO_FOLLOW)

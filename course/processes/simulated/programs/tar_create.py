"""tar -c: files go into an archive."""

import re
import stat
import tarfile
from collections.abc import Generator

from course.processes.simulated.process import CHUNK, Process, Run, Waiting
from course.processes.simulated.programs import tar_archive, users
from course.processes.simulated.programs.operands import join
from course.processes.simulated.programs.quoting import escaped
from course.processes.simulated.programs.registry import Steps, Usage
from course.processes.simulated.programs.tar import Wishes
from course.processes.simulated.shell import patterns
from course.union import flags
from course.union.filesystem import Stat

TYPES = {
    stat.S_IFREG: tarfile.REGTYPE,
    stat.S_IFDIR: tarfile.DIRTYPE,
    stat.S_IFLNK: tarfile.SYMTYPE,
    stat.S_IFIFO: tarfile.FIFOTYPE,
    stat.S_IFCHR: tarfile.CHRTYPE,
    stat.S_IFBLK: tarfile.BLKTYPE,
}
UNSAFE = re.compile(r"(?:/+|(?:[^/]+/+)*\.\.(?:/+|$))+")  # what is cut off names: they must lead into the directory


def safe_name(name: str) -> tuple[str, str]:
    """Return what has to go from the head of a member's ``name``, and what is left (pair of str).

    >>> safe_name("/etc/motd"), safe_name("../a"), safe_name("a/b")
    (('/', 'etc/motd'), ('../', 'a'), ('', 'a/b'))
    """
    match = UNSAFE.match(name)
    if not match:
        return "", name
    return match[0], name[match.end() :] or "."


def create(process: Process, wishes: Wishes) -> Run:
    """Make an archive; return the exit status (int)."""
    creator = _Creator(process, wishes)
    if wishes.archive != "-":
        try:
            out = process.fs.open_file(wishes.archive, flags.O_WRONLY | flags.O_CREAT | flags.O_TRUNC, 0o666)
        except OSError as error:
            raise _fatal(wishes.archive, error) from None
        found = out.stat()
        creator.itself = found.st_dev, found.st_ino
    for folder, name in wishes.operands:
        if folder:
            try:
                process.fs.listdir(folder)
            except OSError as error:
                raise _fatal(folder, error) from None
        yield from creator.add(folder, name)
    data = tar_archive.finished(b"".join(creator.parts))
    data = tar_archive.compressed(data) if wishes.gzip else data
    if wishes.archive == "-":
        yield from process.write(1, data)
    else:
        out.write(data)
    return creator.status


def _fatal(path: str, error: OSError) -> Usage:
    return Usage(f"{path}: Cannot open: {error.strerror}\ntar: Error is not recoverable: exiting now", hint=False)


class _Creator:
    """An archive in the making."""

    def __init__(self, process: Process, wishes: Wishes) -> None:
        self.process, self.fs, self.wishes = process, process.fs, wishes
        self.parts: list[bytes] = []
        self.links: dict[tuple[int, int], str] = {}  # the member that each inode with several names is in
        self.warned: set[str] = set()
        self.itself = (-1, -1)
        self.status = 0

    def add(self, folder: str, name: str) -> Steps:
        """Add a file, and what lies in it."""
        wishes = self.wishes
        path = join(folder, name) if folder and not name.startswith("/") else name
        if excluded(name, wishes.exclude):
            return True
        try:
            found = self.fs.stat(path) if wishes.follow else self.fs.lstat(path)
        except OSError as error:
            return (yield from self._complain(f"{escaped(name)}: Cannot stat: {error.strerror}"))
        if (found.st_dev, found.st_ino) == self.itself:
            yield from self._complain(f"{escaped(name)}: file is the archive; not dumped", failed=False)
            return True
        if stat.S_ISDIR(found.st_mode):
            return (yield from self._directory(folder, name, path, found))
        member = yield from self._member(name, path, found)
        if member:
            yield from self._put(member, name)
        return True

    def _directory(self, folder: str, name: str, path: str, found: Stat) -> Steps:
        try:
            names = self.fs.listdir(path)
        except OSError as error:
            return (yield from self._complain(f"{escaped(name)}: Cannot open: {error.strerror}"))
        name = name.rstrip("/") + "/"
        member = yield from self._member(name, path, found)
        if member:
            yield from self._put(member, name)
        for each in self._sorted(path, names) if self.wishes.recursion else ():
            yield from self.add(folder, name + each)
        return True

    def _sorted(self, path: str, names: list[str]) -> list[str]:
        if self.wishes.sort == "name":
            return sorted(names, key=lambda name: name.encode("utf-8", "surrogateescape"))
        if self.wishes.sort == "inode":
            return sorted(names, key=lambda name: self.fs.lstat(join(path, name)).st_ino)
        return names

    def _member(self, name: str, path: str, found: Stat) -> Generator[Waiting, None, tar_archive.Member | None]:
        """Return the member for a file, or None if it cannot be one."""
        wishes = self.wishes
        header = tarfile.TarInfo((yield from self._safe(name, "member names")).rstrip("/"))
        kind = TYPES.get(stat.S_IFMT(found.st_mode))
        if kind is None:
            yield from self._complain(f"{escaped(name)}: socket ignored", failed=False)
            return None
        header.type, header.mode, header.uid, header.gid = kind, found.st_mode & 0o7777, found.st_uid, found.st_gid
        header.mtime = (found.st_mtime_ns if wishes.mtime is None else wishes.mtime) // 10**9
        header.uname = users.name_of(self.fs, users.PASSWD, found.st_uid) or ""
        header.gname = users.name_of(self.fs, users.GROUP, found.st_gid) or ""
        self._own(header)
        data = b""
        inode = found.st_dev, found.st_ino
        if kind != tarfile.DIRTYPE and inode in self.links:
            header.type = tarfile.LNKTYPE
            header.linkname = yield from self._safe(self.links[inode], "hard link targets")
            return tar_archive.Member(header)
        if kind == tarfile.SYMTYPE:
            header.linkname = self.fs.readlink(path)
        elif kind in (tarfile.CHRTYPE, tarfile.BLKTYPE):
            header.devmajor, header.devminor = found.st_rdev
        elif kind == tarfile.REGTYPE:
            try:
                data = self._content(path)
            except OSError as error:
                yield from self._complain(f"{escaped(name)}: Cannot open: {error.strerror}")
                return None
        header.size = len(data)
        if kind != tarfile.DIRTYPE and (found.st_nlink > 1 or len(wishes.operands) > 1 or wishes.follow):
            self.links[inode] = name
        return tar_archive.Member(header, data, self._xattrs(path) if wishes.xattrs else {})

    def _own(self, header: tarfile.TarInfo) -> None:
        """Give the member to whom --owner and --group say."""
        wishes = self.wishes
        if wishes.owner:
            header.uname, number = wishes.owner
            known = users.number_of(self.fs, users.PASSWD, header.uname) if number is None else number
            header.uid = header.uid if known is None else known
            header.uname = header.uname or users.name_of(self.fs, users.PASSWD, header.uid) or ""
        if wishes.group:
            header.gname, number = wishes.group
            known = users.number_of(self.fs, users.GROUP, header.gname) if number is None else number
            header.gid = header.gid if known is None else known
            header.gname = header.gname or users.name_of(self.fs, users.GROUP, header.gid) or ""
        if wishes.numeric:
            header.uname = header.gname = ""

    def _content(self, path: str) -> bytes:
        file = self.fs.open_file(path, flags.O_RDONLY)
        parts = []
        while part := file.read(CHUNK):
            parts.append(part)
        return b"".join(parts)

    def _xattrs(self, path: str) -> dict[str, bytes]:
        follow = self.wishes.follow
        names = self.fs.listxattr(path, follow_symlinks=follow)
        return {name: self.fs.getxattr(path, name, follow_symlinks=follow) for name in names}

    def _safe(self, name: str, what: str) -> Generator[Waiting, None, str]:
        """Return the name for the archive; say what was cut off, once."""
        prefix, rest = ("", name) if self.wishes.absolute else safe_name(name)
        message = f"Removing leading `{prefix}' from {what}"
        if prefix and message not in self.warned:
            self.warned.add(message)
            yield from self._complain(message, failed=False)
        return rest

    def _put(self, member: tar_archive.Member, name: str) -> Steps:
        try:
            self.parts.append(tar_archive.packed(member, self.wishes.form))
        except ValueError:
            why = "max 256" if len(member.header.name) > 256 else "cannot be split"
            return (yield from self._complain(f"{escaped(name)}: file name is too long ({why}); not dumped"))
        if self.wishes.verbose:
            line = f"{escaped(name)}\n".encode("utf-8", "surrogateescape")
            yield from self.process.write(2 if self.wishes.archive == "-" else 1, line)
        return True

    def _complain(self, what: str, failed: bool = True) -> Steps:
        self.status = 2 if failed else self.status
        yield from self.process.complain(f"tar: {what}")
        return not failed


def excluded(name: str, globs: list[str]) -> bool:
    """Return whether a member ``name`` (str), or what it lies in, matches one of the ``globs`` (list of str).

    >>> excluded("d/e/f", ["e"]), excluded("d/a.md", ["*.md"]), excluded("d/e", ["d/x"])
    (True, True, False)
    """
    parts = name.rstrip("/").split("/")
    spans = {"/".join(parts[start:end]) for start in range(len(parts)) for end in range(start + 1, len(parts) + 1)}
    return any(patterns.matches(glob, span) for glob in globs for span in spans)

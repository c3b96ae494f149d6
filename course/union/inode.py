"""An inode: what a file is, whatever its names; and the directory entries that give inodes names."""

import copy
import stat
from collections.abc import Iterator

from course.layers.entry import FileEntry, Kind
from course.union.file_data import FileData


class Inode:
    """One file, directory, link or device, as a file system keeps it (inode(7)).

    ``mode`` is kind and permission bits together (int), ``uid``, ``gid`` and ``nlink`` are numbers, times are
    nanoseconds since 1970 (int), ``xattrs`` maps names (str) to values (bytes).  A file has ``data`` (FileData), a
    symbolic link a ``target`` (str), a device its ``device`` numbers (pair of int).  A directory of the read-write
    layer has ``entries``, which map names (str) to inodes; it is ``opaque`` (bool) if it hides what lies below.
    ``ino`` is the number that stat(2) shows (int).
    """

    __slots__ = (
        "atime_ns",
        "ctime_ns",
        "data",
        "device",
        "entries",
        "gid",
        "ino",
        "mode",
        "mtime_ns",
        "nlink",
        "opaque",
        "target",
        "uid",
        "xattrs",
    )

    def __init__(self, ino: int, mode: int, uid: int = 0, gid: int = 0, now: int = 0) -> None:
        self.ino, self.mode, self.uid, self.gid = ino, mode, uid, gid
        self.nlink = 0
        self.atime_ns = self.mtime_ns = self.ctime_ns = now
        self.xattrs: dict[str, bytes] = {}
        self.target = ""
        self.device = (0, 0)
        self.opaque = False
        self.data = FileData() if stat.S_ISREG(mode) else NO_DATA
        self.entries: dict[str, Inode] = {}
        if stat.S_ISDIR(mode):
            self.nlink = 2  # its name, and its own "."

    @classmethod
    def of(cls, entry: FileEntry, ino: int, nlink: int) -> "Inode":
        """Return the Inode of an entry of a read-only layer: same metadata, same content, not copied."""
        inode = cls(ino, entry.st_mode, entry.uid, entry.gid, entry.mtime_ns)
        inode.nlink, inode.target, inode.device = nlink, entry.target, entry.device
        if entry.xattrs:
            inode.xattrs = dict(entry.xattrs)
        if entry.kind is Kind.FILE:
            inode.data = FileData(entry.content, entry.size)
        return inode

    def copy(self, ino: int, now: int) -> "Inode":
        """Return a new Inode with the same metadata and content, without a name yet: what copy-up makes."""
        twin = Inode(ino, self.mode, self.uid, self.gid, now)
        twin.atime_ns, twin.mtime_ns = self.atime_ns, self.mtime_ns
        twin.xattrs = dict(self.xattrs)
        twin.target, twin.device = self.target, self.device
        if self.is_file:
            twin.data = self.data.copy()
        return twin

    def twin(self) -> "Inode":
        """Return this inode once more, its number and links too (Inode); a directory has no entries yet."""
        twin = copy.copy(self)
        twin.xattrs, twin.entries = dict(self.xattrs), {}
        if self.is_file:
            twin.data = self.data.copy()
        return twin

    @property
    def is_directory(self) -> bool:
        """Whether this is a directory (bool)."""
        return self.mode & 0o170000 == 0o040000

    @property
    def is_file(self) -> bool:
        """Whether this is a regular file (bool)."""
        return self.mode & 0o170000 == 0o100000

    @property
    def is_symlink(self) -> bool:
        """Whether this is a symbolic link (bool)."""
        return self.mode & 0o170000 == 0o120000

    @property
    def size(self) -> int:
        """What st_size shows (int): a file's bytes, a link's length; a directory takes a block, as on ext4."""
        if self.is_file:
            return self.data.size
        if self.is_symlink:
            return len(self.target.encode("utf-8", "surrogateescape"))
        return 4096 if self.is_directory else 0

    def put(self, name: str, inode: "Inode", now: int) -> None:
        """Give ``inode`` the name ``name`` (str) in this directory, in place of whatever has it."""
        self.take(name, now)
        self.entries[name] = inode
        if inode.is_directory:
            self.nlink += 1
        elif inode is not WHITEOUT:
            inode.nlink += 1
            inode.ctime_ns = now

    def take(self, name: str, now: int) -> "Inode | None":
        """Take the name ``name`` (str) out of this directory; return the inode that had it (Inode), or None."""
        self.mtime_ns = self.ctime_ns = now
        inode = self.entries.pop(name, None)
        if inode is None or inode is WHITEOUT:
            return inode
        if inode.is_directory:
            self.nlink -= 1
        else:
            inode.nlink -= 1
            inode.ctime_ns = now
        return inode

    def walk(self) -> "Iterator[tuple[str, Inode]]":
        """Yield this directory as ``/``, and every path (str) below it with its inode, sorted."""
        todo = [("", self)]
        while todo:
            path, inode = todo.pop()
            yield path or "/", inode
            todo += [(f"{path}/{name}", inode.entries[name]) for name in sorted(inode.entries, reverse=True)]


NO_DATA = FileData()
"""The content of what has none."""

WHITEOUT = Inode(0, stat.S_IFCHR)
"""The mark of a deletion, one for all: a character device 0/0 (overlayfs.rst, "whiteouts and opaque directories")."""

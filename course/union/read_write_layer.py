"""The read-write layer of a container: what was written, and nothing of what lies below."""

import stat
from types import MappingProxyType

from course.layers import paths
from course.layers.entry import FileEntry, Kind
from course.layers.layer import Layer
from course.union.inode import WHITEOUT, Inode
from course.union.view import Found, UnionView


class Numbering:
    """The inode numbers of one union: given when they are first asked for, and kept."""

    def __init__(self) -> None:
        self._last = 0
        self._lower: dict[tuple[int, str], int] = {}

    def new(self) -> int:
        """Return a number that nothing had before (int)."""
        self._last += 1
        return self._last

    def copy(self) -> "Numbering":
        """Return another one that has given the same numbers so far (Numbering)."""
        twin = Numbering()
        twin._last, twin._lower = self._last, dict(self._lower)
        return twin

    def lower_inode(self, layer: Layer, found: Found, place: str) -> Inode:
        """Return the Inode of what a read-only layer shows at ``place`` (str); the names of one file share a number."""
        entry = found.entry
        first = entry.link_to or place
        number = self._lower.get((found.layer, first)) or self._lower.setdefault((found.layer, first), self.new())
        return Inode.of(entry, number, layer.link_counts.get(first, 1))

    def after_copy_up(self, lower: Inode) -> int:
        """Return the number that a copy of ``lower`` shows (int): the same, but for one of several hard links."""
        return lower.ino if lower.is_directory or lower.nlink == 1 else self.new()


class ReadWriteLayer:
    """What a container has written: a tree of inodes below ``root`` (Inode, a directory), with the numbers it uses.

    A whiteout in it is the inode WHITEOUT; an opaque directory has ``opaque`` set.

    >>> from course.union.filesystem import UnionFilesystem
    >>> base = Layer.of({"/etc/motd": "welcome", "/etc/hostname": "box"})
    >>> filesystem = UnionFilesystem([base])
    >>> filesystem.unlink("/etc/hostname")
    >>> [path for path, inode in filesystem.read_write_layer.root.walk() if inode is WHITEOUT]
    ['/etc/hostname']
    """

    def __init__(self, root: Inode | None = None) -> None:
        self.numbering = Numbering()
        self.root = root or Inode(self.numbering.new(), stat.S_IFDIR | 0o755)

    @classmethod
    def on(cls, view: UnionView, now: int = 0) -> "ReadWriteLayer":
        """Return an empty one for the layers of a ``view`` (UnionView), whose root looks like theirs."""
        layer = cls()
        root = view.root.entry
        layer.root.mode, layer.root.uid, layer.root.gid = root.st_mode, root.uid, root.gid
        layer.root.atime_ns = layer.root.mtime_ns = layer.root.ctime_ns = now
        return layer

    def copy(self) -> "ReadWriteLayer":
        """Return the same tree with the same numbers (ReadWriteLayer): what is written to one never shows in the other.

        Names of one file are names of one file again.  No content is copied.
        """
        twins = {WHITEOUT: WHITEOUT, self.root: self.root.twin()}
        todo = [self.root]
        while todo:
            directory = todo.pop()
            for name, inode in directory.entries.items():
                if inode not in twins:
                    twins[inode] = inode.twin()
                    todo.append(inode)
                twins[directory].entries[name] = twins[inode]
        layer = ReadWriteLayer(twins[self.root])
        layer.numbering = self.numbering.copy()
        return layer

    def freeze(self, parent: Layer | None = None) -> Layer:
        """Return what was written as a read-only layer (Layer) that stands on ``parent`` (Layer, or None).

        Whiteouts and opaque directories become the layer's own; the root is in it only if its mode or owner changed;
        sockets are left out, as no layer can hold one.  No content is copied, and what is written later does not show.
        """
        entries: dict[str, FileEntry] = {}
        whiteouts, opaque, first_names = set(), set(), dict[Inode, str]()
        for path, inode in self.root.walk():
            if inode is WHITEOUT:
                whiteouts.add(path)
            elif not stat.S_ISSOCK(inode.mode):
                if inode.opaque:
                    opaque.add(path)
                entries[path] = _entry(inode, first_names.setdefault(inode, path), path)
        below = UnionView(parent.stack if parent else ()).root.entry
        if (self.root.mode, self.root.uid, self.root.gid) == (below.st_mode, below.uid, below.gid):
            del entries[paths.ROOT]
        return Layer(MappingProxyType(entries), frozenset(whiteouts), frozenset(opaque), parent)


def _entry(inode: Inode, first: str, path: str) -> FileEntry:
    """Return the entry of one inode; of the names of a file the ``first`` holds it, the others refer to it."""
    return FileEntry(
        Kind(stat.S_IFMT(inode.mode)),
        stat.S_IMODE(inode.mode),
        inode.uid,
        inode.gid,
        inode.mtime_ns,
        inode.data.size,
        inode.target,
        inode.device,
        "" if first == path else first,
        MappingProxyType(dict(inode.xattrs)),
        inode.data.copy(),
    )

"""The rules of a union with a read-write layer on top: how names are found, copied up, deleted and moved.

This is the code that the lessons show.  A union has read-only layers below and one read-write layer above.  Looking up
a name asks the read-write layer first: what it holds wins, a whiteout there hides the name, and a directory there is
merged with the directories below it unless it is opaque.  The layers below are one UnionView, whose own rules are in
``view.py``.  Nothing is ever written below: whatever is about to change is copied up first, and what is deleted leaves
a whiteout where a layer below would otherwise show it again.

Rules: the kernel's Documentation/filesystems/overlayfs.rst.  Mount options are as Docker sets them: redirect_dir, index
and metacopy off.
"""

import errno
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from course.layers import paths
from course.layers.layer import Layer
from course.union.errnos import failure
from course.union.inode import WHITEOUT, Inode
from course.union.read_write_layer import ReadWriteLayer
from course.union.view import Found, UnionView


@dataclass(frozen=True, slots=True)
class CopyUp:
    """One copy-up: the ``path`` (str) that was copied into the read-write layer, and how many ``bytes`` of content."""

    path: str
    bytes: int


class Dentry:
    """A name that the union shows, and what it stands for.

    ``inode`` is what the union shows (Inode): that of the read-write layer, which is also ``upper``; or if it holds
    nothing there (``upper`` is None), that of ``below``, which the layers below show (Found, from the path ``place``,
    str).  A file has one of the two; a directory may have both: then it is merged.  ``children`` are the names in a
    directory that were looked up so far (dict of str to Dentry; None for what is no directory).  ``gone`` tells that
    the name was deleted (bool): only those who have it open see it still.  ``is_symlink``: whether it is a symbolic
    link (bool), as every step of a path has to ask.
    """

    __slots__ = ("below", "children", "gone", "inode", "is_symlink", "name", "parent", "place", "upper")

    def __init__(
        self,
        name: str,
        parent: "Dentry | None",
        inode: Inode,
        upper: Inode | None,
        below: Found | None = None,
        place: str = "",
    ) -> None:
        self.name, self.parent, self.gone = name, parent or self, False
        self.inode, self.upper, self.below, self.place = inode, upper, below, place
        self.children: dict[str, Dentry] | None = {} if inode.is_directory else None
        self.is_symlink = inode.is_symlink

    @property
    def is_merged(self) -> bool:
        """Whether this is a directory in which more than one layer shows, counting the read-write layer (bool)."""
        return self.below is not None and (self.upper is not None or len(self.below.layers) > 1)

    @property
    def path(self) -> str:
        """Where this is in the union (str); for what is gone, where it was."""
        return paths.ROOT if self.parent is self else paths.join(self.parent.path, self.name)


class Overlay:
    """A mounted union: read-only ``layers`` (sequence of Layer, the lowest first), and ``upper`` (ReadWriteLayer).

    ``clock`` tells the time in nanoseconds since 1970 (callable, to int).  ``copied`` lists every copy-up so far (list
    of CopyUp).
    """

    def __init__(self, layers: Sequence[Layer], upper: ReadWriteLayer, clock: Callable[[], int]) -> None:
        self.view = UnionView(layers)
        self.upper = upper
        self.clock = clock
        self.copied: list[CopyUp] = []
        self.root = Dentry("", None, upper.root, upper.root, self.view.root, paths.ROOT)

    def _lower(self, place: str, below: Found) -> Inode:
        return self.upper.numbering.lower_inode(self.view.layers[below.layer], below, place)

    # looking

    def lookup(self, directory: Dentry, name: str) -> Dentry | None:
        """Return what ``directory`` shows under ``name`` (Dentry), or None."""
        known = directory.children.get(name)  # type: ignore[union-attr]  # callers know that it is a directory
        if known or directory.gone:
            return known
        upper = directory.upper.entries.get(name) if directory.upper else None
        if upper is WHITEOUT:
            return None
        inode, below, place = upper, None, ""
        if upper is None or (upper.is_directory and not upper.opaque):
            below = self.beneath(directory).get(name)
            if upper and below and not below.entry.is_directory:
                below = None  # a directory over a file: nothing to merge
        if below:
            place = paths.join(directory.place, name)
            inode = upper or self._lower(place, below)
        if inode is None:
            return None
        return self._shown(directory, Dentry(name, directory, inode, upper, below, place))

    def beneath(self, directory: Dentry) -> Mapping[str, Found]:
        """Return what the layers below show in ``directory`` (name -> Found), deleted above or not."""
        return self.view.merged(directory.place, directory.below.layers) if directory.below else {}

    def names(self, directory: Dentry) -> list[str]:
        """Return the names that ``directory`` shows (list of str).

        They come in the kernel's order: those of the lowest layer that shows in it, then those of the read-write layer,
        then those of the other layers from the top down.
        """
        if directory.gone:
            return []
        written = directory.upper.entries if directory.upper else {}
        beneath = self.beneath(directory)
        bottom: list[str] = []
        if directory.below:
            lowest = self.view.layers[directory.below.layers[-1]]
            bottom = [name for name in lowest.children(directory.place) if name in beneath]
        shown = dict.fromkeys([*bottom, *written, *beneath])
        for name, inode in written.items():
            if inode is WHITEOUT:
                del shown[name]
        return list(shown)

    def link_count(self, dentry: Dentry) -> int:
        """Return how many links st_nlink shows (int): of a merged directory 1, for nobody counts its subdirectories."""
        if dentry.is_merged:
            return 1
        if dentry.below is None or dentry.children is None:
            return dentry.inode.nlink
        layer, place = self.view.layers[dentry.below.layer], dentry.place
        entries = (layer.get(paths.join(place, name)) for name in layer.children(place))
        return 2 + sum(entry is not None and entry.is_directory for entry in entries)

    def _shown(self, directory: Dentry, dentry: Dentry) -> Dentry:
        """Remember what a directory shows."""
        directory.children[dentry.name] = dentry  # type: ignore[index]  # as in lookup
        return dentry

    # copying up

    def copy_up(self, dentry: Dentry, with_data: bool = True) -> Inode:
        """Make sure that the read-write layer holds ``dentry``; return its Inode there.

        A file is copied whole, with its metadata (without its content, if that is about to be cut: not ``with_data``);
        of a directory only the metadata, and so of every directory on the way.  Each name of a file with several
        becomes a file of its own.  Raises OSError if the name was deleted meanwhile: EEXIST (ENOTDIR for a directory),
        for a whiteout has the name now; ENOENT, if the directory above was deleted too.
        """
        if dentry.upper:
            return dentry.upper
        above = self.copy_up(dentry.parent)
        if dentry.gone:
            taken = errno.EEXIST if dentry.children is None else errno.ENOTDIR
            raise failure(errno.ENOENT if dentry.parent.gone else taken, dentry.path)
        upper = dentry.inode.copy(self.upper.numbering.after_copy_up(dentry.inode), self.clock())
        if not with_data:
            upper.data.truncate(0)
        above.entries[dentry.name] = upper  # without a trace in the directory's times
        upper.nlink = 2 if upper.is_directory else 1
        above.nlink += upper.is_directory
        self.copied.append(CopyUp(dentry.path, upper.data.size))
        dentry.upper = dentry.inode = upper
        if dentry.children is None:
            dentry.below = None
        return upper

    # making, deleting

    def make(self, directory: Dentry, name: str, inode: Inode) -> Dentry:
        """Give ``inode`` the free name ``name`` in ``directory``: a new one, or one of the read-write layer (link(2)).

        A directory made where one was deleted is opaque, or the old one's content would show again.
        """
        above = self.copy_up(directory)
        if inode.is_directory and above.entries.get(name) is WHITEOUT:
            inode.opaque = True
        above.put(name, inode, self.clock())
        return self._shown(directory, Dentry(name, directory, inode, inode))

    def remove(self, dentry: Dentry) -> None:
        """Delete a name.  Raises OSError: ENOTEMPTY for a directory that shows any.

        Where a layer below has the name, a whiteout takes its place, and that alone: what else the read-write layer had
        there is gone.
        """
        self._check_empty(dentry)
        self.copy_up(dentry.parent)
        self._take(dentry)
        self._cover(dentry.parent, dentry.name)

    def _check_empty(self, dentry: Dentry) -> None:
        if dentry.children is not None and self.names(dentry):
            raise failure(errno.ENOTEMPTY, dentry.path)

    def _take(self, dentry: Dentry) -> None:
        """Take a name out of the read-write layer; who has it open keeps what it stood for."""
        inode = dentry.parent.upper.take(dentry.name, self.clock())  # type: ignore[union-attr]  # it was copied up
        if inode and inode.is_directory:
            inode.nlink = 0
        dentry.gone = True
        dentry.parent.children.pop(dentry.name)  # type: ignore[union-attr]  # as in lookup

    def _cover(self, directory: Dentry, name: str) -> None:
        """Leave a whiteout, if a layer below would show the name."""
        if name in self.beneath(directory):
            directory.upper.put(name, WHITEOUT, self.clock())  # type: ignore[union-attr]  # it was copied up

    # moving

    def check_movable(self, dentry: Dentry) -> None:
        """Raise OSError EXDEV for a directory that layers below show: all its content would have to be copied up.

        Programs such as mv(1) answer it by copying and deleting.
        """
        if dentry.children is not None and dentry.below:
            raise failure(errno.EXDEV, dentry.path)

    def move(self, old: Dentry, directory: Dentry, name: str) -> None:
        """Move ``old`` to ``name`` in ``directory``, in place of what may be there.

        Raises OSError: EXDEV, ENOTEMPTY.
        """
        self.check_movable(old)
        self.copy_up(old)
        self.copy_up(directory)
        new = self.lookup(directory, name)
        if new:
            self._check_empty(new)
            self._take(new)
        parent, old_name = old.parent, old.name
        self._lift(old)
        self._put_down(old, directory, name)
        self._cover(parent, old_name)

    def exchange(self, one: Dentry, other: Dentry) -> None:
        """Let two names change places (RENAME_EXCHANGE).  Raises OSError: EXDEV."""
        for dentry in (one, other):
            self.check_movable(dentry)
        for dentry in (one, other):
            self.copy_up(dentry)
        places = (one.parent, one.name), (other.parent, other.name)
        self._lift(one)
        self._lift(other)
        self._put_down(one, *places[1])
        self._put_down(other, *places[0])

    def _lift(self, dentry: Dentry) -> None:
        dentry.parent.upper.take(dentry.name, self.clock())  # type: ignore[union-attr]  # it was copied up
        dentry.parent.children.pop(dentry.name)  # type: ignore[union-attr]  # as in lookup

    def _put_down(self, dentry: Dentry, directory: Dentry, name: str) -> None:
        """Give what was lifted its new name.  A directory is opaque from now on, if its new place is merged."""
        if dentry.children is not None and directory.below:
            dentry.inode.opaque = True
        directory.upper.put(name, dentry.inode, self.clock())  # type: ignore[union-attr]  # it was copied up
        dentry.parent, dentry.name, dentry.below = directory, name, None
        self._shown(directory, dentry)

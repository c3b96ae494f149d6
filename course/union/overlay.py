"""The rules of a union with a read-write layer on top: how names are found, copied up, deleted and moved.

This is the code that the lessons show.  A union shows several directory trees as one: read-only layers lie below, and
one read-write layer on top.  A **whiteout** is a mark in the read-write layer: this name is deleted.  A directory that
is in several layers is **merged**: it shows the names of all of them; one that is marked **opaque** shows only its own,
and hides what lies below.  Nothing is ever written below: what is about to change is first **copied up**, whole, into
the read-write layer, and with it the directories on its way.  What the layers below show together is a UnionView, whose
own rules are in ``view.py``.

An **inode** (``inode.py``) is a file itself; a **dentry** (directory entry, the kernel's word) is a name with what it
stands for.

Rules: the kernel's Documentation/filesystems/overlayfs.rst.  Mount options are as Docker sets them (redirect_dir, index
and metacopy off): directories of the layers below cannot be renamed, hard links break when they are copied up, and
files are copied whole.
"""

import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from course.layers import paths
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

    ``upper`` is its inode in the read-write layer (Inode, or None).  ``below`` is what the layers below show there
    (Found, or None), at the path ``place`` (str).  A file has one of the two, a merged directory both.  ``inode`` is
    the one to show (Inode): ``upper``, or else one made of ``below``.  ``children`` are the names in a directory that
    were looked up so far (dict of str to Dentry; None for what is no directory).  ``gone`` tells that the name was
    deleted (bool): only those who have it open see it still.  ``leads_on``: whether a path may go on elsewhere from
    here (bool), as every step of it has to ask: this is a symbolic link, or something was mounted on it.
    """

    __slots__ = ("below", "children", "gone", "inode", "leads_on", "name", "parent", "place", "upper")

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
        self.leads_on = inode.is_symlink

    @property
    def is_merged(self) -> bool:
        """Whether this is a directory in which more than one layer shows, counting the read-write layer (bool)."""
        return self.below is not None and (self.upper is not None or len(self.below.layers) > 1)

    @property
    def path(self) -> str:
        """Where this is in the union (str); for what is gone, where it was."""
        names, here = list[str](), self
        while here.parent is not here:
            names.append(here.name)
            here = here.parent
        return "/" + "/".join(reversed(names))


class Overlay:
    """A union: what read-only layers show (``view``, UnionView), and ``upper`` (ReadWriteLayer) on top.

    Without any layers it is a plain file system, such as a volume.  ``clock`` tells the time in nanoseconds since 1970
    (callable, to int).  ``copied`` lists every copy-up so far (list of CopyUp).
    """

    def __init__(self, view: UnionView, upper: ReadWriteLayer, clock: Callable[[], int]) -> None:
        self.view = view
        self.upper = upper
        self.clock = clock
        self.copied: list[CopyUp] = []
        self.root = Dentry("", None, upper.root, upper.root, view.root if view.layers else None, paths.ROOT)

    def _inode_below(self, place: str, below: Found) -> Inode:
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
            below = self.names_below(directory).get(name)
            if upper and below and not below.entry.is_directory:
                below = None  # a directory over a file: nothing to merge
        if below:
            place = paths.join(directory.place, name)
            inode = upper or self._inode_below(place, below)
        if inode is None:
            return None
        return self._remember(directory, Dentry(name, directory, inode, upper, below, place))

    def names_below(self, directory: Dentry) -> Mapping[str, Found]:
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
        below = self.names_below(directory)
        bottom: list[str] = []
        if directory.below:
            lowest = self.view.layers[directory.below.layers[-1]]
            bottom = [name for name in lowest.children(directory.place) if name in below]
        shown = dict.fromkeys([*bottom, *written, *below])
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

    def _remember(self, directory: Dentry, dentry: Dentry) -> Dentry:
        """Remember what a directory shows."""
        directory.children[dentry.name] = dentry  # type: ignore[index]  # as in lookup
        return dentry

    # copying up

    def copy_up(self, dentry: Dentry, with_data: bool = True) -> Inode:
        """Make sure that the read-write layer holds ``dentry``; return its Inode there.

        A file is copied whole, with its metadata (without its content, if that is about to be cut: not ``with_data``);
        of a directory only the metadata, and so of every directory on the way.  Each name of a file with several
        becomes a file of its own.  Raises OSError if the name was deleted meanwhile: EEXIST (ENOTDIR for a directory),
        for a whiteout has the name now; ENOENT, if its directory was deleted too.
        """
        way = [dentry]
        while not way[-1].upper:
            way.append(way[-1].parent)
        for each in reversed(way[:-1]):
            self._copy(each, with_data or each is not dentry)
        return dentry.inode

    def _copy(self, dentry: Dentry, with_data: bool) -> None:
        """Copy one file or directory up into its directory, which the read-write layer holds already."""
        directory = dentry.parent
        if dentry.gone:
            taken = errno.EEXIST if dentry.children is None else errno.ENOTDIR
            raise failure(errno.ENOENT if directory.gone else taken, dentry.path)
        upper = dentry.inode.copy(self.upper.numbering.after_copy_up(dentry.inode), self.clock())
        if not with_data:
            upper.data.truncate(0)
        upper.nlink = 2 if upper.is_directory else 1
        directory.inode.nlink += upper.is_directory
        directory.inode.entries[dentry.name] = upper  # not by put: a copy-up leaves the directory's times alone
        dentry.upper = dentry.inode = upper
        if dentry.children is None:
            dentry.below = None
        self.copied.append(CopyUp(dentry.path, upper.data.size))

    # making, deleting

    def make(self, directory: Dentry, name: str, inode: Inode) -> Dentry:
        """Give ``inode`` the free name ``name`` in ``directory``: a new one, or one of the read-write layer (link(2)).

        A directory made where one was deleted is opaque, or the old one's content would show again.
        """
        written = self.copy_up(directory)
        if inode.is_directory and written.entries.get(name) is WHITEOUT:
            inode.opaque = True
        written.put(name, inode, self.clock())
        return self._remember(directory, Dentry(name, directory, inode, inode))

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
        if name in self.names_below(directory):
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
        self._place(old, directory, name)
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
        self._place(one, *places[1])
        self._place(other, *places[0])

    def _lift(self, dentry: Dentry) -> None:
        dentry.parent.upper.take(dentry.name, self.clock())  # type: ignore[union-attr]  # it was copied up
        dentry.parent.children.pop(dentry.name)  # type: ignore[union-attr]  # as in lookup

    def _place(self, dentry: Dentry, directory: Dentry, name: str) -> None:
        """Give what was lifted its new name.  A directory is opaque from now on, if its new place is merged."""
        if dentry.children is not None and directory.below:
            dentry.inode.opaque = True
        directory.upper.put(name, dentry.inode, self.clock())  # type: ignore[union-attr]  # it was copied up
        dentry.parent, dentry.name, dentry.below = directory, name, None
        self._remember(directory, dentry)

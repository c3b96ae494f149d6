"""What a container changed: the list that ``docker diff`` prints."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from course.layers import paths
from course.layers.entry import FileEntry
from course.union.inode import Inode
from course.union.overlay import Dentry, Overlay
from course.union.view import Found

ADDED, CHANGED, DELETED = "A", "C", "D"
CAPABILITY = "security.capability"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of ``docker diff``: ``kind`` (str: A for added, C for changed, D for deleted) and ``path`` (str)."""

    kind: str
    path: str

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"


def diff(mount: Overlay) -> list[Change]:
    """Return what the read-write layer changes in the view of the layers below (list of Change), sorted by path.

    As docker compares: a directory is changed if its permissions or owner are others, or if anything in it changed; a
    file also if its size or time is.  So a chmod to the same mode is in the layer, but not in this list.  Rule: moby,
    pkg/archive/changes.go and changes_linux.go.
    """
    return list(_inside(mount, mount.root, paths.ROOT, mount.view.root))


def _inside(mount: Overlay, directory: Dentry, path: str, before: Found | None) -> Iterator[Change]:
    """Yield the changes in a directory that the read-write layer holds; ``before`` is what was there (Found)."""
    old: Mapping[str, Found] = {}
    if before and before.entry.is_directory:
        old = mount.view.merged(path, before.layers)
    written = directory.upper.entries if directory.upper else {}
    hidden = old if directory.below is None else {}  # opaque: what it does not bring again is deleted
    for name in sorted({*written, *hidden}):
        child, was, place = mount.lookup(directory, name), old.get(name), paths.join(path, name)
        if child is None:
            if was:
                yield Change(DELETED, place)
            continue
        inside = list(_inside(mount, child, place, was)) if child.children is not None and child.upper else []
        if was is None:
            yield Change(ADDED, place)
        elif inside or _differs(child.inode, was.entry):
            yield Change(CHANGED, place)
        yield from inside


def _differs(inode: Inode, was: FileEntry) -> bool:
    if (inode.mode, inode.uid, inode.gid, inode.device) != (was.st_mode, was.uid, was.gid, was.device):
        return True
    if inode.xattrs.get(CAPABILITY) != was.xattrs.get(CAPABILITY):
        return True
    before = Inode.of(was, 0, 0)
    return not inode.is_directory and (inode.mtime_ns, inode.size) != (before.mtime_ns, before.size)

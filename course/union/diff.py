"""What a container changed: the list that ``docker diff`` prints."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from course.layers import paths
from course.layers.entry import FileEntry
from course.union.inode import Inode
from course.union.overlay import Dentry, Overlay
from course.union.posix.attributes import CAPABILITY
from course.union.view import Found

ADDED, CHANGED, DELETED = "A", "C", "D"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of ``docker diff``: ``kind`` (str: A for added, C for changed, D for deleted) and ``path`` (str)."""

    kind: str
    path: str

    def __str__(self) -> str:
        return f"{self.kind} {self.path}"


def diff(overlay: Overlay) -> list[Change]:
    """Return what the read-write layer changes in the view of the layers below (list of Change), sorted by path.

    As docker compares: a directory is changed if its permissions or owner are others, or if anything in it changed; a
    file also if its size or time is.  So a chmod to the same mode is in the layer, but not in this list.  Rule: moby,
    pkg/archive/changes.go and changes_linux.go.
    """
    found: dict[str, str] = {}
    todo: list[tuple[Dentry, str, Found | None]] = [(overlay.root, paths.ROOT, overlay.view.root)]
    while todo:
        directory, path, before = todo.pop()
        for place, kind, child, was in _inside(overlay, directory, path, before):
            if kind:
                found[place] = kind
            if child and child.children is not None and child.upper:
                todo.append((child, place, was))
    for path in list(found):
        for above in paths.ancestors(path)[1:]:
            found.setdefault(above, CHANGED)
    return [Change(kind, path) for path, kind in sorted(found.items(), key=lambda change: change[0].split("/"))]


def _inside(
    overlay: Overlay, directory: Dentry, path: str, before: Found | None
) -> Iterator[tuple[str, str, Dentry | None, Found | None]]:
    """Yield what became of each name in a directory of the read-write layer; ``before`` is what was there (Found).

    Each is a path (str), the kind of its change (str, empty for none), what is there (Dentry), what was there (Found).
    """
    old: Mapping[str, Found] = {}
    if before and before.entry.is_directory:
        old = overlay.view.merged(path, before.layers)
    written = directory.upper.entries if directory.upper else {}
    hidden = old if directory.below is None else {}  # opaque: what it does not bring again is deleted
    for name in {**written, **hidden}:
        child, was = overlay.lookup(directory, name), old.get(name)
        if child is None:
            kind = DELETED if was else ""
        elif was is None:
            kind = ADDED
        else:
            kind = CHANGED if _differs(child.inode, was.entry) else ""
        yield paths.join(path, name), kind, child, was


def _differs(inode: Inode, was: FileEntry) -> bool:
    if (inode.mode, inode.uid, inode.gid, inode.device) != (was.st_mode, was.uid, was.gid, was.device):
        return True
    if inode.xattrs.get(CAPABILITY) != was.xattrs.get(CAPABILITY):
        return True
    before = Inode.of(was, 0, 0)
    return not inode.is_directory and (inode.mtime_ns, inode.size) != (before.mtime_ns, before.size)

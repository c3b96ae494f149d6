"""A directory as a page of text: a tree with sizes, in which long ids are cut short."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from course.layers import paths
from course.layers.entry import Kind
from course.layers.layer import Layer
from course.words import _n, shown, size

LONG_ID = re.compile(r"[0-9a-f]{64}")
WHITEOUT_MARK = "c 0,0"  # as ls(1) and the kernel's documentation write it


def disk_listing(tree: Layer, top: str = "/var/lib/docker", depth: int = 3) -> str:
    """Return what lies below ``top`` (str) in ``tree`` (Layer), ``depth`` (int) directories deep (str).

    Each line has a name, and the bytes of a file or of all files below a directory; what lies deeper is counted.  The
    files that a mounted union shows count again, as they do for du(1).

    >>> print(disk_listing(Layer.of({"/srv/a/b": "hello", "/srv/c": "!"}), "/srv", depth=1))
    /srv  6B
    ├── a  5B, 1 entry
    └── c  1B
    """
    totals = _totals(tree)
    return "\n".join([f"{shown(top)}  {size(totals[top])}", *_lines(tree, totals, top, depth, "")])


def _totals(tree: Layer) -> Counter[str]:
    """Return how many bytes the files have that lie below each directory (Counter of path)."""
    totals: Counter[str] = Counter()
    for path, entry in tree.entries.items():
        if entry.size and not entry.link_to:
            totals.update(dict.fromkeys(paths.ancestors(path), entry.size))
    return totals


def _lines(tree: Layer, totals: Mapping[str, int], where: str, depth: int, indent: str) -> Iterator[str]:
    names = sorted(tree.children(where))
    for name in names:
        path, is_last = paths.join(where, name), name == names[-1]
        yield f"{indent}{'└── ' if is_last else '├── '}{_cut(name)}  {_told(tree, totals, path, depth)}"
        if depth > 1:
            yield from _lines(tree, totals, path, depth - 1, indent + ("    " if is_last else "│   "))


def _told(tree: Layer, totals: Mapping[str, int], path: str, depth: int) -> str:
    entry = tree.get(path)
    assert entry is not None  # noqa: S101 (it is a child of its directory)
    if entry.kind is Kind.SYMLINK:
        return f"-> {_cut(entry.target)}"
    if entry.kind is Kind.CHARACTER_DEVICE and entry.device == (0, 0):
        return WHITEOUT_MARK
    if not entry.is_directory:
        return size(entry.size)
    count = len(tree.children(path))
    told = size(totals[path])
    return told + ", " + _n("{count} entry", "{count} entries", count) if count and depth == 1 else told


def _cut(name: str) -> str:
    return LONG_ID.sub(lambda match: f"{match[0][:12]}…", shown(name))

"""Random stacks of layers in which the same few names collide.

Choices are made from lists, the plainest first, so that what fails shrinks towards the plain.  ``kind`` says for which
mount: as "root", layers have devices, other owners and trusted.* xattrs; in a user namespace ("user") they have none.
"""

import struct
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

from hypothesis import strategies as st

from course.layers import paths
from course.layers.entry import FileEntry, Kind, directory, file, symlink
from course.layers.layer import Layer
from course.union.view import UnionView

PATHS = ["/" + "/".join(names) for depth in (1, 2, 3) for names in product("abc", repeat=depth)]
TARGETS = ("a", "b", "/a", "../b", "a/b", ".", "/", "missing", "b/", "/c/missing", "..")
LONG_AGO = 1_000_000_000 * 10**9 + 7
CAPABLE = struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0)  # linux/capability.h: vfs_cap_data with CAP_NET_RAW
BEFORE_1970 = -(10**9) * 3600 - 1
# proc_sys_fs(5): the simulator has one setting of each; where others are set, what depends on them is not tried
PROTECTED = {path.name for path in Path("/proc/sys/fs").glob("protected_*") if path.read_text() != "0\n"}
STICKY = 0 if PROTECTED - {"protected_hardlinks"} else 0o1000
FIFO = FileEntry(Kind.FIFO, 0o644, mtime_ns=LONG_AGO)
NULL = FileEntry(Kind.CHARACTER_DEVICE, 0o666, device=(1, 3))


@cache
def _entries(kind):
    """Return what a layer may hold, the usual repeatedly (list of FileEntry)."""
    noted = {"user.note": b"hi"}
    files = [file("x"), file("0123456789", mtime_ns=LONG_AGO), file(b""), file(b"l" * 5000, 0o755)]
    directories = [directory(), directory(0o777, mtime_ns=LONG_AGO), directory(0o700)]
    odd = [file("m", mode, mtime_ns=BEFORE_1970) for mode in (0o600, 0o000, 0o666)]
    odd += [directory(mode, mtime_ns=BEFORE_1970) for mode in (0o777 | STICKY, 0o2775, 0o555, 0o000)]
    odd += [FIFO, replace(file("n"), xattrs=noted), replace(directory(), xattrs=noted)]
    if kind == "root":
        owned = [file("o", 0o640), file("w", 0o660), directory(0o750), directory(0o777 | STICKY), symlink("b"), FIFO]
        odd += [replace(each, uid=1000, gid=1000) for each in owned]
        odd += [replace(each, uid=1001, gid=1002) for each in owned]
        odd += [file("s", 0o6755, uid=1000, gid=1002), directory(0o2777, uid=1001, gid=1000)]
        odd += [file("s", mode) for mode in (0o4755, 0o2755, 0o2644)]
        odd += [NULL, replace(NULL, device=(1, 5)), replace(file("t"), xattrs={"trusted.k": b"v", **noted})]
        odd += [replace(file("ping", 0o755), xattrs={"security.capability": CAPABLE})]
    return files * 4 + directories * 8 + [symlink(target) for target in TARGETS] + odd


PLACE = st.sampled_from(PATHS)
PLACES = st.frozensets(PLACE, max_size=2)
COUNT = st.sampled_from((2, 1, 2, 3, 4))
LINKS = st.lists(st.tuples(PLACE, st.integers(0, 5)), max_size=2)


@cache
def _contents(kind):
    return st.dictionaries(PLACE, st.sampled_from(_entries(kind)), max_size=6)


@cache
def _roots(kind):
    return st.sampled_from([None, *(entry for entry in _entries(kind) if entry.is_directory)])


@st.composite
def stacks(draw, kind):
    """One to four layers that stand on each other (tuple of Layer, the lowest first)."""
    layers = []
    for _number in range(draw(COUNT)):
        found = draw(_contents(kind))
        found = {path: entry for path, entry in found.items() if _fits(path, found)}
        root = draw(_roots(kind))
        found |= {"/": root} if root else {}
        for name, number in draw(LINKS):
            _link(found, name, number)
        opaque, whiteouts = ({path for path in draw(PLACES) if _fits(path, found)} for _kind in range(2))
        opaque = {path for path in opaque if path not in found or found[path].is_directory}
        layer = Layer(found, frozenset(whiteouts), frozenset(opaque), layers[-1] if layers else None)
        layers.append(replace(layer, whiteouts=_that_hide(layers, layer)))
    return tuple(layers)


def _that_hide(below, layer):
    """Return the whiteouts of ``layer`` (frozenset of str) without those in directories that nothing is merged with.

    There the kernel does not look for whiteouts: it lists their names, and finds nothing behind them.
    """
    view = UnionView(below)
    return frozenset(
        path
        for path in layer.whiteouts
        if not set(paths.ancestors(path)).intersection(layer.opaque | layer.whiteouts)
        and (found := view.lookup(paths.parent(path)))
        and found.entry.is_directory
    )


def _link(found, name, number):
    """Give one of the files in ``found`` another name, if there is room for it."""
    files = [path for path, entry in found.items() if not entry.is_directory and not entry.link_to]
    is_implied = any(path.startswith(f"{name}/") for path in found)
    if files and name not in found and not is_implied and _fits(name, found):
        target = files[number % len(files)]
        found[name] = replace(found[target], link_to=target)


def _fits(path, found):
    """Return whether everything above ``path`` (str) is a directory, or nothing, in ``found`` (path to FileEntry)."""
    return all(above not in found or found[above].is_directory for above in paths.ancestors(path))

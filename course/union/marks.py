"""The two ways to write down a deletion: overlayfs's marks on a disk, and OCI's names in a layer's tar.

================================  ================================================  ===================================
what a layer says                 overlayfs form                                    OCI form
================================  ================================================  ===================================
NAME is deleted (whiteout)        NAME is a character device 0/0                    an empty file ``.wh.NAME``
a directory hides what is below   it has the attribute ``trusted.overlay.opaque``   it holds an empty file
                                  = ``y`` (``user.overlay.opaque`` without root)    ``.wh..wh..opq``
================================  ================================================  ===================================

Rules: the kernel's Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories"; image-spec layer.md,
"Whiteouts" and "Opaque Whiteout".  All four functions turn one form into another without touching a disk.
"""

from collections.abc import Mapping
from dataclasses import replace

from course.errors import InvalidLayer
from course.layers import paths
from course.layers.archive import OPAQUE_MARK, WHITEOUT_PREFIX, check_names
from course.layers.entry import FileEntry, Kind, directory
from course.layers.layer import Layer
from course.union.view import UnionView
from course.words import _, shown

TRUSTED, USER = "trusted.overlay.", "user.overlay."  # mounted by root; with the option userxattr, without root
DEVICE_0_0 = FileEntry(Kind.CHARACTER_DEVICE, 0)
AUFS = ".wh..wh."  # how aufs(5) named files of its own, which old images still hold
NEEDED_TO_READ = ("redirect", "metacopy")  # what says that content or names lie elsewhere


def to_overlayfs(layer: Layer, prefix: str = TRUSTED) -> dict[str, FileEntry]:
    """Return what lies in the directory of ``layer`` under overlayfs (path (str) -> FileEntry).

    ``prefix`` is the namespace of the attributes, TRUSTED or USER (str).  An attribute of a file that is itself called
    so is escaped, as the kernel does it.

    >>> base = Layer.of({"/etc/motd": "welcome", "/opt/a": ""})
    >>> top = Layer.of({"/opt": None}, whiteouts=["/etc/motd"], opaque=["/opt"], parent=base)
    >>> marks = to_overlayfs(top)
    >>> marks["/etc/motd"].kind, dict(marks["/opt"].xattrs)
    (<Kind.CHARACTER_DEVICE: 8192>, {'trusted.overlay.opaque': b'y'})
    """
    view = UnionView(layer.stack)
    implied = {path: below.entry for path in layer.implied - {paths.ROOT} if (below := view.lookup(path))}
    found = {path: _escaped(entry, prefix) for path, entry in {**implied, **layer.entries}.items()}
    opaque = set(layer.opaque)
    for path in layer.whiteouts:
        if path not in found:
            found[path] = DEVICE_0_0
        elif found[path].is_directory:
            opaque.add(path)  # deleted and made again
    for path in opaque:
        entry = found.get(path) or directory()
        found[path] = replace(entry, xattrs={**entry.xattrs, f"{prefix}opaque": b"y"})
    return found


def from_overlayfs(entries: Mapping[str, FileEntry], prefix: str = TRUSTED, parent: Layer | None = None) -> Layer:
    """Return the Layer that an overlayfs directory holds (path (str) -> FileEntry), standing on ``parent``.

    Raises InvalidLayer: the directory was written with redirect_dir or metacopy on, and says that names or contents lie
    elsewhere.

    >>> top = Layer.of({"/opt": None}, whiteouts=["/etc/motd"], opaque=["/opt"])
    >>> again = from_overlayfs(to_overlayfs(top))
    >>> again.whiteouts, again.opaque
    (frozenset({'/etc/motd'}), frozenset({'/opt'}))
    """
    kept: dict[str, FileEntry] = {}
    whiteouts, opaque = set(), set()
    for path, entry in entries.items():
        marks = {name.removeprefix(prefix) for name in entry.xattrs if name.startswith(prefix)}
        for mark in marks.intersection(NEEDED_TO_READ):
            raise InvalidLayer(
                _(
                    "'{path}' has the mark '{mark}': mount with redirect_dir=off and metacopy=off to write layers."
                ).format(path=shown(path), mark=prefix + mark)
            )
        is_empty_file = entry.kind is Kind.FILE and entry.size == 0
        if (entry.kind is Kind.CHARACTER_DEVICE and entry.device == (0, 0)) or (is_empty_file and "whiteout" in marks):
            whiteouts.add(path)
            continue
        if entry.xattrs.get(f"{prefix}opaque") == b"y":
            opaque.add(path)
        kept[path] = _unescaped(entry, prefix)
    return Layer(kept, frozenset(whiteouts), frozenset(opaque), parent)


def to_oci(layer: Layer) -> dict[str, FileEntry]:
    """Return what lies in the tar of ``layer`` (path (str) -> FileEntry).

    >>> sorted(to_oci(Layer.of({"/opt": None}, whiteouts=["/etc/motd"], opaque=["/opt"])))
    ['/etc/.wh.motd', '/opt', '/opt/.wh..wh..opq']
    """
    check_names(layer)
    marks = [paths.join(path, OPAQUE_MARK) for path in layer.opaque]
    marks += [paths.join(paths.parent(path), WHITEOUT_PREFIX + paths.name(path)) for path in layer.whiteouts]
    return {**layer.entries, **{path: FileEntry(Kind.FILE) for path in marks}}


def from_oci(entries: Mapping[str, FileEntry], parent: Layer | None = None) -> Layer:
    """Return the Layer that a tar's entries say (path (str) -> FileEntry), standing on ``parent``.

    >>> from_oci({"/etc/.wh.motd": FileEntry(Kind.FILE)}).whiteouts
    frozenset({'/etc/motd'})
    """
    kept: dict[str, FileEntry] = {}
    whiteouts, opaque = set(), set()
    for path, entry in entries.items():
        above, name = paths.parent(path), paths.name(path)
        if name == OPAQUE_MARK:
            opaque.add(above)
        elif name.startswith(AUFS):
            continue
        elif name.startswith(WHITEOUT_PREFIX):
            whiteouts.add(paths.join(above, name.removeprefix(WHITEOUT_PREFIX)))
        else:
            kept[path] = entry
    return Layer(kept, frozenset(whiteouts), frozenset(opaque), parent)


def _escaped(entry: FileEntry, prefix: str) -> FileEntry:
    return _renamed(entry, prefix, f"{prefix}overlay.")


def _unescaped(entry: FileEntry, prefix: str) -> FileEntry:
    """Return the entry with the attributes that its file has, without those that are overlayfs's own."""
    escape = f"{prefix}overlay."
    own = {
        name: value for name, value in entry.xattrs.items() if not name.startswith(prefix) or name.startswith(escape)
    }
    return _renamed(replace(entry, xattrs=own), escape, prefix)


def _renamed(entry: FileEntry, old: str, new: str) -> FileEntry:
    if not any(name.startswith(old) for name in entry.xattrs):
        return entry
    renamed = {
        new + name.removeprefix(old) if name.startswith(old) else name: value for name, value in entry.xattrs.items()
    }
    return replace(entry, xattrs=renamed)

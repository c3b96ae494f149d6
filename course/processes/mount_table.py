r"""The mount table of a process, read from what the kernel writes to /proc/PID/mountinfo, and the overlays in it.

Rule: proc_pid_mountinfo(5); for an overlay's options the kernel's Documentation/filesystems/overlayfs.rst, and what
fs/overlayfs/params.c shows of them.

>>> entry = mount_entry(
...     r"36 25 0:43 / /mnt/a\040b rw,relatime master:1 - overlay overlay rw,lowerdir=/2\134:x:/1,upperdir=/u"
... )
>>> entry.point, entry.propagation
('/mnt/a b', 'slave')
>>> [layer.path for layer in (entry.overlay.upper, *entry.overlay.lower)]
['/u', '/2:x', '/1']
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

MERGED, DIFF = "/merged", "/diff"  # Docker and Podman mount DRIVER/ID/merged, whose upper is DRIVER/ID/diff
FIELDS_BEFORE_TAGS = 6


@dataclass(frozen=True, slots=True)
class LayerDirectory:
    """A directory of an overlay: as it was ``given`` to the mount (str), and its ``path`` (str, absolute).

    The path is that of whoever mounted the overlay, and empty where nobody tells from where a relative one goes.
    """

    given: str
    path: str

    @classmethod
    def of(cls, given: str) -> "LayerDirectory":
        """Return the directory that was ``given`` (str) so."""
        return cls(given, given if given.startswith("/") else "")


@dataclass(frozen=True, slots=True)
class OverlayMount:
    """What an overlay is made of: ``lower`` (tuple of LayerDirectory, the topmost first), ``upper`` and ``work``.

    ``upper`` and ``work`` are None where nothing can be written.  ``data_only`` are the lower layers that only hold
    content for others (tuple of LayerDirectory), ``options`` are all others (tuple of str, such as ``userxattr``).
    """

    lower: tuple[LayerDirectory, ...]
    upper: LayerDirectory | None = None
    work: LayerDirectory | None = None
    data_only: tuple[LayerDirectory, ...] = ()
    options: tuple[str, ...] = ()

    def mounted_in(self, point: str) -> str:
        """Return the directory from which relative paths go (str), if this is ``point`` (str) of Docker or Podman.

        They mount from the driver's directory where the options would be too long.  Empty: the names do not tell.

        >>> OverlayMount((), LayerDirectory.of("f00/diff")).mounted_in("/var/lib/docker/overlay2/f00/merged")
        '/var/lib/docker/overlay2'
        """
        driver, _, identity = point.removesuffix(MERGED).rpartition("/")
        told = point.endswith(MERGED) and self.upper is not None and self.upper.given == identity + DIFF
        return driver if told else ""

    def located(self, base: str, follow: Callable[[str], str]) -> "OverlayMount":
        """Return the same with relative paths taken from ``base`` (str), and what ``follow`` makes of each path."""

        def located(layer: LayerDirectory) -> LayerDirectory:
            path = layer.path or (f"{base}/{layer.given}" if base else "")
            return replace(layer, path=path and follow(path))

        return replace(
            self,
            lower=tuple(map(located, self.lower)),
            data_only=tuple(map(located, self.data_only)),
            upper=self.upper and located(self.upper),
            work=self.work and located(self.work),
        )


@dataclass(frozen=True, slots=True)
class MountEntry:
    """One mount, as its process sees it.

    ``id`` and ``parent`` are numbers of mounts (int), ``device`` is the file system's (str, ``major:minor``), ``root``
    the directory of that file system that is mounted (str), ``point`` where (str).  ``options`` are those of the mount,
    ``tags`` its ties to others (``shared:1``), ``super_options`` those of the file system (tuples of str).  ``kind`` is
    the file system's type and ``source`` what it was mounted from (str); ``overlay`` its layers (OverlayMount or None).
    """

    id: int
    parent: int
    device: str
    root: str
    point: str
    options: tuple[str, ...]
    tags: tuple[str, ...]
    kind: str
    source: str
    super_options: tuple[str, ...]
    overlay: OverlayMount | None = None

    @property
    def propagation(self) -> str:
        """How mounts below it spread (str): private, shared, slave, slave and shared, or unbindable."""
        known = {"master": "slave", "shared": "shared", "unbindable": "unbindable"}
        names = [tag.partition(":")[0] for tag in self.tags]
        return " and ".join(word for name, word in known.items() if name in names) or "private"


def mount_table(text: str) -> tuple[MountEntry, ...]:
    """Return the mounts in ``text`` (str, all of a mountinfo) in its order.  Raises ValueError if one line is none."""
    return tuple(mount_entry(line) for line in text.split("\n") if line)


def mount_entry(line: str) -> MountEntry:
    """Return what one ``line`` of a mountinfo (str) says (MountEntry).  Raises ValueError if it is none."""
    fields = line.split(" ")
    end = fields.index("-", FIELDS_BEFORE_TAGS)  # optional fields come before it: as many as this kernel has
    number, parent, device, root, point, options = fields[:FIELDS_BEFORE_TAGS]
    kind, source, super_options = " ".join(fields[end + 1 :]).split(" ", 2)  # the source can be empty
    pairs = tuple(map(unescaped, super_options.split(",")))
    return MountEntry(
        id=int(number),
        parent=int(parent),
        device=device,
        root=unescaped(root),
        point=unescaped(point),
        options=tuple(options.split(",")),
        tags=tuple(fields[FIELDS_BEFORE_TAGS:end]),
        kind=unescaped(kind),
        source=unescaped(source),
        super_options=pairs,
        overlay=overlay_mount(pairs) if kind == "overlay" else None,
    )


def unescaped(text: str) -> str:
    r"""Return a field of a mountinfo (str) as it was: the kernel writes space, tab, newline, ``\`` and more in octal.

    >>> unescaped(r"a\040b\134c")
    'a b\\c'
    """
    data = text.encode("utf-8", "surrogateescape")
    data = re.sub(rb"\\([0-3][0-7]{2})", lambda found: bytes([int(found[1], 8)]), data)
    return data.decode("utf-8", "surrogateescape")


def overlay_mount(options: tuple[str, ...]) -> OverlayMount:
    r"""Return the overlay that has these ``options`` (tuple of str, no longer in octal).

    ``lowerdir`` is a list, the topmost first, in which ``\`` stands before a colon, comma or backslash of a name; what
    comes after ``::`` holds only data.  ``lowerdir+`` and ``datadir+`` are one layer each, as it is called (from Linux
    6.8).  In ``upperdir`` and ``workdir`` ``\`` escapes too, unless they were given as descriptors: nothing tells.

    >>> overlay_mount((r"lowerdir=a\:b:c::d", r"upperdir=x\,y", "workdir=w", "userxattr")).data_only
    (LayerDirectory(given='d', path=''),)
    """
    lower: list[str] = []
    data_only: list[str] = []
    writing: dict[str, LayerDirectory] = {}
    others: list[str] = []
    for option in options:
        key, _, value = option.partition("=")
        match key:
            case "lowerdir":
                names = split_layers(value)
                first = names.index("", 1) if "" in names[1:] else len(names)
                lower += [name for name in names[:first] if name]
                data_only += [name for name in names[first:] if name]
            case "lowerdir+":
                lower.append(value)
            case "datadir+":
                data_only.append(value)
            case "upperdir" | "workdir":
                writing[key] = LayerDirectory.of(re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL))
            case _:
                others.append(option)
    return OverlayMount(
        lower=tuple(map(LayerDirectory.of, lower)),
        upper=writing.get("upperdir"),
        work=writing.get("workdir"),
        data_only=tuple(map(LayerDirectory.of, data_only)),
        options=tuple(others),
    )


def split_layers(value: str) -> list[str]:
    r"""Return the names in the value of ``lowerdir`` (str): at each colon that no ``\`` stands before.

    >>> split_layers(r"a b:c\:d:e\\")
    ['a b', 'c:d', 'e\\']
    """
    names = [""]
    signs = iter(value)
    for sign in signs:
        if sign == ":":
            names.append("")
        else:
            names[-1] += next(signs, "") if sign == "\\" else sign
    return names

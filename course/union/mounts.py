"""Mounts: several file systems as one tree of names.

A mount shows what one file system has at a place (its root, another directory, or a single file) in the place of a
directory or file of the tree, and hides what lies there.  A name therefore no longer says which file system it is in:
a **place** is a mount and a dentry in it, the kernel's ``struct path``.  The same file system can be mounted many
times, here and in other tables; what is written through one mount shows in all of them.

Rules: mount(2), mount_namespaces(7), path_resolution(7).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from course.union.overlay import Dentry, Overlay


class Place(NamedTuple):
    """Where a path leads: a ``dentry`` (Dentry), as it is seen through a ``mount`` (Mount)."""

    mount: "Mount"
    dentry: Dentry

    @property
    def path(self) -> str:
        """Its path from the root of the table (str)."""
        names = list[str]()
        mount, dentry = self
        while dentry is not mount.root or mount.point:
            if dentry is mount.root and mount.point:
                mount, dentry = mount.point
            else:
                names.append(dentry.name)
                dentry = dentry.parent
        return "/" + "/".join(reversed(names))


@dataclass(slots=True, eq=False)
class Mount:
    """One mount: what ``overlay`` (Overlay) has at ``root`` (Dentry) is shown at ``point`` (Place; None at ``/``).

    ``device`` is what st_dev shows of every file in it (int): one number for each file system of a table.  With
    ``read_only`` (bool) every change through this mount is EROFS.  ``source``, ``kind`` and ``options`` are what
    /proc/mounts says of it (str each, proc(5)); nothing else goes by them.
    """

    overlay: Overlay
    root: Dentry
    point: Place | None
    device: int
    read_only: bool
    source: str
    kind: str
    options: str

    @property
    def path(self) -> str:
        """Where it is mounted (str)."""
        return Place(self, self.root).path


class MountTable:
    """What is mounted where: the mounts of one mount namespace (mount_namespaces(7)).

    ``root`` is the first one (Mount): what ``overlay`` (Overlay) shows at its own root, at ``/``.
    """

    def __init__(self, overlay: Overlay) -> None:
        self.root = Mount(overlay, overlay.root, None, 1, False, "overlay", "overlay", "relatime")
        self._mounted: dict[Place, Mount] = {}  # by what each covers

    def __iter__(self) -> Iterator[Mount]:
        """Yield the mounts (Mount), in the order in which they were made."""
        yield self.root
        yield from self._mounted.values()

    def add(
        self, point: Place, overlay: Overlay, root: Dentry, read_only: bool, source: str, kind: str, options: str
    ) -> None:
        """Show what ``overlay`` (Overlay) has at ``root`` (Dentry) at ``point`` (Place, which nothing covers)."""
        devices = {mount.overlay: mount.device for mount in self}
        device = devices.get(overlay, len(devices) + 1)
        self._mounted[point] = Mount(overlay, root, point, device, read_only, source, kind, options)
        point.dentry.leads_on = True

    def through(self, mount: Mount, dentry: Dentry) -> tuple[Mount, Dentry]:
        """Return what a place shows (pair of Mount and Dentry): what was mounted there last, or the place itself."""
        while covering := self._mounted.get(Place(mount, dentry)):
            mount, dentry = covering, covering.root
        return mount, dentry

    def above(self, mount: Mount, dentry: Dentry) -> tuple[Mount, Dentry]:
        """Return the place that ``..`` is (pair of Mount and Dentry): that of a mount's root is outside of it."""
        while dentry is mount.root and mount.point:
            mount, dentry = mount.point
        return mount, dentry.parent

    def covers(self, dentry: Dentry) -> bool:
        """Tell whether something is mounted on ``dentry`` (bool), seen through whichever mount: it has to stay."""
        return dentry.leads_on and any(point.dentry is dentry for point in self._mounted)

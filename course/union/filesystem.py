"""A file system of many layers that is used as Linux is used: by its system calls, with its errors.

Tests run the same random calls here and on the kernel's overlayfs, and compare every result, every errno, and what is
left in the read-write layer.  What differs on purpose:

==========================================  ==========================================================================
here                                        why not as on Linux
==========================================  ==========================================================================
reading changes no time of access           as if mounted with noatime: the time says nothing about layers
a directory's size is 4096, its order made  both belong to the file system below, and differ between ext4 and tmpfs
room and links never run out (ENOSPC,       they belong to the disk below; ``statfs`` speaks of a disk of 64 GiB
EDQUOT, EMLINK; EFBIG from 2^63 bytes on)   for each file system
a file from a layer's tar has no holes,     the tar does not tell them; what is written here has holes
nor has its copy
opening a FIFO never waits (EAGAIN, ENXIO)  one process calls here; processes of the simulator talk through pipes, which
and no bytes go through it                  are theirs and not the file system's
of devices only null, zero, full, random    there is no hardware behind the others (ENXIO)
and urandom can be opened
no mmap, O_PATH, O_TMPFILE, locks, ioctl    no lesson needs them
no POSIX ACLs (``system.`` attributes are   as on a file system that is mounted with noacl
EOPNOTSUPP)
user 0 has every capability, others none;   what a container's root lacks is decided where processes are started
ids are those of the host
proc_sys_fs(5): protected_hardlinks is 1,   the first is what every distribution sets, the others are the kernel's own
the other protected_… are 0                 defaults
access mode 3 of open(2) is EINVAL          a relic that gives a descriptor for ioctl alone
/dev/random and urandom give real random    a layer made of them has another digest each time, on Linux too
bytes
any value of security.capability is taken   its form says nothing about layers
a layer's whiteout in a directory that is   Linux lists such a name, and then does not find it (ENOENT)
merged with nothing shows nothing
fchmod and fchown of a device or FIFO that  Linux puts a copy in the place of the whiteout, which its caches then may or
was deleted meanwhile are EEXIST            may not show
in a volume, a device 0/0 is EPERM and      every file system here is an overlay, though some have no layers below
RENAME_WHITEOUT is EINVAL
a remount to read-only does not mind files  a container's mounts are read-only from the start, or never
that are open for writing (EBUSY)
==========================================  ==========================================================================
"""

import copy
import errno
import time
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from course.errors import InvalidLayer
from course.layers.layer import Layer
from course.union.diff import Change, diff
from course.union.errnos import failure
from course.union.file_data import PAGE
from course.union.flags import NAME_MAX
from course.union.mounts import Mount, MountTable, Place
from course.union.overlay import CopyUp, Overlay
from course.union.posix.attributes import Stat
from course.union.posix.descriptors import Descriptors, OpenFile
from course.union.posix.names import Names
from course.union.read_write_layer import ReadWriteLayer
from course.union.view import UnionView
from course.words import _

DISK = 1 << 36  # bytes of the simulated disk
MAX_LAYERS = 500  # fs/overlayfs/params.h: OVL_MAX_STACK

__all__ = ["OpenFile", "Stat", "Statfs", "UnionFilesystem"]


class Statfs(NamedTuple):
    """What statfs(2) tells of a file system: sizes are counted in blocks of ``f_bsize`` bytes."""

    f_bsize: int
    f_blocks: int
    f_bfree: int
    f_namemax: int


class UnionFilesystem(Names, Descriptors):
    """Read-only layers with a read-write layer on top, and the POSIX calls by their names.

    ``layers`` are the layers below (sequence of Layer, the lowest first; at most 500), or the UnionView of them, which
    many can share; none make a plain file system, such as a volume.  ``upper`` is what was written so far
    (ReadWriteLayer; an empty one, if None).  ``clock`` tells the time in nanoseconds since 1970 (callable, to int).
    The caller is root until ``with_credentials`` makes another.  Calls raise OSError with the errno of Linux overlayfs,
    by its name (``errno.ENOENT``): the number behind it is this system's.
    Raises OSError: EINVAL for more than 500 layers; TypeError for a layer that can still be written.

    >>> base = Layer.of({"/etc/motd": "welcome", "/etc/hostname": "box"})
    >>> filesystem = UnionFilesystem([base])
    >>> filesystem.unlink("/etc/hostname")
    >>> filesystem.listdir("/etc")
    ['motd']
    >>> filesystem.freeze().whiteouts
    frozenset({'/etc/hostname'})
    """

    def __init__(
        self,
        layers: Sequence[Layer] | UnionView,
        upper: ReadWriteLayer | None = None,
        *,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        view = layers if isinstance(layers, UnionView) else UnionView(_checked(layers))
        self.layers = view.layers
        super().__init__(MountTable(Overlay(view, upper or ReadWriteLayer.on(view, clock()), clock)))

    def with_credentials(self, uid: int, gid: int, groups: Collection[int] = ()) -> "UnionFilesystem":
        """Return the same mounted file system (UnionFilesystem) as another user's process sees it.

        It has a working directory, a umask and descriptors of its own.

        >>> filesystem = UnionFilesystem([Layer.of({"/etc/motd": "welcome"})])
        >>> filesystem.with_credentials(1000, 1000).unlink("/etc/motd")
        Traceback (most recent call last):
        PermissionError: [Errno 13] Permission denied: '/etc/motd'
        """
        other = copy.copy(self)
        other.uid, other.gid, other.groups = uid, gid, frozenset(groups)
        other._files = {}
        return other

    def fork(self) -> "UnionFilesystem":
        """Return the same mounted file system as a child process sees it at first (UnionFilesystem).

        Descriptors are not inherited here: processes keep their own.
        """
        return self.with_credentials(self.uid, self.gid, self.groups)

    def alone(self) -> "UnionFilesystem":
        """Return the union without what is mounted in it (UnionFilesystem), as root sees it: they share all files.

        >>> box = UnionFilesystem([Layer.of({"/data/old": "1"})])
        >>> box.mount("/data", UnionFilesystem([]))
        >>> box.listdir("/data"), box.alone().listdir("/data")
        ([], ['old'])
        """
        other = copy.copy(self)
        super(UnionFilesystem, other).__init__(MountTable(self.overlay))
        return other

    # mount(2)

    def mount(
        self,
        path: str,
        what: "UnionFilesystem",
        inside: str = "/",
        *,
        read_only: bool = False,
        source: str = "/dev/vda1",
        kind: str = "ext4",
        options: str = "relatime",
    ) -> None:
        """Show what ``inside`` (str) leads to in ``what`` (UnionFilesystem) at ``path`` (str), which it then hides.

        Both are directories, or neither is.  All who share this mounted file system see it; ``what`` may be mounted
        elsewhere too, or be this file system itself.  ``source``, ``kind`` and ``options`` (str) are what /proc/mounts
        says.  Raises OSError: ENOENT, ENOTDIR, EPERM.  mount(2), MS_BIND.

        >>> volume = UnionFilesystem([])
        >>> box, other = (UnionFilesystem([Layer.of({"/data": None})]) for _ in range(2))
        >>> for filesystem in (box, other):
        ...     filesystem.mount("/data", volume)
        >>> box.mkdir("/data/new")
        >>> other.listdir("/data"), box.changes()
        (['new'], [])
        """
        point = Place(*self.mounts.through(*self._found(path)))
        shown_mount, shown = what._found(inside)
        if not self.is_privileged:
            raise failure(errno.EPERM, path)
        if point.dentry.gone:
            raise failure(errno.ENOENT, path)
        if point.dentry.inode.is_directory != shown.inode.is_directory:
            raise failure(errno.ENOTDIR, path)
        read_only = read_only or shown_mount.read_only  # nobody writes through a copy of a mount what it forbids
        self.mounts.add(point, shown_mount.overlay, shown, read_only, source, kind, options)

    def remount(self, path: str, *, read_only: bool) -> None:
        """Make what is mounted at ``path`` (str) read-only, or writable again.  Raises OSError: EINVAL, EPERM.

        mount(2), MS_REMOUNT with MS_BIND.
        """
        mount, dentry = self._found(path)
        if not self.is_privileged:
            raise failure(errno.EPERM, path)
        if dentry is not mount.root:
            raise failure(errno.EINVAL, path)
        mount.read_only = read_only

    def mounted_at(self, path: str) -> Mount:
        """Return the mount that ``path`` (str) leads into (Mount).  Raises OSError."""
        return self._found(path)[0]

    @property
    def overlay(self) -> Overlay:
        """The union of the layers (Overlay): what is mounted at ``/``."""
        return self.mounts.root.overlay

    @property
    def read_write_layer(self) -> ReadWriteLayer:
        """What was written (ReadWriteLayer)."""
        return self.overlay.upper

    @property
    def copied(self) -> Sequence[CopyUp]:
        """Every copy-up so far, in order, with the bytes that were copied (sequence of CopyUp)."""
        return tuple(self.overlay.copied)

    def statfs(self, path: str = "/") -> Statfs:
        """Return the room on the disk below ``path`` (Statfs): that of a disk of 64 GiB.  statfs(2)."""
        written = self.mounted_at(path).overlay.upper.root
        used = sum(inode.data.blocks for inode in {inode for _path, inode in written.walk()}) // 8
        return Statfs(PAGE, DISK // PAGE, DISK // PAGE - used, NAME_MAX)

    def changes(self) -> list[Change]:
        """Return what was changed, as ``docker diff`` lists it (list of Change)."""
        return diff(self.overlay)

    def freeze(self) -> Layer:
        """Return what was written as a layer that stands on the topmost one and its parents (Layer): ``docker commit``.

        Raises InvalidLayer: the layers below do not stand on one another.
        """
        if any(layer.parent is not below for below, layer in zip(self.layers, self.layers[1:], strict=False)):
            raise InvalidLayer(_("The layers below do not stand on one another: give each its parent."))
        return self.overlay.upper.freeze(self.layers[-1] if self.layers else None)


def _checked(layers: Sequence[Layer]) -> Sequence[Layer]:
    """Return the layers.  Raises OSError EINVAL for too many, TypeError for what are no layers."""
    if not isinstance(layers, Sequence):
        raise TypeError(
            f"layers are a sequence, such as image.layers, layer.stack or [layer], not {type(layers).__name__}"
        )
    if len(layers) > MAX_LAYERS:
        raise failure(errno.EINVAL)
    for layer in layers:
        if not isinstance(layer, Layer):
            raise TypeError(f"a layer below must be a Layer, not {type(layer).__name__}; freeze() makes one")
    return layers

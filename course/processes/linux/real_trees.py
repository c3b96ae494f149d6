"""Real trees: what was scanned on a disk, as the read-write layer that the engine knows."""

import stat
from collections.abc import Sequence
from typing import TYPE_CHECKING

from course.layers import paths
from course.processes.linux.tar_split import Opener, Unpacked
from course.union.file_data import FileData
from course.union.inode import WHITEOUT, Inode
from course.union.marks import USER
from course.union.read_write_layer import ReadWriteLayer

if TYPE_CHECKING:
    from course.processes.linux.scanning import Row

OPAQUE, ESCAPED = f"{USER}opaque", f"{USER}overlay."


def read_write_layer(rows: "Sequence[Row]", contents: Opener) -> ReadWriteLayer:
    """Return what was found in an upper directory or a volume (``rows``, as ``scan`` gives them) as a ReadWriteLayer.

    Contents are opened by ``contents`` (Opener) when they are read.  overlayfs's marks become those of the model, its
    notes are left out, and what it has escaped gets its own name again: overlayfs.rst, "User xattr".

    >>> import io
    >>> rows = [("/", 0o40755, 0, 0, 0, 4096, (0, 0), 0, "", ()), ("/gone", 0o20000, 0, 0, 0, 0, (0, 0), 0, "", ())]
    >>> rows += [("/motd", 0o100644, 0, 0, 0, 5, (0, 0), 0, "", ())]
    >>> layer = read_write_layer(rows, lambda path: io.BytesIO(b"hello")).freeze()
    >>> layer.whiteouts, layer.entries["/motd"].read()
    (frozenset({'/gone'}), b'hello')
    """
    layer = ReadWriteLayer()
    inodes = {paths.ROOT: layer.root}
    by_number: dict[int, Inode] = {}  # of files with several names
    for row in rows:
        path, mode, *_more, device, number, _target, _xattrs = row
        if stat.S_ISCHR(mode) and device == (0, 0):
            inode = WHITEOUT  # of which overlayfs has one inode for many, too
        elif path == paths.ROOT:
            inode = layer.root
            _describe(inode, row, contents)
        elif number in by_number:
            inode = by_number[number]
        else:
            inode = Inode(layer.numbering.new(), mode)
            _describe(inode, row, contents)
            if number:
                by_number[number] = inode
        above = inodes.get(paths.parent(path))
        if above and path != paths.ROOT:  # or it has vanished while it was scanned
            above.put(paths.name(path), inode, above.mtime_ns)
            inodes[path] = inode
    return layer


def _describe(inode: Inode, row: "Row", contents: Opener) -> None:
    path, inode.mode, inode.uid, inode.gid, time, size, inode.device, _number, inode.target, xattrs = row
    inode.atime_ns = inode.mtime_ns = inode.ctime_ns = time
    if inode.is_file:
        inode.data = FileData(Unpacked(path, contents), size)
    for name, value in xattrs:
        if name.startswith(ESCAPED):
            inode.xattrs[USER + name.removeprefix(ESCAPED)] = value
        elif not name.startswith(USER):
            inode.xattrs[name] = value
        elif (name, value) == (OPAQUE, b"y"):
            inode.opaque = True

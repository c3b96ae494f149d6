"""The simulator: the same calls, and the same pictures of what it shows and of what was written."""

from types import SimpleNamespace

from course.union.filesystem import UnionFilesystem
from course.union.inode import WHITEOUT as DELETED
from kernel import calls
from kernel.calls import OPAQUE, ROOT, SHOWN, WHITEOUT, Node, picture, seen

OWN = "trusted.overlay."


class Simulated(UnionFilesystem):
    """The simulator, with mounts by the names that the real one has them by."""

    def mount_volume(self, path):
        self.mount(path, UnionFilesystem([]))

    def bind(self, path, inside, read_only):
        self.mount(path, self, inside, read_only=read_only)


def run(layers, steps):
    """Return each call's Outcome, and the pictures of the union and of its read-write layer."""
    filesystem = Simulated(layers)

    def act_as(user):
        filesystem.uid, filesystem.gid, filesystem.groups = user.uid, user.gid, frozenset(user.groups)

    outcomes = calls.run(filesystem, steps, act_as)
    act_as(ROOT)
    return outcomes, picture(filesystem), upper_picture(filesystem)


def upper_picture(filesystem):
    """Return what the read-write layer holds (dict: path to Node or WHITEOUT), as ``mounted.upper_form`` gives it."""
    return {
        path: WHITEOUT if inode is DELETED else _node(inode) for path, inode in filesystem.read_write_layer.root.walk()
    }


def _node(inode):
    shown = SimpleNamespace(
        st_mode=inode.mode,
        st_nlink=inode.nlink,
        st_uid=inode.uid,
        st_gid=inode.gid,
        st_size=inode.size,
        st_rdev=inode.device,
        st_mtime_ns=inode.mtime_ns,
        st_ino=id(inode),
        st_dev=0,
    )
    start = inode.data.read(0, SHOWN)
    content = start if inode.size <= SHOWN else start + inode.data.read(max(SHOWN, inode.size - SHOWN), SHOWN)
    xattrs = {name.replace(OWN, f"{OWN}overlay.", 1): value for name, value in inode.xattrs.items()}
    if inode.opaque:
        xattrs[OPAQUE] = b"y"
    return Node(seen(shown), content, inode.target, tuple(sorted(inode.entries)), tuple(sorted(xattrs.items())))

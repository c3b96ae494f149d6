"""What is mounted on the simulated machine, as mount(8) and df(1) show it."""

from typing import NamedTuple

from course.union import mounts as union_mounts
from course.union.filesystem import UnionFilesystem


class Mount(NamedTuple):
    """One line of /proc/mounts (proc(5)): what is mounted where, the kind of file system, the options (str each).

    ``device`` is what st_dev shows of its files (int).
    """

    source: str
    target: str
    kind: str
    options: str
    device: int


def mounts(fs: UnionFilesystem) -> list[Mount]:
    """Return what is mounted (list of Mount), the first first.

    Layers are named ``l1`` (the lowest) and so on: in memory they have no place of their own.

    >>> from course.layers.layer import Layer
    >>> box = UnionFilesystem([Layer.of({"/data": None}), Layer.of({})])
    >>> box.mount("/data", UnionFilesystem([]), read_only=True)
    >>> [mount.options for mount in mounts(box)]
    ['rw,relatime,lowerdir=l2:l1,upperdir=upper,workdir=work', 'ro,relatime']
    """
    return [described(mount) for mount in fs.mounts]


def described(mount: union_mounts.Mount) -> Mount:
    """Return the line of one mount (Mount)."""
    options = f"{'ro' if mount.read_only else 'rw'},{mount.options}"
    if mount.kind == "overlay":
        count = len(mount.overlay.view.layers)
        lower = ":".join(f"l{number}" for number in range(count, 0, -1))
        options += f",lowerdir={lower},upperdir=upper,workdir=work"
    return Mount(mount.source, mount.path, mount.kind, options, mount.device)

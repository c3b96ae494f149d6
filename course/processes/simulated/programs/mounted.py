"""What is mounted on the simulated machine: its one file system, an overlay, as mount(8) and df(1) show it."""

from typing import NamedTuple

from course.union.filesystem import UnionFilesystem


class Mount(NamedTuple):
    """One line of /proc/mounts (proc(5)): what is mounted where, the kind of file system, the options (str each)."""

    source: str
    target: str
    kind: str
    options: str


def mounts(fs: UnionFilesystem) -> list[Mount]:
    """Return what is mounted (list of Mount).

    The layers are named ``l1`` (the lowest) and so on: in memory they have no place of their own.

    >>> from course.layers.layer import Layer
    >>> mounts(UnionFilesystem([Layer.of({}), Layer.of({})]))[0].options
    'rw,relatime,lowerdir=l2:l1,upperdir=upper,workdir=work'
    """
    count = len(fs.mount.view.layers)
    lower = ":".join(f"l{number}" for number in range(count, 0, -1))
    return [Mount("overlay", "/", "overlay", f"rw,relatime,lowerdir={lower},upperdir=upper,workdir=work")]

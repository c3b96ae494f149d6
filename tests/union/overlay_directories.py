"""Layers in overlayfs form, as directories that a real overlay is mounted over; and what the kernel leaves in one."""

import pickle
import stat

from kernel.by_hand import RECENT, Placed
from kernel.layout import root_of_upper
from kernel.mounted import Mounted

from course.layers.entry import FileEntry, InMemory, Kind
from course.union.marks import TRUSTED, USER, to_overlayfs

PREFIXES = {"root": TRUSTED, "user": USER}
NOW = RECENT + 1  # in place of every time that a call set to the present


class MountedDirectories(Mounted):
    """Overlay mounts over directories that are given as FileEntries, and their upper directories given back as such."""

    @property
    def prefix(self):
        return PREFIXES[self.kind]

    def shown(self, layers):
        """Return the picture of what overlayfs shows of ``layers`` (sequence of Layer) in their overlayfs form."""
        return self._ask(self._forms(layers), layers, [])[1]

    def shown_over(self, lowest, directory):
        """Return the picture of what overlayfs shows of a directory (path to FileEntry) over one layer (Layer)."""
        return self._ask([*self._forms([lowest]), directory], [lowest], [])[1]

    def written(self, layers, calls):
        """Return what calls leave in the upper directory over ``layers`` (path to FileEntry)."""
        return entries(self._ask(self._forms(layers), layers, calls)[2])

    def _forms(self, layers):
        return [to_overlayfs(layer, self.prefix) for layer in layers]

    def _ask(self, directories, layers, calls):
        objects = [placed(directory) for directory in directories]
        pickle.dump((objects, root_of_upper(layers), calls), self._child.stdin)
        self._child.stdin.flush()
        failure, answer = pickle.load(self._child.stdout)
        assert not failure, failure
        return answer


def placed(directory):
    """Return a directory (path to FileEntry) as a list of Placed, what must stand first first."""
    found = [
        Placed(
            path,
            entry.st_mode,
            entry.uid,
            entry.gid,
            entry.mtime_ns,
            entry.read() if entry.kind is Kind.FILE and not entry.link_to else b"",
            entry.target,
            entry.device,
            entry.link_to,
            tuple(entry.xattrs.items()),
        )
        for path, entry in {"/": FileEntry(Kind.DIRECTORY, 0o755), **directory}.items()
    ]
    return sorted(found, key=lambda each: (bool(each.link_to), each.path))


def entries(nodes):
    """Return the picture of a real directory (path to Node) as FileEntries."""
    found, first_names = {}, {}
    for path in sorted(nodes, key=lambda path: path.split("/")):
        node = nodes[path]
        seen = node.seen
        is_whiteout = stat.S_ISCHR(seen.mode) and seen.rdev == (0, 0)  # they have one inode for all
        first = path if is_whiteout else first_names.setdefault(seen.ino, path)
        found[path] = FileEntry(
            Kind(stat.S_IFMT(seen.mode)),
            stat.S_IMODE(seen.mode),
            seen.uid,
            seen.gid,
            NOW if seen.mtime == "now" else seen.mtime,
            len(node.content),
            node.target,
            seen.rdev,
            "" if first == path else first,
            dict(node.xattrs),
            InMemory(node.content),
        )
    return found

"""Where the kernel and the simulator disagree, in words."""

import errno

from kernel.by_hand import told_stat
from kernel.calls import REFUSED, Node, Seen
from kernel.script import written


class Relation:
    """Which inode number on one side is which on the other: one for one, over a whole sequence."""

    def __init__(self):
        self._there, self._back = {}, {}

    def holds(self, one, other):
        return self._there.setdefault(one, other) == other and self._back.setdefault(other, one) == one


class NoRelation:
    """In a user namespace a copy keeps its number only as long as the kernel remembers it: anything may be."""

    def holds(self, _one, _other):
        return True


def differences(calls, real, simulated, kind):
    """Return in lines (list of str) how two results of the same calls differ; none if they agree.

    ``kind`` (str) is that of the real mount: "root" or "user".
    """
    if kind == "user" and any(outcome.errno == errno.ESTALE for outcome in real[0]):
        return []  # a symbolic link that was copied up and linked: there, nothing tells which one it was a copy of
    numbers, found = Relation() if kind == "root" else NoRelation(), []
    for number, (call, ours, theirs) in enumerate(zip(calls, simulated[0], real[0], strict=True)):
        if not agree(theirs, ours, numbers):
            told = f"{theirs} in the kernel, {ours} in the simulator"
            same = str(theirs) == str(ours)
            found.append(f"call {number}, {written(call)}: {'another inode number' if same else told}")
    found += _of_pictures("union", real[1], simulated[1], numbers)
    return found + _of_pictures("upper", real[2], simulated[2], Relation())


def agree(theirs, ours, numbers):
    """Return whether two outcomes agree (bool); inode numbers are compared by their relation (Relation)."""
    if isinstance(theirs.value, Seen) and isinstance(ours.value, Seen):
        same_file = numbers.holds(theirs.value.ino, ours.value.ino)
        return same_file and theirs.value._replace(ino=0) == ours.value._replace(ino=0)
    if theirs.value == REFUSED:
        return ours.errno or ours.value == REFUSED  # Python refused a NUL byte before the kernel was asked
    return theirs == ours


def _of_pictures(name, real, simulated, numbers):
    found = []
    for path in sorted(real.keys() | simulated.keys()):
        theirs, ours = real.get(path), simulated.get(path)
        if isinstance(theirs, Node) and isinstance(ours, Node):
            found += [f"{name} {path}: {line}" for line in _of_nodes(theirs, ours, numbers)]
        elif theirs != ours:
            found.append(f"{name} {path}: {_told(theirs)} in the kernel, {_told(ours)} in the simulator")
    return found


def _of_nodes(theirs, ours, numbers):
    found = [] if numbers.holds(theirs.seen.ino, ours.seen.ino) else ["another inode number"]
    one, other = (each.seen._replace(ino=0)._asdict() | each._asdict() | {"seen": None} for each in (theirs, ours))
    return found + [
        f"{field} is {one[field]!r:.200} in the kernel, {other[field]!r:.200} in the simulator"
        for field in one
        if one[field] != other[field]
    ]


def _told(node):
    return told_stat(*node.seen[:-1]) if isinstance(node, Node) else node or "nothing"

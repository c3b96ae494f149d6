"""Random sequences of calls over a random stack of layers: a case.

Each step is drawn for itself, so that a failing case shrinks by leaving steps out.  A step is one call, or a few that
belong together: a file is opened and used, a directory is emptied and removed.
"""

import stat
from functools import cache
from typing import NamedTuple

from hypothesis import strategies as st

from course.layers.entry import Kind
from course.union import flags
from course.union.view import UnionView
from kernel.calls import ROOT, Call, Slot
from kernel.stacks import PROTECTED, stacks
from kernel.vocabulary import NAMED, SLOT, USER, There, arguments, choose, uses

OFTEN = ("use", "use", "use", "unlink", "rename", "rename", "mkdir", "rmdir", "link", "symlink")
HAS_NAMED = ("utime", "setxattr", "getxattr", "listxattr", "removexattr")
IS_LAST = choose((True, *(False,) * 11))
MOST = 40  # calls
PLACE, MORE = st.integers(0, 79), st.integers(0, 4)


class Case(NamedTuple):
    """A stack of layers (tuple of Layer, the lowest first), and the calls to make in their union (tuple of Call)."""

    layers: tuple
    calls: tuple


@cache
def _names(kind):
    return choose([*OFTEN * 3, "remove", *arguments(kind)]), choose(list(uses(kind)))


@st.composite
def steps(draw, kind):
    """One step (list of Call), or none: the end.

    What is in the layers is named by number, and so is a directory to be removed.
    """
    if draw(IS_LAST):
        return []
    name, user = draw(_names(kind)[0]), draw(USER[kind])
    if name == "remove":
        return [Call(name, (draw(PLACE),))]
    if name == "use":
        return [_opening(draw, kind, user), *(_use(draw, kind) for _number in range(draw(MORE)))]
    if name == "open":
        return [_opening(draw, kind, user)]
    if name == "link" and "protected_hardlinks" not in PROTECTED:
        user = ROOT  # the simulator protects hard links
    drawn = [draw(each) for each in arguments(kind)[name]]
    if name == "mknod":
        path, (mode, device) = drawn
        drawn = [path, mode, device]
    return [Call(name, tuple(drawn), user, draw(NAMED) if name in HAS_NAMED else ())]


def _opening(draw, kind, user):
    drawn = tuple(draw(each) for each in arguments(kind)["open"])
    return Call("open", drawn, user, (), draw(SLOT))


def _use(draw, kind):
    name = draw(_names(kind)[1])
    return Call(name, (draw(SLOT), *(draw(each) for each in uses(kind)[name])))


@st.composite
def cases(draw, kind):
    """Cases for a mount as root or in a user namespace (``kind``: "root" or "user")."""
    layers = draw(stacks(kind))
    shown = _Shown(layers)
    calls = []
    while len(calls) < MOST and (step := draw(steps(kind))):
        calls += [named for call in step for named in shown.named(call)]
    return Case(layers, tuple(_without_waiting(layers, calls)))


@st.composite
def cases_with_mounts(draw, kind):
    """Cases in which something is mounted before the calls are made."""
    layers, calls = draw(cases(kind))
    shown = _Shown(layers)
    mounting = [named for step in draw(MOUNTINGS) for call in step for named in shown.named(call)]
    return Case(layers, tuple(mounting + [call for call in calls if not _is_the_unions_own(call)]))


def _mounting(name, path, other, read_only, content):
    """Return the calls of one mounting (list of Call): volumes get some content, so that names collide there too."""
    if name == "remount":
        return [Call("remount", (path or "/",), named=(("read_only", read_only),))]
    if name == "bind":
        # never read-only: Linux does that in two steps, and to the second one the path may lead elsewhere
        return [Call("bind", (path or "a", other, False))]
    made = [Call("mount_volume", (path or "a",)), Call("chdir", (path or "a",))]
    for name, kind in content:
        if kind == "directory":
            made += [Call("mkdir", (name, 0o755)), Call("mkdir", (f"{name}/b", 0o777))]
        elif kind == "file":
            opened = Call("open", (name, flags.O_WRONLY | flags.O_CREAT, 0o644), slot=Slot(1))
            made += [opened, Call("write", (Slot(1), b"volume")), Call("close", (Slot(1),))]
        else:
            made += [Call("symlink", (kind, name))]
    return [*made, Call("chdir", ("/",))]


PLACES = st.builds(There, st.integers(0, 9), choose(("directory", "directory", "file")))
MOUNTINGS = st.lists(
    st.builds(
        _mounting,
        choose(("volume", "volume", "bind", "bind", "remount")),
        PLACES | st.none(),
        choose(("/", "a", "b", "c", "a/b", "b/a", "a/a")) | PLACES,
        st.booleans(),
        st.lists(st.tuples(choose("abc"), choose(("directory", "file", "../b", "/c/a"))), max_size=3),
    ),
    min_size=1,
    max_size=4,
)


def _is_the_unions_own(call):
    """Return whether an overlay refuses what other file systems do (bool): here each is an overlay."""
    whiteout = call.name == "mknod" and stat.S_ISCHR(call.arguments[1]) and call.arguments[2] == (0, 0)
    return whiteout or (call.name == "rename" and call.arguments[2] & flags.RENAME_WHITEOUT)


class _Shown:
    """What the layers of a case show, to give numbers their paths."""

    def __init__(self, layers):
        self.everything = {path[1:]: found.entry.is_directory for path, found in UnionView(layers).walk()}
        self.paths = {
            "any": list(self.everything),
            "file": [path for path, is_directory in self.everything.items() if not is_directory],
            "directory": [path for path, is_directory in self.everything.items() if is_directory],
        }

    def named(self, call):
        """Return the call with paths for numbers (list of Call: removing a directory takes several)."""
        if call.name == "remove":
            return self._removal(call.arguments[0])
        given = (self._path(each) if isinstance(each, There) else each for each in call.arguments)
        return [call._replace(arguments=tuple(given))]

    def _path(self, place):
        found = self.paths[place.what] + ([""] if place.name else [])  # the root has room for a name, too
        path = found[place.number % len(found)] if found else "a"
        return f"/{path}/{place.name}" if place.name and path else f"/{path}{place.name}"

    def _removal(self, number):
        directories = self.paths["directory"]
        top = directories[number % len(directories)] if directories else "a"
        inside = sorted((path for path in self.everything if path == top or path.startswith(f"{top}/")), reverse=True)
        return [Call("rmdir" if self.everything[path] else "unlink", (f"/{path}",)) for path in inside]


def _without_waiting(layers, calls):
    """Return the calls such that none waits: where there may be FIFOs, everything is opened with O_NONBLOCK."""
    fifo = any(entry.kind is Kind.FIFO for layer in layers for entry in layer.entries.values())
    if not fifo and not any(call.name == "mknod" and stat.S_ISFIFO(call.arguments[1]) for call in calls):
        return calls
    return [_nonblocking(call) if call.name == "open" else call for call in calls]


def _nonblocking(call):
    path, how, mode = call.arguments
    return call._replace(arguments=(path, how | flags.O_NONBLOCK, mode))

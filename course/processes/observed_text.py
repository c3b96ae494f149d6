"""An observation as text: what a terminal or a screen reader gets of it, the same for the same observation."""

from collections.abc import Iterator, Sequence

from course.processes.mount_table import LayerDirectory, MountEntry
from course.processes.observed import ControlGroup, Namespace, Observation
from course.words import _, shown

WIDEST = 60  # characters that a column is made wide for: what is longer moves the rest of its line
LONGEST = 200  # characters of a command

Rows = Sequence[Sequence[str]]


def text(seen: Observation) -> str:
    """Return what was ``seen`` (Observation) as text (str): one table after another."""
    heading = _("process {pid}: {command}").format(pid=seen.pid, command=_cut(seen.command))
    parts = [heading, *_lines(_summary(seen))]
    for title, rows in _tables(seen):
        if rows:
            parts += ["", title, *_lines(rows)]
    return "\n".join(parts)


def _tables(seen: Observation) -> Iterator[tuple[str, Rows]]:
    yield (
        _("namespaces"),
        [(each.kind, str(each.inode), _sharing(each)) for _kind, each in sorted(seen.namespaces.items())],
    )
    for entry in seen.overlays:
        yield _("overlay on {point}, from top to bottom").format(point=shown(entry.point)), _layers(entry)
    yield _("mounts"), [_mount(entry) for entry in seen.mounts]
    yield _("control groups"), [(each.title, each.path, _limits(each)) for each in seen.groups]
    inside = [(str(each.inside), str(each.outside), _cut(each.command)) for each in seen.processes]
    yield _("processes: PID in its own namespace, PID here, command"), inside
    yield _("not read"), sorted(seen.missing.items())


def _summary(seen: Observation) -> Rows:
    """Return who the process is (rows)."""
    pids = [str(seen.pid)]
    if len(seen.pids) > 1:
        pids.append(_("{pid} in its own PID namespace").format(pid=seen.pids[-1]))
    user = _("{uid}, group {gid}").format(uid=seen.uid, gid=seen.gid)
    own = seen.namespaces.get("user")
    if own and own.with_observer is False:
        if seen.root_is is None:
            user += "; " + _("root in its user namespace is nobody here")
        else:
            user += "; " + _("root in its user namespace is {uid} here").format(uid=seen.root_is)
    rows = [
        (_("PID"), ", ".join(pids)),
        (_("parent"), str(seen.parent) if seen.parent else _("out of sight")),
        (_("state"), seen.state),
        (_("user"), user),
    ]
    if seen.capabilities:
        rows.append((_("capabilities"), " ".join(seen.capabilities["effective"]) or _("none")))
    return [*rows, ("seccomp", seen.seccomp), ("no_new_privs", _("yes") if seen.no_new_privs else _("no"))]


def _sharing(namespace: Namespace) -> str:
    """Return with whom a namespace is shared (str)."""
    known = {
        _("the observer"): namespace.with_observer,
        _("its parent"): namespace.with_parent,
        _("PID 1"): namespace.with_init,
    }
    sharers = [name for name, shared in known.items() if shared]
    if sharers:
        return _("shared with {names}").format(names=", ".join(sharers))
    if None in known.values():
        return _("not shared, as far as it could be read")
    return _("its own")


def _limits(group: ControlGroup) -> str:
    """Return the limits of a control group (str), and which of those above it has them, where it is one."""
    if not group.directory:
        return _("not found here")
    own = [str(limit) for limit in group.limits if limit.group == group.path]
    above = [
        _("{limit} in {group}").format(limit=limit, group=limit.group)
        for limit in group.limits
        if limit.group != group.path
    ]
    return "; ".join([*own, *above])


def _layers(entry: MountEntry) -> Rows:
    """Return the layers of an overlay (rows), the topmost first."""
    overlay = entry.overlay
    if overlay is None:
        return ()
    upper = [(_("upper"), _directory(overlay.upper))] if overlay.upper else []
    lower = [(_("lower"), _directory(each)) for each in overlay.lower]
    data_only = [(_("data only"), _directory(each)) for each in overlay.data_only]
    work = [(_("work directory"), _directory(overlay.work))] if overlay.work else []
    return [*upper, *lower, *data_only, *work]


def _directory(layer: LayerDirectory) -> str:
    return layer.path or _("{path}, from a directory that is not known").format(path=layer.given)


def _mount(entry: MountEntry) -> Sequence[str]:
    """Return a mount (row), its source as findmnt(8) prints it."""
    source = entry.source + (f"[{entry.root}]" if entry.root != "/" else "")
    return entry.point, entry.kind, source, ",".join(entry.options), entry.propagation


def _lines(rows: Rows) -> Iterator[str]:
    """Yield the lines of a table (str), safe to print."""
    cells = [[*map(shown, row)] for row in rows]
    widths = [min(max(map(len, column)), WIDEST) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  " + "  ".join(map(str.ljust, row, widths)).rstrip()


def _cut(command: str) -> str:
    return shown(command if len(command) <= LONGEST else command[: LONGEST - 1] + "…")

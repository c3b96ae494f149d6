"""df, mount and sync: the file systems of the machine."""

from collections.abc import Sequence

from course.processes.simulated.process import Process, Run
from course.processes.simulated.programs import sizes
from course.processes.simulated.programs.mounted import Mount, described, mounts
from course.processes.simulated.programs.quoting import named, quoted
from course.processes.simulated.programs.registry import (
    Failed,
    Usage,
    at_once,
    attempt,
    for_each,
    options,
    program,
    trying,
)
from course.union import flags
from course.union.filesystem import Statfs

LONG = "all human-readable inodes portability print-type total type= exclude-type=".split()
WITHOUT_ROOM = ("cgroup2", "devpts", "mqueue", "proc", "sysfs")  # file systems that keep nothing
COLUMN = 5  # characters that a column of numbers has at least


@program("df")
def df(process: Process, argv: list[str]) -> Run:
    """Print how full file systems are, in KiB (df(1)): -a -h -i -k -P -T -t -x --total."""
    found, operands = options(argv, "ahikPTt:x:", LONG)
    chosen = {option for option, _ in found}
    human = bool(chosen & {"-h", "--human-readable"})
    inodes = bool(chosen & {"-i", "--inodes"})
    posix = bool(chosen & {"-P", "--portability"})
    only = {value for option, value in found if option in ("-t", "--type")}
    without = {value for option, value in found if option in ("-x", "--exclude-type")}
    status, wanted = 0, []

    def find(path: str) -> None:
        with trying(named(path)):
            wanted.append(described(process.fs.mounted_at(path)))

    for operand in operands:
        if not (yield from attempt(process, at_once(find)(operand))):
            status = 1
    if not operands:
        everything = mounts(process.fs)
        on_disk = [mount for mount in everything if mount.kind not in WITHOUT_ROOM]
        wanted += everything if chosen & {"-a", "--all"} else _each_once(on_disk)
    shown = [mount for mount in wanted if (not only or mount.kind in only) and mount.kind not in without]
    if not shown:
        if wanted:
            raise Usage("no file systems processed", hint=False)
        return status
    rows = [_row(mount, process.fs.statfs(mount.target), human, inodes) for mount in shown]
    if "--total" in chosen:
        rooms = [process.fs.statfs(mount.target) for mount in shown]
        room = Statfs(rooms[0].f_bsize, sum(each.f_blocks for each in rooms), sum(each.f_bfree for each in rooms), 0)
        rows.append(_row(Mount("total", "-", "-", "", 0), room, human, inodes))
    rows.insert(0, _head(human, inodes, posix))
    if not chosen & {"-T", "--print-type"}:
        rows = [[row[0], *row[2:]] for row in rows]
    yield from process.print(_table(rows))
    return status


def _each_once(found: Sequence[Mount]) -> list[Mount]:
    """Return the mounts without those of a file system that another shows nearer to the root (list of Mount)."""
    nearest: dict[int, Mount] = {}
    for mount in found:
        known = nearest.setdefault(mount.device, mount)
        if len(mount.target) < len(known.target):
            nearest[mount.device] = mount
    return list(nearest.values())


def _head(human: bool, inodes: bool, posix: bool) -> list[str]:
    numbers = ["1K-blocks", "Used", "Available", "Use%"]
    if inodes:
        numbers = ["Inodes", "IUsed", "IFree", "IUse%"]
    elif human:
        numbers = ["Size", "Used", "Avail", "Use%"]
    elif posix:
        numbers = ["1024-blocks", "Used", "Available", "Capacity"]
    return ["Filesystem", "Type", *numbers, "Mounted on"]


def _row(mount: Mount, found: Statfs, human: bool, inodes: bool) -> list[str]:
    if inodes:  # an overlay need not count them
        return [mount.source, mount.kind, "0", "0", "0", "-", mount.target]
    used, free = found.f_blocks - found.f_bfree, found.f_bfree
    numbers = [count * found.f_bsize for count in (found.f_blocks, used, free)]
    percent = f"{-(-used * 100 // (used + free))}%" if used + free else "-"
    cells = [sizes.human(number) if human else str(sizes.blocks(number, 1024)) for number in numbers]
    return [mount.source, mount.kind, *cells, percent, mount.target]


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Return the rows as lines (str): the first column on the left, numbers on the right, the last as it comes."""
    least = [14, *[COLUMN] * (len(rows[0]) - 3), 4, 0]
    if rows[0][1] == "Type":
        least[1] = 4
    widths = [max(low, *map(len, column)) for low, column in zip(least, zip(*rows, strict=True), strict=True)]
    text = ""
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        for title, cell, width in zip(rows[0][1:-1], row[1:-1], widths[1:-1], strict=True):
            cells.append(cell.ljust(width) if title == "Type" else cell.rjust(width))
        text += " ".join([*cells, row[-1]]) + "\n"
    return text


@program("mount")
def mount(process: Process, argv: list[str]) -> Run:
    """Print what is mounted (mount(8)); nothing more can be mounted, as in a container without that capability."""
    found, operands = options(argv, "lno:rt:vw", ["options=", "types="])
    kinds = {value for option, value in found if option in ("-t", "--types")}
    if not operands:
        for each in mounts(process.fs):
            if not kinds or each.kind in kinds:
                yield from process.print(f"{each.source} on {each.target} type {each.kind} ({each.options})\n")
        return 0
    target = operands[-1]
    if process.fs.uid:
        raise Usage(f"{target}: must be superuser to use mount.", hint=False)
    if len(operands) == 1:
        raise Usage(f"{target}: can't find in /etc/fstab.", hint=False)
    reason = "permission denied"
    try:
        process.fs.stat(target)
    except OSError:
        reason = "mount point does not exist"
    raise Usage(f"{target}: {reason}.", status=32, hint=False)


@program("sync")
def sync(process: Process, argv: list[str]) -> Run:
    """Write what is held in memory to the disk (sync(1)): there is none, but files have to be there."""
    found, operands = options(argv, "df", ["data", "file-system"])
    if not operands and {"-d", "--data"} & {option for option, _ in found}:
        raise Usage("--data needs at least one argument", hint=False)

    def step(path: str) -> None:
        try:
            process.fs.open_file(path, flags.O_RDONLY | flags.O_NONBLOCK)
        except OSError as error:
            raise Failed(f"error opening {quoted(path)}: {error.strerror}") from None

    return (yield from for_each(process, operands, at_once(step)))

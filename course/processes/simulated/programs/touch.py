"""touch: sets the times of files, and makes those that are not there."""

import errno

from course.processes.simulated.process import Process, Run
from course.processes.simulated.programs import dates
from course.processes.simulated.programs.quoting import quote, quoted
from course.processes.simulated.programs.registry import Failed, Usage, at_once, choice, for_each, options, program
from course.union import flags

LONG = "time= no-create date= reference= no-dereference".split()
TIMES = dict.fromkeys(["atime", "access", "use"], "a") | dict.fromkeys(["mtime", "modify"], "m")
NOW = (None, None)


@program("touch")
def touch(process: Process, argv: list[str]) -> Run:
    """Set the times of files (touch(1)): -a, -m, -c, -d, -r, -t, -h."""
    found, operands = options(argv, "acd:fhmr:t:", LONG)
    which, how = set[str](), set[str]()
    date = reference = stamp = None
    for option, value in found:
        match option:
            case "-a" | "-m":
                which.add(option[1])
            case "--time":
                which.add(choice(option, value, TIMES))
            case "-c" | "--no-create":
                how.add("c")
            case "-d" | "--date":
                date = value
            case "-h" | "--no-dereference":
                how.add("h")
            case "-r" | "--reference":
                reference = value
            case "-t":
                stamp = value
    atime, mtime = _wanted(process, date, reference, stamp)
    if not operands:
        raise Usage("missing file operand")
    if len(which) == 1 and (atime, mtime) == NOW:
        atime = mtime = process.space.clock()
    if which == {"a"}:
        mtime = None
    if which == {"m"}:
        atime = None
    step = at_once(lambda path: _touch(process, path, atime, mtime, how))
    return (yield from for_each(process, operands, step))


def _wanted(
    process: Process, date: str | None, reference: str | None, stamp: str | None
) -> tuple[int | None, int | None]:
    """Return the times to set (pair of int), NOW for those of the moment at which each file is touched."""
    if stamp is not None and (date is not None or reference is not None):
        raise Usage("cannot specify times from more than one source")
    now = process.space.clock()
    times: tuple[int | None, int | None] = NOW
    if reference is not None:
        try:
            found = process.fs.stat(reference)
        except OSError as error:
            raise Usage(f"failed to get attributes of {quoted(reference)}: {error.strerror}", hint=False) from None
        times = found.st_atime_ns, found.st_mtime_ns
    try:
        if stamp is not None:
            now = dates.posix(stamp, now)
            return now, now
        if date is not None:
            atime, mtime = (dates.parse(date, now if time is None else time) for time in times)
            return atime, mtime
    except ValueError:
        raise Usage(f"invalid date format {quote(stamp if date is None else date)}", hint=False) from None  # type: ignore[arg-type]
    return times


def _touch(process: Process, path: str, atime: int | None, mtime: int | None, how: set[str]) -> None:
    fs, unopened = process.fs, None
    if not how:
        try:
            fs.open_file(path, flags.O_WRONLY | flags.O_CREAT | flags.O_NONBLOCK, 0o666)
        except OSError as error:
            unopened = error
    try:
        fs.utime(path, atime, mtime, follow_symlinks="h" not in how)
    except OSError as error:
        if "c" in how and error.errno == errno.ENOENT:
            return
        if unopened and unopened.errno not in (errno.EISDIR, errno.EINVAL, errno.EPERM, errno.ENXIO):
            raise Failed(f"cannot touch {quoted(path)}: {unopened.strerror}") from None
        raise Failed(f"setting times of {quoted(path)}: {error.strerror}") from None

"""tar: many files in one, and out of it again."""

from dataclasses import dataclass, field

from course.processes.simulated.process import Process, Run
from course.processes.simulated.programs import dates, tar_archive
from course.processes.simulated.programs.quoting import quote
from course.processes.simulated.programs.registry import Usage, choice, options, program

SHORT = "-ctxf:vzC:pPOkhmT:X:"
LONG = (
    "create list extract get file= verbose gzip gunzip directory= preserve-permissions same-permissions absolute-names "
    "to-stdout keep-old-files dereference numeric-owner sort= xattrs owner= group= mtime= exclude= strip-components= "
    "no-recursion format= same-owner no-same-owner files-from= exclude-from= touch no-same-permissions wildcards"
).split()
MODES = {"-c": "c", "-t": "t", "-x": "x", "--create": "c", "--list": "t", "--extract": "x", "--get": "x"}
HINT = "\nTry 'tar --help' or 'tar --usage' for more information."


@dataclass(slots=True)
class Wishes:
    """What one call of tar is to do: the options of tar(1).

    ``operands`` are the files with the directory that -C set for each (list of pairs of str).
    """

    mode: str = ""
    archive: str = "-"
    operands: list[tuple[str, str]] = field(default_factory=list)
    folder: str = ""
    verbose: int = 0
    gzip: bool = False
    permissions: bool | None = None
    absolute: bool = False
    to_stdout: bool = False
    keep_old: bool = False
    follow: bool = False
    touch: bool = False
    numeric: bool = False
    sort: str = "none"
    xattrs: bool = False
    owner: tuple[str, int | None] | None = None
    group: tuple[str, int | None] | None = None
    mtime: int | None = None
    exclude: list[str] = field(default_factory=list)
    strip: int = 0
    recursion: bool = True
    form: tar_archive.Form = tar_archive.FORMATS["gnu"]
    same_owner: bool | None = None
    wildcards: bool = False


@program("tar", usage_status=2)
def tar(process: Process, argv: list[str]) -> Run:
    """Put files into an archive, list it, take them out (tar(1)).

    -c -t -x, -f -v -z -C -p -P -O -k -h -m -T -X, and of the long options --numeric-owner --sort --xattrs --owner
    --group --mtime --exclude --strip-components --no-recursion --format --no-same-owner --wildcards.
    """
    from course.processes.simulated.programs import tar_create, tar_read  # which know the Wishes

    words = _dashed(argv[1:])
    try:
        found, rest = options(["tar", *words], SHORT, LONG)
    except Usage as usage:
        raise Usage(f"{usage}{HINT}", status=64, hint=False) from None
    wishes = Wishes()
    for option, value in [*found, *(("", word) for word in rest)]:
        _wish(process, wishes, option, value)
    if not wishes.mode:
        message = "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options"
        raise Usage(message + HINT, hint=False)
    if wishes.mode == "c":
        if not wishes.operands:
            raise Usage(f"Cowardly refusing to create an empty archive{HINT}", hint=False)
        status = yield from tar_create.create(process, wishes)
    else:
        status = yield from tar_read.read(process, wishes)
    if status:
        yield from process.complain("tar: Exiting with failure status due to previous errors")
    return status


def _dashed(words: list[str]) -> list[str]:
    """Return the arguments (list of str) with a first word like ``xvf`` taken apart: its values come after it."""
    if not words or words[0].startswith("-"):
        return words
    letters, rest = words[0], words[1:]
    found = []
    for letter in letters:
        found.append(f"-{letter}")
        if f"{letter}:" in SHORT:
            if not rest:
                raise Usage(f"Old option '{letter}' requires an argument.{HINT}", hint=False)
            found[-1] += rest.pop(0)
    return found + rest


def _wish(process: Process, wishes: Wishes, option: str, value: str) -> None:
    """Take one option or operand into account.  Raises Usage."""
    match option:
        case "":
            wishes.operands.append((wishes.folder, value))
        case "-c" | "-t" | "-x" | "--create" | "--list" | "--extract" | "--get":
            if wishes.mode not in ("", MODES[option]):
                message = "You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option"
                raise Usage(message + HINT, hint=False)
            wishes.mode = MODES[option]
        case "-f" | "--file":
            wishes.archive = value
        case "-v" | "--verbose":
            wishes.verbose += 1
        case "-z" | "--gzip" | "--gunzip":
            wishes.gzip = True
        case "-C" | "--directory":
            wishes.folder = value if value.startswith("/") or not wishes.folder else f"{wishes.folder}/{value}"
        case "-p" | "--preserve-permissions" | "--same-permissions" | "--no-same-permissions":
            wishes.permissions = not option.startswith("--no")
        case "-P" | "--absolute-names":
            wishes.absolute = True
        case "-O" | "--to-stdout":
            wishes.to_stdout = True
        case "-k" | "--keep-old-files":
            wishes.keep_old = True
        case "-h" | "--dereference":
            wishes.follow = True
        case "-m" | "--touch":
            wishes.touch = True
        case "--numeric-owner":
            wishes.numeric = True
        case "--sort":
            try:
                wishes.sort = choice(option, value, {each: each for each in ("none", "name", "inode")})
            except Usage as usage:
                raise Usage(str(usage), hint=False) from None
        case "--xattrs":
            wishes.xattrs, wishes.form = True, tar_archive.FORMATS["posix"]
        case "--owner" | "--group":
            name, _, number = value.partition(":")
            who = ("", int(value)) if value.isdecimal() else (name, int(number) if number.isdecimal() else None)
            setattr(wishes, option[2:], who)
        case "--mtime":
            try:
                wishes.mtime = dates.parse(value, process.space.clock())
            except ValueError:
                raise Usage(f"Invalid date format: {quote(value)}", hint=False) from None
        case "--exclude":
            wishes.exclude.append(value.rstrip("/") or value)
        case "--strip-components":
            if not value.isdecimal():
                raise Usage(f"{value}: Invalid number of elements{HINT}", hint=False)
            wishes.strip = int(value)
        case "--no-recursion":
            wishes.recursion = False
        case "--format":
            if value not in tar_archive.FORMATS:
                raise Usage(f"{value}: Invalid archive format{HINT}", hint=False)
            wishes.form = tar_archive.FORMATS[value]
        case "--same-owner" | "--no-same-owner":
            wishes.same_owner = option == "--same-owner"
        case "--wildcards":
            wishes.wildcards = True
        case "-T" | "--files-from":
            wishes.operands += [(wishes.folder, line) for line in _lines(process, value)]
        case "-X" | "--exclude-from":
            wishes.exclude += _lines(process, value)


def _lines(process: Process, path: str) -> list[str]:
    try:
        file = process.fs.open_file(path)
        data = b""
        while part := file.read(1 << 16):
            data += part
    except OSError as error:
        message = f"{path}: Cannot open: {error.strerror}\ntar: Error is not recoverable: exiting now"
        raise Usage(message, hint=False) from None
    return [line for line in data.decode("utf-8", "surrogateescape").split("\n") if line]

"""stat: all that the file system says of a file."""

import re
import stat as modes
from collections.abc import Generator

from course.processes.simulated.process import Process, Run, Waiting
from course.processes.simulated.programs.formatting import LETTERS
from course.processes.simulated.programs.long_listing import is_device
from course.processes.simulated.programs.quoting import quoted
from course.processes.simulated.programs.registry import Steps, for_each, missing_operand, options, program, trying
from course.processes.simulated.programs.stat_fields import Subject, of_file, of_file_system, written

LONG = "dereference file-system format= printf= terse".split()
TERSE = "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o\n"
USUAL = (
    "  File: %n{target}\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: %Hd,%Ld\tInode: %-11i {links}\n"
    "Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n Birth: %w\n"
)
TERSE_FILE_SYSTEM = "%n %i %l %t %s %S %b %f %a %c %d\n"
USUAL_FILE_SYSTEM = (
    '  File: "%n"\n    ID: %-8i Namelen: %-7l Type: %T\nBlock size: %-10s Fundamental block size: %S\n'
    "Blocks: Total: %-10b Free: %-10f Available: %a\nInodes: Total: %-10c Free: %d\n"
)
ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.?)", re.DOTALL)


@program("stat")
def stat(process: Process, argv: list[str]) -> Run:
    """Print the metadata of files (stat(1)): -c, --printf, -L, -t, and -f for the file system."""
    found, operands = options(argv, "c:fLt", LONG)
    form, end = None, ""
    follow = file_system = terse = False
    for option, value in found:
        match option:
            case "-c" | "--format":
                form, end = value, "\n"
            case "--printf":
                form, end = (yield from _unescaped(process, value)), ""
            case "-L" | "--dereference":
                follow = True
            case "-f" | "--file-system":
                file_system = True
            case "-t" | "--terse":
                terse = True
    missing_operand(operands)

    def show(path: str) -> Steps:
        if file_system:
            with trying(f"cannot read file system information for {quoted(path)}"):
                values = of_file_system(path, process.fs.statfs(path))
            usual = TERSE_FILE_SYSTEM if terse else USUAL_FILE_SYSTEM
        else:
            with trying(f"cannot statx {quoted(path)}"):
                subject = Subject(process.fs, path, process.fs.stat(path) if follow else process.fs.lstat(path))
            values = of_file(subject)
            usual = TERSE if terse else _usual(subject)
        text = (
            "".join(written(line, values) for line in usual.splitlines(True)) if form is None else written(form, values)
        )
        yield from process.print(text + end)
        return True

    return (yield from for_each(process, operands, show))


def _usual(subject: Subject) -> str:
    mode = subject.found.st_mode
    target = f" -> {subject.fs.readlink(subject.path)}".replace("%", "%%") if modes.S_ISLNK(mode) else ""
    device = is_device(mode)
    return USUAL.format(target=target, links="Links: %-5h Device type: %Hr,%Lr" if device else "Links: %h")


def _unescaped(process: Process, form: str) -> Generator[Waiting, None, str]:
    text, at = "", 0
    for match in ESCAPE.finditer(form):
        what = match[1]
        text += form[at : match.start()]
        at = match.end()
        if what[:1] == "x" and len(what) > 1:
            text += chr(int(what[1:], 16))
        elif what[:1].isdigit():
            text += chr(int(what, 8) & 0xFF)
        elif what in LETTERS:
            text += LETTERS[what]
        else:
            if what:
                yield from process.complain(f"stat: warning: unrecognized escape '\\{what}'")
            text += what or "\\"
    return text + form[at:]

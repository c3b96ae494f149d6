"""chmod: what may be done with a file, and by whom."""

import stat
from dataclasses import dataclass

from course.processes.simulated.process import Process, Run
from course.processes.simulated.programs import modes
from course.processes.simulated.programs.modes import Change, letters
from course.processes.simulated.programs.operands import join
from course.processes.simulated.programs.quoting import named, quote, quoted
from course.processes.simulated.programs.registry import Steps, Usage, missing_operand, options, program

MODE_OPTIONS = "rwxXstugoa,+=01234567"  # a mode such as -x looks like an option
SHORT = "Rcfv" + "".join(f"{letter}::" for letter in MODE_OPTIONS)
LONG = ["recursive", "changes", "quiet", "silent", "verbose", "reference="]


@dataclass(frozen=True, slots=True)
class Plan:
    """What one call of chmod is to do: ``talk`` is "always" (-v), "changes" (-c) or empty (str)."""

    changes: tuple[Change, ...]
    umask: int
    recursive: bool = False
    silent: bool = False
    talk: str = ""
    surprises: bool = False


@program("chmod")
def chmod(process: Process, argv: list[str]) -> Run:
    """Change the mode of files (chmod(1)): -R, -v, -c, -f, --reference; modes in octal and in symbols."""
    found, files = options(argv, SHORT, LONG)
    flags = {name for name, _ in found}
    from_options = ",".join(name + value for name, value in found if name[1] in MODE_OPTIONS)
    references = [value for name, value in found if name == "--reference"]
    text = from_options
    if not text and not references:
        missing_operand(files, 1)
        text, *files = files
        missing_operand([text, *files], 2)
    missing_operand(files, 1)
    umask = process.fs.umask(0)
    process.fs.umask(umask)
    plan = Plan(
        _changes(process, text, references),
        umask,
        bool(flags & {"-R", "--recursive"}),
        bool(flags & {"-f", "--quiet", "--silent"}),
        "always" if flags & {"-v", "--verbose"} else "changes" if flags & {"-c", "--changes"} else "",
        bool(from_options),
    )
    status = 0
    for file in files:
        if not (yield from _change(process, plan, file)):
            status = 1
    return status


def _changes(process: Process, text: str, references: list[str]) -> tuple[Change, ...]:
    if references:
        try:
            mode = process.fs.stat(references[-1]).st_mode & 0o7777
        except OSError as error:
            message = f"failed to get attributes of {quoted(references[-1])}: {error.strerror}"
            raise Usage(message, hint=False) from error
        return (Change("=", 0o7777, mode, 0o7777),)
    try:
        return modes.parse(text)
    except ValueError:
        raise Usage(f"invalid mode: {quote(text)}") from None


def _change(process: Process, plan: Plan, path: str, operand: bool = True) -> Steps:
    """Change one file, and what lies in it; return whether all went well."""
    fs = process.fs
    try:
        found = fs.stat(path) if operand else fs.lstat(path)
    except OSError as error:
        why = f"cannot access {quoted(path)}: {error.strerror}"
        if operand and _is_link(process, path):
            why = f"cannot operate on dangling symlink {quoted(path)}"
        if not plan.silent:
            yield from process.complain(f"chmod: {why}")
        if plan.talk == "always":
            yield from process.print(f"{quoted(path)} could not be accessed\n")
        return False
    fine = yield from _set(process, plan, path, found.st_mode)
    if plan.recursive and stat.S_ISDIR(found.st_mode):
        try:
            names = fs.listdir(path)
        except OSError as error:
            if not plan.silent:
                yield from process.complain(f"chmod: cannot read directory {quoted(path)}: {error.strerror}")
            if plan.talk == "always":
                yield from process.print(f"{quoted(path)} could not be accessed\n")
            return False
        for name in names:
            fine &= yield from _change(process, plan, join(path, name), operand=False)
    return fine


def _is_link(process: Process, path: str) -> bool:
    try:
        return stat.S_ISLNK(process.fs.lstat(path).st_mode)
    except OSError:
        return False


def _set(process: Process, plan: Plan, path: str, old: int) -> Steps:
    if stat.S_ISLNK(old):
        if plan.talk == "always":
            yield from process.print(f"neither symbolic link {quoted(path)} nor referent has been changed\n")
        return True
    is_directory = stat.S_ISDIR(old)
    new = modes.changed(old, plan.changes, is_directory, plan.umask)
    expected = modes.changed(old, plan.changes, is_directory, 0)
    try:
        process.fs.chmod(path, new)
        fine = True
    except OSError as error:
        if not plan.silent:
            yield from process.complain(f"chmod: changing permissions of {quoted(path)}: {error.strerror}")
        fine = False
    if fine and new & 0o7000:
        new = process.fs.stat(path).st_mode & 0o7777  # set-id bits are not always given
    old &= 0o7777
    if plan.talk == "always" or (plan.talk and fine and old != new):
        yield from process.print(_said(path, old, new, fine))
    if fine and plan.surprises and new & ~expected:
        what = f"new permissions are {letters(new)}, not {letters(expected)}"
        yield from process.complain(f"chmod: {named(path)}: {what}")
        return False
    return fine


def _said(path: str, old: int, new: int, fine: bool) -> str:
    if fine and old == new:
        return f"mode of {quoted(path)} retained as {new:04o} ({letters(new)})\n"
    done = f"mode of {quoted(path)} changed" if fine else f"failed to change mode of {quoted(path)}"
    return f"{done} from {old:04o} ({letters(old)}) to {new:04o} ({letters(new)})\n"

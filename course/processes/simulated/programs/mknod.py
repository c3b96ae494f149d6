"""mknod, mkfifo and mktemp: special files, and files with a name of their own."""

import random
import re

from course.processes.simulated.process import Process, Run
from course.processes.simulated.programs import modes
from course.processes.simulated.programs.operands import join
from course.processes.simulated.programs.quoting import named, quote, quoted
from course.processes.simulated.programs.registry import (
    Usage,
    at_once,
    extra_operand,
    for_each,
    missing_operand,
    options,
    program,
    trying,
)
from course.union import flags

FIFO, CHARACTER, BLOCK = 0o010000, 0o020000, 0o060000
TYPES = {"p": FIFO, "c": CHARACTER, "u": CHARACTER, "b": BLOCK}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@program("mkfifo")
def mkfifo(process: Process, argv: list[str]) -> Run:
    """Make named pipes (mkfifo(1)): -m."""
    found, operands = options(argv, "m:", ["mode="])
    missing_operand(operands)
    mode = _mode(process, found)

    def step(path: str) -> None:
        with trying(f"cannot create fifo {quoted(path)}"):
            _make(process, path, FIFO, (0, 0), mode)

    return (yield from for_each(process, operands, at_once(step)))


@program("mknod")
def mknod(process: Process, argv: list[str]) -> Run:
    """Make a device or a named pipe (mknod(1)): -m; ``NAME b|c|u MAJOR MINOR`` or ``NAME p``."""
    found, operands = options(argv, "m:", ["mode="])
    mode = _mode(process, found)
    is_fifo = len(operands) > 1 and operands[1].startswith("p")
    needed = 2 if is_fifo else 4
    if len(operands) < needed:
        after = f" after {quote(operands[-1])}" if operands else ""
        devices = "\nSpecial files require major and minor device numbers." if len(operands) == 2 else ""
        raise Usage(f"missing operand{after}{devices}")
    if is_fifo and len(operands) == 4:
        raise Usage(f"extra operand {quote(operands[2])}\nFifos do not have major and minor device numbers.")
    extra_operand(operands, needed)
    path, letter, *numbers = operands
    if letter[:1] not in TYPES:
        raise Usage(f"invalid device type {quote(letter)}")
    device = (0, 0) if is_fifo else (_number("major", numbers[0]), _number("minor", numbers[1]))
    kind = TYPES[letter[0]]

    def step(path: str) -> None:
        with trying(named(path)):
            _make(process, path, kind, device, mode)

    return (yield from for_each(process, [path], at_once(step)))


def _mode(process: Process, found: list[tuple[str, str]]) -> int | None:
    """Return the mode that -m asks for (int), or None: 0666 less the umask.  Raises Usage."""
    if not found:
        return None
    umask = process.fs.umask(0)
    process.fs.umask(umask)
    try:
        mode = modes.changed(0o666, modes.parse(found[-1][1]), False, umask)
    except ValueError:
        raise Usage("invalid mode", hint=False) from None
    if mode & ~0o777:
        raise Usage("mode must specify only file permission bits", hint=False)
    return mode


def _number(which: str, text: str) -> int:
    """Return a device number (int), in decimal, octal (010) or hexadecimal (0x10).  Raises Usage."""
    try:
        return int(text, 8 if re.fullmatch("0[0-7]+", text) else 0)
    except ValueError:
        raise Usage(f"invalid {which} device number {quote(text)}", hint=False) from None


def _make(process: Process, path: str, kind: int, device: tuple[int, int], mode: int | None) -> None:
    process.fs.mknod(path, kind | (0o666 if mode is None else mode), device)
    if mode is not None:
        process.fs.chmod(path, mode)  # whatever the umask says


@program("mktemp")
def mktemp(process: Process, argv: list[str]) -> Run:
    """Make a file or directory with a name of its own, and print that (mktemp(1)): -d, -u, -q, -p, -t, --suffix."""
    found, operands = options(argv, "dp:qtu", ["directory", "dry-run", "quiet", "suffix=", "tmpdir=?"])
    chosen = dict(found)
    if len(operands) > 1:
        raise Usage("too many templates")
    template, suffix = _template(process, chosen, operands)
    directory = "-d" in chosen or "--directory" in chosen
    dry = "-u" in chosen or "--dry-run" in chosen
    count = len(template) - len(template.rstrip("X"))
    choices = random.Random(f"{process.space.clock()} {process.pid}")  # noqa: S311 (a name, not a secret)
    while True:
        letters = "".join(choices.choice(LETTERS) for _ in range(count))
        path = template[: len(template) - count] + letters + suffix
        try:
            if not dry and directory:
                process.fs.mkdir(path, 0o700)
            elif not dry:
                process.fs.open_file(path, flags.O_RDWR | flags.O_CREAT | flags.O_EXCL, 0o600)
        except FileExistsError:
            continue
        except OSError as error:
            if "-q" in chosen or "--quiet" in chosen:
                return 1
            what = "directory" if directory else "file"
            message = f"failed to create {what} via template {quoted(template + suffix)}: {error.strerror}"
            raise Usage(message, hint=False) from None
        yield from process.print(f"{path}\n")
        return 0


def _template(process: Process, chosen: dict[str, str], operands: list[str]) -> tuple[str, str]:
    """Return what the name begins with, up to its last X, and what follows (pair of str).  Raises Usage."""
    template = operands[0] if operands else "tmp.XXXXXXXXXX"
    suffix = chosen.get("--suffix", "")
    if "--suffix" in chosen:
        if not template.endswith("X"):
            raise Usage(f"with --suffix, template {quoted(template)} must end in X", hint=False)
    else:
        end = template.rindex("X") + 1 if "X" in template else len(template)
        template, suffix = template[:end], template[end:]
    if "/" in suffix:
        raise Usage(f"invalid suffix {quoted(suffix)}, contains directory separator", hint=False)
    if not template.endswith("XXX"):
        raise Usage(f"too few X's in template {quoted(template + suffix)}", hint=False)
    into = chosen.get("-p", chosen.get("--tmpdir"))
    fallback = process.env.get("TMPDIR") or "/tmp"  # noqa: S108 (of the simulated machine)
    if "-t" in chosen:
        if "/" in template:
            message = f"invalid template, {quoted(template + suffix)}, contains directory separator"
            raise Usage(message, hint=False)
        return join(process.env.get("TMPDIR") or into or fallback, template), suffix
    if into is None and operands:
        return template, suffix
    if template.startswith("/"):
        message = f"invalid template, {quoted(template + suffix)}; with --tmpdir, it may not be absolute"
        raise Usage(message, hint=False)
    return join(into or fallback, template), suffix

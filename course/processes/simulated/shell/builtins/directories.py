"""Built-in commands about where the shell is, and about the files it makes: cd, pwd, umask."""

import stat
from collections.abc import Iterator
from typing import TYPE_CHECKING

from course.processes.simulated.shell.builtins.registry import builtin, options, write
from course.processes.simulated.shell.characters import inner, outer
from course.processes.simulated.shell.leaving import ShellError
from course.processes.simulated.shell.running import Executing

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell

WHO = {"u": 0o700, "g": 0o070, "o": 0o007, "a": 0o777}
WHAT = {"r": 0o444, "w": 0o222, "x": 0o111, "X": 0o111}


@builtin("cd", "chdir")
def change_directory(shell: "Shell", words: list[str]) -> Executing:
    """Go to a directory: HOME without one, the one before with ``-``."""
    chosen, operands = options(words, "LP")
    variables = shell.variables
    target = operands[0] if operands else variables.get("HOME") or ""
    told = target == "-"
    if told:
        target = variables.get("OLDPWD") or variables.get("PWD") or ""
    physical = "P" in chosen
    for place in _places(shell, target):
        path = _logical(shell, place)
        try:
            shell.process.fs.chdir(outer(place if physical or not path.startswith("/") else path))
        except OSError:
            continue
        told = told or (place != target and bool(place.removeprefix("./") != target))
        _remember(shell, inner(shell.process.fs.getcwd()) if physical else path)
        if told:
            yield from write(shell, f"{variables.get('PWD')}\n")
        return 0
    raise ShellError(f"can't cd to {target}")


def _places(shell: "Shell", target: str) -> Iterator[str]:
    """Yield the directories that ``target`` (str) can mean: below each of CDPATH, then as it is."""
    first = target.split("/", 1)[0]
    folders = shell.variables.get("CDPATH") or ""
    if target and first not in ("", ".", "..") and folders:
        for folder in folders.split(":"):
            place = f"{folder}/{target}" if folder else target
            try:
                if stat.S_ISDIR(shell.process.fs.stat(outer(place)).st_mode):
                    yield place
            except OSError:
                continue
    yield target


def _logical(shell: "Shell", place: str) -> str:
    """Return ``place`` (str) as seen from the root, its dots taken out as they are written (str)."""
    here = shell.variables.get("PWD") or inner(shell.process.fs.getcwd())
    path = place if place.startswith("/") else f"{here.removesuffix('/')}/{place}"
    names: list[str] = []
    for name in path.split("/"):
        if name == "..":
            del names[-1:]
        elif name not in ("", "."):
            names.append(name)
    start = "//" if path.startswith("//") and not path.startswith("///") else "/"
    return start + "/".join(names)


def _remember(shell: "Shell", path: str) -> None:
    before = shell.variables.get("PWD")
    for name, value in (("OLDPWD", before), ("PWD", path)):
        if value is not None:
            shell.assign(name, value)
            shell.variables.mark(name, exported=True)


@builtin("pwd")
def print_directory(shell: "Shell", words: list[str]) -> Executing:
    """Print the working directory: as it was reached, or with -P free of symbolic links."""
    chosen, _operands = options(words, "LP")
    known = shell.variables.get("PWD")
    path = inner(shell.process.fs.getcwd()) if "P" in chosen or known is None else known
    yield from write(shell, f"{path}\n")
    return 0


@builtin("umask")
def mask(shell: "Shell", words: list[str]) -> Executing:
    """Print or set which permissions new files lack."""
    chosen, operands = options(words, "S")
    fs = shell.process.fs
    current = fs.umask(0)
    fs.umask(current)
    if not operands:
        allowed = [f"{who}={''.join(bit for bit in 'rwx' if ~current & WHO[who] & WHAT[bit])}" for who in "ugo"]
        yield from write(shell, ",".join(allowed) + "\n" if "S" in chosen else f"{current:04o}\n")
    elif operands[0][0:1].isdigit():
        if not set(operands[0]) <= set("01234567"):
            raise ShellError(f"Illegal number: {operands[0]}")
        fs.umask(int(operands[0], 8) & 0o777)
    else:
        fs.umask(~_symbolic(operands[0], ~current) & 0o777)
    return 0


def _symbolic(text: str, allowed: int) -> int:
    """Return the permissions (int) that a mode such as ``u=rwx,go-w`` (str) makes of those ``allowed`` (int)."""
    for clause in text.split(","):
        rest = clause.lstrip("ugoa")
        who = 0
        for letter in clause[: len(clause) - len(rest)] or "a":
            who |= WHO[letter]
        if rest[:1] not in ("+", "-", "="):
            raise ShellError(f"Illegal mode: {text}")
        while rest:
            sign, rest = rest[0], rest[1:]
            bits = 0
            while rest and rest[0] not in "+-=":
                if rest[0] not in "rwxXst":
                    raise ShellError(f"Illegal mode: {text}")
                bits |= WHAT.get(rest[0], 0) & who
                rest = rest[1:]
            allowed = allowed | bits if sign == "+" else allowed & ~bits if sign == "-" else allowed & ~who | bits
    return allowed

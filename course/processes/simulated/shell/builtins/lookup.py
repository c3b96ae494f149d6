"""Built-in commands that tell what a name means: command, type, hash."""

from typing import TYPE_CHECKING

from course.processes.simulated import executable
from course.processes.simulated.shell import calling
from course.processes.simulated.shell.builtins.registry import BUILTINS, builtin, options, slot, write
from course.processes.simulated.shell.parser import KEYWORDS, SPECIAL_BUILTINS
from course.processes.simulated.shell.running import Executing

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell


@builtin("command")
def command(shell: "Shell", words: list[str]) -> Executing:
    """Tell what would run; without -v or -V, there is nothing to run."""
    chosen, operands = options(words, "pvV")
    status = 0
    path = executable.DEFAULT_PATH if "p" in chosen else None
    for name in operands[:1] if "v" in chosen or "V" in chosen else []:
        described = _described(shell, name, path)
        if described is None:
            if "V" in chosen:
                yield from write(shell, f"{name}: not found\n")
            status = 127
        else:
            yield from write(shell, f"{described[0]}\n" if "v" in chosen else f"{name} {described[1]}\n")
    return status


@builtin("type")
def tell_type(shell: "Shell", words: list[str]) -> Executing:
    """Tell what each name means."""
    status = 0
    for name in words[1:]:
        described = _described(shell, name, None)
        yield from write(shell, f"{name}: not found\n" if described is None else f"{name} {described[1]}\n")
        status = 127 if described is None else status
    return status


def _described(shell: "Shell", name: str, path: str | None) -> tuple[str, str] | None:
    """Return what ``command -v`` and ``type`` say of ``name`` (pair of str), or None if it means nothing."""
    if name in KEYWORDS:
        return name, "is a shell keyword"
    if name in shell.aliases:
        return f"alias {name}='{shell.aliases[name]}'", f"is an alias for {shell.aliases[name]}"
    if name in SPECIAL_BUILTINS:
        return name, "is a special shell builtin"
    if name in shell.functions:
        return name, "is a shell function"
    if name in BUILTINS:
        return name, "is a shell builtin"
    tracked = " a tracked alias for" if name in shell.tracked else ""
    if path is not None:
        try:
            return (file := calling.search(shell, name, path)), f"is {file}"
        except OSError:
            return None
    found = calling.track(shell, name)
    return None if found is None else (found, f"is{tracked} {found}")


@builtin("hash")
def hash_programs(shell: "Shell", words: list[str]) -> Executing:
    """Look programs up and remember where they lie, forget that with -r, or list it."""
    chosen, operands = options(words, "rv")
    if "r" in chosen:
        shell.tracked.clear()
    elif not operands:
        files = [shell.tracked[name] for name in sorted(shell.tracked, key=lambda name: slot(name, 31))]
        yield from write(shell, "".join(f"{file}\n" for file in files))
    status = 0
    for name in operands:
        if name not in BUILTINS and name not in shell.functions and calling.track(shell, name) is None:
            yield from shell.complain(f"{name}: not found")
            status = 1
    return status

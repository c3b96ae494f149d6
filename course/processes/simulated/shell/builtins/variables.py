"""Built-in commands about variables: export, readonly, unset, local, alias, unalias."""

from typing import TYPE_CHECKING

from course.processes.simulated.shell.builtins.registry import builtin, options, quoted, slot, write
from course.processes.simulated.shell.leaving import ShellError
from course.processes.simulated.shell.running import Executing

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell


@builtin("export", "readonly")
def mark(shell: "Shell", words: list[str]) -> Executing:
    """Let programs see variables, or let nothing change them; without names, list those that are so marked."""
    marks = {"exported": words[0] == "export", "readonly": words[0] == "readonly"}
    chosen, names = options(words, "p")
    if "p" in chosen or not names:
        known = shell.variables.marked(**marks)
        lines = [f"{words[0]} {name}" + ("" if value is None else f"={quoted(value)}") for name, value in known]
        yield from write(shell, "".join(f"{line}\n" for line in lines))
        return 0
    for word in names:
        name, equals, value = word.partition("=")
        if equals:
            shell.assign(name, value)
        shell.variables.mark(name, **marks)
    return 0


@builtin("unset")
def unset(shell: "Shell", words: list[str]) -> Executing:
    """Forget variables, or with -f functions."""
    chosen, names = options(words, "vf")
    for name in names:
        if "f" in chosen:
            shell.functions.pop(name, None)
        else:
            shell.variables.unset(name)
    return 0
    yield  # a generator, as all built-in commands


@builtin("local")
def make_local(shell: "Shell", words: list[str]) -> Executing:
    """Keep what variables are until the function ends, and give some a value."""
    if not shell.calls:
        raise ShellError("not in a function")
    for word in words[1:]:
        if word == "-":
            shell.local_options = set(shell.options)
            continue
        name, equals, value = word.partition("=")
        shell.variables.make_local(name)
        if equals:
            shell.assign(name, value)
    return 0
    yield


@builtin("alias")
def alias(shell: "Shell", words: list[str]) -> Executing:
    """Let a word stand for a text where a command begins; without a value, tell what it stands for."""
    status, lines = 0, []
    for word in words[1:] or sorted(shell.aliases, key=lambda name: slot(name, 39)):
        name, equals, value = word.partition("=")
        if equals and name:
            shell.aliases[name] = value
        elif word in shell.aliases:
            lines.append(f"{word}={quoted(shell.aliases[word])}\n")
        else:
            yield from shell.process.complain(f"alias: {word} not found")
            status = 1
    yield from write(shell, "".join(lines))
    return status


@builtin("unalias")
def unalias(shell: "Shell", words: list[str]) -> Executing:
    """Forget aliases, or with -a all of them."""
    chosen, names = options(words, "a")
    if "a" in chosen:
        shell.aliases.clear()
    status = 0
    for name in names:
        if shell.aliases.pop(name, None) is None:
            yield from shell.process.complain(f"unalias: {name} not found")
            status = 1
    return status

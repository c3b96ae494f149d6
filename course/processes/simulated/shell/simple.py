"""Simple commands: a built-in one, a function, or a program in a child process (POSIX, XCU 2.9.1)."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course.processes.simulated import executable
from course.processes.simulated.process import TURN, Waiting
from course.processes.simulated.shell import calling, expansion
from course.processes.simulated.shell.builtins import BUILTINS
from course.processes.simulated.shell.grammar import Assignment, Function, Simple
from course.processes.simulated.shell.leaving import Failure, Return, ShellError
from course.processes.simulated.shell.parser import SPECIAL_BUILTINS, Parser
from course.processes.simulated.shell.redirecting import Saved, expanded, redirect
from course.processes.simulated.shell.running import Executing, call
from course.processes.simulated.shell.words import Parts

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell

DEEPEST = 1000  # functions in functions
ASSIGNING = (["alias"], ["export"], ["local"], ["readonly"])  # what takes assignments as arguments, which are not split


@dataclass(frozen=True, slots=True)
class Found:
    """What a command's name means: its ``words`` (list of str) without a ``command`` before them.

    ``function`` (Function) if it is one; ``builtin`` (bool), ``special`` (bool) if it is built in; else a program,
    looked for in ``path`` (str, or None for PATH).
    """

    words: list[str]
    function: Function | None = None
    builtin: bool = False
    special: bool = False
    path: str | None = None


def run(shell: "Shell", node: Simple, last: bool) -> Executing:
    """Run the simple command ``node`` (Simple) and return its status (int).  Raises ShellError, Leave, Jump."""
    yield TURN
    shell.line, shell.substituted_status = node.line, None
    found = find(shell, (yield from _words(shell, node)))
    given = yield from expanded(shell, node.redirections)
    saved = Saved(shell.process)
    scopes = shell.variables.scopes
    try:
        try:
            yield from redirect(shell, saved, given)
        except ShellError as error:
            saved.restore()
            yield from shell.complain(str(error))
            if found.special:
                raise Failure(error.status) from None
            return error.status
        if found.function or (node.assignments and found.words and not found.special):
            shell.variables.open_scope()
        yield from _assign(shell, node, found, saved)
        if not found.words:
            return shell.substituted_status or 0
        if found.words == ["exec"]:
            saved.forget()
        return (yield from _run_found(shell, found, last))
    finally:
        while shell.variables.scopes > scopes:
            shell.variables.close_scope()
        saved.restore()


def _words(shell: "Shell", node: Simple) -> Generator[Waiting, None, list[str]]:
    words: list[str] = []
    for word in node.words:
        assigned = Assignment.of(word) if words else None
        if assigned and find(shell, words).words[:1] in ASSIGNING:
            words.append(f"{assigned.name}={(yield from expansion.text(shell, assigned.value, assigned=True))}")
        else:
            words += yield from expansion.words(shell, [word])
    return words


def find(shell: "Shell", words: list[str]) -> Found:
    """Return what ``words`` (list of str) call (Found).  Rule: XCU 2.9.1.4, Command Search and Execution."""
    path, by_command = None, False
    while words[:1] == ["command"] and "command" not in shell.functions:
        rest = words[1:]
        if rest[:1] == ["-p"]:
            path, rest = executable.DEFAULT_PATH, rest[1:]
        if rest[:1] == ["--"]:
            rest = rest[1:]
        if not rest or rest[0].startswith("-"):
            break  # the built-in command itself, with -v or -V
        words, by_command = rest, True
    name = words[0] if words else ""
    if name in SPECIAL_BUILTINS:
        return Found(words, builtin=True, special=not by_command)
    if name in shell.functions and not by_command:
        return Found(words, function=shell.functions[name])
    return Found(words, builtin=name in BUILTINS, path=path)


def _assign(shell: "Shell", node: Simple, found: Found, saved: Saved) -> Generator[Waiting, None, None]:
    """Do what the assignments before the command say: for good, or in the scope that is open for it."""
    traced, temporary = [], bool(found.words) and not found.special
    for assignment in node.assignments:
        value = yield from expansion.text(shell, assignment.value, assigned=True)
        if temporary:
            shell.variables.make_local(assignment.name)
        shell.assign(assignment.name, value)
        if temporary:
            shell.variables.mark(assignment.name, exported=True)
        traced.append(f"{assignment.name}={value}")
    if "x" in shell.options and (traced or found.words):
        prompt = yield from _prompt(shell)
        line = f"{prompt}{' '.join([*traced, *found.words])}\n"
        stream = saved.streams.get(2) or shell.process.fds.get(2)
        if stream:
            yield from shell.process.write_to(stream, line.encode("latin-1"))


def _prompt(shell: "Shell") -> Generator[Waiting, None, str]:
    parts = Parts()
    Parser(shell.variables.get("PS4") or "").quoted_line(parts)
    return (yield from expansion.text(shell, parts.word()))


def _run_found(shell: "Shell", found: Found, last: bool) -> Executing:
    if found.function:
        return (yield from _run_function(shell, found.function, found.words))
    if found.builtin:
        return (yield from _run_builtin(shell, found))
    if last and not shell.traps:
        return (yield from calling.replace(shell, found.words, found.path))
    calling.track(shell, found.words[0])
    child = shell.fork(lambda copy: calling.replace(copy, found.words, found.path))
    return (yield from shell.jobs.foreground([child]))


def _run_function(shell: "Shell", function: Function, words: list[str]) -> Executing:
    if shell.calls >= DEEPEST:
        raise ShellError(f"Maximum function recursion depth ({DEEPEST}) reached")
    positional, loops, place, options = shell.positional, shell.loops, shell.option_place, shell.local_options
    shell.positional, shell.loops, shell.calls = words[1:], 0, shell.calls + 1
    shell.option_place, shell.local_options = (0, 1), None
    try:
        return (yield from call(shell.execute(function.body)))
    except Return as jump:
        return jump.status
    finally:
        if shell.local_options is not None:
            shell.options = shell.local_options
        shell.positional, shell.loops, shell.calls = positional, loops, shell.calls - 1
        shell.option_place, shell.local_options = place, options


def _run_builtin(shell: "Shell", found: Found) -> Executing:
    outside, shell.command_name = shell.command_name, found.words[0]
    try:
        return (yield from call(BUILTINS[found.words[0]](shell, found.words)))
    except ShellError as error:
        yield from shell.complain(str(error))
        if found.special:
            raise Failure(error.status) from None
        return error.status
    except Failure as failure:
        if found.special:
            raise
        return failure.status
    except OSError:
        yield from shell.complain(f"{found.words[0]}: I/O error")
        return 1
    finally:
        shell.command_name = outside

"""Built-in commands that steer: break, continue, return, exit, eval, exec, ``.``, ``:``, true, false, shift."""

from typing import TYPE_CHECKING

from course.processes.simulated.shell import calling
from course.processes.simulated.shell.builtins.registry import builtin, number, options
from course.processes.simulated.shell.leaving import Break, Continue, Leave, Return, ShellError
from course.processes.simulated.shell.running import Executing, call

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell


@builtin(":", "true")
def nothing(_shell: "Shell", _words: list[str]) -> Executing:
    """Do nothing."""
    return 0
    yield  # a generator, as all built-in commands


@builtin("false")
def fail(_shell: "Shell", _words: list[str]) -> Executing:
    """Do nothing, and fail."""
    return 1
    yield


@builtin("break", "continue")
def leave_loops(shell: "Shell", words: list[str]) -> Executing:
    """Leave so many loops, or go on with the next round of the last one."""
    levels = number(words[1]) if len(words) > 1 else 1
    if levels == 0:
        raise ShellError(f"Illegal number: {words[1]}")
    if shell.loops:
        raise Break(levels) if words[0] == "break" else Continue(levels)
    return 0
    yield


@builtin("return")
def leave_function(shell: "Shell", words: list[str]) -> Executing:
    """Leave a function, or a script that ``.`` runs, with a status: that of the last command if none is given."""
    raise Return(number(words[1]) if len(words) > 1 else shell.status)
    yield


@builtin("exit")
def leave_shell(shell: "Shell", words: list[str]) -> Executing:
    """Leave the shell with a status: that of the last command if none is given."""
    raise Leave(number(words[1]) if len(words) > 1 else shell.status)
    yield


@builtin("eval")
def evaluate(shell: "Shell", words: list[str]) -> Executing:
    """Run the words as commands."""
    text = " ".join(words[1:])
    return (yield from shell.run_text(text)) if text else 0


@builtin(".")
def run_file(shell: "Shell", words: list[str]) -> Executing:
    """Run the commands in a file, which is looked for in PATH, in this shell."""
    _options, operands = options(words, "")
    if not operands:
        return 0
    path = operands[0]
    if "/" not in path:
        path = _in_path(shell, path)
    text = yield from shell.script(path)
    tested, shell.tested = shell.tested, 0
    outside, shell.command_name = shell.command_name, path
    try:
        return (yield from call(shell.run_text(text, is_file=True)))
    except Return as jump:
        return jump.status
    finally:
        shell.tested, shell.command_name = tested, outside


def _in_path(shell: "Shell", name: str) -> str:
    for folder in (shell.variables.get("PATH") or "").split(":"):
        path = f"{folder or '.'}/{name}"
        if calling.is_regular(shell, path):
            return path
    raise ShellError(f"{name}: not found")


@builtin("exec")
def replace(shell: "Shell", words: list[str]) -> Executing:
    """Run a program in place of the shell; without one, the redirections stay."""
    _options, operands = options(words, "")
    if not operands:
        return 0
    raise Leave((yield from calling.replace(shell, operands)))


@builtin("shift")
def shift(shell: "Shell", words: list[str]) -> Executing:
    """Forget the first so many positional parameters."""
    count = number(words[1]) if len(words) > 1 else 1
    if count > len(shell.positional):
        raise ShellError("can't shift that many")
    del shell.positional[:count]
    return 0
    yield

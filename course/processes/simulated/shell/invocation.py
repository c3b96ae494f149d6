"""Invocation: what ``sh`` does with its arguments, its environment and its input (POSIX, XCU sh)."""

from collections.abc import Generator

from course.processes.simulated.process import Process, Run, Waiting
from course.processes.simulated.shell.builtins.setting import OPTIONS, set_option
from course.processes.simulated.shell.characters import inner
from course.processes.simulated.shell.leaving import Leave, ShellError
from course.processes.simulated.shell.parser import Parser
from course.processes.simulated.shell.running import Executing, call, driven
from course.processes.simulated.shell.shell import Shell
from course.processes.simulated.shell.variables import Variables
from course.processes.simulated.shell.words import ShellSyntaxError

BLOCK = 8192  # bytes of a script that are read at a time from standard input


def sh(process: Process, argv: list[str]) -> Run:
    """Run the shell: ``sh [-options] [-c command | script] [argument …]``."""
    shell = Shell(process, inner(argv[0]), Variables(process.env))
    shell.variables.begin(inner(process.fs.getcwd()), process.parent.pid if process.parent else 0, process.fs.uid == 0)
    return (yield from driven(shell.whole(_begun(shell, [inner(word) for word in argv]))))


def _begun(shell: Shell, argv: list[str]) -> Executing:
    shell.line = 0
    try:
        text, named = yield from _asked(shell, argv[1:])
    except ShellError as error:
        yield from shell.complain(str(error))
        raise Leave(error.status) from None
    if text is None:
        return (yield from _from_input(shell))
    return (yield from shell.run_text(text, last=named, is_file=not named))


def _asked(shell: Shell, rest: list[str]) -> Generator[Waiting, None, tuple[str | None, bool]]:
    """Take the arguments (list of str); return the text to run (str), and whether it is a ``-c`` command (bool).

    The text is None if standard input is to be run.  Raises ShellError.
    """
    command = False
    while rest and rest[0][:1] in ("-", "+"):
        word = rest.pop(0)
        if word in ("-", "--"):
            break
        for letter in word[1:]:
            if letter == "c" and word[0] == "-":
                command = True
            elif letter == "o":
                name = rest.pop(0) if rest else ""
                if name not in OPTIONS:
                    raise ShellError(f"Illegal option -o {name}")
                set_option(shell, OPTIONS[name], word[0] == "-")
            else:
                set_option(shell, letter, word[0] == "-")
    if command:
        if not rest:
            raise ShellError("-c requires an argument")
        text = rest.pop(0)
        if rest:
            shell.name = rest.pop(0)
        shell.positional = rest
        return text, True
    if rest and "s" not in shell.options:
        text = yield from shell.script(rest[0])
        shell.name, shell.positional = rest[0], rest[1:]
        return text, False
    shell.positional = rest
    shell.options.add("s")
    return None, False


def _from_input(shell: Shell) -> Executing:
    """Run what standard input holds, each command as soon as it is there."""
    parser, more, status = Parser("", aliases=shell.aliases), 0 in shell.process.fds, 0
    held = b""
    while True:
        here, shell.parser = (parser.at, parser.line), parser
        try:
            commands = parser.next()
        except ShellSyntaxError as error:
            if not (more and error.unfinished):
                yield from shell.refuse(error)
            commands = None
        if commands is not None:
            status = yield from call(shell.execute(commands))
        elif not more:
            return status
        else:
            parser.restart(*here)
            data = yield from shell.process.read(0, BLOCK)
            more, held = bool(data), held + data
            end = held.rfind(b"\n") + 1 if more else len(held)
            parser.text += held[:end].decode("latin-1")
            held = held[end:]

"""A shell: what dash does with a script (POSIX, XCU 2), in a process of the simulator.

How a script is read is in ``parser``, what its words become in ``expansion``, how its commands run in ``execution``;
here is what a shell remembers from one command to the next, and how it begins and ends.
"""

from collections.abc import Callable, Generator
from typing import NoReturn

from course.processes.simulated.process import Process, Run, Waiting, ignore
from course.processes.simulated.shell import execution
from course.processes.simulated.shell.builtins.setting import LETTERS
from course.processes.simulated.shell.characters import is_name, outer
from course.processes.simulated.shell.grammar import Function, Node, Sequence
from course.processes.simulated.shell.jobs import Jobs
from course.processes.simulated.shell.leaving import Failure, Jump, Leave, ShellError
from course.processes.simulated.shell.parser import Parser
from course.processes.simulated.shell.redirecting import reason
from course.processes.simulated.shell.running import Executing, call, driven
from course.processes.simulated.shell.variables import Variables
from course.processes.simulated.shell.words import ShellSyntaxError
from course.union import flags


class Shell:
    """A shell that runs in ``process`` (Process).

    ``name`` is ``$0`` (str), ``positional`` are ``$1 $2 …`` (list of str), ``status`` is ``$?`` (int), ``background``
    is ``$!`` (int or None), ``root`` is ``$$`` (int), ``options`` are letters (set of str), ``traps`` maps signals to
    what is to be done (dict of int to str; 0 is EXIT), ``caught`` are the signals whose traps have not run yet (list of
    int), ``line`` is where the command stands that runs (int), ``tested`` counts the conditions that it is part of,
    in which ``set -e`` ends nothing (int), ``loops`` and ``calls`` count those that it stands in (int).
    """

    def __init__(self, process: Process, name: str, variables: Variables) -> None:
        self.process, self.name, self.variables = process, name, variables
        self.positional: list[str] = []
        self.functions: dict[str, Function] = {}
        self.aliases: dict[str, str] = {}
        self.options: set[str] = set()
        self.tracked: dict[str, str] = {}  # where programs were found in PATH
        self.traps: dict[int, str] = {}
        self.ignored = frozenset(signal for signal, handler in process.handlers.items() if handler is ignore)
        self.caught: list[int] = []
        self.jobs = Jobs(self)
        self.root = process.pid
        self.background: int | None = None
        self.status = 0
        self.substituted_status: int | None = None
        self.line, self.tested, self.loops, self.calls = 1, 0, 0, 0
        self.option_place = (0, 1)  # how far getopts has come: which argument, which character
        self.local_options: set[str] | None = None  # what `local -` brings back when the function ends
        self.parser: Parser | None = None
        self.command_name = ""  # of the built-in command that runs, for its messages

    # Parameters

    def parameter(self, name: str) -> str | None:
        """Return the value of ``$name`` (str), or None if it has none."""
        if is_name(name):
            return self.variables.get(name)
        if name.isdigit():
            number = int(name)
            if number == 0:
                return self.name
            return self.positional[number - 1] if number <= len(self.positional) else None
        if name == "!":
            return None if self.background is None else str(self.background)
        if name == "-":
            return "".join(letter for letter in reversed(LETTERS) if letter in self.options)
        return str({"?": self.status, "$": self.root, "#": len(self.positional)}[name])

    @property
    def separators(self) -> str:
        """The characters that split fields (str)."""
        found = self.variables.get("IFS")
        return " \t\n" if found is None else found

    @property
    def joint(self) -> str:
        """What ``"$*"`` puts between the positional parameters (str)."""
        return self.separators[:1]

    def assign(self, name: str, value: str) -> None:
        """Set the variable ``name`` to ``value`` (str).  Raises ShellError: it is read only, or no name."""
        self.variables[name] = value
        if name == "PATH":
            self.tracked.clear()
        if name == "OPTIND":
            self.option_place = (max(1, int(value)) - 1 if value.isdigit() else 0, 1)
        if "a" in self.options:
            self.variables.mark(name, exported=True)

    # Messages

    def complain(self, message: str) -> Generator[Waiting, None, None]:
        """Say on standard error what is wrong (str), and where."""
        command = f"{self.command_name}: " if self.command_name else ""
        yield from self.process.complain(outer(f"{self.name}: {self.line}: {command}{message}"))

    # Child processes

    def fork(self, body: "Callable[[Shell], Executing]") -> Process:
        """Return a child process (Process) in which a copy of this shell runs ``body`` (a function of the copy).

        Raises ShellError: there are too many processes.
        """

        def program(process: Process, _argv: list[str]) -> Run:
            shell = self._copied(process)
            return driven(shell.whole(body(shell)))

        try:
            return self.process.fork(program)
        except BlockingIOError:
            raise ShellError("Cannot fork") from None

    def _copied(self, process: Process) -> "Shell":
        other = Shell(process, self.name, self.variables.copy())
        other.positional = list(self.positional)
        other.functions, other.aliases = dict(self.functions), dict(self.aliases)
        other.options, other.tracked = set(self.options), dict(self.tracked)
        other.ignored = self.ignored
        other.parser, other.option_place = self.parser, self.option_place
        other.root, other.background, other.status = self.root, self.background, self.status
        other.line, other.tested, other.calls, other.command_name = (
            self.line,
            self.tested,
            self.calls,
            self.command_name,
        )
        for signal, action in self.traps.items():
            if action:
                process.handlers.pop(signal, None)
            else:
                other.traps[signal] = action
        return other

    def substituted(self, command: Node | None) -> Generator[Waiting, None, str]:
        """Run ``command`` (Node) in a child and return what it prints (str), without the newlines at its end."""
        if command is None:
            self.substituted_status = 0
            return ""
        reading, writing = self.process.pipe()

        def body(shell: "Shell") -> Executing:
            shell.process.close(reading)
            if writing != 1:
                shell.process.dup2(writing, 1)
                shell.process.close(writing)
            shell.tested = 0
            return (yield from execution.execute(shell, command, last=True))

        child = self.fork(body)
        self.process.close(writing)
        try:
            printed = yield from self.process.read_all(reading)
        finally:
            self.process.close(reading)
        self.substituted_status = yield from self.jobs.foreground([child])
        return printed.replace(b"\0", b"").decode("latin-1").rstrip("\n")

    # Commands

    def execute(self, node: Node, last: bool = False) -> Executing:
        """Run ``node`` (Node) and return its status (int); ``last`` (bool): the shell has nothing to do after it."""
        return execution.execute(self, node, last)

    def catch(self, signal: int) -> None:
        """Remember that ``signal`` (int) has come, however often: its trap runs after the present command."""
        if signal not in self.caught:
            self.caught.append(signal)

    def run_traps(self) -> Executing:
        """Run what is to be done on the signals that have come."""
        while self.caught:
            action = self.traps.get(self.caught.pop(0))
            if action:
                status, tested = self.status, self.tested
                self.tested = 0
                try:
                    yield from call(self.run_text(action))
                finally:
                    self.tested = tested
                self.status = status
        return self.status

    def whole(self, body: Executing) -> Executing:
        """Run ``body`` to its end, then what ``trap … EXIT`` asks for; return the exit status (int)."""
        status = yield from self._ended_by(body)
        action = self.traps.pop(0, "")
        if action:
            self.status = status
            status = yield from self._ended_by(self.run_text(action), status)
        return status & 0xFF

    def _ended_by(self, body: Executing, otherwise: int | None = None) -> Executing:
        """Return the exit status (int) that ``body`` ends with, or ``otherwise`` (int) unless it leaves."""
        try:
            status = yield from call(body)
        except Leave as leave:
            return leave.status
        except Jump as jump:
            status = jump.status
        return status if otherwise is None else otherwise

    def run_text(self, text: str, last: bool = False, is_file: bool = False) -> Executing:
        """Run the commands in ``text`` (str, one character for each byte); return the last one's status (int).

        With ``is_file`` (bool), ``set -v`` shows what is read.
        """
        parser = Parser(text, aliases=self.aliases)
        parser.is_file = is_file
        return (yield from self.run_parser(parser, last))

    def run_parser(self, parser: Parser, last: bool = False) -> Executing:
        """Run the commands that ``parser`` (Parser) reads, line by line, for each may change how the next is read."""
        status = 0
        outer, self.parser = self.parser, parser
        try:
            while commands := (yield from self._next_line(parser)):
                ending = last and parser.at_end()
                status = yield from call(execution.execute(self, commands, ending))
        finally:
            self.parser = outer
        return status

    def _next_line(self, parser: Parser) -> Generator[Waiting, None, Sequence | None]:
        before = parser.at
        try:
            commands = parser.next()
        except ShellSyntaxError as error:
            yield from self.refuse(error)
        if "v" in self.options and parser.is_file and 2 in self.process.fds:
            yield from self.process.write(2, parser.text[before : parser.at].encode("latin-1"))
        return commands

    def refuse(self, error: ShellSyntaxError) -> Generator[Waiting, None, NoReturn]:
        """Say what breaks the grammar, and end the shell."""
        self.line = error.line
        yield from self.complain(f"Syntax error: {error}")
        raise Failure(2)

    def script(self, path: str) -> Generator[Waiting, None, str]:
        """Return the text of the script ``path`` (str).  Raises ShellError."""
        try:
            fd = self.process.open(outer(path), flags.O_RDONLY)
            try:
                return (yield from self.process.read_all(fd)).decode("latin-1")
            finally:
                self.process.close(fd)
        except OSError as error:
            raise ShellError(f"cannot open {path}: {reason(error, creating=False)}") from None

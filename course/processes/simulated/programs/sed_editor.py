"""An editor of streams: sed at work on the lines of its input."""

from typing import TYPE_CHECKING

from course.processes.simulated.programs.buffering import CHUNK, Lines, Output, Steps, encoded
from course.processes.simulated.programs.registry import Usage
from course.processes.simulated.programs.regular_expressions import Pattern
from course.processes.simulated.programs.sed_commands import Address, Command, ScriptError
from course.processes.simulated.programs.sed_files import Input, SedFailure, Target
from course.processes.simulated.programs.substituting import replaced, unambiguous
from course.processes.simulated.shell.characters import outer
from course.union import flags

if TYPE_CHECKING:
    from collections.abc import Generator

    from course.processes.simulated.process import Process, Run, Waiting

Outcome = str | int | None
"""What a command comes to: None goes on, a place (int) goes on there, ``end``, ``delete``, ``again`` or ``quit``."""


class Editor:
    """sed at work: ``space`` is the pattern space and ``held`` the hold space (bytes)."""

    def __init__(self, process: "Process", commands: list[Command], chosen: dict[str, str], names: list[str]) -> None:
        if "i" in chosen and not names:
            raise ScriptError("no input files", status=4)
        self.process, self.commands, self.chosen = process, commands, chosen
        self.end = b"\0" if "z" in chosen else b"\n"
        self.quiet = "n" in chosen
        standard = Target(Output(process, failure="couldn't flush stdout: {reason}"), at_once="u" in chosen)
        suffix = chosen.get("i")
        separate = bool(chosen.keys() & {"i", "s"})
        self.input = Input(process, names or ["-"], standard, suffix, separate, self.end, self._starts)
        self.space, self.ended, self.held, self.held_ended = b"", True, b"", True
        self.changed = False  # whether s did something since the last line or the last t
        self.appended: list[Command] = []
        self.last_regex: Pattern | None = None
        self.status = 0
        self.sources: dict[str, Lines | None] = {}
        self.targets = {"/dev/stdout": standard, "/dev/stderr": Target(Output(process, 2), at_once=True)}
        for command in commands:
            if command.letter in "wW" or (command.letter == "s" and command.text):
                self._open_target(outer(command.text))

    def _open_target(self, name: str) -> None:
        if name not in self.targets:
            try:
                fd = self.process.open(name, flags.O_WRONLY | flags.O_CREAT | flags.O_TRUNC)
            except OSError as error:
                raise ScriptError(f"couldn't open file {name}: {error.strerror}", status=4) from None
            self.targets[name] = Target(Output(self.process, fd), at_once=True)

    def _starts(self) -> None:
        """Begin ranges anew: a file begins that is taken for itself."""
        for command in self.commands:
            first = command.first
            command.state = "active" if first and first.kind == "number" and first.number == 0 else "inactive"

    def run(self) -> "Run":
        """Edit all lines and return the exit status (int)."""
        try:
            outcome: Outcome = None
            while outcome == "again" or (outcome != "quit" and (yield from self._read())):
                outcome = yield from self._cycle()
                if outcome in ("end", "print and quit") and not self.quiet:
                    yield from self._print()
                if outcome == "print and quit":
                    outcome = "quit"
                elif outcome == "again":
                    yield from self._append()
            yield from self._append()
            yield from self.input.close()
        except SedFailure as error:
            self.input.give_up()
            raise Usage(str(error), hint=False) from None
        finally:
            yield from self.input.standard.out.flush()
        return self.status or (2 if self.input.failed else 0)

    def _read(self, more: bool = False) -> "Generator[Waiting, None, bool]":
        """Read the next line into the pattern space, or ``more`` (bool) behind it; return whether there was one."""
        yield from self._append()
        line = yield from self.input.next()
        if not line:
            return False
        text = line.removesuffix(self.end)
        self.ended = len(text) < len(line)
        self.space = self.space + self.end + text if more else text
        self.changed = False
        return True

    def _print(self) -> Steps:
        yield from self.input.target.line(self.space, self.end if self.ended else b"")

    def _append(self) -> Steps:
        """Write what a, r and R have queued."""
        for command in self.appended:
            if command.letter == "a":
                yield from self.input.target.write(command.text.encode("latin-1"))
            elif command.letter == "r":
                yield from self._copy(outer(command.text))
            elif line := (yield from self._line_of(outer(command.text))):
                yield from self.input.target.line(line.removesuffix(self.end), self.end)
        self.appended = []

    def _copy(self, name: str) -> Steps:
        try:
            fd = 0 if name == "/dev/stdin" else self.process.open(name, flags.O_RDONLY)
            while data := (yield from self.process.read(fd, CHUNK)):
                yield from self.input.target.write(data)
        except OSError:  # a file that cannot be read is taken for empty
            return

    def _line_of(self, name: str) -> "Generator[Waiting, None, bytes]":
        if name not in self.sources:
            try:
                self.sources[name] = Lines(self.process, self.process.open(name, flags.O_RDONLY), self.end)
            except OSError:
                self.sources[name] = None
        lines = self.sources[name]
        return (yield from lines.next()) if lines else b""

    def _cycle(self) -> "Generator[Waiting, None, Outcome]":
        """Run the script once over the pattern space, and return what it comes to."""
        place = 0
        while place < len(self.commands):
            command = self.commands[place]
            place += 1
            if (yield from self._applies(command)) == command.negated:
                place = command.target if command.letter == "{" else place
                continue
            if command.letter in "{}:v":
                continue
            outcome = yield from COMMANDS[command.letter](self, command)
            if isinstance(outcome, int):
                place = outcome
            elif outcome:
                return outcome
        return "end"

    def _applies(self, command: Command) -> "Generator[Waiting, None, bool]":
        """Return whether a command's addresses say that it applies (bool), negation aside."""
        first, last, number = command.first, command.last, self.input.number
        if first is None:
            return True
        if last is None:
            return (yield from self._matches(first))
        if command.state == "active":
            if last.kind == "regex" or last.kind == "last":
                if (yield from self._matches(last)):
                    command.state = "closed"
                return True
            if number >= (last.number if last.kind == "number" else command.end):
                command.state = "closed"
            return number <= (last.number if last.kind == "number" else command.end)
        if command.state == "closed" and first.kind == "number":
            return False
        if not (yield from self._matches(first)):
            return False
        command.end = _end_of_range(last, number)
        if last.kind in ("regex", "last") or command.end > number:
            command.state = "active"
        return True

    def _matches(self, address: Address) -> "Generator[Waiting, None, bool]":
        if address.kind == "last":
            return (yield from self.input.is_last())
        number = self.input.number
        if address.kind == "regex":
            return self._regex(address.regex).search(self.space) is not None
        if address.kind == "step" and address.step > 0:
            return number >= address.number and (number - address.number) % address.step == 0
        return number == address.number

    def _regex(self, regex: Pattern | None) -> Pattern:
        self.last_regex = regex or self.last_regex
        if self.last_regex is None:
            raise ScriptError("-e expression #1, char 0: no previous regular expression")
        return self.last_regex

    # The commands

    def substitute(self, command: Command) -> "Generator[Waiting, None, Outcome]":
        """s: replace what matches."""
        regex, first = self._regex(command.regex), max(1, command.number)
        new = replaced(regex, self.space, command.replacement, first, "g" in command.flags)
        if new is not None:
            self.space = new
            self.changed = True
            if "p" in command.flags:
                yield from self._print()
            if command.text:
                yield from self.targets[outer(command.text)].line(self.space, self.end if self.ended else b"")
        return None

    def transliterate(self, command: Command) -> "Generator[Waiting, None, Outcome]":
        """y: one character for another."""
        self.space = self.space.translate(command.table)
        return None
        yield

    def show(self, command: Command) -> "Generator[Waiting, None, Outcome]":
        """Print the pattern space (p), its first line (P), its number (=), the file's name (F), or all visibly (l)."""
        target, letter = self.input.target, command.letter
        if letter == "p":
            yield from self._print()
        elif letter == "P":
            head, newline, _ = self.space.partition(self.end)
            yield from target.line(head, self.end if newline or self.ended else b"")
        elif letter == "l":
            width = command.number if command.number >= 0 else int(self.chosen.get("l", "70"))
            yield from target.write(unambiguous(self.space, width))
        else:
            yield from target.write(b"%d\n" % self.input.number if letter == "=" else encoded(self.input.name) + b"\n")
        return None

    def delete(self, command: Command) -> "Generator[Waiting, None, Outcome]":
        """Delete the pattern space (d) or its first line (D); c prints a text in its place, at the end of a range."""
        if command.letter == "c" and (command.last is None or command.state != "active" or command.negated):
            yield from self.input.target.write(command.text.encode("latin-1"))
        _, newline, rest = self.space.partition(self.end)
        if command.letter == "D" and newline:
            self.space = rest
            return "again"
        return "delete"

    def insert(self, command: Command) -> "Generator[Waiting, None, Outcome]":
        """Print a text at once (i), or queue something for the end of the cycle (a, r, R)."""
        if command.letter == "i":
            yield from self.input.target.write(command.text.encode("latin-1"))
        else:
            self.appended.append(command)
        return None

    def next_line(self, command: Command) -> "Generator[Waiting, None, Outcome]":
        """Go on with the next line (n), or with both (N); without a next line, end."""
        if (yield from self.input.is_last()):
            return "end"
        if command.letter == "n" and not self.quiet:
            yield from self._print()
        yield from self._read(more=command.letter == "N")
        return None

    def hold(self, command: Command) -> "Generator[Waiting, None, Outcome]":
        """Copy or append between the spaces (g, G, h, H), exchange them (x), empty the pattern space (z)."""
        letter = command.letter
        if letter in "gG":
            self.space = self.space + self.end + self.held if letter == "G" else self.held
            self.ended = self.held_ended
        elif letter in "hH":
            self.held = self.held + self.end + self.space if letter == "H" else self.space
            self.held_ended = self.ended
        elif letter == "x":
            self.space, self.held = self.held, self.space
            self.ended, self.held_ended = self.held_ended, self.ended
        else:
            self.space = b""
        return None
        yield

    def jump(self, command: Command) -> "Generator[Waiting, None, Outcome]":
        """Go to a label: always (b), if s did something (t), or if it did not (T)."""
        if command.letter == "b":
            return command.target
        goes = self.changed == (command.letter == "t")
        self.changed = False
        return command.target if goes else None
        yield

    def quit(self, command: Command) -> "Generator[Waiting, None, Outcome]":
        """End, after printing the pattern space (q) or at once (Q)."""
        self.status = max(0, command.number)
        if command.letter == "q":
            return "print and quit"
        self.appended = []
        return "quit"
        yield

    def write(self, command: Command) -> "Generator[Waiting, None, Outcome]":
        """Write the pattern space (w) or its first line (W) to a file."""
        text = self.space.partition(self.end)[0] if command.letter == "W" else self.space
        yield from self.targets[outer(command.text)].line(text, self.end)
        return None


def _end_of_range(last: Address, number: int) -> int:
    """Return the last line (int) of a range that begins at the line ``number`` (int)."""
    if last.kind == "plus":
        return number + last.number
    if last.kind == "multiple":
        return (number // last.number + 1) * last.number if last.number else number
    return last.number


COMMANDS = {
    **dict.fromkeys("pP=Fl", Editor.show),
    **dict.fromkeys("dDc", Editor.delete),
    **dict.fromkeys("airR", Editor.insert),
    **dict.fromkeys("nN", Editor.next_line),
    **dict.fromkeys("gGhHxz", Editor.hold),
    **dict.fromkeys("btT", Editor.jump),
    **dict.fromkeys("qQ", Editor.quit),
    **dict.fromkeys("wW", Editor.write),
    "s": Editor.substitute,
    "y": Editor.transliterate,
}

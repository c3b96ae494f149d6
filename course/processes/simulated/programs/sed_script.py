"""The language of sed: a script, read into commands.  Text is one character for each byte."""

import re

from course.processes.simulated.programs.regular_expressions import BadPattern, Pattern
from course.processes.simulated.programs.sed_commands import CODED, Address, Command, ScriptError, coded, parts
from course.processes.simulated.shell.characters import outer

BRACKET = re.compile(r"\[\^?\]?(?:\[([:.=]).*?\1\]|[^\]\n])*\]", re.DOTALL)
TEXT = re.compile(r"((?:[^\\\n]|\\(?s:.))*)\\?")
NO_ARGUMENT = "=dDgGhHnNpPxzF"


class Parser:
    """A reader of scripts: ``sources`` are pairs of a name (str: a file's, or "" for -e) and its text (str)."""

    def __init__(self, sources: list[tuple[str, str]], extended: bool) -> None:
        self.sources = sources
        self.text = "\n".join(text for _, text in sources)
        self.at = 0
        self.extended = extended
        self.commands: list[Command] = []

    def parse(self) -> list[Command]:
        """Return the commands (list of Command).  Raises ScriptError."""
        blocks: list[int] = []
        while (letter := self._skip(" \t\n;")) or self.at < len(self.text):
            command = self._command(letter, blocks)
            if command:
                self.commands.append(command)
        if blocks:
            raise self._error("unmatched `{'", nowhere=True)
        self._find_labels()
        return self.commands

    def _error(self, message: str, nowhere: bool = False) -> ScriptError:
        start = number = 0
        for number, (name, text) in enumerate(self.sources, start=1):
            if self.at <= start + len(text) or number == len(self.sources):
                if name:
                    line = self.text[start : self.at].count("\n") + 1
                    return ScriptError(f"file {name} line {line}: {message}")
                break
            start += len(text) + 1
        count = sum(not name for name, _ in self.sources[:number])
        return ScriptError(f"-e expression #{count}, char {0 if nowhere else self.at - start}: {message}")

    def _next(self) -> str:
        """Take and return the next character (str), an empty text at the end."""
        self.at += 1
        if self.at > len(self.text):
            self.at = len(self.text)
            return ""
        return self.text[self.at - 1]

    def _sees(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip(self, letters: str = " \t") -> str:
        """Pass over these characters (str), then take the next one and return it (str)."""
        while self._sees() and self._sees() in letters:
            self.at += 1
        return self._next()

    def _integer(self, first: str = "") -> int:
        digits = first
        while self._sees().isdigit():
            digits += self._next()
        return int(digits or 0)

    def _command(self, letter: str, blocks: list[int]) -> Command | None:
        command = Command("")
        if letter == "#":
            self._line()
            return None
        command.first = self._address(letter)
        if command.first:
            if command.first.kind in ("plus", "multiple"):
                raise self._error("invalid usage of +N or ~N as first address")
            letter = self._skip()
            if letter == ",":
                command.last = self._address(self._skip())
                if not command.last:
                    raise self._error("unexpected `,'")
                letter = self._skip()
            zero = command.first.kind == "number" and command.first.number == 0
            if zero and (not command.last or command.last.kind != "regex"):
                raise self._error("invalid usage of line address 0")
            command.state = "active" if zero else "inactive"
        if letter == "!":
            command.negated = True
            letter = self._skip()
            if letter == "!":
                raise self._error("multiple `!'s")
        if letter in ("", "\n"):
            raise self._error("missing command")
        command.letter = letter
        self._read(command, blocks)
        return command

    def _read(self, command: Command, blocks: list[int]) -> None:
        """Read what belongs to a command whose letter has just been read."""
        letter = command.letter
        if letter == "{":
            blocks.append(len(self.commands))
        elif letter == "}":
            if not blocks:
                raise self._error("unexpected `}'")
            if command.first:
                raise self._error("} doesn't want any addresses")
            self.commands[blocks.pop()].target = len(self.commands)
            self._end()
        elif letter == "#":
            raise self._error("comments don't accept any addresses")
        elif letter in NO_ARGUMENT:
            self._end()
        elif letter in "aic":
            command.text = self._text_argument()
        elif letter == ":":
            if command.first:
                raise self._error(": doesn't want any addresses")
            command.text = self._label()
            if not command.text:
                raise self._error('":" lacks a label')
        elif letter in "btT":
            command.text = self._label()
        elif letter in "qQlL":
            if letter in "qQ" and command.last:
                raise self._error("command only uses one address")
            first = self._skip()
            if first.isdigit():
                command.number = self._integer(first)
            else:
                self.at -= len(first)
            self._end()
        elif letter in "rRwW":
            command.text = self._file_name()
        elif letter == "s":
            self._substitution(command)
        elif letter == "y":
            self._transliteration(command)
        elif letter == "v":
            self._label()
        else:
            raise self._error(f"unknown command: `{outer(letter)}'")

    def _end(self) -> None:
        letter = self._skip()
        if letter in ("}", "#"):
            self.at -= 1
        elif letter not in ("", "\n", ";"):
            raise self._error("extra characters after command")

    def _line(self) -> str:
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end
        line, self.at = self.text[self.at : end], end
        return line

    def _label(self) -> str:
        found = re.compile(r"[ \t]*([^\s;}]*)").match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found[1] if found else ""

    def _file_name(self) -> str:
        start = self.at
        name = self._line().lstrip(" \t")
        if not name:
            self.at = start
            raise self._error("missing filename in r/R/w/W commands")
        return name

    def _text_argument(self) -> str:
        """Return the text (str) of a, i or c: on the same line, or behind a backslash and a newline."""
        letter = self._skip()
        if letter == "":
            raise self._error("expected \\ after `a', `c' or `i'")
        text = ""
        if letter == "\\":
            at = self.at
            if at == len(self.text):
                return ""
            if self._skip() != "\n":
                self.at = at
                if self.text[at] not in " \t\\":
                    text = self._next()
        else:
            self.at -= 1
        body = TEXT.match(self.text, self.at)
        assert body is not None  # noqa: S101 (it matches an empty text)
        self.at = min(body.end() + 1, len(self.text))
        return text + CODED.sub(coded, body[1]) + "\n"

    def _address(self, letter: str) -> Address | None:
        if letter in ("/", "\\"):
            delimiter = letter if letter == "/" else self._next()
            source = self._delimited(delimiter, is_regex=True)
            if source is None:
                raise self._error("unterminated address regex")
            flags = ""
            while (letter := self._skip()) in ("I", "M") and letter:
                flags += letter
            self.at -= len(letter)
            return Address("regex", regex=self._regex(source, flags))
        if letter.isdigit() and letter:
            number = self._integer(letter)
            letter = self._skip()
            if letter == "~":
                return Address("step", number, self._integer())
            self.at -= len(letter)
            return Address("number", number)
        if letter in ("+", "~") and letter:
            return Address("plus" if letter == "+" else "multiple", self._integer())
        return Address("last") if letter == "$" else None

    def _delimited(self, delimiter: str, is_regex: bool) -> str | None:
        """Read up to the delimiter (str) and return what was before it (str), or None if there is none."""
        text = ""
        while (letter := self._next()) not in ("", "\n"):
            if letter == delimiter:
                return text
            if letter == "[" and is_regex:
                bracket = BRACKET.match(self.text, self.at - 1)
                if not bracket:
                    self._line()
                    return None
                letter, self.at = bracket[0].replace("\\n", "\n"), bracket.end()
            elif letter == "\\":
                letter = self._next()
                if not letter:
                    break
                if letter == "n" and is_regex:
                    letter = "\n"
                elif letter != "\n" and letter != delimiter:
                    letter = "\\" + letter
                elif letter == "\n" and not is_regex:
                    letter = "\\\n"
            text += letter
        self.at -= letter == "\n"
        return None

    def _regex(self, source: str, flags: str) -> Pattern | None:
        """Return the compiled expression (Pattern), or None for the last one used."""
        if not source:
            return None

        def literal(found: re.Match[str]) -> str:
            return found[0] if found[6] is not None else coded(found)

        try:
            return Pattern(
                outer(CODED.sub(literal, source)),
                self.extended,
                ignore_case="I" in flags.upper(),
                many_lines="M" in flags.upper(),
                strict=True,
            )
        except BadPattern as error:
            if str(error).startswith("character class syntax"):
                raise ScriptError(str(error), status=4) from None
            raise self._error(str(error)) from None

    def _substitution(self, command: Command) -> None:
        delimiter = self._next()
        source = self._delimited(delimiter, is_regex=True)
        replacement = None if source is None else self._delimited(delimiter, is_regex=False)
        if source is None or replacement is None:
            raise self._error("unterminated `s' command")
        flags = self._substitution_flags(command)
        command.regex = self._regex(source, flags)
        command.flags = flags
        command.replacement = parts(replacement)
        highest = max((part for part in command.replacement if isinstance(part, int)), default=0)
        if command.regex and highest > command.regex.groups:
            raise self._error(f"invalid reference \\{highest} on `s' command's RHS")

    def _substitution_flags(self, command: Command) -> str:
        flags = ""
        while (letter := self._next()) not in ("", "\n", ";"):
            if letter in "}#":
                self.at -= 1
                break
            if letter in "gp" and letter in flags:
                raise self._error(f"multiple `{letter}' options to `s' command")
            if letter in "gpiIMm":
                flags += letter
            elif letter.isdigit():
                if command.number >= 0:
                    raise self._error("multiple number options to `s' command")
                command.number = self._integer(letter)
                if command.number == 0:
                    raise self._error("number option to `s' command may not be zero")
            elif letter == "w":
                command.text = self._file_name()
                break
            elif letter not in " \t":
                raise self._error("unknown option to `s'")
        return flags

    def _transliteration(self, command: Command) -> None:
        delimiter = self._next()
        source = self._delimited(delimiter, is_regex=False)
        target = None if source is None else self._delimited(delimiter, is_regex=False)
        if source is None or target is None:
            raise self._error("unterminated `y' command")
        one, two = (self._letters(text) for text in (source, target))
        if len(one) != len(two):
            raise self._error("strings for `y' command are different lengths")
        table = bytearray(range(256))
        for letter, other in reversed(list(zip(one, two, strict=True))):
            table[ord(letter)] = ord(other)
        command.table = bytes(table)
        self._end()

    def _letters(self, text: str) -> str:
        return CODED.sub(lambda found: found[0] if found[6] not in (None, "\\", "\n") else coded(found), text)

    def _find_labels(self) -> None:
        labels = {command.text: place for place, command in enumerate(self.commands) if command.letter == ":"}
        for command in self.commands:
            if command.letter in "btT":
                if command.text and command.text not in labels:
                    raise ScriptError(f"can't find label for jump to `{outer(command.text)}'", status=4)
                command.target = labels.get(command.text, len(self.commands))

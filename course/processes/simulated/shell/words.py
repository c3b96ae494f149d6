"""Reading words: quoting, and what `$` and backquotes begin (POSIX, XCU 2.2 and 2.6)."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from course.processes.simulated.shell.characters import DIGITS, LETTERS
from course.processes.simulated.shell.grammar import Arithmetic, Node, Parameter, Part, Substitution, Text, Word

if TYPE_CHECKING:
    from course.processes.simulated.shell.parser import Parser

BREAKS = frozenset(" \t\n&|;()<>")  # what ends an unquoted word
SPECIAL = frozenset("!@*#?-$")
ORDINARY = re.compile(r"[\w./,:=+@%^-]+", re.ASCII)


class ShellSyntaxError(Exception):
    """A script breaks the grammar: ``line`` (int) says where; ``unfinished`` (bool) that more input might mend it."""

    def __init__(self, message: str, line: int, unfinished: bool = False) -> None:
        super().__init__(message)
        self.line = line
        self.unfinished = unfinished


class Parts:
    """The parts of a word being read: neighbouring characters of one kind become one Text."""

    def __init__(self) -> None:
        self.parts: list[Part] = []

    def text(self, text: str, quoted: bool) -> None:
        """Add characters (str); an empty quoted text makes a word of nothing."""
        last = self.parts[-1] if self.parts else None
        if isinstance(last, Text) and last.quoted == quoted:
            self.parts[-1] = Text(last.text + text, quoted)
        elif text or quoted:
            self.parts.append(Text(text, quoted))

    def word(self) -> Word:
        """Return what has been read (Word)."""
        return Word(tuple(self.parts))


class WordReader(ABC):
    """Reads ``text`` (str, one character for each byte) from its beginning, which is on ``line`` (int).

    ``nested`` makes the Parser of a text that is a script inside this one: in backquotes.
    """

    def __init__(self, text: str, line: int, nested: "Callable[[str, int], Parser]") -> None:
        self.text, self.line, self.nested = text, line, nested
        self.at = 0
        self.in_document = False  # whether the text is a here-document's
        self.literal = False  # whether `$` and backquotes stand for themselves, as in a here-document's delimiter

    def failure(self, message: str, unfinished: bool = False) -> ShellSyntaxError:
        """Return the error (ShellSyntaxError) of what was found here."""
        return ShellSyntaxError(message, self.line, unfinished)

    def peek(self, ahead: int = 0) -> str:
        """Return the next character (str), "" at the end; ``\\`` before a newline is as if neither were there."""
        while self.text.startswith("\\\n", self.at):
            self.at += 2
            self.line += 1
        return self.text[self.at + ahead : self.at + ahead + 1]

    def take(self) -> str:
        """Return the next character (str) and go on behind it."""
        char = self.peek()
        self.at += 1
        self.line += char == "\n"
        return char

    def accept(self, char: str) -> bool:
        """Go on behind the next character if it is ``char`` (str); return whether it was (bool)."""
        if self.peek() != char:
            return False
        self.take()
        return True

    def word(self, stop: str = "") -> Word:
        """Return the word that begins here: up to a blank or an operator, or up to the character ``stop`` (str)."""
        parts = Parts()
        while char := self.peek():
            if char == stop or (not stop and char in BREAKS):
                break
            if char == "\\":
                self.take()
                parts.text(self._escaped(), True)
            elif char == "'":
                self._single_quoted(parts)
            elif char == '"':
                self.take()
                self._double_quoted(parts, '"')
            else:
                self._unquoted(parts, False)
        return parts.word()

    def _escaped(self) -> str:
        """Return the character behind a backslash (str): the backslash itself at the end."""
        if self.at >= len(self.text):
            return "\\"
        char = self.text[self.at]
        self.at += 1
        self.line += char == "\n"
        return char

    def _single_quoted(self, parts: Parts) -> None:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise self._unterminated("Unterminated quoted string")
        inside = self.text[self.at + 1 : end]
        self.at = end + 1
        self.line += inside.count("\n")
        parts.text(inside, True)

    def _unterminated(self, message: str) -> ShellSyntaxError:
        self.line += self.text.count("\n", self.at)
        return self.failure(message, unfinished=True)

    def _double_quoted(self, parts: Parts, stop: str, escapes: str = '$`"\\') -> None:
        """Read what stands in double quotes, up to ``stop`` (str; the end, if that is empty)."""
        found = len(parts.parts)
        while (char := self.peek()) != stop:
            if not char:
                raise self._unterminated("Unterminated quoted string")
            if char == "\\":
                self._backslash(parts, escapes)
            else:
                self._unquoted(parts, True)
        self.take()
        if len(parts.parts) == found:
            parts.text("", True)

    def _backslash(self, parts: Parts, escapes: str) -> None:
        """Read a backslash in double quotes, which escapes some characters (str) only."""
        self.take()
        char = self.text[self.at : self.at + 1]  # as it stands: this backslash may itself escape one before a newline
        if char and char in escapes:
            parts.text(self._escaped(), True)
        else:
            parts.text("\\", True)

    def _unquoted(self, parts: Parts, quoted: bool) -> None:
        """Read one character, or what ``$`` or a backquote begins."""
        char = self.take()
        if self.literal:
            parts.text(char, quoted)
        elif char == "$":
            self._dollar(parts, quoted)
        elif char == "`":
            parts.parts.append(Substitution(self._backquoted(quoted), quoted))
        else:
            run = ORDINARY.match(self.text, self.at)  # the rest of an ordinary word, in one piece
            if run and char != "\n":
                char += run[0]
                self.at = run.end()
            parts.text(char, quoted)

    def quoted_line(self, parts: Parts) -> None:
        """Add a line of a here-document whose delimiter is not quoted, up to its newline, to ``parts`` (Parts)."""
        while (char := self.peek()) and char != "\n":
            if char == "\\":
                self._backslash(parts, "$`\\")
            else:
                self._unquoted(parts, True)

    # Expansions

    def _dollar(self, parts: Parts, quoted: bool) -> None:
        char = self.peek()
        if char == "(":
            self.take()
            if self.accept("("):
                parts.parts.append(Arithmetic(self._arithmetic(), quoted))
            else:
                parts.parts.append(Substitution(self.substituted(), quoted))
        elif char == "{":
            self.take()
            parts.parts.append(self._braced(quoted))
        elif char and char in LETTERS:
            parts.parts.append(Parameter(self._name(), quoted=quoted))
        elif char and (char in DIGITS or char in SPECIAL):
            parts.parts.append(Parameter(self.take(), quoted=quoted))
        else:
            parts.text("$", quoted)

    @abstractmethod
    def substituted(self) -> Node | None:
        """Return the commands up to a closing parenthesis (Node).  The parser knows them."""

    def _name(self) -> str:
        name = ""
        while (char := self.peek()) and (char in LETTERS or char in DIGITS):
            name += self.take()
        return name

    def _braced(self, quoted: bool) -> Parameter:
        """Return what stands in ``${ }``."""
        length = self.peek() == "#" and self._counts()
        if length:
            self.take()
        name = self._parameter_name()
        operator = self._operator() if name else "!"
        if length:
            operator = "!" if operator else "length"
        if operator in ("", "length"):
            self.take()
            return Parameter(name, operator, quoted=quoted)
        word = self._quoted_word() if quoted and operator[0] not in "#%" else self.word("}")
        if not self.accept("}"):
            in_quotes = quoted and not self.in_document
            raise self._unterminated("Unterminated quoted string" if in_quotes else "Missing '}'")
        return Parameter(name, operator, word, quoted)

    def _counts(self) -> bool:
        """Return whether the ``#`` here asks for a length (bool), and is not itself the parameter."""
        char = self.peek(1)
        return bool(char) and (char in LETTERS or char in DIGITS or (char != "}" and self.peek(2) == "}"))

    def _parameter_name(self) -> str:
        char = self.peek()
        if char and char in LETTERS:
            return self._name()
        if char and char in DIGITS:
            name = ""
            while (char := self.peek()) and char in DIGITS:
                name += self.take()
            return name
        return self.take() if char and char in SPECIAL else ""

    def _operator(self) -> str:
        char = self.peek()
        if char == "}":
            return ""
        if char and char in "#%":
            self.take()
            return char * 2 if self.accept(char) else char
        colon = ":" if self.accept(":") else ""
        return colon + self.take() if (char := self.peek()) and char in "-=?+" else "!"

    def _quoted_word(self) -> Word:
        """Return the word of ``${name-word}`` in double quotes, up to the closing brace."""
        parts, inside = Parts(), False  # inside of further double quotes a brace closes nothing
        while (char := self.peek()) and (char != "}" or inside):
            if char == '"':
                self.take()
                inside = not inside
            elif char == "\\":
                self._backslash(parts, '$`"\\}')
            else:
                self._unquoted(parts, True)
        return parts.word()

    def _arithmetic(self) -> Word:
        """Return the expression of ``$(( ))`` up to its end (Word), quotes and all."""
        parts, depth = Parts(), 0
        while char := self.peek():
            if char == ")" and not depth and self.peek(1) == ")":
                self.at += 2
                return parts.word()
            depth = max(0, depth + (char == "(") - (char == ")"))
            if char == "\\":
                self._backslash(parts, '$`"\\')
            else:
                self._unquoted(parts, True)
        raise self._unterminated("Missing '))'")

    def _backquoted(self, quoted: bool) -> Node | None:
        r"""Return the commands in backquotes, in which ``\`` escapes itself, ``$`` and the backquote only."""
        inside = ""
        while (char := self.peek()) != "`":
            if not char:
                raise self.failure("EOF in backquote substitution", unfinished=True)
            if char == "\\":
                self.take()
                char = self.text[self.at : self.at + 1]
                inside += self._escaped() if char and char in ('$`\\"' if quoted else "$`\\") else "\\"
            else:
                inside += self.take()
        self.take()
        return self.nested(inside, 1).all()

"""Reading tokens: words, operators, and the here-documents that a line asks for (POSIX, XCU 2.3 and 2.7.4)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course.processes.simulated.shell.characters import DIGITS
from course.processes.simulated.shell.grammar import Document, Text, Word
from course.processes.simulated.shell.words import BREAKS, Parts, WordReader

if TYPE_CHECKING:
    from course.processes.simulated.shell.parser import Parser

BLANKS = " \t"
OPERATORS = ("&&", "||", ";;", "&", "|", ";", "(", ")")
REDIRECTIONS = ("<<-", "<<", "<&", "<>", "<", ">>", ">&", ">|", ">")
NOTHING = Word(())


@dataclass(frozen=True, slots=True)
class Token:
    """A token: ``kind`` (str) is ``word``, ``redirection``, ``newline``, ``end of file``, or an operator itself.

    ``word`` (Word) is a word's, ``text`` (str) a redirection's operator, ``fd`` (int) its descriptor; ``line`` (int) is
    where it begins, ``start`` (int) its offset.
    """

    kind: str
    line: int
    start: int
    word: Word = NOTHING
    text: str = ""
    fd: int = 0


@dataclass(slots=True)
class Asked:
    """A here-document that the line being read asks for, up to a line that is the ``delimiter`` (str).

    ``quoted`` (bool): nothing is expanded in it; ``tabs`` (bool): leading tabs are dropped.
    """

    document: Document
    delimiter: str
    quoted: bool
    tabs: bool


class Lexer(WordReader):
    """Reads the tokens of a script."""

    def __init__(self, text: str, line: int, nested: "Callable[[str, int], Parser]") -> None:
        super().__init__(text, line, nested)
        self.asked: list[Asked] = []

    def token(self) -> Token:
        """Return the next token.  Raises ShellSyntaxError."""
        while (char := self.peek()) and char in BLANKS:
            self.at += 1
        if char == "#":
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
            char = self.peek()
        start, line = self.at, self.line
        if not char:
            return Token("end of file", line, start)
        if char == "\n":
            return self._newline(line, start)
        if char in "<>":
            return self._redirection(1 if char == ">" else 0)
        if char in BREAKS:
            return Token(self._longest(OPERATORS), line, start)
        if char in DIGITS and self.peek(1) in ("<", ">"):
            self.take()
            return self._redirection(int(char))
        return Token("word", line, start, self.word())

    def _longest(self, operators: tuple[str, ...]) -> str:
        taken = self.take()
        while any(operator.startswith(taken) for operator in operators if operator != taken):
            if not self.peek() or taken + self.peek() not in operators:
                break
            taken += self.take()
        return taken

    def _redirection(self, fd: int) -> Token:
        start, line = self.at, self.line
        return Token("redirection", line, start, text=self._longest(REDIRECTIONS), fd=fd)

    def document(self, operator: str, word: Word) -> Document:
        """Return the Document that ``<<`` or ``<<-`` (str) asks for, up to a line that is ``word`` (Word)."""
        texts = [part for part in word.parts if isinstance(part, Text)]
        delimiter, quoted = "".join(part.text for part in texts), any(part.quoted for part in texts)
        self.asked.append(Asked(Document(), delimiter, quoted, operator == "<<-"))
        return self.asked[-1].document

    def _newline(self, line: int, start: int) -> Token:
        """Take a newline, and the here-documents that the line asked for."""
        self.take()
        asked, self.asked = self.asked, []
        for one in asked:
            one.document.content = self._content(one)
        return Token("newline", line, start)

    def _content(self, asked: Asked) -> Word:
        """Read the lines up to the delimiter, or to the end, and return them (Word)."""
        parts = Parts()
        while self.at < len(self.text):
            while asked.tabs and self.text.startswith("\t", self.at):
                self.at += 1
            if not asked.quoted:
                self.peek()  # skips a backslash with its newline: the delimiter may stand behind them
            end = self.text.find("\n", self.at)
            line = self.text[self.at : len(self.text) if end < 0 else end]
            if line == asked.delimiter:
                self.at += len(line)
                self.line += self.text.startswith("\n", self.at)
                self.at += 1
                break
            if asked.quoted:
                parts.text(line, True)
                self.at += len(line)
            else:
                self.in_document = True
                self.quoted_line(parts)
                self.in_document = False
            if self.at < len(self.text):
                parts.text(self.take(), True)
        return parts.word()

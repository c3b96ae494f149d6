"""The shell's grammar: what a script is made of once it has been read (POSIX, XCU 2.10).

A script is a sequence of commands.  A command holds words, and a word is made of parts, each of which is quoted or not.
"""

from dataclasses import dataclass
from typing import TypeAlias

from course.processes.simulated.shell.characters import is_name

# Words


@dataclass(frozen=True, slots=True)
class Text:
    """Characters that stand for themselves (``text``: str)."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """``$name`` or ``${name operator word}``.

    ``operator`` (str) is empty; ``length`` for ``${#name}``; one of ``- = ? +``, also with a colon before it; one of
    ``# ## % %%``; or ``!`` for what is no substitution at all, which is an error only when it is reached.
    """

    name: str
    operator: str = ""
    word: "Word | None" = None
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Substitution:
    """``$(command)``, or the same in backquotes: what the command prints."""

    command: "Node | None"
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``$((expression))``: the value of what the word expands to."""

    expression: "Word"
    quoted: bool = False


Part: TypeAlias = Text | Parameter | Substitution | Arithmetic


@dataclass(frozen=True, slots=True)
class Word:
    """A word: its parts (tuple of Part)."""

    parts: tuple[Part, ...]

    @property
    def plain(self) -> str | None:
        """The word itself (str) if none of it is quoted or to be expanded, else None."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Text) and not self.parts[0].quoted:
            return self.parts[0].text
        return None


# Commands


@dataclass(frozen=True, slots=True)
class Assignment:
    """``name=value``."""

    name: str
    value: Word

    @classmethod
    def of(cls, word: Word) -> "Assignment | None":
        """Return the assignment that ``word`` (Word) is, or None: a name and ``=`` come first, none of it quoted."""
        first = word.parts[0] if word.parts else None
        if not isinstance(first, Text) or first.quoted:
            return None
        name, equals, rest = first.text.partition("=")
        if not equals or not is_name(name):
            return None
        head = (Text(rest),) if rest else ()
        return cls(name, Word((*head, *word.parts[1:])))


@dataclass(slots=True)
class Document:
    """A here-document, whose ``content`` (Word) is read once the line that asks for it has ended."""

    content: Word = Word(())


@dataclass(frozen=True, slots=True)
class Redirection:
    """``fd operator target``: ``operator`` is one of ``< > >> >| <> <& >& <<`` (str), ``fd`` a descriptor (int)."""

    fd: int
    operator: str
    target: Word | Document


@dataclass(frozen=True, slots=True)
class Simple:
    """A simple command: assignments, words (the first names the command) and redirections, from ``line`` (int) on."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Redirected:
    """A compound command with redirections."""

    command: "Node"
    redirections: tuple[Redirection, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """``first | second | …``."""

    commands: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """``! command``."""

    command: "Node"


@dataclass(frozen=True, slots=True)
class AndOr:
    """``left && right``, or with ``||`` (``operator``: str)."""

    left: "Node"
    operator: str
    right: "Node"


@dataclass(frozen=True, slots=True)
class Background:
    """``command &``."""

    command: "Node"


@dataclass(frozen=True, slots=True)
class Sequence:
    """Commands one after the other."""

    commands: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Subshell:
    """``( body )``: commands in a child process."""

    body: "Node"
    line: int


@dataclass(frozen=True, slots=True)
class If:
    """``if test; then body; else otherwise; fi``; an ``elif`` is an If in ``otherwise``."""

    test: "Node"
    body: "Node"
    otherwise: "Node | None"


@dataclass(frozen=True, slots=True)
class Loop:
    """``while test; do body; done``, or ``until``."""

    test: "Node"
    body: "Node"
    until: bool


@dataclass(frozen=True, slots=True)
class For:
    """``for name in words; do body; done``."""

    name: str
    words: tuple[Word, ...]
    body: "Node"
    line: int


@dataclass(frozen=True, slots=True)
class Case:
    """``case word in``, and its items: patterns (tuple of Word) with the commands that follow them."""

    word: Word
    items: tuple[tuple[tuple[Word, ...], "Node | None"], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Function:
    """``name() body``, whose body begins on ``line`` (int)."""

    name: str
    body: "Node"
    line: int


Node: TypeAlias = (
    Simple | Redirected | Pipeline | Not | AndOr | Background | Sequence | Subshell | If | Loop | For | Case | Function
)

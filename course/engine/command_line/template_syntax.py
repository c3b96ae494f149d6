"""The syntax of Go's templates: a text as a tree of nodes, or the error that Go finds in it.

Rule: Go, package text/template/parse.  ``template``, ``define`` and ``block``, which name further templates, and
``break`` and ``continue`` are not read: nobody writes them in a ``--format``.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from course.engine.command_line.template_tokens import TemplateError, Token, constant, error_at, tokens
from course.engine.go_text import quoted

DEEPEST = 100  # blocks and parentheses within one another: far more than a person writes
OPERANDS = ("string", "raw", "number", "character", "identifier", "variable", "field", "dot", "paren")
BLOCKS = ("if", "range", "with")


@dataclass(frozen=True, slots=True)
class Node:
    """Anything in a template: ``text`` is how Go's messages write it (str), ``position`` where it begins (int)."""

    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A value that stands in the template itself."""

    value: Any


@dataclass(frozen=True, slots=True)
class Path(Node):
    """Fields, one of the other (``names``, tuple of str), of ``start``: None for the dot, a variable, or a node."""

    start: "str | Node | None"
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Function(Node):
    """A function by its name."""


@dataclass(frozen=True, slots=True)
class Command(Node):
    """A value, or a function or method with its arguments (``words``, tuple of Node)."""

    words: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Pipe(Node):
    """Commands, each one's value the last argument of the next; and the variables that get the last one's value."""

    commands: tuple[Command, ...]
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block(Node):
    """``if``, ``range`` or ``with`` (``kind``): what to do where ``pipe`` has a value, and where it has none."""

    kind: str
    pipe: Pipe
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


def parse(source: str, functions: Collection[str]) -> tuple[Node, ...]:
    """Return the nodes of a template (tuple of Node) that may call ``functions`` (names).  Raises TemplateError."""
    return _Parser(source, functions).parse()


@dataclass(slots=True)
class _Parser:
    source: str
    functions: Collection[str]
    variables: list[str] = field(default_factory=lambda: ["$"])
    depth: int = 0
    rest: list[Token] = field(default_factory=list)

    def parse(self) -> tuple[Node, ...]:
        self.rest = tokens(self.source)[::-1]
        nodes, end = self.nodes()
        if end is not None:
            raise self.error(f"unexpected {{{{{end}}}}}")
        return nodes

    def error(self, message: str) -> TemplateError:
        return error_at(self.source, self.rest[-1].position if self.rest else len(self.source), message)

    def peek(self) -> Token:
        if self.rest[-1].kind == "error":
            raise self.error(self.rest[-1].text)
        return self.rest[-1]

    def peek_past_space(self) -> Token:
        if self.peek().kind == "space":
            self.rest.pop()
        return self.peek()

    def unexpected(self, context: str) -> TemplateError:
        token = self.peek()
        if token.kind == "end":
            return self.error("unexpected EOF")
        long = len(token.text) > 10
        shown = "<.>" if token.kind == "dot" else quoted(token.text[:10]) + "..." if long else quoted(token.text)
        return self.error(f"unexpected {shown} in {context}")

    def nested(self, read: Callable[[], Any]) -> Any:
        if self.depth >= DEEPEST:
            raise self.error("exceeded maximum nesting")
        self.depth += 1
        value = read()
        self.depth -= 1
        return value

    def nodes(self) -> tuple[tuple[Node, ...], str | None]:
        """Return nodes up to an ``end`` or ``else``, and which of them it was (str; None at the end of the text)."""
        found: list[Node] = []
        while self.peek().kind != "end":
            token = self.rest.pop()
            if token.kind == "text":
                found.append(Literal(token.text, token.position, token.text))
                continue
            word = self.peek_past_space()
            if word.kind == "identifier" and word.text in ("end", "else"):
                self.rest.pop()
                if word.text == "end":
                    self.close("end")
                return tuple(found), word.text
            if word.kind == "identifier" and word.text in BLOCKS:
                self.rest.pop()
                found.append(self.nested(lambda kind=word.text: self.block(kind)))  # type: ignore[misc]
            else:
                found.append(self.pipe("command"))
        return tuple(found), None

    def close(self, context: str) -> None:
        if self.peek_past_space().kind != "close":
            raise self.unexpected(context)
        self.rest.pop()

    def block(self, kind: str) -> Block:
        before = len(self.variables)
        pipe = self.pipe(kind)
        body, end = self.nodes()
        otherwise: tuple[Node, ...] = ()
        if end == "else":
            if kind == "if" and self.peek_past_space().text == "if":
                self.rest.pop()
                otherwise, end = (self.nested(lambda: self.block("if")),), "end"
            else:
                self.close("else")
                otherwise, end = self.nodes()
                if end == "else":
                    raise self.error("expected end; found {{else}}")
        if end is None:
            raise self.error("unexpected EOF")
        del self.variables[before:]
        return Block(pipe.text, pipe.position, kind, pipe, body, otherwise)

    def pipe(self, context: str, closing: str = "close") -> Pipe:
        start = self.peek_past_space().position
        declared = self.declared(context)
        commands: list[Command] = []
        while (token := self.peek_past_space()).kind != closing:
            if token.kind not in OPERANDS:
                if token.kind == "close":
                    raise self.error("unclosed left paren")
                raise self.unexpected(context)
            commands.append(self.command())
        self.rest.pop()
        if not commands:
            raise self.error(f"missing value for {context}")
        for number, command in enumerate(commands[1:], 2):
            if isinstance(command.words[0], Literal) or command.words[0].text == ".":
                raise self.error(f"non executable command in pipeline stage {number}")
        self.variables += declared
        text = " | ".join(command.text for command in commands)
        return Pipe(", ".join(declared) + " := " * bool(declared) + text, start, tuple(commands), declared)

    def declared(self, context: str) -> tuple[str, ...]:
        """Return the variables that stand before ``:=`` or ``=`` (tuple of str), and read past it."""
        words = [token for token in self.rest[::-1] if token.kind != "space"][:6]
        names: list[str] = []
        for token, after in zip(words[::2], words[1::2], strict=False):
            if token.kind != "variable" or after.kind not in ("assign", "comma"):
                return ()
            names.append(token.text)
            if after.kind == "assign":
                break
        else:
            if len(names) < 2:
                return ()
        if len(names) > (2 if context == "range" else 1):
            raise self.error(f"too many declarations in {context}")
        while self.rest.pop().kind != "assign":
            pass
        return tuple(names)

    def command(self) -> Command:
        words: list[Node] = []
        start = self.peek_past_space().position
        while self.peek_past_space().kind in OPERANDS:
            words.append(self.operand())
            if self.peek().kind not in ("space", "pipe", "close", "close paren"):
                raise self.unexpected("operand")
        if self.peek().kind == "pipe":
            self.rest.pop()
        elif self.peek().kind not in ("close", "close paren"):
            raise self.unexpected("operand")
        return Command(" ".join(word.text for word in words), start, tuple(words))

    def operand(self) -> Node:
        node = self.term()
        names: list[str] = []
        position = self.rest[-1].position
        while self.peek().kind == "field":
            names.append(self.rest.pop().text[1:])
        if not names:
            return node
        text = node.text + "".join(f".{name}" for name in names)
        if isinstance(node, Path) and node.text != ".":
            return Path(text, position, node.start, (*node.names, *names))
        if isinstance(node, Literal | Function):
            raise self.error(f"unexpected . after term {quoted(node.text)}")
        return Path(text, position, node, tuple(names))

    def term(self) -> Node:
        token = self.rest.pop()
        text, position = token.text, token.position
        if token.kind == "dot":
            return Path(text, position, None, ())
        if token.kind == "field":
            return Path(text, position, None, (text[1:],))
        if token.kind == "variable":
            if text not in self.variables:
                raise self.error(f"undefined variable {quoted(text)}")
            return Path(text, position, text, ())
        if token.kind == "paren":
            inner: Pipe = self.nested(lambda: self.pipe("parenthesized pipeline", "close paren"))
            return Pipe(f"({inner.text})", position, inner.commands, inner.variables)
        if token.kind != "identifier":
            return Literal(text, position, constant(token, self.source))
        if text in ("true", "false", "nil"):
            return Literal(text, position, {"true": True, "false": False, "nil": None}[text])
        if text not in self.functions:
            raise self.error(f"function {quoted(text)} not defined")
        return Function(text, position)

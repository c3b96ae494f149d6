"""Go's templates, as people write them after ``--format``.  Rule: Go, package text/template, exec.go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from course.engine.command_line.go_values import NO_VALUE, OMITTED, Nil, Struct, is_true, printed, type_name
from course.engine.command_line.template_functions import FUNCTIONS, ArgumentError, GoFunction
from course.engine.command_line.template_syntax import Block, Command, Function, Literal, Node, Path, Pipe, parse
from course.engine.command_line.template_tokens import TemplateError
from course.engine.go_text import quoted

NOTHING = object()  # no value is piped into a command


class Template:
    """A template that was read from ``source`` (str); ``name`` is what its errors call it (str).

    Raises TemplateError where it cannot be read.  ``functions`` are those that it may call (mapping of GoFunction).

    >>> Template("{{.Names}}: {{range .Mounts}}{{.}} {{end}}").render({"Names": "web", "Mounts": ["/a", "/b"]})
    'web: /a /b '
    """

    def __init__(self, source: str, name: str = "", functions: Mapping[str, GoFunction] = FUNCTIONS) -> None:
        self.source = source
        self.name = name
        self.functions = functions
        self.nodes = parse(source, functions)

    def render(self, value: Any) -> str:
        """Return what the template makes of a value (str).  Raises TemplateError."""
        return _Execution(self, value).walk(self.nodes, value)


@dataclass(slots=True)
class _Execution:
    template: Template
    root: Any
    variables: list[tuple[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.variables.append(("$", self.root))

    def error(self, node: Node, message: str) -> TemplateError:
        before = self.template.source[: node.position].encode("utf-8", "surrogateescape")
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n") - 1
        name = self.template.name
        where = f"template: {name}:{line}:{column}: executing {quoted(name)} at <{node.text}>"
        return TemplateError(f"{where}: {message}")

    def walk(self, nodes: tuple[Node, ...], dot: Any) -> str:
        return "".join([self.node(node, dot) for node in nodes])

    def node(self, node: Node, dot: Any) -> str:
        if isinstance(node, Literal):
            return str(node.value)
        if isinstance(node, Block):
            before = len(self.variables)
            text = self.block(node, dot)
            del self.variables[before:]
            return text
        value = self.value(node, dot)
        return "" if isinstance(node, Pipe) and node.variables else printed(value)

    def block(self, node: Block, dot: Any) -> str:
        value = self.pipe(node.pipe, dot)
        if node.kind == "range":
            return self.range(node, value, dot)
        if not is_true(value):
            return self.walk(node.otherwise, dot)
        return self.walk(node.body, value if node.kind == "with" else dot)

    def range(self, node: Block, value: Any, dot: Any) -> str:
        if isinstance(value, Mapping) and not (isinstance(value, Struct) and value.type_name):
            items = sorted(value.items())
        elif isinstance(value, list | tuple):
            items = list(enumerate(value))
        elif value is None or isinstance(value, Nil):
            items = []
        else:
            raise self.error(node.pipe, f"range can't iterate over {printed(value)}")
        if not items:
            return self.walk(node.otherwise, dot)
        parts = []
        names = node.pipe.variables
        for key, item in items:
            before = len(self.variables)
            self.variables += zip(names, (item,) if len(names) == 1 else (key, item), strict=False)
            parts.append(self.walk(node.body, item))
            del self.variables[before:]
        return "".join(parts)

    def pipe(self, pipe: Pipe, dot: Any) -> Any:
        value: Any = NOTHING
        for command in pipe.commands:
            value = self.command(command, dot, value)
        if len(pipe.variables) == 1:
            self.variables.append((pipe.variables[0], value))
        return value

    def command(self, command: Command, dot: Any, piped: Any) -> Any:
        first, arguments = command.words[0], command.words[1:]
        if isinstance(first, Function):
            return self.call(command, first, arguments, dot, piped)
        if isinstance(first, Path) and first.names:
            values = [self.value(argument, dot) for argument in arguments] + ([piped] if piped is not NOTHING else [])
            return self.path(first, dot, values)
        if arguments or piped is not NOTHING:
            raise self.error(first, f"can't give argument to non-function {first.text}")
        if isinstance(first, Literal) and first.value is None:
            raise self.error(command, "nil is not a command")
        return self.value(first, dot)

    def value(self, node: Node, dot: Any) -> Any:
        if isinstance(node, Literal):
            return node.value
        if isinstance(node, Path):
            return self.path(node, dot, [])
        if isinstance(node, Pipe):
            return self.pipe(node, dot)
        return self.call(node, node, (), dot, NOTHING)

    def path(self, path: Path, dot: Any, arguments: list[Any]) -> Any:
        if path.start is None:
            value = dot
        elif isinstance(path.start, str):
            value = next(found for name, found in reversed(self.variables) if name == path.start)
        else:
            value = self.value(path.start, dot)
        for number, name in enumerate(path.names):
            last = number == len(path.names) - 1
            value = self.field(path, value, number)
            if callable(value):
                given = arguments if last else []
                if len(given) != 1:  # the one method that docker's rows have, Label, takes one text
                    raise self.error(path, f"wrong number of args for {name}: want 1 got {len(given)}")
                value = value(self.fitting(path, given[0], "string"))
            elif last and arguments:
                raise self.error(path, f"{name} is not a method but has arguments")
        return value

    def field(self, path: Path, value: Any, number: int) -> Any:
        name = path.names[number]
        if value is NO_VALUE:
            return NO_VALUE
        if isinstance(value, Mapping):
            if name in value:
                return value[name]
            if not isinstance(value, Struct):
                return NO_VALUE
            if value.type_name:
                raise self.error(path, f"can't evaluate field {name} in type {value.type_name}")
            if name in OMITTED:
                return OMITTED[name]
            raise self.error(path, f"map has no entry for key {quoted(name)}")
        if number and (value is None or isinstance(value, Nil)):
            raise self.error(path, f"map has no entry for key {quoted(path.names[number - 1])}")
        typed = isinstance(path.start, Node) or (isinstance(self.root, Struct) and self.root.type_name)
        raise self.error(path, f"can't evaluate field {name} in type {type_name(value) if typed else 'interface {}'}")

    def call(self, node: Node, name: Node, words: tuple[Node, ...], dot: Any, piped: Any) -> Any:
        function = self.template.functions[name.text]
        count = len(words) + (piped is not NOTHING)
        if count < function.least or (count > function.least and not function.many):
            wanted = f"at least {function.least}" if function.many else function.least
            raise self.error(name, f"wrong number of args for {name.text}: want {wanted} got {count}")
        kinds = [*function.kinds, *function.kinds[-1:] * count]
        if name.text in ("and", "or"):
            return self.first_that_decides(words, dot, piped, name.text == "or")
        values = [self.argument(word, kind, dot) for word, kind in zip(words, kinds, strict=False)]
        if piped is not NOTHING:
            values.append(self.fitting(node, piped, kinds[len(words)]))
        try:
            return function.call(*values)
        except ArgumentError as error:
            raise self.error(node, f"error calling {name.text}: {error}") from None

    def first_that_decides(self, words: tuple[Node, ...], dot: Any, piped: Any, wanted: bool) -> Any:
        value = piped
        for word in words:
            value = self.value(word, dot)
            if is_true(value) == wanted:
                return value
        return value if piped is NOTHING else piped

    def argument(self, word: Node, kind: str, dot: Any) -> Any:
        if isinstance(word, Literal) and kind != "any" and not _fits(word.value, kind):
            if kind == "[]string":
                raise self.error(word, f"can't handle {word.text} for arg of type []string")
            raise self.error(word, f"expected {kind.replace('int', 'integer')}; found {word.text}")
        return self.fitting(word, self.value(word, dot), kind)

    def fitting(self, node: Node, value: Any, kind: str) -> Any:
        if kind == "any" or _fits(value, kind):
            return value
        raise self.error(node, f"wrong type for value; expected {kind}; got {type_name(value)}")


def _fits(value: Any, kind: str) -> bool:
    if kind == "[]string":
        return isinstance(value, list | tuple | Nil) and all(isinstance(item, str) for item in value)
    if kind == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str)

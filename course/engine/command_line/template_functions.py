"""The functions that a template may call: Go's own, and those that docker adds.

Rule: Go, text/template, funcs.go; docker/cli, templates/templates.go.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import quote_plus

from course.engine.command_line.go_printf import sprintf
from course.engine.command_line.go_values import NO_VALUE, Nil, Struct, as_json, is_true, printed, type_name

WIDEST = 1_000_000  # spaces that ``pad`` adds at most: more would only fill memory


class ArgumentError(ValueError):
    """What a function cannot do with the arguments that it was given, in Go's words."""


@dataclass(frozen=True, slots=True)
class GoFunction:
    """A function: ``kinds`` are its parameters' types (tuple of str; "any" takes all), the last again if ``many``."""

    call: Callable[..., Any]
    kinds: tuple[str, ...]
    many: bool = False

    @property
    def least(self) -> int:
        """How many arguments it needs (int)."""
        return len(self.kinds) - self.many


def length(value: Any) -> int:
    """Return how many items or bytes a value has (int).  Raises ArgumentError."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogateescape"))
    if isinstance(value, Mapping | list | tuple | Nil):
        return len(value)
    raise ArgumentError(f"len of type {type_name(value)}" if value is not None else "len of nil pointer")


def index(value: Any, *keys: Any) -> Any:
    """Return what a list or map has under ``keys``, one after the other.  Raises ArgumentError."""
    for key in keys:
        if isinstance(value, Mapping):
            if not isinstance(key, str):
                raise ArgumentError(f"value has type {type_name(key)}; should be string")
            if key not in value and isinstance(value, Struct):
                return NO_VALUE
            value = value.get(key, "")  # the empty value of a map of strings
        elif isinstance(value, list | tuple | str | Nil) and value is not NO_VALUE:
            value = _item(value, key)
        else:
            raise ArgumentError("index of untyped nil" if not value else f"can't index item of type {type_name(value)}")
    return value


def _item(value: Any, key: Any) -> Any:
    if not isinstance(key, int) or isinstance(key, bool):
        raise ArgumentError(f"cannot index slice/array with type {type_name(key)}")
    items = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    if not 0 <= key < len(items):
        raise ArgumentError(f"index out of range: {key}")
    return items[key]


def part(value: Any, *bounds: Any) -> Any:
    """Return the part of a text or list between two indices.  Raises ArgumentError."""
    if not isinstance(value, str | list | tuple):
        raise ArgumentError(f"can't slice item of type {type_name(value)}")
    if len(bounds) > 2:
        raise ArgumentError(f"too many slice indexes: {len(bounds)}")
    items = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    for bound in bounds:
        if not isinstance(bound, int) or isinstance(bound, bool):
            raise ArgumentError(f"cannot index slice/array with type {type_name(bound)}")
        if not 0 <= bound <= len(items):
            raise ArgumentError(f"index out of range: {bound}")
    start = bounds[0] if bounds else 0
    end = bounds[1] if len(bounds) == 2 else len(items)
    if start > end:
        raise ArgumentError(f"invalid slice index: {start} > {end}")
    cut = items[start:end]
    return cut.decode("utf-8", "surrogateescape") if isinstance(cut, bytes) else cut


def equal(first: Any, *others: Any) -> bool:
    """Return whether ``first`` equals one of the ``others`` (bool).  Raises ArgumentError."""
    if not others:
        raise ArgumentError("missing argument for comparison")
    return any(_equal(first, other) for other in others)


def _equal(first: Any, second: Any) -> bool:
    for value in (first, second):
        if isinstance(value, Mapping | list | tuple):
            raise ArgumentError(f"non-comparable type {printed(value)}: {type_name(value)}")
    _same_kind(first, second)
    return bool(first == second)


def _same_kind(first: Any, second: Any) -> None:
    if first is not None and second is not None and type(first) is not type(second):
        raise ArgumentError("incompatible types for comparison")


def less(first: Any, second: Any) -> bool:
    """Return whether ``first`` comes before ``second`` (bool).  Raises ArgumentError."""
    _same_kind(first, second)
    if not all(type(value) in (int, float, str) for value in (first, second)):
        raise ArgumentError("invalid type for comparison")
    return bool(first < second)


def joined_by_spaces(*values: Any) -> str:
    """Return values one after the other (str), with a space between two of which neither is a text."""
    parts = [printed(value) for value in values[:1]]
    for before, value in pairwise(values):
        parts.append(printed(value) if isinstance(before, str) or isinstance(value, str) else " " + printed(value))
    return "".join(parts)


def title(text: str) -> str:
    """Return a text with the first letter of each word as a capital (str).

    >>> title("it's up-to-date")
    "It's Up-To-Date"
    """
    return re.sub(r"(?<![\w'])\w", lambda found: found[0].upper(), text)


def padded(text: str, before: int, after: int) -> str:
    """Return a text with spaces around it (str); an empty one stays empty."""
    return " " * min(before, WIDEST) + text + " " * min(after, WIDEST) if text else text


def escaped_for_javascript(text: str) -> str:
    """Return a text as it may stand in a JavaScript string (str)."""
    signs = {"\\": r"\\", "'": r"\'", '"': r"\"", "<": r"\u003C", ">": r"\u003E", "&": r"\u0026", "=": r"\u003D"}
    return "".join(signs.get(char) or (char if char.isprintable() else f"\\u{ord(char):04X}") for char in text)


def _of_text(call: Callable[[str], str]) -> Callable[..., str]:
    return lambda *values: call(joined_by_spaces(*values))


FUNCTIONS: dict[str, GoFunction] = {
    # and, or: the template evaluates their arguments one by one, until the answer is known
    "and": GoFunction(lambda *values: values[-1], ("any", "any"), many=True),
    "or": GoFunction(lambda *values: values[-1], ("any", "any"), many=True),
    "not": GoFunction(lambda value: not is_true(value), ("any",)),
    "eq": GoFunction(equal, ("any", "any"), many=True),
    "ne": GoFunction(lambda first, second: not _equal(first, second), ("any", "any")),
    "lt": GoFunction(less, ("any", "any")),
    "le": GoFunction(lambda first, second: not less(second, first), ("any", "any")),
    "gt": GoFunction(lambda first, second: less(second, first), ("any", "any")),
    "ge": GoFunction(lambda first, second: not less(first, second), ("any", "any")),
    "len": GoFunction(length, ("any",)),
    "index": GoFunction(index, ("any", "any"), many=True),
    "slice": GoFunction(part, ("any", "any"), many=True),
    "print": GoFunction(joined_by_spaces, ("any",), many=True),
    "printf": GoFunction(lambda form, *values: sprintf(form, values), ("string", "any"), many=True),
    "println": GoFunction(lambda *values: " ".join(map(printed, values)) + "\n", ("any",), many=True),
    "html": GoFunction(
        _of_text(lambda text: html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")),
        ("any",),
        many=True,
    ),
    "js": GoFunction(_of_text(escaped_for_javascript), ("any",), many=True),
    "urlquery": GoFunction(_of_text(quote_plus), ("any",), many=True),
    "json": GoFunction(as_json, ("any",)),
    "join": GoFunction(lambda items, between: between.join(items), ("[]string", "string")),
    "split": GoFunction(lambda text, between: text.split(between) if between else [*text], ("string", "string")),
    "lower": GoFunction(str.lower, ("string",)),
    "upper": GoFunction(str.upper, ("string",)),
    "title": GoFunction(title, ("string",)),
    "pad": GoFunction(padded, ("string", "int", "int")),
    "truncate": GoFunction(lambda text, count: text[: max(count, 0)], ("string", "int")),
}
"""Every function by its name."""

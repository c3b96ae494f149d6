"""Patterns: ``*``, ``?`` and ``[…]``, in the C locale, and the paths that they match (POSIX, XCU 2.13)."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

SPECIAL = re.compile(r"[\\*?\[\]!^-]")
ACTIVE = re.compile(r"(?:\\.|[^*?\[\\]|\[(?!.*\]))*[*?\[]", re.DOTALL)
CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t-\r ",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


def escaped(text: str) -> str:
    r"""Return a pattern (str) that matches ``text`` (str) only.

    >>> print(escaped("a*b"))
    a\*b
    """
    return SPECIAL.sub(r"\\\g<0>", text)


def is_pattern(text: str) -> bool:
    """Return whether ``text`` (str) has a character that is not escaped and matches more than itself (bool)."""
    return ACTIVE.match(text) is not None


def matches(pattern: str, text: str) -> bool:
    r"""Return whether ``pattern`` (str, ``\`` escapes) matches the whole of ``text`` (str).

    >>> matches("*.tx?", "a.txt"), matches("[!a-c]", "b"), matches("[[:digit:]]", "7"), matches(r"\*", "a")
    (True, False, True, False)
    """
    return _compiled(pattern).fullmatch(text) is not None


def without_prefix(text: str, pattern: str, longest: bool) -> str:
    """Return ``text`` (str) without the shortest or ``longest`` (bool) beginning that ``pattern`` (str) matches.

    >>> without_prefix("a.b.c", "*.", False), without_prefix("a.b.c", "*.", True)
    ('b.c', 'c')
    """
    ends = range(len(text) + 1)
    compiled = _compiled(pattern)
    for end in reversed(ends) if longest else ends:
        if compiled.fullmatch(text, 0, end):
            return text[end:]
    return text


def without_suffix(text: str, pattern: str, longest: bool) -> str:
    """Return ``text`` (str) without the shortest or ``longest`` (bool) end that ``pattern`` (str) matches.

    >>> without_suffix("a.b.c", ".*", False), without_suffix("a.b.c", ".*", True)
    ('a.b', 'a')
    """
    starts = range(len(text) + 1)
    compiled = _compiled(pattern)
    for start in starts if longest else reversed(starts):
        if compiled.fullmatch(text, start):
            return text[:start]
    return text


def paths(pattern: str, listdir: Callable[[str], list[str]], exists: Callable[[str], bool]) -> list[str]:
    """Return the paths that ``pattern`` (str) matches, sorted (list of str).

    ``listdir`` tells the names in a directory (str -> list of str; it raises OSError), ``exists`` whether there is
    something of that path (str -> bool).

    >>> paths("*/x", {".": ["a", "b"], "a/": ["x"], "b/": []}.__getitem__, {"a/x"}.__contains__)
    ['a/x']
    """
    return sorted(_paths("", pattern.split("/"), listdir, exists))


def _paths(
    place: str, names: list[str], listdir: Callable[[str], list[str]], exists: Callable[[str], bool]
) -> Iterator[str]:
    name, *rest = names
    if not is_pattern(name):
        found = [re.sub(r"\\(.)", r"\1", name, flags=re.DOTALL)]
    else:
        try:
            there = [*listdir(place or "."), ".", ".."]
        except OSError:
            return
        hidden = name.startswith((".", r"\."))
        found = [one for one in there if one.startswith(".") <= hidden and matches(name, one)]
    for one in found:
        if rest:
            yield from _paths(f"{place}{one}/", rest, listdir, exists)
        elif exists(place + one):
            yield place + one


@lru_cache(maxsize=1000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join(_translated(pattern)), re.DOTALL)


def _translated(pattern: str) -> Iterator[str]:
    """Yield the pieces (str) of the regular expression that ``pattern`` (str) is."""
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            yield ".*"
        elif char == "?":
            yield "."
        elif char == "\\" and at < len(pattern):
            yield re.escape(pattern[at])
            at += 1
        elif char == "[" and (bracket := _bracket(pattern, at)):
            yield bracket[0]
            at = bracket[1]
        else:
            yield re.escape(char)


def _bracket(pattern: str, at: int) -> tuple[str, int] | None:
    """Return the regular expression of the bracket expression that begins at ``at`` (int), and its end; or None."""
    negated = pattern.startswith("!", at)
    at += negated
    members, first = "", at
    while True:
        if at >= len(pattern):
            return None
        if pattern[at] == "]" and at > first:
            break
        known = re.compile(r"\[:(\w+):\]").match(pattern, at)
        if known and known[1] in CLASSES:
            members += CLASSES[known[1]]
            at = known.end()
            continue
        low, at = _member(pattern, at)
        high = low
        if pattern[at : at + 1] == "-" and pattern[at + 1 : at + 2] not in ("]", ""):
            high, at = _member(pattern, at + 1)
        if low <= high:
            members += f"\\x{ord(low):02x}-\\x{ord(high):02x}"
    if not members:  # a range that runs backwards holds nothing
        return ("." if negated else "(?!)"), at + 1
    return f"[{'^' if negated else ''}{members}]", at + 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    at += pattern[at] == "\\" and at + 1 < len(pattern)
    return pattern[at], at + 1

"""Patterns for paths: those of COPY and ADD (Go's ``filepath.Match``), and those of ``.dockerignore``."""

import re
from collections.abc import Callable
from functools import lru_cache

WILDCARDS = "*?["


def has_wildcards(pattern: str) -> bool:
    r"""Tell whether a source of COPY (str) is a pattern (bool).

    >>> has_wildcards("*.py"), has_wildcards(r"\*.py")
    (True, False)
    """
    return any(sign in WILDCARDS for sign in re.sub(r"\\.", "", pattern, flags=re.DOTALL))


@lru_cache
def matcher(pattern: str) -> Callable[[str], bool]:
    r"""Return the predicate (function of str) that says whether a whole path matches ``pattern`` (str).

    ``*`` is any text without ``/``, ``?`` one character but ``/``, ``[a-z]`` and ``[^a-z]`` are sets, a backslash
    escapes.  Raises ValueError for a pattern that is not well made.  Rule: Go's path/filepath, ``Match``.

    >>> matcher("src/*.py")("src/app.py"), matcher("*.py")("src/app.py")
    (True, False)
    """
    return _predicate(_expression(_parts(pattern)))


@lru_cache
def ignore_matcher(pattern: str) -> Callable[[str], bool]:
    """Return the predicate (function of str) for a pattern of ``.dockerignore`` (str): as above; ``**`` is any path.

    Raises ValueError.  Rule: moby's patternmatcher, whose odd corners (``**.log``, ``build**``) are kept.

    >>> ignore_matcher("**/*.pyc")("a/b/c.pyc"), ignore_matcher("**/*.pyc")("c.pyc")
    (True, True)
    """
    _parts(pattern)
    plain = pattern.strip("*")
    if "**" in pattern and not set(plain) & set("*?[]\\"):
        if pattern == "**" + plain:
            return lambda path: path.endswith(plain) or (plain[:1] == "/" and path == plain[1:])
        if pattern == plain + "**":
            return lambda path: path.startswith(plain)
    between = re.split(r"\*\*/?", pattern)
    expressions = [_expression(_parts(piece)) for piece in between]
    if len(between) > 1 and not between[-1]:
        expressions[-2:] = [expressions[-2] + ".*"]
    return _predicate("(?:.*/)?".join(expressions))


def _predicate(expression: str) -> Callable[[str], bool]:
    try:
        match = re.compile(expression, re.DOTALL).fullmatch
    except (re.error, RecursionError, OverflowError):
        raise ValueError("syntax error in pattern") from None
    return lambda path: match(path) is not None


def _parts(pattern: str) -> list[str]:
    """Return the parts of a pattern: a star, or the regular expression of one character."""
    parts, at = [], 0
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if sign == "*":
            parts.append("*")
        elif sign == "?":
            parts.append("[^/]")
        elif sign == "[":
            expression, at = _set(pattern, at)
            parts.append(expression)
        elif sign == "\\":
            if at == len(pattern):
                raise ValueError("syntax error in pattern")
            parts.append(re.escape(pattern[at]))
            at += 1
        else:
            parts.append(re.escape(sign))
    return parts


def _set(pattern: str, at: int) -> tuple[str, int]:
    """Return the regular expression of the set that begins behind a bracket, and the place behind it."""
    negated = pattern.startswith("^", at)
    at += negated
    ranges: list[str] = []
    while not (ranges and pattern.startswith("]", at)):
        low, at = _member(pattern, at)
        high = low
        if pattern.startswith("-", at):
            high, at = _member(pattern, at + 1)
        if low <= high:
            ranges.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            ranges.append("")  # matches nothing
    members = "".join(ranges)
    if not members:
        return ("[^/]" if negated else "(?!)"), at + 1
    return f"(?!/)[{'^' * negated}{members}]", at + 1


def _member(pattern: str, at: int) -> tuple[str, int]:
    at += pattern.startswith("\\", at)
    sign = pattern[at : at + 1]
    if not sign or (sign in "-]" and pattern[at - 1] != "\\"):
        raise ValueError("syntax error in pattern")
    return sign, at + 1


def _expression(parts: list[str]) -> str:
    """Return the regular expression of a pattern.

    A star whose match is settled once the text behind it is found never takes it back, so that no pattern blows up.
    """
    first, *others = _split(parts)
    pieces = [first]
    for number, text in enumerate(others):
        is_last = number == len(others) - 1
        pieces.append(f"[^/]*{text}" if is_last else f"(?>[^/]*?{text})")
    return "".join(pieces)


def _split(parts: list[str]) -> list[str]:
    """Return what stands between the stars of a pattern."""
    found = [""]
    for part in parts:
        if part == "*":
            found.append("")
        else:
            found[-1] += part
    return found

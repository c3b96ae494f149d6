"""Patterns in ``${name#pattern}`` and its kin: ``*`` is any text, ``?`` any character."""

import re

ESCAPABLE = "*?\\"


def without_prefix(value: str, pattern: str, longest: bool) -> str:
    """Return ``value`` (str) without the shortest, or longest, part at its head that ``pattern`` (str) matches.

    Raises ValueError for a pattern that escapes what needs none.

    >>> without_prefix("/usr/local/bin", "*/", False), without_prefix("/usr/local/bin", "*/", True)
    ('usr/local/bin', 'bin')
    """
    match = _expression(_signs(pattern), longest).match(value)
    return value[match.end() :] if match else value


def without_suffix(value: str, pattern: str, longest: bool) -> str:
    """Return ``value`` (str) without the shortest, or longest, part at its end that ``pattern`` (str) matches.

    >>> without_suffix("app.tar.gz", ".*", False), without_suffix("app.tar.gz", ".*", True)
    ('app.tar', 'app')
    """
    match = _expression(_signs(pattern)[::-1], longest).match(value[::-1])
    return value[: len(value) - match.end()] if match else value


def replaced(value: str, pattern: str, by: str, everywhere: bool) -> str:
    """Return ``value`` (str) with the first part, or every one, that ``pattern`` (str) matches replaced by ``by``.

    >>> replaced("1.2.3", ".", "-", False), replaced("1.2.3", ".", "-", True)
    ('1-2.3', '1-2-3')
    """
    return _expression(_signs(pattern), longest=True).sub(lambda _match: by, value, count=0 if everywhere else 1)


def _signs(pattern: str) -> list[str]:
    """Return the pattern's signs; an escaped one as backslash and sign."""
    signs, at = [], 0
    while at < len(pattern):
        sign = pattern[at]
        if sign == "\\":
            at += 1
            sign = pattern[at : at + 1]
            if sign in ESCAPABLE and sign:
                sign = "\\" + sign
            elif sign not in ("}", "/"):
                raise ValueError(f"invalid pattern ({pattern}) in substitution: invalid escape '\\{sign}'")
        signs.append(sign)
        at += 1
    return signs


def _expression(signs: list[str], longest: bool) -> re.Pattern[str]:
    """Return the pattern as a regular expression that never takes a star back, except the last: it cannot blow up."""
    texts = [""]
    for sign in signs:
        if sign == "*":
            texts.append("")
        else:
            texts[-1] += "(?s:.)" if sign == "?" else re.escape(sign[-1])
    first, *others = texts
    middle = "".join(f"(?>(?s:.)*?{text})" for text in others[:-1])
    last = f"(?s:.)*{'' if longest else '?'}{others[-1]}" if others else ""
    return re.compile(first + middle + last)

"""Go's printf, for the values that templates have.  Rule: Go, package fmt."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from course.engine.command_line.go_values import Nil, Struct, printed, type_name
from course.engine.go_text import quoted, quoted_character

DIRECTIVE = re.compile(r"%(?P<flags>[-+# 0]*)(?P<width>\d*)(?:\.(?P<precision>\d*))?(?P<verb>.)?", re.DOTALL)
WIDEST = 1_000_000  # fmt reads no further digit of a width once it is wider


def sprintf(template: str, values: Sequence[Any]) -> str:
    """Return ``template`` (str) with ``values`` in place of its directives (str).

    What does not fit is said in the text, as Go does: there is no error.

    >>> sprintf("%-5s|%05.1f|%q|%d", ["a", 1.25, "b"])
    'a    |001.2|"b"|%!d(MISSING)'
    """
    rest = list(values)
    parts, at = [], 0
    for match in DIRECTIVE.finditer(template):
        parts.append(template[at : match.start()])
        at = match.end()
        verb = match["verb"]
        if verb is None or any(len(number) > 8 or int(number[:-1] or 0) > WIDEST for number in _numbers(match)):
            parts.append("%!(NOVERB)")
            at = len(template)
            break
        if verb == "%":
            parts.append("%")
        elif not rest:
            parts.append(f"%!{verb}(MISSING)")
        else:
            parts.append(_formatted(rest.pop(0), match))
    parts.append(template[at:])
    if rest:
        parts.append("%!(EXTRA " + ", ".join(map(_with_type, rest)) + ")")
    return "".join(parts)


def _numbers(match: re.Match[str]) -> list[str]:
    return [number for number in (match["width"], match["precision"]) if number]


def _with_type(value: Any) -> str:
    return "<nil>" if value is None else f"{type_name(value)}={printed(value)}"


def _formatted(value: Any, match: re.Match[str]) -> str:
    verb, flags = match["verb"], match["flags"]
    if verb == "T":
        text = type_name(value)
    elif isinstance(value, Struct):
        return "{" + " ".join(_formatted(item, match) for item in value.values()) + "}"
    elif isinstance(value, Mapping):
        items = sorted(value.items())
        return "map[" + " ".join(f"{_formatted(key, match)}:{_formatted(item, match)}" for key, item in items) + "]"
    elif isinstance(value, list | tuple):
        return "[" + " ".join(_formatted(item, match) for item in value) + "]"
    else:
        text = _scalar(value, match)
    width = int(match["width"] or 0)
    if "-" in flags:
        return text.ljust(width)
    if "0" in flags and not isinstance(value, bool | None | Nil):
        sign = text[0] if text[:1] in ("+", "-") and not isinstance(value, str) else ""
        return sign + text[len(sign) :].rjust(width - len(sign), "0")
    return text.rjust(width)


def _scalar(value: Any, match: re.Match[str]) -> str:
    verb, text = match["verb"], None
    if isinstance(value, bool):
        text = printed(value) if verb in "tv" else None
    elif isinstance(value, int):
        text = _integer(value, match)
    elif isinstance(value, float):
        text = _float(value, match)
    elif isinstance(value, str):
        text = _string(value, match)
    elif verb == "v":
        text = printed(value)
    elif value is None:
        return f"%!{verb}(<nil>)"
    return f"%!{verb}({_with_type(value)})" if text is None else text


def _integer(value: int, match: re.Match[str]) -> str | None:
    verb, flags = match["verb"], match["flags"]
    character = chr(value) if 0 <= value < 0x110000 and not 0xD800 <= value < 0xE000 else "\N{REPLACEMENT CHARACTER}"
    if verb == "c":
        return character
    if verb == "q":
        return quoted_character(character)
    if verb == "U":
        return f"U+{value:04X}"
    if verb not in "dvboOxX":
        return None
    prefix = {"o": "0", "x": "0x", "X": "0X", "b": "0b"}.get(verb, "") if "#" in flags else ""
    prefix = "0o" if verb == "O" else prefix
    digits = format(abs(value), verb.replace("v", "d").replace("O", "o")).zfill(int(match["precision"] or 0))
    sign = "-" if value < 0 else "+" if "+" in flags else " " if " " in flags else ""
    return sign + prefix + digits


def _float(value: float, match: re.Match[str]) -> str | None:
    verb, flags, precision = match["verb"], match["flags"], match["precision"]
    if verb in "vgG" and precision is None:
        text = printed(value)
    elif verb in "eEfFgG":
        text = format(value, f".{precision if precision is not None else 6}{verb}")
    else:
        return None
    sign = "+" if "+" in flags and value >= 0 else " " if " " in flags and value >= 0 else ""
    return sign + text


def _string(value: str, match: re.Match[str]) -> str | None:
    verb, precision = match["verb"], match["precision"]
    cut = value if precision is None else value[: int(precision or 0)]
    if verb in "sv":
        return cut
    if verb == "q":
        return quoted(cut)
    if verb in "xX":
        digits = cut.encode("utf-8", "surrogateescape").hex(" " if " " in match["flags"] else "\0").replace("\0", "")
        return digits.upper() if verb == "X" else digits
    return None

"""A template's text as tokens: the text between actions, and the words in them.  Rule: text/template/parse, lex.go."""

import re
from dataclasses import dataclass
from typing import Any

from course.engine.go_text import quoted, quoted_character
from course.errors import DockerError

SPACE = " \t\r\n"
COMMENT = re.compile(
    r"\{\{(?P<left>-[ \t\r\n]+)?/\*(?P<inside>.*?)(?P<ended>\*/(?P<close>[ \t\r\n]+-\}\}|\}\})?|$)", re.DOTALL
)
TOKEN = re.compile(
    r"""
      (?P<close>[ \t\r\n]+-\}\}|\}\})
    | (?P<space>[ \t\r\n]+)
    | (?P<string>"(?:[^"\\\n]|\\.)*")
    | (?P<raw>`[^`]*`)
    | (?P<character>'(?:[^'\\\n]|\\.)*')
    | (?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+
                       |(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?))
    | (?P<field>\.[^\W\d]\w*)
    | (?P<variable>\$\w*)
    | (?P<identifier>[^\W\d]\w*)
    | (?P<dot>\.)
    | (?P<assign>:?=)
    | (?P<comma>,)
    | (?P<pipe>\|)
    | (?P<paren>\()
    | (?P<close_paren>\))
    """,
    re.VERBOSE,
)
ESCAPED = dict(zip("abfnrtv\\'\"", "\a\b\f\n\r\t\v\\'\"", strict=True))
WORD_END = re.compile(r"[ \t\r\n.,|:)(=]|\}\}|$")
UNTERMINATED = {
    '"': "unterminated quoted string",
    "`": "unterminated raw quoted string",
    "'": "unterminated character constant",
}
LARGEST = 2**63 - 1


class TemplateError(DockerError):
    """A template that cannot be read or executed, in Go's words: ``template: :1: unclosed action``."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a template: its ``kind`` (a group of ``TOKEN``; text, open, error, end), text and position."""

    kind: str
    text: str
    position: int


def error_at(source: str, position: int, message: str) -> TemplateError:
    """Return the error for a place in a template that cannot be read (TemplateError)."""
    return TemplateError(f"template: :{source.count(chr(10), 0, position) + 1}: {message}")


def tokens(source: str) -> list[Token]:
    """Return the tokens of a template (list of Token); the last one is an ``error`` or the ``end``.

    >>> [token.kind for token in tokens("a {{- .Name }}")]
    ['text', 'open', 'space', 'field', 'space', 'close', 'end']
    """
    found: list[Token] = []
    at, trimmed = 0, False
    while (start := source.find("{{", at)) >= 0:
        trims = source.startswith("{{-", start) and source[start + 3 : start + 4] in tuple(SPACE)
        _add_text(found, source[at:start], at, trimmed, trims)
        comment = COMMENT.match(source, start)
        if comment is not None:
            if comment["close"] is None:
                ended = "comment ends before closing delimiter" if comment["ended"] else "unclosed comment"
                return [*found, Token("error", ended, start)]
            at, trimmed = comment.end(), comment["close"] != "}}"
            continue
        found.append(Token("open", "{{", start))
        at = _action(source, start + (3 if trims else 2), found)
        if found[-1].kind == "error":
            return found
        trimmed = found[-1].text != "}}"
    _add_text(found, source[at:], at, trimmed, False)
    return [*found, Token("end", "", len(source))]


def _add_text(found: list[Token], text: str, at: int, trim_left: bool, trim_right: bool) -> None:
    text = text.lstrip(SPACE) if trim_left else text
    text = text.rstrip(SPACE) if trim_right else text
    if text:
        found.append(Token("text", text, at))


def _action(source: str, at: int, found: list[Token]) -> int:
    """Add the tokens of one action, with its closing braces or the error in it; return where it ends (int)."""
    while at < len(source):
        match = TOKEN.match(source, at)
        if match is None:
            found.append(_unreadable(source, at))
            if found[-1].kind == "error":
                return at
            at += 1
            continue
        kind = str(match.lastgroup).replace("_", " ")
        after = source[match.end() : match.end() + 1]
        found.append(Token(kind, match[0], at))
        if kind == "number" and (after.isalnum() or after == "_"):
            found[-1] = Token("error", f"bad number syntax: {quoted(match[0] + after)}", at)
        elif kind in ("field", "variable", "identifier") and not WORD_END.match(source, match.end()):
            found[-1] = Token("error", f"bad character U+{ord(after):04X} {quoted_character(after)}", at)
        if kind == "close" or found[-1].kind == "error":
            return match.end()
        at = match.end()
    found.append(Token("error", "unclosed action", at))
    return at


def _unreadable(source: str, at: int) -> Token:
    char = source[at]
    if char in UNTERMINATED:
        return Token("error", UNTERMINATED[char], at)
    if char.isascii() and char.isprintable():
        return Token("sign", char, at)
    return Token("error", f"unrecognized character in action: U+{ord(char):04X} {quoted_character(char)}", at)


def constant(token: Token, source: str) -> Any:
    """Return the value of a string, a number or a character (str, int or float).  Raises TemplateError."""
    if token.kind == "raw":
        return token.text[1:-1]
    if token.kind == "number":
        return _number(token, source)
    try:
        value = _unquoted(token.text)
    except ValueError:
        raise error_at(source, token.position, "invalid syntax") from None
    if token.kind == "string":
        return value
    if len(value) != 1:
        raise error_at(source, token.position, f"malformed character constant: {token.text}")
    return ord(value)


def _unquoted(text: str) -> str:
    inside = text[1:-1]
    escapes = r"\\(?:[abfnrtv\\'\"]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3})"
    if re.search(r"\\", re.sub(escapes, "", inside)):
        raise ValueError(text)
    return re.sub(escapes, _unescaped, inside)


def _unescaped(found: re.Match[str]) -> str:
    escape = found[0][1:]
    if escape[0] in ESCAPED:
        return ESCAPED[escape[0]]
    code = int(escape[1:], 16) if escape[0] in "xuU" else int(escape, 8)
    if code > (0xFF if escape[0] not in "uU" else 0x10FFFF) or 0xD800 <= code < 0xE000:
        raise ValueError(escape)
    # one byte, which alone may be no character
    return chr(code) if code < 0x80 or escape[0] in "uU" else chr(0xDC00 + code)


def _number(token: Token, source: str) -> int | float:
    digits = token.text.replace("_", "")
    if not digits.lstrip("+-").lower().startswith("0x") and re.search("[.eE]", digits):
        return float(digits)
    octal = re.fullmatch(r"[+-]?0[0-7]+", digits)
    if (
        len(digits) > 70
        or not -LARGEST - 1 <= (value := int(digits, 8 if octal else 0 if "0" in digits[:2] else 10)) <= LARGEST
    ):
        raise error_at(source, token.position, f"integer overflow: {quoted(token.text)}")
    return value

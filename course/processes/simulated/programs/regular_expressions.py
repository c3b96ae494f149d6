"""Basic and extended regular expressions (regex(7), with GNU's additions), translated to Python's.

Text is bytes, one byte a character, as in the C locale.  Python's engine takes the first way that matches, POSIX's the
longest of those that begin leftmost: where an expression can tell the two apart, longer matches are looked for.
"""

import re
from functools import lru_cache
from string import ascii_letters, digits, hexdigits, punctuation

MAX_REPEATS = 32767  # RE_DUP_MAX
CLASSES = {
    "alpha": ascii_letters,
    "digit": digits,
    "alnum": ascii_letters + digits,
    "upper": ascii_letters[26:],
    "lower": ascii_letters[:26],
    "space": " \t\n\v\f\r",
    "blank": " \t",
    "punct": punctuation,
    "print": ascii_letters + digits + punctuation + " ",
    "graph": ascii_letters + digits + punctuation,
    "cntrl": "".join(map(chr, [*range(32), 127])),
    "xdigit": hexdigits,
}
"""What each character class holds in the C locale (str)."""

ESCAPES = {"w": "\\w", "W": "\\W", "s": "\\s", "S": "\\S", "b": "\\b", "`": "\\A", "'": "\\Z"}
ESCAPES |= {"<": "\\b(?=\\w)", ">": "\\b(?<=\\w)"}
ESCAPES |= {"B": "(?:(?<=\\w)(?=\\w)|(?<!\\w)(?!\\w))"}  # Python's own does not match in an empty text
ANCHORS = set("bB`'<>")  # what matches a place, not a character: no repetition follows it

UNMATCHED_BRACKET = "Unmatched [, [^, [:, [., or [="
BAD_REPETITION = "Invalid preceding regular expression"


class BadPattern(Exception):  # noqa: N818 (the C library's message, which a program prints)
    """A regular expression does not follow the rules: the message of regcomp(3)."""


class Pattern:
    """A compiled regular expression.

    ``fixed`` (bool) takes every character for itself; ``within`` (str of Python's syntax, with ``{}``) is what must lie
    around it.  ``groups`` is the number of its sub-expressions (int), ``warnings`` what grep says of it (tuple of str).

    >>> Pattern("a|ab", extended=True).search(b"xab").group()
    b'ab'
    """

    def __init__(
        self,
        pattern: str,
        extended: bool = False,
        fixed: bool = False,
        ignore_case: bool = False,
        many_lines: bool = False,
        strict: bool = False,
        within: str = "",
    ) -> None:
        translation = Translation(pattern, extended, many_lines, strict)
        self.source = re.escape(translation.text) if fixed else translation.alternatives()
        if within:
            self.source = within.format(f"(?:{self.source})")
        self.groups = translation.opened
        self.warnings = tuple(translation.warnings)
        self._ambiguous = translation.ambiguous or bool(within)
        self._flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
        self._compiled = _compiled(self.source, self._flags)

    def search(self, data: bytes, start: int = 0) -> re.Match[bytes] | None:
        """Return the leftmost longest match in ``data`` (bytes) from ``start`` (int) on, or None."""
        found = self._compiled.search(data, start)
        while found and self._ambiguous and found.end() < len(data):
            rest = len(data) - found.end() - 1  # a longer match leaves at most so many bytes
            longer = _compiled(f"(?:{self.source})(?=[\\s\\S]{{0,{rest}}}\\Z)", self._flags).match(data, found.start())
            if not longer:
                break
            found = longer
        return found


@lru_cache(512)
def _compiled(source: str, flags: int) -> re.Pattern[bytes]:
    return re.compile(source.encode("latin-1"), flags)


class Translation:
    """One expression on its way to Python's syntax, read from left to right.

    ``strict`` (bool) is sed's dialect, in which a repetition of nothing is an error; for grep it is a character or is
    left out.
    """

    def __init__(self, pattern: str, extended: bool, many_lines: bool, strict: bool) -> None:
        self.text = pattern.encode("utf-8", "surrogateescape").decode("latin-1")
        self.at = 0
        self.extended = extended
        self.strict = strict
        self.start, self.end = ("(?m:^)", "(?m:$)") if many_lines else ("\\A", "\\Z")
        self.opened = 0
        self.closed: set[int] = set()
        self.ambiguous = False
        self.warnings: list[str] = []
        self.at_start = True

    def alternatives(self, depth: int = 0) -> str:
        """Read up to the end, or to the end of the group at ``depth`` (int), and return the translation (str)."""
        branches = [self._branch(depth)]
        while self._take("|" if self.extended else "\\|"):
            branches.append(self._branch(depth))
            self.ambiguous = True
        if depth == 0 and self.at < len(self.text):
            raise BadPattern("Unmatched ) or \\)")
        return "|".join(branches)

    def _take(self, *tokens: str) -> bool:
        for token in tokens:
            if self.text.startswith(token, self.at):
                self.at += len(token)
                return True
        return False

    def _sees(self, *tokens: str) -> bool:
        return self.text.startswith(tokens, self.at)

    def _branch(self, depth: int) -> str:
        pieces: list[str] = []
        closing = ")" if self.extended else "\\)"
        alternative = "|" if self.extended else "\\|"
        fresh = True  # nothing to be repeated yet
        self.at_start = True  # nor an anchor: grep says so
        while self.at < len(self.text) and not self._sees(alternative):
            if self._sees(closing) and (depth or not self.extended or self.strict):
                break
            if self._is_anchor(fresh, closing, alternative):
                pieces.append(self.start if self.text[self.at] == "^" else self.end)
                self.at += 1
                fresh = True
                continue
            if fresh and self._repeats_nothing():
                continue
            head = self.text[self.at : self.at + 2]
            atom = self._atom(depth)
            fresh = head[:1] == "\\" and head[1:] in ANCHORS
            self.at_start = self.at_start and fresh
            pieces.append(atom if fresh else self._repeated(atom, head == "\\(" or head[:1] == "("))
        return "".join(pieces)

    def _is_anchor(self, fresh: bool, closing: str, alternative: str) -> bool:
        letter = self.text[self.at]
        if letter == "^":
            before = self.text[: self.at]
            return self.extended or before == "" or (fresh and before.endswith(("\\(", "\\|")))
        rest = self.text[self.at + 1 :]
        return letter == "$" and (self.extended or rest == "" or rest.startswith((closing, alternative)))

    def _repeats_nothing(self) -> bool:
        """Tell whether a repetition without anything before it was passed over."""
        if not self.extended:
            if self.strict and self._sees("\\{"):
                raise BadPattern(BAD_REPETITION)
            return False
        at = self.at
        if self._sees("*", "+", "?"):
            self.at += 1
            found = self.text[at]
        elif self._sees("{") and (self.strict or self._interval()):
            found = "{...}"
        else:
            return False
        if self.strict:
            raise BadPattern(BAD_REPETITION)
        if self.at_start:
            self.warnings.append(f"{found} at start of expression")
        self.at_start = self.at_start and found != "{...}"
        return True

    def _atom(self, depth: int) -> str:
        letter = self.text[self.at]
        self.at += 1
        if letter == "(" and self.extended:
            return self._group(depth)
        if letter == "[":
            return self._bracket()
        if letter == ".":
            return "."
        if letter != "\\":
            return re.escape(letter)
        if self.at == len(self.text):
            raise BadPattern("Trailing backslash")
        letter = self.text[self.at]
        self.at += 1
        if letter == "(" and not self.extended:
            return self._group(depth)
        if letter in "123456789":
            if int(letter) not in self.closed:
                raise BadPattern("Invalid back reference")
            return f"(?:\\{letter})"
        return ESCAPES.get(letter) or re.escape(letter)

    def _group(self, depth: int) -> str:
        self.opened += 1
        number = self.opened
        inner = self.alternatives(depth + 1)
        if not self._take(")" if self.extended else "\\)"):
            raise BadPattern("Unmatched ( or \\(")
        self.closed.add(number)
        return f"({inner})"

    def _repeated(self, atom: str, is_group: bool) -> str:
        """Return the atom (str) with the repetitions that follow it."""
        is_one = is_group or len(atom) == 1 or atom[0] == "["  # Python's syntax, too, repeats it as a whole
        times = self._times()
        while times:
            self.ambiguous = self.ambiguous or is_group
            atom = (atom if is_one else f"(?:{atom})") + times
            is_one = False
            times = self._times()
            if times and self.strict and not self.extended and self.text[self.at - 1] in "*}":
                raise BadPattern(BAD_REPETITION)
        return atom

    def _times(self) -> str:
        if self._take("*"):
            return "*"
        for sign in "+?":
            if self._take(sign if self.extended else "\\" + sign):
                return sign
        return self._interval() if self._sees("{" if self.extended else "\\{") else ""

    def _interval(self) -> str:
        """Return an interval (str) such as ``{2,5}``; an empty text if it is none and so stands for itself."""
        closing = "}" if self.extended else "\\}"
        at = self.at + len(closing)
        end = self.text.find(closing, at)
        found = re.fullmatch(r"(\d*)(?:(,)(\d*))?", self.text[at:end] if end > 0 else "?")
        if not found or found[0] == "":
            if self.extended and not self.strict:
                return ""
            good = re.fullmatch(r"\d*,?\d*", self.text[at:])
            raise BadPattern("Unmatched \\{" if end < 0 and good else "Invalid content of \\{\\}")
        low, high = int(found[1] or 0), int(found[3] or 0) if found[3] or not found[2] else None
        high = low if not found[2] else high
        if high is not None and high < low:
            raise BadPattern("Invalid content of \\{\\}")
        if max(low, high or 0) > MAX_REPEATS:
            raise BadPattern("Regular expression too big")
        self.at = end + len(closing)
        return f"{{{low},{'' if high is None else high}}}"

    def _bracket(self) -> str:
        """Return the bracket expression (str) whose ``[`` has just been read."""
        if self.at == len(self.text):
            raise BadPattern("Invalid regular expression")
        negated = self._take("^")
        if self.at == len(self.text):
            raise BadPattern("Invalid regular expression" if negated else UNMATCHED_BRACKET)
        chosen: list[str] = []
        first = self.at
        while self.at == first or not self._sees("]"):
            if self.at > first and self._sees("-") and not self._sees("-]"):
                raise BadPattern("Invalid range end")
            low, one = self._element()
            if self._sees("-") and not self.text.startswith("-]", self.at):
                self.at += 1
                high, last = self._element()
                if not one or not last or high < low:
                    raise BadPattern("Invalid range end")
                chosen += map(chr, range(ord(low), ord(high) + 1))
            else:
                chosen += low
        if re.fullmatch(r"\^?:.+:", self.text[first - negated : self.at]):
            raise BadPattern("character class syntax is [[:space:]], not [:space:]")
        self.at += 1
        members = "".join(f"\\x{ord(letter):02x}" for letter in sorted(set(chosen)))
        return f"[{'^' if negated else ''}{members}]"

    def _element(self) -> tuple[str, bool]:
        """Return the next characters in a bracket expression (str), and whether they may bound a range (bool)."""
        if self.at == len(self.text):
            raise BadPattern(UNMATCHED_BRACKET)
        for kind in (":", ".", "="):
            if self._take("[" + kind):
                end = self.text.find(kind + "]", self.at)
                if end < 0:
                    raise BadPattern(UNMATCHED_BRACKET)
                name = self.text[self.at : end]
                self.at = end + 2
                if kind == ":" and name not in CLASSES:
                    raise BadPattern("Invalid character class name")
                if kind != ":" and len(name) != 1:
                    raise BadPattern("Invalid collation character")
                return (CLASSES[name], False) if kind == ":" else (name, kind == ".")
        self.at += 1
        return self.text[self.at - 1], True

r"""Variables in an instruction are replaced, and quotes taken away, as docker does it: nearly as a shell would.

>>> known = {"VERSION": "1.2.3"}.get
>>> expand("app-${VERSION%.*}.tar", known), expand(r"\$VERSION '$VERSION'", known), expand("${NO:-none}", known)
('app-1.2.tar', '$VERSION $VERSION', 'none')
"""

from collections.abc import Callable

from course.engine.build.shell_patterns import replaced, without_prefix, without_suffix
from course.engine.build.spaces import SPACES
from course.engine.go_text import quoted

SPECIAL = "@*#?-$!0"
DEEPEST = 50  # words within words: ${a:-${b:-…}}
LONGEST = 1 << 20  # bytes; no process could be given a longer variable (execve(2))
Values = Callable[[str], str | None]


class ExpansionError(ValueError):
    """A word that cannot be expanded, in docker's words."""


def expand(word: str, values: Values, escape: str = "\\") -> str:
    """Return ``word`` (str) with its variables replaced by what ``values`` gives for their names (str or None).

    A name without a value is replaced by nothing.  ``escape`` is the sign that escapes (str).  Raises ExpansionError,
    in docker's words.  Rule: Dockerfile reference, "Environment replacement"; buildkit's frontend/dockerfile/shell.
    """
    return _Word(word, values, escape).whole()[0]


def expand_to_words(word: str, values: Values, escape: str = "\\") -> list[str]:
    """Return the words (list of str) that ``word`` (str) becomes: a variable's value may be several.

    >>> expand_to_words("$PORTS 443", {"PORTS": "80 8080"}.get)
    ['80', '8080', '443']
    """
    return _Word(word, values, escape).whole()[1]


class _Words:
    """Text as it grows, as a whole and as words."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.words: list[str] = []
        self._word: list[str] = []

    def add(self, text: str, splits: bool) -> None:
        self.pieces.append(text)
        if not splits:
            self._word.append(text)
            return
        for sign in text:
            if sign in SPACES:
                self._end()
            else:
                self._word.append(sign)

    def _end(self) -> None:
        if word := "".join(self._word):
            self.words.append(word)
        self._word = []

    def all(self) -> tuple[str, list[str]]:
        self._end()
        text = "".join(self.pieces)
        if len(text) > LONGEST:
            raise ExpansionError(f"more than {LONGEST} characters")
        return text, self.words


class _Word:
    """A word on its way: the text, and the place reached in it."""

    def __init__(self, text: str, values: Values, escape: str) -> None:
        self._text, self._values, self._escape = text, values, escape
        self._at = self._depth = 0

    def whole(self) -> tuple[str, list[str]]:
        try:
            return self._until("", raw=False)
        except ExpansionError as error:
            raise ExpansionError(f"failed to process {quoted(self._text[:200])}: {error}") from None

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _next(self) -> str:
        self._at += 1
        return self._text[self._at - 1 : self._at]

    def _until(self, stop: str, raw: bool) -> tuple[str, list[str]]:
        """Return the text up to the sign ``stop``; a ``raw`` one keeps its escapes, which a pattern needs."""
        found = _Words()
        while sign := self._next():
            if sign == stop:
                return found.all()
            if sign == "$":
                found.add(self._dollar(), splits=True)
            elif sign == "'":
                found.add(self._single_quoted(), splits=False)
            elif sign == '"':
                found.add(self._double_quoted(raw), splits=False)
            elif sign == self._escape:
                found.add((sign if raw else "") + self._next(), splits=False)
            else:
                found.add(sign, splits=True)
        if stop:
            raise ExpansionError("syntax error: missing '/' in ${}" if stop == "/" else "syntax error: missing '}'")
        return found.all()

    def _single_quoted(self) -> str:
        end = self._text.find("'", self._at)
        if end < 0:
            raise ExpansionError("unexpected end of statement while looking for matching single-quote")
        start, self._at = self._at, end + 1
        return self._text[start:end]

    def _double_quoted(self, raw: bool) -> str:
        pieces: list[str] = []
        while sign := self._next():
            if sign == '"':
                return "".join(pieces)
            if sign == "$":
                pieces.append(self._dollar())
            elif sign == self._escape and self._peek() in ('"', "$", self._escape):
                pieces.append((sign if raw else "") + self._next())
            else:
                pieces.append(sign)
        raise ExpansionError("unexpected end of statement while looking for matching double-quote")

    def _dollar(self) -> str:
        """Return the value of the variable behind a dollar sign."""
        if self._peek() != "{":
            name = self._name()
            return self._values(name) or "" if name else "$"
        self._next()
        if not self._peek():
            raise ExpansionError("syntax error: missing '}'")
        if self._peek() in "{}:":
            raise ExpansionError("syntax error: bad substitution")
        name = self._name()
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpansionError(f"more than {DEEPEST} substitutions within each other")
        value = self._substitution(name, self._values(name))
        self._depth -= 1
        return value

    def _substitution(self, name: str, value: str | None) -> str:
        """Return what ``${name…}`` stands for, from behind the name on."""
        sign = self._next()
        if sign == "}":
            return value or ""
        if not sign:
            raise ExpansionError("syntax error: missing '}'")
        colon = sign == ":"
        if colon:
            sign = self._next()
            value = value or None  # an empty value is as good as none
        try:
            if sign in ("#", "%") and not colon:
                return self._cut(sign, value or "")
            if sign == "/" and not colon:
                return self._replaced(value or "")
        except ValueError as error:
            raise ExpansionError(str(error)) from None
        if not sign or sign not in "-+?":
            raise ExpansionError(f"unsupported modifier ({':' * colon}{sign}) in substitution")
        word = self._until("}", raw=False)[0]
        if sign == "-":
            return word if value is None else value
        if sign == "+":
            return "" if value is None else word
        if value is None:
            default = "is not allowed to be empty" if colon else "is not allowed to be unset"
            raise ExpansionError(f"{name}: {word or default}")
        return value

    def _cut(self, sign: str, value: str) -> str:
        pattern = self._until("}", raw=True)[0]
        longest = pattern.startswith(sign)
        cut = without_prefix if sign == "#" else without_suffix
        return cut(value, pattern[1:] if longest else pattern, longest)

    def _replaced(self, value: str) -> str:
        everywhere = self._peek() == "/"
        if everywhere:
            self._next()
        pattern = self._until("/", raw=True)[0]
        return replaced(value, pattern, self._until("}", raw=True)[0], everywhere)

    def _name(self) -> str:
        """Return the name at the place reached: letters, digits and ``_``; digits alone; or one special sign."""
        start = self._at
        if self._peek().isdecimal():
            while self._peek().isdecimal():
                self._at += 1
        elif self._peek() and self._peek() in SPECIAL:
            self._at += 1
        else:
            while self._peek().isalpha() or self._peek().isdecimal() or self._peek() == "_":
                self._at += 1
        return self._text[start : self._at]

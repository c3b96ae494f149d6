"""Fields: what a word expands to, split where the separators in IFS stand (POSIX, XCU 2.6.5)."""

from course.processes.simulated.shell import patterns

WHITESPACE = " \t\n"


class Fields:
    """The fields of one word, as its expansions add to them.

    ``separators`` (str) is what IFS holds, or None where words are not split; ``joint`` (str) then stands between the
    positional parameters.

    >>> fields = Fields(" :")
    >>> fields.split("a : b::c")
    >>> fields.texts()
    ['a', 'b', '', 'c']
    """

    def __init__(self, separators: str | None, joint: str = " ") -> None:
        self.separators, self.joint = separators, joint
        self._ended: list[list[tuple[str, bool]]] = []  # each field: texts, and whether they are quoted
        self._current: list[tuple[str, bool]] | None = None
        self._behind_space = False  # whether white space has ended the last field, and nothing has come since

    def add(self, text: str, quoted: bool) -> None:
        """Add ``text`` (str) as it is; ``quoted`` (bool): it is no pattern, and makes a field even if it is empty."""
        if text or quoted:
            self._current = self._current or []
            self._current.append((text, quoted))
            self._behind_space = False

    def split(self, *texts: str) -> None:
        """Add what an expansion gave (str each): separators in it end a field, and so does the end of all but the last.

        Several texts are those of several positional parameters.
        """
        if self.separators is None:
            self.add(self.joint.join(texts), False)
            return
        self._behind_space = False
        for number, text in enumerate(texts):
            if number:
                self._separate(space=True)
            start = 0
            for at, char in enumerate(text):
                if char in self.separators:
                    self.add(text[start:at], False)
                    self._separate(char in WHITESPACE)
                    start = at + 1
            self.add(text[start:], False)

    def _separate(self, space: bool) -> None:
        if self._current is not None:
            self.end()
            self._behind_space = space
        elif not space:
            if not self._behind_space:
                self._ended.append([])
            self._behind_space = False

    def next_parameter(self) -> None:
        """End a field between two quoted positional parameters."""
        if self.separators is None:
            self.add(self.joint, True)
        else:
            self.end()

    def end(self) -> None:
        """End the field that is being made, if there is one."""
        if self._current is not None:
            self._ended.append(self._current)
        self._current, self._behind_space = None, False

    def texts(self) -> list[str]:
        """Return the fields (list of str)."""
        self.end()
        return ["".join(text for text, _quoted in field) for field in self._ended]

    def patterns(self) -> list[str]:
        """Return the fields as patterns (list of str): what is quoted matches itself only."""
        self.end()
        return ["".join(patterns.escaped(text) if quoted else text for text, quoted in field) for field in self._ended]

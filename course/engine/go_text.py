"""Text as Go quotes it in its messages (strconv.Quote)."""

ESCAPES = {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v", "\\": r"\\"}


def quoted(text: str) -> str:
    r"""Return ``text`` (str) in double quotes, with escapes (str).

    >>> print(quoted('a "b"\n'))
    "a \"b\"\n"
    """
    return '"' + "".join(_escaped(char, '"') for char in text) + '"'


def quoted_character(char: str) -> str:
    """Return one character (str) in single quotes (str).

    >>> quoted_character("z")
    "'z'"
    """
    return "'" + _escaped(char, "'") + "'"


def _escaped(char: str, quote: str) -> str:
    if char == quote:
        return "\\" + char
    if char in ESCAPES:
        return ESCAPES[char]
    code = ord(char) if char else 0
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as surrogateescape keeps it
        return f"\\x{code - 0xDC00:02x}"
    if char.isprintable():
        return char
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def listed(words: tuple[str, ...]) -> str:
    """Return words (tuple of str) as Go prints a list of strings with ``%q`` (str).

    >>> listed(("/bin/sh", "-c", "ls"))
    '["/bin/sh" "-c" "ls"]'
    """
    return "[" + " ".join(map(quoted, words)) + "]"

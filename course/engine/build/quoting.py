"""Quoting as Go's ``%q`` does it, which docker's messages and histories show."""

SIGNS = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


def quoted(text: str) -> str:
    r"""Return ``text`` (str) between double quotes, as Go's ``%q`` prints it (str).

    >>> print(quoted('say "hi"\n'))
    "say \"hi\"\n"
    """
    return '"' + "".join(map(_sign, text)) + '"'


def _sign(sign: str) -> str:
    if sign in SIGNS:
        return SIGNS[sign]
    if sign.isprintable():
        return sign
    code = ord(sign)
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape: a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def listed(words: tuple[str, ...]) -> str:
    """Return words (tuple of str) as Go prints a list of strings with ``%q`` (str).

    >>> listed(("/bin/sh", "-c", "ls"))
    '["/bin/sh" "-c" "ls"]'
    """
    return "[" + " ".join(map(quoted, words)) + "]"

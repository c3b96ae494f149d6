"""The shell's characters: one for each byte, as in the C locale, where ``${#x}`` of one é is 2.

Everywhere else a name is text, with surrogates for bytes that are not UTF-8; here each byte is the character of its
number (latin-1).  ``inner`` and ``outer`` translate at the shell's edges.
"""


def inner(text: str) -> str:
    """Return ``text`` (str) as the shell holds it (str): one character for each byte of its UTF-8.

    >>> len(inner("é"))
    2
    """
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def outer(text: str) -> str:
    """Return what the shell holds (str) as text (str).

    >>> outer(inner("é"))
    'é'
    """
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "surrogateescape")


LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
DIGITS = frozenset("0123456789")


def is_name(text: str) -> bool:
    """Return whether ``text`` (str) can be a variable's name (bool).

    >>> is_name("_x1"), is_name("1x"), is_name("")
    (True, False, False)
    """
    return bool(text) and text[0] in LETTERS and LETTERS.union(DIGITS).issuperset(text)

"""The words that a person reads, from one gettext catalogue, English first.

Every message, hint, label and help text is written as ``_("…")``; a translation is a file
``course/locale/LANGUAGE/LC_MESSAGES/course.mo``.  The language is that of the environment (``LANGUAGE``, ``LC_ALL``,
``LC_MESSAGES``, ``LANG``), as for every gettext program.

>>> _("layer")
'layer'
"""

import gettext
from collections.abc import Iterable
from functools import cache
from pathlib import Path

LOCALE_FOLDER = Path(__file__).parent / "locale"


@cache
def catalogue() -> gettext.NullTranslations:
    """Return the catalogue for this environment's language; where there is none, messages stay English."""
    return gettext.translation("course", LOCALE_FOLDER, fallback=True)


def _(message: str) -> str:
    """Return ``message`` (str, English) in the reader's language (str)."""
    return catalogue().gettext(message) if message else ""


def _n(one: str, many: str, count: int) -> str:
    """Return ``one`` or ``many`` (str, English), as ``count`` asks, in the reader's language, with ``{count}`` filled.

    >>> _n("{count} layer", "{count} layers", 3)
    '3 layers'
    """
    return catalogue().ngettext(one, many, count).format(count=count)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name (of an iterable of str) that ``name`` (str) was probably meant to be (str), or "".

    >>> nearest("greter:1", ["base:1", "greeter:1"])
    'greeter:1'
    """
    from difflib import get_close_matches  # not at the top: few names are mistyped, and importing it takes its time

    return next(iter(get_close_matches(name, known, n=1, cutoff=0.5)), "")


def size(count: int) -> str:
    """Return a number of bytes (int) as people read it (str), in powers of 1000, as docker prints sizes.

    >>> size(999), size(12_500_000)
    ('999B', '12.5MB')
    """
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 999.95 or unit == "TB":
            return f"{amount:.4g}{unit}" if unit == "B" else f"{amount:.3g}{unit}"
        amount /= 1000
    raise AssertionError("unreachable")


def shown(text: str) -> str:
    r"""Return a name or path (str; bytes that are not UTF-8 as surrogates) so that it is safe to print (str).

    Control characters, bytes that are not UTF-8 and signs that change a line's direction are escaped.

    >>> print(shown("caf\udce9\n"))
    caf\xe9\n
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape: this is the byte code - 0xDC00
        return f"\\x{code - 0xDC00:02x}"
    return char.encode("unicode_escape").decode()

"""Numbers as people write them on a command line: with a suffix that multiplies, as head, tail, dd and od take them."""

import re

POWERS = "KMGTPEZY"


def multiplier(suffix: str) -> int | None:
    """Return what a suffix (str) multiplies by (int), or None if it is none: K, KiB 1024; kB, KB 1000; b 512.

    >>> multiplier("kB"), multiplier("M"), multiplier("GiB"), multiplier("x")
    (1000, 1048576, 1073741824, None)
    """
    if suffix in ("", "b"):
        return 512 if suffix else 1
    letter, rest = suffix[0].upper(), suffix[1:]
    if letter not in POWERS or (suffix[0].islower() and suffix[0] not in "km") or rest not in ("", "B", "iB"):
        return None
    return int((1000 if rest == "B" else 1024) ** (POWERS.index(letter) + 1))


def amount(text: str, suffixes: bool = True) -> int | None:
    """Return the number (int) that ``text`` (str) is, with a multiplying suffix if ``suffixes``; None if it is none.

    >>> amount("10"), amount("2K"), amount("K"), amount("-1"), amount("3x")
    (10, 2048, 1024, None, None)
    """
    found = re.fullmatch(r"\s*\+?(\d*)([A-Za-z]*)", text)
    if not found or not found[0].strip(" +") or (found[2] and not suffixes):
        return None
    times = multiplier(found[2])
    return None if times is None else int(found[1] or 1) * times

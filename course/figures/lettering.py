"""Lettering: how wide a text will be, at most, and how it is shortened to fit."""

import unicodedata
from collections.abc import Callable
from functools import cache

from course.figures.style import Font

ELLIPSIS = "…"
MONO = 0.61  # em; the widest of the common monospaced fonts
BOLD = 1.14  # how much wider bold letters are
CLASSES = {  # em; the widest of the common proportional fonts
    0.33: " 'ijlI",
    0.36: ",.:;|",
    0.44: "frt",
    0.51: '!()[]/\\-"`*·',
    0.64: "abcdeghknopqsuvxyzJ0123456789_?${}",
    0.72: "FLTSEPKXYZABCRV",
    0.79: "DHNUG&",
    0.88: "OQw+<>=~#^",
    1.06: "mMW@%…→←↓✓✕",
}
EM = {letter: em for em, letters in CLASSES.items() for letter in letters}


@cache
def _em(letter: str) -> float:
    """Return the width of a letter that is in no class: another alphabet, a picture, an accent (float, em)."""
    if unicodedata.combining(letter):
        return 0.4  # takes no room, but a hundred of them on one letter are not to be drawn
    if unicodedata.category(letter) == "So":
        return 1.35
    return 1.1 if letter > "\u024f" else 0.95


def is_measured(text: str) -> bool:
    """Tell (bool) whether the width of every letter of ``text`` (str) is known; the others are drawn in a clipped box.

    >>> is_measured("/etc/motd"), is_measured("\\u0645\\u0644\\u0641")
    (True, False)
    """
    return all(letter in EM for letter in text)


def width(text: str, font: Font) -> float:
    """Return how wide ``text`` (str) is at most when it is written in ``font`` (float, pixels).

    >>> width("/etc", Font(10, mono=True)), width("mm", Font(10))
    (24.4, 21.2)
    """
    if font.mono:
        em = sum(MONO if letter in EM else max(MONO, _em(letter)) for letter in text)
    else:
        em = sum(EM.get(letter) or _em(letter) for letter in text)
    return round(em * font.size * (BOLD if font.bold and not font.mono else 1), 2)


def shorten(text: str, room: float, font: Font, keep: str = "start") -> str:
    """Return ``text`` (str), or as much of it as is at most ``room`` wide (float, pixels), with an ellipsis.

    ``keep`` says which part matters most: its ``start``, its ``end`` (a path), or ``both`` ends.

    >>> shorten("/usr/share/doc/motd", 90, Font(10, mono=True), keep="end")
    '…hare/doc/motd'
    """
    if width(text, font) <= room:
        return text
    cut: dict[str, Callable[[int], str]] = {
        "start": lambda count: text[:count] + ELLIPSIS,
        "end": lambda count: ELLIPSIS + text[len(text) - count :],
        "both": lambda count: text[: (count + 1) // 2] + ELLIPSIS + text[len(text) - count // 2 :],
    }
    low, high = 0, len(text)
    while low < high:  # the most letters that fit
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(cut[keep](middle), font) <= room else (low, middle - 1)
    return cut[keep](low)


def wrap(text: str, room: float, font: Font, lines: int) -> list[str]:
    """Return ``text`` (str) in at most this many lines (list of str), each at most ``room`` wide (float, pixels).

    >>> wrap("one two three", 50, Font(10, mono=True), lines=2)
    ['one two', 'three']
    """
    wrapped = [""]
    for word in text.split(" "):
        longer = f"{wrapped[-1]} {word}".strip()
        if wrapped[-1] and width(longer, font) > room and len(wrapped) < lines:
            wrapped.append(word)
        else:
            wrapped[-1] = longer
    return [shorten(line, room, font) for line in wrapped]


def columns(text: str) -> int:
    """Return how many columns of a terminal ``text`` (str) takes (int).

    >>> columns("etc"), columns("\\u5c42")
    (3, 2)
    """
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text
    )


def table(rows: list[list[str]]) -> list[str]:
    """Return rows of cells (lists of str) as lines of text (list of str) whose columns stand below each other.

    >>> table([["a", "bc"], ["def", "g"]])
    ['a    bc', 'def  g']
    """
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell + " " * (wide - columns(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]

"""Which lines differ between two texts: the shortest edit, chosen among several as GNU diff does.

The algorithm is that of Eugene W. Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986).
What diffutils does before it (lines that match nothing, or too much, are set aside) and after it (runs of changes are
shifted) decides which of several shortest edits is shown.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FAR = 1 << 60
SET_ASIDE, PERHAPS = 1, 2  # what is to become of a line


@dataclass(frozen=True, slots=True)
class Change:
    """Lines of the first text that others of the second take the place of: where they begin, and how many there are."""

    start: int
    deleted: int
    other_start: int
    inserted: int


def changes(one: Sequence[bytes], two: Sequence[bytes], context: int = 0) -> list[Change]:
    """Return the changes (list of Change) that make the lines ``two`` out of ``one`` (sequences of bytes).

    ``context`` is how many lines (int) around changes are shown: as far, equal ends take part in the choice.

    >>> changes([b"a", b"b", b"c"], [b"a", b"B", b"c"])
    [Change(start=1, deleted=1, other_start=1, inserted=1)]
    """
    prefix = 0
    while prefix < min(len(one), len(two)) and one[prefix] == two[prefix]:
        prefix += 1
    prefix = max(0, prefix - context)
    suffix = 0
    while suffix < min(len(one), len(two)) - prefix and one[-1 - suffix] == two[-1 - suffix]:
        suffix += 1
    suffix = max(0, suffix - context)
    texts = [one[prefix : len(one) - suffix], two[prefix : len(two) - suffix]]
    changed = _changed(texts[0], texts[1])
    _shift(changed[0], changed[1], texts[0])
    _shift(changed[1], changed[0], texts[1])
    return list(_script(changed[0], changed[1], prefix))


def _changed(one: Sequence[bytes], two: Sequence[bytes]) -> tuple[list[bool], list[bool]]:
    """Return for each line of both texts whether it is changed, with a False behind the last for what lies outside."""
    texts = (one, two)
    counts = (Counter(one), Counter(two))
    changed = [[False] * (len(text) + 1) for text in texts]
    kept: list[list[int]] = []
    for text, others, marks in zip(texts, reversed(counts), changed, strict=True):
        aside = _set_aside(text, others)
        kept.append([place for place, what in enumerate(aside) if not what])
        for place, what in enumerate(aside):
            marks[place] = bool(what)
    left = [[text[place] for place in places] for text, places in zip(texts, kept, strict=True)]
    for which, place in _edit(left[0], left[1]):
        changed[which][kept[which][place]] = True
    return changed[0], changed[1]


def _set_aside(text: Sequence[bytes], others: "Counter[bytes]") -> list[int]:
    """Return for each line (list of int) whether it is left out of the comparison: it matches none, or very many."""
    many, rest = 5, len(text) // 64 >> 2
    while rest > 0:
        many, rest = many * 2, rest >> 2
    marks = [SET_ASIDE if not others[line] else PERHAPS if others[line] > many else 0 for line in text]
    place = 0
    while place < len(marks):
        if marks[place] == PERHAPS:
            marks[place] = 0
        elif marks[place]:
            end = place
            while end < len(marks) and marks[end]:
                end += 1
            run = marks[place:end]
            while run and run[-1] == PERHAPS:
                run[-1] = 0
                run.pop()
                end -= 1
                marks[end] = 0
            _settle(run)
            marks[place:end] = run
            place = end - 1
        place += 1
    return marks


def _settle(run: list[int]) -> None:
    """Decide which lines of a run, none at its ends, are set aside though they match many."""
    if run.count(PERHAPS) * 4 > len(run):
        run[:] = [0 if what == PERHAPS else what for what in run]
        return
    least, rest = 1, len(run) >> 2 >> 2
    while rest > 0:
        least, rest = least * 2, rest >> 2
    least += 1
    place = together = 0
    while place < len(run):
        if run[place] != PERHAPS:
            together = 0
        else:
            together += 1
            if together == least:
                place -= together
            elif together > least:
                run[place] = 0
        place += 1
    for order in (range(len(run)), range(len(run) - 1, -1, -1)):
        together = 0
        for count, at in enumerate(order):
            if count >= 8 and run[at] == SET_ASIDE:
                break
            together = together + 1 if run[at] == SET_ASIDE else 0
            run[at] = 0 if run[at] == PERHAPS else run[at]
            if together == 3:
                break


def _edit(one: Sequence[bytes], two: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Yield the lines of a shortest edit: 0 and the place of one that is deleted, 1 and that of one inserted."""
    todo = [(0, len(one), 0, len(two))]
    while todo:
        low, high, other_low, other_high = todo.pop()
        while low < high and other_low < other_high and one[low] == two[other_low]:
            low, other_low = low + 1, other_low + 1
        while low < high and other_low < other_high and one[high - 1] == two[other_high - 1]:
            high, other_high = high - 1, other_high - 1
        if low == high:
            yield from ((1, place) for place in range(other_low, other_high))
        elif other_low == other_high:
            yield from ((0, place) for place in range(low, high))
        else:
            x, y = _middle(one, two, low, high, other_low, other_high)
            todo += [(x, high, y, other_high), (low, x, other_low, y)]


def _middle(
    one: Sequence[bytes], two: Sequence[bytes], low: int, high: int, other_low: int, other_high: int
) -> tuple[int, int]:
    """Return a point in the middle of a shortest edit, found from both ends at once."""
    least, most = low - other_high, high - other_low
    forward, backward = {low - other_low: low}, {high - other_high: high}
    fmin = fmax = low - other_low
    bmin = bmax = high - other_high
    odd = (fmin - bmin) & 1
    while True:
        fmin, fmax = _wider(forward, fmin, fmax, least, most, -1)
        for d in range(fmax, fmin - 1, -2):
            x = max(forward[d - 1] + 1, forward[d + 1])
            while x < high and x - d < other_high and one[x] == two[x - d]:
                x += 1
            forward[d] = x
            if odd and bmin <= d <= bmax and backward[d] <= x:
                return x, x - d
        bmin, bmax = _wider(backward, bmin, bmax, least, most, FAR)
        for d in range(bmax, bmin - 1, -2):
            x = min(backward[d - 1], backward[d + 1] - 1)
            while low < x and other_low < x - d and one[x - 1] == two[x - d - 1]:
                x -= 1
            backward[d] = x
            if not odd and fmin <= d <= fmax and x <= forward[d]:
                return x, x - d


def _wider(reached: dict[int, int], low: int, high: int, least: int, most: int, nowhere: int) -> tuple[int, int]:
    """Return the diagonals of the next step, one more on either side as far as there are any."""
    if low > least:
        low -= 1
        reached[low - 1] = nowhere
    else:
        low += 1
    if high < most:
        high += 1
        reached[high + 1] = nowhere
    else:
        high -= 1
    return low, high


def _shift(changed: list[bool], other: list[bool], text: Sequence[bytes]) -> None:
    """Move runs of changed lines to where they meet others, those of the other text too, else as far as they go."""
    end = len(text)
    at = across = 0
    while True:
        while at < end and not changed[at]:
            while other[across]:
                across += 1
            across += 1
            at += 1
        if at == end:
            return
        start = at
        while changed[at]:
            at += 1
        while other[across]:
            across += 1
        length = -1
        while length != at - start:
            length = at - start
            while start and text[start - 1] == text[at - 1]:
                start, at = start - 1, at - 1
                changed[start], changed[at] = True, False
                while start and changed[start - 1]:
                    start -= 1
                across -= 1
                while other[across]:
                    across -= 1
            meeting = at if across and other[across - 1] else end
            while at != end and text[start] == text[at]:
                changed[start], changed[at] = False, True
                start, at = start + 1, at + 1
                while changed[at]:
                    at += 1
                across += 1
                while other[across]:
                    meeting = at
                    across += 1
        while meeting < at:
            start, at = start - 1, at - 1
            changed[start], changed[at] = True, False
            across -= 1
            while other[across]:
                across -= 1


def _script(one: list[bool], two: list[bool], offset: int) -> Iterator[Change]:
    """Yield the changes, from the marks of both texts; ``offset`` lines (int) lie before."""
    at = across = 0
    while at < len(one) or across < len(two):
        start, other_start = at, across
        while at < len(one) and one[at]:
            at += 1
        while across < len(two) and two[across]:
            across += 1
        if at > start or across > other_start:
            yield Change(start + offset, at - start, other_start + offset, across - other_start)
        at, across = at + 1, across + 1


def hunks(found: Sequence[Change], context: int) -> Iterator[list[Change]]:
    """Yield the changes (sequence of Change) in groups, one for each hunk with ``context`` lines (int) around.

    >>> [len(hunk) for hunk in hunks([Change(0, 1, 0, 1), Change(5, 1, 5, 1), Change(20, 1, 20, 1)], 3)]
    [2, 1]
    """
    hunk: list[Change] = []
    for change in found:
        if hunk and change.start - (hunk[-1].start + hunk[-1].deleted) > 2 * context:
            yield hunk
            hunk = []
        hunk.append(change)
    if hunk:
        yield hunk

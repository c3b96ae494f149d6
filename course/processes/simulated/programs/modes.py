"""File modes: what ``u+x``, ``go=`` and ``0755`` make of the permission bits of a file."""

import re
import stat
from dataclasses import dataclass

WHO = {"u": stat.S_ISUID | 0o700, "g": stat.S_ISGID | 0o070, "o": stat.S_ISVTX | 0o007, "a": 0o7777}
WHAT = {"r": 0o444, "w": 0o222, "x": 0o111, "s": stat.S_ISUID | stat.S_ISGID, "t": stat.S_ISVTX, "X": 0}
SET_IDS = stat.S_ISUID | stat.S_ISGID
CLAUSE = re.compile(r"([ugoa]*)((?:[-+=](?:[ugo]|[rwxXst]*))+)")
NUMERIC = re.compile(r"([-+=])([0-7]+)")
OPERATION = re.compile(r"([-+=])([ugo](?![rwxXst])|[rwxXst]*)")


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a mode.

    ``operator`` is ``+``, ``-`` or ``=`` (str).  ``affected`` are the bits of those it speaks of (int; 0: whatever the
    umask leaves).  ``value`` are the bits to set (int), or those to copy from if ``copies`` (bool).  ``any_execute``
    (bool) adds execution for directories and for files that somebody may execute.  ``mentioned`` are the bits that it
    names (int): set-id bits of a directory stay unless they are named.
    """

    operator: str
    affected: int
    value: int
    mentioned: int
    copies: bool = False
    any_execute: bool = False

    def applied(self, mode: int, is_directory: bool, umask: int) -> int:
        """Return what becomes of the permission bits ``mode`` (int)."""
        kept = SET_IDS & ~self.mentioned if is_directory else 0
        value = self.value
        if self.copies:
            value = _spread(mode & self.value)
        if self.any_execute and (is_directory or mode & 0o111):
            value |= 0o111
        value &= (self.affected or ~umask) & ~kept
        if self.operator == "+":
            return mode | value
        if self.operator == "-":
            return mode & ~value
        return mode & ((~self.affected if self.affected else 0) | kept) | value


def parse(text: str) -> tuple[Change, ...]:
    """Return the changes (tuple of Change) that ``text`` (str) describes.

    Raises ValueError: it describes none.  Rule: chmod(1); coreutils manual, "File permissions".

    >>> oct(changed(0o644, parse("u+x,go="), False, 0o022)), oct(changed(0o2755, parse("700"), True, 0o022))
    ('0o700', '0o2700')
    """
    if re.fullmatch("[0-7]+", text):
        value = _octal(text)
        return (Change("=", 0o7777, value, 0o7777 if len(text) > 4 else value & 0o7777 | 0o777),)
    changes: list[Change] = []
    for clause in text.split(","):
        numeric = NUMERIC.fullmatch(clause)
        symbolic = CLAUSE.fullmatch(clause)
        if numeric:
            changes.append(Change(numeric[1], 0o7777, _octal(numeric[2]), 0o7777))
        elif symbolic:
            affected = 0
            for who in symbolic[1]:
                affected |= WHO[who]
            changes += (_symbolic(operator, affected, letters) for operator, letters in OPERATION.findall(symbolic[2]))
        else:
            raise ValueError(text)
    return tuple(changes)


def changed(mode: int, changes: tuple[Change, ...], is_directory: bool, umask: int) -> int:
    """Return the permission bits (int) that ``changes`` (tuple of Change) make of ``mode`` (int)."""
    bits = mode & 0o7777
    for change in changes:
        bits = change.applied(bits, is_directory, umask)
    return bits


def touched(changes: tuple[Change, ...]) -> int:
    """Return the bits (int) that ``changes`` (tuple of Change) set in a new directory whatever the umask says."""
    bits = 0
    for change in changes:
        kept = SET_IDS & ~change.mentioned
        bits |= (change.affected if change.operator == "=" else change.value) & ~kept
    return bits


def letters(mode: int) -> str:
    """Return the permission bits of ``mode`` (int) as ls(1) writes them (str).

    >>> letters(0o4755)
    'rwsr-xr-x'
    """
    return stat.filemode(mode)[1:]


def _symbolic(operator: str, affected: int, what: str) -> Change:
    if what and what in "ugo":
        value = WHO[what] & 0o777
        return Change(operator, affected, value, affected & value if affected else value, copies=True)
    value = 0
    for letter in what:
        value |= WHAT[letter]
    return Change(operator, affected, value, affected & value if affected else value, any_execute="X" in what)


def _octal(text: str) -> int:
    value = int(text, 8)
    if value > 0o7777:
        raise ValueError(text)
    return value


def _spread(bits: int) -> int:
    """Return the permissions of one class (int) given to all three."""
    return sum(three for three in (0o444, 0o222, 0o111) if bits & three)

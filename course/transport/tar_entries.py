"""The entries of a tar, in order: headers, the extended headers before them, and the content between them."""

import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import BinaryIO, Protocol

from course.errors import InvalidLayer, LimitExceeded, TruncatedArchive
from course.transport.limits import Budget
from course.transport.tar_header import BLOCK, FILES, KINDS, TarEntry, check_numbers, parse_header
from course.words import _, shown, size

PAX, SOLARIS_PAX, GLOBAL_PAX, LONG_NAME, LONG_LINK, GNU_SPARSE = b"x X g L K S".split(b" ")
EXTENDED = (PAX, SOLARIS_PAX, GLOBAL_PAX, LONG_NAME, LONG_LINK)
PATH, LINK_PATH, MTIME = b"path", b"linkpath", b"mtime"
NUMBERS = (b"size", b"uid", b"gid")
UNDERSTOOD = (PATH, LINK_PATH, MTIME, *NUMBERS)
XATTR, SPARSE = b"SCHILY.xattr.", b"GNU.sparse."
RECORD_LENGTH = re.compile(rb"([1-9][0-9]{0,9}) ")
DIGITS = re.compile(rb"[0-9]{1,19}")
SECONDS = re.compile(rb"(-?)([0-9]{1,19})(?:\.([0-9]*))?")
EMPTY_BLOCK = bytes(BLOCK)


class TarInput(Protocol):
    """The bytes of a tar; ``position`` is the place reached (int)."""

    position: int

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes; fewer only at the end."""
        ...

    def skip(self, count: int) -> bool:
        """Pass over ``count`` bytes; tell (bool) whether there were so many."""
        ...


class SeekableInput:
    """The bytes of a tar in a stream that can seek (binary file object) and is ``size`` bytes long (int)."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self.position = 0
        self._stream, self._size = stream, size

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes; fewer only at the end."""
        data = self._stream.read(count)
        self.position += len(data)
        return data

    def skip(self, count: int) -> bool:
        """Pass over ``count`` bytes; tell (bool) whether there were so many."""
        self.position += count
        if self.position > self._size:
            return False
        self._stream.seek(self.position)
        return True


class ChunkInput:
    """The bytes of a tar that come in chunks (iterator of bytes), out of a decompressor say."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.position = 0
        self._chunks, self._chunk, self._at = chunks, b"", 0

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes; fewer only at the end."""
        pieces = []
        while count and self._some():
            piece = self._chunk[self._at : self._at + count]
            self._pass(len(piece))
            count -= len(piece)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def skip(self, count: int) -> bool:
        """Pass over ``count`` bytes; tell (bool) whether there were so many."""
        while count and self._some():
            step = min(count, len(self._chunk) - self._at)
            self._pass(step)
            count -= step
        return not count

    def _some(self) -> bool:
        """Tell whether there is a byte, after fetching the next chunk if the last one is used up."""
        while self._at == len(self._chunk):
            chunk = next(self._chunks, None)
            if chunk is None:
                return False
            self._chunk, self._at = chunk, 0
        return True

    def _pass(self, count: int) -> None:
        self._at += count
        self.position += count


def read_entries(source: TarInput, where: str, budget: Budget) -> Iterator[TarEntry]:
    """Yield the entries (TarEntry) of a tar (TarInput), in order.

    Between two of them their content may be taken from ``source``; what is left of it is passed over.  ``where`` names
    the tar for messages; entries and their extended headers are counted on ``budget``.  A tar may end without the two
    empty blocks, as other readers have it, but only between two entries.

    Raises InvalidLayer: a header is damaged, or says what not all readers understand alike; TruncatedArchive;
    LimitExceeded.  Rule: POSIX pax(1), "pax Interchange Format"; GNU tar's manual, "Basic Tar Format".
    """
    records: dict[bytes, bytes] = {}
    while block := source.take(BLOCK):
        start = source.position - len(block)
        if len(block) < BLOCK:
            raise _truncated(where, start)
        if block == EMPTY_BLOCK:
            if source.take(BLOCK).strip(b"\0"):
                raise _invalid(where, start, _("an entry stands behind a lone empty block"))
            break
        try:
            entry = parse_header(block)
            if entry.type in EXTENDED:
                _gather(_extended(entry, source, where, budget), records)
                continue
            if records:
                _apply(records, entry)
                records = {}
            if entry.type not in KINDS:
                raise _refused(entry)
        except ValueError as error:
            raise _invalid(where, start, error) from error
        budget.spend(where, entries=1)
        entry.offset = source.position
        if entry.type not in FILES:
            entry.size = 0  # whatever its header says, there is none
        yield entry
        end = entry.offset + entry.size + -entry.size % BLOCK
        if not source.skip(end - source.position):
            raise _truncated(where, start)
    if records:
        raise _truncated(where, source.position)


def _extended(header: TarEntry, source: TarInput, where: str, budget: Budget) -> dict[bytes, bytes]:
    """Return what an extended header says of the entry after it, by PAX's keywords (bytes to bytes)."""
    if header.size > budget.limits.extended_header:
        raise LimitExceeded(
            _("{where}: an extended header takes {found}; expected {limit} at most.").format(
                where=where, found=size(header.size), limit=size(budget.limits.extended_header)
            )
        )
    budget.spend(where, text=header.size)
    start = source.position
    data = source.take(header.size)
    if len(data) < header.size or not source.skip(-header.size % BLOCK):
        raise _truncated(where, start)
    if header.type in (LONG_NAME, LONG_LINK):
        name, end, _rest = data.partition(b"\0")
        if not end:
            raise _damaged()
        return {PATH if header.type == LONG_NAME else LINK_PATH: name}
    records = _records(data)
    if header.type != GLOBAL_PAX:
        return records
    for key in records:  # docker passes over them all, others apply them to the entries that follow
        if key in UNDERSTOOD or key.startswith((XATTR, SPARSE)):
            raise ValueError(
                _("a global header sets '{key}', which readers understand differently").format(key=_text(key))
            )
    return {}


def _gather(more: dict[bytes, bytes], records: dict[bytes, bytes]) -> None:
    for key in more.keys() & records.keys():
        raise ValueError(_("two extended headers say '{key}'").format(key=_text(key)))
    records |= more


def _records(data: bytes) -> dict[bytes, bytes]:
    """Return the records ``LENGTH KEYWORD=VALUE`` of a PAX header; of two with one keyword the last one counts."""
    records: dict[bytes, bytes] = {}
    at = 0
    while at < len(data):
        length = RECORD_LENGTH.match(data, at)
        end = at + int(length[1]) if length else 0
        record = data[length.end() : end] if length else b""
        key, equals, value = record[:-1].partition(b"=")
        if end > len(data) or not (key and equals and record.endswith(b"\n")):
            raise _damaged()
        records[key] = value
        at = end
    return records


def _apply(records: dict[bytes, bytes], entry: TarEntry) -> None:
    """Let extended headers overrule the entry's own."""
    xattrs: dict[str, bytes] = {}
    for key, value in records.items():
        if key.startswith(SPARSE):
            raise ValueError(
                _("'{name}' is stored as a sparse file, which no image should hold").format(name=_text(entry.name))
            )
        if key.startswith(XATTR):
            xattrs[key[len(XATTR) :].decode("utf-8", "surrogateescape")] = value
        elif key == PATH:
            entry.name = value
        elif key == LINK_PATH:
            entry.link = value
        elif key in NUMBERS:
            if not DIGITS.fullmatch(value):
                raise ValueError(
                    _("'{key}' is '{value}'; expected a number").format(key=_text(key), value=_text(value))
                )
            setattr(entry, key.decode(), int(value))
        elif key == MTIME:
            entry.mtime_ns = _nanoseconds(value)
    check_numbers(entry)
    if xattrs:
        entry.xattrs = MappingProxyType(xattrs)


def _nanoseconds(text: bytes) -> int:
    """Return the nanoseconds in a text such as ``-12.5`` (seconds); POSIX pax(1) allows any number of digits."""
    match = SECONDS.fullmatch(text)
    if not match:
        raise ValueError(_("'mtime' is '{value}'; expected seconds").format(value=_text(text)))
    sign, seconds, fraction = match.groups(b"")
    nanoseconds = int(seconds) * 10**9 + int(fraction[:9].ljust(9, b"0"))
    return -nanoseconds if sign else nanoseconds


def _damaged() -> ValueError:
    return ValueError(_("its extended header is damaged"))


def _refused(entry: TarEntry) -> ValueError:
    name, kind = _text(entry.name), _text(entry.type)
    if entry.type == GNU_SPARSE:
        return ValueError(_("'{name}' is stored as a sparse file, which no image should hold").format(name=name))
    return ValueError(_("'{name}' is of the unknown type '{kind}'").format(name=name, kind=kind))


def _text(data: bytes) -> str:
    return shown(data.decode("utf-8", "surrogateescape"))[:200]


def _invalid(where: str, start: int, reason: object) -> InvalidLayer:
    return InvalidLayer(
        _("{where}: the tar entry at byte {start}: {reason}.").format(where=where, start=start, reason=reason)
    )


def _truncated(where: str, start: int) -> TruncatedArchive:
    return TruncatedArchive(
        _("{where}: the tar ends within the entry at byte {start}; fetch the file again.").format(
            where=where, start=start
        )
    )

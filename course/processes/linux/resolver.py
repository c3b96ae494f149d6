"""A small name server: tells a container the addresses of the others in its networks, as docker's own does (RFC 1035).

It knows nothing else: names of the world do not exist for it, since no packet would get there either.
"""

from __future__ import annotations

import socket
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:  # without importing typing
    from collections.abc import Mapping, Sequence

_HEADER = struct.Struct("!HHHHHH")  # id, flags, and how many questions, answers, authorities, additional records
_IS_ANSWER, _OPCODE, _AUTHORITATIVE, _TRUNCATED = 0x8000, 0x7800, 0x0400, 0x0200
_RECURSION_DESIRED, _RECURSION_AVAILABLE = 0x0100, 0x0080
_FORMAT_ERROR, _NO_SUCH_NAME, _NOT_IMPLEMENTED = 1, 3, 4
_A, _ANY, _INTERNET = 1, 255, 1
_SECONDS = 600  # how long an answer holds, in docker as here
_LARGEST = 512  # bytes of a message by UDP
_LONGEST = 255  # bytes of a name
_THIS_NAME = 0xC00C  # a pointer to where the question's name stands: right behind the header


class Resolver:
    """Answers what comes in by ``channel`` (socket, UDP), which was made in the container's network namespace.

    ``table`` has the addresses (sequence of str, IPv4) by name (str, in lower case); whoever holds it may change it.
    It suits a select loop: ``answer`` when it can be read.  It never waits, and no packet makes it fail.
    """

    __slots__ = ("channel", "table")

    def __init__(self, channel: socket.socket, table: Mapping[str, Sequence[str]]) -> None:
        channel.setblocking(False)
        self.channel = channel
        self.table = table

    def fileno(self) -> int:
        """Return the descriptor (int) to wait for."""
        return self.channel.fileno()

    def answer(self) -> None:
        """Answer one question, if there is one; what cannot be answered is dropped."""
        try:
            query, asker = self.channel.recvfrom(_LARGEST + 1)
            answer = reply(query, self.table)
            if answer:
                self.channel.sendto(answer, asker)
        except OSError:  # nothing there after all; the asker's socket has gone, or it is full
            return

    def close(self) -> None:
        """Close the socket."""
        self.channel.close()


def reply(query: bytes, table: Mapping[str, Sequence[str]]) -> bytes | None:
    """Return the answer (bytes) to a ``query`` (bytes) as ``table`` has it, or None: it deserves none.

    A name that is there and has no record of the type asked for, as none has an IPv6 address here, gets no records and
    no error.  Rule: RFC 1035, 4.1; RFC 2308, 2.2.

    >>> query = bytes.fromhex("beef 0100 0001 0000 0000 0000") + b"\\x03web\\0" + bytes.fromhex("0001 0001")
    >>> reply(query, {"web": ["172.18.0.2"]})[-4:]
    b'\\xac\\x12\\x00\\x02'
    """
    if not _HEADER.size <= len(query) <= _LARGEST:
        return None
    number, flags, questions, _answers, _authorities, _additional = _HEADER.unpack_from(query)
    if flags & _IS_ANSWER:  # to answer an answer would be to start an endless talk
        return None
    kept = flags & (_OPCODE | _RECURSION_DESIRED) | _IS_ANSWER | _RECURSION_AVAILABLE
    if flags & _OPCODE:
        return _HEADER.pack(number, kept | _NOT_IMPLEMENTED, 0, 0, 0, 0)
    end = _end_of_name(query)
    if questions != 1 or not end or end + 4 > len(query):
        return _HEADER.pack(number, kept | _FORMAT_ERROR, 0, 0, 0, 0)
    kind, family = struct.unpack_from("!HH", query, end)
    question = query[_HEADER.size : end + 4]
    addresses = table.get(_name(query, end))
    if addresses is None:
        return _HEADER.pack(number, kept | _AUTHORITATIVE | _NO_SUCH_NAME, 1, 0, 0, 0) + question
    records = [_record(address) for address in addresses] if kind in (_A, _ANY) and family == _INTERNET else []
    room = (_LARGEST - _HEADER.size - len(question)) // len(_record("0.0.0.0"))  # noqa: S104 (an address like another)
    kept |= _AUTHORITATIVE | (_TRUNCATED if len(records) > room else 0)
    return _HEADER.pack(number, kept, 1, len(records[:room]), 0, 0) + question + b"".join(records[:room])


def _end_of_name(query: bytes) -> int:
    """Return where the name that is asked for ends (int), or 0: it is none.

    It consists of labels, each a length up to 63 and as many bytes, and the empty one at last; a pointer, which is
    how a name refers to an earlier one, has nothing to refer to in a question.
    """
    place = _HEADER.size
    while place < min(len(query), _HEADER.size + _LONGEST):
        length = query[place]
        place += 1 + length
        if length > 63:
            return 0
        if not length:
            return place
    return 0


def _name(query: bytes, end: int) -> str:
    labels, place = [], _HEADER.size
    while place < end - 1:
        labels.append(query[place + 1 : place + 1 + query[place]])
        place += 1 + query[place]
    return b".".join(labels).decode("latin-1").lower()


def _record(address: str) -> bytes:
    return struct.pack("!HHHIH", _THIS_NAME, _A, _INTERNET, _SECONDS, 4) + socket.inet_aton(address)

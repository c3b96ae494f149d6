"""A container's log as docker's json-file driver writes it: a JSON object a line, what was written, when and whereto.

Bytes that are no UTF-8 are escaped so that the very bytes can be read again; other readers see a replacement character.
"""

from __future__ import annotations

import os
import time
from _json import encode_basestring_ascii as quoted  # what ``json`` is made of, without the half of it that reads

PIECE = 16 * 1024  # bytes: a longer line is cut (moby, daemon/logger/copier.go)
FULL = 16 << 20  # bytes of a log; docker keeps all of it, unless it is told
NAMES = {1: "stdout", 2: "stderr"}


class Log:
    """A log that is written to the file with the ``descriptor`` (int), line by line, up to FULL bytes."""

    __slots__ = ("_begun", "_descriptor", "_size")

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._size = os.fstat(descriptor).st_size
        self._begun = {1: b"", 2: b""}  # of each stream the line that has not ended

    def write(self, stream: int, data: bytes) -> None:
        """Add what was written to ``stream`` (int: 1 or 2); the beginning of a line waits for its end."""
        *lines, rest = (self._begun[stream] + data).split(b"\n")
        pieces = [line + b"\n" for line in lines]
        if len(rest) >= PIECE:
            cut = len(rest) // PIECE * PIECE
            pieces.append(rest[:cut])
            rest = rest[cut:]
        self._begun[stream] = rest
        self._add(stream, pieces)

    def flush(self) -> None:
        """Add the lines that have not ended."""
        for stream, begun in self._begun.items():
            if begun:
                self._begun[stream] = b""
                self._add(stream, [begun])

    def _add(self, stream: int, pieces: list[bytes]) -> None:
        if not pieces or self._size >= FULL:
            return
        now = moment(time.time_ns())
        entries = [
            _entry(piece[at : at + PIECE], stream, now) for piece in pieces for at in range(0, len(piece), PIECE)
        ]
        data = "".join(entries).encode()
        if self._size + len(data) > FULL:
            data = _entry(b"The log is full: what follows is not kept.\n", 2, now).encode()
            self._size = FULL
        self._size += len(data)
        while data:
            data = data[os.write(self._descriptor, data) :]


def moment(ns: int) -> str:
    """Return a time (int, ns since 1970) as Go writes it (str, RFC 3339 in UTC, without zeros at the end).

    >>> moment(1_500_000_000)
    '1970-01-01T00:00:01.5Z'
    """
    seconds, rest = divmod(ns, 10**9)
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".") + "Z"


def _entry(line: bytes, stream: int, now: str) -> str:
    text = quoted(line.decode("utf-8", "surrogateescape"))
    return f'{{"log":{text},"stream":"{NAMES[stream]}","time":"{now}"}}\n'

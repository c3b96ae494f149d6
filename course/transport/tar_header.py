"""A tar header: 512 bytes that say what the next entry of an archive is."""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from course.layers.entry import NO_XATTRS
from course.words import _

BLOCK = 512
FILE, OLD_FILE, LINK, SYMLINK, CHARACTER_DEVICE, BLOCK_DEVICE, DIRECTORY, FIFO, CONTIGUOUS = (
    b"0 \0 1 2 3 4 5 6 7".split(b" ")
)
FILES = (FILE, OLD_FILE, CONTIGUOUS)
DEVICES = (CHARACTER_DEVICE, BLOCK_DEVICE)
KINDS = (*FILES, *DEVICES, LINK, SYMLINK, DIRECTORY, FIFO)
# name, mode, uid, gid, size, mtime, checksum, type, link name, magic, (owner's names), device numbers, prefix
FIELDS = struct.Struct("100s8s8s8s12s12s8sc100s6s2x64x8s8s155s12x")
CHECKSUM = slice(148, 156)
OCTAL = re.compile(rb" *([0-7]*)[ \0]*")
POSIX = b"ustar\0"
LARGEST = 1 << 63
MAX_ID = (1 << 32) - 1  # uid_t and gid_t


@dataclass(slots=True)
class TarEntry:
    """One entry of a tar, as its headers say it.

    ``name`` and ``link`` (where a link leads) are bytes, ``type`` is the header's typeflag (a byte), ``offset`` is
    where its content begins in the tar and ``size`` the content's length (bytes, int).  ``mode``, ``uid``, ``gid``,
    ``mtime_ns``, ``device`` and ``xattrs`` are as in FileEntry.
    """

    name: bytes
    type: bytes
    mode: int
    uid: int
    gid: int
    size: int
    mtime_ns: int
    link: bytes
    device: tuple[int, int] = (0, 0)
    offset: int = 0
    xattrs: Mapping[str, bytes] = field(default_factory=lambda: NO_XATTRS)


def parse_header(block: bytes) -> TarEntry:
    """Return what a header (512 bytes) says (TarEntry).

    Raises ValueError, which says why: the checksum or a number is wrong.  Rule: POSIX pax(1), "ustar Interchange
    Format"; for numbers that are not octal GNU tar's manual, "Extensions to the POSIX format".

    >>> import tarfile
    >>> parse_header(tarfile.TarInfo("etc/motd").tobuf()).name
    b'etc/motd'
    """
    name, mode, uid, gid, size, mtime, checksum, typeflag, link, magic, major, minor, prefix = FIELDS.unpack(block)
    promised = number(checksum)
    others = block[: CHECKSUM.start] + block[CHECKSUM.stop :]
    found = sum(others) + 8 * ord(" ")
    if promised != found and promised != found - 256 * sum(byte >> 7 for byte in others):  # old tars add signed bytes
        raise ValueError(
            _("its checksum is {found}, and {promised} stands there").format(found=found, promised=promised)
        )
    entry = TarEntry(
        name.partition(b"\0")[0],
        typeflag,
        number(mode) & 0o7777,
        number(uid),
        number(gid),
        number(size),
        number(mtime) * 10**9,
        link.partition(b"\0")[0],
    )
    check_numbers(entry)
    if typeflag in DEVICES:
        entry.device = number(major), number(minor)
    if magic == POSIX and prefix[0]:
        entry.name = prefix.partition(b"\0")[0] + b"/" + entry.name
    return entry


def check_numbers(entry: TarEntry) -> None:
    """Raise ValueError if a number of ``entry`` (TarEntry) is one that no file has."""
    if entry.size < 0 or not (0 <= entry.uid <= MAX_ID and 0 <= entry.gid <= MAX_ID):
        raise ValueError(
            _("size {size}, uid {uid} and gid {gid} are not all possible").format(
                size=entry.size, uid=entry.uid, gid=entry.gid
            )
        )


def number(digits: bytes) -> int:
    """Return the number (int) in a field of a header (bytes): octal digits, or binary where the first bit is set.

    Raises ValueError: neither, or beyond 63 bits.

    >>> number(b"0000644\\0"), number(bytes([0x80, 0, 0, 0, 1, 0, 0, 0])), number(8 * bytes([0xFF]))
    (420, 16777216, -1)
    """
    octal = OCTAL.fullmatch(digits)
    if octal:
        return int(octal[1] or b"0", 8)
    if not digits[0] & 0x80:
        raise ValueError(_("{digits} is no octal number").format(digits=digits))
    bits = 8 * len(digits) - 1
    value = int.from_bytes(digits, "big") & ((1 << bits) - 1)
    if value >> (bits - 1):  # two's complement
        value -= 1 << bits
    if not -LARGEST <= value < LARGEST:
        raise ValueError(_("{digits} is too large a number").format(digits=digits))
    return value

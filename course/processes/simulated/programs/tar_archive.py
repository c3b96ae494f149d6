"""The tar format: members with their headers, as GNU tar writes and reads them."""

import gzip
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

BLOCK = 512
RECORD = 20 * BLOCK  # what GNU tar writes at once, and fills its archives up to
XATTR = "SCHILY.xattr."
Form = Literal[0, 1, 2]
"""A format, as tarfile numbers them."""

FORMATS: dict[str, Form] = {
    "gnu": tarfile.GNU_FORMAT,
    "oldgnu": tarfile.GNU_FORMAT,
    "ustar": tarfile.USTAR_FORMAT,
    "pax": tarfile.PAX_FORMAT,
    "posix": tarfile.PAX_FORMAT,
}
LONG_NAME = 100  # characters that fit into a header


class NotAnArchive(ValueError):  # noqa: N818 (names the fact)
    """What was read is no tar archive."""


class Truncated(ValueError):  # noqa: N818 (names the fact)
    """The archive ends in the middle of a member."""


@dataclass(slots=True)
class Member:
    """A member of an archive: its header (tarfile.TarInfo), its content (bytes) and extended attributes."""

    header: tarfile.TarInfo
    data: bytes = b""
    xattrs: Mapping[str, bytes] = field(default_factory=dict)


def packed(member: Member, form: Form = tarfile.GNU_FORMAT) -> bytes:
    """Return a member as it stands in an archive of this ``form`` (Form): headers, content, filling (bytes).

    Raises ValueError: the name does not fit into the format.
    """
    header = member.header
    header.pax_headers = {XATTR + name: _text(value) for name, value in member.xattrs.items()}
    blocks = header.tobuf(form, "utf-8", "surrogateescape")
    head, block = blocks[:-BLOCK], blocks[-BLOCK:]
    if form == tarfile.GNU_FORMAT:
        head = _long(header.linkname, tarfile.GNUTYPE_LONGLINK)
        head += _long(f"{header.name}/" if header.isdir() else header.name, tarfile.GNUTYPE_LONGNAME)
    elif header.type not in (tarfile.CHRTYPE, tarfile.BLKTYPE):
        block = _with_device_numbers(block)
    return head + block + filled(member.data, BLOCK)


def filled(data: bytes, size: int) -> bytes:
    """Return ``data`` (bytes), filled up with zeros to a multiple of ``size`` (int, bytes)."""
    return data + bytes(-len(data) % size)


def finished(archive: bytes) -> bytes:
    """Return an archive (bytes) with its end: two empty blocks, and zeros up to a full record."""
    return filled(archive + bytes(2 * BLOCK), RECORD)


def unpacked(data: bytes) -> Iterator[Member]:
    """Yield the members of an archive (bytes).

    Raises NotAnArchive, Truncated.  Rule: tar(5), "GNU Tar Archives" and "Pax Interchange Format".
    """
    at, pax, names = 0, dict[str, bytes](), dict[bytes, str]()
    while at + BLOCK <= len(data) or not at:
        block = data[at : at + BLOCK]
        if at and not block.strip(b"\0"):
            return
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            if at and not data[at:].strip(b"\0"):
                return
            raise NotAnArchive from None
        at += BLOCK
        has_data = header.type not in (tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE)
        size = int(pax.get("size", header.size)) if has_data else 0
        content = data[at : at + size]
        at += -(-size // BLOCK) * BLOCK
        if header.type == tarfile.XHDTYPE:
            pax = _records(content)
        elif header.type in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
            names[header.type] = _text(content.rstrip(b"\0"))
        elif header.type != tarfile.XGLTYPE:
            yield _completed(header, content, pax, names)
            if at > len(data):
                raise Truncated
            pax, names = {}, {}


def compressed(data: bytes) -> bytes:
    """Return ``data`` (bytes) as gzip -n writes it."""
    return gzip.compress(data, 6, mtime=0)


def is_compressed(data: bytes) -> bool:
    """Return whether ``data`` (bytes) begins as what gzip wrote (bool)."""
    return data.startswith(b"\x1f\x8b")


def decompressed(data: bytes) -> bytes:
    """Return what gzip made ``data`` (bytes) of.  Raises ValueError: it did not."""
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        raise ValueError("not in gzip format") from None


def _long(text: str, kind: bytes) -> bytes:
    """Return the member that holds a name (str) too long for a header; of one that fits, nothing (bytes)."""
    name = text.encode("utf-8", "surrogateescape")
    if len(name) <= LONG_NAME:
        return b""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size, header.uname, header.gname = kind, len(name) + 1, "root", "root"
    return header.tobuf(tarfile.GNU_FORMAT) + filled(name + b"\0", BLOCK)


def _with_device_numbers(block: bytes) -> bytes:
    """Return a header (bytes) with device numbers of 0, as GNU tar gives them to every member of ustar archives."""
    at = 329  # tar(5): after uname and gname
    block = block[:148] + b" " * 8 + block[156:at] + b"0000000\0" * 2 + block[at + 16 :]
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def _records(data: bytes) -> dict[str, bytes]:
    """Return the keywords and values of an extended header (dict of str to bytes)."""
    found: dict[str, bytes] = {}
    while data.strip(b"\0"):
        length, _, rest = data.partition(b" ")
        size = int(length)
        keyword, _, value = rest[: size - len(length) - 2].partition(b"=")
        found[_text(keyword)] = value
        data = data[size:]
    return found


def _completed(header: tarfile.TarInfo, data: bytes, pax: dict[str, bytes], names: dict[bytes, str]) -> Member:
    header.name = names.get(tarfile.GNUTYPE_LONGNAME, header.name)
    header.linkname = names.get(tarfile.GNUTYPE_LONGLINK, header.linkname)
    for keyword, value in pax.items():
        match keyword:
            case "path":
                header.name = _text(value)
            case "linkpath":
                header.linkname = _text(value)
            case "uname" | "gname":
                setattr(header, keyword, _text(value))
            case "uid" | "gid":
                setattr(header, keyword, int(value))
            case "mtime":
                header.mtime = float(value)
    xattrs = {keyword.removeprefix(XATTR): value for keyword, value in pax.items() if keyword.startswith(XATTR)}
    return Member(header, data, xattrs)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")

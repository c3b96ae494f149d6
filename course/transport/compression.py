"""Compression: a gzip or zstd stream as chunks of what it holds, never more at once than a bound."""

from collections.abc import Iterator
from types import ModuleType
from typing import BinaryIO

from course.errors import ImageError, LimitExceeded, TruncatedArchive
from course.words import _, size

PLAIN, GZIP, ZSTD = "", "gzip", "zstd"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"  # RFC 8878, "Zstandard Frames"
MAGIC = {
    b"\x1f\x8b": GZIP,  # RFC 1952, section 2.3.1
    ZSTD_MAGIC: ZSTD,
    b"\xfd7zXZ\0": "xz",
    b"BZh": "bzip2",
}
GZIP_FORM = 31  # inflateInit2(): the largest window, and a gzip header is expected
READ = 64 << 10  # bytes of a gzip stream at a time: at the end of a member, what is left of them is copied
CHUNK = 1 << 20  # bytes of output at a time
ZSTD_BLOCK = 128 << 10  # RFC 8878, "Block_Maximum_Size"
RLE_BLOCK, RESERVED_BLOCK = 1, 3  # RFC 8878, "Block_Type"


def compression_of(head: bytes) -> str:
    """Return how a file that begins with ``head`` (6 bytes or more) is compressed (str): empty if it is not.

    >>> compression_of(bytes.fromhex("1f8b08000000"))
    'gzip'
    """
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), PLAIN)


def decompressed(stream: BinaryIO, compression: str, where: str, limit: float) -> Iterator[bytes]:
    """Yield what ``stream`` (binary file object) holds, in chunks (bytes) of 1 MiB at most.

    ``compression`` is "gzip", "zstd" or empty; ``where`` names the stream for messages.  Gzip members and zstd frames
    may follow one another, and nothing else may.  Raises TruncatedArchive; LimitExceeded: more than ``limit`` bytes
    come out; ImageError: no such stream, or damaged.  Rule: RFC 1952; RFC 8878.

    >>> import gzip, io
    >>> b"".join(decompressed(io.BytesIO(gzip.compress(b"hello")), "gzip", "here", limit=5))
    b'hello'
    """
    total = 0
    for chunk in {PLAIN: _plain, GZIP: _gzip, ZSTD: _zstd}[compression](stream, where):
        total += len(chunk)
        if total > limit:
            raise LimitExceeded(
                _("{where}: more than {limit} come out of it; this is no image, but a bomb.").format(
                    where=where, limit=size(int(limit))
                )
            )
        yield chunk


def _plain(stream: BinaryIO, where: str) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _gzip(stream: BinaryIO, where: str) -> Iterator[bytes]:
    zlib = fastest_zlib()
    data = stream.read(READ)
    while True:
        member = zlib.decompressobj(GZIP_FORM)
        while not member.eof:
            if not data:
                raise _truncated(where, GZIP)
            try:
                yield member.decompress(data, CHUNK)
            except zlib.error as error:
                raise _damaged(where, GZIP, error) from error
            data = member.unconsumed_tail or (b"" if member.eof else stream.read(READ))
        data = member.unused_data or stream.read(READ)
        if not data:
            return


def fastest_zlib() -> ModuleType:
    """Return the module isal_zlib, which takes half the time, or zlib where isal is not installed."""
    try:
        from isal import isal_zlib
    except ImportError:
        import zlib

        return zlib
    return isal_zlib


def _zstd(stream: BinaryIO, where: str) -> Iterator[bytes]:
    """Feed the decoder block by block: no block gives more than 128 KiB, and a missing one is seen."""
    import zstandard

    while head := stream.read(4):
        if len(head) < 4:
            raise _truncated(where, ZSTD)
        if head[1:] == b"\x2a\x4d\x18" and head[0] >> 4 == 5:  # RFC 8878, "Skippable Frames"
            left = int.from_bytes(_exactly(4, stream, where), "little")
            while left:
                left -= len(_exactly(min(left, CHUNK), stream, where))
            continue
        if head != ZSTD_MAGIC:
            raise _damaged(where, ZSTD, _("there is something else where a zstd frame should begin"))
        head += _exactly(1, stream, where)
        has_checksum = bool(head[4] & 4)  # RFC 8878, "Frame_Header_Descriptor"
        frame = zstandard.ZstdDecompressor().decompressobj()  # which refuses a window beyond 128 MiB
        try:
            head += _exactly(zstandard.frame_header_size(head) - len(head), stream, where)
            yield frame.decompress(head)
            is_last = False
            while not is_last:
                header = _exactly(3, stream, where)
                bits = int.from_bytes(header, "little")
                is_last, kind, length = bool(bits & 1), bits >> 1 & 3, bits >> 3
                if kind == RESERVED_BLOCK or length > ZSTD_BLOCK:
                    raise _damaged(where, ZSTD, _("an impossible block"))
                yield frame.decompress(header + _exactly(1 if kind == RLE_BLOCK else length, stream, where))
            if has_checksum:
                yield frame.decompress(_exactly(4, stream, where))
        except zstandard.ZstdError as error:
            raise _damaged(where, ZSTD, error) from error


def _exactly(count: int, stream: BinaryIO, where: str) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise _truncated(where, ZSTD)
    return data


def _truncated(where: str, compression: str) -> TruncatedArchive:
    return TruncatedArchive(
        _("{where}: the {compression} stream ends too early; fetch the file again.").format(
            where=where, compression=compression
        )
    )


def _damaged(where: str, compression: str, reason: object) -> ImageError:
    return ImageError(
        _("{where}: the {compression} stream is damaged: {reason}.").format(
            where=where, compression=compression, reason=reason
        )
    )

"""Compressed streams come out whole, bounded and checked, whoever decompresses them."""

import contextlib
import gzip
import io
import random
import sys
import tracemalloc
import zlib

import pytest
import zstandard

from course.errors import CourseError, ImageError, LimitExceeded, TruncatedArchive
from course.transport import compression
from course.transport.compression import CHUNK, compression_of, decompressed

TEXT = b"".join(b"%d green bottles\n" % number for number in range(50_000))


@pytest.fixture(params=["isal", "zlib"])
def either_zlib(request, monkeypatch):
    if request.param == "zlib":
        monkeypatch.setitem(sys.modules, "isal", None)
    else:
        pytest.importorskip("isal")
    assert compression.fastest_zlib().__name__ == {"isal": "isal.isal_zlib", "zlib": "zlib"}[request.param]


def out(data, kind="gzip", limit=1 << 40):
    return b"".join(decompressed(io.BytesIO(data), kind, "layer 1", limit))


def zstd(data, **options):
    return zstandard.ZstdCompressor(**options).compress(data)


def zstd_streamed(data):
    """As docker and podman write it: the frame does not say how long its content is."""
    maker = zstandard.ZstdCompressor(level=1, write_checksum=True).compressobj()
    return maker.compress(data) + maker.flush()


@pytest.mark.usefixtures("either_zlib")
@pytest.mark.parametrize("size", [0, 1, 100, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_what_was_compressed_comes_out(size):
    data = random.Random(size).randbytes(size // 2) + bytes(size - size // 2)
    assert out(gzip.compress(data)) == data
    for pack in (zstd, zstd_streamed):
        assert out(pack(data), "zstd") == data


def test_plain_bytes_come_out_as_they_are():
    assert out(TEXT, "") == TEXT


@pytest.mark.usefixtures("either_zlib")
def test_members_and_frames_that_follow_one_another_are_one_stream():
    parts = [TEXT[at : at + 1000] for at in range(0, 200_000, 1000)]
    assert out(b"".join(map(gzip.compress, parts))) == TEXT[:200_000]
    skippable = b"\x50\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"
    assert out(skippable + skippable.join(map(zstd, parts)) + skippable, "zstd") == TEXT[:200_000]


@pytest.mark.usefixtures("either_zlib")
def test_chunks_are_small_however_much_comes_out():
    for data, kind in ((gzip.compress(bytes(50 << 20)), "gzip"), (zstd(bytes(50 << 20)), "zstd")):
        tracemalloc.start()
        assert max(map(len, decompressed(io.BytesIO(data), kind, "layer 1", 1 << 30))) <= CHUNK
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
        tracemalloc.stop()


@pytest.mark.usefixtures("either_zlib")
@pytest.mark.parametrize("tail", [bytes(1), bytes(512), b"junk", b"\x1f", b"\x1f\x8c" + bytes(20)])
def test_nuls_or_anything_else_behind_the_last_member_is_refused(tail):
    with pytest.raises(ImageError, match=r"layer 1.*gzip"):
        out(gzip.compress(TEXT) + tail)
    with pytest.raises(ImageError, match=r"layer 1.*zstd"):
        out(zstd(TEXT) + tail, "zstd")


@pytest.mark.usefixtures("either_zlib")
@pytest.mark.parametrize("kind", ["gzip", "zstd", "zstd streamed"])
def test_a_stream_that_ends_too_early_is_truncated_wherever_it_ends(kind):
    data = {"gzip": gzip.compress, "zstd": zstd, "zstd streamed": zstd_streamed}[kind](TEXT[:3000])
    for end in range(2, len(data)):
        with pytest.raises(TruncatedArchive, match="layer 1"):
            out(data[:end], kind[:4])


@pytest.mark.usefixtures("either_zlib")
@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_flipped_bit_never_passes_for_other_content(kind):
    pack = {"gzip": lambda data: gzip.compress(data, mtime=0), "zstd": zstd_streamed}[kind]
    data = pack(TEXT[:2000])
    for at in range(len(data)):
        flipped = data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]
        with contextlib.suppress(ImageError):
            assert out(flipped, kind) == TEXT[:2000], at  # in a header there are bits without meaning


@pytest.mark.usefixtures("either_zlib")
def test_a_wrong_checksum_or_length_is_damage():
    data = gzip.compress(TEXT)
    for at in (-8, -4):
        with pytest.raises(ImageError, match="damaged"):
            out(data[:at] + bytes([data[at] ^ 1]) + data[at:][1:])


@pytest.mark.usefixtures("either_zlib")
@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_bomb_is_refused_before_it_has_gone_off(kind):
    bomb = gzip.compress(bytes(64 << 20)) if kind == "gzip" else zstd(bytes(256 << 20))
    chunks = decompressed(io.BytesIO(bomb), kind, "layer 1", 10 << 20)
    came = []
    with pytest.raises(LimitExceeded, match=r"layer 1.*10.5MB.*bomb"):
        came += map(len, chunks)
    assert sum(came) <= 10 << 20


def test_a_zstd_frame_that_asks_for_a_huge_window_is_refused():
    with pytest.raises(ImageError, match="memory"):
        out(b"\x28\xb5\x2f\xfd" + bytes([0, 0b1111_1000]) + bytes(20), "zstd")


def test_an_impossible_zstd_block_is_refused():
    frame = b"\x28\xb5\x2f\xfd" + bytes([0, 0x58])  # a window of 2 MiB
    for block in (0b111, (200 << 10) << 3 | 1):  # reserved; too long
        with pytest.raises(ImageError, match="impossible block"):
            out(frame + block.to_bytes(3, "little") + bytes(300 << 10), "zstd")


@pytest.mark.parametrize(
    ("data", "kind"),
    [(gzip.compress(b""), "gzip"), (zstd(b""), "zstd"), (b"\xfd7zXZ\0", "xz"), (b"BZh91AY", "bzip2"), (b"ustar", "")],
)
def test_magic_numbers_tell_how_a_file_is_compressed(data, kind):
    assert compression_of(data) == kind


def test_memory_errors_and_the_like_are_not_taken_for_damage():
    class Failing(io.BytesIO):
        def read(self, size=-1):
            raise MemoryError

    with pytest.raises(MemoryError):
        list(decompressed(Failing(), "gzip", "layer 1", 10))


def test_a_raw_deflate_or_zlib_stream_is_no_gzip():
    with pytest.raises(CourseError, match="gzip"):
        out(zlib.compress(TEXT))

"""A tar's headers are read as other strict readers read them, or refused in a sentence."""

import contextlib
import io
import random
import tarfile

import pytest
from image_making import END, folder, header, member, pax

from course.errors import InvalidLayer, LimitExceeded, TruncatedArchive
from course.transport.limits import Budget, Limits
from course.transport.tar_entries import ChunkInput, SeekableInput, read_entries
from course.transport.tar_header import number, parse_header


def entries(data, limits=Limits()):  # noqa: B008 (immutable)
    return list(read_entries(SeekableInput(io.BytesIO(data), len(data)), "layer 1", Budget(limits)))


def one(*members):
    [entry] = entries(b"".join(members) + END)
    return entry


def test_a_header_says_all_that_is_in_it():
    entry = parse_header(header(b"etc/motd", size=11, mode=0o4755, uid=1000, mtime=1_700_000_000))
    assert (entry.name, entry.type, entry.size) == (b"etc/motd", b"0", 11)
    assert (entry.mode, entry.uid, entry.gid, entry.mtime_ns) == (0o4755, 1000, 0, 1_700_000_000 * 10**9)


def test_a_name_may_fill_its_field_and_go_on_in_the_prefix():
    assert one(member(b"n" * 100, prefix=b"p" * 155)).name == b"p" * 155 + b"/" + b"n" * 100


def test_the_prefix_counts_in_posix_headers_only():
    gnu = member(b"name", magic=b"ustar  \0", prefix=b"14000000000\0")  # there it is the time of last access
    assert one(gnu).name == b"name"
    assert one(member(b"name", magic=bytes(8), prefix=b"x")).name == b"name"


def test_a_checksum_of_signed_bytes_is_right_too():
    block = header(b"caf\xe9")
    unsigned = sum(block[:148] + block[156:]) + 8 * ord(" ")
    assert one(member(b"caf\xe9", checksum=b"%06o\0 " % (unsigned - 256))).name == b"caf\xe9"


@pytest.mark.parametrize("checksum", [b"0000000\0", b"0100000\0", b"abcdefgh"])
def test_a_wrong_checksum_is_refused(checksum):
    with pytest.raises(InvalidLayer, match="layer 1: the tar entry at byte 512: "):
        entries(member(b"first") + member(b"etc/motd", checksum=checksum) + END)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (b"0000644\0", 0o644),
        (b"   644 \0", 0o644),
        (b"644\0\0\0\0\0", 0o644),
        (b"00000644", 0o644),
        (bytes(8), 0),
        (b"        ", 0),
        (b"\x80" + bytes(6) + b"\x07", 7),
        (b"\x80" + bytes(3) + b"\xff" * 8, 2**64 - 1),
        (b"\xff" * 12, -1),
        (b"\xff" * 11 + b"\xfe", -2),
    ],
)
def test_numbers_are_octal_or_binary(field, value):
    if abs(value) < 2**63:
        assert number(field) == value
    else:
        with pytest.raises(ValueError, match="large"):
            number(field)


@pytest.mark.parametrize(
    "field", [b"0000888\0", b"-000001\0", b"0x00001\0", b"1_00001\0", b"\0000001\0", b"1\0junk!\0", b"+1\0     "]
)
def test_what_is_no_number_is_refused(field):
    with pytest.raises(ValueError, match="octal"):
        number(field)


def test_a_size_of_less_than_nothing_is_refused_and_nobody_hangs():
    with pytest.raises(InvalidLayer, match="size -1"):  # CVE-2025-8194 made tarfile loop
        entries(header(b"x", size=b"\xff" * 12) + END)
    with pytest.raises(InvalidLayer, match="size"):
        entries(pax((b"size", b"-512")) + member(b"x") + END)


def test_an_impossible_owner_is_refused():
    with pytest.raises(InvalidLayer, match="uid 4294967296"):
        entries(pax((b"uid", b"4294967296")) + member(b"x") + END)
    with pytest.raises(InvalidLayer, match="uid -1"):
        entries(member(b"x", uid=b"\xff" * 8) + END)


def test_pax_records_overrule_the_header():
    entry = one(
        pax(
            (b"path", b"long/caf\xe9"),
            (b"linkpath", b"target"),
            (b"uid", b"3000000"),
            (b"gid", b"3000001"),
            (b"mtime", b"1700000000.123456789123"),
            (b"comment", b"ignored"),
        ),
        header(b"short", b"2"),
    )
    assert (entry.name, entry.link, entry.uid, entry.gid) == (b"long/caf\xe9", b"target", 3_000_000, 3_000_001)
    assert entry.mtime_ns == 1_700_000_000_123_456_789


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [(b"-1.5", -1_500_000_000), (b"0.5", 500_000_000), (b"-0.000000001", -1), (b"12.", 12 * 10**9), (b"7", 7 * 10**9)],
)
def test_times_are_exact(text, nanoseconds):
    assert one(pax((b"mtime", text)), member(b"x")).mtime_ns == nanoseconds


@pytest.mark.parametrize("text", [b"1e9", b"nan", b"inf", b"1_0", b" 1", b"1" * 20, b"."])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(InvalidLayer, match="mtime"):
        one(pax((b"mtime", text)), member(b"x"))


def test_the_size_of_a_pax_record_counts_and_not_that_of_the_header():
    big = pax((b"size", b"600")) + header(b"x", size=0) + bytes(1024)
    assert [(entry.name, entry.size) for entry in entries(big + member(b"y", b"!") + END)] == [(b"x", 600), (b"y", 1)]


def test_extended_attributes_are_bytes_nul_and_line_end_included():
    entry = one(
        pax((b"SCHILY.xattr.user.note", b"a\0b\n=c\xff"), (b"SCHILY.xattr.security.capability", b"")), member(b"x")
    )
    assert entry.xattrs == {"user.note": b"a\0b\n=c\xff", "security.capability": b""}


def test_records_speak_of_the_next_entry_only():
    first, second = entries(pax((b"uid", b"7"), (b"SCHILY.xattr.a", b"b")) + member(b"x") + member(b"y") + END)
    assert (first.uid, second.uid, second.xattrs) == (7, 0, {})


def test_gnu_long_names_and_links_are_read():
    name, link = b"n/" * 100 + b"x", b"t/" * 100 + b"y"
    entry = one(
        member(b"././@LongLink", name + b"\0", b"L"), member(b"././@LongLink", link + b"\0", b"K"), header(b"cut", b"2")
    )
    assert (entry.name, entry.link) == (name, link)


def test_a_gnu_long_name_without_an_end_is_refused():
    with pytest.raises(InvalidLayer, match="extended header is damaged"):
        one(member(b"././@LongLink", b"n" * 512, b"L"), member(b"cut"))


def test_only_a_file_has_content_whatever_its_header_says():
    names = [
        entry.name for entry in entries(header(b"d", b"5", size=4096) + header(b"l", b"1", size=9) + member(b"x") + END)
    ]
    assert names == [b"d", b"l", b"x"]


def test_a_comment_for_the_whole_archive_is_passed_over_as_git_writes_it():
    assert one(pax((b"comment", b"deadbeef"), kind=b"g"), member(b"x")).name == b"x"


@pytest.mark.parametrize("key", [b"path", b"size", b"uid", b"mtime", b"SCHILY.xattr.user.x"])
def test_a_global_header_that_readers_understand_differently_is_refused(key):
    with pytest.raises(InvalidLayer, match="global"):
        one(pax((key, b"1"), kind=b"g"), member(b"x"))


@pytest.mark.parametrize(
    "members",
    [
        [pax((b"path", b"a")), pax((b"path", b"b")), member(b"x")],
        [pax((b"path", b"a")), member(b"", b"b\0", b"L"), member(b"x")],
        [member(b"", b"a\0", b"L"), member(b"", b"b\0", b"L"), member(b"x")],
    ],
)
def test_a_name_that_is_said_twice_is_refused(members):
    with pytest.raises(InvalidLayer, match="two extended headers say 'path'"):
        one(*members)


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"99 path=x\n",
        b"9 path=x",
        b"8 path=x\n",
        b"11 path=x\n",
        b"0 a=b\n",
        b"5 a=b\n\0\0\0",
        b"-6 a=b\n",
        b"5 =ab\n",
        b"06 a=b\n",
        b"7 path\n",
        b"99999999999999999999 a=b\n",
    ],
)
def test_a_damaged_extended_header_is_refused(data):
    with pytest.raises(InvalidLayer, match="extended header is damaged"):
        one(member(b"", data, b"x"), member(b"x"))


@pytest.mark.parametrize(
    "members",
    [
        [member(b"sparse", kind=b"S", magic=b"ustar  \0")],
        [pax((b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0")), member(b"sparse")],
        [pax((b"GNU.sparse.map", b"0,1")), member(b"sparse")],
    ],
)
def test_l3_a_sparse_file_is_refused_in_a_sentence(members):
    with pytest.raises(InvalidLayer, match="'sparse' is stored as a sparse file, which no image should hold"):
        one(*members)


@pytest.mark.parametrize("kind", [b"V", b"M", b"D", b"A", b"8", b"\xff"])
def test_an_unknown_type_is_refused(kind):
    with pytest.raises(InvalidLayer, match="'x' is of the unknown type"):
        one(member(b"x", kind=kind))


def test_the_end_is_two_empty_blocks_or_just_the_end():
    for end in (END, bytes(512), b"", bytes(10240), END + b"what lies behind it is nobody's"):
        assert [entry.name for entry in entries(member(b"x", b"!") + end)] == [b"x"]
    assert entries(b"") == entries(END) == []


def test_a_lone_empty_block_between_entries_is_refused():
    with pytest.raises(InvalidLayer, match="lone empty block"):
        entries(member(b"x") + bytes(512) + member(b"y") + END)


def test_a_tar_that_ends_within_an_entry_is_truncated_wherever_it_ends():
    data = pax((b"path", b"a" * 600)) + member(b"x", b"!" * 700) + member(b"y")
    boundaries = {0, len(data) - 512, len(data)}
    for end in range(0, len(data), 64):
        if end in boundaries:
            continue
        with pytest.raises(TruncatedArchive, match="layer 1"):
            entries(data[:end])
        with pytest.raises(TruncatedArchive, match="layer 1"):
            list(read_entries(ChunkInput(iter([data[:end]])), "layer 1", Budget(Limits())))


def test_a_content_far_beyond_the_end_is_truncated_without_delay():
    with pytest.raises(TruncatedArchive):
        entries(header(b"x", size=b"\x80" + bytes(4) + b"\x7f" + bytes(6)) + END)


def test_every_length_is_bounded():
    with pytest.raises(LimitExceeded, match=r"layer 1.*extended header"):
        entries(header(b"x", b"x", size=2 << 20) + END)
    with pytest.raises(LimitExceeded, match="more than 3 entries"):
        entries(b"".join(member(b"%d" % index) for index in range(4)) + END, Limits(entries=3))
    with pytest.raises(LimitExceeded, match="names and attributes"):
        entries(b"".join(pax((b"comment", b"x" * 500)) + member(b"x") for _ in range(4)) + END, Limits(text=1500))


def test_chunks_of_any_size_give_the_same_entries():
    rows = [member(b"file%d" % index, b"x" * (index * 97)) for index in range(20)]
    data = folder(b"d") + pax((b"path", b"p" * 700)) + b"".join(rows) + END
    expected = entries(data)
    assert len(expected) == 21
    chance = random.Random(1)
    for longest in (1, 100, 511, 513, 5000):
        chunks, rest = [], data
        while rest:
            length = chance.randint(0, longest)
            chunks.append(rest[:length])
            rest = rest[length:]
        assert list(read_entries(ChunkInput(iter(chunks)), "layer 1", Budget(Limits()))) == expected


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_tarfile_reads_the_same(form):
    chance = random.Random(form)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
        for index in range(200):
            info = tarfile.TarInfo("d" * chance.randint(1, 60) + f"/{index}" + "n" * chance.randint(0, 80))
            info.type = chance.choice(
                [tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]
            )
            info.mode, info.mtime = chance.randrange(0o10000), chance.randrange(2**33)
            info.uid, info.gid = chance.randrange(2**21), chance.randrange(2**21)
            if form != tarfile.USTAR_FORMAT:
                info.uid, info.mtime = chance.randrange(2**32), chance.choice([0, 2**34, 1.5])
                info.name += "é" * chance.choice([0, 0, 150])
            if form == tarfile.GNU_FORMAT:
                info.mtime = int(info.mtime)
            if info.type == tarfile.CHRTYPE:
                info.devmajor, info.devminor = chance.randrange(4096), chance.randrange(4096)
            if info.type in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                info.linkname = "t" * chance.randint(1, 100)
            data = chance.randbytes(chance.randrange(2000)) if info.type == tarfile.REGTYPE else b""
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as tar:
        theirs = [
            (m.name, m.type, m.mode, m.uid, m.gid, m.size, int(m.mtime * 10**9), m.linkname, m.offset_data) for m in tar
        ]
    ours = [
        (e.name.decode().rstrip("/"), e.type, e.mode, e.uid, e.gid, e.size, e.mtime_ns, e.link.decode(), e.offset)
        for e in entries(buffer.getvalue())
    ]
    assert ours == theirs


@pytest.mark.parametrize(
    "data",
    [
        pax(*[(b"k%d" % index, b"") for index in range(20_000)]) + member(b"x") + END,
        member(b"", b"1 " * 500_000, b"x") + member(b"x") + END,
        member(b"", b"/" * (1 << 20), b"L") + member(b"x") + END,
        member(b"", b"x" * (1 << 20), b"L") * 50 + END,
    ],
    ids=["many records", "no records", "slashes", "names without end"],
)
def test_hostile_extended_headers_come_to_an_end(data):
    with contextlib.suppress(InvalidLayer):
        assert len(entries(data)) == 1

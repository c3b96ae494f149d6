"""A file's data holds what was written over what a layer holds, and nothing twice."""

import gc
import io
import itertools
import subprocess
import sys
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_layers import stored_file

from course.layers.entry import FileEntry, InMemory, Kind
from course.layers.layer import Layer
from course.union import flags
from course.union.file_data import IN_MEMORY, PAGE, FileData
from course.union.filesystem import UnionFilesystem

GIB = 1 << 30


class Counted:
    """Content that a stream gives, which seeks or does not; it counts what is read of it."""

    def __init__(self, data, seekable):
        self.data, self.can_seek = data, seekable
        self.opened = self.read = 0

    def open(self):
        self.opened += 1
        return io.BufferedReader(CountedStream(self), PAGE)


class CountedStream(io.RawIOBase):
    def __init__(self, content):
        self.content, self.at = content, 0

    def readable(self):
        return True

    def seekable(self):
        return self.content.can_seek

    def seek(self, offset, whence=0, /):
        if not self.content.can_seek:
            raise io.UnsupportedOperation
        assert whence == 0
        self.at = offset
        return offset

    def readinto(self, buffer, /):
        part = self.content.data[self.at : self.at + len(buffer)]
        buffer[: len(part)] = part
        self.at += len(part)
        self.content.read += len(part)
        return len(part)


class Zeros:
    """As many zeros as are asked for, where nothing holds them."""

    def __getitem__(self, part):
        return bytes(max(0, min(part.stop, GIB) - part.start))


# Against a bytearray

SIZES = st.sampled_from([0, 1, 5, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 7, 5 * PAGE, 100_000])
OFFSETS = st.one_of(SIZES, st.integers(0, 6 * PAGE))
LENGTHS = st.one_of(st.sampled_from([1, PAGE, 2 * PAGE + 3]), st.integers(1, 3 * PAGE))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), OFFSETS, LENGTHS),
        st.tuples(st.just("truncate"), OFFSETS),
        st.tuples(st.just("read"), OFFSETS, st.integers(0, 3 * PAGE)),
        st.tuples(st.just("copy")),
        st.tuples(st.just("go on with another"), st.integers(0, 3)),
    ),
    max_size=12,
)
BASES = ["nothing", "in memory", "another file's data", "a file on a disk", "a stream", "a stored gzip layer"]


def base(kind, data):
    """What lies below (Content), of this kind."""
    if kind == "another file's data":
        written = FileData(InMemory(data[: len(data) // 2]), len(data) // 2)
        written.write(len(data) // 2, data[len(data) // 2 :]) if data else None
        return written
    if kind == "a stored gzip layer":
        return stored_file(data)
    return InMemory(data) if kind == "in memory" else Counted(data, kind == "a file on a disk")


def written(number, length):
    """Bytes that no other step writes: each is known by what it holds."""
    return bytes([1 + number % 255]) * length


def changed(model, number, step):
    """Do one step to the model (bytearray)."""
    if step[0] == "write":
        _, offset, length = step
        model.extend(bytes(max(0, offset - len(model))))
        model[offset : offset + length] = written(number, length)
    elif step[0] == "truncate":
        model[step[1] :] = bytes(max(0, step[1] - len(model)))


def check(data, model):
    assert data.size == len(model)
    assert data.read(0, len(model) + 1) == model
    assert data.open().read() == model


@pytest.mark.parametrize("kind", BASES)
@settings(deadline=None)
@given(size=SIZES, steps=STEPS)
def test_it_is_a_bytearray_whatever_lies_below(kind, size, steps):
    held = bytes(itertools.islice(itertools.cycle(range(7, 256)), size if kind != "nothing" else 0))
    below = base(kind, held)
    files = [(FileData(below, len(held)) if kind != "nothing" else FileData(), bytearray(held))]
    data, model = files[0]
    for number, step in enumerate(steps):
        if step[0] == "write":
            data.write(step[1], written(number, step[2]))
        elif step[0] == "truncate":
            data.truncate(step[1])
        elif step[0] == "read":
            assert data.read(step[1], step[2]) == model[step[1] : step[1] + step[2]]
        elif step[0] == "copy":
            files.append((data.copy(), bytearray(model)))
        else:
            data, model = files[step[1] % len(files)]
        changed(model, number, step)
    for data, model in files:
        check(data, model)
    if kind == "another file's data":
        check(below, held)  # what lies below is never changed


def pages_of(start, end):
    return set(range(start // PAGE, -(-end // PAGE)))


@settings(deadline=None)
@given(size=SIZES, steps=STEPS, places=st.lists(OFFSETS, min_size=1, max_size=5))
def test_pages_that_were_written_or_lie_below_are_data_and_the_others_are_holes(size, steps, places):
    data = FileData(InMemory(b"x" * size), size)
    full = pages_of(0, size)
    for number, step in enumerate(steps):
        if step[0] == "write":
            data.write(step[1], written(number, step[2]))
            full |= pages_of(step[1], step[1] + step[2])
        elif step[0] == "truncate":
            data.truncate(step[1])
            full &= pages_of(0, step[1])
    assert data.blocks == 8 * len(full)
    for place in places:
        ahead = range(place // PAGE, -(-data.size // PAGE))
        first_data = next((max(place, page * PAGE) for page in ahead if page in full), None)
        first_hole = next((max(place, page * PAGE) for page in ahead if page not in full), data.size)
        if place < data.size:
            assert (data.next_data(place), data.next_hole(place)) == (first_data, first_hole)


def test_beyond_the_last_byte_there_is_no_data():
    data = FileData()
    data.truncate(10 * PAGE)
    assert data.next_data(0) is None
    assert data.next_hole(3) == 3
    data.write(4 * PAGE, b"x")
    assert (data.next_data(0), data.next_data(4 * PAGE + 2), data.next_data(5 * PAGE)) == (4 * PAGE, 4 * PAGE + 2, None)
    assert (data.next_hole(4 * PAGE), data.next_hole(0)) == (5 * PAGE, 0)


def test_what_was_cut_off_does_not_come_back():
    data = FileData(InMemory(b"secret"), 6)
    data.truncate(2)
    data.truncate(6)
    assert data.read(0, 6) == b"se\0\0\0\0"
    data.write(1, b"x")
    assert data.read(0, 6) == b"sx\0\0\0\0"


def test_a_read_beyond_the_end_gives_nothing():
    data = FileData(InMemory(b"hello"), 5)
    assert (data.read(5, 10), data.read(1 << 62, 10), data.read(0, 0), data.read(3, 1 << 40)) == (b"", b"", b"", b"lo")


def test_the_stream_seeks():
    stream = FileData(InMemory(b"hello"), 5).open()
    assert (stream.seek(-2, io.SEEK_END), stream.read()) == (3, b"lo")
    assert (stream.seek(1), stream.seek(1, io.SEEK_CUR), stream.read(2), stream.tell()) == (1, 2, b"ll", 4)


# What is held, read and copied


@pytest.mark.parametrize("seekable", [True, False])
def test_a_copy_reads_nothing_until_it_is_read(seekable):
    content = Counted(b"x" * 100_000, seekable)
    data = FileData(content, 100_000)
    copies = [data.copy() for _number in range(10)]
    for number, copy in enumerate(copies):
        copy.truncate(50_000 + number)
        copy.write(8 * PAGE, b"y" * PAGE)  # a whole page: what was there does not matter
    assert content.opened == 0


def test_where_a_stream_seeks_only_the_part_asked_for_is_read():
    content = Counted(b"x" * 100_000, True)
    data = FileData(content, 100_000)
    data.write(50_000, b"y")
    assert data.read(50_000, 3) == b"yxx"
    assert content.read <= 4 * PAGE


def test_where_it_does_not_the_whole_is_unpacked_once():
    content = Counted(b"x" * 100_000, False)
    data = FileData(content, 100_000)
    assert [data.read(at, 1) for at in (99_999, 0, 50_000)] == [b"x"] * 3
    assert (content.opened, content.read) == (2, 100_000)  # once to see that it cannot seek


def test_copies_share_the_pages_that_neither_has_changed():
    data = FileData()
    data.write(0, b"x" * (100 * PAGE))
    copy = data.copy()
    copy.write(3 * PAGE + 5, b"y")
    assert [number for number in data.pages if data.pages[number] is not copy.pages[number]] == [3]
    assert data.read(3 * PAGE + 5, 1) == b"x"


def peak(action):
    """The most bytes that Python held at once while ``action`` ran (int)."""
    gc.collect()
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_file_of_1_gib_is_copied_up_and_read_at_its_end_without_a_copy():
    content = Counted(Zeros(), True)
    filesystem = UnionFilesystem([Layer.of({"/big": FileEntry(Kind.FILE, size=GIB, content=content)})])

    def write_and_read():
        fd = filesystem.open("/big", flags.O_RDWR)
        assert filesystem.pread(fd, 10, GIB - 3) == bytes(3)
        filesystem.pwrite(fd, b"!", GIB)
        assert filesystem.pread(fd, 10, GIB - 3) == b"\0\0\0!"

    assert peak(write_and_read) < 1 << 20
    assert [(one.path, one.bytes) for one in filesystem.copied] == [("/big", GIB)]
    assert content.read <= 4 * PAGE


def test_a_file_of_1_gib_with_a_byte_at_its_end_is_frozen_and_used_below_without_a_copy():
    def write_and_freeze():
        filesystem = UnionFilesystem([])
        fd = filesystem.open("/big", flags.O_RDWR | flags.O_CREAT)
        filesystem.pwrite(fd, b"!", GIB)
        above = UnionFilesystem([filesystem.freeze()])
        above.chmod("/big", 0o600)
        assert above.pread(above.open("/big"), 4, GIB - 2) == b"\0\0!"

    assert peak(write_and_freeze) < 1 << 20


def test_what_is_unpacked_from_a_compressed_layer_goes_to_the_disk_if_it_is_large():
    content = Counted(b"x" * (2 * IN_MEMORY), False)
    data = FileData(content, 2 * IN_MEMORY)
    assert peak(lambda: data.read(2 * IN_MEMORY - 1, 1)) < IN_MEMORY + (8 << 20)
    assert data.read(IN_MEMORY - 2, 4) == b"xxxx"


def test_a_file_that_grew_in_each_of_500_layers_is_still_read_from_its_first_byte():
    layers = [Layer.of({"/log": b"0" * PAGE})]
    for number in range(1, 500):
        filesystem = UnionFilesystem(layers[-1:])
        filesystem.pwrite(filesystem.open("/log", flags.O_WRONLY), b"%d" % (number % 10), number * PAGE)
        layers.append(filesystem.freeze())
    data = layers[-1].entries["/log"].read()
    assert len(data) == 499 * PAGE + 1
    assert data[::PAGE] == b"".join(b"%d" % (number % 10) for number in range(500))


CHILD = """
import sys
sys.path[:0] = {path!r}
from stored_layers import stored_file
from course.layers.entry import FileEntry, Kind
from course.layers.layer import Layer
from course.union import flags
from course.union.filesystem import UnionFilesystem
from course.union.file_data import IN_MEMORY
from course.transport.from_host import OnHost

large = IN_MEMORY + 1
contents = {{10: stored_file(b"x" * 10), large: stored_file(b"x" * large), int(sys.argv[2]): OnHost(sys.argv[1])}}
for size, content in contents.items():
    filesystem = UnionFilesystem([Layer.of({{"/f": FileEntry(Kind.FILE, size=size, content=content)}})])
    fd = filesystem.open("/f", flags.O_RDWR)
    assert filesystem.pread(fd, 1, size - 1) == b"x"
    filesystem.pwrite(fd, b"y", size - 1)
    frozen = filesystem.freeze()
    assert frozen.entries["/f"].read()[-2:] == b"xy"
    assert frozen.diff_id.startswith("sha256:")
"""


def test_every_file_that_is_opened_is_closed_again(tmp_path):
    path, size = tmp_path / "file", 3 * PAGE
    path.write_bytes(b"x" * size)
    child = CHILD.format(path=[path for path in sys.path if path])
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", child, path, str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")

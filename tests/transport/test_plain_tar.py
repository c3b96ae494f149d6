"""A tar that is no image becomes a layer, whatever it comes in; what is damaged or hostile is one sentence."""

import bz2
import io
import os
import tarfile
import tracemalloc

import pytest
from image_making import COMPRESS, END, digest, folder, hard_link, member, pax

from course.errors import ImageError, InvalidLayer, LimitExceeded, NotAnImage, TruncatedArchive
from course.layers.archive import tar_bytes
from course.layers.image import Image
from course.transport.limits import Limits
from course.transport.plain_tar import read_tar
from course.transport.reading import open_image
from course.transport.writing import save_image

TAR = (
    folder(b"./") + folder(b"./etc/") + member(b"./etc/motd", b"hello") + hard_link(b"./etc/issue", b"./etc/motd") + END
)


class Pipe(io.RawIOBase):
    """What cannot seek and gives a little at a time."""

    def __init__(self, data):
        self.data = io.BytesIO(data)

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self.data.read(min(7, len(buffer)))
        buffer[: len(data)] = data
        return len(data)


@pytest.fixture(params=["path", "text", "bytes", "stream"])
def given(request, tmp_path):
    """How a tar is given to read_tar."""

    def give(data):
        if request.param in ("path", "text"):
            path = tmp_path / "some.tar"
            path.write_bytes(data)
            return path if request.param == "path" else str(path)
        return data if request.param == "bytes" else io.BufferedReader(Pipe(data))

    return give


@pytest.mark.parametrize("compression", COMPRESS)
def test_its_files_are_the_layer_s_and_its_digest_the_diff_id(given, compression):
    layer = read_tar(given(COMPRESS[compression](TAR)))
    assert sorted(layer.entries) == ["/", "/etc", "/etc/issue", "/etc/motd"]
    assert layer.entries["/etc/motd"].read() == layer.entries["/etc/issue"].read() == b"hello"
    assert (layer.diff_id, layer.parent) == (digest(TAR), None)
    assert tar_bytes(layer) == TAR


def test_it_is_saved_in_an_image_as_it_was(given, tmp_path):
    save_image([Image.of([read_tar(given(TAR))])], tmp_path / "image.tar")
    assert tar_bytes(open_image(tmp_path / "image.tar").layers[0]) == TAR


def test_whiteouts_count_as_in_a_layer():
    layer = read_tar(member(b".wh.gone") + member(b"d/.wh..wh..opq") + END)
    assert (layer.whiteouts, layer.opaque) == ({"/gone"}, {"/d"})


@pytest.mark.parametrize("name", [b"../x", b"a/../../x", b"/../x", b""])
def test_a_name_that_leads_out_is_refused(given, name):
    with pytest.raises(InvalidLayer):
        read_tar(given(member(name, b"x") + END))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (member(b"a", b"1") + member(b"./a", b"2") + END, InvalidLayer),
        (hard_link(b"a", b"not-there") + END, InvalidLayer),
        (member(b"s", kind=b"S") + END, InvalidLayer),
        (pax((b"path", b"../../x")) + member(b"a") + END, InvalidLayer),
        (b"no tar at all, but long enough" * 100, InvalidLayer),
        (b"short", TruncatedArchive),
        (TAR[:-1600], TruncatedArchive),
        (COMPRESS["gzip"](TAR)[:-9], TruncatedArchive),
        (COMPRESS["gzip"](TAR) + b"more", ImageError),
        (COMPRESS["zstd"](TAR)[:-3], TruncatedArchive),
        (bz2.compress(TAR), NotAnImage),
    ],
)
def test_what_is_damaged_is_refused_in_one_sentence(given, data, error):
    with pytest.raises(error, match=r"^there: [^\n]*\.$"):
        read_tar(given(data), "there")


def test_a_bomb_is_refused_and_so_is_a_stream_without_an_end():
    class Endless(io.RawIOBase):
        def read(self, count=-1):
            return bytes(count)

    bomb = COMPRESS["gzip"](member(b"big", bytes(64 << 20)) + END)
    with pytest.raises(LimitExceeded):
        read_tar(bomb, limits=Limits(free=1 << 20, ratio=2))
    with pytest.raises(LimitExceeded):
        read_tar(Endless(), limits=Limits(uncompressed=1 << 24))
    with pytest.raises(LimitExceeded):
        read_tar(b"".join(member(b"%d" % number) for number in range(20)) + END, limits=Limits(entries=10))


def test_its_path_names_it(tmp_path):
    (tmp_path / "bad.tar").write_bytes(b"x" * 600)
    with pytest.raises(InvalidLayer, match=r"bad\.tar: the tar entry at byte 0"):
        read_tar(tmp_path / "bad.tar")
    with pytest.raises(ImageError, match=r"none\.tar: cannot be read"):
        read_tar(tmp_path / "none.tar")
    with pytest.raises(NotAnImage, match="is no file"):
        read_tar(tmp_path)


@pytest.mark.linux
def test_a_fifo_keeps_nobody_waiting(tmp_path):
    os.mkfifo(tmp_path / "fifo.tar")
    with pytest.raises(NotAnImage, match="is no file"):
        read_tar(tmp_path / "fifo.tar")


def test_a_file_that_has_changed_since_is_said(tmp_path):
    path = tmp_path / "some.tar"
    path.write_bytes(TAR)
    layer = read_tar(path)
    path.write_bytes(TAR + bytes(512))
    with pytest.raises(ImageError, match="the file has changed since it was read"):
        layer.entries["/etc/motd"].read()


def test_a_large_file_stays_out_of_memory(tmp_path):
    for compression in COMPRESS:
        (tmp_path / "big.tar").write_bytes(COMPRESS[compression](member(b"big", bytes(64 << 20)) + END))
        tracemalloc.start()
        layer = read_tar(tmp_path / "big.tar")
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
        tracemalloc.stop()
        assert layer.size == 64 << 20


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_what_a_tar_library_writes_is_read(form):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
        info = tarfile.TarInfo("directory/" * 12 + "file")
        info.size = 5
        tar.addfile(info, io.BytesIO(b"hello"))
    assert read_tar(buffer.getvalue()).entries["/" + "directory/" * 12 + "file"].read() == b"hello"

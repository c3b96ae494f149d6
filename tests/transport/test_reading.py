"""Whatever is wrong with an image file, its reader says so, names the blob, and leaves nothing behind."""

import _thread
import builtins
import io
import json
import os
import random
import sys
import tempfile
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
import zstandard
from image_making import COMPRESS, END, Saved, digest, docker_files, folder, hard_link, header, member, outer_tar

from course.errors import DigestMismatch, ImageError, InvalidLayer
from course.layers.small_image import small_image
from course.transport import reading
from course.transport.blobs import Anonymous, Blob
from course.transport.limits import Limits
from course.transport.reading import open_image, open_images
from course.transport.stored_layer import stream_layer
from course.transport.writing import save_image

ONE = folder(b"etc") + member(b"etc/motd", b"one" * 500) + hard_link(b"etc/again", b"etc/motd") + END
TWO = member(b"etc/.wh.motd") + member(b"etc/hosts", b"two" * 300) + END


def damages(data):
    """Flips, truncations and extensions of a blob."""
    chance = random.Random(len(data))
    for at in sorted({0, len(data) - 1, *(chance.randrange(len(data)) for _ in range(10))}):
        yield data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
    for end in (0, len(data) // 2, len(data) - 1):
        yield data[:end]
    for tail in (b"\0", bytes(512), b"x"):
        yield data + tail


@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
@pytest.mark.parametrize("form", ["folder", "tar", "tar.gz"])
def test_each_blob_damaged_in_any_way_is_named(tmp_path, compression, form):
    saved = Saved().image(ONE, TWO, compression=compression)
    original = dict(saved.files)
    for name in original:
        if not name.startswith("blobs"):
            continue
        for damaged in damages(original[name]):
            saved.files = {**original, name: damaged}
            if form == "folder":
                path = saved.to_folder(tmp_path / "layout")
            else:
                path = saved.to_tar(tmp_path / "image", "gzip" if form == "tar.gz" else "")
            with pytest.raises(DigestMismatch, match=name):
                open_images(path)
        saved.files = original
        if form == "folder":
            saved.to_folder(tmp_path / "layout")


def test_each_layer_and_config_of_an_old_archive_damaged_in_any_way_is_named(tmp_path):
    original = docker_files(ONE, TWO)
    path = tmp_path / "image.tar"
    for name in original:
        if name == "manifest.json":
            continue
        for damaged in damages(original[name]):
            path.write_bytes(outer_tar({**original, name: damaged}))
            with pytest.raises(ImageError, match=name):
                open_images(path)


def test_an_error_in_one_layer_ends_the_reading_of_the_others(tmp_path):
    bad = COMPRESS["zstd"](member(b"../x") + END)
    with pytest.raises(InvalidLayer, match=r"\.\./x"):
        open_images(endless_image(tmp_path, bad), Limits(free=1 << 50))
    assert threading.active_count() == 1


def test_an_interrupt_ends_the_reading(tmp_path):
    path = endless_image(tmp_path, endless(7))
    timer = threading.Timer(0.3, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        open_images(path, Limits(free=1 << 50))
    timer.join()
    assert threading.active_count() == 1


def endless(number):
    """A layer whose one file takes minutes to read: a few kilobytes, which hold 64 GiB of zeros."""
    start = COMPRESS["zstd"](header(b"%d" % number, size=b"%011o " % ((8 << 30) - 1)))
    return start + zstandard.ZstdCompressor().compress(bytes(16 << 20)) * 4096


def endless_image(tmp_path, *layers):
    saved = Saved()
    blobs = [saved.add(layer, "application/vnd.oci.image.layer.v1.tar+zstd") for layer in (endless(1), *layers)]
    rootfs = {"type": "layers", "diff_ids": [digest(b"%d" % number) for number in range(len(blobs))]}
    return saved.image(config={"rootfs": rootfs}, manifest={"layers": blobs}).to_folder(tmp_path / "layout")


def test_without_threads_as_in_a_browser_the_same_is_read(tmp_path, monkeypatch):
    path = Saved().image(ONE, TWO, compression="gzip").to_folder(tmp_path / "layout")
    expected = open_image(path)
    monkeypatch.setattr(reading.sys, "platform", "emscripten")
    monkeypatch.setattr(threading.Thread, "start", None)
    assert open_image(path) == expected


def test_without_isal_the_same_is_read(tmp_path, monkeypatch):
    path = Saved().image(ONE, TWO, compression="gzip").to_folder(tmp_path / "layout")
    expected = open_image(path)
    monkeypatch.setitem(sys.modules, "isal", None)
    assert open_image(path) == expected


def test_reading_writes_nothing(tmp_path, monkeypatch):
    paths = [
        Saved().image(ONE, TWO, compression="zstd").to_folder(tmp_path / "layout"),
        Saved().image(ONE, TWO).to_tar(tmp_path / "image.tar"),
    ]
    real = os.open

    def reading_only(path, flags, *args, **options):
        assert not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT), path
        return real(path, flags, *args, **options)

    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(os, "open", reading_only)
    monkeypatch.setattr(tempfile, "TemporaryFile", None)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", None)
    for path in paths:
        for layer in open_image(path).layers:
            for entry in layer.entries.values():
                entry.read()
    assert sorted(tmp_path.rglob("*")) == before


def test_a_compressed_archive_leaves_nothing_in_the_temporary_folder_good_or_bad(tmp_path, monkeypatch):
    folder_ = tmp_path / "temporary"
    folder_.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder_))
    path = Saved().image(ONE, TWO).to_tar(tmp_path / "image.tar.gz", "gzip")
    image = open_image(path)
    assert image.layers[1].entries["/etc/hosts"].read() == b"two" * 300
    assert list(folder_.iterdir()) == []  # no name leads to it, so that nothing can stay behind
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ImageError):
        open_image(path)
    assert list(folder_.iterdir()) == []


def test_threads_that_read_one_temporary_file_do_not_disturb_each_other():
    class Slow(io.BytesIO):
        def seek(self, *where):
            found = super().seek(*where)
            time.sleep(0.01)  # in which another thread would move on
            return found

    storage = Anonymous(Slow(b"".join(b"%03d" % number for number in range(20))))
    blobs = [Blob("here", storage, 3 * number, 3) for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(Blob.read, blobs)) == [b"%03d" % number for number in range(20)]


@pytest.mark.linux
@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
def test_no_file_stays_open(tmp_path, compression):
    path = Saved().image(ONE, TWO, compression=compression).to_folder(tmp_path / "layout")
    bad = Saved().image(ONE, member(b"../x") + END, compression=compression).to_folder(tmp_path / "bad")
    before = os.listdir("/proc/self/fd")
    image = open_image(path)
    stream = image.layers[0].entries["/etc/motd"].content.open()
    assert len(os.listdir("/proc/self/fd")) == len(before) + 1
    stream.read(1)
    stream.close()
    parts = stream_layer(image.layers[0])
    while next(parts)[2] is None:
        pass
    assert len(os.listdir("/proc/self/fd")) == len(before) + 1
    parts.close()
    with pytest.raises(ImageError) as caught:
        open_image(bad)
    assert os.listdir("/proc/self/fd") == before, (stream, caught)


def test_a_full_temporary_folder_is_said(tmp_path, monkeypatch):
    path = Saved().image(ONE).to_tar(tmp_path / "image.tar.gz", "gzip")

    class Full:
        def write(self, data):
            raise OSError(28, "No space left on device")

        def close(self):
            pass

    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    with pytest.raises(Exception, match=r"image\.tar\.gz: cannot be put into .*: No space left on device") as caught:
        open_images(path)
    assert type(caught.value).__module__ == "course.errors"


def test_contents_stay_out_of_memory(tmp_path):
    big = member(b"big", bytes(64 << 20)) + END
    for compression in ("", "gzip", "zstd"):
        path = Saved().image(big, ONE, compression=compression).to_folder(tmp_path / f"layout{compression}")
        tracemalloc.start()
        image = open_image(path)
        with image.layers[0].entries["/big"].content.open() as stream:
            assert stream.read(10) == bytes(10)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
        tracemalloc.stop()


def test_the_small_image_is_read_with_its_own_digests(tmp_path):
    save_image([small_image()], tmp_path / "small.tar")
    image = open_image(tmp_path / "small.tar")
    assert (image.config, image.layers, image.names) == (small_image().config, small_image().layers, ("greeter:1",))


def test_a_path_may_be_a_text(tmp_path):
    path = Saved().image(ONE).to_folder(tmp_path / "layout")
    assert open_images(str(path)) == open_images(path)


def test_a_file_that_may_not_be_read_is_said(tmp_path, monkeypatch):
    path = Saved().image(ONE).to_tar(tmp_path / "image.tar")
    path.chmod(0)

    def denied(*args, **options):
        raise PermissionError(13, "Permission denied")

    if os.access(path, os.R_OK):  # root may read everything
        monkeypatch.setattr(type(path), "open", denied)
    with pytest.raises(ImageError, match=r"image\.tar: cannot be read: Permission denied"):
        open_images(path)


def test_a_name_that_could_harm_a_terminal_is_shown_escaped(tmp_path):
    path = Saved().image(ONE, name="a\x1b[2J").image(TWO, name="b").to_folder(tmp_path / "lay\x1bout")
    with pytest.raises(ImageError) as caught:
        open_image(path)
    assert "\x1b" not in str(caught.value)
    assert r"a\x1b[2J, b" in str(caught.value)


def test_500_layers_are_read(tmp_path):
    tars = [member(b"file%d" % number, b"x") + END for number in range(500)]
    image = open_image(Saved().image(*tars, compression="gzip").to_folder(tmp_path / "layout"))
    assert len(image.layers) == len(image.layers[-1].stack) == 500
    with pytest.raises(ImageError, match="has 501 layers"):
        open_image(Saved().image(*tars, ONE).to_folder(tmp_path / "more"))


def test_reading_needs_no_tarfile(tmp_path, monkeypatch):
    path = Saved().image(ONE, TWO).to_tar(tmp_path / "image.tar")
    real = builtins.__import__

    def importing(name, *args, **options):
        assert name not in ("tarfile", "gzip", "subprocess", "ctypes")
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", importing)
    assert json.loads(open_image(path).config.raw)["os"] == "linux"

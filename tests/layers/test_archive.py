"""A layer's tar is the same on every machine, and other programs read it."""

import dataclasses
import io
import shutil
import subprocess
import tarfile

import pytest

from course.errors import DigestMismatch, InvalidLayer
from course.layers.archive import layer_tar, tar_bytes
from course.layers.digest import sha256
from course.layers.entry import EMPTY, FileEntry, Kind, directory, file, symlink
from course.layers.layer import Layer
from course.transport.layer_reader import read_contents
from course.transport.limits import Budget, Limits
from course.transport.tar_entries import SeekableInput

HELLO = file("hello\n", mtime_ns=1_700_000_000_500_000_000)
LAYER = Layer.of(
    {
        "/bin": directory(0o755),
        "/bin/sh": file("#!", 0o4755),
        "/etc/motd": HELLO,
        "/a-link-that-sorts-first": dataclasses.replace(HELLO, link_to="/etc/motd"),
        "/caf\udce9/nul-free": "latin-1 name",
        "/" + "/".join(["long-name" * 10] * 3): "a path of 270 bytes",
        "/dev/null": FileEntry(Kind.CHARACTER_DEVICE, 0o666, device=(1, 3)),
        "/fifo": FileEntry(Kind.FIFO, 0o600),
        "/link": symlink("/etc/motd"),
        "/owned": file("", uid=3_000_000, gid=100),
        "/x": FileEntry(Kind.FILE, xattrs={"user.note": b"\xff\x00raw", "security.capability": b"\x01\x00"}),
    },
    whiteouts=["/etc/gone"],
    opaque=["/var/cache"],
)


def names(layer):
    with tarfile.open(fileobj=io.BytesIO(tar_bytes(layer))) as tar:
        return tar.getnames()


def test_the_same_layer_gives_the_same_bytes_in_whatever_order_it_was_made():
    backwards = Layer(dict(reversed(LAYER.entries.items())), LAYER.whiteouts, LAYER.opaque)
    assert tar_bytes(backwards) == tar_bytes(LAYER)


def test_the_digest_of_a_known_layer_is_this_one_on_every_machine_and_python():
    layer = Layer.of({"/etc/motd": file("hello\n", mtime_ns=10**18), "/\u00e9": "x"}, whiteouts=["/etc/gone"])
    assert layer.diff_id == "sha256:7d7eba1a9dafbdb7ab764bdbf7cc644383fb7e5065e5080f1971609c023f6796"


def test_a_tar_is_whole_blocks_and_ends_with_two_empty_ones():
    data = tar_bytes(LAYER)
    assert len(data) % 512 == 0
    assert data.endswith(bytes(1024))


def test_marks_are_empty_files_before_their_siblings():
    order = names(LAYER)
    assert order.index("etc/.wh.gone") < order.index("etc/motd")
    assert "var/cache/.wh..wh..opq" in order


def test_directories_come_before_what_lies_in_them_and_links_after_what_they_name():
    order = names(LAYER)
    assert order.index("bin") < order.index("bin/sh")
    assert order.index("etc/motd") < order.index("a-link-that-sorts-first")


def test_a_file_named_like_a_whiteout_cannot_be_written():
    with pytest.raises(InvalidLayer, match=r"\.wh\.trap"):
        tar_bytes(Layer.of({"/.wh.trap": "x"}))


def test_metadata_survives():
    with tarfile.open(fileobj=io.BytesIO(tar_bytes(LAYER)), errors="surrogateescape") as tar:
        found = {member.name: member for member in tar}
    assert found["bin/sh"].mode == 0o4755
    assert found["etc/motd"].mtime == 1_700_000_000.5
    assert found["owned"].uid == 3_000_000
    assert (found["dev/null"].devmajor, found["dev/null"].devminor) == (1, 3)
    assert found["a-link-that-sorts-first"].linkname == "etc/motd"
    assert "caf\udce9/nul-free" in found
    assert found["x"].pax_headers["SCHILY.xattr.user.note"].encode("utf-8", "surrogateescape") == b"\xff\x00raw"


@pytest.mark.parametrize("mtime_ns", [0, 1, -1, 10**9, -(10**9), -1_500_000_000, 2**40 * 10**9 + 5])
def test_times_to_the_nanosecond_survive_before_1970_too(mtime_ns):
    data = tar_bytes(Layer({"/f": file("", mtime_ns=mtime_ns)}))
    source = SeekableInput(io.BytesIO(data), len(data))
    contents = read_contents(source, "", Budget(Limits()), lambda *_: EMPTY)
    assert contents.entries["/f"].mtime_ns == mtime_ns


@pytest.mark.skipif(not shutil.which("tar"), reason="left out: needs tar")
def test_the_system_tar_lists_it_without_complaint():
    listing = subprocess.run(["tar", "-tf", "-"], input=tar_bytes(LAYER), capture_output=True, check=True)
    said = [line for line in listing.stderr.splitlines() if b"unknown extended header keyword" not in line]
    assert said == []  # it does not know PAX's own "hdrcharset" and "SCHILY.xattr", and may say so
    assert len(listing.stdout.splitlines()) == len(LAYER.entries) + 2


class Stored:
    """A tar that lies somewhere, and how often it was read."""

    def __init__(self, data):
        self.data, self.opened = data, 0

    def open(self):
        self.opened += 1
        return io.BytesIO(self.data)


def test_a_layer_gives_the_tar_that_it_was_read_from():
    stored = Stored(tar_bytes(LAYER) + bytes(512))
    layer = dataclasses.replace(LAYER, known_diff_id=sha256(stored.data), tar=stored)
    assert stored.opened == 0
    assert b"".join(layer_tar(layer)) == stored.data
    assert layer == dataclasses.replace(layer, tar=None)  # its identity is its diff_id, wherever its tar lies


def test_a_tar_whose_digest_nobody_told_is_read_for_it():
    stored = Stored(tar_bytes(LAYER) + bytes(512))
    assert dataclasses.replace(LAYER, tar=stored).diff_id == sha256(stored.data) != LAYER.diff_id


def test_a_tar_that_is_another_one_meanwhile_is_said():
    layer = dataclasses.replace(LAYER, known_diff_id=sha256(b"before"), tar=Stored(b"after"))
    with pytest.raises(DigestMismatch, match=f"its tar has the digest {sha256(b'after')}, and its diff_id is"):
        list(layer_tar(layer))

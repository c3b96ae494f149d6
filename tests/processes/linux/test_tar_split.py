"""What is kept of a layer's tar, and its files on a disk, are the very tar again; and what is damaged is told."""

import base64
import gzip
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from course.errors import CourseError, DigestMismatch, InvalidLayer
from course.layers.archive import layer_tar, tar_bytes
from course.layers.digest import sha256
from course.layers.entry import FileEntry, Kind, directory, file, symlink
from course.layers.layer import Layer
from course.processes.linux.tar_split import LONGEST_LINE, TarSplit, restored, split
from course.transport.plain_tar import read_tar
from course.transport.reading import open_image
from course.transport.writing import save_image

sys.path.append(str(Path(__file__).parents[2] / "transport"))
sys.path.append(str(Path(__file__).parents[2] / "real"))
from debian_image import docker
from image_making import END, Saved, folder, hard_link, member, pax

CAPABLE = {"security.capability": b"\1\xff"}
CONTENT = replace(file("content", 0o4755, uid=33, mtime_ns=10**18 + 1), xattrs=CAPABLE)
LAYER = Layer.of(
    {
        "/d": directory(0o2711, uid=5, mtime_ns=7),
        "/d/f": replace(
            file("content", 0o4755, uid=33, mtime_ns=10**18 + 1), xattrs={"security.capability": b"\1\xff"}
        ),
        "/d/again": replace(CONTENT, link_to="/d/f"),
        "/empty": file(""),
        "/large": file(bytes(range(256)) * 20_000),
        "/null": FileEntry(Kind.CHARACTER_DEVICE, device=(1, 3)),
        "/link": symlink("d"),
        "/block": file(b"b" * 512),
    },
    whiteouts=["/gone"],
    opaque=["/d"],
)
ODD_TARS = {  # as no writer of ours would write them
    "no end": member(b"a", b"x" * 10),
    "bytes behind the end": member(b"a", b"x" * 700) + END + bytes(2 << 20) + b"behind",
    "other padding": member(b"a", b"x").replace(b"x" + bytes(511), b"x" + b"p" * 511) + END,
    "names from here": folder(b"./") + folder(b"./d/") + member(b"./d/f", b"f") + member(b"/g", b"g") + END,
    "a file before its directory": member(b"d/f", b"f") + folder(b"d") + END,
    "links": member(b"a", b"x" * 9) + hard_link(b"b", b"a") + member(b"l", kind=b"2", link=b"a") + END,
    "a name that is no UTF-8": member(b"caf\xe9", b"x" * 5) + END,
    "a global header": pax((b"comment", b"c" * 3000), kind=b"g") + member(b"a", b"x") + END,
    "long headers": b"".join(pax((b"comment", b"c" * (1 << 19))) + member(b"%d" % n, b"x") for n in range(9)) + END,
    "many headers for one file": pax((b"comment", b"c" * (1 << 19)), kind=b"g") * 9 + member(b"a", b"x") + END,
    "what aufs kept": member(b".wh..wh.plnk/1.2", b"kept" * 1000) + member(b"a", b"x") + END,
    "other files": member(b"a", b"x", kind=b"\0") + member(b"b", b"y", kind=b"7") + END,
    "nothing": END,
}


def kept(layer):
    """What is kept of the layer's tar, and its files (dict of path to bytes)."""
    target, files = io.BytesIO(), {}
    for path, content in split(layer, target):
        if path in layer.entries:
            files[path] = b"".join(iter(lambda content=content: content.read(1000), b""))
    return target.getvalue(), files


def again(data, files):
    return TarSplit("a layer", lambda: io.BytesIO(data), lambda path: io.BytesIO(files[path]))


def read_whole(tar):
    with tar.open() as stream:
        return stream.read()


def lines(data):
    return [json.loads(line) for line in gzip.decompress(data).splitlines()]


def kept_of(*changed):
    return gzip.compress(
        "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in changed).encode()
    )


def test_the_tar_is_the_same_and_so_is_the_layer():
    data, files = kept(LAYER)
    tar = again(data, files)
    assert read_whole(tar) == tar_bytes(LAYER)
    layer = restored(tar, LAYER.diff_id)
    assert (layer.entries, layer.whiteouts, layer.opaque) == (LAYER.entries, LAYER.whiteouts, LAYER.opaque)
    assert layer == LAYER
    assert b"".join(layer_tar(layer)) == tar_bytes(LAYER)
    assert {path: layer.entries[path].read() for path in files} == files


@pytest.mark.parametrize("what", ODD_TARS)
@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
def test_a_tar_that_others_wrote_is_the_same_too(tmp_path, what, compression):
    saved = Saved().image(ODD_TARS[what], compression=compression).to_folder(tmp_path / "image")
    [layer] = open_image(saved).layers
    data, files = kept(layer)
    assert read_whole(again(data, files)) == ODD_TARS[what]
    found = restored(again(data, files), layer.diff_id)
    assert found.entries == layer.entries
    assert sha256(layer_tar(found)) == layer.diff_id
    assert {path: found.entries[path].read() for path in files} == files


def test_no_content_is_kept_twice():
    data, files = kept(LAYER)
    assert sorted(files) == ["/block", "/d/f", "/empty", "/large"]
    assert len(data) < 3000
    segments = b"".join(base64.b64decode(line["payload"]) for line in lines(data) if line["type"] == 2)
    assert len(segments) == len(tar_bytes(LAYER)) - sum(map(len, files.values()))


def test_it_is_written_as_docker_writes_it():
    data, _files = kept(Layer.of({"/etc/motd": "hello"}))
    headers, etc, more, motd, rest = lines(data)
    assert [line["position"] for line in (headers, etc, more, motd, rest)] == [0, 1, 2, 3, 4]
    assert etc == {"type": 1, "name": "etc/", "payload": None, "position": 1}
    assert motd == {"type": 1, "name": "etc/motd", "size": 5, "payload": None, "position": 3}
    assert len(base64.b64decode(rest["payload"])) == 512 - 5 + 1024
    assert data == kept(Layer.of({"/etc/motd": "hello"}))[0]


def test_nothing_is_opened_until_it_is_read():
    data, files = kept(LAYER)
    opened = []

    def opener(path):
        opened.append(path)
        return io.BytesIO(files[path])

    layer = restored(TarSplit("a layer", lambda: io.BytesIO(data), opener), LAYER.diff_id)
    assert layer.size == LAYER.size
    assert opened == []
    assert layer.entries["/block"].read() == b"b" * 512
    assert opened == ["/block"]


def test_a_content_that_is_read_in_part_is_no_tar():
    with pytest.raises(InvalidLayer, match="was read in part"):
        [content.read(3) for _path, content in split(LAYER, io.BytesIO())]


def test_a_disk_that_is_full_is_an_os_error():
    class Full(io.RawIOBase):
        def writable(self):
            return True

        def write(self, _data):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        list(split(LAYER, Full()))


# What is damaged


def test_a_file_that_is_shorter_or_missing_or_another_one_is_found_out():
    data, files = kept(LAYER)
    with pytest.raises(InvalidLayer, match="a layer: what is kept of it is damaged: '/large' is shorter than it was"):
        read_whole(again(data, files | {"/large": b"x"}))
    layer = restored(again(data, files | {"/block": b"B" * 512}), LAYER.diff_id)
    with pytest.raises(DigestMismatch):
        b"".join(layer_tar(layer))


def test_a_file_that_is_not_there_is_told_in_a_sentence(tmp_path):
    data, _files = kept(LAYER)

    def missing(path=""):
        return open(f"{tmp_path}/missing{path}", "rb")

    for tar in (TarSplit("a layer", missing, missing), TarSplit("a layer", lambda: io.BytesIO(data), missing)):
        with pytest.raises(InvalidLayer, match=r"a layer: what is kept of it is damaged: .*No such file"):
            read_whole(tar)


WHOLE, FILES = kept(Layer.of({"/etc/motd": "hello"}))
FIRST, ETC, SECOND, MOTD, LAST = lines(WHOLE)
DAMAGES = {
    "nothing at all": b"",
    "no gzip": b"x" * 100,
    "cut short": WHOLE[:-20],
    "flipped": WHOLE[:-60] + bytes([WHOLE[-60] ^ 64]) + WHOLE[-59:],
    "no JSON": kept_of("{\n"),
    "not an object": kept_of([1]),
    "a number too deep": kept_of("[" * 100_000 + "\n"),
    "a line is missing": kept_of(FIRST, ETC, MOTD, LAST),
    "the end is missing": kept_of(FIRST, ETC, SECOND, MOTD),
    "no type": kept_of({"position": 0}),
    "another type": kept_of({**FIRST, "type": 3}),
    "no payload": kept_of({"type": 2, "position": 0}),
    "no base64": kept_of({**FIRST, "payload": "%"}),
    "a number for a name": kept_of(FIRST, {**ETC, "name": 5}),
    "a name that leads out": kept_of(FIRST, {**ETC, "name": "../x"}),
    "a size below nothing": kept_of(FIRST, ETC, SECOND, {**MOTD, "size": -5}, LAST),
    "a size below nothing in the padding": kept_of(FIRST, ETC, SECOND, MOTD, {**ETC, "size": -5}, LAST),
    "another size": kept_of(FIRST, ETC, SECOND, {**MOTD, "size": 6}, LAST),
    "a text for a size": kept_of(FIRST, ETC, SECOND, {**MOTD, "size": "5"}, LAST),
    "a file in a header": kept_of({**MOTD, "position": 0}, {**FIRST, "position": 1}),
    "a line without end": kept_of('"' + "x" * (8 << 20) + '"'),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_what_is_damaged_is_told_in_a_sentence(what):
    tar = again(DAMAGES[what], FILES)
    with pytest.raises(CourseError) as caught:
        b"".join(layer_tar(restored(tar, "sha256:" + 64 * "0")))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_size_that_is_not_the_header_s_is_found_where_it_stands():
    tar = again(DAMAGES["another size"], FILES)
    with pytest.raises(InvalidLayer, match="damaged: there is no content at byte 1024"):
        restored(tar, "")


@pytest.mark.parametrize("what", ["a size below nothing", "a text for a size", "a name that leads out", "no payload"])
def test_a_line_that_says_nothing_is_found_when_the_tar_is_put_together(what):
    with pytest.raises(InvalidLayer, match="what is kept of it is damaged"):
        read_whole(again(DAMAGES[what], FILES))


def test_lines_are_not_longer_than_are_read_again():
    data, _files = kept(read_tar(ODD_TARS["many headers for one file"]))
    assert max(map(len, gzip.decompress(data).splitlines())) < LONGEST_LINE
    payload = base64.b64encode(bytes(LONGEST_LINE)).decode()
    with pytest.raises(InvalidLayer, match="what is kept of it is damaged"):
        read_whole(again(kept_of({"type": 2, "payload": payload, "position": 0}), {}))


def test_a_bomb_is_met_line_by_line(tmp_path):
    bomb = {"type": 2, "payload": base64.b64encode(bytes(1 << 20)).decode(), "position": 0}
    data = kept_of(*({**bomb, "position": number} for number in range(100)))
    (tmp_path / "bomb").write_bytes(data)
    script = """
import pathlib, resource
from course.processes.linux.tar_split import TarSplit
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(sum(map(len, TarSplit("", lambda: pathlib.Path("bomb").open("rb"), open).chunks())))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stderr, done.stdout) == ("", f"{100 << 20}\nTrue\n")


def test_a_plain_tar_that_was_imported_is_split_as_well(tmp_path):
    tar = folder(b"a") + member(b"a/b", b"x" * 100) + END
    (tmp_path / "a.tar").write_bytes(tar)
    data, files = kept(read_tar(tmp_path / "a.tar"))
    assert read_whole(again(data, files)) == tar


@pytest.mark.root
@pytest.mark.peer("dockerd", "docker")
def test_docker_keeps_the_same_and_its_own_is_read_as_well(tmp_path):
    """But for the checksums, which are not written here, and where one segment ends and the next one begins."""
    names = ["names from here", "links", "other padding", "a name that is no UTF-8", "bytes behind the end"]
    saved = Saved().image(*(ODD_TARS[name] for name in names)).to_folder(tmp_path / "image")
    image = open_image(saved)
    save_image([replace(image, names=("odd:1",))], tmp_path / "odd.tar")
    with docker(tmp_path) as (run, data):
        run("load", "-i", tmp_path / "odd.tar")
        for layer in image.layers:
            place = data / "image/overlay2/layerdb" / layer.chain_id.replace(":", "/")
            theirs = (place / "tar-split.json.gz").read_bytes()
            ours, files = kept(layer)
            assert told(ours) == told(theirs)
            assert read_whole(again(theirs, files)) == tar_bytes(layer)
            diff = data / "overlay2" / (place / "cache-id").read_text() / "diff"
            found = restored(TarSplit("", lambda kept=theirs: io.BytesIO(kept), opened_in(diff)), layer.diff_id)
            assert b"".join(layer_tar(found)) == tar_bytes(layer)


def told(data):
    """The lines, segments that follow each other as one, without positions and checksums."""
    found = []
    for line in lines(data):
        if line["type"] == 2:
            payload = base64.b64decode(line["payload"])
            if found and isinstance(found[-1], bytes):
                payload = found.pop() + payload
            found.append(payload)
        else:
            found.append((line.get("name"), line.get("name_raw"), line.get("size", 0)))
    return found


def opened_in(folder):
    return lambda path: open(f"{folder}{path}", "rb")

"""The archives that docker wrote before Engine 25, and podman's own, are read with their links and checked."""

import json
import tarfile

import pytest
from image_making import (
    COMPRESS,
    CONFIG,
    END,
    MANIFEST,
    TAR,
    Saved,
    digest,
    docker_files,
    hard_link,
    header,
    member,
    outer_tar,
    pax,
)

from course.errors import (
    DigestMismatch,
    ImageError,
    InvalidDocument,
    LimitExceeded,
    MissingBlob,
    NotAnImage,
    UnknownMediaType,
)
from course.transport.limits import Limits
from course.transport.reading import open_image, open_images

ONE = member(b"etc/motd", b"one") + END
TWO = member(b"etc/motd", b"two") + END


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def refused(path, kind=ImageError):
    with pytest.raises(kind) as caught:
        open_images(path)
    said = str(caught.value)
    assert str(path) in said
    assert "\n" not in said
    return said


@pytest.fixture
def archive(tmp_path):
    return tmp_path / "image.tar"


@pytest.mark.parametrize("outer", ["", "gzip", "zstd"])
@pytest.mark.parametrize("inner", ["", "gzip", "zstd"])
def test_an_archive_is_read_whatever_is_compressed_in_it(archive, outer, inner):
    files = docker_files(ONE, TWO, names=("demo:1", "demo:latest"), compression=inner)
    image = open_image(write(archive, COMPRESS[outer](outer_tar(files))))
    assert image.names == ("demo:1", "demo:latest")
    assert [layer.diff_id for layer in image.layers] == [digest(ONE), digest(TWO)]
    assert [layer.entries["/etc/motd"].read() for layer in image.layers] == [b"one", b"two"]
    assert [blob.digest for blob in image.blobs] == [digest(COMPRESS[inner](tar)) for tar in (ONE, TWO)]


def test_an_archive_that_was_unpacked_is_read_as_a_folder(tmp_path):
    for name, data in docker_files(ONE).items():
        write(tmp_path / "unpacked" / name, data)
    assert open_image(tmp_path / "unpacked").names == ("demo:1",)


def linked(link):
    """An archive whose second image layer is a link to the file of the first, as docker and podman write them."""
    files = docker_files(ONE, ONE)
    del files["1/layer.tar"]
    return outer_tar(files)[: -len(END)] + link + END


@pytest.mark.parametrize(
    "link",
    [
        header(b"1/layer.tar", b"2", link=b"../0/layer.tar"),
        header(b"1/layer.tar", b"2", link=b"/0/layer.tar"),
        header(b"1/layer.tar", b"2", link=b"layer.link") + header(b"1/layer.link", b"2", link=b".././0/layer.tar"),
        hard_link(b"1/layer.tar", b"0/layer.tar"),
        hard_link(b"1/layer.tar", b"./0/layer.tar"),
    ],
)
def test_a_layer_may_be_a_link_to_another_file_of_the_archive(archive, link):
    image = open_image(write(archive, linked(link)))
    assert [layer.diff_id for layer in image.layers] == [digest(ONE)] * 2


@pytest.mark.parametrize("target", [b"layer.tar", b"../../../../etc/passwd", b"/etc/passwd", b"../1", b""])
def test_a_link_that_leads_nowhere_is_a_missing_layer_and_never_leads_out(archive, target):
    said = refused(write(archive, linked(header(b"1/layer.tar", b"2", link=target))), MissingBlob)
    assert "its layer '1/layer.tar' is not there" in said


def test_a_file_that_stands_twice_is_refused(archive):
    data = outer_tar(docker_files(ONE))[: -len(END)]
    for again in (member(b"manifest.json", b"[]"), header(b"./manifest.json", b"2", link=b"x")):
        assert "stands twice in the archive" in refused(write(archive, data + again + END), NotAnImage)
    assert open_image(write(archive, member(b"0/", kind=b"5") + member(b"0/", kind=b"5") + data + END))


def test_a_name_that_leads_out_of_the_archive_is_refused(archive):
    for name in (b"../x", b"a/../../b"):
        assert "is no name" in refused(
            write(archive, outer_tar(docker_files(ONE))[:-1024] + member(name) + END), NotAnImage
        )
    long = pax((b"path", b"n/" * 3000)) + member(b"x")
    assert "is no name" in refused(write(archive, long + outer_tar(docker_files(ONE))), NotAnImage)


def change(archive, **more):
    """Write an archive with another manifest.json."""
    files = docker_files(ONE)
    manifest = json.loads(files["manifest.json"])
    manifest[0].update(more)
    files["manifest.json"] = json.dumps(manifest).encode()
    return write(archive, outer_tar(files))


def test_a_manifest_that_leads_out_of_the_archive_is_refused(archive):
    for more in ({"Layers": ["../x"]}, {"Config": "../../etc/passwd"}, {"Layers": ["a\0b"]}):
        assert "leads out of the archive" in refused(change(archive, **more), InvalidDocument)


@pytest.mark.parametrize(
    "more", [{"Config": None}, {"Config": 7}, {"Layers": "x"}, {"RepoTags": [7]}, {"RepoTags": "x"}]
)
def test_a_manifest_of_another_form_is_refused(archive, more):
    assert "manifest.json" in refused(change(archive, **more), InvalidDocument)


@pytest.mark.parametrize("data", [b"{}", b"[7]", b"[[]]", b"", b"[" * 70000])
def test_a_manifest_that_is_no_list_of_objects_is_refused(archive, data):
    files = {**docker_files(ONE), "manifest.json": data}
    assert "manifest.json" in refused(write(archive, outer_tar(files)), InvalidDocument)


def test_no_names_are_no_names(archive):
    assert open_image(change(archive, RepoTags=None)).names == ()


def test_c5_layers_and_diff_ids_are_as_many(archive):
    assert "has 2 layers, and its config has 1 diff_ids" in refused(change(archive, Layers=["0/layer.tar"] * 2))


def test_a_missing_layer_or_config_is_named(archive):
    assert "'9/layer.tar' is not there" in refused(change(archive, Layers=["9/layer.tar"]), MissingBlob)
    assert "no 'x.json' in it" in refused(change(archive, Config="x.json"), MissingBlob)


def test_a_tampered_layer_or_config_is_named(archive):
    for number, name in enumerate(docker_files(ONE)):
        files = docker_files(ONE)
        if name == "manifest.json":
            continue
        files[name] = files[name].replace(b"one", b"0ne").replace(b"linux", b"linuX")
        assert name in refused(write(archive, outer_tar(files)), DigestMismatch), number


def test_a_layer_compressed_by_another_program_is_refused_by_its_name(archive):
    files = docker_files(ONE)
    files["0/layer.tar"] = b"\xfd7zXZ\0" + bytes(100)
    assert "0/layer.tar: is compressed with xz" in refused(write(archive, outer_tar(files)), UnknownMediaType)


def test_an_archive_compressed_by_another_program_is_refused_with_what_to_do(archive):
    assert "decompress it first, with `xz -d`" in refused(write(archive, b"\xfd7zXZ\0" + bytes(1000)), NotAnImage)
    assert "`bzip2 -d`" in refused(write(archive, b"BZh91AY&SY" + bytes(1000)), NotAnImage)


def test_a_bomb_of_an_archive_is_refused(archive):
    bomb = COMPRESS["gzip"](outer_tar({**docker_files(ONE), "zeros": bytes(20 << 20)}))
    with pytest.raises(LimitExceeded, match=r"image\.tar.*bomb"):
        open_images(write(archive, bomb), Limits(free=1 << 20, ratio=2))


@pytest.mark.parametrize(
    "data", [b"hello", b"x" * 5000, bytes(100), b"\x7fELF" + bytes(2000), json.dumps({"a": 1}).encode() * 200]
)
def test_a_file_that_is_no_tar_is_no_image(archive, data):
    assert "neither a tar nor a folder" in refused(write(archive, data), NotAnImage)


def test_a_tar_or_folder_of_something_else_is_no_image(archive, tmp_path):
    for data in (b"", END, outer_tar({"etc/passwd": b"", "bin/sh": b""})):
        assert "neither 'manifest.json' in it" in refused(write(archive, data), NotAnImage)
    assert "neither 'manifest.json' in it" in refused(tmp_path, NotAnImage)


def test_what_docker_saved_before_1_10_is_refused_by_its_name(archive):
    assert "before 1.10" in refused(write(archive, outer_tar({"repositories": b"{}", "0/layer.tar": ONE})), NotAnImage)


def test_what_cannot_be_read_is_said(tmp_path):
    assert "No such file" in refused(tmp_path / "nothing")
    assert "is no file" in refused(tmp_path.__class__("/dev/null"), NotAnImage)


def test_a_file_with_several_images_asks_for_a_name_and_lists_them(archive):
    files = docker_files(ONE, names=("a:1", "a:2"))
    more = docker_files(TWO, names=("b:latest",))
    more["1/layer.tar"] = more.pop("0/layer.tar")
    item = {**json.loads(more["manifest.json"])[0], "Layers": ["1/layer.tar"]}
    files = {**more, **files, "manifest.json": json.dumps([*json.loads(files["manifest.json"]), item]).encode()}
    write(archive, outer_tar(files))
    assert [image.names for image in open_images(archive)] == [("a:1", "a:2"), ("b:latest",)]
    for name in ("a:2", "b:latest", "b", "docker.io/library/b"):
        assert name.rpartition("/")[2] in " ".join(open_image(archive, name).names)
    with pytest.raises(ImageError, match=r"say which one you mean\. There are: a:1, a:2, b:latest"):
        open_image(archive)
    with pytest.raises(ImageError, match=r"no image 'c'; there are: a:1, a:2, b:latest"):
        open_image(archive, "c")


def docker_dir(place, media_type=MANIFEST, **more):
    """What `podman save --format docker-dir` writes: a manifest, and the blobs beside it."""
    saved = Saved()
    config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [digest(ONE)]}}
    manifest = {"schemaVersion": 2, "config": saved.add(config, CONFIG), "layers": [saved.add(ONE, TAR)], **more}
    for name, data in saved.files.items():
        if name.startswith("blobs"):
            write(place / name.rpartition("/")[2], data)
    write(place / "version", b"Directory Transport Version: 1.1\n")
    write(place / "manifest.json", json.dumps(manifest).encode())
    return place


def test_podman_s_docker_dir_is_read(tmp_path):
    image = open_image(docker_dir(tmp_path))
    assert image.layers[0].entries["/etc/motd"].read() == b"one"
    (tmp_path / digest(ONE)[7:]).write_bytes(TWO)
    assert digest(ONE)[7:] in str(refused(tmp_path, DigestMismatch))


def test_a_docker_dir_of_an_index_is_refused(tmp_path):
    assert "has 'manifests' too" in refused(docker_dir(tmp_path, manifests=[]), InvalidDocument)


def test_an_archive_made_by_tar_itself_is_read(archive, tmp_path):
    for name, data in docker_files(ONE, TWO).items():
        write(tmp_path / "unpacked" / name, data)
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "unpacked", ".")
    assert len(open_image(archive).layers) == 2

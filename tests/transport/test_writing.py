"""The archives that the course writes are the same on every machine, and other programs read them."""

import dataclasses
import hashlib
import json
import subprocess
import tarfile
import tempfile
import tracemalloc

import pytest
from image_making import END, Saved, folder, hard_link, member

from course.errors import DigestMismatch, ImageError
from course.layers.archive import tar_bytes
from course.layers.image import Image
from course.layers.layer import Layer
from course.layers.small_image import small_image, small_images
from course.transport.reading import open_image, open_images
from course.transport.writing import FORMS, save_image
from course.transport.writing import archive as archive_of

FOREIGN = (  # hard links amid the rest, names that begin with a dot, and padding at the end
    folder(b"./d/") + member(b"./z", b"zz") + hard_link(b"./b", b"./z") + END + bytes(8192),
    member(b".wh.z") + member(b"a", b"1" * 700, mtime=1_000_000_000) + END,
)


def read(path):
    return path.read_bytes()


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "small.tar"
    save_image(list(small_images().values()), path)
    return path


def test_the_small_images_have_these_digests_on_every_machine():
    assert {name: image.image_id[7:19] for name, image in small_images().items()} == {
        "base:1": "556d58958055",
        "greeter:1": "76542fd92a61",
        "greeter:2": "28ae791b2d28",
    }


def test_the_archive_of_the_small_images_is_the_same_to_the_byte(archive):
    assert hashlib.sha256(archive.read_bytes()).hexdigest()[:12] == "af401332c1da"


def test_what_is_written_is_read_as_it_was(archive):
    for image in open_images(archive):
        original = small_image(image.names[0])
        assert image.config == original.config
        assert image.layers == original.layers
        assert image.layers[-1].whiteouts == original.layers[-1].whiteouts


def test_shared_layers_are_stored_once(archive):
    with tarfile.open(archive) as tar:
        names = tar.getnames()
    assert len(names) == len(set(names))
    layers = {layer.diff_id for image in small_images().values() for layer in image.layers}
    assert {f"blobs/sha256/{layer[7:]}" for layer in layers} <= set(names)


@pytest.fixture(params=["", "gzip", "zstd"])
def foreign(request, tmp_path):
    """A folder with an image whose tars are not as the course writes them."""
    return Saved().image(*FOREIGN, name="demo:1", compression=request.param).to_folder(tmp_path / "foreign")


@pytest.mark.parametrize("form", FORMS)
def test_layers_that_another_program_tarred_are_written_as_they_were(foreign, tmp_path, form):
    image = open_image(foreign)
    save_image([image], tmp_path / "again.tar", form)
    again = open_image(tmp_path / "again.tar")
    assert (again.image_id, again.layers, again.names) == (image.image_id, image.layers, ("demo:1",))
    assert [tar_bytes(layer) for layer in again.layers] == list(FOREIGN)


@pytest.mark.parametrize("form", FORMS)
def test_a_layer_that_stands_on_another_one_keeps_its_tar(foreign, tmp_path, form):
    layer = open_image(foreign).layers[0]
    below = Layer.of({"/a": "1"})
    image = Image.of([below, dataclasses.replace(layer, parent=below), Layer.of({"/b": ""}, parent=layer)])
    save_image([image], tmp_path / "again.tar", form)
    assert tar_bytes(open_image(tmp_path / "again.tar").layers[1]) == FOREIGN[0]


@pytest.mark.parametrize("form", FORMS)
def test_a_layer_whose_file_has_changed_is_one_sentence_and_the_old_file_stays(foreign, tmp_path, form):
    image = open_image(foreign)
    blobs = list((foreign / "blobs" / "sha256").iterdir())
    for path in blobs:
        path.write_bytes(path.read_bytes() + b" ")
    (tmp_path / "out.tar").write_bytes(b"before")
    with pytest.raises(ImageError, match="the file has changed since it was read; open it again"):
        save_image([image], tmp_path / "out.tar", form)
    assert (tmp_path / "out.tar").read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["foreign", "out.tar"]


@pytest.mark.parametrize("form", FORMS)
def test_a_layer_whose_tar_is_not_at_hand_is_refused_and_the_old_file_stays(tmp_path, form):
    path = tmp_path / "out.tar"
    path.write_bytes(b"before")
    layer = dataclasses.replace(Layer.of({"/a": ""}), known_diff_id="sha256:" + 64 * "0")
    with pytest.raises(DigestMismatch, match=f"layer 000000000000: .* {Layer.of({'/a': ''}).diff_id}, and"):
        save_image([Image.of([layer])], path, form)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("form", FORMS)
def test_saving_to_a_stream_gives_the_same_bytes_each_time(tmp_path, form):
    images = list(small_images().values())
    save_image(images, tmp_path / "small.tar", form)
    assert b"".join(archive_of(images, form)) == b"".join(archive_of(images, form)) == read(tmp_path / "small.tar")


@pytest.mark.parametrize("form", FORMS)
def test_neither_form_holds_a_large_layer_in_memory(tmp_path, form):
    path = Saved().image(member(b"big", bytes(64 << 20)) + END).to_folder(tmp_path / "layout")
    image = open_image(path)
    tracemalloc.start()
    save_image([image], tmp_path / "big.tar", form)
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()


def test_an_unknown_form_is_refused(tmp_path):
    with pytest.raises(KeyError):
        save_image([small_image()], tmp_path / "x.tar", "tar")
    assert list(tmp_path.iterdir()) == []


def test_the_older_form_has_a_folder_for_each_layer_and_the_names_of_the_topmost(tmp_path):
    images = list(small_images().values())
    save_image(images, tmp_path / "small.tar", "docker-archive")
    with tarfile.open(tmp_path / "small.tar") as tar:
        names = tar.getnames()
        repositories = json.load(tar.extractfile("repositories"))
        top = repositories["greeter"]["1"]
        assert json.load(tar.extractfile(f"{top}/json"))["config"] == {"Env": ["PATH=/bin"], "Cmd": ["/bin/sh"]}
        assert tar.extractfile(f"{top}/VERSION").read() == b"1.0"
    assert names == [*sorted(names[:-2]), "manifest.json", "repositories"]
    assert sorted(repositories["greeter"]) == ["1", "2"]


@pytest.mark.parametrize("name", ["untagged", "localhost:5000/untagged", "named@sha256:" + 64 * "0"])
def test_a_name_without_a_tag_is_in_no_repository(tmp_path, name):
    save_image([dataclasses.replace(small_image(), names=(name,))], tmp_path / "small.tar", "docker-archive")
    with tarfile.open(tmp_path / "small.tar") as tar:
        assert json.load(tar.extractfile("repositories")) == {}


@pytest.mark.parametrize("form", FORMS)
def test_an_image_without_layers_and_names_is_saved(tmp_path, form):
    save_image([Image.of([])], tmp_path / "empty.tar", form)
    again = open_image(tmp_path / "empty.tar")
    assert (again.layers, again.names, again.image_id) == ((), (), Image.of([]).image_id)


@pytest.mark.peer("skopeo")
@pytest.mark.parametrize(
    ("form", "transport"),
    [("oci-archive", "oci-archive"), ("oci-archive", "docker-archive"), ("docker-archive", "docker-archive")],
)
def test_skopeo_copies_what_another_program_tarred(foreign, tmp_path, form, transport):
    image = dataclasses.replace(open_image(foreign), names=("demo:1",))
    save_image([image], tmp_path / "again.tar", form)
    source = f"{transport}:{tmp_path / 'again.tar'}:{'1' if transport == 'oci-archive' else 'demo:1'}"
    subprocess.run(["skopeo", "copy", "-q", "--insecure-policy", source, f"dir:{tmp_path / 'dir'}"], check=True)
    manifest = json.loads((tmp_path / "dir" / "manifest.json").read_bytes())
    assert [layer["digest"] for layer in manifest["layers"]] == list(image.config.diff_ids)


@pytest.mark.peer("skopeo")
def test_skopeo_finds_a_layer_that_two_images_share_in_the_older_form(tmp_path):
    layer = Layer.of({"/hello": "world"})
    two = [Image.of([layer], names=["one:1"]), Image.of([layer], names=["two:1"], run={"Cmd": ["two"]})]
    save_image(two, tmp_path / "two.tar", "docker-archive")
    for number, image in enumerate(two):
        source, goal = f"docker-archive:{tmp_path / 'two.tar'}:{image.names[0]}", f"dir:{tmp_path / str(number)}"
        subprocess.run(["skopeo", "copy", "-q", "--insecure-policy", source, goal], check=True)
        assert (tmp_path / str(number) / layer.diff_id[7:]).read_bytes() == tar_bytes(layer)
    assert [image.image_id for image in open_images(tmp_path / "two.tar")] == [image.image_id for image in two]


@pytest.mark.peer("podman")
@pytest.mark.root
@pytest.mark.parametrize("form", FORMS)
def test_podman_loads_both_forms_under_the_same_id(foreign, tmp_path, form):
    image = open_image(foreign)
    save_image([image], tmp_path / "again.tar", form)
    with tempfile.TemporaryDirectory() as short:  # podman refuses a long one
        own = ["--root", tmp_path / "storage", "--runroot", short, "--storage-driver", "vfs"]
        podman = ["podman", *own, "--cgroup-manager", "cgroupfs"]
        subprocess.run([*podman, "load", "-q", "-i", tmp_path / "again.tar"], check=True, capture_output=True)
        listed = subprocess.run([*podman, "images", "--no-trunc", "-q"], check=True, capture_output=True, text=True)
    assert listed.stdout.split() == [image.image_id]


@pytest.mark.peer("skopeo")
@pytest.mark.parametrize("transport", ["oci-archive", "docker-archive"])
def test_skopeo_copies_it_with_the_same_layers(archive, tmp_path, transport):
    source = f"{transport}:{archive}:{'greeter:1' if transport == 'docker-archive' else '1'}"
    if transport == "oci-archive":
        save_image([small_image()], archive)
    subprocess.run(["skopeo", "copy", "-q", "--insecure-policy", source, f"dir:{tmp_path / 'dir'}"], check=True)
    manifest = json.loads((tmp_path / "dir" / "manifest.json").read_bytes())
    assert [layer["digest"] for layer in manifest["layers"]] == list(small_image().config.diff_ids)


@pytest.mark.peer("umoci", "skopeo")
def test_umoci_the_strictest_reader_unpacks_it(archive, tmp_path):
    save_image([small_image()], archive)
    layout = tmp_path / "layout"
    layout.mkdir()
    subprocess.run(["tar", "-xf", archive, "-C", layout], check=True)
    unpack = ["umoci", "unpack", "--rootless", "--image", f"{layout}:1", tmp_path / "bundle"]
    subprocess.run(unpack, check=True, capture_output=True)
    app = tmp_path / "bundle" / "rootfs" / "app"
    assert sorted(path.name for path in app.iterdir()) == ["greeter", "settings.ini"]
    assert (app / "settings.ini").read_text() == "greeting = welcome\n"


@pytest.mark.peer("umoci")
def test_umoci_unpacks_what_another_program_tarred(foreign, tmp_path):
    save_image([open_image(foreign)], tmp_path / "again.tar")
    layout = tmp_path / "layout"
    layout.mkdir()
    subprocess.run(["tar", "-xf", tmp_path / "again.tar", "-C", layout], check=True)
    unpack = ["umoci", "unpack", "--rootless", "--image", f"{layout}:1", tmp_path / "bundle"]
    subprocess.run(unpack, check=True, capture_output=True)
    assert sorted(path.name for path in (tmp_path / "bundle" / "rootfs").iterdir()) == ["a", "b", "d"]


def test_one_image_of_several_is_opened_by_its_name(archive):
    assert open_image(archive, "greeter:2").layers == small_image("greeter:2").layers

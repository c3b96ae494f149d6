"""The archives that the course writes are the same on every machine, and other programs read them."""

import dataclasses
import hashlib
import json
import subprocess
import tarfile

import pytest

from course.layers.image import Image
from course.layers.layer import Layer
from course.layers.small_image import small_image, small_images
from course.transport.reading import open_image, open_images
from course.transport.writing import save_image


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
    assert hashlib.sha256(archive.read_bytes()).hexdigest()[:12] == "46c11cc5c2a3"


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


def test_an_image_whose_tars_another_program_wrote_is_refused_and_the_old_file_stays(tmp_path):
    path = tmp_path / "out.tar"
    path.write_bytes(b"before")
    layer = dataclasses.replace(Layer.of({"/a": ""}), known_diff_id="sha256:" + 64 * "0")
    with pytest.raises(ValueError, match="another program"):
        save_image([Image.of([layer])], path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


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


def test_one_image_of_several_is_opened_by_its_name(archive):
    assert open_image(archive, "greeter:2").layers == small_image("greeter:2").layers

"""A real image in every form that podman, skopeo and docker save it in: read, verified, drawn, and compared."""

import hashlib
import json
import os
import shutil
import stat
import subprocess

import pytest
from click.testing import CliRunner
from debian_image import FORMATS, NAME, Podman, docker, run

from course.cli import cli
from course.figures import stack, union_beside_stack
from course.layers.entry import Kind
from course.transport.reading import open_image
from course.union.view import UnionView

pytestmark = [pytest.mark.root, pytest.mark.linux, pytest.mark.peer("podman", "runc", "skopeo", "dpkg-query")]


@pytest.fixture(scope="module")
def podman(tmp_path_factory):
    machine = Podman(tmp_path_factory.mktemp("podman"))
    try:
        machine.build()
        yield machine
    finally:
        machine.close()


@pytest.fixture(scope="module")
def saved(podman):
    forms = {form: podman.save(form) for form in FORMATS}
    forms["docker-archive.gz"] = podman.folder / "archive.tar.gz"
    with forms["docker-archive.gz"].open("wb") as packed:
        subprocess.run(["gzip", "-1c", forms["docker-archive"]], stdout=packed, check=True)
    for kind in ("zstd", "gzip"):
        forms[f"oci-{kind}"] = podman.folder / f"oci-{kind}"
        source = f"docker-archive:{forms['docker-archive']}"
        flags = ["--dest-compress", "--dest-compress-format", kind]
        run("skopeo", "--insecure-policy", "copy", "-q", *flags, source, f"oci:{forms[f'oci-{kind}']}:latest")
    return forms


EVERY_FORM = [*FORMATS, "docker-archive.gz", "oci-zstd", "oci-gzip"]


@pytest.fixture(scope="module")
def image(saved):
    return open_image(saved["oci-archive"])


@pytest.mark.parametrize("form", EVERY_FORM)
def test_every_form_holds_the_layers_that_podman_names(podman, saved, form):
    [told] = json.loads(podman("image", "inspect", NAME))
    image = open_image(saved[form])
    assert [layer.diff_id for layer in image.layers] == told["RootFS"]["Layers"]
    assert image.image_id.removeprefix("sha256:") == told["Id"]
    assert image.config.run["Cmd"] == told["Config"]["Cmd"]


@pytest.mark.parametrize("form", ["oci-archive", "docker-archive", "oci-zstd", "oci-gzip"])
def test_the_blobs_are_those_that_skopeo_names(saved, form):
    transport = {"oci-zstd": "oci", "oci-gzip": "oci"}.get(form, form)
    told = json.loads(run("skopeo", "inspect", f"{transport}:{saved[form]}"))
    assert [blob.digest for blob in open_image(saved[form]).blobs] == told["Layers"]


@pytest.mark.parametrize("form", EVERY_FORM)
def test_every_form_is_drawn(saved, form):
    image = open_image(saved[form])
    assert "rm -rf /usr/share/doc" in stack(image).text
    assert "/etc/motd" in union_beside_stack(image, paths=["/etc/motd", "/etc/debian_version"]).text


def test_the_view_is_file_by_file_what_the_mounted_image_shows(podman, image):
    mounted = podman("image", "mount", NAME).strip()
    shown = {}
    for folder, folders, files in os.walk(os.fsencode(mounted)):
        for name in folders + files:
            path = os.path.join(folder, name)
            found = os.lstat(path)
            place = os.fsdecode(path.removeprefix(os.fsencode(mounted)))
            content = target = None
            if stat.S_ISREG(found.st_mode):
                with open(path, "rb") as file:
                    content = hashlib.file_digest(file, "sha256").hexdigest()
            elif stat.S_ISLNK(found.st_mode):
                target = os.fsdecode(os.readlink(path))
            shown[place] = (found.st_mode, found.st_uid, found.st_gid, int(found.st_mtime), content, target)
    computed = {
        path: (
            found.entry.st_mode,
            found.entry.uid,
            found.entry.gid,
            found.entry.mtime_ns // 10**9,
            None,
            found.entry.target or None,
        )
        for path, found in UnionView(image.layers).walk()
    }
    contents = digests(image)
    for path, found in UnionView(image.layers).walk():
        if found.entry.kind is Kind.FILE:
            computed[path] = (*computed[path][:4], contents[found.layer][found.entry.link_to or path], None)
    assert len(shown) > 3000
    assert {path: facts for path, facts in shown.items() if computed.get(path) != facts} == {}
    assert computed.keys() == shown.keys()


def digests(image):
    """The digest of each file's content, layer by layer, in one pass over each."""
    from course.transport.stored_layer import stream_layer

    return [
        {
            path: hashlib.sha256(stream.read()).hexdigest()
            for path, entry, stream in stream_layer(layer)
            if stream is not None and not entry.link_to
        }
        for layer in image.layers
    ]


def test_the_command_line_prints_the_stack_and_the_provenance_of_a_path(saved):
    printed = CliRunner().invoke(cli, ["open", str(saved["docker-archive"])])
    assert printed.exit_code == 0
    assert "- /etc/debian_version" in printed.output
    one = CliRunner().invoke(cli, ["open", str(saved["docker-archive"]), "/etc/motd.hard"])
    assert one.exit_code == 0
    assert "whiteout" in one.output


def test_one_tampered_byte_is_named_with_its_blob(saved, tmp_path):
    layout = tmp_path / "layout"
    shutil.copytree(saved["oci-dir"], layout)
    blob = max((layout / "blobs" / "sha256").iterdir(), key=lambda path: path.stat().st_size)
    with blob.open("r+b") as file:
        file.seek(blob.stat().st_size // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    refused = CliRunner().invoke(cli, ["open", str(layout)])
    assert refused.exit_code == 2
    assert blob.name in refused.output


@pytest.mark.peer("dockerd", "docker")
def test_docker_loads_it_under_the_chain_ids_that_the_course_computes(saved, image, tmp_path):
    with docker(tmp_path) as (command, data):
        command("load", "-i", saved["docker-archive"])
        kept = {f"sha256:{path.name}" for path in (data / "image/overlay2/layerdb/sha256").iterdir()}
        command("save", "-o", tmp_path / "docker-save.tar", NAME)
    assert kept == {layer.chain_id for layer in image.layers}
    again = open_image(tmp_path / "docker-save.tar")
    assert again.layers == image.layers
    assert again.names == (NAME,)


@pytest.mark.peer("dockerd", "docker")
def test_docker_loads_what_the_course_saves_under_the_same_image_ids(tmp_path):
    from course.layers.small_image import small_images
    from course.transport.writing import save_image

    save_image(list(small_images().values()), tmp_path / "small.tar")
    with docker(tmp_path) as (command, _data):
        command("load", "-i", tmp_path / "small.tar")
        listed = command("images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}")
    assert dict(line.split() for line in listed.splitlines()) == {
        name: image.image_id for name, image in small_images().items()
    }

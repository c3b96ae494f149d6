"""Docker takes what the course saves, in both forms, and gives back the same; its sizes, exports and configs agree."""

import gzip
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from debian_image import docker

from course.errors import InvalidLayer
from course.layers.archive import layer_tar
from course.layers.config import ImageConfig, Step
from course.layers.image import Image
from course.layers.layer import Layer
from course.transport.flattening import flatten
from course.transport.plain_tar import read_tar
from course.transport.reading import open_image, open_images
from course.transport.writing import save_image

sys.path.append(str(Path(__file__).parents[1] / "transport"))
from image_making import END, digest, folder, hard_link, member, outer_tar, pax

pytestmark = [pytest.mark.root, pytest.mark.linux, pytest.mark.peer("dockerd", "docker")]

CAPABILITY = bytes.fromhex("0100000200040000") + bytes(12)
LAYERS = [  # as no writer of ours would write them
    folder(b"./d/") + member(b"./z", b"x" * 1000) + hard_link(b"./b", b"./z") + hard_link(b"./d/c", b"./z") + END,
    member(b"s", kind=b"2", link=b"/a/long/target", mode=0o777) + hard_link(b"s2", b"s") + END + bytes(8192),
    member(b".wh.z") + folder(b"d/") + member(b"d/.wh..wh..opq") + member(b"d/new", b"yy") + END,
    folder(b"e/") + folder(b"f/") + member(b"e/one", b"1") + hard_link(b"f/two", b"e/one") + END,
    member(b"fifo", kind=b"6") + member(b"null", kind=b"3", device=(1, 3)) + END,
    pax((b"SCHILY.xattr.security.capability", CAPABILITY), (b"SCHILY.xattr.user.note", b"v"))
    + member(b"big", b"q" * 5000, mode=0o755)
    + END,
]
SIZES = [1000, 14, 2, 1, 0, 5000]
CONFIG = {
    "architecture": "amd64",
    "variant": "v8",
    "os": "linux",
    "os.version": "9",
    "os.features": ["few"],
    "author": "Ann",
    "comment": "of the parent",
    "created": "2020-01-01T00:00:00Z",
    "docker_version": "1",
    "unknown": {"x": 1},
    "config": {
        "Cmd": ["/bin/true"],
        "Env": ["A=<&>"],
        "Healthcheck": {"Test": ["CMD", "x"], "Interval": 3_000_000_000},
    },
    "history": [{"created": "2020-01-01T00:00:00Z", "created_by": f"step {n}", "unknown": 1} for n in range(6)],
    "rootfs": {"type": "layers", "diff_ids": [digest(tar) for tar in LAYERS]},
}


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """The archive of an image that another program made, its layers compressed."""
    raw = json.dumps(CONFIG).encode()
    files = {f"{number}/layer.tar": gzip.compress(tar, 6, mtime=0) for number, tar in enumerate(LAYERS)}
    manifest = [{"Config": f"{digest(raw)[7:]}.json", "RepoTags": ["demo:1"], "Layers": list(files)}]
    files |= {f"{digest(raw)[7:]}.json": raw, "manifest.json": json.dumps(manifest).encode()}
    path = tmp_path_factory.mktemp("given") / "given.tar"
    path.write_bytes(outer_tar(files))
    return path


@pytest.fixture(scope="module")
def image(given):
    return open_image(given)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with docker(tmp_path_factory.mktemp("docker")) as (command, _data):
        yield command


@pytest.fixture(scope="module", params=["oci-archive", "docker-archive"])
def loaded(request, engine, image, tmp_path_factory):
    """What docker knows after it has loaded what the course saved: its name there is demo:1."""
    path = tmp_path_factory.mktemp("saved") / "image.tar"
    save_image([image], path, request.param)
    engine("load", "-i", path)
    yield engine
    engine("rmi", "-f", "demo:1")


def test_docker_loads_both_forms_and_saves_the_very_same_image(loaded, image, tmp_path):
    loaded("save", "-o", tmp_path / "again.tar", "demo:1")
    again = open_image(tmp_path / "again.tar")
    assert (again.image_id, again.layers, again.names) == (image.image_id, image.layers, image.names)
    assert [b"".join(layer_tar(layer)) for layer in again.layers] == LAYERS


def test_docker_counts_the_same_sizes(loaded, image):
    listed = loaded("history", "--human=false", "--format", "{{.Size}}", "demo:1").split()
    assert [layer.size for layer in image.layers] == SIZES == [int(size) for size in listed[::-1]]
    assert image.size == int(loaded("inspect", "-f", "{{.Size}}", "demo:1"))


def members(path):
    """The kind, mode and content of each file in an archive, by its name."""
    with tarfile.open(path) as tar:
        return {
            found.name: (found.type, found.mode & 0o777, tar.extractfile(found).read() if found.isfile() else b"")
            for found in tar
        }


def test_the_older_form_of_what_docker_made_is_docker_s_own_to_the_byte(loaded, tmp_path):
    loaded("create", "--name", "box", "demo:1", "/s")
    loaded("commit", "-a", "Bob", "-m", "a comment", "-c", "ENV C=<d>", "box", "made:1")
    loaded("rm", "box")
    loaded("save", "-o", tmp_path / "docker.tar", "made:1")
    loaded("rmi", "made:1")
    save_image([open_image(tmp_path / "docker.tar")], tmp_path / "course.tar", "docker-archive")
    theirs, ours = members(tmp_path / "docker.tar"), members(tmp_path / "course.tar")
    assert list(ours) == list(theirs)
    assert ours == theirs


def test_the_config_of_a_commit_has_what_docker_keeps_of_the_parent(loaded, image, tmp_path):
    loaded("create", "--name", "box", "demo:1", "/s")
    loaded("commit", "-a", "Bob", "-m", "a comment", "box", "made:1")
    loaded("rm", "box")
    loaded("save", "-o", tmp_path / "made.tar", "made:1")
    loaded("rmi", "made:1")
    made = open_image(tmp_path / "made.tar")
    whole = json.loads(made.config.raw)
    step = Step("/s", made.config.created, "Bob", "a comment")
    own = {name: whole[name] for name in ("container", "container_config", "docker_version")}
    ours = image.with_layer(None, step, made.config.run, own)
    assert json.loads(ours.config.raw) == whole
    assert ImageConfig.parse(ours.config.raw, "").history == made.config.history


def test_docker_exports_what_flatten_makes_of_the_layers(loaded, image, tmp_path):
    loaded("create", "--name", "box", "demo:1", "/s")
    loaded("export", "-o", tmp_path / "box.tar", "box")
    loaded("rm", "box")
    exported, flat = read_tar(tmp_path / "box.tar"), flatten(image.layers)
    added = {path for path in exported.entries if path.split("/")[1] in {".dockerenv", "dev", "etc", "proc", "sys"}}
    assert {path: entry for path, entry in exported.entries.items() if path not in added} == dict(flat.entries)
    for path, entry in flat.entries.items():
        assert entry.read() == exported.entries[path].read(), path
    assert not exported.whiteouts


def test_docker_imports_what_flatten_makes_under_the_same_diff_id(engine, image, tmp_path):
    flat = flatten(image.layers)
    tar = b"".join(layer_tar(flat))
    (tmp_path / "flat.tar.gz").write_bytes(gzip.compress(tar))
    engine("import", tmp_path / "flat.tar.gz", "flat:1")
    known = json.loads(engine("inspect", "flat:1"))[0]
    engine("rmi", "flat:1")
    assert known["RootFS"]["Layers"] == [flat.diff_id] == [read_tar(tmp_path / "flat.tar.gz").diff_id]
    assert known["Size"] == flat.size


def test_docker_refuses_to_import_what_the_course_refuses(engine, tmp_path):
    (tmp_path / "twice.tar").write_bytes(member(b"a", b"1") + member(b"./a", b"2") + END)
    with pytest.raises(subprocess.CalledProcessError) as caught:
        engine("import", tmp_path / "twice.tar")
    assert "duplicates of file paths not supported" in caught.value.stderr
    with pytest.raises(InvalidLayer, match="stands twice"):
        read_tar(tmp_path / "twice.tar")


def test_docker_loads_two_images_whose_top_is_the_same_layer(engine, tmp_path):
    layer = Layer.of({"/hello": "world"})
    two = [Image.of([layer], names=["one:1"]), Image.of([layer], names=["two:1"], run={"Cmd": ["two"]})]
    save_image(two, tmp_path / "two.tar", "docker-archive")
    with tarfile.open(tmp_path / "two.tar") as tar:
        assert sum(found.issym() for found in tar) == 1
    engine("load", "-i", tmp_path / "two.tar")
    engine("save", "-o", tmp_path / "again.tar", "one:1", "two:1")
    again = open_images(tmp_path / "again.tar")
    assert {found.names: found.image_id for found in again} == {found.names: found.image_id for found in two}
    engine("rmi", "one:1", "two:1")

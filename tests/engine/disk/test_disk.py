"""Docker's simulated directory: what each command leaves on the disk, in the trees of three versions."""

import json
import re
from dataclasses import replace

import pytest

from course.engine.disk.directory import VERSIONS, docker_directory, left_out
from course.engine.disk.listing import disk_listing
from course.engine.engine import Engine
from course.layers.digest import sha256
from course.layers.entry import Kind
from course.layers.image import Image
from course.layers.layer import Layer
from course.layers.small_image import small_images
from course.union.marks import from_oci, from_overlayfs
from course.union.overlay2_names import cache_id, link_name, mount_id

ROOT = "/var/lib/docker"
LOOP = ("sh", "-c", "echo hi > /tmp/new; rm /etc/motd; while true; do sleep 1; done")
MOUNTED = {
    "1.9": r"/var/lib/docker/aufs/mnt/(\w+)/bin",
    "20": r"/var/lib/docker/overlay2/(\w+)/merged/bin",
    "29": r"/var/lib/docker/rootfs/overlayfs/(\w+)/bin",
}


def engine():
    engine = Engine(seed=0)
    engine.load(list(small_images().values()))
    return engine


def read(directory, path):
    return directory.entries[path].read().decode()


def tree_of(directory, where):
    """Return what lies below ``where`` as a tree of its own (dict of path to FileEntry)."""
    return {
        path.removeprefix(where): entry for path, entry in directory.entries.items() if path.startswith(f"{where}/")
    }


def without_attributes(layer):
    kinds = {path: entry.kind for path, entry in layer.entries.items() if path != "/"}
    return kinds, layer.whiteouts, layer.opaque


@pytest.mark.parametrize("version", VERSIONS)
def test_an_engine_that_knows_nothing_has_a_directory(version):
    assert ROOT in docker_directory(Engine(seed=0), version).entries


def test_another_version_is_refused():
    with pytest.raises(ValueError, match=r"'1\.8' is no version that is simulated; those are 1\.9, 20, 29"):
        docker_directory(Engine(seed=0), "1.8")


@pytest.mark.parametrize("version", VERSIONS)
def test_it_is_made_of_the_state_alone_and_changes_nothing(version):
    one, other = engine(), engine()
    for each in (one, other):
        each.run("greeter:1", *LOOP, name="loop", detach=True)
    before = {name: dict(table) for name, table in one.store.tables.items()}
    assert docker_directory(one, version).entries == docker_directory(other, version).entries
    assert one.store.tables == before


@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_undone_leaves_nothing_on_the_disk(version):
    docker = engine()
    before = docker_directory(docker, version)
    docker.run("greeter:1", *LOOP, name="loop", detach=True)
    assert docker_directory(docker, version).entries != before.entries
    docker.undo()
    assert docker_directory(docker, version).entries == before.entries


@pytest.mark.parametrize("version", VERSIONS)
def test_the_union_is_mounted_only_while_a_container_runs_or_is_paused(version):
    docker = engine()
    docker.create("base:1", *LOOP, name="loop")

    def mounted():
        return sum(bool(re.fullmatch(MOUNTED[version], path)) for path in docker_directory(docker, version).entries)

    counts = [mounted()]
    for command in (docker.start, docker.pause, docker.unpause, docker.kill):
        command("loop")
        counts.append(mounted())
    assert counts == [0, 1, 1, 1, 0]


@pytest.mark.parametrize("version", VERSIONS)
def test_contents_are_those_of_the_layers_and_not_copies(version):
    docker = engine()
    own = docker.image("base:1").image.layers[0].entries["/bin/sh"].content
    assert any(entry.content is own for entry in docker_directory(docker, version).entries.values())


@pytest.mark.parametrize("version", VERSIONS)
def test_names_and_output_that_are_not_utf_8_are_kept_or_replaced(version):
    layer = Layer.of({"/caf\udce9": "x"}, parent=small_images()["base:1"].top)
    image = Image.of([*small_images()["base:1"].layers, layer], names=["odd:1"], run={"Cmd": ["true"]})
    docker = engine()
    docker.load([image])
    docker.run("odd:1", "sh", "-c", "cat /bin/sh; printf '\\351\\n'", name="odd")
    directory = docker_directory(docker, version)
    assert any(path.endswith("/caf\udce9") for path in directory.entries)
    log = read(directory, f"{ROOT}/containers/{docker.container('odd').id}/{docker.container('odd').id}-json.log")
    assert [json.loads(line)["log"] for line in log.splitlines()][-1:] == ["\ufffd\n"]
    assert all(line.isprintable() for line in disk_listing(directory, "/var/lib", 12).splitlines())


@pytest.mark.parametrize("version", VERSIONS)
def test_the_names_of_one_file_are_names_of_one_file_on_the_disk_too(version):
    first = Layer.of({"/a": "x"})
    linked = Layer({**first.entries, "/b": replace(first.entries["/a"], link_to="/a")})
    docker = Engine(seed=0)
    docker.load([Image.of([linked], names=["linked:1"])])
    entries = docker_directory(docker, version).entries
    links = {path: entry.link_to for path, entry in entries.items() if entry.link_to}
    assert len(links) == 1
    assert all(entries[other].read() == b"x" and path[:-1] == other[:-1] for path, other in links.items())


@pytest.mark.parametrize("version", VERSIONS)
def test_a_directory_is_a_layer_that_says_what_it_is(version):
    assert repr(docker_directory(engine(), version)).endswith(" entries, 0 whiteouts>")
    assert docker_directory(engine(), version) == docker_directory(engine(), version)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_container_that_was_never_started_has_no_log_and_no_hosts(version):
    docker = engine()
    identity = docker.create("base:1", "true", name="box")
    own = f"{ROOT}/containers/{identity}"
    logs = [f"{own}/{identity}-json.log" in docker_directory(docker, version).entries]
    docker.start("box")
    logs.append(f"{own}/{identity}-json.log" in docker_directory(docker, version).entries)
    assert logs == [False, True]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_volume_s_files_lie_in_its_directory_and_outlive_the_container(version):
    docker = engine()
    docker.run("base:1", "sh", "-c", "echo kept > /data/note", volume=["notes:/data"], rm=True)
    assert read(docker_directory(docker, version), f"{ROOT}/volumes/notes/_data/note") == "kept\n"


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_that_is_said_to_be_left_out_is_there(version):
    docker = engine()
    docker.run("greeter:1", *LOOP, name="loop", detach=True)
    patterns = [
        re.sub(r"<\w+>", r"[\\w.-]+", re.escape(path)).replace(r"\*", ".+").replace("<version>", "")
        for path in left_out(version)
    ]
    entries = docker_directory(docker, version).entries
    assert [path for path in entries if any(re.fullmatch(pattern, path) for pattern in patterns)] == []


# Docker 20.10 to 28


def test_in_overlay2_what_a_container_wrote_is_under_its_mount_id():
    docker = engine()
    identity = docker.run("base:1", *LOOP, name="loop", detach=True)
    docker.exec("loop", "true")
    entries = docker_directory(docker).entries
    upper = f"{ROOT}/overlay2/{mount_id(identity)}/diff"
    assert entries[f"{upper}/tmp/new"].read() == b"hi\n"
    assert (entries[f"{upper}/etc/motd"].kind, entries[f"{upper}/etc/motd"].device) == (Kind.CHARACTER_DEVICE, (0, 0))
    assert f"{ROOT}/overlay2/{identity}" not in entries


def test_overlay2_holds_every_layer_once_and_whole():
    directory = docker_directory(engine())
    layers = {layer.chain_id: layer for image in small_images().values() for layer in image.layers}
    assert sum(path.endswith("/cache-id") for path in directory.entries) == len(layers)
    for layer in layers.values():
        kept = from_overlayfs(tree_of(directory, f"{ROOT}/overlay2/{cache_id(layer)}/diff"))
        assert without_attributes(kept) == without_attributes(layer)


def test_lower_names_the_layers_below_by_links_that_lead_to_them():
    layers = small_images()["greeter:1"].layers
    directory = docker_directory(engine())
    lower = read(directory, f"{ROOT}/overlay2/{cache_id(layers[-1])}/lower")
    targets = [directory.entries[f"{ROOT}/overlay2/{name}"].target for name in lower.split(":")]
    assert targets == [f"../{cache_id(layer)}/diff" for layer in reversed(layers[:-1])]
    assert len({link_name(cache_id(layer)) for layer in layers}) == len(layers)


def test_layers_that_only_a_container_holds_stay_when_their_image_is_gone():
    docker = engine()
    docker.create("greeter:2", "true", name="box")
    top = small_images()["greeter:2"].top
    own = f"{ROOT}/image/overlay2/layerdb/{top.chain_id.replace(':', '/')}/diff"
    docker.rmi("greeter:2", force=True)
    kept = own in docker_directory(docker).entries
    docker.rm("box")
    docker.image_prune(all=True)
    assert (kept, own in docker_directory(docker).entries) == (True, False)


def test_only_an_image_made_here_has_a_parent_in_the_imagedb():
    docker = engine()
    docker.run("base:1", "touch", "/tmp/x", name="box")
    made = docker.commit("box", "made")
    metadata = tree_of(docker_directory(docker), f"{ROOT}/image/overlay2/imagedb/metadata/sha256")
    digits = made.removeprefix("sha256:")
    assert sorted(metadata) == [f"/{digits}", f"/{digits}/lastUpdated", f"/{digits}/parent"]
    assert metadata[f"/{digits}/parent"].read().decode() == docker.image("base:1").id


# Docker 1.9


def test_in_docker_1_9_what_a_container_wrote_is_under_its_own_id():
    docker = engine()
    identity = docker.run("base:1", *LOOP, name="loop", detach=True)
    docker.exec("loop", "true")
    directory = docker_directory(docker, "1.9")
    upper = tree_of(directory, f"{ROOT}/aufs/diff/{identity}")
    assert upper["/tmp/new"].read() == b"hi\n"
    assert from_oci(upper).whiteouts == {"/etc/motd"}
    below = read(directory, f"{ROOT}/aufs/layers/{identity}").split()
    assert below[0] == f"{identity}-init"
    assert len(below) == 2


def test_in_docker_1_9_each_layer_is_an_image_with_its_parent_s_id_and_a_size():
    directory = docker_directory(engine(), "1.9")
    repositories = json.loads(read(directory, f"{ROOT}/repositories-aufs"))["Repositories"]
    identity, chain, sizes = repositories["greeter"]["1"], [], []
    while identity:
        chain.append(identity)
        sizes.append(int(read(directory, f"{ROOT}/graph/{identity}/layersize")))
        identity = json.loads(read(directory, f"{ROOT}/graph/{identity}/json")).get("parent")
    assert sizes == [layer.size for layer in reversed(small_images()["greeter:1"].layers)]
    assert read(directory, f"{ROOT}/aufs/layers/{chain[0]}").split() == chain[1:]


def test_in_docker_1_9_a_step_without_files_is_an_image_too():
    docker = engine()
    docker.create("base:1", "true", name="box")
    docker.commit("box", "same")
    directory = docker_directory(docker, "1.9")
    repositories = json.loads(read(directory, f"{ROOT}/repositories-aufs"))["Repositories"]
    own, base = repositories["same"]["latest"], repositories["base"]["1"]
    assert json.loads(read(directory, f"{ROOT}/graph/{own}/json"))["parent"] == base
    assert read(directory, f"{ROOT}/graph/{own}/layersize") == "0"
    assert tree_of(directory, f"{ROOT}/aufs/diff/{own}") == {}


# Docker 29


def test_in_containerd_a_layer_is_there_as_a_blob_and_as_a_snapshot():
    entries = docker_directory(engine(), "29").entries
    blobs = "/var/lib/containerd/io.containerd.content.v1.content/blobs/sha256/"
    for path in (path for path in entries if path.startswith(blobs)):
        data = entries[path].read()
        assert (sha256(data), len(data)) == (f"sha256:{path.removeprefix(blobs)}", entries[path].size)
    layers = {layer.chain_id: layer for image in small_images().values() for layer in image.layers}
    snapshots = [path for path in entries if re.fullmatch(r"/var/lib/containerd/.*overlayfs/snapshots/\d+", path)]
    assert len(snapshots) == len(layers)
    assert all(blobs + layer.diff_id.removeprefix("sha256:") in entries for layer in layers.values())


def test_in_docker_29_a_container_s_image_is_the_digest_of_a_manifest():
    docker = engine()
    identity = docker.create("base:1", "true")
    directory = docker_directory(docker, "29")
    image = json.loads(read(directory, f"{ROOT}/containers/{identity}/config.v2.json"))["Image"]
    blobs = "/var/lib/containerd/io.containerd.content.v1.content/blobs/sha256/"
    manifest = json.loads(read(directory, blobs + image.removeprefix("sha256:")))
    assert manifest["config"]["digest"] == docker.image("base:1").id


# The page of text


def test_the_page_cuts_long_ids_and_marks_whiteouts_and_links():
    docker = engine()
    identity = docker.run("base:1", *LOOP, name="loop", detach=True)
    docker.exec("loop", "true")
    page = disk_listing(docker_directory(docker), f"{ROOT}/overlay2/{mount_id(identity)}/diff").splitlines()
    assert page[1:] == ["├── etc  0B", "│   └── motd  c 0,0", "└── tmp  3B", "    └── new  3B"]
    assert re.search(r"\n├── [0-9a-f]{12}…  ", disk_listing(docker_directory(docker), f"{ROOT}/overlay2", 1))

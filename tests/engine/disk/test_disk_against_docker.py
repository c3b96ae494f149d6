"""The simulated directory of Docker 20.10 and the one that it makes: the same names, kinds, modes and contents."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from course.engine.disk.directory import docker_directory
from course.engine.disk.stacks import image_layers
from course.engine.engine import Engine
from course.engine.records import Status, StoredImage
from course.layers.config import ImageConfig
from course.layers.digest import chain_id
from course.layers.image import Image
from course.transport.writing import save_image
from course.union.filesystem import UnionFilesystem
from course.union.flags import O_CREAT, O_WRONLY
from course.union.overlay2_names import cache_id, link_name, mount_id

sys.path.insert(0, str(Path(__file__).parents[2] / "real"))
from debian_image import docker
from disk_trees import found, images, simulated

pytestmark = [pytest.mark.linux, pytest.mark.root, pytest.mark.peer("dockerd", "docker", "runc")]

WRITE = "echo x > /new; rm /etc/note; rmdir /mnt; mkdir /mnt; echo kept > /data/kept; exec sleep 1000"
ONLY_REAL = {  # what the real directory has and the simulated one has not, and why
    r"/(buildkit|containerd)/.*|/containerd": "databases, and stores of other programs",
    r"/network/files/local-kv.db|/volumes/metadata.db": "databases",
    r"/image/overlay2/layerdb/sha256/\w+/tar-split.json.gz": "what tar-split needs to write the tar again",
    r"/(overlay2|volumes)/backingFsBlockDev": "a device node for quotas, on file systems that have them",
    r"/overlay2/[\w-]+/work/work/#\w+": "overlayfs's own whiteout, which newer kernels keep",
}
OTHER_CONTENT = {  # where only the content differs, and why
    r"/containers/\w+/(config.v2|hostconfig).json": "only what the engine knows: compared by key",
    r"/containers/\w+/.*-json.log": "the time, and the real shell's own words",
    r"/containers/\w+/(hosts|resolv.conf(.hash)?)": "the host's own name server; IPv6 or not",
    r"/image/overlay2/imagedb/metadata/sha256/\w+/lastUpdated": "a moment",
    r"/image/overlay2/repositories.json": "the order: compared as a document",
}


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The ids that the real docker gave (by name), and its directory while a container runs and when it was stopped."""
    folder = tmp_path_factory.mktemp("docker")
    save_image(images(), folder / "images.tar", "docker-archive")
    with docker(folder) as (run, data):
        version = run("version", "-f", "{{.Server.Version}}").strip()
        if not version.startswith("20.10."):
            pytest.skip(f"the directory compared is that of Docker 20.10, and this is {version}")
        run("load", "-i", folder / "images.tar")
        quiet = ("--network", "none")
        run("create", "--name", "created", *quiet, "host:latest", "sleep", "1000")
        run("create", "--name", "runs", *quiet, "-v", "vol:/data", "deep:1", "sh", "-c", WRITE)
        run("create", "--name", "fails", *quiet, "host:latest", "/no/such/program")
        with pytest.raises(subprocess.CalledProcessError):
            run("start", "fails")
        run("start", "runs")
        run("exec", "runs", "sh", "-c", "until test -s /data/kept; do sleep 0.1; done")
        run("commit", "runs", "made:1")
        ids = {name: run("inspect", "-f", "{{.Id}}", name).strip() for name in ("created", "runs", "fails", "made:1")}
        running = found(data)
        run("stop", "-t", "0", "runs")
        return ids, running, found(data)


def engine_of(ids, tree):
    """Return an engine that knows what the real docker knows; the model's union does what the container has written."""
    engine = Engine(seed=0)
    engine.load(images())
    engine.create("host:latest", "sleep", "1000", name="created", network="none", attached=True)
    engine.create("deep:1", "sh", "-c", WRITE, name="runs", network="none", volume=["vol:/data"], attached=True)
    engine.create("host:latest", "/no/such/program", name="fails", network="none", attached=True)
    engine.change_state(engine.container("fails"), error="no such file", exit_code=127)
    container = engine.container("runs")
    files = UnionFilesystem(engine.layers_below(container), container.written.copy())
    files.mkdir("/data", 0o755)  # where the volume is mounted
    write(files, "/new", b"x\n")
    files.unlink("/etc/note")
    files.rmdir("/mnt")
    files.mkdir("/mnt", 0o755)
    container = engine.change(container, written=files.read_write_layer)
    volume = UnionFilesystem([])
    write(volume, "/kept", b"kept\n")
    engine.store.put("trees", "volume:vol", volume.read_write_layer)
    put_commit(engine, container, tree[f"/image/overlay2/imagedb/content/{ids['made:1'].replace(':', '/')}"][-1])
    return engine


def write(files, path, data):
    descriptor = files.open(path, O_WRONLY | O_CREAT, 0o644)
    files.write(descriptor, data)
    files.close(descriptor)


def put_commit(engine, container, raw):
    """Put the committed image into the engine: the real config, and the model's layer under the real tar's diff_id."""
    config = ImageConfig.parse(raw, "made:1")
    upper = container.written.copy().freeze(container.layers[-1])
    layer = replace(upper, known_diff_id=config.diff_ids[-1])
    stored = StoredImage(Image(config, (*container.layers, layer)), container.image, container.id, tagged=1)
    engine.store.put("images", stored.id, stored)
    engine.store.put("references", "made:1", stored.id)


def renamed(tree, ids, engine):
    """Return the real ``tree`` with our names in place of those that docker has drawn at random."""
    ours = {}
    for container in engine.containers.values():
        theirs = ids[container.name]
        ours |= {theirs: container.id, theirs[:12]: container.id[:12]}
        ours[text(tree, f"/image/overlay2/layerdb/mounts/{theirs}/mount-id")] = mount_id(container.id)
    for layer in image_layers(engine).values():
        ours[text(tree, f"/image/overlay2/layerdb/{layer.chain_id.replace(':', '/')}/cache-id")] = cache_id(layer)
    for path in tree:
        if match := re.fullmatch(r"/overlay2/(\w{64})(-init)?/link", path):
            ours[text(tree, path)] = link_name(ours[match[1]] + (match[2] or ""))

    def rename(data):
        return re.sub(
            rb"[0-9a-f]{12,64}|[A-Z2-7]{26}", lambda match: ours.get(match[0].decode(), "").encode() or match[0], data
        )

    return {
        os.fsdecode(rename(os.fsencode(path))): (
            *what,
            content if "/imagedb/content/" in path else content and rename(content),
        )
        for path, (*what, content) in tree.items()
    }


def text(tree, path):
    return tree[path][-1].decode()


@pytest.fixture(scope="module", params=["running", "stopped"])
def trees(real, request):
    """The real directory and the simulated one, while the container runs and when it was stopped."""
    ids, running, stopped = real
    tree = running if request.param == "running" else stopped
    engine = engine_of(ids, tree)
    engine.change_state(engine.container("runs"), status=Status.RUNNING, pid=1, started=1)
    if request.param == "stopped":
        engine.change_state(
            engine.container("runs"), status=Status.EXITED, pid=0, exit_code=137, finished=2, stopped_by_hand=True
        )
    return renamed(tree, ids, engine), simulated(docker_directory(engine), "/var/lib/docker"), engine


def is_one_of(path, patterns):
    return any(re.fullmatch(pattern, path) for pattern in patterns)


def test_it_has_every_name_that_docker_s_has_but_for_those_of_a_short_list(trees):
    theirs, ours, _engine = trees
    assert sorted(path for path in theirs.keys() - ours.keys() if not is_one_of(path, ONLY_REAL)) == []
    assert sorted(ours.keys() - theirs.keys()) == []


def test_everything_is_of_the_same_kind_and_mode_and_has_the_same_marks(trees):
    theirs, ours, _engine = trees
    different = {
        path: (ours[path][:-1], theirs[path][:-1])
        for path in ours.keys() & theirs
        if ours[path][:-1] != theirs[path][:-1]
    }
    assert different == {}


def test_everything_has_the_same_content_but_for_a_short_list(trees):
    theirs, ours, _engine = trees
    different = {
        path: (ours[path][-1], theirs[path][-1]) for path in ours.keys() & theirs if ours[path][-1] != theirs[path][-1]
    }
    assert {path: what for path, what in different.items() if not is_one_of(path, OTHER_CONTENT)} == {}


def test_repositories_json_says_the_same(trees):
    theirs, ours, _engine = trees
    path = "/image/overlay2/repositories.json"
    assert json.loads(ours[path][-1]) == json.loads(theirs[path][-1])


def test_the_layerdb_s_names_are_the_chain_ids_of_the_images(trees):
    theirs, _ours, engine = trees
    where = "/image/overlay2/layerdb/sha256/"
    names = {path.removeprefix(where) for path in theirs if re.fullmatch(rf"{where}\w+", path)}
    stacks = [stored.image.config.diff_ids for stored in engine.images_by_id.values()]
    assert names == {
        chain_id(stack[:depth]).removeprefix("sha256:") for stack in stacks for depth in range(1, len(stack) + 1)
    }


def test_a_container_s_config_says_the_same_where_it_says_anything(trees):
    theirs, ours, engine = trees
    for container in engine.containers.values():
        path = f"/containers/{container.id}/config.v2.json"
        real, simulated = json.loads(theirs[path][-1]), json.loads(ours[path][-1])
        assert simulated.keys() <= real.keys()
        for key in ("ID", "Path", "Args", "Config", "Image", "Name", "Driver", "OS", "RestartCount"):
            assert (key, simulated[key]) == (key, real[key])
        for key in ("Running", "Paused", "Restarting", "Dead", "ExitCode"):
            assert (key, simulated["State"][key]) == (key, real["State"][key])
        for key in ("LogPath", "HostnamePath", "HostsPath", "ResolvConfPath"):
            assert bool(simulated[key]) is bool(real[key])
        for key in ("HasBeenStartedBefore", "HasBeenManuallyStopped"):
            assert (key, simulated[key]) == (key, real[key])
        assert {place: point["Name"] for place, point in simulated["MountPoints"].items()} == {
            place: point["Name"] for place, point in real["MountPoints"].items()
        }


def test_a_container_s_hostconfig_says_the_same_where_it_says_anything(trees):
    theirs, ours, engine = trees
    for container in engine.containers.values():
        path = f"/containers/{container.id}/hostconfig.json"
        real, simulated = json.loads(theirs[path][-1]), json.loads(ours[path][-1])
        simulated["CgroupnsMode"] = real["CgroupnsMode"]  # the kernel's control groups decide that: version 1 or 2
        assert {key: real.get(key) for key in simulated} == {
            key: value or real.get(key) for key, value in simulated.items()
        }


def test_merged_is_there_only_while_the_container_runs(trees):
    theirs, ours, engine = trees
    merged = {path for path in theirs if re.fullmatch(r"/overlay2/\w+/merged", path)}
    assert merged == {path for path in ours if re.fullmatch(r"/overlay2/\w+/merged", path)}
    assert len(merged) == engine.container("runs").is_running

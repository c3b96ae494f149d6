"""The simulated stores of containerd and those that it makes of the same images: the same names, modes and contents."""

import re
import subprocess
import time

import pytest
from disk_trees import found, images, simulated

from course.engine.disk.directory import docker_directory
from course.engine.engine import Engine
from course.transport.writing import save_image

pytestmark = [pytest.mark.linux, pytest.mark.root, pytest.mark.peer("containerd", "ctr")]

ONLY_REAL = {  # what the real directory has and the simulated one has not, and why
    r".*/(meta|metadata).db": "databases",
    r"/io.containerd.(grpc|sandbox|mount-manager).*": "a random name of this containerd; what other plugins keep",
    r"/io.containerd.runtime.v1.linux": "gone in containerd 2",
    r"/io.containerd.snapshotter.v1.(btrfs|native|zfs|blockfile|devmapper|erofs).*": "other snapshotters",
}


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """The directory of a containerd with two images, and the simulated one."""
    folder = tmp_path_factory.mktemp("containerd")
    chosen = images()[:2]  # of this machine's architecture: others are not unpacked
    save_image(chosen, folder / "images.tar")
    places = f'root = "{folder}/root"\nstate = "{folder}/state"\n[grpc]\naddress = "{folder}/socket"\n'
    (folder / "config.toml").write_text(f'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n{places}')
    ctr = ["ctr", "-a", f"{folder}/socket"]
    with (folder / "log").open("wb") as log:
        daemon = subprocess.Popen(["containerd", "-c", folder / "config.toml"], stdout=log, stderr=log)
    try:
        for _attempt in range(150):
            if subprocess.run([*ctr, "version"], check=False, capture_output=True).returncode == 0:
                break
            time.sleep(0.2)
        imported = ["images", "import", folder / "images.tar"]
        collected = [
            ["leases", "create", "--id", "own"],
            ["leases", "delete", "--sync", "own"],
        ]  # and the index that nothing needs any more
        for command in (imported, *collected):
            subprocess.run([*ctr, *command], check=True, capture_output=True)
        theirs = found(folder / "root")
    finally:
        daemon.terminate()
        daemon.wait(30)
    engine = Engine(seed=0)
    engine.load(chosen)
    return theirs, simulated(docker_directory(engine, "29"), "/var/lib/containerd")


def test_it_has_every_name_that_containerd_s_has_but_for_those_of_a_short_list(stores):
    theirs, ours = stores
    missing = {path for path in theirs.keys() - ours.keys() if not any(re.fullmatch(name, path) for name in ONLY_REAL)}
    assert (missing, ours.keys() - theirs.keys()) == (set(), set())


def test_everything_is_of_the_same_kind_and_mode_and_has_the_same_marks_and_content(stores):
    theirs, ours = stores
    assert {path: (what, theirs.get(path)) for path, what in ours.items() if what != theirs.get(path)} == {}

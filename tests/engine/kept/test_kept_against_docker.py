"""The store of the real engine and the directory of a real Docker that did the same: names, modes and documents."""

import json
import re
import sys
from pathlib import Path

import pytest
from kept_stores import Memory, save_all

from course.engine.kept.container_records import OWN
from course.engine.kept.directory import Directory
from course.engine.records import Status

sys.path.insert(0, str(Path(__file__).parents[1] / "disk"))
from disk_trees import found
from test_disk_against_docker import ONLY_REAL, engine_of, is_one_of, real, renamed  # noqa: F401 (real is a fixture)

pytestmark = [pytest.mark.linux, pytest.mark.root, pytest.mark.peer("dockerd", "docker", "runc")]

OF_THE_KEEPER = r"/overlay2/.*|/volumes/\w+/_data.*"
OURS = {  # what the store has and docker's directory has not, and why
    r"/engine\.(json|lock)|/lost\+found": "the engine's own",
    r"/volumes/\w+/volume.json|/network/files/\w+.json": "docker has databases for them",
    r"/image/overlay2/imagedb/metadata/sha256/\w+(/(lastUpdated|container))?": "docker does not keep it of every image",
}


@pytest.fixture(scope="module")
def trees(real, tmp_path_factory):  # noqa: F811
    """The real directory after all containers have ended, and the store of an engine that knows the same."""
    ids, _running, stopped = real
    engine = engine_of(ids, stopped)
    engine.change_state(
        engine.container("runs"), status=Status.EXITED, exit_code=137, started=1, finished=2, stopped_by_hand=True
    )
    path = tmp_path_factory.mktemp("kept") / "store"
    keeper = Memory(path)
    with Directory.opened(path, keeper) as directory:
        save_all(directory, keeper, engine)
    ours, theirs = found(path), renamed(stopped, ids, engine)
    return (
        *(
            {name: what for name, what in tree.items() if not re.fullmatch(OF_THE_KEEPER, name)}
            for tree in (theirs, ours)
        ),
        engine,
    )


def test_it_has_the_names_that_docker_s_has_but_for_a_short_list(trees):
    theirs, ours, engine = trees
    logs = {f"/containers/{each.id}/{each.id}-json.log" for each in engine.containers.values()}  # the monitor's
    missing = [path for path in theirs.keys() - ours if not is_one_of(path, ONLY_REAL) and path not in logs]
    assert sorted(missing) == []
    assert sorted(path for path in ours.keys() - theirs if not is_one_of(path, OURS)) == []


def test_everything_is_of_the_same_kind_and_mode(trees):
    theirs, ours, _engine = trees
    different = {path for path in ours.keys() & theirs if ours[path][0] != theirs[path][0]}
    assert different == set()


def test_images_and_layers_are_the_same_byte_for_byte(trees):
    theirs, ours, _engine = trees
    shared = [path for path in ours.keys() & theirs if path.startswith("/image/") and "lastUpdated" not in path]
    documents = "/image/overlay2/repositories.json"
    assert {path for path in shared if ours[path][-1] != theirs[path][-1]} <= {documents}
    assert json.loads(ours[documents][-1]) == json.loads(theirs[documents][-1])
    assert len(shared) > 50


@pytest.mark.parametrize("name", ["config.v2.json", "hostconfig.json"])
def test_a_container_s_documents_have_docker_s_properties_and_one_more(trees, name):
    theirs, ours, engine = trees
    for container in engine.containers.values():
        path = f"/containers/{container.id}/{name}"
        known, real_one = json.loads(ours[path][-1]), json.loads(theirs[path][-1])
        assert known.keys() - real_one.keys() == ({OWN} if name == "config.v2.json" else set())

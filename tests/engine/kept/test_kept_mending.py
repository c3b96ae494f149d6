"""What `course engine check` finds, and what `course engine gc` does about it; and what is never written at all."""

import pytest
from faulty_disk import FaultyDisk
from kept_stores import Memory, changes_of, comparable, small_engine

from course.engine.kept.checking import check, gc
from course.engine.kept.directory import LOST, Directory
from course.engine.system_files import with_init_layer
from course.union.overlay2_names import cache_id, link_name, mount_id

pytestmark = pytest.mark.linux
NOBODY = 64 * "a"


@pytest.fixture
def kept(tmp_path):
    """An open directory with a container and a volume that has files, its keeper, and the engine."""
    path = tmp_path / "store"
    engine, keeper = small_engine(), Memory(path)
    engine.volume_create("notes")
    engine.create("base:1", "true", name="box", volume=["notes:/data"])
    with Directory.opened(path, keeper) as directory:
        directory.save(changes_of(engine.store.tables), engine.store.tables)
        (path / "volumes/notes/_data").mkdir()
        (path / "volumes/notes/_data/dear").write_text("mine")
        for end in ("", "-init"):
            keeper.make(mount_id(engine.container("box").id) + end)
        yield directory, keeper, engine


def put(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


LEFT = {
    "a draft": (lambda root, keeper: put(root / "volumes/notes/.volume.json.new"), "is the draft of a file"),
    "a layer's directory": (lambda root, keeper: keeper.make(NOBODY), "no image and no container has this directory"),
    "a container's directory": (lambda root, keeper: keeper.make(f"{NOBODY}-init"), "no image and no container has"),
    "what a keeper had begun": (lambda root, keeper: put(root / f"overlay2/{NOBODY}-draft/a"), "no image and no cont"),
    "a link": (lambda root, keeper: (root / "overlay2/l/ABC").symlink_to(f"../{NOBODY}/diff"), "leads nowhere"),
    "a link out": (lambda root, keeper: (root / "overlay2/l/ABC").symlink_to("/etc"), "leads nowhere"),
    "a file for a link": (lambda root, keeper: put(root / "overlay2/l/ABC"), "leads nowhere"),
    "a layer": (
        lambda root, keeper: put(root / f"image/overlay2/layerdb/sha256/{NOBODY}/diff", "sha256:" + NOBODY),
        "no image and no container has this layer",
    ),
    "a mount": (lambda root, keeper: put(root / f"image/overlay2/layerdb/mounts/{NOBODY}/parent"), "no container"),
    "metadata": (
        lambda root, keeper: put(root / f"image/overlay2/imagedb/metadata/sha256/{NOBODY}/parent"),
        "no image",
    ),
    "a log": (lambda root, keeper: put(root / f"containers/{NOBODY}/{NOBODY}-json.log"), "holds a log, perhaps"),
}
KEPT = {
    "a volume's files": (lambda root, keeper: put(root / "volumes/lost/_data/dear", "mine"), "there is no record of"),
    "a stranger": (lambda root, keeper: put(root / "containers/notes.txt", "mine"), "nothing that an engine has put"),
    "another one": (lambda root, keeper: put(root / "overlay2/mine/notes.txt", "mine"), "nothing that an engine has"),
}


def lost(root):
    """Return the files in lost+found that hold something dear."""
    return [path for path in (root / LOST).rglob("*") if path.is_file() and path.read_text() == "mine"]


def test_a_store_in_order_is_in_order(kept):
    directory, keeper, engine = kept
    keeper.keep(with_init_layer(engine.container("box").layers)[-1])  # the runtime's, for all containers of the image
    assert check(directory) == []
    assert gc(directory) == []


@pytest.mark.parametrize("left", LEFT | KEPT)
def test_what_is_left_over_is_found_and_mended_and_nothing_else(kept, left):
    directory, keeper, engine = kept
    make, told = (LEFT | KEPT)[left]
    make(directory.path, keeper)
    findings = check(directory)
    assert len(findings) in (1, 2)  # a directory and its link
    assert told in findings[0].text
    assert findings[0].text.startswith(f"{findings[0].path}: ")
    said = gc(directory)
    assert len(said) >= 1
    assert check(directory) == []
    assert comparable(directory.load()).keys() == comparable(engine.store.tables).keys()
    assert len(directory.load()["containers"]) == 1
    assert (directory.path / "volumes/notes/_data/dear").read_text() == "mine"
    assert len(lost(directory.path)) == (left in KEPT)


def test_what_a_container_with_a_damaged_record_wrote_is_put_aside(kept):
    directory, _keeper, engine = kept
    own = directory.path / "overlay2" / mount_id(engine.container("box").id)
    put(own / "diff/dear", "mine")
    (directory.path / "containers" / engine.container("box").id / "hostconfig.json").write_text("{")
    assert directory.load()["containers"] == {}
    gc(directory)
    assert check(directory) == []
    assert not own.exists()
    assert len(lost(directory.path)) == 1


def test_files_of_a_volume_with_a_damaged_record_are_put_aside_with_it(kept):
    directory, _keeper, _engine = kept
    (directory.path / "volumes/notes/volume.json").write_text("")
    gc(directory)
    assert check(directory) == []
    assert [path.parent.parent.name for path in lost(directory.path)] == ["volumes-notes"]


def test_nothing_of_a_container_that_runs_is_touched_whatever_its_record(kept):
    directory, keeper, engine = kept
    container = engine.container("box")
    keeper.alive = {container.id}
    own = directory.path / "containers" / container.id
    (own / "config.v2.json").write_text("torn")
    for image in (directory.path / "image/overlay2/imagedb/content/sha256").iterdir():
        image.unlink()
    assert gc(directory) != []  # other images' layers
    assert (own / "config.v2.json").read_text() == "torn"
    names = {mount_id(container.id), f"{mount_id(container.id)}-init", cache_id(container.layers[0])}
    assert {path.name for path in (directory.path / "overlay2").iterdir()} == {*names, "l"}
    assert {path.name for path in (directory.path / "overlay2/l").iterdir()} == set(map(link_name, names))
    assert (directory.path / "image/overlay2/layerdb/mounts" / container.id / "parent").exists()


def test_two_things_of_one_name_in_lost_and_found_are_both_kept(kept):
    directory, _keeper, _engine = kept
    for _ in range(2):
        put(directory.path / "volumes/lost/_data/dear", "mine")
        gc(directory)
    assert len(lost(directory.path)) == 2


def test_names_of_an_image_that_is_gone_are_written_away(kept):
    directory, _keeper, engine = kept
    image = engine.image("greeter:1").id
    (directory.path / "image/overlay2/imagedb/content" / image.replace(":", "/")).unlink()
    assert any("greeter:1: means the image" in finding.text for finding in check(directory))
    gc(directory)
    assert check(directory) == []
    assert "greeter:1" not in directory.load()["references"]


def test_a_layer_whose_files_are_gone_is_said_and_its_images_are_put_aside(kept):
    directory, keeper, engine = kept
    top = engine.image("greeter:1").image.layers[-1]
    keeper.forget(cache_id(top))
    assert any("is not there" in finding.text for finding in check(directory))
    gc(directory)
    assert check(directory) == []
    assert "base:1" in directory.load()["references"]


@pytest.mark.parametrize("name", ["base:1", "greeter:1"])
def test_with_an_image_goes_the_layer_that_the_runtime_has_put_on_it(kept, name):
    directory, keeper, engine = kept
    layers = engine.image(name).image.layers
    keeper.keep(with_init_layer(layers)[-1])
    engine.rm("box")
    directory.save(engine.journal.events[-1].changes, engine.store.tables)
    engine.rmi(name)
    directory.save(engine.journal.events[-1].changes, engine.store.tables)
    assert check(directory) == []
    assert not (directory.path / "overlay2" / cache_id(with_init_layer(layers)[-1])).exists()


# What is not written


def test_a_run_that_is_over_and_removed_makes_no_system_call_at_all(kept, monkeypatch):
    directory, _keeper, engine = kept
    engine.run("base:1", "true", rm=True)
    directory.save(engine.journal.events[-1].changes, engine.store.tables)  # which may have to reserve ids
    engine.run("base:1", "true", rm=True, volume=["/anonymous"])
    disk = FaultyDisk(monkeypatch)
    directory.save(engine.journal.events[-1].changes, engine.store.tables)
    assert disk.calls == []


def test_a_container_with_rm_that_goes_on_is_on_record_and_nothing_waits_for_the_disk(kept, monkeypatch):
    directory, _keeper, engine = kept
    engine.run("base:1", "true", rm=True)
    directory.save(engine.journal.events[-1].changes, engine.store.tables)
    with monkeypatch.context() as patch:
        disk = FaultyDisk(patch)
        engine.run("base:1", "sh", "-c", "while true; do sleep 1; done", rm=True, detach=True, name="rests")
        directory.save(engine.journal.events[-1].changes, engine.store.tables)
        assert "replace" in {name for name, _path in disk.calls}
        assert "fsync" not in {name for name, _path in disk.calls}
    assert {container.name for container in directory.load()["containers"].values()} == {"box", "rests"}
    engine.kill("rests")
    directory.save(engine.journal.events[-1].changes, engine.store.tables)
    assert {container.name for container in directory.load()["containers"].values()} == {"box"}
    assert check(directory) == []


def test_what_changes_one_document_writes_syncs_and_renames_one_file(kept, monkeypatch):
    directory, _keeper, engine = kept
    engine.rename("box", "other")
    disk = FaultyDisk(monkeypatch)
    directory.save(engine.journal.events[-1].changes, engine.store.tables)
    draft, folder = "unlink open write fsync chmod".split(), "open fsync".split()
    assert [name for name, _path in disk.calls] == [*draft, *folder, "replace", *folder]

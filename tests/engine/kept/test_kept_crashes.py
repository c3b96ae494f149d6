"""A crash at any system call leaves what was before or what is after; so does a disk that refuses."""

import copy
import os
import shutil

import pytest
from faulty_disk import NO_SPACE, READ_ONLY, Died, FaultyDisk
from kept_stores import Memory, changes_of, comparable, small_engine

from course.engine.kept.checking import check, gc
from course.engine.kept.directory import Directory
from course.engine.kept.writing import LIST
from course.errors import MachineError
from course.layers.small_image import small_images

pytestmark = pytest.mark.linux


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No power cut comes while the tests run: what was synced is counted, and not waited for."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


def prepared():
    """Return an engine on which every one of STEPS can be done."""
    engine = small_engine()
    engine.volume_create("one")
    engine.volume_create("two")
    engine.create("base:1", "true", name="aa", volume=["/anonymous"])
    engine.create("base:1", "true", name="bb")
    engine.run("base:1", "sh", "-c", "echo hi > /new", name="ran")
    engine.create("greeter:1", "true", name="keeps")
    engine.rmi("greeter:1", force=True)
    return engine


STEPS = {
    "create": lambda engine: engine.create("base:1", "true", name="cc"),
    "create with volumes": lambda engine: engine.create("base:1", "true", volume=["/x", "named:/y"]),
    "remove one": lambda engine: engine.rm("bb"),
    "remove two": lambda engine: engine.rm("aa", "bb"),
    "remove with its volume": lambda engine: engine.rm("aa", volumes=True),
    "remove the last with a layer": lambda engine: engine.rm("keeps"),
    "update": lambda engine: engine.update("aa", memory=64 << 20),
    "rename": lambda engine: engine.rename("aa", "zz"),
    "commit": lambda engine: engine.commit("ran", "made:1"),
    "tag": lambda engine: engine.tag("base:1", "other:1"),
    "remove an image": lambda engine: engine.rmi(next(name for name in engine.references if "base" not in name)),
    "load": lambda engine: engine.load([small_images()["greeter:1"]]),
    "remove volumes": lambda engine: engine.volume_rm("one", "two"),
    "make a network": lambda engine: engine.network_create("back"),
}


@pytest.fixture(scope="module", params=STEPS)
def step(request, tmp_path_factory):
    """A directory with what an engine knew before a step, what it knew, what the step changed, what it knows then."""
    path = tmp_path_factory.mktemp("store")
    engine, keeper = prepared(), Memory(path)
    with Directory.opened(path, keeper) as directory:
        directory.save(changes_of(engine.store.tables), engine.store.tables)
    before = {name: dict(table) for name, table in engine.store.tables.items()}
    STEPS[request.param](engine)
    return path, keeper.layers, before, engine.journal.events[-1].changes, engine.store.tables


def fresh(step, tmp_path, number):
    """Return a copy of the directory, and a keeper for it."""
    path = tmp_path / str(number)
    shutil.copytree(step[0], path, symlinks=True)
    keeper = Memory(path)
    keeper.layers = copy.copy(step[1])
    keeper.containers = {**step[2]["containers"], **step[4]["containers"]}
    keeper.trees = {**step[2]["trees"], **step[4]["trees"]}
    return path, keeper


def known_after(path, keeper):
    """Return what an engine finds afterwards: nothing is damaged."""
    with Directory.opened(path, keeper) as directory:
        found = comparable(directory.load())
        assert directory.problems == []
    return found


def mended(path, keeper):
    """See to it that what was left over is found, and gone once it was mended."""
    with Directory.opened(path, keeper) as directory:
        gc(directory)
        assert check(directory) == []


def saved(step, path, keeper, faulty):
    """Save the step's changes; return what was raised, or None."""
    directory = Directory.opened(path, keeper)
    try:
        with pytest.MonkeyPatch.context() as patch:
            disk = faulty(patch)
            try:
                directory.save(step[3], step[4])
            except (Died, MachineError) as error:
                return disk, error
            return disk, None
    finally:
        directory.close()


def test_a_crash_at_any_call_leaves_what_was_or_what_is(step, tmp_path):
    before, after = comparable(step[2]), comparable(step[4])
    assert before != after
    outcomes = []
    for number in range(1000):
        path, keeper = fresh(step, tmp_path, number)
        _disk, error = saved(step, path, keeper, lambda patch: FaultyDisk(patch, number))  # noqa: B023
        found = known_after(path, keeper)
        assert found in (before, after)
        mended(path, keeper)
        assert known_after(path, keeper) == found
        outcomes.append(found == after)
        if error is None:
            break
    assert outcomes == sorted(outcomes)  # once it is decided it stays so
    assert outcomes[-1]
    assert not outcomes[0]


@pytest.mark.parametrize(("raised", "lasts"), [(NO_SPACE, True), (READ_ONLY, False)])
def test_a_disk_that_refuses_leaves_all_as_it_was(step, tmp_path, raised, lasts):
    before, after = comparable(step[2]), comparable(step[4])
    refused = 0
    for number in range(1000):
        path, keeper = fresh(step, tmp_path, number)
        disk, error = saved(step, path, keeper, lambda patch: FaultyDisk(patch, number, raised, lasts=lasts))  # noqa: B023
        is_late = "the disk does not confirm it" in str(error)
        assert known_after(path, keeper) == (before if error and not is_late else after)
        assert not error or is_late or "nothing was changed" in str(error)
        refused += bool(error)
        if number >= len(disk.calls):
            break
    assert refused > 3


def test_a_crash_while_a_crash_is_mended_changes_nothing(step, tmp_path):
    before, after = comparable(step[2]), comparable(step[4])
    seen = 0
    for number in range(1000):
        path, keeper = fresh(step, tmp_path, number)
        _disk, error = saved(step, path, keeper, lambda patch: FaultyDisk(patch, number))  # noqa: B023
        if error is None:
            break
        if not (path / LIST).exists():
            continue
        seen += 1
        for second in range(1000):
            with pytest.MonkeyPatch.context() as patch:
                FaultyDisk(patch, second)
                try:
                    Directory.opened(path, keeper).close()
                    break
                except Died:
                    continue
        assert known_after(path, keeper) == after != before
        shutil.rmtree(path)


def test_a_directory_that_was_half_made_is_made_at_the_next_try(tmp_path):
    for number in range(1000):
        path = tmp_path / str(number)
        with pytest.MonkeyPatch.context() as patch:
            FaultyDisk(patch, number)
            try:
                Directory.opened(path, Memory(path)).close()
                died = False
            except Died:
                died = True
        with Directory.opened(path, Memory(path)) as directory:
            assert check(directory) == []
        if not died:
            break
    assert number > 50


def test_all_is_synced_before_it_counts_and_before_it_is_acknowledged(step, tmp_path):
    path, keeper = fresh(step, tmp_path, 0)
    disk, error = saved(step, path, keeper, FaultyDisk)
    assert error is None
    synced, written, pending = set(), set(), set()
    for name, place in disk.calls:
        folder = os.path.dirname(place)
        if f"{path}/overlay2" in place or f"{path}/tmp" in place:
            continue
        if name == "write":
            written.add(place)
        elif name == "fsync":
            synced.add(place)
            pending.discard(place)
        elif name == "replace" and not place.endswith(".new"):
            pending.add(folder)  # something goes into the trash
        elif name == "replace":
            assert place in synced or place not in written, f"{place} counts before it is synced"
            if place == f"{path}/.{LIST}.new":
                assert pending == set(), "the list counts before its drafts are sure to be there"
            pending.add(folder)
        elif name in ("open", "mkdir") and not place.startswith(str(path / "tmp")):
            pending.add(folder) if name == "mkdir" else None
        elif name == "unlink" and place == str(path / LIST):
            assert pending == set(), "the list is gone before what it tells is sure to be done"
            pending.add(str(path))
    left = {os.path.relpath(each, path) for each in pending}
    assert left <= {
        "image/overlay2/imagedb/metadata/sha256",
        "image/overlay2/layerdb/sha256",
        "image/overlay2/layerdb/mounts",
    }

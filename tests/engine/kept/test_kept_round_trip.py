"""What an engine knows comes back from disk as it was."""

import json

import pytest
from kept_stores import Memory, busy_engine, changes_of, comparable, save_all, small_engine, write_logs

from course.engine.kept.directory import RESERVED, Directory
from course.engine.records import Status


def kept(tmp_path, engine):
    """Return what comes back of all that ``engine`` knows, and the directory's path."""
    keeper = Memory(tmp_path / "store")
    with Directory.opened(tmp_path / "store", keeper) as directory:
        save_all(directory, keeper, engine)
    with Directory.opened(tmp_path / "store", keeper) as directory:
        found = directory.load()
        assert directory.problems == []
    return found


def test_everything_that_an_engine_knows_comes_back(tmp_path):
    engine = busy_engine()
    found = kept(tmp_path, engine)
    for name, table in comparable(engine.store.tables).items():
        assert comparable(found)[name] == table, name
    states = {container.state.status for container in engine.containers.values()}
    assert states >= {Status.CREATED, Status.RUNNING, Status.PAUSED, Status.EXITED, Status.RESTARTING}


def test_an_engine_goes_on_from_what_came_back_as_from_what_it_knew(tmp_path):
    engine, other = busy_engine(), small_engine()
    found = kept(tmp_path, engine)
    found["trees"]["host"] = engine.store.tables["trees"]["host"]
    machine = engine.store.tables["machine"]
    other.store.tables = found | {"machine": found["machine"] | {"clock": machine["clock"], "ids": machine["ids"]}}
    other.clock.now = engine.clock.now
    assert other.inspect("full", "ended", "runs", "made:1", "back", "notes") == engine.inspect(
        "full", "ended", "runs", "made:1", "back", "notes"
    )
    assert other.commit("ended") == engine.commit("ended")
    assert [each.id for each in other.ps(all=True)] == [each.id for each in engine.ps(all=True)]
    assert other.logs("ended") == engine.logs("ended")


def test_what_changes_step_by_step_comes_back_as_what_is_saved_at_once(tmp_path):
    engine, keeper = busy_engine(), Memory(tmp_path / "store")
    begun = engine.at(0)
    with Directory.opened(tmp_path / "store", keeper) as directory:
        directory.save(changes_of(begun.store.tables), begun.store.tables)
        for step, event in enumerate(engine.journal.events, 1):
            now = engine.at(step).store.tables
            keeper.containers |= now["containers"]
            keeper.trees |= now["trees"]
            directory.save(event.changes, now)
    write_logs(tmp_path / "store", engine.store.tables)
    with Directory.opened(tmp_path / "store", keeper) as directory:
        assert comparable(directory.load()) == comparable(engine.store.tables)
        assert directory.problems == []


def test_what_is_undone_is_undone_on_disk(tmp_path):
    engine, keeper = busy_engine(), Memory(tmp_path / "store")
    with Directory.opened(tmp_path / "store", keeper) as directory:
        save_all(directory, keeper, engine)
        while engine.journal.position:
            event = engine.journal.events[engine.journal.position - 1]
            engine.undo()
            back = [type(each)(each.table, each.key, each.after, each.before) for each in reversed(event.changes)]
            directory.save(back, engine.store.tables)
        assert comparable(directory.load()) == comparable(engine.store.tables)
        assert sorted(path.name for path in (tmp_path / "store/overlay2").iterdir()) == ["l"]
        assert list((tmp_path / "store/image/overlay2/layerdb/sha256").iterdir()) == []
        assert list((tmp_path / "store/tmp").iterdir()) == []


def test_a_directory_that_is_new_has_nothing_and_a_seed_that_stays(tmp_path):
    keeper = Memory(tmp_path / "store")
    with Directory.opened(tmp_path / "store", keeper) as directory:
        tables, seed = directory.load(), directory.seed
        assert not any(table for name, table in tables.items() if name != "machine")
    with Directory.opened(tmp_path / "store", keeper) as directory:
        assert directory.seed == seed


def test_an_id_that_was_never_written_down_is_not_given_again(tmp_path):
    engine, keeper = small_engine(), Memory(tmp_path / "store")
    with Directory.opened(tmp_path / "store", keeper) as directory:
        save_all(directory, keeper, engine)
        for _ in range(3):
            engine.run("base:1", "true", rm=True)
            directory.save(engine.journal.events[-1].changes, engine.store.tables)
    with Directory.opened(tmp_path / "store", keeper) as directory:
        ids = engine.store.tables["machine"]["ids"]
        assert ids <= directory.load()["machine"]["ids"] <= ids + RESERVED


def test_the_documents_name_the_directory_in_which_they_are(tmp_path):
    kept(tmp_path, busy_engine())
    for path in (tmp_path / "store/containers").glob("*/config.v2.json"):
        config = json.loads(path.read_text())
        for name in ("LogPath", "HostsPath"):
            assert config[name] == "" or config[name].startswith(f"{path.parent}/")


@pytest.mark.parametrize("name", ["config.v2.json", "hostconfig.json"])
def test_nothing_is_written_for_what_is_kept_elsewhere(tmp_path, name):
    engine, keeper = busy_engine(), Memory(tmp_path / "store")
    with Directory.opened(tmp_path / "store", keeper) as directory:
        save_all(directory, keeper, engine)
        container = engine.container("ended")
        path = tmp_path / "store/containers" / container.id / name
        before = path.stat()
        with engine.store.transaction() as changes:
            engine.change(container, log=(), written=container.written.copy())
        directory.save(changes, engine.store.tables)
        assert path.stat() == before

"""Undo, redo, replay, and an engine in one file."""

import json
import zipfile

import pytest

from course.engine.engine import Engine
from course.engine.journal_file import read_journal, write_journal
from course.engine.records import Status
from course.errors import CourseError, DockerError
from course.layers.layer import Layer
from course.layers.small_image import small_images
from course.transport.limits import Limits

LOOP = "i=0; while true; do i=$((i+1)); echo $i >> /n; sleep 1; done"


def tables(engine):
    return {name: dict(records) for name, records in engine.store.tables.items()}


def seen(engine):
    """What can be told of an engine: its records, but for the objects that are only the same in one engine."""
    boxes = {box.id: (box.name, box.state, box.log, engine.diff(box.id)) for box in engine.containers.values()}
    return boxes, sorted(engine.images_by_id), engine.references, engine.volumes, engine.store.tables["machine"]


@pytest.fixture
def engine():
    made = Engine(seed=0)
    made.load(list(small_images().values()))
    return made


def test_a_thousand_commands_undo_to_the_empty_engine_exactly():
    engine = Engine(seed=0)
    empty = tables(engine)
    engine.load(list(small_images().values()))
    for number in range(333):
        engine.run("base:1", "sh", "-c", f"echo {number} > /f", name=f"box{number}", detach=number % 2 == 0)
        engine.commit(f"box{number}", f"image:{number}")
        engine.rm(f"box{number}", force=True)
    assert len(engine.journal.events) == 1000
    full = tables(engine)
    while engine.undo():
        pass
    assert tables(engine) == empty
    while engine.redo():
        pass
    assert tables(engine) == full


def test_processes_go_on_after_undo_where_they_were(engine):
    engine.run("base:1", "sh", "-c", LOOP, name="loop", detach=True)
    for _ in range(3):
        engine.exec("loop", "true")
    before = engine.exec("loop", "cat", "/n").stdout
    for _ in range(4):
        engine.exec("loop", "true")
    for _ in range(5):
        engine.undo()
    assert engine.exec("loop", "cat", "/n").stdout == before


def test_what_was_undone_is_gone_once_something_else_is_done(engine):
    engine.volume_create("data")
    engine.undo()
    engine.volume_create("other")
    assert engine.redo() is None
    assert list(engine.volumes) == ["other"]


def test_undo_and_redo_of_nothing_are_nothing():
    engine = Engine(seed=0)
    assert (engine.undo(), engine.redo()) == (None, None)


def test_an_engine_at_a_step_goes_its_own_way(engine):
    engine.run("base:1", "sleep", "1000", name="box", detach=True)
    engine.kill("box")
    earlier = engine.at(2)
    assert earlier.container("box").state.status is Status.RUNNING
    earlier.pause("box")
    assert engine.container("box").state.status is Status.EXITED
    with pytest.raises(ValueError, match="from 0 to that"):
        engine.at(4)


def test_a_refusal_leaves_no_event_and_takes_no_time(engine):
    before, now = tables(engine), engine.clock.now
    for refused in (lambda: engine.rm("nope"), lambda: engine.run("nope:1"), lambda: engine.create("base:1", memory=1)):
        with pytest.raises(DockerError):
            refused()
    engine.revive()
    assert tables(engine) == before
    assert (len(engine.journal.events), engine.clock.now) == (1, now)


def test_a_command_that_was_done_in_part_is_one_event(engine):
    engine.create("base:1", name="one")
    with pytest.raises(DockerError) as refusal:
        engine.rm("one", "two")
    assert (refusal.value.done, str(refusal.value)) == (["one"], "No such container: two")
    assert engine.journal.events[-1].command == "rm"
    engine.undo()
    assert "one" in engine.store.tables["names"]


def test_every_event_tells_what_the_containers_were_before_and_after(engine):
    engine.run("base:1", "true", name="box")
    [(before, after)] = engine.journal.events[-1].containers.values()
    assert (before, after.state.status) == (None, Status.EXITED)


def test_an_engine_comes_back_from_its_file_as_it_was(engine, tmp_path):
    engine.run("base:1", "sh", "-c", "echo hi > /data/f", volume=["data:/data"], name="box")
    engine.cp_to("box", "/tmp/", Layer.of({"/note": "hello"}))
    engine.run("base:1", "sh", "-c", LOOP, name="loop", detach=True)
    with pytest.raises(DockerError):
        engine.rm("box", "nope")
    engine.volume_create("undone")
    engine.undo()
    write_journal(engine, tmp_path / "engine.zip")
    back = read_journal(tmp_path / "engine.zip")
    assert seen(back) == seen(engine)
    assert back.exec("loop", "cat", "/n").stdout == engine.exec("loop", "cat", "/n").stdout
    assert back.journal.position == engine.journal.position


def test_the_same_commands_write_the_same_file(tmp_path):
    for name in ("one", "two"):
        engine = Engine(seed=7)
        engine.pull("greeter:1")
        engine.run("greeter:1", "true")
        write_journal(engine, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def rewritten(path, change):
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(members["journal.json"])
    change(document, members)
    members["journal.json"] = json.dumps(document).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda document, _members: document.update(format=99), "is of format 99; this course reads format 1"),
        (lambda document, _members: document.pop("seed"), "is no journal of an engine, or a damaged one"),
        (lambda document, _members: document.update(position=-5), "is no journal of an engine, or a damaged one"),
        (lambda document, _members: document.update(position=99), "is no journal of an engine, or a damaged one"),
        (lambda document, _members: document.update(events={}), "is no journal of an engine, or a damaged one"),
        (lambda document, _members: document.update(events=7), "is no journal of an engine, or a damaged one"),
        (lambda document, _members: document["events"][1].update(command="undo"), "is no journal of an engine"),
        (lambda document, _members: document["events"][1].update(command="_carry_out"), "is no journal of an engine"),
        (lambda document, _members: document["events"][1].update(command="nope"), "is no journal of an engine"),
        (lambda document, _members: document["events"][1].update(arguments=["nope:1"]), "step 2 (volume_create)"),
        (lambda document, _members: document["events"][1].update(changes=[]), "another version of the course wrote it"),
        (
            lambda _document, members: members.update(dict.fromkeys(list(members)[1:2], b"other")),
            "is no journal of an engine",
        ),
    ],
)
def test_a_damaged_file_is_refused_in_one_sentence(engine, tmp_path, change, words):
    engine.volume_create("data")
    path = tmp_path / "engine.zip"
    write_journal(engine, path)
    rewritten(path, change)
    with pytest.raises(CourseError) as refusal:
        read_journal(path)
    assert words in str(refusal.value)
    assert len(str(refusal.value).splitlines()) == 1


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all" * 100])
def test_what_is_no_journal_is_refused(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(CourseError, match="is no journal of an engine"):
        read_journal(tmp_path / "file")


def test_a_blob_that_unpacks_to_far_more_than_a_layer_can_is_not_unpacked(engine, tmp_path, monkeypatch):
    path = tmp_path / "engine.zip"
    write_journal(engine, path)
    monkeypatch.setattr("course.engine.journal_file.LIMITS", Limits(free=0, ratio=0))
    with pytest.raises(CourseError, match="is no journal of an engine"):
        read_journal(path)

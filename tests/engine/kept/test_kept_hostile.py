"""A store with any one of its files damaged: the engine comes up, says what is damaged, and touches nothing outside."""

import os
import shutil

import pytest
from kept_stores import Memory, changes_of, comparable, write_logs

from course.engine.engine import Engine
from course.engine.kept.checking import check, gc
from course.engine.kept.directory import LOST, Directory
from course.errors import CourseError, MachineError

pytestmark = pytest.mark.linux
SECRET = b"a secret outside"
DEEP = b'{"State": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def halved(path, _outside):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flipped(path, _outside):
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0x55
    path.write_bytes(bytes(data))


def written(data):
    def damage(path, _outside):
        path.write_bytes(data)

    return damage


def a_directory(path, _outside):
    path.unlink()
    path.mkdir()


def a_link(path, outside):
    path.unlink()
    path.symlink_to(outside / "secret")


def a_fifo(path, _outside):
    path.unlink()
    os.mkfifo(path)


def linked_folder(path, outside):
    """The directory of the file is a link to one outside that has the same."""
    shutil.copytree(path.parent, outside / "folder", symlinks=True)
    shutil.rmtree(path.parent)
    path.parent.symlink_to(outside / "folder")


DAMAGES = {
    "halved": halved,
    "empty": written(b""),
    "flipped": flipped,
    "no document": written(b"\0\xff"),
    "a list": written(b"[]"),
    "an object": written(b"{}"),
    "deep": written(DEEP),
    "large": written(b" " * (5 << 20)),
    "a directory": a_directory,
    "a link": a_link,
    "a fifo": a_fifo,
}
FIXED = {"engine.lock"}  # it says nothing that anyone reads but for a message


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No power cut comes while the tests run."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A directory with something of everything, and a keeper's memory of it."""
    path = tmp_path_factory.mktemp("store")
    engine, keeper = Engine(seed=0), Memory(path)
    engine.volume_create("notes", label=["a=b"])
    engine.run("base:1", "sh", "-c", "echo hi; echo hi > /new", name="ran", volume=["notes:/data"])
    engine.commit("ran", "made:1")
    keeper.containers, keeper.trees = engine.store.tables["containers"], engine.store.tables["trees"]
    with Directory.opened(path, keeper) as directory:
        directory.save(changes_of(engine.store.tables), engine.store.tables)
    write_logs(path, engine.store.tables)
    keeper.make(engine.container("ran").id)  # a stranger's directory of overlay2
    return path, keeper


def files_of(path):
    return sorted(
        str(each.relative_to(path)) for each in path.rglob("*") if each.is_file() and "overlay2/l/" not in str(each)
    )


def copied(store, tmp_path):
    path, outside = tmp_path / "store", tmp_path / "outside"
    shutil.copytree(store[0], path, symlinks=True)
    outside.mkdir()
    (outside / "secret").write_bytes(SECRET)
    keeper = Memory(path)
    keeper.layers, keeper.containers, keeper.trees = dict(store[1].layers), store[1].containers, store[1].trees
    return path, outside, keeper


@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_happens_to_a_file_the_engine_comes_up(store, tmp_path, damage):
    for number, name in enumerate(files_of(store[0])):
        if name in FIXED:
            continue
        path, outside, keeper = copied(store, tmp_path / str(number))
        DAMAGES[damage](path / name, outside)
        with Directory.opened(path, keeper) as directory:
            found = directory.load()
            assert all(isinstance(problem, str) and "\n" not in problem for problem in directory.problems)
            assert SECRET.decode() not in repr(found)
            gc(directory)
            again = [finding for finding in check(directory) if finding.path != "engine.json"]
            assert again == [], name
            assert comparable(directory.load()) == comparable(found) or "overlay2" in name
        assert (outside / "secret").read_bytes() == SECRET
        assert sorted(os.listdir(outside)) == ["secret"]
        shutil.rmtree(tmp_path / str(number))


def damaged(store, tmp_path, pattern, damage):
    """Return what is loaded, and what is said, when the files that match ``pattern`` are damaged; and where."""
    path, outside, keeper = copied(store, tmp_path)
    for file in sorted(path.glob(pattern)):
        DAMAGES[damage](file, outside) if damage in DAMAGES else damage(file, outside)
    with Directory.opened(path, keeper) as directory:
        return directory.load(), directory.problems, path, keeper


@pytest.mark.parametrize(
    ("pattern", "damage", "table", "told"),
    [
        ("containers/*/config.v2.json", "halved", "containers", "no valid JSON"),
        ("containers/*/config.v2.json", "an object", "containers", "'Course' is nothing; expected an object"),
        ("containers/*/config.v2.json", "deep", "containers", "nested 100001 deep; expected at most 64"),
        ("containers/*/config.v2.json", "a fifo", "containers", "is no regular file"),
        ("containers/*/hostconfig.json", "a link", "containers", "is no regular file"),
        ("volumes/*/volume.json", "an object", "volumes", "tells of something else"),
        ("network/files/*.json", "a list", "networks", "expected a JSON object"),
        ("image/overlay2/repositories.json", "large", "references", "has more than 4.19MB"),
        ("image/overlay2/imagedb/content/sha256/*", "flipped", "images", "is not that of the image whose name it has"),
        ("image/overlay2/layerdb/sha256/*/diff", "halved", "images", "is no digest"),
        ("image/overlay2/layerdb/sha256/*/cache-id", "flipped", "images", "names another directory"),
    ],
)
def test_what_is_damaged_is_left_out_and_said_in_one_sentence(store, tmp_path, pattern, damage, table, told):
    tables, problems, _path, _keeper = damaged(store, tmp_path, pattern, damage)
    assert tables[table] == {}
    assert any(told in problem for problem in problems), problems


def test_a_directory_that_is_a_link_is_not_followed(store, tmp_path):
    for pattern in ("containers/*/config.v2.json", "volumes/*/volume.json"):
        tables, _problems, path, keeper = damaged(store, tmp_path / pattern[:4], pattern, linked_folder)
        assert tables[pattern.partition("/")[0]] == {}
        with Directory.opened(path, keeper) as directory:
            gc(directory)
        assert list((path.parent / "outside/folder").iterdir())


def test_a_fixed_directory_that_is_a_link_is_refused(store, tmp_path):
    path, outside, keeper = copied(store, tmp_path)
    shutil.move(path / "containers", outside / "containers")
    (path / "containers").symlink_to(outside / "containers")
    with pytest.raises(MachineError, match=r"containers: is no directory\.$"):
        Directory.opened(path, keeper)


def test_another_format_is_refused(store, tmp_path):
    path, _outside, keeper = copied(store, tmp_path)
    (path / "engine.json").write_text('{"Format": 7, "Seed": 1, "Ids": 1}')
    with pytest.raises(MachineError, match=r"is of format 7; this course reads format 1"):
        Directory.opened(path, keeper)


@pytest.mark.parametrize(
    "renames",
    [
        '[["engine.json", "../stolen"]]',
        '[["/etc/hostname", "containers/x"]]',
        '[["containers/../../secret", "containers/x"]]',
        '[["engine.json"]]',
        "[[1, 2]]",
        '[["engine.json", "out/stolen"]]',
        '{"a": 1}',
        "7",
        '[["a\\u0000b", "c"]]',
    ],
)
def test_a_list_of_changes_that_leads_out_is_put_aside(store, tmp_path, renames):
    path, outside, keeper = copied(store, tmp_path)
    (path / "out").symlink_to(outside)
    (path / "unfinished.json").write_text(f'{{"renames": {renames}}}')
    with Directory.opened(path, keeper) as directory:
        tables = directory.load()
        assert len(directory.problems) == 1
        assert len(tables["containers"]) == 1
    assert os.listdir(outside) == ["secret"]
    assert (path / LOST / "unfinished.json").exists()
    assert not (tmp_path / "stolen").exists()


def test_a_keeper_that_cannot_read_a_layer_costs_its_images_only(store, tmp_path):
    path, _outside, keeper = copied(store, tmp_path)
    keeper.restored = lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error"))
    with Directory.opened(path, keeper) as directory:
        tables = directory.load()
        assert (tables["images"], tables["containers"]) == ({}, {})
        assert list(tables["volumes"]) == ["notes"]
        assert any("cannot be read: Input/output error" in problem for problem in directory.problems)


def test_a_closed_directory_takes_no_more(store, tmp_path):
    path, _outside, keeper = copied(store, tmp_path)
    directory = Directory.opened(path, keeper)
    tables = directory.load()
    directory.close()
    directory.close()
    with pytest.raises(CourseError, match="is closed"):
        directory.save(changes_of(tables), tables)

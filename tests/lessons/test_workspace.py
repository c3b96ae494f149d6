"""The working copy: made, brought up to date, restored; with a real git, and with what goes wrong."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import course
from course.errors import WorkspaceError
from course.lessons import workspace

LOOKUP = "%%exercise layers/lookup\ndef lookup(layers, path): ..."


def text(*cells):
    """Return a notebook as Jupyter writes it (str), of (id, source) pairs."""
    found = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": name,
                "metadata": {},
                "outputs": [],
                "source": source.splitlines(keepends=True),
            }
            for name, source in cells
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """The folder of a course's notebooks: 00_start_here, and 01_layers with an exercise."""
    folder = tmp_path / "course" / "notebooks"
    folder.mkdir(parents=True)
    (folder / "00_start_here.ipynb").write_text(text(("hello", "print('hello')")))
    (folder / "01_layers.ipynb").write_text(text(("intro", "print('layers')"), ("look", LOOKUP), ("end", "'end'")))
    monkeypatch.setattr(workspace, "shipped_folder", lambda: tmp_path / "course")
    monkeypatch.setenv("COURSE_WORKSPACE", str(tmp_path / "workspace"))
    return folder


@pytest.fixture
def mine(shipped, tmp_path):
    """The learner's 01_layers, in a working copy that was made."""
    assert workspace.prepare() == []
    return tmp_path / "workspace" / "01_layers.ipynb"


def backups(path):
    return sorted((path.parent / ".course" / "backups").glob("*.ipynb"))


def test_each_notebook_is_copied_byte_for_byte(shipped, mine):
    names = [path.name for path in sorted(mine.parent.glob("*.ipynb"))]
    assert names == ["00_start_here.ipynb", "01_layers.ipynb"]
    assert mine.read_bytes() == (shipped / "01_layers.ipynb").read_bytes()


def test_preparing_again_leaves_what_the_learner_wrote_and_where(mine):
    moved = text(("end", "'end'"), ("intro", "my own words"))
    mine.write_text(moved)
    assert workspace.prepare() == []
    assert mine.read_text() == moved
    assert backups(mine) == []


def test_an_update_keeps_answers_and_backs_up_what_was_there(shipped, mine):
    answered = text(("intro", "print('layers')"), ("look", LOOKUP.replace("...", "return path")), ("own", "'mine é'"))
    mine.write_text(answered)
    (shipped / "01_layers.ipynb").write_text(text(("intro", "print('better')"), ("look", LOOKUP + "  # new")))
    [said] = workspace.prepare()
    assert mine.read_text() == text(
        ("intro", "print('better')"), ("look", LOOKUP.replace("...", "return path")), ("own", "'mine é'")
    )
    [backup] = backups(mine)
    assert backup.read_text() == answered
    assert str(backup) in said
    assert workspace.prepare() == []


def test_an_update_that_was_cut_short_is_finished_the_next_time(shipped, mine, monkeypatch):
    mine.write_text(text(("intro", "print('layers')"), ("look", "answer"), ("end", "'end'")))
    (shipped / "01_layers.ipynb").write_text(text(("intro", "print('better')"), ("look", LOOKUP), ("end", "'end'")))
    original, write = mine.parent / ".course" / "originals" / mine.name, workspace._write

    def cut_short(path, data):
        if path == original:
            raise KeyboardInterrupt
        write(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(workspace, "_write", cut_short)
        with pytest.raises(KeyboardInterrupt):
            workspace.prepare()
    merged = mine.read_text()
    assert workspace.prepare() == []
    assert mine.read_text() == merged == text(("intro", "print('better')"), ("look", "answer"), ("end", "'end'"))
    assert original.read_text() == (shipped / "01_layers.ipynb").read_text()


def test_a_notebook_that_was_deleted_is_copied_again(shipped, mine):
    mine.unlink()
    assert workspace.prepare() == []
    assert mine.read_bytes() == (shipped / "01_layers.ipynb").read_bytes()


@pytest.mark.parametrize("broken", ['{"cells": [', "", "[]", '{"cells": [3]}', '{"cells": [{"source": 3}]}', "\udce9"])
def test_a_notebook_that_is_none_any_more_is_set_aside(shipped, mine, broken):
    mine.write_bytes(broken.encode("utf-8", "surrogateescape"))
    [said] = workspace.prepare()
    [backup] = backups(mine)
    assert backup.read_bytes() == broken.encode("utf-8", "surrogateescape")
    assert str(backup) in said
    assert mine.read_bytes() == (shipped / "01_layers.ipynb").read_bytes()


def test_half_a_surrogate_pair_in_a_notebook_is_kept(shipped, mine):
    mine.write_text(text(("intro", "x")).replace('"x"', r'"\udce9"'))
    (shipped / "01_layers.ipynb").write_text(text(("intro", "print('layers')"), ("new", "new")))
    workspace.prepare()
    assert [cell["source"] for cell in json.loads(mine.read_text("utf-8"))["cells"]] == [["\udce9"], ["new"]]


def test_a_damaged_notebook_of_the_course_is_named_and_nothing_is_touched(shipped, mine):
    (shipped / "01_layers.ipynb").write_text("<<<<<<< HEAD")
    with pytest.raises(WorkspaceError, match=r"01_layers\.ipynb is damaged"):
        workspace.prepare()
    assert json.loads(mine.read_text())


@pytest.mark.parametrize("name", ["1", "01", "layers", "01_layers", "01_layers.ipynb"])
def test_a_lesson_is_found_by_each_of_its_names(shipped, name):
    assert workspace.find_lesson(name) == "01_layers"


def test_a_lesson_that_is_not_there_gets_the_nearest_one_offered(shipped):
    with pytest.raises(WorkspaceError, match="did you mean '01_layers'"):
        workspace.find_lesson("01_layer")
    with pytest.raises(WorkspaceError, match="there are: 00_start_here, 01_layers"):
        workspace.find_lesson("?")


def test_resetting_a_lesson_restores_it_and_keeps_what_was_there(shipped, mine):
    mine.write_text(text(("intro", "my own words")))
    said = workspace.reset("01")
    assert mine.read_bytes() == (shipped / "01_layers.ipynb").read_bytes()
    [backup] = backups(mine)
    assert backup.read_text() == text(("intro", "my own words"))
    assert str(backup) in said


def test_resetting_an_exercise_leaves_every_other_cell(mine):
    mine.write_text(text(("intro", "my words"), ("look", LOOKUP.replace("...", "mine")), ("own", "'mine'")))
    said = workspace.reset("layers/lookup")
    assert mine.read_text() == text(("intro", "my words"), ("look", LOOKUP), ("own", "'mine'"))
    assert said.startswith("layers/lookup ")


def test_resetting_an_exercise_whose_cell_was_deleted_puts_it_back_in_its_place(mine):
    mine.write_text(text(("intro", "my words"), ("own", "'mine'"), ("end", "'end'")))
    workspace.reset("layers/lookup")
    assert mine.read_text() == text(("intro", "my words"), ("own", "'mine'"), ("look", LOOKUP), ("end", "'end'"))


def test_resetting_an_exercise_whose_first_line_was_deleted_restores_its_cell(mine):
    mine.write_text(text(("intro", "my words"), ("look", "def lookup(): 'mine'")))
    workspace.reset("layers/lookup")
    assert mine.read_text() == text(("intro", "my words"), ("look", LOOKUP))


def test_resetting_before_there_is_a_working_copy_makes_it(shipped, tmp_path):
    workspace.reset("layers/lookup")
    assert (tmp_path / "workspace" / "01_layers.ipynb").read_text() == (shipped / "01_layers.ipynb").read_text()


def test_two_resets_within_one_second_keep_two_backups(mine):
    for words in ("one", "two"):
        mine.write_text(text(("intro", words)))
        workspace.reset("01")
    assert {json.loads(path.read_text())["cells"][0]["source"][0] for path in backups(mine)} == {"one", "two"}


def test_resetting_what_is_not_there_offers_the_nearest_and_changes_nothing(shipped, tmp_path):
    with pytest.raises(WorkspaceError, match="did you mean 'layers/lookup'"):
        workspace.reset("layers/lokup")
    assert not (tmp_path / "workspace").exists()


def test_a_working_copy_that_cannot_be_written_is_said_in_one_sentence(shipped, tmp_path):
    (tmp_path / "workspace").write_text("a file is in the way")
    with pytest.raises(WorkspaceError, match=r"workspace cannot be written \(.*\$COURSE_WORKSPACE"):
        workspace.prepare()


def test_the_working_copy_is_in_the_checkout_or_else_in_the_home(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_WORKSPACE", raising=False)
    checkout = Path(course.__file__).parent.parent
    assert workspace.workspace_folder() == checkout / "workspace"
    monkeypatch.setattr(workspace, "shipped_folder", lambda: checkout / "course" / "share")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert workspace.workspace_folder() == tmp_path / "layer-by-layer"


class Checkout:
    """A clone of a small course, with its own package, used as a learner uses it: with git and Python."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, *command):
        done = subprocess.run(command, cwd=self.folder, env=ENVIRONMENT, capture_output=True, text=True, check=True)
        return done.stdout

    def git(self, *arguments):
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
        return self.run("git", *identity, *arguments)

    def prepare(self):
        code = "import sys; sys.path.insert(0, '.'); from course.lessons.workspace import prepare; print(*prepare())"
        return self.run(sys.executable, "-I", "-c", code)


ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


@pytest.mark.peer("git")
def test_answers_survive_a_pull_and_never_dirty_the_checkout(tmp_path):
    package = Path(course.__file__).parent
    upstream = Checkout(tmp_path / "upstream")
    shutil.copytree(package, upstream.folder / "course", ignore=shutil.ignore_patterns("__pycache__", "share"))
    shutil.copy(package.parent / ".gitignore", upstream.folder)
    (upstream.folder / "exercises").mkdir()
    (upstream.folder / "exercises" / "keep").touch()
    (upstream.folder / "notebooks").mkdir()
    shipped = upstream.folder / "notebooks" / "01_layers.ipynb"
    shipped.write_text(text(("intro", "old words"), ("look", LOOKUP), ("end", "'end'")))
    upstream.git("init", "-q", "-b", "main")
    upstream.git("add", ".")
    upstream.git("commit", "-qm", "The course")

    learner = Checkout(tmp_path / "learner")
    upstream.git("clone", "-q", ".", str(learner.folder))
    learner.prepare()
    mine = learner.folder / "workspace" / "01_layers.ipynb"
    answer = LOOKUP.replace("...", "return layers[-1].get(path)")
    mine.write_text(text(("intro", "old words"), ("look", answer), ("own", "'a try'"), ("end", "'end'")))
    assert learner.git("status", "--porcelain") == ""

    shipped.write_text(text(("intro", "new words"), ("more", "'more'"), ("look", LOOKUP + "  # new"), ("end", "'end'")))
    upstream.git("commit", "-qam", "Better words")
    learner.git("pull", "-q", "--ff-only")
    assert "01_layers" in learner.prepare()
    assert mine.read_text() == text(
        ("intro", "new words"), ("more", "'more'"), ("look", answer), ("own", "'a try'"), ("end", "'end'")
    )
    assert learner.git("status", "--porcelain") == ""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from course.lessons import progress as module
from course.lessons.progress import Event, Progress, progress


@pytest.fixture
def file(tmp_path):
    return tmp_path / "kept" / "progress.jsonl"


def test_the_best_attempt_counts(file):
    kept = Progress(file)
    for points in (3, 6, 0):
        kept.record("attempt", "layers/lookup", points=points)
    kept.record("attempt", "layers/changeset", points=9)
    assert kept.best("layers/lookup") == 6
    assert kept.best("layers/unknown") == 0


def test_the_first_prediction_stands(file):
    kept = Progress(file)
    kept.record("prediction", "layers/what", choice="a stack", right=True)
    kept.record("prediction", "layers/what", choice="a disk", right=False)
    assert kept.prediction("layers/what").choice == "a stack"
    assert kept.prediction("layers/other") is None


def test_hints_are_counted_by_the_highest_shown(file):
    kept = Progress(file)
    for number in (1, 2, 1):
        kept.record("hint", "layers/lookup", number=number)
    assert kept.hints("layers/lookup") == 2


def test_the_last_exercise_is_the_one_tried_last(file):
    kept = Progress(file)
    assert kept.last_exercise() == ""
    kept.record("attempt", "layers/lookup", points=1)
    kept.record("attempt", "layers/changeset", points=1)
    kept.record("hint", "layers/lookup", number=1)
    assert kept.last_exercise() == "layers/changeset"


def test_another_kernel_finds_what_was_kept(file):
    Progress(file).record("attempt", "layers/lookup", points=6)
    assert Progress(file).best("layers/lookup") == 6


def test_a_line_is_json_with_the_time_in_utc(file):
    Progress(file).record("prediction", "layers/what", choice="été\u2028<b>", right=False)
    (line,) = file.read_text("utf-8").split("\n")[:-1]
    found = json.loads(line)
    assert found.pop("when").endswith("+00:00")
    assert found == {"what": "prediction", "id": "layers/what", "choice": "été\u2028<b>", "right": False}
    assert Progress(file).prediction("layers/what").choice == "été\u2028<b>"


def test_what_follows_a_torn_line_is_not_lost_with_it(file):
    kept = Progress(file)
    kept.record("attempt", "layers/lookup", points=6)
    with file.open("ab") as torn:
        torn.write(b'{"what": "attempt", "id": "layers/loo')
    assert kept.best("layers/lookup") == 6
    kept.record("attempt", "layers/lookup", points=8)
    assert kept.best("layers/lookup") == 8
    assert len(kept.events()) == 2


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[1, 2]",
        '"attempt"',
        "{}",
        '{"what": "attempt"}',
        '{"what": "attempt", "id": "layers/lookup", "points": "6"}',
        '{"what": "attempt", "id": "layers/lookup", "points": true}',
        '{"what": "attempt", "id": ["layers/lookup"], "points": 6}',
        "[" * 100_000,
        "\x00\x00",
    ],
)
def test_lines_that_cannot_be_read_are_passed_over(line):
    assert Event.read(line) is None


def test_bytes_that_are_not_utf8_are_passed_over(file):
    kept = Progress(file)
    kept.record("attempt", "layers/lookup", points=6)
    with file.open("ab") as other:
        other.write(b"\xff\xfe\n")
    kept.record("hint", "layers/lookup", number=1)
    assert (kept.best("layers/lookup"), kept.hints("layers/lookup")) == (6, 1)


def test_several_notebooks_lose_nothing(file):
    def work(number):
        kept = Progress(file)
        for points in range(50):
            kept.record("attempt", f"layers/{number}", points=points)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len(Progress(file).events()) == 200


def test_where_nothing_can_be_written_it_is_said_once_and_all_else_works(tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    kept = Progress(in_the_way / "progress.jsonl")
    assert "progress is not kept" in kept.record("attempt", "layers/lookup", points=6)
    assert kept.record("attempt", "layers/lookup", points=8) == ""
    assert kept.best("layers/lookup") == 8


@pytest.mark.linux
def test_a_full_disk_is_said(monkeypatch, file):
    kept = Progress(file)
    kept.record("attempt", "layers/lookup", points=6)
    kept.path = module.Path("/dev/full")
    assert "progress is not kept" in kept.record("attempt", "layers/lookup", points=8)


def test_the_environment_says_where_it_is_kept(monkeypatch, file):
    monkeypatch.setenv("COURSE_PROGRESS", str(file))
    progress().record("attempt", "layers/lookup", points=6)
    assert file.exists()
    assert progress() is progress()


def test_without_it_progress_is_kept_in_the_working_copy(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_PROGRESS", raising=False)
    monkeypatch.setenv("COURSE_WORKSPACE", str(tmp_path))
    assert progress().path == tmp_path / ".course" / "progress.jsonl"


def test_a_line_is_on_the_disk_before_it_is_acknowledged(monkeypatch, file):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(file.read_bytes()))
    Progress(file).record("hint", "layers/lookup", number=1)
    assert synced
    assert synced[0].endswith(b"\n")

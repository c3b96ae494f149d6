"""One engine at a time has a directory, and it takes no one else's."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest
from kept_stores import Memory

from course.engine.kept.directory import Directory
from course.errors import MachineError

pytestmark = pytest.mark.linux

HOLDS = """
import sys, time
sys.path[:0] = [{here!r}]
from pathlib import Path
from kept_stores import Memory
from course.engine.kept.directory import Directory
directory = Directory.opened(Path({path!r}), Memory({path!r}))
print("ready", flush=True)
time.sleep(1000)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that has an engine's directory open."""
    path = tmp_path / "store"
    script = HOLDS.format(here=os.path.dirname(__file__), path=str(path))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        yield path, process
        process.kill()


def test_a_second_engine_is_refused_and_told_whose_it_is(holder):
    path, process = holder
    told = rf"^{re.escape(str(path))}: in use by another engine, of process {process.pid}: end that one"
    with pytest.raises(MachineError, match=told):
        Directory.opened(path, Memory(path))


def test_the_lock_ends_with_its_process_however_that_ends(holder):
    path, process = holder
    process.send_signal(signal.SIGKILL)
    process.wait()
    with Directory.opened(path, Memory(path)) as directory:
        assert directory.load()["containers"] == {}


def test_a_second_engine_of_the_same_process_is_refused(tmp_path):
    directory = Directory.opened(tmp_path / "store", Memory(tmp_path / "store"))
    with directory, pytest.raises(MachineError, match="this process has an engine on it already"):
        Directory.opened(tmp_path / "store", Memory(tmp_path / "store"))
    Directory.opened(tmp_path / "store", Memory(tmp_path / "store")).close()


def test_a_program_that_is_started_does_not_inherit_the_lock(tmp_path):
    directory = Directory.opened(tmp_path / "store", Memory(tmp_path / "store"))
    with subprocess.Popen(["sleep", "1000"], close_fds=False) as child:
        directory.close()
        Directory.opened(tmp_path / "store", Memory(tmp_path / "store")).close()
        child.kill()


def test_a_directory_with_something_else_in_it_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(MachineError, match="holds something else than an engine's store"):
        Directory.opened(tmp_path, Memory(tmp_path))
    assert os.listdir(tmp_path) == ["thesis.txt"]


@pytest.mark.root
def test_another_user_s_directory_is_refused(tmp_path):
    (tmp_path / "theirs").mkdir()
    os.chown(tmp_path / "theirs", 54321, 54321)
    with pytest.raises(MachineError, match="belongs to user 54321, and this is user 0"):
        Directory.opened(tmp_path / "theirs", Memory(tmp_path / "theirs"))
    assert os.listdir(tmp_path / "theirs") == []


@pytest.mark.parametrize("lock", ["link", "fifo", "directory"])
def test_a_lock_that_is_no_file_is_refused(tmp_path, lock):
    Directory.opened(tmp_path / "store", Memory(tmp_path / "store")).close()
    path = tmp_path / "store/engine.lock"
    path.unlink()
    {"link": lambda: path.symlink_to(tmp_path / "out"), "fifo": lambda: os.mkfifo(path), "directory": path.mkdir}[
        lock
    ]()
    with pytest.raises(MachineError, match=r"engine\.lock: is no regular file"):
        Directory.opened(tmp_path / "store", Memory(tmp_path / "store"))
    assert not (tmp_path / "out").exists()


def test_where_there_is_no_flock_the_refusal_says_what_there_is(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(MachineError, match=r"needs Linux; Engine\(\) simulates one on any machine"):
        Directory.opened(tmp_path / "store", Memory(tmp_path / "store"))


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path):
    (tmp_path / "store").write_text("")
    with pytest.raises(MachineError, match="cannot be written, so nothing was changed: File exists"):
        Directory.opened(tmp_path / "store", Memory(tmp_path / "store"))


def test_it_is_the_user_s_alone_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        Directory.opened(tmp_path / "store", Memory(tmp_path / "store")).close()
    finally:
        os.umask(before)
    assert (tmp_path / "store").stat().st_mode & 0o7777 == 0o700
    assert (tmp_path / "store/engine.json").stat().st_mode & 0o7777 == 0o600


WRITES = """
import sys
sys.path[:0] = [{here!r}]
from pathlib import Path
from kept_stores import Memory, changes_of
from course.engine.engine import Engine
from course.engine.kept.directory import Directory
directory = Directory.opened(Path({path!r}), Memory({path!r}))
engine = Engine(seed=0)
tables = engine.store.tables
directory.save(changes_of(tables), tables)
number = 0
while True:
    number += 1
    engine.volume_create(f"a-{{number}}"), engine.volume_create(f"b-{{number}}")
    if number > 1:
        engine.volume_rm(f"a-{{number - 1}}", f"b-{{number - 1}}")
    changes = [change for event in engine.journal.events[-3:] for change in event.changes]
    directory.save(changes, tables)
    print(number, flush=True)
"""


def test_killed_while_it_writes_it_leaves_pairs_and_what_was_acknowledged(tmp_path):
    for attempt in range(8):
        path = tmp_path / str(attempt)
        script = WRITES.format(here=os.path.dirname(__file__), path=str(path))
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(0.01 * attempt)
            process.send_signal(signal.SIGKILL)
            said = [int(line) for line in process.stdout.read().split(b"\n") if line.isdigit()]
        with Directory.opened(path, Memory(path)) as directory:
            found = directory.load()["volumes"]
            assert directory.problems == []
        numbers = {name.partition("-")[2] for name in found}
        assert sorted(found) == [f"{kind}-{number}" for kind in "ab" for number in numbers]
        last = said[-1] if said else 1
        assert numbers in ({str(last)}, {str(last + 1)})

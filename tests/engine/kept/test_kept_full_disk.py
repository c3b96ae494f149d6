"""A disk that is full: nothing is changed, nothing half written is seen, and with space again all goes on."""

import os
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.linux, pytest.mark.root, pytest.mark.peer("unshare", "mount")]

SCRIPT = """
import os, sys
sys.path[:0] = [sys.argv[2]]
from pathlib import Path
from kept_stores import Memory, changes_of, comparable
from course.engine.engine import Engine
from course.engine.kept.checking import check, gc
from course.engine.kept.directory import Directory
from course.errors import MachineError

path = Path(sys.argv[1], "store")
engine, keeper = Engine(seed=0), Memory(path)
engine.pull("base:1")
refused = 0
with Directory.opened(path, keeper) as directory:
    directory.save(changes_of(engine.store.tables), engine.store.tables)
    ballast = Path(sys.argv[1], "ballast")
    for number in range(200):
        before = comparable(engine.store.tables)
        engine.create("base:1", "true", name=f"c-{number}", volume=[f"v-{number}:/data"])
        try:
            directory.save(engine.journal.events[-1].changes, engine.store.tables)
        except MachineError as error:
            assert str(error).endswith("is no space left, so nothing was changed: free some, and try again."), error
            refused += 1
            engine.undo()
            keeper.containers = engine.store.tables["containers"]
            keeper.trees = engine.store.tables["trees"]
            assert comparable(directory.load()) == before == comparable(engine.store.tables)
            assert directory.problems == []
            if ballast.exists():
                ballast.unlink()
            else:
                break
        else:
            if number == 3:
                filesystem = os.statvfs(path)
                ballast.write_bytes(bytes(filesystem.f_bavail * filesystem.f_frsize - 9 * 4096))
    engine.rm(*(container.name for container in engine.containers.values()))
    directory.save(engine.journal.events[-1].changes, engine.store.tables)
    assert directory.load()["containers"] == {}
    print(refused, number > 10)
"""


def test_on_a_full_disk_nothing_changes_and_with_space_it_goes_on(tmp_path):
    shell = 'mount -t tmpfs -o size=1m,mode=700 none "$2" && exec "$0" -c "$1" "$2" "$3"'
    found = subprocess.run(
        ["unshare", "--mount", "sh", "-c", shell, sys.executable, SCRIPT, tmp_path, os.path.dirname(__file__)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.stdout, found.stderr) == ("2 True\n", "")
    assert list(tmp_path.iterdir()) == []

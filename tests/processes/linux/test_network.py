"""Networks for real: each fact plays in a process of its own, in a user namespace as root has it and as others do."""

import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from network_scenarios import FACTS
from network_stage import NO_NAMESPACES

from course.processes.linux.network import BRIDGE

STAGE = Path(__file__).with_name("network_stage.py")

pytestmark = pytest.mark.linux


def host():
    """Return what there is of the host's network that the course could have changed."""
    lines = Path("/proc/net/dev").read_text().splitlines()
    ours = [name for name in (line.partition(":")[0].strip() for line in lines) if name.startswith(("veth", BRIDGE))]
    settings = [
        path.read_text() for path in sorted(Path("/proc/sys/net/ipv4").glob("ip_*")) if os.access(path, os.R_OK)
    ]
    rules = [path.read_text() for path in Path("/proc/net").glob("ip*_tables_names") if os.access(path, os.R_OK)]
    return ours, settings, rules, Path("/proc/net/route").read_text()


def survivors(mark):
    """Return the processes (list of str) that have ``mark`` in their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in path.read_bytes():
                found.append(path.parent.name)
        except OSError:  # it has ended, or is somebody else's
            pass
    return found


def play(kind, scenario):
    """Play a scenario, and see that nothing is left of it."""
    before, mark = host(), uuid.uuid4().hex
    command = [sys.executable, str(STAGE), kind, scenario]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, env={**os.environ, "STAGE": mark}
    )
    if done.returncode == NO_NAMESPACES:
        pytest.skip("left out: needs user namespaces")
    assert (done.returncode, done.stderr) == (0, "")
    deadline = time.monotonic() + 5
    while (left := survivors(mark)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert left == []
    assert host() == before


@pytest.mark.parametrize("fact", FACTS)
def test_as_an_ordinary_user(fact):
    play("user", fact)


@pytest.mark.root
@pytest.mark.parametrize("fact", FACTS)
def test_as_root(fact):
    play("root", fact)

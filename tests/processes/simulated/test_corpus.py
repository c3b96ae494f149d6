"""A script gives the same in the simulator and for real: under dash and GNU coreutils, on an overlay mount.

Real is this machine's own; ``corpus_real.py`` runs all the scripts in one process.  Compared are the output, the exit
status and the upper layer.  A script's first line says what it shows; a line ``# needs: root`` leaves it out where
mounts are made in a user namespace, ``# user: learner`` runs it as an ordinary user.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from corpus_layers import (
    ENVIRONMENT,
    HOSTNAME,
    PLACE,
    SCRIPT,
    UMASK,
    WRITTEN,
    Outcome,
    corpus_layers,
    picture,
    told,
    user_of,
)
from side_by_side import other_userland

from course.layers.small_image import builtin
from course.processes.simulated.space import Clock, ProcessSpace, builtin_programs, init
from course.processes.simulated.streams import Sink, Source
from course.union.filesystem import UnionFilesystem
from course.union.marks import TRUSTED, to_overlayfs

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
SCRIPTS = {str(path.relative_to(CORPUS).with_suffix("")): path for path in sorted(CORPUS.rglob("*.sh"))}
NOW = WRITTEN + 2 * 365 * 86400 * 10**9  # long after the layers were written
PATIENCE = 120  # seconds that the whole corpus may take for real


@pytest.fixture(scope="module")
def real():
    """The kind of mount ("root" or "user") and each script's Outcome, or "" and what this machine lacks."""
    if lacking := lacking_programs():
        return "", lacking
    for kind in ("root", "user") if os.geteuid() == 0 else ("user",):
        chosen = {name: path for name, path in SCRIPTS.items() if kind == "root" or not needs_root(path)}
        command = [sys.executable, str(HERE / "corpus_real.py"), kind, *map(str, chosen.values())]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        if isinstance(found, list):
            return kind, {name: Outcome(*each) for name, each in zip(chosen, found, strict=True)}
    return "", found


def lacking_programs():
    """Return what this machine lacks of a userland such as the simulator's (str), or an empty text."""
    if Path("/bin/sh").resolve().name != "dash":
        return "dash as /bin/sh"
    return other_userland()


def needs_root(path):
    return "\n# needs: root\n" in path.read_text()


def simulated(script, one_owner):
    """Return what the script (bytes) does in the simulator (Outcome)."""
    clock, programs = Clock(NOW), builtin_programs()
    layers = corpus_layers(script, {name: builtin(name) for name in programs}, one_owner)
    mounted = UnionFilesystem(layers, clock=clock)
    space = ProcessSpace(mounted, clock, HOSTNAME, programs)
    space.start(init)
    view = mounted.with_credentials(*user_of(script))
    view.chdir(PLACE)
    view.umask(UMASK)
    output, errors = Sink(), Sink()
    process = space.start(["sh", SCRIPT], env=ENVIRONMENT, streams={0: Source(), 1: output, 2: errors}, fs=view)
    space.run(until=process)
    space.run()  # what it left in the background
    upper = picture(to_overlayfs(mounted.freeze()), TRUSTED)
    return Outcome(process.status, told(bytes(output.data)), told(bytes(errors.data)), upper)


@pytest.mark.linux
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_gives_the_same_in_the_simulator_and_for_real(real, name):
    kind, outcomes = real
    if not kind:
        pytest.skip(f"left out: needs {outcomes}")
    if kind == "user" and needs_root(SCRIPTS[name]):
        pytest.skip("left out: needs root")
    assert simulated(SCRIPTS[name].read_bytes(), one_owner=kind == "user") == outcomes[name]


def test_the_corpus_is_large_and_each_script_says_what_it_shows():
    assert len(SCRIPTS) >= 150
    for path in SCRIPTS.values():
        first, *rest = path.read_text().splitlines()
        assert first.startswith("# "), path
        assert first.endswith("."), path
        assert 1 <= len(rest) < 20, path

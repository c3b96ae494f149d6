"""The simulated engine plays the session that was recorded on docker 20.10, and answers the same, line by line.

BuildKit's builds are those of docker 26.1.
"""

import json
import os
import re

import pytest
from same_programs import same_programs
from session.differences import CHANCE, DIFFERENCES
from session.ours import played
from session.recording import FOLDER, load, recorded

CHAPTERS = [*(name for engine, name in recorded() if engine == "20.10"), "26.1/11-build"]


def differing(made, expected, path="end"):
    """Return the places where two values of JSON differ (dict of a path to the pair of values)."""
    if isinstance(made, dict) and isinstance(expected, dict):
        places = [differing(made.get(key), expected.get(key), f"{path} {key}") for key in [*expected, *made]]
        return {place: pair for each in places for place, pair in each.items()}
    return {} if made == expected else {path: (made, expected)}


def differences(made, expected):
    """Return the steps and places in which two records of a chapter differ (dict of line to the pair of values)."""
    found = {}
    for number, (ours, theirs) in enumerate(zip(made["steps"], expected["steps"], strict=True), 1):
        if ours != theirs:
            line = theirs.get("run") or " ".join(next(iter(theirs.items())))
            found[f"{number} {line}"] = (ours, theirs)
    return found | differing(made["end"], expected["end"])


@pytest.fixture(autouse=True)
def _modes_of_files_are_those_of_the_recording():
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.linux
@pytest.mark.parametrize("name", CHAPTERS)
def test_the_simulated_engine_answers_as_docker_does(name, tmp_path):
    engine, chapter = name.split("/") if "/" in name else ("20.10", name)
    assert load(engine, chapter).answers
    expected = json.loads((FOLDER / engine / f"{chapter}.json").read_text())
    with same_programs():
        found = differences(played(chapter, tmp_path / "engine", expected["builder"]), expected)
    known = {pattern for pattern in DIFFERENCES | CHANCE if pattern.startswith(name)}
    lines = {line: [pattern for pattern in known if re.fullmatch(pattern, f"{name}: {line}")] for line in found}
    unknown = [{"where": line, "ours": found[line][0], "docker's": found[line][1]} for line in lines if not lines[line]]
    assert not unknown, json.dumps(unknown, indent=1, ensure_ascii=False)
    assert not known.difference(CHANCE, *lines.values()), "these differences are none any more"


LATER = [(engine, name) for engine, name in recorded() if engine != "20.10" and "refusals" not in name]
SINCE_23 = {"docker volume prune -f -a"}  # an option that 20.10 does not have


@pytest.mark.linux
@pytest.mark.parametrize(("engine", "name"), LATER)
def test_docker_26_says_it_in_other_words_and_does_the_same(engine, name, tmp_path):
    """Exit statuses, the states of containers after each command, and what is changed in each at the end."""
    expected = json.loads((FOLDER / engine / f"{name}.json").read_text())
    with same_programs():
        made = played(name, tmp_path / "engine", expected["builder"])

    def told(record):
        steps = [step for step in record["steps"] if step.get("run") not in SINCE_23]
        return [(step.get("run"), step.get("status"), step.get("states")) for step in steps]

    assert told(made) == told(expected)
    ours, theirs = (
        {box: seen["diff"] for box, seen in record["end"]["containers"].items()} for record in (made, expected)
    )
    assert ours == theirs
    if "containerd" not in engine:  # which keeps no layerdb
        assert made["end"]["layerdb"] == expected["end"]["layerdb"]

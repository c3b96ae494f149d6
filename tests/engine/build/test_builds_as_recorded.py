"""A chapter of builds, recorded on docker 26.1 with BuildKit, and played here: cache hits and images agree."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from course.engine.build.context import context_from_folder
from course.engine.engine import Engine
from course.errors import DockerError
from course.layers.layer import Layer

sys.path.append(str(Path(__file__).parents[2] / "real"))
from same_programs import same_programs
from session.base import base_image
from session.normalising import buildkit as in_order
from session.recording import FOLDER

pytestmark = pytest.mark.linux

CHAPTER = json.loads((FOLDER / "26.1" / "11-build.json").read_text())
OPTIONS = {"-t": "tag", "-f": "file", "--build-arg": "build_arg", "--label": "label", "--target": "target"}


def asked(line):
    """The options and operands of a ``docker build`` line."""
    options, operands, words = {}, [], iter(shlex.split(line)[2:])
    for word in words:
        name = OPTIONS.get(word)
        if name in ("build_arg", "label"):
            options.setdefault(name, {}).update([next(words).split("=", 1)])
        elif name == "tag":
            options.setdefault(name, []).append(next(words))
        elif name:
            options[name] = next(words)
        elif word == "--no-cache":
            options["no_cache"] = True
        elif word not in ("-q", "<"):
            operands.append(word)
    return options, operands


def prepare(root, step):
    """Do what the session does to the files before it builds."""
    if "file" in step:
        name, _space, mode = step["file"].partition(" ")
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("".join(step.get("content", ())))
        (root / name).chmod(int(mode or "644", 8))
    elif "touch" in step:
        os.utime(root / step["touch"])
    elif "tar" in step:
        archive, folder = step["tar"].split()
        (root / archive).parent.mkdir(exist_ok=True)
        subprocess.run(["tar", "-C", root / folder, "-cf", root / archive, "."], check=True)


def build(engine, root, line):
    options, operands = asked(line)
    context = Layer.of({}) if operands[0] == "-" else context_from_folder(root / operands[0])
    file = operands[1] if operands[0] == "-" else options.pop("file", "")
    if file and not (root / file).exists():
        return None
    text = (root / file).read_text() if file else None
    try:
        return engine.build(context, dockerfile=text, builder="buildkit", **options)
    except DockerError as error:
        return error.done[0]


def ends(text):
    """How each operation ended: CACHED, DONE or ERROR, by its name."""
    found, name = {}, ""
    for line in text.split("\n"):
        name = line if line.startswith("[") else name
        if match := re.match(r"  (CACHED|DONE|ERROR)", line):
            found[name] = match[1]
    return {name: end for name, end in found.items() if "[internal]" not in name and "] FROM" not in name}


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    engine, root, pairs = Engine(seed=0), tmp_path_factory.mktemp("work"), []
    engine.load([base_image()])
    with same_programs():
        for step in CHAPTER["steps"]:
            prepare(root, step)
            if step.get("run", "").startswith("docker build"):
                pairs.append((step, build(engine, root, step["run"])))
    return engine, pairs


def test_the_same_operations_come_from_the_cache(played):
    _engine, pairs = played
    compared = 0
    for step, built in pairs:
        theirs = ends("".join(step["stderr"]))  # nothing, with -q
        if built and theirs:
            assert ends(in_order(built.output)) == theirs, step["run"]
            compared += 1
    assert compared > 15


def test_the_images_are_the_recorded_ones(played):
    engine, _pairs = played
    names = {tag: image for image in CHAPTER["end"]["images"].values() for tag in image["tags"]}
    assert len(names) > 15
    for name, recorded in names.items():
        image = engine.image(name).image
        assert len(image.layers) == len(recorded["layers"]), name
        assert image.config.run == recorded["config"], name
        ours = [f"{row.created_by} | {row.comment}" for row in engine.history(name)]
        theirs = [row.split(" | ", 2)[2] for row in recorded["history"]]
        assert ours == theirs, name


def test_tags_mean_the_same_image_where_they_did(played):
    engine, _pairs = played
    for image in CHAPTER["end"]["images"].values():
        assert len({engine.image(tag).id for tag in image["tags"]}) <= 1, image["tags"]

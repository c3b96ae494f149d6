"""Random tags, commits, removals and prunes in a real Docker engine and in ours: both say and have the same."""

import random
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from course.engine.engine import Engine
from course.errors import DockerError
from course.layers.small_image import small_images
from course.transport.writing import save_image
from course.union.filesystem import UnionFilesystem

sys.path.insert(0, str(Path(__file__).parents[1] / "real"))
from debian_image import docker as real_engine

pytestmark = [pytest.mark.root, pytest.mark.linux, pytest.mark.peer("dockerd", "docker")]

NAMES = ["base:1", "greeter:1", "greeter:2", "x", "x:2", "team/y", "nope"]
ACTIONS = ["tag", "tag", "rmi", "rmi", "rmi", "create", "commit", "write", "rm", "prune", "history"]
STEPS = 40
HISTORY = "{{.ID}} {{.CreatedBy}}"
LISTS = {"": {}, "--all": {"all": True}, "--filter=dangling=true": {"filter": ["dangling=true"]}}


class Both:
    """Two engines: each thing has a label, and an id in either (theirs, ours)."""

    def __init__(self, docker, folder, seed):
        self.docker, self.folder, self.engine = docker, folder, Engine(seed=seed)
        self.random = random.Random(seed)
        self.ids, self.images, self.containers = {}, [], []
        for name, image in small_images().items():
            self.engine.take_image(image, [name])
            self.learn(f"image {name}", self.images, (image.image_id, image.image_id))

    def learn(self, label, kind, ids):
        self.ids[label] = tuple(each.removeprefix("sha256:") for each in ids)
        kind.append(label)

    def theirs(self, *words):
        """What docker prints, and its status, with labels for ids; layers hold times, so their digests tell nothing."""
        try:
            said, status = self.docker(*words), 0
        except subprocess.CalledProcessError as error:
            said, status = error.stdout + error.stderr, error.returncode
        self.their_answer = said.strip()
        said = said.replace("Error response from daemon: ", "").replace(str(self.folder / "data"), "/var/lib/docker")
        return self.labelled(said, 0), status

    def ours(self, action):
        try:
            done, status = action(), 0
        except DockerError as error:
            done, status = (
                [*error.done, *([error] if error.status else [])],
                error.status,
            )  # docker's stderr is not heard
        self.our_answer = done
        return self.labelled(done if isinstance(done, str) else "\n".join(map(str, done or ())), 1), status

    def labelled(self, text, side):
        for label, ids in self.ids.items():
            for known in (f"sha256:{ids[side]}", ids[side], ids[side][:12]):
                text = text.replace(known, label)
        text = re.sub(r"(?m)^(Error: )?(No such image: .*?)(:latest)?$", r"\2", text)  # clients differ in it
        return re.sub(r"sha256:[0-9a-f]{64}", "layer", text).strip()

    def word(self):
        """A word that means an image, in both engines: a name, or more or less of an id."""
        if self.random.random() < 0.5:
            return (self.random.choice(NAMES),) * 2
        length = self.random.choice([12, 64])
        return tuple(each[:length] for each in self.ids[self.random.choice(self.images)])

    def step(self, number):
        """Do one thing in both, and return what was done, what they said, and what we said."""
        engine, choose, (their_word, our_word) = self.engine, self.random.choice, self.word()
        action = choose(ACTIONS)
        container = choose(self.containers) if self.containers else None
        if action == "tag":
            name = choose(NAMES[3:6])
            return action, self.theirs("tag", their_word, name), self.ours(lambda: engine.tag(our_word, name))
        if action == "history":
            words = ("history", "--no-trunc", "--format", HISTORY, their_word)
            ours = self.ours(lambda: [f"{row.id} {row.created_by}" for row in engine.history(our_word)])
            return action, self.theirs(*words), ours
        if action == "rmi":
            force, no_prune = self.random.random() < 0.25, self.random.random() < 0.15
            words = [*(["--force"] * force), *(["--no-prune"] * no_prune), their_word]
            ours = self.ours(lambda: engine.rmi(our_word, force=force, no_prune=no_prune))
            return f"rmi {words}", self.theirs("rmi", *words), ours
        if action == "prune":
            everything = self.random.random() < 0.2
            said, status = self.theirs("image", "prune", "--force", *(["--all"] * everything))
            told = [line.capitalize() for line in said.splitlines() if re.match("(un)?(tagg|delet)ed: ", line)]
            said, _status = self.ours(lambda: engine.image_prune(all=everything).removed)
            return action, (sorted(told), status), (sorted(line.capitalize() for line in said.splitlines()), 0)
        if action == "create" and engine.find_image(our_word):
            name = f"container{number}"
            ids = self.docker("create", "--name", name, their_word, "true"), engine.create(our_word, "true", name=name)
            self.learn(name, self.containers, [each.strip() for each in ids])
        elif action == "rm" and container:
            self.containers.remove(container)
            return action, self.theirs("rm", container), self.ours(lambda: engine.rm(container))
        elif action in ("commit", "write") and container:
            if action == "write" and engine.container(container).image in engine.images_by_id:
                self.write(container, number)
            name = choose(["", "", "x", "x:2"])
            theirs = self.theirs("commit", container, *([name] if name else []))
            ours = self.ours(lambda: engine.commit(container, name))
            if theirs[1] or ours[1]:
                return action, theirs, ours
            self.learn(f"image {number}", self.images, (self.their_answer, self.our_answer))
        return action, None, None

    def write(self, container, number):
        self.docker("cp", __file__, f"{container}:/file{number}")
        record = self.engine.container(container)
        files = UnionFilesystem(record.layers, record.written.copy())
        files.close(files.open(f"/file{number}", 0o101, 0o644))
        self.engine.containers[record.id] = replace(record, written=files.read_write_layer)

    def lists(self):
        """The lines of docker images, theirs and ours, in each form."""
        for option, options in LISTS.items():
            words = ("images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}", *([option] * bool(option)))
            rows = "\n".join(f"{row.repository}:{row.tag} {row.id}" for row in self.engine.images(**options))
            yield sorted(self.theirs(*words)[0].splitlines()), sorted(self.labelled(rows, 1).splitlines())


def test_both_say_and_have_the_same(tmp_path):
    save_image(list(small_images().values()), tmp_path / "small.tar", "docker-archive")
    with real_engine(tmp_path) as (docker, _data):
        for seed in range(4):
            docker("load", "--quiet", "--input", tmp_path / "small.tar")
            both = Both(docker, tmp_path, seed)
            for number in range(STEPS):
                what, theirs, ours = both.step(number)
                assert ours == theirs, (seed, number, what)
                for their_rows, our_rows in both.lists():
                    assert our_rows == their_rows, (seed, number, what)
            docker("container", "prune", "--force")
            docker("image", "prune", "--all", "--force")

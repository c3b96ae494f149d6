"""What the parser refuses, counts, checksums and writes is what docker's classic builder does with the same context."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from course.engine.build.context import context_from_folder
from course.engine.build.copying import copied
from course.engine.build.dockerfile import parse_dockerfile
from course.engine.build.history import classic_history
from course.engine.build.sources import checksum, sources
from course.engine.build.variables import Variables, expanded
from course.layers.entry import IMPLIED_DIRECTORY, Kind
from course.layers.layer import Layer
from course.transport.reading import open_image
from course.union.view import UnionView

sys.path.append(str(Path(__file__).parents[2] / "real"))
from debian_image import docker
from dockerfiles import BAD

pytestmark = [pytest.mark.root, pytest.mark.linux, pytest.mark.peer("dockerd", "docker", "runc")]

DOCKERFILE = r"""ARG into=x
FROM scratch AS first
ARG into
COPY a /
COPY d /x
COPY a d/b /y/
ADD . /z
COPY --chown=5:6 d /n/m/
COPY --chown=5:6 a /p/$into/
COPY --chown=5:6 d /y
COPY [^.]*.txt tolink /$into/
COPY todir /todir
ADD files.tar.gz /unpacked/here
COPY a \
  # a comment
  /renamed
HEALTHCHECK --interval=1m30s --timeout=1500ms CMD a "b"
EXPOSE 90 80/udp
LABEL a="b c" d=$into
CMD a
ENTRYPOINT ["x","y z"]
VOLUME /v /w
STOPSIGNAL SIGINT
ENV k  v w
ONBUILD RUN  z
MAINTAINER me <x>
USER u
CMD []
"""


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    with docker(tmp_path_factory.mktemp("docker")) as (command, _data):
        yield command


@pytest.fixture
def classic(monkeypatch):
    monkeypatch.setenv("DOCKER_BUILDKIT", "0")
    monkeypatch.setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")  # Debian's own client: what it sends makes checksums


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "context"
    (root / "d" / "sub").mkdir(parents=True)
    (root / "a").write_text("1")
    (root / "d" / "b").write_text("2")
    (root / "d" / "b").chmod(0o640)
    (root / "d" / "sub").chmod(0o700)
    (root / "one.txt").write_text("one")
    (root / "two.txt").write_text("two")
    (root / "skipped.log").write_text("no")
    (root / "tolink").symlink_to("d/b")
    (root / "todir").symlink_to("d")
    (root / ".dockerignore").write_text("# no logs\n**/*.log\n")
    (root / "Dockerfile").write_text(DOCKERFILE)
    subprocess.run(["tar", "-C", root, "--owner=7", "--group=8", "-czf", root / "files.tar.gz", "d", "a"], check=True)
    os.utime(root / "a", (1_000_000_000, 1_000_000_000))
    return root


@pytest.mark.parametrize(("text", "message"), BAD, ids=[repr(text) for text, _message in BAD])
def test_refusals_are_the_daemons(daemon, classic, tmp_path, text, message):
    (tmp_path / "Dockerfile").write_text(text)
    with pytest.raises(subprocess.CalledProcessError) as caught:
        daemon("build", tmp_path)
    said = caught.value.stderr.strip().split("\n")[-1].removeprefix("Error response from daemon: ")
    assert said.removeprefix("failed to parse Dockerfile: ") == message


def simulated(folder):
    """The layers that the steps write, and their histories."""
    dockerfile = parse_dockerfile((folder / "Dockerfile").read_text())
    context = UnionView([context_from_folder(folder)])
    variables = Variables.of_build({}, dockerfile.arguments).in_stage({})
    layers, histories = [], []
    for instruction in dockerfile.stages[0].instructions:
        step = expanded(instruction, variables.get, dockerfile.escape)
        sums = ""
        if step.keyword == "ARG":
            variables = variables.declared(step)
        if step.keyword in ("ADD", "COPY"):
            found = sources(step, context)
            sums = checksum(found)
            layers.append(Layer(copied(step, found, UnionView(layers)), parent=layers[-1] if layers else None))
        histories.append(classic_history(step, checksum=sums))
    return layers, histories


def described(layer):
    """The entries of a layer, but for what docker repeats of directories that it did not change."""
    return {
        path: (entry.kind, entry.mode, entry.uid, entry.gid, entry.target, entry.read())
        for path, entry in layer.entries.items()
        if entry is not IMPLIED_DIRECTORY and (entry.kind is not Kind.DIRECTORY or path != "/")
    }


def test_steps_history_and_layers_are_the_daemons(daemon, classic, folder, tmp_path):
    printed = daemon("build", "-t", "copies", folder)
    steps = parse_dockerfile(DOCKERFILE).steps
    told = [line for line in printed.split("\n") if line.startswith("Step ")]
    assert told == [f"Step {number}/{len(steps)} : {step.text}" for number, step in enumerate(steps, 1)]

    layers, histories = simulated(folder)
    told = daemon("history", "--no-trunc", "--format", "{{.CreatedBy}}", "copies").rstrip("\n").split("\n")[::-1]
    with_links = [at for at, step in enumerate(steps[2:]) if step.text.startswith("ADD . ")]  # see checksum()
    assert [line for at, line in enumerate(told) if at not in with_links] == [
        line for at, line in enumerate(histories) if at not in with_links
    ]

    daemon("save", "-o", tmp_path / "saved.tar", "copies")
    real = open_image(tmp_path / "saved.tar").layers
    assert len(real) == len(layers)
    view = UnionView([])
    for ours, theirs in zip(layers, real, strict=True):
        here, there = described(ours), described(theirs)
        repeated = {
            path for path in there.keys() - here.keys() if (found := view.lookup(path)) and found.entry.is_directory
        }
        assert here == {path: what for path, what in there.items() if path not in repeated}
        view = UnionView([*view.layers, ours])

"""A Dockerfile of thirty lines, built by docker and by us: words, cache hits, layers, history and config agree."""

import os
import re
import sys
from pathlib import Path

import pytest

from course.engine.build.context import context_from_folder
from course.engine.engine import Engine
from course.layers.entry import IMPLIED_DIRECTORY, Kind
from course.transport.reading import open_image
from course.transport.writing import save_image
from course.union.view import UnionView

sys.path.append(str(Path(__file__).parents[2] / "real"))
from same_programs import same_programs
from session.base import base_image
from session.engines import engine as docker_engine
from session.normalising import buildkit as in_order

pytestmark = [pytest.mark.root, pytest.mark.linux, pytest.mark.peer("dockerd", "docker", "runc", "nsenter")]

DOCKERFILE = r"""ARG BASE=base:1
FROM $BASE AS tools
ARG VERSION=1
WORKDIR /work/here
COPY tools ./tools
RUN cat tools/a tools/b > both && chmod 600 both && echo "$VERSION" > version
RUN ["sh", "-c", "ln both again; ln -s both soft; mkdir -p deep/er; rm tools/a"]

FROM base:1 AS other
RUN echo other > /other

FROM base:1
LABEL one=1 two="a b"
ENV HERE=/srv/app MODE="fast and small"
RUN mkdir -p $HERE && echo user:x:7:8::/srv:/bin/sh >> /etc/passwd && echo user:x:8: >> /etc/group
COPY --from=tools /work/here/ $HERE/
COPY --from=other /other /etc/
COPY --chown=user notes.txt *.conf /notes/
ADD notes.txt /deep/down/added
RUN rm -r /srv/app/deep && mkdir /srv/app/deep && echo gone > /srv/app/deep/new
VOLUME /data /srv/volume
RUN mkdir -p /data && echo lost > /data/lost && true
USER user
WORKDIR sub
RUN true
EXPOSE 80 53/udp
STOPSIGNAL SIGINT
HEALTHCHECK --interval=30s --retries=2 CMD true
ONBUILD RUN echo later
ENTRYPOINT ["sh"]
CMD ["-c", "cat /notes/notes.txt"]
"""
SETTINGS = "Cmd Entrypoint Env ExposedPorts Volumes Labels User WorkingDir Healthcheck StopSignal Shell OnBuild".split()


def fill(work):
    (work / "tools").mkdir()
    for name, text in {"tools/a": "a\n", "tools/b": "b\n", "notes.txt": "notes\n", "x.conf": "x\n"}.items():
        (work / name).write_text(text)
    (work / "Dockerfile").write_text(DOCKERFILE)
    (work / ".dockerignore").write_text("base.tar\nsaved.tar\n")


CHANGES = {
    "fresh": (fill, {}),
    "again": (lambda work: None, {}),
    "touched": (lambda work: os.utime(work / "tools" / "b", (1, 1)), {}),
    "content": (lambda work: (work / "notes.txt").write_text("other\n"), {}),
    "argument": (lambda work: None, {"VERSION": "2"}),
}


@pytest.fixture(scope="module")
def docker(tmp_path_factory):
    with docker_engine(tmp_path_factory.mktemp("builds") / "engine") as engine:
        save_image([base_image()], engine.work / "base.tar", "docker-archive")
        assert engine.run(["docker", "load", "-i", "base.tar"]).returncode == 0
        yield engine


def said(text):
    """What docker printed, without ids and times."""
    text = re.sub(r"^Sending build context.*\n", "", text)
    return re.sub(r"\b[0-9a-f]{12}\b", "<id>", re.sub(r"sha256:[0-9a-f]{64}", "<digest>", text))


def hits(text):
    """Which operations BuildKit found in its cache, by their names."""
    found, name = {}, ""
    for line in in_order(text).split("\n"):
        name = line if line.startswith("[") else name
        if line.strip() in ("CACHED", "DONE"):
            found[name] = line.strip()
    return {name: end for name, end in found.items() if "internal" not in name and " FROM " not in name}


def described(layers):
    """What each layer brings, deletes and hides, but for directories that look as they did below it."""
    found, below = [], UnionView([])
    for layer in layers:
        entries = {
            path: (entry.kind, entry.mode, entry.uid, entry.gid, entry.target, entry.link_to, entry.read())
            for path, entry in layer.entries.items()
            if entry is not IMPLIED_DIRECTORY and not _is_repeated(path, entry, below)
        }
        found.append((entries, layer.whiteouts, layer.opaque))
        below = UnionView([*below.layers, layer])
    return found


def _is_repeated(path, entry, below):
    before = below.root if path == "/" else below.lookup(path)
    if entry.kind is not Kind.DIRECTORY or before is None:
        return path == "/"
    return (before.entry.mode, before.entry.uid, before.entry.gid) == (entry.mode, entry.uid, entry.gid)


def settings(image):
    return {name: image.config.run[name] for name in SETTINGS if image.config.run.get(name)}


def history(image):
    """The history, but for what is known to differ.

    The checksum of a directory with a link in it (see ``checksum``); --chown and the start
    interval, of which BuildKit did not speak in 20.10.
    """
    steps = image.config.history
    texts = [re.sub("dir:[0-9a-f]+(?= in /srv/app/)", "dir:…", step.created_by) for step in steps]
    texts = [
        re.sub("--chown=user (?=.* # buildkit)", "", text).replace('"0s" "0s" "0s"', '"0s" "0s"') for text in texts
    ]
    return list(zip(texts, [step.empty_layer for step in steps], strict=True))


@pytest.mark.parametrize("builder", ["classic", "buildkit"])
def test_builds_are_the_daemons(docker, builder):
    ours = Engine(seed=0)
    ours.load([base_image()])
    work = docker.work / builder
    work.mkdir()
    docker.environment["DOCKER_BUILDKIT"] = str(int(builder == "buildkit"))
    for number, (change, arguments) in enumerate(CHANGES.values()):
        change(work)
        name = f"{builder}:{number}"
        given = [word for each in arguments.items() for word in ("--build-arg", "=".join(each))]
        ran = docker.run(["docker", "build", *given, "-t", name, builder])
        told = (ran.stdout + ran.stderr).decode()
        assert ran.returncode == 0, told
        with same_programs():
            built = ours.build(context_from_folder(work), tag=[name], build_arg=arguments, builder=builder)
        if builder == "classic":
            assert said(built.output) == said(told), number
        else:
            assert hits(built.output) == hits(told), number

        assert docker.run(["docker", "save", "-o", "saved.tar", name]).returncode == 0
        image, real = ours.image(name).image, open_image(docker.work / "saved.tar")
        above = len(base_image().layers)
        assert described(image.layers)[above:] == described(real.layers)[above:], number
        assert settings(image) == settings(real), number
        assert history(image) == history(real), number

"""A real Docker engine: it says of a registry what we say, pulls what we push, and its own pushes come out the same."""

import subprocess
import sys
from pathlib import Path

import pytest
from debian_registry import docker_registry
from registry_server import Answer, Content, error, serving

from course.errors import CourseError
from course.layers.reference import Reference
from course.layers.small_image import small_image
from course.transport.registry.pulling import pull
from course.transport.registry.pushing import push
from course.transport.writing import save_image

sys.path.append(str(Path(__file__).parents[2] / "real"))
from debian_image import docker as engine

pytestmark = [pytest.mark.root, pytest.mark.linux, pytest.mark.peer("dockerd", "docker")]

GREETER = small_image()
FROM_DAEMON = "Error response from daemon: "


@pytest.fixture(scope="module")
def docker(tmp_path_factory):
    with engine(tmp_path_factory.mktemp("docker")) as (docker, _root):
        yield docker


def refused(ask, *arguments):
    """What docker says when it refuses (str)."""
    with pytest.raises(subprocess.CalledProcessError) as caught:
        ask(*arguments)
    return caught.value.stderr.strip()


def said(ask, *arguments):
    """What we say when we refuse (str)."""
    with pytest.raises(CourseError) as caught:
        ask(*arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        error(404, "MANIFEST_UNKNOWN", "manifest unknown"),
        error(404, "NAME_UNKNOWN", "repository name not known to registry"),
        error(403, "DENIED", "requested access to the resource is denied"),
        error(401, "UNAUTHORIZED", "authentication required"),
        Answer(401),
        error(429, "TOOMANYREQUESTS", "You have reached your pull rate limit.", **{"Retry-After": "0"}),
        error(400, "MANIFEST_INVALID", "bad"),
        Answer(500, b"oops"),
    ],
    ids=lambda answer: f"{answer.status}",
)
def test_a_refused_pull_has_the_words_of_docker(docker, answer):
    with serving() as server:
        server.answers |= {"/v2/": Answer(200), "/v2/greeter/manifests/1": answer}
        name = f"{server.address}/greeter:1"
        assert FROM_DAEMON + said(pull, Reference.parse(name)) == refused(docker, "pull", name)


def test_who_has_no_password_is_told_in_the_words_of_docker(docker):
    with serving() as server:
        locked = error(401, "UNAUTHORIZED", "authentication required", **{"WWW-Authenticate": 'Basic realm="x"'})
        server.answers |= {"/v2/": locked, "/v2/greeter/manifests/1": locked}
        name = f"{server.address}/greeter:1"
        assert FROM_DAEMON + said(pull, Reference.parse(name)) == refused(docker, "pull", name)


def test_where_nobody_listens_the_words_are_those_of_docker(docker):
    with serving() as gone:
        name = f"{gone.address}/greeter:1"
    assert FROM_DAEMON + said(pull, Reference.parse(name)) == refused(docker, "pull", name)


def test_a_platform_that_is_not_there_has_the_words_of_docker(docker):
    with serving() as server:
        server.serve_index(("linux/amd64", Content.greeter()))
        server.answers["/v2/"] = Answer(200)
        name = f"{server.address}/greeter:1"
        told = refused(docker, "pull", "--platform=linux/s390x", name)
        assert said(pull, Reference.parse(name), "linux/s390x") == told


@pytest.mark.parametrize(
    "answer",
    [
        error(403, "DENIED", "requested access to the resource is denied"),
        error(401, "UNAUTHORIZED", "authentication required"),
    ],
    ids=lambda answer: f"{answer.status}",
)
def test_a_refused_push_has_the_words_of_docker(docker, tmp_path, answer):
    save_image([small_image("base:1")], tmp_path / "base.tar")
    docker("load", "-i", tmp_path / "base.tar")
    with serving() as server:
        server.accept_pushes()
        server.answers["POST *"] = answer
        name = f"{server.address}/greeter:1"
        docker("tag", "base:1", name)
        assert said(push, GREETER, Reference.parse(name)) == refused(docker, "push", "-q", name)


@pytest.mark.peer("docker-registry")
def test_docker_pulls_what_was_pushed_and_what_it_pushed_is_pushed_again_to_the_byte(docker, tmp_path):
    with docker_registry(tmp_path) as address:
        pushed = push(GREETER, Reference.parse(f"{address}/greeter:1"))
        assert f"Digest: {pushed.digest}" in docker("pull", f"{address}/greeter:1")
        assert docker("images", "-q", "--no-trunc", f"{address}/greeter:1").strip() == GREETER.image_id

        save_image([small_image("greeter:2")], tmp_path / "greeter.tar")
        docker("load", "-i", tmp_path / "greeter.tar")
        docker("tag", "greeter:2", f"{address}/docker:2")
        told = docker("push", f"{address}/docker:2")
        pulled = pull(Reference.parse(f"{address}/docker:2"))
        again = push(pulled.image, Reference.parse(f"{address}/again:2"))
        assert f"2: digest: {again.digest} size: {again.size}" in told
        assert again.digest == pulled.digest

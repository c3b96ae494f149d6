"""What docker pull and push say and do; the words are those of docker 20.10."""

import json
import socket
import subprocess
import time

import pytest

from course.engine.engine import Engine
from course.errors import DockerError
from course.layers.digest import short
from course.layers.layer import Layer
from course.layers.small_image import small_image


@pytest.fixture
def engine():
    return Engine(seed=0)


def digest_of(engine, repository):
    return next(name.partition("@")[2] for name in engine.references if name.startswith(f"{repository}@"))


def test_a_pull_tells_of_every_layer(engine):
    told = engine.pull("greeter:1").splitlines()
    layers = small_image("greeter:1").layers
    assert told == [
        "1: Pulling from library/greeter",
        *(f"{short(layer.diff_id)}: Pull complete" for layer in layers),
        f"Digest: {digest_of(engine, 'greeter')}",
        "Status: Downloaded newer image for greeter:1",
        "docker.io/library/greeter:1",
    ]


def test_layers_that_are_here_do_not_travel_again(engine):
    engine.pull("greeter:1")
    told = engine.pull("greeter:2").splitlines()
    assert [line.partition(": ")[2] for line in told[1:4]] == ["Already exists", "Already exists", "Pull complete"]


def test_a_second_pull_finds_everything_up_to_date(engine):
    engine.pull("base:1")
    assert engine.pull("base:1").splitlines() == [
        "1: Pulling from library/base",
        f"Digest: {digest_of(engine, 'base')}",
        "Status: Image is up to date for base:1",
        "docker.io/library/base:1",
    ]


def test_a_digest_is_a_name_too(engine):
    engine.pull("base:1")
    digest = digest_of(engine, "base")
    engine.rmi("base:1")
    told = engine.pull(f"base@{digest}").splitlines()
    assert told[0] == f"docker.io/library/base@{digest}: Pulling from library/base"
    assert told[-2] == f"Status: Downloaded newer image for base@{digest}"
    assert list(engine.references) == [f"base@{digest}"]


def test_all_tags_of_a_repository(engine):
    told = engine.pull("greeter", all_tags=True).splitlines()
    assert [line for line in told if "Pulling" in line] == [
        "1: Pulling from library/greeter",
        "2: Pulling from library/greeter",
    ]
    assert told[-2:] == ["Status: Downloaded newer image for greeter", "docker.io/library/greeter"]
    assert {"greeter:1", "greeter:2"} <= set(engine.references)


def test_a_quiet_pull_says_the_name_alone(engine):
    assert engine.pull("base:1", quiet=True) == "docker.io/library/base:1"


@pytest.mark.parametrize(
    ("reference", "options", "words"),
    [
        (
            "nope",
            {},
            "pull access denied for nope, repository does not exist or may require 'docker login': denied: requested "
            "access to the resource is denied",
        ),
        ("greeter:9", {}, "manifest for greeter:9 not found: manifest unknown: manifest unknown"),
        ("greeter", {}, "manifest for greeter:latest not found: manifest unknown: manifest unknown"),
        (
            f"base@sha256:{64 * '0'}",
            {},
            f"manifest for base@sha256:{64 * '0'} not found: manifest unknown: manifest unknown",
        ),
        ("scratch", {}, "'scratch' is a reserved name"),
        ("a//b", {}, "invalid reference format"),
        ("base:1", {"all_tags": True}, "tag can't be used with --all-tags/-a"),
        (
            "base:1",
            {"platform": "linux/arm64"},
            "image with reference base:1 was found but does not match the specified platform: wanted linux/arm64, "
            "actual: linux/amd64",
        ),
    ],
)
def test_what_cannot_be_pulled_is_refused_and_nothing_changes(engine, reference, options, words):
    before = {name: dict(table) for name, table in engine.store.tables.items()}
    with pytest.raises(DockerError) as caught:
        engine.pull(reference, **options)
    assert str(caught.value) == words
    assert engine.store.tables == before


def test_a_pull_is_done_again_without_a_registry(engine, monkeypatch):
    engine.pull("greeter:1")
    after = dict(engine.references)
    monkeypatch.setattr("course.engine.registries.from_small_hub", None)
    engine.undo()
    assert not engine.images_by_id
    engine.repeat(engine.journal.events[0])
    assert engine.references == after


def test_create_pulls_what_is_not_there(engine):
    engine.create("greeter:1", "true")
    assert engine.image("greeter:1").id == small_image("greeter:1").image_id
    assert [event.command for event in engine.journal.events] == ["take_image", "create"]


@pytest.mark.parametrize(
    ("reference", "options", "words"),
    [
        ("nope", {}, "An image does not exist locally with the tag: nope"),
        ("localhost:1/nope:1", {}, "An image does not exist locally with the tag: localhost:1/nope"),
        ("base:9", {}, "tag does not exist: base:9"),
        ("base:1", {}, "denied: requested access to the resource is denied"),
        ("base:1", {"all_tags": True}, "tag can't be used with --all-tags/-a"),
        (f"base@sha256:{64 * '0'}", {}, "cannot push a digest reference"),
    ],
)
def test_what_cannot_be_pushed_is_refused(engine, reference, options, words):
    engine.pull("base:1")
    with pytest.raises(DockerError) as caught:
        engine.push(reference, **options)
    assert str(caught.value) == words


def test_a_registry_that_is_not_there_is_told_in_one_sentence(engine):
    engine.pull("base:1")
    engine.tag("base:1", "localhost:1/base:1")
    for action in (engine.push, engine.pull):
        with pytest.raises(DockerError) as caught:
            action("localhost:1/base:1")
        assert "localhost:1" in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.fixture
def registry(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    storage = {"filesystem": {"rootdirectory": str(tmp_path / "images")}}
    config = {"version": 0.1, "storage": storage, "http": {"addr": address}}
    (tmp_path / "config.yml").write_text(json.dumps(config))  # JSON is YAML
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(["docker-registry", "serve", tmp_path / "config.yml"], stdout=log, stderr=log)
    host, port = address.split(":")
    for _try in range(600):
        try:
            socket.create_connection((host, int(port))).close()
            break
        except ConnectionRefusedError:
            time.sleep(0.05)
    yield address
    process.terminate()
    process.wait()


@pytest.mark.peer("docker-registry")
def test_what_is_pushed_to_a_registry_comes_back(engine, registry):
    name = f"{registry}/tools/greeter:2"
    engine.pull("greeter:2")
    engine.tag("greeter:2", name)
    engine.tag("greeter:2", name[:-1] + "3")
    layers = small_image("greeter:2").layers
    told = engine.push(name).splitlines()
    digest = digest_of(engine, f"{registry}/tools/greeter")
    assert told[:-1] == [
        f"The push refers to repository [{registry}/tools/greeter]",
        *(f"{short(layer.diff_id)}: Pushed" for layer in reversed(layers)),
    ]
    assert told[-1].startswith(f"2: digest: {digest} size: ")
    assert all("Layer already exists" in line for line in engine.push(name[:-1] + "3").splitlines()[1:-1])
    other = Engine(seed=1)
    came = other.pull(name).splitlines()
    assert came[0] == "2: Pulling from tools/greeter"
    assert came[-3:] == [f"Digest: {digest}", f"Status: Downloaded newer image for {name}", name]
    assert other.image(name).image.layers == layers
    assert other.run(name, "cat", "/app/settings.ini").stdout == b"greeting = bonjour\n"
    told = engine.push(name[:-2], all_tags=True).splitlines()
    assert [line[:9] for line in told if "digest" in line] == ["2: digest", "3: digest"]
    other.pull(name[:-2], all_tags=True)
    assert name[:-1] + "3" in other.references
    with pytest.raises(DockerError, match="manifest unknown"):
        other.pull(name[:-1] + "9")


@pytest.mark.peer("docker-registry")
def test_a_layer_that_is_known_does_not_come_from_the_registry(engine, registry):
    engine.pull("greeter:2")
    engine.tag("greeter:2", f"{registry}/greeter:2")
    engine.push(f"{registry}/greeter:2")
    other = Engine(seed=1)
    other.pull("base:1")
    came = other.pull(f"{registry}/greeter:2").splitlines()[1:4]
    assert [line.partition(": ")[2] for line in came] == ["Already exists", "Pull complete", "Pull complete"]
    assert isinstance(other.image("base:1").image.top, Layer)

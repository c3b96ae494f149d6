"""An image grows by one step at a time; its config keeps of the parent's what docker keeps."""

import json

import pytest

from course.errors import InvalidDocument, InvalidLayer
from course.layers.config import ImageConfig, Step
from course.layers.entry import symlink
from course.layers.image import Image
from course.layers.layer import Layer

BASE = Layer.of({"/hello": "world"})
IMAGE = Image.of([BASE], ["COPY hello /"], names=["demo:1"], run={"Cmd": ["sh"], "Env": ["A=b"]})
THEN = "2023-11-14T22:13:20.5Z"


def test_a_step_that_brings_a_layer_adds_it_and_its_history():
    top = Layer.of({"/bye": "moon"}, parent=BASE)
    image = IMAGE.with_layer(top, Step("COPY bye /", THEN, "Ann", "a comment", empty_layer=True))
    assert image.layers == (BASE, top)
    assert image.config.diff_ids == (BASE.diff_id, top.diff_id)
    assert image.config.history == (*IMAGE.config.history, Step("COPY bye /", THEN, "Ann", "a comment"))
    assert (image.config.created, image.config.author, image.config.run) == (THEN, "Ann", IMAGE.config.run)
    assert (image.names, IMAGE.layers) == ((), (BASE,))


def test_a_step_that_brings_none_is_a_new_image_of_the_same_layers():
    image = IMAGE.with_layer(None, Step("CMD ls"), run={"Cmd": ["ls"]})
    assert image.layers == IMAGE.layers
    assert image.image_id != IMAGE.image_id
    assert image.config.run == {"Cmd": ["ls"]}
    assert image.config.history[-1] == Step("CMD ls", empty_layer=True)


def test_the_first_step_stands_on_nothing():
    image = Image.of([]).with_layer(BASE, Step("COPY hello /"))
    assert (image.top, Image.of([]).top, image.size) == (BASE, None, 5)


@pytest.mark.parametrize("parent", [None, Layer.of({"/other": ""})])
def test_a_layer_that_stands_on_something_else_is_refused(parent):
    with pytest.raises(InvalidLayer, match="does not stand on the topmost layer of image"):
        IMAGE.with_layer(Layer.of({"/x": ""}, parent=parent), Step())


def test_what_docker_keeps_of_a_parent_is_kept_and_nothing_else():
    data = json.loads(IMAGE.config.raw)
    kept = {"architecture": "arm64", "variant": "v8", "os.version": "9", "os.features": ["few"]}
    lost = {"author": "Ann", "comment": "c", "docker_version": "1", "container": "x", "unknown": {"y": 1}}
    config = ImageConfig.parse(json.dumps({**data, **kept, **lost}).encode(), "config")
    child = json.loads(config.child(config.diff_ids, Step(), more={"container": "new"}).raw)
    assert {name: child.get(name) for name in (*kept, *lost)} == {
        **kept,
        **dict.fromkeys(lost),
        "container": "new",
    }


def test_properties_are_written_by_their_names():
    run = {"Healthcheck": {"Test": ["NONE"]}, "Volumes": {"/data": {}}, "ExposedPorts": {"80/tcp": {}}, "Shell": ["sh"]}
    config = ImageConfig.make([], [Step("x", author="Bob")], run, "arm64", THEN, "Ann", {"comment": "c"})
    data = json.loads(config.raw)
    assert data["config"] == run
    assert (data["created"], data["author"], data["comment"], data["history"]) == (
        THEN,
        "Ann",
        "c",
        [{"created_by": "x", "author": "Bob"}],
    )


def test_more_cannot_overrule_what_is_given_by_name():
    assert ImageConfig.make([], more={"os": "plan9", "rootfs": {}}).os == "linux"


@pytest.mark.parametrize(
    "run", [{"OnBuild": "x"}, {"Shell": [1]}, {"Healthcheck": []}, {"Volumes": ["/x"]}, {"Cmd": "ls"}, {"Env": {}}]
)
def test_a_run_config_of_wrong_types_is_refused(run):
    with pytest.raises(InvalidDocument, match="config, config"):
        ImageConfig.make([], run=run)


def test_the_size_is_what_docker_counts():
    two = Layer.of({"/a": "1234", "/link": symlink("to/é"), "/d": None}, whiteouts=["/hello"], parent=BASE)
    assert (two.size, Image.of([BASE, two]).size) == (4 + 5, 5 + 4 + 5)

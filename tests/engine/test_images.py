"""What docker images, docker tag and docker history show; the words are those of docker 20.10."""

import pytest

from course.engine.engine import Engine
from course.errors import DockerError
from course.layers.config import ImageConfig
from course.layers.image import Image
from course.layers.layer import Layer
from course.layers.small_image import small_image


@pytest.fixture
def engine():
    engine = Engine(seed=0)
    engine.pull("base:1")
    return engine


def committed(engine, word, name="", **options):
    """The id of an image that was committed from a new container of ``word``, which is gone again."""
    container = engine.create(word)
    identity = engine.commit(container, name, **options)
    engine.rm(container)
    return identity


def lines(engine, *arguments, **options):
    return [(row.repository, row.tag) for row in engine.images(*arguments, **options)]


def test_an_image_has_a_line_for_each_of_its_names(engine):
    engine.tag("base:1", "zoo")
    engine.tag("base:1", "registry.test/base:2")
    assert lines(engine) == [("base", "1"), ("registry.test/base", "2"), ("zoo", "latest")]
    assert len({row.id for row in engine.images()}) == 1


def test_the_newest_image_comes_first(engine):
    committed(engine, "base:1", "older")
    committed(engine, "base:1", "newer")
    assert lines(engine) == [("newer", "latest"), ("older", "latest"), ("base", "1")]


def test_a_name_moves_and_leaves_its_image_dangling(engine):
    first = committed(engine, "base:1", "mine")
    second = committed(engine, "base:1", "mine")
    assert engine.image("mine").id == second
    assert [row.id for row in engine.images(filter=["dangling=true"])] == [first]
    assert lines(engine, filter=["dangling=false"]) == [("mine", "latest"), ("base", "1")]


def test_intermediate_images_show_with_all_alone(engine):
    middle = committed(engine, "base:1")
    committed(engine, middle, "top")
    assert lines(engine) == [("top", "latest"), ("base", "1")]
    assert [row.id for row in engine.images(all=True)][1] == middle
    assert engine.images(filter=["dangling=true"]) == []
    engine.rmi("base:1")
    assert engine.image(middle).parent not in [row.id for row in engine.images()]


def test_a_pattern_chooses_names(engine):
    engine.tag("base:1", "team/base:1")
    engine.tag("base:1", "other:2")
    assert lines(engine, "base") == [("base", "1")]
    assert lines(engine, "*/base") == [("team/base", "1")]
    assert lines(engine, "base:2") == []
    assert lines(engine, filter=["reference=*:2", "reference=*/*:1"]) == [("other", "2"), ("team/base", "1")]
    with pytest.raises(DockerError, match=r"^syntax error in pattern$"):
        engine.images("ba[se")


def test_filters_by_time_and_label(engine):
    committed(engine, "base:1", "first", change=["LABEL stage=one"])
    committed(engine, "base:1", "second", change=["LABEL stage=two"])
    assert lines(engine, filter=["before=second"]) == [("first", "latest"), ("base", "1")]
    assert lines(engine, filter=["since=first"]) == [("second", "latest")]
    assert lines(engine, filter=["label=stage"]) == [("second", "latest"), ("first", "latest")]
    assert lines(engine, filter=["label=stage=one"]) == [("first", "latest")]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("nope=x", "Invalid filter 'nope'"),
        ("dangling=x", "Invalid filter 'dangling=[x]'"),
        ("since=nope", "No such image: nope:latest"),
    ],
)
def test_a_filter_that_there_is_not_is_refused(engine, given, words):
    with pytest.raises(DockerError) as caught:
        engine.images(filter=[given])
    assert str(caught.value) == words


def test_a_digest_has_a_line_only_where_no_tag_is(engine):
    name = next(name for name in engine.references if "@" in name)
    row = engine.images(digests=True)[0]
    assert (row.tag, f"base@{row.digest}") == ("1", name)
    assert engine.images()[0].digest == "<none>"
    engine.references.pop("base:1")
    assert [(row.repository, row.tag, row.digest) for row in engine.images()] == [("base", "<none>", "<none>")]


def test_sizes_are_shared_by_layer_and_containers_counted(engine):
    engine.pull("greeter:1")
    engine.pull("greeter:2")
    engine.create("greeter:2")
    rows = {f"{row.repository}:{row.tag}": row for row in engine.images()}
    base = small_image("base:1").size
    own = small_image("greeter:2").layers[-1].size
    assert rows["base:1"].shared_size == base
    assert (rows["greeter:2"].unique_size, rows["greeter:2"].containers) == (own, 1)
    assert rows["greeter:1"].containers == 0


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("nope", "x", "No such image: nope:latest"),
        ("base:1", "a:b:c", 'Error parsing reference: "a:b:c" is not a valid repository/tag: invalid reference format'),
        ("base:1", "", 'Error parsing reference: "" is not a valid repository/tag: invalid reference format'),
        ("base:1", f"a@sha256:{64 * '0'}", "refusing to create a tag with a digest reference"),
        ("base:1", "a//b", 'Error parsing reference: "a//b" is not a valid repository/tag: invalid reference format'),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(engine, source, target, words):
    before = dict(engine.references)
    with pytest.raises(DockerError) as caught:
        engine.tag(source, target)
    assert str(caught.value) == words
    assert engine.references == before


def test_undo_gives_a_name_back_to_its_image(engine):
    engine.tag("base:1", "mine")
    engine.pull("greeter:1")
    engine.tag("greeter:1", "mine")
    engine.undo()
    assert engine.image("mine").id == small_image("base:1").image_id


def test_history_knows_the_ids_of_local_parents_alone(engine):
    middle = committed(engine, "base:1", message="first")
    top = committed(engine, middle, "top")
    rows = engine.history("top")
    assert [row.id for row in rows] == [top, middle, small_image("base:1").image_id, "<missing>", "<missing>"]
    assert [row.comment for row in rows[:2]] == ["", "first"]
    assert [row.tags for row in rows[:3]] == [("top:latest",), (), ("base:1",)]
    assert [row.size for row in rows] == [0, 0, 0, 0, small_image("base:1").size]


def test_a_history_with_more_layers_than_the_image_is_told_so(engine):
    made = small_image("base:1")
    config = ImageConfig.make([layer.diff_id for layer in made.layers], made.config.history + made.config.history[:1])
    engine.take_image(Image(config, made.layers), ["liar:1"])
    with pytest.raises(DockerError, match=r"^too many non-empty layers in History section$"):
        engine.history("liar:1")


def test_an_image_in_the_store_has_no_names_of_its_own(engine):
    engine.take_image(Image.of([Layer.of({"/a": ""})], names=["x:1"]), ["y:1"])
    assert engine.image("y:1").image.names == ()

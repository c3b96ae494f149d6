"""What docker image prune, system prune and system df find; the numbers are those of docker 20.10."""

import pytest

from course.engine.engine import Engine
from course.engine.pruning import Usage
from course.engine.removing_images import Removal
from course.errors import DockerError
from course.layers.small_image import small_image


@pytest.fixture
def engine():
    engine = Engine(seed=0)
    engine.pull("base:1")
    return engine


def committed(engine, word, name="", words="echo hi > /hi", **options):
    box = engine.run(word, "sh", "-c", words).container
    identity = engine.commit(box, name, **options)
    engine.rm(box)
    return identity


def test_dangling_images_go_with_their_layers(engine):
    gone = committed(engine, "base:1", "mine")
    kept = committed(engine, "base:1", "mine", "echo hello > /hello")
    layer = engine.image(gone).image.layers[-1]
    pruned = engine.image_prune()
    assert pruned.removed == (Removal("Deleted", gone), Removal("Deleted", layer.chain_id))
    assert pruned.reclaimed == 3
    assert set(engine.images_by_id) == {kept, engine.image("base:1").id}


def test_parents_stay_while_a_named_image_needs_them(engine):
    middle = committed(engine, "base:1")
    committed(engine, middle, "top", "echo ho > /ho")
    assert engine.image_prune().removed == ()
    assert middle in engine.images_by_id


def test_whole_chains_of_dangling_images_go(engine):
    middle = committed(engine, "base:1")
    committed(engine, middle, "", "echo ho > /ho")
    assert engine.image_prune().reclaimed == 6
    assert set(engine.images_by_id) == {engine.image("base:1").id}


def test_a_dangling_image_with_a_container_stays(engine):
    image = committed(engine, "base:1")
    engine.create(image)
    assert engine.image_prune().removed == ()
    assert image in engine.images_by_id


def test_all_takes_named_images_that_no_container_has(engine):
    engine.pull("greeter:1")
    engine.create("base:1")
    pruned = engine.image_prune(all=True)
    assert pruned.reclaimed == small_image("greeter:1").size - small_image("base:1").size
    assert [row.repository for row in engine.images()] == ["base"]
    assert engine.image_prune(filter=["dangling=false"]).removed == ()


def test_filters_spare_images(engine):
    committed(engine, "base:1", change=["LABEL keep=yes"])
    committed(engine, "base:1", change=["LABEL keep=no"])
    assert engine.image_prune(filter=["until=1h"]).removed == ()
    assert len(engine.image_prune(filter=["label!=keep=yes"]).removed) == 2
    assert engine.image_prune(filter=["label=other"]).removed == ()
    assert len(engine.image_prune(filter=["label=keep"]).removed) == 2


@pytest.mark.parametrize("given", ["x=x", "dangling=x", "reference=x"])
def test_a_filter_that_prune_does_not_know_is_refused(engine, given):
    with pytest.raises(DockerError, match=r"^Invalid filter '"):
        engine.image_prune(filter=[given])


def test_a_prune_can_be_undone(engine):
    before = {name: dict(table) for name, table in engine.store.tables.items()}
    engine.image_prune(all=True)
    assert not engine.images_by_id
    engine.undo()
    assert engine.store.tables == before


def test_system_df_counts_as_docker_does(engine):
    committed(engine, "base:1", "mine", "echo hello > /hello")
    engine.pull("greeter:1")
    engine.run("base:1", "sh", "-c", "echo running > /running; sleep 1000", detach=True)
    engine.run("mine", "sh", "-c", "echo four > /four; echo data > /data/file", volume=["kept:/data"])
    engine.volume_create("unused")
    images = small_image("greeter:1").size + len("hello\n")
    assert engine.system_df() == [
        Usage("Images", 3, 2, images, images - len("hello\n")),
        Usage("Containers", 2, 1, len("running\nfour\n"), len("four\n")),
        Usage("Local Volumes", 2, 1, len("data\n"), 0),
        Usage("Build Cache", 0, 0, 0, 0),
    ]


def test_system_prune_leaves_what_runs_and_what_is_named(engine):
    gone = committed(engine, "base:1")
    runs = engine.run("base:1", "sleep", "1000", detach=True)
    ended = engine.run(
        "base:1", "sh", "-c", "echo hello > /hello; echo kept > /data/kept", volume=["data:/data"]
    ).container
    engine.network_create("lonely")
    pruned = engine.system_prune()
    assert (pruned.containers, pruned.networks, pruned.volumes) == ((ended,), ("lonely",), ())
    assert pruned.images[0] == Removal("Deleted", gone)
    assert pruned.reclaimed == len("hello\n") + len("hi\n")
    assert list(engine.containers) == [runs]
    assert "data" in engine.volumes


def test_system_prune_with_volumes_and_all(engine):
    engine.run("base:1", "sh", "-c", "echo kept > /data/kept", volume=["/data"])
    pruned = engine.system_prune(all=True, volumes=True)
    assert len(pruned.volumes) == 1
    assert pruned.reclaimed == len("kept\n") + small_image("base:1").size
    assert not engine.images_by_id
    assert not engine.volumes
    with pytest.raises(DockerError, match="is not supported with"):
        engine.system_prune(volumes=True, filter=["until=1h"])

"""What docker rmi takes away, and what it refuses; the words are those of docker 20.10."""

import pytest

from course.engine.engine import Engine
from course.engine.removing_images import Removal
from course.errors import DockerError
from course.layers.digest import short
from course.layers.small_image import small_image


@pytest.fixture
def engine():
    engine = Engine(seed=0)
    engine.pull("base:1")
    return engine


def refusal(engine, *images, **options):
    before = {name: dict(table) for name, table in engine.store.tables.items()}
    with pytest.raises(DockerError) as caught:
        engine.rmi(*images, **options)
    if not caught.value.kept:
        assert engine.store.tables == before
    return str(caught.value)


def child_of(engine, image, name="", words="echo hi > /hi"):
    box = engine.run(image, "sh", "-c", words).container
    identity = engine.commit(box, name)
    engine.rm(box)
    return identity


def test_a_name_goes_and_the_image_stays_while_it_has_another(engine):
    engine.tag("base:1", "mine:2")
    assert list(map(str, engine.rmi("mine:2"))) == ["Untagged: mine:2"]
    assert engine.image("base:1")


def test_the_last_name_takes_digests_image_and_layers_along(engine):
    image = small_image("base:1")
    digest = next(name for name in engine.references if "@" in name)
    assert engine.rmi("base:1") == [
        Removal("Untagged", "base:1"),
        Removal("Untagged", digest),
        Removal("Deleted", image.image_id),
        Removal("Deleted", image.layers[0].chain_id),
    ]
    assert not engine.images_by_id
    assert not engine.references
    engine.undo()
    assert engine.image(digest).id == image.image_id


def test_layers_of_other_images_stay(engine):
    engine.pull("greeter:1")
    engine.pull("greeter:2")
    shared, own = small_image("greeter:1").layers[:2], small_image("greeter:1").layers[2:]
    gone = [removal.what for removal in engine.rmi("greeter:1")]
    assert [layer.chain_id in gone for layer in (*shared, *own)] == [False, False, True, True]
    assert gone.index(own[1].chain_id) < gone.index(own[0].chain_id)


def test_an_id_with_several_names_must_be_forced(engine):
    engine.tag("base:1", "mine")
    identity = engine.image("base:1").id
    words = (
        f"conflict: unable to delete {short(identity)} (must be forced) - image is referenced in multiple repositories"
    )
    assert refusal(engine, short(identity)) == words
    assert [removal.kind for removal in engine.rmi(identity, force=True)] == ["Untagged"] * 3 + ["Deleted"] * 2


def test_an_id_with_tag_and_digest_of_one_repository_needs_no_force(engine):
    assert engine.rmi(engine.image("base:1").id)
    assert not engine.references


def test_an_id_with_a_digest_of_another_repository_must_be_forced(engine):
    engine.tag("base:1", "mine")
    engine.store.tables["references"].pop("base:1")
    assert "referenced in multiple repositories" in refusal(engine, engine.image("mine").id)


def test_a_container_holds_the_last_name_unless_forced(engine):
    container = engine.create("base:1")
    identity = engine.image("base:1").id
    assert refusal(engine, "base:1") == (
        f'conflict: unable to remove repository reference "base:1" (must force) - container {container[:12]} is using '
        f"its referenced image {short(identity)}"
    )
    engine.tag("base:1", "mine")
    engine.rmi("mine")
    assert refusal(engine, identity) == (
        f"conflict: unable to delete {short(identity)} (must be forced) - image is being used by stopped container "
        f"{container[:12]}"
    )


def test_force_takes_an_image_from_a_stopped_container_but_not_its_layers(engine):
    engine.create("base:1")
    gone = engine.rmi("base:1", force=True)
    assert gone[-1] == Removal("Deleted", small_image("base:1").image_id)
    assert small_image("base:1").layers[0].chain_id not in [removal.what for removal in gone]


def test_a_container_holds_layers_after_its_image_is_gone(engine):
    engine.create("base:1", "cat", "/etc/motd", name="box")
    engine.rmi("base:1", force=True)
    engine.pull("base:1")
    assert small_image("base:1").layers[0].chain_id not in [each.what for each in engine.rmi("base:1", force=True)]
    engine.start("box")
    assert engine.logs("box")


def test_a_running_container_holds_its_image_even_against_force(engine):
    container = engine.run("base:1", "sleep", "1000", detach=True)
    identity = engine.image("base:1").id
    words = (
        f"conflict: unable to delete {short(identity)} (cannot be forced) - image is being used by running container "
        f"{container[:12]}"
    )
    assert refusal(engine, identity, force=True) == words
    assert [removal.kind for removal in engine.rmi("base:1", force=True)] == ["Untagged", "Untagged"]
    assert engine.images()[0].repository == "<none>"


def test_an_image_with_children_cannot_be_forced(engine):
    child = child_of(engine, "base:1", "child")
    identity = engine.image("base:1").id
    words = f"conflict: unable to delete {short(identity)} (cannot be forced) - image has dependent child images"
    assert refusal(engine, identity) == words
    assert refusal(engine, identity, force=True) == words
    assert [removal.kind for removal in engine.rmi("base:1")] == ["Untagged", "Untagged"]
    assert set(engine.images_by_id) == {child, identity}


def test_parents_go_with_their_last_child(engine):
    first = child_of(engine, "base:1")
    second = child_of(engine, first, "second", "echo ho > /ho")
    gone = engine.rmi("second")
    assert [removal.what for removal in gone if removal.what in (first, second)] == [second, first]
    assert set(engine.images_by_id) == {engine.image("base:1").id}


def test_parents_stay_with_no_prune(engine):
    first = child_of(engine, "base:1")
    child_of(engine, first, "second", "echo ho > /ho")
    engine.rmi("second", no_prune=True)
    assert first in engine.images_by_id


def test_a_parent_that_another_image_needs_stays(engine):
    first = child_of(engine, "base:1")
    child_of(engine, first, "second", "echo ho > /ho")
    child_of(engine, first, "third", "echo hu > /hu")
    engine.rmi("second")
    assert first in engine.images_by_id


def test_what_is_not_there_is_refused_and_the_rest_is_done(engine):
    with pytest.raises(DockerError) as caught:
        engine.rmi("nope", "base:1", "sha256:12")
    assert str(caught.value) == "No such image: nope\nNo such image: sha256:12"
    assert (caught.value.status, caught.value.kept, len(caught.value.done)) == (1, True, 4)
    assert not engine.images_by_id


def test_with_force_it_is_no_failure_that_an_image_is_not_there(engine):
    with pytest.raises(DockerError) as caught:
        engine.rmi("nope", force=True)
    assert (str(caught.value), caught.value.status) == ("No such image: nope", 0)


def test_a_digest_alone_can_be_taken_away(engine):
    digest = next(name for name in engine.references if "@" in name)
    assert list(map(str, engine.rmi(digest))) == [f"Untagged: {digest}"]
    assert engine.image("base:1")

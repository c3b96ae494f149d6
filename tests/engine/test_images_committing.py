"""What docker commit keeps of a container, and what squashing makes of layers."""

import pytest

from course.engine.engine import Engine
from course.engine.squashing import one_layer
from course.errors import DockerError
from course.layers.entry import FileEntry, Kind
from course.layers.layer import Layer
from course.layers.small_image import small_image
from course.union.view import UnionView


@pytest.fixture
def engine():
    engine = Engine(seed=0)
    engine.pull("base:1")
    return engine


def run_of(engine, word):
    return engine.image(word).image.config.run


def test_what_a_container_wrote_becomes_the_topmost_layer(engine):
    engine.run("base:1", "sh", "-c", "echo hi > /hi; rm /etc/motd", name="box")
    image = engine.image(engine.commit("box", "new:1")).image
    assert image.layers[:-1] == small_image("base:1").layers
    assert ("/hi" in image.layers[-1].entries, image.layers[-1].whiteouts) == (True, {"/etc/motd"})
    assert image.config.diff_ids[-1] == image.layers[-1].diff_id


def test_nothing_of_the_init_layer_is_committed(engine):
    engine.run("base:1", "sh", "-c", "echo hi > /hi", name="box")
    view = UnionView(engine.image(engine.commit("box")).image.layers)
    assert view.lookup("/.dockerenv") is None
    assert view.lookup("/etc/hostname") is None


def test_an_unchanged_container_gives_a_new_image_and_no_layer(engine):
    engine.create("base:1", name="box")
    identity = engine.commit("box")
    assert identity != engine.image("base:1").id
    assert engine.image(identity).image.layers == small_image("base:1").layers
    assert engine.image(identity).image.config.history[-1].empty_layer


def test_an_image_remembers_where_it_comes_from(engine):
    box = engine.run("base:1", "sh", "-c", "echo hi > /hi").container
    stored = engine.image(engine.commit(box, author="Ann", message="by hand"))
    step = stored.image.config.history[-1]
    assert (stored.parent, stored.container) == (small_image("base:1").image_id, box)
    assert (step.created_by, step.author, step.comment) == ("sh -c echo hi > /hi", "Ann", "by hand")
    assert (stored.image.config.created, stored.image.config.author) == (step.created, "Ann")
    assert step.created.startswith("2026-01-01T00:00:0")


def test_the_image_runs_as_the_container_did(engine):
    engine.create("base:1", "echo", "hi", name="box", env=["B=2"], label=["q=r"], user="learner")
    run = run_of(engine, engine.commit("box"))
    assert (run["Cmd"], run["Env"], run["Labels"], run["User"]) == (
        ["echo", "hi"],
        ["B=2", "PATH=/bin"],
        {"q": "r"},
        "learner",
    )
    assert engine.run(engine.commit("box"), rm=True).stdout == b"hi\n"


def test_the_files_of_a_volume_are_not_committed(engine):
    engine.run("base:1", "sh", "-c", "echo hi > /data/hi; echo ho > /ho", name="box", volume=["data:/data"])
    view = UnionView(engine.image(engine.commit("box")).image.layers)
    assert view.lookup("/ho")
    assert view.lookup("/data/hi") is None


def test_a_running_container_goes_on(engine):
    engine.run("base:1", "sleep", "1000", detach=True, name="box")
    engine.commit("box")
    assert engine.container("box").is_running


def test_changes_are_instructions_of_a_dockerfile(engine):
    engine.create("base:1", "true", name="box", env=["A=1"])
    identity = engine.commit(
        "box",
        change=[
            'CMD ["/bin/prog","x"]',
            "ENV C=3 A=9",
            "ENV P=$A:x",
            "LABEL l=m",
            "EXPOSE 80-81 53/udp",
            "WORKDIR w",
            "WORKDIR v",
            "USER u:$A",
            "VOLUME /v2",
            "ONBUILD RUN x",
            'ENTRYPOINT ["/e"]',
            "HEALTHCHECK NONE",
        ],
    )
    run = run_of(engine, identity)
    assert {name: run[name] for name in ("Cmd", "Entrypoint", "User", "WorkingDir", "OnBuild", "Labels")} == {
        "Cmd": ["/bin/prog", "x"],
        "Entrypoint": ["/e"],
        "User": "u:9",
        "WorkingDir": "/w/v",
        "OnBuild": ["RUN x"],
        "Labels": {"l": "m"},
    }
    assert run["Env"] == ["A=9", "PATH=/bin", "C=3", "P=9:x"]
    assert run["ExposedPorts"] == {"53/udp": {}, "80/tcp": {}, "81/tcp": {}}
    assert (run["Volumes"], run["Healthcheck"]) == ({"/v2": {}}, {"Test": ["NONE"]})


def test_an_entrypoint_alone_takes_the_command_away(engine):
    engine.create("base:1", "echo", "hi", name="box")
    run = run_of(engine, engine.commit("box", change=["ENTRYPOINT echo $HOME"]))
    assert (run["Entrypoint"], "Cmd" in run) == (["/bin/sh", "-c", "echo $HOME"], False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (["RUN x"], "run is not a valid change command"),
        (["STOPSIGNAL 9"], "stopsignal is not a valid change command"),
        (["NOPE x"], "nope is not a valid change command"),
        (["EXPOSE"], "EXPOSE requires at least one argument"),
        (["EXPOSE x"], "Invalid containerPort: x"),
        (["EXPOSE 82-80"], "Invalid containerPort: 82-80"),
        (["VOLUME"], "VOLUME requires at least one argument"),
        (["ONBUILD FROM x"], "FROM isn't allowed as an ONBUILD trigger"),
        ([""], "file with no instructions"),
    ],
)
def test_another_change_is_refused(engine, change, words):
    engine.create("base:1", name="box")
    before = dict(engine.images_by_id)
    with pytest.raises(DockerError) as caught:
        engine.commit("box", "x", change=change)
    assert str(caught.value) == words
    assert engine.images_by_id == before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("up:x:y", "invalid reference format"),
        (f"new@sha256:{64 * '0'}", "refusing to create a tag with a digest reference"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused_by_commit(engine, name, words):
    engine.create("base:1", name="box")
    with pytest.raises(DockerError) as caught:
        engine.commit("box", name)
    assert str(caught.value) == words


def test_a_container_without_its_image_cannot_be_committed(engine):
    engine.create("base:1", name="box")
    engine.rmi("base:1", force=True)
    with pytest.raises(DockerError, match=r"^failed to get digest sha256:.*: no such file or directory$"):
        engine.commit("box")


def test_a_commit_can_be_undone_and_done_again(engine):
    engine.run("base:1", "sh", "-c", "echo hi > /hi", name="box")
    identity = engine.commit("box", "new:1")
    engine.undo()
    assert identity not in engine.images_by_id
    assert "new:1" not in engine.references
    engine.redo()
    assert engine.image("new:1").id == identity


def squashable():
    base = Layer.of(
        {
            "/": FileEntry(Kind.DIRECTORY, 0o755),
            "/etc/a": "a",
            "/etc/b": "b",
            "/old/x/y": "y",
            "/kind": "file",
            "/kept": "k",
            "/directory/with/file": "f",
        }
    )
    second = Layer.of({"/etc/a": "A", "/tmp/gone": "gone", "/one": "same"}, whiteouts=["/etc/b"], parent=base)
    linked = {
        **second.entries,
        "/two": FileEntry(Kind.FILE, size=4, link_to="/one", content=second.entries["/one"].content),
    }
    second = Layer(linked, second.whiteouts, second.opaque, base)
    third = Layer.of(
        {"/old/new": "new", "/kind/of": "directory", "/directory": "file"},
        whiteouts=["/tmp/gone", "/one"],
        opaque=["/old"],
        parent=second,
    )
    return [base, second, third]


@pytest.mark.parametrize("above", [0, 1, 2])
def test_one_layer_shows_what_several_show(above):
    layers = squashable()
    flat = one_layer(layers, above)
    squashed, plain = UnionView(flat.stack), UnionView(layers)
    seen = [
        [
            (path, found.entry.kind, None if found.entry.is_directory else found.entry.read())
            for path, found in view.walk()
        ]
        for view in (squashed, plain)
    ]
    assert seen[0] == seen[1]
    assert len(flat.stack) == above + 1
    assert not {"/tmp/gone", "/one"} & set(flat.entries)


def test_what_is_deleted_above_the_parent_is_a_whiteout_and_nothing_else():
    flat = one_layer(squashable(), 1)
    assert flat.whiteouts == {"/etc/b", "/old/x"}
    assert not {"/", "/etc", "/kept"} & set(flat.entries)
    assert flat.entries["/two"].link_to == ""


def test_a_squashed_image_keeps_its_history_without_layers(engine):
    engine.pull("greeter:1")
    image = engine.image(engine.squash("greeter:1", "base:1")).image
    made = small_image("greeter:1")
    assert image.layers[0] == made.layers[0]
    assert [step.created_by for step in image.config.history[:-1]] == [step.created_by for step in made.config.history]
    assert image.config.history[-1].comment == f"merge {made.image_id} to {small_image('base:1').image_id}"
    assert [step.empty_layer for step in image.config.history[3:]] == [True, True, True, False]
    assert image.config.run == made.config.run
    assert engine.image("greeter:1").image.layers == made.layers


def test_squashing_everything_leaves_one_layer(engine):
    engine.pull("greeter:1")
    image = engine.image(engine.squash("greeter:1")).image
    assert len(image.layers) == 1
    assert image.config.history[-1].comment.startswith("create new from sha256:")

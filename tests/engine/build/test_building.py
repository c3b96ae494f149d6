"""docker build on the simulated engine: images, containers and tags that stay, what is asked of the cache, and why."""

import pytest

from course.engine.build.steps import Cause
from course.engine.engine import Engine
from course.errors import DockerError
from course.layers.entry import Kind
from course.layers.layer import Layer
from course.union.view import UnionView

BUILDERS = ["classic", "buildkit"]
CONTEXT = Layer.of({"src/a": "a\n", "src/b": "b\n", "notes": "notes\n"})
STAGES = """FROM base:1 AS first
ARG VERSION=1
COPY src/ /src/
RUN cat /src/a; echo $VERSION > /version
FROM base:1 AS unused
RUN echo never > /never
FROM base:1
COPY --from=first /version /
COPY notes /
CMD cat /notes
"""


@pytest.fixture
def engine():
    engine = Engine(seed=0)
    engine.pull("base:1")
    return engine


@pytest.fixture(params=BUILDERS)
def build(engine, request):
    def carried_out(text, context=CONTEXT, **options):
        return engine.build(context, dockerfile=text, builder=request.param, **options)

    carried_out.builder = request.param
    return carried_out


def causes(built):
    return [step.probe.cause for step in built.steps if step.probe.cause is not Cause.NOT_ASKED]


def reasons(built):
    return [step.probe.reason for step in built.steps if step.probe.cause not in (Cause.FOUND, Cause.NOT_ASKED)]


def refusal(build, text, **options):
    with pytest.raises(DockerError) as caught:
        build(text, **options)
    return caught.value


# What is built


def test_the_image_shows_what_its_steps_wrote(engine, build):
    built = build(STAGES, tag=["app:1", "team/app"])
    view = UnionView(engine.image("app:1").image.layers)
    assert (view.read("/version"), view.read("/notes")) == (b"1\n", b"notes\n")
    assert (view.lookup("/never"), view.lookup("/src")) == (None, None)
    assert engine.image("team/app").id == built.id
    assert engine.run("app:1").stdout == b"notes\n"
    assert [step.output for step in built.steps if step.output] == ["a\n"]


def test_the_classic_builder_makes_an_image_of_each_step_and_buildkit_one_in_all(engine, build):
    before = len(engine.images_by_id)
    build(STAGES)
    made = len(engine.images_by_id) - before
    assert made == (7 if build.builder == "classic" else 1)
    assert not engine.containers


def test_a_step_without_files_brings_no_layer(engine, build):
    built = build("FROM base:1\nENV A=1\nLABEL b=2\nRUN true\n")
    image = engine.image(built.id).image
    # BuildKit counts a RUN that wrote nothing as a layer; the classic builder does not
    assert len(image.layers) == (1 if build.builder == "classic" else 2)
    assert image.config.run["Env"] == ["PATH=/bin", "A=1"]


def test_what_a_run_writes_into_a_volume_is_lost_in_the_classic_builder_alone(engine, build):
    built = build("FROM base:1\nVOLUME /data\nRUN mkdir -p /data; echo x > /data/file\n")
    found = UnionView(engine.image(built.id).image.layers).lookup("/data/file")
    assert (found is None) == (build.builder == "classic")
    assert not engine.volumes


def test_triggers_of_the_base_are_carried_out_and_not_handed_on(engine, build):
    build("FROM base:1\nONBUILD COPY notes /handed\nONBUILD RUN cat /handed > /copy\n", tag=["parent"])
    built = build("FROM parent\nRUN cat /copy\n")
    assert built.steps[-1].output == "notes\n"
    assert "OnBuild" not in engine.image(built.id).image.config.run
    assert ("# Executing 2 build triggers" in built.output) == (build.builder == "classic")


def test_an_entrypoint_takes_away_the_command_of_the_base_and_not_its_own(engine, build):
    run = engine.image(build('FROM base:1\nENTRYPOINT ["cat"]\n').id).image.config.run
    assert (run["Entrypoint"], run.get("Cmd")) == (["cat"], None)
    run = engine.image(build('FROM base:1\nCMD ["/notes"]\nENTRYPOINT ["cat"]\n').id).image.config.run
    assert (run["Entrypoint"], run["Cmd"]) == (["cat"], ["/notes"])


def test_the_working_directory_is_made(engine, build):
    built = build("FROM base:1\nUSER learner\nWORKDIR /srv\nWORKDIR app\nRUN pwd\n")
    assert built.steps[-1].output == "/srv/app\n"
    entry = UnionView(engine.image(built.id).image.layers).lstat("/srv/app")
    assert (entry.kind, entry.mode) == (Kind.DIRECTORY, 0o755)
    assert entry.uid == (0 if build.builder == "classic" else 1000)  # BuildKit gives it to the user


def test_only_what_the_target_needs_is_built_by_buildkit(engine):
    built = engine.build(CONTEXT, dockerfile=STAGES, builder="buildkit")
    assert not any("never" in vertex.name for vertex in built.graph.vertices)
    built = engine.build(CONTEXT, dockerfile=STAGES, builder="buildkit", target="unused")
    assert [vertex.name for vertex in built.graph.vertices] == [
        "[unused 1/2] FROM docker.io/library/base:1",
        "[unused 2/2] RUN echo never > /never",
    ]


def test_the_graph_says_what_needs_what_and_what_can_go_on_at_the_same_time(engine):
    text = "FROM base:1 AS a\nRUN echo a > /a\nFROM base:1 AS b\nRUN echo b > /b\nFROM base:1\n"
    graph = engine.build(
        CONTEXT, dockerfile=f"{text}COPY --from=a /a /\nCOPY --from=b /b /\n", builder="buildkit"
    ).graph
    names = {vertex.name.partition("] ")[2]: vertex.number for vertex in graph.vertices}
    base, a, b = (names[name] for name in ("FROM docker.io/library/base:1", "RUN echo a > /a", "RUN echo b > /b"))
    assert graph.levels[:2] == ((base,), (a, b))
    copy_a, copy_b = names["COPY --from=a /a /"], names["COPY --from=b /b /"]
    assert set(graph.edges) == {(base, a), (base, b), (base, copy_a), (a, copy_a), (copy_a, copy_b), (b, copy_b)}


# The cache


def test_everything_comes_from_the_cache_the_second_time(build):
    first, second = build(STAGES), build(STAGES)
    assert set(causes(first)) == {Cause.NEVER, Cause.ABOVE}
    assert (set(causes(second)), second.id) == ({Cause.FOUND}, first.id)


def test_a_time_is_no_change_and_a_content_or_mode_is(build):
    build("FROM base:1\nCOPY src/ /\nRUN true\n")
    touched = Layer.of({"src/a": CONTEXT.entries["/src/a"].__class__(**_fields(CONTEXT, mtime_ns=5)), "src/b": "b\n"})
    assert set(causes(build("FROM base:1\nCOPY src/ /\nRUN true\n", touched))) == {Cause.FOUND}
    other = build("FROM base:1\nCOPY src/ /\nRUN true\n", Layer.of({"src/a": "a\n", "src/b": "other\n"}))
    assert reasons(other) == ["the content of src/b changed", "a step before it was not in the cache"]
    mode = Layer.of({"src/a": CONTEXT.entries["/src/a"].__class__(**_fields(CONTEXT, mode=0o600)), "src/b": "b\n"})
    assert causes(build("FROM base:1\nCOPY src/ /\nRUN true\n", mode)) == [Cause.CONTENT, Cause.ABOVE]


def _fields(context, **other):
    entry = context.entries["/src/a"]
    return {name: getattr(entry, name) for name in entry.__slots__} | other


def test_a_changed_text_is_told_with_what_it_was(build):
    build("FROM base:1\nRUN echo a\nRUN echo b\n")
    changed = build("FROM base:1\nRUN echo c\nRUN echo b\n")
    assert reasons(changed)[0] == "the text of the instruction changed: RUN echo a -> RUN echo c"
    assert causes(changed) == [Cause.TEXT, Cause.ABOVE]


def test_a_changed_argument_counts_from_its_first_use_on(build):
    text = "FROM base:1\nARG A=1\nRUN true\nRUN echo $A\n"
    build(text)
    changed = build(text, build_arg={"A": "2"})
    # it is in the environment of every RUN after ARG, used or not
    assert [step.probe.cause for step in changed.steps[-2:]] == [Cause.ARGUMENTS, Cause.ABOVE]
    assert reasons(changed)[0] == "an ARG changed: A 1 -> 2"


def test_a_copy_of_the_same_files_is_found_though_their_stage_was_built_anew(engine):
    text = "FROM base:1 AS a\nRUN echo same > /file; echo {} > /other\nFROM base:1\nCOPY --from=a /file /\n"
    for builder in BUILDERS:
        engine.build(CONTEXT, dockerfile=text.format(1), builder=builder)
        again = engine.build(CONTEXT, dockerfile=text.format(2), builder=builder)
        assert causes(again) == [Cause.TEXT, Cause.FOUND], builder


def test_no_cache_leaves_the_cache_aside_and_fills_it(build):
    first = build("FROM base:1\nRUN echo a > /a\n")
    second = build("FROM base:1\nRUN echo a > /a\n", no_cache=True)
    assert (causes(second), second.id != first.id) == ([Cause.NO_CACHE], True)
    assert build("FROM base:1\nRUN echo a > /a\n").id == second.id


def test_the_classic_cache_goes_with_the_images_and_buildkits_stays(engine, build):
    built = build("FROM base:1\nRUN echo a > /a\n")
    engine.rmi(built.id)
    assert causes(build("FROM base:1\nRUN echo a > /a\n")) == [
        Cause.GONE if build.builder == "classic" else Cause.FOUND
    ]


def test_another_base_is_told_and_nothing_is_found_on_it(engine, build):
    build("FROM base:1\nRUN echo a > /a\n", tag=["parent"])
    build("FROM parent\nRUN echo b > /b\n")
    build("FROM base:1\nRUN echo c > /c\n", tag=["parent"])
    built = build("FROM parent\nRUN echo b > /b\n")
    assert "another image" in built.steps[0].probe.reason
    assert causes(built) == [Cause.NEVER]


def test_an_environment_variable_is_a_change_for_what_can_see_it_alone(engine):
    text = "FROM base:1\nENV A={}\nCOPY notes /\nRUN true\n"
    for builder, expected in (
        ("classic", [Cause.TEXT] + [Cause.ABOVE] * 2),
        ("buildkit", [Cause.FOUND, Cause.SETTINGS]),
    ):
        engine.build(CONTEXT, dockerfile=text.format(1), builder=builder)
        assert causes(engine.build(CONTEXT, dockerfile=text.format(2), builder=builder)) == expected


# Refusals


def test_a_failed_step_keeps_the_images_before_it_and_its_container(engine):
    before = len(engine.images_by_id)
    with pytest.raises(DockerError, match=r"^The command '/bin/sh -c exit 3' returned a non-zero code: 3$") as caught:
        engine.build(CONTEXT, dockerfile="FROM base:1\nRUN echo a > /a\nRUN exit 3\n")
    assert caught.value.status == 3
    (built,) = caught.value.done
    assert built.output.splitlines()[-2] == "Step 3/3 : RUN exit 3"
    assert len(engine.images_by_id) == before + 1
    assert [container.state.exit_code for container in engine.containers.values()] == [3]


def test_a_failed_step_of_buildkit_leaves_no_container_and_what_came_before_in_the_cache(engine):
    text = "FROM base:1\nRUN echo a > /a\nRUN echo said; exit 3\n"
    with pytest.raises(DockerError, match=r"exit code: 3$") as caught:
        engine.build(CONTEXT, dockerfile=text, builder="buildkit")
    assert (caught.value.status, len(engine.containers), len(engine.images_by_id)) == (1, 0, 1)
    assert "Dockerfile:3" in caught.value.done[0].output.splitlines()
    assert causes(engine.build(CONTEXT, dockerfile=text[: text.index("RUN echo said")], builder="buildkit")) == [
        Cause.FOUND
    ]


@pytest.mark.parametrize(
    ("text", "classic", "buildkit"),
    [
        ("FROM nosuch:1\n", "pull access denied for nosuch", "nosuch:1: failed to resolve source metadata"),
        ("FROM base:1\nCOPY gone /\n", "COPY failed: file not found in build context", '"/gone": not found'),
        ('FROM base:1\nRUN ["gone"]\n', 'exec: "gone": executable file not found in $PATH', 'process "gone" did not'),
        ("FROM scratch\nRUN true\n", 'exec: "/bin/sh": stat /bin/sh: no such file', "exit code: 1"),
        ("FROM base:1\nEXPOSE banana\n", "Invalid containerPort: banana", "Invalid containerPort: banana"),
        ("FROM base:1\nSTOPSIGNAL BANANA\n", "Invalid signal: BANANA", "invalid signal: BANANA"),
        ("FROM base:1\nUSER gone\nRUN id\n", "unable to find user gone", "unable to find user gone"),
        (
            "FROM base:1 AS a\nCOPY --from=a / /\n",
            "invalid from flag value a",
            "circular dependency detected on stage: a",
        ),
    ],
)
def test_what_cannot_be_built_is_refused_in_dockers_words(engine, text, classic, buildkit):
    for builder, words in (("classic", classic), ("buildkit", buildkit)):
        with pytest.raises(DockerError) as caught:
            engine.build(CONTEXT, dockerfile=text, builder=builder)
        assert words in str(caught.value)
        assert len(caught.value.done) == 1
        assert "Traceback" not in str(caught.value)


def test_a_wrong_dockerfile_changes_nothing_and_is_not_on_record(engine, build):
    before, events = {name: dict(table) for name, table in engine.store.tables.items()}, len(engine.journal.events)
    assert "unknown instruction: RUM" in str(refusal(build, "FROM base:1\nRUM true\n"))
    assert "nosuch" in str(refusal(build, "FROM base:1\n", target="nosuch"))
    assert "repository name" in str(refusal(build, "FROM base:1\n", tag=["Upper"]))
    assert "Dockerfile" in str(refusal(build, None))
    assert (engine.store.tables, len(engine.journal.events)) == (before, events)


def test_here_documents_and_chmod_are_for_buildkit(engine, build):
    text = "FROM base:1\nRUN <<EOF\necho here\nEOF\n"
    if build.builder == "classic":
        assert "unknown instruction: ECHO" in str(refusal(build, text))
        assert "requires BuildKit" in str(refusal(build, "FROM base:1\nCOPY --chmod=600 notes /\n"))
    else:
        assert build(text).steps[-1].output == "here\n"


def test_a_run_that_never_ends_is_killed(build):
    assert "137" in str(refusal(build, "FROM base:1\nRUN tail -f /dev/null\n"))


# The engine's own


def test_a_build_is_one_command_and_undone_as_one(engine, build):
    before = {name: dict(table) for name, table in engine.store.tables.items()}
    build(STAGES, tag=["app"])
    after = {name: dict(table) for name, table in engine.store.tables.items()}
    assert engine.undo().command == "build"
    assert engine.store.tables == before
    engine.redo()
    assert engine.store.tables == after
    assert set(causes(build(STAGES))) == {Cause.FOUND}


def test_running_containers_go_on_during_a_build(engine, build):
    engine.run("base:1", "sh", "-c", "while true; do echo x; sleep 1; done", name="loop", detach=True)
    before = len(engine.logs("loop"))
    build("FROM base:1\nRUN sleep 5\n")
    assert len(engine.logs("loop")) >= before + 5
    assert list(engine.containers) == [engine.container("loop").id]


def test_labels_and_squash_of_the_command_line(engine):
    built = engine.build(
        CONTEXT, dockerfile="FROM base:1\nRUN echo a > /a\nRUN rm /a\nRUN echo b > /b\n", label={"z": "1"}, squash=True
    )
    image = engine.image(built.id).image
    assert (len(image.layers), image.config.run["Labels"]) == (2, {"z": "1"})
    assert list(image.layers[-1].entries) == ["/b"]

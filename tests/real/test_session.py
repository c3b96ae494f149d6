"""The session of docker commands: how it is written and normalised, and that its recordings are whole and true."""

import difflib
import json
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
from session import normalising, recording, table
from session.normalising import Names
from session.record import record

WEB = "a1" * 32
TABLE = """\
CONTAINER ID   IMAGE     COMMAND        CREATED         STATUS                    PORTS     NAMES
a1a1a1a1a1a1   base:1    "sleep 1000"   3 seconds ago   Exited (137) 1 hour ago             web
"""


def names():
    made = Names("/tmp/engine")
    made.learn("container", WEB, "web")
    return made


def test_an_id_is_written_as_the_name_of_what_it_belongs_to():
    assert names().normal(f"{WEB}\n{WEB[:12]}\n") == "<container web>\n<container web[:12]>\n"


def test_what_has_no_name_is_numbered_as_it_appears():
    one, other = "b2" * 32, "c3" * 32
    assert names().normal(f"{one} {other} sha256:{one}") == "<id 1> <id 2> sha256:<id 1>"


def test_two_of_a_name_can_be_told_apart():
    made = names()
    made.learn("container", "b2" * 32, "web")
    assert made.normal("b2" * 32) == "<container web~2>"
    assert made.meant("container", "web") == "b2" * 32


def test_a_name_that_an_engine_made_up_is_numbered():
    made = names()
    made.learn_generated("brave_bell")
    assert made.normal("brave_bell, not brave_bells\n") == "<name 1>, not brave_bells\n"


def test_a_table_becomes_cells_whose_widths_do_not_matter():
    title, row = names().normal(TABLE).splitlines()
    assert title == "CONTAINER ID | IMAGE | COMMAND | CREATED | STATUS | PORTS | NAMES"
    assert row == '<container web[:12]> | base:1 | "sleep 1000" | <time> ago | Exited (137) <time> ago |  | web'


def test_the_numbers_of_processes_are_masked():
    told = "PID                 PPID                COMMAND\n123                 1                   sleep 1000\n"
    assert names().normal(told) == "PID | PPID | COMMAND\n<pid> | <pid> | sleep 1000\n"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("2026-11-25T01:52:32.123456789Z", "<time>"),
        ("0001-01-01T00:00:00Z", "<never>"),
        ("Up About a minute (Paused)", "Up <time> (Paused)"),
        ("Less than a second ago", "<time> ago"),
        ("2B (virtual 15.8MB)", "2B (virtual <size>)"),
        ("lstat /tmp/engine/work/x: no such file", "lstat <folder>/work/x: no such file"),
        ('time="2026-11-25T01:52:59Z" level=error msg="error waiting"\nkept', "kept"),
        ("in 12 layers, 345 bytes", "in 12 layers, 345 bytes"),
        ("cafebabe and deadbeefdeadbeef", "cafebabe and deadbeefdeadbeef"),
    ],
)
def test_what_differs_from_run_to_run_is_masked_and_nothing_else(text, normal):
    assert names().normal(text) == normal


def test_what_buildkit_reports_is_the_same_in_whatever_order_it_worked():
    made = "#9 exporting to image\n#9 DONE\n"
    told = normalising.buildkit(f"#3 [a 2/2] RUN x\n#4 [b 2/2] RUN x\n#4 CACHED\n#3 DONE 0.1s\n{made}")
    assert told == normalising.buildkit(f"#3 [b 2/2] RUN x\n#3 CACHED\n#4 [a 2/2] RUN x\n#4 DONE 0.3s\n{made}")
    assert told == "[a 2/2] RUN x\n  DONE\n[b 2/2] RUN x\n  CACHED\nexporting to image\n  DONE\n"


def test_a_chapter_is_read():
    steps = table.parse(
        "# fact\n$ docker load < a.tar\nfile x/y 600\n    one\n\n    two\nonly classic\n$ docker run b '>' x y\n"
    )
    assert [(step.kind, step.argv, step.only) for step in steps] == [
        ("$", ("docker", "load"), "all"),
        ("file", ("x/y", "600"), "all"),
        ("$", ("docker", "run", "b", ">", "x", "y"), "classic"),
    ]
    assert (steps[0].fact, steps[0].stdin, steps[1].content) == ("fact", "a.tar", "one\n\ntwo\n")


def commands(name):
    return [step for step in table.chapter(name) if step.kind == "$"]


def test_the_session_has_hundreds_of_commands_and_most_engines_refusals():
    assert sum(len(commands(name)) for name in table.chapters()) > 500
    for engine in ("20.10", "26.1"):
        assert len({answer.stderr for answer in recording.refusals(engine)}) > 150


@pytest.mark.parametrize(("engine", "name"), recording.recorded())
def test_a_recording_is_of_the_chapter_as_it_is_written(engine, name):
    assert recording.load(engine, name).answers


@pytest.mark.parametrize(("engine", "name"), recording.recorded())
def test_a_recording_holds_nothing_of_the_machine_or_the_hour(engine, name):
    text = (recording.FOLDER / engine / f"{name}.json").read_text()
    outputs = [
        line for step in json.loads(text)["steps"] for line in [*step.get("stdout", []), *step.get("stderr", [])]
    ]
    known = {"0123456789" * 6 + "0123"}  # in a command line of the chapter
    assert not set(re.findall(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", "".join(outputs))) - known
    assert not re.findall(r"/tmp/session|20\d\d-\d\d-\d\dT", text)


def plays_as_recorded(which, name, userland=None):
    """Play a chapter on an engine, here and now, and hold what it says against its recording.

    Now and then an order hangs on a second that passes between two commands; then the chapter is played
    again.  What an engine does otherwise it does otherwise twice.
    """
    recorded = json.loads((recording.FOLDER / which / f"{name}.json").read_text())
    for _attempt in range(2):
        with tempfile.TemporaryDirectory(prefix="session-") as folder:  # a short path, as sockets need
            made = record(name, which, Path(folder) / "engine", userland)
        if made["engine"] != recorded["engine"]:
            pytest.skip(f"the recordings are of docker {recorded['engine']}, and this is {made['engine']}")
        different = list(difflib.unified_diff(lines(recorded), lines(made), "recorded", "now", lineterm="", n=4))
        if not different:
            return
    pytest.fail("\n".join(different))


def lines(told):
    return json.dumps(by_content(told), indent=1, sort_keys=True).splitlines()


def by_content(told):
    """Return what an engine told (dict), with layers called by what lies in them.

    Two builds that make the same files make one layer if they make them in the same second, and two otherwise.
    """
    names, end = {}, told["end"]
    for name, files in sorted(end["layers"].items()):
        names[f"sha256:{name}"] = names[name] = "; ".join(files)
    images = {
        image: {**about, "layers": [names.get(layer, layer) for layer in about.get("layers", ())]}
        for image, about in end["images"].items()
    }
    layers = {names[name]: files for name, files in end["layers"].items()}
    return {**told, "end": {**end, "images": images, "layers": layers}}


def test_layers_are_compared_by_what_lies_in_them():
    one = {"end": {"images": {"a": {"layers": ["sha256:<1>", "sha256:<2>"]}}, "layers": {"<1>": ["f"], "<2>": ["f"]}}}
    two = {"end": {"images": {"a": {"layers": ["sha256:<1>", "sha256:<1>"]}}, "layers": {"<1>": ["f"]}}}
    other = {"end": {"images": {"a": {"layers": ["sha256:<1>", "sha256:<1>"]}}, "layers": {"<1>": ["g"]}}}
    assert by_content(one) == by_content(two) != by_content(other)


@pytest.mark.root
@pytest.mark.linux
@pytest.mark.peer("dockerd", "docker", "runc", "nsenter", "unshare")
@pytest.mark.parametrize("name", ["01-nineteen", "03-states", "07-images", "11-build"])
def test_docker_20_10_still_answers_so(name):
    plays_as_recorded("20.10", name)


@pytest.fixture(scope="module")
def trixie():
    """A userland with Docker 26.1 and buildx."""
    with tempfile.TemporaryDirectory(prefix="trixie-") as folder:
        subprocess.run(["sh", recording.FOLDER.parent / "trixie.sh", folder], check=True, capture_output=True)
        yield folder


@pytest.mark.root
@pytest.mark.linux
@pytest.mark.network
@pytest.mark.peer("debootstrap", "nsenter", "unshare")
@pytest.mark.parametrize("name", ["01-nineteen", "11-build"])
def test_docker_26_1_with_buildkit_still_answers_so(trixie, name):
    plays_as_recorded("26.1", name, trixie)

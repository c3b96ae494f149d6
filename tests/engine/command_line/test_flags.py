"""Command lines are read, and refused, as docker reads and refuses them."""

import re

import pytest
from docker_client import ask

from course.engine.command_line.declarations import COMMANDS_LEFT_OUT, GROUPS, commands
from course.engine.command_line.flags import parse
from course.engine.command_line.words import split
from course.errors import DockerError

REFUSED = r"""
run | run -it --rm | run -d=true | run -- | run --nmae x | run -z | run -iz | run --name | run -e | run --label
run -m x y | run -m 3q y | run -m -1 y | run -m 1.5.2g y | run --cpus x y | run --cpus 1e y | run --rm=maybe y
run --pids-limit x y | run --pids-limit 1.5 y | run --stop-timeout 99999999999999999999 y | run --stop-timeout 1s y
run --health-interval 3 y | run --health-interval 3y y | run --health-interval x y | run -ti=x y | run --mount x y
run ---x | run --=x | run -=x y | run -e =x y | run -a foo y | run --add-host x y | run -l =x y | run "--na\"me" x
run -h | run --memory | run --nope=1 x | run --health-retries 08 y | run --cpus 1/0 y
create | create --nmae x | create -d x | rm | rm --nope | rm -f=x y | container rm | ps x | ps --nope | ps -n x
ps -n 1e3 | ps --no-trunc=yes | ps -as= | ps -f x | ps -a -x | ps --format | container ls y | container list y
images a b | image ls a b | image list -z | images -f y | history | history a b | stop | stop -t x y | stop -t
cp | cp a | cp a b c | tag a | tag a b c | build | build a b | build -t A . | build -t a:b:c . | exec | exec a | exec -z
rename a | commit | commit a b c | network connect a | network connect a b c | network rm | network create
network create a b | network disconnect a | network ls x | network prune x | network inspect
volume create a b | volume ls x | volume inspect | volume rm | volume prune x | pull | pull -a | pull a b | push
logs | logs a b | top | diff | diff a b | export | save | load a | import | rmi | image rm | image inspect | inspect
inspect -x | kill | kill -s | pause | unpause | wait | restart | start | system df x | system prune x | system info x
version x | info x | image prune x | container prune x | --nope | -z | container -z | container --nope | help foo
volume remove | network remove | image remove | container inspect | image build | container commit | imges | foo
"""
FLAWED = [line.strip() for line in REFUSED.strip().replace("\n", "|").split("|")]
NAMES = sorted(commands())


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


def refusal(line):
    with pytest.raises(DockerError) as caught:
        parse(split(line))
    return re.sub("\nDid you mean .*", "", str(caught.value)), caught.value.status


def said(text):
    """Lines with something in them: docker and its client libraries do not agree on empty ones."""
    return [line for line in text.splitlines() if line.strip()]


@pytest.mark.peer("docker")
@pytest.mark.parametrize("line", FLAWED)
def test_docker_refuses_it_in_these_words(line, home):
    text, status = ask(split(line), home)
    ours, our_status = refusal(line)
    ours = ours.replace(" (library/A)", "")  # the course's references speak as newer ones do
    count = 2 if text.startswith("unknown") else None  # where docker's list of its commands follows
    assert (said(ours)[:count], our_status) == (said(text)[:count], status)


@pytest.mark.peer("docker")
@pytest.mark.parametrize("name", NAMES)
def test_help_is_docker_s_but_for_what_is_left_out(name, home):
    theirs, status = ask([*name.split(), "--help"], home)
    theirs = theirs.replace(" You cannot remove a volume that is in use by a container.", "")
    theirs = theirs.replace("one or more volumes.", "one or more volumes")
    assert status == 0
    ours = parse([*name.split(), "--help"]).help
    head, _options, options = ours.partition("Options:")
    assert said(theirs)[: len(said(head))] == said(head)
    for entry in entries(options):
        if "--progress" not in entry:  # which docker shows only where it builds with BuildKit
            assert entry in entries(theirs)


def entries(options):
    """The options of a help text, each on one line with single spaces."""
    listed = re.split(r"\n+(?= {2}-\w, --| {6}--)", options)
    return {" ".join(entry.split()) for entry in listed if entry.strip().startswith("-")}


@pytest.mark.peer("docker")
@pytest.mark.parametrize("name", NAMES)
def test_an_option_of_docker_is_there_or_left_out_by_name(name, home):
    theirs = set(re.findall(r"^ {2}(?:-\w, | {4})--([\w-]+)", ask([*name.split(), "--help"], home)[0], re.MULTILINE))
    command = commands()[name]
    assert {*(option.name for option in command.options), *command.left_out} - {"progress"} == theirs - {"help"}


@pytest.mark.peer("docker")
@pytest.mark.parametrize(
    "name", ["ps", "images", "rmi", "cp", "commit", "history", "container prune", "system df", "save"]
)
def test_where_nothing_is_left_out_help_is_the_same_to_the_byte(name, home):
    if "Use '-' as" in (theirs := ask([*name.split(), "--help"], home)[0]):
        theirs = re.sub(r"\nUse '-' as the source.*?stdout\.\n", "", theirs, flags=re.DOTALL)
    assert parse([*name.split(), "--help"]).help == theirs.strip()


@pytest.mark.peer("docker")
def test_every_command_of_docker_is_there_or_left_out_by_name(home):
    theirs = set(re.findall(r"^ {2}(\w+) {2,}[A-Z]", ask(["--help"], home)[0], re.MULTILINE))
    ours = {name for name in commands() if " " not in name} | set(GROUPS)
    assert ours - theirs == set()
    assert theirs - ours == set(COMMANDS_LEFT_OUT) & theirs


@pytest.mark.peer("docker")
@pytest.mark.parametrize("group", GROUPS)
def test_a_group_lists_its_commands_as_docker_does(group, home):
    theirs = said(ask([group, "--help"], home)[0])
    ours = said(parse([group, "--help"]).help)
    left_out = {"stats", "events"}
    assert ours == [line for line in theirs if line.split()[0] not in left_out]


@pytest.mark.parametrize(
    "lines",
    [
        ("run -it base sh", "run -i -t base sh", "run -ti base sh", "run --interactive=true --tty base sh"),
        ("run -eA=b -e C=d x", "run --env=A=b --env C=d x", "run -e=A=b --env C=d x", "run -e A=b -eC=d -- x"),
        ("ps -an 3", "ps -n3 -a", "container ls --last=3 --all=1", "container list -n=3 -a=t"),
        ("rm a -f b", "rm -f a b", "rm a b --force"),
    ],
)
def test_one_meaning_has_many_spellings(lines):
    calls = [parse(split(line)) for line in lines]
    meanings = [(call.command.does, sorted(call.options.items()), call.operands) for call in calls]
    assert meanings == [meanings[0]] * len(lines)


@pytest.mark.parametrize(
    ("line", "options", "operands"),
    [
        ("run base ls -l --all", {}, ["base", "ls", "-l", "--all"]),
        ("exec -u 0 web ps -a", {"user": "0"}, ["web", "ps", "-a"]),
        ("top web -o pid", {}, ["web", "-o", "pid"]),
        ("rm -- -f", {}, ["-f"]),
        ("stop -t 010 web", {"time": 8}, ["web"]),
        (
            "run --rm=false -m 64m --cpus 1.5 --pids-limit 0x10 x",
            {"rm": False, "memory": 64 << 20, "cpus": 1.5, "pids_limit": 16},
            ["x"],
        ),
        ("run --name a --name b x", {"name": "b"}, ["x"]),
        (
            "run --health-interval 1m30s --health-retries 3 x",
            {"health_interval": 90 * 10**9, "health_retries": 3},
            ["x"],
        ),
        (
            "ps -f status=exited --filter label=a=b -f LABEL=c",
            {"filter": {"status": ["exited"], "label": ["a=b", "c"]}},
            [],
        ),
        ("volume create -o type=tmpfs -o device v", {"opt": {"type": "tmpfs", "device": ""}}, ["v"]),
        ("network connect --alias a,b --alias c n w", {"alias": ["a", "b", "c"]}, ["n", "w"]),
        ("build -", {}, ["-"]),
        ("run -h web x", {"hostname": "web"}, ["x"]),
        ("build --progress plain .", {"progress": "plain"}, ["."]),
        ("import a b c", {}, ["a", "b", "c"]),
    ],
)
def test_options_have_values_and_operands_stay_words(line, options, operands):
    call = parse(split(line))
    assert (call.options, call.operands) == (options, operands)


@pytest.mark.parametrize(
    ("line", "suggestion"),
    [
        ("imges", "docker images"),
        ("volume lst", "docker volume ls"),
        ("run --nmae x y", "--name"),
        ("run -name x y", "--name"),
        ("ps --fromat x", "--format"),
        ("rn x", "docker run"),
        ("system dff", "docker system df"),
    ],
)
def test_the_nearest_right_word_is_named(line, suggestion):
    with pytest.raises(DockerError, match=f"\nDid you mean {suggestion}\\?$"):
        parse(split(line))


@pytest.mark.parametrize("line", ["run --gpus all x", "stats web", "swarm init", "build --memory 1g ."])
def test_what_docker_has_and_the_course_has_not_is_said(line):
    with pytest.raises(DockerError, match="not simulated here"):
        parse(split(line))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "help",
        "--help",
        "-h",
        "container",
        "volume --help",
        "help volume",
        "help run",
        "help volume ls",
        "ps -h",
        "run --help",
        "run --help -z x",
        "system -h",
    ],
)
def test_help_is_asked_for_in_many_ways(line):
    assert "Usage:  docker" in parse(split(line)).help


def test_a_version_is_asked_for_as_an_option():
    assert parse(["-v"]) == parse(["--version"])
    assert parse(["-v"]).help.startswith("Docker version 20.10")


@pytest.mark.parametrize(
    "words",
    [
        ["run", "\udcff"],
        ["run", "--\udcff"],
        ["-\udcff"],
        ["\udcff"],
        ["run", "-m", "9" * 5000, "x"],
        ["run", "--cpus", "1e999999999", "x"],
        ["stop", "-t", "9" * 100000, "x"],
        ["ps", "-n", "0" * 9999],
        ["run", "--health-interval", "9" * 9999 + "h", "x"],
        ["volume", ""],
        ["", ""],
        ["run", ""],
    ],
)
def test_hostile_words_are_read_or_refused_and_can_be_printed(words):
    try:
        parse(words)
    except DockerError as error:
        str(error).encode()

"""Tables, times, sizes and filters read as the real engine's do."""

import hashlib
import io
import itertools
import json
import tarfile
from datetime import UTC, datetime, timedelta

import pytest
from docker_client import engine

from course.engine.command_line import tables, units
from course.engine.command_line.filters import NAMES, check
from course.engine.command_line.flags import parse
from course.engine.command_line.units import SECOND
from course.errors import DockerError

REAL = [pytest.mark.linux, pytest.mark.root, pytest.mark.peer("docker", "dockerd", "runc")]
FILES = {"tiny": 7, "small": 1234, "kilobytes": 12_345, "below": 999_600, "megabytes": 1_234_567}
AGES = {
    "minute": timedelta(seconds=90),
    "minutes": timedelta(minutes=20, seconds=30),
    "hour": timedelta(minutes=75),
    "hours": timedelta(hours=2.7),
    "days": timedelta(hours=49),
    "week": timedelta(days=13.2),
    "weeks": timedelta(days=15.2),
    "months": timedelta(days=75),
    "year": timedelta(days=600),
    "years": timedelta(days=800),
}


def add(archive, name, content):
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def archive_of_ages(path):
    """A docker archive with an image for each age, of one empty layer."""
    layer = io.BytesIO()
    tarfile.open(fileobj=layer, mode="w").close()
    digest = "sha256:" + hashlib.sha256(layer.getvalue()).hexdigest()
    manifest = []
    with tarfile.open(path, "w") as archive:
        add(archive, "layer.tar", layer.getvalue())
        for name, age in AGES.items():
            config = {
                "architecture": "amd64",
                "os": "linux",
                "rootfs": {"type": "layers", "diff_ids": [digest]},
                "config": {},
                "created": (datetime.now(UTC) - age).strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            add(archive, f"{name}.json", json.dumps(config).encode())
            manifest.append({"Config": f"{name}.json", "RepoTags": [f"age:{name}"], "Layers": ["layer.tar"]})
        add(archive, "manifest.json", json.dumps(manifest).encode())


@pytest.fixture(scope="module")
def docker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docker")
    with engine(folder) as ask:
        for name, length in FILES.items():
            with tarfile.open(folder / f"{name}.tar", "w") as archive:
                add(archive, "file", bytes(length))
            assert ask("import", str(folder / f"{name}.tar"), f"size:{name}")[1] == 0
        archive_of_ages(folder / "ages.tar")
        assert ask("load", "-i", str(folder / "ages.tar"))[1] == 0
        assert ask("volume", "create", "--label", "a=b", "data")[1] == 0
        for number, words in enumerate(COMMANDS):
            labels = ["--label", f"com.example.a-b_c=v{number}", "-v", "data:/data"]
            created = ask("create", "--name", f"web{number}", *labels, "size:tiny", *words)
            assert created[1] == 0, created
        yield ask


COMMANDS = [
    ["sh", "-c", 'echo "hello world"'],
    ["/bin/sh"],
    ["sleep", "1000", "1000", "100"],
    ["sleep", "1000", "1000", "1000"],
    ["echo", "a\tb\nc"],
    ["echo", "日本語日本語日本語"],
    ["echo", "", "x y", "é\\"],
]


def rows_of(docker, *words):
    return [json.loads(line) for line in docker(*words, "--format", "{{json .}}")[0].splitlines()]


LISTED = [
    (tables.PS, ["ps", "-a"], None),
    (tables.IMAGES, ["images"], None),
    (tables.VOLUMES, ["volume", "ls"], None),
    (tables.NETWORKS, ["network", "ls"], None),
    (tables.HISTORY, ["history", "size:small"], None),
    (tables.DISK_USAGE, ["system", "df"], None),
    (tables.PS, ["ps", "-as"], tables.PS_WITH_SIZE),
    (tables.IMAGES, ["images", "--digests"], tables.IMAGES_WITH_DIGESTS),
    (tables.PS, ["ps"], None),
    (tables.PS, ["ps", "-a", "--no-trunc"], None),
    (tables.IMAGES, ["images", "nothing"], None),
]


def words_of(value):
    return " ".join(value) if isinstance(value, list) else ""


class TestAgainstDocker:
    pytestmark = REAL

    @pytest.mark.parametrize(("listing", "words", "form"), LISTED, ids=words_of)
    def test_a_table_of_docker_s_rows_is_docker_s_table(self, docker, listing, words, form):
        for _attempt in range(5):  # ages are in it, and a second may pass between the two questions
            ours, theirs = listing.text(rows_of(docker, *words), form or ""), docker(*words)[0]
            if ours == theirs.rstrip("\n"):
                break
        assert sorted(ours.split("\n")) == sorted(theirs.rstrip("\n").split("\n"))  # images of one second have no order

    @pytest.mark.parametrize(
        "form",
        [
            r"table {{.ID}}\t{{.Names}}",
            "table {{.Names}}\t{{.Status}}",
            "table {{upper .Names}}\\t{{.ID}}",
            "table",
            "x\\ny",
            "table {{json .Names}}\t{{.Size}}",
            "table{{.ID}}",
            "{{.ID}}\\t{{.Names}}",
            "table {{.ID}} {{.Names}}",
            "{{json .}}",
            "table {{truncate .ID 3}}\\t{{.Size}}\\t{{.Mounts}}\\t{{.Networks}}\\t{{.CreatedAt}}",
            "table {{.LocalVolumes}}\\t{{.State}}\\t{{.Ports}}",
            'table {{split .Names "w"}}',
            "table {{len .Names}}",
            "table {{if .ID}}{{.ID}}{{end}}",
            "table {{pad .Names 1 2}}|",
            "{{.Nope}}",
            "table {{.Nope}}",
            "{{.Name",
            "table {{.ID.x}}",
            "{{nope}}",
            "table {{lower .Image}}\t{{title .Names}}",
            'table {{.Names}}\t{{if eq .Names "web1"}}a\tb{{end}}',
            "table {{.Command}}\t{{.Labels}}",
        ],
    )
    def test_a_format_gives_what_docker_gives(self, docker, form):
        for _attempt in range(5):  # ages are in it, and a second may pass between the two questions
            rows = rows_of(docker, "ps", "-a")
            try:
                ours = tables.PS.text(rows, form) + "\n", 0
            except DockerError as error:
                ours = f"{error}\n", error.status
            theirs = docker("ps", "-a", "--format", form)
            if ours == theirs:
                break
        assert ours == theirs

    @pytest.mark.parametrize("label", ["com.example.a-b_c", "nope", "a-b"])
    def test_a_column_may_be_a_label(self, docker, label):
        labels = [
            row["Labels"].partition("=")[2] if label.startswith("com") else "" for row in rows_of(docker, "ps", "-a")
        ]
        rows = [
            {"Names": row["Names"], "Label": lambda _name, value=value: value}
            for row, value in zip(rows_of(docker, "ps", "-a"), labels, strict=True)
        ]
        form = f'table {{{{.Label "{label}"}}}}\t{{{{.Names}}}}'
        assert tables.PS.text(rows, form) + "\n" == docker("ps", "-a", "--format", form)[0]

    @pytest.mark.parametrize("form", ["{{.Nope}}", "{{.Name"])
    @pytest.mark.parametrize(
        ("listing", "words"),
        [row[:2] for row in LISTED[1:6]],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_a_wrong_template_is_refused_in_docker_s_words(self, docker, listing, words, form):
        with pytest.raises(DockerError) as caught:
            listing.text(rows_of(docker, *words), form)
        assert (f"{caught.value}\n", caught.value.status) == docker(*words, "--format", form)

    def test_sizes_are_docker_s(self, docker):
        shown = dict(
            line.split() for line in docker("images", "--format", "{{.Tag}} {{.Size}}", "size")[0].splitlines()
        )
        assert shown == {name: units.size(length) for name, length in FILES.items()}
        longer = {row["Tag"]: row["VirtualSize"] for row in rows_of(docker, "images", "size")}
        assert longer == {name: units.size(length, 4) for name, length in FILES.items()}

    def test_ages_are_docker_s(self, docker):
        rows = [
            line.split(" ", 1)
            for line in docker("images", "--format", "{{.Tag}} {{.CreatedSince}}", "age")[0].splitlines()
        ]
        assert dict(rows) == {
            name: f"{units.duration(int(age.total_seconds()) * SECOND)} ago" for name, age in AGES.items()
        }

    def test_commands_are_docker_s(self, docker):
        shown = {row["Names"]: row["Command"] for row in rows_of(docker, "ps", "-a")}
        assert shown == {f"web{number}": units.command_column(words) for number, words in enumerate(COMMANDS)}
        full = {row["Names"]: row["Command"] for row in rows_of(docker, "ps", "-a", "--no-trunc")}
        assert full == {
            f"web{number}": units.command_column(words, truncate=False) for number, words in enumerate(COMMANDS)
        }

    def test_a_created_container_is_created(self, docker):
        assert {row["Status"] for row in rows_of(docker, "ps", "-a")} == {units.status("created")}

    def test_a_time_is_printed_as_docker_prints_it(self, docker):
        full = docker("network", "ls", "--no-trunc", "-q")[0].split()
        for row, line in zip(rows_of(docker, "network", "ls"), full, strict=True):
            created = json.loads(docker("network", "inspect", line)[0])[0]["Created"]
            day, nanoseconds = created[:19], int(created[20:].rstrip("Z").ljust(9, "0"))
            time = int(datetime.fromisoformat(day + "+00:00").timestamp()) * SECOND + nanoseconds
            assert units.moment(time, fraction=True) == row["CreatedAt"]

    @pytest.mark.parametrize(
        ("command", "asked"),
        [
            *itertools.product(
                NAMES,
                [
                    "nope=1",
                    "status=foo",
                    "x",
                    "=a",
                    "a=",
                    "status=",
                    "label=a=b",
                    "dangling=maybe",
                    "exited=x",
                    "exited=1",
                    "name=(",
                    "dangling=true",
                    "health=x",
                    "status=exited",
                    "reference=a*",
                    "driver=bridge",
                    "type=custom",
                ],
            )
        ],
    )
    def test_a_filter_is_refused_as_docker_refuses_it(self, docker, command, asked):
        words = [*command.split(), *(["-f"] if "prune" in command else []), "--filter", asked]
        if command == "network ls" and asked.startswith("type="):
            pytest.skip("which type there may be is not checked here")
        theirs, status = docker(*words)
        if status == 0:
            check(command, parse(words).options["filter"])
            return
        with pytest.raises(DockerError) as caught:
            check(command, parse(words).options["filter"])
        assert (str(caught.value).split(), caught.value.status) == (theirs.split(), status)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "Less than a second"),
        (0.9, "Less than a second"),
        (1, "1 second"),
        (2, "2 seconds"),
        (59, "59 seconds"),
        (60, "About a minute"),
        (119, "About a minute"),
        (120, "2 minutes"),
        (3599, "59 minutes"),
        (3600, "About an hour"),
        (5399, "About an hour"),
        (5400, "2 hours"),
        (47.4 * 3600, "47 hours"),
        (48 * 3600, "2 days"),
        (14 * 86400, "2 weeks"),
        (60 * 86400, "2 months"),
        (729 * 86400, "24 months"),
        (731 * 86400, "2 years"),
        (-5, "Less than a second"),
    ],
)
def test_a_duration_is_said_in_docker_s_words(seconds, words):
    assert units.duration(int(seconds * SECOND)) == words


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"state": "created"}, "Created"),
        ({"state": "running", "now": 7200 * SECOND}, "Up 2 hours"),
        ({"state": "paused", "now": 3 * SECOND}, "Up 3 seconds (Paused)"),
        ({"state": "dead"}, "Dead"),
        ({"state": "exited", "exit_code": 137, "finished": SECOND, "now": 301 * SECOND}, "Exited (137) 5 minutes ago"),
        ({"state": "restarting", "exit_code": 1, "now": SECOND}, "Restarting (1) 1 second ago"),
        ({"state": "running", "now": SECOND, "health": "starting"}, "Up 1 second (health: starting)"),
        ({"state": "running", "now": SECOND, "health": "healthy"}, "Up 1 second (healthy)"),
        ({"state": "removing"}, "Removal In Progress"),
    ],
)
def test_a_state_is_said_in_docker_s_words(given, text):
    assert units.status(**given) == text


def test_a_column_ends_where_a_line_has_no_cell_for_it():
    assert tables.aligned("a\tb\n\naaaaaaaaaaaa\tc") == "a         b\n\naaaaaaaaaaaa   c"


def test_json_is_one_object_a_line():
    assert tables.VOLUMES.text([{"Name": "a"}, {"Name": "b"}], "json") == '{"Name":"a"}\n{"Name":"b"}'


def test_no_rows_are_no_lines():
    assert tables.VOLUMES.text([], "{{.Name}}") == ""
    assert tables.VOLUMES.text([]) == "DRIVER    VOLUME NAME"


def test_the_columns_of_top_are_wider():
    line = "UID                 PID                 CMD"  # as docker 20.10 prints it
    assert tables.aligned("UID\tPID\tCMD", tables.PROCESS_COLUMN) == line

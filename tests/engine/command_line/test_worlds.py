"""The host's side of the command line: real files and files in memory, the same for every command."""

import os
import socket

import pytest

from course.engine.command_line.carrying_out import run_line
from course.engine.command_line.world import Host, InMind
from course.engine.engine import Engine
from course.layers.entry import Kind
from course.layers.small_image import small_images


@pytest.fixture(params=["host", "memory"])
def world(request, tmp_path):
    return Host(tmp_path) if request.param == "host" else InMind()


@pytest.fixture
def docker(world):
    engine = Engine(seed=0)
    engine.load(list(small_images().values()))
    files = "mkdir -p /srv/a/b; echo 1 > /srv/a/one; echo 2 > /srv/a/b/two"
    run_line(engine, f"docker run --name box base:1 sh -c '{files}'")

    def carried_out(line, stdin=None):
        outcome = run_line(engine, f"docker {line}", world=world, stdin=stdin)
        assert outcome.status == 0, outcome.errors
        return outcome.text

    return carried_out


def test_what_is_written_is_read(world):
    assert world.is_directory("file") is None
    world.write("file", [b"a", b"b"])
    assert world.read("file") == b"ab"
    assert (world.is_directory("file"), world.is_directory(".")) == (False, True)
    assert os.path.isabs(world.absolute("file"))


def test_what_is_not_there_is_an_error_that_names_it(world):
    with pytest.raises(FileNotFoundError) as error:
        world.read("absent")
    assert error.value.strerror
    with pytest.raises(FileNotFoundError):
        world.tree("absent")


def test_a_directory_goes_out_under_its_name_where_one_is_there(docker, world):
    docker("cp box:/srv/a new")
    docker("cp box:/srv/a new")
    assert world.read("new/one") == world.read("new/a/one") == b"1\n"
    assert world.read("new/a/b/two") == b"2\n"


def test_the_content_of_a_directory_goes_out_without_its_name(docker, world):
    docker("cp box:/srv/a new")
    docker("cp box:/srv/a/b/. new")
    assert world.read("new/two") == b"2\n"
    assert world.is_directory("new/b/b") is None


def test_the_content_of_a_directory_goes_in_without_its_name(docker, world):
    docker("cp box:/srv/a new")
    docker("cp new/. box:/tmp")
    docker("cp new box:/etc")
    added = docker("diff box")
    assert "A /tmp/b/two\n" in added
    assert "A /etc/new/b/two\n" in added
    assert "/tmp/new" not in added


def test_a_file_is_replaced(docker, world):
    world.write("file", [b"old"])
    docker("cp box:/srv/a/one file")
    assert world.read("file") == b"1\n"


def test_a_build_leaves_out_what_is_ignored(docker, world):
    docker("cp box:/srv/a app")
    world.write("app/Dockerfile", [b"FROM base:1\nCOPY . /app\n"])
    world.write("app/.dockerignore", [b"b\n"])
    docker("build -t app app")
    assert docker("run --rm app ls /app").split() == ["Dockerfile", "one"]


def test_an_image_goes_to_a_file_and_back(docker, world):
    docker("save -o image.tar base:1")
    assert world.read("image.tar")[257:262] == b"ustar"
    assert docker("load -i image.tar") == "Loaded image: base:1\n"


@pytest.mark.linux
def test_links_of_the_host_are_kept_or_followed(tmp_path):
    (tmp_path / "file").write_text("content")
    (tmp_path / "link").symlink_to("file")
    world = Host(tmp_path)
    assert world.tree("link").entries["/link"].target == "file"
    assert world.tree("link", follow=True).entries["/link"].read() == b"content"
    os.mkfifo(tmp_path / "pipe")
    assert world.tree("pipe").entries["/pipe"].kind is Kind.FIFO


@pytest.mark.linux
def test_a_socket_is_refused(tmp_path):
    engine = Engine(seed=0)
    run_line(engine, "docker pull base:1")
    run_line(engine, "docker create --name box base:1")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
        outcome = run_line(engine, "docker cp socket box:/tmp", world=Host(tmp_path))
    assert (outcome.errors, outcome.status) == ("archive/tar: sockets not supported\n", 1)


@pytest.mark.linux
def test_modes_go_out_and_links_are_not_written_through(tmp_path, docker):
    engine = Engine(seed=0)
    run_line(engine, "docker pull base:1")
    run_line(engine, "docker run --name box base:1 sh -c 'echo x > /run.sh; chmod 750 /run.sh; ln -s /nowhere /link'")
    (tmp_path / "elsewhere").write_text("untouched")
    (tmp_path / "run.sh").symlink_to("elsewhere")
    for name in ("run.sh", "link"):
        assert run_line(engine, f"docker cp box:/{name} .", world=Host(tmp_path)).errors == ""
    assert (tmp_path / "elsewhere").read_text() == "untouched"
    assert (tmp_path / "run.sh").stat().st_mode & 0o777 == 0o750
    assert os.readlink(tmp_path / "link") == "/nowhere"

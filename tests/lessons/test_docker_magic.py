"""``%docker`` and ``%%docker``: a notebook's own engine."""

import io

import pytest

from course.lessons import docker_magic, magics
from course.lessons.docker_magic import Desk, commands, docker_cell, docker_line


@pytest.fixture(autouse=True)
def afresh(monkeypatch):
    monkeypatch.setattr(docker_magic, "_desks", [])


class Shell:
    """What an extension is loaded into."""

    def __init__(self):
        self.magics = {}

    def register_magic_function(self, function, kind, name):
        self.magics[kind, name] = function

    def set_custom_exc(self, kinds, handler):
        pass


def test_the_extension_brings_both_magics():
    shell = Shell()
    magics.load_ipython_extension(shell)
    assert shell.magics["line", "docker"] is docker_line
    assert shell.magics["cell", "docker"] is docker_cell


def test_a_line_prints_what_docker_prints(capsys):
    docker_line("run --rm base:1 sh -c 'echo out; echo err >&2'")
    told = capsys.readouterr()
    assert told.out == "out\n"
    assert told.err.endswith("err\n")
    assert docker_magic.engine().find_image("base:1")


def test_a_refusal_is_printed_and_raises_nothing(capsys):
    docker_line("rm nosuch")
    assert capsys.readouterr().err == "Error: No such container: nosuch\n"
    docker_line("ps | grep web")
    assert "the shell's" in capsys.readouterr().err


def test_a_cell_is_one_command_a_line(capsys):
    docker_cell("", "# two\ndocker volume create data\n\n$ docker volume ls \\\n    -q\n")
    assert capsys.readouterr().out == "$ docker volume create data\ndata\n$ docker volume ls \\\n    -q\ndata\n"


def test_a_cell_below_a_command_is_its_input(capsys):
    docker_line("pull base:1")
    capsys.readouterr()
    docker_cell("run --rm -i base:1 sh", "echo typed\nexit 3\n")
    assert capsys.readouterr().out == "typed\n"


def test_input_for_a_command_that_reads_none_is_refused_before_anything_is_done(capsys):
    docker_cell("volume create data", "docker volume ls\n")
    told = capsys.readouterr()
    assert told.out == ""
    assert "below `%%docker` alone" in told.err
    assert docker_magic.engine().volumes == {}
    docker_cell("volume create 'data", "docker volume ls\n")
    assert "quotation" in capsys.readouterr().err


def test_a_line_may_carry_on_and_comments_are_left_out():
    assert list(commands("a\\\n b\n  # no\n\nc\\")) == ["a\\\n b", "c"]


def test_undo_and_redo_say_what_they_took_back_and_did_again():
    desk = Desk()
    desk.carry_out("docker volume create data")
    assert desk.carry_out("undo").text == "Undone: volume create data\n"
    assert desk.carry_out("volume ls -q").text == ""
    assert desk.carry_out("redo").text == "Done again: volume create data\n"
    assert desk.carry_out("volume ls -q").text == "data\n"
    assert desk.carry_out("redo").text == "There is nothing to do again.\n"
    desk.carry_out("pull base:1")
    assert desk.carry_out("undo").text == "Undone: pull base:1\n"


def test_reset_takes_a_new_engine_that_gives_the_same_ids():
    desk = Desk()
    first = desk.carry_out("network create front").text
    assert "new engine" in desk.carry_out("reset").text
    assert desk.carry_out("undo").text == "There is nothing to undo.\n"
    assert desk.carry_out("network create front").text == first


def test_sleep_lets_time_pass_for_the_containers():
    desk = Desk()
    desk.carry_out("run -d --name web base:1 sh -c 'sleep 5; echo woken'")
    assert desk.carry_out("logs web").text == ""
    assert desk.carry_out("sleep 10").text == ""
    assert desk.carry_out("logs web").text == "woken\n"


@pytest.mark.parametrize("line", ["sleep", "sleep x", "sleep -1", "sleep 1 2", "sleep ²", "sleep 99999999999999999999"])
def test_sleep_wants_a_number_of_seconds(line):
    outcome = Desk().carry_out(line)
    assert "how many seconds" in outcome.errors
    assert outcome.status == 1


def test_a_word_too_many_is_refused():
    assert Desk().carry_out("undo 3").errors == "undo takes no more words\n"


def test_an_archive_is_not_written_to_a_notebook(capsys):
    docker_line("pull base:1")
    docker_line("save base:1")
    assert "cowardly refusing" in capsys.readouterr().err


def test_both_streams_come_in_the_order_in_which_they_were_written(monkeypatch):
    written = io.StringIO()
    docker_line("pull base:1")
    monkeypatch.setattr("sys.stdout", written)
    monkeypatch.setattr("sys.stderr", written)
    docker_line("run --rm base:1 sh -c 'echo one; echo two >&2; echo three'")
    assert written.getvalue() == "one\ntwo\nthree\n"

"""``course docker``: an engine that is kept in a file from one command to the next."""

import os
import subprocess
import sys
import threading
import zipfile

import pytest
from click.testing import CliRunner

from course.cli import _tell_progress, cli
from course.lessons.kept_engine import engine_file, kept_desk
from course.transport.registry.transfers import Transfer

COURSE = [sys.executable, "-m", "course.cli", "docker"]


@pytest.fixture(autouse=True)
def file(monkeypatch, tmp_path):
    path = tmp_path / "kept" / "engine.zip"
    monkeypatch.setenv("COURSE_ENGINE", str(path))
    return path


def docker(*words, stdin=None):
    return CliRunner().invoke(cli, ["docker", *words], input=stdin)


def test_what_one_command_did_the_next_one_finds(file):
    assert docker("volume", "create", "data").stdout == "data\n"
    assert docker("volume", "ls", "-q").stdout == "data\n"
    assert engine_file() == file


def test_the_exit_status_and_both_streams_are_those_of_the_program():
    done = docker("run", "--rm", "base:1", "sh", "-c", "echo out; echo err >&2; exit 4")
    assert (done.stdout, done.stderr.splitlines()[-1], done.exit_code) == ("out\n", "err", 4)


def test_options_are_docker_s_and_not_the_course_s():
    assert docker("run", "--help").stdout.startswith("Usage:  docker run [OPTIONS] IMAGE")
    assert docker("--help").stdout.startswith("Usage:  docker [OPTIONS] COMMAND")
    assert docker("rm", "-f", "nosuch").exit_code == 0
    assert docker("ps", "--nosuch").exit_code == 125


def test_input_is_read_by_what_reads_it():
    assert docker("run", "-i", "--rm", "base:1", "cat", stdin=b"typed\n").stdout == "typed\n"
    assert docker("run", "--rm", "base:1", "cat", stdin=b"typed\n").stdout == ""


def test_a_command_that_reads_nothing_waits_for_no_input():
    open_end, other_end = os.pipe()
    with os.fdopen(open_end), os.fdopen(other_end, "w"):
        command = [*COURSE, "volume", "ls", "-q"]
        done = subprocess.run(command, stdin=open_end, capture_output=True, timeout=60, check=True)
    assert done.stdout == b""


def test_archives_are_written_as_they_are(tmp_path, monkeypatch):
    docker("pull", "base:1")
    done = subprocess.run([*COURSE, "save", "base:1"], capture_output=True, check=True)
    assert done.stdout[257:262] == b"ustar"
    assert docker("load", stdin=done.stdout).stdout == "Loaded image: base:1\n"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "note").write_text("hello")
    docker("create", "--name", "box", "base:1", "cat", "/tmp/note")
    assert docker("cp", "note", "box:/tmp").exit_code == 0
    assert docker("start", "-a", "box").stdout == "hello"
    assert docker("cp", "box:/tmp/note", "copied").exit_code == 0
    assert (tmp_path / "copied").read_text() == "hello"


def test_undo_redo_and_reset_go_over_more_than_one_command():
    docker("volume", "create", "data")
    assert docker("undo").stdout == "Undone: volume create data\n"
    assert docker("volume", "ls", "-q").stdout == ""
    assert docker("redo").stdout == "Done again: volume create data\n"
    assert docker("volume", "ls", "-q").stdout == "data\n"
    assert docker("reset").exit_code == 0
    assert docker("volume", "ls", "-q").stdout == ""


def test_a_container_goes_on_running_between_commands():
    docker("run", "-d", "--name", "web", "base:1", "sh", "-c", "echo begin; sleep 1000")
    assert docker("ps", "--format", "{{.Names}} {{.State}}").stdout == "web running\n"
    assert docker("logs", "web").stdout == "begin\n"
    assert docker("exec", "web", "hostname").stdout.strip() == docker("ps", "-q").stdout.strip()


def test_a_refusal_changes_nothing(file):
    docker("volume", "create", "data")
    before = file.read_bytes()
    assert docker("rm", "nosuch").stderr == "Error: No such container: nosuch\n"
    assert docker("ps").exit_code == 0
    assert file.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + 18 * b"\0"])
def test_a_damaged_file_is_refused_in_a_sentence_and_reset_begins_anew(file, content):
    file.parent.mkdir()
    file.write_bytes(content)
    done = docker("ps")
    assert done.exit_code == 2
    assert "is no journal of an engine" in done.stderr
    assert "`course docker reset` begins anew" in done.stderr
    assert file.read_bytes() == content
    assert docker("reset").exit_code == 0
    assert docker("ps").exit_code == 0
    assert zipfile.is_zipfile(file)


def test_two_commands_at_once_take_turns(file):
    inside, second = threading.Event(), []

    def run_second():
        inside.wait(10)
        with kept_desk(file) as desk:
            second.append(desk.carry_out("volume ls -q").text)

    thread = threading.Thread(target=run_second)
    thread.start()
    with kept_desk(file) as desk:
        inside.set()
        desk.carry_out("volume create data")
        thread.join(0.2)
        assert second == []
    thread.join(10)
    assert second == ["data\n"]


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_ENGINE", str(tmp_path / "file" / "engine.zip"))
    done = docker("ps")
    assert done.exit_code == 2
    assert done.stderr.startswith("Error: ")


def test_output_that_nobody_reads_any_more_is_no_traceback():
    with subprocess.Popen([*COURSE, "images"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


def test_both_streams_come_in_the_order_in_which_they_were_written():
    words = ["run", "--rm", "base:1", "sh", "-c", "echo one; echo two >&2; echo three"]
    done = subprocess.run([*COURSE, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
    first, *_pulled, one, two, three = done.stdout.decode().splitlines()
    assert first == "Unable to find image 'base:1' locally"
    assert (one, two, three) == ("one", "two", "three")


def test_the_help_lists_the_course_s_own_commands_after_docker_s():
    assert docker("--help").stdout.endswith("  reset       Begin anew, with an empty engine\n")
    assert docker().stdout == docker("--help").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_an_interrupted_command_is_told_by_its_status_and_leaves_no_trace(file):
    docker("volume", "create", "data")
    before = file.read_bytes()
    words = ["run", "base:1", "sh", "-c", "while true; do :; done"]
    script = (
        "import signal, threading\n"
        "from course.cli import main\n"
        "from course.engine import base\n"
        "base.PATIENCE = 10**18\n"
        "threading.Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()\n"
        f"import sys; sys.argv = ['course', 'docker', *{words}]; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=60, check=False)
    assert done.returncode == 130
    assert b"Traceback" not in done.stderr
    assert file.read_bytes() == before


def test_how_far_a_blob_is_stands_on_the_terminals_last_line(capsys):
    _tell_progress(Transfer("sha256:" + "a1" * 32, 2_000_000, "Downloading", 500_000))
    assert capsys.readouterr().err == "\ra1a1a1a1a1a1: Downloading 500kB/2MB\r"
    _tell_progress(Transfer("sha256:" + "a1" * 32, 2_000_000, "Pull complete"))
    assert capsys.readouterr().err == "\ra1a1a1a1a1a1: Pull complete\r"

"""The command line: help, mistakes, interruptions; and JupyterLab, started for real."""

import os
import re
import signal
import subprocess
import sys
import urllib.request

import click
import pytest
from click.testing import CliRunner

from course import cli as command_line
from course.cli import SECTIONS, Commands, cli
from course.errors import CourseError
from course.lessons.lab import has_screen

COURSE = [sys.executable, "-m", "course.cli"]


def run(*arguments):
    return CliRunner().invoke(cli, arguments)


@pytest.fixture
def failing():
    """A command line whose one command fails in the way that a test says."""

    def of(error):
        group = Commands("course")

        @group.command()
        def fail():
            raise error

        return CliRunner().invoke(group, ["fail"])

    return of


def test_help_shows_every_command_under_a_heading():
    assert sorted(name for names in SECTIONS.values() for name in names if name in cli.commands) == sorted(cli.commands)
    shown = run("--help").output
    assert re.search(r"Learn:\n  lab +Open the course", shown)
    assert all(f"\n  {name} " in shown for name in cli.commands)


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_says_what_it_is_for(name):
    assert cli.commands[name].get_short_help_str()
    assert run(name, "--help").exit_code == 0


def test_a_mistyped_command_gets_the_nearest_one_offered():
    result = run("opne")
    assert result.exit_code == 2
    assert "No such command 'opne'. Did you mean 'open'?" in result.output


def test_an_error_of_the_course_is_one_line_and_status_2(failing):
    result = failing(CourseError("the file is no image."))
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "Error: the file is no image.\n")


def test_an_error_of_the_system_is_one_line_and_status_2(failing):
    result = failing(PermissionError(13, "Permission denied", "/opt/image.tar"))
    assert (result.exit_code, result.stderr) == (2, "Error: /opt/image.tar: Permission denied.\n")


def test_an_interruption_is_status_130_without_a_word(failing):
    result = failing(KeyboardInterrupt())
    assert (result.exit_code, result.output) == (130, "")


def test_a_mistake_of_ours_is_not_hidden(failing):
    assert isinstance(failing(ZeroDivisionError()).exception, ZeroDivisionError)


@pytest.mark.peer("sh")
def test_a_reader_that_leaves_early_hears_nothing():
    script = f"{sys.executable} -c 'import time; time.sleep(0.5)\nfrom course.cli import main; main()' --help | true"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_a_terminal_that_lacks_a_sign_gets_its_number():
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run([*COURSE, "doctor"], env=environment, capture_output=True, text=True, check=True)
    assert r"\u2713 " in done.stdout or r"\u2717 " in done.stdout


def test_help_loads_nothing_heavy():
    script = (
        "import sys, course.cli; print(sorted({'IPython', 'jupyter_core', 'tarfile', 'subprocess'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_reset_says_what_it_did(monkeypatch):
    monkeypatch.setattr("course.lessons.workspace.reset", lambda name: f"{name} is reset")
    assert run("reset", "layers/lookup").output == "layers/lookup is reset\n"


def test_a_lesson_that_is_not_there_is_told_before_anything_is_made(tmp_path):
    environment = {**os.environ, "COURSE_WORKSPACE": str(tmp_path / "workspace")}
    done = subprocess.run([*COURSE, "lab", "01_layer"], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean '01_layers'?" in done.stderr
    assert not (tmp_path / "workspace").exists()


@pytest.mark.parametrize(
    ("system", "variables", "seen"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "192.0.2.1 2 192.0.2.2 22"}, False),
        ("darwin", {}, True),
        ("darwin", {"SSH_CONNECTION": "192.0.2.1 2 192.0.2.2 22"}, False),
    ],
)
def test_a_browser_is_opened_only_where_it_is_seen(monkeypatch, system, variables, seen):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", system)
    assert has_screen() is seen


@pytest.fixture
def lab(tmp_path):
    """JupyterLab, started by the command on a working copy of its own; ended whatever happens."""
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment |= {"COURSE_WORKSPACE": str(tmp_path / "workspace"), "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    keyboard, terminal = os.openpty()
    running = subprocess.Popen(
        [*COURSE, "lab", "layers"],
        env=environment,
        stdin=terminal,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    yield running
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    running.stdout.close()
    os.close(keyboard)
    os.close(terminal)


def test_the_lab_prints_the_lessons_address_and_ends_on_control_c(lab, tmp_path):
    said = ""
    while "http://" not in said:
        line = lab.stdout.readline()
        assert line, "it ended before it said an address"
        said += line
    address = said.split()[-1]
    assert "/lab/tree/01_layers.ipynb?token=" in address
    with urllib.request.urlopen(address) as page:
        assert "<title>JupyterLab</title>" in page.read().decode()
    with urllib.request.urlopen(address.replace("/lab/tree/", "/api/contents/")) as notebook:
        assert notebook.status == 200
    os.killpg(lab.pid, signal.SIGINT)  # as a terminal does it
    assert f"What you wrote is in {tmp_path / 'workspace'}." in lab.stdout.read()
    assert lab.wait() == 0
    assert (tmp_path / "workspace" / ".course" / "jupyterlab.log").stat().st_mode & 0o077 == 0


def test_where_jupyterlab_does_not_run_the_reason_is_one_line(monkeypatch, tmp_path):
    (tmp_path / "jupyterlab.py").write_text("raise SystemExit('no JupyterLab today')")
    environment = {**os.environ, "COURSE_WORKSPACE": str(tmp_path / "workspace"), "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([*COURSE, "lab"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: JupyterLab stopped: no JupyterLab today (more in ")
    assert len(done.stderr.splitlines()) == 1


def test_main_is_what_the_program_calls(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["course", "--version"])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == 0
    assert isinstance(cli, click.Group)

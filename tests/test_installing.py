"""The installer, on a small project of one module, with nothing fetched from anywhere."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from course import installing

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the installer is called by make")

BACKEND = """
import zipfile

METADATA = "Metadata-Version: 2.1\\nName: toy\\nVersion: 1\\nProvides-Extra: test\\nREQUIRES"

def get_requires_for_build_editable(settings=None): return []

def build_editable(folder, settings=None, metadata=None):
    info, name = "toy-1.dist-info/", "toy-1-py3-none-any.whl"
    with zipfile.ZipFile(folder + "/" + name, "w") as wheel:
        wheel.writestr("toy.py", "def main(): print('toy')")
        wheel.writestr(info + "METADATA", METADATA)
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "entry_points.txt", "[console_scripts]\\ntoy = toy:main\\n")
        wheel.writestr(info + "RECORD", "")
    return name

build_wheel = build_editable
"""
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "toy"
version = "1"
dependencies = [REQUIRES]
[project.optional-dependencies]
test = []
"""
PATH = "/usr/bin:/bin"
UV = shutil.which("uv", path=os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)]))
needs_uv = pytest.mark.skipif(UV is None, reason="left out: needs uv")


class Project:
    """A checkout of the toy project, and a learner who types the command."""

    def __init__(self, folder):
        self.folder = folder
        self.venv = folder / ".venv"
        self.programs = folder / "programs"
        self.programs.mkdir(parents=True)
        (folder / "course").mkdir()
        shutil.copy(installing.__file__, folder / "course" / "installing.py")
        (folder / "constraints.txt").write_text("")
        self.requires("")

    def requires(self, requirement):
        line = f"Requires-Dist: {requirement}\\n" if requirement else ""
        (self.folder / "backend.py").write_text(BACKEND.replace("REQUIRES", line))
        (self.folder / "pyproject.toml").write_text(
            PROJECT.replace("REQUIRES", f'"{requirement}"' if requirement else "")
        )

    def program(self, name, script):
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def install(self, *extras, status=0, **environment):
        """Type the command, with no package index within reach; return what it says."""
        done = subprocess.run(
            [sys.executable, "-I", self.folder / "course" / "installing.py", *extras],
            env={
                "PATH": f"{self.programs}:{PATH}",
                "HOME": str(self.folder),
                "PIP_NO_INDEX": "1",
                "UV_OFFLINE": "1",
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def toy(self):
        return subprocess.run([self.venv / "bin" / "toy"], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path / "a checkout")


@pytest.fixture
def with_uv(project):
    (project.programs / "uv").symlink_to(UV)
    return project


@needs_uv
def test_a_second_call_installs_nothing(with_uv):
    assert "Installed with uv" in with_uv.install()
    assert with_uv.toy() == "toy\n"
    (with_uv.programs / "uv").unlink()
    assert with_uv.install() == ""


@needs_uv
def test_extras_are_added_once_and_kept(with_uv):
    with_uv.install()
    assert "Installed with uv" in with_uv.install("test")
    assert with_uv.install() == with_uv.install("test") == ""
    (with_uv.folder / "constraints.txt").write_text("# changed")
    assert "Installed with uv" in with_uv.install()
    assert with_uv.install("test") == ""


@needs_uv
@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt"])
def test_what_changed_is_installed_into_the_same_environment(with_uv, changed):
    with_uv.install()
    (with_uv.venv / "kept").touch()
    with (with_uv.folder / changed).open("a") as file:
        file.write("# changed")
    assert "Installed" in with_uv.install()
    assert (with_uv.venv / "kept").exists()


@needs_uv
def test_an_environment_that_was_not_finished_is_made_afresh(with_uv):
    with_uv.install()
    (with_uv.venv / "installed.json").unlink()
    (with_uv.venv / "half").touch()
    assert "Installed" in with_uv.install()
    assert not (with_uv.venv / "half").exists()


@needs_uv
def test_a_checkout_that_was_moved_gets_an_environment_that_works(with_uv, tmp_path):
    with_uv.install()
    moved = Project(tmp_path / "elsewhere")
    shutil.rmtree(moved.folder)
    with_uv.folder.rename(moved.folder)
    assert "Installed" in moved.install()
    assert moved.toy() == "toy\n"


@needs_uv
@pytest.mark.parametrize("damage", ["python", "stamp"])
def test_a_damaged_environment_is_made_afresh(with_uv, damage):
    with_uv.install()
    if damage == "python":
        (with_uv.venv / "bin" / "python").unlink()
    else:
        (with_uv.venv / "installed.json").write_text("[")
    assert "Installed" in with_uv.install()
    assert with_uv.toy() == "toy\n"


def test_where_uv_fails_pip_does_it_and_says_so(project):
    project.program("uv", "echo no index; exit 1")
    said = project.install()
    assert "uv could not; pip tries" in said
    assert "Installed with pip" in said
    assert project.toy() == "toy\n"


def test_where_uv_cannot_be_had_pip_does_it(project):
    assert "Installed with pip" in project.install()
    assert project.toy() == "toy\n"
    assert project.install() == ""


@needs_uv
def test_without_a_network_it_says_so_and_trusts_what_was_there(with_uv):
    with_uv.install()
    stamp = (with_uv.venv / "installed.json").read_text()
    with_uv.requires("a-package-that-is-not-there")
    said = with_uv.install(status=2, PIP_NO_INDEX="0", PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="1")
    assert said.splitlines()[-1] == "No package index answers. Check the network, then run the same command again."
    assert (with_uv.venv / "installed.json").read_text() == stamp
    assert with_uv.toy() == "toy\n"


@needs_uv
def test_an_interruption_leaves_nothing_that_is_trusted(with_uv):
    with_uv.install()
    (with_uv.folder / "constraints.txt").write_text("# changed")
    (with_uv.programs / "uv").unlink()
    with_uv.program("uv", "kill -INT $PPID; sleep 5")
    said = with_uv.install(status=130)
    assert said.splitlines()[-1] == "Interrupted; the same command starts the installation afresh."
    assert not (with_uv.venv / "installed.json").exists()


def test_another_failure_shows_the_last_line_and_where_the_rest_is(project):
    (project.folder / "backend.py").write_text("raise RuntimeError('the cat sat on it')")
    project.program("uv", "exit 1")
    said = project.install(status=2).splitlines()[-1]
    assert said.startswith("The installation failed: ")
    log = project.venv / "install.log"
    assert str(log) in said
    assert "the cat sat on it" in log.read_text()


def test_a_folder_that_cannot_be_written_is_named(project):
    project.venv.write_text("a file is in the way")
    assert str(project.venv) in project.install(status=2)


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("…\nOSError: [Errno 28] No space left on device\n", "The disk is full"),
        ("error: failed to write: Disk quota exceeded (os error 122)", "The disk is full"),
        (
            "[Errno 30] Read-only file system: '/opt/course/.venv'",
            "cannot be written ([Errno 30] Read-only file system",
        ),
        ("[Errno 13] Permission denied: '/opt/course/.venv'", "put the course into a folder of your own"),
    ],
)
def test_a_foreseeable_failure_is_told_in_one_sentence(output, sentence):
    assert sentence in installing.refused(output)


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine with no program at all but those that a test adds."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def program(name, script="exit 0"):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
        return str(tmp_path / name)

    return program


def test_an_old_interpreter_can_read_the_installer():
    ast.parse(Path(installing.__file__).read_text("utf-8"), feature_version=(3, 6))


def test_where_python3_is_too_old_a_newer_one_that_runs_is_used(machine, monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 6, "final", 0))
    machine("python3.13", "echo 'not installed' >&2; exit 127")  # as a version manager leaves them
    newer = machine("python3.12")
    assert installing.newer_python() == newer
    assert capsys.readouterr().out == f"python3 is Python 3.9.6, too old for the course; {newer} is used.\n"


@pytest.mark.parametrize(
    ("manager", "advice"),
    [
        ("apt-get", "Run `sudo apt install python3.11 python3.11-venv`, then"),
        ("dnf", "Run `sudo dnf install python3.12`, then"),
        ("brew", "Run `brew install python@3.13`, then"),
        ("pacman", "Install Python from python.org, then"),
    ],
)
def test_where_every_python_is_too_old_it_says_how_to_get_one(machine, monkeypatch, capsys, manager, advice):
    monkeypatch.setattr(sys, "version_info", (3, 9, 6, "final", 0))
    machine(manager)
    assert installing.main() == 2
    said = capsys.readouterr().err
    assert f"python3 ({sys.executable}) is Python 3.9.6" in said
    assert advice in said


def test_where_debian_lacks_a_part_of_python_it_names_the_package(machine, monkeypatch):
    machine("apt-get")
    monkeypatch.setattr(sys, "version_info", (3, 12, 3, "final", 0))
    assert "lacks its module `ensurepip`. Run `sudo apt install python3.12-venv`, then" in installing.missing_part(
        "ensurepip"
    )
    (Path(os.environ["PATH"]) / "python3").symlink_to(sys.executable)
    assert "Run `sudo apt install python3-venv`, then" in installing.missing_part("ensurepip")


def test_a_python_without_ensurepip_is_told_before_anything_is_trusted(project, monkeypatch, capsys):
    bin_folder, stamp = project.venv / "bin", project.venv / "installed.json"
    places = {"FOLDER": project.folder, "VENV": project.venv, "BIN": bin_folder, "PYTHON": bin_folder / "python"}
    for name, value in {**places, "STAMP": stamp, "LOG": project.venv / "install.log"}.items():
        monkeypatch.setattr(installing, name, value)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else name)
    monkeypatch.setattr(sys, "argv", ["installing.py"])
    monkeypatch.setenv("PATH", PATH)
    assert installing.main() == 2
    assert "lacks its module `ensurepip`" in capsys.readouterr().err
    assert not stamp.exists()


@needs_uv
def test_the_stamp_says_what_is_installed(with_uv):
    with_uv.install("test")
    stamp = json.loads((with_uv.venv / "installed.json").read_text())
    assert (stamp["python"], stamp["folder"], stamp["extras"]) == (sys.version, str(with_uv.folder), "test")

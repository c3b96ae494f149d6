"""pyproject.toml says what the course needs; environment.yml and constraints.txt say the same in their own words."""

import re
import tomllib
from pathlib import Path

import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).parent.parent
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
NAMES_ON_CONDA_FORGE = {"graphviz": "python-graphviz", "isal": "python-isal"}
BY_PIP = {"pygraphviz"}  # its wheels bring a Graphviz of their own, and conda's older one is not needed beside `dot`
ONLY_CONDA = {"graphviz", "pip"}  # `dot` itself, and what installs the course

RUNTIME = {requirement.name: requirement for requirement in map(Requirement, PROJECT["dependencies"])}
TEST = {each.name: each for each in map(Requirement, PROJECT["optional-dependencies"]["test"])}

LINES = (CHECKOUT / "constraints.txt").read_text("utf-8").splitlines()
PINS = [Requirement(line) for line in LINES if not line.startswith("#")]


def conda():
    """Return what environment.yml asks of conda (name: specifier, both str), and what of pip (list of str)."""
    environment = yaml.safe_load((CHECKOUT / "environment.yml").read_text("utf-8"))
    [by_pip] = [each["pip"] for each in environment["dependencies"] if isinstance(each, dict)]
    names = [each.partition(" ") for each in environment["dependencies"] if isinstance(each, str)]
    return {name: specifier for name, _, specifier in names}, by_pip


def test_environment_yml_asks_for_the_same_as_pyproject_toml():
    asked, by_pip = conda()
    expected = {
        NAMES_ON_CONDA_FORGE.get(name, name): str(requirement.specifier)
        for name, requirement in RUNTIME.items()
        if name not in BY_PIP
    }
    assert asked.pop("python") == PROJECT["requires-python"]
    assert {name: asked[name] for name in asked if name not in ONLY_CONDA} == expected
    assert asked.keys() >= ONLY_CONDA
    assert by_pip == ["--editable ."]


def test_everything_in_pyproject_toml_is_pinned_to_a_version_that_it_allows():
    pinned = {canonicalize_name(pin.name): pin for pin in PINS}
    for name, requirement in {**RUNTIME, **TEST}.items():
        [version] = pinned[canonicalize_name(name)].specifier
        assert version.operator == "=="
        assert version.version in requirement.specifier


def test_a_pin_is_a_version_and_names_no_address():
    assert [pin for pin in PINS if not re.fullmatch(r"==[\w.+!]+", str(pin.specifier)) or pin.url] == []
    assert [line for line in LINES if "://" in line or line.startswith("-")] == []


def test_no_package_is_pinned_twice_for_one_machine():
    for python in ("3.11.0", "3.11.9", "3.12.9", "3.13.9"):
        for system, os_name in (("linux", "posix"), ("darwin", "posix"), ("win32", "nt")):
            machine = {
                **default_environment(),
                "python_full_version": python,
                "python_version": python.rpartition(".")[0],
                "sys_platform": system,
                "os_name": os_name,
            }
            names = [pin.name for pin in PINS if pin.marker is None or pin.marker.evaluate(machine)]
            assert len(names) == len(set(names))


def test_the_oldest_python_is_the_same_everywhere():
    from course.installing import OLDEST

    oldest = ".".join(map(str, OLDEST))
    assert SpecifierSet(PROJECT["requires-python"]) == SpecifierSet(f">={oldest}")
    assert f"--python-version {oldest}" in (CHECKOUT / "Makefile").read_text("utf-8")

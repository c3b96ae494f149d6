"""Who may know whom: an arrow down is allowed, an arrow up is not."""

import ast
import re
from pathlib import Path

import pytest

import course

PACKAGE = Path(course.__file__).parent
ROOMS = "cli authoring lessons widgets grading figures engine processes transport union layers".split()
GROUND = {"errors", "words", "files", "shipped"}  # known to all, and knowing only each other
DOORS = {"__init__", "installing"}  # the package's door opens every room, when asked; the installer stands alone

MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if "share" not in path.parts)


def room(parts):
    return parts[0].removesuffix(".py")


def imported_rooms(source):
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if node.module != "course" else [f"course.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.startswith("course."):
                yield name.split(".")[1]


def allowed(own, other):
    if own in DOORS:
        return True
    if other in GROUND or own == other:
        return True
    return own in ROOMS and other in ROOMS and ROOMS.index(own) < ROOMS.index(other)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_import_points_down(module):
    own = room(module.parts)
    assert own in {*ROOMS, *GROUND, *DOORS}, "a room that the plan of the house does not have"
    wrong = [other for other in imported_rooms((PACKAGE / module).read_text("utf-8")) if not allowed(own, other)]
    assert wrong == []


def test_an_arrow_up_would_be_found():
    assert list(imported_rooms("def f():\n    from course.figures.stack import stack")) == ["figures"]
    assert not allowed("layers", "figures")
    assert allowed("figures", "layers")


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_no_message_stands_inside_an_f_string_where_the_catalogue_would_miss_it(module):
    tree = ast.parse((PACKAGE / module).read_text("utf-8"))
    inside = [node for text in ast.walk(tree) if isinstance(text, ast.JoinedStr) for node in ast.walk(text)]
    calls = [node.func.id for node in inside if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert not {"_", "_n"} & set(calls)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_notebooks_are_read_as_json_for_importing_nbformat_takes_seconds(module):
    nodes = list(ast.walk(ast.parse((PACKAGE / module).read_text("utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    assert not {"nbformat", "nbclient", "nbconvert", "jsonschema"} & {name.partition(".")[0] for name in names}


def test_nothing_extracts_a_tar_by_the_library():
    calls = [path for path in MODULES if re.search(r"\.extract(all|file)?\(", (PACKAGE / path).read_text("utf-8"))]
    assert calls == []


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_says_what_it_is_in_one_line(module):
    said = ast.get_docstring(ast.parse((PACKAGE / module).read_text("utf-8")))
    assert said
    assert said.splitlines()[0].endswith((".", ":"))


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_every_module_can_be_read_in_one_sitting(module):
    assert len((PACKAGE / module).read_text("utf-8").splitlines()) <= 350

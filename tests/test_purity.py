"""The rooms that must run in a browser and on Windows import nothing that these lack, and nothing that is slow."""

import pkgutil
import subprocess
import sys

import pytest

import course.engine
import course.figures
import course.layers
import course.processes.simulated
import course.transport
import course.union

ROOMS = (course.layers, course.union, course.processes.simulated, course.transport, course.engine, course.figures)
MODULES = [
    module.name for room in ROOMS for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}.", onerror=None)
]
LACKING = ("ctypes", "subprocess", "fcntl", "pwd", "grp", "resource", "termios")
SLOW = (
    "jupyter",
    "IPython",
    "ipywidgets",
    "anywidget",
    "graphviz",
    "pygraphviz",
    "zstandard",
    "isal",
    "nbformat",
    "asyncio",
    "httpx",
    "ssl",
)

CHILD = """
import importlib, sys
for name in {lacking!r}:
    sys.modules[name] = None  # whoever imports it gets an ImportError
for name in {modules!r}:
    importlib.import_module(name)
print(*(name for name in {slow!r} if name in sys.modules))
"""


def imported(modules, lacking=LACKING):
    code = CHILD.format(lacking=lacking, modules=modules, slow=SLOW)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_there_are_modules_to_import():
    for name in (
        "course.transport.reading",
        "course.transport.lay_out",
        "course.transport.registry.pulling",
        "course.engine.engine",
        "course.engine.build.dockerfile",
        "course.layers.layer",
        "course.union.filesystem",
        "course.processes.simulated.process",
    ):
        assert name in MODULES


def test_every_module_is_imported_where_there_are_no_processes_and_no_c():
    done = imported(MODULES)
    assert done.stderr == ""
    assert done.stdout.split() == []


@pytest.mark.parametrize("name", LACKING)
def test_the_block_holds(name):
    done = imported([name])
    assert "ModuleNotFoundError" in done.stderr or "ImportError" in done.stderr

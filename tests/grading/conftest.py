"""A small exercise to judge: ``double(x)``, with a check of small and a check of large numbers."""

import pytest

from course.grading.exercise import read_exercise

TOML = """
id = "test/double"
lesson = "99_test"
order = 1
title = "Twice"
points = 3
minutes = 1
difficulty = 1
importance = 1
needs = "simulation"
function = "double"
hints = ["a", "b", "c"]
"""
CHECKS = """
from course.grading.checks import Check, Diagnosis

CHECKS = [
    Check("small", "Small numbers", [(1,), (2,), (3,)], points=1),
    Check("large", "Large numbers", [(100,), (200,)], points=2),
]
DIAGNOSES = [Diagnosis("square", "That is the square.", lambda x: x * x)]
"""


@pytest.fixture
def make_exercise(tmp_path):
    """Return a function that makes an exercise, with ``new`` for ``old`` in its metadata, or with other files."""

    def make(
        old="", new="", checks=CHECKS, solution="def double(x):\n    return x * 2\n", start="def double(x): ...\n"
    ):
        folder = tmp_path / "99_test" / "double"
        folder.mkdir(parents=True)
        files = {
            "exercise.toml": TOML.replace(old, new),
            "checks.py": checks,
            "solution.py": solution,
            "start.py": start,
        }
        for name, content in files.items():
            (folder / name).write_text(content, "utf-8")
        return read_exercise(folder)

    return make


@pytest.fixture
def double(make_exercise):
    return make_exercise()


@pytest.fixture
def echo(make_exercise):
    """Return a function that makes an exercise whose solution returns its argument, with one check of these cases."""

    def make(*arguments, diagnoses="[]"):
        cases = [(argument,) for argument in arguments]
        checks = (
            f"from math import inf, nan\nfrom course.grading.checks import *\n"
            f"CHECKS = [Check('all', 'All', {cases!r}, points=3)]\nDIAGNOSES = {diagnoses}\n"
        )
        return make_exercise(checks=checks, solution="def double(x):\n    return x\n")

    return make

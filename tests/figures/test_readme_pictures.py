import subprocess
import sys

import pytest
from drawn import check

from course.figures.readme import pictures
from course.shipped import PACKAGE

FOLDER = PACKAGE.parent / "docs" / "pictures"


@pytest.mark.parametrize("name", sorted(pictures()))
def test_the_committed_picture_is_what_the_code_draws(name):
    again = "python -m course.figures.readme docs/pictures"
    assert (FOLDER / name).read_text("utf-8") == f"{pictures()[name].svg}\n", f"draw it again: {again}"


@pytest.mark.parametrize("name", sorted(pictures()))
def test_a_picture_of_the_readme_is_well_made(name):
    check(pictures()[name])


@pytest.mark.parametrize("module", "sheets union versions shared lesson_map cases graphs".split())
def test_a_module_draws_a_sample_of_itself(module, tmp_path):
    command = [sys.executable, "-W", "error", "-m", f"course.figures.{module}", str(tmp_path / "sample.svg")]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stderr == ""
    assert run.stdout.strip()
    assert (tmp_path / "sample.svg").read_text("utf-8").startswith("<svg")

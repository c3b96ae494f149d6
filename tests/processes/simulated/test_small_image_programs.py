"""The small images name programs that the simulator has."""

import pytest

from course.layers.small_image import PROGRAMS, small_image
from course.processes.simulated.script import run_script
from course.processes.simulated.space import builtin_programs
from course.union.filesystem import UnionFilesystem


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_of_the_small_image_is_built_in(program):
    assert program in builtin_programs()


def test_the_program_of_the_greeter_runs_on_its_own_layers():
    filesystem = UnionFilesystem(small_image().layers)
    assert run_script(filesystem, "/app/greeter /app/settings.ini").stdout == b"greeting = welcome\n"

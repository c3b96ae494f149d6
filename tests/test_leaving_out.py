"""A test that needs what this machine lacks is left out by name, with the reason, and nothing else is."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

TESTS = """
import pytest

@pytest.mark.peer("no-such-program", "sh")
def test_needs_a_program(): pass

@pytest.mark.peer("sh")
def test_has_its_program(): pass

@pytest.mark.root
@pytest.mark.linux
def test_needs_root_on_linux(): pass

@pytest.mark.network
def test_needs_a_network(): pass

def test_is_skipped_for_another_reason(): pytest.skip("another reason")
"""


ANOTHER_MACHINE = """
from types import SimpleNamespace
sys = SimpleNamespace(platform="toaster")
os = SimpleNamespace(geteuid=lambda: 1000)
has_route = lambda: False
"""


@pytest.fixture
def run(pytester):
    """Run the tests above on a machine that is no Linux, where this is not root, without a network."""
    pytester.makeini("[pytest]\nmarkers =\n    peer(*names)\n    root\n    linux\n    network\n")
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text("utf-8") + ANOTHER_MACHINE)
    pytester.makepyfile(TESTS)
    return pytester.runpytest_inprocess("-p", "no:nbval", "-ra")


def test_what_is_lacking_is_listed_last_by_need_and_name(run):
    assert run.ret == 0
    run.assert_outcomes(passed=1, skipped=4)
    lines = run.outlines[next(number for number, line in enumerate(run.outlines) if " left out " in line) + 1 :]
    name = "test_what_is_lacking_is_listed_last_by_need_and_name.py::"
    assert lines[:6] == [
        "needs a Linux kernel; root:",
        f"  {name}test_needs_root_on_linux",
        "needs a network:",
        f"  {name}test_needs_a_network",
        "needs no-such-program (make peers):",
        f"  {name}test_needs_a_program",
    ]
    assert "passed" in lines[6]

"""Differences are those that GNU diff shows, where several shortest edits are to be had, too."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.processes.simulated.programs.line_differences import Change, changes, hunks

LINES = st.sampled_from([b"%d\n" % number for number in range(6)])
EDITS = st.tuples(st.integers(0, 200), st.integers(0, 3), st.lists(LINES, max_size=3))


@st.composite
def texts(draw):
    """Draw two texts (list of bytes each), the second mostly made of the first by some edits."""
    one = draw(st.lists(LINES, max_size=120))
    two = list(one)
    for at, gone, new in draw(st.lists(EDITS, max_size=8)):
        place = min(at, len(two))
        two[place : place + gone] = new
    return one, two


def marked(one, two, found):
    """Return the lines that differ (list of bytes), as the unified form marks them."""
    lines = []
    for change in found:
        lines += [b"-" + line for line in one[change.start : change.start + change.deleted]]
        lines += [b"+" + line for line in two[change.other_start : change.other_start + change.inserted]]
    return lines


@pytest.mark.linux
@pytest.mark.peer("diff")
@settings(max_examples=100, deadline=None, derandomize=True)
@given(texts(), st.integers(0, 3))
def test_changes_are_those_of_diff(tmp_path_factory, pair, context):
    folder = tmp_path_factory.mktemp("diff")
    for name, lines in zip("ab", pair, strict=True):
        (folder / name).write_bytes(b"".join(lines))
    command = ["diff", f"-U{context}", "a", "b"]
    told = subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout.splitlines(keepends=True)[2:]
    found = changes(*pair, context)
    assert marked(*pair, found) == [line for line in told if line[:1] in b"+-"]
    assert len(list(hunks(found, context))) == sum(line.startswith(b"@@") for line in told)


@given(texts())
def test_changes_make_the_second_text_of_the_first(pair):
    one, two = pair
    made, at = [], 0
    for change in changes(one, two):
        made += one[at : change.start] + two[change.other_start : change.other_start + change.inserted]
        at = change.start + change.deleted
    assert made + one[at:] == two


def test_lines_between_changes_join_their_hunks():
    near, far = Change(0, 1, 0, 1), Change(7, 1, 7, 1)
    assert [len(hunk) for hunk in hunks([near, far], 3)] == [2]
    assert [len(hunk) for hunk in hunks([near, far], 2)] == [1, 1]

"""A container's log, as whoever wrote it was stopped, or as someone else has left it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.engine.kept.logs import log_of
from course.errors import CourseError
from course.processes.runtime import STDERR, STDOUT, Output

LINES = (
    b'{"log":"out\\n","stream":"stdout","time":"1970-01-01T00:00:01.5Z"}\n'
    b'{"log":"\\udce9\\u00e9","stream":"stderr","time":"1970-01-01T00:00:02Z"}\n'
)
BOTH = (Output(1_500_000_000, STDOUT, b"out\n"), Output(2_000_000_000, STDERR, b"\xe9\xc3\xa9"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("logs")


def logged(folder, data):
    (folder / "a.log").write_bytes(data)
    return log_of(folder, "a.log")


def test_a_byte_that_is_no_utf_8_comes_back_too(folder):
    assert logged(folder, LINES) == BOTH


def test_a_torn_last_line_is_left_out_wherever_it_is_torn(folder):
    first = LINES.index(b"\n")
    for end in range(len(LINES)):
        assert logged(folder, LINES[:end]) == BOTH[: (end >= first) + (end >= len(LINES) - 1)]


@given(st.binary(max_size=200) | st.sampled_from([b"[" * 100_000, b"7", b"{}", b'{"log":1,"stream":[],"time":{}}']))
def test_a_line_that_is_none_of_a_log_costs_only_itself(folder, data):
    found = logged(folder, LINES + data + b"\n" + LINES)
    assert found[:2] == BOTH == found[-2:]


def test_a_log_that_is_not_there_says_nothing_and_one_that_is_no_file_is_refused(folder):
    assert log_of(folder, "b.log") == ()
    (folder / "c.log").mkdir()
    with pytest.raises(CourseError, match=r"c\.log: is no regular file"):
        log_of(folder, "c.log")

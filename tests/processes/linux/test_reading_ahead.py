"""What a thread fetches ahead comes as it would without, and the thread never outlives its reader."""

import threading
from contextlib import closing

import pytest

from course.processes.linux.reading_ahead import WAITING, read_ahead


def counting(closed, until=10**9, error=None):
    try:
        for number in range(until):
            yield b"%d" % number
        if error:
            raise error
    finally:
        closed.append(True)


@pytest.fixture(autouse=True)
def no_thread_is_left():
    before = threading.active_count()
    yield
    assert threading.active_count() == before


@pytest.mark.parametrize("count", [0, 1, WAITING, 10 * WAITING])
def test_all_chunks_come_in_their_order(count):
    closed = []
    assert list(read_ahead(counting(closed, count))) == [b"%d" % number for number in range(count)]
    assert closed == [True]


def test_an_error_comes_after_the_chunks_before_it():
    closed, got = [], []
    with pytest.raises(OSError, match="broken"):
        got.extend(read_ahead(counting(closed, 3, OSError("broken"))))
    assert got == [b"0", b"1", b"2"]
    assert closed == [True]


def test_who_stops_reading_stops_the_fetching():
    closed = []
    with closing(read_ahead(counting(closed))) as chunks:
        assert next(chunks) == b"0"
    assert closed == [True]


def test_no_more_is_fetched_than_may_wait():
    fetched, full = [], threading.Event()

    def source():
        for number in range(10 * WAITING):
            fetched.append(number)
            if number == WAITING + 1:
                full.set()
            yield b""

    with closing(read_ahead(source())) as chunks:
        next(chunks)
        assert full.wait(10)
        assert len(fetched) <= WAITING + 2

"""What an answer does to its process, to the judge, or in order to earn what it does not deserve."""

import os
import signal
import time
from pathlib import Path

import pytest

from course.grading import process
from course.grading.judge import judge

RIGHT = "\n    return 2 * x\n"


def answer(body, before=""):
    """Return an answer whose function does ``body`` for large numbers, and the right thing for small ones."""
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    return f"import os, sys\n{before}\ndef double(x):\n    if x >= 100:\n{lines}\n    return 2 * x\n"


@pytest.fixture
def little_time(monkeypatch):
    monkeypatch.setattr(process, "TIME_LIMIT", 0.5)


@pytest.fixture
def some_time(monkeypatch):
    """Enough to come to the loop, on a machine that has much to do."""
    monkeypatch.setattr(process, "TIME_LIMIT", 3.0)


@pytest.mark.parametrize(
    ("body", "before", "got"),
    [
        pytest.param("os._exit(3)", "", "ended its process (exit status 3)", id="os._exit"),
        pytest.param("os._exit(0)", "", "ended its process (exit status 0)", id="a clean exit"),
        pytest.param("os.kill(os.getpid(), 9)", "", "ended its process (signal 9: Killed)", id="kill"),
        pytest.param("os.abort()", "", "ended its process (signal 6: Aborted)", id="abort"),
        pytest.param("os.closerange(0, 99)", "", "ended its process", id="all files closed"),
        pytest.param("sys.exit('bye')", "", "raised SystemExit: bye (line 5)", id="sys.exit"),
        pytest.param("raise KeyboardInterrupt", "", "raised KeyboardInterrupt (line 5)", id="interrupt"),
        pytest.param("return double(x)", "", "raised RecursionError: maximum recursion depth", id="recursion"),
        pytest.param("sys.setrecursionlimit(5)\ndouble(x)", "", "raised RecursionError", id="recursion limit"),
        pytest.param("return [0] * 10**12", "", "used more memory than 1GB", id="a large list"),
        pytest.param(
            "while True: keep.append(bytearray(10**8))", "keep = []", "used more memory than 1GB", id="memory"
        ),
        pytest.param("return input()", "", "raised EOFError", id="standard input is empty"),
        pytest.param(
            "raise Odd", "class Odd(Exception):\n    def __str__(self): 1/0", "raised Odd (line", id="no text"
        ),
        pytest.param("raise Exception('x' * 10**8)", "", "raised Exception: xxxx", id="a long message"),
        pytest.param("raise Exception('\\x1b[2J\\n')", "", "raised Exception: \\x1b[2J\\n", id="control signs"),
        pytest.param(
            "[os.write(fd, b'x' * 10**6) for fd in pipes()]",
            "def pipes(): return [fd for fd in range(3, 30) if os.path.exists(f'/dev/fd/{fd}')]",
            "ended its process (signal 9: Killed)",
            id="a reply without an end",
        ),
        pytest.param(
            "[os.write(fd, b'nonsense\\n') for fd in range(3, 30) if os.path.exists(f'/dev/fd/{fd}')]",
            "",
            "sent back something that is no value",
            id="a reply that is no JSON",
        ),
        pytest.param(
            "[os.write(fd, b'[' * 10**5 + b'\\n') for fd in range(3, 30) if os.path.exists(f'/dev/fd/{fd}')]",
            "",
            "sent back something that is no value",
            id="a reply that is nested deeply",
        ),
        pytest.param(
            "import __main__; __main__.encode = lambda value: ['dict', ['item', [['list']]], 7, {'a': 1}]",
            "",
            "sent back something that is no value",
            id="a reply that is no value",
        ),
        pytest.param(
            "import __main__; __main__.encode = lambda value: 1.5",
            "",
            "sent back something that is no value",
            id="a reply that is a bare number",
        ),
        pytest.param(
            "import __main__; __main__._told = lambda act: ['odd', 'type', 'x' * 10**5]",
            "",
            "returned an object of type xxxx",
            id="a reply with a long name",
        ),
        pytest.param(
            "import __main__; __main__.encode = lambda value: ['list', *range(10**6)]",
            "",
            "ended its process",
            id="a reply that is too long",
        ),
    ],
)
def test_only_the_check_that_an_answer_ruins_is_lost(double, body, before, got):
    report = judge(double, answer(body, before))
    small, large = report.results
    assert small.passed
    assert not large.passed
    assert got in large.failure.got
    assert large.failure.call in ("double(100)", "double(200)")
    assert len(large.failure.got) < 500


def test_a_check_that_ends_the_process_does_not_take_the_next_ones_along(double):
    report = judge(double, "import os\ndef double(x):\n    if x == 2: os._exit(5)" + RIGHT)
    small, large = report.results
    assert (small.passed, small.tried, small.failure.call) == (False, 2, "double(2)")
    assert (large.passed, report.problem) == (True, "")


@pytest.mark.usefixtures("some_time")
def test_an_endless_loop_ends_the_judging_and_keeps_what_came_before(double):
    report = judge(double, answer("while True: pass"))
    small, large = report.results
    assert small.passed
    assert (large.passed, large.tried, large.failure.got) == (False, 1, "took longer than 3 seconds")
    assert report.problem == "Your answer took longer than 3 seconds."


@pytest.mark.usefixtures("some_time")
def test_after_an_endless_loop_later_checks_are_not_tried(double):
    report = judge(double, "def double(x):\n    while True: pass\n")
    assert [(result.tried, result.passed) for result in report.results] == [(1, False), (0, False)]
    assert report.results[1].failure is None


@pytest.mark.usefixtures("little_time")
@pytest.mark.parametrize("text", ["while True: pass", "import time; time.sleep(99)", "import signal; signal.pause()"])
def test_an_answer_that_never_begins_is_ended(double, text):
    report = judge(double, text)
    assert report.problem == "Your answer took longer than 0.5 seconds."
    assert report.points == 0


@pytest.mark.usefixtures("little_time")
def test_an_answer_that_ignores_signals_is_ended(double):
    ignoring = "import signal\nfor number in (2, 15, 1, 24): signal.signal(number, signal.SIG_IGN)\nwhile True: pass"
    assert "took longer" in judge(double, ignoring).problem


def test_a_gigabyte_of_print_neither_hangs_nor_fills_memory_nor_counts(double, monkeypatch):
    monkeypatch.setattr(process, "TIME_LIMIT", 60.0)
    report = judge(double, "def double(x):\n    print('x' * 200_000_000)" + RIGHT)
    assert report.passed
    assert report.printed == "x" * process.PRINTED_LIMIT


def test_of_what_is_replied_the_judge_keeps_no_more_than_it_can_hold():
    flood = "import __main__\n__main__._told = lambda act: ['value', 'x' * 200_000]\ndef double(x): ...\n"
    run = process.run_cases(flood, "double", [["list", 1]] * 500, 60)
    assert len(run.outcomes) < 200
    assert run.outcomes[-1].words == "ended its process (signal 9: Killed)"


def test_of_what_is_printed_the_judge_keeps_the_beginning_only():
    run = process.run_cases("print('x' * 10**6)\ndef double(x): ...\n", "double", [], 10)
    assert run.printed == "x" * process.PRINTED_LIMIT


@pytest.mark.usefixtures("some_time")
def test_endless_printing_is_ended(double):
    report = judge(double, "def double(x):\n    while True: print('again')\n")
    assert "took longer" in report.problem
    assert len(report.printed) == process.PRINTED_LIMIT


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def gone(pid):
    for _try in range(100):
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False


FORKS = (
    "import os, time\npid = os.fork()\nif pid == 0:\n    {child}\n    time.sleep(600)\nprint(pid)\ndef double(x):"
    + RIGHT
)


@pytest.mark.linux
@pytest.mark.root
def test_a_sleeping_child_is_ended_with_its_parent(double):
    report = judge(double, FORKS.format(child="pass"))
    assert report.passed
    assert gone(int(report.printed))


@pytest.mark.linux
@pytest.mark.root
def test_a_child_in_a_session_of_its_own_does_not_keep_the_judge_waiting(double):
    report = judge(double, FORKS.format(child="os.setsid()"))
    assert report.passed
    assert "except what began a session of its own" in report.confinement
    escaped = int(report.printed)
    os.kill(escaped, signal.SIGKILL)
    assert gone(escaped)


@pytest.mark.linux
@pytest.mark.root
@pytest.mark.parametrize(
    "start", ["os.fork()", "threading.Thread().start()", "os.posix_spawn('/bin/true', ['true'], {})"]
)
def test_whoever_is_not_root_can_start_no_process_and_no_thread(double, start):
    report = judge(double, f"import os, threading\nos.setuid(65534)\n{start}\n")
    assert "BlockingIOError" in report.problem or "can't start new thread" in report.problem


@pytest.mark.linux
def test_files_that_an_answer_writes_go_with_it(double, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report = judge(double, "import os\nopen('mess', 'w').write('x')\nprint(os.getcwd())\ndef double(x):" + RIGHT)
    assert report.passed
    assert not Path(report.printed.strip()).exists()
    assert list(tmp_path.glob("mess")) == []


@pytest.mark.linux
def test_a_file_cannot_grow_without_end(double):
    report = judge(double, "def double(x):\n    open('mess', 'w').write('x' * 10**8)" + RIGHT)
    assert "raised OSError: [Errno 27] File too large" in report.results[0].failure.got


def test_what_the_environment_holds_is_not_handed_on(double, monkeypatch):
    monkeypatch.setenv("TOKEN", "secret")
    assert judge(
        double, "import os\nassert 'secret' not in repr(os.environ)\ndefine = 1\ndef double(x):" + RIGHT
    ).passed


def test_the_answer_cannot_import_what_lies_where_the_judge_was_started(double, tmp_path, monkeypatch):
    (tmp_path / "helper.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert "No module named 'helper'" in judge(double, "import helper").problem
    assert "No module named 'process'" in judge(double, "import process").problem  # it lies beside the runner
    assert "No module named 'pytest'" in judge(double, "import pytest").problem


def test_what_a_case_should_give_never_enters_the_process(make_exercise, monkeypatch):
    sent = []
    send = process._send
    monkeypatch.setattr(process, "_send", lambda pipe, data: sent.append(data) or send(pipe, data))
    exercise = make_exercise(solution="def double(x):\n    return f'expected {x}'\n")
    judge(exercise, "def double(x):" + RIGHT)
    assert sent
    assert b"expected" not in b"".join(sent)


CHEATS = {
    "an object equal to all": "class Yes:\n    __eq__ = lambda *_: True\ndouble = lambda x: Yes()",
    "a dict with every key": "class Any(dict):\n    __missing__ = lambda *_: True\ndouble = lambda x: Any()",
    "patched builtins": "import builtins\nbuiltins.all = lambda *_: True\ndouble = lambda x: 0",
    "a patched library": "import json\njson.dumps = lambda *_: '[\"passed\"]'\ndouble = lambda x: 0",
    "a patched runner": "import __main__\n__main__.encode = lambda value: True\ndouble = lambda x: 0",
    "printed results": "print('[\"passed\", true]')\nprint('all tests passed')\ndouble = lambda x: 0",
    "forged replies": "import os\nos.write(3, b'[\"value\", 2]\\n' * 9)\ndef double(x): os._exit(0)",
}


@pytest.mark.parametrize("cheat", CHEATS.values(), ids=CHEATS)
def test_a_cheat_earns_nothing(double, cheat):
    assert judge(double, cheat).points == 0

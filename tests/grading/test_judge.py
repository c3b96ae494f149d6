"""The judge tells right from wrong by exact values, shows the smallest failing case, and names known mistakes."""

import os
import subprocess
import threading
from pathlib import Path

import pytest

from course.errors import MachineError
from course.grading import process
from course.grading.judge import confinement, judge
from course.grading.report import Failure


def test_a_right_answer_passes_every_check(double):
    report = judge(double, "def double(x):\n    return x + x\n")
    assert report.passed
    assert (report.points, report.points_possible, report.problem) == (3, 3, "")
    assert [(result.id, result.tried, result.failure) for result in report.results] == [
        ("small", 3, None),
        ("large", 2, None),
    ]


def test_a_check_counts_only_if_every_case_is_right(double):
    report = judge(double, "def double(x):\n    return x * 2 if x != 200 else 0\n")
    assert (report.points, report.passed) == (1, False)
    assert report.results[1].failure == Failure("double(200)", "400", "0")


def test_the_first_failing_case_is_shown(double):
    report = judge(double, "def double(x):\n    return 2 if x == 1 else x\n")
    assert report.results[0].failure == Failure("double(2)", "4", "2")
    assert report.results[0].tried == 3


def test_a_known_mistake_is_named(double):
    result = judge(double, "def double(x):\n    return x ** 2\n").results[0]
    assert (result.diagnosis, result.explanation) == ("square", "That is the square.")


def test_a_mistake_that_explains_only_some_failing_cases_is_not_named(double):
    result = judge(double, "def double(x):\n    return x ** 2 if x < 3 else 0\n").results[0]
    assert (result.diagnosis, result.explanation) == ("", "")


def test_a_mistake_may_lie_in_the_error_that_is_raised(echo):
    exercise = echo("a", diagnoses="[Diagnosis('key', 'A key is missing.', lambda x: {}[x])]")
    assert judge(exercise, "def double(x):\n    return {}['other']\n").results[0].diagnosis == "key"
    assert judge(exercise, "def double(x):\n    return [][1]\n").results[0].diagnosis == ""


def test_a_mistake_may_be_compared_by_a_key(echo):
    exercise = echo([1, 2, 3], diagnoses="[Diagnosis('order', 'Mind the order.', lambda x: x, key=sorted)]")
    assert judge(exercise, "def double(x):\n    return x[::-1]\n").results[0].diagnosis == "order"
    assert judge(exercise, "def double(x):\n    return set(x)\n").results[0].diagnosis == "order"
    assert judge(exercise, "def double(x):\n    return x[1:]\n").results[0].diagnosis == ""
    assert judge(exercise, "def double(x):\n    return [1, 'b']\n").results[0].diagnosis == ""
    assert judge(exercise, "def double(x):\n    return 5\n").results[0].diagnosis == ""


def test_an_answer_that_returns_nothing_anywhere_is_asked_for_its_return(make_exercise):
    checks = (
        "from course.grading.checks import *\nCHECKS = [Check('all', 'All', [(1,)], points=3)]\n"
        "DIAGNOSES = [Diagnosis('none', 'Never None.', lambda x: None)]\n"
    )
    exercise = make_exercise(checks=checks)
    assert judge(exercise, "def double(x):\n    x * 2\n").results[0].diagnosis == "nothing-returned"


def test_the_picture_of_the_failing_case_is_drawn(make_exercise):
    checks = (
        "from course.grading.checks import *\n"
        "CHECKS = [Check('all', 'All', [(1,), (2,)], points=3, picture=lambda x: f'picture of {x}')]\nDIAGNOSES = []\n"
    )
    exercise = make_exercise(checks=checks)
    assert judge(exercise, "def double(x):\n    return 2\n").results[0].failure.figure == "picture of 2"


@pytest.mark.parametrize(
    ("expected", "returned"),
    [
        (1, "True"),
        (0, "False"),
        (1, "1.0"),
        (0.0, "-0.0"),
        ([1], "(1,)"),
        ((1,), "[1]"),
        ({1, 2}, "frozenset({1, 2})"),
        ({1, 2}, "[1, 2]"),
        ("a", "b'a'"),
        ({"a": 1}, "{'a': True}"),
        ({1: "a"}, "{True: 'a'}"),
        ({1: "a"}, "{'1': 'a'}"),
        (None, "0"),
        ("1", "1"),
        ("'1'", "'1'"),
    ],
)
def test_types_are_compared_exactly(echo, expected, returned):
    failure = judge(echo(expected), f"def double(x):\n    return {returned}\n").results[0].failure
    assert (failure.expected, failure.got) == (repr(expected), returned)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        12345678901234567890,
        -1.5,
        float("inf"),
        float("nan"),
        "",
        "caf\udce9\n\0",
        b"\xff",
        [],
        (),
        set(),
        frozenset(),
        {},
        {1: "a", None: (2.5, [{}]), (1, 2): {"b", "a"}, "k": frozenset({b"1"})},
    ],
    ids=repr,
)
def test_a_plain_value_comes_back_as_it_was(echo, value):
    assert judge(echo(value), "def double(x):\n    return x\n").passed


def test_the_order_within_a_dict_or_a_set_does_not_matter(echo):
    exercise = echo({"a": 1, "b": {0, 8, 16}})
    assert judge(exercise, "def double(x):\n    return {'b': {16, 8, 0}, 'a': 1}\n").passed


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        ("object()", "returned an object of type object"),
        ("(item for item in [1])", "returned an object of type generator"),
        ("type('Everything', (), {'__eq__': lambda *_: True, '__hash__': lambda _: 0})()", "type Everything"),
        ("type('Number', (int,), {})(2)", "returned an object of type Number"),
        ("type('Text', (str,), {'__eq__': lambda *_: True, '__hash__': str.__hash__})('a')", "type Text"),
        ("[__import__('collections').OrderedDict()]", "returned an object of type OrderedDict"),
        ("type('\\x1b[31m' + 'x' * 10**6, (), {})()", "returned an object of type \\x1b[31mx"),
        ("'x' * 10**6", "returned a value that is too large to be judged"),
        ("10 ** 10**5", "returned a value that is too large to be judged"),
        ("[0] * 10**6", "returned a value that is too large to be judged"),
        ("[[]] and (lambda a: [a := [a, a] for _ in range(40)][-1])([])", "returned a value that is too large to be"),
        ("(lambda a: a.append(a) or a)([])", "returned a value that is nested too deeply to be judged"),
        ("__import__('functools').reduce(lambda a, _: [a], range(10**5))", "returned a value that is nested too deep"),
    ],
)
def test_what_is_no_plain_value_is_named(double, returned, words):
    report = judge(double, f"def double(x):\n    return {returned}\n")
    assert report.points == 0
    assert words in report.results[0].failure.got
    assert len(report.results[0].failure.got) < 400


def test_an_error_is_shown_with_its_message_and_line(echo):
    answer = "def helper(x):\n    return {}[x]\n\ndef double(x):\n    return helper(x)\n"
    assert judge(echo("/a"), answer).results[0].failure.got == "raised KeyError: '/a' (line 2)"


def test_an_error_within_the_library_is_placed_in_the_answer(double):
    answer = "import json\ndef double(x):\n    return json.loads('{')\n"
    assert "(line 3)" in judge(double, answer).results[0].failure.got


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("def double(x)\n    return 1\n", "Line 1: expected ':'"),
        ("\ndef double(x):\nreturn 1\n", "Line 3: expected an indented block after function definition on line 2"),
        ("x = 1\nprint(y)\n", "Line 2: NameError: name 'y' is not defined"),
        ("raise SystemExit\n", "Line 1: SystemExit"),
        ("def twice(x):\n    return 2 * x\n", "Your answer does not define `double`."),
        ("double = 4\n", "Your answer does not define `double`."),
        ("", "Your answer does not define `double`."),
        ("(" * 10**5, "Line 1: too many nested parentheses"),
        ("x = '\0'", "null bytes."),
        ("x = '\ud800'", "Your answer cannot be run: UnicodeEncodeError"),
        ("import os\nos._exit(4)\n", "Your answer ended its process (exit status 4)."),
        ("x = [0] * 10**12", "Your answer used more memory than 1GB."),
    ],
)
def test_an_answer_that_cannot_be_run_has_a_problem_and_no_points(double, answer, problem):
    report = judge(double, answer)
    assert problem in report.problem
    assert [(result.passed, result.tried) for result in report.results] == [(False, 0), (False, 0)]


def test_what_is_printed_is_shown_and_never_counts(double):
    report = judge(double, "print('hello')\ndef double(x):\n    print('x is', x)\n    return 2 * x\n")
    assert report.passed
    assert report.printed == "hello\nx is 1\nx is 2\nx is 3\nx is 100\nx is 200\n"


def test_errors_that_are_printed_do_not_count(double):
    prints = "print('oh', file=sys.stderr)\n    os.write(1, b'\\xff')"
    answer = f"import sys, os\ndef double(x):\n    {prints}\n    return 2 * x\n"
    report = judge(double, answer)
    assert report.passed
    assert report.printed.startswith("oh\n\ufffdoh")


def test_what_was_printed_before_an_endless_loop_is_shown(double, monkeypatch):
    monkeypatch.setattr(process, "TIME_LIMIT", 3.0)
    assert judge(double, "def double(x):\n    print('here')\n    while True: pass\n").printed == "here\n"


def test_inputs_that_are_changed_do_not_change_later_cases(make_exercise):
    checks = (
        "from course.grading.checks import *\nshared = [1, 2]\n"
        "CHECKS = [Check('all', 'All', [(shared,), (shared,), ([shared, shared],)], points=3)]\nDIAGNOSES = []\n"
    )
    exercise = make_exercise(checks=checks, solution="def double(x):\n    return x.pop()\n")
    assert judge(exercise, "def double(x):\n    return x.pop()\n").passed
    failure = judge(exercise, "def double(x):\n    x.clear()\n").results[0].failure
    assert (failure.call, failure.expected) == ("double([1, 2])", "2")


def test_long_calls_and_values_are_shortened(echo):
    failure = judge(echo(list(range(1000))), "def double(x):\n    return x[1:]\n").results[0].failure
    assert len(failure.call) < 400
    assert " … " in failure.call
    assert " … " in failure.got


def test_what_the_shortening_leaves_out_is_compared_as_well(echo):
    assert not judge(echo(list(range(1000))), "def double(x):\n    x[500] = 0\n    return x\n").passed


def test_the_same_answer_gets_the_same_report_on_every_run(echo):
    answer = "def double(x):\n    return list({f'{n}' for n in range(50)})\n"
    exercise = echo(1)
    assert judge(exercise, answer) == judge(exercise, answer)


def test_what_limits_held_is_said(double):
    said = judge(double, "def double(x):\n    return 2 * x\n").confinement
    assert "in a process of its own, for at most 10 seconds" in said
    assert "It was not kept from files or from the network" in said


@pytest.mark.linux
def test_linux_sets_a_limit_on_memory(double):
    assert "1GB of memory" in judge(double, "def double(x):\n    return 2 * x\n").confinement


def test_a_limit_that_this_system_lacks_is_said():
    assert "This system sets no limit on its memory" in confinement(())
    assert "It could start no processes" not in confinement(())


def test_a_machine_that_can_start_no_process_is_named(double, monkeypatch):
    monkeypatch.setattr(process, "COMMAND", ["/no/such/python"])
    with pytest.raises(MachineError, match=r"no process could be started .*: No such file"):
        judge(double, "")


def test_an_interpreter_that_does_not_start_is_a_problem_not_a_crash(double, monkeypatch):
    monkeypatch.setattr(process, "COMMAND", ["/bin/sh", "-c", "echo broken >&2; exit 9"])
    report = judge(double, "")
    assert report.problem == "The process for your answer did not start: it ended its process (exit status 9)."
    assert report.printed == "broken\n"


def test_interrupting_the_judge_ends_the_answer(double, monkeypatch):
    started, wait = [], threading.Event.wait

    class Recorded(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            started.append(self)

    def interrupted(event, timeout=None):
        if timeout is None:
            return wait(event)
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    monkeypatch.setattr(threading.Event, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        judge(double, "def double(x):\n    while True: pass\n")
    assert started[0].returncode is not None


@pytest.mark.linux
def test_judging_leaves_no_file_open_and_no_process_behind(double):
    def held():
        return len(list(Path("/proc/self/fd").iterdir()))

    judge(double, "")
    before = held()
    for answer in ("def double(x):\n    return 2 * x\n", "import os\nos._exit(1)\n", "def double(x): print(x)\n"):
        judge(double, answer)
    assert held() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)

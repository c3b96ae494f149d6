from pathlib import Path

import pytest

from course.grading.exercise import Exercise
from course.grading.report import CheckResult, Failure, Report
from course.lessons.feedback import feedback, no_python, not_started
from course.lessons.page import Page

EXERCISE = Exercise(
    "layers/lookup", "01_layers", "What a path shows", 6, 8, 2, 3, "simulation", "lookup", ("a", "b", "c"), Path()
)


class Picture:
    text = "[ motd ]"
    html = "<svg>motd</svg>"


def passed(name, points=1):
    return CheckResult(name, f"{name} is asked for.", passed=True, points=points, tried=9)


def failed(name, explanation="", figure=None):
    failure = Failure('lookup([{}], "/motd")', "None", "'<b>'", figure)
    return CheckResult(name, f"{name} is asked for.", False, 2, 9, failure, "known" if explanation else "", explanation)


def shown(*results, **report):
    return feedback(EXERCISE, Report("layers/lookup", results, **report), Page(), "Next: the sky.")


def test_the_score_says_how_many_checks_passed():
    page = shown(passed("one", 4), failed("two"))
    assert page.text.startswith("What a path shows · checks passed: 1 of 2 · points: 4 of 6\n")
    assert "checks passed: 1 of 2" in page.html


def test_nobody_is_told_that_all_tests_passed():
    assert "all" not in shown(passed("one")).text.lower()


def test_a_failed_check_says_what_was_tried_expected_and_answered():
    page = shown(failed("two", "The lowest layer was taken.", Picture()))
    for part in ('lookup([{}], "/motd")', "None", "'<b>'", "The lowest layer was taken.", "[ motd ]"):
        assert part in page.text
    for part in ("lookup([{}], &quot;/motd&quot;)", "&#x27;&lt;b&gt;&#x27;", "The lowest layer", "<svg>motd</svg>"):
        assert part in page.html


def test_only_the_first_failed_check_stands_open():
    page = shown(passed("one"), failed("two"), failed("three"))
    first, second = page.html.split("<details")[1:3]
    assert "two" in first
    assert " open>" in first
    assert "three" in second
    assert " open>" not in second


def test_passed_and_failed_can_be_told_without_colour():
    page = shown(passed("one"), failed("two"))
    for form in (page.text, page.html):
        assert "✓ passed · one" in form
        assert "✗ not yet · two" in form


def test_a_check_that_was_not_reached_says_so():
    page = shown(CheckResult("one", "one", False, 1, tried=0), problem="The answer ran for 10 seconds.")
    assert "– not run · one" in page.text
    assert "The answer ran for 10 seconds." in page.text


def test_a_check_that_was_cut_short_is_not_passed():
    assert "✗ not yet · one" in shown(CheckResult("one", "one", False, 1, tried=3), problem="It ended.").text


def test_the_next_step_is_said_after_success_only():
    assert "Next: the sky." in shown(passed("one")).text
    assert "Next: the sky." not in shown(passed("one"), failed("two")).text


def test_what_was_printed_is_shown_and_capped():
    assert "does not count:\n    hello" in shown(passed("one"), printed="hello\n").text
    assert "left out" not in shown(passed("one"), printed="hello\n").text
    many = shown(passed("one"), printed="line\n" * 1000).text
    assert many.count("line") == 40
    assert "left out" in many
    wide = shown(passed("one"), printed="x" * 100_000)
    assert len(wide.text) < 5000
    assert "left out" in wide.text


def test_the_limits_that_held_are_named():
    page = shown(passed("one"), confinement="It could use 1GB of memory.")
    assert page.text.endswith("It could use 1GB of memory.")
    assert '<p class="lesson-small">It could use 1GB of memory.</p>' in page.html


def test_an_answer_that_was_not_begun_is_no_failure():
    page = not_started(EXERCISE)
    assert "6 points, about 8 minutes" in page.text
    assert "Not started yet" in page.text
    assert "✗" not in page.text


@pytest.mark.parametrize(
    "source", ["\ndef lookup(layers, path)\n    pass", "\nx = (1,", "\n'\n", "\n    x = 1", "\nx\0y"]
)
def test_what_python_cannot_read_is_pointed_at(source):
    with pytest.raises((SyntaxError, ValueError)) as caught:
        compile(source, "cell", "exec")
    assert no_python(caught.value).text.startswith("Python cannot read ")


def test_the_place_in_the_line_is_marked():
    with pytest.raises(SyntaxError) as caught:
        compile("\ndef lookup(layers, path)\n    pass", "cell", "exec")
    assert no_python(caught.value).text == (
        "Python cannot read line 2: expected ':'.\ndef lookup(layers, path)\n                        ^"
    )

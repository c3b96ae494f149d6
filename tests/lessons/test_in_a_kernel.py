"""The magics in a real kernel, as a notebook would run them."""

import pytest

from course.grading.exercise import load_exercise

LOOKUP = load_exercise("layers/lookup")


class Kernel:
    """A kernel in which the course is loaded, and what its cells display."""

    def __init__(self):
        from jupyter_client.manager import KernelManager

        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel()
        self.connect()

    def connect(self):
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        assert self.run("%load_ext course") == []

    def run(self, cell):
        """Return all that a cell shows: its text, or the name of the error that got through (list of str)."""
        shown = []

        def hook(message):
            content = message["content"]
            if message["msg_type"] in ("display_data", "execute_result"):
                assert "text/html" in content["data"]
                shown.append(content["data"]["text/plain"])
            elif message["msg_type"] == "stream":
                shown.append(content["text"])
            elif message["msg_type"] == "error":
                shown.append(content["ename"])

        self.client.execute_interactive(cell, output_hook=hook, timeout=60)
        return shown

    def exercise(self, answer, name="layers/lookup"):
        (shown,) = self.run(f"%%exercise {name}\n{answer}")
        return shown

    def value(self, expression):
        (shown,) = self.run(f"print({expression}, end='')")
        return shown

    def restart(self):
        self.client.stop_channels()
        self.manager.restart_kernel(now=True)
        self.connect()

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def running():
    kernel = Kernel()
    yield kernel
    kernel.stop()


@pytest.fixture
def kernel(running, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.jsonl"))  # for a kernel that restarts
    running.run("%reset -f")
    running.run(f"import os; os.environ['COURSE_PROGRESS'] = {str(tmp_path / 'progress.jsonl')!r}")
    running.run("get_ipython().find_cell_magic('exercise').__wrapped__.__self__.last = ''")
    return running


def test_the_start_is_not_started_rather_than_failed(kernel):
    shown = kernel.exercise(LOOKUP.start)
    assert "Not started yet" in shown
    assert "✗" not in shown
    assert kernel.value("callable(lookup)") == "True"


def test_a_right_answer_has_all_its_points_and_can_be_used_below(kernel):
    shown = kernel.exercise(LOOKUP.solution)
    assert "checks passed: 6 of 6 · points: 6 of 6" in shown
    assert "Next: " in shown
    assert kernel.value("lookup([{'/motd': 'hello'}], '/motd')") == "hello"


def test_a_wrong_answer_is_shown_what_went_wrong(kernel):
    wrong = LOOKUP.wrong[0]
    shown = kernel.exercise(wrong.source)
    explanation = next(known.explanation for known in LOOKUP.diagnoses if known.id == wrong.diagnosis)
    assert "✗ not yet" in shown
    assert "expected" in shown
    assert explanation in shown


def test_the_same_answer_gets_the_same_feedback(kernel):
    assert kernel.exercise(LOOKUP.wrong[0].source) == kernel.exercise(LOOKUP.wrong[0].source)


def test_an_answer_that_loops_where_it_is_read_leaves_the_kernel_alone(kernel):
    kernel.run("from course.grading import process; limit, process.TIME_LIMIT = process.TIME_LIMIT, 1.0")
    shown = kernel.exercise("while True:\n    pass")
    kernel.run("process.TIME_LIMIT = limit")
    assert "checks passed: 0 of 6" in shown
    assert kernel.value("'alive'") == "alive"


def test_the_text_of_the_cell_is_judged_and_not_what_the_kernel_holds(kernel):
    kernel.run("helper = lambda layers, path: None")
    assert "checks passed: 6 of 6" in kernel.exercise(LOOKUP.solution)
    assert "checks passed: 0 of 6" in kernel.exercise("def lookup(layers, path):\n    return helper(layers, path)")


def test_names_that_an_answer_takes_for_itself_break_nothing(kernel):
    taken = "\nprint = list = str = exec = open = judge = display = _ = None\n"
    assert "checks passed: 6 of 6" in kernel.exercise(LOOKUP.solution + taken)
    assert "checks passed: 6 of 6" in kernel.exercise(LOOKUP.solution)


def test_what_an_answer_prints_is_shown_once_capped_and_does_not_count(kernel):
    shown = kernel.exercise("print('hello')\n" + LOOKUP.solution)
    assert shown.count("hello") == 1
    assert "checks passed: 6 of 6" in shown
    shown = kernel.exercise("print('x' * 10_000_000)\n" + LOOKUP.solution)
    assert len(shown) < 6000


def test_what_raises_here_and_not_before_the_judge_is_said_in_a_sentence(kernel):
    kernel.run("dict = None")
    shown = kernel.exercise("table = dict()\n" + LOOKUP.solution)
    assert "In this notebook the cell stopped at line 2 with TypeError: 'NoneType' object is not callable." in shown
    assert "checks passed: 6 of 6" in shown


def test_an_answer_that_ends_python_does_not_end_the_kernel(kernel):
    assert "checks passed: 0 of 6" in kernel.exercise("raise SystemExit")
    kernel.run("quitting = True")
    assert "SystemExit" in kernel.exercise(LOOKUP.solution + "\nif 'quitting' in globals():\n    raise SystemExit")
    assert kernel.value("'alive'") == "alive"


def test_a_line_that_python_cannot_read_is_pointed_at_as_the_cell_counts(kernel):
    assert kernel.exercise("def lookup(layers, path)\n    pass").startswith("Python cannot read line 2: expected ':'.")


def test_an_error_in_a_check_names_the_line_as_the_cell_counts(kernel):
    assert "(line 3)" in kernel.exercise("def lookup(layers, path):\n    return layers[99]")


def test_a_function_from_an_exercise_shows_its_lines_in_later_errors(kernel):
    kernel.exercise("def lookup(layers, path):\n    return layers[99]")
    assert (
        kernel.value("__import__('inspect').getsource(lookup)") == "def lookup(layers, path):\n    return layers[99]\n"
    )


def test_mistyped_names_get_one_sentence(kernel):
    assert (
        kernel.exercise("", "layers/lokup\nx = 1")
        == "There is no exercise 'layers/lokup'; did you mean 'layers/lookup'?"
    )
    assert kernel.run("%hint layers/lokup") == ["There is no exercise 'layers/lokup'; did you mean 'layers/lookup'?"]
    assert kernel.run("%%exercise\nx = 1") == ["Name the exercise, as in `%%exercise layers/lookup`."]


def test_hints_come_one_by_one(kernel):
    assert kernel.run("%hint")[0].startswith("Which exercise?")
    kernel.exercise(LOOKUP.start)
    for count in (1, 2, 3, 3):
        (shown,) = kernel.run("%hint")
        assert shown.count("Hint ") == count
    assert "last one" in shown
    assert kernel.run("%hint start_here/top_layer")[0].count("Hint ") == 1


def test_progress_survives_a_restart(kernel):
    kernel.exercise(LOOKUP.solution)
    kernel.exercise(LOOKUP.wrong[0].source)
    kernel.run("%hint")
    before = kernel.run("%progress")
    assert "6 of" in before[0]
    kernel.restart()
    assert kernel.run("%progress") == before
    assert kernel.run("%hint")[0].count("Hint ") == 2  # of the exercise that was tried last


def test_without_a_place_for_progress_feedback_still_works(kernel, tmp_path):
    (tmp_path / "file").write_text("")
    kernel.run(f"os.environ['COURSE_PROGRESS'] = {str(tmp_path / 'file' / 'progress.jsonl')!r}")
    assert "progress is not kept" in kernel.exercise(LOOKUP.solution)
    shown = kernel.exercise(LOOKUP.solution)
    assert "checks passed: 6 of 6" in shown
    assert "progress is not kept" not in shown
    assert "6 of" in kernel.run("%progress")[0]


def test_a_prediction_is_a_form_with_a_text_for_where_there_is_none(kernel):
    from course.lessons.questions import all_questions

    question = all_questions()[0]
    (shown,) = kernel.run(f"from course.lessons.predict import predict; predict({question.id!r})")
    assert question.text in shown
    assert all(choice.text in shown for choice in question.choices)

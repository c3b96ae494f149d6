"""The lessons' forms and feedback in a real JupyterLab, in headless Chromium, by mouse and by keys alone."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress

import pytest

from course.grading.exercise import load_exercise
from course.lessons.lab import DEFAULTS
from course.lessons.questions import all_questions

pytestmark = pytest.mark.browser
pytest.importorskip("selenium", reason="left out: needs selenium (pip install selenium)")

from selenium.common.exceptions import (  # noqa: E402
    ElementNotInteractableException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver import Chrome, ChromeOptions, ChromeService  # noqa: E402
from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.wait import WebDriverWait  # noqa: E402

QUESTION = all_questions()[0]
WRONG = next(answer for answer in load_exercise("layers/lookup").wrong if answer.diagnosis == "lowest-wins")
CELLS = [
    "%load_ext course\nfrom course import predict",
    f"predict({QUESTION.id!r})",
    f"%%exercise layers/lookup\n{WRONG.source}",
]
CHROMIUM = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1200,1400"
)


def notebook():
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{n}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for n, source in enumerate(CELLS)
    ]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Run JupyterLab, and return the address of its notebooks and the folder they lie in."""
    folder = tmp_path_factory.mktemp("lab")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTERLAB_SETTINGS_DIR": "settings"}
    environment = os.environ | {name: str(folder / value) for name, value in kept.items()}
    environment["COURSE_PROGRESS"] = str(folder / "progress.jsonl")
    (folder / "files").mkdir()
    token = secrets.token_hex()
    options = {
        "--ServerApp.port": str(port),
        "--ServerApp.port_retries": "0",
        "--ServerApp.root_dir": str(folder / "files"),
        "--IdentityProvider.token": token,
        "--LabApp.app_settings_dir": str(DEFAULTS),  # no question about news over the notebook
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *map("=".join, options.items())],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(f"{address}/api"))
        yield f"{address}/doc/tree/lesson.ipynb?token={token}", folder
    finally:
        process.kill()  # its kernels end when they see that it has gone
        process.wait()


def answers(address):
    try:
        return urllib.request.urlopen(address, timeout=5).status == 200
    except (urllib.error.URLError, OSError):
        return False


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError("waited in vain")


@pytest.fixture(scope="module")
def browser():
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in CHROMIUM.split():
        options.add_argument(argument)
    driver = Chrome(options=options, service=ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


class Page:
    """A notebook in the browser."""

    def __init__(self, browser):
        self.browser = browser

    def until(self, happens):
        """Wait until something happens; JupyterLab may draw an element anew meanwhile."""
        passing = [StaleElementReferenceException, ElementNotInteractableException]
        return WebDriverWait(self.browser, 60, ignored_exceptions=passing).until(lambda browser: happens())

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def find(self, selector, text=""):
        """Return the first element that is found and holds the text, once it is there."""
        return self.until(lambda: next((element for element in self.all(selector) if text in element.text), None))

    def press(self, *keys):
        for key in keys:
            ActionChains(self.browser).send_keys(key).perform()

    def together(self, *keys):
        """Press keys, of which the last is pressed while the others are held down."""
        chain = ActionChains(self.browser)
        for key in keys[:-1]:
            chain.key_down(key)
        chain.send_keys(keys[-1])
        for key in keys[:-1]:
            chain.key_up(key)
        chain.perform()

    def runs(self):
        """Run all cells, and tell whether what they show is there; a page that is still being built loses keys."""
        self.all(".jp-Notebook .jp-Cell")[0].click()
        for _cell in CELLS:
            self.together(Keys.SHIFT, Keys.ENTER)
        shown = WebDriverWait(self.browser, 15, ignored_exceptions=[StaleElementReferenceException])
        with suppress(TimeoutException):
            return shown.until(lambda browser: self.all(".lesson-failed") and self.all(".lesson-predict"))

    def focused(self):
        return self.browser.switch_to.active_element

    def tab_to(self, element, *keys):
        """Press these keys until the element has the focus."""
        for _press in range(20):
            if self.focused() == element:
                return
            self.together(*keys)
        raise AssertionError("the keys do not lead there")


@pytest.fixture
def page(server, browser):
    """The notebook, afresh: opened and run, without progress."""
    address, folder = server
    (folder / "progress.jsonl").unlink(missing_ok=True)
    (folder / "files" / "lesson.ipynb").write_text(json.dumps(notebook()))
    browser.get(address)
    page = Page(browser)
    page.find(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    page.until(page.runs)
    page.press(Keys.ESCAPE)  # from the new cell below, where Tab would indent
    page.progress = folder / "progress.jsonl"
    return page


def predictions(page):
    lines = map(json.loads, page.progress.read_text("utf-8").splitlines())
    return [line["choice"] for line in lines if line["what"] == "prediction"]


def test_a_prediction_is_locked_in_with_the_mouse(page):
    button = page.find(".lesson-predict button")
    assert not button.is_enabled()
    assert not any(choice.is_selected() for choice in page.all(".lesson-predict input"))
    page.all(".lesson-predict label")[1].click()
    assert button.is_enabled()
    button.click()
    page.find(".lesson", "← your prediction")
    assert predictions(page) == [QUESTION.choices[1].text]
    assert page.all(".lesson-predict") == []


def test_a_prediction_is_locked_in_with_keys_alone(page):
    first, second = page.all(".lesson-predict input")[:2]
    for choice in page.all(".lesson-predict input"):
        assert choice.accessible_name
    last = page.all(".lesson-predict input")[-1]
    page.tab_to(last, Keys.SHIFT, Keys.TAB)  # from the cells below
    page.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN)  # round to the first, then the second
    assert page.focused() == second
    page.press(Keys.ARROW_UP)
    assert page.focused() == first
    assert first.is_selected()
    page.press(Keys.ENTER, Keys.ARROW_DOWN)  # Enter on a choice does not lock it in
    assert second.is_selected()
    button = page.find(".lesson-predict button")
    page.tab_to(button, Keys.TAB)
    page.press(Keys.SPACE)
    shown = page.find(".lesson", "← your prediction")
    assert predictions(page) == [QUESTION.choices[1].text]
    wait_for(lambda: page.focused() == shown)  # so that a screen reader goes on there


def test_a_locked_prediction_is_still_there_in_a_saved_notebook(page):
    page.all(".lesson-predict label")[0].click()
    page.find(".lesson-predict button").click()
    page.find(".lesson", "← your prediction")
    page.together(Keys.CONTROL, "s")
    saved = page.progress.parent / "files" / "lesson.ipynb"
    wait_for(lambda: "your prediction" in saved.read_text("utf-8"))
    outputs = json.loads(saved.read_text("utf-8"))["cells"][1]["outputs"]
    assert [sorted(output["data"]) for output in outputs] == [["text/html", "text/plain"]]


def test_a_failed_check_is_drawn_and_folds_with_keys(page):
    check = page.find(".lesson-failed")
    assert check.get_attribute("open")
    assert check.find_element(By.CSS_SELECTOR, "figure svg").is_displayed()
    summary = check.find_element(By.CSS_SELECTOR, "summary")
    page.tab_to(summary, Keys.SHIFT, Keys.TAB)
    page.press(Keys.ENTER)
    assert not check.get_attribute("open")
    page.press(Keys.SPACE)
    assert check.get_attribute("open")

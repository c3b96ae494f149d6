"""tty tells whether a process has a terminal: docker 20.10.24 and GNU coreutils were asked the same."""

import pytest

from course.engine.engine import Engine
from course.layers.image import Image
from course.layers.layer import Layer
from course.layers.small_image import builtin, small_images


@pytest.fixture
def engine():
    engine = Engine(seed=0)
    base = small_images()["base:1"]
    layer = Layer.of({"/bin/tty": builtin("tty")}, parent=base.layers[-1])
    run = base.config.run
    engine.load([Image.of([*base.layers, layer], ["COPY base /", "COPY tty /bin/"], ["tty:1"], run)])
    engine.run("tty:1", "sleep", "1000", name="web", detach=True)
    return engine


@pytest.mark.parametrize(
    ("argv", "tty", "said", "status"),
    [
        ("tty", True, "/dev/pts/0\r\n", 0),
        ("tty -s", True, "", 0),
        ("tty", False, "not a tty\n", 1),
        ("tty --quiet", False, "", 1),
        ("tty x", False, "", 2),
        ("tty -x", False, "", 2),
    ],
)
def test_tty_names_the_terminal_of_its_input(engine, argv, tty, said, status):
    ran = engine.exec("web", *argv.split(), tty=tty)
    assert (ran.stdout.decode(), ran.status) == (said, status)


def test_tty_refuses_operands(engine):
    ran = engine.exec("web", "tty", "x")
    assert ran.stderr == b"tty: extra operand 'x'\nTry 'tty --help' for more information.\n"

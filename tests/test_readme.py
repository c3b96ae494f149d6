"""What the README shows is what one gets."""

import doctest
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def test_its_examples_give_what_it_says():
    failed, tried = doctest.testfile(str(README), module_relative=False)
    assert tried >= 5
    assert failed == 0

"""The last name in a list whose first is the lowest."""

from itertools import combinations
from random import Random

from course.grading.checks import Check, Diagnosis, smallest_first
from course.layers.image import Image
from course.layers.layer import Layer
from course.words import _

NAMES = ("base", "python", "numpy", "app")
chance = Random(0)
small = [(list(stack),) for count in range(1, 5) for stack in combinations(NAMES, count)]
large = [([f"layer {chance.randrange(1000)}" for _number in range(chance.randint(2, 9))],) for _case in range(40)]


def picture(layers):
    from course.figures import stack

    sheets = []
    for name in layers:
        sheets.append(Layer.of({f"/{name}": name}, parent=sheets[-1] if sheets else None))
    return stack(Image.of(sheets, layers, [_("the stack")]))


CHECKS = [
    Check("top", _("The last layer in the list is the one on top."), smallest_first([*small, *large]), 1, picture),
]

DIAGNOSES = [
    Diagnosis(
        "lowest",
        _("Your answer is the lowest layer: the list begins at the bottom of the stack."),
        mechanism=lambda layers: layers[0],
    ),
    Diagnosis(
        "still-a-list",
        _("Your answer is a list with the name in it. An index, `layers[…]`, gives the name itself."),
        mechanism=lambda layers: layers[-1:],
    ),
    Diagnosis(
        "past-the-end",
        _("The items of a list are counted from 0, so none has the number `len(layers)`."),
        mechanism=lambda layers: layers[len(layers)],
    ),
    Diagnosis(
        "position",
        _("Your answer is the place in the list; asked is the name that stands there."),
        mechanism=lambda layers: len(layers) - 1,
    ),
]

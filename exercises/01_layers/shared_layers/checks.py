"""Two images share the layers up to the first difference: a store keeps a layer per chain_id, not per diff_id."""

from itertools import permutations
from random import Random

from course.grading.checks import Check, Diagnosis, smallest_first
from course.layers.image import Image
from course.layers.layer import Layer
from course.words import _


def pairs():
    """Yield pairs of stacks: every pair of short ones, and taller ones that often begin alike."""
    short = [list(stack) for height in range(1, 4) for stack in permutations("ABC", height)]
    yield from ((one, other) for one in short for other in short)
    yield from (([*one, "D"], [*other, "E"]) for one in short for other in short)
    chance = Random(2)
    for _pair in range(400):
        letters = chance.sample("ABCDEFGHIJ", 10)
        base, one, other = letters[: chance.randint(0, 3)], letters[3:7], letters[5:9]
        yield [*base, *chance.sample(one, chance.randint(1, 4))], [*base, *chance.sample(other, chance.randint(1, 4))]


def prefix(one, other):
    height = next((at for at, both in enumerate(zip(one, other)) if both[0] != both[1]), min(len(one), len(other)))
    return one[:height]


def cases(wanted):
    """Return the cases of the pairs that are wanted, given what stands above the shared layers in each."""
    found = []
    for one, other in pairs():
        height = len(prefix(one, other))
        if wanted(one[height:], other[height:]):
            found.append((one, other))
    return smallest_first(found)


def picture(one, other):
    from course.figures import sharing

    return sharing([image("one", one), image("other", other)])


def image(name, letters):
    """Return an image whose layers hold a file each, called by the letter."""
    layers = []
    for letter in letters:
        layers.append(Layer.of({f"/{letter}": letter * 100}, parent=layers[-1] if layers else None))
    return Image.of(layers, [_("layer {letter}").format(letter=letter) for letter in letters], [name])


CHECKS = [
    Check(
        "same-base",
        _("The layers up to the first difference are shared."),
        cases(lambda one, other: one and other and not set(one) & set(other)),
        picture=picture,
    ),
    Check(
        "one-on-the-other",
        _("An image that is built on another shares all the layers of that one."),
        cases(lambda one, other: not one or not other),
        picture=picture,
    ),
    Check(
        "another-base",
        _("A layer above the first difference is not shared, though both images have one with its diff_id."),
        cases(lambda one, other: set(one) & set(other)),
        picture=picture,
    ),
]


def in_both(one, other):
    return [layer for layer in one if layer in other]


def same_height(one, other):
    return [mine for mine, yours in zip(one, other) if mine == yours]


def from_the_top(one, other):
    return prefix(one[::-1], other[::-1])[::-1]


def from_the_top_downwards(one, other):
    return prefix(one[::-1], other[::-1])


def one_too_few(one, other):
    return prefix(one, other)[:-1]


def one_too_many(one, other):
    return one[: len(prefix(one, other)) + 1]


DIAGNOSES = [
    Diagnosis(
        "past-the-end",
        _("Your answer raises IndexError: one of the images may end before there is a difference."),
        mechanism=lambda one, other: [][0],
    ),
    Diagnosis(
        "not-in-order",
        _("These are the right layers, but not a list with the lowest first."),
        mechanism=prefix,
        key=sorted,
    ),
    Diagnosis(
        "one-too-few",
        _("Your answer leaves out the last layer below the difference, which both images have."),
        mechanism=one_too_few,
    ),
    Diagnosis(
        "one-too-many",
        _("Your answer includes the first layer that differs."),
        mechanism=one_too_many,
    ),
    Diagnosis(
        "from-the-top",
        _("Your answer compares from the top. A layer stands on those below it: begin at the lowest."),
        mechanism=from_the_top,
        key=sorted,
    ),
    Diagnosis(
        "same-height",
        _("Your answer goes on after a difference. What stands above a difference stands on other layers: stop there."),
        mechanism=same_height,
    ),
    Diagnosis(
        "in-both",
        _("In your answer a layer is shared if both have its diff_id. All layers below it must be the same too."),
        mechanism=in_both,
        key=sorted,
    ),
]

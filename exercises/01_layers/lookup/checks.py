"""The topmost layer that says anything about a path decides, be it a deletion mark or an empty content."""

from itertools import product
from random import Random

from course.grading.checks import Check, Diagnosis, smallest_first
from course.words import _

PATH, OTHER = "/motd", "/etc/hosts"
CONTENTS = ("one", "two", "three", "four", "five", "six")  # layer by layer, so that a picture shows who won


def small_stacks():
    """Yield every stack of one to three layers, each saying one thing or nothing."""
    for height in range(1, 4):
        for stack in product(("content", "empty", "mark", "nothing", "other", "other marked"), repeat=height):
            says = {"empty": {PATH: ""}, "mark": {PATH: None}, "nothing": {}, "other marked": {OTHER: None}}
            yield [
                says.get(word, {PATH if word == "content" else OTHER: content})
                for word, content in zip(stack, CONTENTS, strict=False)
            ]


def random_stacks():
    """Yield taller stacks, of layers that say more."""
    chance = Random(1)
    for _stack in range(600):
        yield [
            {
                path: chance.choice((content, content, content, "", None))
                for path in (PATH, OTHER)
                if chance.random() < 0.6
            }
            for content in CONTENTS[: chance.randint(2, 6)]
        ]


STACKS = [*small_stacks(), *random_stacks()]


def cases(wanted):
    """Return the cases of the stacks that are wanted, given the stack and what its layers say about the path."""
    return smallest_first(
        (layers, PATH) for layers in STACKS if wanted(layers, [layer[PATH] for layer in layers if PATH in layer])
    )


def is_marked(layers):
    return any(None in layer.values() for layer in layers)


def picture(layers, path):
    from course.figures import case_picture

    return case_picture(layers, path)


CHECKS = [
    Check(
        "one-layer",
        _("A single layer shows what it holds, and nothing else."),
        cases(lambda layers, said: len(layers) == 1 and "" not in said and not is_marked(layers)),
        picture=picture,
    ),
    Check(
        "falls-through",
        _("A path shows through the layers above that say nothing about it."),
        cases(lambda layers, said: len(layers) > 1 and len(said) < 2 and "" not in said and not is_marked(layers)),
        picture=picture,
    ),
    Check(
        "top-wins",
        _("Of several layers that have the path, the topmost wins."),
        cases(lambda layers, said: len(said) > 1 and "" not in said and not is_marked(layers)),
        picture=picture,
    ),
    Check(
        "empty-content",
        _("An empty file is a file: its content is ''."),
        cases(lambda layers, said: "" in said and None not in said),
        picture=picture,
    ),
    Check(
        "deletion",
        _("A deletion mark hides the path in every layer below, and hides no other path."),
        cases(lambda layers, said: "" not in said and is_marked(layers) and None not in said[:-1]),
        picture=picture,
    ),
    Check(
        "written-again",
        _("A file written again above a deletion mark shows."),
        cases(lambda layers, said: "" not in said and None in said and said[-1] is not None),
        picture=picture,
    ),
]


def lowest_wins(layers, path):
    return next((layer[path] for layer in layers if path in layer), None)


def only_the_top(layers, path):
    return layers[-1].get(path)


def only_the_lowest(layers, path):
    return layers[0].get(path)


def mark_ignored(layers, path):
    return next((layer[path] for layer in reversed(layers) if layer.get(path) is not None), None)


def empty_ignored(layers, path):
    return next((layer[path] for layer in reversed(layers) if layer.get(path)), None)


def empty_is_none(layers, path):
    return next((layer[path] or None for layer in reversed(layers) if path in layer), None)


def mark_hides_one_layer(layers, path):
    above = {}
    for layer in reversed(layers):
        if layer.get(path) is not None and above.get(path, "") is not None:
            return layer[path]
        above = layer
    return None


def gone_for_good(layers, path):
    said = [layer[path] for layer in layers if path in layer]
    return None if not said or None in said else said[-1]


DIAGNOSES = [
    Diagnosis(
        "raises-if-missing",
        _(
            "Your answer raises KeyError for a path that a layer does not have. Ask first: `path in layer`. If "
            "the layer says nothing, go on to the one below; return None only if no layer knows the path."
        ),
        mechanism=lambda layers, path: {}[path],
    ),
    Diagnosis(
        "only-the-top",
        _("Your answer looks at the topmost layer only. If it says nothing about the path, the layer below is asked."),
        mechanism=only_the_top,
    ),
    Diagnosis(
        "only-the-lowest",
        _("Your answer looks at the lowest layer only. Begin with the topmost, and go down until one knows the path."),
        mechanism=only_the_lowest,
    ),
    Diagnosis(
        "lowest-wins",
        _("In your answer the lowest layer that has the path wins. A layer covers those below it: begin at the top."),
        mechanism=lowest_wins,
    ),
    Diagnosis(
        "mark-ignored",
        _("Your answer looks past a deletion mark. The mark says: nothing is here, whatever lies below."),
        mechanism=mark_ignored,
    ),
    Diagnosis(
        "mark-hides-one-layer",
        _("In your answer a deletion mark hides the next layer only. It hides the path in every layer below."),
        mechanism=mark_hides_one_layer,
    ),
    Diagnosis(
        "gone-for-good",
        _("In your answer a path that was deleted once stays deleted. A layer above the mark can write it again."),
        mechanism=gone_for_good,
    ),
    Diagnosis(
        "empty-is-nothing",
        _("Your answer takes an empty file for none and looks further down. '' counts as false, but it is a content."),
        mechanism=empty_ignored,
    ),
    Diagnosis(
        "empty-is-none",
        _("Your answer gives None for an empty file. '' counts as false, but it is a content."),
        mechanism=empty_is_none,
    ),
]

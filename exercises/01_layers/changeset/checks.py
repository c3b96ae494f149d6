"""A layer holds what was added or changed, a mark for what was deleted, and nothing else."""

from itertools import product
from random import Random

from course.grading.checks import Check, Diagnosis, smallest_first
from course.words import _

PATHS = ("/a", "/b", "/c")


def tree(contents):
    return {path: content for path, content in zip(PATHS, contents, strict=False) if content is not None}


def pairs():
    """Yield pairs of trees: every pair of small ones, and some larger ones."""
    for count in (1, 2):
        small = [tree(contents) for contents in product((None, "", "1", "2"), repeat=count)]
        yield from product(small, small)
    chance = Random(3)
    for _pair in range(600):
        old = tree(chance.choice((None, "1", "2", "3")) for _path in PATHS)
        yield old, tree(chance.choice((old.get(path), None, "", "2", "3")) for path in PATHS)


def cases(wanted):
    """Return the cases of the pairs that are wanted, given the paths that were deleted, changed, and emptied."""
    found = []
    for old, new in pairs():
        deleted = old.keys() - new.keys()
        changed = {path for path in old.keys() & new.keys() if old[path] != new[path]}
        empty = {path for path, content in [*old.items(), *new.items()] if not content}
        if wanted(deleted, changed, empty):
            found.append((old, new))
    return smallest_first(found)


def picture(old, new):
    from course.figures import trees

    return trees(old, new)


CHECKS = [
    Check(
        "added",
        _("The layer holds the files that are new, and none that stay as they are."),
        cases(lambda deleted, changed, empty: not deleted and not changed and not empty),
        picture=picture,
    ),
    Check(
        "changed",
        _("The layer holds the new content of a file that has changed."),
        cases(lambda deleted, changed, empty: changed and not deleted and not empty),
        picture=picture,
    ),
    Check(
        "deleted",
        _("The layer holds the mark None for a file that is gone."),
        cases(lambda deleted, changed, empty: deleted and not empty),
        picture=picture,
    ),
    Check(
        "empty",
        _("An empty file is not a deleted one: its content is ''."),
        cases(lambda deleted, changed, empty: empty),
        picture=picture,
    ),
]


def differing(old, new):
    return {path: content for path, content in new.items() if path not in old or old[path] != content}


def gone(old, new):
    return [path for path in old if path not in new]


def whole_tree(old, new):
    return new | dict.fromkeys(gone(old, new))


def changes_forgotten(old, new):
    return {path: content for path, content in new.items() if path not in old} | dict.fromkeys(gone(old, new))


def old_content(old, new):
    return {path: old.get(path, content) for path, content in differing(old, new).items()} | dict.fromkeys(
        gone(old, new)
    )


def deleted_as_empty(old, new):
    return differing(old, new) | dict.fromkeys(gone(old, new), "")


def deleted_with_content(old, new):
    return differing(old, new) | {path: old[path] for path in gone(old, new)}


def wrong_way_round(old, new):
    return differing(new, old) | dict.fromkeys(gone(new, old))


def empty_is_deleted(old, new):
    return {path: content or None for path, content in differing(old, new).items()} | dict.fromkeys(gone(old, new))


def empty_is_absent(old, new):
    layer = {path: content for path, content in new.items() if content and old.get(path) != content}
    return layer | {path: None for path in old if not new.get(path)}


def empty_is_gone(old, new):
    return differing(old, new) | {path: None for path in old if not new.get(path)}


DIAGNOSES = [
    Diagnosis(
        "raises-if-missing",
        _("Your answer raises KeyError: a path of one tree may be missing in the other. Ask with `in` first."),
        mechanism=lambda old, new: {}[""],
    ),
    Diagnosis(
        "whole-tree",
        _("Your layer repeats files that have not changed. They show through from below: leave them out."),
        mechanism=whole_tree,
    ),
    Diagnosis(
        "wrong-way-round",
        _("Your layer turns new into old: it is the other way round."),
        mechanism=wrong_way_round,
    ),
    Diagnosis(
        "changes-forgotten",
        _("Your layer leaves out files whose content has changed: the old content would still show."),
        mechanism=changes_forgotten,
    ),
    Diagnosis(
        "old-content",
        _("Your layer holds the old content of a file that has changed; it has to hold the new one."),
        mechanism=old_content,
    ),
    Diagnosis(
        "deletions-forgotten",
        _("Your layer has no mark for a file that is gone: the file below would still show."),
        mechanism=differing,
    ),
    Diagnosis(
        "deleted-as-empty",
        _("Your layer holds '' for a file that is gone: an empty file would show. The mark is None."),
        mechanism=deleted_as_empty,
    ),
    Diagnosis(
        "deleted-with-content",
        _("Your layer holds the old content of a file that is gone: the file would still show. The mark is None."),
        mechanism=deleted_with_content,
    ),
    Diagnosis(
        "empty-is-deleted",
        _("Your layer marks an empty file as deleted. '' counts as false, but it is a content."),
        mechanism=empty_is_deleted,
    ),
    Diagnosis(
        "empty-is-gone",
        _("Your layer marks an empty file as deleted, though it is there. '' counts as false; ask with `in`."),
        mechanism=empty_is_gone,
    ),
    Diagnosis(
        "empty-is-absent",
        _("Your answer takes an empty file for one that is not there. '' counts as false; ask with `in`."),
        mechanism=empty_is_absent,
    ),
]

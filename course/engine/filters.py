"""``--filter``: which containers, images, volumes and networks a command is about."""

import re
import warnings
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from course.engine.dates import named_moment
from course.errors import DockerError


@dataclass(frozen=True, slots=True)
class Filters:
    """What ``--filter`` asks for: for each key the values of which one must hold (mapping of str to tuple of str).

    >>> wanted = Filters.parse(["status=exited", "label=a", "label=b=1"], {"status", "label"})
    >>> wanted["status"], wanted.matches_labels({"a": "", "b": "1"}), wanted.matches_labels({"a": ""})
    (('exited',), True, False)
    """

    values: Mapping[str, tuple[str, ...]]

    @classmethod
    def parse(cls, filters: Iterable[str], known: Collection[str]) -> "Filters":
        """Return what ``filters`` say (iterable of ``key=value``), whose keys are among the ``known`` (str).

        Raises DockerError.  Rule: moby, opts/opts.go and api/types/filters.
        """
        values: dict[str, tuple[str, ...]] = {}
        for text in filters:
            key, equals, value = text.partition("=")
            if not equals:
                raise DockerError("bad format of filter (expected name=value)")
            key = key.strip().lower()
            if key not in known:
                raise DockerError(f"Invalid filter '{key}'")
            values[key] = (*values.get(key, ()), value.strip())
        found = cls(values)
        found.is_before(0, 0)  # which refuses what is no time
        return found

    def __getitem__(self, key: str) -> tuple[str, ...]:
        return self.values.get(key, ())

    def matches(self, key: str, *texts: str) -> bool:
        """Tell whether one of ``texts`` (str each) has in it what ``key`` asks for, a regular expression (bool)."""
        return not self[key] or any(_is_in(pattern, text) for pattern in self[key] for text in texts)

    def flag(self, key: str) -> bool | None:
        """Return what ``key`` asks for, yes or no (bool), or None: it does not.  Raises DockerError: something else."""
        values = set(self[key])
        if not values <= {"1", "true"} and not values <= {"0", "false"}:
            raise DockerError(f"Invalid filter '{key}=[{' '.join(self[key])}]'")
        return bool(values & {"1", "true"}) if values else None

    def matches_labels(self, labels: Mapping[str, str]) -> bool:
        """Tell whether every ``label`` is among ``labels`` (mapping), and no ``label!`` is (bool)."""
        return all(_has(labels, wish) for wish in self["label"]) and not any(
            _has(labels, wish) for wish in self["label!"]
        )

    def is_before(self, created: int, now: int) -> bool:
        """Tell whether what was ``created`` (int, ns) is older than ``until`` asks, seen from ``now`` (int, ns; bool).

        Raises DockerError: that is no time.
        """
        try:
            return all(created < named_moment(text, now) for text in self["until"])
        except ValueError as error:
            raise DockerError(str(error)) from error


def _is_in(pattern: str, text: str) -> bool:
    try:
        with warnings.catch_warnings(action="ignore"):  # Python means to change what some expressions are
            return re.search(pattern, text) is not None
    except (re.error, RecursionError, OverflowError):
        return False


def _has(labels: Mapping[str, str], wish: str) -> bool:
    name, equals, value = wish.partition("=")
    return name in labels and (not equals or labels[name] == value)

"""The classic builder's cache: the images in the store, each of which says by what container it was made, and of what.

When the images are gone, so is the cache.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from course.engine.dates import moment
from course.engine.records import StoredImage

COMPARED = (
    "Cmd", "Env", "Labels", "ExposedPorts", "Entrypoint", "Volumes", "User", "Tty", "OpenStdin", "AttachStdout",
    "AttachStderr",
)  # fmt: skip  # moby, image/cache/compare.go; not WorkingDir


class Prober:
    """Knows ``images`` (StoredImages) by what they were made of."""

    def __init__(self, images: Iterable[StoredImage]) -> None:
        self._children: dict[str, list[StoredImage]] = {}
        for stored in images:
            self.add(stored)

    def add(self, stored: StoredImage) -> None:
        """Take note of another image (StoredImage)."""
        self._children.setdefault(stored.parent, []).append(stored)

    def child(self, parent: str, config: Mapping[str, Any]) -> StoredImage | None:
        """Return the newest image made of ``parent`` (str) by a container with this ``config`` (StoredImage, or None).

        Rule: moby, image/cache/cache.go, getLocalCachedImage.
        """
        wanted = _compared(config)
        same = [
            stored
            for stored in self._children.get(parent, ())
            if _compared(json.loads(stored.image.config.raw).get("container_config") or {}) == wanted
        ]
        return max(same, key=lambda stored: moment(stored.image.config.created), default=None)


def noted(history: str, shell: Sequence[str]) -> list[str]:
    """Return the command (list of str) by which the classic builder notes a step that runs nothing.

    ``history`` is what the history says of it (str), ``shell`` the words of the shell (sequence of str).

    >>> noted("/bin/sh -c #(nop)  ENV A=b", ("/bin/sh", "-c")), noted("sh #(nop) WORKDIR /a", ["sh"])
    (['/bin/sh', '-c', '#(nop) ', 'ENV A=b'], ['sh', '#(nop) WORKDIR /a'])
    """
    said = history.removeprefix(" ".join(shell) + " ")
    mark, text = said[: len("#(nop) ")], said[len("#(nop) ") :]
    return [*shell, mark, text[1:]] if text.startswith(" ") else [*shell, said]


def settings_of(run: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of an image's config counts for the cache (dict), but for the command."""
    return {name: value for name, value in _compared(run).items() if name != "Cmd"}


def _compared(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: config[name] for name in COMPARED if config.get(name)}

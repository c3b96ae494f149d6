"""Trees of files that are put together: entries by path, a tree below another one, documents as docker writes them."""

import json
from collections.abc import Mapping
from dataclasses import replace

from course.layers import paths
from course.layers.entry import FileEntry, directory

Tree = dict[str, FileEntry]
"""Files by their path from the root (str)."""


def below(where: str, entries: Mapping[str, FileEntry], root: FileEntry | None = None) -> Tree:
    """Return the tree ``entries`` (mapping of str to FileEntry) as it stands in the directory ``where`` (str).

    Their root is that directory: what they have there, or else ``root`` (FileEntry; without it any directory).  No
    content is copied.

    >>> from course.layers.entry import file
    >>> sorted(below("/srv", {"/hello": file("world")}))
    ['/srv', '/srv/hello']
    """
    tree = {where: entries.get(paths.ROOT) or root or directory()}
    for path, entry in entries.items():
        if path != paths.ROOT:
            tree[where + path] = replace(entry, link_to=where + entry.link_to) if entry.link_to else entry
    return tree


def folders(modes: Mapping[str, int]) -> Tree:
    """Return empty directories (Tree) with these modes (mapping of path to int)."""
    return {path: directory(mode) for path, mode in modes.items()}


def document(data: object) -> str:
    """Return a JSON document in one line, as docker keeps it (str).

    >>> document({"Repositories": {}})
    '{"Repositories":{}}'
    """
    return json.dumps(data, separators=(",", ":"))

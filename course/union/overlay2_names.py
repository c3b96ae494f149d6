"""How the directories of ``overlay2`` are called: each layer has one, and each container two."""

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

from course.layers.layer import Layer

ROOT = "/var/lib/docker"  # where docker has everything
WHERE = f"{ROOT}/overlay2"
LINK_LENGTH = 26  # moby, daemon/graphdriver/overlay2: idLength; short, as all of them go into one mount option


def derived(kind: str, identity: str) -> str:
    """Return an id (str, 64 hexadecimal digits) that is random in docker, and here the same for the same ``identity``.

    ``kind`` says what it is the id of (str): one thing has several.

    >>> derived("cache", "sha256:1")[:12], derived("mount", "sha256:1")[:12]
    ('1a0d854e9d37', '6ba9b05b86cd')
    """
    return hashlib.sha256(f"{kind}/{identity}".encode()).hexdigest()


def cache_id(layer: Layer) -> str:
    """Return the directory of an image's layer (str): no digest, but a name of its own, which the layerdb knows."""
    return derived("cache", layer.chain_id)


def mount_id(container: str) -> str:
    """Return the directory of a container's read-write layer (str); it is not the ``container``'s id (str)."""
    return derived("mount", container)


def link_name(directory_name: str) -> str:
    """Return the short name of a directory of overlay2 (str), a link in ``overlay2/l``.

    >>> link_name(mount_id("box"))
    'PGYIM3CZVDXEWNPVMNG3OZ4TQZ'
    """
    return base64.b32encode(hashlib.sha256(directory_name.encode()).digest()).decode()[:LINK_LENGTH]


def graph_driver(layers: Sequence[Layer], container: str = "", root: str = ROOT) -> dict[str, Any]:
    """Return the property GraphDriver of ``docker inspect`` (dict): where an image's ``layers`` lie, the lowest first.

    With the id of a ``container`` (str) it is where that one's read-write layer lies.  ``root`` is docker's directory.
    """
    names = [cache_id(layer) for layer in layers]
    if container:
        names += [f"{mount_id(container)}-init", mount_id(container)]
    if not names:
        return {"Data": None, "Name": "overlay2"}
    *lower, own = [f"{root}/overlay2/{name}" for name in names]
    data = {"LowerDir": ":".join(f"{path}/diff" for path in reversed(lower))} if lower else {}
    data |= {"MergedDir": f"{own}/merged", "UpperDir": f"{own}/diff", "WorkDir": f"{own}/work"}
    return {"Data": data, "Name": "overlay2"}

"""The directory of Docker 1.9: each layer is an image with an id of its own, and aufs joins them.

It is the tree that "Visualizing Docker Containers and Images" describes: metadata in ``graph``, files in ``aufs``.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from course.engine.disk.containers import container_files
from course.engine.disk.stacks import ContainerStack, container_stacks
from course.engine.disk.trees import Tree, below, document, folders
from course.engine.disk.volumes import volume_files
from course.engine.engine import Engine
from course.engine.records import StoredImage
from course.layers.entry import directory, file
from course.layers.layer import Layer
from course.layers.reference import Reference
from course.transport.docker_archive_writing import v1_configs
from course.union.marks import to_oci
from course.union.overlay2_names import ROOT

NOTHING = Layer({})
FOLDERS = {
    ROOT: 0o700,
    f"{ROOT}/aufs": 0o700,
    f"{ROOT}/aufs/diff": 0o700,
    f"{ROOT}/aufs/layers": 0o700,
    f"{ROOT}/aufs/mnt": 0o700,
    f"{ROOT}/graph": 0o700,
    f"{ROOT}/graph/_tmp": 0o700,
    f"{ROOT}/init": 0o700,
    f"{ROOT}/network": 0o750,
    f"{ROOT}/network/files": 0o750,
    f"{ROOT}/tmp": 0o700,  # noqa: S108 (a path to be shown)
    f"{ROOT}/trust": 0o700,
}


@dataclass(frozen=True, slots=True)
class V1Image:
    """An image of Docker 1.9, which is a layer: its ``metadata`` (dict: ``id``, ``parent``, …) and files (Layer)."""

    metadata: dict[str, Any]
    layer: Layer

    @property
    def id(self) -> str:
        """Its id (str, 64 hexadecimal digits): random then, and here what `docker save` writes."""
        return str(self.metadata["id"])


def aufs_directory(engine: Engine) -> Tree:
    """Return all that lies below ``/var/lib/docker`` (Tree).

    Rules: moby 1.9, graph/graph.go, graph/tags.go, daemon/graphdriver/aufs/aufs.go and daemon/container.go.
    """
    chains = _chains(engine)
    ids = {identity: chain[-1].id for identity, chain in chains.items()}
    tree = folders(FOLDERS) | container_files(engine, "aufs", ids, is_v2=False) | volume_files(engine)
    tree[f"{ROOT}/repositories-aufs"] = file(document({"Repositories": _repositories(engine, ids)}), 0o600)
    for chain in chains.values():
        for depth, image in enumerate(chain):
            tree |= _metadata(image) | _directories(image.id, image.layer, [each.id for each in chain[:depth]])
    for stack in container_stacks(engine):
        tree |= _of_container(stack, [image.id for image in chains.get(stack.container.image, [])])
    return tree


def _chains(engine: Engine) -> dict[str, list[V1Image]]:
    """Return the images of Docker 1.9 that make up each image (dict of image id to list of V1Image, the lowest first).

    What was built on an image that is here stands on that one; of any other only the layers are known.
    """
    chains: dict[str, list[V1Image]] = {}

    def chain(stored: StoredImage) -> list[V1Image]:
        if stored.id not in chains:
            parent = engine.images_by_id.get(stored.parent)
            own = stored.image.layers[len(parent.image.layers) :] if parent else ()
            chains[stored.id] = _on_parent(stored, own, chain(parent)) if parent and len(own) < 2 else _alone(stored)
        return chains[stored.id]

    for stored in engine.images_by_id.values():
        chain(stored)
    return chains


def _alone(stored: StoredImage) -> list[V1Image]:
    image = stored.image
    if not image.layers:
        return [V1Image(_top(stored), NOTHING)]
    return [V1Image(config, layer) for config, layer in zip(v1_configs(image), image.layers, strict=True)]


def _on_parent(stored: StoredImage, own: Sequence[Layer], chain: list[V1Image]) -> list[V1Image]:
    """Return ``chain`` with the image that one step has made of its last one: with a layer of its ``own``, or none."""
    metadata = {**_top(stored), "parent": chain[-1].id}
    return [*chain, V1Image(metadata, own[0] if own else NOTHING)]


def _top(stored: StoredImage) -> dict[str, Any]:
    """Return the metadata of an image as that of one layer (dict), under an id that no other has."""
    whole = json.loads(stored.image.config.raw)
    kept = {name: value for name, value in whole.items() if name not in ("rootfs", "history")}
    return {"id": stored.id.removeprefix("sha256:"), **kept}


def _metadata(image: V1Image) -> Tree:
    own = f"{ROOT}/graph/{image.id}"
    return {
        own: directory(0o700),
        f"{own}/json": file(document(image.metadata), 0o600),
        f"{own}/layersize": file(str(image.layer.size), 0o600),
    }


def _directories(identity: str, layer: Layer, ancestors: Sequence[str]) -> Tree:
    """Return what aufs has of one layer (Tree): its files, the ids of those below it (nearest first), a mount point."""
    where = f"{ROOT}/aufs"
    names = "".join(f"{each}\n" for each in reversed(ancestors))
    return {
        **below(f"{where}/diff/{identity}", to_oci(layer)),
        f"{where}/layers/{identity}": file(names),
        f"{where}/mnt/{identity}": directory(),
    }


def _of_container(stack: ContainerStack, ancestors: Sequence[str]) -> Tree:
    """Return what aufs has of a container (Tree), by the container's own id; its union shows while it runs."""
    own = stack.container.id
    init = f"{own}-init"
    tree = _directories(init, stack.init, ancestors) | _directories(own, stack.upper, [*ancestors, init])
    if stack.container.is_running:
        tree |= below(f"{ROOT}/aufs/mnt/{own}", stack.merged.entries)
    return tree


def _repositories(engine: Engine, ids: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return which image each tag means (dict of repository to dict of tag, or digest, to id)."""
    found: dict[str, dict[str, str]] = {}
    for name, image in sorted(engine.references.items()):
        reference = Reference.parse(name)
        found.setdefault(reference.familiar_name, {})[reference.digest or reference.tag] = ids[image]
    return found

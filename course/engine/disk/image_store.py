"""``image/overlay2``: what Docker 1.10 to 28 knows of images and layers, by their digests."""

from collections.abc import Mapping

from course.engine.dates import date
from course.engine.disk.stacks import container_stacks, image_layers
from course.engine.disk.trees import Tree, document, folders
from course.engine.engine import Engine
from course.engine.records import StoredImage
from course.layers.entry import directory, file
from course.layers.layer import Layer
from course.layers.reference import Reference
from course.union.overlay2_names import ROOT, cache_id, mount_id

WHERE = f"{ROOT}/image/overlay2"
FOLDERS = {
    f"{ROOT}/image": 0o700,
    WHERE: 0o700,
    f"{WHERE}/distribution": 0o700,
    f"{WHERE}/imagedb": 0o700,
    f"{WHERE}/imagedb/content": 0o700,
    f"{WHERE}/imagedb/content/sha256": 0o700,
    f"{WHERE}/imagedb/metadata": 0o700,
    f"{WHERE}/imagedb/metadata/sha256": 0o700,
    f"{WHERE}/layerdb": 0o700,
    f"{WHERE}/layerdb/mounts": 0o755,
    f"{WHERE}/layerdb/sha256": 0o755,
    f"{WHERE}/layerdb/tmp": 0o755,
}


def image_store(engine: Engine) -> Tree:
    """Return the directory ``image`` (Tree).

    ``imagedb`` holds each image's config under its id, ``layerdb`` each layer under its chain_id and each container's
    read-write layer under the container's id, ``repositories.json`` the names.  Rule: seen on Docker 20.10.
    """
    tree = folders(FOLDERS)
    tree[f"{WHERE}/repositories.json"] = file(document({"Repositories": repositories(engine.references)}), 0o600)
    for stored in engine.images_by_id.values():
        tree |= image_files(stored)
    for layer in image_layers(engine).values():
        tree |= layer_files(layer)
    for stack in container_stacks(engine):
        tree |= mount_files(stack.container.id, stack.parent)
    return tree


def repositories(references: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return which image each name means (dict of repository to dict of reference to image id), as docker keeps it.

    ``references`` is the same by the whole names (mapping).

    >>> engine = Engine(seed=0)
    >>> _ = engine.create("base:1", "true")
    >>> engine.tag("base:1", "mine")
    >>> {name: list(references) for name, references in repositories(engine.references).items()}["mine"]
    ['mine:latest']
    """
    found: dict[str, dict[str, str]] = {}
    for name, image in sorted(references.items()):
        found.setdefault(Reference.parse(name).familiar_name, {})[name] = image
    return found


def image_files(stored: StoredImage) -> Tree:
    """Return the files of one image (Tree): its config, and what only this docker knows of an image it made itself."""
    digits = stored.id.removeprefix("sha256:")
    tree: Tree = {f"{WHERE}/imagedb/content/sha256/{digits}": file(stored.image.config.raw, 0o600)}
    known = {"parent": stored.parent}
    if stored.parent and stored.tagged:
        known["lastUpdated"] = date(stored.tagged)
    own = f"{WHERE}/imagedb/metadata/sha256/{digits}"
    files: Tree = {f"{own}/{name}": file(text, 0o600) for name, text in known.items() if text}
    return tree | ({own: directory(0o700)} | files if files else {})


def layer_files(layer: Layer) -> Tree:
    """Return the files of one layer (Tree): where it lies, what it is, and what it stands on."""
    own = f"{WHERE}/layerdb/{layer.chain_id.replace(':', '/')}"
    tree: Tree = {
        own: directory(0o700),
        f"{own}/cache-id": file(cache_id(layer)),
        f"{own}/diff": file(layer.diff_id),
        f"{own}/size": file(str(layer.size)),
    }
    if layer.parent:
        tree[f"{own}/parent"] = file(layer.parent.chain_id)
    return tree


def mount_files(container: str, parent: Layer | None) -> Tree:
    """Return the files of one container's read-write layer (Tree), by its id (str): where it lies, and on what.

    ``parent`` is the topmost layer of its image (Layer, or None: it has none).
    """
    own, mount = f"{WHERE}/layerdb/mounts/{container}", mount_id(container)
    tree: Tree = {own: directory(), f"{own}/mount-id": file(mount), f"{own}/init-id": file(f"{mount}-init")}
    if parent:
        tree[f"{own}/parent"] = file(parent.chain_id)
    return tree

"""An engine's tables, read from the files of its store; what is damaged is left out, and told of."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from course.engine.dates import moment
from course.engine.kept.container_records import container_of
from course.engine.kept.findings import Finding, Remedy
from course.engine.kept.layer_keeper import LayerKeeper
from course.engine.kept.logs import log_of
from course.engine.kept.other_records import network_of, volume_of
from course.engine.kept.reading import is_directory, is_there, names, read, read_json, read_text
from course.engine.kept.saving import IMAGES, REPOSITORIES, image_path, layer_path
from course.engine.kept.writing import is_draft
from course.engine.records import Container, Network, Status, StoredImage, Volume
from course.errors import CourseError, DigestMismatch, InvalidDocument
from course.layers.config import ImageConfig
from course.layers.digest import chain_id, checked_digest, sha256, short
from course.layers.image import Image
from course.layers.layer import Layer
from course.layers.reference import Reference
from course.union.overlay2_names import derived
from course.union.read_write_layer import ReadWriteLayer
from course.words import _, shown

ID = re.compile(r"[0-9a-f]{64}")
NETWORKS = "network/files"

T = TypeVar("T")


class Loader:
    """Reads the directory ``root`` (Path), whose layers ``keeper`` (LayerKeeper) has.

    ``findings`` are what is damaged (list of Finding).
    """

    def __init__(self, root: Path, keeper: LayerKeeper) -> None:
        self._root, self._keeper = root, keeper
        self._layers: dict[str, Layer] = {}
        self.findings: list[Finding] = []

    def tables(self) -> dict[str, dict[str, Any]]:
        """Return the tables (dict of dict), in the order in which things were made as far as that is known."""
        images = self._images()
        containers = self._containers()
        volumes, trees = self._volumes()
        return {
            "machine": _machine(containers),
            "images": images,
            "references": self._references(images),
            "containers": containers,
            "names": {container.name: container.id for container in containers.values()},
            "volumes": volumes,
            "networks": self._networks(),
            "trees": trees,
            "cache": {},
        }

    def _tried(self, path: str, read_it: Callable[[], T], remedy: Remedy = Remedy.PUT_ASIDE) -> T | None:
        """Return what ``read_it`` returns, or None: ``path`` (str) is damaged, and on the list of what is."""
        try:
            return read_it()
        except (CourseError, OSError) as error:
            self.findings.append(Finding(path, str(error), remedy))
            return None

    # Layers

    def stack(self, chain: str) -> tuple[Layer, ...]:
        """Return the layers whose chain_id is ``chain`` (str), the lowest first (tuple of Layer); "" has none.

        Raises CourseError: one is not in the layerdb, is damaged there, or the keeper does not have it.
        """
        found, at = list[tuple[str, str]](), chain
        while at and at not in self._layers:
            diff_id, below = self.layer_record(at)
            found.append((at, diff_id))
            at = below
        layer = self._layers.get(at)
        for at, diff_id in reversed(found):
            folder = self._root / layer_path(at)
            try:
                layer = self._keeper.restored(folder, derived("cache", at), diff_id, layer)
            except OSError as error:
                raise CourseError(
                    _("layer {layer}: cannot be read: {reason}.").format(layer=short(at), reason=error.strerror)
                ) from error
            self._layers[at] = layer
        return layer.stack if layer else ()

    def layer_record(self, chain: str) -> tuple[str, str]:
        """Return what the layerdb says of the layer ``chain`` (str): its diff_id, and the chain_id below it or "".

        Raises CourseError: it is not there, or says what cannot be so.
        """
        own = layer_path(checked_digest(chain, "layerdb"))
        diff_id = checked_digest(read_text(self._root, f"{own}/diff"), f"{own}/diff")
        parent = f"{own}/parent"
        below = checked_digest(read_text(self._root, parent), parent) if is_there(self._root, parent) else ""
        if chain != (sha256(f"{below} {diff_id}".encode()) if below else diff_id):
            raise DigestMismatch(_("{path}: is not the layer whose name it has.").format(path=self._root / own))
        if read_text(self._root, f"{own}/cache-id") != derived("cache", chain):
            raise InvalidDocument(
                _("{path}: names another directory than this store has for it.").format(
                    path=self._root / own / "cache-id"
                )
            )
        return diff_id, below

    # Images

    def _images(self) -> dict[str, StoredImage]:
        found = []
        for name in self._names(image_path("content", "sha256")):
            path = image_path("content", f"sha256:{name}")
            image = self._tried(path, lambda: self._image(f"sha256:{name}", path))  # noqa: B023 (called at once)
            found += [image] if image else []
        return {each.id: each for each in sorted(found, key=lambda each: (moment(each.image.config.created), each.id))}

    def _image(self, identity: str, path: str) -> StoredImage:
        raw = read(self._root, path)
        if sha256(raw) != identity:
            raise DigestMismatch(
                _("{path}: its content is not that of the image whose name it has.").format(path=self._root / path)
            )
        config = ImageConfig.parse(raw, str(self._root / path))
        layers = self.stack(chain_id(config.diff_ids)) if config.diff_ids else ()
        known = {name: self._metadata(identity, name) for name in ("parent", "container", "lastUpdated")}
        return StoredImage(Image(config, layers), known["parent"], known["container"], moment(known["lastUpdated"]))

    def _metadata(self, identity: str, name: str) -> str:
        """Return what only this engine knows of an image (str), or "": that is no reason to do without the image."""
        path = f"{image_path('metadata', identity)}/{name}"
        if not is_there(self._root, path):
            return ""

        def checked() -> str:
            text = read_text(self._root, path)
            return checked_digest(text, path) if name == "parent" else text

        return self._tried(path, checked) or ""

    def _references(self, images: dict[str, StoredImage]) -> dict[str, str]:
        if not is_there(self._root, REPOSITORIES):
            return {}
        known = self._tried(REPOSITORIES, lambda: _flat(read_json(self._root, REPOSITORIES))) or {}
        missing = {name: image for name, image in known.items() if image not in images}
        for name, image in missing.items():
            text = _("{name}: means the image {image}, which is not here.").format(name=shown(name), image=short(image))
            self.findings.append(Finding(REPOSITORIES, text, Remedy.WRITE_AGAIN))
        return {name: image for name, image in known.items() if name not in missing}

    # Containers

    def _containers(self) -> dict[str, Container]:
        found: dict[str, Container] = {}
        taken: set[str] = set()
        for name in self._names("containers"):
            path = f"containers/{name}"
            if ID.fullmatch(name) and is_there(self._root, f"{path}/config.v2.json"):
                container = self._tried(path, lambda: self._container(name, path, taken))  # noqa: B023
                if container:
                    found[name] = container
                    taken.add(container.name)
        return dict(sorted(found.items(), key=lambda item: (item[1].created, item[0])))

    def _container(self, identity: str, path: str, taken: set[str]) -> Container:
        where = shown(str(self._root / path))
        config, host = (read_json(self._root, f"{path}/{name}.json") for name in ("config.v2", "hostconfig"))
        log = f"{path}/{identity}-json.log"
        mounted = f"{IMAGES}/layerdb/mounts/{identity}"
        parent = f"{mounted}/parent"
        names(self._root, mounted)  # whoever has no parent has this directory all the same
        container = container_of(
            config,
            host,
            where,
            self.stack(read_text(self._root, parent) if is_there(self._root, parent) else ""),
            self._keeper.written(identity),
            self._tried(log, lambda: log_of(self._root, log)) or (),
        )
        if container.id != identity:
            raise InvalidDocument(_("{path}: tells of another container.").format(path=where))
        if container.name in taken:
            raise InvalidDocument(
                _("{path}: has the name '{name}', which another container has.").format(
                    path=where, name=shown(container.name)
                )
            )
        return container

    # Volumes and networks

    def _volumes(self) -> tuple[dict[str, Volume], dict[str, ReadWriteLayer]]:
        """Return the volumes, and their files by the names that the table of trees has for them (pair of dict)."""
        found, trees = {}, {}
        for name in self._names("volumes"):
            path = f"volumes/{name}/volume.json"
            if is_directory(self._root, f"volumes/{name}") and is_there(self._root, path):
                volume = self._tried(f"volumes/{name}", lambda: volume_of(self._document(path, name), path))  # noqa: B023
                tree = self._tried(f"volumes/{name}/_data", lambda: self._keeper.tree(name), Remedy.NONE)  # noqa: B023
                if volume and tree:
                    found[name], trees[f"volume:{name}"] = volume, tree
        return dict(sorted(found.items(), key=lambda item: (item[1].created, item[0]))), trees

    def _networks(self) -> dict[str, Network]:
        found: dict[str, Network] = {}
        for name in self._names(NETWORKS):
            path = f"{NETWORKS}/{name}"
            identity = name.removesuffix(".json")
            network = self._tried(path, lambda: network_of(self._document(path, identity, "Id"), path))  # noqa: B023
            if network and network.name in found:
                text = _("{path}: has the name '{name}', which another network has.").format(
                    path=self._root / path, name=shown(network.name)
                )
                self.findings.append(Finding(path, text, Remedy.PUT_ASIDE))
            elif network:
                found[network.name] = network
        return dict(sorted(found.items(), key=lambda item: (item[1].created, item[1].id)))

    def _document(self, path: str, name: str, field: str = "Name") -> dict[str, Any]:
        """Return the document at ``path`` (str), which is to have the ``name`` (str) that its file has."""
        found = read_json(self._root, path)
        if found.get(field) != name:
            raise InvalidDocument(_("{path}: tells of something else.").format(path=self._root / path))
        return found

    def _names(self, path: str) -> list[str]:
        return [name for name in names(self._root, path) if not is_draft(name)]


def _flat(document: dict[str, Any]) -> dict[str, str]:
    """Return which image each name means (dict).  Raises CourseError: something is no name, or no image's id."""
    found: dict[str, str] = {}
    repositories = document.get("Repositories")
    for references in repositories.values() if isinstance(repositories, dict) else [None]:
        if not isinstance(references, dict):
            raise InvalidDocument(_("{path}: is no list of names.").format(path=REPOSITORIES))
        for name, image in references.items():
            Reference.parse(name)
            found[name] = checked_digest(image, REPOSITORIES)
    return found


def _machine(containers: dict[str, Container]) -> dict[str, Any]:
    """Return what follows from the containers (dict): which addresses are taken, and who waits to be started again."""
    machine: dict[str, Any] = {}
    for container in containers.values():
        for network, place in container.networks.items():
            if place.address:
                key = f"addresses in {network}"
                machine[key] = machine.get(key, frozenset()) | {place.address}
    waiting = [container for container in containers.values() if container.state.status is Status.RESTARTING]
    if waiting:
        machine["restarting"] = tuple(each.id for each in sorted(waiting, key=lambda each: each.state.again))
    return machine

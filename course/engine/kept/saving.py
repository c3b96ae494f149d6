"""What changes of an engine's tables mean on disk: which files say it, and what is removed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from course.engine.dates import date
from course.engine.disk.containers import has_been_started, outside_files
from course.engine.disk.image_store import WHERE, image_files, mount_files, repositories
from course.engine.disk.trees import Tree, document
from course.engine.kept import container_records, other_records
from course.engine.records import Container, Network, StoredImage, Volume
from course.engine.store import Change
from course.engine.system_files import with_init_layer
from course.errors import CourseError
from course.layers.entry import FileEntry, directory, file
from course.layers.layer import Layer
from course.union.overlay2_names import ROOT, cache_id, mount_id

IMAGES = WHERE.removeprefix(f"{ROOT}/")
REPOSITORIES = f"{IMAGES}/repositories.json"
KEPT = ("images", "references", "containers", "volumes", "networks")
"""The tables that are kept.  ``names`` and most of ``machine`` follow from the containers, ``trees`` are the volumes'
files, and ``cache`` (what builds remember) is lost when an engine ends."""

Tables = Mapping[str, Mapping[str, Any]]


@dataclass
class Plan:
    """What is to be done on disk, by paths in the store's directory (str).

    ``layers`` are those that have to be kept (list of Layer).  ``ahead`` and ``shown`` are files to write, ``removed``
    paths to remove, as ``Files.change`` takes them.  To the paths ``left`` (list of str), and the directories of
    overlay2 that are ``forgotten`` (list of str), nothing refers afterwards.  ``synced`` is whether a power cut must
    find it done (bool).
    """

    layers: list[Layer] = field(default_factory=list)
    ahead: Tree = field(default_factory=dict)
    shown: Tree = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    synced: bool = False


def net(changes: Sequence[Change]) -> dict[tuple[str, str], tuple[Any, Any]]:
    """Return what ``changes`` come to (dict of table and key to what was before and what is after).

    What was made and is gone again does not count: nothing of it is ever written.

    >>> net([Change("volumes", "a", None, 1), Change("volumes", "a", 1, 2), Change("names", "b", None, 1)])
    {('volumes', 'a'): (None, 2)}
    """
    found: dict[tuple[str, str], tuple[Any, Any]] = {}
    for change in changes:
        if change.table in KEPT:
            place = change.table, change.key
            found[place] = (found[place][0] if place in found else change.before, change.after)
    return {place: (before, after) for place, (before, after) in found.items() if before is not after}


def planned(changes: Mapping[tuple[str, str], tuple[Any, Any]], tables: Tables, root: str) -> Plan:
    """Return what ``changes`` (as of ``net``), after which the ``tables`` are so, mean in the directory ``root`` (str).

    A container with ``--rm`` is promised to be cleaned up, not to be remembered: for its sake alone nothing is synced.
    """
    plan = Plan()
    for (table, _key), (before, after) in changes.items():
        if table == "images":
            _image(plan, before, after)
        elif table == "containers":
            _container(plan, before, after, tables["networks"], root)
        elif table == "volumes":
            _volume(plan, before, after)
        elif table == "networks":
            _network(plan, before, after)
        plan.synced |= table != "containers" or not (after or before).host.auto_remove
    if any(table == "references" for table, _key in changes):
        found = document({"Repositories": repositories(tables["references"])})
        plan.shown[REPOSITORIES] = file(found, 0o600)
    _forget_layers(plan, (before for before, after in changes.values() if after is None), tables)
    return plan


def _image(plan: Plan, before: StoredImage | None, after: StoredImage | None) -> None:
    if after is None:
        assert before is not None  # noqa: S101 (something has changed)
        plan.removed.append(image_path("content", before.id))
        plan.left.append(image_path("metadata", before.id))
        return
    metadata = image_path("metadata", after.id)
    files = _image_files(after)
    if len(files) > 1:
        plan.ahead[metadata] = directory(0o700)
    if before is not None:
        _replace(plan, _image_files(before), files)
        return
    content = image_path("content", after.id)
    plan.shown[content] = files.pop(content)
    plan.ahead |= files
    plan.layers += after.image.layers


def _image_files(stored: StoredImage) -> Tree:
    """Return the files of an image (Tree), also what docker has no place for: see ``StoredImage``."""
    files = {path: entry for path, entry in below(image_files(stored)).items() if not entry.is_directory}
    known = {"lastUpdated": date(stored.tagged) if stored.tagged else "", "container": stored.container}
    metadata = image_path("metadata", stored.id)
    return files | {f"{metadata}/{name}": file(text, 0o600) for name, text in known.items() if text}


def _container(
    plan: Plan, before: Container | None, after: Container | None, networks: Mapping[str, Network], root: str
) -> None:
    if after is None:
        assert before is not None  # noqa: S101
        plan.removed.append(f"containers/{before.id}")
        plan.left.append(f"{IMAGES}/layerdb/mounts/{before.id}")
        plan.forgotten += [mount_id(before.id), f"{mount_id(before.id)}-init"]
        return
    own = f"containers/{after.id}"
    files = _container_files(after, networks, root)
    if has_been_started(after):
        plan.ahead |= {own: directory(0o710), f"{own}/mounts": directory(0o710)}
        if before is None or not has_been_started(before) or outside_files(before) != outside_files(after):
            plan.ahead |= {f"{own}/{name}": file(data) for name, data in outside_files(after).items()}
    if before is not None:
        _replace(plan, _container_files(before, networks, root), files)
        return
    plan.layers += after.layers
    plan.shown[f"{own}/config.v2.json"] = files.pop(f"{own}/config.v2.json")
    plan.ahead |= below(mount_files(after.id, after.layers[-1] if after.layers else None))
    plan.ahead |= {own: directory(0o710), f"{own}/checkpoints": directory(0o700), **files}


def _container_files(container: Container, networks: Mapping[str, Network], root: str) -> Tree:
    own = f"containers/{container.id}"
    config, host = container_records.documents(container, networks, root)
    return {
        f"{own}/config.v2.json": file(document(config) + "\n", 0o600),
        f"{own}/hostconfig.json": file(document(host) + "\n"),
    }


def _volume(plan: Plan, before: Volume | None, after: Volume | None) -> None:
    if after is None:
        assert before is not None  # noqa: S101
        plan.removed.append(f"volumes/{before.name}")
        return
    plan.ahead[f"volumes/{after.name}"] = directory(0o701)
    plan.shown[f"volumes/{after.name}/volume.json"] = file(document(other_records.volume_document(after)), 0o600)


def _network(plan: Plan, before: Network | None, after: Network | None) -> None:
    if before is not None and (after is None or after.id != before.id):
        plan.removed.append(f"network/files/{before.id}.json")
    if after is not None:
        found = document(other_records.network_document(after))
        plan.shown[f"network/files/{after.id}.json"] = file(found, 0o600)


def _forget_layers(plan: Plan, gone: Iterable[Any], tables: Tables) -> None:
    """Add to ``plan`` the layers that only what is ``gone`` (iterable of records) had, with docker's own on them."""
    stacks = [_layers(record) for record in gone]
    if not any(stacks):
        return
    left = [_layers(record) for table in ("images", "containers") for record in tables[table].values()]
    held, tops = {layer.chain_id for stack in left for layer in stack}, {stack[-1].chain_id for stack in left if stack}
    stacks += [init_layer(stack) for stack in stacks if stack and stack[-1].chain_id not in tops]
    for layer in {layer.chain_id: layer for stack in stacks for layer in stack}.values():
        if layer.chain_id not in held:
            plan.left.append(layer_path(layer.chain_id))
            plan.forgotten.append(cache_id(layer))


def init_layer(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Return the layer that the runtime puts on ``layers`` (tuple of Layer) for all containers that have them.

    It is the only one (tuple of Layer), or there is none: they cannot be read.
    """
    try:
        return with_init_layer(layers)[-1:]
    except (OSError, CourseError):
        return ()


def _layers(record: Any) -> tuple[Layer, ...]:
    if isinstance(record, StoredImage):
        return record.image.layers
    return record.layers if isinstance(record, Container) else ()


def image_path(kind: str, image_id: str) -> str:
    """Return where the ``content`` or ``metadata`` (str) of an image is (str)."""
    return f"{IMAGES}/imagedb/{kind}/{image_id.replace(':', '/')}"


def layer_path(chain_id: str) -> str:
    """Return where the layerdb has a layer (str)."""
    return f"{IMAGES}/layerdb/{chain_id.replace(':', '/')}"


def below(tree: Tree) -> Tree:
    """Return a ``tree`` of docker's directory (Tree) by paths in that."""
    return {path.removeprefix(f"{ROOT}/"): entry for path, entry in tree.items()}


def _replace(plan: Plan, before: Tree, after: Tree) -> None:
    """Add to ``plan`` what makes the files ``after`` of those ``before``."""
    plan.shown |= {path: entry for path, entry in after.items() if path not in before or _differ(before[path], entry)}
    plan.removed += [path for path in before if path not in after]


def _differ(one: FileEntry, other: FileEntry) -> bool:
    return one.read() != other.read()

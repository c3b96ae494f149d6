"""``course engine check`` and ``course engine gc``: what a crash has left in a store, and how that is mended."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from course.engine.disk.image_store import repositories
from course.engine.disk.trees import document
from course.engine.kept.directory import LOST, Directory, telling
from course.engine.kept.findings import Finding, Remedy
from course.engine.kept.loading import ID, Loader
from course.engine.kept.reading import is_directory, is_there, names, read_text
from course.engine.kept.saving import IMAGES, image_path, init_layer
from course.engine.kept.writing import TRASH, is_draft
from course.errors import CourseError
from course.layers.entry import file
from course.layers.layer import Layer
from course.union.overlay2_names import derived, link_name, mount_id
from course.words import _, shown

LINK = re.compile(r"\.\./([0-9a-f]{64}(?:-init)?)/diff")
OVERLAY2 = re.compile(r"[0-9a-f]{64}(-init)?(-draft|-removed)?|l")  # the last two: what a keeper had under way
LAYERS = f"{IMAGES}/layerdb/sha256"
MOUNTS = f"{IMAGES}/layerdb/mounts"
METADATA = image_path("metadata", "sha256")
OF_OTHERS = {"overlay2", "_data", "mounts", LOST, TRASH}  # directories in which no drafts of ours are


def check(directory: Directory) -> list[Finding]:
    """Return what is wrong in ``directory`` (Directory), in the order in which it is mended (list of Finding).

    What ``Directory.load`` leaves out is damaged; what no record tells of is left over.  Nothing of a container that
    has processes is among it, whatever its record.
    """
    return list(_Check(directory).findings())


def gc(directory: Directory) -> list[str]:
    """Mend what is wrong in ``directory`` (Directory), and return what was done (list of str, a sentence each).

    What nothing refers to is removed; what is damaged, and files of a volume without a record, are put into
    ``lost+found``.  Raises MachineError.
    """
    return [told for finding in check(directory) if (told := _mended(directory, finding))]


def _mended(directory: Directory, finding: Finding) -> str:
    """Return what was done about ``finding`` (str), or "": there was nothing to do."""
    path = finding.path
    if finding.remedy is Remedy.NONE or not is_there(directory.path, path):
        return ""
    with telling(directory.path):
        if finding.remedy is Remedy.PUT_ASIDE:
            target = directory.put_aside(path)
            return _("{path}: is {target} now.").format(path=shown(path), target=shown(target))
        if finding.remedy is Remedy.WRITE_AGAIN:
            known = repositories(directory.load()["references"])
            directory.files.change({path: file(document({"Repositories": known}), 0o600)})
            return _("{path}: written again.").format(path=shown(path))
        top, _slash, name = path.partition("/")
        if top == "overlay2" and "/" not in name:
            directory.keeper.forget(name)
        else:
            directory.files.remove([path])
    return _("{path}: removed.").format(path=shown(path))


class _Check:
    """Compares what lies in a directory with what an engine would load of it."""

    def __init__(self, directory: Directory) -> None:
        self._root, self._keeper = directory.path, directory.keeper
        tables = directory.load()
        containers = tables["containers"]
        running = set(self._keeper.running())
        self._damaged = directory.findings
        self._images = {identity.removeprefix("sha256:") for identity in tables["images"]}
        self._containers = {*containers, *running}
        self._mounted = {point.name for each in running & containers.keys() for point in containers[each].mounts}
        self._volumes = {*tables["volumes"], *self._mounted}
        self._running = running
        stacks = [stored.image.layers for stored in tables["images"].values()]
        stacks += [container.layers for container in containers.values()]
        stacks += [self._layers_below(identity) for identity in running - containers.keys()]
        stacks += [init_layer(layers) for layers in stacks]
        self._layers = {layer.chain_id for layers in stacks for layer in layers}

    def _layers_below(self, container: str) -> tuple[Layer, ...]:
        """Return the layers that a container stands on (tuple of Layer), by the layerdb alone, as far as it tells."""
        try:
            chain = read_text(self._root, f"{MOUNTS}/{container}/parent")
            return Loader(self._root, self._keeper).stack(chain)
        except CourseError:
            return ()

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong (Finding)."""
        yield from (finding for finding in self._damaged if not self._is_in_use(finding.path))
        yield from self._drafts()
        yield from self._left_over(METADATA, self._images, _("{path}: there is no image of this name."))
        yield from self._container_folders()
        yield from self._left_over(MOUNTS, self._containers, _("{path}: there is no container of this name."))
        layers = {chain.removeprefix("sha256:") for chain in self._layers}
        yield from self._left_over(LAYERS, layers, _("{path}: no image and no container has this layer."))
        yield from self._overlay2()
        yield from self._volume_folders()

    def _is_in_use(self, path: str) -> bool:
        """Tell whether ``path`` (str) is of a container that has processes, or of a volume that one of those has."""
        kind, _slash, rest = path.partition("/")
        name = rest.partition("/")[0]
        return (kind == "containers" and name in self._running) or (kind == "volumes" and name in self._mounted)

    def _drafts(self) -> Iterator[Finding]:
        for folder, folders, files in os.walk(self._root):
            folders[:] = sorted(name for name in folders if name not in OF_OTHERS)
            for name in filter(is_draft, sorted(files)):
                path = str(Path(folder, name).relative_to(self._root))
                if not self._is_in_use(path):
                    yield _finding(path, _("{path}: is the draft of a file, and was never finished."), Remedy.REMOVE)

    def _left_over(self, where: str, known: set[str], told: str, what: re.Pattern[str] = ID) -> Iterator[Finding]:
        """Yield what is in the directory ``where`` and not ``known``; what is not even called like it is put aside."""
        for name in self._names(where):
            path = f"{where}/{name}"
            if not what.fullmatch(name):
                yield _finding(path, _("{path}: is nothing that an engine has put there."), Remedy.PUT_ASIDE)
            elif name not in known:
                yield _finding(path, told, Remedy.REMOVE)

    def _container_folders(self) -> Iterator[Finding]:
        damaged = {finding.path.removeprefix("containers/") for finding in self._damaged}
        told = _("{path}: holds a log, perhaps, and no record of a container.")
        yield from self._left_over("containers", self._containers | damaged, told)
        for name in sorted(filter(ID.fullmatch, damaged - self._running)):  # its files may be dear to someone
            path, link = f"overlay2/{mount_id(name)}", f"overlay2/l/{link_name(mount_id(name))}"
            told = _("{path}: was written by a container whose record is damaged.")
            if is_there(self._root, path):
                yield _finding(path, told, Remedy.PUT_ASIDE)
                yield _finding(link, told, Remedy.REMOVE)

    def _overlay2(self) -> Iterator[Finding]:
        known = {derived("cache", chain) for chain in self._layers}
        known |= {mount_id(each) + end for each in self._containers for end in ("", "-init")}
        known |= {mount_id(finding.path.removeprefix("containers/")) for finding in self._damaged}
        told = _("{path}: no image and no container has this directory.")
        yield from self._left_over("overlay2", {*known, "l"}, told, OVERLAY2)
        for name in self._names("overlay2/l"):
            path = f"overlay2/l/{name}"
            match = LINK.fullmatch(_target(self._root / path))
            if match is None or not is_directory(self._root, f"overlay2/{match[1]}/diff"):
                yield _finding(path, _("{path}: leads nowhere."), Remedy.REMOVE)

    def _volume_folders(self) -> Iterator[Finding]:
        damaged = {finding.path.removesuffix("/_data") for finding in self._damaged}
        for name in self._names("volumes"):
            path = f"volumes/{name}"
            if name not in self._volumes and path not in damaged:
                yield _finding(path, _("{path}: there is no record of this volume."), Remedy.PUT_ASIDE)

    def _names(self, path: str) -> list[str]:
        return [name for name in names(self._root, path) if not is_draft(name)]


def _finding(path: str, told: str, remedy: Remedy) -> Finding:
    return Finding(path, told.format(path=shown(path)), remedy)


def _target(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""

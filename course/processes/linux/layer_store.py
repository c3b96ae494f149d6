"""Where the files of layers, containers and volumes lie, below an engine's directory, and how they are read again."""

import os
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from course.errors import CourseError, MachineError
from course.layers.layer import Layer
from course.processes.linux import real_trees, scanning, syscalls, user_namespace
from course.processes.linux.helper_process import HelperProcess
from course.processes.linux.tar_split import Opener, TarSplit, Unpacked, restored
from course.processes.linux.unpacking import IdMap, unpack
from course.union.file_data import FileData
from course.union.overlay2_names import cache_id, link_name, mount_id
from course.union.read_write_layer import ReadWriteLayer
from course.words import _, shown

OVERLAY = "overlay2"
TAR_SPLIT = "tar-split.json.gz"


class OnDisk(ReadWriteLayer):
    """A read-write layer that lies on the disk, in ``folder`` (str, below the engine's directory).

    It is read when it is asked for, as it is then.
    """

    def __init__(self, store: "LayerStore", folder: str) -> None:
        self._store, self.folder = store, folder

    @property
    def root(self) -> Any:  # type: ignore[override]
        """The root of what lies there now (Inode)."""
        return self.copy().root

    @property
    def numbering(self) -> Any:  # type: ignore[override]
        """The numbers of the inodes that lie there now (Numbering)."""
        return self.copy().numbering

    def copy(self) -> ReadWriteLayer:
        """Return what lies there now (ReadWriteLayer)."""
        return self._store.read(self.folder)

    def freeze(self, parent: Layer | None = None) -> Layer:
        """Return what lies there now as a layer (Layer)."""
        return self.copy().freeze(parent)


class LayerStore:
    """The files below ``overlay2`` and ``volumes`` in the directory ``root`` (Path); a LayerKeeper.

    The helper reads and removes what belongs to containers (``helper``: HelperProcess).
    """

    def __init__(self, root: Path, helper: HelperProcess, running: Callable[[], Collection[str]]) -> None:
        self.root, self.helper, self.running = root, helper, running
        self._kept: set[str] = set()
        self._new_trees: list[str] = []
        uid, gid = user_namespace.owner()
        self.ids = IdMap(uid, gid, user_namespace.COUNT if user_namespace.is_root() else 1)

    # Layers

    def keep(self, layer: Layer) -> None:
        """Unpack ``layer`` into ``overlay2/<cache_id>``, and note in the layerdb how its tar is written again.

        One that is there already, with that note, stays as it is.  Raises MachineError: it cannot be unpacked here.
        """
        name = cache_id(layer)
        if name in self._kept:
            return
        if layer.parent:
            self.keep(layer.parent)
        if not ((self.root / OVERLAY / name).exists() and (self._database(layer) / TAR_SPLIT).exists()):
            self.forget(name)  # a crash may have left one without the other
            self._unpack(layer, name)
        self._kept.add(name)
        self._let_go(layer, partial(self.open, f"{OVERLAY}/{name}/diff"))

    def _let_go(self, layer: Layer, contents: Opener) -> None:
        """Have what ``layer`` (Layer) has of a container's files read from its own: the container may go."""
        for path, entry in layer.entries.items():
            if isinstance(entry.content, FileData) and isinstance(entry.content.content, Unpacked):
                entry.content.content = Unpacked(entry.link_to or path, contents)

    def _database(self, layer: Layer) -> Path:
        return self.root / "image" / OVERLAY / "layerdb" / layer.chain_id.replace(":", "/")

    def _unpack(self, layer: Layer, name: str) -> None:
        draft, database = self.root / OVERLAY / f"{name}-draft", self._database(layer)
        self.remove(draft)
        try:
            (draft / "diff").mkdir(parents=True)
            database.mkdir(parents=True, exist_ok=True)
            folder = os.open(draft / "diff", os.O_RDONLY | os.O_DIRECTORY)
            try:
                with (database / TAR_SPLIT).open("wb") as rest:
                    unpack(layer, folder, self.ids, rest)
                self._furnish(draft, name, [cache_id(each) for each in layer.stack[:-1]])
                syscalls.syncfs(folder)
            finally:
                os.close(folder)
            draft.rename(self.root / OVERLAY / name)
        except BaseException as error:
            self.remove(draft)
            if isinstance(error, OSError):
                raise MachineError(
                    _("{folder}: a layer cannot be unpacked there: {reason}.").format(
                        folder=shown(str(self.root)), reason=error.strerror
                    )
                ) from error
            raise

    def _furnish(self, place: Path, name: str, lower: list[str]) -> None:
        """Write what docker has beside ``diff``: the short name of the directory, and what lies below it."""
        link = link_name(name)
        (place / "link").write_text(link)
        if lower:
            (place / "lower").write_text(":".join(f"l/{link_name(each)}" for each in reversed(lower)))
            (place / "work").mkdir(0o700)
            self._give(place / "work")
        (place / "committed").touch(0o600)
        self._give(place)
        short = self.root / OVERLAY / "l" / link
        if not short.is_symlink():
            short.symlink_to(f"../{name}/diff")

    def _give(self, path: Path) -> None:
        if self.helper.many_ids:
            os.chown(path, self.ids.uid, self.ids.gid)

    def restored(self, layer_db_folder: Path, cache_id: str, diff_id: str, parent: Layer | None) -> Layer:
        """Return the Layer that lies in ``overlay2/<cache_id>``, as the layerdb knows it.  Raises CourseError."""
        folder = f"{OVERLAY}/{cache_id}/diff"
        if not (self.root / folder).is_dir():
            raise CourseError(_("{layer}: its files are not there any more.").format(layer=shown(diff_id)))
        rest = layer_db_folder / TAR_SPLIT
        tar = TarSplit(diff_id, lambda: rest.open("rb"), partial(self.open, folder))
        layer = restored(tar, diff_id, parent)
        self._kept.add(cache_id)
        return layer

    def forget(self, name: str) -> None:
        """Remove ``overlay2/<name>`` (str) and its link."""
        self._kept.discard(name)
        place = self.root / OVERLAY / name
        if place.exists():
            trash = self.root / OVERLAY / f"{name}-removed"
            self.remove(trash)  # which a crash may have left
            place.rename(trash)
            self.remove(trash)
        (self.root / OVERLAY / "l" / link_name(name)).unlink(missing_ok=True)

    def remove(self, path: Path) -> None:
        """Remove the directory or file ``path`` (Path), whomever what is in it belongs to."""
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.exists() and user_namespace.is_root():  # which may remove what is in a folder of its own as well
            folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                scanning.remove_tree(folder, path.name)
            finally:
                os.close(folder)
        elif path.exists():
            self.helper.ask("remove", str(path.parent.relative_to(self.root)), path.name)

    # What containers have written

    def written(self, container_id: str) -> ReadWriteLayer:
        """Return what the container of this id (str) has written (OnDisk)."""
        return OnDisk(self, f"{OVERLAY}/{mount_id(container_id)}/diff")

    def new_tree(self, name: str) -> ReadWriteLayer:
        """Make the directory of the new volume ``name`` (str), and return its files (OnDisk)."""
        place = self.root / "volumes" / name / "_data"
        place.mkdir(0o755, parents=True, exist_ok=True)
        self._give(place)
        self._new_trees.append(name)
        return self.tree(name)

    def take_back(self) -> None:
        """Remove the directories of new volumes of which no record was made: the command that made them has failed."""
        for name in self._new_trees:
            place = self.root / "volumes" / name
            if not (place / "volume.json").exists():
                self.remove(place)
        self._new_trees.clear()

    def tree(self, name: str) -> ReadWriteLayer:
        """Return the files of the volume ``name`` (str; OnDisk)."""
        return OnDisk(self, f"volumes/{name}/_data")

    def read(self, folder: str) -> ReadWriteLayer:
        """Return what lies in ``folder`` (str) in overlayfs's form (ReadWriteLayer): nothing, if it is gone."""
        try:
            (found,), _passed = self.helper.ask("scan", folder)
        except FileNotFoundError:
            return ReadWriteLayer()
        return real_trees.read_write_layer(found, partial(self.open, folder))

    def open(self, folder: str, path: str) -> BinaryIO:
        """Return the file ``path`` (str) in ``folder`` (str) as a stream (binary file object), whoever may read it."""
        _answer, (descriptor,) = self.helper.ask("open", folder, path)
        return os.fdopen(descriptor, "rb")

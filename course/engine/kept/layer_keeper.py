"""What a store needs of whoever can write the files of layers, containers and volumes: their owners may be anyone."""

from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from course.layers.layer import Layer
from course.union.read_write_layer import ReadWriteLayer


class LayerKeeper(Protocol):
    """Keeps the files below ``overlay2`` and ``volumes/NAME/_data`` of a store; the real runtime is one.

    What it has kept is synced when it returns.  It raises OSError or CourseError.
    """

    def keep(self, layer: Layer) -> None:
        """Unpack ``layer`` into ``overlay2/<cache_id>``, and note in the layerdb how its tar is written again.

        One that is there already stays as it is: the directory and the note, for a crash may have left one of them.
        What it has under way is called ``…-draft`` or ``…-removed``, so that ``gc`` knows it.
        """
        ...

    def restored(self, layer_db_folder: Path, cache_id: str, diff_id: str, parent: Layer | None) -> Layer:
        """Return the Layer that lies in ``overlay2/<cache_id>`` (str), by its ``diff_id`` (str), on ``parent``.

        ``layer_db_folder`` (Path) is its directory in the layerdb.  Raises CourseError: it is not there, or damaged.
        """
        ...

    def forget(self, name: str) -> None:
        """Remove ``overlay2/<name>`` (str) and its link, of a layer or a container; one that is not there is fine.

        It is renamed first, so that half of one never looks like one that is there.
        """
        ...

    def remove(self, path: Path) -> None:
        """Remove the directory or file ``path`` (Path) with all that is in it, whomever that belongs to."""
        ...

    def written(self, container_id: str) -> ReadWriteLayer:
        """Return what the container of this id (str) has written (ReadWriteLayer), which may be read when asked for."""
        ...

    def tree(self, name: str) -> ReadWriteLayer:
        """Return the files of the volume ``name`` (str; ReadWriteLayer), which may be read when asked for."""
        ...

    def running(self) -> Collection[str]:
        """Return the ids of the containers (collection of str) that have processes at this moment."""
        ...

"""How the steps of a build make layers: COPY and ADD, WORKDIR, and a RUN in a container of its own."""

from collections.abc import Mapping, Sequence

from course.engine.build.owners import owner
from course.engine.build.refusal import CopyError
from course.errors import DockerError
from course.layers import paths
from course.layers.entry import FileEntry
from course.layers.layer import Layer
from course.processes.simulated.runtime import empty_layer
from course.processes.simulated.space import Clock
from course.union.filesystem import UnionFilesystem
from course.union.placing import place
from course.union.view import UnionView


def layer_with_files(layers: tuple[Layer, ...], files: Mapping[str, FileEntry], clock: Clock) -> Layer:
    """Return the layer (Layer) that puts ``files`` (mapping of path to FileEntry) on ``layers``.  Raises CopyError."""
    filesystem = _on(layers, clock)
    try:
        place(filesystem, files)
    except OSError as error:
        raise CopyError(f"failed to copy files: {error}") from error
    return filesystem.read_write_layer.freeze(layers[-1] if layers else None)


def layer_with_directory(layers: tuple[Layer, ...], path: str, clock: Clock, user: str = "") -> Layer:
    """Return the layer (Layer) that makes the directory ``path`` (str, absolute) on ``layers``; empty if it is there.

    What is made belongs to ``user`` (str; empty for root), as BuildKit has it.  Raises DockerError: something else is
    there.
    """
    filesystem = _on(layers, clock)
    owners = owner(user, UnionView(layers), buildkit=True) if user else (0, 0)
    for above in [*paths.ancestors(paths.normal(path)), paths.normal(path)]:
        try:
            found = filesystem.stat(above)
        except OSError:
            filesystem.mkdir(above, 0o755)
            filesystem.lchown(above, *owners)
        else:
            if found.st_mode & 0o170000 != 0o040000:
                raise DockerError(f"Cannot mkdir: {above} is not a directory")
    return filesystem.read_write_layer.freeze(layers[-1] if layers else None)


def is_empty(layer: Layer) -> bool:
    """Tell whether a layer (Layer) changes nothing (bool)."""
    return not (layer.entries or layer.whiteouts or layer.opaque)


def _on(layers: Sequence[Layer], clock: Clock) -> UnionFilesystem:
    return UnionFilesystem(layers, empty_layer(tuple(layers)).copy(), clock=clock)

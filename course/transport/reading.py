"""Reading an image file: what `docker save` or `podman save` wrote, or an OCI image layout, becomes images."""

import sys
from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType

from course.errors import ImageError, InvalidLayer, NotAnImage, UnknownMediaType
from course.layers.image import Descriptor, Image
from course.layers.layer import Layer
from course.transport.descriptors import this_platform
from course.transport.docker_archive import is_folder, read_archive, read_folder
from course.transport.image_files import ImageFiles, open_files
from course.transport.layer_reader import LayerContents
from course.transport.limits import Budget, Limits
from course.transport.manifests import Choice, Documents, SavedImage, find_layers
from course.transport.oci_layout import familiar, read_layout
from course.transport.stored_layer import StoredLayer, read_stored
from course.words import _, shown

LIMITS = Limits()
THREADS = 2  # while one decompresses, the other reads headers
HEARTBEAT = 0.2  # seconds after which ^C is heard where nothing wakes a thread that waits


def open_images(path: Path | str | bytes, limits: Limits = LIMITS, where: str = "") -> list[Image]:
    """Return every image (list of Image) in the file or folder ``path`` (Path or str; or an archive itself, bytes).

    It is an archive of `docker save`, old or new, or of `podman save`, compressed as a whole with gzip or zstd perhaps,
    or an OCI image layout, as folder or tar.  Of an image for several platforms the one for this machine is taken, or
    else the first.  All of it is verified: of every blob the size, then the digest, then the content; of every layer
    the diff_id.  Files' contents stay where they are, and are read when they are asked for.  ``where`` names the
    archive for messages (str; its path, if empty).

    Raises ImageError and its kin, in one sentence that names the file and the reason.
    Rule: image-spec image-layout.md; moby's image/spec v1.2.md.

    >>> import tempfile
    >>> from course.layers.small_image import small_image
    >>> from course.transport.writing import save_image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_image([small_image()], Path(folder, "small.tar"))
    ...     open_images(Path(folder, "small.tar"))[0].layers == small_image().layers
    True
    """
    files = open_files(path if isinstance(path, bytes) else Path(path), limits, where)
    reader = _Reader(files, limits)
    choices = _readable(_choices(files, limits))
    return [reader.read(_for_platform(choice, "", files), choice.names) for choice in choices]


def open_image(path: Path | str, name: str = "", platform: str = "") -> Image:
    """Return one image (Image) of the file or folder ``path`` (Path or str), read as by ``open_images``.

    ``name`` is one of its references (str), which a file with several images asks for.  ``platform`` (str, such as
    ``linux/arm64``) chooses among those of an image for several.  Raises ImageError: there is no such image, or the
    choice is not clear; and as ``open_images`` does.
    """
    files = open_files(Path(path), LIMITS)
    choices = _choices(files, LIMITS)
    choice = _wanted(choices, name, platform or this_platform(), files)
    return _Reader(files, LIMITS).read(_for_platform(choice, platform, files), choice.names)


def _choices(files: ImageFiles, limits: Limits) -> list[Choice]:
    documents = Documents(files, limits)
    if files.find("/oci-layout"):
        return read_layout(documents)
    if files.find("/manifest.json"):
        return read_folder(Documents(files, limits, folder="/")) if is_folder(documents) else read_archive(documents)
    if files.find("/repositories"):
        raise NotAnImage(
            _("{where}: was saved by docker before 1.10; load it with a later docker and save it again.").format(
                where=files.where
            )
        )
    raise NotAnImage(
        _(
            "{where}: is no image: there is neither 'manifest.json' in it, as in an archive of `docker save`, nor "
            "'oci-layout', as in an OCI image layout."
        ).format(where=files.where)
    )


def _wanted(choices: list[Choice], name: str, platform: str, files: ImageFiles) -> Choice:
    """Return the choice that ``name`` asks for, or the only one."""
    wanted = [choice for choice in choices if _is_named(choice, name)] if name else _readable(choices)
    names = ", ".join(shown(known) for choice in choices for known in choice.names) or _("none with a name")
    if not wanted and name:
        raise ImageError(
            _("{where}: holds no image '{name}'; there are: {names}.").format(
                where=files.where, name=shown(name), names=names
            )
        )
    if not wanted:
        raise NotAnImage(_("{where}: is an image layout that holds no image.").format(where=files.where))
    if len(wanted) > 1:  # one image for each platform, perhaps
        fitting = [choice for choice in wanted if _fitting(choice, platform)]
        if not name and (len(fitting) != 1 or any(choice.names for choice in wanted)):
            raise ImageError(
                _("{where}: holds several images; say which one you mean. There are: {names}.").format(
                    where=files.where, names=names
                )
            )
        return (fitting or wanted)[0]  # of one name the first that fits: image-spec image-index.md
    return wanted[0]


def _readable(choices: list[Choice]) -> list[Choice]:
    """Return those that are images; what is of an unknown media type only matters if there is nothing else."""
    return [
        choice for choice in choices if choice.members or not isinstance(choice.problem, UnknownMediaType)
    ] or choices


def _is_named(choice: Choice, name: str) -> bool:
    return bool({familiar(name), f"{familiar(name)}:latest"} & set(choice.names))


def _fitting(choice: Choice, platform: str) -> list[SavedImage]:
    """Return the images for ``platform``, whatever their variant if it says none."""
    return [image for image in choice.members if f"{image.platform}/".startswith(f"{platform}/")]


def _for_platform(choice: Choice, platform: str, files: ImageFiles) -> SavedImage:
    if not choice.members:
        raise _nothing_in(choice, files)
    fitting = _fitting(choice, platform or this_platform())
    if platform and not fitting:
        raise ImageError(
            _("{where}: holds no image for {platform}; there are: {platforms}.").format(
                where=files.where,
                platform=shown(platform),
                platforms=", ".join(shown(image.platform) for image in choice.members),
            )
        )
    return (fitting or choice.members)[0]


def _nothing_in(choice: Choice, files: ImageFiles) -> ImageError:
    return choice.problem or NotAnImage(_("{where}: holds an image index that is empty.").format(where=files.where))


class _Reader:
    """Reads the layers of one image after another; what two have in common is read once, and is the same Layer."""

    def __init__(self, files: ImageFiles, limits: Limits) -> None:
        self._files, self._limits = files, limits
        self._contents: dict[StoredLayer, tuple[LayerContents, str]] = {}
        self._layers: dict[tuple[Layer | None, StoredLayer], Layer] = {}

    def read(self, image: SavedImage, names: Iterable[str]) -> Image:
        stored = find_layers(image, self._files)
        budget = Budget(self._limits)
        for layer in set(stored) & self._contents.keys():
            budget.spend(layer.blob.where, entries=len(self._contents[layer][0].entries))
        self._read_contents([layer for layer in dict.fromkeys(stored) if layer not in self._contents], budget)
        blobs = []
        parent: Layer | None = None
        for layer in stored:
            blobs.append(Descriptor(layer.media_type, self._contents[layer][1], layer.blob.size))
            if (parent, layer) not in self._layers:
                self._layers[parent, layer] = self._layer(layer, parent)
            parent = self._layers[parent, layer]
        return Image(image.config, parent.stack if parent else (), tuple(dict.fromkeys(names)), tuple(blobs))

    def _layer(self, stored: StoredLayer, parent: Layer | None) -> Layer:
        contents = self._contents[stored][0]
        try:
            return Layer(
                MappingProxyType(contents.entries),
                frozenset(contents.whiteouts),
                frozenset(contents.opaque),
                parent,
                stored.diff_id,
                stored,
            )
        except InvalidLayer as error:
            raise InvalidLayer(f"{stored.blob.where}: {error}") from error

    def _read_contents(self, layers: list[StoredLayer], budget: Budget) -> None:
        """Read layers in two threads, the largest first; whatever goes wrong ends them both."""
        layers = sorted(layers, key=lambda layer: -layer.blob.size)
        if len(layers) < 2 or sys.platform == "emscripten":  # a browser has no threads
            self._contents.update((layer, read_stored(layer, budget)) for layer in layers)
            return
        from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

        with ThreadPoolExecutor(THREADS) as pool:
            reading = {pool.submit(read_stored, layer, budget): layer for layer in layers}
            left = set(reading)
            try:
                while left:
                    done, left = wait(left, HEARTBEAT, FIRST_COMPLETED)
                    self._contents.update((reading[future], future.result()) for future in done)
            except BaseException:  # ^C too
                budget.stop()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

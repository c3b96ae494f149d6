"""Manifests: the document of an image that names its config and its layers."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from course.errors import ImageError, InvalidDocument, LimitExceeded, MissingBlob, UnknownMediaType
from course.layers.config import ImageConfig
from course.layers.document import MAX_DOCUMENT, field, read_document
from course.layers.image import Descriptor
from course.transport.blobs import Blob, check_size, verified
from course.transport.compression import GZIP, PLAIN, ZSTD, compression_of
from course.transport.descriptors import Reference, read_reference
from course.transport.image_files import ImageFiles
from course.transport.limits import Limits
from course.transport.media_types import CONFIGS, DOCKER_LAYER, LAYERS
from course.transport.stored_layer import StoredLayer
from course.words import _, shown, size


@dataclass(frozen=True, slots=True)
class LayerFile:
    """A layer as an image's documents name it: the ``path`` (str) of its file, and what a descriptor promises of it."""

    path: str
    promised: Descriptor | None = None


@dataclass(frozen=True, slots=True)
class SavedImage:
    """An image in a file: what its documents say, before a layer is read.

    ``where`` names it for messages, ``platform`` is what it is for (str, such as ``linux/arm64/v8``), ``layers`` are
    its layers' files, the lowest first (tuple of LayerFile).
    """

    where: str
    platform: str
    config: ImageConfig
    layers: tuple[LayerFile, ...]


@dataclass(slots=True)
class Choice:
    """An image in a file, for one platform or several: one of the ``members`` (list of SavedImage) is to be chosen.

    ``names`` are its references (list of str).  ``problem`` says why a member is missing (ImageError), or is None.
    """

    names: list[str]
    members: list[SavedImage] = dataclasses.field(default_factory=list)
    problem: ImageError | None = None


class Documents:
    """The JSON documents of a saved image, verified as they are read, and all together bounded.

    ``files`` are the image's files (ImageFiles); a blob lies in ``folder`` under the digits of its digest (str).
    """

    def __init__(self, files: ImageFiles, limits: Limits, folder: str = "/blobs/sha256/") -> None:
        self.files, self.limits, self.folder = files, limits, folder
        self._left = limits.documents

    def path(self, digest: str) -> str:
        """Return the path (str) of the blob that a checked ``digest`` (str) names.  Rule: image-layout.md, "Blobs"."""
        return self.folder + digest.removeprefix("sha256:")

    def file(self, path: str) -> Blob:
        """Return the document at ``path`` (str, normal).  Raises MissingBlob, LimitExceeded."""
        blob = self.files.find(path)
        if blob is None:
            raise MissingBlob(
                _("{where}: there is no '{name}' in it; fetch the image again.").format(
                    where=self.files.where, name=shown(path[1:])
                )
            )
        self._left -= blob.size
        if blob.size > MAX_DOCUMENT or self._left < 0:
            raise LimitExceeded(
                _("{where}: {found} is more than a document of an image may have, with all others.").format(
                    where=blob.where, found=size(blob.size)
                )
            )
        return blob

    def blob(self, reference: Reference) -> tuple[str, bytes]:
        """Return a document that a descriptor refers to (bytes), verified, after its name for messages (str).

        Raises MissingBlob, LimitExceeded, DigestMismatch.
        """
        path = self.path(reference.blob.digest)
        if reference.data is not None and self.files.find(path) is None:
            return f"{self.files.where}: {shown(path[1:])}", reference.data
        blob = self.file(path)
        return blob.where, verified(blob, reference.blob)


def read_typed(data: bytes, where: str, media_types: set[str], forbidden: tuple[str, ...]) -> dict[str, Any]:
    """Return the manifest or index (dict) that ``data`` (bytes) holds, which must be of one of these ``media_types``.

    Raises InvalidDocument: ``schemaVersion`` is not 2, ``mediaType`` is another one, or the document has one of the
    ``forbidden`` properties, so that other readers could take it for something else (CVE-2021-41190); UnknownMediaType:
    docker's first schema.  Rule: image-spec manifest.md and image-index.md.
    """
    document = read_document(data, where)
    version = field(document, "schemaVersion", int, where, required=True)
    if version == 1:
        raise UnknownMediaType(
            _("{where}: is a manifest of docker's schema 1, long out of use; pull and save the image again.").format(
                where=where
            )
        )
    if version != 2:
        raise InvalidDocument(_("{where}: 'schemaVersion' is {found}; expected 2.").format(where=where, found=version))
    found = field(document, "mediaType", str, where)
    if found and found not in media_types:
        raise InvalidDocument(
            _("{where}: 'mediaType' is '{found}'; expected '{expected}'.").format(
                where=where, found=shown(found)[:80], expected="' or '".join(sorted(media_types))
            )
        )
    for name in forbidden:
        if name in document:
            raise InvalidDocument(
                _("{where}: has '{name}' too, and could be taken for another kind of document.").format(
                    where=where, name=name
                )
            )
    return document


def read_manifest(
    data: bytes, where: str, media_types: set[str], documents: Documents, platform: str = ""
) -> SavedImage:
    """Return the image (SavedImage) whose manifest is ``data`` (bytes) and its config a blob among the ``documents``.

    Raises InvalidDocument, UnknownMediaType, MissingBlob, DigestMismatch, LimitExceeded.  Rule: image-spec manifest.md.
    """
    document = read_typed(data, where, media_types, ("manifests", "fsLayers"))
    reference = read_reference(field(document, "config", dict, where, required=True), f"{where}, config")
    if reference.blob.media_type not in CONFIGS:
        raise UnknownMediaType(
            _("{where}: is no container image, but an artifact of the type '{found}'.").format(
                where=where, found=field(document, "artifactType", str, where) or reference.blob.media_type
            )
        )
    name, config_data = documents.blob(reference)
    config = ImageConfig.parse(config_data, name)
    layers = []
    for number, layer in enumerate(field(document, "layers", list, where, required=True), 1):
        place = f"{where}, layers[{number - 1}]"
        if not isinstance(layer, dict):
            raise InvalidDocument(_("{where}: expected an object.").format(where=place))
        promised = read_reference(layer, place).blob
        layers.append(LayerFile(documents.path(promised.digest), promised))
    return saved_image(where, config, layers, documents.limits, platform)


def saved_image(
    where: str, config: ImageConfig, layers: list[LayerFile], limits: Limits, platform: str = ""
) -> SavedImage:
    """Return an image (SavedImage) whose config has as many diff_ids as it has layers, and not too many.

    Raises InvalidDocument, LimitExceeded.
    """
    if len(layers) != len(config.diff_ids):
        raise InvalidDocument(
            _("{where}: has {layers} layers, and its config has {diff_ids} diff_ids; expected as many.").format(
                where=where, layers=len(layers), diff_ids=len(config.diff_ids)
            )
        )
    if len(layers) > limits.layers:
        raise LimitExceeded(
            _("{where}: has {layers} layers; expected {limit} at most.").format(
                where=where, layers=len(layers), limit=limits.layers
            )
        )
    return SavedImage(where, platform or config.platform, config, tuple(layers))


def find_layers(image: SavedImage, files: ImageFiles) -> list[StoredLayer]:
    """Return the layers of an image (list of StoredLayer), found and of the promised size, but not read.

    Raises UnknownMediaType, MissingBlob, DigestMismatch.
    """
    return [
        _find_layer(layer, diff_id, image, files)
        for layer, diff_id in zip(image.layers, image.config.diff_ids, strict=True)
    ]


def _find_layer(layer: LayerFile, diff_id: str, image: SavedImage, files: ImageFiles) -> StoredLayer:
    promised = layer.promised
    if promised and promised.media_type not in LAYERS:
        raise UnknownMediaType(
            _("{where}: a layer is of the media type '{found}', which the course cannot read.").format(
                where=image.where, found=promised.media_type
            )
        )
    blob = files.find(layer.path)
    if blob is None:
        raise MissingBlob(
            _("{where}: its layer '{name}' is not there; save the image again.").format(
                where=image.where, name=shown(layer.path[1:])
            )
        )
    if promised:
        check_size(blob, promised)
        return StoredLayer(blob, promised.media_type, LAYERS[promised.media_type], promised.digest, diff_id)
    with blob.open(size=min(blob.size, 8)) as stream:
        compression = compression_of(stream.read())
    if compression not in (PLAIN, GZIP, ZSTD):
        raise UnknownMediaType(
            _("{where}: is compressed with {compression}, which the course cannot read.").format(
                where=blob.where, compression=compression
            )
        )
    suffix = f".{compression}" if compression else ""
    return StoredLayer(blob, DOCKER_LAYER + suffix, compression, "", diff_id)

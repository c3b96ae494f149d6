"""Pulling: an image comes from a registry, and only those of its layers that are not here yet travel."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from course.errors import InvalidLayer, UnknownMediaType
from course.layers.document import MAX_DOCUMENT, field
from course.layers.image import Descriptor, Image
from course.layers.layer import Layer
from course.layers.reference import Reference
from course.transport.blobs import Blob
from course.transport.descriptors import read_reference
from course.transport.limits import Budget, Limits
from course.transport.manifests import Documents, LayerFile, SavedImage, read_manifest, read_typed
from course.transport.media_types import LAYERS
from course.transport.registry.authentication import Credentials
from course.transport.registry.client import Registry
from course.transport.registry.manifests import Found, find_manifest
from course.transport.registry.transfers import Downloads, Progress, Transfer, unwatched
from course.transport.stored_layer import StoredLayer, read_stored
from course.words import _, shown

LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull brought: the ``image`` (Image), and what became of each of its ``layers`` (tuple of Transfer).

    ``digest`` is that of the manifest or index that the reference names (str): the image's RepoDigest.  ``warning``
    says in docker's words that the image is for another platform than was asked for (str, or empty).
    """

    image: Image
    digest: str
    layers: tuple[Transfer, ...]
    warning: str = ""


def pull(
    reference: Reference,
    platform: str = "",
    known: Mapping[str, Layer] = MappingProxyType({}),
    credentials: Credentials | None = None,
    progress: Progress = unwatched,
) -> Pulled:
    """Return the image (Pulled) that ``reference`` (Reference) names in its registry; the tag is ``latest`` if none is.

    ``platform`` (str, such as ``linux/arm64``) chooses among images for several; empty, it is this machine's.  Layers
    that are ``known`` (diff_id, str, to Layer) do not travel.  ``progress`` (callable) is told of every piece.  All of
    it is verified: of each blob the size, then the digest; of each layer the diff_id.

    Raises RegistryError and ImageError and their kin, in one sentence that names the image or the registry.
    Rule: distribution-spec, "Pull"; image-spec descriptor.md, "Verification".
    """
    reference = reference.tagged
    with Registry(reference, credentials) as registry:
        named, manifest = find_manifest(registry, platform, LIMITS)
        wanted = platform if named is manifest else ""  # an index has said already what the manifest is for
        return _Pull(registry, known, progress).image(manifest, wanted, named.descriptor.digest)


class _Pull:
    """A pull on its way."""

    def __init__(self, registry: Registry, known: Mapping[str, Layer], progress: Progress) -> None:
        self._reference = registry.reference
        self._known = dict(known)
        self._progress = progress
        self._downloads = Downloads(registry, progress)

    def image(self, manifest: Found, platform: str, digest: str) -> Pulled:
        """Return what a manifest (Found) leads to (Pulled), with the ``digest`` (str) that names it."""
        saved = self._saved(manifest)
        warning = ""
        if platform and not f"{saved.platform}/".startswith(f"{platform}/"):
            warning = (
                f"image with reference {self._reference.familiar} was found but does not match the specified platform: "
                f"wanted {shown(platform)}, actual: {shown(saved.platform)}"
            )
        budget = Budget(LIMITS)
        transfers: list[Transfer] = []
        parent: Layer | None = None
        blobs = []
        for file, diff_id in zip(saved.layers, saved.config.diff_ids, strict=True):
            promised = self._promised(file)
            status = "Already exists" if diff_id in self._known else "Pull complete"
            parent = self._layer(promised, diff_id, parent, budget)
            transfers.append(Transfer(promised.digest, promised.size, status, promised.size))
            self._progress(transfers[-1])
            blobs.append(promised)
        names = () if self._reference.digest else (self._reference.familiar,)  # by digest: docker tags nothing
        image = Image(saved.config, parent.stack if parent else (), names, tuple(blobs))
        return Pulled(image, digest, tuple(transfers), warning)

    def _saved(self, manifest: Found) -> SavedImage:
        """Return what the manifest (Found) and its config say (SavedImage)."""
        where, media_types = self._reference.familiar, {manifest.descriptor.media_type}
        document = read_typed(manifest.data, where, media_types, ("manifests", "fsLayers"))
        config = read_reference(field(document, "config", dict, where, required=True), f"{where}, config").blob
        arrived = _Arrived(where)
        documents = Documents(arrived, LIMITS)
        arrived.blobs[documents.path(config.digest)] = self._downloads.fetch(config, MAX_DOCUMENT)
        return read_manifest(manifest.data, where, media_types, documents)

    def _promised(self, file: LayerFile) -> Descriptor:
        """Return what the manifest promises of a layer (Descriptor), if it is of a kind that the course can read."""
        promised = file.promised
        if promised is None or promised.media_type not in LAYERS:
            raise UnknownMediaType(
                _("{where}: a layer is of the media type '{found}', which the course cannot read.").format(
                    where=self._reference.familiar, found=promised and promised.media_type
                )
            )
        return promised

    def _layer(self, promised: Descriptor, diff_id: str, parent: Layer | None, budget: Budget) -> Layer:
        """Return a layer (Layer) on its ``parent``: one that is known, or else fetched and read."""
        known = self._known.get(diff_id)
        if known:
            budget.spend(self._reference.familiar, entries=len(known.entries))
            return known if known.parent is parent else replace(known, parent=parent, known_diff_id=diff_id)
        blob = self._downloads.fetch(promised, LIMITS.uncompressed)
        stored = StoredLayer(blob, promised.media_type, LAYERS[promised.media_type], promised.digest, diff_id)
        contents, _digest = read_stored(stored, budget)
        try:
            layer = Layer(
                MappingProxyType(contents.entries),
                frozenset(contents.whiteouts),
                frozenset(contents.opaque),
                parent,
                diff_id,
                stored,
            )
        except InvalidLayer as error:
            raise InvalidLayer(f"{blob.where}: {error}") from error
        self._known[diff_id] = layer
        return layer


class _Arrived:
    """The documents of an image that have come from a registry, by path, as ``Documents`` looks for them."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.blobs: dict[str, Blob] = {}

    def find(self, path: str) -> Blob | None:
        return self.blobs.get(path)

    def has_folder(self, name: str) -> bool:
        return True

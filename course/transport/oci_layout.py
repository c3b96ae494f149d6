"""An OCI image layout: a folder or a tar with an index of what is in it, and blobs named by their digests."""

from collections.abc import Iterator, Mapping

from course.errors import ImageError, InvalidDocument, LimitExceeded, MissingBlob, NotAnImage, UnknownMediaType
from course.layers import document
from course.layers.document import read_document
from course.layers.reference import InvalidReference
from course.layers.reference import Reference as ImageReference
from course.transport.descriptors import Reference, read_reference
from course.transport.manifests import Choice, Documents, read_manifest, read_typed
from course.transport.media_types import INDEXES, MANIFESTS
from course.words import _, shown

LAYOUT_VERSION = "1.0.0"
NAME = "org.opencontainers.image.ref.name"  # image-spec annotations.md; often the tag alone
FULL_NAME = "io.containerd.image.name"  # as docker writes it, since Engine 25
ATTESTATION = "unknown/unknown"  # the platform under which BuildKit hides what it says about the image beside it


def read_layout(documents: Documents) -> list[Choice]:
    """Return the images of an OCI layout (list of Choice), in the order of its index.

    Raises NotAnImage, InvalidDocument, DigestMismatch, LimitExceeded; a member of an unknown media type, or one that is
    missing, only leaves its problem behind.  Rule: image-spec image-layout.md; image-index.md.
    """
    layout = documents.file("/oci-layout")
    version = document.field(read_document(layout.read(), layout.where), "imageLayoutVersion", str, layout.where)
    if version != LAYOUT_VERSION:
        raise InvalidDocument(
            _("{where}: 'imageLayoutVersion' is '{found}'; expected '{expected}'.").format(
                where=layout.where, found=shown(version)[:40], expected=LAYOUT_VERSION
            )
        )
    if not documents.files.has_folder("blobs"):
        raise NotAnImage(_("{where}: has no folder 'blobs'.").format(where=documents.files.where))
    index = documents.file("/index.json")
    choices: dict[str, Choice] = {}
    reader = _IndexReader(documents)
    for reference in reader.references(index.read(), index.where):
        names = _names(reference.annotations)
        if reference.blob.digest in choices:  # the same image under another name
            choices[reference.blob.digest].names += names
        else:
            choices[reference.blob.digest] = reader.choice(reference, names)
    if not choices and reader.skipped:
        raise reader.skipped
    return list(choices.values())


def _names(annotations: Mapping[str, str]) -> list[str]:
    name = annotations.get(FULL_NAME) or annotations.get(NAME)
    return [familiar(name)] if name else []


def familiar(name: str) -> str:
    """Return a reference (str) as docker prints it (str); what is none is left as it is.

    >>> familiar("docker.io/library/busybox:latest"), familiar("localhost/small:1")
    ('busybox:latest', 'localhost/small:1')
    """
    try:
        return ImageReference.parse(name).familiar
    except InvalidReference:
        return name


class _IndexReader:
    """Reads indexes and those nested in them, and counts their descriptors."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._left = documents.limits.descriptors
        self.skipped: ImageError | None = None

    def choice(self, reference: Reference, names: list[str]) -> Choice:
        """Return the images that one descriptor leads to (Choice)."""
        choice = Choice(names)
        try:
            for manifest in self._manifests(reference, nested=0):
                try:
                    where, data = self._documents.blob(manifest)
                    choice.members.append(
                        read_manifest(data, where, {manifest.blob.media_type}, self._documents, manifest.platform)
                    )
                except (MissingBlob, UnknownMediaType) as error:
                    choice.problem = choice.problem or error
        except (MissingBlob, UnknownMediaType) as error:
            choice.problem = error
        choice.problem = choice.problem or self.skipped
        return choice

    def _manifests(self, reference: Reference, nested: int) -> Iterator[Reference]:
        """Yield the manifests that a descriptor leads to, through indexes in indexes."""
        if reference.blob.media_type in MANIFESTS:
            yield reference
            return
        if nested == self._documents.limits.nested:
            raise LimitExceeded(
                _("{where}: indexes lie in indexes more than {limit} deep.").format(
                    where=self._documents.files.where, limit=self._documents.limits.nested
                )
            )
        where, data = self._documents.blob(reference)
        for inner in self.references(data, where, reference.blob.media_type):
            yield from self._manifests(inner, nested + 1)

    def references(self, data: bytes, where: str, media_type: str = "") -> Iterator[Reference]:
        """Yield what an index (bytes) refers to and the course understands (Reference)."""
        index = read_typed(data, where, {media_type} if media_type else INDEXES, ("layers", "config", "fsLayers"))
        for number, item in enumerate(document.field(index, "manifests", list, where, required=True)):
            place = f"{where}, manifests[{number}]"
            self._left -= 1
            if self._left < 0:
                raise LimitExceeded(_("{where}: is one descriptor too many.").format(where=place))
            if not isinstance(item, dict):
                raise InvalidDocument(_("{where}: expected an object.").format(where=place))
            found = document.field(item, "mediaType", str, place, required=True)
            if found not in INDEXES | MANIFESTS:
                self.skipped = self.skipped or UnknownMediaType(
                    _("{where}: is of the media type '{found}', which the course cannot read.").format(
                        where=place, found=shown(found)[:80]
                    )
                )
                continue
            reference = read_reference(item, place)
            if reference.platform != ATTESTATION:
                yield reference

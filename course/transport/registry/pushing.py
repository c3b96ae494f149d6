"""Pushing: an image goes to a registry, and only those of its blobs that are not there yet travel."""

import gzip
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from course.errors import DigestMismatch, MachineError, RegistryError
from course.layers.archive import layer_tar
from course.layers.digest import sha256
from course.layers.image import Descriptor, Image
from course.layers.layer import Layer
from course.layers.reference import Reference
from course.transport.blobs import Anonymous, Blob
from course.transport.compression import GZIP
from course.transport.media_types import DOCKER, DOCKER_LAYER, DOCKER_MANIFEST
from course.transport.registry.authentication import Credentials
from course.transport.registry.client import Registry
from course.transport.registry.transfers import Progress, Transfer, unwatched
from course.transport.registry.uploading import upload
from course.transport.stored_layer import StoredLayer
from course.words import _, shown

CONFIG = f"{DOCKER}.container.image.v1+json"
LAYER = f"{DOCKER_LAYER}.{GZIP}"
LEVEL = 6  # of gzip, as docker has it


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push brought: the ``digest`` (str) and ``size`` (int, bytes) of the manifest: the image's RepoDigest.

    ``layers`` say what became of each, the lowest first (tuple of Transfer).
    """

    digest: str
    size: int
    layers: tuple[Transfer, ...]


def push(
    image: Image,
    reference: Reference,
    mount_from: str = "",
    credentials: Credentials | None = None,
    progress: Progress = unwatched,
) -> Pushed:
    """Bring ``image`` (Image) to the registry that ``reference`` (Reference) names, and return what was done (Pushed).

    The manifest is docker's (version 2, schema 2), to the byte as docker 1.10 to 28 write it; it comes last, so that
    the registry never has half an image.  A layer that came compressed with gzip goes as it came; any other is
    compressed, the same way every time.  ``mount_from`` (str, such as ``library/base``) is a repository on the same
    registry that may have the layers already.  ``progress`` (callable) is told of every piece.

    Raises RegistryError and its kin; DigestMismatch; MachineError: there is no room for a compressed layer.
    Rule: distribution-spec, "Push"; distribution, "Image Manifest Version 2, Schema 2".
    """
    if reference.digest:
        raise RegistryError("cannot push a digest reference")  # docker's words
    reference = reference.tagged
    with Registry(reference, credentials, is_pull=False, mount_from=mount_from) as registry:
        layers, transfers = [], []
        for layer in image.layers:
            with _compressed(layer) as (blob, what):
                transfers.append(upload(registry, blob, what, mount_from, progress))
            layers.append(what)
            progress(transfers[-1])
        config = Descriptor(CONFIG, image.image_id, len(image.config.raw))
        upload(registry, _in_memory(image.config.raw, reference.familiar), config, "", progress)
        manifest = _manifest(config, layers)
        _put(registry, manifest)
    return Pushed(sha256(manifest), len(manifest), tuple(transfers))


@contextmanager
def _compressed(layer: Layer) -> Iterator[tuple[Blob, Descriptor]]:
    """Give a layer as a gzip blob (Blob), and what it is (Descriptor); what was made for it ends with the context."""
    stored = layer.tar
    if isinstance(stored, StoredLayer) and stored.compression == GZIP:
        yield stored.blob, Descriptor(LAYER, stored.digest or sha256(stored.blob.chunks()), stored.blob.size)
        return
    with tempfile.TemporaryFile() as file:
        try:
            with gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as stream:  # neither name nor time: always the same
                for chunk in layer_tar(layer):
                    stream.write(chunk)
            file.flush()
        except OSError as error:
            raise MachineError(
                _("{layer}: cannot be compressed into {folder}: {reason}.").format(
                    layer=layer, folder=tempfile.gettempdir(), reason=error.strerror
                )
            ) from error
        blob = Blob(layer.diff_id, Anonymous(file), 0, file.tell())
        yield blob, Descriptor(LAYER, sha256(blob.chunks()), blob.size)


def _in_memory(data: bytes, where: str) -> Blob:
    return Blob(where, Anonymous(io.BytesIO(data)), 0, len(data))


def _manifest(config: Descriptor, layers: list[Descriptor]) -> bytes:
    """Return a manifest (bytes), laid out as docker does: who pushes what docker pushed gets the same digest."""
    document = {
        "schemaVersion": 2,
        "mediaType": DOCKER_MANIFEST,
        "config": _written(config),
        "layers": [_written(layer) for layer in layers],
    }
    return json.dumps(document, indent=3).encode()


def _written(descriptor: Descriptor) -> dict[str, Any]:
    return {"mediaType": descriptor.media_type, "size": descriptor.size, "digest": descriptor.digest}


def _put(registry: Registry, manifest: bytes) -> None:
    """Give the registry the manifest (bytes), and hear under which digest it has it.  Raises DigestMismatch."""
    digest = sha256(manifest)
    address = f"{registry.repository}/manifests/{registry.reference.tag}"
    headers = {"Content-Type": DOCKER_MANIFEST, "Content-Length": str(len(manifest))}
    with registry.answer("PUT", address, (201,), headers, lambda: [manifest]) as response:
        found = response.headers.get("docker-content-digest", "") or digest
    if found != digest:
        raise DigestMismatch(
            _("{where}: the registry has the manifest under the digest {found}; it has {expected}.").format(
                where=registry.reference.familiar, found=shown(found)[:90], expected=digest
            )
        )

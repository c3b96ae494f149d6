"""Writing an image archive that docker, podman, skopeo and umoci read: an OCI layout with a manifest.json, in a tar."""

import json
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.files import replacing
from course.layers.archive import BLOCK, write_layer
from course.layers.digest import sha256
from course.layers.image import Image
from course.layers.layer import Layer

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes that are about to be written: their ``media_type`` and ``digest`` (str), and where to get them."""

    media_type: str
    digest: str
    size: int
    source: bytes | Layer

    def chunks(self) -> Iterable[bytes]:
        """Return the bytes, in chunks."""
        return [self.source] if isinstance(self.source, bytes) else write_layer(self.source)

    def descriptor(self, **more: Any) -> dict[str, Any]:
        """Return the descriptor (dict) that refers to the blob.  Rule: image-spec descriptor.md."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size, **more}

    @property
    def name(self) -> str:
        """The blob's path in the layout (str).  Rule: image-spec image-layout.md, "Blobs"."""
        return f"blobs/{self.digest.replace(':', '/')}"


def save_image(images: Sequence[Image], path: Path) -> None:
    """Write the archive ``path`` of these images (sequence of Image), as `docker save` has done since Engine 25.

    The bytes depend on the images alone.  Layers are written as plain tars, by the course's own writer, so an image
    whose tars another program wrote gets other diff_ids here than it came with: only images made by the course may be
    given (ValueError).  Nothing stands at ``path`` until all of it does; what stood there before is replaced.
    Rule: image-spec image-layout.md.  Raises OSError.
    """
    blobs: dict[str, Blob] = {}
    manifests, archive_manifest = [], []
    for image in images:
        layers = [_layer(layer) for layer in image.layers]
        config = _document(CONFIG, image.config.raw)
        body = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.descriptor(),
            "layers": [layer.descriptor() for layer in layers],
        }
        manifest = _document(MANIFEST, _json(body))
        platform = {"architecture": image.config.architecture, "os": image.config.os}
        for name in image.names or ("",):
            annotations = {
                "io.containerd.image.name": name,
                "org.opencontainers.image.ref.name": name.rpartition(":")[2],
            }
            named = {"annotations": annotations} if name else {}
            manifests.append(manifest.descriptor(platform=platform, **named))
        archive_manifest.append(
            {"Config": config.name, "RepoTags": list(image.names), "Layers": [layer.name for layer in layers]}
        )
        blobs |= {blob.digest: blob for blob in (*layers, config, manifest)}
    with replacing(path) as file:
        file.writelines(_member("oci-layout", _json({"imageLayoutVersion": "1.0.0"})))
        file.writelines(_member("index.json", _json({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests})))
        file.writelines(_member("manifest.json", _json(archive_manifest)))
        for _digest, blob in sorted(blobs.items()):
            file.writelines(_member(blob.name, blob.chunks(), blob.size))
        file.write(bytes(2 * BLOCK))


def _layer(layer: Layer) -> Blob:
    size = 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for chunk in write_layer(layer):
            size += len(chunk)
            yield chunk

    digest = sha256(counted())
    if digest != layer.diff_id:
        raise ValueError(f"another program wrote the tar of {layer}: the course cannot write it again byte for byte")
    return Blob(LAYER, digest, size, layer)


def _document(media_type: str, data: bytes) -> Blob:
    return Blob(media_type, sha256(data), len(data), data)


def _json(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _member(name: str, data: bytes | Iterable[bytes], size: int = 0) -> Iterator[bytes]:
    """Yield one file of the archive, with nothing of this machine or this moment in its header."""
    info = tarfile.TarInfo(name)
    info.size = len(data) if isinstance(data, bytes) else size
    yield info.tobuf(tarfile.PAX_FORMAT)
    yield from [data] if isinstance(data, bytes) else data
    yield bytes(-info.size % BLOCK)

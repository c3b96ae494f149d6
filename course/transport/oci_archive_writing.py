"""The archive that `docker save` has written since Engine 25: an OCI layout with a manifest.json beside its index."""

from collections.abc import Sequence
from typing import Any

from course.layers.digest import sha256
from course.layers.image import Image
from course.layers.layer import Layer
from course.layers.reference import InvalidReference, Reference
from course.transport.archive_members import Member, as_json, in_memory, of_layer

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


def oci_archive(images: Sequence[Image]) -> list[Member]:
    """Return the archive of these images (sequence of Image), file by file (list of Member).

    Rule: image-spec image-layout.md, manifest.md and image-index.md; for ``manifest.json`` moby's image/spec v1.2.md.
    """
    blobs: dict[str, Member] = {}
    manifests, archive_manifest = [], []
    for image in images:
        for layer in image.layers:
            if layer.diff_id not in blobs:
                blobs[layer.diff_id] = _blob_of(layer)
        layers = [blobs[layer.diff_id] for layer in image.layers]
        config = _document(image.config.raw)
        body = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _descriptor(config, CONFIG),
            "layers": [_descriptor(layer, LAYER) for layer in layers],
        }
        manifest = _document(as_json(body))
        platform = {"architecture": image.config.architecture, "os": image.config.os}
        for name in image.names or ("",):
            annotations = {
                "io.containerd.image.name": _full(name),
                "org.opencontainers.image.ref.name": name.rpartition(":")[2],
            }
            named = {"annotations": annotations} if name else {}
            manifests.append({**_descriptor(manifest, MANIFEST), "platform": platform, **named})
        archive_manifest.append(
            {"Config": config.name, "RepoTags": list(image.names), "Layers": [layer.name for layer in layers]}
        )
        blobs |= {_digest(blob): blob for blob in (config, manifest)}
    return [
        in_memory("oci-layout", as_json({"imageLayoutVersion": "1.0.0"})),
        in_memory("index.json", as_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests})),
        in_memory("manifest.json", as_json(archive_manifest)),
        *(blob for _digest, blob in sorted(blobs.items())),
    ]


def _full(name: str) -> str:
    """Return a name as containerd's store looks it up (str): in full; one that is no reference is left as it is."""
    try:
        return str(Reference.parse(name).tagged)
    except InvalidReference:
        return name


def _blob_of(layer: Layer) -> Member:
    return of_layer(_path(layer.diff_id), layer)


def _document(data: bytes) -> Member:
    return in_memory(_path(sha256(data)), data)


def _path(digest: str) -> str:
    """Return the path of a blob in the layout.  Rule: image-spec image-layout.md, "Blobs"."""
    return f"blobs/{digest.replace(':', '/')}"


def _digest(blob: Member) -> str:
    return blob.name.removeprefix("blobs/").replace("/", ":")


def _descriptor(blob: Member, media_type: str) -> dict[str, Any]:
    """Return the descriptor that refers to a blob.  Rule: image-spec descriptor.md."""
    return {"mediaType": media_type, "digest": _digest(blob), "size": blob.size}

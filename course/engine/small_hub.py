"""The small images of the course in the place of Docker Hub: repositories, tags, manifests and digests."""

import json
from functools import cache

from course.errors import DockerError
from course.layers.archive import tar_chunks
from course.layers.digest import sha256
from course.layers.image import Image
from course.layers.reference import Reference
from course.layers.small_image import small_images
from course.transport.oci_archive_writing import CONFIG, LAYER, MANIFEST


def from_small_hub(reference: Reference, platform: str = "") -> tuple[Image, str]:
    """Return the small image that ``reference`` (Reference, with tag or digest) names, and its manifest's digest (str).

    Raises DockerError, in docker's words: there is no such repository, no such image in it, or none for ``platform``
    (str, such as ``linux/arm64``; empty for any).

    >>> image, digest = from_small_hub(Reference.parse("base:1"))
    >>> from_small_hub(Reference.parse(f"base@{digest}"))[0] is image
    True
    """
    tags_in_small_hub(reference)
    for name, image in small_images().items():
        known, digest = Reference.parse(name), manifest_digest(name)
        if known.name == reference.name and (reference.digest == digest or known.tag == reference.tag):
            if platform and platform != image.config.platform:
                raise DockerError(
                    f"image with reference {reference.familiar} was found but does not match the specified platform: "
                    f"wanted {platform}, actual: {image.config.platform}"
                )
            return image, digest
    raise DockerError(f"manifest for {reference.familiar} not found: manifest unknown: manifest unknown")


def tags_in_small_hub(reference: Reference) -> list[str]:
    """Return the tags in a repository (list of str).  Raises DockerError: there is no such repository.

    >>> tags_in_small_hub(Reference.parse("greeter"))
    ['1', '2']
    """
    if reference.familiar_name == "scratch":
        raise DockerError("'scratch' is a reserved name")
    tags = [known.tag for known in map(Reference.parse, small_images()) if known.name == reference.name]
    if not tags:
        raise DockerError(
            f"pull access denied for {reference.familiar_name}, repository does not exist or may require "
            "'docker login': denied: requested access to the resource is denied"
        )
    return tags


@cache
def manifest_digest(name: str) -> str:
    """Return the digest (str) of a small image's manifest, by which a registry knows it.

    Its layers are not compressed, so that the digest is the same on every machine.  Rule: image-spec manifest.md.
    """
    image = small_images()[name]
    descriptors = [
        {"mediaType": LAYER, "digest": layer.diff_id, "size": sum(map(len, tar_chunks(layer)))}
        for layer in image.layers
    ]
    config = {"mediaType": CONFIG, "digest": image.image_id, "size": len(image.config.raw)}
    document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": descriptors}
    return sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode())

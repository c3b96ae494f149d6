"""Manifests in a registry: by tag or digest, and through an index to the one for a platform."""

from dataclasses import dataclass

from course.errors import DigestMismatch, ImageError, InvalidDocument, LimitExceeded, UnknownMediaType
from course.layers.digest import checked_digest, sha256
from course.layers.document import field
from course.layers.image import Descriptor
from course.transport.descriptors import read_reference, this_platform
from course.transport.limits import Limits
from course.transport.manifests import read_typed
from course.transport.media_types import INDEXES, MANIFESTS
from course.transport.registry.client import Registry
from course.words import _, shown

SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+"  # json, or prettyjws with a signature


@dataclass(frozen=True, slots=True)
class Found:
    """A manifest or an index as a registry gave it: its bytes (``data``), and what they are (Descriptor)."""

    descriptor: Descriptor
    data: bytes


def find_manifest(registry: Registry, platform: str, limits: Limits) -> tuple[Found, Found]:
    """Return what the reference of ``registry`` (Registry) names (Found), and the manifest to read (Found).

    They are the same unless it names an index, in which the first manifest for ``platform`` (str, such as
    ``linux/arm64``; empty: this machine's) is taken.  Raises DigestMismatch, InvalidDocument, UnknownMediaType,
    LimitExceeded, RegistryError; ImageError: there is none for the platform.  Rule: image-spec image-index.md.
    """
    reference = registry.reference
    if reference.digest:
        checked_digest(reference.digest, reference.familiar)
    first = found = _get(registry, reference.digest or reference.tag)
    for _nested in range(limits.nested):
        if found.descriptor.media_type in MANIFESTS:
            return first, found
        promised = _for_platform(found, reference.familiar, platform or this_platform())
        found = _get(registry, promised.digest)
        if found.descriptor != promised:
            raise DigestMismatch(
                _("{where}: the index promises {expected}, and the registry has {found}.").format(
                    where=reference.familiar, expected=_said(promised), found=_said(found.descriptor)
                )
            )
    raise LimitExceeded(
        _("{where}: indexes lie in indexes more than {limit} deep.").format(
            where=reference.familiar, limit=limits.nested
        )
    )


def _get(registry: Registry, name: str) -> Found:
    """Return the manifest or index that ``name`` (str, a tag or a digest) leads to, held to every digest promised."""
    where = registry.reference.familiar
    accepted = {"Accept": ", ".join(sorted(MANIFESTS | INDEXES))}
    with registry.answer("GET", f"{registry.repository}/manifests/{name}", (200,), accepted) as response:
        data = registry.document(response, where)
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        promised = response.headers.get("docker-content-digest", "")
    digest = sha256(data)
    for expected in (name, promised):
        if expected.startswith("sha256:") and expected != digest:
            raise DigestMismatch(
                _("{where}: the manifest has the digest {found}, and {expected} was promised.").format(
                    where=where, found=digest, expected=shown(expected)[:90]
                )
            )
    if media_type.startswith(SCHEMA_1):
        raise UnknownMediaType(
            _("{where}: is a manifest of docker's schema 1, long out of use; push the image again.").format(where=where)
        )
    if media_type not in MANIFESTS | INDEXES:
        raise UnknownMediaType(
            _("{where}: the registry answers with the media type '{found}'; expected an image's manifest.").format(
                where=where, found=shown(media_type)[:80]
            )
        )
    return Found(Descriptor(media_type, digest, len(data)), data)


def _for_platform(index: Found, where: str, platform: str) -> Descriptor:
    """Return the first manifest (Descriptor) for ``platform`` (str) in an index, or a nested index that may have it."""
    document = read_typed(index.data, where, {index.descriptor.media_type}, ("layers", "config", "fsLayers"))
    nested = []
    for number, item in enumerate(field(document, "manifests", list, where, required=True)):
        place = f"{where}, manifests[{number}]"
        if not isinstance(item, dict):
            raise InvalidDocument(_("{where}: expected an object.").format(where=place))
        if field(item, "mediaType", str, place, required=True) not in INDEXES | MANIFESTS:
            continue
        reference = read_reference(item, place)
        if f"{reference.platform}/".startswith(f"{platform}/"):
            return reference.blob
        if not reference.platform:
            nested.append(reference.blob)
    if not nested:
        raise ImageError(f"no matching manifest for {shown(platform)} in the manifest list entries")
    return nested[0]


def _said(descriptor: Descriptor) -> str:
    return f"{descriptor.media_type} ({descriptor.size})"

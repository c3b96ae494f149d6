"""Uploading: a blob goes to a registry, unless it is there or in a repository beside it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from course.errors import DigestMismatch, RegistryError
from course.layers.image import Descriptor
from course.transport.blobs import Blob
from course.transport.compression import CHUNK
from course.transport.registry.addresses import checked_url, origin
from course.transport.registry.client import Registry
from course.transport.registry.transfers import Progress, Transfer
from course.words import _, shown

if TYPE_CHECKING:
    import httpx


def upload(registry: Registry, blob: Blob, what: Descriptor, mount_from: str, progress: Progress) -> Transfer:
    """Bring a ``blob`` (Blob) to a ``registry`` (Registry) and return what became of it (Transfer).

    ``what`` it is (Descriptor) names it.  ``mount_from`` (str, or empty) is the path of another repository on the same
    registry, which may have it.  It travels in one piece, or in several if the registry names their least size.
    Raises RegistryError; DigestMismatch: the registry has something else under its name.
    Rule: distribution-spec, "Pushing blobs" and "Mounting a blob from another repository".
    """
    blobs = f"{registry.repository}/blobs"
    with registry.answer("HEAD", f"{blobs}/{what.digest}", (200, 404)) as response:
        if response.status_code == 200:
            _check(response.headers.get("content-length", ""), str(what.size), registry, what)
            return Transfer(what.digest, what.size, "Layer already exists", what.size)
    mount = f"?{urlencode({'mount': what.digest, 'from': mount_from})}" if mount_from else ""
    with registry.answer("POST", f"{blobs}/uploads/{mount}", (201, 202), {"Content-Length": "0"}) as response:
        if response.status_code == 201 and mount_from:
            return Transfer(what.digest, what.size, f"Mounted from {mount_from}", what.size)
        place = _place(registry, f"{blobs}/uploads/", response.headers.get("location", ""))
        least = _least_piece(response)
    sent = 0
    if least:
        place, sent = _chunks(registry, blob, place, max(least, CHUNK), what, progress)
    address = place + ("&" if "?" in place else "?") + urlencode({"digest": what.digest})

    def rest() -> Iterator[bytes]:
        return _watched(blob, sent, blob.size, what, progress)

    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(blob.size - sent)}
    with registry.answer("PUT", address, (201,), headers, rest) as response:
        _check(response.headers.get("docker-content-digest", ""), what.digest, registry, what)
    return Transfer(what.digest, what.size, "Pushed", what.size)


def _least_piece(response: "httpx.Response") -> int:
    """Return the least bytes of a piece (int) if the registry asks for pieces, or 0."""
    said = response.headers.get("oci-chunk-min-length", "")
    return int(said[:12]) if said.isascii() and said.isdigit() else 0


def _chunks(
    registry: Registry, blob: Blob, place: str, length: int, what: Descriptor, progress: Progress
) -> tuple[str, int]:
    """Send all pieces of ``length`` bytes (int) but the last; return where that goes (str), and what was sent (int)."""
    sent = 0
    while blob.size - sent > length:
        end = sent + length
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(length),
            "Content-Range": f"{sent}-{end - 1}",
        }

        def piece(sent: int = sent, end: int = end) -> Iterator[bytes]:
            return _watched(blob, sent, end, what, progress)

        with registry.answer("PATCH", place, (202,), headers, piece) as response:
            place = _place(registry, place, response.headers.get("location", ""))
        sent = end
    return place, sent


def _watched(blob: Blob, start: int, end: int, what: Descriptor, progress: Progress) -> Iterator[bytes]:
    """Yield the bytes of ``blob`` from ``start`` up to ``end`` (int), and tell of each piece that goes."""
    with blob.open(start, end - start) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
            start += len(chunk)
            progress(Transfer(what.digest, what.size, "Pushing", start))


def _place(registry: Registry, asked: str, location: str) -> str:
    """Return where a blob is to be sent (str).  Raises RegistryError: to another host, which would then have it."""
    place = checked_url(location, asked) if location else ""
    if not place or origin(place) != origin(registry.base):
        raise RegistryError(
            _("the registry at {base} wants a layer sent to '{place}', another host; it was not sent.").format(
                base=registry.base, place=shown(location)[:200]
            )
        )
    return place


def _check(said: str, expected: str, registry: Registry, what: Descriptor) -> None:
    """Hold what a registry ``said`` of a blob (str, or empty) to what is so.  Raises DigestMismatch."""
    if said and said != expected:
        raise DigestMismatch(
            _("{where}: the registry has {found} under the digest {digest}; expected {expected}.").format(
                where=registry.reference.familiar, found=shown(said)[:90], digest=what.digest, expected=expected
            )
        )

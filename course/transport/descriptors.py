"""Descriptors: how one document of an image refers to another, and to the platform that it is for."""

import base64
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from course.errors import InvalidDocument
from course.layers.digest import checked_digest, sha256
from course.layers.document import field
from course.layers.image import Descriptor
from course.words import _, shown

MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w!#$&^.+-]{0,126}/[A-Za-z0-9][\w!#$&^.+-]{0,126}", re.ASCII)  # RFC 6838, 4.2
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i386": "386", "i686": "386"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A descriptor in a document: what it refers to (Descriptor), and what it says about it.

    ``annotations`` maps str to str, ``platform`` is as docker writes it
    (str, such as ``linux/arm64/v8``; empty if none is said), and ``data``
    is the content itself (bytes), or None.  Rule: image-spec descriptor.md; image-index.md, "Index Property
    Descriptions".
    """

    blob: Descriptor
    annotations: Mapping[str, str]
    platform: str
    data: bytes | None


def read_reference(data: dict[str, Any], where: str) -> Reference:
    """Return what a descriptor (dict, from JSON) says (Reference); ``where`` names it for messages.

    Raises InvalidDocument: a property is missing, of another type or form, or ``data`` is not what the digest names.
    Rule: image-spec descriptor.md, "Properties" and "Embedded Content".

    >>> read_reference({"mediaType": "text/plain", "digest": sha256(b"hi"), "size": 2, "data": "aGk="}, "here").data
    b'hi'
    """
    media_type = field(data, "mediaType", str, where, required=True)
    if not MEDIA_TYPE.fullmatch(media_type):
        raise InvalidDocument(
            _("{where}: 'mediaType' is '{found}', which is no media type.").format(
                where=where, found=shown(media_type)[:60]
            )
        )
    blob = Descriptor(
        media_type, checked_digest(data.get("digest"), where), field(data, "size", int, where, required=True)
    )
    if blob.size < 0:
        raise InvalidDocument(_("{where}: 'size' is {size}; expected 0 or more.").format(where=where, size=blob.size))
    annotations = field(data, "annotations", dict, where)
    if not all(isinstance(value, str) for value in annotations.values()):
        raise InvalidDocument(_("{where}: 'annotations' has a value that is no text.").format(where=where))
    return Reference(blob, annotations, _platform(data, where), _embedded(data, blob, where))


def _platform(data: dict[str, Any], where: str) -> str:
    said = field(data, "platform", dict, where)
    if not said:
        return ""
    where = f"{where}, platform"
    parts = [field(said, name, str, where, required=True) for name in ("os", "architecture")]
    return "/".join([*parts, field(said, "variant", str, where)]).rstrip("/")


def _embedded(data: dict[str, Any], blob: Descriptor, where: str) -> bytes | None:
    if data.get("data") is None:
        return None
    try:
        content = base64.b64decode(field(data, "data", str, where), validate=True)
    except ValueError:
        content = b""
    if len(content) != blob.size or sha256(content) != blob.digest:
        raise InvalidDocument(
            _("{where}: 'data' is not the content that the digest {digest} names.").format(
                where=where, digest=blob.digest
            )
        )
    return content


def this_platform() -> str:
    """Return the platform whose images this machine runs, or could (str, such as ``linux/amd64``)."""
    machine = platform.machine().lower()
    return f"linux/{MACHINES.get(machine, machine)}"

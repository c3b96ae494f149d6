"""Digests: the names that bytes have because of what they are."""

import hashlib
import re
from collections.abc import Iterable, Sequence

from course.errors import InvalidDocument
from course.words import _, shown

SHA256 = re.compile(r"sha256:[a-f0-9]{64}")


def sha256(data: bytes | Iterable[bytes]) -> str:
    """Return the digest (str, ``sha256:`` and 64 hexadecimal digits) of bytes, or of chunks of bytes.

    Rule: image-spec descriptor.md, "Digests".

    >>> sha256(b"{}")[:20]
    'sha256:44136fa355b36'
    """
    hasher = hashlib.sha256()
    for chunk in [data] if isinstance(data, bytes) else data:
        hasher.update(chunk)
    return f"sha256:{hasher.hexdigest()}"


def checked_digest(text: object, where: str) -> str:
    """Return ``text`` (str) if it is a SHA-256 digest: it is about to become a path, or to be relied on.

    ``where`` names the place it stands in, for the message.  Raises InvalidDocument: the algorithm is unknown, or the
    form is not that of image-spec descriptor.md, "Digests" (lower case only).
    """
    if isinstance(text, str) and SHA256.fullmatch(text):
        return text
    found = shown(text)[:90] if isinstance(text, str) else type(text).__name__
    raise InvalidDocument(
        _("{where}: '{found}' is no digest; expected 'sha256:' and 64 hexadecimal digits in lower case.").format(
            where=where, found=found
        )
    )


def short(digest: str) -> str:
    """Return the first twelve digits of a digest (str), as docker prints an ID.

    >>> short(sha256(b"{}"))
    '44136fa355b3'
    """
    return digest.removeprefix("sha256:")[:12]


def chain_id(diff_ids: Sequence[str]) -> str:
    """Return the identity (str) of a stack of layers, given their diff_ids (sequence of str), the lowest first.

    Rule: image-spec config.md, "Layer ChainID": a single layer's is its diff_id; with each layer on top it is the
    digest of the chain_id so far, a space, and the diff_id.  Raises ValueError for an empty stack, which has none.

    >>> one, two = sha256(b"one"), sha256(b"two")
    >>> chain_id([one]) == one
    True
    >>> chain_id([one, two]) == sha256(f"{one} {two}".encode())
    True
    """
    if not diff_ids:
        raise ValueError("a stack without layers has no chain_id")
    chain = diff_ids[0]
    for diff_id in diff_ids[1:]:
        chain = sha256(f"{chain} {diff_id}".encode())
    return chain

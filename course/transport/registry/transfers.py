"""Transfers: what becomes of each blob on its way, and the temporary file that arriving ones lie in."""

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

from course.errors import DigestMismatch, LimitExceeded, MachineError
from course.layers.image import Descriptor
from course.transport.blobs import Anonymous, Blob, check_digest, check_size
from course.transport.compression import CHUNK
from course.transport.registry.client import Registry
from course.words import _, size


@dataclass(frozen=True, slots=True)
class Transfer:
    """A blob on its way: its ``digest`` (str), its ``size`` and how much of it is ``done`` (int, bytes).

    ``status`` is docker's word for what becomes of it (str): "Downloading", "Pull complete", "Already exists";
    "Pushing", "Pushed", "Layer already exists", "Mounted from library/base".
    """

    digest: str
    size: int
    status: str
    done: int = 0


Progress = Callable[[Transfer], None]


def unwatched(transfer: Transfer) -> None:
    """Take notice of a transfer (Transfer), and tell nobody."""


class Downloads:
    """Blobs that arrive from a ``registry`` (Registry) and are verified, in one temporary file that no name leads to.

    ``progress`` (callable) is told of each piece.  The file ends with the last blob that lies in it.
    """

    def __init__(self, registry: Registry, progress: Progress) -> None:
        self._registry, self._progress = registry, progress
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (Anonymous closes it)
        self._storage = Anonymous(self._file)
        self._end = 0

    def fetch(self, promised: Descriptor, most: int) -> Blob:
        """Return the blob (Blob) that a descriptor (Descriptor) promises, after its size and digest were checked.

        Raises DigestMismatch; LimitExceeded: it promises more than ``most`` bytes (int); MachineError: there is no room
        for it; RegistryError.
        """
        where = f"{self._registry.reference.familiar}: {promised.digest}"
        if promised.size > most:
            raise LimitExceeded(
                _("{where}: has {found}; expected {limit} at most.").format(
                    where=where, found=size(promised.size), limit=size(most)
                )
            )
        start, hasher = self._end, hashlib.sha256()
        with self._registry.answer("GET", f"{self._registry.repository}/blobs/{promised.digest}", (200,)) as response:
            length = response.headers.get("content-length", "")
            if length.isdigit():
                check_size(Blob(where, self._storage, start, int(length)), promised)
            for chunk in response.iter_raw(CHUNK):
                if self._end - start + len(chunk) > promised.size:
                    raise DigestMismatch(
                        _("{where}: is longer than the {expected} bytes that its descriptor promises.").format(
                            where=where, expected=promised.size
                        )
                    )
                hasher.update(chunk)
                self._write(chunk, where)
                self._progress(Transfer(promised.digest, promised.size, "Downloading", self._end - start))
        blob = Blob(where, self._storage, start, self._end - start)
        check_size(blob, promised)
        check_digest(blob, f"sha256:{hasher.hexdigest()}", promised.digest)
        return blob

    def _write(self, chunk: bytes, where: str) -> None:
        try:
            with self._storage.lock:  # what arrived before is read from the same file
                self._file.seek(self._end)
                self._file.write(chunk)
                self._file.flush()
        except OSError as error:
            raise MachineError(
                _("{where}: cannot be kept in {folder}: {reason}.").format(
                    where=where, folder=tempfile.gettempdir(), reason=error.strerror
                )
            ) from error
        self._end += len(chunk)

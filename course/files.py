"""Files that are there whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a new file to write to (binary file object), which takes the place of ``path`` once it is written.

    Write, sync, rename: whatever happens, ``path`` holds all of the new content or what it held before.  Raises
    OSError.

    >>> folder = Path(tempfile.mkdtemp())
    >>> with replacing(folder / "note.txt") as file:
    ...     _ = file.write(b"whole")
    >>> [(path.name, path.read_bytes()) for path in folder.iterdir()]
    [('note.txt', b'whole')]
    """
    try:
        descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise _named(error, path) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(draft).chmod(_mode_for(path))
        try:
            Path(draft).replace(path)
        except OSError as error:
            raise _named(error, path) from None
    except BaseException:
        with suppress(OSError):
            Path(draft).unlink()
        raise


def _named(error: OSError, path: Path) -> OSError:
    """Return the same error, naming the file that was asked for and not the draft."""
    return OSError(error.errno, error.strerror, str(path))


def _mode_for(path: Path) -> int:
    """Return the permission bits of the file that is replaced, or those that a new file gets."""
    with suppress(OSError):
        return path.stat().st_mode & 0o777
    umask = os.umask(0)  # the only way to read it is to set it
    os.umask(umask)
    return 0o666 & ~umask

"""The files of a saved image, by name: in a folder, or in a tar that is compressed as a whole perhaps."""

import io
import os
import posixpath
import stat
from pathlib import Path
from typing import Protocol

from course.errors import InvalidLayer, NotAnImage, TruncatedArchive
from course.layers import paths
from course.transport.blobs import Anonymous, Blob, OnDisk, unreadable
from course.transport.limits import Budget, Limits
from course.transport.tar_entries import SeekableInput, read_entries
from course.transport.tar_header import DIRECTORY, FILES, LINK, SYMLINK, TarEntry
from course.transport.unpacking import plain
from course.words import _, shown

MAX_LINKS = 8  # docker and podman write links of one step


class ImageFiles(Protocol):
    """The files of a saved image; ``where`` names them all for messages (str)."""

    where: str

    def find(self, path: str) -> Blob | None:
        """Return the file at ``path`` (str, normal: from the root of the image's files), or None."""
        ...

    def has_folder(self, name: str) -> bool:
        """Tell (bool) whether there is a folder ``name`` (str) at the top."""
        ...


def open_files(path: Path | bytes, limits: Limits, where: str = "") -> ImageFiles:
    """Return the files (ImageFiles) of the saved image ``path`` (Path): a folder, or a tar, or one compressed.

    It may also be the tar itself (bytes), which ``where`` (str) names.  Raises NotAnImage: it is none of them;
    TruncatedArchive; LimitExceeded; ImageError: it cannot be read.
    """
    if isinstance(path, bytes):
        return TarFiles(plain(Blob(where, Anonymous(io.BytesIO(path)), 0, len(path)), limits), limits)
    where = where or shown(str(path))
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        return FolderFiles(path)
    if not stat.S_ISREG(mode):
        raise NotAnImage(_("{where}: is no file; save the image to one first.").format(where=where))
    storage = OnDisk(path)
    return TarFiles(plain(Blob(where, storage, 0, storage.size), limits), limits)


class FolderFiles:
    """The files of a saved image in a folder (Path)."""

    def __init__(self, folder: Path) -> None:
        self.where = shown(str(folder))
        self._folder = folder
        self._found: dict[str, Blob] = {}

    def find(self, path: str) -> Blob | None:
        """Return the file at ``path`` (str, normal), or None; what is no regular file would keep its reader waiting."""
        place = self._place(path)
        if path not in self._found and place and place.is_file():
            storage = OnDisk(place)
            self._found[path] = Blob(_within(self.where, path), storage, 0, storage.size)
        return self._found.get(path)

    def has_folder(self, name: str) -> bool:
        """Tell (bool) whether there is a folder ``name`` (str) at the top."""
        return (self._folder / name).is_dir()

    def _place(self, path: str) -> Path | None:
        if os.name == "nt" and set(path) & set("\\:"):  # which would lead to another drive or folder
            return None
        return self._folder.joinpath(*path.split("/"))


class TarFiles:
    """The files of a saved image in a tar (Blob).

    Raises NotAnImage: it is no tar, or one that readers understand differently; TruncatedArchive; LimitExceeded.
    """

    def __init__(self, archive: Blob, limits: Limits) -> None:
        self.where = archive.where
        self._files: dict[str, Blob] = {}
        self._links: dict[str, str] = {}
        self._folders: set[str] = set()
        self._longest = limits.name
        try:
            with archive.open() as stream:
                for entry in read_entries(SeekableInput(stream, archive.size), self.where, Budget(limits)):
                    self._add(entry, archive)
        except (InvalidLayer, TruncatedArchive) as error:
            if not self._files and not self._folders:
                raise NotAnImage(
                    _("{where}: is no image: neither a tar nor a folder.").format(where=self.where)
                ) from error
            if isinstance(error, TruncatedArchive):
                raise
            raise NotAnImage(_("{reason} So this is no image.").format(reason=error)) from error

    def _add(self, entry: TarEntry, archive: Blob) -> None:
        name = entry.name[: self._longest].decode("utf-8", "surrogateescape")
        try:
            path = paths.normal(name)
        except ValueError:
            path = ""
        if not path or len(entry.name) > self._longest:
            raise NotAnImage(
                _("{where}: '{name}' is no name for a file of an image.").format(
                    where=self.where, name=shown(name)[:200]
                )
            )
        if path.count("/") > 1 or entry.type == DIRECTORY:
            self._folders.add(path.split("/")[1])
        if entry.type == DIRECTORY:
            return
        if path in self._files or path in self._links:
            raise NotAnImage(
                _("{where}: '{name}' stands twice in the archive, and readers take the one or the other.").format(
                    where=self.where, name=shown(name)
                )
            )
        if entry.type in FILES:
            self._files[path] = Blob(
                _within(self.where, path), archive.storage, archive.offset + entry.offset, entry.size
            )
        elif entry.type in (SYMLINK, LINK):
            base = paths.parent(path) if entry.type == SYMLINK else paths.ROOT
            self._links[path] = posixpath.normpath(posixpath.join(base, entry.link.decode("utf-8", "surrogateescape")))

    def find(self, path: str) -> Blob | None:
        """Return the file at ``path`` (str, normal), links inside the archive followed, or None."""
        for _step in range(MAX_LINKS):
            if path not in self._links:
                break
            path = self._links[path]
        return self._files.get(path)

    def has_folder(self, name: str) -> bool:
        """Tell (bool) whether there is a folder ``name`` (str) at the top."""
        return name in self._folders


def _within(where: str, path: str) -> str:
    return f"{where}: {shown(path[1:])}"

"""Laying an image out on disk: each layer in a folder of its own, to be looked at."""

import io
import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from course.errors import MachineError, WorkspaceError
from course.layers import paths
from course.layers.archive import OPAQUE_MARK, WHITEOUT_PREFIX
from course.layers.digest import short
from course.layers.entry import FileEntry, Kind
from course.layers.image import Image
from course.layers.layer import Layer
from course.transport.compression import CHUNK
from course.transport.stored_layer import stream_layer
from course.words import _, _n, shown

HARD_LINKS = hasattr(os, "link")  # not in a browser
# a directory is then entered step by step, and never through a link
BY_DESCRIPTOR = HARD_LINKS and {os.open, os.mkdir, os.symlink, os.link} <= os.supports_dir_fd
LINK_TO_LINK = HARD_LINKS and os.link in os.supports_follow_symlinks
DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)  # O_EXCL follows no link
ON_WINDOWS = os.name == "nt"
SET_ID = 0o6000
FEW = 3  # names that a note gives


def lay_out(image: Image, folder: Path) -> list[str]:
    """Lay the layers of ``image`` out in ``folder`` (Path), as ``folder/NUMBER-CHAIN_ID/…``, the lowest being 1.

    A layer holds regular files, directories, symbolic links and hard links, and its whiteouts as OCI has them: empty
    files ``.wh.NAME`` and ``.wh..wh..opq``.  All of it belongs to whoever lays it out, who may always read it and write
    to it.  What only root could make, or could harm, is left out: the sentences returned (list of str) say what.

    Raises WorkspaceError: the folder is there and not empty; MachineError: this disk cannot hold the layers (it is
    full, say, or takes two names for one).  Then nothing is left of what was written.
    """
    is_new = not folder.exists()
    if not is_new and (not folder.is_dir() or any(folder.iterdir())):
        raise WorkspaceError(
            _("{folder}: is there already, and not an empty folder; name another.").format(folder=shown(str(folder)))
        )
    notes: list[str] = []
    width = len(str(len(image.layers)))
    folders = [folder / f"{number:0{width}}-{short(layer.chain_id)}" for number, layer in enumerate(image.layers, 1)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for layer, place in zip(image.layers, folders, strict=True):
            place.mkdir()
            notes += _LaidOut(place).write(layer)
    except BaseException:
        for place in [folder] if is_new else folders:
            shutil.rmtree(place, ignore_errors=True)
        raise
    return notes


class _LaidOut:
    """One layer on its way to a folder (Path) of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = {paths.ROOT}
        self._left_out: defaultdict[str, list[str]] = defaultdict(list)

    def write(self, layer: Layer) -> list[str]:
        """Write what the layer (Layer) holds, and return what was left out (list of str)."""
        marks = [paths.join(path, OPAQUE_MARK) for path in layer.opaque]
        marks += [paths.join(paths.parent(path), WHITEOUT_PREFIX + paths.name(path)) for path in layer.whiteouts]
        path = paths.ROOT
        try:
            for path, entry, stream in stream_layer(layer):
                self._entry(path, entry, stream)
            for path in sorted(marks):
                self._entry(path, FileEntry(Kind.FILE), io.BytesIO())
            for path, entry in layer.entries.items():
                if entry.is_directory:  # only now: what was put into it has moved its time
                    with self._inside(path) as (directory, prefix):
                        _attributes(prefix if directory is None else directory, entry, least=0o700)
        except FileExistsError as error:
            raise MachineError(
                _(
                    "{folder}: '{path}' cannot be told from another name there; choose a folder on a disk that tells "
                    "capital from small letters."
                ).format(folder=shown(str(self._folder)), path=shown(path))
            ) from error
        except OSError as error:
            raise MachineError(
                _("{folder}: '{path}' cannot be written there: {reason}.").format(
                    folder=shown(str(self._folder)), path=shown(path), reason=error.strerror
                )
            ) from error
        return [self._note(what, names) for what, names in self._left_out.items()]

    def _entry(self, path: str, entry: FileEntry, stream: BinaryIO | None) -> None:
        if entry.kind not in (Kind.FILE, Kind.DIRECTORY, Kind.SYMLINK):
            self._left_out[_("devices and FIFOs")].append(path)
            return
        if entry.mode & SET_ID and entry.kind is not Kind.SYMLINK:
            self._left_out[_("setuid and setgid bits")].append(path)
        if entry.xattrs:
            self._left_out[_("extended attributes")].append(path)
        if entry.link_to and not HARD_LINKS:
            self._left_out[_("hard links")].append(path)
            return
        if entry.is_directory:
            with self._inside(path):
                return
        with self._inside(paths.parent(path)) as (directory, prefix):
            name = prefix + paths.name(path)
            if entry.link_to:
                with self._inside(paths.parent(entry.link_to)) as (source, source_prefix):
                    original = source_prefix + paths.name(entry.link_to)
                    os.link(original, name, src_dir_fd=source, dst_dir_fd=directory, follow_symlinks=not LINK_TO_LINK)
            elif stream is None:
                self._symlink(path, entry.target, name, directory)
            else:
                with os.fdopen(os.open(name, NEW_FILE, 0o600, dir_fd=directory), "wb") as file:
                    shutil.copyfileobj(stream, file, CHUNK)
                    file.flush()
                    _attributes(name if directory is None else file.fileno(), entry, least=0o600)

    def _symlink(self, path: str, target: str, name: str, directory: int | None) -> None:
        try:
            os.symlink(target, name, dir_fd=directory)
        except OSError:
            if not ON_WINDOWS:
                raise
            self._left_out[_("symbolic links, which Windows keeps for developers")].append(path)

    @contextmanager
    def _inside(self, path: str) -> Iterator[tuple[int | None, str]]:
        """Enter a directory, making what is missing on the way: its descriptor, and what comes before a name in it."""
        directory, prefix = None, f"{self._folder}{os.sep}"
        if BY_DESCRIPTOR:
            directory, prefix = os.open(self._folder, DIRECTORY), ""
        try:
            for step in [*paths.ancestors(path), path][1:]:
                name = prefix + paths.name(step)
                if step not in self._made:
                    os.mkdir(name, 0o755, dir_fd=directory)
                    self._made.add(step)
                if directory is None:
                    prefix = name + os.sep
                else:
                    outer, directory = directory, os.open(name, DIRECTORY, dir_fd=directory)
                    os.close(outer)
            yield directory, prefix
        finally:
            if directory is not None:
                os.close(directory)

    def _note(self, what: str, names: list[str]) -> str:
        few = ", ".join(shown(name) for name in names[:FEW])
        if len(names) > FEW:
            few += _n(" and {count} more", " and {count} more", len(names) - FEW)
        return _("{folder} leaves out {what}: {names}").format(folder=self._folder.name, what=what, names=few)


def _attributes(target: int | str, entry: FileEntry, least: int) -> None:
    """Give a file or directory its permissions, but set-id bits, and its time, if this disk knows such a time."""
    os.chmod(target, entry.mode & ~SET_ID | least)  # noqa: PTH101 (a descriptor has no path)
    with suppress(OSError, OverflowError):
        os.utime(target, ns=(entry.mtime_ns, entry.mtime_ns))

"""What a docker command reads and writes outside of the engine: files of the host, and variables of the shell."""

import errno
import os
import posixpath
import stat
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from course.files import replacing
from course.layers import paths
from course.layers.entry import FileEntry, InMemory, Kind, directory, file
from course.layers.layer import Layer

KINDS = {kind.value: kind for kind in Kind}


class World(Protocol):
    """The host's side of the command line.  ``environment`` holds the shell's variables (mapping of str)."""

    environment: Mapping[str, str]

    def absolute(self, path: str) -> str:
        """Return ``path`` (str) from the root (str)."""
        ...

    def is_directory(self, path: str) -> bool | None:
        """Tell whether ``path`` (str) is a directory (bool), or None: nothing is there."""
        ...

    def read(self, path: str) -> bytes:
        """Return what the file ``path`` (str) holds (bytes).  Raises OSError."""
        ...

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        """Write the file ``path`` (str).  Raises OSError."""
        ...

    def tree(self, path: str, follow: bool = False) -> Layer:
        """Return the file or directory ``path`` (str) with all that is in it, as a layer under its name (Layer).

        Owners are 0:0.  ``follow`` takes what a symbolic link leads to (bool).  Raises OSError.
        """
        ...

    def place(self, path: str, entries: Mapping[str, FileEntry]) -> None:
        """Write ``entries`` (mapping of path to FileEntry) below the directory ``path`` (str).  Raises OSError."""
        ...

    def context(self, path: str, dockerfile: str) -> Layer:
        """Return the build context in the directory ``path`` (str; Layer).  Raises DockerError."""
        ...


class Host:
    """The world of a real machine, as seen from the directory ``folder`` (Path): the files that a person has."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path()
        self.environment: Mapping[str, str] = os.environ

    def _path(self, path: str) -> Path:
        return self.folder / path

    def absolute(self, path: str) -> str:
        """Return ``path`` (str) from the root (str)."""
        return os.path.normpath(self._path(path).absolute())

    def is_directory(self, path: str) -> bool | None:
        """Tell whether ``path`` (str) is a directory (bool), or None: nothing is there."""
        place = self._path(path)
        return place.is_dir() if os.path.lexists(place) else None

    def read(self, path: str) -> bytes:
        """Return what the file ``path`` (str) holds (bytes).  Raises OSError."""
        return self._path(path).read_bytes()

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        """Write the file ``path`` (str), wholly or not at all.  Raises OSError."""
        with replacing(self._path(path)) as stream:
            stream.writelines(chunks)

    def tree(self, path: str, follow: bool = False) -> Layer:
        """Return the file or directory ``path`` (str) with all that is in it, as a layer under its name (Layer)."""
        top = self._path(path)
        top = top.resolve(strict=True) if follow else top
        name = "/" + (Path(os.path.normpath(self._path(path).absolute())).name or "root")
        entries, todo = dict[str, FileEntry](), [(name, top)]
        while todo:
            where, place = todo.pop()
            entry = _entry(place)
            if entry is None:
                continue
            entries[where] = entry
            if entry.is_directory:
                todo += [(paths.join(where, item.name), item) for item in place.iterdir()]
        return Layer(MappingProxyType(entries))

    def place(self, path: str, entries: Mapping[str, FileEntry]) -> None:
        """Write ``entries`` (mapping of path to FileEntry) below the directory ``path`` (str).  Raises OSError."""
        for name in sorted(entries, key=lambda name: (bool(entries[name].link_to), name.split("/"))):
            entry = entries[entries[name].link_to or name]
            target = self._path(path) / name.lstrip("/")
            if entry.is_directory:
                target.mkdir(exist_ok=True)
            elif entry.kind is Kind.SYMLINK:
                target.unlink(missing_ok=True)
                target.symlink_to(entry.target)
            elif entry.kind is Kind.FILE:
                target.unlink(missing_ok=True)  # what is written is no other name of anything
                target.write_bytes(entry.read())
                target.chmod(entry.mode & 0o777)

    def context(self, path: str, dockerfile: str) -> Layer:
        """Return the build context in the directory ``path`` (str; Layer).  Raises DockerError."""
        from course.engine.build.context import context_from_folder

        return context_from_folder(self._path(path), dockerfile)


def _entry(path: Path) -> FileEntry | None:
    """Return a file of the host as an entry (FileEntry), or None: it is a socket."""
    found = path.lstat()
    kind = KINDS.get(stat.S_IFMT(found.st_mode))
    if kind is None:
        return None
    entry = FileEntry(kind, stat.S_IMODE(found.st_mode), mtime_ns=found.st_mtime_ns)
    if kind is Kind.SYMLINK:
        return replace(entry, mode=0o777, target=str(path.readlink()).replace(os.sep, "/"))
    if kind is not Kind.FILE:
        return entry
    data = path.read_bytes()
    return replace(entry, size=len(data), content=InMemory(data))


class InMind:
    """A world that is nowhere but in memory: ``files`` maps paths (str) to content (bytes); its directory is ``/``.

    >>> world = InMind({"context/Dockerfile": b"FROM base:1"})
    >>> world.is_directory("context"), world.read("context/Dockerfile")
    (True, b'FROM base:1')
    """

    def __init__(
        self, files: Mapping[str, bytes | str] | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self.files = {self.absolute(path): _bytes(data) for path, data in (files or {}).items()}
        self.directories = {"/"}
        self.environment: Mapping[str, str] = environment or {}

    def absolute(self, path: str) -> str:
        """Return ``path`` (str) from the root (str)."""
        return posixpath.normpath("/" + path.lstrip("/"))

    def is_directory(self, path: str) -> bool | None:
        """Tell whether ``path`` (str) is a directory (bool), or None: nothing is there."""
        place = self.absolute(path)
        if place in self.files:
            return False
        return True if place in self.directories or self._below(place) else None

    def _below(self, place: str) -> list[str]:
        return [name for name in self.files if name.startswith(place.rstrip("/") + "/")]

    def read(self, path: str) -> bytes:
        """Return what the file ``path`` (str) holds (bytes).  Raises OSError."""
        is_directory = self.is_directory(path)
        if is_directory is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        if is_directory:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        return self.files[self.absolute(path)]

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        """Write the file ``path`` (str)."""
        self.files[self.absolute(path)] = b"".join(chunks)

    def tree(self, path: str, follow: bool = False) -> Layer:
        """Return the file or directory ``path`` (str) with all that is in it, as a layer under its name (Layer)."""
        place = self.absolute(path)
        name = "/" + (posixpath.basename(place) or "root")
        if self.is_directory(path) is not True:
            return Layer(MappingProxyType({name: file(self.read(path))}))
        inside = {name + below[len(place.rstrip("/")) :]: self.files[below] for below in self._below(place)}
        return Layer(MappingProxyType({name: directory(), **Layer.of(inside).entries}))

    def place(self, path: str, entries: Mapping[str, FileEntry]) -> None:
        """Write ``entries`` (mapping of path to FileEntry) below the directory ``path`` (str); files alone are kept."""
        for name, entry in entries.items():
            where = self.absolute(posixpath.join(path, name.lstrip("/")))
            if entry.is_directory:
                self.directories.add(where)
            elif entry.kind is Kind.FILE:
                self.files[where] = entries[entry.link_to or name].read()

    def context(self, path: str, dockerfile: str) -> Layer:
        """Return the build context in the directory ``path`` (str; Layer).  Raises DockerError."""
        from course.engine.build.ignore import Ignore, ignore_names, read_ignore
        from course.engine.build.refusal import ContextError

        if self.is_directory(path) is not True:
            raise ContextError(f'unable to prepare context: path "{path}" not found')
        place = self.absolute(path)
        inside = {below[len(place.rstrip("/")) + 1 :]: self.files[below] for below in self._below(place)}
        named = [name for name in ignore_names(dockerfile) if name in inside]
        ignores = read_ignore(inside[named[0]].decode("utf-8", "surrogateescape"), named[0]) if named else Ignore()
        return Layer.of({f"/{name}": data for name, data in inside.items() if not ignores(name)})


def _bytes(data: bytes | str) -> bytes:
    return data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data

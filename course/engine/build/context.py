"""The build context: the files that COPY and ADD may take, read from a folder once and then a value."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from course.engine.build.ignore import Ignore, ignore_names, read_ignore
from course.engine.build.refusal import ContextError
from course.layers import paths
from course.layers.entry import FileEntry, InMemory, Kind
from course.layers.layer import Layer
from course.transport.tar_header import BLOCK
from course.words import _, shown, size

MOST_BYTES = 256 << 20
MOST_ENTRIES = 100_000
KINDS = {kind.value: kind for kind in Kind}
SECOND = 10**9


def context_from_folder(folder: Path | str, dockerfile: str = "Dockerfile") -> Layer:
    """Return the build context (Layer) that lies in ``folder`` (Path or str), less what ``.dockerignore`` leaves out.

    ``Dockerfile.dockerignore`` is used in its place if there is one, ``dockerfile`` being that name (str, below the
    folder).  Owners are 0:0, as docker sends them; symbolic links are kept and never followed; sockets are passed over.
    Raises ContextError, in docker's words; DockerfileError for the ``.dockerignore``.
    Rule: docker build, "Build context".

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _written = Path(folder, "a.txt").write_text("1"), Path(folder, ".dockerignore").write_text("*.log")
    ...     _written = Path(folder, "b.log").write_text("2")
    ...     sorted(context_from_folder(folder).entries)
    ['/.dockerignore', '/a.txt']
    """
    root = Path(folder)
    if not root.is_dir():
        raise ContextError(f'unable to prepare context: path "{shown(str(folder))}" not found')
    ignores = _ignore(root, dockerfile)
    entries: dict[str, FileEntry] = {}
    left_out: dict[str, FileEntry] = {}  # directories that are needed only if something in them is taken back
    total = 0
    for path, entry in _walk(root, ignores):
        if ignores(path[1:]):
            left_out[path] = entry
            continue
        for above in paths.ancestors(path)[1:]:
            entries.setdefault(above, left_out.get(above) or entry)
        entries[path] = entry
        total += entry.size + 1
        if total > MOST_BYTES or len(entries) > MOST_ENTRIES:
            raise ContextError(
                _(
                    "the build context '{folder}' has more than {bytes} or {entries} files; "
                    "leave out what the build does not need, in a file '.dockerignore'."
                ).format(folder=shown(str(folder)), bytes=size(MOST_BYTES), entries=MOST_ENTRIES)
            )
    return Layer(entries)


def sent_size(context: Layer) -> int:
    """Return how many bytes docker's client sends of a ``context`` (Layer): an uncompressed tar (int).

    It prints them as ``Sending build context to Docker daemon  2.048kB``.

    >>> sent_size(Layer.of({"/Dockerfile": "FROM base"}))
    2048
    """
    blocks = sum(1 + -(-entry.size // BLOCK) for path, entry in context.entries.items() if path != paths.ROOT)
    return (blocks + 2) * BLOCK


def _ignore(root: Path, dockerfile: str) -> Ignore:
    for name in ignore_names(dockerfile):
        try:
            return read_ignore((root / name).read_bytes().decode("utf-8", "surrogateescape"), name)
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            raise _unreadable(root / name) from error
    return Ignore()


def _walk(root: Path, ignores: Ignore) -> Iterator[tuple[str, FileEntry]]:
    """Yield what lies in a folder, each directory before what is in it."""
    todo = _content_of(root, paths.ROOT)
    while todo:
        path, item = todo.pop()
        is_left_out = ignores(path[1:])
        if is_left_out and not ignores.takes_back:
            continue
        entry = _entry(item, reads=not is_left_out)
        if entry is None:
            continue
        yield path, entry
        if entry.is_directory:
            todo += _content_of(item, path)


def _content_of(folder: Path, path: str) -> list[tuple[str, Path]]:
    """Return path and place of each file in a folder, the first one last."""
    try:
        return [(paths.join(path, item.name), item) for item in sorted(folder.iterdir(), reverse=True)]
    except OSError as error:
        raise _unreadable(folder) from error


def _entry(path: Path, reads: bool) -> FileEntry | None:
    """Return a file of the host as an entry; None for a socket.  Its content is taken only if ``reads``."""
    try:
        found = path.lstat()
        kind = KINDS.get(stat.S_IFMT(found.st_mode))
        if kind is None:
            return None
        mode = stat.S_IMODE(found.st_mode) | (0o755 if os.name == "nt" else 0)  # as docker has it on Windows
        mtime_ns = found.st_mtime_ns // SECOND * SECOND  # as in the tar that docker sends
        if kind is Kind.SYMLINK:
            target = str(path.readlink())
            return FileEntry(kind, 0o777, mtime_ns=mtime_ns, target=target.replace(os.sep, "/"))
        if kind is not Kind.FILE or not reads:
            return FileEntry(kind, mode, mtime_ns=mtime_ns)
        data = _data(path, found)
    except OSError as error:
        raise _unreadable(path) from error
    return FileEntry(kind, mode, mtime_ns=mtime_ns, size=len(data), content=InMemory(data))


def _data(path: Path, seen: os.stat_result) -> bytes:
    with path.open("rb") as stream:
        if not os.path.samestat(os.fstat(stream.fileno()), seen):
            raise OSError  # something else, a link perhaps, has taken the file's place
        return stream.read(MOST_BYTES + 1)


def _unreadable(path: Path) -> ContextError:
    return ContextError(f"error checking context: no permission to read from '{shown(str(path))}'")

"""``docker diff``, ``cp`` and ``export``: a container's files, whether it runs or not."""

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType

from course.engine.base import command
from course.engine.finding import Finding
from course.engine.records import Container, Status
from course.engine.system_files import with_init_layer
from course.errors import DockerError
from course.layers import paths
from course.layers.entry import FileEntry
from course.layers.layer import Layer
from course.transport.flattening import flatten
from course.union.diff import Change
from course.union.filesystem import UnionFilesystem
from course.union.placing import place, take


class Files(Finding):
    """Looks into containers, and copies files into them and out of them."""

    def layers_below(self, container: Container) -> tuple[Layer, ...]:
        """Return what the read-write layer of ``container`` stands on (tuple of Layer): the image's, and docker's own."""
        return with_init_layer(container.layers)

    def diff(self, container: str) -> list[Change]:
        """Return what was added, changed and deleted in ``container`` (str; list of Change).  Raises DockerError.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> _ = engine.run("base:1", "sh", "-c", "echo hi > /tmp/new; rm /etc/motd", name="box")
        >>> [str(change) for change in engine.diff("box")]
        ['C /etc', 'D /etc/motd', 'C /tmp', 'A /tmp/new']
        """
        record = self.container(container)
        return UnionFilesystem(self.layers_below(record), record.written.copy()).changes()

    def export(self, container: str) -> Layer:
        """Return all that ``container`` (str) shows of its image and of what it wrote, as one layer (Layer).

        Volumes are no part of it.  Raises DockerError.
        """
        record = self.container(container)
        below = self.layers_below(record)
        return flatten((*below, record.written.copy().freeze(below[-1])))

    @contextmanager
    def mounted(self, container: Container) -> Iterator[UnionFilesystem]:
        """Yield the file system of ``container`` with its mounts (UnionFilesystem), and put on record what was written."""
        if container.state.status in (Status.RUNNING, Status.PAUSED):
            yield self.runtime.filesystem(container.id)
            return
        files = UnionFilesystem(self.layers_below(container), container.written.copy(), clock=self.clock)
        trees: dict[str, UnionFilesystem] = {}
        for mount in (point.mount for point in container.mounts):
            if mount.tree:
                written = self.store.tables["trees"][mount.tree].copy()
                tree = trees.setdefault(mount.tree, UnionFilesystem([], written, clock=self.clock))
                _make_directories(files, mount.destination)
                files.mount(mount.destination, tree, mount.path, read_only=mount.read_only)
        yield files
        if files.read_write_layer != container.written:
            self.change(self.containers[container.id], written=files.read_write_layer)
        for name, tree in trees.items():
            self.store.put("trees", name, tree.read_write_layer)

    def cp_from(self, container: str, path: str) -> Layer:
        """Return what ``container`` (str) has at ``path`` (str), under its last name, as a layer (Layer).

        Raises DockerError: there is nothing.
        """
        record = self.container(container)
        self.revive()
        with self.store.transaction() as changes:
            with self.mounted(record) as files:
                where = _from_root(path)
                try:
                    found = take(files, where)
                except OSError as error:
                    raise DockerError(f"No such container:path: {container}:{path}") from error
            self.store.undo(changes)  # looking changes nothing
        start = len(paths.parent(where).rstrip("/"))
        entries = {name[start:] or "/": replace(entry, link_to=entry.link_to[start:]) for name, entry in found.items()}
        return Layer(MappingProxyType(entries))

    @command
    def cp_to(self, container: str, path: str, source: Layer, *, contents: bool = False) -> None:
        """Copy ``source`` (Layer) into ``container`` (str) to ``path`` (str).

        The layer holds one file or directory, under its name; with ``contents`` (bool) what is in the directory is
        copied, and not itself (``docker cp dir/. box:/path``).  Raises DockerError.  Rule: docker/cli, container_cp.md.
        """
        record = self.container(container)
        if record.host.read_only:
            raise DockerError("container rootfs is marked read-only")
        top = min(source.entries, key=lambda name: (name.count("/"), name))
        is_directory = source.entries[top].is_directory
        with self.mounted(record) as files:
            try:
                target = self._target(files, container, path, paths.name(top), is_directory, contents)
                place(files, _moved(source.entries, top, target))
            except OSError as error:
                raise DockerError(f"{error.filename}: {error.strerror}") from error

    @command
    def cp_tar(self, container: str, path: str, source: Layer) -> None:
        """Put all that ``source`` (Layer) holds into the directory ``path`` (str) of ``container`` (str).

        That is ``docker cp - CONTAINER:PATH``, which reads a tar.  Raises DockerError: there is no such directory.
        """
        record = self.container(container)
        if record.host.read_only:
            raise DockerError("container rootfs is marked read-only")
        where = _from_root(path)
        with self.mounted(record) as files:
            if not take_kind(files, where):
                raise DockerError(f'destination "{container}:{path}" must be a directory')
            entries = {name: entry for name, entry in source.entries.items() if name != paths.ROOT}
            try:
                place(files, _moved(entries, paths.ROOT, where))
            except OSError as error:
                raise DockerError(f"{error.filename}: {error.strerror}") from error

    def _target(
        self, files: UnionFilesystem, container: str, path: str, name: str, is_directory: bool, contents: bool
    ) -> str:
        """Return the path (str) that what is copied is to have."""
        where = _from_root(path)
        there = take_kind(files, where)
        if there is None:
            if path.endswith("/") and not is_directory:
                raise DockerError("no such directory")
            above = take_kind(files, paths.parent(where))
            if above is None:
                raise DockerError(f"No such container:path: {container}:{paths.parent(where)}")
            if not above:
                raise DockerError("extraction point is not a directory")
            return where
        if there:
            return where if contents else paths.join(where, name)
        if is_directory:
            raise DockerError("cannot copy directory")
        return where


def _from_root(path: str) -> str:
    return posixpath.normpath("/" + path.lstrip("/"))


def take_kind(files: UnionFilesystem, path: str) -> bool | None:
    """Tell whether ``path`` (str) is a directory (bool), or None: it is not there."""
    try:
        return files.stat(path).st_mode & 0o170000 == 0o040000
    except OSError:
        return None


def _moved(entries: Mapping[str, FileEntry], top: str, target: str) -> dict[str, FileEntry]:
    """Return ``entries`` (mapping of path to FileEntry) as they are to be at ``target`` (str), not at ``top`` (str)."""

    def moved(path: str) -> str:
        return paths.normal(target + "/" + path[len(top.rstrip("/")) :])

    return {
        moved(path): replace(entry, link_to=moved(entry.link_to) if entry.link_to else "")
        for path, entry in entries.items()
    }


def _make_directories(files: UnionFilesystem, path: str) -> None:
    for above in reversed(paths.ancestors(path)):
        if above != paths.ROOT and take_kind(files, above) is None:
            files.mkdir(above)

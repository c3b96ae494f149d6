"""``docker diff``, ``cp`` and ``export``: a container's files, whether it runs or not."""

import errno
import posixpath
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import MappingProxyType

from course.engine.base import command
from course.engine.finding import Finding
from course.engine.records import Container, Status
from course.engine.system_files import system_files, with_init_layer
from course.errors import DockerError
from course.layers import paths
from course.layers.entry import FileEntry
from course.layers.layer import Layer
from course.processes.runtime import Mount
from course.transport.flattening import flatten
from course.union.diff import Change
from course.union.filesystem import UnionFilesystem
from course.union.flags import O_CREAT, O_WRONLY
from course.union.placing import place, take

UNPACKING = "Error processing tar file(exit status 1): "  # docker unpacks in a process of its own, which ended so


class Files(Finding):
    """Looks into containers, and copies files into them and out of them."""

    def layers_below(self, container: Container) -> tuple[Layer, ...]:
        """Return what the read-write layer of ``container`` stands on (tuple of Layer): the image's and docker's."""
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
        """Yield the files of ``container`` as docker mounts them for cp (UnionFilesystem); what is written is recorded.

        Its volumes and bind mounts are there, but nothing that only its processes see: /proc, /dev, a tmpfs.
        """
        shared = [point.mount for point in container.mounts if point.mount.tree]
        if real := self.runtime.mounted(container.id, self.layers_below(container), shared):
            with real as files:
                yield files
            return
        if container.state.status in (Status.RUNNING, Status.PAUSED):
            live = self.runtime.filesystem(container.id)
            files = live.alone()
            for mount in (*shared, *map(Mount, system_files(container))):
                _mount(files, mount, live, mount.destination)
            yield files
            return
        files = UnionFilesystem(self.layers_below(container), container.written.copy(), clock=self.clock)
        with ExitStack() as stack:
            trees = {name: stack.enter_context(self.opened(name)) for name in {mount.tree: None for mount in shared}}
            for mount in shared:
                _mount(files, mount, trees[mount.tree], mount.path)
            yield files
        self.change(self.containers[container.id], written=files.read_write_layer)

    @contextmanager
    def _looked_at(self, container: Container) -> Iterator[UnionFilesystem]:
        """Yield what ``mounted`` yields, or a copy: looking at it changes nothing, nor which numbers its inodes get."""
        if self.kept:
            with self.mounted(container) as files:
                yield files
            return
        files = UnionFilesystem(self.layers_below(container), container.written.copy(), clock=self.clock)
        for mount in (point.mount for point in container.mounts if point.mount.tree):
            tree = UnionFilesystem([], self.store.tables["trees"][mount.tree].copy(), clock=self.clock)
            _mount(files, mount, tree, mount.path)
        if container.state.status in (Status.RUNNING, Status.PAUSED):
            live = self.runtime.filesystem(container.id)
            for path in system_files(container):
                _mount(files, Mount(path), live, path)
        yield files

    def cp_from(self, container: str, path: str, *, follow_link: bool = False) -> Layer:
        """Return what ``container`` (str) has at ``path`` (str), under its last name, as a layer (Layer).

        ``follow_link`` is whether a symbolic link stands for what it leads to (bool).  Raises DockerError: there is
        nothing.  Rule: moby, daemon/archive.go, and docker/cli, cli/command/container/cp.go.
        """
        record = self.container(container)
        if not path:
            raise DockerError("bad parameter: pathcannot be empty")  # docker's own spelling
        self.revive()
        where = _from_root(path)
        name = paths.name(where)
        with self._looked_at(record) as files:
            if follow_link or _says_directory(path):
                where = _followed(files, where)
            if _says_directory(path) and take_kind(files, where) is False:
                end = "/." if path.endswith(".") else "/"
                raise DockerError(f"lstat {self.on_host(record, where)}{end}: not a directory")
            try:
                found = take(files, where)
            except OSError as error:
                missing = path if where == _from_root(path) else where
                raise DockerError(f"No such container:path: {container}:{missing}") from error
        return Layer(MappingProxyType(_moved(found, where, f"/{name}")))

    @command
    def cp_to(self, container: str, path: str, source: Layer, *, contents: bool = False) -> None:
        """Copy ``source`` (Layer) into ``container`` (str) to ``path`` (str).

        The layer holds one file or directory, under its name.  Into a directory that is there it comes under that name,
        or with ``contents`` (bool) only what is in it does (``docker cp dir/. box:/path``); else ``path`` is its new
        name.  Raises DockerError.  Rule: docker/cli, cli/command/container/cp.go, and moby, pkg/archive/copy.go.
        """
        record = self.container(container)
        top = min(source.entries, key=lambda name: (name.count("/"), name))
        is_directory, entries = source.entries[top].is_directory, dict(source.entries)
        with self.mounted(record) as files:
            where = _followed(files, _from_root(path), most=1)
            there = take_kind(files, where) if path else None
            if there:
                folder, target = where, where if contents else paths.join(where, paths.name(top))
                if contents:
                    del entries[top]  # the directory itself stays as it is
            elif is_directory and there is False:
                raise DockerError("cannot copy directory")
            elif not is_directory and there is None and _says_directory(path):
                raise DockerError("no such directory")
            else:
                folder, target = paths.parent(where), where
            self._unpack(record, files, f"{container}:{folder}", folder, _moved(entries, top, target))

    @command
    def cp_tar(self, container: str, path: str, source: Layer) -> None:
        """Put all that ``source`` (Layer) holds into the directory ``path`` (str) of ``container`` (str).

        That is ``docker cp - CONTAINER:PATH``, which reads a tar.  Raises DockerError: there is no such directory.
        """
        record = self.container(container)
        where = _from_root(path)
        with self.mounted(record) as files:
            if not take_kind(files, where):
                raise DockerError(f'destination "{container}:{path}" must be a directory')
            entries = {name: entry for name, entry in source.entries.items() if name != paths.ROOT}
            self._unpack(record, files, f"{container}:{path}", where, _moved(entries, paths.ROOT, where))

    def _unpack(
        self, container: Container, files: UnionFilesystem, said: str, folder: str, entries: Mapping[str, FileEntry]
    ) -> None:
        """Put ``entries`` into ``files`` below ``folder`` (str), which was ``said`` (str) to be there.

        Raises DockerError.  Rule: moby, daemon/archive.go, containerExtractToDir, and pkg/archive/archive.go, Unpack.
        """
        try:
            mount = files.mounted_at(folder)
        except OSError as error:
            raise DockerError(f"No such container:path: {said}") from error
        if not take_kind(files, folder):
            raise DockerError("extraction point is not a directory")
        is_own = mount.path == paths.ROOT
        if is_own and container.host.read_only:
            raise DockerError("container rootfs is marked read-only")
        if not is_own and mount.read_only:
            raise DockerError("mounted volume is marked read-only")
        for path, entry in entries.items():
            kind = take_kind(files, path, follow=False)
            if kind and not entry.is_directory:
                raise DockerError(f'{UNPACKING}cannot overwrite directory "{path}" with non-directory "{folder}"')
            if kind is False and entry.is_directory:
                raise DockerError(f'{UNPACKING}cannot overwrite non-directory "{path}" with directory "{folder}"')
        try:
            place(files, entries)
        except OSError as error:
            call = "unlinkat" if error.errno == errno.EBUSY else "open"
            raise DockerError(f"{UNPACKING}{call} {error.filename}: {(error.strerror or '').lower()}") from error


def _from_root(path: str) -> str:
    return posixpath.normpath("/" + path.lstrip("/"))


def _says_directory(path: str) -> bool:
    """Tell whether ``path`` (str) can only mean a directory, by its end (bool)."""
    return posixpath.basename(path) in ("", ".")


def _followed(files: UnionFilesystem, path: str, most: int = 40) -> str:
    """Return where ``path`` (str) leads to, if it is a symbolic link (str); ``most`` is how many are followed (int)."""
    for _number in range(most):
        try:
            path = _from_root(posixpath.join(paths.parent(path), files.readlink(path)))
        except OSError:
            break
    return path


def take_kind(files: UnionFilesystem, path: str, *, follow: bool = True) -> bool | None:
    """Tell whether ``path`` (str) is a directory (bool), or None: it is not there; ``follow`` follows links (bool)."""
    try:
        return stat.S_ISDIR((files.stat if follow else files.lstat)(path).st_mode)
    except OSError:
        return None


def _mount(files: UnionFilesystem, mount: Mount, tree: UnionFilesystem, path: str) -> None:
    """Show ``path`` (str) of ``tree`` in ``files`` where ``mount`` says; a place for it is made, as runc makes it."""
    place = _followed(files, mount.destination)
    if take_kind(files, place) is None:
        for above in paths.ancestors(place)[1:]:
            if take_kind(files, above) is None:
                files.mkdir(above)
        if take_kind(tree, path):
            files.mkdir(place)
        else:
            files.open_file(place, O_CREAT | O_WRONLY)
    files.mount(place, tree, path, read_only=mount.read_only)


def _moved(entries: Mapping[str, FileEntry], top: str, target: str) -> dict[str, FileEntry]:
    """Return ``entries`` (mapping of path to FileEntry) as they are to be at ``target`` (str), not at ``top`` (str)."""

    def moved(path: str) -> str:
        return paths.normal(target + "/" + path[len(top.rstrip("/")) :])

    return {
        moved(path): replace(entry, link_to=moved(entry.link_to) if entry.link_to else "")
        for path, entry in entries.items()
    }

"""Volumes: files that outlive containers, and what containers mount."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from course.engine.base import command
from course.engine.changing import pairs
from course.engine.filters import Filters
from course.engine.mount_options import check_name
from course.engine.records import Container, MountPoint, StoredImage, Volume
from course.engine.removing import Removing
from course.errors import DockerError
from course.layers import paths
from course.layers.entry import FileEntry, Kind
from course.layers.layer import Layer
from course.union.filesystem import UnionFilesystem
from course.union.placing import place
from course.union.read_write_layer import ReadWriteLayer
from course.union.view import UnionView

DEVICES = (Kind.CHARACTER_DEVICE, Kind.BLOCK_DEVICE)


class Volumes(Removing):
    """Makes, lists and removes volumes, and sees to a container's mounts."""

    def _prepare(self) -> None:
        super()._prepare()
        if self.kept:  # a real one has this machine's own files
            self.store.tables["trees"]["host"] = ReadWriteLayer()
            return
        host = UnionFilesystem([Layer.of({"/home/learner": None, "/srv": None, "/tmp": None, "/var": None})])  # noqa: S108
        place(host, host.layers[0].entries)
        self.store.tables["trees"]["host"] = host.read_write_layer

    # docker volume

    @command
    def volume_create(
        self, name: str = "", *, label: Iterable[str] = (), driver: str = "local", opt: Iterable[str] = ()
    ) -> str:
        """Make a volume and return its name (str); one that is there already is left as it is.  Raises DockerError."""
        if driver != "local":
            raise DockerError(f'create {name}: error looking up volume plugin {driver}: plugin "{driver}" not found')
        if name in self.volumes:
            return name
        return self._new_volume(name, pairs(label), pairs(opt)).name

    def _new_volume(
        self, name: str, labels: dict[str, str] | None = None, options: dict[str, str] | None = None
    ) -> Volume:
        if name:
            check_name(name)
        volume = Volume(name or self.new_id(), self.clock.now, labels, "local", options, not name)
        self.store.put("volumes", volume.name, volume)
        tree = f"volume:{volume.name}"
        self.store.put("trees", tree, self.runtime.new_tree(tree))
        return volume

    def volume_ls(self, *, filter: Sequence[str] = ()) -> list[Volume]:  # noqa: A002 (docker's own name)
        """Return the volumes (list of Volume) that the ``filter`` takes, by name.  Raises DockerError."""
        wanted = Filters.parse(filter, {"dangling", "driver", "label", "name"})
        found = [self.volumes[name] for name in sorted(self.volumes)]
        unused = wanted.flag("dangling")
        if unused is not None:
            found = [volume for volume in found if self._is_mounted(volume.name) is not unused]
        found = [volume for volume in found if wanted.matches("name", volume.name)]
        if wanted["driver"]:
            found = [volume for volume in found if volume.driver in wanted["driver"]]
        return [volume for volume in found if wanted.matches_labels(volume.labels or {})]

    def volume(self, name: str) -> Volume:
        """Return the volume ``name`` (str; Volume).  Raises DockerError."""
        if name not in self.volumes:
            raise DockerError(f"get {name}: no such volume")
        return self.volumes[name]

    def volume_filesystem(self, name: str) -> UnionFilesystem:
        """Return a copy of the files of the volume ``name`` (str; UnionFilesystem).  Raises DockerError."""
        written = self.store.tables["trees"][f"volume:{self.volume(name).name}"]
        return UnionFilesystem([], written.copy(), clock=self.clock)

    @command
    def volume_rm(self, *names: str, force: bool = False) -> list[str]:
        """Remove volumes (str each) with their files; return their names.

        Raises DockerError: one is in use, or missing.
        """

        def remove(name: str) -> str:
            if name not in self.volumes:
                if force:
                    return name
                raise DockerError(f"get {name}: no such volume")
            users = [
                container.id
                for container in self.containers.values()
                if any(point.name == name for point in container.mounts)
            ]
            if users:
                raise DockerError(f"remove {name}: volume is in use - [{', '.join(users)}]")
            self.remove_volume(name)
            return name

        return self.each(names, remove)

    def remove_volume(self, name: str) -> None:
        """Remove the volume ``name`` (str) with its files from the record."""
        self.store.remove("volumes", name)
        self.store.remove("trees", f"volume:{name}")
        self.runtime.trees.pop(f"volume:{name}", None)
        if self.kept and not (place := self.kept.path / "volumes" / name).joinpath("volume.json").exists():
            self.kept.keeper.remove(place)  # made by this very command, so there is no record to be removed with it

    @command
    def volume_prune(self, *, all: bool = False, filter: Sequence[str] = ()) -> list[str]:  # noqa: A002 (docker's names)
        """Remove the volumes that no container has, and return their names (list of str).

        Docker 20.10 takes all of them but those with options; since 23.0 it takes only anonymous ones, unless ``all``
        (bool) is asked for.
        """
        wanted = Filters.parse(filter, {"label", "label!", "all"})
        every = all or "true" in wanted["all"] or "1" in wanted["all"]
        gone = [
            volume.name
            for volume in self.volumes.values()
            if not self._is_mounted(volume.name)
            and not volume.options
            and (every or volume.anonymous)
            and wanted.matches_labels(volume.labels or {})
        ]
        for name in gone:
            self.remove_volume(name)
        return gone

    # a container's mounts

    def mount_points(
        self, container: Container, stored: StoredImage, asked: Sequence[MountPoint], volumes_from: Sequence[str]
    ) -> tuple[MountPoint, ...]:
        """Return the mounts of a new ``container`` (tuple of MountPoint), whose volumes are made if they are not there.

        A volume that is still empty gets what the image has at its place.  Raises DockerError.
        Rule: moby, daemon/volumes.go, registerMountPoints, and daemon/create_unix.go.
        """
        points = {point.destination: point for word in volumes_from for point in self._mounts_from(word)}
        points |= {point.destination: point for point in asked}
        for destination in container.config.get("Volumes") or {}:
            points.setdefault(destination, MountPoint("volume", destination))
        view = UnionView(stored.image.layers) if stored.image.layers else None
        made = []
        for point in points.values():
            if point.kind == "volume":
                point = self._with_volume(container, point, view)
            elif point.kind == "bind":
                self._make_on_host(point)
            made.append(point)
        return tuple(sorted(made, key=lambda point: point.destination))

    def _mounts_from(self, word: str) -> list[MountPoint]:
        name, _colon, mode = word.partition(":")
        if mode not in ("", "ro", "rw", "z", "Z"):
            raise DockerError(f"invalid mode: {mode}", 125)
        return [
            replace(point, read_only=point.read_only or mode == "ro", mode="", is_copied_into=False)
            for point in self.container(name).mounts
            if point.kind != "tmpfs"
        ]

    def _with_volume(self, container: Container, point: MountPoint, view: UnionView | None) -> MountPoint:
        """Return ``point`` with its volume's name; an empty volume gets what the image shows at its place."""
        volume = self.volumes.get(point.name) or self._new_volume(point.name)
        tree = f"volume:{volume.name}"
        found = view.lookup(view.reached(point.destination)) if view and point.is_copied_into else None
        if view and found and not self.store.tables["trees"][tree].root.entries:
            if not found.entry.is_directory:
                raise DockerError(f"source {self.on_host(container, point.destination)} is not directory", 125)
            entries = _shown(view, view.reached(point.destination))
            if self.kept:  # in a user namespace nobody makes devices, and unpacked layers have none
                entries = {path: entry for path, entry in entries.items() if entry.kind not in DEVICES}
            with self.opened(tree) as files:
                try:
                    place(files, entries)
                except OSError as error:
                    raise DockerError(f"open {error.filename}: {(error.strerror or '').lower()}", 125) from error
        is_anonymous = point.is_anonymous or not point.name
        return replace(point, name=volume.name, source=self.source_of(volume), is_anonymous=is_anonymous)

    def source_of(self, volume: Volume) -> str:
        """Return where the host has the files of ``volume`` (Volume; str)."""
        return f"{self.root}/volumes/{volume.name}/_data"

    def _make_on_host(self, point: MountPoint) -> None:
        """See to it that the host has what is to be bound: ``-v`` makes a directory, ``--mount`` refuses."""
        with self.opened("host") as host:
            try:
                host.stat(point.source)
            except OSError as error:
                if not point.is_made:
                    raise DockerError(
                        f'invalid mount config for type "bind": bind source path does not exist: {point.source}', 125
                    ) from error
                for path in (*paths.ancestors(point.source)[1:], point.source):
                    if not _exists(host, path):
                        host.mkdir(path)


def _shown(view: UnionView, where: str) -> dict[str, FileEntry]:
    """Return what the directory ``where`` (str) of an image shows, as it is to lie in a volume (dict by path)."""
    found = view.lookup(where)
    assert found is not None  # noqa: S101 (the caller has looked)
    start = len(where.rstrip("/"))
    entries = {paths.ROOT: found.entry}
    first_names: dict[tuple[int, str], str] = {}
    for path, shown in view.walk(where):
        first = first_names.setdefault((shown.layer, shown.entry.link_to or path), path)
        entries[path[start:]] = replace(shown.entry, link_to="" if first == path else first[start:])
    return entries


def _exists(filesystem: UnionFilesystem, path: str) -> bool:
    try:
        filesystem.lstat(path)
    except OSError:
        return False
    return True

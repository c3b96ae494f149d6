"""``docker image prune``, ``system prune`` and ``system df``: what takes room, and what nothing needs any more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from course.engine.base import command
from course.engine.dates import moment
from course.engine.filters import Filters
from course.engine.image_sizes import size_of_layers
from course.engine.records import Container, StoredImage
from course.engine.registries import Registries
from course.engine.removing_images import DELETED, Removal
from course.engine.waste import Waste, waste
from course.errors import DockerError

FILTERS = ("dangling", "label", "label!", "until")
SYSTEM_FILTERS = ("label", "label!", "until")
RESULT = "operation "  # what the keys of BuildKit's results in the table "cache" begin with


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a prune did to images: what it ``removed`` (tuple of Removal), and the bytes ``reclaimed`` by it (int)."""

    removed: tuple[Removal, ...]
    reclaimed: int


@dataclass(frozen=True, slots=True)
class SystemPruned:
    """What ``docker system prune`` did: ``containers`` (ids), ``networks`` and ``volumes`` (names) that are gone.

    They are tuples of str; ``images`` is what became of images (tuple of Removal), ``cache`` the records of BuildKit's
    cache (keys), ``reclaimed`` the bytes (int).
    """

    containers: tuple[str, ...]
    networks: tuple[str, ...]
    volumes: tuple[str, ...]
    images: tuple[Removal, ...]
    cache: tuple[str, ...]
    reclaimed: int


@dataclass(frozen=True, slots=True)
class Usage:
    """One line of ``docker system df``: of one ``kind`` (str), how many there are in ``total`` and how many ``active``.

    ``size`` is the bytes of all (int), ``reclaimable`` those that docker says a prune could give back (int).
    """

    kind: str
    total: int
    active: int
    size: int
    reclaimable: int


class Pruning(Registries):
    """Says what takes room, and gives back what nothing needs."""

    @command
    def image_prune(self, *, all: bool = False, filter: Sequence[str] = ()) -> Pruned:  # noqa: A002 (docker's names)
        """Remove images without a name that no container has; with ``all`` (bool) named ones too; return what was done.

        The roots are names, containers and images that were built on others: what they reach stays, the rest goes, with
        the layers that nothing else has.  ``filter`` takes fewer (sequence of str).  Raises DockerError.
        Rule: moby, daemon/images/image_prune.go.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> _ = engine.pull("greeter:1"), engine.create("base:1")
        >>> [removal.what for removal in engine.image_prune(all=True).removed][0]
        'greeter:1'
        """
        wanted = Filters.parse(filter, FILTERS)
        if "false" in wanted["dangling"] or "0" in wanted["dangling"]:
            all = True  # noqa: A001
        elif wanted["dangling"] and not {"true", "1"} & set(wanted["dangling"]):
            raise DockerError(f"Invalid filter 'dangling=[{' '.join(wanted['dangling'])}]'")
        sizes = {layer.chain_id: layer.size for stored in self._stored() for layer in stored.image.layers}
        removed: list[Removal] = []
        for stored in [stored for stored in self._stored() if self._is_prunable(stored, wanted)]:
            removed += self._pruned(stored, all)
        return Pruned(tuple(removed), sum(sizes.get(removal.what, 0) for removal in removed if removal.kind == DELETED))

    def _stored(self) -> list[StoredImage]:
        return list(self.images_by_id.values())

    def _is_prunable(self, stored: StoredImage, wanted: Filters) -> bool:
        run, created = stored.image.config.run, moment(stored.image.config.created)
        return wanted.matches_labels(run.get("Labels") or {}) and wanted.is_before(created, self.clock.now)

    def _pruned(self, stored: StoredImage, all_: bool) -> list[Removal]:
        """Remove an image if nothing needs it, name by name, and return what was done."""
        names = self.names_of(stored.id)
        if stored.id not in self.images_by_id or (not all_ and any("@" not in name for name in names)):
            return []
        done: list[Removal] = []
        for name in names or [stored.id]:
            try:
                done += self.rmi(name)
            except DockerError:  # something needs it
                continue
        return done

    @command
    def system_prune(
        self,
        *,
        all: bool = False,  # noqa: A002 (docker's names)
        volumes: bool = False,
        filter: Sequence[str] = (),  # noqa: A002
    ) -> SystemPruned:
        """Remove stopped containers, networks without any, with ``volumes`` (bool) volumes, images, and build cache.

        ``all`` and ``filter`` are as for ``image_prune``; of the cache what no image has, without a ``filter``.
        Raises DockerError.
        """
        wanted = Filters.parse(filter, SYSTEM_FILTERS)
        if volumes and wanted["until"]:
            raise DockerError('ERROR: The "until" filter is not supported with "--volumes"')
        before = self._size_of_containers(self.containers.values()) + self._size_of_volumes(self.volumes)
        containers = self.container_prune(filter)
        networks = self.network_prune(filter=filter)
        gone = self.volume_prune(all=True, filter=filter) if volumes else []
        after = self._size_of_containers(self.containers.values()) + self._size_of_volumes(self.volumes)
        images = self.image_prune(all=all, filter=filter)
        cache = {} if wanted.values else self._build_cache(dangling=not all)
        for key in cache:
            self.store.remove("cache", key)
        gone_cache = tuple(key.removeprefix(RESULT) for key in cache)
        reclaimed = before - after + images.reclaimed + sum(cache.values())
        return SystemPruned(tuple(containers), tuple(networks), tuple(gone), images.removed, gone_cache, reclaimed)

    def system_df(self) -> list[Usage]:
        """Return what takes room (list of Usage): images, containers, local volumes, build cache.

        Of images, docker counts as in use only what an image with containers has for itself, and calls layers that it
        shares with others reclaimable; the number says so too.  Rule: docker/cli, cli/command/formatter/disk_usage.go.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> _ = engine.create("base:1"), engine.pull("greeter:2")
        >>> [(usage.kind, usage.total, usage.active) for usage in engine.system_df()][:2]
        [('Images', 2, 1), ('Containers', 1, 0)]
        """
        images = {row.id: row for row in self.images()}.values()
        size = size_of_layers(stored.image.layers for stored in self._stored())
        own = sum(row.unique_size for row in images if row.containers)
        active = [container for container in self.containers.values() if container.is_running]
        written = self._size_of_containers(self.containers.values())
        mounted = {point.name for container in self.containers.values() for point in container.mounts}
        stored, unused = self._size_of_volumes(self.volumes), self._size_of_volumes(set(self.volumes) - mounted)
        cache, dangling = self._build_cache(), self._build_cache(dangling=True)
        return [
            Usage("Images", len(images), sum(row.containers > 0 for row in images), size, size - own),
            Usage("Containers", len(self.containers), len(active), written, written - self._size_of_containers(active)),
            Usage("Local Volumes", len(self.volumes), len(mounted & set(self.volumes)), stored, unused),
            Usage("Build Cache", len(cache), len(cache) - len(dangling), sum(cache.values()), sum(dangling.values())),
        ]

    def _build_cache(self, dangling: bool = False) -> dict[str, int]:
        """Return what BuildKit has kept (dict of a record's key to its bytes); ``dangling``: what no image has.

        The classic builder's cache is its images.
        """
        used = {layer.chain_id for stored in self._stored() for layer in stored.image.layers}
        found: dict[str, int] = {}
        for key, record in self.store.tables["cache"].items():
            if key.startswith(RESULT) and not (dangling and record.layer and record.layer.chain_id in used):
                found[key] = record.layer.size if record.layer else 0
        return found

    def _size_of_containers(self, containers: Iterable[Container]) -> int:
        return sum(container.written.freeze().size for container in containers)

    def _size_of_volumes(self, names: Iterable[str]) -> int:
        return sum(self.store.tables["trees"][f"volume:{name}"].freeze().size for name in names)

    def waste(self, image: str) -> Waste:
        """Return what ``image`` (str) carries in its layers and never shows (Waste).  Raises DockerError.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> _ = engine.pull("greeter:1")
        >>> engine.waste("greeter:1").by_path
        {'/app/notes.txt': 26, '/app/settings.ini': 17}
        """
        return waste(self.image(image).image.layers)

"""``docker rm``, ``rename`` and ``container prune``: the end of a container and of its read-write layer."""

from abc import abstractmethod
from collections.abc import Sequence

from course.engine.base import command
from course.engine.configuring import checked_name
from course.engine.filters import Filters
from course.engine.records import Container, Status
from course.engine.running import Running
from course.errors import DockerError


class Removing(Running):
    """Removes and renames containers."""

    @command
    def rm(self, *containers: str, force: bool = False, volumes: bool = False) -> list[str]:
        """Remove ``containers`` (str each) with their read-write layers; return what they were called (list of str).

        ``force`` kills those that run (bool), ``volumes`` removes their anonymous volumes as well (bool).  Raises
        DockerError: one runs, or is not there.
        """

        def remove(word: str) -> str:
            container = self.container(word)
            if container.is_running and not force:
                status, advice = (
                    container.state.status.value,
                    "Stop the container before attempting removal or force remove",
                )
                if container.state.status is Status.PAUSED:
                    advice = "Unpause and then stop the container before attempting removal or force remove"
                raise DockerError(f"You cannot remove a {status} container {container.id}. {advice}")
            if container.is_running:
                self.kill(container.id)
            if container.id in self.containers:  # `--rm` has removed it at its end
                self.remove(self.containers[container.id], volumes)
            return word

        return self.each(containers, remove)

    def remove(self, container: Container, volumes: bool = False) -> None:
        """Remove ``container`` (Container), and its anonymous ``volumes`` (bool) if no other has them."""
        self.store.remove("containers", container.id)
        self.store.remove("names", container.name)
        for point in container.mounts if volumes else ():
            volume = self.volumes.get(point.name)
            if volume and point.is_anonymous and not self._is_mounted(volume.name):
                self.remove_volume(volume.name)

    def _is_mounted(self, volume: str) -> bool:
        return any(point.name == volume for container in self.containers.values() for point in container.mounts)

    @abstractmethod
    def remove_volume(self, name: str) -> None:
        """Remove a volume with its files; ``Volumes`` says how."""

    @command
    def rename(self, container: str, name: str) -> None:
        """Give ``container`` (str) another ``name`` (str).  Raises DockerError: it is taken, or cannot be one."""
        record = self.container(container)
        if not name or not container:
            raise DockerError("Neither old nor new names may be empty")
        if name.removeprefix("/") == record.name:
            raise DockerError("Renaming a container with the same name as its current name")
        new, names = name.removeprefix("/"), self.store.tables["names"]
        try:
            checked_name(new)
        except DockerError as error:
            told = str(error).replace(f"({new})", f"(/{new})")
            raise DockerError(f"Error when allocating new name: {told}") from error
        if new in names:
            raise DockerError(
                f'Error when allocating new name: Conflict. The container name "/{new}" is already in use by container '
                f'"{names[new]}". You have to remove (or rename) that container to be able to reuse that name.'
            )
        self.store.remove("names", record.name)
        self.store.put("names", new, record.id)
        self.change(record, name=new)

    @command
    def container_prune(self, filter: Sequence[str] = ()) -> list[str]:  # noqa: A002 (docker's own name)
        """Remove every container that does not run, or those of them that the ``filter`` takes; return their ids."""
        wanted = Filters.parse(filter, {"until", "label", "label!"})
        gone = [
            container
            for container in self.containers.values()
            if not container.is_running
            and wanted.matches_labels(container.config.get("Labels") or {})
            and wanted.is_before(container.created, self.clock.now)
        ]
        for container in gone:
            self.remove(container)
        return [container.id for container in gone]

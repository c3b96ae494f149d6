"""``docker ps``: which containers there are, and what they are doing."""

from collections.abc import Callable, Sequence

from course.engine.filters import Filters
from course.engine.finding import Finding
from course.engine.records import Container, Status, StoredImage
from course.errors import DockerError

KEYS = {
    "ancestor",
    "before",
    "exited",
    "expose",
    "health",
    "id",
    "is-task",
    "isolation",
    "label",
    "name",
    "network",
    "publish",
    "since",
    "status",
    "volume",
}
STATUSES = (*(status.value for status in Status), "removing")


class Listing(Finding):
    """Lists containers."""

    def ps(
        self,
        *,
        all: bool = False,  # noqa: A002 (docker's own names)
        latest: bool = False,
        last: int = -1,
        filter: Sequence[str] = (),  # noqa: A002
    ) -> list[Container]:
        """Return the containers that run (list of Container), the newest first.

        ``all`` adds those that do not; ``latest`` is the one made last, ``last`` how many of these (int); ``filter``
        takes some (sequence of ``key=value``), whatever they do if it asks for a status or an exit code.  Raises
        DockerError.  Rule: moby, daemon/list.go.
        """
        wanted = Filters.parse(filter, KEYS)
        for status in wanted["status"]:
            if status not in STATUSES:
                raise DockerError(f"Unrecognised filter value for status: {status}")
        count = 1 if latest else last
        every = all or count > 0 or bool(wanted["status"] or wanted["exited"])
        found = sorted(self.containers.values(), key=lambda container: container.created, reverse=True)
        found = [container for container in found if (every or container.is_running) and self._takes(wanted, container)]
        found = [container for container in found if self._is_between(wanted, container)]
        return found[:count] if count > 0 else found

    def _takes(self, wanted: Filters, container: Container) -> bool:
        state = container.state
        checks: dict[str, Callable[[str], object]] = {
            "id": lambda value: container.id.startswith(value),
            "name": lambda value: (
                value.removeprefix("/").strip("^$") in container.name
                if value[:1] != "^"
                else container.name.startswith(value.strip("^/$"))
            ),
            "status": lambda value: state.status.value == value,
            "exited": lambda value: not container.is_running and state.finished and str(state.exit_code) == value,
            "ancestor": lambda value: self._descends(container, value),
            "network": lambda value: value in container.networks,
            "volume": lambda value: any(value in (point.name, point.destination) for point in container.mounts),
            "publish": lambda value: any(value.partition("/")[0] in text for text in _host_ports(container)),
            "expose": lambda value: any(
                value.partition("/")[0] == port.partition("/")[0] for port in container.host.ports
            ),
        }
        labels = container.config.get("Labels") or {}
        return wanted.matches_labels(labels) and all(
            not wanted[key] or any(check(value) for value in wanted[key]) for key, check in checks.items()
        )

    def _descends(self, container: Container, word: str) -> bool:
        """Tell whether ``container`` stands on the layers of the image that ``word`` (str) means (bool)."""
        ancestor = self.find_image(word)
        if ancestor is None:
            return False
        here: StoredImage | None = self.images_by_id.get(container.image)
        while here:
            if here.id == ancestor.id:
                return True
            here = self.images_by_id.get(here.parent)
        return False

    def _is_between(self, wanted: Filters, container: Container) -> bool:
        after = [self.container(word).created for word in wanted["since"]]
        before = [self.container(word).created for word in wanted["before"]]
        return all(container.created > time for time in after) and all(container.created < time for time in before)


def _host_ports(container: Container) -> list[str]:
    return [place.rpartition(":")[2] for places in container.host.ports.values() for place in places]

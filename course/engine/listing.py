"""``docker ps``: which containers there are, and what they are doing."""

import re
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
NUMBER, PORT = re.compile(r"[+-]?\d+", re.ASCII), re.compile(r"\d{1,5}", re.ASCII)
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
        takes some (sequence of ``key=value``), whatever they do if it asks for a status.  Raises
        DockerError.  Rule: moby, daemon/list.go.
        """
        wanted = Filters.parse(filter, KEYS)
        _check(wanted)
        count = 1 if latest else last
        every = all or count > 0 or bool(wanted["status"])
        found = sorted(self.containers.values(), key=lambda container: container.created, reverse=True)
        found = [container for container in found if (every or container.is_running) and self._takes(wanted, container)]
        found = [container for container in found if self._is_between(wanted, container)]
        return found[:count] if count > 0 else found

    def _takes(self, wanted: Filters, container: Container) -> bool:
        state = container.state
        checks: dict[str, Callable[[str], object]] = {
            "status": lambda value: state.status.value == value,
            "exited": lambda value: not container.is_running and state.finished and str(state.exit_code) == value,
            "ancestor": lambda value: self._descends(container, value),
            "health": lambda value: value == "none",
            "network": lambda value: value in container.networks or self._is_in(container, value),
            "volume": lambda value: any(
                value in (point.name or point.source, point.destination) for point in container.mounts
            ),
        }
        ports = _ports(wanted, "publish") & _published(container) | _ports(wanted, "expose") & _exposed(container)
        return (
            wanted.matches_labels(container.config.get("Labels") or {})
            and wanted.matches("id", container.id)
            and wanted.matches("name", container.name, f"/{container.name}")
            and not wanted.flag("is-task")
            and bool(ports or not (wanted["publish"] or wanted["expose"]))
            and all(not wanted[key] or any(map(check, wanted[key])) for key, check in checks.items())
        )

    def _is_in(self, container: Container, prefix: str) -> bool:
        """Tell whether ``container`` is in a network whose id begins with ``prefix`` (str; bool)."""
        return any(name in self.networks and self.networks[name].id.startswith(prefix) for name in container.networks)

    def _descends(self, container: Container, word: str) -> bool:
        """Tell whether ``container`` stands on the layers of the image that ``word`` (str) means (bool)."""
        try:
            ancestor = self.image(word)
        except DockerError:
            return False
        here: StoredImage | None = self.images_by_id.get(container.image)
        while here:
            if here.id == ancestor.id:
                return True
            here = self.images_by_id.get(here.parent)
        return False

    def _is_between(self, wanted: Filters, container: Container) -> bool:
        after, before = ([self._named(word).created for word in wanted[key]] for key in ("since", "before"))
        return all(container.created > time for time in after) and all(container.created < time for time in before)

    def _named(self, word: str) -> Container:
        try:
            return self.container(word)
        except DockerError as error:
            raise DockerError(f"no such container {word}") from error


def _check(wanted: Filters) -> None:
    """Refuse values that docker refuses, whichever containers there are.  Raises DockerError."""
    for status in wanted["status"]:
        if status not in STATUSES:
            raise DockerError(f"Invalid filter 'status={status}'")
    for health in wanted["health"]:
        if health not in ("starting", "healthy", "unhealthy", "none"):
            raise DockerError(f"Unrecognised filter value for health: {health}")
    for code in wanted["exited"]:
        if not NUMBER.fullmatch(code):
            raise DockerError(f'strconv.Atoi: parsing "{code}": invalid syntax')
    wanted.flag("is-task")
    _ports(wanted, "publish")
    _ports(wanted, "expose")


def _ports(wanted: Filters, key: str) -> set[str]:
    """Return the ports that ``key`` asks for (set of str, such as ``80/tcp``), of which each can be a range."""
    found: set[str] = set()
    for text in wanted[key]:
        numbers, _slash, protocol = text.partition("/")
        first, _dash, last = numbers.partition("-")
        for number in (first, last or first):
            if not PORT.fullmatch(number):
                raise DockerError(
                    f'error while looking up for {key} {text}: strconv.ParseUint: parsing "{number}": invalid syntax'
                )
        found |= {f"{port}/{protocol or 'tcp'}" for port in range(int(first), int(last or first) + 1)}
    return found


def _published(container: Container) -> set[str]:
    """Return the host's ports that lead into a running ``container`` (set of str)."""
    return {
        f"{place.rpartition(':')[2]}/{port.partition('/')[2]}"
        for port, places in container.host.ports.items()
        for place in (places if container.is_running else ())
    }


def _exposed(container: Container) -> set[str]:
    return set(container.host.ports) if container.is_running else set()

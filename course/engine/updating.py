"""``docker update``: other limits, or another restart policy, for a container that is there."""

from dataclasses import replace
from typing import Any

from course.engine.base import command
from course.engine.creating import Creating
from course.engine.limits import check_limits, restart_policy
from course.engine.records import HostConfig
from course.errors import DockerError


class Updating(Creating):
    """Changes what containers may use."""

    @command
    def update(
        self,
        *containers: str,
        memory: int = 0,
        memory_swap: int = 0,
        memory_reservation: int = 0,
        cpus: float = 0,
        pids_limit: int = 0,
        restart: str = "",
    ) -> list[str]:
        """Change what ``containers`` (str each) may use, or when they start again; return what they were called.

        What is 0, or empty, stays as it is; the options are those of ``docker create``.  Raises DockerError.  Rule:
        moby, container/container_unix.go, UpdateContainer.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> _ = engine.create("base:1", "true", name="box"), engine.update("box", restart="on-failure:3")
        >>> engine.container("box").host.restart
        'on-failure:3'
        """
        limits: dict[str, Any] = {
            "memory": memory,
            "memory_swap": memory_swap,
            "memory_reservation": memory_reservation,
            "cpus": cpus,
            "pids_limit": pids_limit,
        }
        wanted = HostConfig(**limits)
        check_limits(wanted, of_new=False)
        restart_policy(restart)
        changes = {name: value for name, value in limits.items() if value} | ({"restart": restart} if restart else {})
        if pids_limit < 0:  # without limit
            changes["pids_limit"] = 0

        def update(word: str) -> str:
            container = self.container(word)
            if 0 < container.host.memory_swap < memory and not memory_swap:
                raise DockerError(
                    f"Cannot update container {container.id}: Memory limit should be smaller than already "  # noqa: S608
                    "set memoryswap limit, update the memoryswap at the same time"
                )
            if restart and container.host.auto_remove:
                raise DockerError(
                    f"Cannot update container {container.id}: Restart policy cannot be updated because AutoRemove is "
                    "enabled for the container"
                )
            self.change(container, host=replace(container.host, **changes))
            return word

        return self.each(containers, update)

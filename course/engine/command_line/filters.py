"""What ``--filter`` may ask for: the names and values that docker's engine takes, refused in its words.

Rule: moby 20.10, daemon/list.go, images/images.go, images/image_prune.go, prune.go, network/filter.go, volume service.
"""

import re
from collections.abc import Mapping, Sequence

from course.engine.go_text import quoted
from course.errors import DockerError

NAMES = {
    "ps": "ancestor before exited expose health id is-task isolation label name network publish since status volume",
    "images": "before dangling label reference since",
    "volume ls": "dangling driver label name",
    "network ls": "dangling driver id label name scope type",
    "container prune": "label label! until",
    "image prune": "dangling label label! until",
    "volume prune": "label label!",
    "network prune": "label label! until",
    "system prune": "label label! until",
}
"""The names of filters (separated by spaces), by what a command does."""

STATES = ("created", "running", "paused", "restarting", "removing", "exited", "dead")
HEALTH = ("starting", "healthy", "unhealthy", "none")
NUMBER = re.compile(r"[+-]?\d+", re.ASCII)


def check(command: str, filters: Mapping[str, Sequence[str]]) -> None:
    """Refuse a filter that docker does not know.  Raises DockerError.

    ``command`` is what the command does (str, a key of ``NAMES``), ``filters`` the values by names (mapping).

    >>> check("images", {"dangling": ["maybe"]})
    Traceback (most recent call last):
    ...
    course.errors.DockerError: Error response from daemon: Invalid filter 'dangling=[maybe]'
    """
    for name, values in filters.items():
        if name not in NAMES[command].split():
            raise _refused(f"Invalid filter '{name}'")
        for value in values:
            _check_value(command, name, value)


def _check_value(command: str, name: str, value: str) -> None:
    if name == "status" and value not in STATES:
        raise _refused(f"Invalid filter 'status={value}'")
    if name == "health" and value not in HEALTH:
        raise _refused(f"Unrecognised filter value for health: {value}")
    if name == "exited" and not NUMBER.fullmatch(value):
        raise _refused(f"strconv.Atoi: parsing {quoted(value)}: invalid syntax")
    if name == "dangling" and value not in ("true", "false", "1", "0"):
        if command == "network ls":
            raise _refused('invalid value for filter \'dangling\', must be "true" (or "1"), or "false" (or "0")')
        if command != "image prune":
            raise _refused(f"Invalid filter 'dangling=[{value}]'")


def _refused(message: str) -> DockerError:
    return DockerError(f"Error response from daemon: {message}")

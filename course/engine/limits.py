"""What a container may use, what it may do, and when it starts again: what docker refuses of it.

Rule: moby, daemon/daemon_unix.go, verifyPlatformContainerResources, and daemon/container.go, validateRestartPolicy.
"""

from collections.abc import Sequence
from dataclasses import replace

from course.engine.records import HostConfig
from course.errors import DockerError
from course.processes.capability_names import NAMES

MIB = 1 << 20
LEAST_MEMORY = 6 * MIB  # moby, daemon/daemon_unix.go: linuxMinMemory
CPUS = 4  # that the simulated machine has


def check_limits(host: HostConfig, *, of_new: bool = True) -> None:
    """Refuse limits that make no sense; ``of_new`` is whether those of ``host`` are all there are (bool).

    Raises DockerError.

    >>> check_limits(HostConfig(memory=1024))
    Traceback (most recent call last):
    course.errors.DockerError: Minimum memory limit allowed is 6MB
    """
    memory, swap, reservation = host.memory, host.memory_swap, host.memory_reservation
    if 0 < memory < LEAST_MEMORY:
        raise DockerError("Minimum memory limit allowed is 6MB", 125)
    if memory > 0 and 0 < swap < memory:
        raise DockerError("Minimum memoryswap limit should be larger than memory limit, see usage", 125)
    if not memory and swap > 0 and of_new:
        raise DockerError("You should always set the Memory limit when using Memoryswap limit, see usage", 125)
    if 0 < reservation < LEAST_MEMORY:
        raise DockerError("Minimum memory reservation allowed is 6MB", 125)
    if 0 < memory < reservation:
        raise DockerError("Minimum memory limit can not be less than memory reservation limit, see usage", 125)
    if not 0 <= host.cpus <= CPUS:
        raise DockerError(f"Range of CPUs is from 0.01 to {CPUS}.00, as there are only {CPUS} CPUs available", 125)


def with_swap(host: HostConfig) -> HostConfig:
    """Return ``host`` (HostConfig) with as much swap again as it has memory, if it says nothing of swap.

    Rule: moby, daemon/daemon_unix.go, adaptContainerSettings.
    """
    return replace(host, memory_swap=2 * host.memory) if host.memory > 0 and not host.memory_swap else host


def check_capabilities(option: str, names: Sequence[str]) -> None:
    """Refuse names (str each) that are no capability's; ``option`` is what docker calls it (str).  Raises DockerError.

    Rule: moby, oci/caps/utils.go, NormalizeLegacyCapabilities.

    >>> check_capabilities("CapAdd", ["net_admin", "CAP_CHOWN", "all"])
    """
    for name in names:
        whole = name.upper() if name.upper().startswith("CAP_") else f"CAP_{name.upper()}"
        if whole != "CAP_ALL" and whole.removeprefix("CAP_") not in NAMES:
            raise DockerError(f'invalid {option}: unknown capability: "{whole}"', 125)


def restart_policy(text: str, auto_remove: bool = False) -> str:
    """Return a restart policy (str) if ``text`` (str) is one, and goes with ``--rm``.  Raises DockerError."""
    name, _colon, count = text.partition(":")
    if name not in ("", "no", "always", "on-failure", "unless-stopped"):
        raise DockerError(f"invalid restart policy '{name}'", 125)
    if name == "on-failure" and count.startswith("-") and count[1:].isdecimal():
        raise DockerError("maximum retry count cannot be negative", 125)
    if count and (name != "on-failure" or not count.isdecimal()):
        raise DockerError(
            "maximum retry count must be an integer"
            if name == "on-failure"
            else f"maximum retry count cannot be used with restart policy '{name}'",
            125,
        )
    if auto_remove and name not in ("", "no"):
        raise DockerError("Conflicting options: --restart and --rm", 125)
    return text or "no"


def asked_for(host: HostConfig) -> dict[str, float]:
    """Return the limits that ``host`` (HostConfig) sets (dict of float by name)."""
    limits = {name: getattr(host, name) for name in ("memory", "memory_swap", "memory_reservation", "cpus")}
    return {name: value for name, value in limits.items() if value}

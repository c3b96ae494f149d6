"""Capabilities: their names and numbers, which of them a container has, and how a process gives up the others.

A set of capabilities is a mask (int), whose bit *n* stands for number *n*, as in /proc/PID/status.
Sources: capabilities(7), linux/capability.h; moby, oci/caps/defaults.go and utils.go.
"""

from __future__ import annotations

from course.processes.capability_names import NAMES
from course.processes.linux.syscalls import PR_CAPBSET_DROP, PR_CAPBSET_READ, capget, capset, prctl

ALL = (1 << len(NAMES)) - 1
_BITS = {name: 1 << number for number, name in enumerate(NAMES)} | {"ALL": ALL}


def _short(name: str) -> str:
    return name.upper().removeprefix("CAP_")


def mask(names: tuple[str, ...] | list[str]) -> int:
    """Return the set (int) of the capabilities with these ``names`` (str each; any case; ``CAP_`` may be missing).

    ``ALL`` stands for all of them.  Raises ValueError for a name that is no capability's.

    >>> hex(mask(["CAP_CHOWN", "net_raw"]))
    '0x2001'
    """
    whole = 0
    for name in names:
        bit = _BITS.get(_short(name))
        if bit is None:
            raise ValueError(f"unknown capability: {name!r}")
        whole |= bit
    return whole


def names(mask: int) -> list[str]:
    """Return the names of the capabilities in a set (int), as docker writes them, by number (list of str).

    >>> names(0x2001)
    ['CAP_CHOWN', 'CAP_NET_RAW']
    """
    return [f"CAP_{name}" for number, name in enumerate(NAMES) if mask >> number & 1]


DEFAULT = mask(
    (
        "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL "
        "AUDIT_WRITE"
    ).split()
)
"""What a container's root may do unless it is told otherwise: docker's fourteen (int)."""


def wanted(
    default: int, add: tuple[str, ...] | list[str], drop: tuple[str, ...] | list[str], privileged: bool = False
) -> int:
    """Return the set (int) that ``--cap-add``, ``--cap-drop`` (names, str each) and ``--privileged`` make of a default.

    What is both dropped and added is added, but ``--cap-add ALL`` adds all but those that are dropped by name.
    Raises ValueError for a name that is no capability's.  Rule: moby, oci/caps/utils.go, TweakCapabilities.

    >>> names(wanted(DEFAULT, ["SYS_TIME"], ["ALL"]))
    ['CAP_SYS_TIME']
    """
    if privileged:
        return ALL
    added, dropped = mask(add), mask(drop)
    if any(_short(name) == "ALL" for name in add):
        return ALL & ~mask([name for name in drop if _short(name) != "ALL"])
    return default & ~dropped | added


def limit_to(mask: int) -> None:
    """Hold no capability outside a set (int), and never get one back by exec.  Raises OSError.

    It is both steps in one; a process that becomes another user between takes them one by one.
    """
    limit_bounding(mask)
    limit_held(mask)


def limit_held(mask: int) -> None:
    """Keep, of what is permitted now, what is in a set (int), and let it be effective.  Raises OSError.

    Inheritable becomes empty, so that no file's own inheritable capabilities come to life (CVE-2022-29162), and with it
    the ambient set, which lies within.  After a change from root to another user nothing is permitted any more.
    """
    held = mask & capget()[1]
    capset(held, held, 0)


def limit_bounding(mask: int) -> None:
    """Take all capabilities but those of a set (int) out of the bounding set, so that no exec can give them.

    It takes CAP_SETPCAP, which a change from root to another user takes away: it comes before that.
    What is out already takes no privilege, and what this kernel does not know is no error.  Raises OSError.
    """
    for number in range(64):
        if mask >> number & 1:
            continue
        try:
            prctl(PR_CAPBSET_DROP, number)
        except OSError:
            try:
                inside = prctl(PR_CAPBSET_READ, number)
            except OSError:  # past this kernel's last
                return
            if inside:
                raise

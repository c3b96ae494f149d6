"""The processes of a container, as ps(1) lists them, by the container's own numbers (proc(5))."""

from __future__ import annotations

import os

TICK = 10**9 // os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 10_000_000


def in_namespace_of(pid: int) -> list[tuple[int, int, int, int, str]]:
    """Return the processes of the PID namespace of process ``pid`` (int): uid, pid, ppid, start and command line.

    The start is nanoseconds since 1970.  One that ends meanwhile is left out.  Raises OSError: there is no ``pid``.
    """
    namespace = os.readlink(f"/proc/{pid}/ns/pid")
    boot = _boot()
    found, inside = [], {}
    for name in os.listdir("/proc"):
        if not name.isdecimal():
            continue
        try:
            if os.readlink(f"/proc/{name}/ns/pid") != namespace:
                continue
            status = dict(line.split(":", 1) for line in _read(f"/proc/{name}/status").splitlines() if ":" in line)
            command = _read(f"/proc/{name}/cmdline")
            start = int(_read(f"/proc/{name}/stat").rpartition(")")[2].split()[19])
        except (OSError, IndexError):
            continue
        inside[int(name)] = int(status["NSpid"].split()[-1])
        text = command.rstrip("\0").replace("\0", " ") or f"[{status['Name'].strip()}]"
        if "Z" in status["State"].split()[0]:
            text = f"[{status['Name'].strip()}] <defunct>"
        found.append((int(status["Uid"].split()[1]), int(name), int(status["PPid"]), boot + start * TICK, text))
    rows = [(uid, inside[outer], inside.get(parent, 0), start, text) for uid, outer, parent, start, text in found]
    return sorted(rows, key=lambda row: row[1])


def _boot() -> int:
    line = next(line for line in _read("/proc/stat").splitlines() if line.startswith("btime "))
    return int(line.split()[1]) * 10**9


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()

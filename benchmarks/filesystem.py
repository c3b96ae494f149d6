"""Mixed calls in the simulated file system, against pyfakefs and against a real overlay mount, in one run.

All three do the same script.  Each number is the median of a few rounds in which they take turns, each time in a fresh
file system: pyfakefs in a plain tree, the other two in a union of five layers with the same files.
"""

import gc
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course.layers.layer import Layer
from course.processes.linux import syscalls
from course.union import flags
from course.union.filesystem import UnionFilesystem

FILES, PACKAGE, LAYERS = 2_000, 40, 5  # PACKAGE files lie in one directory
CALLS, ROUNDS = 10_000, 5
PATHS = [f"/usr/share/package{number // PACKAGE}/file{number}" for number in range(FILES)]
STACK = [Layer.of(dict.fromkeys(PATHS[number::LAYERS], "")) for number in range(LAYERS)]
NATIVE = os.O_CREAT | os.O_EXCL | os.O_WRONLY
OVERLAY = "real overlay mount"

Call = tuple[str, tuple[str, ...]]


def script() -> list[Call]:
    """Return the calls (name and arguments), each of which succeeds; they are the same every time."""
    chance = random.Random(1)
    directories = sorted({path.rpartition("/")[0] for path in PATHS})
    there, calls = list(PATHS), list[Call]()
    for number in range(CALLS):
        kind = chance.choice(("create", "stat", "rename", "unlink", "listdir"))
        place, at = chance.choice(directories), chance.randrange(len(there))
        old, new = there[at], f"{place}/new{number}"
        if kind == "create":
            there.append(new)
        elif kind == "rename":
            there[at] = new
        elif kind == "unlink":
            del there[at]
        arguments = {"create": (new,), "rename": (old, new), "listdir": (place,)}
        calls.append((kind, arguments.get(kind, (old,))))
    return calls


def seconds(system: Any, creating: int) -> float:
    """Return how long the script takes (float, of processor time) in ``system``, which has the functions of ``os``.

    ``creating`` (int) are the flags that open takes there to make a file.
    """
    functions: dict[str, Callable[..., object]] = {
        "create": lambda path: system.close(system.open(path, creating, 0o644)),
        **{name: getattr(system, name) for name in ("stat", "rename", "unlink", "listdir")},
    }
    calls = [(functions[kind], arguments) for kind, arguments in script()]
    gc.collect()  # what the round before left is not this one's to clear away
    start = time.process_time()
    for function, arguments in calls:
        function(*arguments)
    return time.process_time() - start


def simulated() -> float:
    """Return how long the script takes in a new union (float); its layers have been indexed before."""
    return seconds(UnionFilesystem(STACK), flags.O_CREAT | flags.O_EXCL | flags.O_WRONLY)


def faked() -> float:
    """Return how long it takes in a new file system of pyfakefs (float).  Raises ImportError."""
    from pyfakefs.fake_filesystem import FakeFilesystem, FakeOsModule

    filesystem = FakeFilesystem()
    for path in PATHS:
        filesystem.create_file(path)
    return seconds(FakeOsModule(filesystem), NATIVE)


def mounted() -> float:
    """Return how long it takes on an overlay mount, in a process of its own (float).  Raises OSError: no such mount."""
    with tempfile.TemporaryDirectory() as folder:
        child = subprocess.run([sys.executable, __file__, folder], check=False, capture_output=True, text=True)
    if child.returncode:
        raise OSError(child.stderr.strip().splitlines()[-1])
    return float(child.stdout)


def mount_and_measure(folder: str) -> float:
    """Mount the stack on ``folder`` (str), make it the root directory, and return how long the script takes (float).

    The process moves into namespaces of its own, so that nobody else sees the mounts and they end with it.  The layers
    lie on a tmpfs.  Raises OSError.
    """
    options = f"lowerdir={':'.join(map(str, reversed(range(LAYERS))))},upperdir=upper,workdir=work"
    options += ",index=off,metacopy=off"  # as Docker sets them
    if os.geteuid() == 0:
        syscalls.unshare(syscalls.CLONE_NEWNS)
    else:
        maps = {"setgroups": "deny", "uid_map": f"0 {os.geteuid()} 1", "gid_map": f"0 {os.getegid()} 1"}
        syscalls.unshare(syscalls.CLONE_NEWUSER | syscalls.CLONE_NEWNS)
        for name, content in maps.items():
            Path("/proc/self", name).write_text(content)
        options += ",userxattr"
    syscalls.mount("none", "/", "", syscalls.MS_REC | syscalls.MS_PRIVATE)
    syscalls.mount("tmpfs", folder, "tmpfs")
    os.chdir(folder)
    for name in ("upper", "work", "merged"):
        Path(name).mkdir()
    for number, layer in enumerate(STACK):
        for path, entry in layer.entries.items():
            real = Path(f"{number}{path}")
            real.mkdir(parents=True) if entry.is_directory else real.touch()
    syscalls.mount("overlay", "merged", "overlay", 0, options)
    os.chroot("merged")
    os.chdir("/")
    return seconds(os, NATIVE)


def main() -> None:
    """Print what a call takes in each of the three, and the ratios beside what was asked for."""
    ways = {"simulated": simulated, "pyfakefs": faked, OVERLAY: mounted}
    times: dict[str, list[float]] = {name: [] for name in ways}
    simulated()  # indexes the layers
    for _ in range(ROUNDS):
        for name, way in list(ways.items()):
            try:
                times[name].append(way())
            except (ImportError, OSError) as error:
                print(f"left out: {name} ({error})")
                del ways[name], times[name]
    print(
        f"{CALLS} calls (create, stat, rename, unlink, listdir) among {FILES} files, in the unions of {LAYERS} layers"
    )
    medians = {name: statistics.median(taken) / CALLS * 1e6 for name, taken in times.items()}
    for name, median in medians.items():
        print(f"{name:20} {median:7.2f} µs a call")
    ours = medians["simulated"]
    if "pyfakefs" in medians:
        print(f"simulated is {medians['pyfakefs'] / ours:.1f} times as fast as pyfakefs (asked: at least 20)")
    if OVERLAY in medians:
        print(f"simulated takes {ours / medians[OVERLAY]:.2f} times as long as the real mount (asked: at most 10)")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(mount_and_measure(sys.argv[1]))
    else:
        main()

"""Reading, verifying and unpacking an image on tmpfs, against `umoci unpack`, in one run.

The image is that of ``reading.py``: 8 gzip layers, 20,000 entries, 430 MB.  Both read it from the same folder, verify
every digest, and write all files; ours are a directory for each layer, with what is needed to write its tar again,
and umoci's one directory for all.  Every number is the median of rounds in which the two take turns, from start to exit
of their processes.  The image is kept in the temporary folder; what is unpacked is removed.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from reading import IMAGE, LAYERS, TMPFS, make_image, seconds

ROUNDS = 5
ASKED = 0.5  # of what umoci takes

UNPACK = """
import os, sys
from course.processes.linux.unpacking import IdMap, unpack
from course.transport.reading import open_images
image, place = sys.argv[1:]
ids = IdMap(100_000, 100_000, 65_536) if os.geteuid() == 0 else IdMap(os.geteuid(), os.getegid())
for number, layer in enumerate(open_images(image)[0].layers):
    os.mkdir(f"{place}/{number}")
    folder = os.open(f"{place}/{number}", os.O_RDONLY | os.O_DIRECTORY)
    with open(f"{place}/{number}-tar-split.json.gz", "wb") as rest:
        unpack(layer, folder, ids, rest)
    os.close(folder)
"""


def course(place: Path) -> None:
    """Read and verify the image, and unpack its layers into ``place`` (Path)."""
    subprocess.run([sys.executable, "-c", UNPACK, str(IMAGE), str(place)], check=True)


def umoci(place: Path) -> None:
    """Do the same with umoci."""
    as_user = ["--rootless"] if os.geteuid() else []
    command = ["umoci", "unpack", *as_user, "--image", f"{IMAGE}:1", str(place / "bundle")]
    subprocess.run(command, check=True, capture_output=True)


def taken(unpack: Callable[[Path], None]) -> tuple[float, int]:
    """Return how long ``unpack`` takes (float, seconds), and how many files it leaves (int)."""
    with tempfile.TemporaryDirectory(dir=TMPFS) as place:
        took = seconds(lambda: unpack(Path(place)))
        return took, sum(1 for _path in Path(place).rglob("file*"))


def main() -> None:
    """Make the image if it is not there, and print how long each one takes, and the ratio beside what was asked."""
    if not (IMAGE / "oci-layout").exists():
        print(f"making {IMAGE}")
        shutil.rmtree(IMAGE, ignore_errors=True)
        make_image(IMAGE)
    if not TMPFS.is_dir():
        raise SystemExit(f"needs a tmpfs at {TMPFS}")
    ways = {"course": course} | ({"umoci": umoci} if shutil.which("umoci") else {})
    times: dict[str, list[float]] = {name: [] for name in ways}
    files = set()
    for _ in range(ROUNDS):
        for name, way in ways.items():
            took, found = taken(way)
            times[name].append(took)
            files.add(found)
    print(f"{LAYERS} layers; each leaves {', '.join(map(str, sorted(files)))} files; medians of {ROUNDS}")
    medians = {name: statistics.median(took) for name, took in times.items()}
    for name, median in medians.items():
        print(f"{name:8} {median:5.2f} s")
    if "umoci" in medians:
        print(f"course takes {medians['course'] / medians['umoci']:.2f} of umoci's time (asked: at most {ASKED})")


if __name__ == "__main__":
    main()

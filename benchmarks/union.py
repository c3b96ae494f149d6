"""What many layers, a large image and a large file cost a union, each beside what was asked for, in one run.

Lookups in 100 layers are held against those in one layer with the same files; a union is opened over an image of this
machine's own /usr, saved and opened as any image is; and the memory that a file's copy-up takes against its size.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from course.layers.entry import FileEntry, Kind, directory, file, symlink
from course.layers.image import Image
from course.layers.layer import Layer
from course.transport.from_host import OnHost
from course.transport.reading import open_images
from course.transport.writing import save_image
from course.union.filesystem import UnionFilesystem

FILES, PACKAGE, ROUNDS = 20_000, 40, 7  # PACKAGE files lie in one directory
PATHS = [f"/usr/share/package{number // PACKAGE}/file{number}" for number in range(FILES)]
USERLAND, USERLAND_FILES, USERLAND_LAYERS, DEEP = "/usr", 30_000, 8, 5
LARGE = (1 << 30) + 1  # bytes; its last page is not full, so that appending has to read it
COPY_UP = """
import sys, tracemalloc
from course.layers.entry import file
from course.layers.layer import Layer
from course.transport.reading import open_images
from course.union import flags
from course.union.filesystem import UnionFilesystem

def memory(what):  # ru_maxrss would begin with the parent's
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith(what))

where, size, archive = sys.argv[1], int(sys.argv[2]), sys.argv[3]
layers = open_images(archive)[0].layers if where == "on disk" else []
before = memory("VmRSS") if sys.platform == "linux" else 0
tracemalloc.start()
layers = layers or [Layer.of({"/large": file(b"x" * size)})]
one, other = UnionFilesystem(layers), UnionFilesystem(layers)
one.chmod("/large", 0o600)
descriptor = other.open("/large", flags.O_RDWR | flags.O_APPEND)
other.write(descriptor, b"the end")
assert one.copied[-1].bytes == other.copied[-1].bytes == size
assert other.pread(descriptor, 9, size - 1) == b"xthe end"
print(f"{tracemalloc.get_traced_memory()[1] / size:.3f} of Python's", end="")
print(f", {(memory('VmHWM') - before) / size:.3f} of the process's" if sys.platform == "linux" else "")
"""


def seconds(run: Callable[[], object]) -> float:
    """Return how long ``run`` takes (float), in this process's own time."""
    start = time.process_time()
    run()
    return time.process_time() - start


def index(layers: Iterable[Layer]) -> None:
    """Let each layer make the tables that it keeps: what lies in a directory, which whiteouts, and who has links."""
    for layer in layers:
        layer.children("/"), layer.whiteouts_in("/"), layer.link_counts, layer.implied


def compare_depths() -> None:
    """Print how long ``stat`` takes in one layer and in 100, for each file's first time and after that."""
    shuffled = random.Random(1).sample(PATHS, FILES)
    stacks = {depth: [Layer.of(dict.fromkeys(PATHS[at::depth], "")) for at in range(depth)] for depth in (1, 100)}
    first: dict[int, list[float]] = {1: [], 100: []}
    later: dict[int, list[float]] = {1: [], 100: []}
    for layers in stacks.values():
        index(layers)
    for _ in range(ROUNDS):
        for depth, layers in stacks.items():
            union = UnionFilesystem(layers)
            for times in (first, later):
                times[depth].append(seconds(lambda union=union: [union.stat(path) for path in shuffled]))
    for times, meaning in ((first, "the first time, merging included"), (later, "later")):
        one, many = (statistics.median(times[depth]) / FILES * 1e6 for depth in stacks)
        print(f"stat of {FILES} files, {meaning}: {one:.2f} µs in 1 layer, {many:.2f} µs in 100")
        print(f"  100 layers have {one / many:.2f} of the speed of 1 (asked: at least 0.33)")


def userland() -> list[Layer]:
    """Return layers (list of Layer) of what lies in this machine's /usr, 30,000 files of it if there are so many.

    Files are empty, since nothing here reads one; what lies in one directory comes in one layer.
    """
    chance, left = random.Random(1), USERLAND_FILES
    found: list[dict[str, FileEntry]] = [{} for _ in range(USERLAND_LAYERS)]
    for folder, folders, names in os.walk(USERLAND):
        folders.sort()
        layer = chance.choices(found, weights=range(USERLAND_LAYERS, 0, -1))[0]  # they differ in size, as real ones do
        layer[folder] = directory()
        for path in (Path(folder, name) for name in islice(sorted(names), left)):
            layer[str(path)] = symlink(str(path.readlink())) if path.is_symlink() else file("")
        left -= min(left, len(names))
    return [Layer.of(entries) for entries in found]


def open_userland() -> None:
    """Print how long it takes to open a union over a real image, and to find a few files in it."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "userland.tar")
        save_image([Image.of(userland())], archive)
        [image] = open_images(archive)
    files = [path for layer in image.layers for path, entry in layer.entries.items() if not entry.is_directory]
    deep = sorted(files, key=lambda path: path.count("/"))[-DEEP:]

    def opening() -> None:
        union = UnionFilesystem(image.layers)
        union.listdir("/")
        for path in deep:
            union.lstat(path)

    indexing = seconds(lambda: index(image.layers)) * 1000
    median = statistics.median(seconds(opening) for _ in range(ROUNDS)) * 1000
    print(f"an image of {len(files)} files in {len(image.layers)} layers, which were indexed in {indexing:.0f} ms")
    print(f"  opened, / listed and {DEEP} deep files found in {median:.2f} ms (asked: under 50 ms)")


def measure_copy_up() -> None:
    """Print how much memory it takes to copy a file of 1 GiB up, in one union by chmod, in another by appending to it.

    On disk it lies in an image that was saved and opened; in memory it is a layer's own bytes, which count.
    """
    with tempfile.TemporaryDirectory() as folder:
        large, archive = Path(folder, "large"), Path(folder, "large.tar")
        with large.open("wb") as stream:
            stream.seek(LARGE - 1)
            stream.write(b"x")
        entry = FileEntry(Kind.FILE, size=LARGE, content=OnHost(str(large)))
        save_image([Image.of([Layer.of({"/large": entry})])], archive)
        for where in ("on disk", "in memory"):
            command = [sys.executable, "-c", COPY_UP, where, str(LARGE), str(archive)]
            said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            print(f"copy-up of 1 GiB, {where}: memory / file size = {said.strip()} (asked: at most 1)")


def main() -> None:
    """Do all three."""
    compare_depths()
    open_userland()
    measure_copy_up()


if __name__ == "__main__":
    main()

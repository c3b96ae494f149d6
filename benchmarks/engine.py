"""What the simulated engine's commands cost, each beside what was asked for, and beside a bare process, in one run."""

import os
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from course.engine.engine import Engine
from course.layers.layer import Layer
from course.layers.small_image import small_image, small_images
from course.transport.reading import open_images
from course.transport.writing import save_image

ROUNDS = 7
CONTAINERS = 10_000
CACHED = "FROM base:1\n" + "".join(
    f"COPY file{number} /app/file{number}\nRUN echo {number} > /app/{number}\nENV NUMBER={number}\n"
    for number in range(10)
)


def engine() -> Engine:
    """Return an engine that has the small images."""
    made = Engine(seed=0)
    made.load(list(small_images().values()))
    return made


def milliseconds(run: Callable[[], object]) -> float:
    """Return how long ``run`` takes (float)."""
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000


def bare_process() -> None:
    """Start /bin/true and wait for its end."""
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)


def compare_runs() -> None:
    """Print what a run costs, in an engine that is new and in one with many containers."""
    quiet, crowded = engine(), engine()
    for _ in range(1000):
        crowded.create("base:1")
    runs = {
        "run": lambda: quiet.run("base:1", "sh", "-c", "echo hello", rm=True),
        "run beside 1,000 containers": lambda: crowded.run("base:1", "sh", "-c", "echo hello", rm=True),
        "a bare process": bare_process,
    }
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(200):
        for name, run in runs.items():
            taken[name].append(milliseconds(run))
    for name, each in taken.items():
        print(f"{name}: {statistics.median(each):.2f} ms (asked of a run: under 2)")


def count_memory() -> None:
    """Print the memory of 10,000 containers on one image, with the journal that can take them back."""
    made = engine()
    tracemalloc.start()
    took = milliseconds(lambda: [made.create("base:1") for _ in range(CONTAINERS)])
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    print(f"{CONTAINERS:,} containers: {held / 1e6:.1f} MB (asked: under 100), {took / CONTAINERS:.2f} ms each, traced")


def undo_all() -> None:
    """Print what it costs to take back 1,000 commands."""
    made = Engine(seed=0)
    empty = {name: dict(table) for name, table in made.store.tables.items()}
    made.load(list(small_images().values()))
    while len(made.journal.events) < 1000:
        number = len(made.journal.events)
        made.run("base:1", "sh", "-c", f"echo {number} > /tmp/file", detach=number % 2 == 0)
    took = milliseconds(lambda: [made.undo() for _ in range(1000)])
    same = "the empty engine" if made.store.tables == empty else "SOMETHING ELSE THAN THE EMPTY ENGINE"
    print(f"1,000 commands undone: {took:.1f} ms, and what is left is {same}")


def time_builds() -> None:
    """Print what a build of 30 cached steps costs, by either builder."""
    context = Layer.of({"/Dockerfile": CACHED, **{f"/file{number}": f"{number}\n" * 100 for number in range(10)}})

    def build(made: Engine, builder: str) -> float:
        return milliseconds(lambda: made.build(context, tag=["app"], builder=builder))

    for builder in ("classic", "buildkit"):
        made = engine()
        first = build(made, builder)
        again = statistics.median([build(made, builder) for _ in range(ROUNDS)])
        print(f"{builder}: 30 cached steps in {again:.1f} ms (asked: under 50), the first time {first:.0f}")


def compare_loading() -> None:
    """Print what loading an archive costs beside reading it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "image.tar")
        large = Layer.of({f"/data/{number}": b"x" * 100_000 for number in range(200)}, parent=small_image().layers[-1])
        made = small_image()
        save_image([type(made).of([*made.layers, large], names=["large:1"])], path)
        read, load = [], []
        for _ in range(ROUNDS):
            read.append(milliseconds(lambda: open_images(path)))
            load.append(milliseconds(lambda: Engine(seed=0).load(open_images(path))))
        print(f"loading: {statistics.median(load) / statistics.median(read):.2f} of reading (asked: 1)")


if __name__ == "__main__":
    compare_runs()
    count_memory()
    undo_all()
    time_builds()
    compare_loading()

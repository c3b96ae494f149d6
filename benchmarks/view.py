"""A lookup in a stack of 100 layers, against one in a stack of 5 with the same files, in one run."""

import random
import statistics
import time

from course.layers.entry import file
from course.layers.layer import Layer
from course.union.view import UnionView

FILES, LOOKUPS, ROUNDS = 20_000, 20_000, 9


def stack(layers: int) -> list[Layer]:
    """Return a stack of so many layers that hold the same files, shared out among them; each layer deletes one."""
    entry = file("x")
    names = [f"/usr/share/package{number // 40}/file{number}" for number in range(FILES)]
    made: list[Layer] = []
    for number in range(layers):
        gone = names[number * 7 + 1 : number * 7 + 2]
        files = {name: entry for name in names[number::layers] if name not in gone}
        made.append(Layer.of(files, whiteouts=gone, parent=made[-1] if made else None))
    return made


def main() -> None:
    """Print the medians and their ratio."""
    chance = random.Random(1)
    paths = [f"/usr/share/package{number // 40}/file{number}" for number in chance.choices(range(FILES), k=LOOKUPS)]
    times: dict[int, list[float]] = {5: [], 100: []}
    views = {layers: UnionView(stack(layers)) for layers in times}
    first = {}
    for layers, view in views.items():
        start = time.perf_counter()
        found = sum(view.lookup(path) is not None for path in paths)
        first[layers] = time.perf_counter() - start
        merging = first[layers] / LOOKUPS * 1e6
        print(f"{layers:3} layers: {found} of {LOOKUPS} paths found; with merging {merging:.2f} µs a lookup")
    for _ in range(ROUNDS):
        for layers, view in views.items():
            start = time.perf_counter()
            for path in paths:
                view.lookup(path)
            times[layers].append(time.perf_counter() - start)
    medians = {layers: statistics.median(all_times) / LOOKUPS * 1e6 for layers, all_times in times.items()}
    for layers, median in medians.items():
        print(f"{layers:3} layers: {median:.2f} µs a lookup")
    print(
        f"100 layers take {medians[100] / medians[5]:.2f} times as long as 5 (with merging {first[100] / first[5]:.2f})"
    )


if __name__ == "__main__":
    main()

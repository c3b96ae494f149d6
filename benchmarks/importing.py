"""Starting Python with `import course`, against starting Python, in one run."""

import statistics
import subprocess
import sys
import time

ROUNDS = 15
STATEMENTS = ("pass", "import course", "from course import Image, UnionView, open_image")


def seconds(statement: str) -> float:
    """Return how long a new interpreter takes with one statement (float)."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the medians of interleaved rounds, and what each statement adds."""
    times: dict[str, list[float]] = {statement: [] for statement in STATEMENTS}
    for _ in range(ROUNDS):
        for statement, taken in times.items():
            taken.append(seconds(statement))
    alone, *others = (statistics.median(taken) * 1000 for taken in times.values())
    print(f"{'python':50} {alone:6.1f} ms")
    for statement, median in zip(STATEMENTS[1:], others, strict=True):
        print(f"{statement:50} {median:6.1f} ms   adds {median - alone:.1f} ms")


if __name__ == "__main__":
    main()

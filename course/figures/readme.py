"""The pictures of the README: drawn by the code, kept in the repository, held together by a test."""

import sys
from pathlib import Path

from course.figures.figure import Figure
from course.figures.lesson_map import course_map
from course.figures.union import union_beside_stack
from course.layers.small_image import small_image
from course.shipped import shipped_folder


def pictures() -> dict[str, Figure]:
    """Return the pictures by the names of their files (dict of str to Figure).

    >>> sorted(pictures())
    ['course_map.svg', 'union.svg']
    """
    lessons = [notebook.stem for notebook in (shipped_folder() / "notebooks").glob("*.ipynb")]
    paths = ["/app/greeter", "/app/notes.txt", "/app/settings.ini", "/etc/motd", "/etc/passwd"]
    return {
        "course_map.svg": course_map({}, available=lessons),
        "union.svg": union_beside_stack(small_image(), paths),
    }


def main(folder: str) -> None:
    """Write the pictures into ``folder`` (str), which is made if it is not there.  Raises OSError."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, figure in pictures().items():
        figure.save(Path(folder) / name)


if __name__ == "__main__":
    main(*sys.argv[1:2] or ["docs/pictures"])

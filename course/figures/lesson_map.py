"""The course map: the fifteen lessons on one way, lit by what is done."""

from collections.abc import Collection, Mapping, Sequence

from course.figures.figure import Figure, sample
from course.figures.lettering import table, wrap
from course.figures.shapes import badge, line, sign, write
from course.figures.style import FONTS
from course.figures.svg import Element, element
from course.words import _

LESSONS = {  # notebook: its title, and what it is about
    "00_start_here": (_("Start here"), _("run, predict, check")),
    "01_layers": (_("Layers"), _("an image is a stack")),
    "02_union_view": (_("Union view"), _("many layers, one view")),
    "03_read_write_layer": (_("Read-write layer"), _("what makes a container")),
    "04_running_containers": (_("Running containers"), _("what a process adds")),
    "05_identity": (_("Identity"), _("from bytes to digests")),
    "06_metadata": (_("Metadata"), _("what is kept where")),
    "07_commands": (_("Commands"), _("what each docker word does")),
    "08_build_and_cache": (_("Build and cache"), _("from Dockerfile to layers")),
    "09_moving_images": (_("Moving images"), _("push, pull, save, export")),
    "10_sizes_and_garbage": (_("Sizes and garbage"), _("what is shared, what is freed")),
    "11_real_overlayfs": (_("Real overlayfs"), _("the kernel's own layers")),
    "12_real_processes": (_("Real processes"), _("namespaces and limits")),
    "13_volumes_and_networks": (_("Volumes and networks"), _("what lies outside the layers")),
    "14_capstone": (_("Capstone"), _("your own container engine")),
}
PARTS = (_("What containers are"), _("Images, inside and out"), _("Whole machines"))
IN_ROW = 5
LEFT, TOP = 34.0, 66.0  # pixels: margins
WIDE, HIGH, COLUMN, ROW = 152.0, 120.0, 168.0, 186.0  # pixels: a lesson, and from one to the next


def course_map(done: Mapping[str, float], available: Collection[str] = ()) -> Figure:
    """Return the map of the course (Figure).

    ``done`` says how much of a lesson is done (mapping of notebook name to float, 0 to 1); ``available`` (collection of
    str) are further lessons that are there.  The others are to come.

    >>> for line in course_map({"00_start_here": 1, "01_layers": 0.4}, ["02_union_view"]).text.splitlines()[1:5]:
    ...     print(line)
      00  Start here            done
      01  Layers                40 % done
      02  Union view            ready
      03  Read-write layer      to come
    """
    drawing, words = _way(), list[list[str]]()
    for at, (lesson, (title, about)) in enumerate(LESSONS.items()):
        there = lesson in done or lesson in available
        fraction = min(1.0, max(0.0, done.get(lesson, 0.0)))
        standing = _standing(fraction) if there else _("to come")
        x, y = _place(at)
        if at % IN_ROW == 0:
            drawing.append(write(LEFT, y - 16, PARTS[at // IN_ROW], 500, "title ink"))
        words.append([lesson[:2], title, standing])
        drawing.append(_lesson(x, y, lesson[:2], [title, about, standing], fraction, there))
    lines = [f"  {text}" for text in table(words)]
    text = "\n".join("\n".join([part, *lines[at * IN_ROW :][:IN_ROW]]) for at, part in enumerate(PARTS))
    about = _("The lessons in their order, each with how much of it is done.")
    wide, high = LEFT + COLUMN * IN_ROW + 10, TOP + ROW * 2 + HIGH + 24
    return Figure.of(_("The course map"), about, text, drawing, wide, high)


def _standing(fraction: float) -> str:
    if fraction == 1:
        return _("done")
    percent = max(1, int(fraction * 100)) if fraction else 0  # never 0 for a beginning, never 100 for almost
    return _("{percent} % done").format(percent=percent) if percent else _("ready")


def _place(at: int) -> tuple[float, float]:
    return LEFT + COLUMN * (at % IN_ROW), TOP + ROW * (at // IN_ROW)


def _way() -> list[Element]:
    """Return the way through the lessons (list of Element): along each row, and back to the start of the next."""
    ways = []
    for row in range(len(LESSONS) // IN_ROW):
        (x, y), (end, _y) = _place(row * IN_ROW), _place(row * IN_ROW + IN_ROW - 1)
        middle = y + HIGH / 2
        ways.append(line("way", (x, middle), (end, middle)))
        if row:
            above, right = y - ROW + HIGH, end + WIDE / 2
            around = [(right, above + 16), (x - 16, above + 16), (x - 16, middle), (x, middle)]
            ways.append(line("way", (right, above), *around))
    return ways


def _lesson(x: float, y: float, number: str, words: Sequence[str], fraction: float, there: bool) -> Element:
    """Return one lesson (Element): its number, title, what it is about, and how much of it is done."""
    title, about, standing = words
    look, ink = ("merged" if fraction == 1 else "sheet", "ink") if there else ("ahead", "quiet")
    made = element("g", "", element("rect", "canvas", x=x, y=y, width=WIDE, height=HIGH, rx=9))
    made.append(element("rect", look, x=x, y=y, width=WIDE, height=HIGH, rx=9))
    made.append(badge(x + 25, y + 22, number) if there else write(x + 14, y + 27, number, 30, "strong quiet"))
    if fraction == 1:
        made.append(sign(x + 46, y + 16, "shown"))
    made.append(write(x + WIDE - 12, y + 26, standing, 76, f"small {'shown' if fraction else 'quiet'}", anchor="end"))
    base = y + 52
    for text, font, color, step in ((title, "strong", ink, 17), (about, "small", "quiet", 14)):
        for part in wrap(text, WIDE - 24, FONTS[font], 2):
            made.append(write(x + 12, base, part, WIDE - 24, f"{font} {color}"))
            base += step
    if there:
        made.append(element("rect", "view", x=x + 12, y=y + HIGH - 14, width=WIDE - 24, height=6, rx=3))
        made.append(element("rect", "winner", x=x + 12, y=y + HIGH - 14, width=(WIDE - 24) * fraction, height=6, rx=3))
    return made


if __name__ == "__main__":
    sample(course_map({"00_start_here": 1, "01_layers": 0.4}, ["02_union_view"]))

"""What BuildKit prints of a build: ``docker build --progress=plain``."""

from collections.abc import Sequence

from course.engine.build.instruction import Instruction
from course.processes.runtime import Output
from course.union.view import UnionView

SECOND = 10**9
BEFORE_AND_AFTER = 2  # lines of the Dockerfile around a wrong instruction; twice as many around one line
RULE = "--------------------"
OVERHEAD = 37  # bytes that sending a file takes besides what it holds
NOTHING_SENT = 2


class Plain:
    """The lines of a build: ``text`` is all of them (str), ``number`` that of the operation under way (int).

    >>> plain = Plain()
    >>> plain.start("[1/2] RUN true")
    >>> plain.cached()
    >>> print(plain.text, end="")
    #0 building with "default" instance using docker driver
    <BLANKLINE>
    #1 [1/2] RUN true
    #1 CACHED
    """

    def __init__(self) -> None:
        self.number = 0
        self._lines = ['#0 building with "default" instance using docker driver']

    @property
    def text(self) -> str:
        """Everything printed so far (str)."""
        return "".join(line + "\n" for line in self._lines)

    def add(self, lines: Sequence[str]) -> None:
        """Print ``lines`` (sequence of str) as they are."""
        self._lines += lines

    def start(self, name: str) -> None:
        """Begin with the operation ``name`` (str)."""
        self.number += 1
        self._lines += ["", f"#{self.number} {name}"]

    def cached(self) -> None:
        """Say that the operation came out of the cache."""
        self._lines.append(f"#{self.number} CACHED")

    def done(self, output: Sequence[Output] = (), began: int = 0, ended: int = 0) -> None:
        """Say what an operation wrote (sequence of Output), and that it is done; times are nanoseconds (int)."""
        self._lines += [f"#{self.number} {line}" for line in _timed(output, began)]
        self._lines.append(f"#{self.number} DONE {(ended - began) / SECOND:.1f}s")

    def begin(self, file: str, source: str | None) -> None:
        """Print that the Dockerfile ``file`` (str) was read: its text is ``source`` (str, or None: it is not there)."""
        self.start(f"[internal] load build definition from {file.rpartition('/')[2]}")
        size = NOTHING_SENT if source is None else len(source.encode("utf-8", "surrogateescape")) + OVERHEAD
        self._transferred("dockerfile", size)

    def look_up(self, images: Sequence[str]) -> None:
        """Print that ``images`` (sequence of str) were looked up."""
        for image in images:
            self.start(f"[internal] load metadata for {image}")
            self.done()

    def ignore(self, context: UnionView) -> None:
        """Print that the list of what the ``context`` leaves out was read."""
        self.start("[internal] load .dockerignore")
        found = context.lookup("/.dockerignore")
        self._transferred("context", found.entry.size + OVERHEAD + 3 if found else NOTHING_SENT)

    def context(self, context: UnionView) -> None:
        """Print that the build context (UnionView) was sent."""
        self._transferred("context", sum(found.entry.size for _path, found in context.walk()) + NOTHING_SENT)

    def _transferred(self, what: str, count: int) -> None:
        self._lines.append(f"#{self.number} transferring {what}: {count}B done")
        self.done()

    def fail(self, name: str, message: str, output: Sequence[Output] = (), began: int = 0) -> None:
        """Print that the operation ``name`` (str) failed, with the last of what it wrote."""
        heard = _timed(output, began)
        self._lines += [f"#{self.number} {line}" for line in heard]
        self._lines += [f"#{self.number} ERROR: {message}", "------", f" > {name}:", *heard[-10:], "------"]

    def export(self, identity: str, has_layers: bool, names: Sequence[str]) -> None:
        """Print that the image ``identity`` (str) was made, and its ``names`` (sequence of str)."""
        self.start("exporting to image")
        said = ["exporting layers"] * has_layers + [f"writing image {identity}"] + [f"naming to {n}" for n in names]
        self._lines += [f"#{self.number} {what} done" for what in said]
        self.done()


def refused_at_once(source: str | None, file: str, line: int = 0) -> str:
    """Return what BuildKit prints of a Dockerfile (str, or None) before it says why it is wrong in ``line`` (int)."""
    plain = Plain()
    plain.begin(file, source)
    plain.add(excerpt(source, Instruction("", start=line, end=line), file) if source else ())
    return plain.text


def excerpt(source: str, instruction: Instruction, file: str) -> list[str]:
    """Return the lines of a Dockerfile (str) around an instruction, as BuildKit shows where something went wrong.

    Rule: buildkit, solver/errdefs/source.go.

    >>> print("\\n".join(excerpt("FROM base\\nRUN false", Instruction("RUN", start=2, end=2), "Dockerfile")))
    Dockerfile:2
    --------------------
       1 |     FROM base
       2 | >>> RUN false
    --------------------
    """
    lines = source.split("\n")
    first, last = instruction.start, min(instruction.end, len(lines))
    if not 1 <= first <= len(lines):
        return []
    start, end = first, last
    room = BEFORE_AND_AFTER * (2 if first == last else 1)
    taken = 0
    while taken < room:
        if start > 1:
            start, taken = start - 1, taken + 1
        if end != len(lines):
            end, taken = end + 1, taken + 1
        taken += 1
    marked = [f" {at:3} | {'>>>' if first <= at <= last else '   '} {lines[at - 1]}" for at in range(start, end + 1)]
    return [f"{file}:{first}", RULE, *marked, RULE]


def _timed(output: Sequence[Output], began: int) -> list[str]:
    """Return the lines of an output, each with how many seconds after the beginning it came."""
    lines = []
    for part in output:
        text = part.data.decode("utf-8", "surrogateescape").removesuffix("\n")
        lines += [f"{(part.time - began) / SECOND:.3f} {line}" for line in text.split("\n")]
    return lines

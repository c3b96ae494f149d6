"""The session as it is written: chapters of command lines, and what else happens between them.

A chapter is a file in ``chapters``.  Its lines are

    # a fact that what follows shows
    $ docker run --name web -d base:1 sleep 1000      a command, as people type it; `< FILE` and `> FILE` at its end are
                                                      its standard input and output, and "<container web>" is an id,
                                                      "<container web[:6]>" how it begins
    file context/Dockerfile 644                       a file on the host, of the indented lines that follow (the
        FROM base:1                                   mode may be left out)
    directory PATH, link PATH TARGET, remove PATH, touch PATH (its time alone), tar PATH FOLDER (an archive)
    until web exited                                  waits until a container is in a state
    until web says ready                              waits until it has written a line
    only classic                                      what follows is for engines of this name only: `classic` or
                                                      `buildkit` (the builder), `all` again for every one
"""

import shlex
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "chapters"
REDIRECTIONS = {"<": "stdin", ">": "stdout"}


@dataclass(frozen=True)
class Step:
    """One line of a chapter: a docker command (``kind`` is ``$``), or what else happens (its first word).

    ``line`` is the line (str), ``argv`` its words, ``content`` the lines below it (str), ``fact`` the comment above it,
    ``stdin`` and ``stdout`` are paths of files (str, or None), ``only`` whom it is for (str).
    """

    kind: str
    line: str
    argv: tuple[str, ...]
    fact: str = ""
    content: str = ""
    stdin: str | None = None
    stdout: str | None = None
    only: str = "all"


def chapters():
    """Return the names of the chapters in their order (list of str)."""
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def chapter(name, builder="all"):
    """Return the steps of a chapter (list of Step), those for one builder if it is named."""
    steps = parse((FOLDER / f"{name}.txt").read_text())
    return [step for step in steps if builder == "all" or step.only in ("all", builder)]


def parse(text):
    """Return the steps that ``text`` (str) says (list of Step).

    >>> [step] = parse("# it is read\\n$ docker load < base.tar\\n")
    >>> step.fact, step.argv, step.stdin
    ('it is read', ('docker', 'load'), 'base.tar')
    """
    steps, fact, only, lines = [], "", "all", text.splitlines()
    while lines:
        line = lines.pop(0)
        if not line.strip():
            continue
        if line.startswith("#"):
            fact = line[1:].strip()
        elif line.startswith("only "):
            only = line.split()[1]
        elif line.startswith("$ "):
            steps.append(command(line[2:], fact, only))
        else:
            content = []
            while lines and (lines[0].startswith("    ") or not lines[0].strip()):
                content.append(lines.pop(0)[4:] + "\n")
            while content and content[-1] == "\n":
                content.pop()
            kind, *argv = shlex.split(line)
            steps.append(Step(kind, line, tuple(argv), fact, "".join(content), only=only))
    return steps


def command(line, fact="", only="all"):
    """Return a command line as a step (Step)."""
    argv, files = shlex.split(line), {}
    while len(argv) > 2 and argv[-2] in REDIRECTIONS:
        files[REDIRECTIONS[argv[-2]]] = argv[-1]
        del argv[-2:]
    return Step("$", line, tuple(argv), fact, only=only, **files)

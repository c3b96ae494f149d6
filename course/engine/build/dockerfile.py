r"""A Dockerfile, as a value: the stages of a build, and the instructions of each.

>>> dockerfile = parse_dockerfile("ARG VERSION=1\nFROM base:$VERSION AS builder\nRUN make\nFROM scratch\nCOPY a /\n")
>>> [(stage.name, stage.image, len(stage.instructions)) for stage in dockerfile.stages]
[('builder', 'base:$VERSION', 1), ('', 'scratch', 1)]
"""

from dataclasses import dataclass

from course.engine.build.instruction import Instruction
from course.engine.build.lines import read_statements
from course.engine.build.reading import read_instruction
from course.engine.build.refusal import DockerfileError


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a build: ``start`` is its FROM, ``instructions`` is what follows (tuple of Instruction)."""

    start: Instruction
    instructions: tuple[Instruction, ...] = ()

    @property
    def image(self) -> str:
        """The image, or the earlier stage, that it begins with (str), variables not yet replaced."""
        return self.start.arguments[0]

    @property
    def name(self) -> str:
        """Its name (str, lower case), or an empty text."""
        return self.start.arguments[2].lower() if len(self.start.arguments) == 3 else ""

    @property
    def platform(self) -> str:
        """The platform that it asks for (str, such as ``linux/arm64``), or an empty text."""
        return self.start.flag("platform")


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """What a Dockerfile says.

    ``stages`` are the stages of the build (tuple of Stage), ``arguments`` the ARG before the first FROM (tuple of
    Instruction), ``directives`` the parser directives (tuple of pairs of str), ``escape`` the sign that escapes (str).
    """

    stages: tuple[Stage, ...]
    arguments: tuple[Instruction, ...] = ()
    directives: tuple[tuple[str, str], ...] = ()
    escape: str = "\\"

    @property
    def steps(self) -> tuple[Instruction, ...]:
        """All instructions, in the order in which docker counts them as ``Step 1/2`` (tuple of Instruction)."""
        return (*self.arguments, *(step for stage in self.stages for step in (stage.start, *stage.instructions)))

    def stage(self, name: str, before: int) -> int | None:
        """Return the number of the stage that ``name`` (str: a name, or a number) means, or None.

        Only stages before number ``before`` (int) count.  A name that was given twice is the later one's.

        >>> parse_dockerfile("FROM scratch AS a\\nFROM scratch\\n").stage("A", before=1)
        0
        """
        for number in reversed(range(before)):
            if self.stages[number].name == name.lower():
                return number
        return int(name) if name.isascii() and name.isdigit() and len(name) < 9 and int(name) < before else None


def parse_dockerfile(source: str | bytes, file: str = "Dockerfile") -> Dockerfile:
    """Return what the text of a Dockerfile (str or bytes) says (Dockerfile); ``file`` is its name, for messages.

    Variables are not replaced: see ``course.engine.build.variables``.  Raises DockerfileError, in docker's words.
    Rule: Dockerfile reference.
    """
    text = source if isinstance(source, str) else source.decode("utf-8", "surrogateescape")
    if not text:
        raise DockerfileError(f"the Dockerfile ({file}) cannot be empty", file=file)
    read = read_statements(text, file)
    if not read.statements:
        raise DockerfileError("file with no instructions", file=file)
    arguments: list[Instruction] = []
    stages: list[tuple[Instruction, list[Instruction]]] = []
    for statement in read.statements:
        instruction = read_instruction(statement, read.escape, file)
        if instruction.keyword == "FROM":
            stages.append((instruction, []))
        elif stages:
            stages[-1][1].append(instruction)
        elif instruction.keyword == "ARG":
            arguments.append(instruction)
        else:
            raise DockerfileError("no build stage in current context", instruction.start, file, "FROM", with_line=False)
    if not stages:
        raise DockerfileError("dockerfile contains no stages to build", file=file)
    return Dockerfile(
        tuple(Stage(start, tuple(instructions)) for start, instructions in stages),
        tuple(arguments),
        read.directives,
        read.escape,
    )


def parse_instruction(text: str, escape: str = "\\") -> Instruction:
    """Return the one instruction (Instruction) in ``text`` (str), such as the trigger that ONBUILD left in an image.

    Raises DockerfileError.

    >>> parse_instruction("RUN make").arguments
    ('make',)
    """
    statements = read_statements(text).statements
    if len(statements) != 1:
        raise DockerfileError("onbuild trigger should be a single expression")
    return read_instruction(statements[0], escape, "Dockerfile")

"""The variables that an instruction sees: ARG before and after FROM, ENV over ARG, and what docker knows by itself.

>>> from course.engine.build.dockerfile import parse_dockerfile
>>> dockerfile = parse_dockerfile("ARG TAG=1\\nFROM base:$TAG\\nARG TAG\\nENV TAG=env-$TAG\\nLABEL tag=$TAG\\n")
>>> variables = Variables.of_build({"TAG": "2"}, dockerfile.arguments)
>>> expanded(dockerfile.stages[0].start, variables.get_first).arguments
('base:2',)
>>> variables = variables.in_stage({})
>>> argument, environment, label = dockerfile.stages[0].instructions
>>> variables = variables.declared(expanded(argument, variables.get))
>>> variables = variables.with_environment(dict(expanded(environment, variables.get).pairs))
>>> expanded(label, variables.get).pairs
(('tag', 'env-2'),)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from course.engine.build.expansion import ExpansionError, Values, expand, expand_to_words
from course.engine.build.here_documents import here_document
from course.engine.build.instruction import Instruction
from course.engine.build.refusal import DockerfileError

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
PREDEFINED = frozenset((*_PROXIES, *map(str.lower, _PROXIES)))
ALL = ("ADD", "ARG", "COPY", "ENV", "FROM", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR")
FLAGS = {"ADD": ("chown", "chmod", "checksum"), "COPY": ("chown", "chmod"), "FROM": ("platform",), "RUN": ("mount",)}


@dataclass(frozen=True, slots=True)
class Variables:
    """The variables at one place of a build.

    ``given`` are those of ``--build-arg`` (str to str), ``first`` the ARG before the first FROM, ``arguments`` the ARG
    of the stage so far (str to str, or to None: no default), ``environment`` the image's ENV (str to str).
    ``platform`` are those that docker knows by itself, such as TARGETPLATFORM (str to str).
    """

    given: Mapping[str, str] = field(default_factory=dict)
    first: Mapping[str, str | None] = field(default_factory=dict)
    arguments: Mapping[str, str | None] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    platform: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_build(
        cls,
        given: Mapping[str, str],
        arguments: Iterable[Instruction],
        platform: str = "linux/amd64",
        escape: str = "\\",
    ) -> "Variables":
        """Return what FROM sees (Variables).

        ``given`` are those of ``--build-arg`` (str to str), ``arguments`` the ARG before the first FROM (Instructions),
        ``platform`` is the one to build for (str).  Raises DockerfileError.
        """
        variables = cls(given, platform=platform_variables(platform))
        for argument in arguments:
            argument = expanded(argument, variables.get_first, escape)
            variables = replace(variables, first={**variables.first, **_declared(argument)})
        return variables

    def in_stage(self, environment: Mapping[str, str]) -> "Variables":
        """Return what a stage sees at its beginning (Variables), given its image's ``environment`` (str to str)."""
        return replace(self, arguments={}, environment=environment)

    def declared(self, argument: Instruction) -> "Variables":
        """Return what is seen behind an ARG of a stage (Instruction, expanded) (Variables)."""
        return replace(self, arguments={**self.arguments, **_declared(argument)})

    def with_environment(self, more: Mapping[str, str]) -> "Variables":
        """Return what is seen behind an ENV (Variables)."""
        return replace(self, environment={**self.environment, **more})

    def get(self, name: str) -> str | None:
        """Return the value of ``name`` (str) in a stage (str), or None: ENV over ARG."""
        return self.environment.get(name, self.argument(name))

    def get_first(self, name: str) -> str | None:
        """Return the value of ``name`` (str) before the first FROM, and in every FROM (str), or None."""
        if name in self.first or name in PREDEFINED:
            return self.given.get(name, self.first.get(name))
        return self.platform.get(name)

    def argument(self, name: str) -> str | None:
        """Return the value of the ARG ``name`` (str) in a stage (str), or None if there is none.

        ``--build-arg`` goes before the default, and that before an ARG of the same name before the first FROM.
        """
        if name not in self.arguments:
            return self.given.get(name) if name in PREDEFINED else None
        default = self.arguments[name]
        return self.given.get(name, self.get_first(name) if default is None else default)

    @property
    def build_arguments(self) -> dict[str, str]:
        """The ARG that RUN gets in its environment, and that its history shows (dict): those that have a value.

        ENV of the same name hides them.

        >>> variables = Variables({"A": "1"}, arguments={"A": None, "B": "2", "C": "3"}, environment={"C": "env"})
        >>> variables.build_arguments
        {'A': '1', 'B': '2'}
        """
        known = ((name, self.argument(name)) for name in sorted(self.arguments) if name not in self.environment)
        return {name: value for name, value in known if value is not None}


def platform_variables(platform: str) -> dict[str, str]:
    """Return the variables (dict) that say what is built for, and where: both are ``platform`` (str, ``linux/amd64``).

    Rule: Dockerfile reference, "Automatic platform ARGs in the global scope".

    >>> platform_variables("linux/arm/v7")["TARGETVARIANT"]
    'v7'
    """
    system, architecture, variant = (*platform.split("/"), "", "")[:3]
    return {
        side + name: value
        for side in ("BUILD", "TARGET")
        for name, value in (("PLATFORM", platform), ("OS", system), ("ARCH", architecture), ("VARIANT", variant))
    }


def expanded(instruction: Instruction, values: Values, escape: str = "\\") -> Instruction:
    """Return the instruction (Instruction) with the variables replaced that docker replaces in it.

    ``values`` gives a name's value (str, or None): ``Variables.get`` in a stage, ``get_first`` before it and in FROM.
    CMD, ENTRYPOINT, HEALTHCHECK, MAINTAINER, ONBUILD, RUN and SHELL keep theirs: a shell may replace them.  Raises
    DockerfileError.  Rule: Dockerfile reference, "Environment replacement".
    """
    keyword = instruction.keyword
    try:
        arguments = instruction.arguments
        if keyword == "EXPOSE":
            arguments = tuple(port for word in arguments for port in expand_to_words(word, values, escape))
        elif keyword == "FROM":
            arguments = (expand(arguments[0], values, escape), *arguments[1:])
        elif keyword in ("ARG", "ENV", "LABEL"):
            arguments = tuple(_expanded_pair(argument, values, escape) for argument in arguments)
        elif keyword in ALL:
            arguments = tuple(word if here_document(word) else expand(word, values, escape) for word in arguments)
        flags = tuple(
            (name, expand(value, values, escape) if name in FLAGS.get(keyword, ()) else value)
            for name, value in instruction.flags
        )
        documents = instruction.here_documents
        if keyword in ("ADD", "COPY"):
            documents = tuple(
                document.holding(expand(document.data, values, escape)) if document.expands else document
                for document in documents
            )
    except ExpansionError as error:
        raise DockerfileError(str(error), instruction.start, with_line=False) from None
    if keyword == "FROM" and not arguments[0]:
        reason = f"base name ({instruction.arguments[0]}) should not be blank"
        raise DockerfileError(reason, instruction.start, with_line=False)
    return replace(instruction, arguments=arguments, flags=flags, here_documents=documents)


def _expanded_pair(argument: str, values: Values, escape: str) -> str:
    name, equals, value = argument.partition("=")
    return expand(name, values, escape) + equals + expand(value, values, escape)


def _declared(argument: Instruction) -> dict[str, str | None]:
    pairs = (word.partition("=") for word in argument.arguments)
    return {name: value if equals else None for name, equals, value in pairs}

"""The instructions that change how an image is run, and none of its files: ENV, CMD, EXPOSE, LABEL and so on."""

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from course.engine.build.healthcheck import healthcheck
from course.engine.build.history import SHELL, command_line
from course.engine.build.instruction import Instruction
from course.engine.build.lines import read_statements
from course.engine.build.reading import read_instruction
from course.engine.build.refusal import DockerfileError
from course.engine.build.spaces import first_word
from course.engine.build.variables import Variables, expanded
from course.errors import DockerError

OF_COMMIT = ("CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "USER", "VOLUME", "WORKDIR")
PORTS = re.compile(r"(?P<first>\d{1,5})(?:-(?P<last>\d{1,5}))?(?:/(?P<protocol>[a-zA-Z]+))?", re.ASCII)
PROTOCOLS = ("tcp", "udp", "sctp")


def changed(run: Mapping[str, Any], changes: Sequence[str]) -> dict[str, Any]:
    """Return how to run an image (dict) after ``changes`` (sequence of str), the options ``--change`` of docker commit.

    ``run`` is how to run it before (mapping, as the object "config" of an image's config).  Variables in them are
    those of its ``Env``.  Raises DockerError: an instruction is wrong, or of another kind.  Rule: moby,
    builder/dockerfile/builder.go, BuildFromConfig.

    >>> changed({"Cmd": ["sh"], "Env": ["HOME=/root"]}, ["ENV GREETING=hi", "WORKDIR $HOME/a", 'CMD ["ls"]'])
    {'Cmd': ['ls'], 'Env': ['HOME=/root', 'GREETING=hi'], 'WorkingDir': '/root/a'}
    """
    config = dict(run)
    if not changes:
        return config
    try:
        read = read_statements("\n".join(changes))
        if not read.statements:
            raise DockerError("file with no instructions")
        for keyword in (first_word(statement.text)[0] for statement in read.statements):
            if keyword.upper() not in OF_COMMIT:
                raise DockerError(f"{keyword.lower()} is not a valid change command")
        instructions = [read_instruction(statement, read.escape, "Dockerfile") for statement in read.statements]
        has_command = False
        for instruction in instructions:
            variables = Variables(environment=pairs(config.get("Env") or ()))
            config = applied(config, expanded(instruction, variables.get, read.escape), has_command=has_command)
            has_command = has_command or instruction.keyword == "CMD"
    except DockerfileError as error:
        raise DockerError(error.reason) from error
    return config


def applied(run: Mapping[str, Any], instruction: Instruction, *, has_command: bool = False) -> dict[str, Any]:
    """Return how to run an image (dict) after an ``instruction`` (Instruction, expanded), given how before (mapping).

    An ENTRYPOINT takes away the command, unless the same Dockerfile ``has_command`` (bool: a CMD stood before).  What
    changes nothing here, such as RUN, leaves all as it is.  Raises DockerError.  Rule: moby,
    builder/dockerfile/dispatchers.go.
    """
    config, keyword, words = dict(run), instruction.keyword, instruction.arguments
    if keyword in ("CMD", "ENTRYPOINT"):
        config[keyword.capitalize()] = list(command_line(instruction, config.get("Shell") or SHELL))
        if keyword == "ENTRYPOINT" and not has_command:
            config.pop("Cmd", None)
    elif keyword == "ENV":
        environment = {**pairs(config.get("Env") or ()), **dict(instruction.pairs)}
        config["Env"] = [f"{name}={value}" for name, value in environment.items()]
    elif keyword == "LABEL":
        config["Labels"] = {**(config.get("Labels") or {}), **dict(instruction.pairs)}
    elif keyword == "EXPOSE":
        config["ExposedPorts"] = {**(config.get("ExposedPorts") or {}), **{port: {} for port in ports(words)}}
    elif keyword == "VOLUME":
        if not all(word.strip() for word in words):
            raise DockerError("VOLUME specified can not be an empty string")
        config["Volumes"] = {**(config.get("Volumes") or {}), **{word.strip(): {} for word in words}}
    elif keyword == "WORKDIR":
        config["WorkingDir"] = working_directory(config.get("WorkingDir") or "", words[0])
    elif keyword in ("USER", "STOPSIGNAL"):
        config["User" if keyword == "USER" else "StopSignal"] = words[0]
    elif keyword == "SHELL":
        config["Shell"] = list(words)
    elif keyword == "ONBUILD":
        config["OnBuild"] = [*(config.get("OnBuild") or ()), words[0]]
    elif keyword == "HEALTHCHECK":
        config["Healthcheck"] = healthcheck(instruction)
    return config


def pairs(environment: Iterable[str]) -> dict[str, str]:
    """Return variables by name (dict of str to str), of ``NAME=value`` each (iterable of str)."""
    return {name: value for name, _equals, value in (text.partition("=") for text in environment)}


def working_directory(now: str, wanted: str) -> str:
    """Return where WORKDIR leads (str) from the working directory ``now`` (str, empty for none): a path is its own end.

    >>> working_directory("/srv", "app"), working_directory("", "app"), working_directory("/srv", "/app/")
    ('/srv/app', '/app', '/app/')
    """
    return wanted if wanted.startswith("/") else posixpath.normpath(posixpath.join("/", now, wanted))


def ports(words: Iterable[str]) -> list[str]:
    """Return the ports that EXPOSE names (list of str).  Raises DockerError.

    >>> ports(["80-81", "53/UDP"])
    ['80/tcp', '81/tcp', '53/udp']
    """
    found = []
    for word in words:
        match = PORTS.fullmatch(word)
        first, last = (int(match["first"]), int(match["last"] or match["first"])) if match else (1, 0)
        if not match or not first <= last <= 65535:
            raise DockerError(f"Invalid containerPort: {word}")
        protocol = (match["protocol"] or "tcp").lower()
        if protocol not in PROTOCOLS:
            raise DockerError(f"Invalid proto: {match['protocol']}")
        found += [f"{port}/{protocol}" for port in range(first, last + 1)]
    return found

"""A statement becomes an instruction: its arguments in the form that its keyword asks for, and checked."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

from course.engine.build.flags import read_flags, split_flags
from course.engine.build.healthcheck import healthcheck
from course.engine.build.here_documents import here_document
from course.engine.build.instruction import Instruction
from course.engine.build.lines import Statement
from course.engine.build.refusal import DockerfileError
from course.engine.build.spaces import BETWEEN_WORDS, SPACES, first_word, split_words
from course.engine.go_text import quoted
from course.words import nearest

STAGE_NAME = re.compile(r"[a-z][a-z0-9-_.]*")
ONBUILD = re.compile(r"\s*ONBUILD\s*", re.IGNORECASE)
WORDS = ("EXPOSE", "FROM")
EXEC_OR_WORDS = ("ADD", "COPY", "VOLUME")
EXEC_OR_SHELL = ("CMD", "ENTRYPOINT", "RUN", "SHELL")
PAIRS = ("ENV", "LABEL")
ONE_TEXT = ("MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR")
KEYWORDS = (*WORDS, *EXEC_OR_WORDS, *EXEC_OR_SHELL, *PAIRS, *ONE_TEXT, "ARG", "HEALTHCHECK", "ONBUILD")
AT_LEAST_ONE = ("ARG", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "SHELL", "VOLUME")


def read_instruction(statement: Statement, escape: str, file: str) -> Instruction:
    """Return the instruction (Instruction) that a statement (Statement) is.

    ``escape`` is the sign that escapes (str), ``file`` the Dockerfile's name for messages (str).  Raises
    DockerfileError, in docker's words.  Rule: buildkit's frontend/dockerfile/parser and instructions.
    """
    word, rest = first_word(statement.text)
    keyword, line = word.upper(), statement.start
    flags, rest = split_flags(rest, escape)
    try:
        arguments, is_exec = _arguments(keyword, rest, escape)
    except ValueError as error:
        raise DockerfileError(str(error), line, file, with_line=False) from None
    if keyword not in KEYWORDS:
        raise DockerfileError(f"unknown instruction: {keyword}", line, file, nearest(keyword, KEYWORDS))
    instruction = Instruction(
        keyword,
        tuple(arguments),
        read_flags(keyword, flags, line, file),
        is_exec,
        statement.here_documents,
        statement.text.strip(SPACES),
        line,
        statement.end,
    )
    try:
        _check(instruction)
    except ValueError as error:
        raise DockerfileError(str(error), line, file) from None
    return _trigger(instruction) if keyword == "ONBUILD" else instruction


def _arguments(keyword: str, rest: str, escape: str) -> tuple[list[str], bool]:
    """Return the arguments in ``rest``, and whether they stood as a JSON array.  Raises ValueError."""
    if keyword in EXEC_OR_SHELL or keyword in EXEC_OR_WORDS:
        array = _array(rest)
        if array is not None:
            return array, True
    if keyword in WORDS or keyword in EXEC_OR_WORDS:
        words = BETWEEN_WORDS.split(rest) if rest else []
        return (sorted(words) if keyword == "EXPOSE" else words), False
    if keyword in PAIRS:
        return _pairs(keyword, rest, escape), False
    if keyword == "ARG":
        return split_words(rest, escape), False
    if keyword == "HEALTHCHECK" and rest:
        kind, command = first_word(rest)
        array = _array(command)
        return [kind, *(array if array is not None else [command] if command else [])], array is not None
    if keyword == "ONBUILD" and rest:
        trigger, behind = first_word(rest)
        if trigger.upper() != "ONBUILD":
            _arguments(trigger.upper(), split_flags(behind, escape)[1], escape)  # docker looks at its form, no more
    return ([rest] if rest else []), False


def _array(text: str) -> list[str] | None:
    """Return the strings of a JSON array, or None where there is none.  Raises ValueError: it holds something else."""
    if not text.startswith("["):
        return None
    try:
        array = json.loads(text, parse_constant=_no_json)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(word, str) for word in array):
        raise ValueError("when using JSON array syntax, arrays must be comprised of strings only")
    return [re.sub("[\ud800-\udfff]", "\ufffd", word) if "\\u" in text else word for word in array]


def _no_json(constant: str) -> None:
    raise ValueError(constant)


def _pairs(keyword: str, rest: str, escape: str) -> list[str]:
    """Return each ``NAME=value``; ``NAME value``, the old form, is one of them.  Raises ValueError."""
    words = split_words(rest, escape)
    if words and "=" not in words[0]:
        name, value = first_word(rest)
        if not value:
            raise ValueError(f"{keyword} must have two arguments")
        return [f"{name}={value}"]
    for word in words:
        if "=" not in word:
            raise ValueError(f"Syntax error - can't find = in {quoted(word)}. Must be of the form: name=value")
    return words


def _check(instruction: Instruction) -> None:
    """Raise ValueError, in docker's words, if the arguments are not those that the keyword asks for."""
    keyword, arguments = instruction.keyword, instruction.arguments
    if keyword in AT_LEAST_ONE and not arguments:
        raise ValueError(f"{keyword} requires at least one argument")
    if keyword in ONE_TEXT and not arguments:
        raise ValueError(f"{keyword} requires exactly one argument")
    if keyword in (*PAIRS, "ARG") and any(argument.startswith("=") for argument in arguments):
        raise ValueError(f"{keyword} names can not be blank")
    check = CHECKS.get(keyword)
    if check:
        check(instruction)


def _check_copy(instruction: Instruction) -> None:
    if len(instruction.arguments) < 2:
        raise ValueError(
            f"{instruction.keyword} requires at least two arguments, but only one was provided. "
            "Destination could not be determined"
        )
    if here_document(instruction.arguments[-1]):
        raise ValueError(f"{instruction.keyword} cannot accept a heredoc as a destination")


def _check_from(instruction: Instruction) -> None:
    arguments = instruction.arguments
    if len(arguments) == 3 and arguments[1].upper() == "AS":
        if not STAGE_NAME.fullmatch(arguments[2].lower()):
            raise ValueError(
                f"invalid name for build stage: {quoted(arguments[2])}, "
                "name can't start with a number or contain symbols"
            )
    elif len(arguments) != 1:
        raise ValueError("FROM requires either one or three arguments")


def _check_healthcheck(instruction: Instruction) -> None:
    kind, *words = instruction.arguments
    if kind.upper() == "NONE":
        if words:
            raise ValueError("HEALTHCHECK NONE takes no arguments")
    elif kind.upper() != "CMD":
        raise ValueError(f"Unknown type {quoted(kind.upper())} in HEALTHCHECK (try CMD)")
    elif not words:
        raise ValueError("Missing command after HEALTHCHECK CMD")
    healthcheck(instruction)


def _check_onbuild(instruction: Instruction) -> None:
    trigger = first_word(instruction.arguments[0])[0].upper()
    if trigger == "ONBUILD":
        raise ValueError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
    if trigger in ("FROM", "MAINTAINER"):
        raise ValueError(f"{trigger} isn't allowed as an ONBUILD trigger")


def _check_shell(instruction: Instruction) -> None:
    if not instruction.is_exec:
        raise ValueError("SHELL requires the arguments to be in JSON form")


def _check_volume(instruction: Instruction) -> None:
    if not all(volume.strip(SPACES) for volume in instruction.arguments):
        raise ValueError("VOLUME specified can not be an empty string")


CHECKS: dict[str, Callable[[Instruction], None]] = {
    "ADD": _check_copy,
    "COPY": _check_copy,
    "FROM": _check_from,
    "HEALTHCHECK": _check_healthcheck,
    "ONBUILD": _check_onbuild,
    "SHELL": _check_shell,
    "VOLUME": _check_volume,
}


def _trigger(instruction: Instruction) -> Instruction:
    """Return an ONBUILD whose argument is the whole trigger, here-documents and all, as an image's config keeps it."""
    text = ONBUILD.sub("", instruction.text, count=1)
    documents = "".join(f"\n{document.content}{document.name}" for document in instruction.here_documents)
    return replace(instruction, arguments=(text + documents,))

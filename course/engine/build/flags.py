"""The flags of instructions: ``--name=value`` between the keyword and the arguments."""

from collections.abc import Mapping
from enum import Enum

from course.engine.build.refusal import DockerfileError
from course.engine.build.spaces import SPACES
from course.words import nearest


class Takes(Enum):
    """What a flag takes: one value, several (each time that it is given one more), or true or false."""

    ONE = "one"
    MANY = "many"
    TRUTH = "truth"


_COPYING = {"chown": Takes.ONE, "chmod": Takes.ONE, "link": Takes.TRUTH, "exclude": Takes.MANY}
FLAGS: Mapping[str, Mapping[str, Takes]] = {
    "ADD": {**_COPYING, "keep-git-dir": Takes.TRUTH, "checksum": Takes.ONE, "unpack": Takes.TRUTH},
    "COPY": {**_COPYING, "from": Takes.ONE, "parents": Takes.TRUTH},
    "FROM": {"platform": Takes.ONE},
    "HEALTHCHECK": dict.fromkeys(("interval", "timeout", "start-period", "start-interval", "retries"), Takes.ONE),
    "RUN": {"mount": Takes.MANY, "network": Takes.ONE, "security": Takes.ONE, "device": Takes.MANY},
}


def split_flags(text: str, escape: str) -> tuple[list[str], str]:
    r"""Return the flags at the head of ``text`` (list of str), without quotes and escapes, and what follows (str).

    >>> split_flags('--from="a b" --link x y', "\\")
    (['--from=a b', '--link'], 'x y')
    """
    flags: list[str] = []
    at = 0
    while True:
        while at < len(text) and text[at] in SPACES:
            at += 1
        if not text.startswith("--", at):
            return flags, text[at:].strip(SPACES)
        word, at = _word(text, at, escape)
        if word == "--":
            return flags, text[at:].strip(SPACES)
        flags.append(word)


def _word(text: str, at: int, escape: str) -> tuple[str, int]:
    """Return the word that begins at a place, and the place after it."""
    signs, quote = [], ""
    while at < len(text):
        sign = text[at]
        if sign == escape:
            at += 1
            signs.append(text[at : at + 1])
        elif quote:
            if sign == quote:
                quote = ""
            else:
                signs.append(sign)
        elif sign in SPACES:
            break
        elif sign in "'\"":
            quote = sign
        else:
            signs.append(sign)
        at += 1
    return "".join(signs), at


def read_flags(keyword: str, words: list[str], line: int, file: str) -> tuple[tuple[str, str], ...]:
    """Return the names and values (pairs of str) of an instruction's flags.  Raises DockerfileError.

    >>> read_flags("COPY", ["--from=builder", "--link"], 1, "Dockerfile")
    (('from', 'builder'), ('link', 'true'))
    """
    known = FLAGS.get(keyword, {})
    found: list[tuple[str, str]] = []
    for word in words:
        name, equals, value = word[2:].partition("=")
        takes = known.get(name)
        if takes is None:
            likely = nearest(name, known)
            raise DockerfileError(f"Unknown flag: {name}", line, file, f"--{likely}" if likely else "")
        if takes is not Takes.MANY and name in dict(found):
            raise DockerfileError(f"Duplicate flag specified: {name}", line, file)
        if takes is Takes.TRUTH:
            value = _truth(name, equals, value, line, file)
        elif not equals:
            raise DockerfileError(f"Missing a value on flag: {name}", line, file)
        found.append((name, value))
    return tuple(found)


def _truth(name: str, equals: str, value: str, line: int, file: str) -> str:
    if equals and not value:
        raise DockerfileError(f"Missing a value on flag: {name}", line, file)
    if value.lower() not in ("", "true", "false"):
        raise DockerfileError(f"Expecting boolean value for flag {name}, not: {value}", line, file)
    return value.lower() or "true"

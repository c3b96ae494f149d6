"""A typed line as words: what a POSIX shell would hand to docker, or a sentence that says why it would not."""

import re
from functools import cache

from course.engine.command_line.declarations import commands
from course.errors import DockerError
from course.words import _, shown

SYNTAX_ERROR = 2  # a shell's exit status for a line that it cannot read

# XCU 2.2 and 2.3: what a shell takes apart, one alternative a piece
PIECE = re.compile(
    r"""
      (?P<space>[ \t]+)
    | '(?P<single>[^']*)'
    | "(?P<double>(?:[^"\\]|\\.)*)"
    | (?P<continued>\\\n)
    | \\(?P<escaped>.)
    | (?P<substitution>[$](?:[A-Za-z0-9_@*\#?!-]+|[({]\S*)|`[^`]*`?)
    | (?P<operator>[|&;<>()\n]+)
    | (?P<typographic>[“”„‘’‚«»\u00a0])
    | (?P<plain>[$]|[^\s'"\\$`|&;<>()“”„‘’‚«»\u00a0]+)
    """,
    re.VERBOSE | re.DOTALL,
)
ESCAPED_IN_QUOTES = re.compile(r'\\([$`"\\\n])')  # XCU 2.2.3: before anything else a backslash stands for itself
SUBSTITUTED_IN_QUOTES = re.compile(r"(?:[^\\$`]|\\.|[$](?![A-Za-z0-9_@*#?!({-]))*([$]\w*|`)", re.DOTALL)
DASHES = "–—−‒"
PROMPT = re.compile(r"^(?:[$]\s+|#\s+(?=(?:sudo\s+)?(?:docker|podman)\s))?(?:sudo\s+)?(?:(?:docker|podman)(?=\s|$))?")


def split(line: str) -> list[str]:
    r"""Return the words (list of str) of a typed ``line`` (str), without a prompt, ``sudo`` and ``docker`` before them.

    Quotes, backslashes and comments are a POSIX shell's; what a shell would do before docker is called (substitutions,
    pipes, redirections) is not done here.  Raises DockerError, in a sentence that names the place.

    >>> split("$ docker run --name web base:1 sh -c 'echo \"a b\"'")
    ['run', '--name', 'web', 'base:1', 'sh', '-c', 'echo "a b"']
    """
    line = line.strip()
    words: list[str] = []
    word: str | None = None
    line = PROMPT.sub("", line, count=1)
    at = 0
    while at < len(line):
        if word is None and line[at] == "#":
            at = len(line) if (end := line.find("\n", at)) < 0 else end
            continue
        match = PIECE.match(line, at)
        if match is None:
            raise _refused(_("{text} opens a quotation that does not end"), line[at:])
        at = match.end()
        if match["continued"] is not None:
            continue
        if match["space"] is not None:
            words += [] if word is None else [word]
            word = None
        else:
            word = _joined(word, match)
    return words if word is None else [*words, word]


def _joined(word: str | None, match: re.Match[str]) -> str:
    kind = str(match.lastgroup)
    text = match[kind]
    if kind == "operator":
        if "\n" in text:
            raise _refused(_("one command at a time: {text} is another"), match.string[match.end() :])
        raise _refused(_("{text} is the shell's, and there is no shell here: give the docker command alone"), text)
    if kind == "typographic":
        raise _refused(
            _("{text} is a sign that web pages put in place of a quotation mark or space: type ' or \""), text
        )
    if kind == "double":
        substituted = SUBSTITUTED_IN_QUOTES.match(text)
        if substituted:
            kind, text = "substitution", substituted[1]
        else:
            text = ESCAPED_IN_QUOTES.sub(lambda found: found[1].replace("\n", ""), text)
    if kind == "substitution":
        raise _refused(
            _(
                "a shell would put something in place of {text} before docker sees it: write that; or, for a shell in "
                "the container, put single quotes around it"
            ),
            text,
        )
    if kind == "plain" and word is None and text[0] in DASHES:
        letters = text.lstrip(DASHES)
        right = ("--" if letters.partition("=")[0] in _long_names() else "-") + letters
        raise _refused(
            _("{text} begins with a dash that web pages put in place of the hyphen: type {right}"), text, right
        )
    return (word or "") + text


@cache
def _long_names() -> frozenset[str]:
    return frozenset(option.name for command in commands().values() for option in command.options)


def _refused(message: str, text: str, right: str = "") -> DockerError:
    return DockerError(message.format(text=shown(text), right=shown(right)), SYNTAX_ERROR)

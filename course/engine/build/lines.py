r"""Lines become statements: directives, comments, continuation lines and here-documents.

>>> first, second = read_statements("FROM scratch\nRUN a \\\n  # why\n  b\n").statements
>>> second.text, second.start, second.end
('RUN a   b', 2, 4)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from course.engine.build.here_documents import HereDocument, here_documents
from course.engine.build.refusal import DockerfileError
from course.engine.build.spaces import SPACES, first_word, words_after

LONGEST_LINE = 65535  # bufio.MaxScanTokenSize - 1: docker's own bound
LONGEST_FILE = 4 << 20  # characters; Dockerfiles have thousands
DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*")
DIRECTIVES = ("syntax", "escape", "check")
CONTINUATION = {
    "\\": re.compile(r"(?:(?<=[^\\])|^)\\[ \t]*\Z"),
    "`": re.compile(r"(?:(?<=[^`])|^)`[ \t]*\Z"),
}
WITH_HERE_DOCUMENTS = ("ADD", "COPY", "RUN")


@dataclass(frozen=True, slots=True)
class Statement:
    """One instruction as it stands in the file.

    ``text`` is the instruction with its continuation lines joined (str), ``start`` and ``end`` are its first and last
    line (int, from 1), ``here_documents`` what follows it (tuple of HereDocument).
    """

    text: str
    start: int
    end: int
    here_documents: tuple[HereDocument, ...] = ()


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of a file (tuple of Statement), and its parser directives (tuple of pairs of str)."""

    statements: tuple[Statement, ...]
    directives: tuple[tuple[str, str], ...] = ()

    @property
    def escape(self) -> str:
        """The sign that escapes, and that continues a line (str): a backslash, or what ``# escape=`` says."""
        return dict(self.directives).get("escape", "\\")


def read_statements(text: str, file: str = "Dockerfile") -> Statements:
    """Return the statements of a Dockerfile's text (str) (Statements); ``file`` is its name, for messages (str).

    Raises DockerfileError.  Rule: Dockerfile reference, "Parser directives", "Format" and "Here-Documents"; buildkit's
    frontend/dockerfile/parser.
    """
    if len(text) > LONGEST_FILE:
        raise DockerfileError("dockerfile greater than max allowed size", file=file)
    lines = text.removeprefix("\ufeff").split("\n")
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE // 4 and len(line.encode("utf-8", "surrogatepass")) >= LONGEST_LINE:
            raise DockerfileError(
                f"dockerfile line greater than max allowed size of {LONGEST_LINE}", number, file, with_line=False
            )
    directives = _directives(lines, file)
    statements = tuple(_statements(lines, file, directives.get("escape", "\\")))
    return Statements(statements, tuple(directives.items()))


def _directives(lines: list[str], file: str) -> dict[str, str]:
    """Return the directives at the head of the file; the first line that is none ends them."""
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        match = DIRECTIVE.fullmatch(line.strip(SPACES))
        name = match[1].lower() if match else ""
        if not match or name not in DIRECTIVES:
            break
        if name in found:
            raise DockerfileError(f"only one {name} parser directive can be used", number, file, with_line=False)
        if name == "escape" and match[2] not in CONTINUATION:
            reason = f"invalid escape token '{match[2]}' does not match ` or \\"
            raise DockerfileError(reason, number, file, with_line=False)
        found[name] = match[2]
    return found


def _statements(lines: list[str], file: str, escape: str) -> Iterator[Statement]:
    at = 0
    while at < len(lines):
        start = at
        text, goes_on = _continued(lines[at].rstrip("\r\n").lstrip(SPACES), escape)
        at += 1
        if text.startswith("#") or not (text or goes_on):
            continue
        pieces = [text]
        while goes_on and at < len(lines):
            line = lines[at].rstrip("\r\n")
            at += 1
            if line.strip(SPACES) and not line.lstrip(SPACES).startswith("#"):
                text, goes_on = _continued(line, escape)
                pieces.append(text)
        text = "".join(pieces)
        if not text.strip(SPACES):
            continue
        documents, at = _documents(text, lines, at, start + 1, file)
        yield Statement(text, start + 1, at, documents)


def _continued(line: str, escape: str) -> tuple[str, bool]:
    """Return a line without the sign that continues it, and whether it has one."""
    match = CONTINUATION[escape].search(line)
    return (line[: match.start()], True) if match else (line, False)


def _documents(text: str, lines: list[str], at: int, number: int, file: str) -> tuple[tuple[HereDocument, ...], int]:
    """Return the here-documents that a statement names, taken from the lines after it, and where they end."""
    documents = []
    for document in here_documents(text) if _may_have_documents(text) else ():
        end = at
        while end < len(lines) and document.strip(lines[end].rstrip("\r")) != document.name:
            end += 1
        if end == len(lines):
            raise DockerfileError("unterminated heredoc", number, file, with_line=False)
        documents.append(document.holding("".join(line + "\n" for line in lines[at:end])))
        at = end + 1
    return tuple(documents), at


def _may_have_documents(text: str) -> bool:
    if "<<" not in text:
        return False
    keyword, rest = first_word(text)
    if keyword.upper() == "ONBUILD":
        keyword, rest = first_word(rest)
    return keyword.upper() in WITH_HERE_DOCUMENTS and not words_after(rest).startswith("[")

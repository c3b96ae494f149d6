"""Programs that compute digests and check them: sha256sum and its like."""

import hashlib
import re
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from course.processes.simulated.programs.buffering import CHUNK, Output, closed, contents, decoded, opened
from course.processes.simulated.programs.quoting import named
from course.processes.simulated.programs.registry import Usage, options, program

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run, Waiting

DIGESTS = {f"{name}sum": name for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")}
LONG = {
    "binary": "b",
    "check": "c",
    "text": "t",
    "warn": "w",
    "zero": "z",
    "tag": "tag",
    "quiet": "quiet",
    "status": "status",
    "strict": "strict",
    "ignore-missing": "ignore-missing",
}
ESCAPED = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}


@program(*DIGESTS)
def checksum(process: "Process", argv: list[str]) -> "Run":
    """Print or check digests of files (md5sum(1), sha1sum(1), sha256sum(1), …)."""
    found, names = options(argv, "bctwz", LONG)
    chosen = [LONG.get(option[2:], option[1:]) for option, _ in found]
    wishes = set(chosen)
    algorithm = DIGESTS[argv[0].rsplit("/", 1)[-1]]
    if "tag" in wishes and "c" in wishes:
        raise Usage("the --tag option is meaningless when verifying checksums")
    for name in ("ignore-missing", "status", "warn", "quiet", "strict"):
        if "c" not in wishes and (name[0] if name == "warn" else name) in wishes:
            raise Usage(f"the --{name} option is meaningful only when verifying checksums")
    if "c" in wishes:
        status = 0
        for name in names or ["-"]:
            status |= yield from Check(process, algorithm, wishes).file(name)
        return status
    binary = [letter for letter in chosen if letter in "bt"][-1:] == ["b"]
    return (yield from _print(process, algorithm, names or ["-"], wishes, binary))


def _print(process: "Process", algorithm: str, names: list[str], wishes: set[str], binary: bool) -> "Run":
    out, status = Output(process), 0
    for name in names:
        try:
            digest = yield from _digest(process, name, algorithm)
        except OSError as error:
            yield from out.complain(f"{named(name)}: {error.strerror}")
            status = 1
            continue
        shown, mark = name, ""
        if "z" not in wishes and set(name) & ESCAPED.keys():
            shown, mark = "".join(ESCAPED.get(letter, letter) for letter in name), "\\"
        end = "\0" if "z" in wishes else "\n"
        if "tag" in wishes:
            yield from out.print(f"{mark}{algorithm.upper()} ({shown}) = {digest}{end}")
        else:
            yield from out.print(f"{mark}{digest} {'*' if binary else ' '}{shown}{end}")
    yield from out.flush()
    return status


def _digest(process: "Process", name: str, algorithm: str) -> "Generator[Waiting, None, str]":
    """Return the digest (str, hexadecimal) of the file ``name`` (str).  Raises OSError."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    fd = opened(process, name)
    try:
        while data := (yield from process.read(fd, CHUNK)):
            digest.update(data)
    finally:
        closed(process, fd)
    return digest.hexdigest()


@dataclass
class Check:
    """A check of the digests that a file lists, with what was found wrong so far."""

    process: "Process"
    algorithm: str
    wishes: set[str]
    bad_lines: int = 0
    unreadable: int = 0
    different: int = 0
    good: int = 0
    lines: int = 0

    def file(self, name: str) -> "Generator[Waiting, None, int]":
        """Check what the file ``name`` (str) lists and return the exit status (int)."""
        out = Output(self.process)
        shown = "'standard input'" if name == "-" else named(name)
        text = decoded((yield from contents(self.process, name)))
        for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
            if line.startswith("#"):
                continue
            entry = self._parsed(line)
            if entry is None:
                self.bad_lines += 1
                if "w" in self.wishes:
                    kind = self.algorithm.upper()
                    yield from out.complain(f"{shown}: {number}: improperly formatted {kind} checksum line")
                continue
            self.lines += 1
            yield from self._entry(out, *entry)
        yield from out.flush()
        if not self.lines:
            yield from out.complain(f"{shown}: no properly formatted checksum lines found")
            return 1
        if "status" not in self.wishes:
            yield from self._warn(out)
        if "ignore-missing" in self.wishes and not self.good and not self.different:
            yield from out.complain(f"{shown}: no file was verified")
            return 1
        failed = self.unreadable or self.different or ("strict" in self.wishes and self.bad_lines)
        return 1 if failed or (not self.good and not self.different) else 0

    def _parsed(self, line: str) -> tuple[str, str] | None:
        length = hashlib.new(self.algorithm, usedforsecurity=False).digest_size * 2
        found = re.fullmatch(rf"\s*(\\?)([0-9a-fA-F]{{{length}}}) [ *](.+)", line)
        if not found:
            tag = re.fullmatch(rf"\s*(\\?){self.algorithm.upper()} ?\((.+)\) ?= ?([0-9a-fA-F]{{{length}}})", line)
            if not tag:
                return None
            escaped, name, digest = tag.groups()
        else:
            escaped, digest, name = found.groups()
        if escaped:
            name = re.sub(r"\\(.)", lambda escape: {"n": "\n", "r": "\r"}.get(escape[1], escape[1]), name)
        return digest.lower(), name

    def _entry(self, out: Output, digest: str, name: str) -> "Generator[Waiting, None, None]":
        shown = named(name) if "\n" in name else name
        try:
            found = yield from _digest(self.process, name, self.algorithm)
        except OSError as error:
            if isinstance(error, FileNotFoundError) and "ignore-missing" in self.wishes:
                return
            yield from out.complain(f"{named(name)}: {error.strerror}")
            self.unreadable += 1
            verdict = "FAILED open or read"
        else:
            verdict = "OK" if found == digest else "FAILED"
            self.good += found == digest
            self.different += found != digest
        if "status" not in self.wishes and not (verdict == "OK" and "quiet" in self.wishes):
            yield from out.print(f"{shown}: {verdict}\n")

    def _warn(self, out: Output) -> "Generator[Waiting, None, None]":
        for count, one, many in (
            (self.bad_lines, "line is improperly formatted", "lines are improperly formatted"),
            (self.unreadable, "listed file could not be read", "listed files could not be read"),
            (self.different, "computed checksum did NOT match", "computed checksums did NOT match"),
        ):
            if count:
                yield from out.complain(f"WARNING: {count} {one if count == 1 else many}")

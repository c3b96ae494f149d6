"""tar -t and -x: the members of an archive, one after the other."""

import errno
from collections.abc import Generator

from course.processes.simulated.process import Process, Run, Waiting
from course.processes.simulated.programs import tar_archive
from course.processes.simulated.programs.quoting import escaped
from course.processes.simulated.programs.registry import Failed, Steps, Usage
from course.processes.simulated.programs.tar import Wishes
from course.processes.simulated.programs.tar_archive import Member
from course.processes.simulated.programs.tar_create import excluded
from course.processes.simulated.programs.tar_extract import Extractor
from course.processes.simulated.programs.tar_listing import Listing
from course.processes.simulated.shell import patterns
from course.union import flags

FATAL = "Error is not recoverable: exiting now"


def read(process: Process, wishes: Wishes) -> Run:
    """List or extract the members of an archive; return the exit status (int)."""
    data = yield from _archive(process, wishes)
    reader = _Reader(process, wishes)
    try:
        for member in tar_archive.unpacked(data):
            if reader.wants(member.header.name):
                yield from reader.take(member)
    except tar_archive.NotAnArchive:
        skipping = "\ntar: Skipping to next header" if len(data) > tar_archive.BLOCK else ""
        yield from reader.complain(f"This does not look like a tar archive{skipping}")
    except tar_archive.Truncated:
        again = "" if wishes.mode == "t" else "Unexpected EOF in archive\ntar: "
        raise Usage(f"{again}Unexpected EOF in archive\ntar: {FATAL}", hint=False) from None
    yield from reader.finish()
    return reader.status


def _archive(process: Process, wishes: Wishes) -> Generator[Waiting, None, bytes]:
    """Return the archive (bytes), decompressed.  Raises Usage."""
    if wishes.archive == "-":
        data = yield from process.read_all(0)
    else:
        try:
            fd = process.open(wishes.archive, flags.O_RDONLY)
            data = yield from process.read_all(fd)
            process.close(fd)
        except OSError as error:
            message = f"{wishes.archive}: Cannot open: {error.strerror}"
            if error.errno == errno.EISDIR:
                message = f"{wishes.archive}: Cannot read: {error.strerror}\ntar: At beginning of tape, quitting now"
            raise Usage(f"{message}\ntar: {FATAL}", hint=False) from None
    if not wishes.gzip and not tar_archive.is_compressed(data):
        return data
    try:
        return tar_archive.decompressed(data)
    except ValueError:
        yield from process.complain("\ngzip: stdin: not in gzip format")
        raise Usage(f"Child returned status 1\ntar: {FATAL}", hint=False) from None


class _Reader:
    """What is being done with an archive."""

    def __init__(self, process: Process, wishes: Wishes) -> None:
        self.process, self.wishes = process, wishes
        self.status = 0
        self.listing = Listing(wishes.verbose > (wishes.mode == "x"), wishes.numeric)
        self.extractor = Extractor(process.fs, wishes) if wishes.mode == "x" else None
        self.wanted = [name.rstrip("/") or name for _, name in wishes.operands]
        self.found = [False] * len(self.wanted)

    def wants(self, name: str) -> bool:
        """Return whether a member is asked for (bool): by its name, or that of a directory it lies in."""
        name = name.rstrip("/")
        if excluded(name, self.wishes.exclude):
            return False
        if not self.wanted:
            return True
        for number, each in enumerate(self.wanted):
            if self._fits(each, name):
                self.found[number] = True
                return True
        return False

    def _fits(self, wanted: str, name: str) -> bool:
        if self.wishes.wildcards:
            return patterns.matches(wanted, name)
        return name == wanted or name.startswith(f"{wanted}/")

    def take(self, member: Member) -> Steps:
        """List or extract one member."""
        if self.extractor is None:
            return (yield from self._line(member))
        try:
            place = yield from self._place(self.extractor, member)
            if place is None:
                return True
            if self.wishes.verbose:
                yield from self._line(member)
            if self.wishes.to_stdout:
                yield from self.process.write(1, member.data)
            else:
                self.extractor.put(member, place)
                yield from self._warn(self.extractor)
        except Failed as failure:
            yield from self.complain(str(failure))
        return True

    def _place(self, extractor: Extractor, member: Member) -> Generator[Waiting, None, str | None]:
        """Return the name that a member is to have (str), or None.  Raises Failed."""
        try:
            return extractor.place(member)
        finally:
            yield from self._warn(extractor)

    def _warn(self, extractor: Extractor) -> Steps:
        for warning in extractor.warnings:
            yield from self.process.complain(f"tar: {warning}")
        extractor.warnings.clear()
        return True

    def _line(self, member: Member) -> Steps:
        line = self.listing.line(member.header).encode("utf-8", "surrogateescape")
        yield from self.process.write(2 if self.wishes.to_stdout else 1, line)
        return True

    def finish(self) -> Steps:
        """Set what is left to be set, and say what was not found."""
        if self.extractor:
            self.extractor.leave("")
        for name, found in zip(self.wanted, self.found, strict=True):
            if not found:
                yield from self.complain(f"{escaped(name)}: Not found in archive")
        return True

    def complain(self, what: str) -> Steps:
        """Say what went wrong; tar ends with status 2."""
        self.status = 2
        yield from self.process.complain(f"tar: {what}")
        return False

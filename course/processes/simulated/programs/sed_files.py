"""The files of sed: what it reads, one line ahead, and what it writes, in place if asked to."""

import stat
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from course.processes.simulated.programs.buffering import Lines, Output, Steps, opened
from course.processes.simulated.streams import FileStream
from course.union import flags

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Waiting

TEMPORARY = "sed{:06d}"  # mkstemp(3) would take letters at random


class SedFailure(Exception):  # noqa: N818 (what sed says when it gives up)
    """sed cannot go on: the message."""


class Target:
    """A file that is written to through ``out`` (Output); a newline that the last line lacked is made up for."""

    def __init__(self, out: Output, at_once: bool = False) -> None:
        self.out, self.at_once = out, at_once
        self.lacks_newline = False

    def write(self, data: bytes) -> Steps:
        """Write ``data`` (bytes), on a line of its own."""
        if self.lacks_newline:
            self.lacks_newline = False
            yield from self.out.write(b"\n")
        yield from self.out.write(data)
        if self.at_once:
            yield from self.out.flush()

    def line(self, line: bytes, end: bytes) -> Steps:
        """Write a line (bytes) with its ``end`` (bytes), which is empty if the input had none."""
        yield from self.write(line + end)
        self.lacks_newline = not end


class Input:
    """The lines of the files ``names`` (list of str), read one ahead.

    ``suffix`` (str, or None) asks for editing in place, with backups if it is not empty; ``separate`` (bool) takes each
    file for itself.  ``target`` is where the output goes (Target), ``number`` the number of the line (int), ``failed``
    how many files could not be read (int).  ``starts`` is called when a file begins that is taken for itself.
    """

    def __init__(
        self,
        process: "Process",
        names: list[str],
        target: Target,
        suffix: str | None,
        separate: bool,
        end: bytes,
        starts: Callable[[], None],
    ) -> None:
        self.process, self.names, self.suffix, self.separate, self.end = process, list(names), suffix, separate, end
        self.standard = self.target = target
        self.starts = starts
        self.name = "-"
        self.number = 0
        self.failed = 0
        self.lines: Lines | None = None
        self.held = b""
        self.temporary = ""

    def next(self) -> "Generator[Waiting, None, bytes]":
        """Return the next line (bytes, with its end), b"" after the last.  Raises SedFailure."""
        while True:
            if self.lines is None:
                if not self.names:
                    return b""
                yield from self._open()
                continue
            line = self.held or (yield from self._line())
            self.held = b""
            if line:
                self.number += 1
                return line
            yield from self.close()

    def is_last(self) -> "Generator[Waiting, None, bool]":
        """Return whether no line follows (bool), in this file if each is taken for itself.  Raises SedFailure."""
        while not self.held:
            if self.lines is not None:
                self.held = yield from self._line()
                if self.held or self.separate:
                    break
                yield from self.close()
            if not self.names:
                return True
            yield from self._open()
        return not self.held

    def _line(self) -> "Generator[Waiting, None, bytes]":
        assert self.lines is not None  # noqa: S101 (a file is open)
        try:
            return (yield from self.lines.next())
        except OSError as error:
            raise SedFailure(f"read error on {self.name}: {error.strerror}") from None

    def _open(self) -> Steps:
        """Open the next file, if it is there."""
        self.name = self.names.pop(0)
        in_place = self.suffix is not None
        try:
            fd = self.process.open(self.name, flags.O_RDONLY) if in_place else opened(self.process, self.name)
        except OSError as error:
            yield from self.standard.out.complain(f"can't read {self.name}: {error.strerror}")
            self.failed += 1
            return
        if self.separate:
            self.number = 0
            self.starts()
        self.lines = Lines(self.process, fd, self.end)
        if in_place:
            if not stat.S_ISREG(self.process.stream(fd).mode()):
                raise SedFailure(f"couldn't edit {self.name}: not a regular file")
            self._open_temporary()

    def _open_temporary(self) -> None:
        """Open a file beside the one that is edited, which will take its place."""
        folder = self.name.rpartition("/")[0] or "."
        for path in self._free_names(folder):
            try:
                fd = self.process.open(path, flags.O_RDWR | flags.O_CREAT | flags.O_EXCL, 0o600)
            except FileExistsError:
                continue
            except OSError as error:
                raise SedFailure(f"couldn't open temporary file {folder}/sedXXXXXX: {error.strerror}") from None
            self.temporary = path
            self.target = Target(Output(self.process, fd, f"couldn't write to {path}: {{reason}}"))
            return

    def _free_names(self, folder: str) -> Iterator[str]:
        number = 0
        while True:
            number += 1
            yield f"{folder}/{TEMPORARY.format(number)}"

    def close(self) -> Steps:
        """Close the file that is read; one edited in place is replaced by what was written.  Raises SedFailure."""
        if self.lines is None:
            return
        source, self.lines = self.lines.fd, None
        if self.temporary:
            yield from self._replace(source)
        if source:
            self.process.close(source)

    def _replace(self, source: int) -> Steps:
        """Give the temporary file the owner and mode of the other (descriptor ``source``), then its name."""
        out, temporary = self.target.out, self.temporary
        old, new = self.process.stream(source), self.process.stream(out.fd)
        assert isinstance(old, FileStream)  # noqa: S101 (both were opened by name)
        assert isinstance(new, FileStream)  # noqa: S101
        state = old.file.stat()
        with suppress(OSError):  # only root gives files away
            new.file.chown(state.st_uid, state.st_gid)
        new.file.chmod(stat.S_IMODE(state.st_mode))
        yield from out.flush()
        self.process.close(out.fd)
        self.target = self.standard
        try:
            if self.suffix:
                self.process.fs.rename(self.name, self._backup())
            self.process.fs.rename(temporary, self.name)
        except OSError as error:
            raise SedFailure(f"cannot rename {error.filename}: {error.strerror}") from None
        self.temporary = ""

    def _backup(self) -> str:
        folder, slash, base = self.name.rpartition("/")
        suffix = self.suffix or ""
        name = suffix.replace("*", base) if "*" in suffix else base + suffix
        return name if "/" in name else folder + slash + name

    def give_up(self) -> None:
        """Remove the temporary file, if there is one."""
        if self.temporary:
            self.process.fs.unlink(self.temporary)

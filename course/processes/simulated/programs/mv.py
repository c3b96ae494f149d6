"""mv: moves files and directories, by renaming where that is possible, else by copying and removing."""

import errno
from collections.abc import Generator
from dataclasses import dataclass

from course.processes.simulated.process import Process, Run, Waiting
from course.processes.simulated.programs import backups, targets
from course.processes.simulated.programs.copying import NEVER, Copier, Way, Wishes
from course.processes.simulated.programs.quoting import quoted
from course.processes.simulated.programs.registry import Failed, Steps, for_each, options, program
from course.processes.simulated.programs.rm import Remover
from course.processes.simulated.programs.same_files import place
from course.union import flags

LONG = ("force interactive no-clobber no-target-directory target-directory= update verbose").split()
KEPT = frozenset({"mode", "timestamps", "ownership", "links", "xattr"})


@program("mv")
def mv(process: Process, argv: list[str]) -> Run:
    """Move files and directories (mv(1)): -b -f -i -n -S -t -T -u -v."""
    found, operands = options(argv, "bfinS:t:Tuv", LONG + backups.LONG)
    wishes = Wishes(recursive=True, follow=NEVER, keep=KEPT, moving=True, backups=backups.chosen(found))
    into, plain = None, False
    for option, value in found:
        match option:
            case "-f" | "--force":
                wishes.existing = ""
            case "-i" | "--interactive":
                wishes.existing = "ask"
            case "-n" | "--no-clobber":
                wishes.existing = "skip"
            case "-t" | "--target-directory":
                into = value
            case "-T" | "--no-target-directory":
                plain = True
            case "-u" | "--update":
                wishes.update = True
            case "-v" | "--verbose":
                wishes.verbose = True
    backups.check(wishes.backups, wishes.existing)
    target = targets.chosen(process.fs, operands, into, plain)
    mover = Mover(process, wishes, target.directory is not None and len(target.operands) > 1)
    mover.renames = target.directory is not None
    return (yield from for_each(process, target.operands, lambda name: mover.move(name, target.path(name))))


@dataclass(slots=True)
class Mover(Copier):
    """One call of mv.

    ``renames`` (bool) is whether what lies in a directory that has to be copied is renamed one by one: mv does so if
    its destination is a directory to move things into.
    """

    renames: bool = False

    def move(self, source: str, destination: str) -> Steps:
        """Move what an operand names.  Raises Failed."""
        self.operands, self.made_directory = (source, destination), False
        moved = yield from self.renamed(source, destination, ())
        if moved is not None:
            return moved
        remover = Remover(self.process, recursive=True, verbose=self.wishes.verbose, ask="never")
        return (yield from remover.remove(source))

    def entry(self, source: str, destination: str, new: bool, way: Way) -> Steps:
        """Move what lies in a directory that is copied.  Raises Failed."""
        if not self.renames:
            return (yield from Copier.entry(self, source, destination, new, way))
        return (yield from self.renamed(source, destination, way)) is not False

    def renamed(self, source: str, destination: str, way: Way) -> Generator[Waiting, None, bool | None]:
        """Rename, or copy; return whether all went well (bool), None if the source is now to be removed."""
        reason = self._rename(source, destination, flags.RENAME_NOREPLACE)
        if reason is None:
            return (yield from self._done(f"{quoted(source)} -> {quoted(destination)}", destination))
        if reason.errno == errno.EEXIST and self.wishes.existing == "skip":
            return True
        pair = yield from self.checked(source, destination, operand=not way)
        if pair is None:
            return True
        if reason.errno == errno.EEXIST:
            reason = self._rename(source, destination)
            if reason is None:
                return (yield from self._done(pair.names, destination))
        if reason.errno == errno.EINVAL:
            raise Failed(f"cannot move {quoted(source)} to a subdirectory of itself, {quoted(destination)}")
        if reason.errno != errno.EXDEV:
            raise Failed(f"cannot move {quoted(source)} to {quoted(destination)}: {reason.strerror}")
        return None if (yield from self.made_or_restored(pair, way)) else False

    def _rename(self, source: str, destination: str, how: int = 0) -> OSError | None:
        """Rename; return why it was not possible (OSError), or None."""
        try:
            self.fs.rename(source, destination, how)
        except OSError as error:
            return error
        return None

    def _done(self, names: str, destination: str) -> Steps:
        if self.wishes.verbose:
            yield from self.say(f"renamed {names}")
        if self.several:
            self.made.add(place(self.fs, destination, self.fs.lstat(destination)))
        return True

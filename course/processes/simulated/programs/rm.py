"""rm: removes files, and directories with all that is in them."""

import errno
import stat
from collections.abc import Iterable
from dataclasses import dataclass

from course.processes.simulated.process import Process, Run
from course.processes.simulated.programs.asking import agrees, asks_somebody, kind
from course.processes.simulated.programs.operands import join, last
from course.processes.simulated.programs.quoting import quote, quoted
from course.processes.simulated.programs.registry import (
    Failed,
    Steps,
    Usage,
    attempt,
    choice,
    for_each,
    missing_operand,
    options,
    program,
    trying,
)
from course.union import flags
from course.union.filesystem import Stat

ALWAYS, ONCE, NEVER = "always", "once", "never"
LONG = [
    "directory",
    "force",
    "interactive=?",
    "one-file-system",
    "preserve-root",
    "no-preserve-root",
    "recursive",
    "verbose",
]
WHEN = dict.fromkeys(["never", "no", "none"], NEVER) | {"once": ONCE} | dict.fromkeys(["always", "yes"], ALWAYS)
MISSING = (errno.ENOENT, errno.ENOTDIR, errno.EINVAL)
MEANINGLESS = (errno.ENOTEMPTY, errno.EISDIR, errno.ENOTDIR, errno.EEXIST)


@dataclass(slots=True)
class Remover:
    """Removes files for rm and mv; ``ask`` is when to ask before (str, empty: what is write-protected)."""

    process: Process
    recursive: bool = False
    directories: bool = False
    force: bool = False
    verbose: bool = False
    ask: str = ""
    preserve_root: bool = True
    on_one_device: bool = False
    device: int = 0  # of the operand
    stayed: int = 0  # directories that were not to be entered: those they lie in stay too

    def remove(self, path: str) -> Steps:
        """Remove what an operand names (``path``, str).  Raises Failed."""
        if self.recursive and last(path) in (".", ".."):
            raise Failed(f"refusing to remove '.' or '..' directory: skipping {quoted(path)}")
        fs = self.process.fs
        try:
            found = fs.lstat(path)
        except OSError:
            return self._unseen(path)
        if self.recursive and self.preserve_root and found[1:3] == fs.lstat("/")[1:3]:
            also = "" if path == "/" else " (same as '/')"
            yield from self.process.complain(
                f"{self.process.argv[0]}: it is dangerous to operate recursively on {quoted(path)}{also}"
            )
            raise Failed("use --no-preserve-root to override this failsafe")
        self.device = found.st_dev
        return (yield from self._remove(path, found))

    def _unseen(self, path: str) -> bool:
        """Try to remove what cannot be looked at: that tells why it cannot be done.  Raises Failed."""
        try:
            self.process.fs.unlink(path)
        except OSError as error:
            if not self.force or error.errno not in MISSING:
                raise Failed(f"cannot remove {quoted(path)}: {error.strerror}") from None
        return True

    def _remove(self, path: str, found: Stat) -> Steps:
        if not stat.S_ISDIR(found.st_mode):
            if (yield from self._agreed(f"remove{{}} {kind(found)} {quoted(path)}?", path, found)):
                with trying(f"cannot remove {quoted(path)}"):
                    self.process.fs.unlink(path)
                yield from self._say(f"removed {quoted(path)}")
            return True
        if not self.recursive and not self.directories:
            raise Failed(f"cannot remove {quoted(path)}: Is a directory")
        return (yield from self._directory(path, found))

    def _directory(self, path: str, found: Stat) -> Steps:
        unreadable: OSError | None = None
        names: list[str] = []
        try:
            names = self.process.fs.listdir(path)
        except OSError as error:
            unreadable = error
        stayed = self.stayed
        if names and self.recursive:
            if not (yield from self._agreed(f"descend into{{}} directory {quoted(path)}?", path, found)):
                self.stayed += 1
                return True
            if not (yield from self._content(path, names)):
                return False
        if self.stayed > stayed:
            return True
        if not (yield from self._agreed(f"remove{{}} directory {quoted(path)}?", path, found)):
            return True
        try:
            self.process.fs.rmdir(path)
        except OSError as error:
            reason = unreadable if unreadable and error.errno in MEANINGLESS else error
            raise Failed(f"cannot remove {quoted(path)}: {reason.strerror}") from None
        yield from self._say(f"removed directory {quoted(path)}")
        return True

    def _content(self, path: str, names: Iterable[str]) -> Steps:
        fine = True
        for name in names:
            fine &= yield from attempt(self.process, self._entry(join(path, name)))
        return fine

    def _entry(self, path: str) -> Steps:
        with trying(f"cannot remove {quoted(path)}"):
            found = self.process.fs.lstat(path)
        if self.on_one_device and stat.S_ISDIR(found.st_mode) and found.st_dev != self.device:
            raise Failed(f"skipping {quoted(path)}, since it's on a different device")
        return (yield from self._remove(path, found))

    def _agreed(self, question: str, path: str, found: Stat) -> Steps:
        """Return whether there is nothing against it: nobody is to be asked, or who was asked agreed."""
        protected = ""
        if self.ask == "" and not self.force and asks_somebody(self.process) and not stat.S_ISLNK(found.st_mode):
            try:
                self.process.fs.access(path, flags.W_OK)
            except OSError:
                protected = " write-protected"
        if self.ask != ALWAYS and not protected:
            return True
        return (yield from agrees(self.process, question.format(protected)))

    def _say(self, what: str) -> Steps:
        if self.verbose:
            yield from self.process.print(f"{what}\n")
        return True


@program("rm")
def rm(process: Process, argv: list[str]) -> Run:
    """Remove files and directories (rm(1)): -r, -f, -d, -v, -i, -I, --one-file-system."""
    try:
        found, operands = options(argv, "dfirvIR", LONG)
    except Usage as usage:
        raise Usage(str(usage) + _advice(process, argv)) from None
    remover = Remover(process)
    for option, value in found:
        match option:
            case "-d" | "--directory":
                remover.directories = True
            case "-f" | "--force":
                remover.force, remover.ask = True, NEVER
            case "-i":
                remover.force, remover.ask = False, ALWAYS
            case "-I":
                remover.force, remover.ask = False, ONCE
            case "--interactive":
                remover.force, remover.ask = False, choice(option, value, WHEN) if value else ALWAYS
            case "--no-preserve-root":
                remover.preserve_root = False
            case "--one-file-system":
                remover.on_one_device = True
            case "-r" | "-R" | "--recursive":
                remover.recursive = True
            case "-v" | "--verbose":
                remover.verbose = True
    if not operands and remover.force:
        return 0
    missing_operand(operands)
    if remover.ask == ONCE and (remover.recursive or len(operands) > 3):
        many = f"{len(operands)} argument" + "s" * (len(operands) != 1) + " recursively" * remover.recursive
        if not (yield from agrees(process, f"remove {many}?")):
            return 0
    return (yield from for_each(process, operands, remover.remove))


def _advice(process: Process, argv: list[str]) -> str:
    """Return what to type instead if one of the arguments that look like options is a file."""
    for word in argv[1:]:
        if word.startswith("-") and len(word) > 1:
            try:
                process.fs.lstat(word)
            except OSError:
                continue
            return f"\nTry '{argv[0]} ./{word}' to remove the file {quote(word)}."
    return ""

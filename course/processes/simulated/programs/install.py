"""install: copies files to where they belong, with the mode and the owner that they are to have."""

import re

from course.processes.simulated.process import Process, Run
from course.processes.simulated.programs import backups, modes, targets, users
from course.processes.simulated.programs.copying import Copier, Wishes
from course.processes.simulated.programs.modes import Change
from course.processes.simulated.programs.operands import above
from course.processes.simulated.programs.quoting import quote, quoted
from course.processes.simulated.programs.registry import Failed, Steps, Usage, for_each, options, program, trying

LONG = "directory group= mode= owner= preserve-timestamps target-directory= no-target-directory verbose".split()
LETTERS = {"--no-target-directory": "-T"}  # of the long options that do not begin with theirs
USUAL = 0o755


class _Installer:
    """One call of install: what files get (mode as changes to 0, owner; -1 leaves it)."""

    def __init__(self, process: Process, changes: tuple[Change, ...] | None, uid: int, gid: int, verbose: bool) -> None:
        self.process, self.fs = process, process.fs
        self.changes, self.uid, self.gid, self.verbose = changes, uid, gid, verbose

    def mode(self, directory: bool) -> int:
        """Return the mode that files are to have, or directories (int)."""
        return USUAL if self.changes is None else modes.changed(0, self.changes, directory, 0)

    def file(self, copier: Copier, source: str, destination: str) -> Steps:
        """Copy one file.  Raises Failed."""
        if targets.is_directory(self.fs, source):
            raise Failed(f"omitting directory {quoted(source)}")
        if not (yield from copier.copy(source, destination)):
            return False
        self.own(destination, directory=False)
        return True

    def own(self, path: str, directory: bool) -> None:
        """Give a file its owner and its mode.  Raises Failed."""
        if (self.uid, self.gid) != (-1, -1):
            with trying(f"cannot change ownership of {quoted(path)}"):
                self.fs.lchown(path, self.uid, self.gid)
        with trying(f"cannot change permissions of {quoted(path)}"):
            self.fs.chmod(path, self.mode(directory))

    def directory(self, path: str) -> Steps:
        """Make a directory and all that lead to it, and give it the mode that was asked for.  Raises Failed."""
        yield from self.leading(path)
        self.own(path, directory=True)
        return True

    def leading(self, path: str) -> Steps:
        """Make a directory and all that lead to it, of the usual mode.  Raises Failed."""
        ends = [match.end() for match in re.finditer(r"[^/]+", path)] or [0]
        for end in ends:
            way = path[:end]
            if not targets.is_directory(self.fs, way):
                with trying(f"cannot create directory {quoted(way)}"):
                    self.fs.mkdir(way, USUAL)
                    self.fs.chmod(way, USUAL)  # whatever the umask says
                if self.verbose:
                    yield from self.process.print(f"install: creating directory {quoted(way)}\n")
        return True


@program("install")
def install(process: Process, argv: list[str]) -> Run:
    """Copy files and set their mode and owner, or make directories (install(1)): -b -d -D -g -m -o -p -S -t -T -v."""
    found, operands = options(argv, "bcdDg:m:o:pS:t:Tv", LONG + backups.LONG)
    chosen = {LETTERS.get(option, option.replace("--", "-")[:2]): value for option, value in found}
    installer = _Installer(
        process,
        _changes(chosen.get("-m")),
        _number(process, users.PASSWD, "user", chosen.get("-o")),
        _number(process, users.GROUP, "group", chosen.get("-g")),
        "-v" in chosen,
    )
    if "-d" in chosen:
        if not operands:
            raise Usage("missing file operand")
        return (yield from for_each(process, operands, installer.directory))
    into = chosen.get("-t")
    if "-D" in chosen and len(operands) > (into is None):
        yield from installer.leading(above(operands[-1]) if into is None else into)
    keep = frozenset({"timestamps"} if "-p" in chosen else ())
    wishes = Wishes(remove_first=True, keep=keep, verbose="-v" in chosen, backups=backups.chosen(found))
    targets.accessible(process.fs, into)
    target = targets.chosen(process.fs, operands, into, "-T" in chosen)
    several = target.directory is not None and len(target.operands) > 1
    copier = Copier(process, wishes, several)
    return (yield from for_each(process, target.operands, lambda name: installer.file(copier, name, target.path(name))))


def _changes(text: str | None) -> tuple[Change, ...] | None:
    try:
        return None if text is None else modes.parse(text)
    except ValueError:
        raise Usage(f"invalid mode {quote(str(text))}", hint=False) from None


def _number(process: Process, path: str, kind: str, name: str | None) -> int:
    """Return the number of a user or group (int), -1 if none was named.  Raises Usage."""
    if name is None:
        return -1
    number = users.number_of(process.fs, path, name)
    if number is None and not name.isdecimal():
        raise Usage(f"invalid {kind} {quote(name)}", hint=False)
    return int(name) if number is None else number

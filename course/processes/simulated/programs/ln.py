"""ln, link and unlink: names for files that have one already, and links to names."""

import stat
from dataclasses import dataclass

from course.processes.simulated.process import Process, Run
from course.processes.simulated.programs import backups, replacing, targets
from course.processes.simulated.programs.asking import agrees
from course.processes.simulated.programs.backups import Backups
from course.processes.simulated.programs.canonical import canonical
from course.processes.simulated.programs.quoting import named, quoted
from course.processes.simulated.programs.registry import (
    Failed,
    Steps,
    Usage,
    at_once,
    extra_operand,
    for_each,
    missing_operand,
    options,
    program,
    trying,
)
from course.processes.simulated.programs.same_files import place, same, same_name
from course.union.filesystem import Stat, UnionFilesystem

SHORT = "bfinPLrsS:t:TvdF"
LONG = (
    "force interactive no-dereference physical logical relative symbolic target-directory= no-target-directory verbose "
    "directory"
).split()


@dataclass(slots=True)
class _Linker:
    process: Process
    symbolic: bool = False
    relative: bool = False
    logical: bool = False
    existing: str = ""  # "replace", "ask", or "": an error
    verbose: bool = False
    several: bool = False
    made: set[tuple[object, ...]] | None = None
    kept: Backups | None = None

    def link(self, old: str, new: str) -> Steps:
        fs = self.process.fs
        found = None if self.symbolic else self._source(old)
        if self.several and self.existing and self.made is None and not self.symbolic:
            self.made = set()
        target = self._relative(old, new) if self.relative else old
        replace, backup = False, ""
        if self.existing or self.kept:
            there = self._lstat(new)
            if there:
                self._check(old, found, new, there)
                if self.existing == "ask" and not (yield from agrees(self.process, f"replace {quoted(new)}?")):
                    return True
                replace = True
                if self.kept:
                    backup = self.kept.name(fs, new)
                    with trying(f"cannot backup {quoted(new)}"):
                        fs.rename(new, backup)
        try:
            if self.symbolic:
                replacing.symlink(fs, target, new, replace)
            else:
                replacing.link(fs, canonical(fs, old) if self.logical else old, new, replace)
        except OSError as error:
            raise Failed(self._why(old, new, error)) from None
        if self.made is not None:
            self.made.add(place(fs, new, fs.lstat(new)))
        if self.verbose:
            before = f"{quoted(backup)} ~ " if backup else ""
            yield from self.process.print(f"{before}{quoted(new)} {'->' if self.symbolic else '=>'} {quoted(target)}\n")
        return True

    def _source(self, old: str) -> Stat:
        with trying(f"failed to access {quoted(old)}"):
            found = self.process.fs.stat(old) if self.logical else self.process.fs.lstat(old)
        if stat.S_ISDIR(found.st_mode):
            raise Failed(f"{named(old)}: hard link not allowed for directory")
        return found

    def _lstat(self, path: str) -> Stat | None:
        try:
            return self.process.fs.lstat(path)
        except OSError:
            return None

    def _check(self, old: str, found: Stat | None, new: str, there: Stat) -> None:
        """Raise Failed if what is there is not to be replaced."""
        fs = self.process.fs
        if stat.S_ISDIR(there.st_mode):
            raise Failed(f"{named(new)}: cannot overwrite directory")
        if self.made and place(fs, new, there) in self.made:
            raise Failed(f"will not overwrite just-created {quoted(new)} with {quoted(old)}")
        if self.symbolic and self.kept:
            return
        try:
            original = found or fs.stat(old)
        except OSError:
            return
        if same(original, there) and (there.st_nlink == 1 or same_name(fs, old, new)):
            raise Failed(f"{quoted(old)} and {quoted(new)} are the same file")

    def _relative(self, old: str, new: str) -> str:
        """Return the way from where the link is to ``old`` (str)."""
        fs = self.process.fs
        goal = canonical(fs, old, "any").strip("/").split("/")
        start = canonical(fs, new, "any").strip("/").split("/")[:-1]
        common = 0
        while common < min(len(goal), len(start)) and goal[common] == start[common]:
            common += 1
        return "/".join([".."] * (len(start) - common) + goal[common:]) or "."

    def _why(self, old: str, new: str, error: OSError) -> str:
        if not self.symbolic:
            aim = "" if isinstance(error, FileExistsError) else f" => {quoted(old)}"
            return f"failed to create hard link {quoted(new)}{aim}: {error.strerror}"
        aim = "" if old and new else f" -> {quoted(old)}" if new else ""
        return f"failed to create symbolic link {quoted(new)}{aim}: {error.strerror}"


@program("ln")
def ln(process: Process, argv: list[str]) -> Run:
    """Make links between files (ln(1)): -b, -s, -S, -f, -i, -n, -r, -t, -T, -v, -L, -P."""
    found, operands = options(argv, SHORT, LONG + backups.LONG)
    linker = _Linker(process, kept=backups.chosen(found))
    into, plain, follow = None, False, True
    for option, value in found:
        match option:
            case "-f" | "--force":
                linker.existing = "replace"
            case "-i" | "--interactive":
                linker.existing = "ask"
            case "-L" | "--logical" | "-P" | "--physical":
                linker.logical = option in ("-L", "--logical")
            case "-n" | "--no-dereference":
                follow = False
            case "-r" | "--relative":
                linker.relative = True
            case "-s" | "--symbolic":
                linker.symbolic = True
            case "-t" | "--target-directory":
                into = value
            case "-T" | "--no-target-directory":
                plain = True
            case "-v" | "--verbose":
                linker.verbose = True
    if linker.relative and not linker.symbolic:
        raise Usage("cannot do --relative without --symbolic", hint=False)
    target = _target(process.fs, operands, into, plain, follow)
    linker.several = target.directory is not None and len(target.operands) > 1
    return (yield from for_each(process, target.operands, lambda name: linker.link(name, target.path(name))))


def _target(fs: UnionFilesystem, operands: list[str], into: str | None, plain: bool, follow: bool) -> targets.Target:
    """Return where the links go (Target); with a single operand, into the working directory.  Raises Usage."""
    if operands and not plain:
        targets.accessible(fs, into)
    if len(operands) == 1 and into is None and not plain:
        return targets.Target(operands, ".")
    if len(operands) == 2 and into is None and not follow and not targets.is_directory(fs, operands[1], follow=False):
        plain = True
    return targets.chosen(fs, operands, into, plain)


@program("link")
def link(process: Process, argv: list[str]) -> Run:
    """Give a file another name (link(1))."""
    _, operands = options(argv, "")
    missing_operand(operands, 2)
    extra_operand(operands, 2)
    old, new = operands

    def step(old: str) -> None:
        with trying(f"cannot create link {quoted(new)} to {quoted(old)}"):
            process.fs.link(old, new)

    return (yield from for_each(process, [old], at_once(step)))


@program("unlink")
def unlink(process: Process, argv: list[str]) -> Run:
    """Remove one name of a file (unlink(1))."""
    _, operands = options(argv, "")
    missing_operand(operands)
    extra_operand(operands, 1)

    def step(path: str) -> None:
        with trying(f"cannot unlink {quoted(path)}"):
            process.fs.unlink(path)

    return (yield from for_each(process, operands, at_once(step)))


@program("readlink")
def readlink(process: Process, argv: list[str]) -> Run:
    """Print where links point, or the one path of a file (readlink(1)): -f, -e, -m, -n, -z, -v."""
    found, operands = options(
        argv,
        "efmnqsvz",
        "canonicalize canonicalize-existing canonicalize-missing no-newline quiet silent verbose zero".split(),
    )
    ways = {"-e": "nothing", "--canonicalize-existing": "nothing", "-f": "last", "--canonicalize": "last"}
    ways |= {"-m": "any", "--canonicalize-missing": "any"}
    chosen = {option for option, _ in found}
    missing = [ways[option] for option, _ in found if option in ways]
    missing_operand(operands)
    end = "\0" if chosen & {"-z", "--zero"} else "\n"
    if chosen & {"-n", "--no-newline"}:
        if len(operands) > 1:
            yield from process.complain("readlink: ignoring --no-newline with multiple arguments")
        else:
            end = ""
    fs, status = process.fs, 0
    for path in operands:
        try:
            yield from process.print((canonical(fs, path, missing[-1]) if missing else fs.readlink(path)) + end)
        except OSError as error:
            status = 1
            if chosen & {"-v", "--verbose"}:
                yield from process.complain(f"readlink: {named(path)}: {error.strerror}")
    return status


@program("realpath")
def realpath(process: Process, argv: list[str]) -> Run:
    """Print the one path of each file (realpath(1)): -e, -m, -q, -z."""
    found, operands = options(argv, "emqz", "canonicalize-existing canonicalize-missing quiet zero".split())
    chosen = {option for option, _ in found}
    missing = "nothing" if chosen & {"-e", "--canonicalize-existing"} else "last"
    missing = "any" if chosen & {"-m", "--canonicalize-missing"} else missing
    missing_operand(operands)
    status = 0
    for path in operands:
        try:
            there = canonical(process.fs, path, missing)
        except OSError as error:
            status = 1
            if not chosen & {"-q", "--quiet"}:
                yield from process.complain(f"realpath: {named(path)}: {error.strerror}")
        else:
            yield from process.print(there + ("\0" if chosen & {"-z", "--zero"} else "\n"))
    return status

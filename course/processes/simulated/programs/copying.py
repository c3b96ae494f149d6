"""Copying: what cp does with each file, and mv where a rename is not enough."""

import stat
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from course.processes.simulated.process import Process, Waiting
from course.processes.simulated.programs import making_copies, replacing
from course.processes.simulated.programs.asking import agrees
from course.processes.simulated.programs.backups import Backups
from course.processes.simulated.programs.operands import join
from course.processes.simulated.programs.quoting import quoted
from course.processes.simulated.programs.registry import Failed, Steps, attempt, trying
from course.processes.simulated.programs.same_files import may_replace, place, same_name
from course.union.filesystem import Stat, UnionFilesystem

NEVER, OPERANDS, ALWAYS = "never", "operands", "always"


@dataclass(slots=True)
class Wishes:
    """How to copy: the options of cp, and what mv wishes.

    ``follow`` is which links of the source are followed (str: NEVER, OPERANDS, ALWAYS).  ``keep`` is what of a file is
    preserved (set of str: mode, ownership, timestamps, links, xattr), ``forget_mode`` whether the mode is left to the
    umask (bool).  ``existing`` is what happens to a file that is there already (str: "" it is overwritten, "skip",
    "ask").  ``make`` is what is made instead of copies (str: "links", "symlinks", or empty).
    """

    recursive: bool = False
    follow: str = ALWAYS
    keep: frozenset[str] = frozenset()
    forget_mode: bool = False
    force: bool = False
    existing: str = ""
    update: bool = False
    remove_first: bool = False
    make: str = ""
    verbose: bool = False
    moving: bool = False
    backups: Backups | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A source with its metadata (str, Stat), a destination (str), and what is there (Stat, or None).

    ``backup`` is where what was there is kept (str, or empty).
    """

    source: str
    found: Stat
    destination: str
    there: Stat | None
    operand: bool
    backup: str = ""

    @property
    def names(self) -> str:
        """Both names, as ``-v`` shows them (str)."""
        kept = f" (backup: {quoted(self.backup)})" if self.backup else ""
        return f"{quoted(self.source)} -> {quoted(self.destination)}{kept}"

    @property
    def is_directory(self) -> bool:
        """Whether the source is a directory (bool)."""
        return stat.S_ISDIR(self.found.st_mode)

    @property
    def inode(self) -> tuple[int, int]:
        """What identifies the source (pair of int)."""
        return self.found.st_dev, self.found.st_ino


Way = tuple[tuple[int, int], ...]
"""The directories of the source that lead to a file (tuple of pairs of int: device and inode numbers)."""

Pairing = Generator[Waiting, None, Pair]
"""A step that returns what is to be copied (Pair)."""

Checked = Generator[Waiting, None, Pair | None]
"""A step that returns what is to be copied (Pair), or None if there is nothing to do."""


@dataclass(slots=True)
class Copier:
    """One call of cp or mv: what it wishes (Wishes), and what it has made so far.

    ``several`` (bool) is whether it copies several operands into a directory.
    """

    process: Process
    wishes: Wishes
    several: bool = False
    copies: dict[tuple[int, int], str] = field(default_factory=dict)  # where an inode went
    sources: set[tuple[object, ...]] = field(default_factory=set)
    made: set[tuple[object, ...]] = field(default_factory=set)
    into_itself: bool = False
    made_directory: bool = False
    operands: tuple[str, str] = ("", "")

    @property
    def fs(self) -> UnionFilesystem:
        """The file system as the process sees it (UnionFilesystem)."""
        return self.process.fs

    def copy(self, source: str, destination: str) -> Steps:
        """Copy what an operand names.  Raises Failed."""
        self.operands = source, destination
        self.into_itself = self.made_directory = False
        pair = yield from self.checked(source, destination)
        return not pair or (yield from self.made_or_restored(pair, ()))

    def made_or_restored(self, pair: Pair, way: Way) -> Steps:
        """Make the copy; if that fails, what was there before gets its name back.  Raises Failed."""
        try:
            return (yield from self.make(pair, way))
        except Failed:
            if pair.backup:
                with suppress(OSError):
                    self.fs.rename(pair.backup, pair.destination)
            raise

    def checked(self, source: str, destination: str, operand: bool = True, new: bool = False) -> Checked:
        """Return what is to be copied (Pair), or None if there is nothing to do.  Raises Failed."""
        wishes = self.wishes
        follow = wishes.follow == ALWAYS or (wishes.follow == OPERANDS and operand)
        with trying(f"cannot stat {quoted(source)}"):
            found = self.fs.stat(source) if follow else self.fs.lstat(source)
        if stat.S_ISDIR(found.st_mode) and not wishes.recursive:
            raise Failed(f"-r not specified; omitting directory {quoted(source)}")
        if operand and self.several and not wishes.moving and not stat.S_ISDIR(found.st_mode):
            if place(self.fs, source, found) in self.sources:
                yield from self._warn(f"source file {quoted(source)} specified more than once")
                return None
            self.sources.add(place(self.fs, source, found))
        pair = Pair(source, found, destination, None if new else self._there(found, destination), operand)
        if pair.there:
            if not (yield from self._may_overwrite(pair, follow)):
                return None
            pair = yield from self._out_of_the_way(pair)
        if operand and self.several and not wishes.moving:
            self._not_through_a_new_link(pair)
        return pair

    def _there(self, found: Stat, destination: str) -> Stat | None:
        wishes, regular = self.wishes, stat.S_ISREG(found.st_mode)
        itself = not regular and (wishes.recursive or stat.S_ISDIR(found.st_mode) or stat.S_ISLNK(found.st_mode))
        itself |= wishes.moving or bool(wishes.make) or wishes.remove_first or wishes.backups is not None
        try:
            return self.fs.lstat(destination) if itself else self.fs.stat(destination)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Failed(f"cannot stat {quoted(destination)}: {error.strerror}") from None

    def _may_overwrite(self, pair: Pair, follow: bool) -> Steps:
        """Return whether the destination, which is there, is to be overwritten (bool).  Raises Failed."""
        wishes, there, destination = self.wishes, pair.there, pair.destination
        assert there  # noqa: S101
        allowed = may_replace(
            self.fs,
            (pair.source, pair.found),
            (destination, there),
            follow,
            wishes.remove_first,
            wishes.make,
            wishes.moving,
            wishes.backups is not None,
        )
        if allowed is False:
            raise Failed(f"{quoted(pair.source)} and {quoted(destination)} are the same file")
        if wishes.update and not pair.is_directory and there.st_mtime_ns >= pair.found.st_mtime_ns:
            return False
        if wishes.existing == "skip" and not pair.is_directory:
            return False
        asked = wishes.existing == "ask" and (wishes.moving or not pair.is_directory)
        if asked and not (yield from agrees(self.process, f"overwrite {quoted(destination)}?")):
            return False
        if allowed is None:
            return False
        moved_away = wishes.moving and wishes.backups is not None
        if pair.is_directory and not stat.S_ISDIR(there.st_mode) and not moved_away:
            raise Failed(f"cannot overwrite non-directory {quoted(destination)} with directory {quoted(pair.source)}")
        if not stat.S_ISDIR(there.st_mode) and pair.operand and place(self.fs, destination, there) in self.made:
            raise Failed(f"will not overwrite just-created {quoted(destination)} with {quoted(pair.source)}")
        if not pair.is_directory and stat.S_ISDIR(there.st_mode) and not moved_away:
            raise Failed(f"cannot overwrite directory {quoted(destination)} with non-directory")
        return True

    def _out_of_the_way(self, pair: Pair) -> Pairing:
        """Remove the destination where a copy cannot be written into it; return the pair as it is then."""
        wishes, there = self.wishes, pair.there
        assert there  # noqa: S101
        if wishes.backups and (wishes.moving or not stat.S_ISDIR(there.st_mode)):
            backup = wishes.backups.name(self.fs, pair.destination)
            with trying(f"cannot backup {quoted(pair.destination)}"):
                self.fs.rename(pair.destination, backup)
            return replace(pair, there=None, backup=backup)
        if stat.S_ISDIR(there.st_mode) or wishes.moving:
            return pair
        shared = "links" in wishes.keep and there.st_nlink > 1
        unlike = wishes.follow == NEVER and not stat.S_ISREG(pair.found.st_mode)
        if not wishes.remove_first and (wishes.make or not (shared or unlike)):
            return pair
        with trying(f"cannot remove {quoted(pair.destination)}"):
            self.fs.unlink(pair.destination)
        if wishes.verbose:
            yield from self.say(f"removed {quoted(pair.destination)}")
        return replace(pair, there=None)

    def _not_through_a_new_link(self, pair: Pair) -> None:
        try:
            there = self.fs.lstat(pair.destination)
        except OSError:
            return
        if stat.S_ISLNK(there.st_mode) and place(self.fs, pair.destination, there) in self.made:
            raise Failed(f"will not copy {quoted(pair.source)} through just-created symlink {quoted(pair.destination)}")

    def make(self, pair: Pair, way: Way) -> Steps:
        """Make the copy; ``way`` are the directories of the source above it (Way).  Raises Failed."""
        if self.wishes.verbose and not self.wishes.moving and not pair.is_directory:
            yield from self.say(pair.names)
        earlier = self._earlier(pair)
        if earlier is not None and not (yield from self._once_more(pair, earlier)):
            return True
        if self.wishes.moving:
            pair = yield from self._instead_of_moving(pair)
        if pair.is_directory:
            fine = yield from self._directory(pair, way)
        else:
            try:
                if making_copies.make(self, pair) and self.wishes.verbose:
                    yield from self.say(f"removed {quoted(pair.destination)}")
            except Failed:
                self.copies.pop(pair.inode, None)
                raise
            fine = True
        if pair.operand and self.several:
            self.made.add(place(self.fs, pair.destination, self.fs.lstat(pair.destination)))
        return fine

    def _earlier(self, pair: Pair) -> str | None:
        """Return where this inode was copied to before (str), or None; from now on it is known."""
        wishes, found = self.wishes, pair.found
        if pair.is_directory:
            remembered = pair.operand
        elif wishes.moving and found.st_nlink == 1:
            remembered = False
        elif "links" in wishes.keep and wishes.make != "links":
            follows = wishes.follow == ALWAYS or (wishes.follow == OPERANDS and pair.operand)
            remembered = found.st_nlink > 1 or follows
        else:
            return None
        if remembered:
            earlier = self.copies.setdefault(pair.inode, pair.destination)
            return None if earlier is pair.destination else earlier
        return self.copies.get(pair.inode)

    def _once_more(self, pair: Pair, earlier: str) -> Steps:
        """Deal with an inode that was copied before; return whether it is to be copied again (bool).  Raises Failed."""
        fs, destination = self.fs, pair.destination
        if not pair.is_directory:
            with trying(f"cannot create hard link {quoted(destination)} to {quoted(earlier)}"):
                replacing.link(fs, earlier, destination, replace=True)
            return False
        if same_name(fs, pair.source, earlier):
            self.into_itself = True
            source, top = map(quoted, self.operands)
            raise Failed(f"cannot copy a directory, {source}, into itself, {top}")
        if same_name(fs, destination, earlier):
            yield from self._warn(f"source directory {quoted(pair.source)} specified more than once")
            return False
        if self.wishes.follow == ALWAYS or (self.wishes.follow == OPERANDS and pair.operand):
            return True
        raise Failed(f"will not create hard link {quoted(destination)} to directory {quoted(earlier)}")

    def _instead_of_moving(self, pair: Pair) -> Pairing:
        """Remove what is in the way of a copy that stands for a rename.  Raises Failed."""
        try:
            (self.fs.rmdir if pair.is_directory else self.fs.unlink)(pair.destination)
        except FileNotFoundError:
            pass
        except OSError as error:
            names = f"{quoted(pair.source)} to {quoted(pair.destination)}"
            raise Failed(f"inter-device move failed: {names}; unable to remove target: {error.strerror}") from None
        if self.wishes.verbose and not pair.is_directory:
            yield from self.say(f"copied {pair.names}")
        return replace(pair, there=None)

    def _directory(self, pair: Pair, way: Way) -> Steps:
        if pair.inode in way:
            raise Failed(f"cannot copy cyclic symbolic link {quoted(pair.source)}")
        wishes, new = self.wishes, pair.there is None
        if new:
            making_copies.make_directory(self, pair)
            if wishes.verbose and wishes.moving:
                yield from self.say(f"created directory {quoted(pair.destination)}")
            elif wishes.verbose:
                yield from self.say(pair.names)
        fine = yield from self._content(pair, new, (*way, pair.inode))
        making_copies.finish(self, pair, new)
        return fine

    def _content(self, pair: Pair, new: bool, way: Way) -> Steps:
        try:
            names = self.fs.listdir(pair.source)
        except OSError as error:
            yield from self._warn(f"cannot access {quoted(pair.source)}: {error.strerror}", warning="")
            return False
        fine = True
        for name in names:
            source, destination = join(pair.source, name), join(pair.destination, name)
            fine &= yield from attempt(self.process, self.entry(source, destination, new, way))
            if self.into_itself:
                break
        return fine

    def entry(self, source: str, destination: str, new: bool, way: Way) -> Steps:
        """Copy what lies in a directory; ``new`` (bool) if that was made for it.  Raises Failed."""
        pair = yield from self.checked(source, destination, operand=False, new=new)
        return not pair or (yield from self.made_or_restored(pair, way))

    def say(self, what: str) -> Steps:
        """Write a line about what is done."""
        yield from self.process.print(f"{what}\n")
        return True

    def _warn(self, what: str, warning: str = "warning: ") -> Steps:
        yield from self.process.complain(f"{self.process.argv[0]}: {warning}{what}")
        return True

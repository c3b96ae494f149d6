"""tar -x: members of an archive become files, in the order and with the calls of GNU tar."""

import stat
import tarfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from course.processes.simulated.programs import users
from course.processes.simulated.programs.operands import above, join
from course.processes.simulated.programs.quoting import escaped, quote
from course.processes.simulated.programs.registry import Failed, Usage
from course.processes.simulated.programs.same_files import same
from course.processes.simulated.programs.tar import Wishes
from course.processes.simulated.programs.tar_archive import Member
from course.processes.simulated.programs.tar_create import safe_name
from course.processes.simulated.programs.times import SECOND
from course.union import flags
from course.union.filesystem import UnionFilesystem

KINDS = {tarfile.FIFOTYPE: stat.S_IFIFO, tarfile.CHRTYPE: stat.S_IFCHR, tarfile.BLKTYPE: stat.S_IFBLK}


class Extractor:
    """Makes files of members, in the directory that -C names.

    ``warnings`` (list of str) is what is to be said before the next member is made.
    """

    def __init__(self, fs: UnionFilesystem, wishes: Wishes) -> None:
        self.fs, self.wishes = fs, wishes
        self.warnings: list[str] = []
        self.warned: set[str] = set()
        self.directories: list[tuple[str, Member, bool]] = []  # whose metadata is still to be set, and if they are new
        self.umask = fs.umask(0)
        fs.umask(self.umask)
        self.folder = wishes.operands[0][0] if wishes.operands else wishes.folder
        if self.folder:
            self._check(self.folder)

    def _check(self, folder: str) -> None:
        try:
            reason = None if stat.S_ISDIR(self.fs.stat(folder).st_mode) else "Not a directory"
        except OSError as error:
            reason = error.strerror
        if reason:
            raise Usage(f"{folder}: Cannot open: {reason}\ntar: Error is not recoverable: exiting now", hint=False)

    def place(self, member: Member) -> str | None:
        """Return the name that a member is to have below the directory (str), None if nothing of it is left.

        Raises Failed: it leads out of the directory.
        """
        name = member.header.name
        if self.wishes.strip:
            name = "/".join([part for part in name.split("/") if part][self.wishes.strip :])
            if not name:
                return None
        safe = self._safe(name, "member names")
        if ".." in name.split("/") and not self.wishes.absolute:
            raise Failed(f"{escaped(name)}: Member name contains '..'")
        return safe

    def put(self, member: Member, name: str) -> None:
        """Make a member under this ``name`` (str).  Raises Failed."""
        header, path = member.header, self._path(name.rstrip("/") or name)
        self.leave(path)
        if header.isdir():
            new = self._directory(path, name)
            if new is not None:
                self.directories.append((path, member, new))
        elif header.islnk():
            self._hard_link(path, name, self._safe(header.linkname, "hard link targets"))
        else:
            self._make(path, name, member)
            self._finish(path, member)

    def leave(self, path: str) -> None:
        """Set the metadata of the directories that ``path`` (str) does not lie in: nothing more will change in them."""
        kept = []
        for place, member, new in reversed(self.directories):
            if path.startswith(f"{place.rstrip('/')}/"):
                kept.append((place, member, new))
            else:
                self._finish(place, member, follow=not new)
        self.directories = kept[::-1]

    def _path(self, name: str) -> str:
        return join(self.folder, name) if self.folder and not name.startswith("/") else name

    def _safe(self, name: str, what: str) -> str:
        prefix, rest = ("", name) if self.wishes.absolute else safe_name(name)
        warning = f"Removing leading `{prefix}' from {what}"
        if prefix and warning not in self.warned:
            self.warned.add(warning)
            self.warnings.append(warning)
        return rest

    def _directory(self, path: str, name: str) -> bool | None:
        """Make a directory, or keep the one that is there; return whether it is new (bool), None if it is none."""
        with suppress(OSError):
            if stat.S_ISDIR(self.fs.lstat(path).st_mode):
                return False
            if self.wishes.keep_old:
                return None
        self._in_place(path, lambda: self.fs.mkdir(path, 0o700), f"{escaped(name)}: Cannot mkdir")
        return True

    def _hard_link(self, path: str, name: str, target: str) -> None:
        original = self._path(target)
        with suppress(OSError):
            if same(self.fs.lstat(original), self.fs.lstat(path)):
                return
        what = f"{escaped(name)}: Cannot hard link to {quote(target)}"
        self._in_place(path, lambda: self.fs.link(original, path), what)

    def _make(self, path: str, name: str, member: Member) -> None:
        header, fs = member.header, self.fs
        name = escaped(name)
        if header.issym():
            what = f"{name}: Cannot create symlink to {quote(header.linkname)}"
            self._in_place(path, lambda: fs.symlink(header.linkname, path), what)
        elif header.type in KINDS:
            mode, device = KINDS[header.type] | header.mode & 0o700, (header.devmajor, header.devminor)
            self._in_place(path, lambda: fs.mknod(path, mode, device), f"{name}: Cannot mknod")
        else:
            self._in_place(path, lambda: self._write(path, member), f"{name}: Cannot open")

    def _write(self, path: str, member: Member) -> None:
        how = flags.O_WRONLY | flags.O_CREAT | flags.O_EXCL
        file = self.fs.open_file(path, how, member.header.mode & 0o700)
        if member.data:
            file.write(member.data)

    def _in_place(self, path: str, make: Callable[[], None], what: str) -> None:
        """Let ``make`` make something at ``path``; before that remove what is there, make what leads there.

        Raises Failed: ``what`` (str) could not be done.
        """
        try:
            try:
                make()
            except FileExistsError:
                if self.wishes.keep_old or not self._removed(path):
                    raise
                make()
            except FileNotFoundError:
                if not self._parents(path):
                    raise
                make()
        except OSError as error:
            raise Failed(f"{what}: {error.strerror}") from None

    def _removed(self, path: str) -> bool:
        """Remove what is at ``path``; return whether it could be done (bool)."""
        try:
            (self.fs.rmdir if stat.S_ISDIR(self.fs.lstat(path).st_mode) else self.fs.unlink)(path)
        except OSError:
            return False
        return True

    def _parents(self, path: str) -> bool:
        """Make the directories that lead to ``path``; return whether there were any to make (bool)."""
        folder = above(path)
        missing = []
        while folder not in (".", "/"):
            try:
                self.fs.lstat(folder)
            except OSError:
                missing.append(folder)
                folder = above(folder)
            else:
                break
        for each in reversed(missing):
            self.fs.mkdir(each, 0o777)
        return bool(missing)

    def _finish(self, path: str, member: Member, follow: bool = False) -> None:
        """Set times, owner, extended attributes and mode, as far as possible.  Raises Failed: something was not."""
        fs, wishes, header = self.fs, self.wishes, member.header
        privileged = fs.uid == 0
        name, failures = escaped(header.name.rstrip("/")), []

        def attempt(what: str, call: Callable[[], None]) -> None:
            try:
                call()
            except OSError as error:
                failures.append(f"{name}: Cannot {what}: {error.strerror}")

        if not wishes.touch:
            mtime = round(header.mtime * SECOND)
            attempt("utime", lambda: fs.utime(path, None, mtime, follow_symlinks=follow))
        if privileged if wishes.same_owner is None else wishes.same_owner:
            uid, gid = self._owner(header)
            change = fs.chown if follow else fs.lchown
            attempt(f"change ownership to uid {uid}, gid {gid}", lambda: change(path, uid, gid))
        if wishes.xattrs:
            for each in filter(lambda each: each.startswith("user."), member.xattrs):
                attempt("setxattr", partial(fs.setxattr, path, each, member.xattrs[each], follow_symlinks=follow))
        if not header.issym():
            keeps = privileged if wishes.permissions is None else wishes.permissions
            mode = header.mode & 0o7777 if keeps else header.mode & 0o777 & ~self.umask
            if fs.lstat(path).st_mode & 0o7777 != mode:
                attempt(f"change mode to {stat.filemode(mode)[1:]}", lambda: fs.chmod(path, mode))
        if failures:
            raise Failed("\ntar: ".join(failures))

    def _owner(self, header: tarfile.TarInfo) -> tuple[int, int]:
        uid = gid = None
        if not self.wishes.numeric:
            uid = users.number_of(self.fs, users.PASSWD, header.uname) if header.uname else None
            gid = users.number_of(self.fs, users.GROUP, header.gname) if header.gname else None
        return header.uid if uid is None else uid, header.gid if gid is None else gid

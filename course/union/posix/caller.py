"""Who calls: a user with groups, a umask and a working directory; how paths are resolved and permissions checked."""

import errno
import stat
from collections.abc import Collection
from typing import NamedTuple

from course.union.errnos import failure
from course.union.flags import NAME_MAX, PATH_MAX, W_OK, X_OK
from course.union.inode import Inode
from course.union.mounts import Mount, MountTable, Place
from course.union.overlay import Dentry
from course.union.view import MAX_SYMLINKS


class Step(NamedTuple):
    """Where a path leads: to ``name`` (str) in ``directory`` (Dentry), which shows ``dentry`` (Dentry, or None).

    ``mount`` is that of the directory, ``beyond`` that of the dentry (Mount): they differ where ``name`` is ``..`` and
    leads out of a mount.  What is mounted on the dentry is not looked into yet.  ``name`` may be ``.`` or ``..``, and
    is empty for the root.  ``slash`` tells whether the path ended in one (bool).
    """

    mount: Mount
    directory: Dentry
    name: str
    beyond: Mount
    dentry: Dentry | None
    slash: bool

    @property
    def is_special(self) -> bool:
        """Whether the last name is none that could be made or removed (bool): ``.``, ``..`` or the root."""
        return self.name in ("", ".", "..")

    @property
    def why_missing(self) -> int:
        """Why there is nothing of that name (errno, int): it is longer than names can be, or just not there."""
        return _why_missing(self.directory, self.name)


class Caller:
    """One who calls what is mounted (MountTable): credentials(7), umask(2), and where relative paths begin.

    ``uid`` and ``gid`` are numbers, ``groups`` the supplementary ones (collection of int), ``mask`` is the umask (int).
    User 0 may do what root may.
    """

    def __init__(self, mounts: MountTable) -> None:
        self.mounts = mounts
        self.uid = self.gid = 0
        self.groups: Collection[int] = ()
        self.mask = 0o022
        self._root = self._cwd = Place(mounts.root, mounts.root.root)

    @property
    def is_privileged(self) -> bool:
        """Whether this is root (bool)."""
        return self.uid == 0

    def umask(self, mask: int) -> int:
        """Set which permission bits new files do not get (int); return the ones before (int).  umask(2)."""
        before, self.mask = self.mask, mask & 0o777
        return before

    def chdir(self, path: str) -> None:
        """Make ``path`` (str) the working directory.  Raises OSError: ENOENT, ENOTDIR, EACCES.  chdir(2)."""
        mount, dentry = self._found(path)
        if dentry.children is None:
            raise failure(errno.ENOTDIR, path)
        self._check(dentry.inode, X_OK, path)
        self._cwd = Place(mount, dentry)

    def getcwd(self) -> str:
        """Return the working directory (str).  Raises OSError: ENOENT if it was deleted.  getcwd(3)."""
        if self._cwd.dentry.gone:
            raise failure(errno.ENOENT)
        return self._cwd.path

    # path_resolution(7)

    def _walk(self, path: str, follow: bool = True, through_slash: bool = True) -> Step:
        """Return where ``path`` leads (Step); its last name may be missing.

        A symbolic link that comes last is followed if ``follow``; one with a slash behind it if ``through_slash``.
        Raises OSError: ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG; ValueError for a NUL byte.
        """
        names = self._names(path)
        mount, place = self._root if path[0] == "/" else self._cwd
        slash, links = path[-1] == "/", 0
        if not names:
            return Step(mount, place, "", mount, place, slash)
        while True:
            name = names.pop()
            if place.children is None:
                raise failure(errno.ENOTDIR, path)
            if self.uid:
                self._check(place.inode, X_OK, path)
            child = place.children.get(name)
            if child and names and not child.leads_on:
                place = child
                continue
            beyond = mount
            if child is None:
                beyond, child = self._child(mount, place, name)
            is_symlink = child is not None and child.leads_on and child.inode.is_symlink
            stop = not (follow or slash) if through_slash else not follow or slash
            if not names and (stop or not is_symlink):
                return Step(mount, place, name, beyond, child, slash)
            if child is None:
                raise failure(_why_missing(place, name), path)
            if not is_symlink:
                mount, place = self._through(beyond, child, name)
                continue
            links += 1
            if links > MAX_SYMLINKS:
                raise failure(errno.ELOOP, path)
            target = child.inode.target
            if not target:  # which only a layer made by hand can hold
                raise failure(errno.ENOENT, path)
            slash = slash or (not names and target.endswith("/"))
            names += [part for part in reversed(target.split("/")) if part]
            if target[0] == "/":
                mount, place = self._root
            if not names:
                return Step(mount, place, "", mount, place, slash)

    def _names(self, path: str) -> list[str]:
        """Return the names in a path (list of str), the last one first."""
        if not isinstance(path, str):
            raise TypeError(f"a path must be a str such as '/etc/motd', not {type(path).__name__}")
        if "\0" in path:
            raise ValueError("embedded null byte")  # as Python says it: the kernel never sees such a path
        if not path:
            raise failure(errno.ENOENT, path)
        if (len(path) >= PATH_MAX or not path.isascii()) and _length(path) >= PATH_MAX:
            raise failure(errno.ENAMETOOLONG, path)
        return [name for name in reversed(path.split("/")) if name]

    def _child(self, mount: Mount, place: Dentry, name: str) -> tuple[Mount, Dentry | None]:
        if name == ".":
            return mount, place
        if name == "..":
            return self.mounts.above(mount, place)
        return mount, mount.overlay.lookup(place, name)

    def _found(self, path: str, follow: bool = True) -> tuple[Mount, Dentry]:
        """Return what ``path`` leads to (pair of Mount and Dentry).  Raises OSError as ``_walk`` does, and ENOENT."""
        step = self._walk(path, follow)
        dentry = step.dentry
        if dentry is None:
            raise failure(step.why_missing, path)
        if step.slash and dentry.children is None:
            raise failure(errno.ENOTDIR, path)
        return self._through(step.beyond, dentry, step.name) if dentry.leads_on else (step.beyond, dentry)

    def _through(self, mount: Mount, dentry: Dentry, name: str) -> tuple[Mount, Dentry]:
        """Return what is mounted where ``name`` led to: who is in a directory already stays there (``.``, ``/``)."""
        return (mount, dentry) if name in ("", ".") else self.mounts.through(mount, dentry)

    def _check_writable(self, mount: Mount, path: str) -> None:
        if mount.read_only:
            raise failure(errno.EROFS, path)

    def _there(self, step: Step, path: str) -> Dentry:
        """Return what a path led to (Dentry).  Raises OSError: ENOENT, ENAMETOOLONG."""
        if step.dentry is None:
            raise failure(step.why_missing, path)
        return step.dentry

    # permissions: inode(7), path_resolution(7), capabilities(7)

    def _may(self, inode: Inode, mask: int) -> bool:
        """Tell whether the permission bits of ``inode`` allow what ``mask`` asks for (R_OK, W_OK, X_OK)."""
        if self.is_privileged:
            return not mask & X_OK or inode.is_directory or bool(inode.mode & 0o111)
        bits = inode.mode
        if inode.uid == self.uid:
            bits >>= 6
        elif self._in_group(inode.gid):
            bits >>= 3
        return bits & mask == mask

    def _check(self, inode: Inode, mask: int, path: str) -> None:
        if not self._may(inode, mask):
            raise failure(errno.EACCES, path)

    def _in_group(self, gid: int) -> bool:
        return gid == self.gid or gid in self.groups

    def _check_owner(self, inode: Inode, path: str) -> None:
        if not self.is_privileged and inode.uid != self.uid:
            raise failure(errno.EPERM, path)

    def _check_room(self, step: Step, path: str) -> None:
        """Raise OSError if nobody can make a name in a directory: ENOENT if it was deleted, EROFS."""
        if step.directory.gone:
            raise failure(errno.ENOENT, path)
        self._check_writable(step.mount, path)

    def _check_make(self, step: Step, path: str) -> None:
        """Raise OSError if the caller may not make a name in a directory: the same, and EACCES."""
        self._check_room(step, path)
        self._check(step.directory.inode, W_OK | X_OK, path)

    def _check_remove(self, dentry: Dentry, path: str, as_directory: bool) -> None:
        """Raise OSError if a name may not be removed.

        EACCES; EPERM in a sticky directory; ENOTDIR or EISDIR if it is not what it is removed as.
        """
        directory, inode = dentry.parent.inode, dentry.inode
        self._check(directory, W_OK | X_OK, path)
        if directory.mode & stat.S_ISVTX and self.uid not in (0, inode.uid, directory.uid):
            raise failure(errno.EPERM, path)
        if as_directory != (dentry.children is not None):
            raise failure(errno.ENOTDIR if as_directory else errno.EISDIR, path)

    def _new_inode(self, step: Step, mode: int) -> Inode:
        """Return a new Inode for a file in a directory, owned by the caller; in a set-group-ID one by its group."""
        overlay, above = step.mount.overlay, step.directory.inode
        gid = self.gid
        if above.mode & stat.S_ISGID:
            gid = above.gid
            if stat.S_ISDIR(mode):
                mode |= stat.S_ISGID
        if not stat.S_ISDIR(mode) and mode & (stat.S_ISGID | stat.S_IXGRP) == stat.S_ISGID | stat.S_IXGRP:
            mode = self._without_group_id(mode, gid)
        return Inode(overlay.upper.numbering.new(), mode, self.uid, gid, overlay.clock())

    def _without_group_id(self, mode: int, gid: int) -> int:
        """Return ``mode`` without the set-group-ID bit, unless the caller may give it (CAP_FSETID)."""
        return mode if self.is_privileged or self._in_group(gid) else mode & ~stat.S_ISGID


def _why_missing(directory: Dentry, name: str) -> int:
    """Return why ``directory`` (Dentry) shows no ``name`` (str); nothing is looked up in one that was deleted."""
    return errno.ENAMETOOLONG if _length(name) > NAME_MAX and not directory.gone else errno.ENOENT


def _length(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))

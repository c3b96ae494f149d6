"""The calls that make, remove, move and list names."""

import errno
import stat
from operator import index

from course.union.errnos import failure
from course.union.flags import (
    R_OK,
    RENAME_EXCHANGE,
    RENAME_NOREPLACE,
    RENAME_WHITEOUT,
    W_OK,
)
from course.union.inode import Inode
from course.union.overlay import Dentry
from course.union.posix.caller import Caller, Step

DEVICES = (stat.S_IFCHR, stat.S_IFBLK)


class Names(Caller):
    """What a caller does to names (path_resolution(7)).  Every call raises OSError as its man page says."""

    def mkdir(self, path: str, mode: int = 0o777) -> None:
        """Make a directory with ``mode`` (int), less the umask.  mkdir(2)."""
        step = self._free(path)
        self._make(step, path, stat.S_IFDIR | (mode & 0o1777 & ~self.mask))

    def mknod(self, path: str, mode: int, device: tuple[int, int] = (0, 0)) -> None:
        """Make a file, FIFO, socket or device: ``mode`` (int) is kind and permissions.  mknod(2).

        EPERM for a device if this is not root, and for a device 0/0 in any case: that is a whiteout.
        """
        kind = stat.S_IFMT(mode) or stat.S_IFREG
        device = (index(device[0]), index(device[1]))
        if kind not in (stat.S_IFREG, stat.S_IFIFO, stat.S_IFSOCK, *DEVICES):
            raise failure(errno.EPERM if kind == stat.S_IFDIR else errno.EINVAL, path)
        step = self._free(path, slash_allowed=False)
        self._check_make(step, path)
        whiteout = kind == stat.S_IFCHR and device == (0, 0)
        if whiteout or (kind in DEVICES and not self.is_privileged):
            raise failure(errno.EPERM, path)
        self._make(step, path, kind | (mode & 0o7777 & ~self.mask), device=device if kind in DEVICES else (0, 0))

    def symlink(self, target: str, path: str) -> None:
        """Make a symbolic link to ``target`` (str), which need not be there.  symlink(2)."""
        self._names(target)  # not followed, but no link can hold what is no path
        step = self._free(path, slash_allowed=False)
        self._make(step, path, stat.S_IFLNK | 0o777, target=target)

    def link(self, old: str, new: str) -> None:
        """Give the file ``old`` (str) the name ``new`` (str) too; a symbolic link is not followed.  link(2)."""
        mount, dentry = self._found(old, follow=False)
        step = self._free(new, slash_allowed=False)
        self._check_room(step, new)
        if mount is not step.mount:
            raise failure(errno.EXDEV, old, new)
        if not self._may_link(dentry.inode):
            raise failure(errno.EPERM, old, new)
        self._check_make(step, new)
        if dentry.children is not None:
            raise failure(errno.EPERM, old, new)
        mount.overlay.make(step.directory, step.name, mount.overlay.copy_up(dentry))

    def unlink(self, path: str) -> None:
        """Remove a name that is no directory's.  unlink(2)."""
        step = self._walk(path, follow=False, through_slash=False)
        if step.is_special:
            raise failure(errno.EISDIR, path)
        self._check_writable(step.mount, path)
        dentry = self._there(step, path)
        if step.slash:
            raise failure(errno.ENOTDIR if dentry.children is None else errno.EISDIR, path)
        self._check_remove(dentry, path, as_directory=False)
        self._check_uncovered(dentry, path)
        step.mount.overlay.remove(dentry)

    def rmdir(self, path: str) -> None:
        """Remove an empty directory.  rmdir(2)."""
        step = self._walk(path, follow=False, through_slash=False)
        if step.is_special:
            raise failure({"": errno.EBUSY, ".": errno.EINVAL, "..": errno.ENOTEMPTY}[step.name], path)
        self._check_writable(step.mount, path)
        dentry = self._there(step, path)
        self._check_remove(dentry, path, as_directory=True)
        self._check_uncovered(dentry, path)
        step.mount.overlay.remove(dentry)

    def rename(self, old: str, new: str, flags: int = 0) -> None:
        """Move ``old`` to ``new`` (str), in place of what is there.

        ``flags`` (int): RENAME_NOREPLACE (EEXIST if something is there), RENAME_EXCHANGE (the two change places).
        rename(2).
        """
        both = RENAME_EXCHANGE & flags
        if flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT) or (both and flags & ~RENAME_EXCHANGE):
            raise failure(errno.EINVAL, old, new)
        source = self._walk(old, follow=False, through_slash=False)
        target = self._walk(new, follow=False, through_slash=False)
        number = self._unfit(source, target, flags)
        if number:
            raise failure(number, old, new)
        moved, replaced = self._there(source, old), target.dentry
        if replaced and moved.inode is replaced.inode:
            return  # two names of one file: POSIX says that nothing happens
        self._check_remove(moved, old, moved.children is not None)
        if replaced is None:
            self._check_make(target, new)
        else:
            self._check_remove(replaced, new, (replaced if both else moved).children is not None)
        if source.directory is not target.directory:  # a directory's ".." is about to change
            for dentry in (moved, replaced if both else None):
                if dentry and dentry.children is not None:
                    self._check(dentry.inode, W_OK, old)
        for dentry in (moved, replaced):
            if dentry:
                self._check_uncovered(dentry, old, new)
        if flags & RENAME_WHITEOUT:
            raise failure(errno.EINVAL, old, new)  # an overlay has whiteouts of its own
        if both and replaced:
            source.mount.overlay.exchange(moved, replaced)
        else:
            source.mount.overlay.move(moved, target.directory, target.name)

    def readlink(self, path: str) -> str:
        """Return where a symbolic link points (str).  readlink(2)."""
        inode = self._found(path, follow=False)[1].inode
        if not inode.is_symlink:
            raise failure(errno.EINVAL, path)
        return inode.target

    def listdir(self, path: str = ".") -> list[str]:
        """Return the names in a directory (list of str), in the kernel's order, which is not sorted.  readdir(3)."""
        mount, dentry = self._found(path)
        if dentry.children is None:
            raise failure(errno.ENOTDIR, path)
        self._check(dentry.inode, R_OK, path)
        return mount.overlay.names(dentry)

    def _free(self, path: str, slash_allowed: bool = True) -> Step:
        """Return where a new name is to be (Step).  Raises OSError: EEXIST; ENOENT for a file's name with a slash."""
        step = self._walk(path, follow=False, through_slash=False)
        if step.is_special or step.dentry:
            raise failure(errno.EEXIST, path)
        if step.why_missing != errno.ENOENT or (step.slash and not slash_allowed):
            raise failure(step.why_missing, path)
        return step

    def _make(self, step: Step, path: str, mode: int, target: str = "", device: tuple[int, int] = (0, 0)) -> None:
        self._check_make(step, path)
        inode = self._new_inode(step, mode)
        inode.target, inode.device = target, device  # before it has a name
        step.mount.overlay.make(step.directory, step.name, inode)

    def _check_uncovered(self, dentry: Dentry, path: str, second: str | None = None) -> None:
        if self.mounts.covers(dentry):
            raise failure(errno.EBUSY, path, second)

    def _may_link(self, inode: Inode) -> bool:
        """Tell whether the caller may give a file another name: proc_sys_fs(5), "protected_hardlinks"."""
        if self.is_privileged or inode.uid == self.uid:
            return True
        group = stat.S_ISGID | stat.S_IXGRP
        harmless = inode.is_file and not inode.mode & stat.S_ISUID and inode.mode & group != group
        return harmless and self._may(inode, R_OK | W_OK)

    def _unfit(self, source: Step, target: Step, flags: int) -> int:
        """Return why the two cannot be a rename's names at all (errno, int), or 0."""
        both = flags & RENAME_EXCHANGE
        old, new = source.dentry, target.dentry
        if source.mount is not target.mount:
            return errno.EXDEV
        if source.is_special or target.is_special:
            return errno.EEXIST if flags & RENAME_NOREPLACE and not source.is_special else errno.EBUSY
        if source.mount.read_only:
            return errno.EROFS
        if old is None:
            return source.why_missing
        if new is None and (both or target.why_missing != errno.ENOENT):
            return target.why_missing
        if flags & RENAME_NOREPLACE and new:
            return errno.EEXIST
        if (both and new and new.children is None and target.slash) or (
            old.children is None and (source.slash or (target.slash and not both))
        ):
            return errno.ENOTDIR
        if _is_on_the_way(old, target.directory):
            return errno.EINVAL
        if new and _is_on_the_way(new, source.directory):
            return errno.EINVAL if both else errno.ENOTEMPTY
        return 0


def _is_on_the_way(dentry: Dentry, place: Dentry) -> bool:
    """Tell whether ``place`` is ``dentry`` or lies somewhere below it."""
    while place is not dentry and place.parent is not place:
        place = place.parent
    return place is dentry

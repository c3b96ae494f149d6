"""The steps in which a process becomes a container, one by one, in the order in which they have to be taken.

    unshare namespaces → mount the union → mount what a root needs (/proc, /sys, /dev, volumes) → pivot → drop powers

Each works on the process that calls it and on its namespaces, so call it in a child.  Paths inside the new root are
looked up as if that were ``/`` already (openat2(2), RESOLVE_IN_ROOT): no link of an image leads out of it.
"""

from __future__ import annotations

import errno
import os
import stat

from course.processes.linux import mounting, syscalls
from course.processes.linux.mounting import MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOSUID, MOUNT_ATTR_RDONLY
from course.processes.linux.syscalls import AT_EMPTY_PATH, AT_RECURSIVE

ATTACH = mounting.MOVE_MOUNT_F_EMPTY_PATH | mounting.MOVE_MOUNT_T_EMPTY_PATH
SAFE = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV
PASSIVE = SAFE | MOUNT_ATTR_NOEXEC
PAGE = 4095  # bytes of options that mount(2) reads
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}
LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"}
MASKED = ("acpi", "asound", "interrupts", "kcore", "keys", "latency_stats", "sched_debug", "scsi", "timer_list")
READ_ONLY = ("bus", "fs", "irq", "sys", "sysrq-trigger")  # both: moby, oci/defaults.go


def enter_namespaces(flags: int) -> None:
    """Move this process into new namespaces (``flags``: CLONE_NEW…, int), and keep its mounts to itself.

    The new mount namespace has copies of all mounts; what is mounted later on the host still arrives, nothing leaves.
    """
    syscalls.unshare(flags)
    if flags & syscalls.CLONE_NEWNS:
        syscalls.mount("none", "/", "", syscalls.MS_REC | syscalls.MS_SLAVE)


def mount_overlay(lower: list[str], upper: str, work: str, target: str) -> int:
    """Mount the union of directories at ``target`` (str); return a descriptor of its root (int).

    ``lower`` are the read-only layers, the highest first (list of str), ``upper`` is the read-write one (str), ``work``
    an empty directory beside it (str).  Attributes of the union are in ``user.overlay.`` (overlayfs.rst, userxattr).
    """
    filesystem = mounting.fsopen("overlay")
    try:
        mounting.fsconfig_set_string(filesystem, "source", "overlay")
        for path in lower:
            mounting.fsconfig_set_string(filesystem, "lowerdir+", path)
        for key, value in (("upperdir", upper), ("workdir", work)):
            mounting.fsconfig_set_string(filesystem, key, value)
        mounting.fsconfig_set_flag(filesystem, "userxattr")
        mounting.fsconfig_create(filesystem)
        root = mounting.fsmount(filesystem, attr_flags=SAFE)
    except OSError as error:
        if error.errno != errno.EINVAL or "lowerdir+" not in str(error.filename):
            raise
        return _mount_overlay_at_once(lower, upper, work, target)  # before Linux 6.8
    finally:
        os.close(filesystem)
    mounting.move_mount(root, "", syscalls.AT_FDCWD, target)
    return root


def _mount_overlay_at_once(lower: list[str], upper: str, work: str, target: str) -> int:
    """Mount it with all options in one text, of which the kernel reads a page: refused, rather than cut."""
    options = f"lowerdir={':'.join(lower)},upperdir={upper},workdir={work},userxattr"
    if len(os.fsencode(options)) > PAGE:
        raise OSError(errno.E2BIG, os.strerror(errno.E2BIG), f"mount of {len(lower)} layers")
    syscalls.mount("overlay", target, "overlay", syscalls.MS_NOSUID | syscalls.MS_NODEV, options)
    return os.open(target, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)


def place_in(root: int, path: str, kind: int = stat.S_IFDIR, through_links: bool = True) -> int:
    """Return a descriptor (int) of ``path`` (str) inside the directory ``root`` (int), to mount on.

    What is missing is made: directories, and at the end an empty file if ``kind`` (int) is S_IFREG.  With
    ``through_links`` False a symbolic link on the way is ELOOP.
    """
    resolve = syscalls.RESOLVE_IN_ROOT if through_links else syscalls.RESOLVE_BENEATH | syscalls.RESOLVE_NO_SYMLINKS
    inside = path.strip("/") or "."
    try:
        return syscalls.openat2(root, inside, os.O_PATH | os.O_CLOEXEC, 0, resolve)
    except FileNotFoundError:
        above, _slash, name = inside.rpartition("/")
        parent = place_in(root, above, stat.S_IFDIR, through_links)
        try:
            if kind == stat.S_IFDIR:
                os.mkdir(name, 0o755, dir_fd=parent)
            else:
                os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o755, dir_fd=parent))
        finally:
            os.close(parent)
        return syscalls.openat2(root, inside, os.O_PATH | os.O_CLOEXEC, 0, resolve)


def mount_new(
    root: int, kind: str, path: str, attributes: int = PASSIVE, options: tuple[tuple[str, str], ...] = ()
) -> int:
    """Mount a new file system of type ``kind`` (str) at ``path`` (str) inside ``root`` (int); return its descriptor.

    The kernel's own ones must not be anywhere else than where they seem to be: a link on the way is ELOOP.
    """
    filesystem = mounting.fsopen(kind)
    try:
        mounting.fsconfig_set_string(filesystem, "source", kind)
        for key, value in options:
            mounting.fsconfig_set_string(filesystem, key, value)
        mounting.fsconfig_create(filesystem)
        mount = mounting.fsmount(filesystem, attr_flags=attributes)
    finally:
        os.close(filesystem)
    _attach(mount, place_in(root, path, through_links=kind == "tmpfs"))
    return mount


def _attach(mount: int, place: int) -> None:
    """Attach a mount to a place (int each), which is closed."""
    try:
        mounting.move_mount(mount, "", place, "", ATTACH)
    finally:
        os.close(place)


def bind(source: str, root: int, path: str, read_only: bool = False) -> None:
    """Show the host's file or directory ``source`` (str) at ``path`` (str) inside ``root`` (int) as well."""
    mount = mounting.open_tree(
        syscalls.AT_FDCWD, source, mounting.OPEN_TREE_CLONE | mounting.OPEN_TREE_CLOEXEC | AT_RECURSIVE
    )
    try:
        attributes = SAFE | (MOUNT_ATTR_RDONLY if read_only else 0)
        if not stat.S_ISCHR(os.fstat(mount).st_mode):  # a device is one through NODEV no more
            mounting.mount_setattr(mount, "", AT_EMPTY_PATH | AT_RECURSIVE, attributes)
        is_directory = stat.S_ISDIR(os.fstat(mount).st_mode)
        _attach(mount, place_in(root, path, stat.S_IFDIR if is_directory else stat.S_IFREG))
    finally:
        os.close(mount)


def mount_proc(root: int) -> None:
    """Mount a /proc of this PID namespace, with the parts covered that speak of the whole machine, as docker does.

    It must be done while another complete /proc can still be seen (mount_namespaces(7)): before the pivot.
    """
    proc = mount_new(root, "proc", "/proc")
    try:
        for name in READ_ONLY:
            _cover(proc, name, read_only=True)
        for name in MASKED:
            _cover(proc, name)
    finally:
        os.close(proc)


def _cover(proc: int, name: str, read_only: bool = False) -> None:
    """Cover a part of /proc: with itself, to be read only; or with /dev/null, or nothing if it is a directory."""
    try:
        place = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=proc)
    except FileNotFoundError:
        return
    if read_only:
        mount = mounting.open_tree(proc, name)
        mounting.mount_setattr(mount, "", AT_EMPTY_PATH, MOUNT_ATTR_RDONLY)
    elif stat.S_ISDIR(os.fstat(place).st_mode):
        os.close(place)
        os.close(mount_new(proc, "tmpfs", name, PASSIVE | MOUNT_ATTR_RDONLY))
        return
    else:
        mount = mounting.open_tree(syscalls.AT_FDCWD, "/dev/null")
    try:
        _attach(mount, place)
    finally:
        os.close(mount)


def mount_sys(root: int) -> None:
    """Mount /sys, to be read only: what it shows of networks is this network namespace's."""
    os.close(mount_new(root, "sysfs", "/sys", PASSIVE | MOUNT_ATTR_RDONLY))


def make_dev(root: int) -> None:
    """Make /dev: a tmpfs with the few harmless devices that every container has, bound from the host's.

    In a user namespace nobody makes device nodes (mknod(2): EPERM).  Rule: runtime-spec config-linux.md.
    """
    options = (("mode", "755"), ("size", "65536k"))
    dev = mount_new(root, "tmpfs", "/dev", MOUNT_ATTR_NOSUID, options)
    try:
        for name, number in DEVICES.items():
            seen = os.stat(f"/dev/{name}", follow_symlinks=False)
            if not stat.S_ISCHR(seen.st_mode) or (os.major(seen.st_rdev), os.minor(seen.st_rdev)) != number:
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV), f"/dev/{name}")
            bind(f"/dev/{name}", dev, name)
        for name, target in LINKS.items():
            os.symlink(target, name, dir_fd=dev)
        os.symlink("pts/ptmx", "ptmx", dir_fd=dev)
        terminals = (("ptmxmode", "0666"), ("mode", "0620"))
        os.close(mount_new(dev, "devpts", "pts", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, terminals))
        os.close(mount_new(dev, "tmpfs", "shm", PASSIVE, (("mode", "1777"), ("size", "65536k"))))
        os.close(mount_new(dev, "mqueue", "mqueue"))
    finally:
        os.close(dev)


def pivot(root: int) -> None:
    """Make the mount ``root`` (int) this namespace's root, and let go of the old one with all its mounts.

    Both are put on one place, and the upper one is taken away (pivot_root(2), "pivot_root(".", ".")").
    """
    os.fchdir(root)
    syscalls.pivot_root(".", ".")
    syscalls.umount2(".", syscalls.MNT_DETACH)
    os.chdir("/")


def make_read_only(root: int) -> None:
    """Let nobody write to the mount ``root`` (int) any more; what is mounted on it stays as it is."""
    mounting.mount_setattr(root, "", AT_EMPTY_PATH, MOUNT_ATTR_RDONLY)

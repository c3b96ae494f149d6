"""What an errno means of the system call that failed: a sentence each, with what to do.

The kernel has one word, "Invalid argument", for a mount point that is none, a layer too many and a process with
threads.  Sources: the man pages of the calls (ERRORS), user_namespaces(7), mount_namespaces(7), capabilities(7), and
the kernel's Documentation/filesystems/overlayfs.rst.
"""

import ast
from errno import EACCES, EBADF, EBUSY, EINVAL, ELOOP, ENODEV, ENOENT, ENOSPC, ENOSYS, ENOTDIR, EPERM, ESRCH, EXDEV

from course.processes.linux import mounting, syscalls
from course.words import _

CHANGES = syscalls.MS_MOVE | syscalls.MS_PRIVATE | syscalls.MS_SLAVE | syscalls.MS_SHARED
LONGEST = 255  # bytes of a value of fsconfig
MOUNTING = ("mount", "umount2", "fsopen", "fsconfig", "fsmount", "move_mount", "open_tree", "mount_setattr")


def explained(error: OSError) -> str:
    """Return what an error of a system call means there, and what to do (str).

    ``error`` is as ``syscalls`` raises it; or its ``filename`` is the path of a uid_map, gid_map or setgroups.

    >>> explained(OSError(EBUSY, "Device or resource busy", "umount2('/mnt', 0)"))[:14]
    'it is in use: '
    """
    name, arguments = _call(str(error.filename))
    number = error.errno or 0
    for key in ((name, number, _case(name, arguments)), (name, number, "")):
        if key in MEANINGS:
            return MEANINGS[key]
    if name in MOUNTING and number == EPERM:
        return MAY_NOT_MOUNT
    if number == ENOSYS:
        return _("this kernel, or this kind of machine, has no such call: it needs a newer Linux kernel")
    return _("the kernel refuses: {reason}").format(reason=error.strerror)


def _call(text: str) -> tuple[str, tuple[object, ...]]:
    """Return the name of the call that failed, and its arguments where they can be read."""
    name, parenthesis, inside = text.partition("(")
    if not parenthesis:
        return text.rpartition("/")[2], ()
    try:
        return name, ast.literal_eval(f"({inside.removesuffix(')')},)")
    except (ValueError, SyntaxError):
        return name, ()


def _case(name: str, arguments: tuple[object, ...]) -> str:
    """Return which of the meanings of a call's errors its arguments ask for."""
    match (name, *arguments):
        case "unshare", int(flags) if flags & syscalls.CLONE_NEWUSER:
            return "user"
        case "mount", _, _, _, int(flags), _ if flags & syscalls.MS_REMOUNT:
            return "remount"
        case "mount", _, _, _, int(flags), _ if flags & CHANGES:
            return "change"
        case "mount", _, _, _, int(flags), _ if flags & syscalls.MS_BIND:
            return "bind"
        case "mount", _, _, ("proc" | "sysfs" | "overlay") as kind, _, _:
            return kind
        case "fsconfig", _, mounting.FSCONFIG_CMD_CREATE, _, _, _:
            return "create"
        case "fsconfig", _, _, _, str(value), _ if len(value.encode(errors="surrogateescape")) > LONGEST:
            return "long"
        case "fsconfig", _, _, "lowerdir+", _, _:
            return "layer"
        case "mount_setattr", _, _, _, (_, int(cleared), _, _), _ if cleared:
            return "clear"
    return ""


MAY_NOT_MOUNT = _(
    "this takes CAP_SYS_ADMIN in the user namespace that owns the mount namespace: unshare CLONE_NEWUSER "
    "with CLONE_NEWNS, where overlay, tmpfs, proc and their kind can be mounted, but no disks"
)
NO_MOUNT_POINT = _("the target is no mount point, and only a mount can be changed: bind it onto itself first (MS_BIND)")
IS_WRITTEN = _("a file on it is open for writing, so that it cannot become read-only: close it first")
MEANINGS = {  # by call, errno, and the case that the call's arguments are
    ("unshare", EPERM, "user"): _(
        "a process whose root is a changed one (chroot), or whose user or group has no number here, may make no "
        "user namespace: use pivot_root, and write the id maps; else a setting of this machine forbids it, which "
        "`course doctor` names"
    ),
    ("unshare", EPERM, ""): _(
        "new namespaces take CAP_SYS_ADMIN: enter a new user namespace in the same call (CLONE_NEWUSER), or "
        "start as root"
    ),
    ("unshare", EINVAL, "user"): _(
        "a process with threads may not enter a new user namespace: fork, and let the child do it, which has one"
    ),
    ("unshare", EINVAL, ""): _(
        "the flags name something else than namespaces that this kernel has: combine CLONE_NEW… only"
    ),
    ("unshare", ENOSPC, ""): _(
        "there are as many namespaces of a kind as this user may have, or user namespaces are nested as deep as "
        "they can be: end some, or raise user.max_…_namespaces (sysctl)"
    ),
    ("setns", EPERM, ""): _(
        "entering a namespace takes CAP_SYS_ADMIN in the user namespace that owns it: enter that one first"
    ),
    ("setns", EINVAL, ""): _(
        "the namespace is not of the kind asked for, or it is the user namespace that the process is in already, "
        "or the process has threads and may not change its user or mount namespace"
    ),
    ("setns", EBADF, ""): _("that is no open descriptor: open /proc/PID/ns/KIND, and keep it open"),
    ("mount", EPERM, "remount"): _(
        "flags that a more privileged mount namespace has set are locked here (read-only, nosuid, nodev, noexec, "
        "the atime ones): give each again that statvfs shows"
    ),
    ("mount", EPERM, "proc"): _(
        "a fresh /proc takes a PID namespace that this user namespace owns, and a complete /proc in sight: "
        "unshare CLONE_NEWPID, fork, and mount it in the child before the old root is detached"
    ),
    ("mount", EPERM, "sysfs"): _(
        "a fresh /sys takes a network namespace that this user namespace owns, and a complete /sys in sight: "
        "unshare CLONE_NEWNET first"
    ),
    ("mount", EINVAL, "overlay"): _(
        "overlay does not take these directories or options: it wants two layers at least or an upper one, "
        "workdir beside upperdir on one mount, no overlay as upperdir; `dmesg` says what it was"
    ),
    ("mount", EINVAL, "remount"): NO_MOUNT_POINT,
    ("mount", EINVAL, "change"): NO_MOUNT_POINT,
    ("mount", EINVAL, "bind"): _(
        "the source holds mounts of a more privileged mount namespace, and without them what they cover would "
        "show: bind it with all that is below (MS_REC); or it lies in another mount namespace"
    ),
    ("mount", EINVAL, ""): _("the file system does not know these options, or the source holds none of its kind"),
    ("mount", EBUSY, "remount"): IS_WRITTEN,
    ("mount_setattr", EBUSY, ""): IS_WRITTEN,
    ("mount", EBUSY, ""): _(
        "this file system is mounted at this place already, or another overlay has this upper or work directory "
        "(with index=on): unmount it, or take others"
    ),
    ("mount", ENODEV, ""): _(
        "this kernel has no such file system, or its module is not loaded: /proc/filesystems has those it knows"
    ),
    ("fsopen", ENODEV, ""): _(
        "this kernel has no such file system, or its module is not loaded: /proc/filesystems has those it knows"
    ),
    ("mount", ENOENT, "overlay"): _(
        "the target, or a directory that the options name, does not exist; of options the kernel reads 4095 "
        "bytes: give many layers by fsconfig"
    ),
    ("mount", ENOENT, ""): _("the source or the target does not exist: make the mount point first"),
    ("move_mount", ENOENT, ""): _("the source or the target does not exist: make the mount point first"),
    ("mount", ENOTDIR, ""): _(
        "a directory can be mounted on directories only, and a file on files: make a mount point of the same kind"
    ),
    ("mount", ELOOP, "overlay"): _(
        "two of the overlay's directories are the same, or one lies in another: give each once, side by side"
    ),
    ("fsconfig", ELOOP, "create"): _(
        "two of the overlay's directories are the same, or one lies in another: give each once, side by side"
    ),
    ("umount2", EBUSY, ""): _(
        "it is in use: a working directory or an open file is on it, or a mount below it; leave them first, or "
        "let it go when they do (MNT_DETACH)"
    ),
    ("umount2", EINVAL, ""): _(
        "it is no mount point, or it came from a more privileged mount namespace: single mounts of that are "
        "locked here, and only the whole tree can go, after pivot_root"
    ),
    ("umount2", ENOENT, ""): _("there is nothing of this name; paths start at the working directory"),
    ("pivot_root", EINVAL, ""): _(
        "the new root must be a mount point (bind it onto itself), the old one must go to it or below it, and no "
        "mount concerned may be shared (make all of / MS_REC | MS_PRIVATE first)"
    ),
    ("pivot_root", EBUSY, ""): _(
        "the new root, or the place for the old one, lies on the present root mount: mount the new root first, "
        "or bind it onto itself, and put the old one below it"
    ),
    ("pivot_root", ENOENT, ""): _(
        "the new root, or the folder for the old one, does not exist: make it, or use '.' for both"
    ),
    ("pivot_root", ENOTDIR, ""): _("the new root and the place for the old one must be directories"),
    ("fsconfig", EBUSY, "create"): _(
        "it was made already, or making it has failed, or another overlay has its upper or work directory (with "
        "index=on): begin again with fsopen, and other directories"
    ),
    ("fsconfig", EINVAL, "create"): _(
        "the file system does not take what was configured; an overlay wants two layers at least or an upper "
        "one, and workdir beside upperdir on one mount: reading the descriptor gives the kernel's own words"
    ),
    ("fsconfig", EINVAL, "long"): _(
        "a value has at most 255 bytes: give a shorter path, from the working directory, or a descriptor "
        "(FSCONFIG_SET_FD)"
    ),
    ("fsconfig", EINVAL, "layer"): _(
        "that is no directory, or the overlay has 500 layers already, the most that it can have"
    ),
    ("fsconfig", EINVAL, ""): _(
        "the file system does not know this option or its value, or the descriptor is not one of fsopen: reading "
        "the descriptor gives the kernel's own words"
    ),
    ("fsconfig", ENOENT, ""): _("there is no such directory; paths start at the working directory"),
    ("fsmount", EINVAL, ""): _("the file system has not been made yet: FSCONFIG_CMD_CREATE comes first"),
    ("fsmount", EBUSY, ""): _("it has been mounted already: begin again with fsopen, or copy it by open_tree"),
    ("move_mount", EINVAL, ""): _(
        "the source is no mount, or its parent is shared, or it is locked by a more privileged mount namespace, "
        "or a directory goes on a file"
    ),
    ("move_mount", ELOOP, ""): _("a mount cannot be moved to a place inside itself"),
    ("open_tree", EINVAL, ""): _(
        "below it are mounts of a more privileged mount namespace, and without them what they cover would show: "
        "copy it with all that is below (AT_RECURSIVE)"
    ),
    ("mount_setattr", EPERM, "clear"): _(
        "attributes that a more privileged mount namespace has set are locked here: leave them set"
    ),
    ("mount_setattr", EINVAL, ""): _(
        "that is no mount point, and only a mount has attributes: bind it onto itself first; or a flag is unknown"
    ),
    ("pivot_root", EPERM, ""): _(
        "changing the root takes CAP_SYS_ADMIN in the user namespace that owns this mount namespace"
    ),
    ("openat2", EXDEV, ""): _(
        "the path leads out of the directory, by '..', an absolute name or a link (RESOLVE_BENEATH), or into another "
        "mount (RESOLVE_NO_XDEV)"
    ),
    ("openat2", ELOOP, ""): _(
        "there is a link on the way, of any kind (RESOLVE_NO_SYMLINKS) or of /proc (RESOLVE_NO_MAGICLINKS), or there "
        "are too many of them"
    ),
    ("openat2", EINVAL, ""): _("a flag is unknown to this kernel, or a mode is given for a file that is not made"),
    ("openat2", ENOENT, ""): _(
        "there is nothing of this name; with RESOLVE_IN_ROOT absolute links begin, and '..' ends, at the directory"
    ),
    ("sethostname", EPERM, ""): _(
        "a host name takes CAP_SYS_ADMIN where its UTS namespace belongs: unshare CLONE_NEWUTS"
    ),
    ("sethostname", EINVAL, ""): _("a host name has at most 64 bytes"),
    ("prctl", EPERM, ""): _("the bounding set can be narrowed only with CAP_SETPCAP: do it before that is given up"),
    ("prctl", EINVAL, ""): _("this kernel does not know the option, or the capability with this number"),
    ("capset", EPERM, ""): _(
        "capabilities can be given up, but not taken: all that is set must be in the permitted set already"
    ),
    ("seccomp", EACCES, ""): _(
        "a filter takes CAP_SYS_ADMIN, or the promise to gain no privileges: prctl(PR_SET_NO_NEW_PRIVS, 1) first"
    ),
    ("seccomp", EINVAL, ""): _("the program is no valid filter: an instruction is unknown, or one jumps outside"),
    ("uid_map", EPERM, ""): _(
        "a map is written once, and without CAP_SETUID outside it has one line, for one's own user: newuidmap "
        "may write more"
    ),
    ("gid_map", EPERM, ""): _(
        "a map is written once, and without CAP_SETGID outside it has one line, for one's own group, after "
        '"deny" was written to setgroups: newgidmap may write more'
    ),
    ("uid_map", EINVAL, ""): _(
        "a map has 1 to 340 lines of three numbers (inside, outside, how many), whose ranges do not overlap"
    ),
    ("gid_map", EINVAL, ""): _(
        "a map has 1 to 340 lines of three numbers (inside, outside, how many), whose ranges do not overlap"
    ),
    ("setgroups", EPERM, ""): _("setgroups is decided before gid_map is written, and what is denied stays denied"),
    ("setgroups", EINVAL, ""): _('only "allow" or "deny" can be written to setgroups'),
    ("close_range", EINVAL, ""): _("the first descriptor comes after the last, or a flag is unknown"),
    ("pidfd_open", ESRCH, ""): _("that process has ended, or never was"),
    ("pidfd_send_signal", ESRCH, ""): _("that process has ended, or never was"),
}

"""Provokes errors of system calls, each in a child in namespaces of its own, and prints what came of them as JSON.

``python provoking.py FOLDER``: FOLDER is an empty folder to mount on.  Each function below is one way to get an error;
it starts in a user namespace of its own, as its root, in a private mount namespace, in an empty tmpfs.
"""

import json
import os
import sys
import threading

from course.processes.linux import mounting as new
from course.processes.linux import syscalls as sc

HERE = sc.AT_FDCWD
CASES = {}
OUTSIDE = ("write_gid_map_before_setgroups", "write_gid_map_after_setgroups")  # where setgroups is allowed
GID = os.getegid()
DEEP = new.OPEN_TREE_CLONE | sc.AT_RECURSIVE


def case(function):
    CASES[function.__name__] = function
    return function


def make(*folders):
    for folder in folders:
        os.mkdir(folder)


def without_capabilities():
    sc.capset(0, 0, 0)


def write(name, text):
    """Write a map as a runtime does: its error names the file."""
    with open(f"/proc/self/{name}", "wb", buffering=0) as file:
        try:
            file.write(text.encode())
        except OSError as error:
            raise OSError(error.errno, error.strerror, file.name) from error


def inside():
    """Enter another user namespace, with what the first has mounted locked."""
    sc.unshare(sc.CLONE_NEWUSER | sc.CLONE_NEWNS)
    write("uid_map", "0 0 1")
    write("gid_map", "0 0 1")


def locked():
    make("low")
    sc.mount("t", "low", "tmpfs", sc.MS_NOSUID)
    inside()


def options(**values):
    return ",".join(f"{key}={value}" for key, value in values.items()) + ",userxattr"


def overlay(*lowers, more=()):
    """Configure an overlay, the highest layer first."""
    fs = new.fsopen("overlay")
    new.fsconfig_set_flag(fs, "userxattr")
    for lower in lowers:
        new.fsconfig_set_string(fs, "lowerdir+", lower)
    for key, value in more:
        new.fsconfig_set_string(fs, key, value)
    return fs


@case
def unshare_without_capabilities():
    without_capabilities()
    sc.unshare(sc.CLONE_NEWNS)


@case
def unshare_a_user_namespace_in_a_changed_root():
    make("root")
    os.chroot("root")
    sc.unshare(sc.CLONE_NEWUSER)


@case
def unshare_a_user_namespace_with_threads():
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        sc.unshare(sc.CLONE_NEWUSER)
    finally:
        stop.set()
        thread.join()


@case
def unshare_an_unknown_kind():
    sc.unshare(1)


@case
def unshare_more_than_there_may_be():
    with open("/proc/sys/user/max_uts_namespaces", "w") as file:
        file.write("0")
    sc.unshare(sc.CLONE_NEWUTS)


@case
def setns_another_kind():
    sc.setns(os.open("/proc/self/ns/uts", os.O_RDONLY), sc.CLONE_NEWNET)


@case
def setns_the_present_user_namespace():
    sc.setns(os.open("/proc/self/ns/user", os.O_RDONLY), sc.CLONE_NEWUSER)


@case
def setns_without_capabilities():
    fd = os.open("/proc/self/ns/uts", os.O_RDONLY)
    without_capabilities()
    sc.setns(fd, sc.CLONE_NEWUTS)


@case
def setns_no_descriptor():
    sc.setns(999, 0)


@case
def mount_without_capabilities():
    without_capabilities()
    sc.mount("t", ".", "tmpfs")


@case
def mount_a_disk_in_a_user_namespace():
    sc.mount("/dev/loop0", ".", "ext4")


@case
def mount_proc_of_a_foreign_pid_namespace():
    make("proc")
    sc.mount("proc", "proc", "proc")


@case
def mount_proc_where_it_is_covered():
    sc.mount("t", "/proc/sys", "tmpfs")
    sc.unshare(sc.CLONE_NEWPID)
    child = os.fork()
    if child == 0:
        inside()
        make("proc")
        run(lambda: sc.mount("proc", "proc", "proc"))
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


@case
def mount_sysfs_of_a_foreign_network_namespace():
    make("sys")
    sc.mount("sysfs", "sys", "sysfs")


@case
def mount_unlocks_what_was_locked():
    locked()
    sc.mount("", "low", "", sc.MS_REMOUNT | sc.MS_BIND)


@case
def mount_changes_what_is_no_mount_point():
    make("plain")
    sc.mount("", "plain", "", sc.MS_PRIVATE)


@case
def mount_remounts_what_is_no_mount_point():
    make("plain")
    sc.mount("", "plain", "", sc.MS_REMOUNT | sc.MS_BIND | sc.MS_RDONLY)


@case
def mount_binds_a_part_and_uncovers_the_rest():
    make("bound")
    sc.mount("/", "bound", "", sc.MS_BIND)


@case
def mount_an_unknown_type():
    sc.mount("x", ".", "nosuchfs")


@case
def mount_nowhere():
    sc.mount("t", "missing", "tmpfs")


@case
def mount_an_overlay_of_a_missing_layer():
    make("merged", "low")
    sc.mount("overlay", "merged", "overlay", 0, options(lowerdir="low:missing"))


@case
def mount_an_overlay_of_one_layer():
    make("merged", "low")
    sc.mount("overlay", "merged", "overlay", 0, options(lowerdir="low"))


@case
def mount_an_overlay_without_work():
    make("merged", "low", "up")
    sc.mount("overlay", "merged", "overlay", 0, options(lowerdir="low", upperdir="up"))


@case
def mount_an_overlay_of_the_same_layer_twice():
    make("merged", "low")
    sc.mount("overlay", "merged", "overlay", 0, options(lowerdir="low:low"))


@case
def mount_a_folder_on_a_file():
    make("low")
    open("file", "w").close()
    sc.mount("low", "file", "", sc.MS_BIND)


@case
def mount_the_same_again():
    make("queues")
    sc.unshare(sc.CLONE_NEWIPC)
    sc.mount("mqueue", "queues", "mqueue")
    sc.mount("mqueue", "queues", "mqueue")


@case
def mount_an_overlay_on_an_upper_in_use():
    make("low", "up", "work", "merged", "other")
    with_index = options(lowerdir="low", upperdir="up", workdir="work", index="on")
    sc.mount("overlay", "merged", "overlay", 0, with_index)
    sc.mount("overlay", "other", "overlay", 0, with_index)


@case
def mount_an_overlay_of_a_layer_in_another():
    make("merged", "low", "low/in")
    sc.mount("overlay", "merged", "overlay", 0, options(lowerdir="low:low/in"))


@case
def mount_with_an_unknown_option():
    sc.mount("t", ".", "tmpfs", 0, "colour=red")


@case
def mount_read_only_while_a_file_is_written():
    with open("file", "w"):
        sc.mount("", os.getcwd(), "", sc.MS_REMOUNT | sc.MS_BIND | sc.MS_RDONLY)


@case
def umount2_what_is_in_use():
    make("low")
    sc.mount("t", "low", "tmpfs")
    with open("low/file", "w"):
        sc.umount2("low")


@case
def umount2_what_is_no_mount_point():
    make("plain")
    sc.umount2("plain")


@case
def umount2_what_the_host_has_mounted():
    sc.umount2("/proc")


@case
def umount2_without_capabilities():
    without_capabilities()
    sc.umount2(os.getcwd())


@case
def umount2_nothing():
    sc.umount2("missing")


@case
def pivot_root_into_no_mount_point():
    make("new", "new/old")
    sc.pivot_root("new", "new/old")


@case
def pivot_root_with_the_old_elsewhere():
    make("new", "old")
    sc.mount("t", "new", "tmpfs")
    sc.pivot_root("new", "old")


@case
def pivot_root_into_a_shared_mount():
    make("new")
    sc.mount("t", "new", "tmpfs")
    make("new/old")
    sc.mount("", "new", "", sc.MS_SHARED)
    sc.pivot_root("new", "new/old")


@case
def pivot_root_with_the_old_on_the_present_root():
    make("root")
    sc.mount("t", "root", "tmpfs")
    os.chdir("root")
    sc.pivot_root(".", ".")
    sc.umount2(".", sc.MNT_DETACH)
    make("new", "old")
    sc.mount("t", "new", "tmpfs")
    sc.pivot_root("new", "old")


@case
def pivot_root_without_capabilities():
    make("new")
    sc.mount("t", "new", "tmpfs")
    without_capabilities()
    sc.pivot_root("new", "new")


@case
def pivot_root_to_a_missing_folder():
    make("new")
    sc.mount("t", "new", "tmpfs")
    sc.pivot_root("new", "new/old")


@case
def pivot_root_to_a_file():
    make("new")
    sc.mount("t", "new", "tmpfs")
    open("new/old", "w").close()
    sc.pivot_root("new", "new/old")


@case
def sethostname_without_capabilities():
    without_capabilities()
    sc.sethostname("x")


@case
def sethostname_too_long():
    sc.unshare(sc.CLONE_NEWUTS)
    sc.sethostname("x" * 65)


@case
def prctl_drops_without_capabilities():
    without_capabilities()
    sc.prctl(sc.PR_CAPBSET_DROP, 0)


@case
def prctl_an_unknown_capability():
    sc.prctl(sc.PR_CAPBSET_DROP, 63)


@case
def capset_more_than_before():
    without_capabilities()
    sc.capset(1, 1, 0)


@case
def seccomp_with_privileges_to_gain():
    without_capabilities()
    sc.seccomp(sc.SECCOMP_SET_MODE_FILTER, 0, (6).to_bytes(4, "little") + (0x7FFF0000).to_bytes(4, "little"))


@case
def seccomp_nonsense():
    sc.seccomp(sc.SECCOMP_SET_MODE_FILTER, 0, b"\xff" * 8)


@case
def write_uid_map_of_more_ids_than_ones_own():
    sc.unshare(sc.CLONE_NEWUSER)
    write("uid_map", "0 0 2")


@case
def write_uid_map_twice():
    sc.unshare(sc.CLONE_NEWUSER)
    write("uid_map", "0 0 1")
    write("uid_map", "0 0 1")


@case
def write_uid_map_nonsense():
    sc.unshare(sc.CLONE_NEWUSER)
    write("uid_map", "0 0")


@case
def write_gid_map_before_setgroups():
    write("gid_map", f"0 {GID} 1")


def in_fresh_user_namespace(folder):
    """As an ordinary process may: without CAP_SETGID outside."""
    sc.capset(0, 0, 0)
    sc.unshare(sc.CLONE_NEWUSER)


@case
def write_setgroups_after_gid_map():
    sc.unshare(sc.CLONE_NEWUSER)
    write("setgroups", "deny")
    write("gid_map", "0 0 1")
    write("setgroups", "allow")


@case
def write_setgroups_nonsense():
    sc.unshare(sc.CLONE_NEWUSER)
    write("setgroups", "perhaps")


@case
def fsopen_an_unknown_type():
    new.fsopen("nosuchfs")


@case
def fsopen_without_capabilities():
    without_capabilities()
    new.fsopen("tmpfs")


@case
def fsconfig_an_unknown_option():
    new.fsconfig_set_string(new.fsopen("tmpfs"), "colour", "red")


@case
def fsconfig_a_long_value():
    new.fsconfig_set_string(new.fsopen("overlay"), "lowerdir+", "x" * 256)


@case
def fsconfig_501_layers():
    make(*map(str, range(501)))
    overlay(*map(str, range(501)))


@case
def fsconfig_a_missing_layer():
    overlay("missing")


@case
def fsconfig_a_file_as_layer():
    open("file", "w").close()
    overlay("file")


@case
def fsconfig_creates_from_one_layer():
    make("low")
    new.fsconfig_create(overlay("low"))


@case
def fsconfig_creates_from_the_same_layer_twice():
    make("low")
    new.fsconfig_create(overlay("low", "low"))


@case
def fsconfig_creates_twice():
    fs = new.fsopen("tmpfs")
    new.fsconfig_create(fs)
    new.fsconfig_create(fs)


@case
def fsconfig_creates_from_an_upper_in_use():
    make("low", "up", "work")
    more = (("upperdir", "up"), ("workdir", "work"), ("index", "on"))
    new.fsmount(made(overlay("low", more=more)))
    new.fsconfig_create(overlay("low", more=more))


@case
def fsconfig_creates_with_the_work_elsewhere():
    make("low", "up", "other")
    sc.mount("t", "other", "tmpfs")
    make("other/work")
    new.fsconfig_create(overlay("low", more=(("upperdir", "up"), ("workdir", "other/work"))))


@case
def fsconfig_creates_without_capabilities():
    fs = new.fsopen("tmpfs")
    without_capabilities()
    new.fsconfig_create(fs)


@case
def fsconfig_of_no_context():
    new.fsconfig_set_flag(os.open(".", os.O_RDONLY), "ro")


def made(fs):
    new.fsconfig_create(fs)
    return fs


@case
def fsmount_before_it_is_made():
    new.fsmount(new.fsopen("tmpfs"))


@case
def fsmount_twice():
    fs = made(new.fsopen("tmpfs"))
    new.fsmount(fs)
    new.fsmount(fs)


@case
def fsmount_without_capabilities():
    fs = made(new.fsopen("tmpfs"))
    without_capabilities()
    new.fsmount(fs)


@case
def move_mount_to_nowhere():
    new.move_mount(new.fsmount(made(new.fsopen("tmpfs"))), "", HERE, "missing")


@case
def move_mount_of_no_mount():
    make("plain", "to")
    new.move_mount(os.open("plain", os.O_RDONLY), "", HERE, "to")


@case
def move_mount_below_itself():
    make("low")
    sc.mount("t", "low", "tmpfs")
    make("low/deep")
    new.move_mount(HERE, "low", HERE, "low/deep", 0)


@case
def move_mount_from_a_shared_one():
    make("low", "to")
    sc.mount("t", "low", "tmpfs")
    make("low/in")
    sc.mount("t", "low/in", "tmpfs")
    sc.mount("", "low", "", sc.MS_SHARED)
    new.move_mount(HERE, "low/in", HERE, "to", 0)


@case
def move_mount_without_capabilities():
    tree = new.fsmount(made(new.fsopen("tmpfs")))
    without_capabilities()
    new.move_mount(tree, "", HERE, ".")


@case
def move_mount_a_folder_on_a_file():
    open("file", "w").close()
    new.move_mount(new.fsmount(made(new.fsopen("tmpfs"))), "", HERE, "file")


@case
def open_tree_without_capabilities():
    without_capabilities()
    new.open_tree(HERE, ".")


@case
def open_tree_uncovers_the_rest():
    new.open_tree(HERE, "/")


@case
def mount_setattr_unlocks_what_was_locked():
    locked()
    new.mount_setattr(HERE, "low", 0, 0, new.MOUNT_ATTR_NOSUID)


@case
def mount_setattr_of_no_mount_point():
    make("plain")
    new.mount_setattr(HERE, "plain", 0, new.MOUNT_ATTR_RDONLY)


@case
def mount_setattr_read_only_while_a_file_is_written():
    with open("file", "w"):
        new.mount_setattr(HERE, os.getcwd(), 0, new.MOUNT_ATTR_RDONLY)


def opened(path, resolve):
    make("root")
    os.symlink("/etc/passwd", "root/link")
    os.symlink("../out", "root/up")
    return sc.openat2(os.open("root", os.O_PATH), path, os.O_RDONLY, 0, resolve)


@case
def openat2_leaves_the_folder():
    opened("../root", sc.RESOLVE_BENEATH)


@case
def openat2_an_absolute_link():
    opened("link", sc.RESOLVE_BENEATH)


@case
def openat2_a_link_where_none_may_be():
    opened("link", sc.RESOLVE_NO_SYMLINKS)


@case
def openat2_a_magic_link():
    sc.openat2(HERE, "/proc/self/exe", os.O_RDONLY, 0, sc.RESOLVE_NO_MAGICLINKS)


@case
def openat2_in_another_mount():
    sc.openat2(HERE, "/proc/self/status", os.O_RDONLY, 0, sc.RESOLVE_NO_XDEV)


@case
def openat2_nothing_there():
    opened("link", sc.RESOLVE_IN_ROOT)


@case
def openat2_an_unknown_flag():
    sc.openat2(HERE, ".", os.O_RDONLY, 0, 1 << 20)


@case
def close_range_backwards():
    sc.close_range(9, 8)


@case
def pidfd_open_nobody():
    sc.pidfd_open(0x3FFFFFFF)


@case
def pidfd_send_signal_to_the_dead():
    child = os.fork()
    if child == 0:
        os._exit(0)
    fd = sc.pidfd_open(child)
    os.waitpid(child, 0)
    sc.pidfd_send_signal(fd, 9)


def remedy(function):
    """What the sentences say is to be done: nothing fails."""
    CASES[function.__name__] = function
    return function


@remedy
def unshare_with_a_user_namespace_in_the_same_call():
    without_capabilities()
    sc.unshare(sc.CLONE_NEWUSER | sc.CLONE_NEWNS)


@remedy
def unshare_a_user_namespace_in_a_child_of_threads():
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    in_child(lambda: sc.unshare(sc.CLONE_NEWUSER))
    stop.set()
    thread.join()


@remedy
def mount_proc_in_the_child_of_a_new_pid_namespace():
    make("proc")
    sc.unshare(sc.CLONE_NEWPID)
    in_child(lambda: sc.mount("proc", "proc", "proc"))


@remedy
def mount_sysfs_of_a_new_network_namespace():
    make("sys")
    sc.unshare(sc.CLONE_NEWNET)
    sc.mount("sysfs", "sys", "sysfs")


@remedy
def mount_with_the_locked_flags_given_again():
    locked()
    sc.mount("", "low", "", sc.MS_REMOUNT | sc.MS_BIND | sc.MS_NOSUID | sc.MS_RELATIME)


@remedy
def mount_changes_what_was_bound_onto_itself():
    make("plain")
    sc.mount("plain", "plain", "", sc.MS_BIND)
    sc.mount("", "plain", "", sc.MS_PRIVATE)
    new.mount_setattr(HERE, "plain", 0, new.MOUNT_ATTR_RDONLY)


@remedy
def mount_binds_all_that_is_below():
    make("bound")
    sc.mount("/", "bound", "", sc.MS_BIND | sc.MS_REC)


@remedy
def open_tree_copies_all_that_is_below():
    make("bound")
    new.move_mount(new.open_tree(HERE, "/", DEEP), "", HERE, "bound")


@remedy
def umount2_lets_go_later():
    make("low")
    sc.mount("t", "low", "tmpfs")
    with open("low/file", "w"):
        sc.umount2("low", sc.MNT_DETACH)


@remedy
def pivot_root_into_what_was_bound_onto_itself():
    make("new", "new/old")
    sc.mount("new", "new", "", sc.MS_BIND)
    sc.pivot_root("new", "new/old")


@remedy
def pivot_root_with_dots():
    make("new")
    sc.mount("t", "new", "tmpfs")
    os.chdir("new")
    sc.pivot_root(".", ".")
    sc.umount2(".", sc.MNT_DETACH)


@remedy
def fsconfig_a_descriptor_of_a_long_path():
    deep = "x" * 255 + "/" + "y" * 255
    os.makedirs(deep)
    make("low")
    fs = overlay("low")
    new.fsconfig_set_fd(fs, "lowerdir+", os.open(deep, os.O_RDONLY))
    new.fsmount(made(fs))


@remedy
def fsconfig_500_layers():
    make(*map(str, range(500)), "merged")
    for each in (0, 499):
        make(f"{each}/in {each}")
    new.move_mount(new.fsmount(made(overlay(*map(str, range(500))))), "", HERE, "merged")
    if sorted(os.listdir("merged")) != ["in 0", "in 499"]:
        raise AssertionError(os.listdir("merged"))


@remedy
def seccomp_without_privileges_to_gain():
    without_capabilities()
    sc.prctl(sc.PR_SET_NO_NEW_PRIVS, 1)
    sc.seccomp(sc.SECCOMP_SET_MODE_FILTER, 0, (6).to_bytes(4, "little") + (0x7FFF0000).to_bytes(4, "little"))


@remedy
def write_gid_map_after_setgroups():
    write("setgroups", "deny")
    write("gid_map", f"0 {GID} 1")


def in_child(function):
    """Do it in a child; raise what it raised."""
    child = os.fork()
    if child == 0:
        try:
            function()
        except OSError as error:
            os._exit(error.errno)
        os._exit(0)
    number = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if number:
        raise OSError(number, os.strerror(number), "in a child")


def run(function):
    """Run in this child; print the error as JSON, and end."""
    result = None
    try:
        function()
    except OSError as error:
        result = (error.errno, error.strerror, error.filename)
    except BaseException as error:
        result = (0, repr(error), "")
    os.write(1, json.dumps(result).encode() + b"\n")
    os._exit(0)


def enter(folder):
    """Become root of a user namespace, in an empty tmpfs of its own."""
    identities = {"setgroups": "deny", "uid_map": f"0 {os.geteuid()} 1", "gid_map": f"0 {os.getegid()} 1"}
    sc.unshare(sc.CLONE_NEWUSER | sc.CLONE_NEWNS)
    for name, text in identities.items():
        write(name, text)
    sc.mount("none", "/", "", sc.MS_REC | sc.MS_PRIVATE)
    sc.mount("t", folder, "tmpfs")
    os.chdir(folder)


def main(folder):
    for name, function in CASES.items():
        os.write(1, f"{name}\t".encode())
        child = os.fork()
        if child == 0:
            try:
                (in_fresh_user_namespace if name in OUTSIDE else enter)(folder)
            except OSError as error:
                os.write(1, json.dumps([-1, error.strerror, error.filename]).encode() + b"\n")
                os._exit(0)
            run(function)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1])

"""What an errno of a system call means there: each sentence with the call that brings it about, and with its remedy."""

import errno
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from course.processes.linux import explaining, syscalls
from course.processes.linux.explaining import explained

pytestmark = pytest.mark.linux

PROVOKING = Path(__file__).with_name("provoking.py")
ROOT = PROVOKING.parents[3]
NEWER = {"descriptor_of_a_long_path": (6, 13), "fsconfig_501_layers": (6, 8), "fsconfig_500_layers": (6, 8)}
FACTS = {
    "unshare_without_capabilities": ("EPERM", "new namespaces take CAP_SYS_ADMIN"),
    "unshare_a_user_namespace_in_a_changed_root": ("EPERM", "a changed one (chroot)"),
    "unshare_a_user_namespace_with_threads": ("EINVAL", "a process with threads"),
    "unshare_an_unknown_kind": ("EINVAL", "something else than namespaces"),
    "unshare_more_than_there_may_be": ("ENOSPC", "as many namespaces of a kind"),
    "setns_another_kind": ("EINVAL", "not of the kind asked for"),
    "setns_the_present_user_namespace": ("EINVAL", "in already"),
    "setns_without_capabilities": ("EPERM", "the user namespace that owns it"),
    "setns_no_descriptor": ("EBADF", "no open descriptor"),
    "mount_without_capabilities": ("EPERM", "this takes CAP_SYS_ADMIN"),
    "mount_a_disk_in_a_user_namespace": ("EPERM", "but no disks"),
    "mount_proc_of_a_foreign_pid_namespace": ("EPERM", "a PID namespace that this user namespace owns"),
    "mount_proc_where_it_is_covered": ("EPERM", "a complete /proc in sight"),
    "mount_sysfs_of_a_foreign_network_namespace": ("EPERM", "CLONE_NEWNET"),
    "mount_unlocks_what_was_locked": ("EPERM", "give each again"),
    "mount_changes_what_is_no_mount_point": ("EINVAL", "bind it onto itself"),
    "mount_remounts_what_is_no_mount_point": ("EINVAL", "bind it onto itself"),
    "mount_binds_a_part_and_uncovers_the_rest": ("EINVAL", "MS_REC"),
    "mount_with_an_unknown_option": ("EINVAL", "does not know these options"),
    "mount_an_unknown_type": ("ENODEV", "/proc/filesystems"),
    "mount_nowhere": ("ENOENT", "make the mount point first"),
    "mount_an_overlay_of_a_missing_layer": ("ENOENT", "a directory that the options name"),
    "mount_an_overlay_of_one_layer": ("EINVAL", "two layers at least"),
    "mount_an_overlay_without_work": ("EINVAL", "workdir beside upperdir"),
    "mount_an_overlay_of_the_same_layer_twice": ("ELOOP", "are the same"),
    "mount_an_overlay_of_a_layer_in_another": ("ELOOP", "lies in another"),
    "mount_an_overlay_on_an_upper_in_use": ("EBUSY", "index=on"),
    "mount_the_same_again": ("EBUSY", "mounted at this place already"),
    "mount_a_folder_on_a_file": ("ENOTDIR", "a directory can be mounted on directories only"),
    "mount_read_only_while_a_file_is_written": ("EBUSY", "open for writing"),
    "umount2_what_is_in_use": ("EBUSY", "MNT_DETACH"),
    "umount2_what_is_no_mount_point": ("EINVAL", "no mount point"),
    "umount2_what_the_host_has_mounted": ("EINVAL", "more privileged mount namespace"),
    "umount2_without_capabilities": ("EPERM", "this takes CAP_SYS_ADMIN"),
    "umount2_nothing": ("ENOENT", "nothing of this name"),
    "pivot_root_into_no_mount_point": ("EINVAL", "must be a mount point"),
    "pivot_root_with_the_old_elsewhere": ("EINVAL", "go to it or below it"),
    "pivot_root_into_a_shared_mount": ("EINVAL", "may be shared"),
    "pivot_root_with_the_old_on_the_present_root": ("EBUSY", "lies on the present root mount"),
    "pivot_root_without_capabilities": ("EPERM", "changing the root takes CAP_SYS_ADMIN"),
    "pivot_root_to_a_missing_folder": ("ENOENT", "does not exist"),
    "pivot_root_to_a_file": ("ENOTDIR", "must be directories"),
    "sethostname_without_capabilities": ("EPERM", "CLONE_NEWUTS"),
    "sethostname_too_long": ("EINVAL", "at most 64 bytes"),
    "prctl_drops_without_capabilities": ("EPERM", "CAP_SETPCAP"),
    "prctl_an_unknown_capability": ("EINVAL", "the capability with this number"),
    "capset_more_than_before": ("EPERM", "given up, but not taken"),
    "seccomp_with_privileges_to_gain": ("EACCES", "PR_SET_NO_NEW_PRIVS"),
    "seccomp_nonsense": ("EINVAL", "no valid filter"),
    "write_uid_map_of_more_ids_than_ones_own": ("EPERM", "one's own user"),
    "write_uid_map_twice": ("EPERM", "written once"),
    "write_uid_map_nonsense": ("EINVAL", "three numbers"),
    "write_gid_map_before_setgroups": ("EPERM", '"deny" was written'),
    "write_setgroups_after_gid_map": ("EPERM", "decided before gid_map"),
    "write_setgroups_nonsense": ("EINVAL", 'only "allow" or "deny"'),
    "fsopen_an_unknown_type": ("ENODEV", "/proc/filesystems"),
    "fsopen_without_capabilities": ("EPERM", "this takes CAP_SYS_ADMIN"),
    "fsconfig_an_unknown_option": ("EINVAL", "does not know this option"),
    "fsconfig_a_long_value": ("EINVAL", "at most 255 bytes"),
    "fsconfig_501_layers": ("EINVAL", "500 layers already"),
    "fsconfig_a_missing_layer": ("ENOENT", "no such directory"),
    "fsconfig_a_file_as_layer": ("EINVAL", "no directory"),
    "fsconfig_creates_from_one_layer": ("EINVAL", "two layers at least"),
    "fsconfig_creates_from_the_same_layer_twice": ("ELOOP", "are the same"),
    "fsconfig_creates_twice": ("EBUSY", "made already"),
    "fsconfig_creates_from_an_upper_in_use": ("EBUSY", "another overlay"),
    "fsconfig_creates_with_the_work_elsewhere": ("EINVAL", "on one mount"),
    "fsconfig_creates_without_capabilities": ("EPERM", "this takes CAP_SYS_ADMIN"),
    "fsconfig_of_no_context": ("EINVAL", "not one of fsopen"),
    "fsmount_before_it_is_made": ("EINVAL", "FSCONFIG_CMD_CREATE comes first"),
    "fsmount_twice": ("EBUSY", "mounted already"),
    "fsmount_without_capabilities": ("EPERM", "this takes CAP_SYS_ADMIN"),
    "move_mount_to_nowhere": ("ENOENT", "make the mount point first"),
    "move_mount_of_no_mount": ("EINVAL", "the source is no mount"),
    "move_mount_below_itself": ("ELOOP", "inside itself"),
    "move_mount_from_a_shared_one": ("EINVAL", "its parent is shared"),
    "move_mount_without_capabilities": ("EPERM", "this takes CAP_SYS_ADMIN"),
    "move_mount_a_folder_on_a_file": ("EINVAL", "a directory goes on a file"),
    "open_tree_without_capabilities": ("EPERM", "this takes CAP_SYS_ADMIN"),
    "open_tree_uncovers_the_rest": ("EINVAL", "AT_RECURSIVE"),
    "mount_setattr_unlocks_what_was_locked": ("EPERM", "leave them set"),
    "mount_setattr_of_no_mount_point": ("EINVAL", "only a mount has attributes"),
    "mount_setattr_read_only_while_a_file_is_written": ("EBUSY", "open for writing"),
    "openat2_leaves_the_folder": ("EXDEV", "by '..'"),
    "openat2_an_absolute_link": ("EXDEV", "RESOLVE_BENEATH"),
    "openat2_in_another_mount": ("EXDEV", "RESOLVE_NO_XDEV"),
    "openat2_a_link_where_none_may_be": ("ELOOP", "RESOLVE_NO_SYMLINKS"),
    "openat2_a_magic_link": ("ELOOP", "RESOLVE_NO_MAGICLINKS"),
    "openat2_nothing_there": ("ENOENT", "absolute links begin"),
    "openat2_an_unknown_flag": ("EINVAL", "a flag is unknown"),
    "close_range_backwards": ("EINVAL", "after the last"),
    "pidfd_open_nobody": ("ESRCH", "has ended, or never was"),
    "pidfd_send_signal_to_the_dead": ("ESRCH", "has ended, or never was"),
}
REMEDIES = (
    "unshare_with_a_user_namespace_in_the_same_call",
    "unshare_a_user_namespace_in_a_child_of_threads",
    "mount_proc_in_the_child_of_a_new_pid_namespace",
    "mount_sysfs_of_a_new_network_namespace",
    "mount_with_the_locked_flags_given_again",
    "mount_changes_what_was_bound_onto_itself",
    "mount_binds_all_that_is_below",
    "open_tree_copies_all_that_is_below",
    "umount2_lets_go_later",
    "pivot_root_into_what_was_bound_onto_itself",
    "pivot_root_with_dots",
    "fsconfig_a_descriptor_of_a_long_path",
    "fsconfig_500_layers",
    "seccomp_without_privileges_to_gain",
    "write_gid_map_after_setgroups",
)


@pytest.fixture(scope="module")
def came(tmp_path_factory):
    """What came of each way to provoke an error: name -> OSError, or None: no error."""
    command = [sys.executable, str(PROVOKING), str(tmp_path_factory.mktemp("provoking"))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": ROOT})
    found = {}
    for name, result in (line.split("\t") for line in done.stdout.splitlines()):
        error = json.loads(result)
        if error and error[0] == -1:
            pytest.skip(f"left out: needs user namespaces with mounts ({error[2]}: {error[1]})")
        found[name] = error and OSError(*error)
    return found


@pytest.fixture
def here(came, request):
    name = request.node.callspec.params["name"]
    least = next((version for part, version in NEWER.items() if part in name), (0, 0))
    if tuple(map(int, re.findall(r"\d+", platform.release())[:2])) < least:
        pytest.skip(f"left out: needs Linux {'.'.join(map(str, least))}")
    return came[name]


@pytest.mark.parametrize("name", FACTS)
def test_what_the_errno_of_a_call_means_there(name, here):
    number, words = FACTS[name]
    assert here is not None, "nothing failed"
    assert errno.errorcode.get(here.errno) == number, here
    assert words in explained(here)


@pytest.mark.parametrize("name", REMEDIES)
def test_with_what_the_sentence_says_the_call_succeeds(name, here):
    assert here is None


def test_all_that_is_provoked_is_told_and_every_sentence_was_provoked(came):
    assert set(came) == {*FACTS, *REMEDIES}
    told = {explained(error) for error in came.values() if error}
    assert told == {*explaining.MEANINGS.values(), explaining.MAY_NOT_MOUNT}


def test_a_call_that_is_missing_is_told(monkeypatch):
    monkeypatch.setattr(syscalls, "_libc", object)
    with pytest.raises(OSError) as caught:
        syscalls.unshare(0)
    assert "no such call" in explained(caught.value)


@pytest.mark.parametrize("name", ["frobnicate('a', 1)", "mount(", "mount('", "unshare('x')", "openat2(1)", None, ""])
def test_of_what_is_unknown_the_kernels_words_are_told(name):
    assert explained(OSError(errno.EIO, "Input/output error", name)) == "the kernel refuses: Input/output error"
    assert explained(OSError(errno.EXDEV, "Invalid cross-device link", "mount()")).startswith("the kernel refuses")


def test_sentences_are_one_and_short():
    for sentence in explaining.MEANINGS.values():
        assert not sentence.endswith(".")
        assert ". " not in sentence
        assert len(sentence) < 260

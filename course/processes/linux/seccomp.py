"""The filter of system calls that a container runs under, as the kernel's own small programs (BPF).

It denies what docker's default profile denies, and with it what would reach out of a container: mounting and new
namespaces, the kernel's keyrings, io_uring, bpf, loading modules.  A capability that is asked for lifts what belongs to
it, as docker has it.  Sources: seccomp(2), linux/seccomp.h, linux/bpf_common.h; moby/profiles, seccomp/default.json;
numbers: asm/unistd_64.h of x86_64, and asm-generic/unistd.h, which aarch64 uses.
"""

from __future__ import annotations

import errno
import struct

from course.processes.linux import syscalls
from course.processes.linux.capabilities import mask

DENIED = (  # call, its number on x86_64, on aarch64 (None: not there), and the capabilities of which each lifts this
    ("uselib", 134, None, ""),
    ("ustat", 136, None, ""),
    ("sysfs", 139, None, ""),
    ("pivot_root", 155, 41, ""),
    ("_sysctl", 156, None, ""),
    ("swapon", 167, 224, ""),
    ("swapoff", 168, 225, ""),
    ("create_module", 174, None, ""),
    ("get_kernel_syms", 177, None, ""),
    ("query_module", 178, None, ""),
    ("nfsservctl", 180, 42, ""),
    ("getpmsg", 181, None, ""),
    ("putpmsg", 182, None, ""),
    ("afs_syscall", 183, None, ""),
    ("tuxcall", 184, None, ""),
    ("security", 185, None, ""),
    ("vserver", 236, None, ""),
    ("kexec_load", 246, 104, ""),
    ("add_key", 248, 217, ""),
    ("request_key", 249, 218, ""),
    ("keyctl", 250, 219, ""),
    ("migrate_pages", 256, 238, ""),
    ("move_pages", 279, 239, ""),
    ("kexec_file_load", 320, 294, ""),
    ("userfaultfd", 323, 282, ""),
    ("io_uring_setup", 425, 425, ""),
    ("io_uring_enter", 426, 426, ""),
    ("io_uring_register", 427, 427, ""),
    ("open_by_handle_at", 304, 265, "DAC_READ_SEARCH"),
    ("mount", 165, 40, "SYS_ADMIN"),
    ("umount2", 166, 39, "SYS_ADMIN"),
    ("sethostname", 170, 161, "SYS_ADMIN"),
    ("setdomainname", 171, 162, "SYS_ADMIN"),
    ("quotactl", 179, 60, "SYS_ADMIN"),
    ("lookup_dcookie", 212, 18, "SYS_ADMIN"),
    ("unshare", 272, 97, "SYS_ADMIN"),
    ("fanotify_init", 300, 262, "SYS_ADMIN"),
    ("setns", 308, 268, "SYS_ADMIN"),
    ("open_tree", 428, 428, "SYS_ADMIN"),
    ("move_mount", 429, 429, "SYS_ADMIN"),
    ("fsopen", 430, 430, "SYS_ADMIN"),
    ("fsconfig", 431, 431, "SYS_ADMIN"),
    ("fsmount", 432, 432, "SYS_ADMIN"),
    ("fspick", 433, 433, "SYS_ADMIN"),
    ("mount_setattr", 442, 442, "SYS_ADMIN"),
    ("quotactl_fd", 443, 443, "SYS_ADMIN"),
    ("lsm_get_self_attr", 459, 459, "SYS_ADMIN"),
    ("lsm_set_self_attr", 460, 460, "SYS_ADMIN"),
    ("lsm_list_modules", 461, 461, "SYS_ADMIN"),
    ("bpf", 321, 280, "SYS_ADMIN BPF"),
    ("perf_event_open", 298, 241, "SYS_ADMIN PERFMON"),
    ("syslog", 103, 116, "SYS_ADMIN SYSLOG"),
    ("reboot", 169, 142, "SYS_BOOT"),
    ("chroot", 161, 51, "SYS_CHROOT"),
    ("init_module", 175, 105, "SYS_MODULE"),
    ("delete_module", 176, 106, "SYS_MODULE"),
    ("finit_module", 313, 273, "SYS_MODULE"),
    ("mbind", 237, 235, "SYS_NICE"),
    ("set_mempolicy", 238, 237, "SYS_NICE"),
    ("get_mempolicy", 239, 236, "SYS_NICE"),
    ("set_mempolicy_home_node", 450, 450, "SYS_NICE"),
    ("acct", 163, 89, "SYS_PACCT"),
    ("kcmp", 312, 272, "SYS_PTRACE"),
    ("pidfd_getfd", 438, 438, "SYS_PTRACE"),
    ("process_madvise", 440, 440, "SYS_PTRACE"),
    ("iopl", 172, None, "SYS_RAWIO"),
    ("ioperm", 173, None, "SYS_RAWIO"),
    ("settimeofday", 164, 170, "SYS_TIME"),
    ("clock_settime", 227, 112, "SYS_TIME"),
    ("vhangup", 153, 58, "SYS_TTY_CONFIG"),
)
"""Calls that are denied with EPERM, whatever their arguments."""

LAST = 466  # of the calls that docker's profile knows (removexattrat); runc, too, has later ones not be there yet
NUMBERS = {  # of the calls whose arguments count
    "x86_64": {"ioctl": 16, "socket": 41, "clone": 56, "personality": 135, "prctl": 157},
    "aarch64": {"ioctl": 29, "socket": 198, "clone": 220, "personality": 92, "prctl": 167},
}
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # linux/audit.h: AUDIT_ARCH_…
CLONE3 = 435  # on every machine

NEW_NAMESPACES = (
    syscalls.CLONE_NEWNS
    | syscalls.CLONE_NEWCGROUP
    | syscalls.CLONE_NEWUTS
    | syscalls.CLONE_NEWIPC
    | syscalls.CLONE_NEWUSER
    | syscalls.CLONE_NEWPID
    | syscalls.CLONE_NEWNET
)
AF_ALG, AF_VSOCK = 38, 40  # sockets to the kernel's cryptography, and to the host of a virtual machine
TIOCSTI, TIOCLINUX = 0x5412, 0x541C  # asm-generic/ioctls.h: to type on somebody else's terminal
PERSONALITIES = (0, 0x0008, 0x20000, 0x20008, 0xFFFFFFFF)  # PER_LINUX, PER_LINUX32, each with UNAME26; the last asks

# linux/bpf_common.h, linux/seccomp.h
LOAD, EQUAL, GREATER, ANY_OF, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # where struct seccomp_data has them, in bytes
RET_KILL_PROCESS, RET_ERRNO, RET_ALLOW = 0x80000000, 0x00050000, 0x7FFF0000

Step = tuple[int, int, str, str]  # what to do, with which number, and where to go on if so, or if not ("": next)


def program(machine: str, capabilities: int) -> bytes:
    """Return the filter (bytes) for a machine (str, as uname(2) names it) and a container's capabilities (mask, int).

    A call of another architecture, as from a 32-bit program, ends the process; one that is newer than the filter, or
    of x86_64's x32 form, is not there (ENOSYS), nor is clone3: what flags it has no filter can read, and the C library
    then uses clone.  Raises ValueError for a machine whose numbers are not known.
    """
    if machine not in ARCHITECTURES:
        raise ValueError(f"system calls are filtered on x86_64 and aarch64 only, and this machine is {machine!r}")
    may_administer = capabilities & mask(["SYS_ADMIN"])
    steps: list[Step | str] = [
        (LOAD, ARCHITECTURE, "", ""),
        (EQUAL, ARCHITECTURES[machine], "", "kill"),
        (LOAD, NUMBER, "", ""),
        (GREATER, LAST, "missing", ""),
    ]
    if not may_administer:
        steps.append((EQUAL, CLONE3, "missing", ""))
    for _name, x86_64, aarch64, lifting in DENIED:
        number = x86_64 if machine == "x86_64" else aarch64
        if number is not None and not capabilities & mask(lifting.split()):
            steps.append((EQUAL, number, "deny", ""))
    for name, number in NUMBERS[machine].items():
        if name != "clone" or not may_administer:
            steps += [(EQUAL, number, "", f"not {name}"), *ARGUMENT_CHECKS[name], f"not {name}"]
    steps += ["allow", (RETURN, RET_ALLOW, "", "")]
    steps += ["deny", (RETURN, RET_ERRNO | errno.EPERM, "", "")]
    steps += ["missing", (RETURN, RET_ERRNO | errno.ENOSYS, "", "")]
    steps += ["kill", (RETURN, RET_KILL_PROCESS, "", "")]
    return _assembled(steps)


ARGUMENT_CHECKS: dict[str, list[Step]] = {  # of which the kernel, too, looks at the lower half only
    "ioctl": [
        (LOAD, ARGUMENTS + 8, "", ""),
        (EQUAL, TIOCSTI, "deny", ""),
        (EQUAL, TIOCLINUX, "deny", "allow"),
    ],
    "socket": [
        (LOAD, ARGUMENTS, "", ""),
        (EQUAL, AF_ALG, "deny", ""),
        (EQUAL, AF_VSOCK, "deny", "allow"),
    ],
    "clone": [
        (LOAD, ARGUMENTS, "", ""),
        (ANY_OF, NEW_NAMESPACES, "deny", "allow"),
    ],
    "personality": [
        (LOAD, ARGUMENTS, "", ""),
        *((EQUAL, each, "allow", "") for each in PERSONALITIES[:-1]),
        (EQUAL, PERSONALITIES[-1], "allow", "deny"),
    ],
    "prctl": [  # a container that unties itself from what started it would outlive it
        (LOAD, ARGUMENTS, "", ""),
        (EQUAL, syscalls.PR_SET_PDEATHSIG, "deny", "allow"),
    ],
}


def _assembled(steps: list[Step | str]) -> bytes:
    """Return steps as instructions (struct sock_filter); a jump counts the instructions that it skips."""
    places: dict[str, int] = {}
    at = 0
    for step in steps:
        if isinstance(step, str):
            places[step] = at
        else:
            at += 1
    instructions: list[bytes] = []
    for step in steps:
        if not isinstance(step, str):
            code, number, if_so, if_not = step
            here = len(instructions) + 1
            jumps = [places[label] - here if label else 0 for label in (if_so, if_not)]
            instructions.append(struct.pack("=HBBI", code, *jumps, number))
    return b"".join(instructions)


def install(program: bytes) -> None:
    """Filter the system calls of this process from now on, and of all that it starts.

    Takes CAP_SYS_ADMIN, or PR_SET_NO_NEW_PRIVS set before.  Raises OSError.
    """
    syscalls.seccomp(syscalls.SECCOMP_SET_MODE_FILTER, 0, program)

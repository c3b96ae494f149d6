"""The filter of system calls: each step by a machine of the test's own, on the kernel, and against docker's profile."""

import errno
import json
import os
import platform
import re
import struct
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from course.processes.linux.capabilities import ALL, DEFAULT, mask
from course.processes.linux.seccomp import ARCHITECTURES, CLONE3, DENIED, LAST, NUMBERS, program

sys.path.insert(0, str(Path(__file__).parents[2] / "real"))
from debian_image import docker

ROOT = Path(__file__).parents[3]
HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", r"#define __NR_(\w+) (\d+)"),
    "aarch64": ("/usr/include/asm-generic/unistd.h", r"#define __NR(?:3264)?_(\w+)\s+(\d+)"),
}
LSM = ("lsm_get_self_attr", "lsm_set_self_attr", "lsm_list_modules")  # in no header before Linux 6.8
MACHINE = platform.machine()
ADMIN = DEFAULT | mask(["SYS_ADMIN"])
EPERM, ENOSYS = f"errno {errno.EPERM}", f"errno {errno.ENOSYS}"
ARGUMENT_FACTS = [
    ("clone", (17,), "allow"),  # fork: SIGCHLD
    ("clone", (0x3D0F00,), "allow"),  # a thread
    *(("clone", (flag | 17,), EPERM) for flag in (1 << 17, *(1 << bit for bit in range(25, 31)))),
    ("clone", (1 << 32 | 1 << 28,), EPERM),
    ("ioctl", (0, 0x5401), "allow"),  # TCGETS
    ("ioctl", (0, 0x5412), EPERM),  # TIOCSTI
    ("ioctl", (0, 0x541C), EPERM),  # TIOCLINUX
    ("ioctl", (0, 1 << 32 | 0x5412), EPERM),  # of which the kernel sees the lower half (CVE-2019-10063)
    ("ioctl", (0x5412, 0x5401), "allow"),
    ("prctl", (15,), "allow"),
    ("prctl", (1, 9), EPERM),  # PR_SET_PDEATHSIG
    ("prctl", (1 << 32 | 1, 0), EPERM),
    ("prctl", (2,), "allow"),
    *(("personality", (each,), "allow") for each in (0, 8, 0x20000, 0x20008, 0xFFFFFFFF)),
    *(("personality", (each,), EPERM) for each in (1, 0x40000, 0x400000, 0x20001, 0xFFFFFFFE)),  # ADDR_NO_RANDOMIZE
    *(("socket", (family, 1), "allow") for family in (1, 2, 10, 16, 17)),
    *(("socket", (family, 5), EPERM) for family in (38, 40)),
]


def outcome(filter_, number, arguments=(), architecture=None):
    """Return what a filter says of a call, worked out instruction by instruction (kernel: networking/filter.rst)."""
    data = struct.pack(
        "<IIQ6Q", number, architecture or ARCHITECTURES[MACHINE], 0, *arguments, *[0] * (6 - len(arguments))
    )
    steps = [struct.unpack_from("<HBBI", filter_, at) for at in range(0, len(filter_), 8)]
    at = value = 0
    while True:
        code, if_so, if_not, operand = steps[at]
        if code == 0x20:
            (value,) = struct.unpack_from("<I", data, operand)
            at += 1
        elif code in (0x15, 0x25, 0x45):
            so = {0x15: value == operand, 0x25: value > operand, 0x45: bool(value & operand)}[code]
            at += 1 + (if_so if so else if_not)
        else:
            assert code == 0x06
            action = {0x7FFF0000: "allow", 0x80000000: "kill", 0x00050000: "errno"}[operand & 0xFFFF0000]
            return f"errno {operand & 0xFFFF}" if action == "errno" else action


def numbers(machine):
    return {name: x86_64 if machine == "x86_64" else aarch64 for name, x86_64, aarch64, _caps in DENIED}


def run(script, *, capabilities=DEFAULT, other_errno=False):
    """Run a script under the filter, in a user namespace without any capability; return the completed process.

    With ``other_errno`` what is denied has errno 1234 and what is missing 1235, which no system call gives by itself.
    """
    head = f"""
import ctypes, os, sys, threading, types
from course.processes.linux import seccomp, syscalls
maps = {{"setgroups": "deny", "uid_map": f"0 {{os.geteuid()}} 1", "gid_map": f"0 {{os.getegid()}} 1"}}
try:
    syscalls.unshare(syscalls.CLONE_NEWUSER)
    for name, text in maps.items():
        open(f"/proc/self/{{name}}", "w").write(text)
except OSError as error:
    sys.exit(f"no user namespace: {{error}}")
syscalls.capset(0, 0, 0)
if {other_errno}:
    seccomp.errno = types.SimpleNamespace(EPERM=1234, ENOSYS=1235)
LIBC = ctypes.CDLL(None, use_errno=True)
def tried(number, *arguments):
    arguments = (arguments + (-1,) * 6)[:6]
    result = LIBC.syscall(*map(ctypes.c_long, (number, *arguments)))
    return ctypes.get_errno() if result == -1 else 0
syscalls.prctl(syscalls.PR_SET_NO_NEW_PRIVS, 1)
seccomp.install(seccomp.program(os.uname().machine, {capabilities}))
"""
    if MACHINE not in ARCHITECTURES:
        pytest.skip(f"left out: needs {' or '.join(ARCHITECTURES)}")
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", head + script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd="/", timeout=60)
    if done.stderr.startswith("no user namespace"):
        pytest.skip("left out: needs user namespaces")
    return done


@pytest.mark.parametrize("machine", HEADERS)
def test_the_numbers_are_the_kernels(machine):
    path, pattern = HEADERS[machine]
    if not Path(path).exists():
        pytest.skip(f"left out: needs {path} (linux-libc-dev)")
    known = {name: int(number) for name, number in re.findall(pattern, Path(path).read_text())}
    known |= {name: 459 + place for place, name in enumerate(LSM)}
    assert numbers(machine) == {name: known.get(name) for name in numbers(machine)}
    assert NUMBERS[machine] == {name: known[name] for name in NUMBERS[machine]}
    assert known["clone3"] == CLONE3


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize("capabilities", [DEFAULT, ADMIN, ALL, 0, mask(["SYS_PTRACE", "SYS_TIME"]), mask(["BPF"])])
def test_every_number_is_denied_missing_or_allowed_as_the_table_says(machine, capabilities):
    filter_ = program(machine, capabilities)
    denied = {
        numbers(machine)[name]
        for name, _x86, _arm, caps in DENIED
        if not any(capabilities & mask([c]) for c in caps.split())
    }
    for number in range(600):
        expected = EPERM if number in denied else "allow"
        if number > LAST or (number == CLONE3 and not capabilities & mask(["SYS_ADMIN"])):
            expected = ENOSYS
        arguments = (0, 0x5401) if number != NUMBERS[machine]["prctl"] else (15,)
        assert outcome(filter_, number, arguments, ARCHITECTURES[machine]) == expected, number


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_another_architecture_ends_the_process_and_x32_is_missing(machine):
    filter_ = program(machine, ALL)
    for other in (0x40000003, 0x40000028, 0, *set(ARCHITECTURES.values()) - {ARCHITECTURES[machine]}):
        assert outcome(filter_, 1, architecture=other or 1) == "kill"
    for number in (0x40000000, 0x40000000 | NUMBERS["x86_64"]["clone"], 0x7FFFFFFF, 0xFFFFFFFF):
        assert outcome(filter_, number, architecture=ARCHITECTURES[machine]) == ENOSYS


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize(("name", "arguments", "expected"), ARGUMENT_FACTS)
def test_of_some_calls_the_arguments_count(machine, name, arguments, expected):
    number, architecture = NUMBERS[machine][name], ARCHITECTURES[machine]
    assert outcome(program(machine, DEFAULT), number, arguments, architecture) == expected
    lifted = "allow" if name == "clone" else expected
    assert outcome(program(machine, ADMIN), number, arguments, architecture) == lifted


@pytest.mark.parametrize("machine", ["riscv64", "i686", "armv7l", "", "x86_64 "])
def test_another_machine_is_refused_in_words(machine):
    with pytest.raises(ValueError, match=f"x86_64 and aarch64 only, and this machine is '{machine}'"):
        program(machine, DEFAULT)


@pytest.mark.linux
@pytest.mark.parametrize("capabilities", [DEFAULT, ADMIN])
def test_the_kernel_denies_each_call_by_the_filter(capabilities):
    wanted = {
        name: number
        for name, number in numbers(MACHINE).items()
        if number is not None and outcome(program(MACHINE, capabilities), number) == EPERM
    }
    assert len(wanted) > 30
    script = f"print([tried(number) for number in {sorted(wanted.values())}], tried(435), tried(LAST + 1))"
    done = run(script.replace("LAST", str(LAST)), capabilities=capabilities, other_errno=True)
    clone3 = 1235 if capabilities == DEFAULT else errno.E2BIG  # the kernel's own: that is no size of its arguments
    assert (done.stdout, done.stderr) == (f"{[1234] * len(wanted)} {clone3} 1235\n", "")


@pytest.mark.linux
def test_the_kernel_looks_at_arguments():
    n = NUMBERS.get(MACHINE, {})
    script = f"""
print(tried({n}["ioctl"], 0, 0x5412), tried({n}["ioctl"], 0, 1 << 32 | 0x5412), tried({n}["clone"], 1 << 28 | 17))
print(tried({n}["prctl"], 1, 9, 0, 0, 0), tried({n}["personality"], 0x40000), tried({n}["socket"], 38, 5, 0))
print(tried({n}["prctl"], 2, ctypes.addressof(ctypes.c_int())), tried({n}["personality"], 0xffffffff))
"""
    done = run(script, other_errno=True)
    assert (done.stdout, done.stderr) == ("1234 1234 1234\n1234 1234 1234\n0 0\n", "")


@pytest.mark.linux
def test_what_is_denied_has_the_errno_that_docker_gives():
    done = run("""
for name, arguments in {"unshare": (0,), "mount": ("t", "/", "tmpfs"), "pivot_root": (".", "."),
                        "umount2": ("/",), "sethostname": ("x",)}.items():
    try:
        getattr(syscalls, name)(*arguments)
    except OSError as error:
        print(error.errno, end=" ")
try:
    syscalls.prctl(1, 9)
except OSError as error:
    print(error.errno, tried(435))
""")
    assert (done.stdout, done.stderr) == ("1 1 1 1 1 1 38\n", "")


@pytest.mark.linux
def test_what_programs_do_works_under_the_filter():
    done = run("""
import socket, subprocess, sys
seen = []
threads = [threading.Thread(target=seen.append, args=(n,)) for n in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
child = os.fork()
if child == 0:
    os._exit(7)
print(sorted(seen), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
a, b = socket.socketpair()
a.send(b"x"); print(b.recv(1)); a.close(); b.close()
socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
print(subprocess.run(["sh", "-c", "echo a | cat; (exit 3); echo $?"], capture_output=True, text=True).stdout)
sys.stdout.flush()
os.execvp("sh", ["sh", "-c", "grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status"])
""")
    assert done.stderr == ""
    assert done.stdout == "[0, 1, 2] 7\nb'x'\na\n3\n\nNoNewPrivs:\t1\nSeccomp:\t2\n"


@pytest.mark.linux
@pytest.mark.skipif(MACHINE != "x86_64", reason="left out: needs x86_64, which runs 32-bit calls")
def test_a_call_in_the_32_bit_way_ends_the_process():
    code = bytes.fromhex("b814000000cd80c3")  # mov eax, 20 (getpid); int 0x80; ret
    script = f"""
import mmap
memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
memory.write({code!r})
print("alive", flush=True)
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))()
print("still")
"""
    done = run(script)
    assert (done.stdout, done.returncode) == ("alive\n", -31)  # SIGSYS


DOCKER_DIFFERS = {  # what Docker 20.10 allows and we deny
    "io_uring_setup": "denied since Docker 25",
    "io_uring_enter": "denied since Docker 25",
    "io_uring_register": "denied since Docker 25",
}
WE_DIFFER = {  # what Docker 20.10 denies and we do not
    "name_to_handle_at": "allowed since, also without CAP_SYS_ADMIN: a handle opens nothing without open_by_handle_at",
    "pkey_alloc": "allowed since: protects a process's own memory",
    "pkey_free": "allowed since",
    "pkey_mprotect": "allowed since",
    "process_vm_readv": "allowed since, as ptrace is from Linux 4.8 on",
    "process_vm_writev": "allowed since, as ptrace is from Linux 4.8 on",
}
BY_ARGUMENT = {"clone", "personality", "socket", "prctl", "ioctl"}


@pytest.fixture(scope="module")
def profiles(tmp_path_factory):
    """The profiles that docker gives a container with its default capabilities, and one with CAP_SYS_ADMIN as well."""
    folder = tmp_path_factory.mktemp("docker")
    with tarfile.open(folder / "root.tar", "w") as tar:
        tar.add("/usr/bin/busybox", "busybox")
    found = []
    with docker(folder) as (command, _data):
        version = command("version", "-f", "{{.Server.Version}}").strip()
        if not version.startswith("20.10."):
            pytest.skip(f"the profile compared is that of Docker 20.10, and this is {version}")
        command("import", folder / "root.tar", "box:1")
        for more in ((), ("--cap-add", "SYS_ADMIN")):
            id_ = command("run", "-d", "--network", "none", *more, "box:1", "/busybox", "sleep", "1000").strip()
            (config,) = folder.glob(f"exec/**/{id_}/config.json")
            found.append(json.loads(config.read_text())["linux"]["seccomp"])
            command("rm", "-f", id_)
    return found


@pytest.mark.linux
@pytest.mark.root
@pytest.mark.peer("dockerd", "docker", "runc", "busybox")
@pytest.mark.parametrize(("place", "capabilities"), [(0, DEFAULT), (1, ADMIN)])
def test_docker_denies_the_same(profiles, place, capabilities):
    rules = profiles[place]["syscalls"]
    assert profiles[place]["defaultAction"] == "SCMP_ACT_ERRNO"
    allowed = {
        name for each in rules if each["action"] == "SCMP_ACT_ALLOW" and not each.get("args") for name in each["names"]
    }
    header, pattern = HEADERS[MACHINE]
    known = dict(re.findall(pattern, Path(header).read_text()))
    filter_ = program(MACHINE, capabilities)
    denied = {name for name, number in known.items() if outcome(filter_, int(number), (0, 0x5401)) != "allow"}
    if place == 1:
        assert {"mount", "setns", "unshare", "clone3"}.isdisjoint(denied)
    assert denied & allowed - BY_ARGUMENT == set(DOCKER_DIFFERS)
    only_theirs = set(known) - allowed - denied - BY_ARGUMENT
    assert only_theirs | ({"name_to_handle_at"} if place == 1 else set()) == set(WE_DIFFER)


@pytest.mark.linux
@pytest.mark.root
@pytest.mark.peer("dockerd", "docker", "runc", "busybox")
def test_docker_looks_at_the_same_arguments(profiles):
    rules = [each for each in profiles[0]["syscalls"] if each.get("args")]
    personalities = {each["args"][0]["value"] for each in rules if each["names"] == ["personality"]}
    assert personalities == {
        arguments[0] for name, arguments, how in ARGUMENT_FACTS if (name, how) == ("personality", "allow")
    }
    ((flags,),) = [each["args"] for each in rules if each["names"] == ["clone"]]
    number = NUMBERS[MACHINE]["clone"]
    denied = sum(1 << bit for bit in range(32) if outcome(program(MACHINE, DEFAULT), number, (1 << bit,)) == EPERM)
    assert denied == flags["value"]
    assert {(*each["names"], each["errnoRet"]) for each in profiles[0]["syscalls"] if "errnoRet" in each} == {
        ("clone3", errno.ENOSYS)
    }

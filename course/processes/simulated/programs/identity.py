"""Programs that say who and where one is: id, whoami, hostname, uname."""

from typing import TYPE_CHECKING

from course.processes.simulated.programs import users
from course.processes.simulated.programs.buffering import Output
from course.processes.simulated.programs.quoting import quote
from course.processes.simulated.programs.registry import Usage, extra_operand, options, program

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run

ID_LONG = {"user": "u", "group": "g", "groups": "G", "name": "n", "real": "r", "zero": "z", "context": "Z"}
UNAME_LONG = {
    "all": "a",
    "kernel-name": "s",
    "nodename": "n",
    "kernel-release": "r",
    "kernel-version": "v",
    "machine": "m",
    "processor": "p",
    "hardware-platform": "i",
    "operating-system": "o",
}
RELEASE = "6.1.0-simulated"
VERSION = "#1 SMP PREEMPT_DYNAMIC"


@program("id")
def identify(process: "Process", argv: list[str]) -> "Run":
    """Print user and groups (id(1)): those of the process, or of a user as the files say."""
    found, operands = options(argv, "agGnruzZ", ID_LONG)
    wishes = {ID_LONG.get(option[2:], option[1:]) for option, _ in found}
    kinds = [letter for letter in "ugG" if letter in wishes]
    if len(kinds) > 1:
        raise Usage('cannot print "only" of more than one choice', hint=False)
    if not kinds and wishes & {"n", "r"}:
        raise Usage("cannot print only names or real IDs in default format", hint=False)
    if not kinds and "z" in wishes:
        raise Usage("option --zero not permitted in default format", hint=False)
    out, status = Output(process), 0
    end = "\0" if "z" in wishes else "\n"
    wanted: list[str | None] = [*operands] or [None]
    for operand in wanted:
        account = _account(process, operand)
        if account is None:
            yield from out.complain(f"{quote(str(operand))}: no such user")
            status = 1
            continue
        uid, gid, groups = account
        if not kinds:
            yield from out.print(_whole(process, uid, gid, groups) + end)
            continue
        numbers = {"u": [uid], "g": [gid], "G": groups}[kinds[0]]
        words = [str(number) for number in numbers]
        if "n" in wishes:
            path, what = (users.PASSWD, "user") if kinds[0] == "u" else (users.GROUP, "group")
            for place, number in enumerate(numbers):
                name = users.name_of(process.fs, path, number)
                if name is None:
                    yield from out.complain(f"cannot find name for {what} ID {number}")
                    status = 1
                words[place] = name or str(number)
        yield from out.print(("\0" if "z" in wishes else " ").join(words) + end)
    yield from out.flush()
    return status


def _account(process: "Process", name: str | None) -> tuple[int, int, list[int]] | None:
    """Return user, group and all groups (numbers) of the process, or of the user ``name`` (str); None: no such user."""
    fs = process.fs
    if name is None:
        return fs.uid, fs.gid, [fs.gid, *sorted(set(fs.groups) - {fs.gid})]
    uid = users.number_of(fs, users.PASSWD, name)
    if uid is None and name.isdecimal() and users.name_of(fs, users.PASSWD, int(name)):
        uid = int(name)
    if uid is None:
        return None
    gid = users.group_of(fs, uid) or 0
    others = users.memberships(fs, users.name_of(fs, users.PASSWD, uid) or name)
    return uid, gid, [gid, *(number for number in others if number != gid)]


def _whole(process: "Process", uid: int, gid: int, groups: list[int]) -> str:
    def shown(number: int, path: str) -> str:
        name = users.name_of(process.fs, path, number)
        return f"{number}({name})" if name else str(number)

    every = ",".join(shown(number, users.GROUP) for number in groups)
    return f"uid={shown(uid, users.PASSWD)} gid={shown(gid, users.GROUP)} groups={every}"


@program("whoami")
def whoami(process: "Process", argv: list[str]) -> "Run":
    """Print the user's name (whoami(1))."""
    _, operands = options(argv, "")
    extra_operand(operands, 0)
    name = users.name_of(process.fs, users.PASSWD, process.fs.uid)
    if name is None:
        raise Usage(f"cannot find name for user ID {process.fs.uid}", hint=False)
    yield from process.print(f"{name}\n")
    return 0


@program("hostname")
def hostname(process: "Process", argv: list[str]) -> "Run":
    """Print the machine's name, or for root set it (hostname(1) of Debian)."""
    found, operands = options(argv, "sfd", ["short", "fqdn", "long", "domain"])
    wishes = {option.lstrip("-")[0] for option, _ in found}
    if operands:
        if process.fs.uid:
            raise Usage("you must be root to change the host name", hint=False)
        process.space.hostname = operands[0]
        return 0
    name = process.space.hostname
    if "s" in wishes:
        name = name.partition(".")[0]
    elif "d" in wishes:
        name = name.partition(".")[2]
    yield from process.print(f"{name}\n" if name or "d" not in wishes else "")
    return 0


@program("uname")
def uname(process: "Process", argv: list[str]) -> "Run":
    """Print what the simulated machine is (uname(1))."""
    found, operands = options(argv, "asnrvmpio", UNAME_LONG)
    extra_operand(operands, 0)
    wishes = {UNAME_LONG.get(option[2:], option[1:]) for option, _ in found} or {"s"}
    known = {"s": "Linux", "n": process.space.hostname, "r": RELEASE, "v": VERSION, "m": "x86_64", "o": "GNU/Linux"}
    known |= {} if "a" in wishes else {"p": "unknown", "i": "unknown"}
    words = [known[letter] for letter in "snrvmpio" if letter in known and wishes & {letter, "a"}]
    yield from process.print(" ".join(words) + "\n")
    return 0

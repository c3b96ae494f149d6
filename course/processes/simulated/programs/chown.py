"""chown and chgrp: whose a file is."""

import re
import stat
from dataclasses import dataclass

from course.processes.simulated.process import Process, Run
from course.processes.simulated.programs import users
from course.processes.simulated.programs.operands import join
from course.processes.simulated.programs.quoting import quote, quoted
from course.processes.simulated.programs.registry import Steps, Usage, missing_operand, options, program
from course.union.filesystem import Stat, UnionFilesystem

SHORT = "RHLPcfhv"
LONG = ["recursive", "changes", "quiet", "silent", "verbose", "no-dereference", "dereference", "reference="]
MAX_ID = 2**32 - 2


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a file is to be: numbers (int, -1 leaves it) and the names for them (str, empty if nothing was asked)."""

    uid: int = -1
    gid: int = -1
    user: str = ""
    group: str = ""

    def described(self, user: str, group: str) -> str:
        """Return ``user`` and ``group`` (str) joined as far as both are to change (str)."""
        return ":".join(name for name, asked in ((user, self.user), (group, self.group)) if asked)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one call of chown or chgrp is to do: ``talk`` is "always" (-v), "changes" (-c) or empty (str)."""

    name: str
    owner: Owner
    recursive: bool
    follow: str  # with -R: which links to directories are entered, "P", "H" or "L"
    links: bool  # change links themselves
    silent: bool
    talk: str

    @property
    def what(self) -> str:
        """What changes, in words (str)."""
        return "group" if self.owner.group and not self.owner.user else "ownership"


@program("chown")
def chown(process: Process, argv: list[str]) -> Run:
    """Change the owner and group of files (chown(1)): -R with -H, -L, -P; -h, -v, -c, -f, --reference."""
    found, operands = options(argv, SHORT, LONG)
    references = [value for name, value in found if name == "--reference"]
    missing_operand(operands, 1 if references else 2)
    if references:
        return (yield from _all(process, _plan("chown", _reference(process, references[-1]), found), operands))
    spec, *files = operands
    owner, warning = _owner(process.fs, spec)
    if warning:
        yield from process.complain(f"chown: {warning}")
    return (yield from _all(process, _plan("chown", owner, found), files))


@program("chgrp")
def chgrp(process: Process, argv: list[str]) -> Run:
    """Change the group of files (chgrp(1)): the options of chown."""
    found, operands = options(argv, SHORT, LONG)
    references = [value for name, value in found if name == "--reference"]
    missing_operand(operands, 1 if references else 2)
    if references:
        owner = _reference(process, references[-1])
        owner = Owner(gid=owner.gid, group=owner.group)
        return (yield from _all(process, _plan("chgrp", owner, found), operands))
    group, *files = operands
    gid = _number(process.fs, users.GROUP, group) if group else -1
    if gid is None:
        raise Usage(f"invalid group: {quote(group)}", hint=False)
    return (yield from _all(process, _plan("chgrp", Owner(gid=gid, group=group), found), files))


def _plan(name: str, owner: Owner, found: list[tuple[str, str]]) -> Plan:
    flags = [option for option, _ in found]
    follow = [option[1] for option in flags if option in ("-H", "-L", "-P")]
    recursive = "-R" in flags or "--recursive" in flags
    links = [option for option in flags if option in ("-h", "--no-dereference", "--dereference")]
    physical = recursive and (not follow or follow[-1] == "P")
    if physical and links and links[-1] == "--dereference":
        raise Usage("-R --dereference requires either -H or -L", hint=False)
    return Plan(
        name,
        owner,
        recursive,
        follow[-1] if follow else "P",
        physical or (bool(links) and links[-1] != "--dereference"),
        bool({"-f", "--quiet", "--silent"} & set(flags)),
        "always" if {"-v", "--verbose"} & set(flags) else "changes" if {"-c", "--changes"} & set(flags) else "",
    )


def _reference(process: Process, path: str) -> Owner:
    try:
        found = process.fs.stat(path)
    except OSError as error:
        message = f"failed to get attributes of {quoted(path)}: {error.strerror}"
        raise Usage(message, hint=False) from error
    user, group = _names(process.fs, found)
    return Owner(found.st_uid, found.st_gid, user, group)


def _owner(fs: UnionFilesystem, spec: str) -> tuple[Owner, str]:
    """Return what ``spec`` asks for and a warning (pair: Owner, str).  Raises Usage."""
    try:
        return _split(fs, spec, ":"), ""
    except Usage:
        if ":" in spec or "." not in spec:
            raise
        try:
            return _split(fs, spec, "."), f"warning: '.' should be ':': {quote(spec)}"
        except Usage:
            pass
        raise


def _split(fs: UnionFilesystem, spec: str, separator: str) -> Owner:
    user, separated, group = spec.partition(separator)
    uid = _number(fs, users.PASSWD, user) if user else -1
    if uid is None:
        raise Usage(f"invalid user: {quote(spec)}", hint=False)
    if user and separated and not group:
        if users.number_of(fs, users.PASSWD, user) is None:
            raise Usage(f"invalid spec: {quote(spec)}", hint=False)
        gid = users.group_of(fs, uid)
        return Owner(uid, -1 if gid is None else gid, user, users.name_of(fs, users.GROUP, gid or 0) or str(gid))
    gid = _number(fs, users.GROUP, group) if group else -1
    if gid is None:
        raise Usage(f"invalid group: {quote(spec)}", hint=False)
    return Owner(uid, gid, user and _shown(user, uid), group and _shown(group, gid))


def _shown(name: str, number: int) -> str:
    """Return how messages call whom a command line calls ``name`` (str)."""
    return str(number) if name.startswith("+") else name


def _number(fs: UnionFilesystem, path: str, name: str) -> int | None:
    found = users.number_of(fs, path, name)
    if found is not None:
        return found
    number = re.fullmatch(r"\+?(\d+)", name, re.ASCII)
    return int(number[1]) if number and int(number[1]) <= MAX_ID else None


def _names(fs: UnionFilesystem, found: Stat) -> tuple[str, str]:
    return (
        users.name_of(fs, users.PASSWD, found.st_uid) or str(found.st_uid),
        users.name_of(fs, users.GROUP, found.st_gid) or str(found.st_gid),
    )


def _all(process: Process, plan: Plan, files: list[str]) -> Run:
    status = 0
    for file in files:
        if not (yield from _change(process, plan, file)):
            status = 1
    return status


def _change(process: Process, plan: Plan, path: str, operand: bool = True) -> Steps:
    """Change one file, after what lies in it; return whether all went well."""
    fs, fine = process.fs, True
    enters = plan.recursive and (plan.follow == "L" or (plan.follow == "H" and operand))
    try:
        found = fs.stat(path) if enters else fs.lstat(path)
    except OSError as error:
        return (yield from _failed(process, plan, path, f"cannot access {quoted(path)}", error))
    if plan.recursive and stat.S_ISDIR(found.st_mode):
        try:
            names = fs.listdir(path)
        except OSError as error:
            return (yield from _failed(process, plan, path, f"cannot read directory {quoted(path)}", error))
        for name in names:
            fine &= yield from _change(process, plan, join(path, name), operand=False)
    if stat.S_ISLNK(found.st_mode) and not plan.links:
        try:
            found = fs.stat(path)
        except OSError as error:
            return (yield from _failed(process, plan, path, f"cannot dereference {quoted(path)}", error, found))
    return fine & (yield from _set(process, plan, path, found))


def _set(process: Process, plan: Plan, path: str, old: Stat) -> Steps:
    change = process.fs.lchown if plan.links else process.fs.chown
    try:
        change(path, plan.owner.uid, plan.owner.gid)
    except OSError as error:
        return (yield from _failed(process, plan, path, f"changing {plan.what} of {quoted(path)}", error, old))
    owner = plan.owner
    same = owner.uid in (-1, old.st_uid) and owner.gid in (-1, old.st_gid)
    before = owner.described(*_names(process.fs, old))
    if plan.talk == "always" and same:
        kept = f" as {before}" if before else ""
        yield from process.print(f"{plan.what} of {quoted(path)} retained{kept}\n")
    elif plan.talk and not same:
        after = owner.described(owner.user, owner.group)
        yield from process.print(f"changed {plan.what} of {quoted(path)} from {before} to {after}\n")
    return True


def _failed(process: Process, plan: Plan, path: str, what: str, error: OSError, old: Stat | None = None) -> Steps:
    if not plan.silent:
        yield from process.complain(f"{plan.name}: {what}: {error.strerror}")
    if plan.talk == "always":
        owner = plan.owner
        origin = f" from {owner.described(*_names(process.fs, old))}" if old else ""
        after = owner.described(owner.user, owner.group)
        wish = f"{origin} to {after}" if after else ""
        yield from process.print(f"failed to change {plan.what} of {quoted(path)}{wish}\n")
    return False

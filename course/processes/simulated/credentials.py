"""Credentials: whom ``docker run -u`` means, by the container's own lists of users and groups."""

import re
from dataclasses import dataclass

from course.processes.simulated.programs.users import GROUP, PASSWD, accounts
from course.union.filesystem import UnionFilesystem

LARGEST = (1 << 31) - 1  # ids that runc takes


class UnknownUser(Exception):  # noqa: N818 (names the fact)
    """There is no such user or group: in runc's words."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who a process is: ``uid`` and ``gid`` (int), supplementary ``groups`` (tuple of int)."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()


def resolve(fs: UnionFilesystem, asked: str) -> Credentials:
    """Return the Credentials that ``asked`` (str, ``user[:group]``) means in ``fs`` (UnionFilesystem).

    Names and numbers are looked up in /etc/passwd and /etc/group; a number need not be there.  Without a group it is
    the user's own (0 if there is no such user), and those that list the user are supplementary.  Raises UnknownUser.
    Rule: runc's libcontainer/user, GetExecUser.

    >>> from course.layers.layer import Layer
    >>> fs = UnionFilesystem([Layer.of({"/etc/passwd": "me:x:5:6::/:\\n", "/etc/group": "mail:x:8:me\\n"})])
    >>> resolve(fs, "me"), resolve(fs, "7:mail")
    (Credentials(uid=5, gid=6, groups=(8,)), Credentials(uid=7, gid=8, groups=()))
    """
    user, _colon, rest = asked.partition(":")
    group = rest.split(":")[0]
    found = next((fields for fields in accounts(fs, PASSWD) if _is_meant(fields, user or "0")), [])
    if found:
        uid, gid = _integer(found[2]) or 0, _integer(found[3]) or 0 if len(found) > 3 else 0
    elif user:
        uid, gid = _number(user, f"unable to find user {user}: no matching entries in passwd file"), 0
    else:
        uid = gid = 0
    if group:
        numbers = [_integer(fields[2]) or 0 for fields in accounts(fs, GROUP) if _is_meant(fields, group)]
        missing = f"unable to find group {group}: no matching entries in group file"
        return Credentials(uid, numbers[0] if numbers else _number(group, missing))
    listed = (fields for fields in accounts(fs, GROUP) if found and len(fields) > 3)
    return Credentials(
        uid, gid, tuple(_integer(fields[2]) or 0 for fields in listed if found[0] in fields[3].split(","))
    )


def home(fs: UnionFilesystem, uid: int) -> str:
    """Return the home directory (str) of the user ``uid`` (int), which is ``/`` if none is known."""
    homes = (fields[5] for fields in accounts(fs, PASSWD) if len(fields) > 5 and _is_meant(fields, str(uid)))
    return next(homes, "/") or "/"


def _is_meant(fields: list[str], asked: str) -> bool:
    return fields[0] == asked or (fields[2].lstrip("0") or "0") == str(_integer(asked))


def _number(text: str, missing: str) -> int:
    """Return the id that ``text`` is (int).  Raises UnknownUser: it is no number (``missing``), or too large."""
    number = _integer(text)
    if number is None:
        raise UnknownUser(missing)
    if not 0 <= number <= LARGEST:
        raise UnknownUser(f"uids and gids must be in range 0-{LARGEST}")
    return number


def _integer(text: str) -> int | None:
    """Return the number (int) that Go's strconv.Atoi reads, or None: it is none, or has more than 64 bits."""
    if not re.fullmatch("[+-]?[0-9]{1,300}", text) or not -(1 << 63) <= int(text) < 1 << 63:
        return None
    return int(text)

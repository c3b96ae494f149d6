"""Accounts: whom ``docker run -u`` means, by the container's own lists of users and groups (passwd(5), group(5))."""

LARGEST = (1 << 31) - 1  # ids that runc takes
PASSWD = "/etc/passwd"  # noqa: S105 (a path)
GROUP = "/etc/group"


class UnknownUser(Exception):  # noqa: N818 (names the fact)
    """There is no such user or group: in runc's words."""


class Credentials:
    """Who a process is: ``uid`` and ``gid`` (int), supplementary ``groups`` (tuple of int)."""

    __slots__ = ("gid", "groups", "uid")

    def __init__(self, uid: int, gid: int, groups: tuple[int, ...] = ()) -> None:
        self.uid, self.gid, self.groups = uid, gid, groups

    def __repr__(self) -> str:
        return f"Credentials({self.uid}, {self.gid}, {self.groups})"


def accounts(content: bytes) -> list[list[str]]:
    """Return the fields (list of str) of each account that a list (bytes) has; other lines are passed over.

    >>> accounts(b"root:x:0:0::/root:/bin/sh\\n# a remark\\n")
    [['root', 'x', '0', '0', '', '/root', '/bin/sh']]
    """
    lines = (line.split(":") for line in content.decode("utf-8", "surrogateescape").split("\n"))
    return [fields for fields in lines if len(fields) >= 3 and fields[2].isdecimal()]


def resolve(passwd: bytes, group: bytes, asked: str) -> Credentials:
    """Return the Credentials that ``asked`` (str, ``user[:group]``) means by two lists (bytes).

    Names and numbers are looked up; a number need not be there.  Without a group it is the user's own (0 if there is no
    such user), and those that list the user are supplementary.  Raises UnknownUser.
    Rule: runc's libcontainer/user, GetExecUser.

    >>> passwd, group = b"me:x:5:6::/:\\n", b"mail:x:8:me\\n"
    >>> resolve(passwd, group, "me"), resolve(passwd, group, "7:mail")
    (Credentials(5, 6, (8,)), Credentials(7, 8, ()))
    """
    user, _colon, rest = asked.partition(":")
    wanted = rest.split(":")[0]
    found = next((fields for fields in accounts(passwd) if _is_meant(fields, user or "0")), [])
    if found:
        uid, gid = _integer(found[2]) or 0, _integer(found[3]) or 0 if len(found) > 3 else 0
    elif user:
        uid, gid = _number(user, f"unable to find user {user}: no matching entries in passwd file"), 0
    else:
        uid = gid = 0
    groups = accounts(group)
    if wanted:
        numbers = [_integer(fields[2]) or 0 for fields in groups if _is_meant(fields, wanted)]
        missing = f"unable to find group {wanted}: no matching entries in group file"
        return Credentials(uid, numbers[0] if numbers else _number(wanted, missing))
    listed = (fields for fields in groups if found and len(fields) > 3)
    return Credentials(
        uid, gid, tuple(_integer(fields[2]) or 0 for fields in listed if found[0] in fields[3].split(","))
    )


def home(passwd: bytes, uid: int) -> str:
    """Return the home directory (str) of the user ``uid`` (int), which is ``/`` if none is known.

    >>> home(b"me:x:5:6::/home/me:\\n", 5), home(b"", 5)
    ('/home/me', '/')
    """
    homes = (fields[5] for fields in accounts(passwd) if len(fields) > 5 and _is_meant(fields, str(uid)))
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
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 300:
        return None
    number = int(text)
    return number if -(1 << 63) <= number < 1 << 63 else None

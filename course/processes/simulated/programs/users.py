"""Users and groups by name: what the simulated file system's /etc/passwd and /etc/group say."""

from typing import TYPE_CHECKING

from course.processes.accounts import GROUP as GROUP
from course.processes.accounts import PASSWD as PASSWD
from course.processes.accounts import accounts as fields_of
from course.union import flags

if TYPE_CHECKING:
    from course.union.filesystem import UnionFilesystem


def content_of(fs: "UnionFilesystem", path: str) -> bytes:
    """Return what the file ``path`` (str) holds (bytes): nothing, if it cannot be read."""
    try:
        file = fs.open_file(path, flags.O_RDONLY)
    except OSError:
        return b""
    data = b""
    while part := file.read(65536):
        data += part
    return data


def accounts(fs: "UnionFilesystem", path: str) -> list[list[str]]:
    """Return the fields (list of str) of each account in ``path`` (str, PASSWD or GROUP); none if it is not there."""
    return fields_of(content_of(fs, path))


def name_of(fs: "UnionFilesystem", path: str, number: int) -> str | None:
    """Return the name (str) of the user or group with this ``number`` (int), or None."""
    return next((fields[0] for fields in accounts(fs, path) if int(fields[2]) == number), None)


def number_of(fs: "UnionFilesystem", path: str, name: str) -> int | None:
    """Return the number (int) of the user or group called ``name`` (str), or None."""
    return next((int(fields[2]) for fields in accounts(fs, path) if fields[0] == name), None)


def group_of(fs: "UnionFilesystem", uid: int) -> int | None:
    """Return the number (int) of the login group of the user ``uid`` (int), or None if there is no such user."""
    found = (int(f[3]) for f in accounts(fs, PASSWD) if int(f[2]) == uid and len(f) > 3 and f[3].isdecimal())
    return next(found, None)


def memberships(fs: "UnionFilesystem", name: str) -> list[int]:
    """Return the numbers (list of int) of the groups that list the user ``name`` (str) as a member."""
    return [int(f[2]) for f in accounts(fs, GROUP) if len(f) > 3 and name in f[3].split(",")]

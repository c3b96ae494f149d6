"""Credentials: whom ``docker run -u`` means, by the lists of users and groups that a simulated file system has."""

from course.processes import accounts
from course.processes.accounts import GROUP, PASSWD, Credentials
from course.processes.simulated.programs.users import content_of
from course.union.filesystem import UnionFilesystem


def resolve(fs: UnionFilesystem, asked: str) -> Credentials:
    """Return the Credentials that ``asked`` (str, ``user[:group]``) means in ``fs``, as ``accounts.resolve`` does.

    >>> from course.layers.layer import Layer
    >>> fs = UnionFilesystem([Layer.of({"/etc/passwd": "me:x:5:6::/:\\n", "/etc/group": "mail:x:8:me\\n"})])
    >>> resolve(fs, "me"), resolve(fs, "7:mail")
    (Credentials(5, 6, (8,)), Credentials(7, 8, ()))
    """
    return accounts.resolve(content_of(fs, PASSWD), content_of(fs, GROUP), asked)


def home(fs: UnionFilesystem, uid: int) -> str:
    """Return the home directory (str) of the user ``uid`` (int), which is ``/`` if none is known."""
    return accounts.home(content_of(fs, PASSWD), uid)

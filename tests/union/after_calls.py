"""A union after some calls were made in it, each by whoever makes it."""

import stat

from kernel.calls import ROOT, run

from course.union.filesystem import UnionFilesystem


def after(layers, calls, upper=None):
    """Return a union over ``layers`` (UnionFilesystem) after ``calls`` (list of Call); the caller is root again.

    ``upper`` is what was written before (ReadWriteLayer, or None).
    """
    filesystem = UnionFilesystem(layers, upper)

    def act_as(user):
        filesystem.uid, filesystem.gid, filesystem.groups = user.uid, user.gid, frozenset(user.groups)

    run(filesystem, calls, act_as)
    act_as(ROOT)
    return filesystem


def without_sockets(calls):
    """Return the calls but those that make a socket, which no layer can hold."""
    return [call for call in calls if not (call.name == "mknod" and stat.S_ISSOCK(call.arguments[1]))]

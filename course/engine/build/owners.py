"""``--chown``: who owns what COPY and ADD write, by number or by name."""

from course.engine.build.refusal import CopyError
from course.union.view import UnionView

LARGEST = 2**32 - 2  # the last user that Linux knows: chown(2)


def owner(text: str, image: UnionView, *, buildkit: bool = False) -> tuple[int, int]:
    """Return user and group (two int) that ``text`` (str, ``USER`` or ``USER:GROUP``) means in ``image`` (UnionView).

    Names are those of the image's /etc/passwd and /etc/group; without a group, it is the one named as the user.  For
    ``buildkit`` (bool) it is the user's own then, and a name that nobody has means root.  Raises CopyError.
    Rule: Dockerfile reference, "COPY --chown --chmod"; buildkit, solver/llbsolver/file/user_linux.go.

    >>> from course.layers.layer import Layer
    >>> files = {"/etc/passwd": "app:x:1000:50::/:/bin/sh\\n", "/etc/group": "app:x:1001:\\n"}
    >>> owner("app", UnionView([Layer.of(files)])), owner("7:8", UnionView([]))
    ((1000, 1001), (7, 8))
    """
    user, *groups = text.split(":")
    if len(groups) > 1 or not user:
        raise _refused(f"invalid chown string format: {text}")
    if buildkit:
        return _leniently(user, groups, image)
    return _number(user, "/etc/passwd", "user", image), _number(
        groups[0] if groups else user, "/etc/group", "group", image
    )


def _leniently(user: str, groups: list[str], image: UnionView) -> tuple[int, int]:
    try:
        uid = _number(user, "/etc/passwd", "user", image)
        gid = uid if user.isdigit() else _field(user, "/etc/passwd", image, 3)
    except CopyError:
        uid = gid = 0
    try:
        return uid, _number(groups[0], "/etc/group", "group", image) if groups else gid
    except CopyError:
        return uid, gid


def _field(name: str, file: str, image: UnionView, at: int) -> int:
    line = next(line for line in image.read(file).decode("utf-8", "replace").split("\n") if line.startswith(f"{name}:"))
    number = (line.split(":") + [""] * 4)[at]
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 10 else 0


def _number(name: str, file: str, kind: str, image: UnionView) -> int:
    reason = f"can't find {kind[0]}id for {kind} {name}: "
    if name.isascii() and name.isdigit():
        if len(name) > 10 or int(name) > LARGEST:
            raise _refused(f"{reason}no such {kind}: {name}")
        return int(name)
    try:
        lines = image.read(file).decode("utf-8", "replace").split("\n")
    except OSError as error:
        raise _refused(f"{reason}open {file}: no such file or directory") from error
    for line in lines:
        found, _password, number, *_rest = (*line.split(":"), "", "")
        if found == name and number.isascii() and number.isdigit() and len(number) <= 10:
            return int(number)
    raise _refused(f"{reason}no such {kind}: {name}")


def _refused(reason: str) -> CopyError:
    return CopyError(f"unable to convert uid/gid chown string to host mapping: {reason}")

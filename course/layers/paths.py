"""Paths inside an image: always from the root, ``/etc/motd``; bytes that are not UTF-8 kept as surrogates."""

ROOT = "/"


def normal(path: str) -> str:
    """Return ``path`` (str) in its one form: from the root, no ``.``, no empty parts, no slash at the end.

    Raises ValueError for ``..`` and for NUL bytes, which no path inside a layer may hold.

    >>> normal("etc//./motd/"), normal(""), normal(".")
    ('/etc/motd', '/', '/')
    """
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise ValueError("'..' in a path")
    if "\0" in path:
        raise ValueError("a NUL byte in a path")
    return "/" + "/".join(parts)


def parent(path: str) -> str:
    """Return the directory (str) that holds ``path`` (str, normal); the root holds itself.

    >>> parent("/etc/motd"), parent("/etc"), parent("/")
    ('/etc', '/', '/')
    """
    return path[: path.rfind("/")] or ROOT


def name(path: str) -> str:
    """Return the last part (str) of ``path`` (str, normal); the root's is empty.

    >>> name("/etc/motd"), name("/")
    ('motd', '')
    """
    return path[path.rfind("/") + 1 :]


def join(directory: str, child: str) -> str:
    """Return the path (str) of the entry named ``child`` (str) in ``directory`` (str, normal).

    >>> join("/etc", "motd"), join("/", "etc")
    ('/etc/motd', '/etc')
    """
    return directory + child if directory == ROOT else f"{directory}/{child}"


def ancestors(path: str) -> list[str]:
    """Return every directory above ``path`` (str, normal), the root first (list of str).

    >>> ancestors("/usr/bin/env")
    ['/', '/usr', '/usr/bin']
    """
    if path == ROOT:
        return []
    parts = path.split("/")
    return [ROOT] + ["/".join(parts[:depth]) for depth in range(2, len(parts))]

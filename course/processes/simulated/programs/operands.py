"""Operands: paths as they are given on a command line, put together and taken apart as GNU programs do."""


def join(directory: str, name: str) -> str:
    """Return the path (str) of ``name`` (str) in ``directory`` (str).

    >>> join("a", "b"), join("/", "b"), join("a/", "b")
    ('a/b', '/b', 'a/b')
    """
    return directory + name if directory.endswith("/") else f"{directory}/{name}"


def bare(path: str) -> str:
    """Return ``path`` (str) without the slashes at its end (str); the root keeps one.

    >>> bare("a/b//"), bare("//")
    ('a/b', '/')
    """
    return path.rstrip("/") or path[:1]


def last(path: str) -> str:
    """Return the last part (str) of ``path`` (str), slashes at the end left out.

    >>> last("a/b/"), last("/"), last("a")
    ('b', '/', 'a')
    """
    stripped = bare(path)
    return stripped if stripped == "/" else stripped.rpartition("/")[2]


def above(path: str) -> str:
    """Return the directory part (str) of ``path`` (str), as dirname(1).

    >>> above("a/b"), above("a"), above("/a"), above("a//b/")
    ('a', '.', '/', 'a')
    """
    stripped = bare(path)
    head = stripped.rpartition("/")[0]
    return head.rstrip("/") or ("/" if stripped.startswith("/") else ".")

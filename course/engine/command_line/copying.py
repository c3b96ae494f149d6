"""``docker cp``: files of the host into a container, and files of a container to the host."""

import posixpath
from collections.abc import Mapping
from dataclasses import replace

from course.engine.command_line.task import ClientError, Task, refusal
from course.errors import DockerError
from course.layers import paths
from course.layers.archive import layer_tar
from course.layers.entry import FileEntry
from course.layers.layer import Layer

BY_CLIENT = ("cannot copy directory", "no such directory", "destination ")


def cp(task: Task) -> None:
    """Carry out ``docker cp``.  Rule: docker/cli, cli/command/container/cp.go."""
    source, target = task.operands
    (from_container, from_path), (to_container, to_path) = _place(source), _place(target)
    if from_container and to_container:
        raise ClientError("copying between containers is not supported")
    if not from_container and not to_container:
        raise ClientError("must specify at least one container source")
    try:
        if from_container:
            _out(task, from_container, from_path, target)
        else:
            _in(task, source, to_container, to_path)
    except DockerError as error:
        message = str(error)
        if isinstance(error, ClientError) or message.startswith(BY_CLIENT):
            raise ClientError(message) from error
        if message == f"No such container: {from_container or to_container}":
            where = from_path if from_container else posixpath.dirname(to_path.rstrip("/")) or "/"
            message = f"No such container:path: {from_container or to_container}:{where}"
        raise ClientError(refusal(message, "No such container:path")) from error


def _place(text: str) -> tuple[str, str]:
    """Return container and path (pair of str) of an operand; the container is empty for a path of the host."""
    if text.startswith(("/", ".", "-")):
        return "", text
    container, colon, path = text.partition(":")
    return (container, path) if colon else ("", text)


def _out(task: Task, container: str, path: str, target: str) -> None:
    found = task.engine.cp_from(container, path, **task.options("follow_link"))
    if target == "-":
        task.write(b"".join(layer_tar(found)))
        return
    world = task.world
    top = _top(found)
    is_contents = path.endswith("/.") or path == "."
    there = world.is_directory(target)
    is_directory = found.entries[top].is_directory
    above = posixpath.dirname(target.rstrip("/")) or "."
    if there is None and target.endswith("/") and not is_directory:
        raise ClientError("no such directory")
    if there is None and not world.is_directory(above):
        raise ClientError(f'invalid output path: directory "{world.absolute(above)}" does not exist')
    if there is False and is_directory:
        raise ClientError("cannot copy directory")
    if there is True and not is_contents:
        world.place(target, found.entries)
        return
    folder, name = (target, "") if there is True else (above, posixpath.basename(target.rstrip("/")))
    world.place(folder, renamed(found.entries, top, name))


def _in(task: Task, source: str, container: str, path: str) -> None:
    engine = task.engine
    if source == "-":
        _unpack(task, container, path)
        return
    try:
        found = task.world.tree(source, bool(task.option("follow_link")))
    except OSError as error:
        raise ClientError(f"lstat {task.world.absolute(source)}: {(error.strerror or '').lower()}") from error
    if not found.entries:
        raise ClientError("archive/tar: sockets not supported")
    if posixpath.basename(source) in ("", ".") and not found.entries[_top(found)].is_directory:
        raise ClientError("not a directory")
    is_contents = source.endswith("/.") or source == "."
    engine.cp_to(container, path, found, contents=is_contents)


def _unpack(task: Task, container: str, path: str) -> None:
    """Put what is in the tar that comes on standard input into a directory of a container."""
    from course.transport.plain_tar import read_tar

    task.engine.cp_tar(container, path, read_tar(task.stdin or b"", "-"))


def _top(layer: Layer) -> str:
    return min(layer.entries, key=lambda name: (name.count("/"), name))


def renamed(entries: Mapping[str, FileEntry], top: str, name: str) -> dict[str, FileEntry]:
    """Return ``entries`` (mapping of path to FileEntry) with ``name`` (str) in place of ``top`` (str).

    Without a name, what is in the directory ``top`` is at the top itself.
    """

    def moved(path: str) -> str:
        return paths.normal(f"/{name}/{path[len(top.rstrip('/')) :]}")

    return {
        moved(path): replace(entry, link_to=moved(entry.link_to) if entry.link_to else "")
        for path, entry in entries.items()
        if name or path != top
    }

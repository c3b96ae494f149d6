"""``docker save``, ``load``, ``export`` and ``import``: archives of images, and of a container's files."""

import posixpath

from course.engine.command_line.task import ClientError, Task
from course.engine.finding import named
from course.errors import DockerError, ImageError
from course.layers.archive import layer_tar
from course.layers.reference import InvalidReference, Reference
from course.words import _

TERMINAL = "cowardly refusing to save to a terminal. Use the -o flag or redirect"

NO_TAR = (
    "Error processing tar file(exit status 1): unexpected EOF"  # what docker says of any archive that it cannot read
)


def save(task: Task) -> None:
    """Carry out ``docker save``: the archive is in the form that docker 20.10 writes."""
    from course.transport.writing import archive

    if task.is_terminal and not task.option("output"):
        raise ClientError(TERMINAL)
    try:
        saved = task.engine.save(*task.operands)
    except DockerError as error:
        missing = {f"No such image: {named(word)}": f"No such image: {word}" for word in task.operands}
        raise DockerError(missing.get(str(error), str(error))) from error
    _hand_out(task, b"".join(archive(saved, "docker-archive")))


def export(task: Task) -> None:
    """Carry out ``docker export``."""
    if task.is_terminal and not task.option("output"):
        raise ClientError(TERMINAL)
    _hand_out(task, b"".join(layer_tar(task.engine.export(task.operands[0]))))


def _hand_out(task: Task, data: bytes) -> None:
    path = task.option("output", "")
    if not path:
        task.write(data)
        return
    if task.world.is_directory(path):
        raise ClientError(f'failed to save image: invalid output path: "{path}" is a directory')
    above = posixpath.dirname(path) or "."
    if not task.world.is_directory(above):
        raise ClientError(f'failed to save image: invalid output path: directory "{above}" does not exist')
    task.world.write(path, [data])


def load(task: Task) -> None:
    """Carry out ``docker load``."""
    from course.transport.reading import open_images

    path = task.option("input", "")
    if not path and task.stdin is None:
        raise ClientError("requested load from stdin, but stdin is empty")
    data = task.world.read(path) if path else task.stdin or b""
    try:
        images = open_images(data, where=path or "-")
    except ImageError as error:
        raise ClientError(f"{NO_TAR}\n{error}") from error
    for line in task.engine.load(images):
        task.say(line)


def import_(task: Task) -> None:
    """Carry out ``docker import``."""
    from course.transport.plain_tar import read_tar

    source, *names = task.operands
    reference = names[0] if names else ""
    if "://" in source:
        raise ClientError(_("an import from an address is not simulated here: give a file"))
    data = (task.stdin or b"") if source == "-" else task.world.read(source)
    try:
        if reference:
            Reference.parse(reference)
        layer = read_tar(data, source)
    except InvalidReference as error:
        raise ClientError(str(error)) from error
    except ImageError as error:
        raise DockerError(f"{NO_TAR}\n{error}") from error
    task.say(task.engine.import_(layer, reference, **task.options("message", "change")))

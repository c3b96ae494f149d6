"""The commands on images that are here, and the one that makes an image of a container."""

from course.engine.command_line.prompting import confirmed, reclaimed
from course.engine.command_line.rows import history_row, image_row
from course.engine.command_line.tables import HISTORY, IMAGES, IMAGES_WITH_DIGESTS
from course.engine.command_line.task import ClientError, Task
from course.engine.finding import named
from course.engine.pruning import Pruned
from course.engine.removing_images import UNTAGGED
from course.errors import DockerError
from course.layers.reference import InvalidReference, Reference


def images(task: Task) -> None:
    """Carry out ``docker images``."""
    digests = bool(task.option("digests")) or ".Digest" in task.option("format", "")
    found = task.engine.images(*task.operands, filter=task.filters, digests=digests, **task.options("all"))
    truncate = not task.option("no_trunc")
    rows = [image_row(task.engine, row, truncate) for row in found]
    if task.option("quiet") and not task.option("format"):
        for row in rows:
            task.say(row["ID"])
        return
    task.table(IMAGES, rows, task.option("format", "") or (IMAGES_WITH_DIGESTS if digests else ""))


def history(task: Task) -> None:
    """Carry out ``docker history``."""
    truncate, human = not task.option("no_trunc"), task.option("human", True)
    rows = [history_row(task.engine, row, truncate, human) for row in task.engine.history(task.operands[0])]
    task.table(HISTORY, rows, task.option("format", "") or (HISTORY.quiet if task.option("quiet") else ""))


def tag(task: Task) -> None:
    """Carry out ``docker tag``."""
    source, target = task.operands
    for name in (target, source):
        try:
            if name == target or not task.engine.find_image(name):
                Reference.parse(name)
        except (InvalidReference, DockerError) as error:
            if name == target:
                raise ClientError(
                    f'Error parsing reference: "{name}" is not a valid repository/tag: {error}'
                ) from error
            raise ClientError(str(error)) from error
    _refuse_digest(target)
    task.engine.tag(source, target)


def _refuse_digest(name: str) -> None:
    """Refuse a digest in a ``name`` (str) that someone is to choose.  Raises ClientError, InvalidReference."""
    if Reference.parse(name).digest:
        raise ClientError("refusing to create a tag with a digest reference")


def commit(task: Task) -> None:
    """Carry out ``docker commit``."""
    try:
        _refuse_digest(task.operands[1] if len(task.operands) > 1 else "a")
    except InvalidReference as error:
        raise ClientError(str(error)) from error
    task.say(task.engine.commit(*task.operands, **task.options("author", "message", "change", "pause")))


def rmi(task: Task) -> None:
    """Carry out ``docker rmi``."""
    removed, refusals = task.each(lambda: task.engine.rmi(*task.operands, **task.options("force", "no_prune")))
    status = task.status
    missing = {f"No such image: {named(word)}": f"No such image: {word}" for word in task.operands}
    task.done(removed, [missing.get(message, message) for message in refusals], "No such image")
    task.status = status


def prune(task: Task) -> None:
    """Carry out ``docker image prune``."""
    warning = "This will remove all dangling images."
    if task.option("all"):
        warning = "This will remove all images without at least one container associated to them."
    wanted = task.filters
    pruned = Pruned((), 0)
    if confirmed(task, warning):
        pruned = task.engine.image_prune(filter=wanted, **task.options("all"))
    tell_removed(task, pruned)
    reclaimed(task, pruned.reclaimed)


def tell_removed(task: Task, pruned: Pruned) -> None:
    """Say what a prune did to images (Pruned)."""
    if pruned.removed:
        lines = [
            f"{'untagged' if removal.kind == UNTAGGED else 'deleted'}: {removal.what}" for removal in pruned.removed
        ]
        task.say("\n".join(["Deleted Images:", *lines, ""]))

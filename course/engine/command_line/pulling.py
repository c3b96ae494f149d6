"""``docker pull`` and ``push``, and the pull that ``docker run`` begins with when the image is not here."""

import re

from course.engine.command_line.task import DAEMON, ClientError, Task
from course.engine.finding import named
from course.errors import DockerError
from course.layers.reference import DOCKER_HUB, InvalidReference, Reference
from course.layers.small_image import small_images
from course.words import _

NOT_THERE = re.compile(r"(?:pull access denied|manifest) for (\S+?)(?:,| not found)")


def pull(task: Task) -> None:
    """Carry out ``docker pull``."""
    try:
        Reference.parse(task.operands[0])
    except InvalidReference as error:
        raise ClientError(str(error)) from error
    try:
        task.say(task.engine.pull(task.operands[0], **task.options("all_tags", "quiet")))
    except DockerError as error:
        if str(error).startswith("tag can't be used"):
            raise ClientError(str(error)) from error
        reference = Reference.parse(task.operands[0])
        if not reference.tag and not reference.digest and not task.option("all_tags") and not task.option("quiet"):
            task.say("Using default tag: latest")
        raise DockerError(with_names(str(error)), error.status) from error


def with_names(told: str, reason: str = "") -> str:
    """Return what is ``told`` (str) and, if an image is not there to be pulled, the names of those that are (str).

    ``reason`` is the engine's refusal (str; empty: it is what is told).

    >>> print(with_names("pull access denied for alpine, repository does not exist"))  # doctest: +ELLIPSIS
    pull access denied for alpine, repository does not exist
    Docker Hub is simulated here, with these images: base:1, ...
    """
    wanted = NOT_THERE.search(reason or told)
    if wanted is None or Reference.parse(wanted[1]).domain != DOCKER_HUB:
        return told
    note = _("Docker Hub is simulated here, with these images: {names}").format(names=", ".join(small_images()))
    return f"{told}\n{note}"


def push(task: Task) -> None:
    """Carry out ``docker push``."""
    word = task.operands[0]
    try:
        reference = Reference.parse(word)
    except InvalidReference as error:
        raise ClientError(str(error)) from error
    try:
        task.say(task.engine.push(word, **task.options("all_tags", "quiet")))
    except DockerError as error:
        if str(error).startswith(("tag can't be used", "cannot push a digest")):
            raise ClientError(str(error)) from error
        if not task.option("quiet"):
            if not reference.tag and not task.option("all_tags"):
                task.say("Using default tag: latest")
            task.say(f"The push refers to repository [{reference.name}]")
        raise ClientError(str(error)) from error


def fetched(task: Task, image: str, policy: str) -> None:
    """Pull ``image`` (str) for a new container, if the ``policy`` asks for it (``always``, ``missing``, ``never``).

    What docker says of it goes to standard error.  Raises DockerError.
    """
    prefix, status, end = ("docker: ", 125, f".\nSee 'docker {task.does} --help'.")
    try:
        missing = task.engine.find_image(image) is None
    except DockerError as error:
        raise ClientError(f"{prefix}{error}{end}", status) from error
    if task.does != "run":  # `docker create` says the same in fewer words
        prefix, status, end = "", 1, ""
    if policy not in ("always", "missing"):
        if missing:
            raise ClientError(f"{prefix}{DAEMON}No such image: {named(image)}{end}", status)
        return
    if not missing and policy == "missing":
        return
    if policy == "missing":
        task.complain(f"Unable to find image '{named(image)}' locally")
    try:
        lines = task.engine.pull(image).split("\n")
    except DockerError as error:
        told = f"{prefix}{DAEMON}{str(error).removesuffix('.')}{end}"
        raise ClientError(with_names(told, str(error)), status) from error
    task.complain("\n".join(line for line in lines[:-1] if not line.startswith("Using default tag")))

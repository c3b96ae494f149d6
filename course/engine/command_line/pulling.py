"""``docker pull`` and ``push``, and the pull that ``docker run`` begins with when the image is not here."""

from course.engine.command_line.task import DAEMON, ClientError, Task
from course.engine.finding import named
from course.errors import DockerError
from course.layers.reference import InvalidReference, Reference


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
        raise


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
        raise ClientError(f"{prefix}{DAEMON}{str(error).removesuffix('.')}{end}", status) from error
    task.complain("\n".join(line for line in lines[:-1] if not line.startswith("Using default tag")))

"""The question that docker asks before it removes what nothing needs."""

from course.engine.command_line.task import Task, encoded
from course.engine.command_line.units import size
from course.words import _


def confirmed(task: Task, warning: str) -> bool:
    """Ask whether to go on, unless ``--force`` says so, and tell (bool) what was typed; nothing typed means no.

    Rule: docker/cli, cli/command/utils.go, PromptForConfirmation.
    """
    if task.option("force"):
        return True
    task.write(encoded(f"WARNING! {warning}\nAre you sure you want to continue? [y/N] "))
    if task.stdin is None:
        task.complain(_("Nobody answers here, which docker takes for no; with `-f` it does not ask."))
    answer = (task.stdin or b"").split(b"\n")[0].decode("utf-8", "replace")
    return answer.strip().lower() == "y"


def reclaimed(task: Task, count: int) -> None:
    """Say how many bytes (int) were given back."""
    task.say(f"Total reclaimed space: {size(count, 4)}")

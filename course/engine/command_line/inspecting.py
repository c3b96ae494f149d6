"""``docker inspect``, of all kinds: JSON as docker indents it, or what a template makes of it."""

import json
from typing import Any

from course.engine.command_line.go_values import described
from course.engine.command_line.task import ClientError, Task, refusal
from course.engine.command_line.template_tokens import TemplateError
from course.engine.command_line.templates import Template

KINDS = ("container", "image", "network", "volume")
CANNOT_READ = 64  # the exit status for a template that cannot be read


def inspect(task: Task) -> None:
    """Carry out ``docker inspect`` and those of one kind: what is there is shown, and then what is not there named."""
    kind = task.does.split()[0] if " " in task.does else task.option("type", "")
    if kind and kind not in KINDS:
        raise ClientError(f'"{kind}" is not a valid value for --type')
    form = task.option("format", "")
    template = _template(form) if form and form != "json" else None
    documents, refusals = task.each(lambda: task.engine.inspect(*task.operands, type=kind))
    if task.option("size"):
        documents = [_with_size(task, document) for document in documents]
    errors = [refusal(message, "No such") for message in refusals]
    if template:
        errors = _rendered(task, template, documents) + errors
    elif form:
        task.say(json.dumps(list(documents), ensure_ascii=False, separators=(",", ":")))
    else:
        task.say(json.dumps(list(documents), ensure_ascii=False, indent=4))
    if errors:
        raise ClientError("\n".join(errors))


def _template(form: str) -> Template:
    try:
        return Template(form)
    except TemplateError as error:
        raise ClientError(f"template parsing error: {error}", CANNOT_READ) from None


def _rendered(task: Task, template: Template, documents: Any) -> list[str]:
    """Write what a template makes of each document; return why it made nothing of some (list of str)."""
    errors, lines = [], []
    for document in documents:
        try:
            lines.append(template.render(described(document)))
        except TemplateError as error:
            errors.append(f"template parsing error: {error}")
    task.say("\n".join(lines))
    return errors


def _with_size(task: Task, document: dict[str, Any]) -> dict[str, Any]:
    container = task.engine.containers.get(document["Id"]) if "HostConfig" in document else None
    if container is None:
        return document
    written = container.written.freeze().size
    below = sum(layer.size for layer in container.layers)
    sized: dict[str, Any] = {}
    for key, value in document.items():
        sized[key] = value
        if key == "HostConfig":
            sized |= {"SizeRw": written, "SizeRootFs": written + below}
    return sized

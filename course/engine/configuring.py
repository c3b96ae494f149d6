"""How a container is to run: what the image says, with what the options of ``docker create`` say on top."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from course.engine.records import Container
from course.errors import DockerError
from course.processes.runtime import ProcessSpec

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")


def merged(image: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a container's config (dict): ``own``, and where that says nothing what the ``image`` says (mappings).

    Variables, labels, ports and volumes of both count.  An entrypoint of its own leaves the image's command out.
    Rule: moby, daemon/commit.go, merge.

    >>> merged({"Env": ["A=1", "B=1"], "Cmd": ["sh"]}, {"Env": ["A=2"], "Entrypoint": ["echo"]})
    {'Env': ['A=2', 'B=1'], 'Entrypoint': ['echo']}
    """
    config = {name: value for name, value in own.items() if value or name in ("Entrypoint", "StopTimeout")}
    if "Entrypoint" not in config:
        if not config.get("Cmd") and image.get("Cmd"):
            config["Cmd"] = list(image["Cmd"])
        if image.get("Entrypoint"):
            config["Entrypoint"] = list(image["Entrypoint"])
    elif not config["Entrypoint"]:
        del config["Entrypoint"]
    if env := with_defaults(own.get("Env") or (), image.get("Env") or ()):
        config["Env"] = env
    for name in ("Labels", "ExposedPorts", "Volumes"):
        if both := {**(image.get(name) or {}), **(own.get(name) or {})}:
            config[name] = both
    for name in ("User", "WorkingDir", "StopSignal", "Healthcheck", "Shell"):
        if image.get(name) and not config.get(name):
            config[name] = image[name]
    return config


def with_defaults(own: Iterable[str], defaults: Iterable[str]) -> list[str]:
    """Return variables (list of ``NAME=value``): ``own``, then those of ``defaults`` whose name is not among them."""
    variables = list(own)
    names = {variable.partition("=")[0] for variable in variables}
    return variables + [variable for variable in defaults if variable.partition("=")[0] not in names]


def process_of(container: Container, stdin: bytes | None = None) -> ProcessSpec:
    """Return the first process of ``container`` (Container) as a runtime starts it (ProcessSpec).

    ``stdin`` is all that it will read (bytes); None is what nobody types: nothing, or what never ends (``-i``, ``-t``).
    """
    config = container.config
    terminal = bool(config.get("Tty"))
    return ProcessSpec(
        container.args,
        environment(container),
        config.get("WorkingDir") or "/",
        config.get("User") or "",
        terminal,
        stdin or b"",
        stdin_open=stdin is None and (bool(config.get("OpenStdin")) or terminal),
    )


def environment(container: Container, own: Sequence[str] = (), terminal: bool | None = None) -> tuple[str, ...]:
    """Return the variables of a process in ``container`` (tuple of ``NAME=value``): docker's, the container's, ``own``.

    Rule: moby, container/container.go, CreateDaemonEnvironment.
    """
    has_terminal = bool(container.config.get("Tty")) if terminal is None else terminal
    given = [PATH, f"HOSTNAME={container.config['Hostname']}", *(["TERM=xterm"] if has_terminal else [])]
    variables = dict(variable.split("=", 1) for variable in given)
    for variable in (*(container.config.get("Env") or ()), *own):
        name, is_set, value = variable.partition("=")
        if is_set:
            variables[name] = value
        else:
            variables.pop(name, None)
    return tuple(f"{name}={value}" for name, value in variables.items())


def checked_name(name: str) -> str:
    """Return a container's name (str) if it can be one.  Raises DockerError.

    >>> checked_name("a b")
    Traceback (most recent call last):
    course.errors.DockerError: Invalid container name (a b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed
    """
    if not NAME.fullmatch(name):
        raise DockerError(f"Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", 125)
    return name

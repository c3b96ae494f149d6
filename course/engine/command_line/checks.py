"""What docker asks of the values of some options before it tells the engine: refused in docker's words."""

from collections.abc import Callable

from course.layers.reference import InvalidReference, Reference


def environment(text: str) -> None:
    """Refuse an environment variable without a name.  Raises ValueError.  Rule: docker/cli, opts/env.go."""
    if not text.partition("=")[0]:
        raise ValueError(f"invalid environment variable: {text}")


def label(text: str) -> None:
    """Refuse a label without a name.  Raises ValueError.  Rule: docker/cli, opts/opts.go, ValidateLabel."""
    if not text.partition("=")[0].strip():
        raise ValueError(f"invalid label '{text}': empty name")


def stream(text: str) -> None:
    """Refuse what is no stream.  Raises ValueError.  Rule: docker/cli, container/opts.go, validateAttach."""
    if text.lower() not in ("stdin", "stdout", "stderr"):
        raise ValueError("valid streams are STDIN, STDOUT and STDERR")


def extra_host(text: str) -> None:
    """Refuse what is not ``host:ip``.  Raises ValueError.  Rule: docker/cli, opts/hosts.go, ValidateExtraHost."""
    name, colon, _address = text.partition(":")
    if not colon or not name:
        raise ValueError(f'bad format for add-host: "{text}"')


def reference(text: str) -> None:
    """Refuse what can be no image's name.  Raises ValueError.  Rule: docker/cli, image/build.go, validateTag."""
    try:
        Reference.parse(text)
    except InvalidReference as error:
        raise ValueError(str(error)) from None


CHECKS: dict[tuple[str, str], Callable[[str], object]] = {
    ("", "env"): environment,
    ("", "label"): label,
    ("run", "attach"): stream,
    ("create", "attach"): stream,
    ("", "add-host"): extra_host,
    ("build", "tag"): reference,
}
"""The check of an option, by the command (empty: every command) and the option's name."""

"""What ``--help`` prints: usage, what the command does, its options or commands, laid out as docker does."""

from collections.abc import Iterable

from course.engine.command_line.declarations import ALIASES, GROUPS, Command, commands

WIDTH = 79  # of a terminal of 80 columns, as docker leaves one free
SLOP = 5  # columns that a last word may stick out, rather than stand alone on a line
NAME_WIDTH = 11


def help_text(command: Command) -> str:
    """Return what ``docker COMMAND --help`` prints (str)."""
    parts = [usage_lines(command), command.summary]
    aliases = [alias for alias, name in ALIASES.items() if name == command.name]
    if aliases:
        parts.append("Aliases:\n  " + ", ".join(name.split()[1] for name in [command.name, *aliases]))
    if command.options:
        parts.append("Options:\n" + "\n".join(_option_lines(command)))
    return "\n\n".join(parts)


def usage_lines(command: Command) -> str:
    """Return the usage of a command (str).

    >>> print(usage_lines(commands()["rm"]))
    Usage:  docker rm [OPTIONS] CONTAINER [CONTAINER...]
    """
    first, *others = command.usages
    # docker prints the other lines as they were written: without the group
    return "\n\t".join(
        [f"Usage:  docker {command.name} {first}", *(f"docker {command.does} {usage}" for usage in others)]
    )


def group_help(group: str) -> str:
    """Return what ``docker GROUP --help`` prints (str)."""
    inside = {command.name: command for name, command in commands().items() if name.startswith(f"{group} ")}
    listed = _listed((name.split()[1], command.summary) for name, command in sorted(inside.items()))
    return (
        f"Usage:  docker {group} COMMAND\n\n{GROUPS[group]}\n\nCommands:\n{listed}\n\n"
        f"Run 'docker {group} COMMAND --help' for more information on a command."
    )


def root_help() -> str:
    """Return what ``docker --help`` prints (str), with the commands that the course has."""
    alone = {name: command.summary for name, command in commands().items() if " " not in name}
    return (
        "Usage:  docker [OPTIONS] COMMAND\n\nA self-sufficient runtime for containers\n\nOptions:\n"
        "  -v, --version   Print version information and quit\n\n"
        f"Management Commands:\n{_listed(GROUPS.items())}\n\nCommands:\n{_listed(sorted(alone.items()))}\n\n"
        "Run 'docker COMMAND --help' for more information on a command."
    )


def _listed(rows: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"  {name:<{NAME_WIDTH}} {summary}" for name, summary in rows)


def _option_lines(command: Command) -> list[str]:
    heads = [
        ("  " if option.short else " " * 6) + option.spelled + (f" {option.kind}" if option.kind != "bool" else "")
        for option in command.options
    ]
    column = max(map(len, heads)) + 3
    return [
        f"{head:<{column}}{_wrapped(option.help, column)}" for head, option in zip(heads, command.options, strict=True)
    ]


def _wrapped(text: str, column: int) -> str:
    """Return a description broken into lines that begin at ``column`` (int).  Rule: spf13/pflag, flag.go, wrap."""
    space = WIDTH - column - SLOP
    lines = []
    while len(text) >= space + SLOP and (end := text[:space].rfind(" ")) > 0:
        lines.append(text[:end])
        text = text[end + 1 :]
    return ("\n" + " " * column).join([*lines, text])

"""Commands and their options, read from the text in which they are declared: what docker's help prints.

A declaration is a usage line (and more of them, each after ``or``), a sentence that says what the command does, and a
line for each option.  The usage line also says how many operands there may be, and an option's line what kind of value
it takes: ``-m, --memory bytes  Memory limit``.  ``left out`` names the options that docker has and the course has not.
"""

import re
from dataclasses import dataclass, replace
from functools import cache

from course.engine.command_line import container_commands, other_commands

OPTION = re.compile(r" {2}(?:-(?P<short>\w), | {4})--(?P<name>[\w-]+)(?: (?P<kind>\w+))? {2}(?P<help>.+)")
LEFT_OUT = "  left out: "
GROUPS = {
    "container": "Manage containers",
    "image": "Manage images",
    "network": "Manage networks",
    "system": "Manage Docker",
    "volume": "Manage volumes",
}
# what a group calls otherwise than docker does without it
IN_GROUPS = {"container ls": "ps", "image ls": "images", "image rm": "rmi", "system info": "info"}
IN_CONTAINER = (
    "attach commit cp create diff exec export kill logs pause port rename restart rm run start stop top unpause"
    " update wait".split()
)
IN_IMAGE = "build history import load pull push save tag".split()
ALIASES = {"container ps": "container ls", "image rmi": "image rm"} | {
    f"{group} {alias}": f"{group} {name}"
    for name, alias, groups in (
        ("ls", "list", "container image network volume"),
        ("rm", "remove", "image network volume"),
    )
    for group in groups.split()
}
NOT_INTERSPERSED = ("run", "create", "exec", "top")  # options end at the first operand: the rest is another program's
COMMANDS_LEFT_OUT = (
    "builder buildx completion compose config context events login logout manifest node plugin scout search secret"
    " service stack stats swarm trust".split()
)


@dataclass(frozen=True, slots=True)
class Option:
    """An option: its long ``name``, its letter (or empty), its ``kind`` (a key of ``KINDS``), its help (all str)."""

    name: str
    short: str
    kind: str
    help: str

    @property
    def spelled(self) -> str:
        """Both ways to write it (str), such as ``-m, --memory``."""
        return f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"


@dataclass(frozen=True, slots=True)
class Command:
    """A command: how docker calls it (``name``, such as ``container rm``) and what it does (``does``: ``rm``).

    ``usages`` are the words after its name in each usage line (tuple of str), ``summary`` what it does in a sentence,
    ``options`` those that it has (tuple of Option), ``left_out`` the names of docker's others (tuple of str).
    """

    name: str
    does: str
    usages: tuple[str, ...]
    summary: str
    options: tuple[Option, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def interspersed(self) -> bool:
        """Whether options may stand after operands (bool)."""
        return self.does not in NOT_INTERSPERSED

    @property
    def operands(self) -> tuple[int, int | None]:
        """The least and the greatest number of operands (int; None: no bound), as the usage line says.

        >>> commands()["commit"].operands, commands()["rm"].operands
        ((1, 2), (1, None))
        """
        words = re.sub(r" \| \S+", "", self.usages[0].replace("[OPTIONS]", "")).replace("ps OPTIONS", "...").split()
        least = sum(not word.startswith("[") for word in words)
        # docker leaves it to `import` itself to find that there is too much
        many = any(word.endswith("...]") for word in words) or self.does == "import"
        return least, None if many else len(words)


@cache
def commands() -> dict[str, Command]:
    """Return every command by each name that it has (dict of str to Command), groups' commands as ``volume ls``."""
    known = {}
    for block in (container_commands.TEXT + "\n" + other_commands.TEXT).strip().split("\n\n"):
        command = _declared(block)
        known[command.name] = command
    known["create"] = replace(
        known["run"],
        name="create",
        does="create",
        summary="Create a new container",
        options=tuple(
            replace(option, help=option.help.replace("before running", "before creating"))
            for option in known["run"].options
            if option.name != "detach"
        ),
        left_out=tuple(name for name in known["run"].left_out if name not in ("detach-keys", "sig-proxy")),
    )
    names = (
        IN_GROUPS | {f"container {name}": name for name in IN_CONTAINER} | {f"image {name}": name for name in IN_IMAGE}
    )
    known |= {name: replace(known[does], name=name) for name, does in names.items()}
    return known | {alias: known[name] for alias, name in ALIASES.items()}


def _declared(block: str) -> Command:
    lines = re.sub(r"\n {10}", " ", block).split("\n")
    name, usage = re.split(r"(?= (?:\[OPTIONS\]|[A-Zf]))", lines[0], maxsplit=1)
    usages, lines = [usage.strip()], lines[1:]
    while lines[0].startswith(f"or {name} "):
        usages.append(lines.pop(0).removeprefix(f"or {name} "))
    options, left_out = [], []
    for line in lines[1:]:
        if line.startswith(LEFT_OUT):
            left_out += line.removeprefix(LEFT_OUT).split()
        else:
            options += [
                Option(match["name"], match["short"] or "", match["kind"] or "bool", match["help"])
                for match in OPTION.finditer(line)
            ]
    return Command(name, name, tuple(usages), lines[0], tuple(options), tuple(left_out))

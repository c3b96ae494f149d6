"""Variables: their values, which of them programs are to see, and which may not be changed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from course.processes.simulated.shell.characters import inner, is_name, outer
from course.processes.simulated.shell.leaving import ShellError

DEFAULTS = {
    "IFS": " \t\n",
    "OPTIND": "1",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "PS1": "$ ",
    "PS2": "> ",
    "PS4": "+ ",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable: its ``value`` (str, or None while it has none), ``exported`` and ``readonly`` (bool)."""

    value: str | None = None
    exported: bool = False
    readonly: bool = False


class Variables:
    """The variables of a shell, by name.

    >>> variables = Variables({"HOME": "/root"})
    >>> variables["x"] = "1"
    >>> variables.get("x"), variables.environment()
    ('1', {'HOME': '/root'})
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self._known = {name: Variable(value) for name, value in DEFAULTS.items()}
        for name, value in environment.items():
            if is_name(name) and name not in ("IFS", "PPID"):
                self._known[name] = Variable(inner(value), exported=True)
        self._hidden: list[dict[str, Variable | None]] = []  # for each function that runs, what its locals hide

    def begin(self, place: str, parent: int, root: bool) -> None:
        """Set what a shell sets when it begins: PWD (``place``: str), PPID (``parent``: int), and root's prompt."""
        self._known["PWD"] = Variable(place, exported=True)
        self._known["PPID"] = Variable(str(parent))
        if root:
            self._known["PS1"] = Variable("# ")

    def copy(self) -> "Variables":
        """Return a copy (Variables) for a child process."""
        other = Variables.__new__(Variables)
        other._known = dict(self._known)
        other._hidden = [dict(hidden) for hidden in self._hidden]
        return other

    def get(self, name: str) -> str | None:
        """Return the value of ``name`` (str), or None if it has none."""
        variable = self._known.get(name)
        return variable.value if variable else None

    def __setitem__(self, name: str, value: str) -> None:
        self._known[name] = replace(self._writable(name), value=value)

    def _writable(self, name: str) -> Variable:
        if not is_name(name):
            raise ShellError(f"{name}: bad variable name")
        variable = self._known.get(name, Variable())
        if variable.readonly:
            raise ShellError(f"{name}: is read only")
        return variable

    def unset(self, name: str) -> None:
        """Forget ``name`` (str).  Raises ShellError: it is read only, or no name."""
        self._writable(name)
        self._known.pop(name, None)

    def mark(self, name: str, exported: bool = False, readonly: bool = False) -> None:
        """Mark ``name`` (str) as ``exported`` or ``readonly`` (bool).  Raises ShellError: it is no name."""
        if not is_name(name):
            raise ShellError(f"{name}: bad variable name")
        variable = self._known.get(name, Variable())
        self._known[name] = replace(
            variable, exported=variable.exported or exported, readonly=variable.readonly or readonly
        )

    def marked(self, exported: bool = False, readonly: bool = False) -> Iterator[tuple[str, str | None]]:
        """Yield names and values (pairs of str, str or None), sorted: of all, or of those that are so marked (bool)."""
        for name, variable in sorted(self._known.items()):
            if variable.exported >= exported and variable.readonly >= readonly:
                yield name, variable.value

    def environment(self) -> dict[str, str]:
        """Return what a program gets to see (dict of str to str)."""
        return {name: outer(value) for name, value in self.marked(exported=True) if value is not None}

    # Locals

    @property
    def scopes(self) -> int:
        """How many scopes are open (int)."""
        return len(self._hidden)

    def open_scope(self) -> None:
        """Begin a scope, which ``close_scope`` ends: what is made local in it comes back then."""
        self._hidden.append({})

    def make_local(self, name: str) -> None:
        """Keep the present state of ``name`` (str) for the end of the innermost scope."""
        if not is_name(name):
            raise ShellError(f"{name}: bad variable name")
        self._hidden[-1].setdefault(name, self._known.get(name))

    def close_scope(self) -> None:
        """End the innermost scope."""
        for name, variable in self._hidden.pop().items():
            if variable is None:
                self._known.pop(name, None)
            else:
                self._known[name] = variable

"""Jobs: the child processes of a shell, and how it waits for them."""

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from course.processes.simulated import signals
from course.processes.simulated.process import Process, Waiting
from course.processes.simulated.shell.leaving import ShellError

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell

UNSAID = (signals.SIGINT, signals.SIGPIPE)  # signals whose effect the shell does not tell


class Jobs:
    """The children of ``shell`` (Shell) that run in the background; ``started`` are their pids (list of int)."""

    def __init__(self, shell: "Shell") -> None:
        self.shell = shell
        self.started: list[int] = []
        self.ended: dict[int, int] = {}  # statuses by pid, of all children that were waited for

    def foreground(self, children: Sequence[Process]) -> Generator[Waiting, None, int]:
        """Wait until all ``children`` (sequence of Process) have ended, and return the last one's status (int).

        Whatever else ends meanwhile is waited for too: a shell that is PID 1 takes in orphans so.
        """
        pids = [child.pid for child in children]
        while any(pid not in self.ended for pid in pids):
            yield from self._next(pids)
        return self.ended[pids[-1]]

    def background(self, pids: Sequence[int], silent: bool = False) -> Generator[Waiting, None, int | None]:
        """Wait until the children ``pids`` (sequence of int) have ended, or a signal comes that has a trap.

        Return the last one's status (int), or None after a signal; ``silent`` (bool): do not tell what ended them.
        """
        children = self.shell.process.children
        while any(pid not in self.ended for pid in pids):
            yield Waiting(
                lambda: bool(self.shell.caught) or any(child.status is not None for child in children),
                reason="a child to end",
            )
            if self.shell.caught:
                return None
            yield from self._next([] if silent else pids)
        return self.ended[pids[-1]] if pids else 0

    def _next(self, awaited: Sequence[int]) -> Generator[Waiting, None, None]:
        """Wait for the next child that ends, and say by which signal it did if it is one of the ``awaited``."""
        pid, status = yield from self.shell.process.wait()
        self.ended[pid] = status
        signal = status - 128
        if pid in awaited and signal in signals.DESCRIPTIONS and signal not in UNSAID:
            yield from self.shell.process.complain(signals.DESCRIPTIONS[signal])

    def pid(self, operand: str, signed: bool = False) -> int:
        """Return the process (int) that ``operand`` (str) names: by its number, or by a job's, as ``%1``.

        ``signed`` (bool): the number may be negative.  Raises ShellError.
        """
        if operand.startswith("%"):
            which = operand[1:]
            number = len(self.started) if which in ("", "%", "+") else int(which) if which.isdigit() else 0
            if not 0 < number <= len(self.started):
                raise ShellError(f"No such job: {operand}")
            return self.started[number - 1]
        digits = operand[1:] if signed and operand.startswith("-") else operand
        if not (digits.isascii() and digits.isdigit()):
            raise ShellError(f"Illegal number: {operand}")
        return int(operand)

    def table(self) -> str:
        """Return what the built-in command jobs prints (str)."""
        lines = []
        for number, pid in enumerate(self.started, start=1):
            mark = "+" if number == len(self.started) else "-" if number == len(self.started) - 1 else " "
            child = next((child for child in self.shell.process.children if child.pid == pid), None)
            status = self.ended.get(pid) if child is None else child.status
            state = "Running" if status is None else "Done" if status == 0 else f"Done({status})"
            if status is not None and status - 128 in signals.DESCRIPTIONS:
                state = signals.DESCRIPTIONS[status - 128]
            lines.append(f"[{number}] {mark} {state}".ljust(33) + "\n")
        return "".join(lines)

    def running(self) -> list[int]:
        """Return the pids of the background jobs that have not ended (list of int)."""
        return [pid for pid in self.started if pid not in self.ended]

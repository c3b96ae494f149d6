"""Built-in commands about processes and signals: wait, kill, trap, jobs, times."""

from typing import TYPE_CHECKING

from course.processes.simulated import signals
from course.processes.simulated.process import TURN, ignore
from course.processes.simulated.shell.builtins.registry import builtin, number, options, quoted, write
from course.processes.simulated.shell.characters import inner
from course.processes.simulated.shell.leaving import ShellError
from course.processes.simulated.shell.running import Executing

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell

USAGE = "Usage: kill [-s sigspec | -signum | -sigspec] [pid | job]... or\nkill -l [exitstatus]"
REAL_TIME = [f"RTMIN{f'+{n}' if n else ''}" for n in range(16)] + [
    f"RTMAX{f'-{n}' if n else ''}" for n in range(14, -1, -1)
]
NAMES = {**{n: str(n) for n in range(65)}, **signals.NAMES, 16: "16", **dict(enumerate(REAL_TIME, start=34))}


@builtin("wait")
def wait(shell: "Shell", words: list[str]) -> Executing:
    """Wait for children to end, all or those named; the status is the last one's."""
    _options, operands = options(words, "")
    if not operands:
        status = yield from shell.jobs.background(shell.jobs.running(), silent=True)
        return 0 if status is not None else 128 + shell.caught[0]
    status = 0
    for operand in operands:
        pid = shell.jobs.pid(operand)
        if pid not in shell.jobs.started:
            status = 127
            continue
        status = yield from shell.jobs.background([pid])
        if status is None:
            return 128 + shell.caught[0]
    return status


@builtin("kill")
def kill(shell: "Shell", words: list[str]) -> Executing:
    """Send a signal, SIGTERM if none is named, to processes; or with -l list the signals."""
    operands = words[1:]
    signal = signals.SIGTERM
    if operands[:1] == ["-l"]:
        return (yield from _list_signals(shell, operands[1:]))
    if operands and operands[0].startswith("-") and operands[0] != "--":
        signal = _chosen(operands)
    if operands[:1] == ["--"]:
        operands = operands[1:]
    if not operands:
        raise ShellError(USAGE)
    status = 0
    for operand in operands:
        pid = shell.jobs.pid(operand, signed=True)
        try:
            shell.process.kill(pid, signal)
        except OSError as error:
            yield from shell.complain(f"{inner(str(error.strerror))}\n")
            status = 1
    yield TURN  # whom it stops, be it this shell itself, goes no further
    return status


def _chosen(operands: list[str]) -> int:
    """Take the option that names a signal from ``operands`` (list of str), and return the signal (int)."""
    word = operands.pop(0)[1:]
    found = _signal(word)
    if found is None and word.startswith("s"):
        if word == "s" and not operands:
            raise ShellError("No arg for -s option")
        word = word[1:] or operands.pop(0)
        found = _signal(word)
        if found is None:
            raise ShellError(f"invalid signal number or name: {word}")
    if found is None:
        raise ShellError(f"Illegal option -{word[:1]}")
    return found


def _list_signals(shell: "Shell", operands: list[str]) -> Executing:
    if not operands:
        yield from write(shell, "".join(f"{NAMES[n]}\n" for n in range(65)))
    for operand in operands[:1]:
        value = number(operand)
        value = value - 128 if value > 128 else value
        if not 0 < value <= 64:
            raise ShellError(f"invalid signal number or exit status: {operand}")
        yield from write(shell, f"{NAMES[value]}\n")
    return 0


@builtin("trap")
def trap(shell: "Shell", words: list[str]) -> Executing:
    """Say what is to be done when signals come, or when the shell ends (EXIT); without arguments, list that."""
    _options, operands = options(words, "")
    if not operands:
        lines = [
            f"trap -- {quoted(action)} {NAMES[signal] if signal else 'EXIT'}\n"
            for signal, action in sorted(shell.traps.items())
        ]
        yield from write(shell, "".join(lines))
        return 0
    resets = len(operands) == 1 or operands[0].isdigit()
    action = None if resets or operands[0] == "-" else operands[0]
    for operand in operands if resets else operands[1:]:
        signal = 0 if operand == "EXIT" else _signal(operand)
        if signal is None:
            yield from shell.process.complain(f"trap: {operand}: bad trap")
            return 1
        set_trap(shell, signal, action)
    return 0


def _signal(text: str) -> int | None:
    """Return the signal that ``text`` (str) names (int), or None: names have no SIG before them here."""
    return None if text.upper().startswith("SIG") else signals.number(text)


def set_trap(shell: "Shell", signal: int, action: str | None) -> None:
    """Let ``action`` (str) be done on ``signal`` (int; 0: at the end): "" ignores it, None lets it do as usual."""
    if action is None:
        shell.traps.pop(signal, None)
    else:
        shell.traps[signal] = action
    if signal == 0 or signal in shell.ignored:  # what was ignored when the shell began stays so
        return
    handlers = shell.process.handlers
    if action is None:
        handlers.pop(signal, None)
    else:
        handlers[signal] = shell.catch if action else ignore


@builtin("jobs")
def jobs(shell: "Shell", words: list[str]) -> Executing:
    """List the background jobs."""
    options(words, "lp")
    yield from write(shell, shell.jobs.table())
    return 0


@builtin("times")
def times(shell: "Shell", _words: list[str]) -> Executing:
    """Tell the processor time used: none, for simulated processes have no processor."""
    yield from write(shell, "0m0.000000s 0m0.000000s\n" * 2)
    return 0

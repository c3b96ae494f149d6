"""Programs about time and signals: sleep, kill."""

import re
from typing import TYPE_CHECKING

from course.processes.simulated import signals
from course.processes.simulated.process import Waiting
from course.processes.simulated.programs.buffering import Output
from course.processes.simulated.programs.quoting import quote
from course.processes.simulated.programs.registry import Usage, missing_operand, options, program

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
SECOND = 10**9  # nanoseconds
INTERVAL = re.compile(r"\s*\+?(inf(?:inity)?|\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)([smhd]?)", re.IGNORECASE)
NAMES = {**signals.NAMES, 29: "POLL"}  # as procps calls SIGIO
KILL_USAGE = """
Usage:
 kill [options] <pid> [...]

Options:
 <pid> [...]            send signal to every <pid> listed
 -<signal>, -s, --signal <signal>
                        specify the <signal> to be sent
 -q, --queue <value>    integer value to be sent with the signal
 -l, --list=[<signal>]  list all signal names, or convert one to a name
 -L, --table            list all signal names in a nice table

 -h, --help     display this help and exit
 -V, --version  output version information and exit

For more details see kill(1)."""


@program("sleep")
def sleep(process: "Process", argv: list[str]) -> "Run":
    """Wait for some time on the machine's clock (sleep(1))."""
    _, words = options(argv, "")
    missing_operand(words)
    seconds, wrong = 0.0, []
    for word in words:
        found = INTERVAL.fullmatch(word)
        if found:
            seconds += float(found[1]) * UNITS[found[2].lower()]
        else:
            wrong.append(f"invalid time interval {quote(word)}")
    if wrong:
        raise Usage(f"\n{argv[0]}: ".join(wrong))
    if seconds == float("inf"):
        while True:
            yield Waiting(lambda: False, reason="a time that never comes")
    yield from process.sleep(round(seconds * SECOND))
    return 0


@program("kill")
def kill(process: "Process", argv: list[str]) -> "Run":
    """Send a signal to processes (kill(1) of procps)."""
    words = argv[1:]
    if (words[:1] and words[0] in ("-l", "--list", "-L", "--table")) or (
        words[:1] and words[0].startswith(("-l", "--list="))
    ):
        return (yield from _listed(process, words))
    signal, words = _signal(words)
    pids = words[1:] if words[:1] == ["--"] else words
    if signal is None or not pids:
        message = f"{argv[0]}: invalid argument {words[0][1]}\n" if signal is None else ""
        yield from process.complain(message + KILL_USAGE)
        return 1
    status = 0
    for word in pids:
        if not re.fullmatch(r"\s*[+-]?\d+", word):
            yield from process.complain(f"{argv[0]}: failed to parse argument: {quote(word)}")
            return 1
        try:
            process.kill(int(word), signal)
        except OSError as error:
            yield from process.complain(f"{argv[0]}: ({int(word)}): {error.strerror}")
            status = 1
    return status


def _signal(words: list[str]) -> tuple[int | None, list[str]]:
    """Return the signal (int; None: there is no such option) and the words behind it; -1 is a signal of no name."""
    first = words[0] if words else ""
    if first in ("-s", "--signal") and len(words) > 1:
        return _number(words[1]), words[2:]
    if first.startswith("--signal="):
        return _number(first.partition("=")[2]), words[1:]
    if first.startswith("-") and first not in ("-", "--"):
        number = signals.number(first[1:])
        if number is None and first.startswith("-s"):
            number = signals.number(first[2:])
        return number, words if number is None else words[1:]
    return signals.SIGTERM, words


def _number(name: str) -> int:
    number = signals.number(name)
    return -1 if number is None else number


def _listed(process: "Process", words: list[str]) -> "Run":
    """List the signals, or name one."""
    out, first = Output(process), words[0]
    wanted = first.partition("=")[2] if "=" in first else first[2:] if not first.startswith("--") else ""
    wanted = wanted or (words[1] if len(words) > 1 else "")
    if first in ("-L", "--table"):
        cells = [f"{number:2} {NAMES[number]:<8}" for number in range(1, 32)]
        rows = ["".join(cells[start : start + 7]) for start in range(0, 31, 7)]
        yield from out.print("".join(f"{row if len(row) < 70 else row.rstrip()}\n" for row in rows))
    elif not wanted:
        names = list(NAMES.values())
        yield from out.print(" ".join(names[:16]) + "\n" + " ".join(names[16:]) + "\n")
    elif wanted.isdecimal() and int(wanted) & 127 in NAMES and int(wanted) < 256:
        yield from out.print(f"{NAMES[int(wanted) & 127]}\n")
    elif (number := signals.number(wanted)) is not None and not wanted.isdecimal():
        yield from out.print(f"{number}\n")
    else:
        yield from out.complain(f"unknown signal name {wanted}")
    yield from out.flush()
    return 0

"""Signals: their numbers and names on Linux, and what they do to a process that has not said otherwise (signal(7))."""

SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1 = range(1, 11)
SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP = range(11, 21)
SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR, SIGSYS = range(21, 32)

NAMES = dict(
    enumerate(
        "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP "
        "TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS".split(),
        start=1,
    )
)
NUMBERS = {name: number for number, name in NAMES.items()}

STOPPING = frozenset({SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU})
WITHOUT_EFFECT = frozenset({SIGCHLD, SIGCONT, SIGURG, SIGWINCH})
UNCATCHABLE = frozenset({SIGKILL, SIGSTOP})

DESCRIPTIONS = {
    SIGHUP: "Hangup",
    SIGQUIT: "Quit",
    SIGILL: "Illegal instruction",
    SIGTRAP: "Trace/breakpoint trap",
    SIGABRT: "Aborted",
    SIGBUS: "Bus error",
    SIGFPE: "Floating point exception",
    SIGKILL: "Killed",
    SIGUSR1: "User defined signal 1",
    SIGSEGV: "Segmentation fault",
    SIGUSR2: "User defined signal 2",
    SIGALRM: "Alarm clock",
    SIGTERM: "Terminated",
    SIGSTKFLT: "Stack fault",
    SIGXCPU: "CPU time limit exceeded",
    SIGXFSZ: "File size limit exceeded",
    SIGVTALRM: "Virtual timer expired",
    SIGPROF: "Profiling timer expired",
    SIGIO: "I/O possible",
    SIGPWR: "Power failure",
    SIGSYS: "Bad system call",
}
"""What strsignal(3) says of those that end a process."""


def number(text: str) -> int | None:
    """Return the signal that ``text`` (str) names, by number or by name with or without ``SIG`` (int), or None.

    >>> number("TERM"), number("SIGKILL"), number("9"), number("nonsense")
    (15, 9, 9, None)
    """
    if text.isascii() and text.isdigit():
        return int(text) if int(text) <= 64 else None
    return NUMBERS.get(text.upper().removeprefix("SIG"))

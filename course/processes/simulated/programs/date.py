"""date: the machine's time, or another, in the form that is asked for."""

from typing import TYPE_CHECKING

from course.processes.simulated.programs import dates
from course.processes.simulated.programs.buffering import Output
from course.processes.simulated.programs.quoting import named, quote
from course.processes.simulated.programs.registry import Usage, extra_operand, options, program
from course.processes.simulated.programs.times import written

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run

USUAL = "%a %b %e %H:%M:%S %Z %Y"
EMAIL = "%a, %d %b %Y %H:%M:%S %z"
ISO = {
    "hours": "%Y-%m-%dT%H%:z",
    "minutes": "%Y-%m-%dT%H:%M%:z",
    "date": "%Y-%m-%d",
    "seconds": "%Y-%m-%dT%H:%M:%S%:z",
    "ns": "%Y-%m-%dT%H:%M:%S,%N%:z",
}
RFC_3339 = {"date": "%Y-%m-%d", "seconds": "%Y-%m-%d %H:%M:%S%:z", "ns": "%Y-%m-%d %H:%M:%S.%N%:z"}
LONG = {"date=": "-d", "reference=": "-r", "utc": "-u", "universal": "-u", "uct": "-u", "rfc-email": "-R", "set=": "-s"}


@program("date")
def date(process: "Process", argv: list[str]) -> "Run":
    """Print a date in UTC (date(1)); the clock of the simulated machine cannot be set, nor dates read from a file."""
    found, operands = options(argv, "d:I::r:Rs:u", [*LONG, "iso-8601=?", "rfc-3339=", "rfc-822"])
    known = {name.rstrip("="): letter for name, letter in LONG.items()}
    form, sources = "", {}
    for option, value in found:
        letter = known.get(option[2:], option)
        if letter in ("-I", "--iso-8601"):
            form = _chosen(value or "date", ISO, "--iso-8601")
        elif letter == "--rfc-3339":
            form = _chosen(value, RFC_3339, "--rfc-3339")
        elif letter in ("-R", "--rfc-822"):
            form = EMAIL
        else:
            sources[letter] = value
    if "-d" in sources and "-r" in sources:
        raise Usage("the options to specify dates for printing are mutually exclusive")
    extra_operand(operands, 1)
    if operands and not operands[0].startswith("+"):
        raise Usage(f"invalid date {quote(operands[0])}", hint=False)
    if operands and form:
        raise Usage("multiple output formats specified", hint=False)
    out = Output(process)
    if "-s" in sources:
        yield from process.complain(f"{argv[0]}: cannot set date: Operation not permitted")
    time = _time(process, sources)
    yield from out.print(written(time, operands[0][1:] if operands else form or USUAL) + "\n")
    yield from out.flush()
    return 1 if "-s" in sources else 0


def _chosen(word: str, forms: dict[str, str], option: str) -> str:
    near = [name for name in forms if name.startswith(word)]
    if len(near) != 1:
        valid = "".join(f"\n  - {quote(name)}" for name in forms)
        kind = "ambiguous" if near else "invalid"
        raise Usage(f"{kind} argument {quote(word)} for {quote(option)}\nValid arguments are:{valid}")
    return forms[near[0]]


def _time(process: "Process", sources: dict[str, str]) -> int:
    """Return the time (int, nanoseconds since 1970) that is to be printed."""
    if "-r" in sources:
        try:
            return process.fs.stat(sources["-r"]).st_mtime_ns
        except OSError as error:
            raise Usage(f"{named(sources['-r'])}: {error.strerror}", hint=False) from None
    text = sources.get("-d", sources.get("-s"))
    if text is None:
        return process.space.clock()
    try:
        return dates.parse(text, process.space.clock())
    except ValueError:
        raise Usage(f"invalid date {quote(text)}", hint=False) from None

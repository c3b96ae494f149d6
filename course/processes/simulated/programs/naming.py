"""Programs about names of files: basename, dirname."""

from typing import TYPE_CHECKING

from course.processes.simulated.programs import operands
from course.processes.simulated.programs.registry import extra_operand, missing_operand, options, program

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run


@program("basename")
def basename(process: "Process", argv: list[str]) -> "Run":
    """Print the last part of paths, without a suffix (basename(1))."""
    found, names = options(argv, "+as:z", ["multiple", "suffix=", "zero"])
    chosen = {option.lstrip("-")[0].replace("m", "a"): value for option, value in found}
    missing_operand(names)
    suffix = chosen.get("s", "")
    if not chosen.keys() & {"a", "s"}:
        extra_operand(names, 2)
        names, suffix = names[:1], (names[1] if len(names) > 1 else "")
    end = "\0" if "z" in chosen else "\n"
    for name in names:
        last = operands.last(name)
        yield from process.print((last.removesuffix(suffix) or last) + end)
    return 0


@program("dirname")
def dirname(process: "Process", argv: list[str]) -> "Run":
    """Print paths without their last part (dirname(1))."""
    found, names = options(argv, "+z", ["zero"])
    missing_operand(names)
    for name in names:
        yield from process.print(operands.above(name) + ("\0" if found else "\n"))
    return 0

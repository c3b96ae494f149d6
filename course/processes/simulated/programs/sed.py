"""sed: edits a stream of lines as a script says."""

from typing import TYPE_CHECKING

from course.processes.simulated.programs.buffering import contents
from course.processes.simulated.programs.registry import Usage, options, program
from course.processes.simulated.programs.sed_commands import ScriptError
from course.processes.simulated.programs.sed_editor import Editor
from course.processes.simulated.programs.sed_script import Parser
from course.processes.simulated.programs.sed_usage import USAGE
from course.processes.simulated.shell.characters import inner

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run

LONG = {
    "quiet": "n",
    "silent": "n",
    "expression=": "e",
    "file=": "f",
    "in-place=?": "i",
    "regexp-extended": "E",
    "separate": "s",
    "null-data": "z",
    "unbuffered": "u",
    "line-length=": "l",
}


@program("sed", usage_status=4)
def sed(process: "Process", argv: list[str]) -> "Run":
    """Edit lines as a script says (sed(1)); e, --posix, --debug, --sandbox and --follow-symlinks are not there."""
    try:
        found, names = options(argv, "nrEsuze:f:i::l:", LONG)
    except Usage as error:
        yield from process.complain(f"{argv[0]}: {error}\n{USAGE}")
        return 1
    letters = {name.rstrip("=?"): letter for name, letter in LONG.items()}
    chosen, sources = {}, []
    for option, value in found:
        letter = letters.get(option[2:], option[1:]).replace("r", "E")
        chosen[letter] = value
        if letter == "e":
            sources.append(("", inner(value)))
        elif letter == "f":
            data = yield from contents(process, value, "couldn't open file {name}: {reason}")
            sources.append((value, data.removesuffix(b"\n").decode("latin-1")))
    if not sources:
        if not names:
            yield from process.complain(USAGE)
            return 1
        sources.append(("", inner(names.pop(0))))
    if sources[0][1].split("\n")[0] == "#n":
        chosen["n"] = ""
    try:
        editor = Editor(process, Parser(sources, "E" in chosen).parse(), chosen, names)
        return (yield from editor.run())
    except ScriptError as error:
        yield from process.complain(f"{argv[0]}: {error}")
        return error.status

"""What an image's history says of an instruction: the classic builder's words, and BuildKit's.

>>> instruction = Instruction("ENV", ("LANG=C",))
>>> classic_history(instruction), buildkit_history(instruction)
('/bin/sh -c #(nop)  ENV LANG=C', 'ENV LANG=C')
"""

from collections.abc import Mapping, Sequence

from course.engine.build.healthcheck import healthcheck
from course.engine.build.here_documents import here_document
from course.engine.build.instruction import Instruction
from course.engine.go_text import listed, quoted

SHELL = ("/bin/sh", "-c")
CLASSIC_TIMES = ("Interval", "Timeout", "StartPeriod")  # BuildKit of today knows one more
NOTHING: Mapping[str, str] = {}


def command_line(instruction: Instruction, shell: Sequence[str] = SHELL) -> tuple[str, ...]:
    """Return the words (tuple of str) that RUN, CMD, ENTRYPOINT run: the shell's before those of the shell form.

    Of RUN with one here-document and nothing else, that document is the script.

    >>> command_line(Instruction("RUN", ("make all",))), command_line(Instruction("RUN", ("make", "all"), is_exec=True))
    (('/bin/sh', '-c', 'make all'), ('make', 'all'))
    """
    words = instruction.arguments
    if instruction.is_exec or (instruction.keyword == "ENTRYPOINT" and not words):  # which then takes one away
        return words
    documents = instruction.here_documents
    if documents:
        if here_document(words[0]):
            return (*shell, documents[0].data)
        words = (words[0] + "".join(f"\n{document.content}{document.name}" for document in documents),)
    return (*shell, *words)


def classic_history(
    instruction: Instruction,
    shell: Sequence[str] = SHELL,
    checksum: str = "",
    arguments: Mapping[str, str] = NOTHING,
    working_directory: str = "",
) -> str:
    """Return what the classic builder writes into the history for an instruction (Instruction, expanded) (str).

    ``shell`` is that of SHELL (words, str), ``checksum`` is that of the sources of COPY or ADD (str), ``arguments`` are
    the ARG that a RUN gets (str to str), ``working_directory`` is where WORKDIR leads (str, absolute).

    >>> classic_history(Instruction("COPY", ("a", "/")), checksum="file:1234")
    '/bin/sh -c #(nop) COPY file:1234 in / '
    """
    keyword = instruction.keyword
    if keyword == "RUN":
        return " ".join((*_arguments(arguments), *command_line(instruction, shell)))
    nothing = f"{' '.join(shell)} #(nop) "
    if keyword in ("ADD", "COPY"):
        chown = f"--chown={instruction.flag('chown')}" if instruction.flag("chown") else ""
        # docker 20.10 has no space behind the owner
        return f"{nothing}{keyword} {chown}{checksum} in {instruction.arguments[-1]} "
    if keyword == "WORKDIR":
        return f"{nothing}WORKDIR {working_directory or instruction.arguments[0]}"
    return f"{nothing} {_words(instruction, shell)}"


def buildkit_history(
    instruction: Instruction,
    shell: Sequence[str] = SHELL,
    arguments: Mapping[str, str] = NOTHING,
    working_directory: str = "",
) -> str:
    """Return what BuildKit writes into the history for an instruction (Instruction, expanded) (str); as above.

    >>> buildkit_history(Instruction("RUN", ("make",))), buildkit_history(Instruction("COPY", ("a", "b", "/")))
    ('RUN /bin/sh -c make # buildkit', 'COPY a b / # buildkit')
    """
    keyword = instruction.keyword
    if keyword == "RUN":
        return " ".join(("RUN", *_arguments(arguments), *command_line(instruction, shell), "# buildkit"))
    if keyword in ("ADD", "COPY"):
        flags = [f"--{name}={instruction.flag(name)}" for name in ("chown", "chmod") if instruction.flag(name)]
        *names, destination = instruction.arguments
        documents = [f"<<{document.name}" for word in names if (document := here_document(word))]
        plain = [word for word in names if not here_document(word)]
        return " ".join((keyword, *flags, *plain, *documents, destination, "# buildkit"))
    if keyword == "WORKDIR":
        return f"WORKDIR {working_directory or instruction.arguments[0]}"
    if keyword == "EXPOSE":
        ports = sorted(port if "/" in port else f"{port}/tcp" for port in instruction.arguments)
        return f"EXPOSE map[{' '.join(port + ':{}' for port in ports)}]"
    if keyword == "HEALTHCHECK":
        return f"HEALTHCHECK {_health(instruction, (*CLASSIC_TIMES, 'StartInterval'))}"
    return _words(instruction, shell)


def _arguments(arguments: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ARG of a RUN as both builders show them before its words: how many, then each."""
    if not arguments:
        return ()
    return (f"|{len(arguments)}", *(f"{name}={value}" for name, value in arguments.items()))


def _words(instruction: Instruction, shell: Sequence[str]) -> str:
    keyword, arguments = instruction.keyword, instruction.arguments
    if keyword in ("CMD", "ENTRYPOINT"):
        return f"{keyword} {listed(command_line(instruction, shell))}"
    if keyword in ("SHELL", "VOLUME"):
        return f"{keyword} [{' '.join(arguments)}]"
    if keyword == "HEALTHCHECK":
        return f"HEALTHCHECK {_health(instruction, CLASSIC_TIMES)}"
    return " ".join((keyword, *arguments))


def _health(instruction: Instruction, times: Sequence[str]) -> str:
    """Return a health check as Go prints the structure that holds it."""
    check = healthcheck(instruction)
    test = check["Test"]
    words = listed(tuple(test)) if isinstance(test, list) else ""
    shown = " ".join(quoted(_time(check.get(name, 0))) for name in times)
    retries = check.get("Retries", 0)
    return f"&{{{words} {shown} '\\x{retries:02x}'}}"


def _time(nanoseconds: object) -> str:
    """Return a time as Go prints it: ``1m30s``."""
    if not isinstance(nanoseconds, int) or not nanoseconds:
        return "0s"
    if nanoseconds < 10**9:
        return f"{nanoseconds / 10**6:g}ms"
    minutes, rest = divmod(nanoseconds, 60 * 10**9)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{head}{rest / 10**9:g}s"

"""Programs about the environment: env, printenv, pwd, which, true, false."""

import errno
from typing import TYPE_CHECKING

from course.processes.simulated import executable
from course.processes.simulated.programs.buffering import Output
from course.processes.simulated.programs.quoting import quote, quoted
from course.processes.simulated.programs.registry import Usage, options, program

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run

ENV_LONG = {"ignore-environment": "i", "unset=": "u", "null": "0", "chdir=": "C"}


@program("env", usage_status=125)
def env(process: "Process", argv: list[str]) -> "Run":
    """Run a program in another environment, or print the environment (env(1)); -S and -v are not there."""
    found, words = options(argv, "+iu:0C:", ENV_LONG)
    letters = {name.rstrip("="): letter for name, letter in ENV_LONG.items()}
    chosen = [(letters.get(option[2:], option[1:]), value) for option, value in found]
    wishes = dict(chosen)
    if words[:1] == ["-"]:
        wishes["i"] = ""
        words = words[1:]
    environment = {} if "i" in wishes else dict(process.env)
    for letter, value in chosen:
        if letter == "u":
            if not value or "=" in value:
                raise Usage(f"cannot unset {quote(value)}: Invalid argument", hint=False)
            environment.pop(value, None)
    while words and "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        environment[name] = value
    if not words:
        if "C" in wishes:
            raise Usage("must specify command with --chdir (-C)")
        yield from process.print("".join(f"{n}={v}{_end(wishes)}" for n, v in environment.items()))
        return 0
    if "0" in wishes:
        raise Usage("cannot specify --null (-0) with command")
    if "C" in wishes:
        try:
            process.fs.chdir(wishes["C"])
        except OSError as error:
            raise Usage(f"cannot change directory to {quoted(wishes['C'])}: {error.strerror}", hint=False) from None
    process.env = environment
    try:
        process.exec(words)
    except OSError as error:
        status = 127 if error.errno == errno.ENOENT else 126
        raise Usage(f"{quote(words[0])}: {error.strerror}", status, hint=False) from None


def _end(wishes: dict[str, str]) -> str:
    return "\0" if "0" in wishes else "\n"


@program("printenv", usage_status=2)
def printenv(process: "Process", argv: list[str]) -> "Run":
    """Print variables of the environment (printenv(1))."""
    found, names = options(argv, "+0", ["null"])
    end = "\0" if found else "\n"
    if names:
        values = [process.env.get(name) if "=" not in name else None for name in names]
        yield from process.print("".join(f"{value}{end}" for value in values if value is not None))
        return 1 if None in values else 0
    yield from process.print("".join(f"{name}={value}{end}" for name, value in process.env.items()))
    return 0


@program("pwd")
def pwd(process: "Process", argv: list[str]) -> "Run":
    """Print the working directory (pwd(1)): with -L as the environment says, if that is right."""
    found, operands = options(argv, "LP", ["logical", "physical"])
    out = Output(process)
    if operands:
        yield from out.complain("ignoring non-option arguments")
    named = process.env.get("PWD", "")
    logical = bool(found) and found[-1][0] in ("-L", "--logical")
    try:
        shown = named if logical and _is_here(process, named) else process.fs.getcwd()
    except OSError as error:
        raise Usage(
            f"couldn't find directory entry in '..' with matching i-node: {error.strerror}", hint=False
        ) from None
    yield from out.print(f"{shown}\n")
    yield from out.flush()
    return 0


def _is_here(process: "Process", path: str) -> bool:
    if not path.startswith("/") or {".", ".."} & set(path.split("/")):
        return False
    try:
        there, here = process.fs.stat(path), process.fs.stat(".")
    except OSError:
        return False
    return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)


@program("which")
def which(process: "Process", argv: list[str]) -> "Run":
    """Print the files that commands mean (which(1) of debianutils)."""
    found, names = [], argv[1:]
    while names and names[0].startswith("-") and len(names[0]) > 1:
        word = names.pop(0)
        if word == "--":
            break
        found += list(word[1:])
        for letter in word[1:]:
            if letter != "a":
                yield from process.complain(f"Illegal option -{letter}\nUsage: /usr/bin/which [-a] args")
                return 2
    status = 0 if names else 1
    for name in names:
        folders = process.env.get("PATH", "").split(":") if "/" not in name else [None]
        paths = [name if folder is None else f"{folder or '.'}/{name}" for folder in folders]
        there = [path for path in paths if _is_executable(process, path)]
        yield from process.print("".join(f"{path}\n" for path in (there if found else there[:1])))
        status = status if there else 1
    return status


def _is_executable(process: "Process", path: str) -> bool:
    try:
        executable.check(process, path)
    except OSError:
        return False
    return True


@program("true")
def succeed(_process: "Process", _argv: list[str]) -> "Run":
    """Do nothing, successfully (true(1))."""
    return 0
    yield


@program("false")
def fail(_process: "Process", _argv: list[str]) -> "Run":
    """Do nothing, unsuccessfully (false(1))."""
    return 1
    yield

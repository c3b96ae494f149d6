"""An answer in a process of its own: started, limited, listened to, and ended with all that it started.

The answer's process gets the cases and nothing else.  What it writes back is read as data, with a bound on every
length; a lie can only be a wrong value.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import IO, Any, cast

from course.errors import MachineError
from course.grading import runner
from course.words import _, shown, size

TIME_LIMIT = 10.0  # seconds for all cases of an answer
MEMORY_LIMIT = 1_000_000_000  # bytes of address space
FILE_LIMIT = 16_000_000  # bytes in one file
REPLY_LIMIT = 300_000  # bytes in one reply: above what MAX_SIZE can come to
REPLIES_LIMIT = 32_000_000  # bytes in all replies
PRINTED_LIMIT = 10_000  # bytes
COMMAND = [sys.executable, "-S", "-P", "-X", "utf8", runner.__file__]
PASSED_ON = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # what Python itself may need to start


@dataclass(frozen=True)
class Outcome:
    """What came of one case.

    ``code`` (str) is what is compared: the value as Python code, with its exact type; ``raised KeyError``; or empty,
    for what can equal nothing.  ``words`` (str) is what is shown.  ``encoded`` is the value as ``runner.encode`` has
    it, or None.
    """

    code: str
    words: str
    encoded: Any = None


@dataclass(frozen=True)
class Run:
    """What came of running an answer.

    ``outcomes`` are those of the first cases, in order (list of Outcome): of all cases, or up to the one in which the
    process ended.  ``problem`` says why nothing can come of running the rest again (str; else empty).  ``printed`` is
    what it printed (str, capped).  ``held`` are the limits of getrlimit(2) that held (tuple of str).
    """

    outcomes: list[Outcome]
    problem: str
    printed: str
    held: tuple[str, ...]


def value_outcome(encoded: Any) -> Outcome:
    """Return the Outcome that is a value, as ``runner.encode`` has it.  Raises ValueError, TypeError: it is none."""
    code = as_code(encoded)
    return Outcome(code, shorten(code), encoded)


def as_code(encoded: Any) -> str:
    """Return a value, as ``runner.encode`` has it, as Python code (str): the same for equal values of the same types.

    What a dict or a set holds is sorted.  Raises ValueError, TypeError: ``encode`` makes no such thing.

    >>> as_code(runner.encode({"/b": (1,), "/a": True}))
    "{'/a': True, '/b': (1,)}"
    """
    if encoded is None or type(encoded) in (bool, int, str):
        return repr(encoded)
    name, *items = encoded
    if name == "float":
        return repr(float(*items))
    if name == "bytes":
        return repr(bytes.fromhex(*items))
    if name == "dict":
        return "{" + ", ".join(sorted(f"{as_code(key)}: {as_code(value)}" for _item, key, value in items)) + "}"
    texts = [as_code(item) for item in items]
    if name == "list":
        return f"[{', '.join(texts)}]"
    if name == "tuple":
        return f"({', '.join(texts)}{',' if len(texts) == 1 else ''})"
    inside = ", ".join(sorted(texts))
    if name == "set":
        return "{" + inside + "}" if texts else "set()"
    if name == "frozenset":
        return "frozenset({" + inside + "})" if texts else "frozenset()"
    raise ValueError(name)


def shorten(text: str, limit: int = 300) -> str:
    """Return ``text`` (str) with at most about ``limit`` (int) characters: the middle of a longer one is left out.

    >>> shorten("0123456789" * 10, 20)
    '0123456789012 … 456789'
    """
    if len(text) <= limit:
        return text
    end = limit // 3
    return f"{text[: limit - end - 1]} … {text[-end:]}"


def run_cases(answer: str, function: str, cases: Sequence[Any], seconds: float) -> Run:
    """Run ``answer`` (str, code) in a process of its own, call its ``function`` (str) on each case, and return the Run.

    ``cases`` are the arguments of each call as ``runner.encode`` has them; ``seconds`` (float) is the time for all.
    Raises MachineError: no process can be started.
    """
    limits = {
        "RLIMIT_CPU": int(seconds) + 2,
        "RLIMIT_AS": MEMORY_LIMIT,
        "RLIMIT_FSIZE": FILE_LIMIT,
        "RLIMIT_CORE": 0,
        "RLIMIT_NPROC": 0,
    }
    request = {"answer": answer, "function": function, "cases": list(cases), "limits": limits}
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | {"PYTHONHASHSEED": "0"}
    replies: list[list[Any]] = []
    enough, ended = threading.Event(), threading.Event()
    printed = bytearray()
    with TemporaryDirectory(prefix="answer-", ignore_cleanup_errors=True) as folder:
        try:
            child = subprocess.Popen(
                COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=folder,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise MachineError(
                _("no process could be started to run the answer in: {reason}.").format(reason=error.strerror)
            ) from error
        try:
            listeners = [
                _thread(_read_replies, cast(IO[bytes], child.stdout), replies, len(cases) + 2, enough, ended),
                _thread(_read_printed, cast(IO[bytes], child.stderr), printed),
            ]
            _send(cast(IO[bytes], child.stdin), json.dumps(request).encode())
            late = not enough.wait(seconds)
        finally:
            _end(child)
            ended.set()
        for thread in listeners:
            thread.join(1)  # a process that escaped may hold the pipe open: then the thread waits for it alone
    outcomes, problem = _judged(replies, _ending(late, child.returncode), late, function, len(cases))
    held = tuple(str(name) for name in replies[0][1:]) if replies else ()
    return Run(outcomes, problem, printed.decode("utf-8", "replace"), held)


def _thread(act: Any, *arguments: Any) -> threading.Thread:
    thread = threading.Thread(target=act, args=arguments, daemon=True)
    thread.start()
    return thread


def _send(pipe: IO[bytes], data: bytes) -> None:
    try:
        with pipe:
            pipe.write(data)
    except OSError:  # it ended already: what it left tells why
        pass


def _read_replies(
    pipe: IO[bytes], replies: list[list[Any]], wanted: int, enough: threading.Event, ended: threading.Event
) -> None:
    """Read replies, a line each, until all that are wanted are there or no more come; then keep the pipe to the end."""
    left = REPLIES_LIMIT
    with pipe:
        while len(replies) < wanted and left > 0:
            line = pipe.readline(REPLY_LIMIT)
            left -= len(line)
            if not line.endswith(b"\n"):
                break
            try:
                reply = json.loads(line)
            except (ValueError, RecursionError):
                reply = None
            replies.append(reply if isinstance(reply, list) and reply else ["nonsense"])
        enough.set()
        ended.wait()  # a pipe closed under the process would make it end in one way today and in another tomorrow


def _read_printed(pipe: IO[bytes], printed: bytearray) -> None:
    """Keep the first bytes, and read on to the end: whoever prints never waits."""
    with pipe:
        while chunk := os.read(pipe.fileno(), 1 << 16):
            printed += chunk[: PRINTED_LIMIT - len(printed)] if len(printed) < PRINTED_LIMIT else b""


def _end(child: subprocess.Popen[bytes]) -> None:
    """End the process, and on POSIX every other one in its session's first group; then collect it."""
    if sys.platform == "win32":
        child.kill()
    else:
        try:
            os.killpg(child.pid, signal.SIGKILL)  # before wait(): until then the number cannot be another's
        except (ProcessLookupError, PermissionError):
            child.kill()
    child.wait()


def _ending(late: bool, status: int) -> str:
    """Say how the process ended, if it ended before it had said all."""
    if late:
        return _("took longer than {seconds:g} seconds").format(seconds=TIME_LIMIT)
    if status == runner.OUT_OF_MEMORY:
        return _("used more memory than {limit}").format(limit=size(MEMORY_LIMIT))
    if status < 0:
        reason = signal.strsignal(-status) or ""
        return _("ended its process (signal {number}: {reason})").format(number=-status, reason=reason)
    return _("ended its process (exit status {status})").format(status=status)


def _judged(replies: list[list[Any]], ending: str, late: bool, function: str, wanted: int) -> tuple[list[Outcome], str]:
    """Return the outcomes (list of Outcome), and why nothing more can come of it (str)."""
    sentence = _("Your answer {what}.")
    if not replies:
        return [], _("The process for your answer did not start: it {what}.").format(what=ending)
    if len(replies) == 1:
        return [], sentence.format(what=ending)
    defined = replies[1]
    if defined[0] == "missing":
        return [], _("Your answer does not define `{function}`.").format(function=function)
    if defined[0] != "defined":
        return [], _at_line(defined)
    outcomes = [_outcome(reply) for reply in replies[2:]]
    if len(outcomes) < wanted:
        outcomes.append(Outcome("", ending))
    return outcomes, sentence.format(what=ending) if late else ""


def _outcome(reply: list[Any]) -> Outcome:
    try:
        match reply:
            case ["value", encoded]:
                return value_outcome(encoded)
            case ["raised", str(kind), str(message), int(line)]:
                words = _("raised {error}").format(error=_error(kind, message))
                if line:
                    words = _("{words} (line {line})").format(words=words, line=line)
                return Outcome(f"raised {kind}", words)
            case ["odd", "type", str(kind)]:
                return Outcome("", _("returned an object of type {kind}").format(kind=shorten(shown(kind))))
            case ["odd", "deep"]:
                return Outcome("", _("returned a value that is nested too deeply to be judged"))
            case ["odd", "large"]:
                return Outcome("", _("returned a value that is too large to be judged"))
    except (ValueError, TypeError, RecursionError):
        pass
    return Outcome("", _("sent back something that is no value"))


def _at_line(raised: list[Any]) -> str:
    match raised:
        case ["raised", str(kind), str(message), int(line)]:
            unreadable = kind in ("SyntaxError", "IndentationError", "TabError")
            error = shorten(shown(message)) if unreadable else _error(kind, message)
            if line:
                return _("Line {line}: {error}.").format(line=line, error=error)
            return _("Your answer cannot be run: {error}.").format(error=error)
    return _("Your answer sent back something that is no value.")


def _error(kind: str, message: str) -> str:
    return shorten(shown(f"{kind}: {message}" if message else kind))

"""What runs in the learner's process: it calls the answer's function on each case, and writes back plain values.

The judge starts this file as a script, so it stands alone and imports little.  It reads one request from its standard
input, to the end, and writes one line of JSON a case to its standard output; before the answer runs, that becomes
something else, so that what the answer prints never counts.  Nothing here knows what a case should give.

A plain value is None, a bool, int, float, str or bytes, or a list, tuple, dict, set or frozenset of them.  ``encode``
and ``decode`` carry it through JSON with its exact type.
"""

import contextlib
import io
import json
import os
import sys
from types import TracebackType
from typing import Any

CELL = "<your cell>"
OUT_OF_MEMORY = 77  # exit status
MAX_SIZE = 20_000  # values and characters in one value
MAX_DEPTH = 50
MAX_BITS = 4_000  # in an int
MAX_MESSAGE = 300  # characters


class NotPlain(Exception):  # noqa: N818 (names the fact)
    """A value that cannot travel: its arguments are ``type`` and the type's name, ``large`` or ``deep``."""


def encode(value: object) -> Any:
    """Return a plain value as what JSON can carry.  Raises NotPlain.

    >>> encode({"/a": (1, True)})
    ['dict', ['item', '/a', ['tuple', 1, True]]]
    """
    left = MAX_SIZE

    def walk(value: Any, depth: int) -> Any:
        nonlocal left
        kind = type(value)
        left -= len(value) + 1 if kind in (str, bytes) else 1
        if left < 0 or (kind is int and value.bit_length() > MAX_BITS):
            raise NotPlain("large")
        if depth > MAX_DEPTH:
            raise NotPlain("deep")
        if value is None or kind in (bool, int, str):
            return value
        if kind is float:
            return ["float", repr(value)]
        if kind is bytes:
            return ["bytes", value.hex()]
        if kind is dict:
            return ["dict", *(["item", walk(key, depth + 1), walk(value[key], depth + 1)] for key in value)]
        if kind in (list, tuple, set, frozenset):
            return [kind.__name__, *(walk(item, depth + 1) for item in value)]
        raise NotPlain("type", kind.__name__)

    return walk(value, 0)


def decode(encoded: Any) -> Any:
    """Return the plain value that ``encode`` made this of, a new one each time.  Raises ValueError, TypeError.

    >>> decode(encode({"/a": (1, True)}))
    {'/a': (1, True)}
    """
    if not isinstance(encoded, list):
        return encoded
    name, *items = encoded
    if name == "float":
        return float(*items)
    if name == "bytes":
        return bytes.fromhex(*items)
    if name == "dict":
        return {decode(key): decode(value) for _, key, value in items}
    return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[name](decode(item) for item in items)


def main() -> None:
    """Do what the request on standard input asks, and end."""
    request = json.load(sys.stdin)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # what was printed before the process is ended shall be seen
    replies = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # prints go where they are shown, and never count

    def reply(*said: Any) -> None:
        replies.write(json.dumps(said) + "\n")
        replies.flush()

    reply("limits", *_limit(request["limits"]))
    namespace: dict[str, Any] = {"__name__": "answer"}
    defined = _told(lambda: exec(compile(request["answer"], CELL, "exec"), namespace))  # noqa: S102 (what it is for)
    function = namespace.get(request["function"])
    if defined[0] == "value":
        defined = ["defined"] if callable(function) else ["missing"]
    reply(*defined)
    if not callable(function):
        return
    for case in request["cases"]:
        arguments = decode(case)
        reply(*_told(lambda arguments=arguments: function(*arguments)))


def _limit(limits: dict[str, int]) -> list[str]:
    """Set the limits of getrlimit(2) that this system has, and return the names of those that now hold."""
    try:
        import resource
    except ImportError:  # Windows
        return []
    held = []
    for name, limit in limits.items():
        with contextlib.suppress(AttributeError, ValueError, OSError):  # unknown here, or refused (macOS: RLIMIT_AS)
            kind = getattr(resource, name)
            hard = resource.getrlimit(kind)[1]
            lowest = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (lowest, lowest))
            held.append(name)
    return held


def _told(act: Any) -> list[Any]:
    """Return what came of calling ``act``: the value, or what was raised and in which line, or why it cannot travel."""
    try:
        return ["value", encode(act())]
    except NotPlain as odd:
        return ["odd", *(str(word)[:MAX_MESSAGE] for word in odd.args)]
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # there may be no memory left to say so
    except BaseException as error:
        return ["raised", type(error).__name__[:MAX_MESSAGE], _message(error), _line(error)]


def _message(error: BaseException) -> str:
    try:
        return str(error.msg if isinstance(error, SyntaxError) else error)[:MAX_MESSAGE]
    except BaseException:  # the answer's own exception, whose text it makes itself
        return ""


def _line(error: BaseException) -> int:
    """Return the last line of the answer that was reached (int; 0: none)."""
    if isinstance(error, SyntaxError) and error.filename == CELL:
        return error.lineno or 0
    line = 0
    trace: TracebackType | None = error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == CELL:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


if __name__ == "__main__":
    main()

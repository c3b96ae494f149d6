"""A container's log as docker's driver json-file writes it: one JSON object a line."""

import json
from pathlib import Path

from course.engine.dates import moment
from course.engine.kept.reading import is_there, read
from course.processes.runtime import STDERR, STDOUT, Output

MOST = 64 << 20  # bytes that are read of a log; what writes them stops long before
STREAMS = {"stdout": STDOUT, "stderr": STDERR}


def log_of(root: Path, path: str) -> tuple[Output, ...]:
    r"""Return what the log ``path`` (str) below ``root`` (Path) says (tuple of Output); one that is not there: nothing.

    A line that is none of a log is left out: the last one is torn when its writer was killed.  A byte that is not UTF-8
    is a lone surrogate in the JSON, as Python decodes it with ``surrogateescape``.  Raises CourseError: it cannot be
    read.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> line = b'{"log":"hello\\n","stream":"stdout","time":"1970-01-01T00:00:01Z"}'
    >>> _ = (folder / "a.log").write_bytes(line + b"\n" + line[:20])
    >>> log_of(folder, "a.log")
    (Output(time=1000000000, stream=1, data=b'hello\n'),)
    """
    if not is_there(root, path):
        return ()
    outputs = map(_output, read(root, path, MOST).split(b"\n"))
    return tuple(output for output in outputs if output is not None)


def _output(line: bytes) -> Output | None:
    try:
        fields = json.loads(line)
        text, stream, time = fields["log"], STREAMS[fields["stream"]], fields["time"]
        return Output(moment(time), stream, text.encode("utf-8", "surrogateescape"))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None

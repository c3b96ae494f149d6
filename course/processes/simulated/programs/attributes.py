"""Programs about extended attributes: getfattr, setfattr (of the package attr)."""

import base64
import binascii
import errno
import re
import stat
from collections.abc import Iterator
from typing import TYPE_CHECKING

from course.processes.simulated.programs.buffering import Output, Steps, decoded, encoded
from course.processes.simulated.programs.operands import join
from course.processes.simulated.programs.registry import Usage, options, program
from course.processes.simulated.programs.regular_expressions import BadPattern, Pattern

if TYPE_CHECKING:
    from course.processes.simulated.process import Process, Run

GET_USAGE = """Usage: getfattr [-hRLP] [-n name|-d] [-e en] [-m pattern] path...
Try `getfattr --help' for more information."""
SET_USAGE = """Usage: setfattr {-n name} [-v value] [-h] file...
       setfattr {-x name} [-h] file...
Try `setfattr --help' for more information."""
GET_LONG = {
    "name=": "n",
    "dump": "d",
    "encoding=": "e",
    "match=": "m",
    "only-values": "o",
    "no-dereference": "h",
    "absolute-names": "a",
    "recursive": "R",
    "logical": "L",
    "physical": "P",
}
SET_LONG = {"name=": "n", "remove=": "x", "value=": "v", "no-dereference": "h"}
ENCODINGS = ("text", "hex", "base64")
ESCAPES = {0: "\\000", 10: "\\012", 13: "\\015", 34: '\\"', 92: "\\\\"}


def _chosen(argv: list[str], short: str, long: dict[str, str], usage: str) -> tuple[dict[str, str], list[str]]:
    try:
        found, names = options(argv, short, long)
    except Usage as error:
        raise Usage(f"{error}\n{usage}", 2, hint=False) from None
    letters = {name.rstrip("="): letter for name, letter in long.items()}
    return {letters.get(option[2:], option[1:]): value for option, value in found}, names


@program("getfattr")
def getfattr(process: "Process", argv: list[str]) -> "Run":
    """Print extended attributes (getfattr(1)): user.* unless another pattern is asked for."""
    chosen, names = _chosen(argv, "n:de:m:hRLP", GET_LONG, GET_USAGE)
    encoding = chosen.get("e", "")
    if not names or (encoding and encoding not in ENCODINGS):
        yield from process.complain(GET_USAGE)
        return 2
    pattern = chosen.get("m", "^user\\.")
    try:
        matches = Pattern("" if pattern == "-" else pattern, extended=True)
    except BadPattern:
        raise Usage(f'invalid regular expression "{pattern}"', hint=False) from None
    report, status = Report(process, chosen, matches), 0
    for name in names:
        for path in _paths(process, name, "R" in chosen):
            try:
                whole = yield from report.file(path)
            except OSError as error:
                yield from process.complain(f"{argv[0]}: {path}: {error.strerror}")
                status = 1
            else:
                status = status if whole else 1
    yield from report.out.flush()
    return status


def _paths(process: "Process", path: str, recursive: bool) -> Iterator[str]:
    yield path
    if not recursive:
        return
    try:
        if stat.S_ISDIR(process.fs.lstat(path).st_mode):
            for name in process.fs.listdir(path):
                yield from _paths(process, join(path, name), True)
    except OSError:  # it has been told, or there is nothing to tell
        return


class Report:
    """The attributes of files, as ``chosen`` (dict of option letters) says, on their way to ``out`` (Output)."""

    def __init__(self, process: "Process", chosen: dict[str, str], matches: Pattern) -> None:
        self.process, self.chosen, self.matches = process, chosen, matches
        self.out = Output(process)
        self.told = False

    def file(self, path: str) -> "Run":
        """Print the attributes of one file; return whether that which was asked for is there (int).  Raises OSError."""
        follow = "h" not in self.chosen
        names = sorted(self.process.fs.listxattr(path, follow_symlinks=follow))
        names = [self.chosen["n"]] if "n" in self.chosen else [n for n in names if self.matches.search(encoded(n))]
        lines: list[str] = []
        for name in names:
            if not self.chosen.keys() & {"d", "n", "o"}:
                lines.append(name)
                continue
            try:
                value = self.process.fs.getxattr(path, name, follow_symlinks=follow)
            except OSError as error:
                yield from self.process.complain(f"{path}: {name}: {_reason(error)}")
                return 0
            if "o" in self.chosen:
                yield from self.out.write(value)
            else:
                lines.append(f"{name}={_encoded(value, self.chosen.get('e', ''))}")
        if lines:
            yield from self._head(path)
            yield from self.out.print("".join(f"{line}\n" for line in lines) + "\n")
        return 1

    def _head(self, path: str) -> Steps:
        shown = path
        if path.startswith("/") and "a" not in self.chosen:
            shown = path.lstrip("/")
            if not self.told:
                message = f"{self.process.argv[0]}: Removing leading '/' from absolute path names"
                yield from self.process.complain(message)
                self.told = True
        yield from self.out.print(f"# file: {shown}\n")


def _reason(error: OSError) -> str:
    return "No such attribute" if error.errno == errno.ENODATA else str(error.strerror)


def _encoded(value: bytes, encoding: str) -> str:
    """Return a value (bytes) as text, in hexadecimal or base64 (str); as text if most of it can be printed."""
    if not encoding:
        text = value.removesuffix(b"\0")
        strange = sum(not 32 <= byte < 127 for byte in text)
        encoding = "text" if len(text) >= strange * 8 else "base64"
    if encoding == "hex":
        return "0x" + value.hex()
    if encoding == "base64":
        return "0s" + base64.b64encode(value).decode()
    return '"' + decoded(b"".join(ESCAPES[byte].encode() if byte in ESCAPES else bytes([byte]) for byte in value)) + '"'


@program("setfattr")
def setfattr(process: "Process", argv: list[str]) -> "Run":
    """Set or remove an extended attribute (setfattr(1))."""
    chosen, names = _chosen(argv, "n:x:v:h", SET_LONG, SET_USAGE)
    if ("n" in chosen) == ("x" in chosen) or ("x" in chosen and "v" in chosen) or not names:
        yield from process.complain(SET_USAGE)
        return 2
    try:
        value = _decoded(chosen.get("v", ""))
    except ValueError:
        yield from process.complain("bad input encoding")
        return 1
    status, follow = 0, "h" not in chosen
    for name in names:
        try:
            if "n" in chosen:
                process.fs.setxattr(name, chosen["n"], value, follow_symlinks=follow)
            else:
                process.fs.removexattr(name, chosen["x"], follow_symlinks=follow)
        except OSError as error:
            yield from process.complain(f"{argv[0]}: {name}: {_reason(error)}")
            status = 1
    return status


def _decoded(text: str) -> bytes:
    """Return the value (bytes) that an argument (str) means.  Raises ValueError."""
    if text[:2] in ("0x", "0X"):
        return bytes.fromhex(text[2:])
    if text[:2] in ("0s", "0S"):
        try:
            return base64.b64decode(text[2:], validate=True)
        except binascii.Error as error:
            raise ValueError(text) from error
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1]

    def plain(found: re.Match[bytes]) -> bytes:
        return bytes([int(found[1], 8) & 255]) if found[1] else found[2]

    return re.sub(rb'\\(?:([0-7]{3})|([\\"]))', plain, encoded(text))

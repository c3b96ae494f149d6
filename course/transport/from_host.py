"""An image made of this machine's own shell, core utilities and libraries: real input without any network."""

import os
import platform
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from course.errors import MachineError
from course.layers import paths
from course.layers.entry import FileEntry, Kind, directory, file, symlink
from course.layers.image import Image
from course.layers.layer import Layer
from course.words import _

NAME = "host:latest"
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SHELL = "/bin/sh"
CORE_UTILITIES = (
    "cat chmod chown cp cut date dd df du echo env expr false head id ln ls mkdir mknod mkfifo mv nproc printf pwd "
    "readlink rm rmdir seq sha256sum sleep sort stat sync tail tee test touch tr true truncate tty uname uniq wc whoami"
).split()
TOOLS = "awk find free grep hostname ip kill mount nsenter ps sed setpriv tar top umount unshare".split()
LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x")  # ldd(1): "libc.so.6 => /lib/libc.so.6 (0x…)", or a path alone


@dataclass(frozen=True, slots=True)
class OnHost:
    """File content that lies in a file of this machine."""

    path: str

    def open(self) -> BinaryIO:
        """Return the file as a stream (binary file object)."""
        return Path(self.path).open("rb")


def image_from_host() -> Image:
    """Return an image (Image) of three layers or four: a file system's bones, the shell, core utilities, more tools.

    A program that this machine lacks is left out; a library goes into the first layer that needs it.  Files are read
    when the image is saved.  Raises MachineError: this machine does not run Linux, or has no shell.
    """
    if platform.system() != "Linux":
        raise MachineError(
            _(
                "an image can be made from a Linux machine only, and this is {system}; use the small image instead."
            ).format(system=platform.system())
        )
    if not Path(SHELL).exists():
        raise MachineError(_("there is no {shell} here, which every container begins with.").format(shell=SHELL))
    bones = Layer.of(_bones())
    layers, steps = [bones], ["COPY bones /"]
    here = set(bones.entries)
    for name, programs in (("shell", [SHELL]), ("core-utilities", _found(CORE_UTILITIES)), ("tools", _found(TOOLS))):
        entries = {path: entry for path, entry in _with_libraries(programs).items() if path not in here}
        here |= entries.keys()
        if entries:
            layers.append(Layer.of(entries, parent=layers[-1]))
            steps.append(f"COPY {name} /")
    run = {"Env": [f"PATH={SEARCH_PATH}"], "Cmd": ["/bin/sh"]}
    return Image.of(
        layers, [*steps, 'CMD ["/bin/sh"]'], [NAME], run, empty=['CMD ["/bin/sh"]'], architecture=_architecture()
    )


def _bones() -> dict[str, FileEntry | None]:
    return {
        **{f"/{name}": None for name in ("dev", "etc", "home", "mnt", "run", "usr", "var")},
        "/proc": directory(0o555),
        "/sys": directory(0o555),
        "/root": directory(0o700),
        "/tmp": directory(0o1777),  # noqa: S108 (a directory of the image)
        "/etc/passwd": file("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
        "/etc/group": file("root:x:0:\nnogroup:x:65534:\n"),
        "/etc/hosts": file("127.0.0.1 localhost\n"),
        "/etc/nsswitch.conf": file("passwd: files\ngroup: files\nhosts: files dns\n"),
    }


def _architecture() -> str:
    """Return this machine's architecture (str) as images name it.  Rule: image-spec config.md, "architecture"."""
    machine = platform.machine()
    return {"x86_64": "amd64", "aarch64": "arm64", "i686": "386", "armv7l": "arm"}.get(machine, machine)


def _found(programs: Iterable[str]) -> list[str]:
    """Return where these programs lie, those that are there (list of str, paths)."""
    places = ([f"{folder}/{program}" for folder in SEARCH_PATH.split(":")] for program in programs)
    return [path for paths in places if (path := next((path for path in paths if os.access(path, os.X_OK)), ""))]


def _with_libraries(programs: Iterable[str]) -> dict[str, FileEntry]:
    """Return these programs (paths), the libraries they load, and every link on the way (path -> FileEntry)."""
    import subprocess  # not at the top: browsers have none

    entries: dict[str, FileEntry] = {}
    for program in programs:
        _collect(program, entries)
        listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)  # noqa: S607
        for library in LIBRARY.findall(listed.stdout):
            _collect(library, entries)
    return entries


def _collect(path: str, entries: dict[str, FileEntry]) -> None:
    """Add the file that ``path`` (str) leads to, and the links and directories on the way, as this machine has them."""
    todo, place = [part for part in path.split("/") if part][::-1], paths.ROOT
    while todo:
        part = todo.pop()
        if part == "..":
            place = paths.parent(place)
            continue
        step = paths.join(place, part)
        found = Path(step).lstat()
        if stat.S_ISLNK(found.st_mode):
            target = str(Path(step).readlink())
            entries[step] = symlink(target)
            todo += [part for part in target.split("/") if part not in ("", ".")][::-1]
            place = paths.ROOT if target.startswith("/") else place
            continue
        if stat.S_ISDIR(found.st_mode):
            entries[step] = directory(stat.S_IMODE(found.st_mode))
        else:
            mode = stat.S_IMODE(found.st_mode) & ~(stat.S_ISUID | stat.S_ISGID)
            content = OnHost(step)
            entries[step] = FileEntry(Kind.FILE, mode, mtime_ns=found.st_mtime_ns, size=found.st_size, content=content)
        place = step

"""tar -t: one line for each member of an archive."""

import stat
import tarfile

from course.processes.simulated.programs import times
from course.processes.simulated.programs.quoting import escaped

OWNER_AND_SIZE = 19  # characters that these take at least
LETTERS = {
    tarfile.DIRTYPE: "d",
    tarfile.SYMTYPE: "l",
    tarfile.LNKTYPE: "h",
    tarfile.FIFOTYPE: "p",
    tarfile.CHRTYPE: "c",
    tarfile.BLKTYPE: "b",
}


class Listing:
    """The lines of one listing: ``long`` (bool) is -v, ``numeric`` (bool) shows numbers instead of users' names.

    The columns grow with what they have to hold.
    """

    def __init__(self, long: bool, numeric: bool) -> None:
        self.long, self.numeric = long, numeric
        self.width = OWNER_AND_SIZE

    def line(self, header: tarfile.TarInfo) -> str:
        """Return the line for a member (str), with its newline."""
        slash = "/" if header.isdir() and not header.name.endswith("/") else ""
        name = f"{escaped(header.name)}{slash}"
        if not self.long:
            return f"{name}\n"
        letter = LETTERS.get(header.type, "-")
        user = header.uname if header.uname and not self.numeric else str(header.uid)
        group = header.gname if header.gname and not self.numeric else str(header.gid)
        is_device = header.type in (tarfile.CHRTYPE, tarfile.BLKTYPE)
        size = f"{header.devmajor},{header.devminor}" if is_device else str(header.size)
        self.width = max(self.width, len(user) + len(group) + len(size) + 2)
        gap = " " * (self.width - len(user) - len(group) - len(size) - 1)
        time = times.written(int(header.mtime) * times.SECOND, "%Y-%m-%d %H:%M")
        target = {"h": " link to ", "l": " -> "}.get(letter, "")
        end = target + escaped(header.linkname) if target else ""
        return f"{letter}{stat.filemode(header.mode)[1:]} {user}/{group}{gap}{size} {time} {name}{end}\n"

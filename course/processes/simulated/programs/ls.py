"""ls: what is in a directory."""

import stat

from course.processes.simulated.process import Process, Run
from course.processes.simulated.programs import long_listing, targets
from course.processes.simulated.programs.long_listing import Entry, Form
from course.processes.simulated.programs.operands import join
from course.processes.simulated.programs.quoting import quoted
from course.processes.simulated.programs.registry import Steps, choice, options, program

SHORT = "aAcdfFgGhHilLnoprRsStuUX1"
LONG = (
    "all almost-all classify=? directory dereference dereference-command-line file-type full-time human-readable inode "
    "no-group numeric-uid-gid recursive reverse size color=? group-directories-first sort= time= "
    "time-style="
).split()
COLORS = dict.fromkeys(["never", "no", "none"], "never") | dict.fromkeys(["auto", "tty", "if-tty"], "auto")
SORTS = {"none": "U", "time": "t", "size": "S", "extension": "X"}
TIMES = {
    **dict.fromkeys(["atime", "access", "use"], "atime"),
    **dict.fromkeys(["ctime", "status"], "ctime"),
    **dict.fromkeys(["mtime", "modification"], "mtime"),
}


class Listing:
    """One call of ls: its options, and the exit status so far (int)."""

    def __init__(self, process: Process, found: list[tuple[str, str]]) -> None:
        self.process = process
        self.status = 0
        self.form = Form(now=process.space.clock())
        self.hidden = ""  # what of the names with a dot is shown: "" none, "A" all but . and .., "a" all
        self.sort = ""
        self.reverse = self.recursive = self.directory = self.directories_first = False
        self.follow = ""  # links that are followed: "operands" or "all"
        for option, value in found:
            self._take(option, value)
        if not self.sort and self.form.time != "mtime" and not self.form.long:
            self.sort = "t"
        if not self.follow and not (self.directory or self.form.long or self.form.marks == "all"):
            self.follow = "directories"

    def _take(self, option: str, value: str) -> None:
        form = self.form
        match option:
            case "-a" | "--all":
                self.hidden = "a"
            case "-A" | "--almost-all":
                self.hidden = "A"
            case "-c" | "-u":
                form.time = {"-c": "ctime", "-u": "atime"}[option]
            case "-d" | "--directory":
                self.directory = True
            case "-f":
                self.hidden, self.sort, form.long, form.blocks = "a", "U", False, False
            case "-F" | "--classify":
                form.marks = "all"
            case "-p":
                form.marks = "directories"
            case "-g":
                form.long, form.owner = True, False
            case "-o":
                form.long, form.group = True, False
            case "-G" | "--no-group":
                form.group = False
            case "-h" | "--human-readable":
                form.human = True
            case "-H" | "--dereference-command-line":
                self.follow = "operands"
            case "-i" | "--inode":
                form.inode = True
            case "-l":
                form.long = True
            case "-L" | "--dereference":
                self.follow = "all"
            case "-n" | "--numeric-uid-gid":
                form.long = form.numeric = True
            case "-r" | "--reverse":
                self.reverse = True
            case "-R" | "--recursive":
                self.recursive = True
            case "-s" | "--size":
                form.blocks = True
            case "-S" | "-t" | "-U" | "-X":
                self.sort = option[1]
            case "--color":
                choice(option, value, COLORS)  # the output is no terminal
            case "--full-time":
                form.long, form.style = True, long_listing.STYLES["full-iso"]
            case "--group-directories-first":
                self.directories_first = True
            case "--sort":
                self.sort = choice(option, value, SORTS)
            case "--time":
                form.time = choice(option, value, TIMES)
            case "--time-style":
                form.style = _style(value)

    def entry(self, name: str, path: str, operand: bool = False) -> Entry:
        """Return the Entry of one file.  Raises OSError."""
        fs, entry = self.process.fs, Entry(name, path)
        follows = self.follow == "all" or (operand and self.follow == "operands")
        if follows:
            entry.found = fs.stat(path)
            return entry
        entry.found = fs.lstat(path)
        if stat.S_ISLNK(entry.mode):
            try:
                leads_to = fs.stat(path)
            except OSError:
                leads_to = None
            entry.leads_to = leads_to.st_mode if leads_to else 0
            entry.target = fs.readlink(path)
            if operand and self.follow == "directories" and leads_to and stat.S_ISDIR(leads_to.st_mode):
                entry.found = leads_to
        return entry

    def sorted(self, entries: list[Entry]) -> list[Entry]:
        """Return the entries (list of Entry) in the order that was asked for."""
        if self.sort != "U":
            entries = sorted(entries, key=lambda entry: entry.name.encode("utf-8", "surrogateescape"))
            if self.sort == "X":
                entries.sort(key=lambda entry: entry.name.rpartition(".")[1:] if "." in entry.name else ("", ""))
            if self.sort in ("S", "t"):
                entries.sort(key=self._measure, reverse=True)
            if self.reverse:
                entries.reverse()
        if self.directories_first:
            entries.sort(key=lambda entry: not stat.S_ISDIR(entry.leads_to or entry.mode))
        return entries

    def _measure(self, entry: Entry) -> int:
        if entry.found is None:
            return 0
        if self.sort == "S":
            return entry.found.st_size
        found = entry.found
        return {"mtime": found.st_mtime_ns, "atime": found.st_atime_ns, "ctime": found.st_ctime_ns}[self.form.time]

    def complain(self, path: str, what: str, error: OSError, serious: bool) -> Steps:
        """Say what could not be looked at, and remember it in the exit status: 2 for operands, 1 for others."""
        self.status = 2 if serious else max(self.status, 1)
        yield from self.process.complain(f"{self.process.argv[0]}: cannot {what} {quoted(path)}: {error.strerror}")
        return False

    def files(self, entries: list[Entry], others: list[Entry]) -> Steps:
        """Write one line for each entry; the columns are wide enough for ``others`` (list of Entry) too."""
        if entries:
            yield from self.process.print("".join(long_listing.lines(self.form, self.process.fs, entries, others)))
        return True

    def content(self, path: str, head: str, operand: bool) -> Steps:
        """Write what is in the directory ``path`` (str), under ``head`` (str), and what is in its directories."""
        try:
            names = self.process.fs.listdir(path)
        except OSError as error:
            return (yield from self.complain(path, "open directory", error, operand))
        if self.hidden == "a":
            names = [".", "..", *names]
        elif not self.hidden:
            names = [name for name in names if not name.startswith(".")]
        entries = []
        needed = self.form.needs_stat or self.sort in ("S", "t") or self.follow == "all" or self.directories_first
        wanted = needed or self.recursive or bool(self.form.marks)
        for name in names:
            entry = Entry(name, join(path, name))
            try:
                if wanted:
                    entry = self.entry(name, entry.path)
            except OSError as error:
                entry.kind = targets.kind_listed(self.process.fs, entry.path)
                if needed or (self.form.marks == "all" and stat.S_ISREG(entry.kind)):
                    yield from self.complain(entry.path, "access", error, False)
            entries.append(entry)
        entries = self.sorted(entries)
        if self.form.long or self.form.blocks:
            head += long_listing.total(self.form, entries)
        yield from self.process.print(head)
        yield from self.files(entries, [])
        if self.recursive:
            for entry in entries:
                if stat.S_ISDIR(entry.mode) and entry.name not in (".", ".."):
                    yield from self.content(entry.path, f"\n{entry.path}:\n", operand=False)
        return True


@program("ls", usage_status=2)
def ls(process: Process, argv: list[str]) -> Run:
    """List files and what is in directories (ls(1)), one a line: the output is no terminal."""
    found, operands = options(argv, SHORT, LONG)
    listing = Listing(process, found)
    files: list[Entry] = []
    directories: list[Entry] = []
    for operand in operands or ["."]:
        try:
            entry = listing.entry(operand, operand, operand=True)
        except OSError as error:
            yield from listing.complain(operand, "access", error, serious=True)
            continue
        (directories if stat.S_ISDIR(entry.mode) and not listing.directory else files).append(entry)
    yield from listing.files(listing.sorted(files), directories)
    several = len(operands) > 1 or listing.recursive
    gap = "\n" if files else ""
    for directory in listing.sorted(directories):
        head = f"{gap}{directory.path}:\n" if several else ""
        yield from listing.content(directory.path, head, operand=True)
        gap = "\n"
    return listing.status


def _style(value: str) -> str:
    if value.startswith("+"):
        return value[1:]
    return choice("time style", value, long_listing.STYLES)

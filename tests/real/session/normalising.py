"""What an engine says, without what differs from run to run: ids get names, times and big sizes are masked.

Shared by recording and comparing.  An id becomes the name of what it belongs to: ``<container web>``,
``<image web:1>``, ``<network front>``; the first twelve digits of it, as docker shortens it, ``<container web[:12]>``.
What has no name of its own is numbered as it appears: ``<image 1>``; the second of a name is ``<image web:1~2>``.
Tables become cells with ``|`` between them.
"""

import re
from itertools import groupby

ID = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{12})(?![0-9a-f])")
SECONDS = r"(?:Less than a second|About an? \w+|\d+ \w+)"
MASKS = [  # rules, in this order
    (re.compile(r"\x1b\[\d*m"), ""),  # builders colour errors, in pieces as they come
    (re.compile(r"(?<=Sending build context to Docker daemon  )\S+"), "<size>"),
    (re.compile(r"0001-01-01T00:00:00Z"), "<never>"),
    (re.compile(r"0001-01-01 00:00:00 \+0000 UTC"), "<never>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"), "<time>"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4} \w+"), "<time>"),
    (re.compile(r'(?:Get|Head) "https://registry-1\.docker\.io/[^"]*": .*: network is unreachable'), "<no network>"),
    (re.compile(r"(?<=/overlay2/)[a-z0-9]{25}(?=/)"), "<id>"),
    (re.compile(r"(?<=-mount)\d+"), "<number>"),
    (re.compile(r"(?<=provided prefix: )\w+"), "<prefix>"),
    (re.compile(r"(?<=from 0\.01 to )\d+\.\d+, as there are only \d+"), "<cpus>, as there are only <cpus>"),
    (re.compile(r"(?<=tini \()\d+"), "<pid>"),
    (re.compile(SECONDS + r" ago"), "<time> ago"),
    (re.compile(rf"\bUp {SECONDS}"), "Up <time>"),
    (re.compile(r"\b\d+(\.\d+)?\s?[MG]i?B\b"), "<size>"),  # of the userland, which is each machine's own
    (re.compile(r"\b((?:[0-9a-f]{2}:){5}[0-9a-f]{2})\b"), "<mac>"),
]
LOGGED = re.compile(r'^time="[^"]*" level=\w+ msg=.*\n', re.MULTILINE)  # by the client, now and then
CHECKED = re.compile(r"(?<=checksum of ref )\S+::\w+")
COLUMNS = {"PID": "<pid>", "PPID": "<pid>", "C": "<time>", "STIME": "<time>", "TIME": "<time>"}  # as top has them
TITLE = re.compile(r"[A-Z][A-Z-]*( [A-Z-]+)*( {2,}[A-Z][A-Z-]*( [A-Z-]+)*)+ *$")  # a table's head


class Names:
    """The names that ids have been given: ``learn`` tells what an id belongs to, ``normal`` puts names for ids."""

    def __init__(self, folder=""):
        self.known = {}  # id -> (kind, label)
        self.counts = {}
        self.generated = {}  # a name that an engine made up -> what is written for it
        self.folder = str(folder)

    def learn(self, kind, identifier, label=""):
        """Remember what an id (str, without the algorithm) belongs to: ``label`` is its name, if it has one (str)."""
        if not self.known.get(identifier, ("", ""))[1]:
            count = self.counts[kind, label] = self.counts.get((kind, label), 0) + bool(label)
            self.known[identifier] = (kind, f"{label}~{count}" if count > 1 else label)

    def meant(self, kind, label):
        """Return the id (str) that ``<kind label>`` means: of what had this name last."""
        known = {(each, name.partition("~")[0]): identifier for identifier, (each, name) in self.known.items()}
        return known[kind, label]

    def learn_generated(self, name):
        """Remember that an engine made up this ``name`` (str)."""
        self.generated.setdefault(name, f"<name {len(self.generated) + 1}>")

    def of(self, identifier):
        """Return what is written for an id, whole or shortened to twelve digits (str)."""
        whole = identifier
        if len(identifier) == 12:
            whole = next((each for each in self.known if each.startswith(identifier)), identifier)
        kind, label = self.known.get(whole, ("id", ""))
        if not label:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            label = str(self.counts[kind])
            self.known[whole] = (kind, label)
        return f"<{kind} {label}{'[:12]' if len(identifier) == 12 else ''}>"

    def normal(self, text):
        """Return ``text`` (str) with names for ids and masks for what differs (str)."""
        text = LOGGED.sub("", text.replace("\r\n", "\n"))
        if self.folder:
            text = text.replace(self.folder, "<folder>")
        text = CHECKED.sub("<ref>", buildkit(tables(text)))
        text = ID.sub(lambda found: self.of(found[0]), text)
        for name, written in self.generated.items():
            text = re.sub(rf"\b{re.escape(name)}\b", written, text)
        for pattern, mask in MASKS:
            text = pattern.sub(mask, text)
        return text


def tables(text):
    """Return ``text`` (str) with the rows of tables as cells: their width depends on what is in them.

    >>> tables("NAME   STATE\\na             \\nb      up\\n")
    'NAME | STATE\\na | \\nb | up\\n'
    """
    written, starts, titles = [], [], []
    for line in text.splitlines(keepends=True):
        if TITLE.match(line.rstrip("\n")):
            titles, starts = [], [found.start() for found in re.finditer(r"(?:^|(?<=  ))\S", line)]
        elif starts and not line.strip():
            starts = []
        if starts:
            cells = [line[at:end].strip() for at, end in zip(starts, [*starts[1:], None], strict=True)]
            titles = titles or cells
            cells = (
                cells
                if cells == titles
                else [COLUMNS.get(title, cell) for title, cell in zip(titles, cells, strict=True)]
            )
            line = " | ".join(cells) + "\n"
        written.append(line)
    return "".join(written)


UNORDERED = [("images",), ("image", "ls"), ("volume", "ls"), ("diff",), ("container", "diff")]


def unordered(argv, text):
    """Return what a command wrote (str), sorted where docker's order is chance, or depends on ids and split seconds.

    >>> unordered(["docker", "diff", "web"], "D /b\\nA /a\\n")
    'A /a\\nD /b\\n'
    """
    lines = text.splitlines(keepends=True)
    if "prune" in argv:
        runs = (list(run) for _word, run in groupby(lines, key=lambda line: len(line.split()) == 1))
        return "".join(line for run in runs for line in (sorted(run) if len(run[0].split()) == 1 else run))
    if any(tuple(argv[1 : 1 + len(words)]) == words for words in UNORDERED):
        head = 1 if lines and TITLE.match(lines[0].strip().replace(" | ", "   ")) else 0
        return "".join(lines[:head] + sorted(lines[head:], key=lambda line: line.split(" ", 1)[::-1]))
    return text


VERTEX = re.compile(r"#(\d+) (.*)\n")
FROM = re.compile(r"\[(\S+ )?1/\d+\] FROM")  # of several stages that begin alike, any is named
PROGRESS = re.compile(r"\.\.\.$|transferring |sha256:[0-9a-f]{64} .*[kMG]?B / |resolve ")
TOOK = re.compile(r"( \d+\.\d+s)?( done)?$")
SHELL = re.compile(r"^/bin/sh: \d+: ")  # an error is repeated from where the shell last wrote: here, or after this
OUTPUT = re.compile(r"^\d+\.\d+ ")


def buildkit(text):
    """Return what BuildKit reports (`--progress=plain`) with each step's lines together, steps in order, times gone.

    It works on several steps at a time, so that the order of what it reports is not always the same.

    >>> print(buildkit("#2 [2/2] RUN ls\\n#1 [1/2] FROM base:1\\n#1 CACHED\\n\\n#2 0.2 etc\\n#2 DONE 0.3s\\n"), end="")
    FROM base:1
    [2/2] RUN ls
      etc
      DONE
    """
    steps, after = {}, []
    for line in text.splitlines(keepends=True):
        found = VERTEX.fullmatch(line)
        if not found:
            after += [SHELL.sub("", OUTPUT.sub("", line))] * bool(line.strip())
        elif found[1] not in steps:
            steps[found[1]] = [FROM.sub("FROM", found[2])]
        elif not PROGRESS.match(found[2]) and FROM.sub("FROM", found[2]) != steps[found[1]][0]:
            said = OUTPUT.sub("", TOOK.sub("", found[2]))
            known = steps[found[1]]
            if said not in known or not known[0].startswith(("export", "[internal]")):
                known += [said] * (not known[0].startswith("FROM"))  # a base is said to be new, or cached, by chance
    if not steps:
        return text
    ordered = sorted(steps.values(), key=lambda step: order(step[0]))
    return "".join("\n  ".join(step) + "\n" for step in ordered) + "".join(after)


def order(title):
    """Return by what a step of BuildKit is sorted (tuple): what it needs first, stages by number, the image last."""
    needed, made = "[internal]" in title or title.startswith("FROM"), title.startswith("export")
    place = 0 if needed else 2 if made else 1
    return place, [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", title)]

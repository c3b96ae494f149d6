"""What the corpus's scripts find: three layers over each other, and the script itself in a fourth."""

from collections import defaultdict
from dataclasses import replace
from typing import NamedTuple

from course.layers import paths
from course.layers.digest import sha256
from course.layers.entry import FileEntry, Kind, directory, file, symlink
from course.layers.layer import Layer

WRITTEN = 1_700_000_000 * 10**9  # 2023-11-14 22:13:20 UTC: a time that is kept can be told from one of now
LEARNER, USERS = 1000, 100

ENVIRONMENT = {"PATH": "/bin:/usr/bin", "LC_ALL": "C", "HOME": "/root", "TZ": "UTC"}
PLACE, SCRIPT, UMASK, HOSTNAME = "/site", "script.sh", 0o022, "box"
FROM_HOST = ("/bin", "/usr", "/lib", "/lib32", "/lib64", "/libx32", "/proc")  # empty here: bound on the real side
DEVICES = {"/dev/null": (1, 3), "/dev/zero": (1, 5), "/dev/full": (1, 7)}

POEM = """\
The lowest layer holds the shell,
the next one holds a book,
the third deletes a page of it:
you see it if you look.

A layer never changes,
whatever you may do:
you write into the top one,
and what you see is new.
"""

TWICE, HARD = file("one inode, two names\n"), file("left and right\n")
BASE = {
    **dict.fromkeys(FROM_HOST),
    **{path: FileEntry(Kind.CHARACTER_DEVICE, 0o666, device=number) for path, number in DEVICES.items()},
    "/etc/group": "root:x:0:\nusers:x:100:learner\nnogroup:x:65534:\n",
    "/etc/hostname": f"{HOSTNAME}\n",
    "/etc/motd": "Welcome.\n",
    "/etc/passwd": (
        "root:x:0:0:root:/root:/bin/sh\n"
        "learner:x:1000:100::/home/learner:/bin/sh\n"
        "nobody:x:65534:65534:nobody:/:/bin/false\n"
    ),
    "/home/learner": directory(0o755, uid=LEARNER, gid=USERS),
    "/home/learner/diary.txt": file("dear diary\n", 0o640, uid=LEARNER, gid=USERS),
    "/home/learner/run.sh": file("#!/bin/sh\nid -un\n", 0o4755, uid=LEARNER, gid=USERS),
    "/root": directory(0o700),
    "/tmp": directory(0o1777),
    "/var/log/boot.log": "".join(
        f"{number:02} step {number} {'failed' if number == 7 else 'ok'}\n" for number in range(12)
    ),
    "/site": None,
    "/site/abs.link": symlink("/etc/motd"),
    "/site/blocks.bin": bytes(range(256)) * 40,
    "/site/broken.link": symlink("nowhere"),
    "/site/cache/old/page": "old page\n",
    "/site/cache/index": "old index\n",
    "/site/config.ini": "[server]\nport = 80\nhost = localhost\n",
    "/site/data/.hidden": "hidden\n",
    "/site/data/a.csv": "name,age\nada,36\ngrace,45\n",
    "/site/data/b.csv": "name,age\nalan,41\n",
    "/site/docs/api/index.md": "# API\n",
    "/site/docs/api/v1/calls.md": "open\nread\nwrite\nclose\n",
    "/site/docs/guide.md": "# Guide\nversion 1\n",
    "/site/docs.link": symlink("docs"),
    "/site/empty": None,
    "/site/empty.txt": "",
    "/site/first.txt": TWICE,
    "/site/greet.sh": file('#!/bin/sh\necho "hello, ${1:-world}"\n', 0o755),
    "/site/hardlinks/left": HARD,
    "/site/hardlinks/right": replace(HARD, link_to="/site/hardlinks/left"),
    "/site/keep/one": "1\n",
    "/site/keep/two": "2\n",
    "/site/mail.pipe": FileEntry(Kind.FIFO, 0o644),
    "/site/no newline.txt": "the last line does not end",
    "/site/notes.link": symlink("notes.txt"),
    "/site/notes.txt": "first line\nsecond line\nthird line\n",
    "/site/numbers.txt": "10\n9\n2\n33\n2\n1\n",
    "/site/plain": "a file, later a directory\n",
    "/site/poem.txt": POEM,
    "/site/private": directory(0o700),
    "/site/private/key": file("secret\n", 0o600),
    "/site/readonly.txt": file("look, do not touch\n", 0o444),
    "/site/second.txt": replace(TWICE, link_to="/site/first.txt"),
    "/site/swap/inside.txt": "below a file\n",
    "/site/tagged.txt": replace(file("tagged\n"), xattrs={"user.note": b"hi"}),
    "/site/trash.txt": "deleted in the second layer\n",
    "/site/trash/a": "a\n",
    "/site/two words.txt": "two words\n",
}

UPDATE = {
    "/site/cache/new": "new page\n",
    "/site/config.ini": "[server]\nport = 8080\nhost = localhost\n",
    "/site/data/c.csv": "name,age\nlinus,21\n",
    "/site/docs/api/v2/calls.md": "open\nclose\n",
    "/site/docs/changes.md": "version 2: more calls\n",
    "/site/docs/guide.md": "# Guide\nversion 2\n",
    "/site/plain/inside.txt": "over a file\n",
    "/site/swap": "a file over a directory\n",
}
UPDATE_WHITEOUTS, UPDATE_OPAQUE = ["/site/trash.txt", "/site/trash"], ["/site/cache"]

APP = {
    "/app/bin/tool.sh": file("#!/bin/sh\necho tool: $# arguments\n", 0o755),
    "/app/shared": directory(0o2775, gid=USERS),
    "/site/app.txt": "the third layer\n",
    "/site/cache/more": "more pages\n",
    "/site/data": None,
    "/site/docs/api/index.md": "# API, revised\n",
    "/site/drop": directory(0o1777),
    "/site/drop/root.txt": "root's\n",
    "/site/drop/learner.txt": file("learner's\n", uid=LEARNER, gid=USERS),
    "/site/empty": None,
}
APP_WHITEOUTS = ["/site/data/b.csv"]


def corpus_layers(script, programs, one_owner):
    """Return the layers, lowest first (list of Layer), with these programs in /bin (name -> FileEntry).

    ``one_owner``: everything belongs to 0, since a user namespace has nobody else.
    """
    base = _layer({**BASE, **{f"/bin/{name}": entry for name, entry in programs.items()}}, one_owner)
    second = _layer(UPDATE, one_owner, UPDATE_WHITEOUTS, UPDATE_OPAQUE, base)
    third = _layer(APP, one_owner, APP_WHITEOUTS, parent=second)
    return [base, second, third, _layer({f"{PLACE}/{SCRIPT}": script}, one_owner, parent=third)]


def _layer(files, one_owner, whiteouts=(), opaque=(), parent=None):
    layer = Layer.of(files, whiteouts, opaque, parent)
    owner = {"uid": 0, "gid": 0} if one_owner else {}
    return replace(layer, entries={p: replace(e, mtime_ns=WRITTEN, **owner) for p, e in layer.entries.items()})


def user_of(script):
    """Return who runs the script (bytes): uid and gid, 0 unless a line says ``# user: learner``."""
    return (LEARNER, USERS) if b"\n# user: learner\n" in script else (0, 0)


class Outcome(NamedTuple):
    """What a script did: exit status, output, errors, and what it left in the upper layer (path -> ``picture``)."""

    status: int
    output: str
    errors: str
    upper: dict[str, dict[str, object]]


def picture(found, prefix):
    """Return what lies in an upper directory (path -> FileEntry) so that two runs can be compared.

    Times are left out unless they were set, or kept from a lower layer: both lie in the past.  ``prefix`` is that of
    overlayfs's own xattrs (str).
    """
    names = defaultdict(list)
    for path, entry in sorted(found.items()):
        names[entry.link_to or path].append(path)
    return {
        path: _seen(entry, names[entry.link_to or path], prefix)
        for path, entry in sorted(found.items())
        if path != paths.ROOT
    }


def _seen(entry, names, prefix):
    if entry.kind is Kind.CHARACTER_DEVICE and entry.device == (0, 0):
        return {"kind": "WHITEOUT"}
    return {
        "kind": entry.kind.name,
        "mode": f"{entry.mode:04o}",
        "owner": f"{entry.uid}:{entry.gid}",
        "content": told(entry.read()) if entry.kind is Kind.FILE else "",
        "target": entry.target,
        "device": f"{entry.device[0]}:{entry.device[1]}",
        "names": names,
        "opaque": entry.xattrs.get(f"{prefix}opaque") == b"y",
        "xattrs": {name: told(value) for name, value in sorted(entry.xattrs.items()) if not name.startswith(prefix)},
        "time": entry.mtime_ns if entry.mtime_ns <= WRITTEN else "later",
    }


def told(data):
    """Return bytes as text that JSON can carry (str); of many only their count and digest."""
    if len(data) > 5000:
        return f"{len(data)} bytes, {sha256(data)}"
    return data.decode("utf-8", "surrogateescape")

"""What COPY and ADD put where."""

import bz2
import gzip
import lzma
from dataclasses import replace

import pytest

from course.engine.build.copying import copied
from course.engine.build.dockerfile import parse_dockerfile
from course.engine.build.refusal import CopyError
from course.engine.build.sources import checksum, sources
from course.layers.archive import tar_bytes
from course.layers.entry import directory, file, symlink
from course.layers.layer import Layer
from course.union.view import UnionView

CONTEXT = Layer.of(
    {
        "a": "1",
        "b.py": file("2", 0o750, uid=7, gid=8, mtime_ns=5),
        "c.py": "3",
        "d": directory(0o700),
        "d/e/f": "4",
        "d/link": symlink("e/f"),
        "todir": symlink("d/e"),
        "tofile": symlink("/a"),
        "broken": symlink("nowhere"),
        "out": symlink("../../etc/passwd"),
    }
)
IMAGE = Layer.of(
    {
        "/etc/passwd": "root:x:0:0::/:/bin/sh\napp:x:1000:50::/:/bin/sh\n",
        "/etc/group": "root:x:0:\napp:x:1001:\nstaff:x:20:\n",
        "/srv/old": "old",
        "/usr/bin": None,
        "/bin": symlink("usr/bin"),
        "/current": symlink("srv/old"),
    }
)


def instruction(text):
    return parse_dockerfile("FROM scratch\n" + text).stages[0].instructions[0]


def run(text, context=CONTEXT, **where):
    step, view = instruction(text), UnionView([context])
    found = sources(step, view, from_stage=bool(step.flag("from")))
    return copied(step, found, UnionView([IMAGE]), **where)


WRITES = {
    "a file into the root": ("COPY a /", ["/a"]),
    "a file under another name": ("COPY a /z", ["/z"]),
    "a file into a new directory": ("COPY a /x/y/", ["/x", "/x/y", "/x/y/a"]),
    "a file into a directory that is there": ("COPY a /srv", ["/srv/a"]),
    "several files": ("COPY a b.py /x/", ["/x", "/x/a", "/x/b.py"]),
    "a pattern": ("COPY *.py /x/", ["/x", "/x/b.py", "/x/c.py"]),
    "a pattern of one": ("COPY b.* /z", ["/z"]),
    "a pattern below": ("COPY d/*/f /z", ["/z"]),
    "a directory's content": ("COPY d /x", ["/x", "/x/e", "/x/e/f", "/x/link"]),
    "a directory's content into one that is there": ("COPY d/ /srv/", ["/srv/e", "/srv/e/f", "/srv/link"]),
    "a file from the root, written so": ("COPY /a ./b.py /x/", ["/x", "/x/a", "/x/b.py"]),
    "dots that stay inside": ("COPY d/../a /z", ["/z"]),
    "a link to a file is the file": ("COPY tofile /x/", ["/x", "/x/tofile"]),
    "a link to a directory is its content": ("COPY todir /x", ["/x", "/x/f"]),
    "a link that leads out stays inside": ("COPY d/link /z", ["/z"]),
    "a link in the destination is followed": ("COPY a /bin/", ["/usr/bin/a"]),
    "a link that is the destination too": ("COPY a /current", ["/srv/old"]),
    "a here-document": ("COPY <<f <<g /x/\n1\nf\n2\ng\n", ["/x", "/x/f", "/x/g"]),
    "names with spaces": ('COPY ["a", "/x y/"]', ["/x y", "/x y/a"]),
}


@pytest.mark.parametrize(("text", "written"), WRITES.values(), ids=WRITES)
def test_copy_writes(text, written):
    assert list(run(text)) == written


def test_a_relative_destination_begins_in_the_working_directory():
    assert list(run("COPY a .", working_directory="/srv")) == ["/srv/a"]
    assert list(run("COPY a ../x/", working_directory="/srv")) == ["/x", "/x/a"]


def test_the_whole_context_is_copied():
    assert set(run("COPY . /x")) == {"/x", *("/x" + path for path in CONTEXT.entries)}


def test_metadata_is_kept_but_the_owner_is_root():
    entry = run("COPY b.py /")["/b.py"]
    assert (entry.mode, entry.uid, entry.gid, entry.mtime_ns, entry.read()) == (0o750, 0, 0, 5, b"2")
    assert run("COPY --from=0 b.py /")["/b.py"].uid == 7


def test_new_directories_are_755_and_of_now():
    made = run("COPY d /x/y", now_ns=9)
    assert [(made[path].mode, made[path].mtime_ns) for path in ("/x", "/x/y", "/x/y/e")] == [
        (0o755, 9),
        (0o755, 9),
        (0o755, 0),
    ]


def test_chown_holds_for_what_is_written():
    assert {(each.uid, each.gid) for each in run("COPY --chown=5:6 a /x/y/").values()} == {(5, 6)}
    made = run("COPY --chown=app:staff d /x/y")
    assert {path: (each.uid, each.gid) for path, each in made.items()} == {
        "/x": (0, 0),
        **dict.fromkeys(["/x/y", "/x/y/e", "/x/y/e/f", "/x/y/link"], (1000, 20)),
    }
    assert (run("COPY --chown=app a /")["/a"].gid) == 1001


def test_chmod_holds_for_files_and_directories():
    made = run("COPY --chmod=711 d /srv/")
    assert [oct(made[path].mode) for path in ("/srv/e", "/srv/e/f", "/srv/link")] == ["0o711", "0o711", "0o777"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_add_unpacks_an_archive_and_copy_does_not(pack):
    tar = tar_bytes(Layer.of({"in/a": file("1", 0o600, uid=3), "link": symlink("in")}))
    context = Layer.of({"files.tar": pack(tar)})
    made = run("ADD files.tar /x", context)
    assert list(made) == ["/x", "/x/in", "/x/link", "/x/in/a"] or sorted(made) == ["/x", "/x/in", "/x/in/a", "/x/link"]
    assert (made["/x/in/a"].uid, made["/x/in/a"].read()) == (3, b"1")
    assert list(run("COPY files.tar /x", context)) == ["/x"]


def test_names_of_one_file_stay_so():
    one = file("1")
    context = Layer.of({"d/a": one, "d/b": replace(one, link_to="/d/a"), "c": replace(one, link_to="/d/a")})
    assert run("COPY d /x", context)["/x/b"].link_to == "/x/a"
    assert run("COPY c /x", context)["/x"].link_to == ""


def test_a_later_source_takes_the_place_of_an_earlier_one():
    context = Layer.of({"1/x/y": "", "2/x": "file"})
    assert list(run("COPY 1 2 /z/", context)) == ["/z", "/z/x"]


def test_what_is_written_is_a_layer():
    for text, _written in WRITES.values():
        Layer(run(text), parent=IMAGE)


STAT = "file not found in build context or excluded by .dockerignore: stat"
CHOWN = "unable to convert uid/gid chown string to host mapping: "
REFUSED = [
    ("COPY x /", f"COPY failed: {STAT} x: file does not exist"),
    ("ADD d/x /", f"ADD failed: {STAT} d/x: file does not exist"),
    ("COPY broken /", f"COPY failed: {STAT} broken: file does not exist"),
    ("COPY out /", f"COPY failed: {STAT} out: file does not exist"),
    ("COPY a/x /", f"COPY failed: {STAT} a/x: file does not exist"),
    ("COPY --from=0 x /", "COPY failed: stat x: file does not exist"),
    ("COPY ../x /", "COPY failed: forbidden path outside the build context: ../x ()"),
    ("COPY *.no /", "COPY failed: no source files were specified"),
    ("COPY [ /", "COPY failed: no source files were specified"),
    ("COPY http://x/y /", "COPY failed: source can't be a URL for COPY"),
    *[
        (
            f"{keyword} {words}",
            f"When using {keyword} with more than one source file, "
            "the destination must be a directory and end with a /",
        )
        for keyword, words in (("COPY", "a b.py /srv"), ("COPY", "*.py ."), ("ADD", "a b.py /x"))
    ],
    ("COPY --chown=bob a /", CHOWN + "can't find uid for user bob: no such user: bob"),
    ("COPY --chown=app:bob a /", CHOWN + "can't find gid for group bob: no such group: bob"),
    ("COPY --chown=1:2:3 a /", CHOWN + "invalid chown string format: 1:2:3"),
    ("COPY --chmod=9 a /", "invalid chmod parameter: '9'. it should be octal string and between 0 and 07777"),
    ("COPY --chmod=10000 a /", "invalid chmod parameter: '10000'. it should be octal string and between 0 and 07777"),
    ("COPY a /etc/passwd/x", "failed to copy files: mkdir /etc/passwd: not a directory"),
    ("COPY d /etc/passwd", "failed to copy files: mkdir /etc/passwd: not a directory"),
    ("ADD http://x/y /", "ADD failed: 'http://x/y' lies on the network, which the simulator does not have."),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_docker_refuses_is_refused_in_its_words(text, message):
    with pytest.raises(CopyError) as caught:
        run(text)
    assert str(caught.value) == message


def test_what_is_missing_has_buildkits_words_too():
    for text in ("COPY x /", "COPY ../x /"):
        with pytest.raises(CopyError) as caught:
            run(text)
        assert caught.value.buildkit == 'failed to calculate checksum of ref: "/x": not found'


def test_a_damaged_archive_is_refused():
    tar = tar_bytes(Layer.of({"a": "1" * 5000}))
    with pytest.raises(CopyError, match=r"^ADD failed: files.tar: "):
        run("ADD files.tar /", Layer.of({"files.tar": tar[:2000]}))


def sums(files):
    return checksum(sources(instruction("COPY d /"), UnionView([Layer.of(files)])))


def test_the_checksum_does_not_depend_on_times():
    assert sums({"d/a": file("1", mtime_ns=1)}) == sums({"d/a": file("1", mtime_ns=2)})


@pytest.mark.parametrize(
    "other",
    [
        {"d/b": file("1")},
        {"d/a": file("2")},
        {"d/a": file("1", 0o755)},
        {"d/a": file("1", uid=1)},
        {"d/a": file("1", gid=1)},
        {"d/a": symlink("1")},
        {"d/a": None},
        {"d/a": file("1"), "d/b": None},
        {"d": directory(0o700), "d/a": file("1")},
    ],
)
def test_the_checksum_depends_on_all_else(other):
    assert sums(other) != sums({"d/a": file("1")})


def test_the_checksum_depends_on_where_a_link_leads():
    assert sums({"d/a": symlink("x")}) != sums({"d/a": symlink("y")})

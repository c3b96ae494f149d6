"""tar writes and reads what GNU tar writes and reads, to the byte."""

from dataclasses import replace

import pytest
from side_by_side import DEVICE, FIFO, NOBODY, assert_same, lines, simulated

from course.layers.entry import FileEntry, Kind, directory, file, symlink
from course.layers.layer import Layer

pytestmark = [pytest.mark.linux, pytest.mark.root, pytest.mark.peer("tar")]

LONG_NAME = "l" * 120
TREE = {
    "/a": file("hi\n", 0o640, uid=5, gid=6),
    "/a b": "s",
    "/b\\s": "bs",
    "/big": "z" * 30000,
    "/c": DEVICE,
    "/caf\udce9": "c",
    "/d/e/f": "deep",
    "/d/x": file("xx\n", 0o4755),
    "/dang": symlink("nope"),
    f"/dd/{LONG_NAME}/x": "long2",
    "/empty": "",
    "/garbage": "g" * 2000,
    "/h1": "hard\n",
    "/h2": replace(file("hard\n"), link_to="/h1"),
    "/it's": "q",
    "/la": symlink("a"),
    "/list": "a\nd\n",
    f"/{LONG_NAME}": "long",
    "/md/a.md": "1",
    "/md/b.txt": "2",
    "/md/sub/c.md": "3",
    "/old": FileEntry(Kind.FILE, 0o600, mtime_ns=5 * 10**9),
    "/out": None,
    "/p": FIFO,
    "/sy": symlink("/etc/" + "x" * 130),
}
REF = "tar --sort=name -cf ref.tar a d la p c h1 h2 dang 'a b' ;; "  # an archive to read

COMMANDS = r"""
    tar
    tar -c
    tar -cf
    tar -cf t.tar
    tar -f t.tar a
    tar -cxf t.tar
    tar -cf t.tar nope
    tar -cf t.tar a nope ;; tar -tf t.tar
    tar -xf nope.tar
    tar -xf a
    tar -tf a
    tar -tf empty
    tar -xf garbage
    tar -cvf t.tar a d/x la p c
    tar cf t.tar a ;; tar tf t.tar
    tar cvf t.tar a
    REF tar tvf ref.tar
    REF tar -tvf ref.tar --numeric-owner
    REF tar -tvvf ref.tar a
    REF tar -xvf ref.tar -C out
    REF tar -xvf ref.tar -C out ;; tar -xvf ref.tar -C out
    REF tar -xvf ref.tar -C out a d/x
    REF tar -xvf ref.tar -C out nope
    REF tar -xvf ref.tar -C out d
    REF tar -xf ref.tar -C nope
    REF tar -xf ref.tar
    tar -cf t.tar -C nope x
    tar -cf t.tar -C d x -C e . ;; tar -tf t.tar
    tar -cf t.tar -C d/e f -C .. x ;; tar -tf t.tar
    tar -cf t.tar ./a d/e/
    tar --sort=name -cf t.tar d ;; tar tf t.tar
    tar --owner=5 --group=6 -cf t.tar a old
    tar --owner=games --group=disk -cf t.tar old
    tar --owner=foo:99 --group=bar:98 -cf t.tar a old
    tar --owner=nosuch -cf t.tar a
    tar --mtime=@5 -cf t.tar a
    tar --mtime=2001-02-03 -cf t.tar a old
    tar --sort=name --exclude=x -cf t.tar d
    tar --sort=name --exclude=*.md -cvf t.tar md
    tar --sort=name --exclude=sub -cvf t.tar md
    tar --exclude=d/e -cvf t.tar d
    tar --no-recursion -cvf t.tar d
    tar -z
    tar --foo
    tar -Q
    REF tar -xf ref.tar -C out --strip-components=1
    REF tar -xvf ref.tar -C out --strip-components=1
    REF tar -xOf ref.tar a d/x
    REF tar -xkf ref.tar a
    REF tar -xkf ref.tar -C out a
    tar -cf t.tar t.tar a
    tar --format=ustar -cf t.tar a d/x la h1 h2 c
    tar --format=gnu -cf t.tar a
    tar --format=foo -cf t.tar a
    tar --numeric-owner -cf t.tar a old
    tar -cf t.tar LONGNAME
    tar -cf t.tar dd
    tar --format=ustar -cf t.tar LONGNAME
    tar -cf t.tar sy
    tar -cf t.tar dd LONGNAME sy ;; tar tvf t.tar ;; tar xf t.tar -C out
    tar -chf t.tar la
    tar -chf t.tar dang la
    REF tar -tf ref.tar a nope d/x
    REF tar -tf ref.tar d/
    REF tar -tf ref.tar d
    REF tar -xpf ref.tar -C out
    tar -cf nodir/t.tar a
    tar -cf d a
    tar -cf t.tar a a
    tar -cf t.tar h1 h2 h1 ;; tar tvf t.tar
    REF tar --list --file ref.tar
    tar --create --file=t.tar --verbose a
    tar -T list --sort=name -cf t.tar
    tar --sort=name -cf t.tar -X list a b d
    REF tar -xf ref.tar --no-same-owner -C out
    REF tar -xf ref.tar -C a
    REF tar -xmf ref.tar -C out a
    tar -czf t.tgz a d/x ;; rm t.tgz
    tar -czf t.tgz a d/x ;; tar -tzf t.tgz ;; tar -tvf t.tgz ;; tar xzf t.tgz -C out ;; rm t.tgz
    REF tar -xzf ref.tar
    tar -cf t.tar big ;; tar -xvf t.tar -C out
    REF head -c 700 ref.tar
    REF tar -xf ref.tar -C out a ;; mkdir out/d out/d/x ;; tar -xf ref.tar -C out d
    REF mkdir out/a ;; touch out/a/q ;; tar -xf ref.tar -C out a
    REF mkdir out/a ;; tar -xf ref.tar -C out a
    REF touch out/d ;; tar -xf ref.tar -C out d
    REF touch out/d ;; tar -xkf ref.tar -C out d
    REF ln -s ../d out/d ;; tar -xf ref.tar -C out d
    REF ln -s ../old out/a ;; tar -xf ref.tar -C out a
    REF ln -s nope out/la ;; tar -xf ref.tar -C out la
    REF mkdir out/la ;; tar -xf ref.tar -C out la
    REF mkdir out/d ;; chmod 700 out/d ;; touch out/d/keep ;; tar -xf ref.tar -C out d
    REF tar -tf ref.tar --exclude=d
    REF tar -xf ref.tar -C out --exclude=x
    REF tar -tf ref.tar --wildcards *x
    REF tar -tf ref.tar a a
    REF tar -xvf ref.tar -C out h2
    REF tar -xvf ref.tar -C out h1 h2
    REF tar -xf ref.tar -C out d/e/f
    tar -cvf t.tar d/e d/x ;; tar -xf t.tar -C out
    tar cfv t.tar a
    tar cvzf
    tar xf
    tar tfv nope.tar
    tar --strip-components=x -tf a
    tar -cf t.tar -- a
    tar -tf d
    tar -cf t.tar a -C d x
"""


@pytest.mark.parametrize("line", lines(COMMANDS))
def test_archives_are_written_and_read_as_by_gnu(line):
    assert_same(line.replace("REF ", REF).replace("LONGNAME", LONG_NAME), TREE)


ORDINARY = {
    "/a": file("hi\n", 0o4755),
    "/d": directory(0o2777),
    "/d/x": file("x", 0o666),
    "/half": directory(0o444),
    "/half/z": "z",
    "/nd": directory(0, uid=1),
    "/other": file("o", 0o6755, uid=1, gid=1),
    "/out": None,
    "/ro": file("ro", 0o444),
    "/rod": directory(0o555),
    "/rod/x": "x",
    "/u": file("u", 0o600, uid=1),
}


@pytest.mark.parametrize("umask", [0o022, 0o077])
@pytest.mark.parametrize(
    "line",
    lines(
        """
    tar -cf t.tar a ro ;; tar -xvf t.tar -C out ;; tar -xpf t.tar -C out
    tar -cf t.tar u
    tar -cf t.tar nd
    tar -cf t.tar half
    tar -cvf t.tar rod d ;; tar xf t.tar -C out
    tar -cf t.tar d ;; tar xpf t.tar -C out
    tar -cf t.tar other ;; tar xf t.tar -C out
    tar -cf t.tar other ;; tar xpf t.tar -C out
    tar -cf t.tar a ;; tar xf t.tar -C rod
    tar -cf rod/t.tar a
    tar -cf t.tar ro ;; tar xf t.tar -C rod --same-owner
    tar -cf t.tar other ;; tar xf t.tar -C out --same-owner
    tar -cf t.tar ro ;; tar xkf t.tar
    tar -cf t.tar rod/x ;; tar xf t.tar ;; tar xf t.tar -C out
        """
    ),
)
def test_an_ordinary_user_gets_what_the_permissions_allow(line, umask):
    assert_same(line, ORDINARY, user=NOBODY, umask=umask)


@pytest.mark.parametrize(
    "line",
    lines(
        """
        tar --xattrs -cf t.tar a ;; tar --xattrs -xf t.tar -C out ;; rm t.tar
        tar --xattrs -cf t.tar d ;; tar --xattrs -xf t.tar -C out ;; tar -tf t.tar ;; rm t.tar
        tar --xattrs -cf t.tar d ;; tar -xf t.tar -C out ;; rm t.tar
        tar -cf t.tar d ;; tar --xattrs -xf t.tar -C out ;; rm t.tar
        """
    ),
)
def test_extended_attributes_travel_if_they_are_asked_for(line):
    xattrs = {"user.k": b"v", "user.b": b"\xff\x00x"}
    files = {
        "/a": replace(file("hi\n"), xattrs=xattrs),
        "/d": replace(directory(0o750), xattrs=xattrs),
        "/d/x": "x",
        "/out": None,
    }
    assert_same(line, files)


def in_a_machine(*commands):
    """Run commands in a simulated machine that holds a few files (Side)."""
    files = {"/a": "hi\n", "/d/x": "x\n", "/out": None}
    return simulated(Layer.of(files), [command.split() for command in commands], b"", (0, 0), 0o022)


def test_no_member_leads_out_of_the_directory():
    side = in_a_machine("tar -cPf t.tar ../site/a /site/d/x", "tar -xf t.tar -C out", "find out")
    assert side.results[1].errors == [
        "tar: Removing leading `../' from member names\n",
        "tar: ../site/a: Member name contains '..'\n",
        "tar: Removing leading `/' from member names\n",
        "tar: Exiting with failure status due to previous errors\n",
    ]
    assert side.results[1].status == 2
    assert side.results[2].output == ["out\n", "out/site\n", "out/site/d\n", "out/site/d/x\n"]


def test_an_archive_that_was_cut_short_ends_with_an_error():
    side = in_a_machine("tar -cf t.tar a d", "truncate -s 700 t.tar", "tar -tf t.tar")
    assert side.results[2].status == 2
    assert side.results[2].output == ["a\n"]
    assert side.results[2].errors == [
        "tar: Unexpected EOF in archive\n",
        "tar: Error is not recoverable: exiting now\n",
    ]


def test_what_is_written_to_standard_output_is_an_archive_and_names_go_to_standard_error():
    done = in_a_machine("tar -cvf - a").results[0]
    assert done.errors == ["a\n"]
    assert len("".join(done.output)) == 10240

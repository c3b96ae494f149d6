"""ls, stat, du and df show what GNU coreutils show."""

import pytest
from side_by_side import DEVICE, FILES, NOBODY, assert_same, lines, simulated

from course.layers.entry import FileEntry, Kind, directory, file, symlink
from course.layers.layer import Layer

pytestmark = [pytest.mark.linux, pytest.mark.peer("ls", "stat", "du")]

SHOWN = FILES | {
    "/.hid": "h",
    "/S": file("s", 0o6644),
    "/d/e/zlink": symlink("../../nope"),
    "/fut": FileEntry(Kind.FILE, mtime_ns=2_524_608_000 * 10**9),
    "/old": FileEntry(Kind.FILE, 0o4750, mtime_ns=981_158_400 * 10**9 + 789 * 10**6),
    "/pi1": "x" * 1023,
    "/pi2": "x" * 1025,
    "/pi3": "x" * 10300,
    "/pi4": "x" * 1048000,
    "/s.b.c": "22",
    "/s.c": "1",
    "/tt": directory(0o1777),
    "/zero": "",
}
OWNED = SHOWN | {
    "/blk": FileEntry(Kind.BLOCK_DEVICE, 0o660, device=(8, 1)),
    "/c": DEVICE,
    "/dev2": FileEntry(Kind.CHARACTER_DEVICE, 0o660, device=(300, 400)),
    "/own": file("x", uid=5, gid=12345),
}

LS = r"""
    ls
    ls -a
    ls -A
    ls -1
    ls -F
    ls -p
    ls -d d ld
    ls d ld a
    ls -R
    ls -aR d
    ls -l d/e
    ls -lS
    ls -S
    ls -Sr
    ls -r
    ls -X
    ls -lh
    ls -sh a big
    ls -s a big
    ls -1 nope d nope2
    ls -l nope
    ls -ld ld/
    ls ld
    ls -l ld
    ls -lF ld
    ls -L ld
    ls -lL la ld
    ls -lL dang
    ls -L dang
    ls -H ld la
    ls -lH ld la
    ls ''
    ls -l old fut a
    ls -l --full-time old a
    ls --full-time old
    ls --time-style=long-iso -l old
    ls --time-style=+%s -l old
    ls --time-style=full-iso -l old
    ls --sort=size
    ls --sort=time old fut
    ls -t old fut d a
    ls -tr old fut
    ls -z
    ls --foo
    ls -lsh pi1 pi2 pi3 pi4
    ls -l exe tt S
    ls -lR d td
    ls -R n d/e
    ls d/ ld/
    ls -l x\ y
    ls 'x y' "it's" nope\ x
    ls --group-directories-first
    ls --group-directories-first -r
    ls -dl .
    ls a a
    ls -l a d/x d
    ls n
    ls -l n
    ls -la n
    ls -R nope d/e
    ls -d nope
    ls -lu old
    ls -i nope
    ls -dF d ld exe
    ls --all d
    ls --almost-all d
    ls -1a d
    ls -al ld/
    ls a/
    ls d/x/
    ls -F d/e ld la
    ls --color=never d
    ls --color=auto d
    ls --hum -l big
    ls -lgo a
"""

LS_OWNED = r"""
    ls -n a own
    ls -l own
    ls -go a own
    ls -ls a blk c big
    ls -ldF d ld la p c a exe dang
    ls -lG own
    ls -l
    ls -ls
    ls -ln
    ls -l c
    ls -l c dev2
    ls -lh
"""

STAT = r"""
    stat
    stat nope
    stat -c '%10s|%-10s|%010s|%+s|%5a|%#a|%04a|%.3X|%.X|%10.2Y|%-15Y|%_5s' old
    stat -c '%q %% %' a
    stat -c 'a\tb\n%n' a
    stat --printf '%n\t%s\n' a d
    stat --printf '%n' a
    stat -c '' a
    stat -z
    stat --format
    stat -c '%N' "x y" "it's" dang
    stat -c '%.9Y %.0Y %.12Y %5.1Y' old
    stat -c '%E' a
    stat -c '%5' a
    stat -c '\x41\101\e\"\q' a
    stat --printf='\x41\101\e\"\q\n' a
    stat -L -c '%n %F' la ld
    stat -L dang
    stat a/
    stat -c '[%10n][%-10n][%010n]' a
    stat --pr='%F\n' p zero
    stat ''
    stat -f nope
    stat -Lc%F la
"""

STAT_OWNED = r"""
    stat -c '%n|%N|%F|%s|%b|%B|%f|%a|%A|%u|%g|%U|%G|%h|%t|%T|%m|%o|%x|%X|%y|%Y' a la d c old zero blk dev2 own
    stat -c %n
    stat -c '%Hr %Lr %r %R' a c blk dev2
    stat -c %a%% a
    stat -c %n a nope b
    stat -c %A exe td
    stat -c '%U %G' own
"""

DU = r"""
    du
    du d
    du -s
    du -sh big d
    du -h big
    du -b big d
    du -k big
    du -c d big
    du -d 0 .
    du -d 1 .
    du --max-depth=x
    du -d -1
    du -s -a
    du -s -d 1
    du nope
    du nope d
    du h1 h2
    du big big
    du d d/e
    du -l h1 h2
    du --apparent-size
    du -b
    du -m big
    du -z
    du -ch d
    du a la
    du -sb .
    du -x d
    du ''
    du -ab d
    du -h -d 1
    du -hs --apparent-size big
    du -k -h big
    du -h -k big
    du dang p c
    du -sc d td nope
    du -a d/e/
    du d/
    du -d1 -a d
    du -d 2
    du -s -d 0 d
    du -a d td
"""

OTHERS = r"""
    sync a nope
    sync -d
    sync -z
    sync d a
    df nope
    df -z
    df nope nope2
    mount -z
"""


@pytest.mark.parametrize("line", lines(LS + STAT))
def test_files_are_shown_as_by_gnu(line):
    assert_same(line, SHOWN, on_disk=True)


@pytest.mark.root
@pytest.mark.parametrize("line", lines(LS_OWNED + STAT_OWNED))
def test_devices_and_owners_are_shown_as_by_gnu(line):
    assert_same(line, OWNED, on_disk=True)


@pytest.mark.parametrize("line", lines(DU))
def test_room_is_counted_as_by_gnu(line):
    assert_same(line, SHOWN, unordered=True, on_disk=True)


@pytest.mark.peer("df", "mount", "sync")
@pytest.mark.parametrize("line", lines(OTHERS))
def test_wrong_usage_is_told_as_by_gnu(line):
    assert_same(line)


HIDDEN = {
    "/a": "hi\n",
    "/half": directory(0o444),
    "/half/z": "z",
    "/half/zz/x": "z",
    "/mine": directory(0),
    "/mine/q": "q",
    "/nd": directory(0, uid=1),
}


@pytest.mark.root
@pytest.mark.parametrize(
    "line",
    lines(
        """
        ls nd
        ls -lR nd
        ls mine
        ls half
        ls -l half
        ls -lR half
        ls -F half
        ls -i half
        ls -R mine half
        ls half/z
        ls -d half/z
        ls nd/x
        du
        du -a
        du nd
        du half
        stat half/z
        stat nd/x
        """
    ),
)
def test_an_ordinary_user_sees_what_the_permissions_allow(line):
    assert_same(line, HIDDEN, unordered=True, user=NOBODY, on_disk=True)


def shown(*argv):
    """Return what one command writes in a simulated machine (str)."""
    (done,) = simulated(Layer.of({"/f": "x" * 5000}), [list(argv)], b"", (0, 0), 0o022).results
    assert (done.status, done.errors) == (0, [])
    return "".join(done.output)


def test_df_shows_one_overlay_and_its_columns_stand_under_their_heads():
    head, line = shown("df").splitlines()
    assert head == "Filesystem     1K-blocks  Used Available Use% Mounted on"
    assert line.split()[0] == "overlay"
    assert line.split()[-1] == "/"
    assert line.index(line.split()[1]) + len(line.split()[1]) == head.index("1K-blocks") + len("1K-blocks")
    assert shown("df", "-hT").splitlines()[0] == "Filesystem     Type     Size  Used Avail Use% Mounted on"
    assert shown("df", "-P").splitlines()[0] == "Filesystem     1024-blocks  Used Available Capacity Mounted on"


def test_mount_shows_the_layers_as_the_kernel_does():
    assert shown("mount") == "overlay on / type overlay (rw,relatime,lowerdir=l1,upperdir=upper,workdir=work)\n"


def test_stat_tells_all_about_a_file_in_eight_lines():
    lines = shown("stat", "f").splitlines()
    assert lines[:2] == ["  File: f", "  Size: 5000      \tBlocks: 16         IO Block: 4096   regular file"]
    assert [line.split(":")[0].strip() for line in lines[3:]] == ["Access", "Access", "Modify", "Change", "Birth"]


def test_ls_shows_inode_numbers_and_two_names_of_one_file_share_theirs():
    first, second = (line.split() for line in shown("ls", "-i1", "f", "../site/f").splitlines())
    assert first[0] == second[0]


def test_help_says_what_of_a_program_there_is():
    assert shown("ls", "--help").startswith("Usage: ls [OPTION]... [OPERAND]...\nList files")

"""find finds what GNU find finds."""

import re

import pytest
from side_by_side import FIFO, NOBODY, assert_same, lines

from course.layers.entry import directory, file, symlink

pytestmark = [pytest.mark.linux, pytest.mark.peer("find")]

TREE = {
    "/a": "hi\n",
    "/b": "bb\n",
    "/d/.h": "",
    "/d/e": None,
    "/d/lnk": symlink("x"),
    "/d/x": "xx\n",
    "/dang": symlink("nope"),
    "/la": symlink("a"),
    "/ld": symlink("d"),
    "/p": FIFO,
    "/t/one/deep/er/f.md": "m",
    "/t/one/g.txt": "g" * 5000,
    "/t/two/h.md": "h",
}

EXPRESSIONS = r"""
    find
    find nope
    find d -foo
    find d -name
    find d nope -name x
    find -name x d
    find d -type z
    find d -type fd
    find d -type f,d
    find d -maxdepth
    find d -maxdepth x
    find d -name x -maxdepth 1
    find d -size x
    find d -size 1x
    find d -size +1c -print
    find d -perm x
    find d -perm -u+w -type f
    find d -perm /222
    find d -perm 644
    find d -perm -4000
    find d -newer nope
    find d -newer a
    find d -user nosuch
    find d -empty
    find d -exec
    find d -exec cat {}
    find d -exec cat {} +
    find d -type f -exec cat {} \;
    find d -exec cat a {} b +
    find d -exec rmdir {} \; -print
    find d -exec cat x{}y \;
    find d -exec cat x{} +
    find d \( -name x
    find d -name x \)
    find d -name x -o
    find d -o -name x
    find d !
    find d -not -name x
    find d -name x -a -type f
    find d -name x -and -type f -or -name e
    find d , -name x
    find d -name x , -name e -print
    find d \( \)
    find d -print -name x
    find d -name x -delete
    find d -delete
    find d -depth
    find d -prune
    find d -name e -prune -o -print
    find d -links 1
    find d -links +1
    find d -samefile d/x
    find d -samefile nope
    find d -iname X
    find d -path 'd/*'
    find d -path '*x'
    find d -wholename d/x
    find d -mindepth 1 -maxdepth 1
    find d -mindepth -1
    find d a b -type f
    find . -name d
    find ./ -name x
    find d/ -name x
    find d// -name d
    find ld
    find ld/
    find -L ld
    find -H ld
    find -P ld
    find d -true
    find d -false
    find d -quit
    find d -name x -quit
    find d -printf
    find d -printf '%TY %Tm\n'
    find d -mtime 0
    find d -mtime +1
    find d -mtime x
    find d -mmin -5 -name x
    find d -newermt 2001-01-01 -name x
    find d -newermt foo
    find d -readable -name x
    find d -executable
    find d -writable -name e
    find d -xdev -name x
    find d -mount -name x
    find d -name '[x'
    find d -name '*.h' -o -name .h
    find d -name '.*'
    find d -name '?'
    find ''
    find d -exec cat {} {} \;
    find d -exec cat {} ';' -exec cat again {} ';'
    find dang -type l
    find -L dang -type l
    find d -lname '*'
    find d -size 0
    find d -size -1
    find d -size +0
    find d -size -2k
    find d -size 3c
    find d -size 1b
    find d -size 1
    find d -size 1w
    find d -size 1M
    find d -size 1G
    find d -warn
    find d -noleaf
    find d -follow
    find d -type
    find d -exec cat \;
    find d -newer
    find d -and -name x
    find d -name x -name
    find d -not
    find d \( -name x -o -name e \) -print
    find d ! -name x ! -name e
    find d -name x -exec rm {} \; -print
    find d -type d -empty -delete
    find d -maxdepth 1 -exec cat {} +
    find d -name d
    find d/e d/x
    find -type f -name x
    find d -a
    find d -name "x" "x"
    find d x y -print -name
    find t -name '*.md'
    find t -path '*/deep/*'
    find t -depth
    find t -mindepth 2 -maxdepth 3
    find t -size +4k
    find t -size -5000c -type f
    find . -perm -4000
    find . -perm 4750
    find . -perm u=rwx
    find . -perm -g+r,o+r
    find . -perm /o+w
    find . -newer a
    find . -type l,p
    find . -type f,
    find . -type f,f
    find . -type ''
    find . -size ''
    find . -size +
    find . -size 1kk
    find . -group nosuch
    find t -prune -o -print
    find . -name t -prune -o -type f -print
    find . ! \( -name t -prune \) -type d
    find t -name one -exec rm -r {} \;
    find t -depth -name one -exec rm -r {} \;
    find t -name g.txt -delete -print
    find t -type d -delete
    find t d -name h.md -o -name x
    find t \( -name h.md -o -name g.txt \) -a -print
    find t -name a -o -name b -o
    find t \)
    find t \( \( -name g.txt \) \)
    find t \( -name g.txt
    find t \(
    find t ! ! -name g.txt
    find t -name g.txt , -name h.md
    find t -a -name g.txt
    find t/one -name '*.md' -exec cat {} +
    find t -name '*.md' -exec ls -l {} \;
    find t -type f -exec chmod 600 {} +
    find t -printf '%-10f|%5s|%d|%P|%h|%m|%M|%y|%l|%u|%g|%n\n'
    find . -empty
    find . -links 1 -type f
    find . -links -2
    find -L . -type l
    find -L ld t -type f
    find -H ld la
    find . -lname 'n*'
    find . -iname 'X'
    find . -ipath './T/*'
    find . -true -name x
    find . -mtime +100
    find . -mtime -1
    find . -mtime x
    find . -newermt '2024-01-01'
    find . -newermt '2023-01-01' -type f
    find . -newermt xx
    find nope1 nope2 a
    find a/x
    find a/
    find t/ -name one
    find t -name one/
    find . -maxdepth 1 -type d
    find . -maxdepth 0
    find . -mindepth 1 -maxdepth 1 -type f
    find -maxdepth 1
    find -P -L ld
    find t -quit
    find t -name deep -print -quit
    find . -samefile a
    find . -exec cat
    find . -exec \;
    find . -name x -exec
    find d -type f -exec cat {} {} +
    find a -print -print
    find a -print0
    find a -o -print
    find a -print -o -print
    find d ! -type d ! -type l
    find . -not -path './t*'
    find d -name e -type d -o -name x -type f
    find . -size 10c
    find d -execut
    find d --name x
    find d -NAME x
    find . -readable -writable -executable -type f
    find d -type f -printf %f\\n -name x
    find d -printf 'a\tb\n\101\\%%\n' -quit
    find d -noleaf -name x
    find d -depth -name e -prune -o -print
    find d -maxdepth 1 -name x -mindepth 1
"""

OWNERS = r"""
    find d -user 0
    find d -uid x
    find d -group root
    find d -nouser
    find . -user games
    find . -group 12345
    find . -nogroup
    find . -uid +3
    find own -printf '%u %g %U %G %m %T@ %TY-%Tm-%Td %TH:%TM:%TS %t\n'
"""


SIZES = re.compile("-size|-ls|printf .*%[^ ]*[sbk]")  # that of a directory is the file system's own


@pytest.mark.parametrize("line", lines(EXPRESSIONS))
def test_an_expression_means_what_gnu_takes_it_for(line):
    assert_same(line, TREE, unordered=True, on_disk=SIZES.search(line) is not None)


@pytest.mark.root
@pytest.mark.parametrize("line", lines(OWNERS))
def test_files_are_found_by_owner(line):
    assert_same(line, TREE | {"/own": file("o", 0o4750, uid=5, gid=12345)}, unordered=True)


HIDDEN = {
    "/a": "hi\n",
    "/half": directory(0o444),
    "/half/z": "z",
    "/half/zz/x": "z",
    "/nd": directory(0, uid=1),
    "/rd": directory(0o755, uid=1),
    "/rd/x": file("x", uid=1),
}


@pytest.mark.root
@pytest.mark.parametrize(
    "line",
    lines(
        """
        find .
        find nd
        find half
        find half -type f
        find . -depth
        find . -name z
        find . -delete
        find rd -delete
        find . -readable
        find . -maxdepth 1
        """
    ),
)
def test_an_ordinary_user_finds_what_the_permissions_allow(line):
    assert_same(line, HIDDEN, unordered=True, user=NOBODY)


def test_many_files_go_to_one_command():
    files = {f"/many/{number:04}": "" for number in range(300)}
    assert_same("find many -type f -exec rm {} +", files)

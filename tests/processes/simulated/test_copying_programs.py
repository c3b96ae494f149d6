"""cp, mv, rm, ln and install do what GNU coreutils do."""

from dataclasses import replace

import pytest
from side_by_side import DEVICE, FILES, NOBODY, assert_same, lines, simulated

from course.layers.entry import directory, file, symlink
from course.layers.layer import Layer

pytestmark = [pytest.mark.linux, pytest.mark.peer("cp", "mv", "rm", "ln", "install")]

CP = r"""
    cp
    cp a
    cp a new
    cp a b
    cp nope x
    cp d x
    cp -r d x
    cp -r d td
    cp -rT d td
    cp a d b
    cp d a
    cp -r d a
    cp -T a d
    cp a a
    cp a ld
    cp ld x2
    cp -r ld x2
    cp -rL ld x3
    cp -d la y
    cp -P la y
    cp -P dang b
    cp -P la b
    cp dang z
    cp a dang
    cp -f a dang
    cp --remove-destination a dang
    cp -r d dang
    cp -r p p2
    cp -a p p2
    cp -v a b
    cp -lv a l
    cp -l a b
    cp -lf a b
    cp -l h1 h2
    cp -sv a sl
    cp -s a d/sl
    cp -s /etc/passwd pw
    cp -s a b
    cp -sf a b
    cp -n a b
    cp -nv a b
    cp -u a b
    cp -uv a new1 ;; cp -uv a new1
    cp -t nope a
    cp -t d a -v
    cp a nodir/
    cp a nodir/x
    cp '' x
    cp a ''
    cp a b nodir
    cp -a a b d
    cp -z
    cp a/ q
    cp a/x q
    cp a b/
    cp -T d
    cp -T a b c
    cp --preserve=foo a b
    cp a la
    cp -v --preserve=mode,timestamps a pp
    cp --no-preserve=mode exe pp2
    cp --no-preserve=mode exe a
    cp -p a d
    cp a b a d
    cp a ./a d
    cp d/x td/x n
    cp -r d ./d n
    cp -r d/e td/e n
    cp -rl d dl
    cp -rs d ds
    cp -r nope1 nope2 d
    cp -i a b
    cp -iv a newi
    cp -p exe suid
    cp exe suid
    cp -dR la la3
    cp -H ld x9
    cp -rH ld x9
    cp -rP ld x10
    cp -a ld x11
    cp a d/e/../x
    cp -R d/. dd1
    cp -r d/ dd2
    cp -v a a2/
    cp -r a a3/
    cp d/x d/.
    cp -f d/x d/x
    cp -a d q
    cp -a h1 h2 n
    cp h1 h2 n
    cp -a h1 n ;; cp -a a n/h1
    cp -a a h1
    cp -p a h1
    cp -d a h1
    cp la s
    cp -d la s
    cp -d la a
    cp a s
    cp -p ro ro2
    cp a ro
    cp -v -a d nn
    cp -a la b
    cp -a d la
    cp -T d nd
    cp -rT d nd
    cp -t d
    cp -t
    cp --target-directory=d a b
    cp -rv td/e d
    cp x\ y z
    cp 'x y' z
    cp -v 'x y' "it's" d
    cp -rf d/x d/e
    cp -l la z
    cp -lP la z
    cp -lL la z
    cp -rl ld z
    cp -sr d z
    cp big z
    cp -s a la
    cp -sf a la
    cp -ls a b
    cp --pres a b
    cp --no-preserve=all -a a q
    cp --rec d q
    cp -R d a q
    cp -a --no-preserve=ownership a q
    cp -rp d n/ ;; cp -rp d n/
    cp -r n n
    cp -r n n/y
"""

MV = r"""
    mv a b
    mv a new
    mv a d
    mv d n
    mv -n a b
    mv -T d n
    mv -T d td
    mv a b new
    mv a b nodir/
    mv s b
    mv
    mv a
    mv a b c
    mv nope x
    mv nope1 nope2 d
    mv a nope/
    mv a d/x/
    mv b a/
    mv d a
    mv -t
    mv -t nope a
    mv -t d a -v
    mv a a
    mv d d
    mv d d/y
    mv d/. q
    mv d/.. q
    mv -nv a b
    mv -v a zz
    mv '' x
    mv a ''
    mv ld/ q
    mv ld q
    mv d ld
    mv a ld
    mv a ld/
    mv -T ld n
    mv n ld
    mv h1 h2
    mv la a
    mv a la
    mv la s
    mv -v d/x td/x n
    mv d/x ./d/x n
    mv -f a b -v
    mv -u a b
    mv -uv a new
    mv -i a b
    mv x\ y "it's"
    mv d/x td/x -t n -v
    mv --target-directory=n a b
    mv -T a
    mv -T a b c
    mv -t d -T a
    mv . x
    mv td n ;; mv -v d n/td
    mv d/e td
    mv -T d/e td/e
    mv h1 h1
    mv d/e/ q/
    mv dang q
    mv exe ro n
    mv -z
    mv --no-cl a b
    mv --foo
    mv n d/e/f/g
    mv -v n n2/
    mv n/ n2
    mv d/e/f .
    mv a d/e/f/g b
"""

RM = r"""
    rm
    rm -f
    rm d
    rm nope
    rm -f nope
    rm -r nope
    rm -rf nope
    rm -d d
    rm -d n
    rm -r .
    rm -r ./
    rm -r d/.
    rm -rv d
    rm -v a la dang
    rm -z
    rm --foo
    rm --no-preserve-root
    rm a/
    rm ld/
    rm -r ld/
    rm -rv ld
    rm ''
    rm -f ''
    rm -rf ''
    rm -rvf p td nope3
    rm a/x
    rm -f a/x
    rm dang/
    rm -f dang/
    rm -r nope/
    rm -dv n
    rm -v -- -x
    touch ./-x ;; rm -x
    rm -fr h1 a
    rm -rv d td n a b
    rm x\ y -v
    rm "it's" -v
    rm -rf d td
    rm --interactive=foo a
    rm -rvd n d
    rm d/x d/e/f/g
    rm --dir n
    rm a b d c
"""

LN = r"""
    ln
    ln a
    ln -s
    ln nope x
    ln d x
    ln -s nope x
    ln a a
    ln -s a a
    ln a d
    ln a d/x/y
    ln -s a b c
    ln a b d
    ln -t d a -v
    ln -v a z1 ;; ln -fv a z1
    ln -sv a z2 ;; ln -sfv a z2
    ln -f a a
    ln -sf a a
    ln -T a d
    ln -sT a d
    ln -sfT a d
    ln -nsf a ld
    ln -sf b ld
    ln -n a ld
    ln -s '' e
    ln '' e
    ln a ''
    ln -s a ''
    ln -z
    ln -s a nodir/
    ln -sr d/x rr
    ln -i a b
    ln -st d b
    ln -s b -t d
    ln -svt d c
    ln -L la hl
    ln -P la hl2
    ln la hl3
    ln dang hd
    ln a ld
    ln -T a b c
    ln -sv 'a b' 'c d'
    ln a/ x9
    ln -s a/ x10
    ln p pp
    ln -s .. up
    ln -s ../x up2
    ln -s d/x .
    ln /etc/passwd/x y9
    ln -f a b
    ln -sf a b
    ln -f h1 h2
    ln -fv h1 h2
    ln -sf x la
    ln -sfn x ld
    ln -sfn x n
    ln -sf nope n
    ln -sr d/x n/rr
    ln -srf d la
    ln -f d/x td/x n
    ln -s d/x td/x n
    ln -sf d/x td/x n
    ln -rs a b n
    ln -r a q
    ln -sfT a la
    ln -L dang q
    ln a b
    ln -s a b
    ln --symbolic a q
    ln -s n . ;; ln -s /site/x
    ln -fi a b
    ln -st nope a
    link
    link a
    link a lb
    link nope x
    link a b
    link a b c
    unlink
    unlink a b
    unlink d
    unlink nope
    unlink a
    unlink la
    unlink a/
"""

BACKUPS = r"""
    cp -bv a b
    cp -b a b
    mv -bv a b
    mv -bTv d n
    cp --backup=numbered -v a b ;; cp --backup=numbered -v a b ;; cp -bv a b
    cp --backup=foo a b
    cp --backup=none a b
    cp --backup=off a b
    cp -S .bak a b
    cp -b --suffix=.bak a b
    cp -b a a
    cp -rb d x ;; cp -rbv d x
    ln -b a b
    ln -bv a b
    ln -sbv a b
    ln -sv --backup=t a b
    mv -b a n
    mv -bT a n
    mv -bT n a
    mv --backup=simple a b
    cp -b a newf
    mv -bn a b
    cp -bn a b
    cp -b d b
    cp -rb d b
    cp -bT a d
    ln -b d b
    ln -sb a la
    cp -ab a b
    cp -b la b
    cp -bu a b
    cp -ba la b
    ln -bf a a
    ln -sbf a a
    mv -b a a
    cp -b a dang
    cp -b b a n
"""

INSTALL = r"""
    install
    install a
    install b ib
    install -m 600 b ib2
    install -d i1/i2
    install -dv i3/i4
    install -v b d
    install -D b i5/i6/f
    install -Dv b i5/i6/f
    install -t d b a
    install nope x
    install d x
    install -m foo b x
    install -d d i9 -m 700
    install b c d
    install b a
    install -v b a
    install -p b ib4
    install b nodir/
    install b nodir/x
    install -d ''
    install -T b d
    install -vD -t i20/i21 b
    install la il
    install -z
    install -d
    install -d a
    install -dm 1777 tt
    install -m u=rw b x
    install a b x
    install -bv a b
    install -c a x
    install -t nope a
    install -m 4755 a x
    install a a
    install -d i1 i2 a i3
    install -m 644 a b d
"""

ASKED = r"""
    mv -i a b
    mv -iv d/x td/x n
    cp -i a b
    cp -ir d/e td
    rm -i a b
    rm -ri n
    rm -riv d/e
    rm -I a b h1 h2
    rm -Ir d
    rm -fi a
    rm -if a
    ln -i a b
"""

OF_ANOTHER = {
    "/a": "hi\n",
    "/half": directory(0o444),
    "/half/z": "z",
    "/la": symlink("rd"),
    "/mine": directory(0),
    "/mine/q": "q",
    "/nd": directory(0, uid=1),
    "/r": file("r", uid=1),
    "/rd": directory(0o755, uid=1),
    "/rd/x": file("x", uid=1),
    "/secret": file("s", 0o600, uid=1),
    "/sticky": directory(0o1777, uid=1),
    "/sticky/m": "m",
    "/sticky/o": file("o", 0o666, uid=1),
    "/wp": file("wp", 0o444),
}
ORDINARY = r"""
    cp -r nd ee
    cp -r mine e2
    cp -r half e3
    cp secret q
    cp a rd/x
    cp a r
    cp -f a r
    cp a wp
    cp -f a wp
    cp -p r q
    cp -a rd q
    cp -a secret q
    cp -rp rd zz
    mv a wp
    mv rd xx
    mv r x2
    mv sticky/o x
    mv rd/x y
    mv rd/x sticky
    mv mine m2
    mv half h2
    rm -r mine
    rm -rf mine
    rm -r nd
    rm sticky/o
    rm -f sticky/m
    rm rd/x
    rm -rf rd
    rm -rv rd
    ln r r2
    ln rd/x x2
"""


@pytest.mark.parametrize("line", lines(CP + MV + RM + LN + BACKUPS))
def test_files_are_copied_moved_removed_and_linked_as_by_gnu(line):
    assert_same(line, unordered=True)


@pytest.mark.parametrize("line", lines(INSTALL))
def test_files_are_installed_as_by_gnu(line):
    assert_same(line, unordered=True)


@pytest.mark.parametrize("answer", [b"y\n" * 9, b"n\n" * 9, b"", b"yes", b"\n"])
@pytest.mark.parametrize("line", lines(ASKED))
def test_who_is_asked_is_obeyed(line, answer):
    assert_same(line, given=answer, unordered=True)


@pytest.mark.root
@pytest.mark.parametrize("line", lines(ORDINARY))
def test_an_ordinary_user_may_do_what_the_permissions_allow(line):
    assert_same(line, OF_ANOTHER, unordered=True, user=NOBODY)


@pytest.mark.root
@pytest.mark.parametrize(
    "line", ["cp -a c c2", "cp -r c c2", "mv c p n", "cp -a own x", "cp -p own x", "install -o 1 -g 2 a x"]
)
def test_root_copies_devices_and_owners(line):
    assert_same(line, FILES | {"/c": DEVICE, "/own": file("o", 0o6750, uid=5, gid=12345)})


@pytest.mark.parametrize(
    "line", ["cp -r d x", "cp -r open x", "cp open/f x", "cp -a open x", "mkdir x ;; cp d/x x", "install a x"]
)
def test_the_umask_holds_for_copies_whose_mode_is_not_kept(line):
    files = FILES | {"/open": directory(0o777), "/open/f": file("f", 0o666), "/open/x": file("f", 0o777)}
    assert_same(line, files, umask=0o077)


@pytest.mark.parametrize(
    "line",
    lines(
        """
        cp a c
        cp -p a c
        cp -a a c
        cp -a d e
        cp -r d e
        cp --preserve=xattr a c
        cp --preserve=all a c
        cp -a --no-preserve=xattr a c
        cp -a a b
        cp a b
        mv a c
        """
    ),
)
def test_extended_attributes_are_kept_where_gnu_keeps_them(line):
    assert_same(
        line, {"/a": tagged(file("hi\n")), "/b": "bb", "/d": tagged(directory(0o750)), "/d/x": tagged(file("x"))}
    )


def tagged(entry):
    return replace(entry, xattrs={"user.k": b"v", "user.b": b"\xff\x00x"})


def test_the_root_directory_is_not_removed_by_mistake():
    done = by_root("rm", "-rf", "/", "nope")
    assert done.errors == [
        "rm: it is dangerous to operate recursively on '/'\n",
        "rm: use --no-preserve-root to override this failsafe\n",
    ]
    assert done.status == 1


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("mv / x", "mv: cannot move '/' to 'x': Device or resource busy\n"),
        ("rmdir /", "rmdir: failed to remove '/': Device or resource busy\n"),
        ("mkdir /", "mkdir: cannot create directory '/': File exists\n"),
        ("rm -r ..", "rm: refusing to remove '.' or '..' directory: skipping '..'\n"),
    ],
)
def test_the_root_directory_stays_where_it_is(command, message):
    assert by_root(*command.split()).errors == [message]


def by_root(*argv):
    """Run one command in a simulated machine that holds nothing (Done): never for real."""
    return simulated(Layer.of({}), [list(argv)], b"", (0, 0), 0o022).results[0]

"""mkdir, rmdir, touch, truncate, mknod, mkfifo, mktemp and readlink do what GNU coreutils do."""

import pytest
from side_by_side import assert_same, lines, simulated

from course.layers.layer import Layer

pytestmark = [pytest.mark.linux, pytest.mark.peer("mkdir", "rmdir", "touch", "truncate", "mknod", "mkfifo", "mktemp")]

MKDIR = r"""
    mkdir
    mkdir d
    mkdir a
    mkdir nodir/x
    mkdir -p a/x
    mkdir -p a
    mkdir -v n1
    mkdir -pv n2/n3/n4 ;; mkdir -pv n2/n3/n5
    mkdir -m 700 n6
    mkdir -m u=rwx,go= n7
    mkdir -m foo n8
    mkdir -p -m 700 n9/n10
    mkdir ''
    mkdir -p ''
    mkdir -z
    mkdir x/
    mkdir -p ./y/../z
    mkdir d/.
    mkdir -p d/.
    mkdir -m 1777 n11
    mkdir -m 4755 n12
    mkdir -p dang
    mkdir dang/x
    mkdir -p dang/x
    mkdir -p ld/q
    mkdir n n1 nx1
    mkdir -p d/e/f d/g
    mkdir -m +t n13
    mkdir -m g+s n14
    mkdir -m u-w n15
    mkdir -m a=r n16
    mkdir -m 02755 n17 ;; mkdir n17/x
    mkdir -p -v x//y/./z/
    mkdir -vp a/b/c
    mkdir .
    mkdir -p .
    mkdir --mode=0 n18
    mkdir ..
    mkdir -p d/x/y
"""

RMDIR = r"""
    rmdir
    rmdir nope
    rmdir a
    rmdir -v n
    mkdir -p l/m/n ;; rmdir -p l/m/n
    mkdir -p l/m/n ;; rmdir -pv l/m/n
    mkdir -p l/m/n ;; touch l/x ;; rmdir -pv l/m/n
    rmdir d
    rmdir --ignore-fail-on-non-empty d
    rmdir -p --ignore-fail-on-non-empty d/e
    rmdir .
    mkdir sl ;; ln -s sl sll ;; rmdir sll ;; rmdir sll/
    rmdir ''
    rmdir d/
    rmdir a b nope
    rmdir -z
    mkdir -p q/r ;; rmdir q/r/ ;; rmdir -p q/
    mkdir -p z/y ;; rmdir -p z/y/
    mkdir z z/y ;; rmdir -v z//y ;; rmdir -pv ./z/
    rmdir ..
    rmdir n/
    rmdir n/.
    rmdir ld
"""

TOUCH = r"""
    touch
    touch nodir/x
    touch -c nope
    touch -t 202001010101 t1
    touch -t 01010101.30 t1
    touch -t 9901010101 t1
    touch -t foo t1
    touch -t 202013010101 t1
    touch -t 6901010101 x
    touch -t 6801010101 x
    touch -r nope a
    touch -t 200001010000 t ;; touch -r t t2
    touch --time=foo a
    touch --time=atime a
    touch -z
    touch -h la
    touch -h dang
    touch dang
    touch d
    touch d/
    touch newd/
    touch ''
    touch a/x
    touch -c a/x
    touch -c ''
    touch p
    touch -a p
    touch -t 200001010000 -d 2001-01-01 t4
    touch -r a -d '+1 day' t4
    touch -r a -d '2 hours ago' t4
    touch -m a ;; touch -a b
    touch -am -d @7 a
    touch -a -d @7 a
    touch -m -d @7 a
    touch la
    touch -hc nope
    touch -h nope
    touch -d '' a
    touch x y z
    touch --no-create q
    touch -d
    touch --date=@9 q
"""

DATES = r"""
    2020-01-02
    2020-01-02 03:04
    2020-01-02 03:04:05.678
    2020-01-02T03:04:05Z
    2020-01-02T03:04:05+0200
    Jan 5 2021
    5 Jan 2021 10:00
    2020-01-02 +1 day
    2020-01-02 10 days ago
    20200102
    01/02/2020
    Thu, 01 Jan 1970 00:00:10 +0000
    2020-01-02 3pm
    1970-01-01 UTC
    2020-02-30
    foo
    2020-01-31 +1 month
    2020-02-29 -1 year
    2020-13-01
    @0
    @-5
    @5.5
    2020-01-02 25:00
    2020-01-02 12:60
    2020-01-02 next week
    1 hour ago 2020-01-02
    2020-01-02 12am
    2020-01-02 12:30pm
    Feb 3
    2001-02-03 04:05 UTC
    2001-02-03 04:05 +1 hour
    2001-02-03 04:05 +01:30
    2 weeks ago 2001-01-01
    5-Mar-2001
    1999/12/31
    12/31/99
    2001-01-01 yesterday
    2001-01-01 tomorrow
    2001-01-01 fortnight
    2001-01-01 2001-01-02
    2001-01-01 1:00 2:00
    noon
    2001-01-01 -3 days
    2001-01-01 - 3 days
    2001-01-01 1 month 2 days ago
    September 5, 2001
    Sept 5 2001
    sep. 5 2001
    2001-1-1
    2001-01-01T10
    2001-01-01 10:00:60
    2038-01-19 03:14:08
    2001-01-01 00:00:00.123456789123
    2001-01-01 10:00 GMT
"""

TRUNCATE = r"""
    truncate
    truncate a
    truncate -s 5
    truncate -s 5 a
    truncate -s +5 a
    truncate -s -3 big
    truncate -s 1K a
    truncate -s 1KB a
    truncate -s '<10' big
    truncate -s '>20' a
    truncate -s /8 big
    truncate -s %7 a
    truncate -s foo a
    truncate -s -100 a
    truncate -s 5 d
    truncate -c -s 5 nope
    truncate -s 5 nodir/x
    truncate -r big a
    truncate -r b -s +1 a
    truncate -r b -s 1 a
    truncate -r nope a
    truncate -s 0 a b nope2
    truncate -z
    truncate -s % a
    truncate -s /0 a
    truncate -s 99999999999999999999 a
    truncate -s 5 p
    truncate -o -s 1 a
    truncate --size=3 a
    truncate -s '' a
    truncate -s 1M a
    truncate -s 5x a
    truncate -s K a
    truncate -s '< 5' big
    truncate -s +-5 a
    truncate -s '<+5' a
    truncate -s 0x5 a
    truncate -s 010 a
    truncate -s 5c a
    truncate -s 5 la dang
"""

PIPES = r"""
    mknod
    mknod x
    mknod x p ;; mknod x p
    mknod y c
    mknod z p 1 3
    mknod z q
    mknod -m foo v p
    mknod nodir/v p
    mkfifo
    mkfifo f1 ;; mkfifo f1
    mkfifo -m 600 f2 f3
    mkfifo -m foo f4
    mkfifo nodir/x
    mkfifo -m u+s f9
    mkfifo -m 4755 f8
    mkfifo -z
    mknod '' p
    mknod -m 4777 y3 p
    mknod a p
    mknod -m u=rw,go= a1 p
    mkfifo -m a=rw f
    mknod x p 1
    mknod x z 1 2
"""

DEVICES = r"""
    mknod y c 1
    mknod y c 1 3
    mknod -m 600 z c 1 5
    mknod w b 7 0x10
    mknod v c a b
    mknod v c 1 b
    mknod v u 1 3
    mknod y2 c 1 3 4
    mknod d c 1 3
    mknod q c 1
    mknod q b 010 1
"""

MKTEMP = r"""
    mktemp foo
    mktemp fooXX
    mktemp a b
    mktemp nope/XXX
    mktemp -q nope/XXX
    mktemp -z
    mktemp /x/XXX -p d
    mktemp -t /a/XXX
    mktemp --suffix=a/b XXX
    mktemp ''
    mktemp --suffix=x foo
    mktemp -d nope/XXXX
    mktemp -p nope
    mktemp --suffix=.txt XX
"""

READLINK = r"""
    readlink
    readlink a
    readlink la
    readlink -v a
    readlink nope
    readlink -v nope
    readlink la dang
    readlink -n la
    readlink -n la dang
    readlink -z la
    readlink -f ''
    readlink -e nope -v
    readlink -q a
    readlink -f a/
    readlink -f a/x
    readlink -z
    ln -s loop loop ;; readlink -f loop ;; readlink -fv loop
    readlink -f nope/x -v
    readlink -e dang -v
    readlink -v -f a/x
    readlink -f /etc/../etc/passwd
    readlink -m /nope/../x/./y/
    realpath
    realpath nope/x
    realpath -e nope
    realpath ''
    realpath -q nope/x
    realpath /etc//passwd
    realpath a/x
    readlink -f -e /etc nope
    readlink -e /nope/x -v
"""


@pytest.mark.parametrize("line", lines(MKDIR + RMDIR + TOUCH + TRUNCATE + PIPES + MKTEMP + READLINK))
def test_files_are_made_and_changed_as_by_gnu(line):
    assert_same(line)


@pytest.mark.parametrize("date", lines(DATES))
def test_a_date_in_words_means_what_gnu_takes_it_for(date):
    assert_same(f'touch -d "{date}" a new')


@pytest.mark.root
@pytest.mark.parametrize("line", lines(DEVICES))
def test_root_makes_devices(line):
    assert_same(line)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
@pytest.mark.parametrize(
    "line",
    lines(
        """
        mkdir -p m1/m2
        mkdir -m 777 m3
        mkdir m4
        mkdir -m +x m5
        mkdir -m +t m5
        mkdir -p -m 777 m6/m7
        mkdir -m g+s m8
        mkdir -m g-w,o= m9
        mkdir -m u=rwx,g=rx m9
        mkdir -m u=rwx,go=rx,o+w m9
        mkdir -m 4755 m9
        mkdir -m u=rwxs m9
        mkfifo f
        mkfifo -m 666 f
        mknod f p
        mknod -m g+w f p
        mkfifo -m +w f
        touch f
        truncate -s 3 f
        """
    ),
)
def test_the_umask_holds_for_what_is_made(line, umask):
    assert_same(line, umask=umask)


def test_mktemp_makes_a_file_that_only_its_owner_may_read():
    side = simulated(Layer.of({}), [["mktemp", "tmp.XXXX"], ["mktemp", "-d", "dir.XXXX"]], b"", (0, 0), 0o022)
    made, folder = ("/" + done.output[0].strip() for done in side.results)
    assert side.left[made]["mode"] == "-rw-------"
    assert side.left[folder]["mode"] == "drwx------"
    assert made.startswith("/tmp.")
    assert len(made) == len("/tmp.XXXX")

"""Programs that print words, reckon and decide do what GNU coreutils do."""

import shlex
import subprocess

import pytest
from program_lines import assert_all_same, paragraphs, title
from side_by_side import lines

from course.processes.simulated.programs.formatting import Complaint, formatted

pytestmark = [pytest.mark.linux, pytest.mark.peer("echo", "printf", "seq", "test", "[", "expr", "basename", "dirname")]

COMMANDS = r"""
    echo
    echo a b
    echo -n a b
    echo -e 'a\tb\n\\c\x41\0101\101\e[0m\q'
    echo -e 'a\cb' c
    echo -E 'a\tb'
    echo -neE 'a\tb'
    echo -en 'a\tb'
    echo -x -n a
    echo -- a
    echo - a
    echo -n -n a
    echo 'a\tb'
    echo -e '\x\0\8'

    printf
    printf 'a\n'
    printf '%s\n' a b c
    printf '%s-%s\n' a b c
    printf '\e[\x41\101\0101\q\"|\n'
    printf '%b|\n' '\101\0101\x41\e\q\"'
    printf '%d|' x 3x '' 0x1f 010 99999999999999999999 -5 "'a" '"b' ' 7' '7 ' 1.5
    printf '%u %x %o %X|\n' -1 255 8 255
    printf '%z\n'
    printf '%'
    printf 'a%'
    printf '%5.2s|%-5s|%05d|%+d|% d|%#x|%c|%c\n' abcdef ab 7 7 7 255 hello ''
    printf '%*d|%-*d|\n' 5 3 5 3
    printf '%s\n'
    printf 'no\n' 1 2
    printf '%.3d|%i|\n' 5 6
    printf '%5%|\n'
    printf '%.20f|%e|%g|%G\n' 0.1 12345.678 0.00001 1e20
    printf '%.2f %.2f %.0f %.0f\n' 2.675 1.005 0.5 1.5
    printf '%f|%f\n' x 1e
    printf 'a\cb\n'
    printf '%b' 'a\cb' x
    printf '%q\n' 'a b' a
    printf -- '%s\n' x
    printf '%s %d\n' a
    printf '%d\n' 0x
    printf '%ld %lld\n' 3 4
    printf '%s\n' -n
    printf '%5b|\n' 'a\tb'
    printf '%5c|%-5c|\n' a b
    printf '\1234\n'
    printf '%05.1f|%-8.3e|%+g\n' 3.14159 31415.9 2
    printf '%#o %#X %#x\n' 8 255 0
    printf '%05s|%-05d|\n' ab 3
    printf '%05d|%.0d|\n' -42 0
    printf '%x\n' -255
    printf '%i %i\n' +5 -0
    printf '%c%c%c\n' abc def
    printf "%d\n" "'ab"
    printf '%.1s|%.s|\n' abc abc

    printf '%-10s|%10s|\n' left right
    printf '%08.3f\n' -3.14159
    printf '\n'
    printf '%%\n'
    printf '%d %%\n' 5
    printf '%s'
    printf 'caf\303\251 %s\n' é
    printf '%10.3s|\n' é
    printf '%f\n' inf nan -1e400 0x10

    seq
    seq 3
    seq 2 4
    seq 1 2 7
    seq 5 -1 1
    seq -s, 3
    seq -w 8 11
    seq -w 1 0.5 3
    seq 0.1 0.1 0.5
    seq 1 0.25 2
    seq -f '%03g' 3
    seq -f '%.2f' 1 0.5 2
    seq -f x 3
    seq -f '%d' 3
    seq -f '%g%g' 3
    seq x
    seq 1 0 3
    seq 1 2 3 4
    seq -2 2
    seq 3 1
    seq -w -f %g 3
    seq 1e2
    seq -w -5 5
    seq -z
    seq 100000 100003
    seq 1 1e6 3e6
    seq -5 -3
    seq -s '' 3
    seq --separator=: 1 3

    test
    test a
    test ''
    test -f f
    test -d d
    test -e nofile
    test -L ln
    test -h ln
    test -p fifo
    test -s e
    test -s f
    test -x f
    test -r f
    test -z ''
    test -n a
    test ! -f f
    test a = a
    test a == b
    test a != b
    test 1 -eq 01
    test 1 -lt x
    test 1 -gt 0
    test x -eq 1
    test -f
    test -q f
    test a b
    test a b c
    test a -a b
    test a -a ''
    test '' -o b
    test '(' a ')'
    test '(' a = a ')'
    test '(' a
    test '(' a b c d ')'
    test ! '(' a = b ')' -a x
    test ! a = b
    test a = b -o c = c
    test f -ef ln
    test f -nt nofile
    test nofile -ot f

    test f -ot nofile
    test a '<' b
    test b '>' a
    test -t 0
    test -t x
    test !
    test ! !
    test -f f -a
    test a = a b
    test = = =
    test -n = a
    test -a f
    test -O f
    test -G f
    test 99999999999999999999 -gt 99999999999999999998

    [ a = a ]
    [ a
    [ ]
    [ -f f ]
    [ -f f ] ]
    [ a = b -a c ]

    expr
    expr 1 + 2
    expr 1 + 2 '*' 3
    expr '(' 1 + 2 ')' '*' 3
    xargs expr <<< 7 / 2
    xargs expr <<< -7 / 2
    expr -7 % 2
    xargs expr <<< 7 / 0
    expr a + 1
    expr 1 +
    expr 1 2
    expr '(' 1
    expr '(' 1 2
    expr ')'
    expr a = a
    expr a '<' b
    expr 10 '<' 9
    expr 10a '<' 9
    expr a '|' b
    expr '' '|' b
    expr 0 '|' ''
    expr a '&' b
    expr a '&' 0
    expr abc : 'a\(.\)c'
    expr abc : 'a.'
    expr abc : 'b'
    expr abc : '\(x\)'
    expr abc : '\('
    expr length hello
    expr index hello lo
    expr substr hello 2 3
    expr substr hello 0 3
    expr match abc 'a\(.*\)'
    expr + length
    expr 0
    expr ''
    expr 00
    expr -
    expr 1 - 1
    expr 2 '>=' 2

    xargs expr <<< 1 '|' 1 / 0
    xargs expr <<< 0 '&' 1 / 0
    expr -- 5
    expr 99999999999999999999 + 1
    expr a : '*'
    expr abc.txt : '.*\.\(.*\)'

    basename
    basename a/b
    basename a/b.c .c
    basename -a a/b c/d
    basename -s .c a.c b.c
    basename a b c
    basename //
    basename ''
    basename -z a
    basename .c .c
    basename -x
    basename a/

    dirname
    dirname a/b c
    dirname /a/b/ a // '' a/b//c
    dirname -z a/b
    dirname -x
"""


@pytest.mark.parametrize("paragraph", paragraphs(COMMANDS), ids=title)
def test_a_program_does_what_the_real_one_does(paragraph):
    assert_all_same(paragraph)


FORMATS = r"""
    '\e[\x41\101\0101\u0041\q\"|\n'
    '%b|\n' '\101\0101\x41\e\q'
    '%d|' x 3x '' 0x1f 010 99999999999999999999 -5 "'a" '"b' ' 7' '7 ' 1.5
    '%u %x %o %X|\n' -1 255 8 255
    '%z\n'
    '%'
    '%5.2s|%-5s|%05d|%+d|% d|%#x|%c|%c\n' abcdef ab 7 7 7 255 hello ''
    '%*d|%-*d|\n' 5 3 5 3
    '%s\n'
    'a%s\n' 1 2 3
    'no\n' 1 2
    '%.3d|%i|%5%|\n' 5 6
    '%.20f|%e|%g|%G|%a\n' 0.1 12345.678 0.00001 1e20 1
    '%.2f %.2f\n' 1.115 2.675
    '%f|%f\n' x 1e
    'a\cb\n'
    '%b' 'a\cb' x
    '%q\n' 'a b'
    '%ld\n' 3
    '%5b|\n' 'a\tb'
    '\1234\n'
"""


@pytest.mark.peer("dash")
@pytest.mark.parametrize("line", lines(FORMATS))
def test_printf_can_be_that_of_dash(line):
    real = subprocess.run(["dash", "-c", f"printf {line}"], capture_output=True, env={"LC_ALL": "C"}, check=False)
    template, *arguments = shlex.split(line)
    pieces = list(formatted(template, arguments, dash=True))
    assert "".join(piece for piece in pieces if isinstance(piece, str)) == real.stdout.decode("latin-1")
    messages = [piece.text for piece in pieces if isinstance(piece, Complaint)]
    assert messages == [told.split("printf: ", 1)[1] for told in real.stderr.decode().splitlines()]

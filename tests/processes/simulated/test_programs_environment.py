"""Programs about environment, time, users and other programs do what the real ones do."""

import pytest
from program_lines import assert_all_same, paragraphs, title
from side_by_side import NOBODY, assert_same, lines

from course.layers.entry import directory, file

pytestmark = [
    pytest.mark.linux,
    pytest.mark.peer(
        "env", "printenv", "pwd", "true", "false", "which", "xargs", "id", "uname", "date", "sleep", "kill"
    ),
]

COMMANDS = r"""
    env -x
    env nosuch
    env ./f
    env -i
    env -i A=1 B=2
    env -i A=1 env
    env -u
    env -u A=
    env -i printenv A
    env - A=1
    env -C nodir pwd
    env -i -0 A=1 B=2
    env --foo
    env d
    env -u HOME printenv HOME
    env A=1 printenv A
    env echo a b
    env -0 echo
    env -C d

    printenv NOSUCH
    printenv HOME NOSUCH LC_ALL
    printenv -x
    printenv -0 HOME

    pwd -x

    true x

    false --x

    which
    which nosuch
    which ./f

    xargs <<< a b\n"c d" e\\ f\n\n  g  \n
    xargs -n1 <<< a b\n"c d" e\\ f\n\n  g  \n
    xargs -n 2 echo x <<< a b\n"c d" e\\ f\n\n  g  \n
    xargs -I{} echo [{}] <<< a b\n"c d" e\\ f\n\n  g  \n
    xargs -i echo [{}] <<< a b\n"c d" e\\ f\n\n  g  \n
    xargs -L1 <<< a b\n"c d" e\\ f\n\n  g  \nh\n
    xargs -L2 <<< a b\nc \nd\ne\nf\n
    xargs -t <<< a b\n"c d" e\\ f\n\n  g  \n
    xargs -0 <<< a b\n"c d" e\\ f\n\n  g  \n
    xargs -0 -n1 <<< a\0b c\0\0d
    xargs -d '\n' -n1 <<< a b\n"c d" e\\ f\n\n  g  \n
    xargs -r <<<
    xargs echo x <<<
    xargs -r echo x <<<
    xargs -I{} echo {} <<<
    xargs nosuch <<< a
    xargs false <<< a
    xargs -n x <<< a b
    xargs -n 0 <<< a b
    xargs -z <<< a b
    xargs -I
    xargs ./f <<< a b
    xargs -a f echo
    xargs -s 5 echo <<< a b
    xargs --max-args=1 <<< a b
    xargs --null <<< a b
    xargs cat <<< f nofile dup
    xargs -n1 -I{} echo {} <<< a b
    xargs -I{} -n1 echo {} <<< a b
    xargs -d x echo <<< axbxc
    xargs -L x <<< a b
    xargs -t -n2 <<< a "b c" d
    xargs -tI{} echo {} {} <<< a b
    xargs ./nosuch <<< a b
    xargs <<< a\'b
    xargs <<< "a
    xargs <<< a\\
    xargs cat <<< e

    id
    id -x
    id root
    id nosuch
    id -un
    id -g root
    id -ug
    id -n
    id -Gn daemon
    id -u 1
    id 1
    id root nosuch daemon
    id -z
    id -G
    id -uz
    id -gn
    id -nG

    uname
    uname -x
    uname x
    uname -s -m
    uname -p
    uname -i -o

    date -x
    date foo
    date +%Y a
    date -d foo
    date -d @0
    date -u -d @0 +%F_%T
    date -r nofile
    date -I -d @0
    date -Iseconds -d @0
    date -Ins -d @0
    date -Ifoo
    date -Im -d @0
    date -R -d @0
    date --rfc-3339=seconds -d @0
    date --rfc-3339=foo
    date -d @0 -r f
    date -d @0 +%Q
    date -d @0 +%
    date -d
    date +%Y +%m
    date -d 2020-02-30
    date --date=@5 --utc
    date +a -d @0 b
    date -d @1700000000 '+%a %A %b %B %c %C %d %D %e %F %g %G %h %H %I %j %k %l %m %M'
    date -d @1700000000 '+%n %N %p %P %q %r %R %s %S %t %T %u %U %V %w %W %x %X %y %Y %z %:z %Z %%'
    date -d @1700000000.5 +%s.%N
    date -d '2024-02-29 12:30:15' +%s
    date -d '2024-02-29T12:30:15Z' +%s
    date -d '2024-02-29 12:30 +0200' +%s
    date -d 'Feb 29 2024' +%F
    date -d @1700000000 '+%-d %_d %-m %e %-H %_H %3N %-j'

    sleep
    sleep x
    sleep 0 y 1z
    sleep -1
    sleep 0.01 0s 0m
    sleep -x
    sleep infinityx
    sleep 1e-3
    sleep .s
    sleep ''

    kill
    kill -l
    kill -l 9
    kill -l TERM
    kill -lTERM
    kill -L
    kill x
    kill -9
    kill -FOO 1
    kill 999999
    kill -s
    kill -TERM 999999 999998
    kill -sTERM 999999
    kill --signal TERM 999999
    kill -SIGTERM 999999
    kill -l 300
    kill 999999 x
    kill ''
"""


@pytest.mark.parametrize("paragraph", paragraphs(COMMANDS), ids=title)
def test_a_program_does_what_the_real_one_does(paragraph):
    assert_all_same(paragraph)


OF_ANOTHER = {
    "/closed/x": file("x\n", uid=5, gid=5),
    "/closed": directory(0o700, uid=5, gid=5),
    "/f": "one\n",
    "/secret": file("s\n", 0o600, uid=5, gid=5),
    "/readable": file("r\n", 0o4644, uid=5, gid=5),
}

REFUSED = r"""
    cat secret f closed closed/x
    tac secret
    rev secret
    tee secret closed/x
    head secret f
    tail secret f
    wc secret f closed/x
    nl secret
    sort secret
    sort -o secret f
    uniq secret
    uniq f secret
    cut -f1 secret f
    paste secret f
    grep s secret f
    grep -r s secret closed f
    grep -s s secret
    grep -f secret f
    sed p secret f
    sed -i s/r/q/ readable
    sed -i p secret
    sed -i p closed/x
    sed -f secret f
    sed 'w secret' f
    dd if=secret
    dd of=secret if=f
    dd of=closed/x if=f
    sha256sum secret f
    base64 secret
    od secret
    cmp secret f
    diff secret f
    diff -r closed .
    xargs -a secret
    env ./secret
    env closed/x
    env -C closed pwd
    test -r secret
    test -w readable
    test -r readable
    test -e closed/x
    setfattr -n user.a -v b readable
    getfattr -n user.a secret
    which ./secret
"""


@pytest.mark.root
@pytest.mark.peer("getfattr", "setfattr")
def test_what_is_another_users_is_refused_as_by_the_real_ones():
    assert_same(" ;; ".join(lines(REFUSED)), OF_ANOTHER, user=NOBODY)

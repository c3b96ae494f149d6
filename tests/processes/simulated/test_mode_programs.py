"""chmod, chown and chgrp do what GNU coreutils do."""

import pytest
from side_by_side import NOBODY, assert_same, lines

from course.layers.entry import directory, file, symlink

pytestmark = [pytest.mark.linux, pytest.mark.peer("chmod", "chown", "chgrp")]

MODES = """
    755 0755 00755 =755 u=rwx,go= +x -x =r a+X u+s g=u o=u-w ug+rw-x 8 999 77777 07777 u+ = + u,g+x
    a+q u=rwx, ,u=r +t u=g,g=o u+x,, 1777 =4000 +4755 u=755 u+7 -rwx -w g+s,o-x u=rwXst g=rwu
"""

CHMOD = r"""
    chmod
    chmod 755
    chmod -R
    chmod u+x nope
    chmod -f 755 nope
    chmod -v 755 a
    chmod -c 644 a
    chmod -c 700 a
    chmod 755 dang
    chmod -R 755 .
    chmod --reference=d a
    chmod --foo 755 a
    chmod -v 1700 dang a nope
    chmod -Rv go+w d td
    chmod --reference=nope a
    chmod -v u+x -- a
    chmod -v -x a
    chmod +w -x a
    chmod -v +w a
    chmod -v -r a
    chmod -r+w a
    chmod -z a
    chmod -wz a
    chmod 755 ''
    chmod -R 755 /nope d
    chmod -w
    chmod 666 a 'x y' ;; chmod -w a 'x y'
    chmod -v 755 la s
    chmod -Rc 700 ld
    chmod -R 700 ld
    chmod 600 h1
    chmod '' a
    chmod -x,u+w a
    chmod -rx a
    chmod u+r,-w a
    chmod -R -v u+w d/x ro
    chmod 0 p
"""

CHOWN = r"""
    chown
    chown root
    chown nosuch a
    chown :nosuch a
    chown root:nosuch a
    chown root: a
    chown root. a
    chown 1:2 a
    chown : a
    chown '' a
    chown -v 0:0 a
    chown -c 1 a
    chown -v :3 a
    chown -vh 5 la
    chown 0 nope
    chown 4294967296 a
    chown -- -1 a
    chown +5 a
    chown 1.2 a
    chown root:root:x a
    chown daemon:bin a
    chown -v --reference=d a
    chown -Rv 1:1 d
    chgrp
    chgrp root
    chgrp nosuch a
    chgrp -v 5 a
    chgrp -c 6 a
    chgrp -hv daemon la
    chgrp 7 nope
    chown -R 1 ld
    chown -RL 1 ld
    chown -RH 1 ld
    chown -RHv 1 ld
    chown -f 1 nope
    chown 1:2:3 a
    chown root:12x a
    chown 12x a
    chgrp '' a
    chgrp : a
    chown -v 0:0 nope
    chown -v 1 dang
    chown -v '' a
    chown -v '' nope
    chgrp -v '' a
    chown 0: a
    chown daemon: -v a
    chown -R --dereference 0 d
    chown -v +2:+3 a
    chown 1:1 exe
    chgrp -R 5 d
    chown -v : a
    chown -c : a
    chown 1 la
    chown -h 1 dang
    chown root:users a
    chgrp 12x a
    chgrp -- -5 a
    chown -z
    chown --ref a
    chown nobody.nogroup a
    chown a.b a
    chown --no-dereference 3 la
    chown 5:5 h1
    chown -v games a la
    chown -R -v 0:0 d td
"""

OF_ANOTHER = {
    "/a": "hi\n",
    "/la": symlink("rd"),
    "/nd": directory(0, uid=1),
    "/r": file("r", uid=1),
    "/rd": directory(0o755, uid=1),
    "/rd/x": file("x", uid=1),
}
ORDINARY = r"""
    chown 0 a
    chmod 777 r
    chown -R 0 rd
    chgrp 5 a
    chmod -Rv 755 nd
    chown -Rv 65534 nd
    chmod 4755 a ;; chown 65534 a
    chgrp 65534 a
    chmod u+w r a
    chmod -v 644 r
    chmod -c 600 r
    chown -v 1 a
    chown -v :1 a
    chown -v 0:0 a r
"""


@pytest.mark.parametrize("mode", MODES.split())
def test_a_mode_means_what_gnu_takes_it_for(mode):
    assert_same(f"chmod {mode} a d exe")


@pytest.mark.parametrize("mode", "755 0755 00755 =755 g-s = u=rwx,go= -s g= a=rx +X -X o=t".split())
def test_set_id_bits_of_a_directory_stay_unless_they_are_named(mode):
    assert_same(f"chmod 2755 d ;; chmod {mode} d exe")


@pytest.mark.parametrize("mode", "+w -w -r -rw +x =rwx u+w".split())
def test_a_mode_for_nobody_in_particular_heeds_the_umask(mode):
    assert_same(f"chmod {mode} a d", umask=0o077)


@pytest.mark.parametrize("line", lines(CHMOD))
def test_modes_are_changed_as_by_gnu(line):
    assert_same(line, unordered=True)


@pytest.mark.root
@pytest.mark.parametrize("line", lines(CHOWN))
def test_owners_are_changed_as_by_gnu(line):
    assert_same(line, unordered=True)


@pytest.mark.root
@pytest.mark.parametrize("line", lines(ORDINARY))
def test_an_ordinary_user_changes_what_is_theirs(line):
    assert_same(line, OF_ANOTHER, unordered=True, user=NOBODY)

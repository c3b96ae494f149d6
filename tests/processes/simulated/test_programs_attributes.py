"""getfattr and setfattr do what those of the package attr do."""

import pytest
from program_lines import paragraphs, title
from side_by_side import assert_same

from course.layers.entry import FileEntry, InMemory, Kind, symlink

pytestmark = [pytest.mark.linux, pytest.mark.peer("getfattr", "setfattr")]

VALUES = {"a": b"hello", "b": b"\0\1\xff", "c": b"abc", "d": b"", "q": b'a"b\\c\nd', "x": b'quo"te\n'}
TAGGED = FileEntry(
    Kind.FILE, size=3, content=InMemory(b"hi\n"), xattrs={f"user.{name}": value for name, value in VALUES.items()}
)
FILES = {"/f": TAGGED, "/d/x": "", "/ln": symlink("f"), "/plain": ""}

COMMANDS = r"""
    getfattr f
    getfattr -d f
    getfattr -n user.a f
    getfattr --only-values -n user.a f
    getfattr -n user.nosuch f
    getfattr -d -m ^user f
    getfattr -d -m 'x$' f
    getfattr -m . -d -e hex f
    getfattr -e base64 -d f
    getfattr -e text -d f
    getfattr -e foo -d f
    getfattr
    getfattr nofile
    getfattr -d d
    getfattr -n user.a f nofile
    getfattr -h -d ln
    getfattr -d ln
    getfattr --absolute-names -d f
    getfattr -R -d d f
    getfattr -x
    getfattr -n user.x f
    getfattr -n user.a -n user.b f
    getfattr -d f f
    getfattr -m '[' f
    getfattr -n bogus f
    getfattr --only-values -d f
    getfattr -d -- f
    getfattr --dump --match=user.a --encoding=hex f

    setfattr
    setfattr -n user.z
    setfattr -n user.z f nofile
    setfattr -n bogus -v 1 f
    setfattr -x user.a f
    setfattr -x user.nosuch f
    setfattr -n user.z -v 0xzz f
    setfattr -n user.z -v 0x0aFF f
    setfattr -n user.z -v 0sYWJj f
    setfattr -n user.z -v 0sYWJ f
    setfattr -n user.z -v '"x' f
    setfattr -n user.z -v '"x\012\"\\y"' f
    setfattr f
    setfattr -v x f
    setfattr -n user.l -v x -h ln
    setfattr -n user.l -v x ln
    setfattr -y
    setfattr -n foo.bar -v 1 f
    setfattr -n user. -v 1 f
    setfattr --name=user.w --value=1 d
    setfattr --remove=user.a f
    setfattr -n user.w -x user.v f

"""


@pytest.mark.parametrize("paragraph", paragraphs(COMMANDS), ids=title)
def test_a_program_does_what_the_real_one_does(paragraph):
    assert_same(" ;; ".join(paragraph), FILES)

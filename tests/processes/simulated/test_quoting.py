"""Names stand in messages as GNU programs quote them."""

import random
import subprocess

import pytest
from side_by_side import needs_the_same_userland

from course.processes.simulated.programs.quoting import named, quote, quoted

pytestmark = pytest.mark.linux

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
LETTERS = "abZ09 '\"\\$`*?[]{}()<>|&;!^=~#%@+,-.:_\t\n\x01\x7f\udce9é"
RANDOM = random.Random("names")  # the same ones each time
NAMES = ["it's", "a'b\n", "'", "{", "}", "{}", "#", "x#", "~", "a~b", *LETTERS]
NAMES += ["".join(RANDOM.choices(LETTERS, k=RANDOM.randint(2, 6))) for _ in range(300)]


def errors(folder, *argv):
    needs_the_same_userland()
    done = subprocess.run(argv, env=ENVIRONMENT, capture_output=True, check=False, cwd=folder)
    return done.stderr.decode("utf-8", "surrogateescape")


@pytest.mark.peer("rm")
def test_a_file_that_is_not_there_is_named_as_a_word_for_the_shell(tmp_path):
    paths = [f"{tmp_path}/nowhere/{name}" for name in NAMES]
    expected = "".join(f"rm: cannot remove {quoted(path)}: No such file or directory\n" for path in paths)
    assert errors(tmp_path, "rm", "--", *paths) == expected


@pytest.mark.peer("cat")
def test_before_a_colon_a_name_is_quoted_only_if_it_has_to_be(tmp_path):
    names = [name for name in NAMES if name not in (".", "-")]
    expected = "".join(f"cat: {named(name)}: No such file or directory\n" for name in names)
    assert errors(tmp_path, "cat", "--", *names) == expected


@pytest.mark.peer("mkdir")
@pytest.mark.parametrize("word", [name for name in NAMES[:60] if name not in "+,-=09"])  # these would be modes
def test_an_argument_is_quoted_as_in_c(word, tmp_path):
    assert errors(tmp_path, "mkdir", f"--mode={word}", "x") == f"mkdir: invalid mode {quote(word)}\n"

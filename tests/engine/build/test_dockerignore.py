"""Patterns for paths: those of COPY, and those of .dockerignore."""

import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course.engine.build.globs import has_wildcards, ignore_matcher, matcher
from course.engine.build.ignore import read_ignore
from course.engine.build.refusal import DockerfileError

# those of Go's own tests of filepath.Match, among others
MATCHES = [
    ("abc", "abc", True),
    ("*", "abc", True),
    ("*c", "abc", True),
    ("a*", "a", True),
    ("a*", "ab/c", False),
    ("a*/b", "abc/b", True),
    ("a*/b", "a/c/b", False),
    ("a*b*c*d*e*/f", "axbxcxdxexxx/f", True),
    ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", False),
    ("a*b?c*x", "abxbbxdbxebxczzx", True),
    ("a*b?c*x", "abxbbxdbxebxczzy", False),
    ("*a*b", "aab", True),
    ("*ab", "aab", True),
    ("*a/*b", "xa/yb", True),
    ("ab[c]", "abc", True),
    ("ab[b-d]", "abc", True),
    ("ab[e-g]", "abc", False),
    ("ab[^c]", "abc", False),
    ("ab[^e-g]", "abc", True),
    ("a\\*b", "a*b", True),
    ("a\\*b", "ab", False),
    ("a?b", "a☺b", True),
    ("a[^a]b", "a☺b", True),
    ("a???b", "a☺b", False),
    ("[a-ζ]*", "α", True),
    ("*[a-ζ]", "A", False),
    ("a?b", "a/b", False),
    ("a[^x]b", "a/b", False),
    ("[\\]a]", "]", True),
    ("[\\-x]", "-", True),
    ("[x\\-]", "-", True),
    ("*x", "xxx", True),
    ("", "", True),
    (".", "a", False),
    ("a+b(c)", "a+b(c)", True),
]


@pytest.mark.parametrize(("pattern", "path", "is_match"), MATCHES)
def test_pattern_matches_as_in_go(pattern, path, is_match):
    assert matcher(pattern)(path) == is_match


@pytest.mark.parametrize("pattern", ["[", "[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "a[", "[^", "[^bc", "a\\", "[\\"])
def test_pattern_that_is_not_well_made_is_refused(pattern):
    with pytest.raises(ValueError, match="syntax error in pattern"):
        matcher(pattern)


def test_an_escaped_sign_is_no_wildcard():
    assert [has_wildcards(text) for text in ("a", "a*", "[", r"\*", r"\\?")] == [False, True, True, False, True]


IGNORED = [
    ("*.log", "a.log", True),
    ("*.log", "d/a.log", False),
    ("**/*.log", "a.log", True),
    ("**/*.log", "d/e/a.log", True),
    ("d", "d/e/f", True),
    ("/d/", "d/e", True),
    ("./d/../e", "e/f", True),
    ("d/*", "d/e/f", True),
    ("d/**", "d/e/f", True),
    ("d/**", "d", False),
    ("d/**/f", "d/f", True),
    ("d/**/f", "d/a/b/f", True),
    ("d/**/f", "df", False),
    ("**", "a", True),
    ("**/d", "x/d/y", True),
    ("**d", "xd", True),
    ("d**", "dx/y", True),
    ("# d", "# d", False),
    ("#d", "d", False),
    ("*\n!README*", "README.md", False),
    ("*\n!d/keep", "d/keep", False),
    ("*\n!d/keep", "d/drop", True),
    ("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", True),
    ("*.md\nREADME-secret.md\n!README*.md", "README-secret.md", False),
    ("!a\na", "a", True),
    ("  a  \r\n\n", "a", True),
    ("\ufeffa", "a", True),
    ("! a\n", "a", False),
    ("a?c", "abc", True),
    ("[ab]", "b", True),
    ("a.c", "abc", False),
    (r"a\*", "a*", True),
]


@pytest.mark.parametrize(("text", "path", "is_left_out"), IGNORED)
def test_ignore_file_leaves_out(text, path, is_left_out):
    assert read_ignore(text)(path) == is_left_out


@pytest.mark.parametrize("text", ["a\n!\n", "a\n[\n", "a\n\\\n"])
def test_ignore_file_that_is_not_well_made_is_refused_with_its_line(text):
    with pytest.raises(DockerfileError, match=r"^[.]dockerignore:2: "):
        read_ignore(text)


@settings(deadline=None)
@given(st.text("*?[]^-\\/a!# \n"), st.text("a/b", max_size=60))
@example("*a" * 100 + "b", "a" * 255)
@example("**/a" * 3 + "b", "a/" * 100)
def test_no_pattern_makes_matching_raise_anything_else_or_run_away(pattern, path):
    for make in (matcher, ignore_matcher):
        with contextlib.suppress(ValueError):
            make(pattern)(path)

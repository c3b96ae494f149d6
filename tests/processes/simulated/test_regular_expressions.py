"""Basic and extended regular expressions find what grep finds with them."""

import subprocess

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from course.processes.simulated.programs.regular_expressions import BadPattern, Pattern

ENVIRONMENT = {"LC_ALL": "C"}
ATOMS = ["a", "b", "c", ".", "[ab]", "[^a]", r"\w", r"\W", r"\.", "[[:alpha:]]", "[]-]", "-"]
REPETITIONS = {True: ["", "", "*", "+", "?", "{2}", "{1,2}", "{,1}"], False: ["", "", "*", r"\+", r"\?", r"\{2\}"]}
PLACES = ["^", "$", r"\<", r"\>", r"\b"]


def patterns(extended):
    """Return a strategy for expressions (str) that every grep understands in the same way."""
    opening, closing, alternative = ("(", ")", "|") if extended else (r"\(", r"\)", r"\|")
    atoms = st.tuples(st.sampled_from(ATOMS), st.sampled_from(REPETITIONS[extended])).map("".join)

    def larger(inner):
        choice = st.lists(inner, min_size=1, max_size=2).map(alternative.join)
        group = st.tuples(choice, st.sampled_from(REPETITIONS[extended][:5]))
        return st.lists(group.map(lambda two: opening + two[0] + closing + two[1]) | atoms, min_size=1, max_size=2).map(
            "".join
        )

    whole = st.recursive(atoms, larger, max_leaves=5)
    return st.tuples(st.sampled_from(["", "", *PLACES]), whole, st.sampled_from(["", "", "$", r"\>"])).map("".join)


def grep(pattern, extended, lines):
    """Return what ``grep -o`` finds in the lines (list of str): exit status and lines (list of bytes)."""
    kind = "-E" if extended else "-G"
    text = "".join(f"{line}\n" for line in lines).encode()
    command = ["grep", "-on", kind, "-e", pattern]
    done = subprocess.run(command, input=text, capture_output=True, env=ENVIRONMENT, timeout=5, check=False)
    return done.returncode, done.stdout.splitlines()


def found(pattern, lines):
    """Return the same as Pattern finds it."""
    status, parts = 1, []
    for number, line in enumerate(lines, start=1):
        at = 0
        while at <= len(line) and (match := pattern.search(line.encode(), at)):
            status = 0
            if match.group():
                parts.append(b"%d:" % number + match.group())
            at = match.end() + (not match.group())
    return status, parts


@pytest.mark.linux
@pytest.mark.peer("grep")
@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data(), st.booleans(), st.lists(st.text("aabbc.-_ ", max_size=8), min_size=1, max_size=6))
def test_matches_are_those_of_grep(data, extended, lines):
    pattern = data.draw(patterns(extended))
    try:
        expected = grep(pattern, extended, lines)
    except subprocess.TimeoutExpired:  # grep, too, has expressions that it cannot cope with
        assume(False)
    assert found(Pattern(pattern, extended), lines) == expected


@pytest.mark.linux
@pytest.mark.peer("grep")
@pytest.mark.parametrize("extended", [False, True])
@pytest.mark.parametrize(
    "pattern",
    r"[ [^ [] [^] [a [a- [[:alpha: [[:foo:]] [:alpha:] [z-a] [a-c-e] [[.ab.]] [[=a=]-z] [[.a.]] [[.-.]] a\ \( ( \)"
    r" ) \1 (\1) (a)\2 \(a\)\2 a{2,1} a\{2,1\} a{99999} a\{99999\} a\{ a\{1 a{ a{1 a{x} \{1\}a *a \+a +a ?a (*a) a|*b"
    r" ^*a $* a** a+* a$b a\|^b ^^b \(^a\) a||b () \(\) x\{,2\} x{,2} [\n] a\.b \w\W \s \S \B \` \'".split(),
)
def test_a_bad_or_odd_expression_is_taken_as_by_grep(pattern, extended):
    lines = ["", "a", "b", "zz", "*a", "+a", "?a", "a$b", "^^b", "{1}a", "a{", "a{x}", ")", "("]
    kind = "-E" if extended else "-G"
    text = "".join(f"{line}\n" for line in lines).encode()
    command = ["grep", "-on", kind, "-e", pattern]
    done = subprocess.run(command, input=text, capture_output=True, env=ENVIRONMENT, check=False)
    assert taken(pattern, extended, lines) == (done.returncode, done.stdout.splitlines(), done.stderr.decode())


def taken(pattern, extended, lines):
    """Return what grep would have said: status, lines, messages."""
    try:
        compiled = Pattern(pattern, extended)
    except BadPattern as error:
        return 2, [], f"grep: {error}\n"
    warnings = "".join(f"grep: warning: {warning}\n" for warning in compiled.warnings)
    return *found(compiled, lines), warnings


def test_the_longest_of_the_leftmost_matches_counts():
    assert Pattern("a|ab|abc", extended=True).search(b"xabc").group() == b"abc"
    assert Pattern(r"a\?\(ab\)\?").search(b"ab").group() == b"ab"


def test_groups_are_counted():
    assert Pattern(r"\(a\)\(b\)").groups == 2

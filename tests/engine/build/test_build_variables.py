"""Variables in a Dockerfile: which are seen where, and what a word becomes."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course.engine.build.dockerfile import parse_dockerfile
from course.engine.build.expansion import ExpansionError, expand, expand_to_words
from course.engine.build.instruction import Instruction
from course.engine.build.refusal import DockerfileError
from course.engine.build.variables import Variables, expanded

VALUES = {"a": "foobarbaz", "e": "", "p": "/usr/local/bin", "s": "x  y", "t": "app.tar.gz", "star": "a*b?c"}

WORDS = [
    ("$a", "foobarbaz"),
    ("${a}x$a", "foobarbazxfoobarbaz"),
    ("$ax", ""),
    ("$a-x", "foobarbaz-x"),
    ("$", "$"),
    ("$ x", "$ x"),
    ("a$", "a$"),
    ("$1$a", "foobarbaz"),
    ("$11a", "a"),
    ("$$a", "a"),
    (r"\$a", "$a"),
    (r"\\$a", r"\foobarbaz"),
    (r"a\b\ c", "ab c"),
    ("'$a'", "$a"),
    (r"'\'", "\\"),
    ('"$a"', "foobarbaz"),
    (r'"\$a \b \" \\"', r'$a \b " ' + "\\"),
    ('""', ""),
    ("x'y'\"z\"", "xyz"),
    ("\\", ""),
    ("${u}", ""),
    ("${u:-d}", "d"),
    ("${u-d}", "d"),
    ("${e:-d}", "d"),
    ("${e-d}", ""),
    ("${a:-d}", "foobarbaz"),
    ("${a:+w}", "w"),
    ("${e:+w}", ""),
    ("${e+w}", "w"),
    ("${u+w}", ""),
    ("${u:-$a}", "foobarbaz"),
    ("${u:-${u:-${a}}}", "foobarbaz"),
    ("${u:-'}'}", "}"),
    ("${a:?no}", "foobarbaz"),
    ("${a#f*b}", "arbaz"),
    ("${a##f*b}", "az"),
    ("${a#b}", "foobarbaz"),
    ("${a%b*}", "foobar"),
    ("${a%%b*}", "foo"),
    ("${a%?}", "foobarba"),
    ("${p##*/}", "bin"),
    ("${p%/*}", "/usr/local"),
    ("${t%.*}", "app.tar"),
    ("${t%%.*}", "app"),
    (r"${star#a\*}", "b?c"),
    (r"${star%\?c}", "a*b"),
    ("${a/ba/-}", "foo-rbaz"),
    ("${a//ba/-}", "foo-r-z"),
    ("${a/b*/-}", "foo-"),
    ("${a//ba/}", "foorz"),
    (r"${p//\//_}", "_usr_local_bin"),
    ("${u/a/b}", ""),
]

REFUSED = [
    ("${a", "failed to process \"${a\": syntax error: missing '}'"),
    ("${", "failed to process \"${\": syntax error: missing '}'"),
    ("${}", 'failed to process "${}": syntax error: bad substitution'),
    ("${:x}", 'failed to process "${:x}": syntax error: bad substitution'),
    ("${a:x}", 'failed to process "${a:x}": unsupported modifier (:x) in substitution'),
    ("${a!}", 'failed to process "${a!}": unsupported modifier (!) in substitution'),
    ("${u?}", 'failed to process "${u?}": u: is not allowed to be unset'),
    ("${e:?}", 'failed to process "${e:?}": e: is not allowed to be empty'),
    ("${u:?needed}", 'failed to process "${u:?needed}": u: needed'),
    ("'a", 'failed to process "\'a": unexpected end of statement while looking for matching single-quote'),
    ('"a', 'failed to process "\\"a": unexpected end of statement while looking for matching double-quote'),
    ("${a:-b", "failed to process \"${a:-b\": syntax error: missing '}'"),
    ("${a/b", "failed to process \"${a/b\": syntax error: missing '/' in ${}"),
    (r"${a#\b}", r'failed to process "${a#\\b}": invalid pattern (\b) in substitution: invalid escape ' + r"'\b'"),
]


@pytest.mark.parametrize(("word", "becomes"), WORDS)
def test_word_becomes(word, becomes):
    assert expand(word, VALUES.get) == becomes


@pytest.mark.parametrize(("word", "message"), REFUSED)
def test_word_is_refused(word, message):
    with pytest.raises(ExpansionError) as caught:
        expand(word, VALUES.get)
    assert str(caught.value) == message


def test_the_escape_directive_counts():
    assert expand("`$a \\$a", VALUES.get, "`") == "$a \\foobarbaz"


def test_a_value_may_be_several_words_unless_quoted():
    assert expand_to_words("$s '$s' \"$s\" a' 'b", VALUES.get) == ["x", "y", "$s", "x  y", "a b"]


@settings(deadline=None)
@given(st.text("$${}a:-+?#%/*\\'\" e`"), st.sampled_from("\\`"))
@example("${a:-" * 5000, "\\")
@example("${a#" + "*a" * 5000 + "}", "\\")
def test_no_word_makes_expansion_raise_anything_else(word, escape):
    try:
        words, whole = expand_to_words(word, VALUES.get, escape), expand(word, VALUES.get, escape)
    except ExpansionError:
        return
    assert all(word in whole for word in words)


def test_a_pattern_of_many_stars_ends():
    values = {"v": "a" * 5000}.get
    for sign in ("#", "##", "%", "%%"):
        assert expand("${v" + sign + "*a" * 500 + "b}", values) == "a" * 5000


def test_a_value_that_grows_without_bound_is_refused():
    values = {"v": "x" * 100_000}.get
    with pytest.raises(ExpansionError):
        expand("$v" * 20, values)


REPLACED = {
    "ADD --chown=$v --chmod=$v $v /$v": ("ADD", ("1", "/1"), (("chown", "1"), ("chmod", "1"))),
    "COPY --from=$v --chown=$v $v /": ("COPY", ("1", "/"), (("from", "$v"), ("chown", "1"))),
    "ENV $v=$v": ("ENV", ("1=1",), ()),
    'ENV a $v "b"': ("ENV", ("a=1 b",), ()),
    "LABEL a=\"$v $v\" b='$v'": ("LABEL", ("a=1 1", "b=$v"), ()),
    "ARG a=$v b": ("ARG", ("a=1", "b"), ()),
    "WORKDIR /$v": ("WORKDIR", ("/1",), ()),
    "USER ${v}:$v": ("USER", ("1:1",), ()),
    "VOLUME $v /$v": ("VOLUME", ("1", "/1"), ()),
    "STOPSIGNAL $v": ("STOPSIGNAL", ("1",), ()),
    "EXPOSE $v $w/udp": ("EXPOSE", ("1", "2", "3/udp"), ()),
    "RUN echo $v": ("RUN", ("echo $v",), ()),
    "CMD $v": ("CMD", ("$v",), ()),
    'ENTRYPOINT ["$v"]': ("ENTRYPOINT", ("$v",), ()),
    'SHELL ["$v"]': ("SHELL", ("$v",), ()),
    "ONBUILD ENV a=$v": ("ONBUILD", ("ENV a=$v",), ()),
    "HEALTHCHECK CMD $v": ("HEALTHCHECK", ("CMD", "$v"), ()),
    "MAINTAINER $v": ("MAINTAINER", ("$v",), ()),
}


@pytest.mark.parametrize("text", REPLACED)
def test_what_docker_replaces_in(text):
    instruction = parse_dockerfile("FROM a\n" + text).stages[0].instructions[0]
    found = expanded(instruction, {"v": "1", "w": "2 3"}.get)
    assert (found.keyword, found.arguments, found.flags) == REPLACED[text]
    assert found.text == text


def test_here_documents_of_copy_are_replaced_unless_their_name_is_quoted():
    text = "FROM a\nCOPY <<a <<'b' /\n$v\na\n$v\nb\nRUN <<c\n$v\nc\n"
    copy, run = parse_dockerfile(text).stages[0].instructions
    assert [each.data for each in expanded(copy, {"v": "1"}.get).here_documents] == ["1\n", "$v\n"]
    assert expanded(run, {"v": "1"}.get).here_documents[0].data == "$v\n"


def variables(given=(), first="", arguments="", environment=()):
    found = Variables.of_build(dict(given), [Instruction("ARG", (word,)) for word in first.split()])
    found = found.in_stage(dict(environment))
    for word in arguments.split():
        found = found.declared(Instruction("ARG", (word,)))
    return found


@pytest.mark.parametrize(
    ("found", "value"),
    [
        (variables({"x": "given"}), None),
        (variables({"x": "given"}, arguments="x"), "given"),
        (variables({"x": "given"}, arguments="x=default"), "given"),
        (variables(arguments="x=default"), "default"),
        (variables(arguments="x"), None),
        (variables(first="x=first"), None),
        (variables(first="x=first", arguments="x"), "first"),
        (variables(first="x=first", arguments="x=default"), "default"),
        (variables({"x": "given"}, first="x=first", arguments="x"), "given"),
        (variables({"x": "given"}, arguments="x", environment={"x": "env"}), "env"),
        (variables(arguments="x=1 x=2"), "2"),
    ],
)
def test_an_argument_is_seen_in_a_stage(found, value):
    assert found.get("x") == value


def test_arguments_before_from_see_each_other():
    found = variables({"a": "1"}, first="a b=$a.0 c=${b}-x")
    assert found.get_first("c") == "1.0-x"


def test_predefined_arguments_need_no_arg_and_leave_no_trace():
    found = variables({"HTTP_PROXY": "proxy", "x": "1"}, arguments="x")
    assert found.get("HTTP_PROXY") == "proxy"
    assert found.build_arguments == {"x": "1"}


def test_the_platform_is_known_before_from_and_by_arg():
    found = variables(arguments="TARGETARCH")
    assert (found.get_first("BUILDPLATFORM"), found.get("TARGETARCH"), found.get("TARGETOS")) == (
        "linux/amd64",
        "amd64",
        None,
    )


def test_an_image_without_a_name_is_refused():
    with pytest.raises(DockerfileError, match=r"base name \(\$x\) should not be blank"):
        expanded(Instruction("FROM", ("$x",), start=3), {}.get)

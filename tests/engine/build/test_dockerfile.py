"""What a Dockerfile says, what docker refuses, and that no text at all makes the parser fail otherwise."""

import contextlib

import pytest
from dockerfiles import BAD, OFFICIAL
from hypothesis import example, given, settings
from hypothesis import strategies as st

from course.engine.build.dockerfile import parse_dockerfile, parse_instruction
from course.engine.build.refusal import DockerfileError
from course.errors import CourseError

GOOD = {
    "the shell form": ("RUN  make   all  ", "RUN", ("make   all",)),
    "the exec form": ('RUN [ "make", "a ll" ]', "RUN", ("make", "a ll")),
    "what is nearly JSON is the shell form": ("CMD ['a']", "CMD", ("['a']",)),
    "an empty exec form": ("CMD []", "CMD", ()),
    "no command": ("CMD", "CMD", ()),
    "any case": ("copy a b", "COPY", ("a", "b")),
    "names with spaces as JSON": ('COPY ["a b", "/c d/"]', "COPY", ("a b", "/c d/")),
    "pairs": ('ENV a=1 b=\'x y\' c="d\\" e" f=g\\ h', "ENV", ("a=1", "b='x y'", 'c="d\\" e"', "f=g\\ h")),
    "the old form of ENV": ("ENV name  a value = b", "ENV", ("name=a value = b",)),
    "the old form of LABEL": ("LABEL name value", "LABEL", ("name=value",)),
    "ARG without a value, and with": ("ARG a b=1", "ARG", ("a", "b=1")),
    "ports are sorted": ("EXPOSE 90 80/udp", "EXPOSE", ("80/udp", "90")),
    "a comment within a command": ("RUN a \\\n# why\n\n  # why\n b", "RUN", ("a  b",)),
    "a comment that goes on does not": ("RUN a\n# why \\\n", "RUN", ("a",)),
    "an escape before the last one": ("RUN a \\\\\n", "RUN", ("a \\\\",)),
    "a continuation at the end": ("RUN a \\", "RUN", ("a",)),
    "carriage returns": ("RUN a \\\r\n  b\r\n", "RUN", ("a   b",)),
    "a health check": ("HEALTHCHECK --interval=1m CMD a | b", "HEALTHCHECK", ("CMD", "a | b")),
    "a health check as JSON": ('HEALTHCHECK cmd ["a", "b"]', "HEALTHCHECK", ("cmd", "a", "b")),
    "no health check": ("HEALTHCHECK NONE", "HEALTHCHECK", ("NONE",)),
    "a trigger": ("ONBUILD  RUN  a b", "ONBUILD", ("RUN  a b",)),
    "a trigger with a mistake is found later": ("ONBUILD RUM a", "ONBUILD", ("RUM a",)),
    "a work directory with a space": ("WORKDIR a b", "WORKDIR", ("a b",)),
    "a flag's end": ("COPY -- --a b", "COPY", ("--a", "b")),
    "spaces that are not ASCII": ("USER \u3000me\xa0", "USER", ("me",)),
}


def first(text):
    return parse_dockerfile("FROM scratch\n" + text).stages[0].instructions[0]


@pytest.mark.parametrize(("text", "keyword", "arguments"), GOOD.values(), ids=GOOD)
def test_instruction_says(text, keyword, arguments):
    instruction = first(text)
    assert (instruction.keyword, instruction.arguments) == (keyword, tuple(arguments))


@pytest.mark.parametrize(("text", "message"), BAD, ids=[repr(text) for text, _message in BAD])
def test_what_docker_refuses_is_refused_in_its_words(text, message):
    with pytest.raises(DockerfileError) as caught:
        parse_dockerfile(text)
    assert caught.value.docker == message


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("FROM a\n\n# x\nRUM x\n", 4, "RUN"),
        ("FROM a\nRUN a \\\n b\nCOPPY a b\n", 4, "COPY"),
        ("FROM a\nCOPY --form=b c d\n", 2, "--from"),
        ("FORM a\n", 1, "FROM"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_nearest_word(text, line, word):
    with pytest.raises(CourseError, match=f"^web/Dockerfile:{line}: .*; did you mean {word}[?]$"):
        parse_dockerfile(text, "web/Dockerfile")


def test_flags_are_those_before_the_arguments():
    copy = first('COPY --from=b --chown="1:2" --link a --chmod=1 b')
    assert copy.flags == (("from", "b"), ("chown", "1:2"), ("link", "true"))
    assert copy.arguments == ("a", "--chmod=1", "b")
    run = first("RUN --mount=type=cache,target=/a --mount=type=bind,target=/b --network=none c --d")
    assert [name for name, _value in run.flags] == ["mount", "mount", "network"]
    assert run.arguments == ("c --d",)


def test_here_documents_follow_their_instruction():
    one, two, three = (
        parse_dockerfile(
            "FROM a\nRUN <<EOF\n# no comment\nx \\\nEOF\nCOPY <<-'A' << \"B\" /d/\n\t\ta $x\n\tA\nb\nB\n"
            "RUN cat <<A 3<<B | x\na\nA\nb\nB\n"
        )
        .stages[0]
        .instructions
    )
    assert (one.here_documents[0].data, one.start, one.end) == ("# no comment\nx \\\n", 2, 5)
    assert [(each.name, each.data, each.expands) for each in two.here_documents] == [
        ("A", "a $x\n", False),
        ("B", "b\n", False),
    ]
    assert [each.data for each in three.here_documents] == ["a\n", "b\n"]


@pytest.mark.parametrize(
    "text", ['CMD ["cat", "<<EOF"]', "CMD cat <<EOF", "RUN cat <<<EOF", "RUN echo '<<EOF'", "RUN a<<1"]
)
def test_not_every_two_signs_begin_a_here_document(text):
    assert first(text).here_documents == ()


def test_a_trigger_keeps_its_here_document():
    trigger = first("ONBUILD RUN <<EOF\nx\nEOF\n").arguments[0]
    assert trigger == "RUN <<EOF\nx\nEOF"
    assert parse_instruction(trigger).here_documents[0].data == "x\n"


def test_directives_stand_at_the_head_alone():
    dockerfile = parse_dockerfile("\ufeff# syntax = docker/dockerfile:1\n#ESCAPE=`\nFROM a\nRUN b `\n c\\\n")
    assert dict(dockerfile.directives) == {"syntax": "docker/dockerfile:1", "escape": "`"}
    assert dockerfile.stages[0].instructions[0].arguments == ("b  c\\",)
    assert parse_dockerfile("# x\n# escape=`\nFROM a\n").escape == "\\"


def test_stages_are_found_by_name_and_number():
    dockerfile = parse_dockerfile("ARG v\nFROM a AS One\nRUN x\nFROM --platform=$p b as two\nFROM c\n")
    assert [stage.name for stage in dockerfile.stages] == ["one", "two", ""]
    assert dockerfile.stages[1].platform == "$p"
    assert [dockerfile.stage(name, before=2) for name in ("ONE", "two", "1", "2", "x")] == [0, 1, 1, None, None]
    assert [step.keyword for step in dockerfile.steps] == ["ARG", "FROM", "RUN", "FROM", "FROM"]


@pytest.mark.parametrize("name", OFFICIAL)
def test_dockerfiles_as_long_and_odd_as_the_official_ones_parse(name):
    text, stages, steps = OFFICIAL[name]
    dockerfile = parse_dockerfile(text)
    assert (len(dockerfile.stages), [step.keyword for step in dockerfile.steps]) == (stages, steps.split())
    assert dockerfile.steps[-1].end == len(text.rstrip("\n").split("\n"))


words = st.sampled_from(
    "FROM RUN COPY ADD ENV ARG LABEL ONBUILD HEALTHCHECK SHELL CMD VOLUME EXPOSE a b=c --from=x -- <<EOF <<-'E' "
    '\\ ` # [ ] " \' $a ${a:-b} \n \t \r\n \\\n # ["a"] [1] 1e999999 \\ud800 \x00 \u3000 escape= syntax='.split(" ")
)


@settings(deadline=None)
@given(
    st.one_of(
        st.text(), st.lists(words).map(" ".join), st.lists(words).map(lambda found: "FROM a\n" + "\n".join(found))
    )
)
@example("FROM a\nCMD " + "[" * 60000)
@example("FROM a\nCMD [" + "9" * 5000 + "]")
@example("FROM a\n" + "ONBUILD " * 8000)
@example("FROM a\nHEALTHCHECK --retries=" + "9" * 5000 + " CMD a")
@example("FROM a\nHEALTHCHECK --interval=" + "9" * 5000 + "h CMD a")
@example("FROM a\nRUN <<'\n'\n")
def test_no_text_makes_the_parser_raise_anything_else(text):
    with contextlib.suppress(DockerfileError):
        assert all(step.text for step in parse_dockerfile(text).steps)


@pytest.mark.parametrize(
    "text",
    ["RUN " + "<<E " * 15000, "ENV " + "a=b " * 15000, "RUN \\\n" * 500000, "#\n" * 500000, "CMD " + "[" * 65000],
)
def test_a_large_file_ends(text):  # one whose time grows with the square of its size would not
    with contextlib.suppress(DockerfileError):
        parse_dockerfile("FROM a\n" + text)


@pytest.mark.parametrize("text", ["FROM a\nRUN " + "x" * 70000, "FROM a\n" * 700000])
def test_what_is_too_large_is_refused(text):
    with pytest.raises(DockerfileError, match="greater than max allowed size"):
        parse_dockerfile(text)

"""How a script is read: words and their parts, commands, what breaks the grammar, and what more input might mend."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.processes.simulated.shell.grammar import (
    AndOr,
    Arithmetic,
    Assignment,
    Background,
    Case,
    For,
    Function,
    If,
    Loop,
    Not,
    Parameter,
    Pipeline,
    Redirected,
    Simple,
    Subshell,
    Substitution,
    Text,
    Word,
)
from course.processes.simulated.shell.parser import Parser
from course.processes.simulated.shell.words import ShellSyntaxError


def only(script):
    """Return the one command that a script is."""
    (command,) = Parser(script).next().commands
    return command


def parts(word):
    """Return the parts of the word that a command is."""
    (found,) = only(word).words
    return found.parts


def plain(command):
    return [word.plain for word in command.words]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("abc", (Text("abc"),)),
        ("'a b'", (Text("a b", True),)),
        ("a'b'c", (Text("a"), Text("b", True), Text("c"))),
        (r"a\ b", (Text("a"), Text(" ", True), Text("b"))),
        ("a\\\nb", (Text("ab"),)),
        ('"a\\\nb"', (Text("ab", True),)),
        ("''", (Text("", True),)),
        (r'"\$\a\""', (Text(r"$\a" + '"', True),)),
        ("$x", (Parameter("x"),)),
        ('"$x"', (Parameter("x", quoted=True),)),
        ("$10", (Parameter("1"), Text("0"))),
        ("${10}", (Parameter("10"),)),
        ("$$x", (Parameter("$"), Text("x"))),
        ("a$", (Text("a$"),)),
        ("${#x}", (Parameter("x", "length"),)),
        ("${#}", (Parameter("#"),)),
        ("${##}", (Parameter("#", "length"),)),
        ("${#-y}", (Parameter("#", "-", Word((Text("y"),))),)),
        ("${x:-y}", (Parameter("x", ":-", Word((Text("y"),))),)),
        ("${x%%.*}", (Parameter("x", "%%", Word((Text(".*"),))),)),
        ("${x-}", (Parameter("x", "-", Word(())),)),
        ("${x?a b}", (Parameter("x", "?", Word((Text("a b"),))),)),
        ('"${x+\'}"', (Parameter("x", "+", Word((Text("'", True),)), quoted=True),)),
        ("\"${x#'}'}\"", (Parameter("x", "#", Word((Text("}", True),)), quoted=True),)),
        ("${x!}", (Parameter("x", "!", Word((Text("!"),))),)),
        ("$((1+x))", (Arithmetic(Word((Text("1+x", True),))),)),
        ("$((1+(2)))", (Arithmetic(Word((Text("1+(2)", True),))),)),
        ("$()", (Substitution(None),)),
        ("``", (Substitution(None),)),
    ],
)
def test_a_word_has_parts(word, expected):
    assert parts(word) == expected


@pytest.mark.parametrize("script", ["$(echo a)", "`echo a`", '"`echo a`"', '"$(echo a)"', "$(\necho a\n)", "`echo a;`"])
def test_a_substitution_holds_commands(script):
    (part,) = parts(script)
    assert plain(part.command.commands[0]) == ["echo", "a"]
    assert part.quoted == script.startswith('"')


def test_backquotes_nest_by_backslashes():
    (part,) = parts(r"`echo \`echo b\``")
    (inner,) = part.command.commands[0].words[1].parts
    assert plain(inner.command.commands[0]) == ["echo", "b"]


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("a | b", Pipeline),
        ("! a", Not),
        ("a && b", AndOr),
        ("a &", Background),
        ("(a)", Subshell),
        ("{ a; } > f", Redirected),
        ("if a; then b; fi", If),
        ("while a; do b; done", Loop),
        ("until a; do b; done", Loop),
        ("for x in a; do b; done", For),
        ("for x; do b; done", For),
        ("case x in a) b;; esac", Case),
        ("f() { a; }", Function),
        ("f ( ) ( a )", Function),
        ("{ a; }", Simple),
        ("x=1", Simple),
        ("> f", Simple),
    ],
)
def test_each_command_is_of_a_kind(script, kind):
    assert type(only(script)) is kind


def test_and_and_or_bind_alike_from_left_to_right():
    command = only("a && b || c")
    assert (command.operator, command.left.operator) == ("||", "&&")


def test_a_pipeline_binds_more_strongly_and_not_stands_before_all_of_it():
    command = only("! a | b && c")
    assert type(command.left) is Not
    assert len(command.left.command.commands) == 2


def test_assignments_stand_before_the_command():
    command = only("x=1 y=a$z cmd z=2")
    assert command.assignments == (
        Assignment("x", Word((Text("1"),))),
        Assignment("y", Word((Text("a"), Parameter("z")))),
    )
    assert plain(command) == ["cmd", "z=2"]


@pytest.mark.parametrize("word", ["1=2", "a-b=c", "'x'=1", "x'='1", "=x", "$x=1"])
def test_what_looks_like_an_assignment_may_be_a_word(word):
    assert only(word).assignments == ()


def test_redirections_have_a_descriptor_an_operator_and_a_target():
    found = only("cmd <a >b >>c 2>&1 <&- >|d <>e 7>f arg").redirections
    assert [(one.fd, one.operator, one.target.plain) for one in found] == [
        (0, "<", "a"),
        (1, ">", "b"),
        (1, ">>", "c"),
        (2, ">&", "1"),
        (0, "<&", "-"),
        (1, ">|", "d"),
        (0, "<>", "e"),
        (7, ">", "f"),
    ]


@pytest.mark.parametrize(
    ("script", "content"),
    [
        ("cat <<E\na\nb\nE\n", (Text("a\nb\n", True),)),
        ("cat <<E\n$x\nE\n", (Parameter("x", quoted=True), Text("\n", True))),
        ("cat <<'E'\n$x\nE\n", (Text("$x\n", True),)),
        ("cat <<\\E\n$x\nE\n", (Text("$x\n", True),)),
        ("cat <<-E\n\ta\n\tE\n", (Text("a\n", True),)),
        ("cat <<E\n\tE\nE\n", (Text("\tE\n", True),)),
        ("cat <<E\nE", ()),
        ("cat <<E\nno end", (Text("no end", True),)),
        ("cat <<E\na\\\nE\nE\n", (Text("aE\n", True),)),
        ('cat <<"E F"\n a\nE F\n', (Text(" a\n", True),)),
    ],
)
def test_a_here_document_is_read_up_to_its_delimiter(script, content):
    (redirection,) = only(script).redirections
    assert redirection.target.content.parts == content


def test_what_follows_a_here_document_is_read_on():
    parser = Parser("cat <<A <<B; echo c\na\nA\nb\nB\necho d")
    assert len(parser.next().commands) == 2
    assert plain(parser.next().commands[0]) == ["echo", "d"]
    assert parser.next() is None


def test_one_line_is_read_at_a_time():
    parser = Parser("\n# comment\na; b\n\nc &&\nd\n)")
    assert [len(parser.next().commands), len(parser.next().commands)] == [2, 1]
    with pytest.raises(ShellSyntaxError, match='"\\)" unexpected') as raised:
        parser.next()
    assert raised.value.line == 7


def test_each_command_knows_its_line():
    parser = Parser("a\n\nb \\\n c\n{ d\ne; }")
    lines = [
        command.line
        for commands in iter(parser.next, None)
        for command in commands.commands[0:1]
        if hasattr(command, "line")
    ]
    assert lines[:2] == [1, 3]


def test_an_alias_stands_for_its_text_where_a_command_begins():
    aliases = {"ll": "ls -l", "if1": "if true; then", "loop": "loop again", "sudo": "sudo "}

    def words(script):
        return plain(Parser(script, aliases=aliases).next().commands[0])

    assert words("ll x") == ["ls", "-l", "x"]
    assert words("echo ll") == ["echo", "ll"]
    assert words("'ll'") == [None]
    assert words("loop") == ["loop", "again"]
    assert words("sudo ll") == ["sudo", "ls", "-l"]
    assert words("x=1 ll") == ["ls", "-l"]
    assert type(Parser("if1 a; fi", aliases=aliases).next().commands[0]) is If


@pytest.mark.parametrize(
    "script",
    [
        "'a",
        '"a',
        "`a",
        "$(a",
        "${a",
        "$((1",
        "if a",
        "if a; then",
        "{ a",
        "( a",
        "while a; do",
        "for x in a",
        "a |",
        "a &&",
        "case x in",
        "f()",
    ],
)
def test_what_ends_too_early_might_be_mended_by_more(script):
    with pytest.raises(ShellSyntaxError) as raised:
        Parser(script).next()
    assert raised.value.unfinished


@pytest.mark.parametrize("script", [")", "fi", "a; ; b", "{ }", "( )", "a & & b", "for 1 in a; do b; done", "a > > b"])
def test_what_breaks_the_grammar_is_not(script):
    with pytest.raises(ShellSyntaxError) as raised:
        Parser(script).next()
    assert not raised.value.unfinished


def test_reading_begins_again_when_more_has_come():
    parser = Parser("a\nif b\n")
    parser.next()
    place = parser.at, parser.line
    with pytest.raises(ShellSyntaxError):
        parser.next()
    parser.restart(*place)
    parser.text += "then c; fi\n"
    assert type(parser.next().commands[0]) is If


PIECES = [
    "a",
    "'",
    '"',
    "`",
    "$",
    "$(",
    "${",
    "$((",
    "))",
    ")",
    "}",
    "{",
    "(",
    ";",
    "&",
    "|",
    "<",
    ">",
    "<<E\n",
    "E\n",
    "\n",
    " ",
]
PIECES += [
    "\\",
    "#",
    "if ",
    "then ",
    "fi ",
    "do ",
    "done ",
    "case ",
    "in ",
    "esac ",
    "for ",
    "x=",
    "$x",
    "!",
    "~",
    "*",
    "\xff",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_is_a_script_or_a_syntax_error(text):
    parser, error = Parser(text), None
    try:
        while parser.next():
            pass
    except ShellSyntaxError as raised:
        error = raised
    assert error is None or (str(error) and 1 <= error.line <= text.count("\n") + 1)

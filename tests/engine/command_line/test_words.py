"""A typed line becomes the words that a shell would hand to docker, or a sentence says why not."""

import shutil
import subprocess

import pytest

from course.engine.command_line.words import SYNTAX_ERROR, split
from course.errors import DockerError

LINES = [
    "run -it --name web base:1 sh -c 'echo \"a b\"'",
    'run base sh -c "echo \\"a\\" \\$HOME \\`id\\` \\\\ \\n \'x\'"',
    "run   base\techo a\\ b '' \"\" x''y\"z\"w \\'",
    "ps -a # all of them",
    "ps -a#b 'c#d' #",
    "run -e A='b c' --label=x=\"y z\" base",
    "commit -m 'it'\\''s here' web",
    "run base sh -c 'cat <a | sort > b && echo $(id) `id` ${x}; wait &'",
    'run base sh -c "a | b > c ; d && e"',
    "run \\\n  -d \\\n  base \\\n  sleep 1",
    "inspect -f '{{.Name}} $x' web",
    'inspect --format "{{json .Config}}" a\\$b $',
    "run base echo é 日本 a=b ~x %s [a]",
    "run base echo \"a\nb\" 'c\nd'",
    'run base echo "\\\nx"',
    "run ba\\\nse echo 'a\\\nb' \\\n'c'\\\nd",
]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.skipif(shutil.which("sh") is None, reason="left out: needs a POSIX shell")
def test_words_are_those_of_a_shell(line):
    said = subprocess.run(
        ["sh", "-c", f'words() {{ printf "%s\\0" "$@"; }}; words {line}\n'], capture_output=True, text=True
    )
    assert said.stderr == ""
    assert split(f"docker {line}") == said.stdout.split("\0")[:-1]


@pytest.mark.parametrize(
    "line",
    [
        "docker ps -a",
        "$ docker ps -a",
        "  $  sudo docker ps -a  ",
        "sudo podman ps -a",
        "# docker ps -a",
        "podman ps -a\n",
        "ps -a",
        "docker\tps -a",
    ],
)
def test_a_prompt_sudo_and_the_program_s_name_may_stand_before(line):
    assert split(line) == ["ps", "-a"]


@pytest.mark.parametrize("line", ["", "   ", "docker", "$ docker", "# only a comment", "sudo docker # nothing"])
def test_nothing_is_no_words(line):
    assert split(line) == []


def test_what_only_begins_like_docker_stays():
    assert split("docker-compose up") == ["docker-compose", "up"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("docker ps –a", "–a begins with a dash that web pages put in place of the hyphen: type -a"),
        ("docker run –it base", "–it begins with a dash that web pages put in place of the hyphen: type -it"),
        ("docker run –rm base", "–rm begins with a dash that web pages put in place of the hyphen: type --rm"),
        ("docker images —all", "—all begins with a dash that web pages put in place of the hyphen: type --all"),
        ("docker run base echo “a b”", "“ is a sign that web pages put in place of a quotation mark or space"),
        ("docker run base sh -c ‘id’", "‘ is a sign that web pages"),
        ("docker run\u00a0base", r"\xa0 is a sign that web pages"),
        ("docker ps | grep web", "| is the shell's, and there is no shell here"),
        ("docker save web > web.tar", "> is the shell's"),
        ("docker load < web.tar", "< is the shell's"),
        ("docker ps && docker images", "&& is the shell's"),
        ("docker ps; docker images", "; is the shell's"),
        ("docker run web &", "& is the shell's"),
        ("(docker ps)", "( is the shell's"),
        ("docker rm $(docker ps -aq)", "put something in place of $(docker before docker sees it"),
        ("docker rm `docker ps -aq`", "put something in place of `docker ps -aq` before"),
        ("docker run -v $PWD:/x base", "put something in place of $PWD before docker sees it: write that; or"),
        ("docker run -v ${PWD}:/x base", "put something in place of ${PWD}"),
        ('docker run base sh -c "echo $HOME"', "put something in place of $HOME"),
        ('docker run base sh -c "echo `id`"', "put something in place of `"),
        ("docker run base 'a", "'a opens a quotation that does not end"),
        ('docker run base "a', '"a opens a quotation that does not end'),
        ("docker run base a\\", "\\ opens a quotation that does not end"),
        ("docker ps\ndocker images", "one command at a time: docker images is another"),
    ],
)
def test_what_a_shell_would_do_or_a_web_page_has_done_is_told(line, told):
    with pytest.raises(DockerError) as caught:
        split(line)
    assert told in str(caught.value)
    assert caught.value.status == SYNTAX_ERROR


@pytest.mark.parametrize(
    "line",
    [
        "\udcff",
        "'" * 99999,
        '"' * 99998 + "\\",
        "\\" * 50000,
        "a" * 10**6,
        "$" * 9999,
        '"' + "\\$" * 50000 + '"',
        "\0",
        "\x1b[31m",
        "–" * 9999,
        "#" * 9999,
        '"' + "$ " * 50000 + '"',
        "`" * 9999,
    ],
)
def test_a_hostile_line_is_words_or_one_sentence(line):
    try:
        words = split(line)
    except DockerError as error:
        words = [str(error)]
        assert words[0].isprintable()
    assert isinstance(words, list)

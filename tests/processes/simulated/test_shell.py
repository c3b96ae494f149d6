"""The shell does what dash does: each script of ``shell_scripts.txt`` is run under both, and compared."""

import os
import re
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from course.errors import Deadlock
from course.layers.entry import FileEntry, Kind, file, symlink
from course.layers.layer import Layer
from course.layers.small_image import builtin
from course.processes.simulated import signals
from course.processes.simulated.process import TURN
from course.processes.simulated.script import run_script
from course.processes.simulated.shell.invocation import sh
from course.processes.simulated.space import Clock, ProcessSpace, builtin_programs
from course.processes.simulated.streams import Pipe, PipeEnd, Sink, Source
from course.union import flags
from course.union.filesystem import UnionFilesystem

TEXT = Path(__file__).with_name("shell_scripts.txt").read_text("utf-8")
SCRIPTS = dict(re.findall(r"^== (.*)\n((?:(?!== ).*\n)*)", TEXT, re.MULTILINE))
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/root", "LC_ALL": "C"}
PATIENCE = 20  # seconds
SECOND = 10**9  # nanoseconds
DEVICES = {"/dev/null": (1, 3), "/dev/full": (1, 7)}


@pytest.fixture(scope="module")
def userland():
    return Layer.of(
        {
            **{f"/usr/bin/{name}": builtin(name) for name in builtin_programs()},
            **{path: FileEntry(Kind.CHARACTER_DEVICE, 0o666, device=number) for path, number in DEVICES.items()},
            "/bin": symlink("usr/bin"),
            "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
            "/root": None,
            "/usr/bin/python3": file(b"\x7fELF\0", 0o755),
        }
    )


@pytest.fixture
def run(userland):
    """Return what runs a script in a new file system (a function, which returns the Finished)."""
    return lambda script, **more: run_script(UnionFilesystem([userland]), script, env=ENVIRONMENT, **more)


def files_at(userland, place):
    """Return a file system whose working directory is as the real one (UnionFilesystem)."""
    files = UnionFilesystem([userland])
    for path in reversed([place, *place.parents][:-1]):
        files.mkdir(str(path))
    files.chdir(str(place))
    return files


def test_there_are_scripts_enough_and_none_is_lost():
    assert len(SCRIPTS) == TEXT.count("\n== ") >= 250


def real(arguments, place):
    """Return what dash does with ``arguments`` in the directory ``place``: output, messages, status."""
    done = subprocess.Popen(
        ["dash", *arguments],
        cwd=place,
        env=ENVIRONMENT | {"HOME": str(Path("~root").expanduser())},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        output, errors = done.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(done.pid, signals.SIGKILL)  # with all that it has started
        done.communicate()
        raise
    status = done.returncode if done.returncode >= 0 else 128 - done.returncode  # which a signal ended
    return output, errors, status


def outcome(done):
    return done.stdout, done.stderr, done.status


@pytest.mark.linux
@pytest.mark.root
@pytest.mark.peer("dash")
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_command_does_here_what_it_does_under_dash(name, userland, tmp_path):
    files = files_at(userland, PurePosixPath(tmp_path))
    assert outcome(run_script(files, SCRIPTS[name], ("dash",), ENVIRONMENT)) == real(["-c", SCRIPTS[name]], tmp_path)


@pytest.mark.linux
@pytest.mark.root
@pytest.mark.peer("dash")
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_in_a_file_does_here_what_it_does_under_dash(name, userland, tmp_path):
    files = files_at(userland, PurePosixPath(tmp_path))
    descriptor = files.open("script", flags.O_CREAT | flags.O_WRONLY, 0o666)
    files.write(descriptor, SCRIPTS[name].encode())
    (tmp_path / "script").write_text(SCRIPTS[name], "utf-8")
    here = run_script(files, "exec sh script", ("dash",), ENVIRONMENT)
    assert outcome(here) == real(["script"], tmp_path)


def test_pid_2_is_the_shell_and_an_init_its_elder(run):
    assert run("echo $$ $PPID").stdout == b"2 0\n"


def test_the_caller_gives_arguments_input_and_environment(userland):
    script = "read line; echo $0 $2 $line $GREETING"
    done = run_script(
        UnionFilesystem([userland]), script, ("me", "a", "b"), {"GREETING": "hello"}, b"from outside\nnot read\n"
    )
    assert done.stdout == b"me b from outside hello\n"


def test_a_program_of_another_kind_is_refused_in_words(run):
    done = run("python3 -c 1; echo $?; python3 | cat")
    refused = b"sh: 1: python3: the simulator runs only the course's built-in programs; the real runtime runs others\n"
    assert (done.stdout, done.stderr) == (b"126\n", refused * 2)


def test_a_script_whose_interpreter_is_of_another_kind_is_refused_too(run):
    done = run("echo '#!/usr/bin/python3' > /root/x; chmod +x /root/x; /root/x; echo $?")
    assert done.stdout == b"126\n"
    assert b"the simulator runs only" in done.stderr


@pytest.mark.parametrize("bracket", ["()", "{}", "$()", "if"])
def test_a_script_nested_too_deeply_is_an_error_of_the_shell(run, bracket):
    opening, closing = {"{}": ("{ ", ";}"), "if": ("if true; then ", "; fi")}.get(bracket, (bracket[:-1], bracket[-1]))
    done = run(
        f"echo before\necho {opening * 5000}:{closing * 5000}"
        if "$" in bracket
        else f"echo before\n{opening * 5000}:{closing * 5000}"
    )
    assert outcome(done) == (b"before\n", b"sh: 2: Syntax error: nested too deeply\n", 2)


@pytest.mark.parametrize("opening", ["(", "~", "-", "1?2:"])
def test_arithmetic_nested_too_deeply_is_an_error_of_the_shell(run, opening):
    closing = ")" if opening == "(" else ""
    done = run(f"x=$(({opening * 3000}1{closing * 3000}))")
    assert outcome(done) == (b"", b"sh: 1: arithmetic expression: nested too deeply\n", 2)


def test_a_list_of_a_thousand_commands_is_not_nested(run):
    assert run(" && ".join(["true"] * 5000) + " && echo end").stdout == b"end\n"
    assert run("true | " * 200 + "echo end").stdout == b"end\n"


def test_a_thousand_functions_in_one_another_run(run):
    assert run("f() { [ $1 = 0 ] || f $(($1 - 1)); }; f 999; echo $?").stdout == b"0\n"


def test_a_shell_that_would_wait_for_ever_is_a_deadlock_that_says_who_waits_for_what(run):
    with pytest.raises(Deadlock, match=r"process 2 \(sh -c kill -STOP \$\$ sh\) is stopped"):
        run("kill -STOP $$")


def test_what_the_background_prints_later_is_there_too(run):
    assert run("{ sleep 5; echo late; } & echo early").stdout == b"early\nlate\n"


def test_a_busy_loop_in_the_background_does_not_stop_the_clock(run):
    assert run("while :; do :; done & sleep 1; kill $!; wait $!; echo $?").stdout == b"143\n"


def test_a_fork_bomb_meets_a_limit(userland):
    space = ProcessSpace(UnionFilesystem([userland]), Clock())
    space.limit = 30
    output = Sink()
    space.start(sh, ["sh", "-c", "f() { f | f & }; f; sleep 1"], ENVIRONMENT, {1: output, 2: output})
    space.run(deadline=SECOND // 10)
    assert b"sh: 1: Cannot fork\n" in output.data
    assert len(space.processes) <= 30


def test_a_pipe_that_is_full_holds_its_writer(run):
    assert run("printf '%0200000d' 0 | { sleep 1; wc -c; }").stdout == b"200000\n"


def test_names_that_are_not_utf_8_pass_through(run):
    done = run('cd /root; printf x > $(printf \'a\\377b\'); for name in *; do echo "$name"; cat "$name"; done')
    assert done.stdout == b"a\xffb\nx"


def test_each_byte_of_a_name_is_one_character(run):
    assert run("cd /root; > é; echo ? ?? [!a]? *").stdout == "? é é é\n".encode()


def test_input_is_read_no_further_than_a_command_needs(run):
    assert run("read a; cat", stdin=b"one\ntwo\nthree\n").stdout == b"two\nthree\n"


def test_commands_from_a_pipe_run_as_they_come(userland):
    space = ProcessSpace(UnionFilesystem([userland]), Clock())
    pipe, output = Pipe(), Sink()
    writer = PipeEnd(pipe, writes=True)
    space.start(sh, ["sh"], ENVIRONMENT, {0: PipeEnd(pipe, reads=True), 1: output, 2: output})
    seen = []
    for line in (b"echo one; if true\n", b"then echo two\nfi; ec", b"ho three\n", b"nosuch\n"):
        writer.write(line)
        space.run()
        seen.append(bytes(output.data))
        output.data.clear()
    assert seen == [b"", b"", b"one\ntwo\nthree\n", b"sh: 4: nosuch: not found\n"]


def test_a_shell_that_is_pid_1_takes_in_orphans_when_it_waits(userland):
    space = ProcessSpace(UnionFilesystem([userland]), Clock())
    output = Sink()
    script = "sh -c 'sh -c \"exit 3\" & exit'; true; /bin/true; read x"
    shell = space.start(sh, ["sh", "-c", script], ENVIRONMENT, {0: PipeEnd(pipe := Pipe(), reads=True), 1: output})
    writer = PipeEnd(pipe, writes=True)
    space.run()
    assert list(space.processes.values()) == [shell]
    writer.released()
    space.run(until=shell)


def test_a_trap_runs_when_a_signal_comes_from_outside_of_pid_1(userland):
    space = ProcessSpace(UnionFilesystem([userland]), Clock())
    output = Sink()
    script = "trap 'echo stopping; exit 7' TERM; sleep 100 & wait"
    shell = space.start(sh, ["sh", "-c", script], ENVIRONMENT, {1: output, 2: output})
    space.run(deadline=10**9)
    assert shell.status is None
    space.kill(1, signals.SIGTERM)
    space.run(until=shell)
    assert (shell.status, bytes(output.data)) == (7, b"stopping\n")
    assert space.processes == {}


def test_a_trap_waits_for_the_program_in_the_foreground(userland):
    space = ProcessSpace(UnionFilesystem([userland]), Clock())
    shell = space.start(sh, ["sh", "-c", "trap 'exit 7' TERM; sleep 100; exit 0"], ENVIRONMENT)
    space.run(deadline=10**9)
    space.kill(1, signals.SIGTERM)
    space.run(deadline=50 * 10**9)
    assert shell.status is None
    space.run(until=shell)
    assert shell.status == 7
    assert 100 * 10**9 <= space.clock() < 101 * 10**9


def test_the_last_command_takes_the_place_of_a_shell_that_has_nothing_else_to_do(userland):
    space = ProcessSpace(UnionFilesystem([userland]), Clock())
    space.start(sh, ["sh", "-c", "true; sleep 100"], ENVIRONMENT)
    space.run(deadline=10**9)
    assert [process.argv for process in space.processes.values()] == [["sleep", "100"]]


def test_after_ctrl_c_the_rest_can_go_on(userland):
    def interrupted(_process, _argv):
        yield TURN
        raise KeyboardInterrupt

    programs = {**builtin_programs(), "true": interrupted}
    space = ProcessSpace(UnionFilesystem([userland]), Clock(), programs=programs)
    output = Sink()
    shell = space.start(sh, ["sh", "-c", "/bin/true; echo $?"], ENVIRONMENT, {0: Source(), 1: output, 2: output})
    with pytest.raises(KeyboardInterrupt):
        space.run(until=shell)
    space.run(until=shell)
    assert bytes(output.data) == b"130\n"


def test_a_script_and_its_files_go_by_one_clock(userland):
    filesystem = UnionFilesystem([userland], clock=Clock(10**18))
    done = run_script(filesystem, "date +%s; sleep 100; echo > /late; stat -c %Y /late", env=ENVIRONMENT)
    assert done.stdout == b"1000000000\n1000000100\n"


def test_a_script_leaves_its_caller_where_it_was(userland):
    filesystem = UnionFilesystem([userland])
    run_script(filesystem, "cd /bin; umask 077", env=ENVIRONMENT)
    assert (filesystem.getcwd(), filesystem.mask) == ("/", 0o022)


def test_a_carriage_return_is_part_of_an_interpreters_name_as_files_from_windows_show(run):
    done = run("printf '#!/bin/sh\\r\\necho hi\\r\\n' > /s; chmod +x /s; /s")
    assert (done.stdout, done.status) == (b"", 127)

"""Programs whose output tells of the simulated machine: its processes, clock, name and devices."""

import pytest

from course.layers.entry import FileEntry, Kind, file
from course.layers.layer import Layer
from course.layers.small_image import builtin
from course.processes.simulated.script import run_script
from course.processes.simulated.space import Clock, ProcessSpace, builtin_programs, init
from course.processes.simulated.streams import Sink, Source
from course.union.filesystem import UnionFilesystem

NOW = 1_700_000_000 * 10**9  # 2023-11-14 22:13:20 UTC
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7)}
ACCOUNTS = {
    "/etc/passwd": "root:x:0:0::/root:/bin/sh\nlearner:x:1000:100::/home/learner:/bin/sh\n",
    "/etc/group": "root:x:0:\nusers:x:100:\ndocker:x:999:learner\n",
}


def machine(clock=None):
    programs = {f"/bin/{name}": builtin(name) for name in builtin_programs()}
    devices = {f"/dev/{name}": FileEntry(Kind.CHARACTER_DEVICE, 0o666, device=at) for name, at in DEVICES.items()}
    return UnionFilesystem([Layer.of({**programs, **devices, **ACCOUNTS, "/tmp": None})], clock=clock or Clock(NOW))


def run(script, user=None):
    """Return what a script prints and complains (str each), and its status."""
    clock = Clock(NOW)
    view = machine(clock)
    if user:
        view = view.with_credentials(*user)
    done = run_script(view, script, env={"PATH": "/bin"}, clock=clock)
    return done.stdout.decode(), done.stderr.decode(), done.status


@pytest.mark.parametrize(
    ("command", "header"),
    [
        ("ps", "    PID TTY          TIME CMD"),
        ("ps -e", "    PID TTY          TIME CMD"),
        ("ps -f", "UID          PID    PPID  C STIME TTY          TIME CMD"),
        ("ps -ef", "UID          PID    PPID  C STIME TTY          TIME CMD"),
        ("ps aux", "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND"),
        ("ps ax", "    PID TTY      STAT   TIME COMMAND"),
        ("ps -o pid,ppid,stat,comm", "    PID    PPID STAT COMMAND"),
        ("ps -o user,args", "USER     COMMAND"),
        ("ps -o pid=PROC,args", "   PROC COMMAND"),
    ],
)
def test_ps_has_the_columns_of_procps(command, header):
    assert run(command)[0].splitlines()[0] == header


def test_ps_shows_the_processes_of_the_space():
    output, _, status = run("sleep 100 & sleep 1; ps -e; kill $!")
    assert [line.split(maxsplit=3)[3] for line in output.splitlines()] == ["CMD", "init", "sh", "sleep", "ps"]
    assert status == 0


def test_ps_shows_who_waits_who_is_stopped_and_who_is_gone():
    output = run("sleep 100 & sleep 100 & sleep 1; kill -STOP $!; ps -o stat=,comm=; kill -9 $!")[0]
    assert output == "S    init\nS    sh\nS    sleep\nT    sleep\nR    ps\n"
    output = run("sh -c '(exit 3) & exec sleep 5' & sleep 1; ps -eo stat=,args=")[0]
    assert "Z    [sh] <defunct>\n" in output


def test_ps_chooses_processes():
    assert run("ps -p 1 -o pid=,comm=")[0] == "      1 init\n"
    assert run("sleep 5 & sleep 1; ps -C sleep -o args=")[0] == "sleep 5\n"
    assert run("ps -p 99") == ("    PID TTY          TIME CMD\n", "", 1)
    assert run("ps -o nonsense")[1].startswith('error: unknown user-defined format specifier "nonsense"\n')


def test_time_passes_for_sleepers_only():
    assert run("date +%T; sleep 90; date +%T; sleep 1.5m; date +%T")[0] == "22:13:20\n22:14:50\n22:16:20\n"


def test_a_signal_ends_another_process():
    assert run("sleep 100 & /bin/kill -TERM $!; wait $!; echo $?")[0] == "143\n"


def test_the_host_name_is_that_of_the_space():
    assert run("hostname; uname -n; hostname other; hostname")[0] == "box\nbox\nother\n"
    assert run("hostname other", user=(1000, 100))[1:] == ("hostname: you must be root to change the host name\n", 1)
    assert run("uname -sm")[0] == "Linux x86_64\n"


def test_who_one_is_comes_from_the_files_of_the_machine():
    assert run("whoami; id", user=(1000, 100, {999}))[0] == (
        "learner\nuid=1000(learner) gid=100(users) groups=100(users),999(docker)\n"
    )
    assert run("id learner; id -Gn learner")[0] == (
        "uid=1000(learner) gid=100(users) groups=100(users),999(docker)\nusers docker\n"
    )
    assert run("whoami", user=(7, 7))[1:] == ("whoami: cannot find name for user ID 7\n", 1)


def test_pwd_believes_the_environment_only_if_it_is_right():
    assert run("cd /tmp; /bin/pwd; env PWD=/nowhere pwd -L; cd /bin; env PWD=/bin pwd -L")[0] == "/tmp\n/tmp\n/bin\n"


def test_which_looks_through_path():
    assert run("which ls nothing; echo $?; env PATH=/tmp:/bin which cat")[0] == "/bin/ls\n1\n/bin/cat\n"


def test_an_endless_writer_ends_with_its_reader():
    assert run("yes | head -n 2")[0] == "y\ny\n"
    assert run("yes no | grep -m 1 o | tr a-z A-Z")[0] == "NO\n"


def test_a_full_device_is_told_of():
    for command, message in [
        ("/bin/echo x", "echo: write error"),
        ("cat /etc/passwd", "cat: write error"),
        ("grep root /etc/passwd", "grep: write error"),
        ("sed p /etc/passwd", "sed: couldn't flush stdout"),
    ]:
        _, errors, status = run(f"{command} > /dev/full")
        assert errors.removeprefix("/bin/") == f"{message}: No space left on device\n"
        assert status


def test_dd_reckons_with_the_clock_of_the_machine():
    assert run("dd if=/dev/zero of=/tmp/x bs=1M count=3")[1] == (
        "3+0 records in\n3+0 records out\n3145728 bytes (3.1 MB, 3.0 MiB) copied, 0 s, Infinity B/s\n"
    )
    errors = run("{ sleep 2; printf 1234; } | dd bs=2 > /dev/null")[1].splitlines()
    assert errors[:2] == ["2+0 records in", "2+0 records out"]
    assert errors[2].startswith("4 bytes copied, 2.0")


def test_dd_writes_to_a_full_device_and_from_one_of_zeros():
    assert run("dd if=/etc/passwd of=/dev/full status=noxfer")[1].splitlines()[0] == (
        "dd: error writing '/dev/full': No space left on device"
    )
    assert run("dd if=/dev/zero bs=2 seek=3 count=1 of=/tmp/x status=none; od -An -c /tmp/x")[0] == (
        "  \\0  \\0  \\0  \\0  \\0  \\0  \\0  \\0\n"
    )


def test_grep_into_nowhere_stops_at_the_first_match():
    assert run("printf 'a\\0' > /tmp/x; grep a /tmp/x nothing > /dev/null; echo $?") == (
        "2\n",
        "grep: nothing: No such file or directory\n",
        0,
    )


def test_xargs_ends_as_its_commands_do():
    assert run("echo a b | xargs -n1 sh -c 'exit 3'; echo $?")[0] == "123\n"
    assert run("echo a b | xargs sh -c 'kill -9 $$'")[1:] == ("xargs: sh: terminated by signal 9\n", 125)
    assert run("echo a b | xargs sh -c 'exit 255'")[1:] == ("xargs: sh: exited with status 255; aborting\n", 124)
    assert run("echo a | xargs cat -")[1] == "cat: a: No such file or directory\n"


def test_env_changes_the_environment_of_one_program():
    assert run("A=1 B=2 env -i A=3 PATH=/bin sh -c 'echo $A $B'")[0] == "3\n"
    assert run("export A=1; env -u A printenv A; echo $?")[0] == "1\n"


def test_head_leaves_the_rest_of_a_file_for_others():
    script = "printf '1\\n2\\n3\\n' > /tmp/x; { head -n 1; cat; } < /tmp/x; { grep -m 1 2; cat; } < /tmp/x"
    assert run(script)[0] == "1\n2\n3\n2\n3\n"


def test_tail_follows_a_file_that_grows():
    script = "echo 1 > /tmp/x; tail -f /tmp/x & sleep 1; echo 2 >> /tmp/x; sleep 1; echo 3 >> /tmp/x; sleep 1; kill $!"
    assert run(script)[0] == "1\n2\n3\n"


def test_sort_may_write_over_what_it_reads():
    assert run("printf '2\\n1\\n' > /tmp/x; sort -o /tmp/x /tmp/x; cat /tmp/x")[0] == "1\n2\n"


def test_cat_does_not_copy_a_file_to_itself():
    assert run("echo 1 > /tmp/x; cat /tmp/x >> /tmp/x; wc -l /tmp/x") == (
        "1 /tmp/x\n",
        "cat: /tmp/x: input file is output file\n",
        0,
    )


def test_sed_in_place_keeps_owner_and_mode():
    layer = Layer.of({"/bin/sed": builtin("sed"), "/x": file("a\n", 0o4640, uid=1000, gid=100)})
    mounted = UnionFilesystem([layer], clock=Clock(NOW))
    space = ProcessSpace(mounted, Clock(NOW))
    space.start(init)
    errors = Sink()
    process = space.start(["sed", "-i", "s/a/b/", "/x"], streams={0: Source(), 1: Sink(), 2: errors})
    space.run(until=process)
    state = mounted.stat("/x")
    assert (state.st_uid, state.st_gid, oct(state.st_mode)) == (1000, 100, "0o104640")
    assert sorted(mounted.listdir("/")) == ["bin", "x"]
    assert not errors.data


def test_sed_without_the_right_to_write_there_leaves_everything():
    script = "sed -i s/a/b/ /etc/passwd; echo $?"
    assert run(script, user=(1000, 100))[:2] == (
        "4\n",
        "sed: couldn't open temporary file /etc/sedXXXXXX: Permission denied\n",
    )

"""The simulated runtime: containers that start, share time and files, are signalled and frozen, and end."""

import pytest

from course.layers.entry import file
from course.layers.layer import Layer
from course.layers.small_image import small_image
from course.processes.runtime import STDERR, STDOUT, Mount, Output, ProcessInfo, ProcessSpec, Specification
from course.processes.simulated import signals
from course.processes.simulated.runtime import SimulatedRuntime
from course.processes.simulated.schedule import BUSY, LONG_SLICE, MOST
from course.processes.simulated.space import SLICE, Clock
from course.union.flags import O_CREAT, O_RDONLY, O_WRONLY
from course.union.inode import WHITEOUT
from course.union.read_write_layer import ReadWriteLayer
from course.union.view import UnionView

SECOND = 10**9  # nanoseconds
HOUR = 3600 * SECOND
NOW = 1_700_000_000 * SECOND
BASE = small_image("base:1").layers
SLEEP = ("sleep", "1000")
ENDLESS = "while :; do :; done"


class Machine:
    """A runtime, with the fewest words to ask it."""

    def __init__(self):
        self.clock = Clock(NOW)
        self.runtime = SimulatedRuntime(self.clock)
        self.status, self.finished, self.output, self.written = {}, {}, {}, {}

    def start(self, *args, name="c", layers=BASE, written=None, env=("PATH=/bin",), mounts=(), more=None, **process):
        spec = ProcessSpec(args, env, **process)
        before = written or ReadWriteLayer.on(UnionView(layers), NOW)
        self.runtime.start(Specification(name, layers, spec, mounts=mounts, **(more or {})), before)

    def exec(self, *args, name="c", env=("PATH=/bin",), **process):
        return self.runtime.exec(name, ProcessSpec(args, env, **process))

    def wait(self, ns=HOUR, until=lambda: False):
        """Let time pass, and take down the news."""
        came = self.runtime.run(until, self.clock.now + ns)
        for news in self.runtime.news():
            self.status[news.id], self.finished[news.id] = news.status, news.finished
            self.written[news.id] = news.written
            self.output.setdefault(news.id, []).extend(news.output)
        return came

    def text(self, name="c"):
        return b"".join(output.data for output in self.output.get(name, [])).decode()

    def script(self, script, **more):
        self.start("sh", "-c", script, **more)
        self.wait()
        return self.status.get("c"), self.text()


@pytest.fixture
def machine():
    return Machine()


# What a process begins with


def test_a_container_ends_with_the_status_of_its_first_process(machine):
    assert machine.script("echo hi; exit 3") == (3, "hi\n")


def test_the_end_of_a_container_has_its_time(machine):
    machine.script("sleep 5")
    assert 5 * SECOND <= machine.finished["c"] - NOW < 5.1 * SECOND


def test_the_environment_gets_a_home_of_the_user_s_last(machine):
    machine.start("env", env=("PATH=/bin", "A=1"))
    machine.wait()
    assert machine.text() == "PATH=/bin\nA=1\nHOME=/root\n"


def test_a_home_that_is_given_stays(machine):
    assert machine.script("echo $HOME", env=("PATH=/bin", "HOME=/x"))[1] == "/x\n"


def test_a_user_without_an_account_is_at_home_in_the_root(machine):
    assert machine.script("echo $HOME; id", user="12:34")[1] == "/\nuid=12 gid=34 groups=34\n"


ACCOUNTS = Layer.of(
    {
        "/etc/passwd": "root:x:0:0::/root:/bin/sh\nme:x:5:6::/home/me:/bin/sh\nshort\n",
        "/etc/group": "root:x:0:root\nmine:x:6:\nmail:x:8:you,me\nnews:x:9:me\n",
    },
    parent=BASE[-1],
)


@pytest.mark.parametrize(
    ("user", "who"),
    [
        ("", "uid=0(root) gid=0(root) groups=0(root)"),
        ("me", "uid=5(me) gid=6(mine) groups=6(mine),8(mail),9(news)"),
        ("5", "uid=5(me) gid=6(mine) groups=6(mine),8(mail),9(news)"),
        ("me:news", "uid=5(me) gid=9(news) groups=9(news)"),
        ("me:77", "uid=5(me) gid=77 groups=77"),
        ("12", "uid=12 gid=0(root) groups=0(root)"),
        (":8", "uid=0(root) gid=8(mail) groups=8(mail)"),
        ("me:mail:more", "uid=5(me) gid=8(mail) groups=8(mail)"),
        ("2147483647", "uid=2147483647 gid=0(root) groups=0(root)"),
    ],
)
def test_a_user_is_found_by_name_and_number(machine, user, who):
    assert machine.script("id", layers=(*BASE, ACCOUNTS), user=user) == (0, who + "\n")


def test_a_working_directory_is_made_for_root_if_it_is_missing(machine):
    status, text = machine.script("pwd; stat -c '%u %a' /new /new/dir", cwd="/new/dir", user="1000")
    assert (status, text) == (0, "/new/dir\n0 755\n0 755\n")


def test_a_working_directory_may_be_one_that_the_user_could_not_enter(machine):
    assert machine.script("pwd; ls .", cwd="/root", user="1000")[1].startswith("/root\n")


def test_the_hostname_is_the_container_s(machine):
    assert machine.script("hostname", more={"hostname": "web"})[1] == "web\n"


def test_an_input_ends(machine):
    assert machine.script("cat", stdin=b"given") == (0, "given")
    assert machine.script("cat; echo end") == (0, "givenend\n")


def test_an_input_that_is_left_open_does_not_end(machine):
    machine.start("cat", stdin=b"given\n", stdin_open=True)
    assert not machine.wait()
    assert (machine.status["c"], machine.text()) == (None, "given\n")


# Output


def test_output_is_logged_by_line_with_stream_and_time(machine):
    machine.script("echo a; echo b >&2; printf c; sleep 1; echo d; printf e")
    lines = [(output.stream, output.data) for output in machine.output["c"]]
    assert lines == [(STDOUT, b"a\n"), (STDERR, b"b\n"), (STDOUT, b"cd\n"), (STDOUT, b"e")]
    times = [output.time for output in machine.output["c"]]
    assert NOW <= times[0] <= times[1] < NOW + SECOND < times[2] <= times[3]


def test_a_line_that_is_begun_is_told_when_it_ends(machine):
    machine.start("sh", "-c", "printf a; sleep 2; echo b")
    machine.wait(SECOND)
    assert machine.text() == ""
    machine.wait()
    assert machine.text() == "ab\n"


def test_a_long_line_is_logged_in_pieces_of_16_kib(machine):
    machine.start("sh", "-c", "head -c 40000 /dev/zero; sleep 5")
    machine.wait(SECOND)
    assert [len(output.data) for output in machine.output["c"]] == [16384, 16384]
    machine.wait()
    assert [len(output.data) for output in machine.output["c"]] == [16384, 16384, 7232]


def test_news_tells_each_line_once(machine):
    machine.start("sh", "-c", "echo a; sleep 1; echo b; sleep 1000")
    machine.wait(SECOND // 2)
    machine.wait(SECOND)
    assert machine.text() == "a\nb\n"


def test_a_terminal_is_one_stream_with_carriage_returns(machine):
    machine.script("echo a; echo b >&2; test -t 0 && test -t 1 && test -t 2 && echo tty", terminal=True)
    lines = [(output.stream, output.data) for output in machine.output["c"]]
    assert lines == [(STDOUT, b"a\r\n"), (STDOUT, b"b\r\n"), (STDOUT, b"tty\r\n")]


def test_a_terminal_can_be_read(machine):
    assert machine.script("read x; echo got $x", terminal=True, stdin=b"it\n", stdin_open=True)[1] == "got it\r\n"


def test_without_a_terminal_there_is_none(machine):
    assert machine.script("test -t 0 || test -t 1 || test -t 2 || echo none")[1] == "none\n"


# Time


def test_containers_share_one_time(machine):
    machine.start("sh", "-c", "sleep 2; date +%s", name="one")
    machine.start("sh", "-c", "sleep 1; date +%s", name="other")
    machine.wait()
    assert (int(machine.text("one")), int(machine.text("other"))) == (NOW // SECOND + 2, NOW // SECOND + 1)


def test_waiting_takes_no_longer_than_what_is_waited_for(machine):
    machine.start("sleep", "5")
    assert machine.wait(HOUR, until=lambda: machine.clock.now >= NOW + 5 * SECOND)
    assert machine.clock.now < NOW + 6 * SECOND


def test_the_clock_stops_at_the_deadline(machine):
    machine.start(*SLEEP)
    assert not machine.wait(SECOND)
    assert machine.clock.now == NOW + SECOND


def test_nothing_is_waited_for_if_nothing_can_happen(machine):
    machine.start("cat", stdin_open=True)
    assert not machine.wait(HOUR)
    assert machine.clock.now < NOW + SECOND
    assert not machine.runtime.run(lambda: False, machine.clock.now + HOUR)


def test_what_has_come_true_takes_no_time(machine):
    assert machine.runtime.run(lambda: True, NOW)
    assert machine.clock.now == NOW


def test_a_paused_container_lets_no_time_pass_and_wakes_when_its_sleep_is_over(machine):
    machine.start("sh", "-c", "sleep 2; echo woke")
    machine.wait(SECOND)
    machine.runtime.pause("c")
    assert not machine.wait(HOUR)
    assert machine.clock.now == NOW + SECOND
    machine.clock.now += HOUR
    machine.runtime.resume("c")
    machine.wait(SECOND)
    assert (machine.status["c"], machine.text()) == (0, "woke\n")


# Endless loops


def test_an_endless_loop_has_a_bounded_number_of_turns_in_a_second(machine):
    machine.start("sh", "-c", ENDLESS)
    space = machine.runtime._containers["c"].space
    rounds, count = space.round, []
    space.round = lambda: count.append(1) or rounds()
    machine.wait(SECOND)
    assert machine.clock.now >= NOW + SECOND
    first = len(count)
    machine.wait(SECOND)
    assert first <= BUSY + SECOND // LONG_SLICE
    assert len(count) - first <= SECOND // LONG_SLICE + 1


def test_who_sleeps_beside_an_endless_loop_wakes_in_time(machine):
    machine.start("sh", "-c", ENDLESS, name="loop")
    machine.wait(SECOND)
    machine.start("sh", "-c", "sleep 60; echo woke")
    begun = machine.clock.now
    machine.wait(HOUR, until=lambda: machine.runtime._containers["c"].first.status is not None)
    assert machine.text() == "woke\n"
    assert 60 * SECOND <= machine.clock.now - begun < 61 * SECOND


def test_who_computes_comes_to_an_end(machine):
    status, text = machine.script("i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done; echo $i")
    assert (status, text) == (0, "3000\n")


def test_a_call_ends_even_if_its_deadline_never_comes(machine, monkeypatch):
    monkeypatch.setattr("course.processes.simulated.schedule.MOST", 500)
    machine.start("sh", "-c", ENDLESS)
    assert not machine.wait(10**30)
    assert machine.clock.now == NOW + 500 * SLICE
    assert MOST > 100 * BUSY


def test_who_reads_a_device_without_end_lets_others_have_their_turn(machine):
    machine.start("sh", "-c", "cat /dev/zero > /dev/null", name="cat")
    machine.start("sh", "-c", "read x < /dev/zero", name="read")
    machine.start("sh", "-c", "sleep 1; echo woke")
    machine.wait(2 * SECOND)
    assert machine.text() == "woke\n"
    assert (machine.status["cat"], machine.status["read"]) == (None, None)


def test_a_loop_that_rests_is_not_taken_for_an_endless_one(machine):
    machine.start("sh", "-c", "while :; do sleep 1; done")
    machine.wait(300 * SECOND)
    assert machine.runtime._schedule._rounds[machine.runtime._containers["c"].space] < BUSY


# Signals and ends


def ended(machine, signal, script=None):
    args = ("sh", "-c", script) if script else SLEEP
    machine.start(*args)
    machine.wait(SECOND)
    machine.runtime.kill("c", signal)
    machine.wait(SECOND)
    return machine.status["c"]


def test_kill_is_137(machine):
    assert ended(machine, signals.SIGKILL) == 137


def test_a_first_process_without_a_handler_ignores_term(machine):
    assert ended(machine, signals.SIGTERM) is None


def test_a_trap_ends_as_it_says(machine):
    assert ended(machine, signals.SIGTERM, "trap 'exit 7' TERM; while :; do sleep 0.1; done") == 7


def test_stop_stops_and_cont_goes_on(machine):
    machine.start("sh", "-c", "sleep 2; echo on")
    machine.wait(SECOND)
    machine.runtime.kill("c", signals.SIGSTOP)
    machine.wait(5 * SECOND)
    assert machine.text() == ""
    machine.runtime.kill("c", signals.SIGCONT)
    machine.wait()
    assert machine.text() == "on\n"


def test_with_the_first_process_all_others_end(machine):
    machine.start("sh", "-c", "sleep 1000 & sleep 2")
    execution = machine.exec(*SLEEP)
    machine.wait()
    assert (machine.status["c"], execution.status) == (0, 137)


def test_a_paused_container_can_be_killed(machine):
    machine.start(*SLEEP)
    machine.wait(SECOND)
    machine.runtime.pause("c")
    machine.runtime.kill("c", signals.SIGKILL)
    machine.wait(SECOND)
    assert machine.status["c"] == 137


def test_what_term_did_to_a_paused_container_shows_when_it_goes_on(machine):
    machine.start("sh", "-c", "trap 'exit 7' TERM; while :; do sleep 1; done")
    machine.wait(SECOND)
    machine.runtime.pause("c")
    machine.runtime.kill("c", signals.SIGTERM)
    machine.wait(5 * SECOND)
    assert machine.status["c"] is None
    machine.runtime.resume("c")
    machine.wait(5 * SECOND)
    assert machine.status["c"] == 7


# exec and ps


def test_an_exec_has_an_output_and_a_status_of_its_own(machine):
    machine.start(*SLEEP)
    execution = machine.exec("sh", "-c", "echo in; echo err >&2; exit 4")
    assert execution.status is None
    assert machine.wait(HOUR, until=lambda: execution.status is not None)
    assert execution.status == 4
    assert [(output.stream, output.data) for output in execution.output] == [(STDOUT, b"in\n"), (STDERR, b"err\n")]
    assert isinstance(execution.output[0], Output)
    assert machine.text() == ""
    assert machine.status["c"] is None


def test_an_exec_shares_the_files_and_has_a_directory_and_a_user_of_its_own(machine):
    machine.start("sh", "-c", "echo new > /tmp/new; sleep 1000")
    machine.wait(SECOND)
    execution = machine.exec("sh", "-c", "cat new; id -u; echo $HOME", cwd="/tmp", user="learner")
    machine.wait(SECOND)
    assert b"".join(output.data for output in execution.output) == b"new\n1000\n/home/learner\n"


def test_an_exec_may_begin_where_its_user_could_not_go(machine):
    machine.start(*SLEEP)
    execution = machine.exec("sh", "-c", "pwd; cd /root || exit 3", cwd="/root", user="learner")
    machine.wait(SECOND)
    assert (execution.output[0].data, execution.status) == (b"/root\n", 3)


def test_an_exec_with_a_terminal_has_one(machine):
    machine.start(*SLEEP)
    execution = machine.exec("sh", "-c", "test -t 1 && echo tty", terminal=True)
    machine.wait(SECOND)
    assert [output.data for output in execution.output] == [b"tty\r\n"]


def test_the_processes_are_listed_by_number_with_parent_and_owner(machine):
    machine.start("sh", "-c", "sleep 1000 & sleep 1001; true")
    machine.wait(SECOND)
    machine.exec("sleep", "7", user="1000")
    listed = machine.runtime.ps("c")
    assert [(info.pid, info.ppid, info.uid, info.command) for info in listed] == [
        (1, 0, 0, "sh -c sleep 1000 & sleep 1001; true"),
        (2, 1, 0, "sleep 1000"),
        (3, 1, 0, "sleep 1001"),
        (4, 0, 1000, "sleep 7"),
    ]
    assert listed[0] == ProcessInfo(0, 1, 0, NOW, "sh -c sleep 1000 & sleep 1001; true")
    assert listed[3].started == machine.clock.now


def test_a_process_that_nobody_waited_for_is_listed_as_defunct(machine):
    machine.start("sh", "-c", "sleep 1 & exec sleep 1000")
    machine.wait(2 * SECOND)
    assert [info.command for info in machine.runtime.ps("c")] == ["sleep 1000", "[sleep] <defunct>"]


def test_numbers_begin_anew_in_each_container(machine):
    for name in ("one", "other"):
        machine.start("sh", "-c", "echo $$", name=name)
    machine.wait()
    assert (machine.text("one"), machine.text("other")) == ("1\n", "1\n")


# An init, and a limit


INIT = {"init": True}


def test_an_init_has_number_1_and_starts_the_program(machine):
    machine.start("sh", "-c", "sleep 1000", more=INIT)
    machine.wait(SECOND)
    listed = [(info.pid, info.ppid, info.command) for info in machine.runtime.ps("c")]
    assert listed[0] == (1, 0, "/sbin/docker-init -- sh -c sleep 1000")
    assert listed[1][:2] == (2, 1)


@pytest.mark.parametrize(
    ("script", "status"), [("exit 3", 3), ("kill -9 $$", 137), ("kill -TERM $$", 143), ("kill -9 1; exit 4", 4)]
)
def test_an_init_ends_as_its_program_does(machine, script, status):
    machine.start("sh", "-c", script, more=INIT)
    machine.wait()
    assert machine.status["c"] == status


def test_an_init_passes_signals_on(machine):
    machine.start(*SLEEP, more=INIT)
    machine.wait(SECOND)
    machine.runtime.kill("c", signals.SIGTERM)
    machine.wait(SECOND)
    assert machine.status["c"] == 143


def test_an_init_takes_in_orphans(machine):
    machine.start("sh", "-c", "(sleep 1 &); sleep 5", more=INIT)
    machine.wait(SECOND // 2)
    assert (1, "sleep 1") in [(info.ppid, info.command) for info in machine.runtime.ps("c")]
    machine.wait(2 * SECOND)
    assert not [info for info in machine.runtime.ps("c") if info.command == "sleep 1"]


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        (("nope",), 127, "[FATAL tini (2)] exec nope failed: No such file or directory\n"),
        (("/etc/motd",), 126, "[FATAL tini (2)] exec /etc/motd failed: Permission denied\n"),
    ],
)
def test_an_init_says_what_it_could_not_start(machine, args, status, words):
    machine.start(*args, more=INIT)
    machine.wait()
    assert (machine.status["c"], machine.text()) == (status, words)


def test_an_init_alone_cannot_start_anything(machine):
    machine.start("true", more={"init": True, "pids_limit": 1})
    machine.wait()
    assert (machine.status["c"], machine.text()) == (
        1,
        "[FATAL tini (1)] fork failed: Resource temporarily unavailable\n",
    )


def test_there_are_no_more_processes_than_the_limit(machine):
    status, text = machine.script("ls; echo not reached", more={"pids_limit": 1})
    assert (status, text) == (2, "sh: 1: Cannot fork\n")


def test_an_exec_is_let_in_beyond_the_limit(machine):
    machine.start(*SLEEP, more={"pids_limit": 1})
    execution = machine.exec("true")
    machine.wait(SECOND)
    assert execution.status == 0


# News


def test_only_those_who_did_something_are_in_the_news(machine):
    machine.start(*SLEEP, name="sleeps")
    machine.start("sh", "-c", "while :; do sleep 1; done", name="works")
    machine.wait(SECOND)
    machine.runtime.run(lambda: False, machine.clock.now + 5 * SECOND)
    assert [news.id for news in machine.runtime.news()] == ["works"]
    assert machine.runtime.news() == []
    machine.runtime.filesystem("sleeps")
    assert [news.id for news in machine.runtime.news()] == ["sleeps"]


def test_one_that_was_killed_is_in_the_news_at_once(machine):
    machine.start(*SLEEP)
    machine.wait(SECOND)
    machine.runtime.kill("c", signals.SIGKILL)
    assert [(news.status, news.finished) for news in machine.runtime.news()] == [(137, machine.clock.now)]


def test_those_that_have_ended_are_forgotten(machine):
    machine.script("true")
    with pytest.raises(KeyError):
        machine.runtime.ps("c")
    machine.script("echo again")  # so that the name is free
    assert machine.text() == "again\n"
    assert not machine.runtime._by_space


def test_what_was_written_is_a_copy(machine):
    machine.start("sh", "-c", "echo 1 > /one; rm /etc/motd; sleep 1; echo 2 > /two; sleep 1000")
    machine.wait(SECOND // 2)
    before = machine.written["c"]
    machine.wait(SECOND)
    assert sorted(before.root.entries) == ["etc", "one"]
    assert before.root.entries["etc"].entries["motd"] is WHITEOUT
    assert sorted(machine.written["c"].root.entries) == ["etc", "one", "two"]


def test_what_a_container_begins_with_is_not_changed(machine):
    machine.script("echo 1 > /one")
    before = machine.written["c"]
    machine.script("cat /one; echo 2 > /two", written=before)
    assert machine.text() == "1\n"
    assert sorted(before.root.entries) == ["one"]


# Files


def test_a_container_from_nothing_has_devices(machine):
    only = Layer.of({"/sh": file("#!builtin sh\n", 0o755), "/ls": file("#!builtin ls\n", 0o755)})
    status, text = machine.script(
        "/ls /dev; echo x > /dev/null; read x < /dev/null; /ls /proc /sys", layers=(only,), env=("PATH=/",)
    )
    assert (status, text.split()) == (
        0,
        "fd full mqueue null ptmx pts random shm stderr stdin stdout urandom zero /proc: /sys:".split(),
    )
    assert sorted(machine.written["c"].root.entries) == ["dev", "proc", "sys"]


def test_what_is_written_in_dev_is_no_change(machine):
    machine.script("echo x > /dev/shm/x; echo y > /dev/y")
    assert not machine.written["c"].root.entries


def test_the_files_that_the_engine_gives_are_no_change(machine):
    files = {"/etc/hosts": b"127.0.0.1 localhost\n", "/etc/hostname": b"web\n"}
    layer = Layer.of({"/etc/hosts": "", "/etc/hostname": ""}, parent=BASE[-1])
    machine.script(
        "cat /etc/hosts; echo more >> /etc/hosts; cat /etc/*host*", layers=(*BASE, layer), more={"files": files}
    )
    assert machine.text() == "127.0.0.1 localhost\nweb\n127.0.0.1 localhost\nmore\n"
    assert not machine.written["c"].root.entries


def test_where_a_given_file_is_missing_an_empty_one_is_made(machine):
    machine.script("true", more={"files": {"/etc/hosts": b"x"}})
    assert machine.written["c"].root.entries["etc"].entries["hosts"].size == 0


def test_a_read_only_root_refuses_and_the_devices_do_not(machine):
    status, text = machine.script("echo x > /x; echo y > /dev/null && pwd", cwd="/new", more={"read_only": True})
    assert (status, text) == (0, "sh: 1: cannot create /x: Read-only file system\n/new\n")


TREE = (Mount("/data", "vol"),)


def with_tree(machine):
    machine.runtime.trees["vol"] = ReadWriteLayer()


def test_containers_that_mount_a_tree_share_its_files(machine):
    with_tree(machine)
    machine.start("sh", "-c", "while [ ! -e /data/new ]; do sleep 1; done; cat /data/new", name="reads", mounts=TREE)
    machine.start("sh", "-c", "sleep 3; echo shared > /data/new", name="writes", mounts=TREE)
    machine.wait()
    assert machine.text("reads") == "shared\n"


def test_who_follows_a_shared_file_sees_what_another_appends(machine):
    with_tree(machine)
    machine.start("sh", "-c", ": > /data/log; tail -f /data/log", name="reads", mounts=TREE)
    machine.wait(SECOND)
    machine.start("sh", "-c", "echo line >> /data/log", name="writes", mounts=TREE)
    machine.wait(SECOND)
    assert machine.text("reads") == "line\n"


def test_a_tree_keeps_what_was_written_and_the_container_does_not(machine):
    with_tree(machine)
    machine.script("echo x > /data/x", mounts=TREE)
    assert sorted(machine.runtime.trees["vol"].root.entries) == ["x"]
    written = machine.written["c"].root.entries
    assert sorted(written) == ["data"]
    assert not written["data"].entries
    machine.script("cat /data/x", mounts=TREE)
    assert machine.text() == "x\n"


def test_a_tree_is_written_back_as_a_copy_and_let_go_of(machine):
    with_tree(machine)
    machine.start("sh", "-c", "echo 1 > /data/1; sleep 1; echo 2 > /data/2", mounts=TREE)
    machine.wait(SECOND // 2)
    before = machine.runtime.trees["vol"]
    machine.wait()
    assert (sorted(before.root.entries), sorted(machine.runtime.trees["vol"].root.entries)) == (["1"], ["1", "2"])
    assert not machine.runtime._mounter.live


def test_a_part_of_a_tree_and_a_file_of_it_can_be_mounted(machine):
    with_tree(machine)
    machine.script("mkdir /data/d; echo in > /data/d/in; echo one > /data/one", mounts=TREE)
    mounts = (Mount("/some/place", "vol", "/d"), Mount("/etc/one", "vol", "/one", read_only=True))
    machine.script("cat /some/place/in /etc/one; echo x > /etc/one; echo y > /some/place/y", mounts=mounts)
    assert machine.text() == "in\none\nsh: 1: cannot create /etc/one: Read-only file system\n"
    assert sorted(machine.runtime.trees["vol"].root.entries["d"].entries) == ["in", "y"]


def test_a_tmpfs_is_empty_and_ends_with_the_container(machine):
    machine.script("ls -A /root; stat -c %a /root /t; echo x > /root/x", mounts=(Mount("/root"), Mount("/t")))
    assert machine.text() == "700\n1777\n"
    assert sorted(machine.written["c"].root.entries) == ["t"]


def test_deeper_mounts_lie_over_those_above_whatever_their_order(machine):
    with_tree(machine)
    mounts = (Mount("/data/deep"), Mount("/data", "vol"))
    machine.script("echo x > /data/deep/x; echo y > /data/y", mounts=mounts)
    assert sorted(machine.runtime.trees["vol"].root.entries) == ["deep", "y"]
    assert not machine.runtime.trees["vol"].root.entries["deep"].entries


def test_what_root_writes_in_the_file_system_of_a_running_container_is_seen_there(machine):
    machine.start("sh", "-c", "while [ ! -e /new ]; do sleep 1; done; cat /new")
    machine.wait(SECOND)
    fs = machine.runtime.filesystem("c")
    fs.open_file("/new", O_WRONLY | O_CREAT).write(b"from outside\n")
    machine.wait()
    assert machine.text() == "from outside\n"


def test_a_pipe_with_a_name_in_a_shared_tree_joins_containers(machine):
    machine.runtime.trees["vol"] = ReadWriteLayer()
    machine.script("true", mounts=TREE)
    machine.start("sh", "-c", "cat < /data/pipe", name="reads", mounts=TREE)
    machine.runtime.filesystem("reads").mknod("/data/pipe", 0o010666)
    machine.wait(SECOND)
    machine.start("sh", "-c", "echo through > /data/pipe", name="writes", mounts=TREE)
    machine.wait()
    assert (machine.text("reads"), machine.status["reads"]) == ("through\n", 0)


def test_the_same_calls_give_the_same_news():
    def story():
        machine = Machine()
        machine.start("sh", "-c", "while :; do date +%s; sleep 0.3; done", name="one")
        machine.start("sh", "-c", ENDLESS, name="two")
        machine.wait(2 * SECOND)
        machine.exec("sh", "-c", "kill -9 1", name="two")
        machine.runtime.kill("two", signals.SIGKILL)
        machine.wait(SECOND)
        return machine.output, machine.status, machine.finished, machine.clock.now

    assert story() == story()


def test_the_file_system_of_a_container_is_root_s(machine):
    machine.start(*SLEEP, user="1000")
    assert machine.runtime.filesystem("c").uid == 0
    assert machine.runtime.filesystem("c").open_file("/etc/motd", O_RDONLY).read(4) == b"This"

"""Processes: what they share and what they do not, how they wait, and how signals end, stop and spare them."""

import errno

import pytest

from course.errors import Deadlock
from course.layers.entry import file
from course.layers.layer import Layer
from course.layers.small_image import builtin
from course.processes.simulated import signals
from course.processes.simulated.executable import ForeignProgram
from course.processes.simulated.process import TURN, Waiting, ignore
from course.processes.simulated.space import Clock, ProcessSpace, init
from course.processes.simulated.streams import CAPACITY, Pipe, PipeEnd, Sink, Source
from course.union import flags
from course.union.filesystem import UnionFilesystem

SECOND = 10**9  # nanoseconds
FOREVER = Waiting(lambda: False, reason="nothing at all")


def hang(_process, _argv):
    yield FOREVER
    return 0


def echo(process, argv):
    yield from process.print(" ".join(argv[1:]) + "\n")
    return 0


def copy(process, _argv):
    yield from process.write(1, (yield from process.read_all()))
    return 0


def nap(process, argv):
    yield from process.sleep(int(argv[1]) * SECOND)
    return 3


PROGRAMS = {"hang": hang, "echo": echo, "copy": copy, "nap": nap}
FILES = {
    **{f"/bin/{name}": builtin(name) for name in PROGRAMS},
    "/bin/unknown": builtin("unknown"),
    "/bin/elf": file(b"\x7fELF\0\1", 0o755),
    "/bin/script": file("#!/bin/echo with one argument\n", 0o755),
    "/bin/wrapped": file("#! /bin/script\n", 0o755),
    "/bin/endless": file("#!/bin/endless\n", 0o755),
    "/bin/plain": file("text\n", 0o755),
    "/bin/secret": file("#!builtin echo\n", 0o700),
    "/bin/data": file("text\n", 0o644),
    "/opt/echo": file("#!/bin/nosuch\n", 0o755),
    "/etc/motd": "welcome\n",
}


@pytest.fixture
def space():
    clock = Clock()
    return ProcessSpace(UnionFilesystem([Layer.of(FILES)], clock=clock), clock, programs=PROGRAMS)


def started(space, program, *argv, **more):
    """Start an init and a process, and return the process and what it will have written."""
    space.start(init)
    output = Sink()
    process = space.start(
        program, list(argv) or ["main"], {"PATH": "/bin"}, {0: Source(), 1: output, 2: output}, **more
    )
    return process, output.data


def finished(space, program, *argv):
    process, output = started(space, program, *argv)
    space.run(until=process)
    return process.status, output.decode()


def caught(process, action):
    """Run ``action`` and print the error's name, if there is one."""
    try:
        result = action()
        if hasattr(result, "send"):
            yield from result
    except OSError as error:
        yield from process.print(f"{errno.errorcode[error.errno]}\n")
    return 0


# Waiting


def test_numbers_run_on_and_are_not_used_twice(space):
    def main(process, _argv):
        for _ in range(3):
            child = process.run(["echo"])
            yield from process.print(f"{child.pid} ")
            yield from process.wait()
        return 0

    assert finished(space, main) == (0, "3 \n4 \n5 \n")


def test_a_child_is_a_zombie_until_it_is_waited_for(space):
    def main(process, _argv):
        child = process.run(["echo"])
        yield from process.sleep(SECOND)
        before = child.is_zombie, child.pid in space.processes
        pid, status = yield from process.wait()
        yield from process.print(
            f"{before} {pid == child.pid} {status} {child.is_zombie} {child.pid in space.processes}"
        )
        return 0

    assert finished(space, main) == (0, "\n(True, True) True 0 False False")


def test_one_child_may_be_waited_for_by_number_and_only_a_child(space):
    def main(process, _argv):
        first, second = process.run(["nap", "5"]), process.run(["nap", "1"])
        yield from process.print(f"{(yield from process.wait(first.pid))} {second.is_zombie} ")
        yield from process.print(f"{(yield from process.wait())} ")
        yield from caught(process, process.wait)
        yield from caught(process, lambda: process.wait(1))
        return 0

    assert finished(space, main) == (0, "(3, 3) True (4, 3) ECHILD\nECHILD\n")


def test_orphans_go_to_pid_1_which_takes_them_in(space):
    def main(process, _argv):
        process.run(["nap", "5"])
        return 0
        yield

    process, _output = started(space, main)
    space.run(until=process)
    first, orphan = space.processes.values()
    assert orphan.parent is first
    space.run()
    assert list(space.processes.values()) == [first]


def test_zombies_stay_if_pid_1_waits_for_nobody(space):
    def child(process, _argv):
        process.run(["echo"])
        yield from process.sleep(SECOND)
        return 0

    def main(process, _argv):
        process.fork(child)
        yield FOREVER
        return 0

    space.start(main)
    space.run()
    assert [(process.pid, process.is_zombie) for process in space.processes.values()] == [
        (1, False),
        (2, True),
        (3, True),
    ]


def test_time_moves_when_all_wait(space):
    assert finished(space, nap, "nap", "100") == (3, "")
    assert 100 * SECOND <= space.clock() < 100 * SECOND + SECOND // 100


def test_sleepers_wake_in_the_order_of_their_alarms(space):
    def sleeper(process, argv):
        yield from process.sleep(int(argv[0]) * SECOND)
        yield from process.print(argv[0])
        return 0

    def main(process, _argv):
        for seconds in "312":
            process.fork(sleeper, [seconds])
        for _ in range(3):
            yield from process.wait()
        return 0

    assert finished(space, main) == (0, "123")


def test_a_deadline_stops_the_run_and_not_the_processes(space):
    process, _output = started(space, nap, "nap", "10")
    space.run(deadline=4 * SECOND)
    assert (process.status, space.clock()) == (None, 4 * SECOND)
    space.run(until=process)
    assert process.status == 3


def test_that_nothing_can_ever_run_again_is_told_with_the_reasons(space):
    def main(process, _argv):
        child = process.run(["hang"])
        yield from process.wait(child.pid)
        return 0

    process, _output = started(space, main)
    message = "process 1 (init) waits for a child to end; process 2 (main) waits for process 3 to end; "
    with pytest.raises(Deadlock) as raised:
        space.run(until=process)
    assert str(raised.value) == message + "process 3 (hang) waits for nothing at all"
    space.run()


def test_the_same_run_happens_again_step_by_step():
    def talker(process, argv):
        for _ in range(3):
            yield from process.print(argv[0])
            yield TURN
        return 0

    def main(process, _argv):
        for name in "abc":
            process.fork(talker, [name])
        for _ in range(3):
            yield from process.wait()
        return 0

    def once():
        return finished(ProcessSpace(UnionFilesystem([Layer.of({})]), Clock(), programs={}), main)

    assert once() == once() == (0, "abcabcabc")


# What a child has of its parent


def test_a_child_has_copies_of_what_its_parent_has(space):
    def child(process, _argv):
        process.fs.chdir("/etc")
        process.env["x"] = "child"
        process.close(0)
        yield from process.print(f"{process.fs.getcwd()} {process.env['x']} {0 in process.fds} ")
        return 0

    def main(process, _argv):
        process.env["x"] = "parent"
        process.fork(child)
        yield from process.wait()
        yield from process.print(f"{process.fs.getcwd()} {process.env['x']} {0 in process.fds}")
        return 0

    assert finished(space, main) == (0, "/etc child False / parent True")


def test_parent_and_child_share_the_offset_of_an_open_file(space):
    def child(process, _argv):
        yield from process.read(3, 3)
        return 0

    def main(process, _argv):
        process.open("/etc/motd", flags.O_RDONLY)
        process.fork(child)
        yield from process.wait()
        yield from process.print((yield from process.read(3, 100)).decode())
        return 0

    assert finished(space, main) == (0, "come\n")


def test_the_lowest_free_descriptor_is_given(space):
    def main(process, _argv):
        numbers = [process.open("/etc/motd", flags.O_RDONLY), *process.pipe()]
        process.close(3)
        process.close(0)
        numbers += process.pipe()
        process.dup2(1, 9)
        yield from process.write(9, f"{numbers} {sorted(process.fds)}\n".encode())
        yield from caught(process, lambda: process.close(77))
        yield from caught(process, lambda: process.dup2(77, 1))
        yield from caught(process, lambda: process.read(77, 1))
        yield from caught(process, lambda: process.write(3, b"x"))
        yield from caught(process, lambda: process.read(1, 1))
        return 0

    assert finished(space, main) == (0, "[3, 4, 5, 0, 3] [0, 1, 2, 3, 4, 5, 9]\nEBADF\nEBADF\nEBADF\nEBADF\n")


# Pipes


def test_a_pipe_ends_when_the_last_writer_closes_it(space):
    def main(process, _argv):
        reading, writing = process.pipe()
        child = process.fork(copy)
        child.dup2(reading, 0)
        child.close(writing)
        yield from process.write(writing, b"through the pipe")
        process.close(writing)
        return (yield from process.wait())[1]

    assert finished(space, main) == (0, "through the pipe")


def test_a_pipe_holds_64_kib_and_then_its_writer_waits(space):
    def main(process, _argv):
        reading, writing = process.pipe()
        process.fork(lambda child, _argv: caught(child, lambda: child.write(writing, bytes(CAPACITY + 1))))
        yield from process.sleep(SECOND)
        waiting = process.children[0].waiting.reason
        data = yield from process.read(reading, 10 * CAPACITY)
        yield from process.print(f"{waiting} {len(data)}")
        return 0

    assert finished(space, main) == (0, f"room to write {CAPACITY}")


def test_short_writes_to_a_pipe_are_not_torn(space):
    pipe = Pipe()
    reader, writer = PipeEnd(pipe, reads=True), PipeEnd(pipe, writes=True)
    assert writer.write(bytes(CAPACITY - 10)) == CAPACITY - 10
    assert not writer.writable()
    assert (writer.write(bytes(100)), writer.write(bytes(10))) == (0, 10)
    assert len(reader.read(CAPACITY)) == CAPACITY


def test_writing_to_a_pipe_that_nobody_reads_ends_a_process_unless_it_ignores_that(space):
    def main(process, _argv):
        reading, writing = process.pipe()
        process.close(reading)
        for ignored in (False, True):
            child = process.fork(lambda child, _argv: caught(child, lambda: child.write(writing, b"x")))
            if ignored:
                child.handlers[signals.SIGPIPE] = ignore
            yield from process.print(f"{(yield from process.wait())[1]} ")
        return 0

    assert finished(space, main) == (0, "141 EPIPE\n0 ")


def test_a_pipe_with_a_name_joins_processes_whichever_opens_it_first(space):
    def reader(process, _argv):
        process.open("/etc/fifo", flags.O_RDONLY)
        yield from process.print((yield from process.read_all(3)).decode())
        return 0

    def writer(process, _argv):
        process.open("/etc/fifo", flags.O_WRONLY)
        yield from process.write(3, b"by name ")
        yield from process.sleep(SECOND)
        yield from process.write(3, b"and again\n")
        return 0

    def main(process, _argv):
        process.fs.mknod("/etc/fifo", 0o010644)
        for pair in ((reader, writer), (writer, reader)):
            for program in pair:
                process.fork(program)
                yield from process.sleep(SECOND)
            yield from process.wait()
            yield from process.wait()
        return 0

    assert finished(space, main) == (0, "by name and again\n" * 2)


# Programs


def becoming(*words):
    """Return a program that becomes another."""

    def main(process, _argv):
        yield TURN
        process.exec(list(words))

    return main


def test_a_program_is_looked_up_in_path_and_knows_its_name(space):
    assert finished(space, becoming("echo", "hello")) == (0, "hello\n")


@pytest.mark.parametrize(
    ("argv", "printed"),
    [
        (["/bin/script", "x"], "with one argument /bin/script x\n"),
        (["script"], "with one argument /bin/script\n"),
        (["/bin/wrapped", "x"], "with one argument /bin/script /bin/wrapped x\n"),
    ],
)
def test_a_line_with_an_interpreter_is_followed(space, argv, printed):
    assert finished(space, becoming(*argv)) == (0, printed)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("nosuch", errno.ENOENT),
        ("/bin/nosuch", errno.ENOENT),
        ("", errno.EACCES),
        ("/bin", errno.EACCES),
        ("data", errno.EACCES),
        ("/bin/data", errno.EACCES),
        ("/bin/data/x", errno.ENOTDIR),
        ("/opt/echo", errno.ENOENT),
        ("endless", errno.ELOOP),
        ("plain", errno.ENOEXEC),
        ("elf", errno.ENOEXEC),
        ("unknown", errno.ENOEXEC),
    ],
)
def test_what_cannot_be_run_is_refused_with_the_errno_of_execve(space, name, number):
    def main(process, _argv):
        with pytest.raises(OSError) as raised:
            process.run([name])
        assert raised.value.errno == number
        return 0
        yield

    assert finished(space, main)[0] == 0


def test_a_program_that_only_a_real_machine_can_run_is_refused_in_words(space):
    with pytest.raises(ForeignProgram, match="runs only the course's built-in programs; the real runtime runs others"):
        space.start(["/bin/elf"])
    assert space.processes == {}


def test_who_may_not_run_a_file_is_not_let(space):
    learner = space.fs.with_credentials(1000, 1000)
    with pytest.raises(PermissionError):
        space.start(["/bin/secret"], fs=learner)


def test_a_new_program_keeps_only_that_signals_are_ignored(space):
    def main(process, _argv):
        process.handlers = {signals.SIGTERM: ignore, signals.SIGHUP: print}
        child = process.run(["hang"])
        yield from process.print(f"{child.handlers == {signals.SIGTERM: ignore}}")
        return 0

    assert finished(space, main) == (0, "True")


# Signals


@pytest.mark.parametrize("signal", [signals.SIGTERM, signals.SIGKILL, signals.SIGINT, signals.SIGHUP, signals.SIGUSR1])
def test_most_signals_end_a_process(space, signal):
    process, _output = started(space, hang)
    space.run()
    space.kill(process.pid, signal)
    assert process.status == 128 + signal
    assert process.pid not in space.processes


@pytest.mark.parametrize("signal", [signals.SIGCHLD, signals.SIGCONT, signals.SIGWINCH, signals.SIGURG])
def test_some_signals_do_nothing(space, signal):
    process, _output = started(space, hang)
    space.kill(process.pid, signal)
    assert process.status is None


def test_a_process_that_ends_itself_goes_no_further(space):
    def main(process, _argv):
        yield from process.print("before")
        process.kill(process.pid, signals.SIGTERM)
        yield from process.print("after")
        return 0

    assert finished(space, main) == (143, "before")


def test_what_a_program_has_begun_is_put_back_when_a_signal_ends_it(space):
    def main(process, _argv):
        try:
            yield FOREVER
        finally:
            process.fs.mkdir("/etc/put_back")

    process, _output = started(space, main)
    space.run()
    space.kill(process.pid, signals.SIGKILL)
    assert "put_back" in space.fs.listdir("/etc")


def test_a_handler_runs_instead_of_the_default(space):
    received = []

    def main(process, _argv):
        process.handlers[signals.SIGTERM] = received.append
        yield Waiting(lambda: bool(received))
        return 7

    process, _output = started(space, main)
    space.run()
    space.kill(process.pid, signals.SIGTERM)
    space.run()
    assert (process.status, received) == (7, [signals.SIGTERM])


def test_no_handler_helps_against_sigkill_and_sigstop(space):
    process, _output = started(space, hang)
    process.handlers = {signals.SIGKILL: ignore, signals.SIGSTOP: ignore}
    space.kill(process.pid, signals.SIGSTOP)
    assert process.stopped
    space.kill(process.pid, signals.SIGKILL)
    assert process.status == 137


def test_a_stopped_process_goes_on_when_it_is_told_to(space):
    process, output = started(space, echo, "echo", "done")
    space.kill(process.pid, signals.SIGSTOP)
    space.run()
    assert (process.status, bytes(output)) == (None, b"")
    space.kill(process.pid, signals.SIGCONT)
    space.run()
    assert (process.status, bytes(output)) == (0, b"done\n")


def test_a_signal_waits_for_a_stopped_process_to_go_on(space):
    process, _output = started(space, hang)
    space.kill(process.pid, signals.SIGSTOP)
    space.kill(process.pid, signals.SIGTERM)
    assert process.status is None
    space.kill(process.pid, signals.SIGCONT)
    assert process.status == 143


def test_a_frozen_space_stands_still(space):
    process, _output = started(space, echo)
    space.freeze()
    space.run()
    space.kill(process.pid, signals.SIGTERM)
    assert process.status is None
    with pytest.raises(Deadlock, match=r"process 2 \(main\) is frozen"):
        space.run(until=process)
    space.thaw()
    assert process.status == 143


def test_sigkill_reaches_a_frozen_process(space):
    process, _output = started(space, hang)
    space.freeze()
    space.kill(process.pid, signals.SIGKILL)
    assert process.status == 137


def test_a_signal_may_be_sent_to_a_group_or_to_all_others(space):
    def main(process, _argv):
        children = [process.run(["hang"]) for _ in range(4)]
        children[0].group = children[1].group = 50
        process.kill(-50, signals.SIGTERM)
        yield from process.print(f"{[child.status for child in children]} ")
        process.kill(-1, signals.SIGINT)
        yield from process.print(f"{[child.status for child in children]} ")
        process.kill(0, signals.SIGHUP)
        return 0

    assert finished(space, main) == (129, "[143, 143, None, None] [143, 143, 130, 130] ")


def test_kill_tells_who_is_not_there_and_who_may_not(space):
    def main(process, _argv):
        for pid, signal in ((99, 15), (-99, 15), (1, 0), (1, 65), (1, -1)):
            yield from caught(process, lambda pid=pid, signal=signal: process.kill(pid, signal))
        return 0

    started(space, main, fs=space.fs.with_credentials(1000, 1000))
    process, output = started(space, main, fs=space.fs.with_credentials(1000, 1000))
    space.run(until=process)
    assert output.decode().split() == ["ESRCH", "ESRCH", "EPERM", "EINVAL", "EINVAL"]


# PID 1


def test_pid_1_gets_no_signal_that_it_has_no_handler_for(space):
    first = space.start(hang)
    for signal in (signals.SIGTERM, signals.SIGINT, signals.SIGHUP):
        space.kill(1, signal)
    assert first.status is None
    first.handlers[signals.SIGTERM] = lambda _signal: first.env.update(got="it")
    space.kill(1, signals.SIGTERM)
    assert first.env == {"got": "it"}


def test_not_even_sigkill_from_inside_reaches_pid_1(space):
    def main(process, _argv):
        for signal in (signals.SIGKILL, signals.SIGSTOP, signals.SIGTERM):
            process.kill(1, signal)
        return 0
        yield

    assert finished(space, main)[0] == 0
    assert space.processes[1].status is None
    assert not space.processes[1].stopped


def test_sigkill_and_sigstop_from_outside_reach_pid_1(space):
    first = space.start(hang)
    space.kill(1, signals.SIGSTOP)
    assert first.stopped
    space.kill(1, signals.SIGKILL)
    assert first.status == 137


def test_when_pid_1_ends_all_others_are_killed(space):
    def main(process, _argv):
        process.run(["hang"])
        process.run(["nap", "5"])
        yield from process.sleep(SECOND)
        return 4

    first = space.start(main, env={"PATH": "/bin"})
    children = first.children
    space.run()
    assert (first.status, space.processes) == (4, {})
    assert [child.status for child in children] == [137, 137]
    assert space.clock() < 2 * SECOND


# Accidents


def test_there_can_be_only_so_many_processes(space):
    def main(process, _argv):
        while True:
            process.run(["hang"])
            yield TURN

    started(space, main)
    space.limit = 20
    with pytest.raises(BlockingIOError):
        space.run()
    assert len(space.processes) <= 20


def test_after_an_interrupt_the_others_can_go_on(space):
    def main(process, _argv):
        process.run(["nap", "5"])
        yield TURN
        raise KeyboardInterrupt

    process, _output = started(space, main)
    with pytest.raises(KeyboardInterrupt):
        space.run()
    assert (process.status, space.current) == (130, None)
    orphan = space.processes[3]
    space.run()
    assert orphan.status == 3
    assert list(space.processes) == [1]


def test_a_fault_of_a_program_is_raised_and_its_process_is_gone(space):
    def main(_process, _argv):
        yield TURN
        raise ZeroDivisionError

    process, _output = started(space, main)
    with pytest.raises(ZeroDivisionError):
        space.run()
    assert list(space.processes) == [1]
    assert process.fds == {}


def test_an_endless_recursion_ends_as_on_a_real_machine(space):
    def main(process, argv):
        yield from main(process, argv)

    assert finished(space, main)[0] == 139

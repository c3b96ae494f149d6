"""What cannot be started is refused in the words of docker 20.10 with runc 1.1, and with its exit status.

Each case is held against what is written here, and, where there is one, against a real engine.
"""

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

from course.layers.entry import directory, file
from course.layers.image import Image
from course.layers.layer import Layer
from course.layers.small_image import small_image
from course.processes.runtime import Mount, ProcessSpec, Specification, StartError
from course.processes.simulated.runtime import SimulatedRuntime
from course.processes.simulated.space import Clock
from course.transport.from_host import image_from_host
from course.transport.writing import save_image
from course.union.read_write_layer import ReadWriteLayer
from course.union.view import UnionView

SECOND = 10**9  # nanoseconds
PATH = "PATH=/usr/bin:/bin"
RUNC = "OCI runtime create failed: runc create failed: unable to start container process: "
SHIM = "failed to create shim task: "
ADVICE = (
    ": Are you trying to mount a directory onto a file (or vice-versa)? "
    "Check if the specified host path exists and is the expected type"
)
FILES = {
    "/srv/secret": file("#!/bin/sh\necho hi\n", 0o700),
    "/etc/group": file("root:x:0:\n"),
    "/etc/passwd": file("root:x:0:0:root:/root:/bin/sh\n"),
    "/empty": file("", 0o755),
    "/nointerpreter": file("#!/nope\n", 0o755),
    "/plain": file("x\n", 0o755),
    "/root": directory(0o700),
    "/root/tool": file("#!/bin/sh\n", 0o755),
    "/text": file("text\n"),
}

REFUSED = {
    "no such program": ({}, ["nope"], 127, RUNC + 'exec: "nope": executable file not found in $PATH: unknown'),
    "an empty name": ({}, [""], 127, RUNC + 'exec: "": executable file not found in $PATH: unknown'),
    "a quoted name": ({}, ['a"b\\'], 127, RUNC + r'exec: "a\"b\\": executable file not found in $PATH: unknown'),
    "no such file": ({}, ["/nope"], 127, RUNC + 'exec: "/nope": stat /nope: no such file or directory: unknown'),
    "no such relative file": ({}, ["a/b"], 127, RUNC + 'exec: "a/b": stat a/b: no such file or directory: unknown'),
    "no program": ({}, ["/text"], 126, RUNC + 'exec: "/text": permission denied: unknown'),
    "a directory": ({}, ["/etc"], 126, RUNC + 'exec: "/etc": permission denied: unknown'),
    "below a file": ({}, ["/text/x"], 125, RUNC + 'exec: "/text/x": stat /text/x: not a directory: unknown' + ADVICE),
    "another's program": (
        {"user": "1000"},
        ["/srv/secret"],
        126,
        RUNC + "exec /srv/secret: permission denied: unknown",
    ),
    "another's directory": (
        {"user": "1000"},
        ["/root/tool"],
        126,
        RUNC + 'exec: "/root/tool": stat /root/tool: permission denied: unknown',
    ),
    "a relative PATH": (
        {"env": ("PATH=.",), "cwd": "/usr/bin"},
        ["ls"],
        125,
        RUNC + 'exec: "ls": cannot run executable found relative to current directory: unknown',
    ),
    "no PATH": ({"env": ("PATH=",)}, ["ls"], 127, RUNC + 'exec: "ls": executable file not found in $PATH: unknown'),
    "no such user": ({"user": "nobody"}, ["ls"], 125, "unable to find user nobody: no matching entries in passwd file"),
    "no such group": (
        {"user": "root:nogroup"},
        ["ls"],
        125,
        "unable to find group nogroup: no matching entries in group file",
    ),
    "a large user": ({"user": "2147483648"}, ["ls"], 125, "uids and gids must be in range 0-2147483647"),
    "a huge user": (
        {"user": "9" * 5000},
        ["ls"],
        125,
        f"unable to find user {'9' * 5000}: no matching entries in passwd file",
    ),
    "a negative user": ({"user": "-1"}, ["ls"], 125, "uids and gids must be in range 0-2147483647"),
    "a large group": ({"user": "root:99999999999"}, ["ls"], 125, "uids and gids must be in range 0-2147483647"),
}
ANSWERED = {  # those that runc starts, for which the container's own output says that they cannot be
    "no format": ({}, ["/plain"], 1, "exec /plain: exec format error\n"),
    "an empty file": ({}, ["/empty"], 1, "exec /empty: exec format error\n"),
    "no such interpreter": ({}, ["/nointerpreter"], 1, "exec /nointerpreter: no such file or directory\n"),
}
EXEC = "OCI runtime exec failed: exec failed: unable to start container process: "
REFUSED_EXECS = {
    "no such program": ({}, ["nope"], EXEC + 'exec: "nope": executable file not found in $PATH: unknown'),
    "no such file": ({}, ["/nope"], EXEC + 'exec: "/nope": stat /nope: no such file or directory: unknown'),
    "no program": ({}, ["/text"], EXEC + 'exec: "/text": permission denied: unknown'),
    "another's program": ({}, ["/srv/secret"], EXEC + "eaccess /srv/secret: permission denied: unknown"),
    "no such user": ({"user": "nobody"}, ["ls"], "unable to find user nobody: no matching entries in passwd file"),
    "no such directory": (
        {"cwd": "/nope"},
        ["ls"],
        EXEC + 'chdir to cwd ("/nope") set in config.json failed: no such file or directory: unknown',
    ),
    "a file as directory": (
        {"cwd": "/text"},
        ["ls"],
        EXEC + 'chdir to cwd ("/text") set in config.json failed: not a directory: unknown' + ADVICE,
    ),
    "a relative directory": (
        {"cwd": "there"},
        ["ls"],
        "OCI runtime exec failed: exec failed: Cwd must be an absolute path: unknown",
    ),
}


def layers(below):
    return (*below, Layer.of(FILES, parent=below[-1]))


@pytest.fixture
def runtime():
    return SimulatedRuntime(Clock())


def start(runtime, args, base=None, mounts=(), init=False, **process):
    stack = base or layers(small_image("base:1").layers)
    spec = ProcessSpec(tuple(args), **{"env": (PATH,), **process})
    runtime.start(Specification("c", stack, spec, mounts=mounts, init=init), ReadWriteLayer.on(UnionView(stack)))


@pytest.mark.parametrize("case", REFUSED)
def test_a_start_is_refused(runtime, case):
    process, args, status, message = REFUSED[case]
    with pytest.raises(StartError) as error:
        start(runtime, args, **process)
    assert (str(error.value), error.value.status) == (message, status)
    assert runtime.news() == []
    start(runtime, ["ls"])  # the name is still free
    assert [news.id for news in runtime.news()] == ["c"]


@pytest.mark.parametrize("case", ANSWERED)
def test_a_start_that_fails_late_is_told_by_the_container(runtime, case):
    process, args, status, output = ANSWERED[case]
    start(runtime, args, **process)
    runtime.run(lambda: False, SECOND)
    (news,) = runtime.news()
    assert (b"".join(each.data for each in news.output).decode(), news.status) == (output, status)


@pytest.mark.parametrize("case", REFUSED_EXECS)
def test_an_exec_is_refused(runtime, case):
    process, args, message = REFUSED_EXECS[case]
    start(runtime, ["sleep", "1000"], user="1000")
    with pytest.raises(StartError) as error:
        runtime.exec("c", ProcessSpec(tuple(args), **{"env": (PATH,), "user": "1000", **process}))
    assert (str(error.value), error.value.status) == (message, 126)
    assert [info.pid for info in runtime.ps("c")] == [1]


@pytest.mark.parametrize("init", [False, True])
def test_a_program_of_another_machine_is_refused_in_our_words(runtime, init):
    base = (Layer.of({"/bin/tool": file(b"\x7fELF\0\1", 0o755)}),)
    with pytest.raises(
        StartError, match=r"^/bin/tool: the simulator runs only the course's built-in programs"
    ) as error:
        start(runtime, ["tool"], base, init=init)
    assert error.value.status == 126


def test_a_working_directory_that_is_a_file_is_refused(runtime):
    with pytest.raises(StartError, match="error during container init: mkdir /text: not a directory: unknown: Are you"):
        start(runtime, ["ls"], cwd="/text")


def test_a_working_directory_cannot_be_made_where_nothing_can_be_written(runtime):
    runtime.trees["vol"] = ReadWriteLayer()
    with pytest.raises(StartError) as error:
        start(runtime, ["ls"], cwd="/data/deep", mounts=(Mount("/data", "vol", read_only=True),))
    assert str(error.value) == RUNC + "error during container init: mkdir /data/deep: read-only file system: unknown"
    assert error.value.status == 125
    assert not runtime._mounter.live


def test_a_directory_cannot_be_mounted_on_a_file(runtime):
    runtime.trees["vol"] = ReadWriteLayer()
    with pytest.raises(StartError, match="not a directory: unknown: Are you trying to mount a directory onto a file"):
        start(runtime, ["ls"], mounts=(Mount("/text", "vol"),))


@pytest.mark.parametrize("path", ["", "/", "..", "/../..", "a/../b", "/etc/\udcff", "x" * 300, "/" + "d/" * 300])
def test_odd_paths_end_in_an_answer_or_a_refusal(runtime, path):
    runtime.trees["vol"] = ReadWriteLayer()
    for given in ({"cwd": path}, {"mounts": (Mount(path, "vol"),)}, {"mounts": (Mount(path),)}):
        with contextlib.suppress(StartError):
            start(runtime, ["ls"], **given)
            runtime.run(lambda: False, runtime.clock.now + SECOND)
            runtime.news()


@pytest.mark.parametrize("user", [":", "::", " ", "\0", "٣", "+5", "root:", "a" * 100_000])
def test_odd_users_end_in_an_answer_or_a_refusal(runtime, user):
    with contextlib.suppress(StartError):
        start(runtime, ["id"], user=user)


@pytest.mark.parametrize("line", ["root", ":::", "root:x:" + "9" * 5000 + ":0::/:", "root:x:٣:x", "\udcff:x:0:0", "\0"])
def test_odd_lists_of_users_end_in_an_answer_or_a_refusal(runtime, line):
    base = layers(small_image("base:1").layers)
    text = (line + "\n").encode("utf-8", "surrogateescape")
    odd = Layer.of({"/etc/passwd": file(text), "/etc/group": file(text)}, parent=base[-1])
    for user in ("", "root", "0", "0:root", "root:0"):
        with contextlib.suppress(StartError):
            start(runtime, ["id"], (*base, odd), user=user)


# A real engine


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    sys.path.insert(0, str(Path(__file__).parents[2] / "real"))
    from debian_image import docker

    folder = tmp_path_factory.mktemp("runtime")
    image = Image.of(layers(image_from_host().layers), ["COPY"] * 5, ["words:1"], {})
    save_image([image], folder / "image.tar")
    with docker(folder) as (run, _data):
        run("load", "-i", folder / "image.tar")
        run("run", "-d", "--network", "none", "--name", "execs", "-u", "1000", "-e", PATH, "words:1", "sleep", "1000")
        try:
            yield run
        finally:
            run("rm", "-f", "execs")
    sys.path.pop(0)


def options(env=(PATH,), user="", cwd=""):
    return [*(word for pair in env for word in ("-e", pair)), *(["-u", user] * bool(user)), *(["-w", cwd] * bool(cwd))]


real = [pytest.mark.root, pytest.mark.linux, pytest.mark.peer("dockerd", "docker", "runc")]


def failed(engine, *words):
    with pytest.raises(subprocess.CalledProcessError) as error:
        engine(*words)
    return error.value


@pytest.mark.parametrize("case", [pytest.param(case, marks=real) for case in REFUSED])
def test_docker_refuses_a_start_in_the_same_words(engine, case):
    process, args, status, message = REFUSED[case]
    error = failed(engine, "run", "--rm", "--network", "none", *options(**process), "words:1", *args)
    said = error.stderr.splitlines()[0].removeprefix("docker: Error response from daemon: ").removesuffix(".")
    assert (said.removeprefix(SHIM), error.returncode) == (message, status)


@pytest.mark.parametrize("case", [pytest.param(case, marks=real) for case in ANSWERED])
def test_docker_starts_what_fails_late(engine, case):
    process, args, status, output = ANSWERED[case]
    error = failed(engine, "run", "--rm", "--network", "none", *options(**process), "words:1", *args)
    assert (error.stderr, error.returncode) == (output, status)


@pytest.mark.parametrize("case", [pytest.param(case, marks=real) for case in REFUSED_EXECS])
def test_docker_refuses_an_exec_in_the_same_words(engine, case):
    process, args, message = REFUSED_EXECS[case]
    error = failed(engine, "exec", *options(**process), "execs", *args)
    assert (error.stdout.strip(), error.returncode) == (message, 126)

"""The real engine, as root and as an ordinary user: containers start, are looked at, end, and leave nothing."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from course.engine.engine import Engine
from course.errors import DockerError, MachineError
from course.layers.layer import Layer
from course.transport.from_host import image_from_host

pytestmark = [pytest.mark.linux, pytest.mark.peer("ps", "pgrep")]
SOMEONE = 54321
BOX = "host:latest"

SCENARIO = """
import json, sys
from pathlib import Path
from course.engine.engine import Engine
from course.transport.from_host import image_from_host
engine = Engine(runtime="linux", directory=Path(sys.argv[1]))
engine.load([image_from_host()])
ran = engine.run("host:latest", "sh", "-c", "id -u; hostname; ps -o pid= -o comm=; kill -9 1; echo still here", rm=True,
                 hostname="box")
gone = engine.run("host:latest", "sh", "-c", "echo new > /etc/new; rm /etc/nsswitch.conf; exit 7", name="gone")
rights = engine.run("host:latest", "grep", "-E", "^(CapEff|NoNewPrivs|Seccomp):", "/proc/self/status", rm=True).stdout
descriptors = engine.run("host:latest", "sh", "-c", "echo /proc/self/fd/*", rm=True).stdout
try:
    refused = engine.run("host:latest", "id", "-u", user="7", rm=True).stdout.decode()
except Exception as error:
    refused = str(error)
box = engine.run("host:latest", "sleep", "100", detach=True)
try:
    engine.pause(box)
    paused = engine.container(box).state.status.value
except Exception as error:
    paused = str(error)
engine.rm(box, force=True)
print(json.dumps({
    "output": ran.stdout.decode(), "status": ran.status, "gone": gone.status,
    "diff": [str(change) for change in engine.diff("gone")], "rights": rights.decode(),
    "left": list(engine.containers), "refused": refused, "paused": paused,
    "descriptors": descriptors.decode(),
}))
engine.close()
"""


def leftovers():
    """Return what real containers leave: processes of the helper's, mounts, control groups (set of str)."""
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    helpers = [line for line in listed.splitlines() if "linux.helper" in line]
    mounts = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if "/real-" in line]
    return {*helpers, *mounts, *map(str, Path("/sys/fs/cgroup").glob("**/layer-by-layer-*"))}


@pytest.fixture(autouse=True)
def _leaves_nothing():
    before = leftovers()
    yield
    deadline = time.monotonic() + 5
    while leftovers() - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert leftovers() - before == set()


@pytest.fixture
def engine():
    with tempfile.TemporaryDirectory(prefix="real-") as folder:
        try:
            made = Engine(runtime="linux", directory=Path(folder, "store"))
            made.load([image_from_host()])
            made.run(BOX, "true", rm=True)
        except (MachineError, DockerError) as error:
            pytest.skip(f"left out: needs namespaces ({error})")
        yield made
        made.close()


def carried_out(*before):
    with tempfile.TemporaryDirectory(prefix="real-") as folder:
        if before:
            os.chown(folder, SOMEONE, SOMEONE)
        command = [*before, sys.executable, "-c", SCENARIO, f"{folder}/store"]
        environment = {**os.environ, "HOME": folder, "PYTHONPATH": str(Path(__file__).parents[3])}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.mark.root
@pytest.mark.parametrize("who", ["root", "an ordinary user"])
def test_a_container_is_what_the_lesson_says(who):
    drop = ["setpriv", f"--reuid={SOMEONE}", f"--regid={SOMEONE}", "--clear-groups"]
    told = carried_out(*([] if who == "root" else drop))
    uid, hostname, first, *_others, last = told["output"].splitlines()
    assert (uid, hostname, first.split(), last) == ("0", "box", ["1", "sh"], "still here")
    assert (told["status"], told["gone"]) == (0, 7)
    assert told["diff"] == ["C /etc", "A /etc/new", "D /etc/nsswitch.conf"]
    assert told["rights"].split()[1::2] == ["00000000a80425fb", "1", "2"]
    assert told["descriptors"].split()[:3] == [f"/proc/self/fd/{number}" for number in range(3)]
    assert len(told["left"]) == 1
    assert told["paused"] == "paused" if who == "root" else "only root may make control groups" in told["paused"]
    assert told["refused"] == "7\n" if who == "root" else "an ordinary user has one" in told["refused"]


def test_a_missing_program_is_refused_in_dockers_words(engine):
    with pytest.raises(DockerError, match="executable file not found") as refused:
        engine.run(BOX, "no-such-program")
    assert refused.value.status == 127


def test_an_exec_joins_the_first_process(engine):
    box = engine.run(BOX, "sleep", "100", detach=True)
    assert b"sleep 100" in engine.exec(box, "ps", "ax").stdout
    assert [info.command for info in engine.top(box)] == ["sleep 100"]
    engine.rm(box, force=True)


def test_a_detached_container_is_met_again_and_an_attached_one_is_not(engine):
    box = engine.run(BOX, "sleep", "100", detach=True, name="box")
    engine.close()
    again = Engine(runtime="linux", directory=engine.kept.path)
    assert again.container("box").is_running
    assert b"sleep" in again.exec(box, "ps", "ax").stdout
    again.kill("box")
    assert again.container("box").state.exit_code == 137
    again.rm("box")
    again.close()


def test_an_engine_killed_leaves_no_attached_container():
    with tempfile.TemporaryDirectory(prefix="real-") as folder:
        script = SCENARIO.split("ran = ")[0] + 'engine.run("host:latest", "sleep", "4321")'
        child = subprocess.Popen([sys.executable, "-c", script, f"{folder}/store"], start_new_session=True)
        deadline = time.monotonic() + 20
        while not _sleeping() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert _sleeping()
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        deadline = time.monotonic() + 2
        while _sleeping() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _sleeping()


def _sleeping():
    return subprocess.run(["pgrep", "-fx", "sleep 4321"], capture_output=True, check=False).returncode == 0


@pytest.mark.root
def test_a_paused_container_refuses_an_exec_and_goes_on(engine):
    box = engine.run(BOX, "sleep", "100", detach=True)
    engine.pause(box)
    with pytest.raises(DockerError, match="is paused"):
        engine.exec(box, "true")
    engine.unpause(box)
    assert engine.exec(box, "true").status == 0
    engine.rm(box, force=True)


def test_a_build_runs_its_steps_for_real_and_finds_them_again(engine):
    dockerfile = f"FROM {BOX}\nCOPY greeting /\nRUN cat greeting greeting > both; id -u > who\n"
    context = Layer.of({"/Dockerfile": dockerfile, "/greeting": "hi\n"})
    engine.build(context, tag=["made:1"])
    assert engine.run("made:1", "cat", "both", "who", rm=True).stdout == b"hi\nhi\n0\n"
    assert engine.build(context).id == engine.image("made:1").id
    assert not engine.containers


def test_what_is_not_real_yet_is_refused(engine):
    with pytest.raises(DockerError, match="loopback alone"):
        engine.run(BOX, "true", publish=["80:80"])
    with pytest.raises(DockerError, match="nothing goes back"):
        engine.undo()

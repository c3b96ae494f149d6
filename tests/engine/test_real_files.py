"""Files of real containers: all that the simulated engine's tests say of cp and volumes, and what only a kernel does.

Everything here is done as root, and once more as an ordinary user.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest
import test_engine_files as files
import test_engine_volumes as volumes
from test_engine_files import FILE, UNPACKING, content, refusal

from course.engine.engine import Engine
from course.errors import DockerError, MachineError
from course.layers.entry import FileEntry, Kind, directory, file, symlink
from course.layers.image import Image
from course.layers.layer import Layer
from course.processes.linux import probe
from course.transport.from_host import image_from_host

pytestmark = [pytest.mark.linux, pytest.mark.peer("ps")]
SOMEONE = 54321
LONG_AGO = 1_234_567_890_123_456_789
OTHERWISE = {
    "test_a_volume_comes_back_with_its_files_when_its_end_is_undone",  # nothing real goes back
    "test_what_a_process_wrote_comes_first_then_the_copy",
    "test_v_makes_a_folder_of_the_host_that_is_not_there",  # this machine's folders are not to be touched: see below
    "test_v_makes_a_folder_of_the_host_while_a_container_uses_another",
    "test_export_holds_what_docker_puts_into_every_container",  # files of a layer, which the image has too
}
for module in (files, volumes):  # each of their tests is one of these, with the engine of this module
    globals().update(
        {name: each for name, each in vars(module).items() if name[:5] == "test_" and name not in OTHERWISE}
    )


def left():
    """Return what real containers could leave behind: processes, mounts, descriptors of this process."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    own, found = {str(os.getpid())}, []
    for pid, parent, args in sorted(rows, key=lambda row: int(row[0])):
        if parent in own and "ps -eo" not in args:
            own.add(pid)
            found.append(pid)
    descriptors = [os.path.realpath(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")]
    return found, Path("/proc/self/mountinfo").read_text(), sorted(path for path in descriptors if "pipe:" not in path)


@pytest.fixture(scope="module")
def shared():
    """One engine for all tests of this module, with an image that has what the simulated base image has."""
    if probe.runtime() != "linux":
        pytest.skip("left out: needs namespaces")
    with tempfile.TemporaryDirectory(prefix="real-") as folder:
        made = Engine(runtime="linux", directory=Path(folder, "store"))
        try:
            made.load([image_from_host()])
            made.create("host:latest", "sh", name="base")
            made.cp_tar("base", "/", Layer.of({"/etc/motd": "welcome\n", "/tmp": directory(0o1777)}))
            made.commit("base", "base:1")
            made.rm("base")
            yield made
        finally:
            made.close()


@pytest.fixture
def engine(shared):
    before = left()
    yield shared
    shared.rm(*shared.containers, force=True)
    shared.volume_rm(*shared.volumes)
    deadline = time.monotonic() + 5
    while left() != before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left() == before
    root = shared.kept.path
    assert [*(root / "volumes").iterdir(), *(root / "containers").iterdir(), *(root / "tmp").iterdir()] == []


@pytest.fixture(params=["created", "running", "paused", "exited"])
def box(engine, request):
    """An engine with the container box in each of its states, as the simulated engine's tests have it."""
    if request.param == "paused" and os.geteuid() != 0:
        pytest.skip("left out: needs root")
    made = {"/there/old": "", "/plain": "", "/abs": symlink("/etc/motd"), "/dir": symlink("../etc")}
    engine.create("base:1", "sleep", "1000", name="box", volume=["vol:/vol", "locked:/locked:ro"])
    if request.param != "created":
        engine.start("box")
    engine.cp_tar("box", "/tmp", Layer.of({**made, "/broken": symlink("nowhere")}))
    if request.param == "paused":
        engine.pause("box")
    if request.param == "exited":
        engine.kill("box")
    return engine


@pytest.mark.root
@pytest.mark.peer("setpriv")
def test_all_of_this_as_an_ordinary_user():
    with tempfile.TemporaryDirectory(prefix="real-") as folder:
        os.chown(folder, SOMEONE, SOMEONE)
        somebody = ["setpriv", f"--reuid={SOMEONE}", f"--regid={SOMEONE}", "--clear-groups"]
        command = [*somebody, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
        environment = {**os.environ, "HOME": folder, "TMPDIR": folder}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stdout
        assert int(done.stdout.rsplit(" passed", 1)[0].split()[-1]) > 100  # they were not all left out


# What only a real one can do


@pytest.fixture
def outside(engine):
    """A folder of this machine, which everyone may read and write, with one file in it."""
    with tempfile.TemporaryDirectory(prefix="outside-") as folder:
        Path(folder).chmod(0o777)
        Path(folder, "file").write_text("secret")
        Path(folder, "file").chmod(0o666)
        yield Path(folder)


FLIPS = """
mkdir /tmp/a; echo inside > /tmp/a/file; ln -s {outside} /tmp/b
while :; do mv -T /tmp/a /tmp/x; mv -T /tmp/b /tmp/a; mv -T /tmp/x /tmp/b
            mv -T /tmp/b /tmp/x; mv -T /tmp/a /tmp/b; mv -T /tmp/x /tmp/a; done
"""


def test_no_copy_leads_out_while_a_directory_becomes_a_link_and_back(engine, outside):
    engine.run("base:1", "sh", "-c", FLIPS.format(outside=outside), name="box", detach=True)
    read, deadline = set(), time.monotonic() + 3
    while time.monotonic() < deadline:
        for copy in (
            lambda: read.add(content(engine, "/tmp/a/file")),
            lambda: read.update(
                each.read() for each in engine.cp_from("box", "/tmp/a/.").entries.values() if each.size
            ),
            lambda: engine.cp_to("box", "/tmp/a", FILE),
            lambda: engine.cp_to("box", "/tmp/a/new", FILE),
            lambda: engine.cp_tar("box", "/tmp/a", files.FOLDER),
        ):
            with suppress(DockerError):  # what is looked for may not be there at that moment
                copy()
    assert read
    assert b"secret" not in read
    assert [path.name for path in outside.iterdir()] == ["file"]
    assert (outside / "file").read_text() == "secret"


@pytest.mark.parametrize("state", ["created", "running"])
def test_a_link_that_leads_out_leads_to_a_place_inside(engine, outside, state):
    made = {
        "/out": symlink(str(outside)),
        "/up": symlink(f"../../../../../..{outside}"),
        "/proc": symlink("/proc/1/root"),
    }
    engine.create("base:1", "sleep", "1000", name="box")
    if state == "running":
        engine.start("box")
    engine.cp_tar("box", "/tmp", Layer.of(made))
    for name in ("out", "up", "proc"):
        for path in (f"/tmp/{name}/file", f"/tmp/{name}/."):
            assert "No such container:path" in refusal(engine, "cp_from", "box", path)
        assert "No such container:path" in refusal(engine, "cp_to", "box", f"/tmp/{name}/file/x", FILE)
    assert (outside / "file").read_text() == "secret"


def test_all_that_a_file_is_comes_back(box):
    big = b"0123456789abcdef" * (1 << 16)
    entries = {
        "/all": directory(0o2750, mtime_ns=1_000_000_007),
        "/all/other": file(big, 0o4711, mtime_ns=LONG_AGO),
        "/all/caf\udce9": file(b"its name is not UTF-8"),
        "/all/empty": file(b""),
        "/all/fifo": FileEntry(Kind.FIFO, 0o640),
        "/all/link": FileEntry(Kind.SYMLINK, 0o777, target="big", mtime_ns=5_000_000_000),
        "/all/marked": FileEntry(Kind.FILE, xattrs={"user.note": b"\x00\xff"}),
        "/all/big": FileEntry(Kind.FILE, 0o4711, mtime_ns=LONG_AGO, size=len(big), link_to="/all/other"),
    }
    box.cp_to("box", "/tmp", Layer(entries))
    found = box.cp_from("box", "/tmp/all").entries
    assert dict(found) == entries
    assert found["/all/big"].read() == found["/all/other"].read() == big


@pytest.mark.root
def test_owners_are_the_containers_and_no_one_out_here(engine):
    engine.create("base:1", "stat", "-c", "%u:%g %a", "/tmp/file", name="box")
    engine.cp_to("box", "/tmp/", Layer({"/file": file(b"", 0o600, uid=33, gid=34)}))
    entry = engine.cp_from("box", "/tmp/file").entries["/file"]
    assert (entry.uid, entry.gid) == (33, 34)
    assert engine.start_attached("box").stdout == b"33:34 600\n"
    data = engine.inspect("box")[0]["GraphDriver"]["Data"]
    found = Path(data["UpperDir"], "tmp", "file").stat()
    assert (found.st_uid, found.st_gid) == (100_033, 100_034)


def test_a_device_is_refused(engine):
    engine.create("base:1", name="box")
    device = Layer({"/null": FileEntry(Kind.CHARACTER_DEVICE, device=(1, 3))})
    assert refusal(engine, "cp_to", "box", "/tmp", device) == UNPACKING + "open /tmp/null: operation not permitted"


def test_a_file_that_grows_has_one_size(engine):
    script = "while :; do echo 0123456789 >> /tmp/log; done"
    engine.run("base:1", "sh", "-c", script, name="box", detach=True)
    engine.exec("box", "sh", "-c", "until test -s /tmp/log; do :; done")
    for _round in range(20):
        entry = engine.cp_from("box", "/tmp/log").entries["/log"]
        assert len(entry.read()) == entry.size


def test_what_was_copied_out_stays_when_the_container_goes(engine):
    engine.create("base:1", name="box")
    engine.cp_to("box", "/tmp/", FILE)
    layer = engine.cp_from("box", "/tmp/file")
    engine.commit("box", "mine")
    engine.rm("box")
    assert layer.entries["/file"].read() == b"content"
    assert engine.image("mine").image.layers[-1].entries["/tmp/file"].read() == b"content"
    engine.rmi("mine")


def test_inspect_tells_where_the_files_really_are(engine):
    engine.create("base:1", name="box", volume=["vol:/vol"])
    engine.cp_to("box", "/vol/", FILE)
    root = engine.kept.path
    (document,) = engine.inspect("vol", type="volume")
    (container,) = engine.inspect("box")
    assert document["Mountpoint"] == container["Mounts"][0]["Source"] == f"{root}/volumes/vol/_data"
    assert Path(document["Mountpoint"], "file").read_text() == "content"
    places = container["GraphDriver"]["Data"]
    assert [places[name].startswith(f"{root}/overlay2/") for name in ("UpperDir", "LowerDir", "MergedDir", "WorkDir")]
    assert Path(places["UpperDir"], "vol").is_dir()


def test_system_df_counts_what_lies_in_volumes(engine):
    engine.create("base:1", name="box", volume=["used:/data"])
    engine.cp_to("box", "/data/", FILE)
    (usage,) = (each for each in engine.system_df() if each.kind == "Local Volumes")
    assert (usage.total, usage.active, usage.size, usage.reclaimable) == (1, 1, 7, 0)


def test_a_volume_has_the_owner_and_mode_of_what_the_image_has_there(engine):
    ran = volumes.sh(engine, "stat -c '%a %Y' /tmp", volume=["data:/tmp"])
    plain = volumes.sh(engine, "stat -c '%a %Y' /tmp")
    assert ran.stdout == plain.stdout != b""


def test_v_makes_a_folder_of_this_machine_that_belongs_to_the_container(engine, outside):
    ran = volumes.sh(engine, "echo x > /out/file; stat -c %u /out", volume=[f"{outside}/new/out:/out"])
    assert (ran.stdout, ran.stderr) == (b"0\n", b"")
    assert (outside / "new" / "out" / "file").read_text() == "x\n"


def test_a_file_or_folder_of_this_machine_is_shown(engine, outside):
    places = [f"{outside}:/folder:ro", f"{outside}/file:/etc/motd"]
    ran = volumes.sh(engine, "cat /folder/file /etc/motd; echo new > /etc/motd; touch /folder/x", volume=places)
    assert (ran.stdout, ran.status) == (b"secretsecret", 1)
    assert b"Read-only file system" in ran.stderr
    assert (outside / "file").read_text() == "new\n"


@pytest.mark.parametrize("state", ["created", "running"])
def test_cp_goes_into_bind_mounts_too(engine, outside, state):
    engine.create("base:1", "sleep", "1000", name="box", volume=[f"{outside}:/out", f"{outside}:/locked:ro"])
    if state == "running":
        engine.start("box")
    assert content(engine, "/out/file") == b"secret"
    engine.cp_to("box", "/out/new", FILE)
    assert (outside / "new").read_text() == "content"
    assert refusal(engine, "cp_to", "box", "/locked", FILE) == "mounted volume is marked read-only"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"mount": ["type=bind,source={}/no,target=/d"]}, "bind source path does not exist: {}/no"),
        ({"mount": ["type=bind,source=no,target=/d"]}, "invalid mount path: 'no' mount path must be absolute"),
        ({"volume": ["./no:/d"]}, 'create ./no: "./no" includes invalid characters for a local volume name'),
    ],
)
def test_a_folder_of_this_machine_that_cannot_be_is_refused_and_not_made(engine, outside, options, told):
    options = {name: [text.format(outside) for text in texts] for name, texts in options.items()}
    assert told.format(outside) in volumes.refusal(engine, "create", "base:1", **options)
    assert [path.name for path in outside.iterdir()] == ["file"]


def test_a_refused_container_leaves_no_volume_behind(engine):
    volumes.refusal(engine, "create", "base:1", volume=["first:/etc", "second:/etc/motd"])
    assert list((engine.kept.path / "volumes").iterdir()) == []


def test_volumes_last_as_long_as_their_record(engine):
    engine.create("base:1", name="box", volume=["kept:/etc", "/anonymous"])
    folder = engine.kept.path / "volumes"
    assert len(list(folder.iterdir())) == 2
    engine.rm("box", volumes=True)
    assert [path.name for path in folder.iterdir()] == ["kept"]
    assert (folder / "kept" / "_data" / "motd").read_text() == "welcome\n"
    assert engine.volume_prune(all=True) == ["kept"]
    assert list(folder.iterdir()) == []


def test_the_next_engine_finds_what_was_copied():
    with tempfile.TemporaryDirectory(prefix="real-") as folder:
        for is_first in (True, False):
            engine = Engine(runtime="linux", directory=Path(folder, "store"))
            try:
                if is_first:
                    engine.load([image_from_host()])
                    engine.create("host:latest", "cat", "/vol/file", "/tmp/file", name="box", volume=["vol:/vol"])
                    engine.cp_to("box", "/vol/", FILE)
                    engine.cp_to("box", "/tmp/", FILE)
                else:
                    assert content(engine, "/vol/file") == content(engine, "/tmp/file") == b"content"
                    assert engine.start_attached("box").stdout == b"contentcontent"
            finally:
                engine.close()


def test_a_folder_of_this_machine_that_is_gone_is_named(engine, outside):
    (outside / "gone").mkdir()
    engine.create("base:1", name="box", volume=[f"{outside}/gone:/out"])
    (outside / "gone").rmdir()
    with pytest.raises(MachineError, match=r"outside-.*/gone.*No such file"):
        engine.cp_to("box", "/out/", FILE)


def test_a_volume_gets_no_devices_of_an_image(engine):
    devices = {"/devices/null": FileEntry(Kind.CHARACTER_DEVICE, device=(1, 3)), "/devices/file": file(b"")}
    layers = engine.image("base:1").image.layers
    image = Image.of([*layers, Layer(devices, parent=layers[-1])], names=["devices:1"])
    engine.load([image])
    engine.create("devices:1", "true", name="box", volume=["vol:/devices"])
    assert engine.volume_filesystem("vol").listdir("/") == ["file"]
    engine.rm("box")
    engine.rmi("devices:1")

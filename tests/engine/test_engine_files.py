"""diff, export and cp: what a container's files are, and every rule of docker cp (as seen on docker 20.10)."""

import pytest

from course.engine.engine import Engine
from course.errors import DockerError
from course.layers.entry import directory, file, symlink
from course.layers.layer import Layer

FOLDER = Layer.of({"/folder/file": "content", "/folder/sub/deep": "deep"})
FILE = Layer.of({"/file": "content"})
UNPACKING = "Error processing tar file(exit status 1): "
LINKS = "ln -s /etc/motd /tmp/abs; ln -s ../etc /tmp/dir; ln -s nowhere /tmp/broken"


@pytest.fixture
def engine():
    engine = Engine(seed=0)
    engine.pull("base:1")
    return engine


@pytest.fixture(params=["created", "running", "paused", "exited"])
def box(engine, request):
    """An engine with the container box in each of its states; it has the volume vol, and links in /tmp."""
    script = f"mkdir /tmp/there; touch /tmp/there/old /tmp/plain; {LINKS}; sleep 1000"
    engine.create("base:1", "sh", "-c", script, name="box", volume=["vol:/vol", "locked:/locked:ro"])
    if request.param != "created":
        engine.start("box")
    if request.param == "paused":
        engine.pause("box")
    if request.param == "exited":
        engine.kill("box")
    if request.param == "created":
        made = {"/there/old": "", "/plain": "", "/abs": symlink("/etc/motd"), "/dir": symlink("../etc")}
        engine.cp_tar("box", "/tmp", Layer.of({**made, "/broken": symlink("nowhere")}))
    return engine


def refusal(engine, command, *args, **options):
    before = {name: dict(table) for name, table in engine.store.tables.items()}
    with pytest.raises(DockerError) as caught:
        getattr(engine, command)(*args, **options)
    assert engine.store.tables == before
    return str(caught.value)


def content(engine, path):
    return next(iter(engine.cp_from("box", path).entries.values())).read()


def names(engine, path):
    (top, *below) = sorted(engine.cp_from("box", path).entries)
    return [name.removeprefix(f"{top}/") for name in below]


def test_what_is_copied_in_can_be_copied_out(box):
    box.cp_to("box", "/tmp/there", FOLDER)
    layer = box.cp_from("box", "/tmp/there/folder")
    assert sorted(layer.entries) == ["/folder", "/folder/file", "/folder/sub", "/folder/sub/deep"]
    assert layer.entries["/folder/sub/deep"].read() == b"deep"


def test_a_file_goes_into_a_directory_under_its_name(box):
    for path in ("/tmp/there", "/tmp/there/", "tmp/there/.", "/tmp/../tmp/there"):
        box.cp_to("box", path, FILE)
    assert names(box, "/tmp/there") == ["file", "old"]


def test_a_file_takes_the_name_of_what_is_not_there_and_the_place_of_a_file(box):
    box.cp_to("box", "/tmp/new", FILE)
    box.cp_to("box", "/tmp/plain", FILE)
    assert content(box, "/tmp/new") == content(box, "/tmp/plain") == b"content"


def test_a_folder_gets_a_new_name_or_goes_into_one(box):
    box.cp_to("box", "/tmp/new", FOLDER)
    assert names(box, "/tmp/new") == ["file", "sub", "sub/deep"]
    box.cp_to("box", "/tmp/new", FOLDER)
    assert "folder/sub/deep" in names(box, "/tmp/new")


def test_what_is_in_a_folder_goes_into_another_which_stays_as_it_is(box):
    source = Layer.of({"/folder": directory(0o700, uid=7), "/folder/file": "content"})
    box.cp_to("box", "/tmp/there", source, contents=True)
    assert names(box, "/tmp/there") == ["file", "old"]
    top = box.cp_from("box", "/tmp/there").entries["/there"]
    assert (top.mode, top.uid) == (0o755, 0)


def test_a_copy_goes_where_a_link_leads(box):
    box.cp_to("box", "/tmp/dir", FILE)
    box.cp_to("box", "/tmp/dir/new", FILE)
    box.cp_to("box", "/tmp/broken", FILE)
    box.cp_to("box", "/tmp/abs", FILE)
    for path in ("/etc/file", "/etc/new", "/tmp/nowhere", "/etc/motd"):
        assert content(box, path) == b"content"
    assert box.cp_from("box", "/tmp/abs").entries["/abs"].target == "/etc/motd"


def test_a_link_is_copied_as_one_unless_it_is_to_be_followed(box):
    assert box.cp_from("box", "/tmp/abs").entries["/abs"].target == "/etc/motd"
    followed = box.cp_from("box", "/tmp/abs", follow_link=True)
    assert followed.entries["/abs"].read() == content(box, "/etc/motd")
    assert "motd" in names(box, "/tmp/dir/.")


@pytest.mark.parametrize(
    ("path", "source", "told"),
    [
        ("/nosuch/x", FILE, "No such container:path: box:/nosuch"),
        ("/nosuch/", FILE, "no such directory"),
        ("", FILE, "no such directory"),
        ("/etc/motd", FOLDER, "cannot copy directory"),
        ("/etc/motd/x", FILE, "extraction point is not a directory"),
        ("/locked", FILE, "mounted volume is marked read-only"),
        (
            "/tmp",
            Layer.of({"/there": "a file"}),
            UNPACKING + 'cannot overwrite directory "/tmp/there" with non-directory "/tmp"',
        ),
        (
            "/tmp",
            Layer.of({"/plain/x": "in a folder"}),
            UNPACKING + 'cannot overwrite non-directory "/tmp/plain" with directory "/tmp"',
        ),
    ],
)
def test_a_copy_that_cannot_be_is_refused_and_leaves_nothing(box, path, source, told):
    assert refusal(box, "cp_to", "box", path, source) == told


@pytest.mark.parametrize(
    ("path", "options", "told"),
    [
        ("/nosuch", {}, "No such container:path: box:/nosuch"),
        ("/etc/motd/x", {}, "No such container:path: box:/etc/motd/x"),
        ("/tmp/broken", {"follow_link": True}, "No such container:path: box:/tmp/nowhere"),
        ("", {}, "bad parameter: pathcannot be empty"),
    ],
)
def test_what_is_not_there_cannot_be_copied_out(box, path, options, told):
    assert refusal(box, "cp_from", "box", path, **options) == told


def test_a_slash_says_that_a_directory_is_meant(box):
    for end in ("/", "/."):
        assert refusal(box, "cp_from", "box", f"/etc/motd{end}").endswith(f"/merged/etc/motd{end}: not a directory")


def test_a_volume_is_copied_into_and_not_the_directory_below_it(box):
    box.cp_to("box", "/vol/", FILE)
    assert box.run("base:1", "cat", "/data/file", volume=["vol:/data"]).stdout == b"content"
    assert "A /vol/file" not in [str(change) for change in box.diff("box")]


def test_looking_changes_nothing(box):
    before = {name: dict(table) for name, table in box.store.tables.items()}
    box.cp_from("box", "/etc")
    box.export("box")
    assert box.store.tables == before


def test_a_tar_goes_into_a_directory_and_makes_those_it_does_not_hold(box):
    box.cp_tar("box", "/tmp", Layer({"/a/b/c": file(b"deep")}))
    assert content(box, "/tmp/a/b/c") == b"deep"
    assert refusal(box, "cp_tar", "box", "/etc/motd", FILE) == 'destination "box:/etc/motd" must be a directory'
    assert refusal(box, "cp_tar", "box", "/nosuch", FILE) == 'destination "box:/nosuch" must be a directory'


@pytest.mark.parametrize("state", ["created", "running"])
def test_a_read_only_container_takes_copies_in_its_volumes_alone(engine, state):
    engine.create("base:1", "sleep", "1000", name="box", read_only=True, volume=["vol:/vol"])
    if state == "running":
        engine.start("box")
    assert refusal(engine, "cp_to", "box", "/etc/", FILE) == "container rootfs is marked read-only"
    engine.cp_to("box", "/vol/", FILE)
    assert content(engine, "/vol/file") == b"content"


def test_processes_see_at_once_what_is_copied_in(engine):
    engine.run("base:1", "sleep", "1000", name="box", detach=True)
    engine.cp_to("box", "/tmp/", FILE)
    assert engine.exec("box", "cat", "/tmp/file").stdout == b"content"


def test_cp_sees_neither_what_the_kernel_shows_nor_what_is_in_memory(engine):
    script = "echo secret > /t/file; sleep 1000"
    engine.run("base:1", "sh", "-c", script, name="box", detach=True, tmpfs=["/t"])
    for path in ("/t/file", "/dev/full", "/proc/1"):
        assert refusal(engine, "cp_from", "box", path) == f"No such container:path: box:{path}"
    engine.cp_to("box", "/t/", FILE)
    assert engine.exec("box", "ls", "/t").stdout == b"file\n"
    assert engine.exec("box", "cat", "/t/file").stdout == b"secret\n"


def test_the_files_that_docker_mounts_cannot_be_replaced(engine):
    engine.run("base:1", "sleep", "1000", name="box", detach=True)
    told = refusal(engine, "cp_to", "box", "/etc/hosts", FILE)
    assert told == UNPACKING + "unlinkat /etc/hosts: device or resource busy"
    assert b"localhost" in content(engine, "/etc/hosts")


def test_a_volume_that_another_container_uses_is_the_same_one(engine):
    engine.run("base:1", "sleep", "1000", name="uses", detach=True, volume=["vol:/there"])
    engine.create("base:1", name="box", volume=["vol:/here"])
    engine.cp_to("box", "/here/", FILE)
    assert engine.exec("uses", "cat", "/there/file").stdout == b"content"
    engine.exec("uses", "sh", "-c", "echo more > /there/more")
    assert content(engine, "/here/more") == b"more\n"


def test_what_a_process_wrote_comes_first_then_the_copy(engine):
    engine.run("base:1", "sh", "-c", "echo 1 > /tmp/f; sleep 1000", name="box", detach=True)
    engine.cp_to("box", "/tmp/f", Layer.of({"/x": "2"}))
    assert [str(change) for change in engine.diff("box")] == ["C /tmp", "A /tmp/f"]
    engine.undo()
    assert engine.exec("box", "cat", "/tmp/f").stdout == b"1\n"


@pytest.mark.parametrize(
    ("script", "changes"),
    [
        ("true", []),
        ("touch /tmp/x; rm /tmp/x", []),
        ("echo x > /etc/new", ["C /etc", "A /etc/new"]),
        ("rm /etc/motd", ["C /etc", "D /etc/motd"]),
        ("chmod 600 /etc/motd", ["C /etc", "C /etc/motd"]),
        ("mv /etc/motd /etc/m", ["C /etc", "A /etc/m", "D /etc/motd"]),
        ("touch /etc/hosts /etc/resolv.conf /dev/shm/x", []),
    ],
)
def test_diff_tells_what_was_written(engine, script, changes):
    engine.run("base:1", "sh", "-c", script, name="box")
    assert sorted(map(str, engine.diff("box")), key=lambda line: line[2:]) == changes


def test_export_holds_the_image_and_what_was_written_without_volumes(engine):
    engine.run("base:1", "sh", "-c", "rm /etc/motd; echo x > /new; echo y > /vol/y", name="box", volume=["vol:/vol"])
    entries = engine.export("box").entries
    assert {"/bin", "/new", "/vol"} <= entries.keys()
    assert not {"/etc/motd", "/vol/y"} & entries.keys()


def test_export_holds_what_docker_puts_into_every_container(engine):
    engine.create("base:1", name="box")
    entries = engine.export("box").entries
    assert entries["/.dockerenv"].size == entries["/etc/hosts"].size == entries["/etc/resolv.conf"].size == 0
    assert entries["/etc/mtab"].target == "/proc/mounts"
    assert (entries["/etc/hostname"].mode, entries["/etc/hostname"].size) == (0o755, 0)

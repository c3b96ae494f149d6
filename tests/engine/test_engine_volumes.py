"""Volumes: what is shared, what is copied into them, when they go, and what docker 20.10 refuses."""

import pytest

from course.engine.engine import Engine
from course.errors import DockerError
from course.layers.layer import Layer


@pytest.fixture
def engine():
    engine = Engine(seed=0)
    engine.pull("base:1")
    return engine


def refusal(engine, command, *args, **options):
    before = {name: dict(table) for name, table in engine.store.tables.items()}
    with pytest.raises(DockerError) as caught:
        getattr(engine, command)(*args, **options)
    assert caught.value.kept or engine.store.tables == before
    return str(caught.value)


def sh(engine, script, **options):
    return engine.run("base:1", "sh", "-c", script, rm=True, **options)


def test_what_one_container_writes_the_next_one_reads(engine):
    sh(engine, "echo kept > /data/file", volume=["data:/data"])
    assert sh(engine, "cat /other/file", volume=["data:/other"]).stdout == b"kept\n"


def test_containers_that_run_at_once_see_one_volume(engine):
    for name in ("one", "two"):
        engine.run("base:1", "sleep", "1000", name=name, detach=True, volume=["data:/data"])
    engine.exec("one", "sh", "-c", "echo now > /data/file")
    assert engine.exec("two", "cat", "/data/file").stdout == b"now\n"
    assert sh(engine, "cat /data/file", volume=["data:/data"]).stdout == b"now\n"


def test_an_empty_volume_gets_what_the_image_has_there_and_no_other_one_does(engine):
    assert "motd" in sh(engine, "ls /etc", volume=["etc:/etc"]).stdout.decode()
    sh(engine, "rm /etc/motd", volume=["etc:/etc"])
    assert "motd" not in sh(engine, "ls /etc", volume=["etc:/etc"]).stdout.decode()


@pytest.mark.parametrize(
    "options", [{"volume": ["vol:/etc:nocopy"]}, {"mount": ["source=vol,target=/etc,volume-nocopy"]}]
)
def test_a_volume_stays_empty_if_so_asked(engine, options):
    engine.create("base:1", name="box", **options)
    assert engine.volume_filesystem("vol").listdir("/") == []


def test_a_volume_of_another_container_is_not_filled(engine):
    engine.create("base:1", name="giver", volume=["vol:/etc:nocopy"])
    engine.create("base:1", name="taker", volumes_from=["giver"])
    assert engine.volume_filesystem("vol").listdir("/") == []


def test_a_volume_cannot_be_filled_from_a_file(engine):
    assert "is not directory" in refusal(engine, "create", "base:1", volume=["vol:/etc/motd"])


@pytest.mark.parametrize(
    "options",
    [
        {"volume": ["data:/data:ro"]},
        {"mount": ["source=data,target=/data,readonly"]},
        {"volumes_from": ["owner:ro"]},
    ],
)
def test_a_read_only_mount_cannot_be_written(engine, options):
    engine.create("base:1", name="owner", volume=["data:/data"])
    ran = sh(engine, "touch /data/x", **options)
    assert (ran.status, b"Read-only file system" in ran.stderr) == (1, True)


def test_a_volume_is_in_neither_diff_nor_commit(engine):
    engine.run("base:1", "sh", "-c", "echo x > /data/x", name="box", volume=["data:/data"])
    assert [str(change) for change in engine.diff("box")] == ["A /data"]
    engine.commit("box", "copy")
    assert list(engine.image("copy").image.layers[-1].entries) == ["/data"]


def test_rm_v_takes_anonymous_volumes_and_no_named_ones(engine):
    engine.create("base:1", name="box", volume=["/anon", "data:/data"])
    engine.rm("box", volumes=True)
    assert list(engine.volumes) == ["data"]


def test_rm_alone_leaves_anonymous_volumes(engine):
    engine.create("base:1", name="box", volume=["/anon"])
    engine.rm("box")
    assert len(engine.volumes) == 1


def test_a_container_that_removes_itself_takes_its_anonymous_volumes(engine):
    sh(engine, "true", volume=["/anon", "data:/data"])
    assert list(engine.volumes) == ["data"]


def test_an_anonymous_volume_stays_while_another_container_has_it(engine):
    engine.create("base:1", name="one", volume=["/anon"])
    engine.create("base:1", name="two", volumes_from=["one"])
    engine.rm("one", volumes=True)
    assert len(engine.volumes) == 1
    engine.rm("two", volumes=True)
    assert not engine.volumes


def test_a_volume_that_was_made_without_a_name_is_named_where_it_is_mounted_by_it(engine):
    name = engine.volume_create()
    engine.create("base:1", name="box", volume=[f"{name}:/data"])
    engine.rm("box", volumes=True)
    assert list(engine.volumes) == [name]


def test_volumes_of_an_image_are_anonymous(engine):
    engine.create("base:1", name="box")
    engine.commit("box", "mine", change=["VOLUME /data"])
    engine.create("mine", name="other")
    (point,) = engine.container("other").mounts
    assert (point.kind, point.destination, point.is_anonymous) == ("volume", "/data", True)


def test_a_volume_in_use_cannot_be_removed(engine):
    identity = engine.create("base:1", volume=["data:/data"])
    assert refusal(engine, "volume_rm", "data") == f"remove data: volume is in use - [{identity}]"
    engine.rm(identity)
    assert engine.volume_rm("data") == ["data"]


def test_what_can_be_removed_is_though_another_one_is_missing(engine):
    engine.volume_create("data")
    assert refusal(engine, "volume_rm", "nosuch", "data") == "get nosuch: no such volume"
    assert not engine.volumes
    assert engine.volume_rm("nosuch", force=True) == ["nosuch"]


def test_making_a_volume_that_is_there_changes_nothing(engine):
    engine.volume_create("data", label=["a=1", "b"])
    engine.volume_create("data", label=["a=2"])
    assert engine.volume("data").labels == {"a": "1", "b": ""}


def test_only_a_volume_that_was_made_by_hand_has_labels_to_show(engine):
    engine.create("base:1", volume=["one:/data"])
    engine.volume_create("two")
    documents = engine.inspect("one", "two", type="volume")
    assert [document["Labels"] for document in documents] == [None, {}]


def test_prune_takes_what_no_container_has_and_no_volume_with_options(engine):
    for name in ("unused", "used"):
        engine.volume_create(name)
    engine.volume_create("opted", opt=["type=tmpfs"])
    engine.create("base:1", volume=["used:/data"])
    assert engine.volume_prune(all=True) == ["unused"]


def test_a_volume_comes_back_with_its_files_when_its_end_is_undone(engine):
    sh(engine, "echo kept > /data/file", volume=["data:/data"])
    engine.volume_rm("data")
    engine.undo()
    assert sh(engine, "cat /data/file", volume=["data:/data"]).stdout == b"kept\n"


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ("name=data", ["data", "mydata"]),
        ("name=^data", ["data"]),
        ("name=(", []),
        ("dangling=true", ["mydata"]),
        ("dangling=0", ["data"]),
        ("label=tier", ["mydata"]),
        ("label=tier=front", []),
        ("driver=local", ["data", "mydata"]),
        ("driver=nfs", []),
    ],
)
def test_volumes_are_listed_by_filter(engine, filter_, found):
    engine.create("base:1", volume=["data:/data"])
    engine.volume_create("mydata", label=["tier=back"])
    assert [volume.name for volume in engine.volume_ls(filter=[filter_])] == found


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"volume": ["a b:/data"]}, 'create a b: "a b" includes invalid characters for a local volume name'),
        (
            {"mount": ["source=l,target=/data"]},
            "volume name is too short, names should be at least two alphanumeric characters",
        ),
        ({"volume": ["data:data"]}, "invalid mount path: 'data' mount path must be absolute"),
        ({"volume": ["data:/"]}, "invalid specification: destination can't be '/'"),
        ({"volume": ["data:/d:banana"]}, "invalid mode: banana"),
        ({"volume": ["one:/d", "two:/d"]}, "Duplicate mount point: /d"),
        ({"mount": ["source=data"]}, "target is required"),
        ({"mount": ["type=banana,target=/d"]}, "mount type unknown"),
        ({"mount": ["type=bind,source=/nosuch,target=/d"]}, "bind source path does not exist: /nosuch"),
        ({"volumes_from": ["nosuch"]}, "No such container: nosuch"),
        ({"volumes_from": ["box:banana"]}, "invalid mode: banana"),
    ],
)
def test_a_mount_that_makes_no_sense_is_refused(engine, options, told):
    engine.create("base:1", name="box", volume=["data:/data"])
    assert told in refusal(engine, "create", "base:1", **options)


def test_v_makes_a_folder_of_the_host_that_is_not_there(engine):
    sh(engine, "echo x > /out/file", volume=["/srv/new/out:/out"])
    assert sh(engine, "cat /in/out/file", volume=["/srv/new:/in"]).stdout == b"x\n"


def test_a_tmpfs_ends_with_the_process(engine):
    engine.run("base:1", "sh", "-c", "ls /t; touch /t/x", name="box", tmpfs=["/t:size=64k"])
    assert engine.start_attached("box").stdout == b""


def test_a_volume_with_cp_is_what_processes_see(engine):
    engine.create("base:1", "cat", "/data/new", name="box", volume=["data:/data"])
    engine.cp_to("box", "/data/", Layer.of({"/new": "copied"}))
    assert engine.start_attached("box").stdout == b"copied"


def test_a_copy_stays_in_a_volume_that_was_used_before(engine):
    engine.run("base:1", "true", name="box", volume=["data:/data"])
    engine.cp_to("box", "/data/", Layer.of({"/new": "copied"}))
    assert sh(engine, "cat /data/new", volume=["data:/data"]).stdout == b"copied"


def test_a_volume_that_a_container_uses_is_filled_under_its_eyes(engine):
    engine.run("base:1", "sleep", "1000", name="box", detach=True, volume=["data:/data"])
    engine.create("base:1", volume=["data:/etc"])
    assert b"motd" in engine.exec("box", "ls", "/data").stdout


def test_v_makes_a_folder_of_the_host_while_a_container_uses_another(engine):
    engine.run("base:1", "sleep", "1000", name="box", detach=True, volume=["/srv:/srv"])
    assert sh(engine, "echo x > /out/file", volume=["/srv/new:/out"]).status == 0
    assert engine.exec("box", "cat", "/srv/new/file").stdout == b"x\n"

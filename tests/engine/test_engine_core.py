"""The core of the engine: the store, how containers run and end, and files that containers share."""

import zipfile
from dataclasses import replace

import pytest

from course.engine import identity
from course.engine.command_line.carrying_out import run_line
from course.engine.configuring import merged
from course.engine.engine import Engine
from course.engine.filters import Filters
from course.engine.journal_file import read_journal, write_journal
from course.engine.limits import restart_policy
from course.engine.records import Status
from course.engine.store import Store
from course.errors import CourseError, DockerError
from course.layers.entry import file
from course.layers.layer import Layer
from course.layers.small_image import small_images

NOTE = Layer.of({"/note": "hello"})
SECOND = 10**9


@pytest.fixture
def engine():
    made = Engine(seed=0)
    made.load(list(small_images().values()))
    return made


def sh(engine, script, **options):
    return engine.run("base:1", "sh", "-c", script, **options)


# The store


def test_an_error_takes_all_changes_of_a_transaction_back():
    store = Store()
    store.put("volumes", "old", 1)

    def fail():
        with store.transaction():
            store.put("volumes", "new", 2)
            store.remove("volumes", "old")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert (store.tables["volumes"], store.changes) == ({"old": 1}, [])


def test_what_was_there_already_is_no_change():
    store = Store()
    with store.transaction() as changes:
        store.put("volumes", "a", record := object())
        store.put("volumes", "a", record)
        store.remove("volumes", "nope")
    assert len(changes) == 1


def test_undo_brings_the_order_of_a_table_back_too():
    store = Store()
    for key in "abc":
        store.put("volumes", key, key)
    with store.transaction() as changes:
        for key in "ab":
            store.remove("volumes", key)
        store.put("volumes", "a", "again")
    assert list(store.tables["volumes"]) == ["c", "a"]
    store.undo(changes)
    assert list(store.tables["volumes"].items()) == [("a", "a"), ("b", "b"), ("c", "c")]
    store.redo(tuple(changes))
    assert list(store.tables["volumes"].items()) == [("c", "c"), ("a", "again")]


def test_a_copy_of_a_store_goes_its_own_way():
    store = Store()
    with store.transaction() as changes:
        store.put("volumes", "a", 1)
    twin = store.copy()
    twin.undo(changes)
    assert (store.tables["volumes"], twin.tables["volumes"]) == ({"a": 1}, {})


# Ids, names, filters, a container's config


def test_ids_and_names_follow_from_the_seed_alone():
    assert Engine(seed=5).volume_create() == Engine(seed=5).volume_create() != Engine(seed=6).volume_create()
    many = {identity.identifier(0, number) for number in range(1000)}
    assert {len(one) for one in many} == {64}
    assert len(many) == 1000


def test_a_name_that_is_taken_gets_a_number(engine):
    engine.create("base:1", name="other")
    expected = engine.container(engine.create("base:1")).name
    engine.undo()
    engine.rename("other", expected)
    assert engine.container(engine.create("base:1")).name == f"{expected}1"


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["label"], "bad format of filter (expected name=value)"),
        (["nope=1"], "Invalid filter 'nope'"),
    ],
)
def test_a_filter_that_is_none_is_refused(texts, words):
    with pytest.raises(DockerError) as refusal:
        Filters.parse(texts, {"label"})
    assert str(refusal.value) == words


def test_a_filter_takes_what_one_of_its_values_takes():
    wanted = Filters.parse([" NAME = one ", "name=^two$"], {"name"})
    assert [wanted.matches("name", text) for text in ("one", "cone", "two", "two2")] == [True, True, True, False]
    assert wanted.matches("id", "anything")
    assert not Filters.parse(["name=["], {"name"}).matches("name", "[")


def test_a_flag_is_yes_or_no_or_refused():
    flags = [Filters.parse([f"dangling={text}"], {"dangling"}).flag("dangling") for text in ("1", "true", "0", "false")]
    assert flags == [True, True, False, False]
    assert Filters.parse([], {"dangling"}).flag("dangling") is None
    with pytest.raises(DockerError):
        Filters.parse(["dangling=maybe"], {"dangling"}).flag("dangling")


def test_until_counts_back_from_now():
    wanted = Filters.parse(["until=2m"], {"until"})
    assert [wanted.is_before(created * SECOND, now=200 * SECOND) for created in (79, 80, 81)] == [True, False, False]


@pytest.mark.parametrize(
    ("own", "config"),
    [
        ({}, {"Cmd": ["a"], "Entrypoint": ["e"]}),
        ({"Cmd": ["b"]}, {"Cmd": ["b"], "Entrypoint": ["e"]}),
        ({"Entrypoint": ["f"]}, {"Entrypoint": ["f"]}),
        ({"Entrypoint": ["f"], "Cmd": ["b"]}, {"Entrypoint": ["f"], "Cmd": ["b"]}),
        ({"Entrypoint": [], "Cmd": ["b"]}, {"Cmd": ["b"]}),
        ({"Entrypoint": []}, {}),
    ],
)
def test_an_entrypoint_of_ones_own_leaves_the_images_command_out(own, config):
    assert merged({"Cmd": ["a"], "Entrypoint": ["e"]}, own) == config


def test_what_says_nothing_comes_from_the_image():
    image = {"User": "u", "WorkingDir": "/w", "Env": ["A=1"], "Labels": {"l": "1", "m": "1"}, "Volumes": {"/v": {}}}
    own = {"User": "", "Labels": {"m": "2"}, "Env": ["B=1"], "StopTimeout": 0}
    assert merged(image, own) == {
        "User": "u",
        "WorkingDir": "/w",
        "Env": ["B=1", "A=1"],
        "Labels": {"l": "1", "m": "2"},
        "Volumes": {"/v": {}},
        "StopTimeout": 0,
    }


# The journal


def test_arguments_are_kept_as_they_were(engine, tmp_path):
    variables = ["A=1"]
    sh(engine, "sleep 1000", name="box", detach=True, env=(f"{name}=1" for name in "AB"))
    engine.create("base:1", env=variables)
    variables.append("C=1")
    assert engine.journal.events[-1].options["env"] == ("A=1",)
    engine.undo()
    assert engine.exec("box", "sh", "-c", "echo $A$B").stdout == b"11\n"
    write_journal(engine, tmp_path / "engine.zip")
    assert read_journal(tmp_path / "engine.zip").container("box").config == engine.container("box").config


def test_an_engine_comes_back_from_its_file_after_removals_were_undone(engine, tmp_path):
    for name in ("one", "two", "three"):
        engine.create("base:1", name=name)
    engine.rm("one", "two")
    engine.undo()
    pruned = engine.container_prune()
    write_journal(engine, tmp_path / "engine.zip")
    assert read_journal(tmp_path / "engine.zip").journal.events[-1].result == pruned


def test_a_file_with_damaged_bytes_is_refused(engine, tmp_path):
    path = tmp_path / "engine.zip"
    write_journal(engine, path)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        member = max(archive.infolist(), key=lambda info: info.compress_size)
    start = member.header_offset + 30 + len(member.filename)
    data[start : start + 40] = bytes(range(215, 255))
    path.write_bytes(data)
    with pytest.raises(CourseError, match="is no journal of an engine"):
        read_journal(path)


@pytest.mark.parametrize(
    ("old", "new"), [('"position": 1', '"position": -99999999999'), ('"position": 1', '"position": 2')]
)
def test_a_position_that_is_not_there_is_refused(engine, tmp_path, old, new):
    path, other = tmp_path / "engine.zip", tmp_path / "other.zip"
    write_journal(engine, path)
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(other, "w") as changed:
        for name in archive.namelist():
            data = archive.read(name)
            changed.writestr(name, data.replace(old.encode(), new.encode()) if name == "journal.json" else data)
    with pytest.raises(CourseError, match="is no journal of an engine"):
        read_journal(other)


def test_looking_into_a_running_container_changes_nothing_that_it_can_see(engine):
    sh(engine, "sleep 1000", name="box", detach=True, volume=["data:/data"])
    same = engine.at(engine.journal.position)
    engine.cp_from("box", "/")
    numbers = [each.exec("box", "ls", "-i", "/etc", "/bin").stdout for each in (engine, same)]
    assert numbers[0] == numbers[1]


# How containers run


def test_a_foreground_program_that_never_ends_goes_on_without_anyone_waiting(engine):
    ran = sh(engine, "echo begun; sleep 100000", name="box")
    assert (ran.status, ran.stdout, engine.container("box").state.status) == (None, b"begun\n", Status.RUNNING)
    assert engine.wait("box") == [None]


def test_detach_returns_at_once_and_the_foreground_waits(engine):
    before = engine.clock.now
    detached = sh(engine, "sleep 5; echo done", detach=True)
    assert engine.clock.now == before + SECOND
    assert (engine.container(detached).state.status, engine.logs(detached)) == (Status.RUNNING, ())
    ran = sh(engine, "sleep 5; echo done")
    assert (ran.status, ran.stdout, engine.container(detached).state.status) == (0, b"done\n", Status.EXITED)


def test_a_program_reads_what_was_typed_only_if_it_is_interactive(engine):
    assert engine.run("base:1", "cat", interactive=True, stdin=b"hello").stdout == b"hello"
    assert engine.run("base:1", "cat", stdin=b"hello").stdout == b""
    assert engine.run("base:1", "cat", interactive=True).status == 0
    waiting = engine.run("base:1", "cat", interactive=True, detach=True)
    engine.sleep(100)
    assert engine.container(waiting).is_running


def test_an_init_is_the_first_process(engine):
    assert sh(engine, "echo $$", init=True).stdout != b"1\n" == sh(engine, "echo $$").stdout


def test_a_user_is_a_number_or_a_name_that_the_image_knows(engine):
    assert sh(engine, "id -u; id -g", user="1000:7").stdout == b"1000\n7\n"
    with pytest.raises(DockerError, match="unable to find user nope"):
        sh(engine, "true", user="nope")


def test_no_more_processes_than_the_limit_start(engine):
    ran = sh(engine, "sleep 1 & sleep 1 & sleep 1 & wait", pids_limit=2)
    assert (ran.status, b"fork" in ran.stderr) == (2, True)


def test_a_read_only_root_can_be_written_where_something_is_mounted(engine):
    ran = sh(engine, "echo 1 > /file || echo 2 > /tmp/file; cat /tmp/file", read_only=True, tmpfs=["/tmp"])
    assert (ran.stdout, b"Read-only file system" in ran.stderr) == (b"2\n", True)


def test_exec_in_the_background_goes_on_by_itself(engine):
    sh(engine, "sleep 1000", name="box", detach=True)
    assert engine.exec("box", "sh", "-c", "sleep 3; echo hi > /f", detach=True).status == 0
    assert engine.exec("box", "cat", "/f").status == 1
    engine.sleep(5)
    assert engine.exec("box", "cat", "/f").stdout == b"hi\n"


def test_exec_of_nothing_is_refused(engine):
    sh(engine, "sleep 1000", name="box", detach=True)
    with pytest.raises(DockerError, match="No exec command specified"):
        engine.exec("box")


def test_nothing_runs_in_a_paused_container(engine):
    sh(engine, "while true; do echo x; sleep 1; done", name="box", detach=True)
    engine.pause("box")
    log = engine.logs("box")
    engine.sleep(50)
    assert engine.logs("box") == log
    with pytest.raises(DockerError, match="Container box is paused, unpause the container before exec"):
        engine.exec("box", "true")
    engine.unpause("box")
    assert engine.exec("box", "true").status == 0
    assert len(engine.logs("box")) > len(log)


# How they end


def test_wait_returns_the_exit_codes_in_order(engine):
    sh(engine, "sleep 9; exit 9", name="nine", detach=True)
    sh(engine, "exit 3", name="three")
    sh(engine, "sleep 4; exit 4", name="four", detach=True, rm=True)
    assert engine.wait("nine", "three") == [9, 3]
    assert "four" not in engine.store.tables["names"]


def test_rm_takes_a_stopped_container_and_its_anonymous_volumes_away(engine):
    sh(engine, "trap 'exit 5' TERM; while true; do sleep 1; done", name="box", detach=True, rm=True, volume=["/data"])
    assert (engine.stop("box"), engine.containers, engine.volumes) == (["box"], {}, {})


def test_restart_leaves_a_container_that_its_end_would_remove(engine):
    sh(engine, "sleep 1000", name="box", detach=True, rm=True)
    engine.restart("box", time=0)
    assert engine.container("box").state.status is Status.RUNNING
    engine.stop("box", time=0)
    assert not engine.containers


def test_a_stop_timeout_of_nothing_kills_at_once(engine):
    sh(engine, "trap '' TERM; while true; do sleep 1; done", name="box", detach=True, stop_timeout=0)
    before = engine.clock.now
    engine.stop("box")
    assert (engine.clock.now - before, engine.container("box").state.exit_code) == (SECOND, 137)


# Restart policies


@pytest.mark.parametrize(
    ("policy", "code", "restarts"),
    [("no", 1, 0), ("on-failure:2", 1, 2), ("on-failure:2", 0, 0), ("on-failure:0", 0, 0)],
)
def test_a_policy_starts_a_container_so_often(engine, policy, code, restarts):
    sh(engine, f"echo x; exit {code}", name="box", detach=True, restart=policy)
    engine.sleep(60)
    state = engine.container("box").state
    assert (state.status, state.restarts, len(engine.logs("box"))) == (Status.EXITED, restarts, restarts + 1)


@pytest.mark.parametrize("policy", ["always", "unless-stopped", "on-failure"])
def test_what_was_stopped_by_hand_stays_so(engine, policy):
    sh(engine, "sleep 20; exit 1", name="box", detach=True, restart=policy)
    engine.sleep(50)
    assert engine.container("box").state.restarts == 2
    engine.stop("box", time=0)
    engine.sleep(50)
    assert engine.container("box").state.status is Status.EXITED


def test_who_starts_a_container_by_hand_counts_anew(engine):
    sh(engine, "echo x; exit 1", name="box", detach=True, restart="on-failure:2")
    engine.sleep(10)
    engine.start("box")
    engine.sleep(10)
    assert (engine.container("box").state.restarts, len(engine.logs("box"))) == (2, 6)


def test_whoever_waits_for_an_end_is_told_of_the_first(engine):
    before = engine.clock.now
    ran = sh(engine, "echo x; exit 3", name="box", restart="always")
    assert (ran.status, ran.stdout, engine.wait("box")) == (3, b"x\n", [3])
    assert engine.clock.now - before == 2 * SECOND


def test_a_container_that_cannot_be_started_again_has_ended_and_stops_no_command(engine):
    engine.create("base:1", "/run", name="box", restart="always")
    engine.cp_to("box", "/", Layer.of({"/run": file(b"#!/bin/sh\nrm /run; exit 4\n", 0o755)}))
    engine.start("box")
    engine.sleep(5)
    state = engine.container("box").state
    assert (state.status, state.exit_code, "no such file" in state.error) == (Status.EXITED, 4, True)
    engine.undo()
    engine.redo()
    assert engine.start_attached(engine.create("base:1", "true")).status == 0


def test_between_two_starts_there_are_no_processes_to_look_at(engine):
    sh(engine, "exit 1", name="box", detach=True, restart="always")
    engine.sleep(30)
    assert engine.container("box").state.status is Status.RESTARTING
    for refused in (lambda: engine.top("box"), lambda: engine.exec("box", "true"), lambda: engine.pause("box")):
        with pytest.raises(DockerError, match="is restarting, wait until the container is running"):
            refused()
    engine.rm("box", force=True)
    engine.sleep(100)
    assert not engine.containers


@pytest.mark.parametrize("text", ["sometimes", "always:3", "on-failure:x", "on-failure:-1"])
def test_a_policy_that_is_none_is_refused(text):
    with pytest.raises(DockerError):
        restart_policy(text)


def test_time_that_jumps_brings_all_that_happens_meanwhile(engine):
    sh(engine, "sleep 3600; echo done", name="box", detach=True)
    engine.sleep(3599)
    assert engine.container("box").is_running
    engine.sleep(10)
    assert [part.data for part in engine.logs("box")] == [b"done\n"]


# Files that containers share


def files_of(engine, what):
    return engine.run("base:1", "ls", "/data", volume=[f"{what}:/data"], rm=True).stdout.decode().split()


def test_what_is_copied_into_a_volume_that_was_used_before_stays(engine):
    sh(engine, "echo one > /data/one", volume=["data:/data"], name="box")
    engine.cp_to("box", "/data/", NOTE)
    engine.sleep(1)
    assert files_of(engine, "data") == ["note", "one"]


@pytest.mark.parametrize("what", ["data", "/srv/data"])
@pytest.mark.parametrize("mode", ["", ":ro"])
def test_a_running_container_sees_what_is_copied_into_a_stopped_one(engine, what, mode):
    engine.create("base:1", name="stopped", volume=[f"{what}:/data"])
    sh(engine, "sleep 1000", name="running", detach=True, volume=[f"{what}:/data{mode}"])
    engine.cp_to("stopped", "/data/", NOTE)
    assert engine.exec("running", "cat", "/data/note").stdout == b"hello"
    engine.stop("running", time=0)
    assert files_of(engine, what) == ["note"]


def test_a_directory_on_the_host_is_made_while_containers_use_the_host(engine):
    sh(engine, "sleep 1000", name="running", detach=True, volume=["/srv/data:/data", "/srv:/srv"])
    sh(engine, "echo hi > /data/new", volume=["/srv/other:/data"])
    assert engine.exec("running", "ls", "/srv", "/srv/other").stdout.split() == (
        b"/srv: data other /srv/other: new".split()
    )


def test_a_volume_that_runs_empty_is_filled_for_all_who_see_it(engine):
    sh(engine, "sleep 1000", name="running", detach=True, volume=["data:/data"])
    engine.create("base:1", volume=["data:/etc"])
    assert b"motd" in engine.exec("running", "ls", "/data").stdout


def test_one_stops_and_another_goes_on_with_the_same_volume(engine):
    for name in ("one", "two"):
        sh(
            engine,
            "while true; do echo $HOSTNAME >> /data/log; sleep 1; done",
            name=name,
            detach=True,
            hostname=name,
            volume=["data:/data"],
        )
    engine.stop("one", time=0)
    engine.sleep(5)
    lines = engine.cp_from("one", "/data/log").entries["/log"].content.open().read().split()
    assert lines[-1] == b"two"
    assert len(lines) > 6


def test_a_container_that_is_not_in_any_network_can_be_connected_to_one(engine):
    engine.create("base:1", name="box", network="nope")
    engine.network_create("front")
    engine.network_connect("front", "box")
    assert "front" in engine.container("box").networks


def test_a_limit_of_processes_can_be_taken_away(engine):
    engine.create("base:1", "sh", "-c", "sleep 1 & sleep 1 & wait", name="box", pids_limit=2)
    assert engine.start_attached("box").status == 2
    engine.update("box", pids_limit=-1)
    assert engine.start_attached("box").status == 0


def test_a_dead_container_is_listed_as_such_is_not_started_and_can_be_removed(engine):
    engine.run("base:1", "true", name="box")
    record = engine.container("box")  # nothing here makes one dead: that takes a mount which someone else holds
    engine.store.tables["containers"][record.id] = replace(record, state=replace(record.state, status=Status.DEAD))
    assert [box.name for box in engine.ps(filter=["status=dead"])] == ["box"]
    assert engine.ps() == []
    assert run_line(engine, "docker ps -a --format '{{.Status}}'").text == "Dead\n"
    assert run_line(engine, "docker inspect -f '{{.State.Dead}} {{.State.Running}}' box").text == "true false\n"
    for start in (engine.start, engine.start_attached):
        with pytest.raises(DockerError, match="container is marked for removal and cannot be started"):
            start("box")
    engine.rm("box")
    assert not engine.containers

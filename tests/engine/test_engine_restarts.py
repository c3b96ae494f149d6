"""Restart policies: when docker starts a container again, and when it leaves it."""

import pytest

from course.engine.engine import Engine
from course.errors import DockerError

FAIL, END = ("sh", "-c", "exit 4"), ("true",)


@pytest.fixture
def engine():
    engine = Engine(seed=0)
    engine.pull("base:1")
    return engine


def state(engine, seconds=100):
    engine.sleep(seconds)
    found = engine.container("box").state
    return found.status.value, found.restarts


@pytest.mark.parametrize(
    ("policy", "words", "status", "restarts"),
    [
        ("no", FAIL, "exited", 0),
        ("on-failure", END, "exited", 0),
        ("on-failure:2", FAIL, "exited", 2),
    ],
)
def test_a_policy_ends(engine, policy, words, status, restarts):
    engine.run("base:1", *words, name="box", detach=True, restart=policy)
    assert state(engine) == (status, restarts)


@pytest.mark.parametrize(
    ("policy", "words"),
    [("always", END), ("unless-stopped", END), ("always", FAIL), ("on-failure", FAIL)],
)
def test_a_policy_goes_on_with_waits_that_double(engine, policy, words):
    engine.run("base:1", *words, name="box", detach=True, restart=policy)
    status, early = state(engine, 7)
    assert (status, early) == ("restarting", 7)  # after 0.1, 0.2, 0.4, 0.8, 1.6 and 3.2 seconds: 6.3 in all
    assert state(engine, 60)[1] - early == 3  # after 6.4, 12.8 and 25.6 seconds more


@pytest.mark.parametrize("command", ["stop", "kill"])
@pytest.mark.parametrize("policy", ["always", "unless-stopped", "on-failure"])
def test_who_stops_a_container_ends_its_restarts(engine, command, policy):
    engine.run("base:1", "sleep", "1000", name="box", detach=True, restart=policy)
    getattr(engine, command)("box")
    assert state(engine) == ("exited", 0)


def test_a_container_that_is_about_to_start_again_can_be_stopped(engine):
    engine.run("base:1", *FAIL, name="box", detach=True, restart="always")
    engine.sleep(20)
    assert engine.container("box").state.status.value == "restarting"
    engine.stop("box")
    assert state(engine)[0] == "exited"


def test_restarts_end_with_the_container(engine):
    engine.run("base:1", *FAIL, name="box", detach=True, restart="always")
    engine.rm("box", force=True)
    engine.sleep(100)
    assert not engine.containers


def test_a_policy_can_be_taken_away(engine):
    engine.run("base:1", *FAIL, name="box", detach=True, restart="always")
    engine.update("box", restart="no")
    assert state(engine)[0] == "exited"


def test_what_was_written_is_there_after_a_restart(engine):
    script = "echo x >> /count; [ $(wc -l < /count) -gt 2 ]"
    engine.run("base:1", "sh", "-c", script, name="box", detach=True, restart="on-failure")
    assert state(engine) == ("exited", 2)
    assert next(iter(engine.cp_from("box", "/count").entries.values())).read() == b"x\nx\nx\n"


def test_restarts_can_be_undone(engine):
    engine.run("base:1", *FAIL, name="box", detach=True, restart="always")
    before = engine.container("box").state
    engine.sleep(30)
    assert engine.container("box").state.restarts > before.restarts
    engine.undo()
    assert engine.container("box").state == before
    assert state(engine, 30)[1] > before.restarts


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"restart": "banana"}, "invalid restart policy 'banana'"),
        ({"restart": "always:3"}, "maximum retry count cannot be used with restart policy 'always'"),
        ({"restart": "on-failure:x"}, "maximum retry count must be an integer"),
        ({"restart": "on-failure:-1"}, "maximum retry count cannot be negative"),
        ({"restart": "always", "rm": True}, "Conflicting options: --restart and --rm"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(engine, options, told):
    with pytest.raises(DockerError, match=told):
        engine.create("base:1", **options)

"""docker ps: which containers are listed, by which filters, as seen on docker 20.10."""

import pytest

from course.engine.engine import Engine
from course.errors import DockerError

VOLUME = "/srv:/host"


@pytest.fixture(scope="module")
def engine():
    """An engine with containers in several states, each named for what it is."""
    engine = Engine(seed=0)
    engine.pull("base:1")
    engine.network_create("front")
    options = {"detach": True, "volume": ["vol:/data", VOLUME], "label": ["tier=front"], "network": "front"}
    engine.run("base:1", "sleep", "1000", name="web", publish=["8080:80", "9000:9000/udp"], expose=["7"], **options)
    engine.create("base:1", "true", name="other-web", publish=["80:80"], label=["tier=back"])
    engine.run("base:1", "sh", "-c", "exit 3", name="ended")
    engine.run("base:1", "true", name="ok")
    engine.run("base:1", "sleep", "1000", name="held", detach=True)
    engine.pause("held")
    engine.commit("ok", "child")
    engine.create("child", name="of-child")
    return engine


ALL = ["of-child", "held", "ok", "ended", "other-web", "web"]


def listed(engine, *filters, **options):
    return [container.name for container in engine.ps(filter=filters, **options)]


def refusal(engine, *filters):
    with pytest.raises(DockerError) as caught:
        engine.ps(filter=filters)
    return str(caught.value)


def test_ps_lists_what_runs_and_with_all_the_rest_too_the_newest_first(engine):
    assert listed(engine) == ["held", "web"]
    assert listed(engine, all=True) == ALL


def test_latest_and_last_count_containers_in_every_state(engine):
    assert listed(engine, latest=True) == ["of-child"]
    assert listed(engine, last=2) == ["of-child", "held"]
    assert listed(engine, "status=running", latest=True) == ["web"]
    assert listed(engine, last=0) == listed(engine, last=-1) == ["held", "web"]


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ("status=exited", ["ok", "ended"]),
        ("status=paused", ["held"]),
        ("status=created", ["of-child", "other-web"]),
        ("exited=3", ["ended"]),
        ("exited=0", ["ok"]),
        ("name=web", ["other-web", "web"]),
        ("name=web$", ["other-web", "web"]),
        ("name=^web", ["web"]),
        ("name=^/web$", ["web"]),
        ("name=w.b", ["other-web", "web"]),
        ("name=(ended|ok)", ["ok", "ended"]),
        ("name=(", []),
        ("label=tier", ["other-web", "web"]),
        ("label=tier=back", ["other-web"]),
        ("before=ended", ["other-web", "web"]),
        ("since=ok", ["of-child", "held"]),
        ("ancestor=base:1", ALL),
        ("ancestor=child", ["of-child"]),
        ("ancestor=base", []),
        ("ancestor=nosuch", []),
        ("volume=vol", ["web"]),
        ("volume=/data", ["web"]),
        ("volume=/srv", ["web"]),
        ("volume=vo", []),
        ("network=front", ["web"]),
        ("network=fro", []),
        ("publish=8080", ["web"]),
        ("publish=808", []),
        ("publish=80", []),
        ("publish=9000", []),
        ("publish=9000/udp", ["web"]),
        ("publish=8000-8100/tcp", ["web"]),
        ("expose=80", ["web"]),
        ("expose=7/tcp", ["web"]),
        ("health=none", ALL),
        ("health=healthy", []),
        ("is-task=true", []),
        ("is-task=false", ALL),
    ],
)
def test_a_filter_takes_some(engine, filter_, found):
    assert listed(engine, filter_, all=True) == found


def test_a_filter_by_status_looks_at_all_containers_and_others_only_at_those_that_run(engine):
    assert listed(engine, "status=exited") == ["ok", "ended"]
    assert listed(engine, "exited=3") == []


def test_values_of_one_key_are_alternatives_and_keys_add_up(engine):
    assert listed(engine, "name=^web", "name=ok", all=True) == ["ok", "web"]
    assert listed(engine, "status=exited", "exited=3") == ["ended"]


def test_a_container_is_found_by_the_beginning_of_its_id_and_by_that_of_its_network(engine):
    assert listed(engine, f"id={engine.container('ok').id[:12]}", all=True) == ["ok"]
    assert listed(engine, f"network={engine.network('front').id[:12]}") == ["web"]


@pytest.mark.parametrize(
    ("filter_", "told"),
    [
        ("status=banana", "Invalid filter 'status=banana'"),
        ("banana=1", "Invalid filter 'banana'"),
        ("label!=x", "Invalid filter 'label!'"),
        ("since=nosuch", "no such container nosuch"),
        ("health=banana", "Unrecognised filter value for health: banana"),
        ("exited=banana", 'strconv.Atoi: parsing "banana": invalid syntax'),
        (
            "expose=banana",
            'error while looking up for expose banana: strconv.ParseUint: parsing "banana": invalid syntax',
        ),
        ("is-task=banana", "Invalid filter 'is-task=[banana]'"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(engine, filter_, told):
    assert refusal(engine, filter_) == told


@pytest.mark.parametrize("text", ["expose=0-99999999999", "publish=²", "exited=²"])
def test_a_number_that_is_none_is_refused(engine, text):
    assert refusal(engine, text).endswith("invalid syntax")


@pytest.mark.parametrize("pattern", ["[", "[[a]", "(" * 5000, "a{99999999999}", "(?i)(?P<"])
def test_an_expression_that_cannot_be_read_matches_nothing(engine, pattern):
    assert listed(engine, f"name={pattern}", all=True) == []

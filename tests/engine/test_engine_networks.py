"""Networks: who is in which, by which address, and what docker 20.10 refuses."""

import pytest

from course.engine.engine import Engine
from course.errors import DockerError


@pytest.fixture
def engine():
    engine = Engine(seed=0)
    engine.pull("base:1")
    return engine


def refusal(engine, command, *args, **options):
    with pytest.raises(DockerError) as caught:
        getattr(engine, command)(*args, **options)
    return str(caught.value)


def sleeper(engine, name, **options):
    return engine.run("base:1", "sleep", "1000", name=name, detach=True, **options)


def addresses(engine, name):
    return {network: place.address for network, place in engine.container(name).networks.items()}


def test_an_engine_has_three_networks_from_the_start(engine):
    assert [(network.name, network.driver) for network in engine.network_ls()] == [
        ("bridge", "bridge"),
        ("host", "host"),
        ("none", "null"),
    ]


def test_a_container_has_an_address_while_it_runs(engine):
    sleeper(engine, "one")
    sleeper(engine, "two")
    assert (addresses(engine, "one"), addresses(engine, "two")) == ({"bridge": "172.17.0.2"}, {"bridge": "172.17.0.3"})
    engine.kill("one")
    assert addresses(engine, "one") == {"bridge": ""}
    sleeper(engine, "three")
    assert addresses(engine, "three") == {"bridge": "172.17.0.2"}


def test_a_container_can_be_in_several_networks(engine):
    engine.network_create("front")
    engine.network_create("back", subnet="10.77.0.0/24")
    sleeper(engine, "web", network="front")
    engine.network_connect("back", "web", alias=["db"], ip="10.77.0.9")
    assert addresses(engine, "web") == {"front": "172.18.0.2", "back": "10.77.0.9"}
    assert engine.container("web").networks["back"].aliases == ("db", engine.container("web").id[:12])
    engine.network_disconnect("front", "web")
    assert addresses(engine, "web") == {"back": "10.77.0.9"}


def test_only_running_containers_hold_a_network(engine):
    engine.network_create("front")
    engine.create("base:1", "true", name="made", network="front")
    sleeper(engine, "web", network="front")
    network = engine.network("front")
    told = f"error while removing network: network front id {network.id} has active endpoints"
    assert refusal(engine, "network_rm", "front") == told
    engine.kill("web")
    assert engine.network_rm("front") == ["front"]
    assert refusal(engine, "start", "made") == "network front not found"
    state = engine.container("made").state
    assert (state.status.value, state.error, state.exit_code) == ("created", "network front not found", 128)


def test_prune_takes_networks_that_no_container_is_in(engine):
    for name in ("empty", "held"):
        engine.network_create(name)
    engine.create("base:1", network="held")
    assert engine.network_prune() == ["empty"]


@pytest.mark.parametrize(
    ("until", "gone"), [("30m", ["old"]), ("1h30m", []), ("2026-01-01T00:30:00", ["old"]), ("1767225610", ["old"])]
)
def test_prune_takes_what_is_older_than_until(engine, until, gone):
    engine.network_create("old")
    engine.sleep(3600)
    engine.network_create("new")
    assert engine.network_prune(filter=[f"until={until}"]) == gone


def test_until_has_to_be_a_time(engine):
    told = refusal(engine, "network_prune", filter=["until=banana"])
    assert told == 'failed to parse value as time or duration: "banana"'


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"name": "front"}, "network with name front already exists"),
        ({"name": "bridge"}, "operation is not permitted on predefined bridge network"),
        ({"name": "new", "driver": "banana"}, 'plugin "banana" not found'),
        ({"name": "new", "driver": "host"}, 'only one instance of "host" network is allowed'),
        ({"name": "new", "subnet": "10.0.0.0"}, "Invalid subnet 10.0.0.0 : invalid CIDR address: 10.0.0.0"),
        ({"name": "new", "subnet": "10.88.0.0/16"}, "Pool overlaps with other one on this address space"),
        ({"name": "new", "subnet": "10.9.0.0/24", "gateway": "10.8.0.1"}, "no matching subnet for gateway 10.8.0.1"),
    ],
)
def test_a_network_that_cannot_be_is_refused(engine, options, told):
    engine.network_create("front", subnet="10.88.0.0/24")
    assert refusal(engine, "network_create", **options) == told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"network": "front", "ip": "10.88.0.9"}, "Address already in use"),
        (
            {"network": "front", "ip": "10.99.0.9"},
            "Invalid address 10.99.0.9: It does not belong to any of this network's subnets",
        ),
        ({"network": "front", "ip": "banana"}, "invalid IPv4 address: banana"),
        ({"network": "none", "ip": "10.0.0.1"}, "user specified IP address is supported on user defined networks only"),
        (
            {"network": "auto", "ip": "172.18.0.9"},
            "user specified IP address is supported only when connecting to networks with user configured subnets",
        ),
        (
            {"network": "bridge", "network_alias": ["db"]},
            "network-scoped alias is supported only for containers in user defined networks",
        ),
        ({"network": "nosuch"}, "network nosuch not found"),
        ({"network": "container:nosuch"}, "No such container: nosuch"),
    ],
)
def test_a_place_that_a_container_cannot_have_is_refused(engine, options, told):
    engine.network_create("front", subnet="10.88.0.0/24")
    engine.network_create("auto")
    sleeper(engine, "first", network="front", ip="10.88.0.9")
    assert refusal(engine, "run", "base:1", "true", **options) == told


def test_the_default_network_takes_no_notice_of_addresses_and_aliases(engine):
    sleeper(engine, "web", ip="172.17.0.77", network_alias=["db"])
    assert addresses(engine, "web") == {"bridge": "172.17.0.2"}


@pytest.mark.parametrize(
    ("network", "container", "told"),
    [
        ("front", "nosuch", "No such container: nosuch"),
        ("nosuch", "web", "network nosuch not found"),
        ("bridge", "web", "endpoint with name web already exists in network bridge"),
        ("host", "web", "container cannot be disconnected from host network or connected to host network"),
        (
            "front",
            "alone",
            "container cannot be connected to multiple networks with one of the networks in private (none) mode",
        ),
        (
            "front",
            "other",
            "container sharing network namespace with another container or host cannot be connected to any other "
            "network",
        ),
    ],
)
def test_what_cannot_be_connected_is_refused(engine, network, container, told):
    engine.network_create("front")
    sleeper(engine, "web")
    sleeper(engine, "alone", network="none")
    sleeper(engine, "other", network="container:web")
    assert refusal(engine, "network_connect", network, container) == told


def test_a_network_can_be_shared_with_a_running_container_only(engine):
    identity = engine.create("base:1", "sleep", "1000", name="web")
    told = refusal(engine, "run", "base:1", "true", network="container:web")
    assert told == f"cannot join network of a non running container: {identity}"


def test_a_port_of_the_host_has_one_container(engine):
    sleeper(engine, "web", publish=["8080:80"])
    told = refusal(engine, "run", "base:1", "sleep", "1000", name="other", publish=["8080:80"])
    assert told.endswith("Bind for 0.0.0.0:8080 failed: port is already allocated")
    engine.kill("web")
    assert engine.start("other") == ["other"]


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ("name=^fr", ["front"]),
        ("name=n", ["front", "none"]),
        ("driver=null", ["none"]),
        ("type=custom", ["back", "front"]),
        ("dangling=true", ["back", "front"]),
        ("label=tier=back", ["back"]),
    ],
)
def test_networks_are_listed_by_filter(engine, filter_, found):
    engine.network_create("front")
    engine.network_create("back", label=["tier=back"])
    assert [network.name for network in engine.network_ls(filter=[filter_])] == found


@pytest.mark.parametrize(
    ("filter_", "told"),
    [("type=banana", "invalid filter: 'type'='banana'"), ("banana=1", "Invalid filter 'banana'")],
)
def test_a_filter_that_networks_do_not_have_is_refused(engine, filter_, told):
    assert refusal(engine, "network_ls", filter=[filter_]) == told

"""``docker inspect`` prints every property that docker 20.10.24 prints, in its order."""

import pytest

from course.engine.engine import Engine

CONTAINER = """Id Created Path Args State Image ResolvConfPath HostnamePath HostsPath LogPath Name RestartCount Driver
Platform MountLabel ProcessLabel AppArmorProfile ExecIDs HostConfig GraphDriver Mounts Config NetworkSettings"""
HOST_CONFIG = """Binds ContainerIDFile LogConfig NetworkMode PortBindings RestartPolicy AutoRemove VolumeDriver
VolumesFrom CapAdd CapDrop CgroupnsMode Dns DnsOptions DnsSearch ExtraHosts GroupAdd IpcMode Cgroup Links OomScoreAdj
PidMode Privileged PublishAllPorts ReadonlyRootfs SecurityOpt Tmpfs UTSMode UsernsMode ShmSize Runtime ConsoleSize
Isolation CpuShares Memory NanoCpus CgroupParent BlkioWeight BlkioWeightDevice BlkioDeviceReadBps BlkioDeviceWriteBps
BlkioDeviceReadIOps BlkioDeviceWriteIOps CpuPeriod CpuQuota CpuRealtimePeriod CpuRealtimeRuntime CpusetCpus CpusetMems
Devices DeviceCgroupRules DeviceRequests KernelMemory KernelMemoryTCP MemoryReservation MemorySwap MemorySwappiness
OomKillDisable PidsLimit Ulimits CpuCount CpuPercent IOMaximumIOps IOMaximumBandwidth MaskedPaths ReadonlyPaths Init"""
NETWORK_SETTINGS = """Bridge SandboxID HairpinMode LinkLocalIPv6Address LinkLocalIPv6PrefixLen Ports SandboxKey
SecondaryIPAddresses SecondaryIPv6Addresses EndpointID Gateway GlobalIPv6Address GlobalIPv6PrefixLen IPAddress
IPPrefixLen IPv6Gateway MacAddress Networks"""
PLACE = """IPAMConfig Links Aliases NetworkID EndpointID Gateway IPAddress IPPrefixLen IPv6Gateway GlobalIPv6Address
GlobalIPv6PrefixLen MacAddress DriverOpts"""
NETWORK = """Name Id Created Scope Driver EnableIPv6 IPAM Internal Attachable Ingress ConfigFrom ConfigOnly Containers
Options Labels"""


@pytest.fixture
def engine():
    engine = Engine(seed=0)
    engine.network_create("net")
    engine.run(
        "base:1",
        "sleep",
        "1000",
        name="web",
        detach=True,
        publish=["8080:80"],
        expose=["7"],
        tmpfs=["/t:size=1m"],
        volume=["data:/data", "/srv:/www:ro"],
        mount=["type=tmpfs,target=/m"],
        init=True,
    )
    engine.run("base:1", "sleep", "1000", name="on", detach=True, network="net")
    return engine


def test_the_document_of_a_container_is_whole(engine):
    [document] = engine.inspect("web")
    assert list(document) == CONTAINER.split()
    assert list(document["HostConfig"]) == HOST_CONFIG.split()
    assert list(document["NetworkSettings"]) == NETWORK_SETTINGS.split()
    assert list(document["NetworkSettings"]["Networks"]["bridge"]) == PLACE.split()


def test_ports_are_told_as_asked_and_as_they_are(engine):
    [document] = engine.inspect("web")
    assert document["Config"]["ExposedPorts"] == {"7/tcp": {}, "80/tcp": {}}
    assert document["HostConfig"]["PortBindings"] == {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}
    places = [{"HostIp": "0.0.0.0", "HostPort": "8080"}, {"HostIp": "::", "HostPort": "8080"}]
    assert document["NetworkSettings"]["Ports"] == {"7/tcp": None, "80/tcp": places}


def test_mounts_are_told_as_asked_and_as_they_are(engine):
    [document] = engine.inspect("web")
    assert document["HostConfig"]["Binds"] == ["data:/data", "/srv:/www:ro"]
    assert document["HostConfig"]["Tmpfs"] == {"/t": "size=1m"}
    assert [(each["Destination"], each["Mode"], each["RW"]) for each in document["Mounts"]] == [
        ("/data", "z", True),
        ("/m", "", True),
        ("/www", "ro", False),
    ]


def test_a_container_that_has_ended_keeps_its_sandbox_and_no_address(engine):
    engine.stop("web", time=0)
    settings = engine.inspect("web")[0]["NetworkSettings"]
    assert settings["SandboxKey"] == f"/var/run/docker/netns/{settings['SandboxID'][:12]}"
    assert (settings["EndpointID"], settings["IPAddress"], settings["Ports"]) == ("", "", {})
    assert settings["Networks"]["bridge"]["NetworkID"] == engine.network("bridge").id


def test_the_layers_of_a_container_are_where_the_directory_of_docker_has_them(engine):
    from course.engine.disk.directory import docker_directory

    tree = docker_directory(engine).entries
    for name in ("web", "base:1"):
        data = engine.inspect(name)[0]["GraphDriver"]["Data"]
        assert all(path in tree for path in [data["UpperDir"], *data.get("LowerDir", data["UpperDir"]).split(":")])
    assert engine.inspect("web")[0]["GraphDriver"]["Data"]["MergedDir"] in tree


def test_the_document_of_a_network_is_whole(engine):
    [document] = engine.inspect("net", type="network")
    assert list(document) == NETWORK.split()
    on = engine.inspect("on")[0]
    place = on["NetworkSettings"]["Networks"]["net"]
    assert document["Containers"][on["Id"]] == {
        "Name": "on",
        "EndpointID": place["EndpointID"],
        "MacAddress": place["MacAddress"],
        "IPv4Address": f"{place['IPAddress']}/16",
        "IPv6Address": "",
    }

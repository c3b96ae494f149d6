"""Any record comes back from its documents as it was."""

import json

from hypothesis import given
from hypothesis import strategies as st
from kept_stores import small_engine

from course.engine.disk.trees import document
from course.engine.kept.container_records import container_of, documents
from course.engine.kept.other_records import network_document, network_of, volume_document, volume_of
from course.engine.records import Container, Endpoint, HostConfig, MountPoint, Network, State, Status, Volume
from course.layers.document import read_document
from course.union.read_write_layer import ReadWriteLayer

MOMENT = st.integers(0, 253_402_300_799 * 10**9)  # until the year 9999
LATER = st.integers(1, 253_402_300_799 * 10**9)
TEXT = st.text(st.characters(exclude_categories=()), max_size=8)  # lone surrogates, too: bytes that are not UTF-8
NAME = st.text("abcxyz0_.-", min_size=1, max_size=6)
TEXTS = st.lists(TEXT, max_size=3)
MAPPING = st.dictionaries(TEXT, TEXT, max_size=3)
ID = st.text("0123456789abcdef", min_size=64, max_size=64)
COUNT = st.integers(0, 2**62)


def some(strategy):
    return st.one_of(st.none(), strategy)


CONFIG = st.fixed_dictionaries(
    {"Hostname": NAME, "Cmd": st.lists(TEXT, min_size=1, max_size=3)},
    optional={
        "Entrypoint": some(st.lists(TEXT, max_size=2)),
        "Env": some(TEXTS),
        "User": some(TEXT),
        "WorkingDir": some(TEXT),
        "Labels": some(MAPPING),
        "ExposedPorts": some(st.dictionaries(TEXT, st.just({}), max_size=2)),
        "Volumes": some(st.dictionaries(TEXT, st.just({}), max_size=2)),
        "AttachStdin": some(st.booleans()),
        "AttachStdout": some(st.booleans()),
        "Tty": some(st.booleans()),
        "OpenStdin": some(st.booleans()),
        "StopSignal": some(TEXT),
        "StopTimeout": some(st.integers(-1, 100)),
        "Healthcheck": some(
            st.fixed_dictionaries({}, optional={"Test": TEXTS, "Interval": COUNT, "Retries": COUNT, "Own": TEXT})
        ),
        "Shell": some(TEXTS),
        "OnBuild": some(TEXTS),
        "ArgsEscaped": st.booleans(),
        "Image": TEXT,
        "Something": st.recursive(st.none() | st.booleans() | COUNT | TEXT, st.lists, max_leaves=5),
    },
)
HOST = st.builds(
    HostConfig,
    auto_remove=st.booleans(),
    binds=TEXTS.map(tuple),
    tmpfs=MAPPING,
    network=TEXT,
    ports=st.dictionaries(
        st.sampled_from(["80/tcp", "81/udp"]),
        st.lists(st.sampled_from(["0.0.0.0:8080", "127.0.0.1:81", "::1:9"]), max_size=2).map(tuple),
    ),
    publish_all=st.booleans(),
    memory=COUNT,
    memory_swap=st.integers(-1, 2**62),
    memory_reservation=COUNT,
    cpus=st.integers(0, 10**12).map(lambda billionths: billionths / 1e9),
    pids_limit=COUNT,
    read_only=st.booleans(),
    init=st.booleans(),
    privileged=st.booleans(),
    cap_add=TEXTS.map(tuple),
    cap_drop=TEXTS.map(tuple),
    restart=st.sampled_from(["no", "always", "unless-stopped", "on-failure", "on-failure:3"]),
    extra_hosts=TEXTS.map(lambda texts: tuple(f"name:{text}" for text in texts)),
    volumes_from=TEXTS.map(tuple),
)
STATE = st.one_of(
    st.builds(State, st.just(Status.CREATED), exit_code=COUNT, error=TEXT, stopped_by_hand=st.booleans()),
    st.builds(
        State,
        st.sampled_from([status for status in Status if status is not Status.CREATED]),
        pid=COUNT,
        exit_code=COUNT,
        error=TEXT,
        started=LATER,
        finished=MOMENT,
        restarts=COUNT,
        again=COUNT,
        stopped_by_hand=st.booleans(),
    ),
)
MOUNT = st.builds(
    MountPoint,
    kind=st.sampled_from(["volume", "bind", "tmpfs"]),
    destination=TEXT,
    name=st.just(""),
    source=TEXT,
    read_only=st.booleans(),
    mode=TEXT,
    is_copied_into=st.booleans(),
    is_anonymous=st.booleans(),
    is_made=st.booleans(),
)
ENDPOINT = st.builds(Endpoint, address=TEXT, mac=TEXT, aliases=TEXTS.map(tuple), wanted=TEXT)
NETWORKS = dict(small_engine().networks)


@given(
    st.builds(
        Container,
        id=ID,
        name=NAME,
        image=ID,
        image_name=TEXT,
        layers=st.just(()),
        created=MOMENT,
        config=CONFIG,
        written=st.just(ReadWriteLayer()),
        host=HOST,
        state=STATE,
        mounts=st.lists(MOUNT, max_size=3, unique_by=lambda mount: mount.destination).map(tuple),
        networks=st.dictionaries(st.sampled_from(["bridge", "host", "own"]), ENDPOINT),
    )
)
def test_any_container_comes_back(container):
    texts = [document(each).encode() for each in documents(container, NETWORKS, "/store")]
    config, host = (read_document(text, "here") for text in texts)
    back = container_of(config, host, "here", (), container.written, ())
    assert back == container
    assert list(back.mounts) == list(container.mounts)


@given(st.builds(Volume, NAME, MOMENT, some(MAPPING), st.just("local"), some(MAPPING), st.booleans()))
def test_any_volume_comes_back(volume):
    assert volume_of(json.loads(document(volume_document(volume))), "here") == volume


@given(
    st.builds(
        Network,
        ID,
        NAME,
        MOMENT,
        NAME,
        st.sampled_from(["", "10.0.0.0/8"]),
        st.sampled_from(["", "10.0.0.1"]),
        MAPPING,
        st.booleans(),
        st.booleans(),
    )
)
def test_any_network_comes_back(network):
    assert network_of(json.loads(document(network_document(network))), "here") == network

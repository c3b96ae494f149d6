"""Random commands, and what has to hold after each of them; every step is undone and redone exactly."""

import string

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from course.engine.disk.directory import docker_directory
from course.engine.engine import Engine
from course.engine.records import Status
from course.errors import DockerError
from course.layers.layer import Layer
from course.layers.small_image import small_images

NAMES = st.sampled_from(["one", "two", "three", "four"])
VOLUMES = st.sampled_from(["data", "cache"])
NETWORKS = st.sampled_from(["front", "back", "bridge"])
IMAGES = st.sampled_from(["base:1", "greeter:1", "greeter:2", "mine:1", "mine:2"])
SCRIPTS = st.sampled_from(
    [
        "true",
        "exit 3",
        "echo hello; echo err >&2",
        "echo $$ > /tmp/pid; rm -f /etc/motd",
        "echo more >> /data/file",
        "sleep 5",
        "sleep 1000",
        "trap 'exit 7' TERM; while true; do sleep 60; done",
        "while true; do date >> /tmp/log; sleep 60; done",
        "i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo $i; sleep 0.1; done",
    ]
)

DOCKERFILES = st.sampled_from(
    [
        "FROM base:1\nRUN echo 1 > /one\nENV A=1\nRUN echo 2 > /two\n",
        "FROM base:1\nRUN echo 1 > /one\nRUN exit 3\n",
        "FROM mine:1\nCOPY file /file\nCMD cat /file\n",
        "FROM base:1 AS one\nCOPY file /file\nFROM greeter:2\nCOPY --from=one /file /file\nVOLUME /data\n",
    ]
)


def tables(engine):
    return {name: list(records.items()) for name, records in engine.store.tables.items()}


class Commands(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.engine = Engine(seed=1)
        self.before = []  # the tables before each event

    @initialize()
    def load(self):
        self.do("load", list(small_images().values()))

    def do(self, method, *args, **options):
        """Carry out a command; one that is refused leaves everything as it was."""
        before, count = tables(self.engine), self.engine.journal.position
        try:
            getattr(self.engine, method)(*args, **options)
        except DockerError as error:
            if not error.kept and self.engine.journal.position == count:  # nor was an image pulled for it
                assert tables(self.engine) == before
                return
        del self.before[count:]
        events = self.engine.journal.position - count  # a pull that comes first is an event of its own
        assert events in (1, 2, 3)
        self.before += [before, None, None][:events]

    @rule(image=IMAGES, script=SCRIPTS, name=NAMES, detach=st.booleans(), rm=st.booleans(), volume=st.none() | VOLUMES)
    def run(self, image, script, name, detach, rm, volume):
        volumes = [f"{volume}:/data"] if volume else []
        self.do("run", image, "sh", "-c", script, name=name, detach=detach, rm=rm, volume=volumes)

    @rule(image=IMAGES, name=NAMES, network=NETWORKS, policy=st.sampled_from(["no", "always", "on-failure:2"]))
    def create(self, image, name, network, policy):
        self.do("create", image, "sh", "-c", "sleep 3; exit 1", name=name, network=network, restart=policy)

    @rule(
        command=st.sampled_from(["start", "pause", "unpause", "kill", "rm", "restart", "wait"]),
        names=st.lists(NAMES, min_size=1, max_size=2, unique=True),
    )
    def act(self, command, names):
        self.do(command, *names)

    @rule(name=NAMES, seconds=st.integers(0, 12))
    def stop(self, name, seconds):
        self.do("stop", name, time=seconds)

    @rule(name=NAMES, volumes=st.booleans())
    def rm_force(self, name, volumes):
        self.do("rm", name, force=True, volumes=volumes)

    @rule(name=NAMES, script=SCRIPTS, detach=st.booleans())
    def exec(self, name, script, detach):
        self.do("exec", name, "sh", "-c", script, detach=detach)

    @rule(old=NAMES, new=NAMES)
    def rename(self, old, new):
        self.do("rename", old, new)

    @rule(name=NAMES, image=IMAGES)
    def commit(self, name, image):
        self.do("commit", name, image)

    @rule(
        dockerfile=DOCKERFILES, tag=IMAGES, text=st.sampled_from("ab"), builder=st.sampled_from(["classic", "buildkit"])
    )
    def build(self, dockerfile, tag, text, builder):
        context = Layer.of({"/Dockerfile": dockerfile, "/file": text})
        self.do("build", context, tag=[tag], builder=builder)

    @rule(image=IMAGES, new=IMAGES)
    def tag(self, image, new):
        self.do("tag", image, new)

    @rule(image=IMAGES, force=st.booleans())
    def rmi(self, image, force):
        self.do("rmi", image, force=force)

    @rule(name=NAMES, text=st.text(string.ascii_letters, max_size=5))
    def cp(self, name, text):
        self.do("cp_to", name, "/tmp/", Layer.of({f"/{text or 'file'}": text}))

    @rule(name=VOLUMES, command=st.sampled_from(["volume_create", "volume_rm"]))
    def volume(self, command, name):
        self.do(command, name)

    @rule(name=NETWORKS, command=st.sampled_from(["network_create", "network_rm"]))
    def network(self, command, name):
        self.do(command, name)

    @rule(name=NETWORKS, container=NAMES, command=st.sampled_from(["network_connect", "network_disconnect"]))
    def connect(self, command, name, container):
        self.do(command, name, container)

    @rule(command=st.sampled_from(["container_prune", "volume_prune", "network_prune", "image_prune"]))
    def prune(self, command):
        self.do(command)

    @rule()
    def prune_all_images(self):
        """What is left is what containers need, and what that was built on."""
        needed = {box.image for box in self.engine.containers.values()}  # one that ends only then still needed its own
        self.do("image_prune", all=True)
        for identity in list(needed):
            while stored := self.engine.images_by_id.get(identity):
                needed.add(identity)
                identity = stored.parent
        assert self.engine.images_by_id.keys() <= needed

    @rule(count=st.integers(1, 4))
    def undo(self, count):
        for _ in range(count):
            position = self.engine.journal.position
            event = self.engine.undo()
            assert (event is None) == (position == 0)
            if event and self.before[position - 1]:
                assert tables(self.engine) == self.before[position - 1]

    @rule(count=st.integers(1, 4))
    def redo(self, count):
        for _ in range(count):
            position = self.engine.journal.position
            if self.engine.redo() and position + 1 < len(self.before) and self.before[position + 1]:
                assert tables(self.engine) == self.before[position + 1]

    @rule()
    def repeat_all(self):
        """The same commands leave the same on a new engine."""
        twin = Engine(seed=1)
        for event in self.engine.journal.events[: self.engine.journal.position]:
            twin.repeat(event)
        assert [event.result for event in twin.journal.events] == [
            event.result for event in self.engine.journal.events[: self.engine.journal.position]
        ]
        assert summary(twin) == summary(self.engine)

    @invariant()
    def all_that_is_referred_to_is_there(self):
        engine = self.engine
        for container in engine.containers.values():
            assert len(container.layers) > 0  # the image itself can be forced away
            assert engine.store.tables["names"][container.name] == container.id
            assert all(point.name in engine.volumes for point in container.mounts if point.kind == "volume")
            assert not container.is_running or all(network in engine.networks for network in container.networks)
        assert set(engine.references.values()) <= engine.images_by_id.keys()
        assert {stored.parent for stored in engine.images_by_id.values()} - {""} <= engine.images_by_id.keys()

    @rule()
    def the_layers_on_disk_are_those_that_something_needs(self):
        engine = self.engine
        stacks = [stored.image.layers for stored in engine.images_by_id.values()]
        stacks += [box.layers for box in engine.containers.values()]
        needed = {layer.chain_id for layers in stacks for layer in layers}
        folder = "/var/lib/docker/image/overlay2/layerdb/sha256"
        assert {f"sha256:{name}" for name in docker_directory(engine).children(folder)} == needed

    @invariant()
    def nothing_is_left_over(self):
        engine = self.engine
        assert set(engine.store.tables["names"].values()) == engine.containers.keys()
        assert {f"volume:{name}" for name in engine.volumes} | {"host"} == engine.store.tables["trees"].keys()
        addresses = [
            place.address for box in engine.containers.values() for place in box.networks.values() if place.address
        ]
        assert len(addresses) == len(set(addresses))
        running = {box.id for box in engine.containers.values() if box.is_running}
        assert all(
            (box.state.pid > 0) == (box.id in running and box.state.status is not Status.RESTARTING)
            for box in engine.containers.values()
        )


def summary(engine):
    """What two engines that did the same have in common: all but the very objects (dict)."""
    return {
        "containers": {
            box.id: (box.name, box.state, box.log, box.networks, engine.diff(box.id))
            for box in engine.containers.values()
        },
        "images": sorted(engine.images_by_id),
        "references": engine.references,
        "volumes": engine.volumes,
        "networks": engine.networks,
        "machine": engine.store.tables["machine"],
    }


TestCommands = Commands.TestCase
TestCommands.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)

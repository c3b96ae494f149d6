"""Engines to be kept, a keeper of layers that has them in memory, and how two sets of tables are compared."""

import shutil
from dataclasses import replace
from pathlib import Path

from course.engine.disk.containers import log
from course.engine.engine import Engine
from course.engine.records import StoredImage
from course.engine.store import TABLES, Change
from course.errors import CourseError
from course.layers.small_image import small_images
from course.union.overlay2_names import cache_id, link_name
from course.union.read_write_layer import ReadWriteLayer

NEVER_LOADED = ("clock", "pids", "ids")
KEPT_IN_ORDER = ("volumes", "networks", "references", "images", "containers", "names")


class Memory:
    """Keeps layers in memory, with an empty directory of overlay2 for each; the rest of it is asked of an engine."""

    def __init__(self, root):
        self.root, self.layers, self.calls = Path(root), {}, []
        self.containers, self.trees, self.alive = {}, {}, set()

    def keep(self, layer):
        name = cache_id(layer)
        self.calls.append(("keep", name))
        self.make(name)
        self.layers[name] = layer

    def make(self, name):
        (self.root / "overlay2" / name / "diff").mkdir(parents=True, exist_ok=True)
        link = self.root / "overlay2/l" / link_name(name)
        if not link.is_symlink():
            link.symlink_to(f"../{name}/diff")

    def restored(self, layer_db_folder, name, diff_id, parent):
        assert layer_db_folder.is_dir()
        if not (self.root / "overlay2" / name / "diff").is_dir():
            raise CourseError(f"overlay2/{name}: is not there.")
        layer = self.layers[name]
        assert (layer.diff_id, layer.parent) == (diff_id, parent)
        return layer

    def forget(self, name):
        self.calls.append(("forget", name))
        self.remove(self.root / "overlay2" / name)
        self.remove(self.root / "overlay2/l" / link_name(name))

    def remove(self, path):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def written(self, container_id):
        known = self.containers.get(container_id)
        return known.written if known else ReadWriteLayer()

    def tree(self, name):
        return self.trees.get(f"volume:{name}") or ReadWriteLayer()

    def running(self):
        return self.alive


def changes_of(tables):
    """Return everything in ``tables`` as changes from nothing."""
    return [Change(table, key, None, record) for table in TABLES for key, record in tables[table].items()]


def save_all(directory, keeper, engine):
    """Save all that ``engine`` knows, and what the runtime would have written: logs, and what containers wrote."""
    tables = engine.store.tables
    keeper.containers, keeper.trees = dict(tables["containers"]), dict(tables["trees"])
    directory.save(changes_of(tables), tables)
    write_logs(directory.path, tables)


def write_logs(path, tables):
    for identity, container in tables["containers"].items():
        if container.log:
            (path / "containers" / identity / f"{identity}-json.log").write_bytes(log(container))


def comparable(tables):
    """Return tables without what is not kept: see ``Directory.load``."""
    found = {name: dict(tables[name]) for name in KEPT_IN_ORDER}
    found["images"] = {key: _same_image(stored) for key, stored in tables["images"].items()}
    found["machine"] = {key: value for key, value in tables["machine"].items() if value and key not in NEVER_LOADED}
    found["trees"] = {key: value for key, value in tables["trees"].items() if key != "host"}
    return found


def _same_image(stored: StoredImage):
    return replace(stored, image=replace(stored.image, names=(), blobs=()))


def small_engine():
    """Return an engine with the small images and nothing else."""
    engine = Engine(seed=0)
    engine.load(list(small_images().values()))
    return engine


def busy_engine():
    """Return an engine that has done all kinds of things."""
    engine = small_engine()
    engine.network_create("back", subnet="10.7.0.0/16", gateway="10.7.0.9", label=["a=b"], internal=True)
    engine.network_create("front")
    engine.volume_create("notes", label=["team=red"], opt=["type=tmpfs"])
    engine.volume_create()
    engine.create("base:1", "true", name="plain")
    engine.create(
        "greeter:1",
        "sh",
        "-c",
        "echo é; sleep 1000",
        name="full",
        env=["A=\udce9", "B=ünïcode", "EMPTY="],
        workdir="/srv",
        user="1000:1000",
        entrypoint="",
        label=["x=y", "empty"],
        hostname="host-name",
        interactive=True,
        tty=True,
        volume=["notes:/data:ro", "/anonymous", "/srv:/host", "data:/nocopy:nocopy"],
        mount=["type=tmpfs,destination=/scratch", "type=volume,source=other,target=/other"],
        tmpfs=["/run:size=1m"],
        publish=["8080:80", "127.0.0.1::81/udp"],
        expose=["9000"],
        network="back",
        network_alias=["db"],
        ip="10.7.0.42",
        add_host=["far:192.0.2.1"],
        memory=64 << 20,
        memory_reservation=32 << 20,
        cpus=0.1,
        pids_limit=10,
        read_only=True,
        init=True,
        cap_add=["NET_ADMIN"],
        cap_drop=["CHOWN"],
        stop_signal="SIGINT",
        stop_timeout=3,
        restart="on-failure:3",
        health_cmd="true",
        health_interval=10**9,
    )
    engine.create("base:1", "true", name="all", publish_all=True, expose=["1", "2"], privileged=True, rm=True)
    engine.run("base:1", "sh", "-c", "echo out; echo err >&2; echo hi > /made; exit 3", name="ended")
    engine.run("base:1", "sh", "-c", "while true; do sleep 1; done", name="runs", detach=True, network="front")
    engine.run("base:1", "sh", "-c", "while true; do sleep 1; done", name="rests", detach=True, rm=True)
    engine.pause("rests")
    engine.run("base:1", "sh", "-c", "exit 1", name="again", detach=True, restart="always")
    engine.network_connect("front", "plain", alias=["p"])
    engine.create("base:1", "true", name="joins", network="container:runs", volumes_from=["full:ro"])
    engine.commit("ended", "made:1", author="Ann", message="by hand", change=["CMD ls"])
    engine.commit("ended")
    engine.tag("made:1", "team/made:2")
    engine.rename("plain", "renamed")
    engine.update("full", memory=128 << 20, memory_swap=-1)
    engine.rmi("greeter:1", force=True)
    return engine

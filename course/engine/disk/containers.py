"""``containers/<id>``: the metadata of each container, which every version of docker keeps as files, and its log."""

import hashlib
from collections.abc import Mapping
from typing import Any

from course.engine.container_documents import host_config, mount, network_settings, run_config, state
from course.engine.dates import date
from course.engine.disk.trees import Tree, document
from course.engine.engine import Engine
from course.engine.records import Container, Network
from course.engine.system_files import system_files
from course.layers.entry import directory, file
from course.processes.runtime import STDERR
from course.union.overlay2_names import ROOT

PRIVATE = 0o600


def container_files(engine: Engine, driver: str, image_ids: Mapping[str, str], *, is_v2: bool = True) -> Tree:
    """Return the directory ``containers`` (Tree).

    ``driver`` is how the storage is called (str), ``image_ids`` maps an image's id to that which this docker gives it
    (mapping of str to str; the same where it has none).  ``is_v2`` is whether docker is 1.10 or later (bool).  A
    container that was never started has a config only; the files that it is given from outside (``hosts``, …) and the
    log come with its first start.  Rule: seen on Docker 20.10; moby 1.9, daemon/container.go.
    """
    where = f"{ROOT}/containers"
    tree: Tree = {where: directory(0o710 if is_v2 else 0o700)}
    for container in engine.containers.values():
        own = f"{where}/{container.id}"
        image = image_ids.get(container.image, container.image)
        config = config_document(container, engine.networks, driver, image)
        tree[own] = directory(0o710 if is_v2 else 0o700)
        tree[f"{own}/config.v2.json" if is_v2 else f"{own}/config.json"] = file(document(config) + "\n", PRIVATE)
        tree[f"{own}/hostconfig.json"] = file(document(host_config(container)) + "\n")
        if is_v2:
            tree[f"{own}/checkpoints"] = directory(0o700)
        if has_been_started(container):
            tree |= {f"{own}/{name}": file(data) for name, data in outside_files(container).items()}
            tree[f"{own}/{container.id}-json.log"] = file(log(container), 0o640 if is_v2 else PRIVATE)
            if is_v2:
                tree[f"{own}/mounts"] = directory(0o710)
    return tree


def has_been_started(container: Container) -> bool:
    """Tell whether someone has tried to start the container (bool), which leaves files even if it failed."""
    return bool(container.state.started or container.state.error)


def log(container: Container) -> bytes:
    r"""Return what a container has printed as the file that ``docker logs`` reads (bytes): a JSON object each line.

    >>> engine = Engine(seed=0)
    >>> _ = engine.run("base:1", "echo", "hello", name="box")
    >>> log(engine.container("box"))[:34]
    b'{"log":"hello\\n","stream":"stdout"'
    """
    lines = (
        {
            "log": output.data.decode(errors="replace"),
            "stream": "stderr" if output.stream == STDERR else "stdout",
            "time": date(output.time),
        }
        for output in container.log
    )
    return "".join(document(line) + "\n" for line in lines).encode()


def outside_files(container: Container) -> dict[str, bytes]:
    """Return the files that are mounted over those of the image (dict of name to content), and the hash of one.

    >>> engine = Engine(seed=0)
    >>> _ = engine.create("base:1", "true", name="box", hostname="box")
    >>> outside_files(engine.container("box"))["hostname"]
    b'box\\n'
    """
    files = {path.rpartition("/")[2]: data for path, data in system_files(container).items()}
    digest = hashlib.sha256(files["resolv.conf"]).hexdigest()
    return {**files, "resolv.conf.hash": f"sha256:{digest}".encode()}


def config_document(
    container: Container, networks: Mapping[str, Network], driver: str, image: str, root: str = ROOT
) -> dict[str, Any]:
    """Return what docker keeps of a container (dict), in its order: what ``docker inspect`` shows, by other names.

    ``networks`` are those that there are (mapping of name to Network), ``driver`` is how the storage is called (str),
    ``image`` the image's id (str), ``root`` the directory in which docker's files are (str).
    """
    path, *args = container.args
    shown = [point for point in container.mounts if point.destination not in container.host.tmpfs]
    own = f"{root}/containers/{container.id}/" if has_been_started(container) else ""
    outside = {"HostnamePath": "hostname", "HostsPath": "hosts", "ResolvConfPath": "resolv.conf"}
    files = {"LogPath": f"{container.id}-json.log", **outside}
    return {
        "State": {name: value for name, value in state(container).items() if name != "Status"},
        "ID": container.id,
        "Created": date(container.created),
        "Path": path,
        "Args": args,
        "Config": run_config(container.config, container.image_name),
        "Image": image,
        "NetworkSettings": network_settings(container, networks),
        "Name": f"/{container.name}",
        "Driver": driver,
        "OS": "linux",
        "RestartCount": container.state.restarts,
        "HasBeenStartedBefore": bool(container.state.started),
        "HasBeenManuallyStopped": container.state.stopped_by_hand,
        "MountPoints": {point.destination: mount(point) for point in shown},
        **{name: own and own + file_name for name, file_name in files.items()},
    }

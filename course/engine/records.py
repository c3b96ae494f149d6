"""The records of an engine: an image in its store, a container and its state, a volume, a network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from course.layers.image import Image
from course.layers.layer import Layer
from course.processes.runtime import Mount, Output
from course.union.read_write_layer import ReadWriteLayer


class Status(Enum):
    """The states of a container, by docker's own words (``docker inspect -f {{.State.Status}}``)."""

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    RESTARTING = "restarting"
    EXITED = "exited"
    DEAD = "dead"

    @property
    def is_running(self) -> bool:
        """Whether there is a process space (bool): docker counts one that is frozen, or about to start again."""
        return self in (Status.RUNNING, Status.PAUSED, Status.RESTARTING)


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image in the store: ``image`` (Image), and what only this engine knows of it.

    ``parent`` is the id of the local image that it was built on (str, empty for what was pulled or loaded),
    ``container`` the id of the container that it was committed from (str), ``tagged`` when it last got a name (int,
    nanoseconds since 1970).
    """

    image: Image
    parent: str = ""
    container: str = ""
    tagged: int = 0

    @property
    def id(self) -> str:
        """The image ID (str, ``sha256:…``)."""
        return self.image.image_id


@dataclass(frozen=True, slots=True)
class State:
    """What a container is doing: its ``status`` (Status), the ``pid`` of its first process on the host (int, 0: none).

    ``exit_code`` is that of its last end (int), ``error`` why it could not be started (str), ``started`` and
    ``finished`` are when (int, nanoseconds since 1970; 0: never), ``restarts`` is how often it was started again by its
    restart policy (int), ``again`` when that will be next (int; 0: not).  ``stopped_by_hand`` is whether someone has
    stopped or killed it (bool), which ends its restarts.
    """

    status: Status = Status.CREATED
    pid: int = 0
    exit_code: int = 0
    error: str = ""
    started: int = 0
    finished: int = 0
    restarts: int = 0
    again: int = 0
    stopped_by_hand: bool = False


@dataclass(frozen=True, slots=True)
class HostConfig:
    """What of a container is the host's business: limits, mounts as they were asked for, its network, its end.

    ``binds`` are the values of ``-v`` (tuple of str), ``tmpfs`` maps paths to options (mapping of str), ``network`` is
    the network it starts in (str), ``ports`` maps ``80/tcp`` to the host's address and port (mapping of str to tuple of
    str), ``memory``, ``memory_swap`` (with the memory) and ``memory_reservation`` are bytes (int, 0: no limit; -1: swap
    without limit), ``cpus`` a number of processors (float, 0: no limit), ``pids_limit``
    how many processes (int, 0: no limit), ``restart`` the restart policy (str, such as ``on-failure:3``), and the rest
    are the options of the same name.
    """

    auto_remove: bool = False
    binds: tuple[str, ...] = ()
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    network: str = "default"
    ports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    publish_all: bool = False
    memory: int = 0
    memory_swap: int = 0
    memory_reservation: int = 0
    cpus: float = 0
    pids_limit: int = 0
    read_only: bool = False
    init: bool = False
    privileged: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    restart: str = "no"
    extra_hosts: tuple[str, ...] = ()
    volumes_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MountPoint:
    """A mount of a container as ``docker inspect`` shows it: its ``kind`` (``volume``, ``bind``, ``tmpfs``).

    ``name`` is the volume's (str), ``source`` where it lies on the host (str), ``destination`` where the container sees
    it (str), ``read_only`` whether it can only be read (bool), ``mode`` what was said of it after its place in ``-v``
    (str).  Of a volume, ``is_copied_into`` is whether it gets what the image has there, while it is empty (bool), and
    ``is_anonymous`` whether nobody named it here (bool); of a place on the host, ``is_made`` is whether it is made if
    it is not there (bool).
    """

    kind: str
    destination: str
    name: str = ""
    source: str = ""
    read_only: bool = False
    mode: str = ""
    is_copied_into: bool = True
    is_anonymous: bool = False
    is_made: bool = False

    @property
    def mount(self) -> Mount:
        """What the runtime is to mount (Mount): a volume is a tree of its own, a bind mount a path of the host's."""
        if self.kind == "volume":
            return Mount(self.destination, f"volume:{self.name}", read_only=self.read_only)
        if self.kind == "bind":
            return Mount(self.destination, "host", self.source, self.read_only)
        return Mount(self.destination, read_only=self.read_only)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A container's place in a network: its ``address`` (str, IPv4) and ``mac`` (str) while it runs, and ``aliases``.

    ``wanted`` is the address that it asked for (str, empty for any).
    """

    address: str = ""
    mac: str = ""
    aliases: tuple[str, ...] = ()
    wanted: str = ""


@dataclass(frozen=True, slots=True)
class Container:
    """A container: an image's layers, and a read-write layer on them, with what is needed to run it.

    ``id`` and ``name`` are its (str), ``image`` is the image's id, ``image_name`` what it was called by (str),
    ``layers`` are the image's (tuple of Layer), which stay though someone forces the image away, ``created`` is when
    (int, nanoseconds since 1970).  ``config`` is how to run it, by the names of the image config
    (mapping: ``Cmd``, ``Entrypoint``, ``Env``, ``User``, ``WorkingDir``, ``Labels``, ``Hostname``, ``Tty``,
    ``OpenStdin``, …), ``host`` the HostConfig, ``state`` the State.  ``written`` is the read-write layer
    (ReadWriteLayer; nobody changes this one), ``mounts`` are its mounts (tuple of MountPoint), ``networks`` its
    networks by name (mapping to Endpoint), ``log`` what it has printed (tuple of Output).
    """

    id: str
    name: str
    image: str
    image_name: str
    layers: tuple[Layer, ...]
    created: int
    config: Mapping[str, Any]
    written: ReadWriteLayer
    host: HostConfig = HostConfig()
    state: State = State()
    mounts: tuple[MountPoint, ...] = ()
    networks: Mapping[str, Endpoint] = field(default_factory=dict)
    log: tuple[Output, ...] = ()

    @property
    def args(self) -> tuple[str, ...]:
        """Program and arguments (tuple of str): the entrypoint, then the command (image-spec conversion.md)."""
        return (*(self.config.get("Entrypoint") or ()), *(self.config.get("Cmd") or ()))

    @property
    def is_running(self) -> bool:
        """Whether it has a process space (bool): paused and restarting count."""
        return self.state.status.is_running


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume: its ``name`` (str), when it was ``created`` (int, ns), its ``labels`` (mapping), its ``driver`` (str).

    One that was made for a container, and not by ``docker volume create``, has None for labels and ``options``.
    Its files are in the table of trees under ``volume:NAME``.  ``anonymous`` is whether nobody named it (bool).
    """

    name: str
    created: int
    labels: Mapping[str, str] | None = None
    driver: str = "local"
    options: Mapping[str, str] | None = None
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Network:
    """A network: its ``id`` and ``name`` (str), its ``driver`` (``bridge``, ``host``, ``null``), when it was created.

    ``subnet`` and ``gateway`` are addresses (str, empty for none), ``labels`` a mapping of str, ``internal`` whether
    there is no way out of it (bool), ``is_chosen`` whether someone chose its subnet (bool).
    """

    id: str
    name: str
    created: int
    driver: str = "bridge"
    subnet: str = ""
    gateway: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    internal: bool = False
    is_chosen: bool = False

"""``docker create``: a read-write layer on an image's layers, and how to run it.  No process is started."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from course.engine import identity
from course.engine.base import command
from course.engine.configuring import checked_name, merged
from course.engine.finding import Finding
from course.engine.limits import check_capabilities, check_limits, restart_policy, with_swap
from course.engine.mount_options import asked_for
from course.engine.records import Container, Endpoint, HostConfig, MountPoint, StoredImage
from course.errors import DockerError
from course.layers.layer import Layer
from course.processes.simulated.signals import number
from course.union.view import UnionView


class Creating(Finding):
    """Makes containers."""

    @command
    def create(
        self,
        image: str,
        *words: str,
        name: str = "",
        env: Iterable[str] = (),
        workdir: str = "",
        user: str = "",
        entrypoint: str | None = None,
        label: Iterable[str] = (),
        hostname: str = "",
        interactive: bool = False,
        tty: bool = False,
        rm: bool = False,
        volume: Sequence[str] = (),
        mount: Sequence[str] = (),
        tmpfs: Sequence[str] = (),
        volumes_from: Sequence[str] = (),
        publish: Sequence[str] = (),
        publish_all: bool = False,
        expose: Sequence[str] = (),
        network: str = "default",
        network_alias: Sequence[str] = (),
        ip: str = "",
        add_host: Sequence[str] = (),
        memory: int = 0,
        memory_swap: int = 0,
        memory_reservation: int = 0,
        cpus: float = 0,
        pids_limit: int = 0,
        read_only: bool = False,
        init: bool = False,
        privileged: bool = False,
        cap_add: Sequence[str] = (),
        cap_drop: Sequence[str] = (),
        stop_signal: str = "",
        stop_timeout: int | None = None,
        restart: str = "no",
        health_cmd: str = "",
        health_interval: int = 0,
        health_retries: int = 0,
        health_timeout: int = 0,
        no_healthcheck: bool = False,
        attached: bool = True,
    ) -> str:
        """Make a container of ``image`` (str) and return its id (str); ``words`` replace the image's command.

        The options are those of ``docker create``.  ``attached`` is whether someone reads what it will write (bool).
        Raises DockerError.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> _ = engine.pull("base:1")
        >>> identity = engine.create("base:1", "echo", "hello", name="greeting")
        >>> engine.container("greeting").state.status
        <Status.CREATED: 'created'>
        """
        if name:
            checked_name(name)
        host = HostConfig(
            auto_remove=rm,
            binds=tuple(volume),
            network=self._network_mode(network, hostname),
            memory=memory,
            memory_swap=memory_swap,
            memory_reservation=memory_reservation,
            cpus=cpus,
            pids_limit=max(pids_limit, 0),
            read_only=read_only,
            init=init,
            privileged=privileged,
            cap_add=tuple(cap_add),
            cap_drop=tuple(cap_drop),
            restart=restart_policy(restart, rm),
            extra_hosts=tuple(add_host),
            volumes_from=tuple(volumes_from),
            tmpfs=dict(text.partition(":")[::2] for text in tmpfs),
            publish_all=publish_all,
        )
        check_limits(host)
        check_capabilities("CapAdd", cap_add)
        check_capabilities("CapDrop", cap_drop)
        host = with_swap(host)
        if stop_signal and not number(stop_signal):
            raise DockerError(f"Invalid signal: {stop_signal}", 125)
        stored = self.image(image)
        own: dict[str, Any] = {
            "Hostname": hostname,
            "User": user,
            "AttachStdin": attached and interactive,
            "AttachStdout": attached,
            "AttachStderr": attached,
            "Tty": tty,
            "OpenStdin": interactive,
            "Env": list(env),
            "Cmd": list(words),
            "WorkingDir": workdir,
            "Labels": dict(_pair(text) for text in label),
            "StopSignal": stop_signal,
        }
        if entrypoint is not None:
            own["Entrypoint"] = [entrypoint] if entrypoint else []
        if stop_timeout is not None:
            own["StopTimeout"] = stop_timeout
        if no_healthcheck:
            own["Healthcheck"] = {"Test": ["NONE"]}
        elif health_cmd:
            times = {"Interval": health_interval, "Timeout": health_timeout, "Retries": health_retries}
            own["Healthcheck"] = {"Test": ["CMD-SHELL", health_cmd], **{name: n for name, n in times.items() if n}}
        config = merged(stored.image.config.run, own)
        if not (config.get("WorkingDir") or "/").startswith("/"):
            raise DockerError(
                f"the working directory '{config['WorkingDir']}' is invalid, it needs to be an absolute path", 125
            )
        if not config.get("Entrypoint") and not config.get("Cmd"):
            raise DockerError("No command specified", 125)
        if config.get("WorkingDir"):
            _check_directory(stored.image.layers, config["WorkingDir"])
        container = self.made(stored, image, config, host, name)
        mounts = self.mount_points(container, stored, asked_for(volume, mount, tmpfs), volumes_from)
        ports = self.ports(config, publish, expose, publish_all)
        networks = self.endpoints(container, network, network_alias, ip)
        exposed: dict[str, Any] = {"ExposedPorts": {port: {} for port in sorted(ports)}} if ports else {}
        self.change(
            container, mounts=mounts, networks=networks, host=replace(host, ports=ports), config={**config, **exposed}
        )
        return container.id

    def _network_mode(self, network: str, hostname: str) -> str:
        """Return the network that a container asks for (str), another container's by that one's id."""
        kind, _colon, word = network.partition(":")
        if kind != "container":
            return network
        if hostname:
            raise DockerError("conflicting options: hostname and the network mode", 125)
        try:
            return f"container:{self.container(word).id}"
        except DockerError:  # docker finds that out when the container is to start
            return network

    def made(
        self, stored: StoredImage, image: str, config: dict[str, Any], host: HostConfig, name: str = ""
    ) -> Container:
        """Put a new container of ``stored`` (StoredImage) on record, and return it.  Raises DockerError."""
        identity_ = self.new_id()
        names = self.store.tables["names"]
        attempt = 0
        chosen = name or identity.name(identity_)
        while not name and chosen in names:
            attempt += 1
            chosen = identity.name(identity_, attempt)
        if chosen in names:
            raise DockerError(
                f'Conflict. The container name "/{chosen}" is already in use by container "{names[chosen]}". You have '
                "to remove (or rename) that container to be able to reuse that name.",
                125,
            )
        config.setdefault("Hostname", identity_[:12])
        layers = stored.image.layers
        container = Container(
            identity_,
            chosen,
            stored.id,
            image,
            layers,
            self.clock.now,
            config,
            self.runtime.new_layer(identity_, layers),
            host,
        )
        self.store.put("containers", identity_, container)
        self.store.put("names", chosen, identity_)
        return container

    def provide(self, command: str, args: tuple[Any, ...]) -> None:
        """Pull the image of a container that is about to be made, if it is not here.  Raises DockerError."""
        if command in ("create", "run") and args:
            self.local_or_pulled(args[0])

    def local_or_pulled(self, image: str) -> StoredImage:
        """Return the image that ``image`` (str) means, pulled if it is not here.  Raises DockerError."""
        found = self.find_image(image)
        if found is None:
            self.pull(image)
            found = self.image(image)
        return found

    @abstractmethod
    def pull(self, reference: str) -> str:
        """Fetch an image; ``Registries`` says how."""

    @abstractmethod
    def mount_points(
        self, container: Container, stored: StoredImage, asked: Sequence[MountPoint], volumes_from: Sequence[str]
    ) -> tuple[MountPoint, ...]:
        """Return the mounts that a container asks for; ``Volumes`` says how."""

    @abstractmethod
    def ports(
        self, config: Mapping[str, Any], publish: Sequence[str], expose: Sequence[str], publish_all: bool
    ) -> Mapping[str, tuple[str, ...]]:
        """Return which ports are published where; ``Networks`` says how."""

    @abstractmethod
    def endpoints(
        self, container: Container, network: str, aliases: Sequence[str], address: str
    ) -> Mapping[str, Endpoint]:
        """Return a new container's place in its network; ``Networks`` says how."""


def _check_directory(layers: tuple[Layer, ...], path: str) -> None:
    """Refuse a working directory ``path`` (str) where the image has something else.  Raises DockerError."""
    view = UnionView(layers)
    found = view.lookup(view.reached(path)) if path.startswith("/") and layers else None
    if found and not found.entry.is_directory:
        raise DockerError(f"Cannot mkdir: {path} is not a directory", 125)


def _pair(text: str) -> tuple[str, str]:
    name, _equals, value = text.partition("=")
    return name, value

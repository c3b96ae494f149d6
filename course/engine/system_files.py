"""What docker gives a container besides its image: the init layer, and files that are mounted from outside."""

from functools import lru_cache

from course.engine.records import Container
from course.layers.entry import directory, file, symlink
from course.layers.layer import Layer
from course.union.view import UnionView

HOSTS = (
    "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nff00::0\tip6-mcastprefix\n"
    "ff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n"
)
NAMESERVER = "127.0.0.11"  # docker's own name server, in every network but the default one


@lru_cache(maxsize=64)
def with_init_layer(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Return an image's layers with the one that docker puts between them and each container's own (tuple of Layer).

    It holds ``.dockerenv`` and empty files to mount on, whatever the image has there, and directories that it lacks.
    Rule: moby, daemon/initlayer/setup_unix.go.
    """
    view = UnionView(layers) if layers else None
    wanted = {
        "/.dockerenv": file(b"", 0o755),
        "/dev/console": file(b"", 0o755),
        "/dev/pts": directory(),
        "/dev/shm": directory(),  # noqa: S108 (a directory of the container)
        "/etc/hostname": file(b"", 0o755),
        "/etc/hosts": file(b"", 0o755),
        "/etc/mtab": symlink("/proc/mounts"),
        "/etc/resolv.conf": file(b"", 0o755),
        "/proc": directory(),
        "/sys": directory(),
    }
    kept = {path for path in wanted if view and (found := view.lookup(path)) and found.entry.is_directory}
    made = {path: entry for path, entry in wanted.items() if path not in kept}
    return (*layers, Layer(made, parent=layers[-1] if layers else None))


def system_files(container: Container) -> dict[str, bytes]:
    """Return the files that a container sees and does not own (dict of path to content): its names and addresses."""
    own = [
        f"{endpoint.address}\t{container.config['Hostname']}\n"
        for endpoint in container.networks.values()
        if endpoint.address
    ]
    named = (each.partition(":") for each in container.host.extra_hosts)
    extra = [f"{address}\t{name}\n" for name, _colon, address in named]
    return {
        "/etc/hostname": f"{container.config['Hostname']}\n".encode(),
        "/etc/hosts": (HOSTS + "".join(extra) + "".join(own)).encode(),
        "/etc/resolv.conf": f"nameserver {NAMESERVER}\noptions ndots:0\n".encode(),
    }

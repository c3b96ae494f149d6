"""Docker's directory on the host: all that the engine knows, as the files of one version of docker."""

from collections.abc import Callable, Mapping

from course.engine.disk.aufs import aufs_directory
from course.engine.disk.containerd import containerd_directory
from course.engine.disk.overlay2_directory import overlay2_directory
from course.engine.disk.trees import Tree
from course.engine.engine import Engine
from course.layers import paths
from course.layers.digest import sha256
from course.layers.entry import directory
from course.layers.layer import Layer
from course.words import _

VERSIONS: Mapping[str, Callable[[Engine], Tree]] = {
    "1.9": aufs_directory,
    "20": overlay2_directory,
    "29": containerd_directory,
}


def docker_directory(engine: Engine, version: str = "20") -> Layer:
    """Return what would lie below ``/var/lib/docker`` on the host of an ``engine`` (Layer, by the host's own paths).

    ``version`` is "1.9" (aufs, layers that are images), "20" (overlay2, as Docker 20.10 to 28 have it) or "29" (the
    stores of containerd, which lie in ``/var/lib/containerd``).  It is made of the engine's state alone: names that
    docker draws at random are derived from ids, so they stay the same.  Contents are those of the layers, not copied.
    What is left out is told by ``left_out``.  Raises ValueError: another version.

    >>> from course.layers.small_image import small_images
    >>> engine = Engine(seed=0)
    >>> _ = engine.load([small_images()["base:1"]])
    >>> where = f"/var/lib/docker/image/overlay2/imagedb/content/{engine.image('base:1').id.replace(':', '/')}"
    >>> docker_directory(engine).entries[where].read() == engine.image("base:1").image.config.raw
    True
    """
    if version not in VERSIONS:
        raise ValueError(f"{version!r} is no version that is simulated; those are {', '.join(VERSIONS)}")
    tree = VERSIONS[version](engine)
    for path in list(tree):
        for above in paths.ancestors(path)[1:]:
            tree.setdefault(above, directory())
    entries = dict(sorted(tree.items(), key=lambda item: item[0].split("/")))
    # the files `.wh.NAME` of aufs can be in no layer's tar, so such a tree is known by its listing
    listed = "\n".join(entries).encode("utf-8", "surrogateescape")
    return Layer(entries, known_diff_id=sha256(listed) if version == "1.9" else "")


def left_out(version: str = "20") -> dict[str, str]:
    """Return what docker has in its directory and ``docker_directory`` has not (dict of path to what it is, in words).

    >>> [path for path in left_out("1.9") if path.endswith(".db")]
    ['/var/lib/docker/network/files/local-kv.db', '/var/lib/docker/linkgraph.db']
    """
    tar = _("what is needed to write the layer's tar again, byte by byte")
    everywhere = {
        "/var/lib/docker/network/files/local-kv.db": _("a database: the networks and their addresses"),
    }
    own = {
        "1.9": {
            "/var/lib/docker/linkgraph.db": _("a database: the names of containers and the links between them"),
            "/var/lib/docker/graph/<id>/tar-data.json.gz": tar,
            "/var/lib/docker/graph/<id>/checksum": _("the digest of a layer that was pulled"),
            "/var/lib/docker/aufs/diff/<id>/.wh..wh.*": _("files and directories that aufs makes for itself"),
            "/var/lib/docker/init/dockerinit-<version>": _("a program that docker runs first in a container"),
        },
        "20": {
            "/var/lib/docker/buildkit/*": _("databases, and the cache of BuildKit"),
            "/var/lib/docker/containerd": _("the stores of a containerd that docker has started itself"),
            "/var/lib/docker/volumes/metadata.db": _("a database: the volumes and their options"),
            "/var/lib/docker/image/overlay2/layerdb/sha256/<chain_id>/tar-split.json.gz": tar,
            "/var/lib/docker/image/overlay2/distribution/*": _("which digest a layer has in which registry"),
            "/var/lib/docker/overlay2/<id>/work/work/#*": _("files that overlayfs makes for itself"),
            "/var/lib/docker/overlay2/backingFsBlockDev": _("a device node, for the quotas of some file systems"),
        },
        "29": {
            "/var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db": _(
                "a database: the images by name, and which blobs and snapshots belong together"
            ),
            "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/metadata.db": _(
                "a database: the key and the parent of each snapshot's number"
            ),
            "/var/lib/docker/buildkit/*": _("databases, and the cache of BuildKit"),
            "/var/lib/docker/volumes/metadata.db": _("a database: the volumes and their options"),
            "/var/lib/docker/engine-id": _("a random name of this docker"),
        },
    }
    return everywhere | own[version]

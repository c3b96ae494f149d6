"""The directory of Docker 29, and the one beside it: images and layers are in the stores of containerd."""

import io
import json
from dataclasses import dataclass
from typing import BinaryIO

from course.engine.disk.containers import container_files
from course.engine.disk.stacks import container_stacks, image_layers
from course.engine.disk.trees import Tree, below, folders
from course.engine.disk.volumes import volume_files
from course.engine.engine import Engine
from course.layers.archive import layer_tar
from course.layers.entry import FileEntry, Kind, directory, file
from course.layers.layer import Layer
from course.transport.archive_members import Member
from course.transport.oci_archive_writing import oci_archive
from course.union.marks import to_overlayfs
from course.union.overlay2_names import ROOT

CONTAINERD = "/var/lib/containerd"
CONTENT = f"{CONTAINERD}/io.containerd.content.v1.content"
SNAPSHOTS = f"{CONTAINERD}/io.containerd.snapshotter.v1.overlayfs/snapshots"
MOUNTED = f"{ROOT}/rootfs/overlayfs"
FOLDERS = {
    CONTAINERD: 0o700,
    CONTENT: 0o755,
    f"{CONTENT}/blobs": 0o755,
    f"{CONTENT}/blobs/sha256": 0o755,
    f"{CONTENT}/ingest": 0o755,
    f"{CONTAINERD}/io.containerd.metadata.v1.bolt": 0o711,
    f"{CONTAINERD}/io.containerd.runtime.v2.task": 0o711,
    f"{CONTAINERD}/io.containerd.snapshotter.v1.overlayfs": 0o700,
    SNAPSHOTS: 0o700,
    f"{CONTAINERD}/tmpmounts": 0o700,  # noqa: S108 (a path to be shown)
    ROOT: 0o710,
    f"{ROOT}/buildkit": 0o711,
    f"{ROOT}/network": 0o750,
    f"{ROOT}/network/files": 0o750,
    f"{ROOT}/plugins": 0o700,
    f"{ROOT}/rootfs": 0o710,
    MOUNTED: 0o710,
    f"{ROOT}/runtimes": 0o700,
    f"{ROOT}/swarm": 0o700,
    f"{ROOT}/tmp": 0o700,  # noqa: S108 (a path to be shown)
}


@dataclass(frozen=True, slots=True)
class LayerTar:
    """File content that is the tar of a ``layer`` (Layer), written when it is read."""

    layer: Layer

    def open(self) -> BinaryIO:
        """Return the tar as a stream (binary file object).  Raises as ``layer_tar`` does."""
        return io.BytesIO(b"".join(layer_tar(self.layer)))


def containerd_directory(engine: Engine) -> Tree:
    """Return all that lies below ``/var/lib/docker`` and ``/var/lib/containerd`` (Tree).

    A layer is there twice: as a blob, under its digest, and unpacked, as a snapshot under a number.  Blobs are those of
    an archive that `docker save` writes: not compressed, though a registry would have sent them so.  An image's id is
    the digest of its manifest.  Rules: containerd 2.0, plugins/content/local and plugins/snapshots/overlay; moby 29,
    daemon/containerd/image_snapshot.go and daemon/snapshotter/mount.go.
    """
    tree, ids = folders(FOLDERS), dict[str, str]()
    for identity, stored in engine.images_by_id.items():
        members = oci_archive([stored.image])
        ids[identity] = manifest_digest(members)
        tree |= {f"{CONTENT}/{each.name}": _blob(each) for each in members if each.name.startswith("blobs/")}
    tree |= container_files(engine, "overlayfs", ids)
    return tree | volume_files(engine) | _snapshots(engine)


def manifest_digest(members: list[Member]) -> str:
    """Return the digest of the manifest of an archive with one image (str), given its files (list of Member).

    >>> from course.layers.small_image import small_image
    >>> manifest_digest(oci_archive([small_image()]))[:19]
    'sha256:181c86486b20'
    """
    index = next(member.source for member in members if member.name == "index.json")
    assert isinstance(index, bytes)  # noqa: S101 (a document)
    return str(json.loads(index)["manifests"][0]["digest"])


def _blob(member: Member) -> FileEntry:
    if isinstance(member.source, Layer):
        return FileEntry(Kind.FILE, 0o444, size=member.size, content=LayerTar(member.source))
    assert isinstance(member.source, bytes)  # noqa: S101 (this form of archive has no links)
    return file(member.source, 0o444)


def _snapshots(engine: Engine) -> Tree:
    """Return the snapshots (Tree), numbered in the order in which the engine has what they are of: images come first.

    A container has two: docker's own layer, and what it has written.  Its union is mounted while it runs.
    """
    stacks = container_stacks(engine)
    layers = [*image_layers(engine).values(), *(layer for stack in stacks for layer in (stack.init, stack.upper))]
    tree: Tree = {}
    for number, layer in enumerate(layers, 1):
        own = f"{SNAPSHOTS}/{number}"
        tree |= {own: directory(0o700), f"{own}/work": directory(0o711)}
        tree |= below(f"{own}/fs", to_overlayfs(layer))
    for stack in stacks:
        if stack.container.is_running:
            tree |= below(f"{MOUNTED}/{stack.container.id}", stack.merged.entries)
    return tree

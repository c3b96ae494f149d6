"""Media types: what an image's documents and layers say they are, and how each kind of layer is compressed."""

from course.transport.compression import GZIP, PLAIN, ZSTD

OCI, DOCKER = "application/vnd.oci.image", "application/vnd.docker"
INDEX = f"{OCI}.index.v1+json"
MANIFEST = f"{OCI}.manifest.v1+json"
DOCKER_MANIFEST = f"{DOCKER}.distribution.manifest.v2+json"
DOCKER_LAYER = f"{DOCKER}.image.rootfs.diff.tar"

INDEXES = {INDEX, f"{DOCKER}.distribution.manifest.list.v2+json"}
MANIFESTS = {MANIFEST, DOCKER_MANIFEST}
CONFIGS = {f"{OCI}.config.v1+json", f"{DOCKER}.container.image.v1+json"}

_TARS = (  # nondistributable and foreign ones may be missing, but are read like the others: image-spec layer.md
    f"{OCI}.layer.v1.tar",
    f"{OCI}.layer.nondistributable.v1.tar",
    DOCKER_LAYER,
    f"{DOCKER}.image.rootfs.foreign.diff.tar",
)
_SUFFIXES = {OCI: {"": PLAIN, "+gzip": GZIP, "+zstd": ZSTD}, DOCKER: {"": PLAIN, ".gzip": GZIP, ".zstd": ZSTD}}
LAYERS = {
    tar + suffix: compression
    for tar in _TARS
    for suffix, compression in _SUFFIXES[OCI if tar.startswith(OCI) else DOCKER].items()
}

"""The forms of docker and podman that are not OCI's: `docker save` before Engine 25, and podman's docker-dir."""

import re

from course.errors import InvalidDocument
from course.layers import paths
from course.layers.config import ImageConfig
from course.layers.digest import sha256
from course.layers.document import field, read_list
from course.transport.blobs import check_digest
from course.transport.manifests import Choice, Documents, LayerFile, read_manifest, saved_image
from course.transport.media_types import MANIFESTS
from course.words import _, shown

NAMED_BY_DIGEST = re.compile(r"(?:.*/)?(?:sha256:)?([0-9a-f]{64})(?:\.json)?")
FOLDER_VERSION = b"Directory Transport Version: "  # the first line of the file `version`


def read_archive(documents: Documents) -> list[Choice]:
    """Return the images of an archive of `docker save` (list of Choice), in the order of its ``manifest.json``.

    The archive promises no digests but those in the configs, and the config's own where its name is one, as docker and
    podman name it.  Raises InvalidDocument, MissingBlob, DigestMismatch, LimitExceeded.  Rule: moby's image/spec
    v1.2.md, "Combined Image JSON + Filesystem Changeset Format".
    """
    manifest = documents.file("/manifest.json")
    choices = []
    for number, item in enumerate(read_list(manifest.read(), manifest.where)):
        where = f"{manifest.where}[{number}]"
        config_path = _path(field(item, "Config", str, where, required=True), where)
        config = documents.file(config_path)
        data = config.read()
        named = NAMED_BY_DIGEST.fullmatch(config_path)
        if named:
            check_digest(config, sha256(data), f"sha256:{named[1]}")
        layers = [LayerFile(_path(name, where)) for name in field(item, "Layers", list, where)]
        names = field(item, "RepoTags", list, where)
        if not all(isinstance(name, str) for name in names):
            raise InvalidDocument(_("{where}: 'RepoTags' is no list of texts.").format(where=where))
        parsed = ImageConfig.parse(data, config.where)
        choices.append(Choice(list(names), [saved_image(where, parsed, layers, documents.limits)]))
    return choices


def _path(name: object, where: str) -> str:
    try:
        return paths.normal(str(name))
    except ValueError:
        raise InvalidDocument(
            _("{where}: '{name}' leads out of the archive.").format(where=where, name=shown(str(name))[:200])
        ) from None


def is_folder(documents: Documents) -> bool:
    """Tell (bool) whether the files are those of podman's docker-dir: a manifest, and blobs beside it."""
    version = documents.files.find("/version")
    return version is not None and version.size < 100 and version.read().startswith(FOLDER_VERSION)


def read_folder(documents: Documents) -> list[Choice]:
    """Return the one image of a folder that podman wrote as docker-dir, or skopeo as dir (list of Choice).

    Raises as ``read_manifest`` does.  Rule: containers-transports(5), "dir:path".
    """
    manifest = documents.file("/manifest.json")
    return [Choice([], [read_manifest(manifest.read(), manifest.where, MANIFESTS, documents)])]

"""The directory of Docker 20.10 to 28: layers in ``overlay2``, what docker knows of them in ``image/overlay2``."""

from course.engine.disk.containers import container_files
from course.engine.disk.image_store import image_store
from course.engine.disk.overlay2 import overlay2
from course.engine.disk.trees import Tree, folders
from course.engine.disk.volumes import volume_files
from course.engine.engine import Engine
from course.union.overlay2_names import ROOT

FOLDERS = {
    ROOT: 0o710,
    f"{ROOT}/buildkit": 0o711,
    f"{ROOT}/network": 0o750,
    f"{ROOT}/network/files": 0o750,
    f"{ROOT}/plugins": 0o700,
    f"{ROOT}/plugins/storage": 0o755,
    f"{ROOT}/plugins/storage/ingest": 0o755,
    f"{ROOT}/plugins/tmp": 0o700,
    f"{ROOT}/runtimes": 0o700,
    f"{ROOT}/swarm": 0o700,
    f"{ROOT}/tmp": 0o700,  # noqa: S108 (a path to be shown)
    f"{ROOT}/trust": 0o700,
}


def overlay2_directory(engine: Engine) -> Tree:
    """Return all that lies below ``/var/lib/docker`` (Tree).  Rule: seen on Docker 20.10.24."""
    return {
        **folders(FOLDERS),
        **container_files(engine, "overlay2", {}),
        **image_store(engine),
        **overlay2(engine),
        **volume_files(engine),
    }

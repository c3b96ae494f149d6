"""``volumes``: a directory for each volume, with its files under ``_data``."""

from course.engine.disk.trees import Tree, below, folders
from course.engine.engine import Engine
from course.union.overlay2_names import ROOT


def volume_files(engine: Engine) -> Tree:
    """Return the directory ``volumes`` (Tree): the same in every version since 1.9.

    >>> engine = Engine(seed=0)
    >>> _ = engine.run("base:1", "sh", "-c", "echo kept > /data/note", volume=["notes:/data"])
    >>> sorted(volume_files(engine))[-1]
    '/var/lib/docker/volumes/notes/_data/note'
    """
    tree = folders({f"{ROOT}/volumes": 0o701})
    for name in engine.volumes:
        own = f"{ROOT}/volumes/{name}"
        tree |= folders({own: 0o701})
        tree |= below(f"{own}/_data", engine.store.tables["trees"][f"volume:{name}"].copy().freeze().entries)
    return tree

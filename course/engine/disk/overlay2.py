"""``overlay2``: the directories of the layers, as Docker 1.12 to 28 stacks them with overlayfs."""

from collections.abc import Sequence

from course.engine.disk.stacks import ContainerStack, container_stacks, image_layers
from course.engine.disk.trees import Tree, below, folders
from course.engine.engine import Engine
from course.layers.entry import FileEntry, directory, file, symlink
from course.layers.layer import Layer
from course.union.marks import to_overlayfs
from course.union.overlay2_names import WHERE, cache_id, link_name, mount_id


def overlay2(engine: Engine) -> Tree:
    """Return the directory ``overlay2`` (Tree).

    Each layer has a directory with its files under ``diff``, in overlayfs's own form; ``lower`` names those below it,
    the nearest first, by their links; ``committed`` says that something stands on it.  A container has two: the layer
    that docker makes before its first start, and its own.  ``merged`` is there while it runs, and shows the union.
    Rule: seen on Docker 20.10.
    """
    tree = folders({WHERE: 0o710, f"{WHERE}/l": 0o700})
    layers, stacks = image_layers(engine).values(), container_stacks(engine)
    for layer in layers:
        tree |= _directory(cache_id(layer), layer, [cache_id(each) for each in layer.stack[:-1]])
    for parent in (*(layer.parent for layer in layers), *(stack.parent for stack in stacks)):
        tree |= _committed(cache_id(parent)) if parent else {}
    for stack in stacks:
        tree |= _of_container(stack)
    return tree


def _of_container(stack: ContainerStack) -> Tree:
    own = mount_id(stack.container.id)
    init = f"{own}-init"
    lower = [cache_id(each) for each in stack.init.stack[:-1]]
    tree = _directory(init, stack.init, lower) | _committed(init)
    tree |= _directory(own, stack.upper, [*lower, init])
    mounted = [init, own] if lower else [own]  # once at least: overlayfs has made a directory of its own in ``work``
    tree |= folders({f"{WHERE}/{name}/work/work": 0 for name in mounted})
    if stack.container.is_running:
        tree |= below(f"{WHERE}/{own}/merged", stack.merged.entries)
    return tree


def _directory(name: str, layer: Layer, lower: Sequence[str]) -> Tree:
    """Return the directory ``name`` of a layer and its link; ``lower`` are those below it, the lowest first."""
    own, link = f"{WHERE}/{name}", link_name(name)
    tree: Tree = {
        own: directory(0o710),
        f"{own}/link": file(link),
        f"{WHERE}/l/{link}": symlink(f"../{name}/diff"),
        **below(f"{own}/diff", to_overlayfs(layer), _root(layer)),
    }
    if lower:
        tree[f"{own}/lower"] = file(":".join(f"l/{link_name(each)}" for each in reversed(lower)))
        tree[f"{own}/work"] = directory(0o700)
    return tree


def _committed(name: str) -> Tree:
    return {f"{WHERE}/{name}/committed": file(b"", 0o600)}


def _root(layer: Layer) -> FileEntry:
    """Return what the root of a layer's directory is like (FileEntry): as that of the nearest one that says so."""
    own = (each.entries["/"] for each in reversed(layer.stack) if "/" in each.entries)
    return next(own, directory())

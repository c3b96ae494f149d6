"""The stacks that lie on a disk: every read-only layer once, and what stands on them for each container."""

from dataclasses import dataclass

from course.engine.engine import Engine
from course.engine.records import Container
from course.engine.system_files import with_init_layer
from course.layers.layer import Layer
from course.transport.flattening import flatten


@dataclass(frozen=True, slots=True)
class ContainerStack:
    """What docker keeps of one ``container`` (Container) beside its image's layers.

    ``parent`` is the topmost of those (Layer, or None: the image has none), ``init`` docker's own layer on it (Layer),
    ``upper`` what the container has written (Layer).
    """

    container: Container
    parent: Layer | None
    init: Layer
    upper: Layer

    @property
    def merged(self) -> Layer:
        """What the container sees (Layer): its union, which is mounted while it runs; without its other mounts."""
        return flatten(self.upper.stack)


def image_layers(engine: Engine) -> dict[str, Layer]:
    """Return the layers of all images, and those that a container still holds (dict by chain_id), parents first."""
    stacks = [stored.image.layers for stored in engine.images_by_id.values()]
    stacks += [container.layers for container in engine.containers.values()]
    return {layer.chain_id: layer for stack in stacks for layer in stack}


def container_stacks(engine: Engine) -> list[ContainerStack]:
    """Return what each container has on its image's layers (list of ContainerStack).

    >>> engine = Engine(seed=0)
    >>> _ = engine.run("base:1", "sh", "-c", "echo hi > /tmp/new", name="box")
    >>> [sorted(stack.upper.entries) for stack in container_stacks(engine)]
    [['/tmp', '/tmp/new']]
    """
    return [_stack(container) for container in engine.containers.values()]


def _stack(container: Container) -> ContainerStack:
    init = with_init_layer(container.layers)[-1]
    return ContainerStack(container, init.parent, init, container.written.copy().freeze(init))

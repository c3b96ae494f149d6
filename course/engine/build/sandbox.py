"""A process on layers, in no container that anyone sees: how BuildKit carries out a RUN."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from course.engine.configuring import process_of
from course.engine.records import Container, Status
from course.engine.system_files import system_files, with_init_layer
from course.layers.layer import Layer
from course.processes.runtime import Specification

if TYPE_CHECKING:
    from course.engine.build.building import Building

HOSTNAME = "buildkitsandbox"


def run_apart(engine: "Building", layers: tuple[Layer, ...], config: Mapping[str, Any]) -> Container:
    """Run a process on ``layers`` (tuple of Layer) to its end, as ``config`` says; return what came of it (Container).

    Nothing of it stays in the engine.  One that would run for ever is killed.  Raises StartError.
    """
    identity = engine.new_id()
    settings = {"Hostname": HOSTNAME, **config}
    container = Container(
        identity, "", "", "", layers, engine.clock.now, settings, engine.runtime.new_layer(identity, layers)
    )
    engine.store.put("containers", identity, container)
    try:
        specification = Specification(
            identity, with_init_layer(layers), process_of(container), HOSTNAME, files=system_files(container)
        )
        engine.runtime.start(specification, container.written)
        engine.change_state(container, status=Status.RUNNING)
        if not engine.wait_until(lambda: not engine.containers[identity].is_running):
            engine.kill(identity)
        return engine.containers[identity]
    finally:
        engine.store.remove("containers", identity)
        changes = engine.store.changes
        changes[:] = [change for change in changes if change.table != "containers" or change.key != identity]

"""The session on the simulated engine, asked and looked at as a real one is: by command lines, and at its interface."""

import json
from contextlib import chdir
from subprocess import CompletedProcess
from unittest.mock import patch

from course.engine.command_line.carrying_out import carry_out
from course.engine.command_line.world import Host
from course.engine.disk.directory import docker_directory
from course.engine.engine import Engine
from course.errors import DockerError
from session import record
from session.record import Session
from session.table import chapter

ROOT = "/var/lib/docker/"  # where the simulated engine has its data
LAYERS = f"{ROOT}image/overlay2/layerdb/sha256"
NO_NETWORK = 'Get "https://registry-1.docker.io/v2/": dial tcp: network is unreachable'


class OfflineEngine(Engine):
    """A simulated engine that reaches no registry, as the engines that were recorded did not."""

    def _pull(self, *_args):
        raise DockerError(NO_NETWORK)


class Ours:
    """A simulated engine that answers as ``session.engines.Engine`` does: ``docker`` runs a command in ``work``."""

    def __init__(self, folder, builder):
        self.engine = OfflineEngine(seed=20)
        self.folder, self.work, self.data = folder, folder / "work", folder / "data"
        self.work.mkdir(parents=True)
        self.world = Host()
        self.world.environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(folder),
            "DOCKER_BUILDKIT": str(int(builder == "buildkit")),
        }

    def run(self, argv, stdin=None):
        """Run a command (list of str, which begins with docker), and return it as completed (CompletedProcess)."""
        with chdir(self.work):
            outcome = carry_out(self.engine, argv[1:], world=self.world, stdin=stdin or b"")
        told = (each.replace(ROOT.encode(), f"{self.data}/".encode()) for each in (outcome.stdout, outcome.stderr))
        return CompletedProcess(argv, outcome.status, *told)

    def sleep(self, _seconds):
        """Let a second pass on the engine's clock, however long one wanted to wait."""
        self.engine.sleep(1)

    def ask(self, path):
        """Return what the engine's interface would say at ``path`` (a JSON value, or None: there is no such thing)."""
        kind, *rest = path.partition("?")[0].strip("/").split("/")
        try:
            return json.loads(json.dumps(self._ask(kind, *rest)))
        except DockerError:
            return None

    def _ask(self, kind, identifier="json", what=""):
        engine = self.engine
        if kind == "networks":
            return [engine.network_document(network) for network in engine.networks.values()]
        if kind == "volumes":
            return {"Volumes": [engine.volume_document(volume) for volume in engine.volumes.values()]}
        if identifier == "json":
            return [{"Id": each} for each in (engine.containers if kind == "containers" else engine.images_by_id)]
        if what == "changes":
            return [{"Kind": "CAD".index(str(each)[0]), "Path": str(each)[2:]} for each in engine.diff(identifier)]
        if what == "history":
            rows = engine.history(identifier)
            return [
                {"Id": row.id, "Size": row.size, "CreatedBy": row.created_by, "Comment": row.comment} for row in rows
            ]
        return engine.inspect(identifier, type=kind.removesuffix("s"))[0]

    def put_on_disk(self):
        """Make the directories of layers in the data root, as the engine has them in its mind."""
        for path, entry in docker_directory(self.engine).entries.items():
            if path.startswith(LAYERS) and entry.is_directory:
                (self.data / path.removeprefix(ROOT)).mkdir(parents=True)


def played(name, folder, builder="classic"):
    """Play one chapter on a simulated engine below ``folder`` (Path); return its record as ``record.record`` does."""
    ours = Ours(folder, builder)
    session = Session(ours, folder)
    steps = chapter(name, builder)
    settled = [step.kind != "until" for step in [*steps[1:], *steps[:1]]]
    with patch.object(record.time, "sleep", ours.sleep):
        steps = [session.play(*each) for each in zip(steps, settled, strict=True)]
    ours.put_on_disk()
    return {"steps": steps, "end": session.probe.everything()}

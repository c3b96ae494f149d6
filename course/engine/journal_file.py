"""An engine in one file: its journal, with all that came from outside, from which everything is done again.

The file is a zip: ``journal.json`` lists the commands with their arguments; ``blobs/`` holds what those refer to, the
tars of layers and the configs of images, by digest as in an OCI image layout.
"""

import base64
import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course.engine.base import EngineBase
from course.engine.engine import Engine
from course.engine.journal import Event
from course.errors import CourseError, DockerError
from course.files import replacing
from course.layers.archive import layer_tar
from course.layers.config import ImageConfig
from course.layers.digest import sha256
from course.layers.document import read_document
from course.layers.image import Image
from course.layers.layer import Layer
from course.transport.plain_tar import LIMITS, read_tar
from course.words import _, shown

FORMAT = 1
THEN = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can tell: when the file was written is nobody's business
LARGEST = 64 << 20  # bytes of journal.json


def write_journal(engine: EngineBase, path: Path) -> None:
    """Write all that ``engine`` (Engine) has done, and may do again, to the file ``path`` (Path), wholly or not at all.

    >>> import tempfile
    >>> engine = Engine(seed=3)
    >>> engine.volume_create("data")
    'data'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_journal(engine, Path(folder, "engine.zip"))
    ...     read_journal(Path(folder, "engine.zip")).volumes == engine.volumes
    True
    """
    blobs = _Blobs()
    events = [
        {
            "command": event.command,
            "arguments": [blobs.encoded(value) for value in event.arguments],
            "options": {name: blobs.encoded(value) for name, value in event.options.items()},
            "changes": _changes(event),
        }
        for event in engine.journal.events
    ]
    document = {"format": FORMAT, "seed": engine.seed, "position": engine.journal.position, "events": events}
    with replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("journal.json", THEN), json.dumps(document, indent=1))
        for digest, data in sorted(blobs.found.items()):
            info = zipfile.ZipInfo(_name(digest), THEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w") as member:
                for chunk in [data] if isinstance(data, bytes) else layer_tar(data):
                    member.write(chunk)


def read_journal(path: Path) -> Engine:
    """Return an engine (Engine) that has done all that the file ``path`` (Path) tells, in the same way.

    Raises CourseError: it is no such file, or what it tells comes out otherwise here.
    """
    where = shown(str(path))
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive, where)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged(where) from error


def _read(archive: zipfile.ZipFile, where: str) -> Engine:
    if archive.getinfo("journal.json").file_size > LARGEST:
        raise _damaged(where)
    document = read_document(archive.read("journal.json"), where)
    values = _Values(archive, where)
    try:
        if document["format"] != FORMAT:
            raise CourseError(
                _("{file}: is of format {found}; this course reads format {known}.").format(
                    file=where, found=document["format"], known=FORMAT
                )
            )
        engine = Engine(seed=int(document["seed"]))
        for entry in document["events"]:
            _repeat(engine, entry, values, where)
        position = int(document["position"])
        if not 0 <= position <= len(engine.journal.events):
            raise _damaged(where)
        while engine.journal.position > position:
            engine.undo()
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(where) from error
    return engine


def _repeat(engine: Engine, entry: dict[str, Any], values: "_Values", where: str) -> None:
    name = entry["command"]
    method = getattr(Engine, name)
    if name.startswith("_") or not hasattr(method, "__wrapped__"):
        raise _damaged(where)
    call: Callable[..., Any] = getattr(engine, name)
    count = len(engine.journal.events)
    try:
        call(
            *(values.decoded(value) for value in entry["arguments"]),
            **{option: values.decoded(value) for option, value in entry["options"].items()},
        )
    except DockerError as error:
        if not error.kept:
            raise _otherwise(where, count, name) from error
    if len(engine.journal.events) != count + 1 or _changes(engine.journal.events[-1]) != entry["changes"]:
        raise _otherwise(where, count, name)


def _changes(event: Event) -> list[list[str]]:
    """Return what an event changed, by table and key (list of pairs of str): ids are digests, so this tells enough."""
    return [[change.table, change.key] for change in event.changes]


def _otherwise(where: str, count: int, name: str) -> CourseError:
    return CourseError(
        _("{file}: step {step} ({command}) comes out otherwise here: another version of the course wrote it.").format(
            file=where, step=count + 1, command=name
        )
    )


def _damaged(where: str) -> CourseError:
    return CourseError(_("{file}: is no journal of an engine, or a damaged one.").format(file=where))


def _name(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


class _Blobs:
    """Turns arguments into JSON; what is large is found here afterwards, by digest."""

    def __init__(self) -> None:
        self.found: dict[str, bytes | Layer] = {}

    def encoded(self, value: Any) -> Any:
        if value is None or isinstance(value, str | int | float):
            return value
        if isinstance(value, bytes):
            return {"bytes": base64.b64encode(value).decode()}
        if isinstance(value, Layer):
            return {"layers": self._layers(value.stack)}
        if isinstance(value, Image):
            self.found[value.image_id] = value.config.raw
            return {"image": value.image_id, "layers": self._layers(value.layers), "names": list(value.names)}
        if isinstance(value, dict):
            return {"mapping": [[key, self.encoded(item)] for key, item in value.items()]}
        return [self.encoded(item) for item in value]

    def _layers(self, layers: tuple[Layer, ...]) -> list[str]:
        self.found.update((layer.diff_id, layer) for layer in layers)
        return [layer.diff_id for layer in layers]


class _Values:
    """Turns JSON back into arguments; a layer that is there already is the same Layer."""

    def __init__(self, archive: zipfile.ZipFile, where: str) -> None:
        self._archive, self._where = archive, where
        self._known: dict[tuple[Layer | None, str], Layer] = {}

    def decoded(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.decoded(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "bytes" in value:
            return base64.b64decode(value["bytes"])
        if "mapping" in value:
            return {key: self.decoded(item) for key, item in value["mapping"]}
        layers = self._stack(value["layers"])
        if "image" not in value:
            return layers[-1]
        config = ImageConfig.parse(self._blob(value["image"]), self._where)
        return Image(config, layers, tuple(value["names"]))

    def _stack(self, diff_ids: list[str]) -> tuple[Layer, ...]:
        parent: Layer | None = None
        for diff_id in diff_ids:
            if (parent, diff_id) not in self._known:
                read = read_tar(self._blob(diff_id), self._where)
                self._known[parent, diff_id] = Layer(
                    read.entries, read.whiteouts, read.opaque, parent, read.known_diff_id, read.tar
                )
            parent = self._known[parent, diff_id]
        return parent.stack if parent else ()

    def _blob(self, digest: str) -> bytes:
        info = self._archive.getinfo(_name(digest))
        if info.file_size > LIMITS.most_uncompressed(info.compress_size):  # what no layer compresses to
            raise _damaged(self._where)
        data = self._archive.read(info)
        if sha256(data) != digest:
            raise _damaged(self._where)
        return data

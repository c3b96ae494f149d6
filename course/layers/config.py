"""The image config: what an image is besides its files (how it was made, and how to run it)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from course.errors import InvalidDocument
from course.layers import document
from course.layers.digest import checked_digest, sha256
from course.words import _

LIST_OF_TEXTS = ("Env", "Entrypoint", "Cmd", "OnBuild", "Shell")
TEXTS = ("User", "WorkingDir", "StopSignal")
OBJECTS = ("ExposedPorts", "Volumes", "Labels", "Healthcheck")
INHERITED = ("os.version", "os.features", "variant")  # moby's image/image.go, NewChildImage


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an image's history: one instruction of its Dockerfile, say.

    ``created_by`` is the instruction (str), ``created`` when (str, RFC 3339), ``empty_layer`` whether it brought no
    layer (bool), ``comment`` and ``author`` are texts.  Rule: image-spec config.md, "history".
    """

    created_by: str = ""
    created: str = ""
    author: str = ""
    comment: str = ""
    empty_layer: bool = False


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """An image config, as its exact bytes say it.

    ``raw`` is those bytes, whose digest is the image ID.  ``diff_ids`` name the layers, the lowest first (tuple of
    str).  ``history`` is how they were made (tuple of Step).  ``run`` is the object "config": how to run it
    (``Cmd``, ``Env``, ``User``, … by the names of the specification).  Rule: image-spec config.md.
    """

    raw: bytes
    architecture: str
    os: str
    diff_ids: tuple[str, ...]
    history: tuple[Step, ...] = ()
    run: Mapping[str, Any] = field(default_factory=dict)
    created: str = ""
    author: str = ""
    variant: str = ""

    @property
    def image_id(self) -> str:
        """The digest of the config's exact bytes (str).  Rule: image-spec config.md, "ImageID"."""
        return sha256(self.raw)

    @property
    def platform(self) -> str:
        """Operating system, architecture and variant as docker writes a platform (str), such as ``linux/arm64/v8``."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    def instructions(self) -> list[str]:
        """Return the instruction that brought each layer, the lowest first (list of str; empty where unknown)."""
        known = [step.created_by for step in self.history if not step.empty_layer]
        if len(known) != len(self.diff_ids):  # podman and umoci do not check it either; only a guess is lost
            return [""] * len(self.diff_ids)
        return known

    @classmethod
    def parse(cls, raw: bytes, where: str) -> "ImageConfig":
        """Return the ImageConfig that ``raw`` (bytes) says; ``where`` names the document for messages.

        Raises InvalidDocument: no JSON object, a required property is missing or of another type, ``rootfs.type`` is
        not "layers", a diff_id is no digest.

        >>> made = ImageConfig.make(diff_ids=["sha256:" + 64 * "0"], run={"Cmd": ["sh"]})
        >>> ImageConfig.parse(made.raw, "config") == made
        True
        """
        data = document.read_document(raw, where)
        rootfs = document.field(data, "rootfs", dict, where, required=True)
        kind = document.field(rootfs, "type", str, f"{where}, rootfs", required=True)
        if kind != "layers":
            raise InvalidDocument(
                _("{where}: 'rootfs.type' is '{kind}'; the only one there is is 'layers'.").format(
                    where=where, kind=kind
                )
            )
        diff_ids = document.field(rootfs, "diff_ids", list, f"{where}, rootfs", required=True)
        run = document.field(data, "config", dict, where)
        _check_run(run, f"{where}, config")
        return cls(
            raw=raw,
            architecture=document.field(data, "architecture", str, where, required=True),
            os=document.field(data, "os", str, where, required=True),
            diff_ids=tuple(checked_digest(diff_id, f"{where}, rootfs.diff_ids") for diff_id in diff_ids),
            history=tuple(_step(step, f"{where}, history") for step in document.field(data, "history", list, where)),
            run=run,
            created=document.field(data, "created", str, where),
            author=document.field(data, "author", str, where),
            variant=document.field(data, "variant", str, where),
        )

    @classmethod
    def make(
        cls,
        diff_ids: Sequence[str],
        history: Sequence[Step] = (),
        run: Mapping[str, Any] | None = None,
        architecture: str = "amd64",
        created: str = "",
        author: str = "",
        more: Mapping[str, Any] | None = None,
    ) -> "ImageConfig":
        """Return a new ImageConfig for Linux, whose bytes are the same whenever it is made of the same.

        ``created`` is when (str, RFC 3339), ``author`` by whom (str); ``more`` are other properties by their names
        (mapping), such as ``variant``, or docker's own ``comment``, ``container`` and ``docker_version``.

        >>> ImageConfig.make(diff_ids=[]).platform
        'linux/amd64'
        """
        data: dict[str, Any] = {**(more or {}), "architecture": architecture, "os": "linux", "config": dict(run or {})}
        if created:
            data["created"] = created
        if author:
            data["author"] = author
        data["rootfs"] = {"type": "layers", "diff_ids": list(diff_ids)}
        if history:
            data["history"] = [
                {name: value for name in Step.__slots__ if (value := getattr(step, name))} for step in history
            ]
        return cls.parse(json.dumps(data, sort_keys=True, separators=(",", ":")).encode(), "config")

    def child(
        self,
        diff_ids: Sequence[str],
        step: Step,
        run: Mapping[str, Any] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> "ImageConfig":
        """Return the config of the image that one ``step`` (Step) makes of this one's.

        It is created when the step was, and by its author; ``run`` is how to run it (mapping; as before, if None), and
        ``more`` as for ``make``.  The platform and the history are kept; what docker does not know is not, nor are the
        parent's ``author`` and ``comment``.  Rule: moby's image/image.go, NewChildImage.

        >>> parent = ImageConfig.make(diff_ids=[], run={"Cmd": ["sh"]}, author="Ann")
        >>> child = parent.child([], Step("ENV A=b", author="Bob", empty_layer=True))
        >>> child.run, child.author, len(child.history)
        ({'Cmd': ['sh']}, 'Bob', 1)
        """
        data = document.read_document(self.raw, "config")
        kept = {name: data[name] for name in INHERITED if data.get(name)}
        return ImageConfig.make(
            diff_ids,
            (*self.history, step),
            self.run if run is None else run,
            self.architecture,
            step.created,
            step.author,
            {**kept, **(more or {})},
        )


def _step(data: object, where: str) -> Step:
    if not isinstance(data, dict):
        raise InvalidDocument(_("{where}: expected objects in the list.").format(where=where))
    texts = {name: document.field(data, name, str, where) for name in ("created_by", "created", "author", "comment")}
    return Step(**texts, empty_layer=document.field(data, "empty_layer", bool, where))


def _check_run(run: dict[str, Any], where: str) -> None:
    for name in TEXTS:
        document.field(run, name, str, where)
    for name in OBJECTS:
        document.field(run, name, dict, where)
    for name in LIST_OF_TEXTS:
        if not all(isinstance(text, str) for text in document.field(run, name, list, where)):
            raise InvalidDocument(_("{where}: '{name}' is no list of texts.").format(where=where, name=name))

"""An image: a stack of layers and the config that says how they were made and how to run them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from course.layers.config import ImageConfig, Step
from course.layers.digest import short
from course.layers.layer import Layer


@dataclass(frozen=True, slots=True)
class Descriptor:
    """Where a blob is and what it is: ``media_type`` (str), ``digest`` (str), ``size`` in bytes (int).

    Rule: image-spec descriptor.md.
    """

    media_type: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Image:
    """An image.

    ``config`` says how to run it (ImageConfig).  ``layers`` are its layers, the lowest first (tuple of Layer), each
    standing on the one before.  ``names`` are the references it was saved under (tuple of str).  ``blobs`` are the
    layers as they were stored, compressed perhaps (tuple of Descriptor, one a layer; empty for an image made here).

    >>> image = Image.of([Layer.of({"/hello": "world"})], names=["demo:latest"])
    >>> image.layers[0].diff_id == image.config.diff_ids[0]
    True
    """

    config: ImageConfig
    layers: tuple[Layer, ...]
    names: tuple[str, ...] = ()
    blobs: tuple[Descriptor, ...] = ()

    @property
    def image_id(self) -> str:
        """The digest of the config's exact bytes (str)."""
        return self.config.image_id

    @classmethod
    def of(
        cls,
        layers: Sequence[Layer],
        instructions: Sequence[str] = (),
        names: Sequence[str] = (),
        run: Mapping[str, object] | None = None,
        empty: Collection[str] = (),
        architecture: str = "amd64",
    ) -> "Image":
        """Return an image of these layers (sequence of Layer, the lowest first).

        ``instructions`` made it (sequence of str); those that are in ``empty`` brought no layer.  ``names`` are its
        references (sequence of str), ``run`` says how to run it (mapping, as in the config's object "config"), on
        ``architecture`` (str).
        """
        history = [Step(created_by=instruction, empty_layer=instruction in empty) for instruction in instructions]
        config = ImageConfig.make([layer.diff_id for layer in layers], history, run, architecture)
        return cls(config, tuple(layers), tuple(names))

    def __repr__(self) -> str:
        name = f"{self.names[0]} " if self.names else ""
        return f"<Image {name}{short(self.image_id)}: {len(self.layers)} layers>"

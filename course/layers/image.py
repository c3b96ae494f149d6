"""An image: a stack of layers and the config that says how they were made and how to run them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from course.errors import InvalidLayer
from course.layers.config import ImageConfig, Step
from course.layers.digest import short
from course.layers.layer import Layer
from course.words import _


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

    @property
    def top(self) -> Layer | None:
        """The topmost layer (Layer), or None: what the next one stands on."""
        return self.layers[-1] if self.layers else None

    @property
    def size(self) -> int:
        """The bytes that all its layers hold (int), as ``docker images`` shows them."""
        return sum(layer.size for layer in self.layers)

    def with_layer(
        self,
        layer: Layer | None,
        step: Step,
        run: Mapping[str, object] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> "Image":
        """Return the image that one ``step`` (Step) makes of this one: an instruction of a Dockerfile, or a commit.

        ``layer`` is what the step brought (Layer, on the topmost one), or None: nothing.  ``run`` says how to run it
        (mapping; as before, if None), ``more`` are other properties of its config.  It has no name yet.  Raises
        InvalidLayer: the layer stands on something else.  Rule: as of ``ImageConfig.child``.

        >>> base = Image.of([Layer.of({"/hello": "world"})], ["COPY hello /"])
        >>> image = base.with_layer(Layer.of({"/bye": "moon"}, parent=base.top), Step("COPY bye /"))
        >>> image = image.with_layer(None, Step("CMD ls"), run={"Cmd": ["ls"]})
        >>> len(image.layers), [step.empty_layer for step in image.config.history]
        (2, [False, False, True])
        """
        if layer is not None and layer.parent != self.top:
            raise InvalidLayer(
                _("layer {layer}: does not stand on the topmost layer of image {image}.").format(
                    layer=short(layer.diff_id), image=short(self.image_id)
                )
            )
        layers = self.layers if layer is None else (*self.layers, layer)
        step = replace(step, empty_layer=layer is None)
        return Image(self.config.child([layer.diff_id for layer in layers], step, run, more), layers)

    def __repr__(self) -> str:
        name = f"{self.names[0]} " if self.names else ""
        return f"<Image {name}{short(self.image_id)}: {len(self.layers)} layers>"

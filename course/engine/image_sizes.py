"""How much images hold: what several of them share, and what all of them take on a disk."""

from collections import Counter
from collections.abc import Iterable, Sequence

from course.layers.image import Image
from course.layers.layer import Layer


def shared_sizes(images: Iterable[Image]) -> dict[str, int]:
    """Return how many bytes of each image lie in layers that others of the ``images`` have too (dict by image id).

    A layer is the same only on the same layers: chain_ids count, as they do on a disk.  Rule: moby,
    daemon/images/images.go.

    >>> from course.layers.small_image import small_images
    >>> images = small_images()
    >>> shared = shared_sizes(images.values())
    >>> {name: image.size - shared[image.image_id] for name, image in images.items()}
    {'base:1': 0, 'greeter:1': 19, 'greeter:2': 19}
    """
    known = {image.image_id: image for image in images}
    users = Counter(layer.chain_id for image in known.values() for layer in image.layers)
    return {
        identity: sum(layer.size for layer in image.layers if users[layer.chain_id] > 1)
        for identity, image in known.items()
    }


def size_of_layers(stacks: Iterable[Sequence[Layer]]) -> int:
    """Return the bytes that all these stacks (sequences of Layer) take on a disk (int): each layer counts once."""
    return sum(layer.size for layer in {layer.chain_id: layer for stack in stacks for layer in stack}.values())

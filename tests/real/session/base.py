"""The image that every chapter of the session begins with: this machine's userland, named ``base:1``, with a date."""

from dataclasses import replace

from course.layers.config import ImageConfig
from course.transport.from_host import image_from_host

NAME = "base:1"
MADE = "2020-01-01T00:00:00Z"


def base_image():
    """Return the image (Image)."""
    image = image_from_host()
    history = [replace(step, created=MADE) for step in image.config.history]
    run, architecture = image.config.run, image.config.architecture
    config = ImageConfig.make(image.config.diff_ids, history, run, architecture, created=MADE)
    return replace(image, config=config, names=(NAME,))

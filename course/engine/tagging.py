"""``docker tag``: a name for an image.  Names are kept apart from images, so that a name can move."""

from dataclasses import replace

from course.engine.base import command
from course.engine.go_text import quoted
from course.engine.images import Images
from course.engine.records import StoredImage
from course.errors import DockerError
from course.layers.image import Image
from course.layers.reference import InvalidReference, Reference


class Tagging(Images):
    """Gives names to images."""

    @command
    def tag(self, source: str, target: str) -> None:
        """Give the image ``source`` (str) the name ``target`` (str) as well; if another image has it, it loses it.

        Raises DockerError: there is no such image, or the name cannot be one.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> _ = engine.pull("base:1")
        >>> engine.tag("base:1", "team/base:old")
        >>> engine.image("team/base:old").id == engine.image("base:1").id
        True
        """
        try:
            reference = checked_target(target)
        except InvalidReference as error:
            raise DockerError(
                f"Error parsing reference: {quoted(target)} is not a valid repository/tag: {error}"
            ) from error
        self.give_name(self.image(source).id, reference.familiar)

    def give_name(self, image_id: str, name: str) -> None:
        """Let ``name`` (str, a reference as docker prints it) mean the image ``image_id`` (str)."""
        self.store.put("references", name, image_id)
        self.store.put("images", image_id, replace(self.images_by_id[image_id], tagged=self.clock.now))

    def add_image(self, image: Image, parent: str = "", container: str = "") -> str:
        """Put ``image`` (Image) into the store, and return its id (str); one that is there stays as it is.

        ``parent`` is the id of the image that it was made of here (str), ``container`` that of the container (str).
        """
        if image.image_id not in self.images_by_id:
            self.store.put("images", image.image_id, StoredImage(replace(image, names=()), parent, container))
        return image.image_id


def checked_target(name: str) -> Reference:
    """Return what a new name (str) says, completed (Reference).

    Raises InvalidReference: it is none; DockerError: it has a digest, which nobody can choose.
    """
    reference = Reference.parse(name).tagged
    if reference.digest:
        raise DockerError("refusing to create a tag with a digest reference")
    return reference

"""``docker commit``: what a container has written becomes the topmost layer of a new image."""

from collections.abc import Sequence

from course.engine.base import command
from course.engine.changing import changed
from course.engine.dates import date
from course.engine.removing_images import RemovingImages
from course.engine.squashing import squashed
from course.engine.tagging import checked_target
from course.errors import DockerError
from course.layers.config import Step
from course.layers.reference import InvalidReference

VERSION = "20.10.24"  # the docker whose ways these are


class Committing(RemovingImages):
    """Makes images of containers, and one layer of several."""

    @command
    def commit(
        self,
        container: str,
        repository: str = "",
        *,
        author: str = "",
        message: str = "",
        change: Sequence[str] = (),
        pause: bool = True,  # which changes nothing: no process gets its turn meanwhile
    ) -> str:
        """Make an image of ``container`` (str) and return its id (str); ``repository`` is its name (str, with a tag).

        What the container has written is the new image's topmost layer, without its mounts: a volume is no part of it,
        nor is any process.  A container that has written nothing gives a new image and no new layer.  The image is run
        as the container is, after ``change``: instructions of a Dockerfile (sequence of str).  ``author`` and
        ``message`` are texts for its history.  Raises DockerError.  Rule: moby, daemon/commit.go and image/image.go.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> _ = engine.run("base:1", "sh", "-c", "echo hello > /greeting", name="writer")
        >>> identity = engine.commit("writer", "greeting", message="by hand")
        >>> [(row.created_by, row.size, row.comment) for row in engine.history("greeting")][0]
        ('sh -c echo hello > /greeting', 6, 'by hand')
        """
        try:
            reference = checked_target(repository) if repository else None
        except InvalidReference as error:
            raise DockerError(str(error)) from error
        record = self.container(container)
        run = changed(record.config, change)
        if record.image not in self.images_by_id:
            raise DockerError(
                f"failed to get digest {record.image}: open /var/lib/docker/image/overlay2/imagedb/content/"
                f"{record.image.replace(':', '/')}: no such file or directory"
            )
        parent = self.images_by_id[record.image].image
        layer = record.written.freeze(parent.top)
        is_empty = not (layer.entries or layer.whiteouts or layer.opaque)
        step = Step(" ".join(record.config.get("Cmd") or ()), date(self.clock.now), author, message)
        more = {"container": record.id, "container_config": dict(record.config), "docker_version": VERSION}
        more |= {"comment": message} if message else {}
        image = parent.with_layer(None if is_empty else layer, step, run, more)
        identity = self.add_image(image, record.image, record.id)
        if reference:
            self.give_name(identity, reference.familiar)
        return identity

    @command
    def squash(self, image: str, parent: str = "") -> str:
        """Make an image with one layer instead of all that ``image`` (str) has above ``parent`` (str, or none).

        Returns its id (str).  The history stays, without layers, and says at its end what was done; the image itself
        stays as well.  Raises DockerError.  Rule: moby, daemon/images/images.go, SquashImage.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> _ = engine.pull("greeter:1"), engine.pull("base:1")
        >>> identity = engine.squash("greeter:1", "base:1")
        >>> len(engine.image(identity).image.layers), engine.waste(identity).size
        (2, 0)
        """
        base = self.image(parent).image if parent else None
        return self.add_image(squashed(self.image(image).image, base, date(self.clock.now)))

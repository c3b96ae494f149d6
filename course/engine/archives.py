"""``docker save``, ``load`` and ``import``: images to archives and back."""

from collections.abc import Sequence
from dataclasses import replace

from course.engine.base import command
from course.engine.changing import changed
from course.engine.dates import date
from course.engine.finding import SHA256
from course.engine.tagging import Tagging
from course.layers.config import ImageConfig, Step
from course.layers.image import Image
from course.layers.layer import Layer
from course.layers.reference import InvalidReference, Reference


class Archives(Tagging):
    """Hands images out, and takes them in."""

    def save(self, *images: str) -> list[Image]:
        """Return ``images`` (str each) as an archive is to hold them (list of Image), by the names they were asked for.

        A repository without a tag means all its tags.  ``course.transport.writing`` makes the archive.  Raises
        DockerError.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> _ = engine.pull("greeter:1")
        >>> [image.names for image in engine.save("greeter")]
        [('greeter:1',)]
        """
        names: dict[str, list[str]] = {}
        for word in images:
            for identity, name in self._saved(word):
                known = names.setdefault(identity, [])
                known += [name] if name and name not in known else []
        return [replace(self.images_by_id[identity].image, names=tuple(known)) for identity, known in names.items()]

    def _saved(self, word: str) -> list[tuple[str, str]]:
        """Return what ``word`` (str) asks to save: pairs of image id and name."""
        try:
            reference = Reference.parse(word)
        except InvalidReference:
            return [(self.image(word).id, "")]
        if not reference.tag and not reference.digest:
            tags = [
                (identity, name)
                for name, identity in sorted(self.references.items())
                if "@" not in name and Reference.parse(name).name == reference.name
            ]
            if tags:
                return tags
        found = self.image(word)
        named = reference.tagged.familiar
        return [(found.id, named if named in self.references and not word.startswith(SHA256) else "")]

    @command
    def load(self, images: Sequence[Image]) -> list[str]:
        """Take in ``images`` (sequence of Image: ``course.transport.reading.open_images`` reads them from an archive).

        Returns what docker says of each (list of str).
        """
        told = []
        for image in images:
            self.add_image(image)
            for name in image.names:
                familiar = Reference.parse(name).tagged.familiar
                before = self.references.get(familiar)
                if before and before != image.image_id:
                    told.append(
                        f"The image {familiar} already exists, renaming the old one with ID {before} to empty string"
                    )
                self.give_name(image.image_id, familiar)
                told.append(f"Loaded image: {familiar}")
            if not image.names:
                told.append(f"Loaded image ID: {image.image_id}")
        return told

    @command
    def import_(
        self, layer: Layer, reference: str = "", *, message: str = "", change: Sequence[str] = (), source: str = "-"
    ) -> str:
        """Make an image of one ``layer`` (Layer: ``course.transport.plain_tar.read_tar`` reads one); return its id.

        ``reference`` is its name (str), ``change`` instructions of a Dockerfile for its config (sequence of str),
        ``message`` a comment, ``source`` where the tar came from (str).  Raises DockerError.
        """
        name = Reference.parse(reference).tagged.familiar if reference else ""
        created = date(self.clock.now)
        comment = message or f"Imported from {source}"
        run = changed({}, change)
        config = ImageConfig.make([layer.diff_id], [Step(created=created, comment=comment)], run, created=created)
        identity = self.add_image(Image(config, (layer,)))
        if name:
            self.give_name(identity, name)
        return identity

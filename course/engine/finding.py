"""What a word on a command line means: a container by name, id or the beginning of its id, or an image."""

from collections.abc import Iterable

from course.engine.going_back import GoingBack
from course.engine.records import Container, StoredImage
from course.errors import DockerError
from course.layers.reference import InvalidReference, Reference

SHA256 = "sha256:"
HEXADECIMAL = set("0123456789abcdef")


class Finding(GoingBack):
    """Finds what commands speak of, and refuses what is not there in docker's words."""

    def container(self, word: str) -> Container:
        """Return the container that ``word`` (str) means: its name, its id, or the beginning of its id and no other's.

        Raises DockerError.  Rule: moby, daemon/container.go, GetContainer.
        """
        if word in self.containers:
            return self.containers[word]
        named = self.store.tables["names"].get(word.removeprefix("/"))
        if named:
            return self.containers[named]
        found = beginning_with(word, self.containers)
        if len(found) > 1:
            raise DockerError(f"Multiple IDs found with provided prefix: {word}")
        if not found:
            raise DockerError(f"No such container: {word}")
        return self.containers[found[0]]

    def image(self, word: str) -> StoredImage:
        """Return the image that ``word`` (str) means: its reference, its id, or the beginning of its id.

        Raises DockerError.  Rule: moby, daemon/images/image.go, GetImage.
        """
        found = self.find_image(word)
        if found is None:
            raise DockerError(f"No such image: {named(word)}")
        return found

    def find_image(self, word: str) -> StoredImage | None:
        """Return the image that ``word`` (str) means (StoredImage), or None.  Raises DockerError: it means several."""
        full = word if word.startswith(SHA256) else SHA256 + word
        if full in self.images_by_id:
            return self.images_by_id[full]
        try:
            reference = Reference.parse(word).tagged
        except InvalidReference as error:
            if word.startswith(SHA256) or (len(word) == 64 and set(word) <= HEXADECIMAL):
                return None
            raise DockerError(str(error)) from error
        name = reference.familiar if not reference.digest else f"{reference.familiar_name}@{reference.digest}"
        if name in self.references:
            return self.images_by_id[self.references[name]]
        prefixed = beginning_with(full, self.images_by_id)
        return self.images_by_id[prefixed[0]] if len(prefixed) == 1 else None

    def names_of(self, image_id: str) -> list[str]:
        """Return the references of an image (list of str, sorted)."""
        return sorted(name for name, image in self.references.items() if image == image_id)


def beginning_with(prefix: str, ids: Iterable[str]) -> list[str]:
    """Return those of ``ids`` that begin with ``prefix`` (list of str), of which at least one sign must be there."""
    digits = prefix.removeprefix(SHA256)
    return (
        [identity for identity in ids if identity.startswith(prefix)] if digits and set(digits) <= HEXADECIMAL else []
    )


def named(word: str) -> str:
    """Return how docker names an image that it lacks (str): by its whole reference.

    >>> named("greeter"), named("sha256:12")
    ('greeter:latest', 'sha256:12')
    """
    try:
        return Reference.parse(word).tagged.familiar
    except InvalidReference:
        return word

"""``docker rmi``: a name goes first, then the image without a name, then the parents that nothing needs any more."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Flag, auto
from itertools import chain

from course.engine.base import command
from course.engine.finding import SHA256
from course.engine.records import StoredImage
from course.engine.tagging import Tagging
from course.errors import DockerError
from course.layers.digest import short
from course.layers.reference import Reference

UNTAGGED, DELETED = "Untagged", "Deleted"


@dataclass(frozen=True, slots=True)
class Removal:
    """One line of what ``docker rmi`` did: ``kind`` (str: Untagged or Deleted), and ``what``: a name or a digest (str).

    Of what is deleted, the digest is an image's id or a layer's chain_id.
    """

    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


class Hold(Flag):
    """What can hold an image back: ``DESCENDANTS`` and ``RUNNING`` always, ``NAMES`` and ``STOPPED`` without force."""

    DESCENDANTS = auto()
    RUNNING = auto()
    NAMES = auto()
    STOPPED = auto()
    HARD = DESCENDANTS | RUNNING
    SOFT = NAMES | STOPPED


@dataclass(frozen=True, slots=True)
class Conflict:
    """What holds an image back: the ``hold`` (Hold), and docker's ``message`` (str)."""

    hold: Hold
    message: str


class RemovingImages(Tagging):
    """Removes images."""

    @command
    def rmi(self, *images: str, force: bool = False, no_prune: bool = False) -> list[Removal]:
        """Take away the names ``images`` (str each), and each image that has none any more; return what was done.

        An image goes with its untagged parents (but not with ``no_prune``) and with the layers that nothing else has.
        An id stands for the image itself, which must not have names in several repositories then.  ``force`` overrules
        names and stopped containers (bool), never running containers and images that were built on this one.  Raises
        DockerError, with status 0 as docker has it if with ``force`` something is not there.
        Rule: moby, daemon/images/image_delete.go.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> _ = engine.pull("base:1"), engine.tag("base:1", "mine")
        >>> [str(removal) for removal in engine.rmi("mine")]
        ['Untagged: mine:latest']
        """
        try:
            done = self.each(images, lambda word: self._remove_image(word, force, not no_prune))
        except DockerError as error:
            error.done = list(chain.from_iterable(error.done))  # type: ignore[arg-type]
            raise
        return list(chain.from_iterable(done))

    def _remove_image(self, word: str, force: bool, prune: bool) -> list[Removal]:
        stored = self.find_image(word)
        if stored is None:
            raise DockerError(f"No such image: {word}", 0 if force else 1)  # as the client of 20.10 says it
        names = self.names_of(stored.id)
        if stored.id.startswith(word) or stored.id.removeprefix(SHA256).startswith(word):
            done = []
            if _are_of_one_repository(names):
                self._refuse_if_held(stored, Hold.HARD if force else Hold.HARD | Hold.STOPPED)
                done = [self._untag(name) for name in names]
            return done + self._delete_image(stored, force, prune)
        users = self.containers_of(stored.id)
        if not force and _are_of_one_repository(names) and users:
            raise DockerError(
                f'conflict: unable to remove repository reference "{word}" (must force) - container {users[0].id[:12]} '
                f"is using its referenced image {short(stored.id)}"
            )
        done, left = self._untag_with_digests(Reference.parse(word).tagged, names)
        return done if left else done + self._delete_image(stored, force, prune, is_untagged=True)

    def _untag(self, name: str) -> Removal:
        self.store.remove("references", name)
        return Removal(UNTAGGED, name)

    def _untag_with_digests(self, reference: Reference, names: Sequence[str]) -> tuple[list[Removal], list[str]]:
        """Take away a name, and after a repository's last tag its digests; return what was done, and what is left."""
        name = replace(reference, tag="") if reference.digest else reference
        done, left = [self._untag(name.familiar)], [each for each in names if each != name.familiar]
        own = [each for each in left if Reference.parse(each).name == reference.name]
        if not reference.digest and all("@" in each for each in own):
            done += [self._untag(each) for each in own]
            left = [each for each in left if each not in own]
        return done, left

    def _delete_image(
        self, stored: StoredImage, force: bool, prune: bool, *, is_untagged: bool = False
    ) -> list[Removal]:
        """Delete an image, and the parents that nothing needs any more; return what was done.

        After ``is_untagged`` (bool: a name was taken away, or a child was deleted) it is no failure if someone still
        needs it.
        """
        conflict = self._conflict(stored, Hold.HARD if force else Hold.HARD | Hold.SOFT)
        if conflict:
            is_used = conflict.hold in Hold.RUNNING | Hold.STOPPED
            if is_untagged and (is_used or self.names_of(stored.id) or self.has_children(stored.id)):
                return []
            raise DockerError(_refusal(stored, conflict))
        done = [self._untag(name) for name in self.names_of(stored.id)]
        self.store.remove("images", stored.id)
        done.append(Removal(DELETED, stored.id))
        done += [Removal(DELETED, chain_id) for chain_id in self._orphans(stored)]
        parent = self.images_by_id.get(stored.parent)
        return done + (self._delete_image(parent, False, prune, is_untagged=True) if prune and parent else [])

    def _orphans(self, stored: StoredImage) -> list[str]:
        """Return the chain_ids of its layers that neither an image nor a container has (list of str), the top first."""
        stacks = [each.image.layers for each in self.images_by_id.values()]
        stacks += [container.layers for container in self.containers.values()]
        used = {layer.chain_id for stack in stacks for layer in stack}
        return [layer.chain_id for layer in reversed(stored.image.layers) if layer.chain_id not in used]

    def _refuse_if_held(self, stored: StoredImage, holds: Hold) -> None:
        conflict = self._conflict(stored, holds)
        if conflict:
            raise DockerError(_refusal(stored, conflict))

    def _conflict(self, stored: StoredImage, holds: Hold) -> Conflict | None:
        """Return the first of ``holds`` (Hold) that holds an image back (Conflict), or None."""
        if Hold.DESCENDANTS in holds and self.has_children(stored.id):
            return Conflict(Hold.DESCENDANTS, "image has dependent child images")
        users = self.containers_of(stored.id)
        running = [container for container in users if container.is_running]
        if Hold.RUNNING in holds and running:
            return Conflict(Hold.RUNNING, f"image is being used by running container {running[0].id[:12]}")
        if Hold.NAMES in holds and self.names_of(stored.id):
            return Conflict(Hold.NAMES, "image is referenced in multiple repositories")
        stopped = [container for container in users if not container.is_running]
        if Hold.STOPPED in holds and stopped:
            return Conflict(Hold.STOPPED, f"image is being used by stopped container {stopped[0].id[:12]}")
        return None


def _refusal(stored: StoredImage, conflict: Conflict) -> str:
    force = "cannot be forced" if conflict.hold in Hold.HARD else "must be forced"
    return f"conflict: unable to delete {short(stored.id)} ({force}) - {conflict.message}"


def _are_of_one_repository(names: Sequence[str]) -> bool:
    """Tell whether these are names in one repository (bool), at most one of them a tag.

    Rule: moby, daemon/images/image_delete.go, isSingleReference.
    """
    references = [Reference.parse(name) for name in names]
    if len(references) <= 1:
        return bool(references)
    tags = [reference for reference in references if not reference.digest]
    repositories = {reference.name for reference in references if reference.digest}
    return len(tags) <= 1 and repositories == {(tags or references)[0].name}

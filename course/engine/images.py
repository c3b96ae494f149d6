"""``docker images`` and ``docker history``: what is in the store, under which names, and how it was made."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from course.engine.build.globs import matcher
from course.engine.dates import moment
from course.engine.filters import Filters
from course.engine.image_sizes import shared_sizes
from course.engine.networks import Networks
from course.engine.records import Container, StoredImage
from course.errors import DockerError
from course.layers.reference import Reference

NONE, MISSING = "<none>", "<missing>"
FILTERS = ("before", "dangling", "label", "reference", "since")


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One line of ``docker images``: a name of an image, or an image without a name.

    ``repository``, ``tag`` and ``digest`` are the name (str each, ``<none>`` where it has none), ``id`` is the image's
    (str), ``created`` when it was made (int, nanoseconds since 1970; 0: nobody has written it down).  ``size`` is the
    bytes of its layers (int), of which ``shared_size`` lie in layers that other images have too and ``unique_size`` do
    not; ``containers`` is how many are made of it (int).
    """

    repository: str
    tag: str
    digest: str
    id: str
    created: int
    size: int
    shared_size: int
    containers: int

    @property
    def unique_size(self) -> int:
        """The bytes of layers that no other image has (int)."""
        return self.size - self.shared_size


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One line of ``docker history``: one step that made an image.

    ``id`` is that of the image that the step ended in (str), if it is in the store as a parent, or ``<missing>``: that
    only says where the step was carried out.  ``created`` is when (int, nanoseconds since 1970), ``created_by`` the
    instruction (str), ``size`` what its layer holds (int, bytes; 0 if it brought none), ``comment`` a text,
    and ``tags`` are the names of that image (tuple of str).
    """

    id: str
    created: int
    created_by: str
    size: int
    comment: str = ""
    tags: tuple[str, ...] = ()


class Images(Networks):
    """Lists images."""

    def names_of(self, image_id: str) -> list[str]:
        """Return the references of an image (list of str) in docker's order: by their whole names."""
        return sorted(super().names_of(image_id), key=lambda name: str(Reference.parse(name)))

    def has_children(self, image_id: str) -> bool:
        """Tell whether another image was built on this one, here (bool): such an image is intermediate."""
        return any(stored.parent == image_id for stored in self.images_by_id.values())

    def containers_of(self, image_id: str) -> list[Container]:
        """Return the containers that are made of an image (list of Container)."""
        return [container for container in self.containers.values() if container.image == image_id]

    def images(
        self,
        repository: str = "",
        *,
        all: bool = False,  # noqa: A002 (docker's own name)
        filter: Sequence[str] = (),  # noqa: A002
        digests: bool = False,
    ) -> list[ImageRow]:
        """Return the lines of ``docker images`` (list of ImageRow), the newest image first.

        ``repository`` (str) is a pattern that names must match; ``all`` shows intermediate images too (bool), which are
        those without a name that others were built on; ``digests`` gives each digest of a name a line (bool).  Raises
        DockerError: a filter that there is not.  Rule: moby, daemon/images/images.go.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> _ = engine.pull("greeter:1"), engine.tag("greeter:1", "hello")
        >>> [(row.repository, row.tag) for row in engine.images()]
        [('greeter', '1'), ('hello', 'latest')]
        """
        wanted = Filters.parse([*filter, *([f"reference={repository}"] if repository else [])], FILTERS)
        shared = shared_sizes(stored.image for stored in self.images_by_id.values())
        users = Counter(container.image for container in self.containers.values())
        rows = []
        for stored in self._selected(wanted, all):
            image, created = stored.image, moment(stored.image.config.created)
            for name in _names(self._matching(stored, wanted), digests):
                rows.append(ImageRow(*name, stored.id, created, image.size, shared[stored.id], users[stored.id]))
        return sorted(rows, key=lambda row: (-row.created, row.repository, row.tag, row.digest, row.id))

    def _selected(self, wanted: Filters, all_: bool) -> list[StoredImage]:
        """Return the images that the filters take (list of StoredImage).  Raises DockerError."""
        dangling = _dangling(wanted)
        before = [moment(self.image(word).image.config.created) for word in wanted["before"]]
        since = [moment(self.image(word).image.config.created) for word in wanted["since"]]
        parents = {stored.parent for stored in self.images_by_id.values()}
        found = []
        for stored in self.images_by_id.values():
            created, names = moment(stored.image.config.created), self._matching(stored, wanted)
            is_outside = any(created >= limit for limit in before) or any(created <= limit for limit in since)
            is_intermediate = stored.id in parents and not names
            if is_outside or not wanted.matches_labels(stored.image.config.run.get("Labels") or {}):
                continue
            if wanted["reference"] and not names:
                continue
            if dangling and (stored.id in parents or any("@" not in name for name in names)):
                continue
            if dangling is False and not names:
                continue
            if all_ or not is_intermediate:
                found.append(stored)
        return found

    def _matching(self, stored: StoredImage, wanted: Filters) -> list[str]:
        """Return the names of an image (list of str) that match one of the patterns, if there are any."""
        patterns = wanted["reference"]
        return [name for name in self.names_of(stored.id) if not patterns or any(_matches(name, p) for p in patterns)]

    def history(self, image: str) -> list[HistoryRow]:
        """Return how ``image`` (str) was made (list of HistoryRow), the last step first.

        It is the history that the image's config has; only the ids come from the store.  Raises DockerError: there is
        no such image.  Rule: moby, daemon/images/image_history.go.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> _ = engine.pull("greeter:1")
        >>> [(row.id == engine.image("greeter:1").id, row.created_by) for row in engine.history("greeter:1")][:2]
        [(True, 'RUN rm /app/notes.txt'), (False, 'RUN sed -i s/hello/welcome/ /app/settings.ini')]
        """
        stored: StoredImage | None = self.image(image)
        assert stored is not None  # noqa: S101 (for the type checker)
        layers = list(stored.image.layers)
        rows = []
        for step in stored.image.config.history:
            if not step.empty_layer and not layers:
                raise DockerError("too many non-empty layers in History section")
            size = 0 if step.empty_layer else layers.pop(0).size
            rows.append(HistoryRow(MISSING, moment(step.created), step.created_by, size, step.comment))
        rows.reverse()
        for number, row in enumerate(rows):
            if stored is None:
                break
            tags = tuple(name for name in self.names_of(stored.id) if "@" not in name)
            rows[number] = HistoryRow(stored.id, row.created, row.created_by, row.size, row.comment, tags)
            stored = self.images_by_id.get(stored.parent)
        return rows


def _dangling(wanted: Filters) -> bool | None:
    """Return what the filter ``dangling`` asks for (bool, or None: nothing).  Raises DockerError."""
    values = wanted["dangling"]
    if not values:
        return None
    if "true" not in values and "false" not in values:
        raise DockerError(f"Invalid filter 'dangling=[{' '.join(values)}]'")
    return "true" in values


def _matches(name: str, pattern: str) -> bool:
    """Tell whether a name, or its repository alone, matches a pattern (bool).  Raises DockerError: it is none.

    Rule: distribution/reference, FamiliarMatch.
    """
    try:
        does_match = matcher(pattern)
    except ValueError as error:
        raise DockerError(str(error)) from error
    return does_match(name) or does_match(Reference.parse(name).familiar_name)


def _names(references: list[str], digests: bool) -> list[tuple[str, str, str]]:
    """Return the names of an image as its lines have them (list of repository, tag, digest).

    A repository with a tag has a line for each tag, or for each tag and digest; one without shows its digests.  Rule:
    docker/cli, cli/command/formatter/image.go.
    """
    parsed = [Reference.parse(reference) for reference in references]
    lines = []
    for repository in dict.fromkeys(reference.familiar_name for reference in parsed):
        own = [reference for reference in parsed if reference.familiar_name == repository]
        tags = [reference.tag for reference in own if not reference.digest]
        known = [reference.digest for reference in own if reference.digest]
        shown = known if digests and known else [NONE]
        lines += [(repository, tag, digest) for tag in tags or [NONE] for digest in shown]
    return lines or [(NONE, NONE, NONE)]

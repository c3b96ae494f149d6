"""``docker pull`` and ``push``: images from a registry and to one.

What travels is fetched first; the command that changes the store then takes it in as a value, so that it can be carried
out again without a network.  The images that the course brings along stand for those on Docker Hub.
"""

from collections.abc import Iterator, Mapping, Sequence

from course.engine.base import command
from course.engine.committing import Committing
from course.engine.small_hub import from_small_hub, tags_in_small_hub
from course.errors import CourseError, DockerError
from course.layers.digest import short
from course.layers.image import Image
from course.layers.layer import Layer
from course.layers.reference import DOCKER_HUB, InvalidReference, Reference
from course.transport.registry.authentication import Credentials
from course.transport.registry.pulling import pull as fetch
from course.transport.registry.pushing import Pushed
from course.transport.registry.pushing import push as bring
from course.transport.registry.tags import tags


class Registries(Committing):
    """Fetches images, and brings them to registries."""

    def login(self, registry: str, *, username: str, password: str) -> None:
        """Remember who one is at ``registry`` (str, such as ``localhost:5000``), for this engine's pulls and pushes.

        It is kept in memory alone: no journal and no file ever holds a password.
        """
        self.credentials[registry] = Credentials(username, password)

    def logout(self, registry: str) -> None:
        """Forget who one is at ``registry`` (str)."""
        self.credentials.pop(registry, None)

    def pull(
        self,
        reference: str,
        *,
        all_tags: bool = False,
        platform: str = "",
        quiet: bool = False,
    ) -> str:
        """Fetch the image ``reference`` (str) and return what docker says of it (str, lines).

        Only layers that are not here yet travel.  ``all_tags`` fetches the whole repository (bool), ``platform`` says
        for which machine (str, such as ``linux/arm64``), ``quiet`` leaves all lines out but the last one (bool).  The
        engine's ``progress`` is told of every piece.  Raises DockerError.

        >>> from course.engine.engine import Engine
        >>> engine = Engine(seed=0)
        >>> print(engine.pull("base:1").splitlines()[-2])
        Status: Downloaded newer image for base:1
        """
        wanted = _checked(reference)
        if all_tags:
            if wanted.tag or wanted.digest:
                raise DockerError("tag can't be used with --all-tags/-a")
            each = _all_tags(wanted, self.credentials.get(wanted.domain))
        else:
            each = [wanted.tagged]
        lines, is_newer = [], False
        if not all_tags and each[0] != wanted:
            lines.append(f"Using default tag: {each[0].tag}")
        for one in each:
            told, changed_something = self._pull(one, platform)
            lines += told
            is_newer = is_newer or changed_something
        name = wanted if all_tags else each[0]
        status = "Downloaded newer image" if is_newer else "Image is up to date"
        return "\n".join([str(name)] if quiet else [*lines, f"Status: {status} for {name.familiar}", str(name)])

    def _pull(self, reference: Reference, platform: str) -> tuple[list[str], bool]:
        """Fetch one image, and return what docker says of it (list of str), and whether a name is new or has moved."""
        known = self._known_layers()
        try:
            if reference.domain == DOCKER_HUB:
                image, digest = from_small_hub(reference, platform)
                layers = [(layer.diff_id, layer.diff_id in known) for layer in image.layers]
            else:
                pulled = fetch(reference, platform, known, self.credentials.get(reference.domain), self.progress)
                image, digest = pulled.image, pulled.digest
                layers = [(transfer.digest, transfer.status == "Already exists") for transfer in pulled.layers]
        except DockerError:
            raise
        except CourseError as error:
            raise DockerError(str(error)) from error
        told = [f"{reference if reference.digest else reference.tag}: Pulling from {reference.path}"]
        if image.image_id not in self.images_by_id:
            told += [f"{short(blob)}: {'Already exists' if is_here else 'Pull complete'}" for blob, is_here in layers]
        told.append(f"Digest: {digest}")
        canonical = f"{reference.familiar_name}@{digest}"
        names = [canonical] if reference.digest else [reference.familiar, canonical]
        is_newer = self.references.get(names[0]) != image.image_id
        self.take_image(image, names)
        return told, is_newer

    @command
    def take_image(self, image: Image, names: Sequence[str]) -> str:
        """Put ``image`` (Image) into the store under ``names`` (sequence of str), as docker prints them; return its id.

        Each name that another image has moves; that image stays, without it.
        """
        identity = self.add_image(image)
        for name in names:
            self.give_name(identity, name)
        return identity

    def _known_layers(self) -> Mapping[str, Layer]:
        return {layer.diff_id: layer for stored in self.images_by_id.values() for layer in stored.image.layers}

    def push(self, reference: str, *, all_tags: bool = False, quiet: bool = False) -> str:
        """Bring the image of the name ``reference`` (str) to the registry that the name says; return docker's lines.

        Only layers that are not there yet travel.  The image has its digest in that repository as a name afterwards.
        ``all_tags`` brings all tags of the repository (bool), ``quiet`` leaves all lines out but the name (bool).  The
        engine's ``progress`` is told of every piece.  Raises DockerError.
        """
        wanted = _checked(reference)
        if all_tags and (wanted.tag or wanted.digest):
            raise DockerError("tag can't be used with --all-tags/-a")
        if wanted.digest:
            raise DockerError("cannot push a digest reference")
        lines = [] if all_tags or wanted.tag else ["Using default tag: latest"]
        lines.append(f"The push refers to repository [{wanted.name}]")
        for one in self._to_push(wanted, all_tags):
            image = self.image(one.familiar).image
            if one.domain == DOCKER_HUB:
                raise DockerError("denied: requested access to the resource is denied")
            try:
                pushed = bring(image, one, credentials=self.credentials.get(one.domain), progress=self.progress)
            except CourseError as error:
                raise DockerError(str(error)) from error
            lines += _pushed(image, one, pushed)
            self.take_image(image, [f"{one.familiar_name}@{pushed.digest}"])
        return str(wanted if all_tags else wanted.tagged) if quiet else "\n".join(lines)

    def _to_push(self, wanted: Reference, all_tags: bool) -> list[Reference]:
        """Return the names to push (list of Reference).  Raises DockerError: there are none."""
        own = [name for name in map(Reference.parse, self.references) if name.name == wanted.name]
        if not own:
            raise DockerError(f"An image does not exist locally with the tag: {wanted.familiar_name}")
        if all_tags:
            return sorted((name for name in own if not name.digest), key=str)
        if wanted.tagged not in own:
            raise DockerError(f"tag does not exist: {wanted.tagged.familiar}")
        return [wanted.tagged]


def _checked(text: str) -> Reference:
    try:
        return Reference.parse(text)
    except InvalidReference as error:
        raise DockerError(str(error)) from error


def _all_tags(repository: Reference, credentials: Credentials | None) -> list[Reference]:
    """Return every tag of a repository (list of Reference).  Raises DockerError."""
    try:
        known = tags_in_small_hub(repository) if repository.domain == DOCKER_HUB else tags(repository, credentials)
        return [Reference.parse(f"{repository.name}:{tag}") for tag in known]
    except CourseError as error:
        raise DockerError(str(error)) from error


def _pushed(image: Image, reference: Reference, pushed: Pushed) -> Iterator[str]:
    """Yield what docker says of a push, the topmost layer first (str)."""
    for layer, transfer in reversed(list(zip(image.layers, pushed.layers, strict=True))):
        yield f"{short(layer.diff_id)}: {transfer.status}"
    yield f"{reference.tag}: digest: {pushed.digest} size: {pushed.size}"

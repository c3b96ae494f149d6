"""Every error that the course raises on purpose, in one tree.

::

    CourseError
    ├── ImageError              an image that cannot be read: names the file and the reason
    │   ├── NotAnImage            the file is something else
    │   ├── TruncatedArchive      the file ends too early
    │   ├── MissingBlob           a document refers to a blob that is not there
    │   ├── DigestMismatch        a blob's bytes are not those that its digest or size promises
    │   ├── UnknownMediaType      the image is of a kind that the course cannot read
    │   ├── InvalidDocument       a JSON document breaks the specification
    │   ├── InvalidLayer          a layer's tar breaks the specification, or is hostile
    │   └── LimitExceeded         larger than a bound set well above real images
    ├── ExerciseError           an exercise or question that is not there, or is not well made
    ├── WorkspaceError          the learner's working copy cannot be used as it is
    ├── DockerError             a docker command that is refused, in docker's own words
    │   ├── DockerfileError       a Dockerfile that cannot be read: names file and line (course.engine.build.refusal)
    │   ├── ContextError          a build context that cannot be read (there)
    │   └── CopyError             a COPY or ADD that cannot be done (there)
    ├── RegistryError           a registry that cannot be reached, refuses, or lies
    │   ├── RegistryUnreachable   there is no connection, or it was cut
    │   ├── AccessDenied          the registry wants other credentials, or none would do
    │   └── NotInRegistry         the registry does not have what was asked for
    ├── Deadlock                simulated processes that wait for each other, and for nothing else
    └── MachineError            this machine lacks what was asked for: names the lack and the remedy

A message is one sentence that says what is wrong, where, what was expected, and what to do.  Inside file systems
errors are ``OSError`` with the errno that Linux gives.
"""

from collections.abc import Sequence


class CourseError(Exception):
    """The root of the tree: anything that a person can be told in one sentence."""


class ImageError(CourseError):
    """An image that cannot be read."""


class NotAnImage(ImageError):  # noqa: N818 (names the fact, as the rest of this family does)
    """The file is neither a `docker save` archive nor an OCI image layout."""


class TruncatedArchive(ImageError):  # noqa: N818
    """The file ends before its content does."""


class MissingBlob(ImageError):  # noqa: N818
    """A document refers to a blob that the image does not hold."""


class DigestMismatch(ImageError):  # noqa: N818
    """A blob's bytes are not those that its digest, its size or its diff_id promises."""


class UnknownMediaType(ImageError):  # noqa: N818
    """The image, or a part that is needed, is of a media type that the course cannot read."""


class InvalidDocument(ImageError):  # noqa: N818
    """A JSON document (index, manifest, config) breaks the specification."""


class InvalidLayer(ImageError):  # noqa: N818
    """A layer's tar breaks the specification, or tries to harm its reader."""


class LimitExceeded(ImageError):  # noqa: N818
    """The image is larger, in some measure, than a bound set well above real images."""


class ExerciseError(CourseError):
    """An exercise or a question that is not there, or is not well made."""


class WorkspaceError(CourseError):
    """The learner's working copy cannot be used as it is."""


class DockerError(CourseError):
    """A docker command that is refused, in docker's own words; ``status`` is its exit status (int).

    ``kept`` is whether the command has done something all the same (bool), as ``docker rm`` does that finds only some
    of the containers; ``done`` is what it would have returned (list).
    """

    def __init__(self, message: str, status: int = 1, *, kept: bool = False, done: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.status, self.kept, self.done = status, kept, list(done)


class RegistryError(CourseError):
    """A registry that cannot be reached, that refuses, or that lies."""


class RegistryUnreachable(RegistryError):  # noqa: N818 (names the fact)
    """There is no connection to the registry, or it was cut."""


class AccessDenied(RegistryError):  # noqa: N818
    """The registry wants other credentials, or none would do."""


class NotInRegistry(RegistryError):  # noqa: N818
    """The registry does not have what was asked for."""


class Deadlock(CourseError):  # noqa: N818
    """Every simulated process waits for another, or for something that will never come."""


class MachineError(CourseError):
    """This machine lacks what was asked for."""

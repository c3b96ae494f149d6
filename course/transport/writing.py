"""Writing an image archive that docker, podman, skopeo and umoci read, in the form of today or of yesterday."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from course.files import replacing
from course.layers.archive import BLOCK
from course.layers.image import Image
from course.transport.docker_archive_writing import docker_archive
from course.transport.oci_archive_writing import oci_archive

Form = Literal["oci-archive", "docker-archive"]
FORMS = {"oci-archive": oci_archive, "docker-archive": docker_archive}


def save_image(images: Sequence[Image], path: Path, form: Form = "oci-archive") -> None:
    """Write the archive ``path`` of these images (sequence of Image), as `docker save` does.

    ``form`` is named as skopeo names it: "oci-archive" is what docker has written since Engine 25 (an OCI layout, with
    a manifest.json for older programs), "docker-archive" what it wrote before.  Layers are plain tars: those that they
    were read from, or else the course's own.  The bytes depend on the images alone.  Nothing stands at ``path`` until
    all of it does; what stood there before is replaced.  Raises OSError; DigestMismatch, and as reading does: a layer
    was read from a file that has changed since.

    >>> import tempfile
    >>> from course.layers.small_image import small_image
    >>> from course.transport.reading import open_image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_image([small_image()], Path(folder, "small.tar"), "docker-archive")
    ...     open_image(Path(folder, "small.tar")).image_id == small_image().image_id
    True
    """
    with replacing(path) as file:
        file.writelines(archive(images, form))


def archive(images: Sequence[Image], form: Form = "oci-archive") -> Iterator[bytes]:
    """Yield the archive that ``save_image`` writes, in chunks (bytes): `docker save` to standard output.

    What it raises can come between two chunks.
    """
    for member in FORMS[form](images):
        yield from member.tar()
    yield bytes(2 * BLOCK)

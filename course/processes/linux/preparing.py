"""What a container has on disk before it starts, below the engine's directory, as docker lays it out.

``overlay2/<mount-id>`` is its read-write layer: ``diff`` is the upper directory, ``work`` overlayfs's own, ``merged``
where the union is mounted."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from course.processes.linux.wire import Spec


def prepare(spec: Spec) -> None:
    """Make what ``spec`` (dict) needs and is not there yet.  Raises OSError."""
    own = f"overlay2/{spec['mount']}"
    try:
        os.mkdir(own, 0o710)
    except FileExistsError:
        return
    os.mkdir(f"{own}/diff", spec["root_mode"])
    os.chmod(f"{own}/diff", spec["root_mode"])  # whatever the umask
    os.mkdir(f"{own}/work", 0o700)
    os.mkdir(f"{own}/merged", 0o700)


def write_files(spec: Spec) -> list[tuple[str, str, bool]]:
    """Write the files that the container sees in place of the image's; return where they are mounted.

    They lie where docker has them, in ``containers/<id>``; those of one that leaves nothing, beside ``diff``.
    """
    folder = f"containers/{spec['id']}" if spec["kept"] else f"overlay2/{spec['mount']}"
    mounts = []
    for path, content in spec["files"].items():
        name = f"{folder}/{path.rpartition('/')[2]}"
        try:
            os.unlink(name)  # the engine's own, which no container may write to
        except FileNotFoundError:
            pass
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        os.write(descriptor, content)
        os.close(descriptor)
        mounts.append((path, name, False))
    return mounts

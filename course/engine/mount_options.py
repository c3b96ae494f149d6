"""``-v``, ``--mount`` and ``--tmpfs``: what is to be mounted in a container, as it was asked for."""

import posixpath
import re
from collections.abc import Sequence

from course.engine.records import MountPoint
from course.errors import DockerError

VOLUME_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
MODES = {"ro", "rw", "z", "Z", "nocopy", "cached", "delegated", "consistent", "private", "rprivate", "shared", "slave"}
FLAGS = {name: name for name in ("readonly", "volume-nocopy", "bind-nonrecursive")} | {"ro": "readonly"}
BOOLEANS = {"true": True, "1": True, "false": False, "0": False, "": True}


def from_volume(text: str) -> MountPoint:
    """Return what ``-v text`` asks for (MountPoint; its volume has no name yet if the text has none).

    Raises DockerError.  Rule: moby, volume/mounts/linux_parser.go.

    >>> point = from_volume("data:/var/lib:ro")
    >>> point.kind, point.name, point.destination, point.read_only
    ('volume', 'data', '/var/lib', True)
    >>> from_volume("/srv:/www").kind, from_volume("/cache").name
    ('bind', '')
    """
    if not text.startswith("/") and not _has_source(text):
        return MountPoint("volume", _clean(f"/{text}"))
    parts = text.split(":")
    if len(parts) > 3 or not all(parts):
        raise DockerError(f"invalid volume specification: '{text}'", 125)
    if len(parts) == 1 or (len(parts) == 2 and parts[1] in MODES):
        parts = ["", *parts]
    source, destination, mode = (*parts, "")[:3]
    for word in filter(None, mode.split(",")):
        if word not in MODES:
            raise DockerError(f"invalid mode: {mode}", 125)
    kind = "bind" if source.startswith("/") else "volume"
    _check(kind, source, destination, f"invalid volume specification: '{text}': ")
    read_only = "ro" in mode.split(",")
    if kind == "bind":
        return MountPoint(
            "bind", _clean(destination), source=_clean(source), read_only=read_only, mode=mode, is_made=True
        )
    is_copied_into = "nocopy" not in mode.split(",")
    return MountPoint("volume", _clean(destination), source, "", read_only, mode, is_copied_into)


def _has_source(text: str) -> bool:
    """Tell whether docker's client finds two parts in ``-v text`` (bool): what it takes for a drive keeps its colon.

    Else the whole text is where a volume without a name goes.  Rule: docker/cli, compose/loader/volume.go, ParseVolume.

    >>> [_has_source(text) for text in ("data:/x", "a:/x", ":/x", "::", "relative")]
    [True, False, False, False, False]
    """
    rest = text[2:] if text[1:2] == ":" and text[0].isalpha() else text
    return len(text) > 2 and not text.startswith(":") and ":" in rest


def _check(kind: str, source: str, destination: str, prefix: str) -> None:
    if not destination.startswith("/"):
        raise DockerError(
            f"{prefix}invalid mount config for type \"{kind}\": invalid mount path: '{destination}' mount path must be "
            "absolute",
            125,
        )
    if _clean(destination) == "/":
        raise DockerError(
            f"{prefix}invalid mount config for type \"{kind}\": invalid specification: destination can't be '/'", 125
        )
    if kind == "volume" and source:
        check_name(source)


def check_name(name: str) -> None:
    """Raise DockerError unless ``name`` (str) can be a volume's.  Rule: moby, volume/local."""
    if len(name) == 1:
        raise DockerError(
            f"create {name}: volume name is too short, names should be at least two alphanumeric characters", 125
        )
    if not VOLUME_NAME.fullmatch(name):
        raise DockerError(
            f'create {name}: "{name}" includes invalid characters for a local volume name, only '
            '"[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path',
            125,
        )


def _clean(path: str) -> str:
    return posixpath.normpath(path).replace("//", "/")


def from_mount(text: str) -> MountPoint:
    """Return what ``--mount text`` asks for (MountPoint).  Raises DockerError.  Rule: docker/cli, opts/mount.go.

    >>> point = from_mount("type=bind,source=/srv,target=/www,readonly")
    >>> point.kind, point.source, point.destination, point.read_only
    ('bind', '/srv', '/www', True)
    """

    def refuse(why: str) -> DockerError:
        return DockerError(f'invalid argument "{text}" for "--mount" flag: {why}', 125)

    kind, source, target, flags = "volume", "", "", dict[str, bool]()
    for field in text.split(","):
        key, equals, value = field.partition("=")
        key = key.strip().lower()
        if key in FLAGS:
            if value.lower() not in BOOLEANS:
                raise refuse(f"invalid value for {key}: {value}")
            flags[FLAGS[key]] = BOOLEANS[value.lower()]
        elif not equals:
            raise refuse(f"invalid field '{field}' must be a key=value pair")
        elif key == "type":
            kind = value.lower()
        elif key in ("source", "src"):
            source = value
        elif key in ("target", "dst", "destination"):
            target = value
        elif not key.startswith(("volume-", "bind-", "tmpfs-")) and key != "consistency":
            raise refuse(f"unexpected key '{key}' in '{field}'")
    if not target:
        raise refuse("target is required")
    if kind not in ("bind", "volume", "tmpfs"):
        raise DockerError('invalid mount config for type "' + kind + '": mount type unknown', 125)
    if kind == "bind" and not source:
        raise DockerError('invalid mount config for type "bind": field Source must not be empty', 125)
    if kind == "bind" and not source.startswith("/"):
        raise DockerError(
            f"invalid mount config for type \"bind\": invalid mount path: '{source}' mount path must be absolute", 125
        )
    if kind == "tmpfs" and source:
        raise DockerError('invalid mount config for type "tmpfs": field Source must not be specified', 125)
    _check(kind, source if kind == "volume" else "", target, "")
    read_only, is_copied_into = flags.get("readonly", False), not flags.get("volume-nocopy", False)
    if kind == "bind":
        return MountPoint(kind, _clean(target), source=_clean(source), read_only=read_only)
    return MountPoint(kind, _clean(target), source, read_only=read_only, is_copied_into=is_copied_into)


def asked_for(volume: Sequence[str], mount: Sequence[str], tmpfs: Sequence[str]) -> list[MountPoint]:
    """Return all that is asked for (list of MountPoint).  Raises DockerError: two at one place."""
    points = [from_volume(text) for text in dict.fromkeys(volume)] + [from_mount(text) for text in mount]
    for path in (text.partition(":")[0] for text in tmpfs):
        if not path.startswith("/"):
            raise DockerError(f"invalid mount path: '{path}' mount path must be absolute", 125)
        points.append(MountPoint("tmpfs", _clean(path)))
    seen = set[str]()
    for point in points:
        if point.destination in seen:
            raise DockerError(f"Duplicate mount point: {point.destination}", 125)
        seen.add(point.destination)
    return points

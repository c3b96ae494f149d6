"""The file system of a container: its layers, and what runc mounts over them."""

import stat
from collections.abc import Callable, Mapping
from functools import cache, partial
from weakref import WeakValueDictionary

from course.layers import paths
from course.layers.entry import FileEntry, Kind, directory, symlink
from course.layers.layer import Layer
from course.processes.looking import words
from course.processes.runtime import CREATE, Mount, ProcessSpec, Specification, StartError, refusal
from course.processes.simulated.space import Clock
from course.processes.simulated.starting import enter
from course.union.filesystem import UnionFilesystem
from course.union.flags import O_CREAT, O_WRONLY
from course.union.read_write_layer import ReadWriteLayer
from course.union.view import UnionView

INIT = "/sbin/docker-init"
DEVICES = {"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9}  # minor numbers (null(4), full(4), random(4))
"""The devices that a container has of those that the file system can open."""

Show = Callable[[UnionFilesystem, str], None]
"""What mounts something in a file system at a place (str).  Raises OSError, StartError."""


@cache
def devices() -> UnionView:
    """Return what /dev shows in every container (UnionView).  Rule: runtime-spec config-linux.md, "Default Devices"."""
    files: dict[str, FileEntry | None] = {
        **{f"/{name}": FileEntry(Kind.CHARACTER_DEVICE, 0o666, device=(1, minor)) for name, minor in DEVICES.items()},
        **{f"/{name}": symlink(f"/proc/self/fd/{fd}") for fd, name in enumerate(["stdin", "stdout", "stderr"])},
        "/fd": symlink("/proc/self/fd"),
        "/mqueue": directory(0o1777),
        "/ptmx": symlink("pts/ptmx"),
        "/pts": directory(0o755),
        "/shm": directory(0o1777),
    }
    return UnionView([Layer.of({"/": directory(0o755), **files})])


class Mounter:
    """What builds the file systems of containers on one ``clock`` (Clock), and keeps what they share.

    ``live`` are the trees that are mounted somewhere, by name (dict of str to UnionFilesystem).
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.live: dict[str, UnionFilesystem] = {}
        self._views: WeakValueDictionary[tuple[int, ...], UnionView] = WeakValueDictionary()
        self._empty = UnionFilesystem([], clock=clock)

    def filesystem(
        self, spec: Specification, written: ReadWriteLayer, trees: Mapping[str, ReadWriteLayer]
    ) -> UnionFilesystem:
        """Return the file system of a container as its root sees it, in the working directory of its process.

        ``written`` is what was written in it so far (ReadWriteLayer, which is copied), ``trees`` are the files that
        containers share, by name.  Raises StartError.
        """
        fs = UnionFilesystem(self._view(spec.layers), written.copy(), clock=self.clock)
        own: list[tuple[str, str, Show]] = [
            ("/proc", "proc", partial(self._kernel, kind="proc")),
            ("/dev", "tmpfs", self._dev),
            ("/sys", "sysfs", partial(self._kernel, kind="sysfs")),
        ]
        asked = [(mount.destination, mount.tree or "tmpfs", self._tree(mount, trees)) for mount in spec.mounts]
        given = self._files(spec.files, spec.init)
        for place, source, show in sorted([*own, *asked, *given], key=_depth):
            try:
                show(fs, place)
            except OSError as error:
                raise _failed(f'error mounting "{source}" to rootfs at "{place}": {words(error)}') from None
        self._enter(fs, spec.process)
        if spec.read_only:
            fs.remount("/", read_only=True)
        return fs

    def _view(self, layers: tuple[Layer, ...]) -> UnionView:
        """Return the view of these layers (UnionView), which all running containers on them share."""
        key = tuple(map(id, layers))  # as long as there is the view, the layers are there too
        view = self._views.get(key)
        if view is None:
            view = self._views[key] = UnionView(layers)
        return view

    # What is mounted

    def _kernel(self, fs: UnionFilesystem, place: str, kind: str) -> None:
        """Mount what the kernel would tell of itself: nothing here, and nobody can write to it."""
        _make_directory(fs, place)
        options = "nosuid,nodev,noexec,relatime"
        fs.mount(place, self._empty, read_only=True, source=kind, kind=kind, options=options)

    def _dev(self, fs: UnionFilesystem, place: str) -> None:
        _make_directory(fs, place)
        files = UnionFilesystem(devices(), clock=self.clock)
        fs.mount(place, files, source="tmpfs", kind="tmpfs", options="nosuid,size=65536k,mode=755")

    def _tree(self, mount: Mount, trees: Mapping[str, ReadWriteLayer]) -> Show:
        if not mount.tree:
            return lambda fs, place: self._tmpfs(fs, place, mount.read_only)
        if mount.tree not in self.live:
            self.live[mount.tree] = UnionFilesystem([], trees[mount.tree].copy(), clock=self.clock)
        files = self.live[mount.tree]

        def show(fs: UnionFilesystem, place: str) -> None:
            make = _make_directory if stat.S_ISDIR(files.stat(mount.path).st_mode) else _make_file
            make(fs, place)
            fs.mount(place, files, mount.path, read_only=mount.read_only)

        return show

    def _tmpfs(self, fs: UnionFilesystem, place: str, read_only: bool) -> None:
        """Mount an empty tmpfs, which has the permissions of the directory that it hides (runc: rootfs_linux.go)."""
        mode = 0o1777
        try:
            mode = stat.S_IMODE(fs.stat(place).st_mode)
        except OSError:
            _make_directory(fs, place)
        files = UnionFilesystem([], clock=self.clock)
        files.chmod("/", mode)
        options = "nosuid,nodev,noexec,relatime"
        fs.mount(place, files, read_only=read_only, source="tmpfs", kind="tmpfs", options=options)

    def _files(self, contents: Mapping[str, bytes], init: bool) -> list[tuple[str, str, Show]]:
        """Return the mounts of single files: what the engine gives, and the init's program."""
        files = UnionFilesystem([], clock=self.clock)
        found: list[tuple[str, str, Show]] = []
        for number, (path, content) in enumerate(contents.items()):
            files.open_file(f"/{number}", O_WRONLY | O_CREAT, 0o644).write(content)
            found.append((path, path, partial(_show_file, files=files, inside=f"/{number}")))
        if init:
            files.open_file("/init", O_WRONLY | O_CREAT, 0o755).write(b"#!builtin docker-init\n")
            found.append((INIT, INIT, partial(_show_file, files=files, inside="/init", read_only=True)))
        return found

    def _enter(self, fs: UnionFilesystem, process: ProcessSpec) -> None:
        """Make the working directory if it is not there, and go there."""
        _make_directory(fs, process.cwd)
        enter(fs, process.cwd, CREATE)


def _show_file(
    fs: UnionFilesystem, place: str, *, files: UnionFilesystem, inside: str, read_only: bool = False
) -> None:
    _make_file(fs, place)
    fs.mount(place, files, inside, read_only=read_only)


def _depth(mount: tuple[str, str, Show]) -> int:
    """Return by what mounts are sorted (int): docker has what lies deeper mounted later."""
    return mount[0].strip("/").count("/")


def _failed(reason: str) -> StartError:
    return refusal(CREATE, f"error during container init: {reason}")


def _make_directory(fs: UnionFilesystem, path: str) -> None:
    """Make a directory and those above it, as far as they are missing.  Raises StartError."""
    try:
        if stat.S_ISDIR(fs.stat(path).st_mode):
            return
        raise _failed(f"mkdir {path}: not a directory")
    except FileNotFoundError:
        pass
    except OSError as error:
        raise _failed(f"mkdir {path}: {words(error)}") from None
    if path not in ("", paths.ROOT):
        _make_directory(fs, paths.parent(path))
        try:
            fs.mkdir(path, 0o755)
        except OSError as error:
            raise _failed(f"mkdir {path}: {words(error)}") from None


def _make_file(fs: UnionFilesystem, path: str) -> None:
    """Make an empty file and the directories above it, as far as they are missing.  Raises StartError."""
    try:
        fs.stat(path)
    except FileNotFoundError:
        _make_directory(fs, paths.parent(path))
        try:
            fs.open_file(path, O_WRONLY | O_CREAT, 0o755)
        except OSError as error:
            raise _failed(f"open {path}: {words(error)}") from None
    except OSError as error:
        raise _failed(f"open {path}: {words(error)}") from None

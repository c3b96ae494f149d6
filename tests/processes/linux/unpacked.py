"""Layers unpacked on a real disk and mounted as the engine mounts them (userxattr), in namespaces of their own."""

import hashlib
import io
import os
import pickle
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from course.layers.archive import tar_chunks
from course.layers.layer import Layer
from course.processes.linux import syscalls
from course.processes.linux.tar_split import TarSplit, restored
from course.processes.linux.unpacking import IdMap, unpack

sys.path.append(str(Path(__file__).parents[2] / "union"))
from kernel import child
from kernel.by_hand import OPTIONS
from kernel.calls import picture
from kernel.layout import root_of_upper
from kernel.real import RealFilesystem


@contextmanager
def opened(path):
    """Open a directory."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def unpacked(layer, path, ids):
    """Unpack a layer into the new directory ``path``; return the notes, and its tar as it is split (TarSplit)."""
    os.mkdir(path)
    rest = io.BytesIO()
    with opened(path) as folder:
        notes = unpack(layer, folder, ids, rest)
    data = rest.getvalue()
    return notes, TarSplit("layer", lambda: io.BytesIO(data), lambda inner: open(f"{path}{inner}", "rb"))


class UnpackedArea(child.Area):
    def answer(self, layers, root, calls):
        """Return what an overlay on the unpacked layers shows, and how the tars and the restored layers differ."""
        if not isinstance(layers[0], Layer):  # to find out whether anything can be mounted here
            return super().answer(layers, root, calls)
        os.chdir(self.folder)
        ids = IdMap(0, 0, 65536 if self.prefix == "trusted." else 1)
        wrong = []
        try:
            for number, layer in enumerate(layers):
                _notes, tar = unpacked(layer, f"{self.folder}/l{number}", ids)
                wrong += differences(layer, tar)
            for name in ("upper", "work", "merged"):
                os.mkdir(name)
            child.lay_out([root], "upper", "user.")
            lower = ":".join(f"l{number}" for number in reversed(range(len(layers))))
            options = f"lowerdir={lower},upperdir=upper,workdir=work,{OPTIONS['user.']}"
            syscalls.mount("overlay", "merged", "overlay", 0, options)
            try:
                with self.inside("merged"):
                    return picture(RealFilesystem()), wrong
            finally:
                syscalls.umount2("merged", syscalls.MNT_DETACH)
        finally:
            for name in os.listdir():
                child.shutil.rmtree(name)


def differences(layer, tar):
    """Return in words what is not as it was in the tar and the layer that are put together again (list of str)."""
    found = []
    with tar.open() as stream:
        if hashlib.sha256(stream.read()).digest() != hashlib.sha256(b"".join(tar_chunks(layer))).digest():
            found.append("the tar differs")
    again = restored(tar, layer.diff_id, layer.parent)
    if (again.entries, again.whiteouts, again.opaque) != (layer.entries, layer.whiteouts, layer.opaque):
        found.append(f"{again.entries} was {layer.entries}")
    if any(again.entries[path].read() != entry.read() for path, entry in layer.entries.items() if not entry.link_to):
        found.append("a content differs")
    return found


class UnpackedOverlay:
    """Overlays as root or in a user namespace (``kind``), while it is entered; ``lacking`` is what that would need."""

    def __init__(self, kind):
        self.kind = kind

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="course-unpacked-")
        found = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, __file__, self.kind, self._folder.name]
        self._child = subprocess.Popen(command, env=found, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lacking = pickle.load(self._child.stdout)
        return self

    def __exit__(self, *_error):
        self._child.communicate()
        self._folder.cleanup()

    def shown(self, layers):
        """Return the picture of the overlay, and what went wrong with the tars (list of str)."""
        pickle.dump((plain(layers), root_of_upper(layers), []), self._child.stdin)
        self._child.stdin.flush()
        failure, answer = pickle.load(self._child.stdout)
        assert not failure, failure
        return answer


def plain(layers):
    """Return the layers such that they can be pickled (list of Layer)."""
    found = []
    for layer in layers:
        entries = {path: replace(entry, xattrs=dict(entry.xattrs)) for path, entry in layer.entries.items()}
        found.append(Layer(entries, layer.whiteouts, layer.opaque, found[-1] if found else None))
    return found


if __name__ == "__main__":
    child.Area = UnpackedArea
    child.main(*sys.argv[1:])

"""Directories to compare: what a real engine has on its disk, and what is simulated, in one form."""

import os
import stat
from pathlib import Path

from course.layers.entry import Kind, directory
from course.layers.image import Image
from course.layers.layer import Layer
from course.layers.small_image import small_images
from course.transport.from_host import image_from_host

SMALL = 10_000  # bytes of a file whose content is compared


def images():
    """Return images (list of Image): real programs, a stack with every kind of mark on them, the small ones."""
    host = image_from_host()
    etc = directory(0o750)
    noted = Layer.of({"/etc": etc, "/etc/note": "", "/etc/old": "1", "/mnt": None, "/mnt/a": ""}, parent=host.top)
    changed = Layer.of({"/etc": etc, "/mnt": None}, ["/etc/old"], ["/mnt"], parent=noted)
    layers = [*host.layers, noted, changed]
    steps = [f"STEP {number}" for number in range(len(layers))]
    deep = Image.of(layers, steps, ["deep:1"], host.config.run, architecture=host.config.architecture)
    return [host, deep, *small_images().values()]


def found(data):
    """Return what lies below ``data`` (dict of path to mode, device, whether opaque, content of what is small)."""
    tree = {}
    for folder, folders, files in os.walk(data):
        for path in (f"{folder}/{name}" for name in [*folders, *files]):
            what, content = os.lstat(path), None
            if stat.S_ISLNK(what.st_mode):
                content = os.fsencode(os.readlink(path))
            elif stat.S_ISREG(what.st_mode) and what.st_size < SMALL:
                content = Path(path).read_bytes()
            opaque = "trusted.overlay.opaque" in os.listxattr(path, follow_symlinks=False)
            tree[path.removeprefix(str(data))] = (what.st_mode, what.st_rdev, opaque, content)
    return tree


def simulated(layer, root):
    """Return what a simulated directory (Layer) has below ``root`` (str), as ``found`` gives the real one."""
    tree = {}
    for path, entry in layer.entries.items():
        entry = layer.entries[entry.link_to] if entry.link_to else entry
        content = os.fsencode(entry.target) if entry.kind is Kind.SYMLINK else None
        if entry.kind is Kind.FILE and entry.size < SMALL:
            content = entry.read()
        if path.startswith(f"{root}/"):
            opaque = "trusted.overlay.opaque" in entry.xattrs
            tree[path.removeprefix(root)] = (entry.st_mode, os.makedev(*entry.device), opaque, content)
    return tree

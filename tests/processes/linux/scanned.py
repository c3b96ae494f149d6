"""A real overlay mounted as the engine mounts it (userxattr), whose upper directory is scanned after some calls."""

import io
import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

from course.processes.linux.scanning import scan

sys.path.append(str(Path(__file__).parents[2] / "union"))
from kernel import child
from kernel.calls import run
from kernel.layout import placed, root_of_upper
from kernel.real import RealFilesystem

SHOWN = 10_000  # bytes of a file: some are sparse, and of many terabytes


class ScannedArea(child.Area):
    def __init__(self, kind, folder):
        super().__init__(kind, folder)
        self.prefix = "user."  # whoever mounts

    def answer(self, layers, root_of_upper, calls):
        """Return the rows of the upper directory, and how its files begin, by path."""
        os.umask(0o022)
        os.chdir(self.folder)
        try:
            with self.mounted(layers, root_of_upper):
                filesystem = RealFilesystem()
                with self.inside("merged"):
                    try:
                        run(filesystem, calls, lambda user: child.act_as(*user))
                    finally:
                        filesystem.close_all()
                return scanned("upper")
        finally:
            for name in os.listdir():
                child.shutil.rmtree(name)


def scanned(folder):
    """Return the rows of a directory (str), and how each of its files begins (path to bytes)."""
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        rows = scan(top)
    finally:
        os.close(top)
    return rows, {row[0]: _beginning(folder + row[0]) for row in rows if row[1] & 0o170000 == 0o100000}


def _beginning(path):
    with open(path, "rb") as file:
        return file.read(SHOWN)


class ScannedOverlay:
    """Overlays as root or in a user namespace (``kind``), while it is entered; ``lacking`` is what that would need."""

    def __init__(self, kind):
        self.kind = kind

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="course-scanned-")
        found = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, __file__, self.kind, self._folder.name]
        self._child = subprocess.Popen(command, env=found, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lacking = pickle.load(self._child.stdout)
        return self

    def __exit__(self, *_error):
        self._child.communicate()
        self._folder.cleanup()

    def run(self, layers, calls):
        """Return the rows that the calls leave over the layers, and a function that opens the contents."""
        pickle.dump((placed(layers), root_of_upper(layers), calls), self._child.stdin)
        self._child.stdin.flush()
        failure, answer = pickle.load(self._child.stdout)
        assert not failure, failure
        rows, contents = answer
        return rows, lambda path: io.BytesIO(contents[path])


if __name__ == "__main__":
    child.Area = ScannedArea
    child.main(*sys.argv[1:])

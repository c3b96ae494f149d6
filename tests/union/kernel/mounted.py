"""A real overlay mount, for a test: requests go to a process of its own."""

import os
import pickle
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

from kernel.calls import WHITEOUT
from kernel.layout import placed, root_of_upper

NOTES = ("origin", "impure", "uuid")  # where a copy came from, that there are some below, and which mount it was
HERE = Path(__file__).parent.parent


class Mounted:
    """Overlay mounts as root or in a user namespace (``kind``: "root" or "user"), while it is entered.

    ``lacking`` is what this machine would need for that (str), or empty.
    """

    def __init__(self, kind):
        self.kind = kind

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="course-overlay-")
        command = [sys.executable, "-m", "kernel.child", self.kind, self._folder.name]
        found = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}  # whatever is found here, the child finds too
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._child = subprocess.Popen(command, cwd=HERE, env=found, **pipes)
        try:
            self.lacking = pickle.load(self._child.stdout)
        except EOFError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error):
        self._child.communicate()
        self._folder.cleanup()

    def run(self, layers, calls):
        """Return each call's Outcome, and the pictures of the overlay and of its upper directory (``upper_form``)."""
        pickle.dump((placed(layers), root_of_upper(layers), calls), self._child.stdin)
        self._child.stdin.flush()
        failure, answer = pickle.load(self._child.stdout)
        assert not failure, failure
        outcomes, merged, upper = answer
        return outcomes, merged, upper_form(upper, "trusted.overlay." if self.kind == "root" else "user.overlay.")


def upper_form(upper, own):
    """Return the picture of an upper directory (dict) with its marks as marks, and without overlayfs's own notes.

    ``own`` (str) is how the mount's own xattrs begin; they are called ``trusted.overlay.`` from here on.
    """
    return {
        path: WHITEOUT if stat.S_ISCHR(node.seen.mode) and node.seen.rdev == (0, 0) else _without_notes(node, own)
        for path, node in upper.items()
    }


def _without_notes(node, own):
    kept = [(name, value) for name, value in node.xattrs if name.removeprefix(own) not in NOTES]
    renamed = [(name.replace(own, "trusted.overlay.", 1), value) for name, value in kept]
    return node._replace(xattrs=tuple(sorted(renamed)))

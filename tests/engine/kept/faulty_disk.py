"""A machine that stops, or a disk that refuses, at the n-th system call."""

import errno
import io
import os

CALLS = {os: ("replace", "unlink", "mkdir", "rmdir", "chmod", "fsync", "open", "symlink"), io: ("open",)}


class Died(BaseException):
    """The machine has stopped: nothing that comes after happens."""


class FaultyDisk:
    """Counts the system calls that change or sync something, and fails at ``fault`` (int); then as ``raised`` says.

    Without ``raised`` (OSError) the machine stops.  ``lasts`` is whether later calls that need space fail, too (bool).
    ``calls`` are those that were made (list of name and path).
    """

    def __init__(self, monkeypatch, fault=None, raised=None, *, lasts=True):
        self.fault, self.raised, self.lasts, self.calls, self.is_down = fault, raised, lasts, [], False
        for module, names in CALLS.items():
            for name in names:
                monkeypatch.setattr(module, name, self._counted(module, name, getattr(module, name)))

    def _counted(self, module, name, real):
        def call(path, *args, **options):
            if module is io and "x" not in (args[0] if args else options.get("mode", "r")):
                return real(path, *args, **options)
            self.happens(name, path)
            result = real(path, *args, **options)
            return _File(result, self) if module is io else result

        return call

    def happens(self, name, path):
        number = len(self.calls)
        self.calls.append((name, os.readlink(f"/proc/self/fd/{path}") if isinstance(path, int) else os.fspath(path)))
        if self.is_down and not self.raised:
            raise Died
        needs_space = name not in ("unlink", "rmdir")
        if number == self.fault or (self.is_down and self.lasts and needs_space):
            self.is_down = True
            if not self.raised:
                raise Died
            raise OSError(self.raised, os.strerror(self.raised), self.calls[-1][1])


class _File:
    """A file that the disk may stop in the middle of."""

    def __init__(self, file, disk):
        self.file, self.disk = file, disk

    def write(self, data):
        try:
            self.disk.happens("write", self.file.fileno())
        except BaseException:
            self.file.write(data[: len(data) // 2])
            self.file.flush()
            raise
        return self.file.write(data)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def __getattr__(self, name):
        return getattr(self.file, name)


NO_SPACE, READ_ONLY = errno.ENOSPC, errno.EROFS

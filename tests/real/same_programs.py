"""This machine's programs as the simulator's own: a file of machine code runs as the built-in program of its name."""

from contextlib import contextmanager
from unittest.mock import patch

from course.processes.simulated import executable
from course.union import flags

ELF = b"\x7fELF"  # how a file of machine code begins (elf(5))


def load(process, path, argv, depth=0, *, original=executable.load):
    """Return the program that the file ``path`` (str) is, as ``executable.load`` does, and the arguments it gets."""
    try:
        return original(process, path, argv, depth)
    except executable.ForeignProgram:
        name = path.rpartition("/")[2]
        if name not in process.space.programs or not begins_as_machine_code(process, path):
            raise
        return process.space.programs[name], argv


def begins_as_machine_code(process, path):
    """Tell whether the file ``path`` (str) begins as an executable of this machine does (bool)."""
    return process.fs.with_credentials(0, 0).open_file(path, flags.O_RDONLY).read(len(ELF)) == ELF


@contextmanager
def same_programs():
    """Let containers of the simulated engine run this machine's programs, while in this context."""
    with patch.object(executable, "load", load):
        yield

"""The shell's built-in commands: importing this package registers them all in ``BUILTINS``."""

import pkgutil
from importlib import import_module

from course.processes.simulated.shell.builtins.registry import BUILTINS

__all__ = ["BUILTINS"]

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

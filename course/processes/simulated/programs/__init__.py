"""The programs that the simulated machine has built in: importing this package registers them all."""

import pkgutil
from importlib import import_module

from course.processes.simulated.programs.registry import PROGRAMS

__all__ = ["PROGRAMS"]

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

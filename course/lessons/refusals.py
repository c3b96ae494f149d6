"""Refusals: what the course cannot do for a cell is told below it in one sentence, without a traceback."""

from __future__ import annotations

from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Any

from course.errors import CourseError
from course.lessons.page import Page, show
from course.shipped import PACKAGE


def tell_refusals(shell: Any) -> None:
    """Have an IPython shell tell the course's own errors in one sentence; any other keeps its traceback."""

    def refused(
        shell: Any, kind: type[BaseException], error: Exception, trace: TracebackType, tb_offset: int | None = None
    ) -> None:
        if isinstance(error, CourseError) or _raised_in_the_course(trace):
            show(Page.problem(error))
        else:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    shell.set_custom_exc((CourseError, OSError), refused)


def _raised_in_the_course(trace: TracebackType) -> bool:
    *_outer, innermost = (Path(frame.f_code.co_filename) for frame, _line in walk_tb(trace))
    return innermost.is_relative_to(PACKAGE)

"""Running without end: how deep a script may nest, whatever Python's own stack holds.

A generator that delegates to another by ``yield from`` takes a place on Python's stack for each level, and a script may
nest as deep as it likes.  So what runs commands hands the inner generator to a driver, which keeps the stack itself.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from course.processes.simulated.process import Waiting

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """Asks the driver to run ``inner`` (generator) to its end and to send back what it returns."""

    inner: "Generator[Waiting | Call, Any, Any]"


Running = Generator[Waiting | Call, Any, T]
"""What a driver runs: yields what it waits for, or a Call."""

Executing = Running[int]
"""Commands in progress: they return their exit status (int)."""


def call(inner: Running[T]) -> Running[T]:
    """Run ``inner`` (generator) outside of the caller's own stack; return what it returns."""
    result: T = yield Call(inner)
    return result


def driven(outer: Running[T]) -> Generator[Waiting, None, T]:
    """Run ``outer`` (generator) and all that it calls; yield only what they wait for.

    >>> def depth(levels):
    ...     return 0 if not levels else 1 + (yield from call(depth(levels - 1)))
    >>> next(driven(depth(100_000)))
    Traceback (most recent call last):
    StopIteration: 100000
    """
    stack: list[Generator[Waiting | Call, Any, Any]] = [outer]
    result: Any = None
    error: BaseException | None = None
    while True:
        running = stack[-1]
        try:
            step = running.send(result) if error is None else running.throw(error)
        except StopIteration as end:
            result, error = end.value, None
            stack.pop()
            if not stack:
                return result  # type: ignore[no-any-return]
        except BaseException as raised:
            result, error = None, raised
            stack.pop()
            if not stack:
                raise
        else:
            result = error = None
            if isinstance(step, Call):
                stack.append(step.inner)
                continue
            try:
                yield step
            except BaseException as thrown:  # the process ends while it waits: let everything be put back
                error = thrown

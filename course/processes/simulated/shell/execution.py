"""Execution: how each kind of command runs (POSIX, XCU 2.9)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from course.processes.simulated import signals
from course.processes.simulated.process import Process, ignore
from course.processes.simulated.shell import calling, expansion, grammar, patterns, simple
from course.processes.simulated.shell.builtins import BUILTINS
from course.processes.simulated.shell.characters import is_name
from course.processes.simulated.shell.grammar import Node
from course.processes.simulated.shell.leaving import Break, Continue, Failure, Leave, ShellError
from course.processes.simulated.shell.redirecting import Saved, expanded, redirect
from course.processes.simulated.shell.running import Executing, call
from course.processes.simulated.streams import Source, Stream
from course.union import flags

if TYPE_CHECKING:
    from course.processes.simulated.shell.shell import Shell

CHECKED = (grammar.Simple, grammar.Subshell, grammar.Pipeline)  # what `set -e` looks at


def execute(shell: "Shell", node: Node, last: bool = False) -> Executing:
    """Run ``node`` (Node) and return its status (int); ``last`` (bool): the shell has nothing to do after it.

    Raises Leave, Jump.
    """
    if "n" in shell.options:
        return 0
    try:
        status: int = yield from RUN[type(node)](shell, node, last)
    except ShellError as error:
        yield from shell.complain(str(error))
        raise Failure(error.status) from None
    shell.status = status
    if shell.caught:
        yield from shell.run_traps()
    if status and "e" in shell.options and not shell.tested and isinstance(node, CHECKED):
        raise Leave(status)
    return status


@contextmanager
def as_condition(shell: "Shell") -> Iterator[None]:
    """Let what runs in this context be a condition, whose failure does not end a shell under ``set -e``."""
    shell.tested += 1
    try:
        yield
    finally:
        shell.tested -= 1


def _sequence(shell: "Shell", node: grammar.Sequence, last: bool) -> Executing:
    status = shell.status if not node.commands else 0
    for command in node.commands:
        status = yield from execute(shell, command, last and command is node.commands[-1])
    return status


def _and_or(shell: "Shell", node: grammar.AndOr, last: bool) -> Executing:
    with as_condition(shell):
        status = yield from call(execute(shell, node.left))
    if (status == 0) == (node.operator == "&&"):
        status = yield from execute(shell, node.right, last)
    return status


def _not(shell: "Shell", node: grammar.Not, _last: bool) -> Executing:
    with as_condition(shell):
        return int(not (yield from execute(shell, node.command)))


def _if(shell: "Shell", node: grammar.If, last: bool) -> Executing:
    with as_condition(shell):
        status = yield from call(execute(shell, node.test))
    if status == 0:
        return (yield from call(execute(shell, node.body, last)))
    if node.otherwise:
        return (yield from call(execute(shell, node.otherwise, last)))
    return 0


def _loop(shell: "Shell", node: grammar.Loop, _last: bool) -> Executing:
    status = 0

    def once() -> Executing:
        """Return 1 once the loop has ended (int)."""
        nonlocal status
        with as_condition(shell):
            test = yield from call(execute(shell, node.test))
        if (test == 0) == node.until:
            return 1
        status = yield from call(execute(shell, node.body))
        return 0

    while not (yield from _round(shell, once())):
        pass
    return status


def _for(shell: "Shell", node: grammar.For, _last: bool) -> Executing:
    shell.line = node.line
    status = 0

    def once() -> Executing:
        nonlocal status
        status = yield from call(execute(shell, node.body))
        return 0

    for value in (yield from expansion.words(shell, node.words)):
        shell.assign(node.name, value)
        if (yield from _round(shell, once())):
            break
    return status


def _round(shell: "Shell", once: Executing) -> Executing:
    """Run one round of a loop; return 1 if it is the last one (int)."""
    shell.loops += 1
    try:
        return (yield from once)
    except Break as jump:
        if jump.levels > 1 and shell.loops > 1:
            jump.levels -= 1
            raise
        return int(not isinstance(jump, Continue))
    finally:
        shell.loops -= 1


def _case(shell: "Shell", node: grammar.Case, last: bool) -> Executing:
    shell.line = node.line
    word = yield from expansion.text(shell, node.word)
    for choices, body in node.items:
        for choice in choices:
            if patterns.matches((yield from expansion.pattern(shell, choice)), word):
                return (yield from call(execute(shell, body, last))) if body else 0
    return 0


def _function(shell: "Shell", node: grammar.Function, _last: bool) -> Executing:
    shell.functions[node.name] = node
    return 0
    yield  # a generator, as all others


def _redirected(shell: "Shell", node: grammar.Redirected, _last: bool) -> Executing:
    shell.line = node.line
    given = yield from expanded(shell, node.redirections)
    saved = Saved(shell.process)
    try:
        try:
            yield from redirect(shell, saved, given)
        except ShellError as error:
            saved.restore()
            yield from shell.complain(str(error))
            return error.status
        return (yield from call(execute(shell, node.command)))
    finally:
        saved.restore()


def _subshell(shell: "Shell", node: grammar.Subshell, _last: bool) -> Executing:
    shell.line = node.line
    child = shell.fork(lambda inner: execute(inner, node.body, last=True))
    return (yield from shell.jobs.foreground([child]))


def _background(shell: "Shell", node: grammar.Background, _last: bool) -> Executing:
    def body(inner: "Shell") -> Executing:
        inner.tested = 0
        for signal in (signals.SIGINT, signals.SIGQUIT):
            inner.process.handlers[signal] = ignore
        if 0 in inner.process.fds:
            inner.process.close(0)
        inner.process.attach(_nothing(inner.process))
        return (yield from execute(inner, node.command, last=True))

    child = shell.fork(body)
    shell.background = child.pid
    shell.jobs.started.append(child.pid)
    return 0
    yield  # a generator, as all others


def _nothing(process: Process) -> Stream:
    try:
        return process.opened("/dev/null", flags.O_RDONLY)
    except OSError:
        return Source()


def _pipeline(shell: "Shell", node: grammar.Pipeline, _last: bool) -> Executing:
    """Run the commands at the same time, each in a child, the output of one being the input of the next."""
    children = []
    reading: int | None = None
    for command in node.commands:
        if isinstance(command, grammar.Simple) and command.words:
            _track(shell, command.words[0].plain)
        behind, writing = (None, None) if command is node.commands[-1] else shell.process.pipe()
        children.append(shell.fork(_piped(command, reading, writing, behind)))
        for fd in (reading, writing):
            if fd is not None:
                shell.process.close(fd)
        reading = behind
    return (yield from shell.jobs.foreground(children))


def _track(shell: "Shell", name: str | None) -> None:
    if name and is_name(name) and name not in shell.functions and name not in BUILTINS:
        calling.track(shell, name)


def _piped(
    command: Node, reading: int | None, writing: int | None, behind: int | None
) -> "Callable[[Shell], Executing]":
    """Return what one child of a pipeline does; ``behind`` is the end of its pipe that the next one reads."""

    def body(shell: "Shell") -> Executing:
        process = shell.process
        if behind is not None:
            process.close(behind)
        for fd, place in ((reading, 0), (writing, 1)):
            if fd is not None and fd != place:
                process.dup2(fd, place)
                process.close(fd)
        return (yield from execute(shell, command, last=True))

    return body


RUN: dict[type, Callable[[Any, Any, bool], Executing]] = {
    grammar.Simple: simple.run,
    grammar.Sequence: _sequence,
    grammar.AndOr: _and_or,
    grammar.Not: _not,
    grammar.If: _if,
    grammar.Loop: _loop,
    grammar.For: _for,
    grammar.Case: _case,
    grammar.Function: _function,
    grammar.Redirected: _redirected,
    grammar.Subshell: _subshell,
    grammar.Background: _background,
    grammar.Pipeline: _pipeline,
}

"""Published ports: a process that listens on the host's loopback and forwards connections to a container.

It is docker-proxy's job, in docker-proxy's way (a process of its own, so that no peer can keep the helper waiting);
one process for each container that publishes ports.  A listening socket stays in the host's network namespace, where
it was made; the process then enters the namespace of the container's network and connects from there.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import socket

from course.processes.linux.syscalls import (
    CLONE_NEWNET,
    close_range,
    pidfd_open,
    setns,
)

LOOPBACK = "127.0.0.1"
_AT_ONCE = 65536  # bytes that a direction may hold back until its receiver takes them
_MOST = 256  # connections at a time; further ones wait until one ends
_LAST = 0xFFFFFFFF  # descriptor that there could be

Address = tuple[str, int]


def listen(port: int, address: str = LOOPBACK) -> socket.socket:
    """Return a socket (socket) that listens on ``port`` (int) of the host's loopback, in this network namespace.

    An ``address`` (str) beyond the loopback becomes 127.0.0.1: nobody else's machine is to reach a learner's container.
    Raises OSError: EADDRINUSE, somebody has the port; EACCES, it is one of those that are root's.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address if address.startswith("127.") else LOOPBACK, port))
        listener.listen(128)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def forward(container: int, namespace: int, routes: list[tuple[socket.socket, Address]]) -> int:
    """Start a container's forwarding process, and return its pid (int); it ends when the container does.

    ``container`` is the container's first process (pid, int), ``namespace`` (descriptor, int) is of a network that it
    is in, and ``routes`` are pairs of a listening socket and the address in the container (str and int) that it is for.
    The sockets stay the caller's, to close: a port is free when the last copy is closed.  Raises OSError.
    """
    ended = pidfd_open(container)
    try:
        forwarder = os.fork()
        if not forwarder:
            _run(ended, namespace, routes)
        return forwarder
    finally:
        os.close(ended)


def _run(ended: int, namespace: int, routes: list[tuple[socket.socket, Address]]) -> None:
    """What the process does, until the container has ``ended`` (a pidfd)."""
    try:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):  # which the helper may have handlers for
            signal.signal(number, signal.SIG_DFL)
        setns(namespace, CLONE_NEWNET)
        _close_all_but({ended, *(listener.fileno() for listener, _address in routes)})
        _serve(ended, routes)
    finally:
        os._exit(0)


def _close_all_but(kept: set[int]) -> None:
    """Close all descriptors but ``kept`` (set of int): somebody may wait for the end of what was inherited."""
    first = 0
    for descriptor in sorted(kept):
        if first < descriptor:
            close_range(first, descriptor - 1)
        first = descriptor + 1
    close_range(first, _LAST)


def _serve(ended: int, routes: list[tuple[socket.socket, Address]]) -> None:
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    listeners = {listener.fileno(): (listener, address) for listener, address in routes}
    connections: dict[int, _Connection] = {}  # by the descriptors of both their sockets
    for descriptor in listeners:
        poll.register(descriptor, select.POLLIN)
    while True:
        for descriptor, events in poll.poll():
            if descriptor == ended:
                return
            if descriptor in listeners:
                connection = _accepted(*listeners[descriptor])
                if connection:
                    connections.update(dict.fromkeys(connection.descriptors, connection))
                    connection.watch(poll)
            elif descriptor in connections:  # it may have been closed since
                connection = connections[descriptor]
                if connection.advance(descriptor, events):
                    connection.watch(poll)
                else:
                    connection.close(poll)
                    for each in connection.descriptors:
                        del connections[each]
        for descriptor in listeners:
            poll.modify(descriptor, select.POLLIN if len(connections) < 2 * _MOST else 0)


def _accepted(listener: socket.socket, address: Address) -> _Connection | None:
    """Return the connection that waits, on its way to ``address``; None: it has gone, or cannot be served."""
    try:
        client, _peer = listener.accept()
    except OSError:
        return None
    server = None
    try:
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        for each in (client, server):
            each.setblocking(False)
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what comes in small pieces goes on in them
        if server.connect_ex(address) in (0, errno.EINPROGRESS):
            return _Connection(client, server)
    except OSError:  # too many descriptors; the client has gone
        pass
    client.close()
    if server:
        server.close()
    return None


class _Connection:
    """A client's socket and the one to the container, and the two directions between them."""

    __slots__ = ("client", "descriptors", "directions", "server", "watched")

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client, self.server = client, server
        self.descriptors = client.fileno(), server.fileno()
        self.directions = _Direction(client, server), _Direction(server, client)
        self.directions[0].is_waiting = True  # until the container's side is connected
        self.watched: dict[int, int] = {}

    def advance(self, descriptor: int, events: int) -> bool:
        """Move what can be moved, after ``events`` (int) of a ``descriptor`` (int); False: the connection is over."""
        forth, _back = self.directions
        try:
            if descriptor == self.server.fileno():
                forth.is_waiting = False  # it is connected; or it is refused, which the next call is told
            for each in self.directions:
                if each.source.fileno() == descriptor and events & (select.POLLIN | select.POLLHUP | select.POLLERR):
                    each.fill()
                each.drain()
        except OSError:  # reset by one of them
            return False
        return not all(each.is_over for each in self.directions)

    def watch(self, poll: select.poll) -> None:
        """Wait for what either direction waits for; a socket that none waits for would report its end for ever."""
        forth, back = self.directions
        wanted = {
            self.descriptors[0]: forth.wants_input * select.POLLIN | back.wants_output * select.POLLOUT,
            self.descriptors[1]: back.wants_input * select.POLLIN | forth.wants_output * select.POLLOUT,
        }
        for descriptor, events in wanted.items():
            if events:
                poll.register(descriptor, events)
            elif self.watched.get(descriptor):
                poll.unregister(descriptor)
        self.watched = wanted

    def close(self, poll: select.poll) -> None:
        """Close both sockets."""
        for descriptor, events in self.watched.items():
            if events:
                poll.unregister(descriptor)
        self.client.close()
        self.server.close()


class _Direction:
    """Bytes on their way from ``source`` to ``sink``: read when there is room, held until they are taken."""

    __slots__ = ("held", "is_over", "is_waiting", "sink", "source", "source_ended")

    def __init__(self, source: socket.socket, sink: socket.socket) -> None:
        self.source, self.sink = source, sink
        self.held = bytearray()
        self.is_waiting = False
        self.source_ended = False
        self.is_over = False

    @property
    def wants_input(self) -> bool:
        return not self.source_ended and len(self.held) < _AT_ONCE

    @property
    def wants_output(self) -> bool:
        return self.is_waiting or bool(self.held)

    def fill(self) -> None:
        """Read what there is room for.  Raises OSError."""
        if not self.wants_input:
            return
        try:
            read = self.source.recv(_AT_ONCE - len(self.held))
        except BlockingIOError:
            return
        self.held += read
        self.source_ended = not read

    def drain(self) -> None:
        """Write what is taken; pass the end on when there is nothing left.  Raises OSError."""
        if self.is_waiting or self.is_over:
            return
        if self.held:
            try:
                del self.held[: self.sink.send(self.held)]
            except BlockingIOError:
                return
        if self.source_ended and not self.held:
            self.sink.shutdown(socket.SHUT_WR)
            self.is_over = True

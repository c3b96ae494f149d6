"""Messages between the engine, the helper and the monitors, which are all this course's own processes.

A message is a tuple of plain values in Python's own form (marshal), as both ends run the same interpreter; descriptors
travel beside it (unix(7), SCM_RIGHTS).  Each is one packet, so several processes may write to one socket; what is too
large for a packet goes into a file in memory whose descriptor is sent instead.
"""

from __future__ import annotations

import marshal
import os
import socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Message = tuple[Any, ...]
    Spec = dict[str, Any]

LARGEST = 60_000  # bytes of a packet; the kernel's least buffer holds more
MOST_DESCRIPTORS = 16


def pair() -> tuple[socket.socket, socket.socket]:
    """Return two ends that are connected (pair of socket)."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(end: socket.socket, message: Message, descriptors: tuple[int, ...] = ()) -> None:
    """Send a ``message`` (tuple) with ``descriptors`` (tuple of int).  Raises OSError: nobody listens any more.

    >>> here, there = pair()
    >>> with here, there:
    ...     send(here, ("kill", 15))
    ...     receive(there)
    (('kill', 15), [])
    """
    data = marshal.dumps(message)
    if len(data) <= LARGEST:
        socket.send_fds(end, [data], descriptors)
        return
    memory = os.memfd_create("message", os.MFD_CLOEXEC)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(memory, left) :]
        socket.send_fds(end, [marshal.dumps(("", len(data)))], (memory, *descriptors))
    finally:
        os.close(memory)


def receive(end: socket.socket) -> tuple[Message | None, list[int]]:
    """Return the next message (tuple), or None: the other end is gone; and the descriptors with it (list of int).

    Raises BlockingIOError, if the socket does not block and nothing is there.
    """
    data, descriptors, _flags, _address = socket.recv_fds(
        end, LARGEST + 5_000, MOST_DESCRIPTORS, socket.MSG_CMSG_CLOEXEC
    )
    if not data:
        return None, []
    message: Message = marshal.loads(data)  # noqa: S302 (from a process of ours)
    if message[0] == "":
        memory, *descriptors = descriptors
        with os.fdopen(memory, "rb") as file:
            file.seek(0)
            message = marshal.loads(file.read())  # noqa: S302
    return message, list(descriptors)

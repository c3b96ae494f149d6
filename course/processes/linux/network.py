"""Networks of containers: each a bridge in a network namespace of its own, to which containers are wired by veth pairs.

Nothing of the host's network is touched: a network's namespace holds a bridge and the near ends of the pairs, and
nothing that leads elsewhere, so that what one network carries cannot reach another one, or the world.

No process goes back and forth between namespaces: the helper, which has left the host's user namespace, could enter
another network namespace and then not return (EPERM; setns(2) asks for CAP_SYS_ADMIN in the one that owns the target).
But a socket stays in the namespace where it was made.  So a child that lives for a millisecond goes there, makes a
socket, and hands it over.  (A helper whose next child would be the first of a new PID namespace must not call this.)
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct

from course.processes.linux.netlink import Netlink
from course.processes.linux.syscalls import CLONE_NEWNET, setns, unshare

TYPE_CHECKING = False
if TYPE_CHECKING:  # without importing typing
    from collections.abc import Callable

BRIDGE = "bridge0"  # the only one in its namespace
NAME_SERVER = ("127.0.0.11", 53)  # docker's own; course.engine.system_files writes it into /etc/resolv.conf

_SIOCSIFFLAGS = 0x8914  # linux/sockios.h
_IFREQ = struct.Struct("16sh14x")  # struct ifreq, with the interface's flags
_IFF_UP = 1


def loopback_up() -> None:
    """Bring the loopback interface of this network namespace up: it has one from the first, which is down.

    Rule: netdevice(7).  Raises OSError.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        fcntl.ioctl(channel, _SIOCSIFFLAGS, _IFREQ.pack(b"lo", _IFF_UP))


def namespace_of(pid: int) -> int:
    """Return a descriptor (int) of the network namespace of process ``pid`` (int).

    Raises OSError: EACCES for a process that has changed its user since the last execve(2), as the forks of root's
    helper have.  It then has to let itself be looked at: ``prctl(PR_SET_DUMPABLE, 1)`` (ptrace(2), proc(5)).
    """
    return os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def join(pid: int) -> None:
    """Move this process into the network namespace of process ``pid`` (int), as ``--network container:`` does."""
    namespace = namespace_of(pid)
    try:
        setns(namespace, CLONE_NEWNET)
    finally:
        os.close(namespace)


def name_server_socket(pid: int = 0) -> socket.socket:
    """Return a socket that gets the questions about names (UDP) that are asked in a container.

    ``pid`` (int) is one of its processes; 0: this process is in its network namespace.  The loopback interface has to
    be up there.  Raises OSError.
    """

    def make() -> tuple[int, ...]:
        join(pid)
        return (name_server_socket().detach(),)

    if pid:
        return socket.socket(fileno=_made_elsewhere(make)[0])
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        server.bind(NAME_SERVER)
    except BaseException:
        server.close()
        raise
    return server


class Switch:
    """The networks of one engine, by name.  All that it has is descriptors: with them it is gone."""

    __slots__ = ("_networks",)

    def __init__(self) -> None:
        self._networks: dict[str, _Network] = {}

    def network(self, name: str, subnet: str, gateway: str, internal: bool = False) -> None:
        """Make the network ``name`` (str), unless it is there.

        ``subnet`` is its addresses (str, ``172.18.0.0/16``), ``gateway`` the bridge's own (str).  The containers of an
        ``internal`` one know no way out of it.  Raises OSError.
        """
        if name in self._networks:
            return
        made = _Network(internal, *_made_elsewhere(_new_namespace))
        try:
            made.furnish(gateway, int(subnet.partition("/")[2]))
        except BaseException:
            made.close()
            raise
        self._networks[name] = made

    def adopt(self, name: str, path: str, internal: bool = False) -> None:
        """Take over a network that another process holds: ``path`` (str) is of its descriptor, ``/proc/PID/fd/N``."""
        namespace = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._networks[name] = _Network(internal, namespace, _netlink_in(namespace).channel.detach())
        except BaseException:
            os.close(namespace)
            raise

    def namespace(self, name: str) -> int:
        """Return the descriptor (int) of the network's namespace, which stays the switch's.  Raises KeyError."""
        return self._networks[name].namespace

    def remove_network(self, name: str) -> None:
        """Forget the network ``name`` (str), which ends with its last container."""
        if name in self._networks:
            self._networks.pop(name).close()

    def close(self) -> None:
        """Forget all networks."""
        for name in list(self._networks):
            self.remove_network(name)

    def keep(self, *names: str) -> None:
        """Forget all networks but these (str): a fork holds those that it was forked with, and keeps them from ending.

        A network in which no container is left ends with its last descriptor.
        """
        for name in set(self._networks).difference(names):
            self.remove_network(name)

    def attach(
        self, pid: int, interface: str, network: str, address: str, prefix: int, mac: str, gateway: str = ""
    ) -> None:
        """Wire the container of process ``pid`` (int) to ``network`` (str) by a new ``interface`` (str, ``eth0``).

        It gets an ``address`` (str) in the subnet of its first ``prefix`` (int) bits, a ``mac`` (str), and, unless the
        network is internal, ``gateway`` (str) as its way out, if it has none yet.  Raises OSError, and leaves nothing
        behind; KeyError: there is no such network.
        """
        joined, near = self._networks[network], _near_end(address)
        self.detach(network, address)  # of a container that had the address, and whose namespace still ends
        namespace = namespace_of(pid)
        try:
            inside = _netlink_in(namespace)
            try:
                joined.netlink.add_veth(near, joined.netlink.index(BRIDGE), interface, mac, namespace)
                _configure(inside, interface, address, prefix, "" if joined.internal else gateway)
            except BaseException:
                joined.netlink.delete(near)
                raise
            finally:
                inside.close()
        finally:
            os.close(namespace)

    def detach(self, network: str, address: str) -> None:
        """Take the interface with ``address`` (str) in ``network`` (str) away from its container, if there is one.

        It would end with the container by itself, but the kernel takes its time for that; ``attach`` does this first,
        so that an address can be used again at once.  Raises OSError; KeyError: there is no such network.
        """
        self._networks[network].netlink.delete(_near_end(address))


class _Network:
    """A network's namespace: a descriptor of it (int), and a netlink socket in it."""

    __slots__ = ("internal", "namespace", "netlink")

    def __init__(self, internal: bool, namespace: int, netlink: int) -> None:
        self.internal = internal
        self.namespace = namespace
        self.netlink = Netlink(socket.socket(fileno=netlink))

    def furnish(self, gateway: str, prefix: int) -> None:
        """Make the bridge.

        The namespace is a router that knows of nothing else: so what is sent beyond the subnet is refused ("network is
        unreachable"); by a host that is no router it would be lost without a word.
        """
        mac = "02:42:" + ":".join(f"{int(part):02x}" for part in gateway.split("."))  # as the engine's containers have
        self.netlink.add_bridge(BRIDGE, mac)
        bridge = self.netlink.index(BRIDGE)
        self.netlink.forward(bridge)
        self.netlink.add_address(bridge, gateway, prefix)
        self.netlink.bring_up(bridge)

    def close(self) -> None:
        self.netlink.close()
        os.close(self.namespace)


def _near_end(address: str) -> str:
    """Return what the bridge's end of the pair is called (str) that leads to ``address`` (str).

    >>> _near_end("172.18.0.2")
    'vethac120002'
    """
    return "veth" + socket.inet_aton(address).hex()


def _configure(inside: Netlink, interface: str, address: str, prefix: int, gateway: str) -> None:
    """Give the new interface its address and, to the container that has none, a way out.  Raises OSError."""
    index = inside.index(interface)
    inside.add_address(index, address, prefix)
    inside.bring_up(index)
    if gateway:
        try:
            inside.add_default_route(gateway)
        except OSError as error:
            if error.errno != errno.EEXIST:  # the way out is by the network that it was in first
                raise


def _netlink_in(namespace: int) -> Netlink:
    def make() -> tuple[int, ...]:
        setns(namespace, CLONE_NEWNET)
        return (Netlink.socket().detach(),)

    return Netlink(socket.socket(fileno=_made_elsewhere(make)[0]))


def _new_namespace() -> tuple[int, ...]:
    unshare(CLONE_NEWNET)
    try:
        _tell_every_time()
    except OSError:  # /proc is to be read only: the same, more slowly
        pass
    return namespace_of(os.getpid()), Netlink.socket().detach()


def _tell_every_time() -> None:
    """Let this namespace say "network is unreachable" as often as it is so, and not once in a second (icmp(7))."""
    setting = os.open("/proc/sys/net/ipv4/icmp_ratelimit", os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(setting, b"0")
    finally:
        os.close(setting)


def _made_elsewhere(make: Callable[[], tuple[int, ...]]) -> list[int]:
    """Return the descriptors (list of int) that ``make`` opens in a child, in whichever namespace it enters for that.

    Raises OSError: that which ``make`` ended with.
    """
    near, far = socket.socketpair()
    with near:
        with far:
            child = os.fork()
            if not child:
                _make(make, far)
        words, descriptors, _flags, _address = socket.recv_fds(near, 4096, 2, socket.MSG_CMSG_CLOEXEC)
    os.waitpid(child, 0)
    if descriptors:
        return descriptors
    number, _space, step = words.decode(errors="replace").partition(" ")
    failure = int(number or errno.EIO)  # without a word: somebody has killed it
    raise OSError(failure, os.strerror(failure), step)


def _make(make: Callable[[], tuple[int, ...]], channel: socket.socket) -> None:
    """What the child does."""
    try:
        socket.send_fds(channel, [b"0"], make())
    except OSError as error:
        channel.send(f"{error.errno} {error.filename}".encode(errors="replace"))
    finally:
        os._exit(0)

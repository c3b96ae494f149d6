"""Netlink: how interfaces, addresses and routes are made, as ip(8) makes them (rtnetlink(7), linux/rtnetlink.h).

A netlink socket stays in the network namespace in which it was made, so its holder need not go there to work there.
"""

from __future__ import annotations

import errno
import os
import socket
import struct

# linux/netlink.h, linux/rtnetlink.h
_NETLINK_ROUTE = 0
_REQUEST, _ACKNOWLEDGE, _EXCLUSIVE, _CREATE = 0x1, 0x4, 0x200, 0x400
_ERROR = 2
_NEWLINK, _DELLINK, _GETLINK, _NEWADDR, _NEWROUTE = 16, 17, 18, 20, 24
_HEADER = struct.Struct("=IHHII")  # struct nlmsghdr: length, type, flags, sequence number, port
_LINK = struct.Struct("=BxHiII")  # struct ifinfomsg: family, type, index, flags, which flags to change
_ADDRESS = struct.Struct("=BBBBI")  # struct ifaddrmsg: family, prefix length, flags, scope, index
_ROUTE = struct.Struct("=8BI")  # struct rtmsg: family, three lengths, table, protocol, scope, type, flags

# linux/if_link.h, linux/if_addr.h, linux/rtnetlink.h, linux/veth.h: what an attribute is
_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_MASTER, _IFLA_LINKINFO, _IFLA_AF_SPEC, _IFLA_NET_NS_FD = 1, 3, 10, 18, 26, 28
_INFO_KIND, _INFO_DATA, _VETH_INFO_PEER = 1, 2, 1
_INET_CONF, _FORWARDING, _INET6_ADDR_GEN_MODE, _MODE_NONE = 1, 1, 8, 1
_IFA_ADDRESS, _IFA_LOCAL, _IFA_BROADCAST, _RTA_GATEWAY = 1, 2, 4, 5
_TABLE_MAIN, _PROTOCOL_BOOT, _SCOPE_UNIVERSE, _UNICAST = 254, 3, 0, 1
_UP = 1

_LARGEST = 65536  # bytes of an answer; that about one interface has about two thousand


def attribute(kind: int, *content: bytes | str | int) -> bytes:
    """Return an attribute (bytes): its length, its ``kind`` (int), and what it holds, filled up to four bytes.

    A text (str) ends with NUL, a number (int) has 32 bits; bytes stay as they are, as those of attributes inside it.

    >>> attribute(3, "eth0").hex(" ")
    '09 00 03 00 65 74 68 30 00 00 00 00'
    """
    data = b"".join(
        each.encode() + b"\0" if isinstance(each, str) else struct.pack("=I", each) if isinstance(each, int) else each
        for each in content
    )
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


class Netlink:
    """A netlink socket (``channel``, socket), and what can be asked through it in the namespace where it was made.

    Each request raises OSError: the errno, the kernel's words, and as ``filename`` the command of ip(8) that asks for
    the same.  Interfaces are named by their index (int), addresses are IPv4 (str), ``mac`` is six bytes in hexadecimal.
    """

    __slots__ = ("_sequence", "channel")

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self._sequence = 0

    @staticmethod
    def socket() -> socket.socket:
        """Return a netlink socket (socket) of the network namespace that this process is in."""
        return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_ROUTE)

    def close(self) -> None:
        """Close the socket."""
        self.channel.close()

    def index(self, name: str) -> int:
        """Return the index (int) of the interface called ``name`` (str)."""
        answer = self._ask(_GETLINK, 0, _LINK.pack(0, 0, 0, 0, 0) + attribute(_IFLA_IFNAME, name), f"link show {name}")
        index: int = _LINK.unpack_from(answer)[2]
        return index

    def add_bridge(self, name: str, mac: str) -> None:
        """Make a bridge.  Left to itself it would change its ``mac`` (str) as ports come and go."""
        body = _LINK.pack(0, 0, 0, 0, 0) + attribute(_IFLA_IFNAME, name) + attribute(_IFLA_ADDRESS, _mac(mac))
        body += attribute(_IFLA_LINKINFO, attribute(_INFO_KIND, "bridge"))
        self._ask(_NEWLINK, _CREATE | _EXCLUSIVE, body, f"link add {name} type bridge")

    def add_veth(self, near: str, bridge: int, far: str, mac: str, namespace: int) -> None:
        """Make a veth pair: the end called ``near`` (str) is a port of ``bridge`` (int), and up.

        The one called ``far`` (str), with this ``mac``, is in the ``namespace`` of a descriptor (int), and down.
        """
        peer = _LINK.pack(0, 0, 0, 0, 0) + attribute(_IFLA_IFNAME, far) + attribute(_IFLA_ADDRESS, _mac(mac))
        peer += attribute(_IFLA_NET_NS_FD, namespace)
        data = attribute(_INFO_DATA, attribute(_VETH_INFO_PEER, peer))
        body = _LINK.pack(0, 0, 0, _UP, _UP) + attribute(_IFLA_IFNAME, near) + attribute(_IFLA_MASTER, bridge)
        body += attribute(_IFLA_LINKINFO, attribute(_INFO_KIND, "veth"), data)
        self._ask(_NEWLINK, _CREATE | _EXCLUSIVE, body, f"link add {near} type veth peer {far}")

    def delete(self, name: str) -> None:
        """Delete the interface called ``name`` (str), if there is one; the other end of a veth pair goes with it."""
        try:
            self._ask(_DELLINK, 0, _LINK.pack(0, 0, 0, 0, 0) + attribute(_IFLA_IFNAME, name), f"link delete {name}")
        except OSError as error:
            if error.errno != errno.ENODEV:
                raise

    def bring_up(self, index: int) -> None:
        """Bring an interface up, which from now on speaks IPv4 only: it gives itself no IPv6 address."""
        family = attribute(socket.AF_INET6, attribute(_INET6_ADDR_GEN_MODE, bytes((_MODE_NONE,))))
        body = _LINK.pack(0, 0, index, 0, 0) + attribute(_IFLA_AF_SPEC, family)
        try:
            self._ask(_NEWLINK, 0, body, f"link set {index} addrgenmode none")
        except OSError as error:
            if error.errno != errno.EAFNOSUPPORT:  # a kernel without IPv6 has nothing to leave out
                raise
        self._ask(_NEWLINK, 0, _LINK.pack(0, 0, index, _UP, _UP), f"link set {index} up")

    def forward(self, index: int) -> None:
        """Let the namespace be a router for what comes by this interface."""
        family = attribute(socket.AF_INET, attribute(_INET_CONF, attribute(_FORWARDING, 1)))
        body = _LINK.pack(0, 0, index, 0, 0) + attribute(_IFLA_AF_SPEC, family)
        self._ask(_NEWLINK, 0, body, f"link set {index} forwarding on")

    def add_address(self, index: int, address: str, prefix: int) -> None:
        """Give an interface an ``address`` (str) in the subnet of its first ``prefix`` (int) bits."""
        own = _address(address)
        last = (int.from_bytes(own, "big") | (1 << (32 - prefix)) - 1).to_bytes(4, "big")
        body = _ADDRESS.pack(socket.AF_INET, prefix, 0, _SCOPE_UNIVERSE, index)
        body += attribute(_IFA_LOCAL, own) + attribute(_IFA_ADDRESS, own) + attribute(_IFA_BROADCAST, last)
        self._ask(_NEWADDR, _CREATE | _EXCLUSIVE, body, f"address add {address}/{prefix} dev {index}")

    def add_default_route(self, gateway: str) -> None:
        """Send what is for no subnet of this namespace to ``gateway`` (str)."""
        body = _ROUTE.pack(socket.AF_INET, 0, 0, 0, _TABLE_MAIN, _PROTOCOL_BOOT, _SCOPE_UNIVERSE, _UNICAST, 0)
        body += attribute(_RTA_GATEWAY, _address(gateway))
        self._ask(_NEWROUTE, _CREATE | _EXCLUSIVE, body, f"route add default via {gateway}")

    def _ask(self, kind: int, flags: int, body: bytes, command: str) -> bytes:
        """Send a request, and return what the answer holds after its header (bytes; nothing, where it is an errno)."""
        self._sequence += 1
        acknowledge = 0 if kind == _GETLINK else _ACKNOWLEDGE  # that is answered anyway
        length = _HEADER.size + len(body)
        self.channel.send(_HEADER.pack(length, kind, _REQUEST | acknowledge | flags, self._sequence, 0) + body)
        number = 0
        while number != self._sequence:  # a request that was cut off may have left its answer
            answer = self.channel.recv(_LARGEST)
            _length, answered, _flags, number, _port = _HEADER.unpack_from(answer)
        content = answer[_HEADER.size :]
        if answered == _ERROR:
            failure = -struct.unpack_from("=i", content)[0]
            if failure:
                raise OSError(failure, os.strerror(failure), f"ip {command}")
        return content


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def _address(text: str) -> bytes:
    return socket.inet_pton(socket.AF_INET, text)

"""What is true of networks: each function in FACTS plays on a stage; the ones at the end are what containers do."""

import errno
import hashlib
import os
import pathlib
import select
import socket
import time

FACTS = []
MEGABYTE = 1 << 20
ITS_OWN = 2  # descriptors of a forwarder: the listening socket, and the container's end


def fact(function):
    FACTS.append(function.__name__)
    return function


def network_a(stage):
    stage.switch.network("a", "172.18.0.0/16", "172.18.0.1")


def network_b(stage):
    stage.switch.network("b", "172.19.0.0/16", "172.19.0.1")


@fact
def a_container_without_a_network_has_loopback_alone(stage):
    alone = stage.container()
    assert alone.do("interfaces") == ["lo"]
    alone.do("serve", "127.0.0.1", 80, "echo")
    assert alone.do("talk", "127.0.0.1", 80, b"to myself") == b"to myself"
    assert alone.do("talk", "172.18.0.1", 80, b"") == -errno.ENETUNREACH


@fact
def two_containers_in_one_network_reach_each_other(stage):
    network_a(stage)
    web, client = stage.container("a 172.18.0.2"), stage.container("a 172.18.0.3")
    assert web.do("interfaces") == ["lo", "eth0"]
    web.do("serve", "172.18.0.2", 80, "echo")
    assert client.do("talk", "172.18.0.2", 80, b"hello") == b"hello"
    assert web.do("mac", "eth0") == "02:42:ac:12:00:02"


@fact
def who_is_in_another_network_is_not_reached_and_is_told_so(stage):
    network_a(stage)
    network_b(stage)
    web, client = stage.container("b 172.19.0.2"), stage.container("a 172.18.0.2")
    web.do("serve", "0.0.0.0", 80, "echo")
    assert client.do("talk", "172.19.0.2", 80, b"") == -errno.ENETUNREACH
    assert client.do("talk", "172.19.0.1", 80, b"") == -errno.ENETUNREACH


@fact
def an_address_of_another_network_that_a_container_gives_itself_does_not_lead_there(stage):
    network_a(stage)
    network_b(stage)
    web, client = stage.container("b 172.19.0.2"), stage.container("a 172.18.0.2")
    web.do("serve", "0.0.0.0", 80, "echo")
    client.do("take_address", "eth0", "172.19.0.7", 16)
    assert client.do("talk", "172.19.0.2", 80, b"") == -errno.EHOSTUNREACH


@fact
def the_world_is_unreachable_and_that_is_said(stage):
    network_a(stage)
    client = stage.container("a 172.18.0.2")
    assert client.do("talk", "192.0.2.1", 80, b"") == -errno.ENETUNREACH
    assert client.do("default_routes") == ["010012AC"]  # 172.18.0.1


@fact
def a_network_is_a_router_where_the_host_is_none(stage):
    from network_stage import in_namespace

    network_a(stage)
    assert in_namespace(stage.switch.namespace("a"), forwards_again) == ["1", "0", "1"]


@fact
def an_internal_network_has_no_way_out(stage):
    stage.switch.network("inside", "172.20.0.0/16", "172.20.0.1", internal=True)
    one, other = stage.container("inside 172.20.0.2"), stage.container("inside 172.20.0.3")
    assert one.do("default_routes") == []
    one.do("serve", "0.0.0.0", 80, "echo")
    assert other.do("talk", "172.20.0.2", 80, b"hello") == b"hello"


@fact
def a_container_in_two_networks_reaches_both_and_leaves_by_the_first(stage):
    network_a(stage)
    network_b(stage)
    both = stage.container("a 172.18.0.2", "b 172.19.0.2")
    both.do("serve", "0.0.0.0", 80, "echo")
    for network, address in (("a", "172.18.0"), ("b", "172.19.0")):
        client = stage.container(f"{network} {address}.3")
        assert client.do("talk", f"{address}.2", 80, b"hello") == b"hello"
    assert both.do("default_routes") == ["010012AC"]
    assert both.do("interfaces") == ["lo", "eth0", "eth1"]


@fact
def a_running_container_is_connected_and_disconnected(stage):
    network_a(stage)
    web, client = stage.container(), stage.container("a 172.18.0.3")
    web.do("serve", "0.0.0.0", 80, "echo")
    stage.wire(web, "eth0", "a", "172.18.0.2")
    assert client.do("talk", "172.18.0.2", 80, b"hello") == b"hello"
    stage.switch.detach("a", "172.18.0.2")
    assert web.do("interfaces") == ["lo"]
    assert stage.container("a 172.18.0.4").do("talk", "172.18.0.2", 80, b"") == -errno.EHOSTUNREACH
    stage.switch.detach("a", "172.18.0.2")  # once more changes nothing


@fact
def a_container_joins_the_network_of_another(stage):
    from network_stage import Container

    network_a(stage)
    web = stage.container("a 172.18.0.2")
    web.do("serve", "127.0.0.1", 80, "echo")
    sidecar = Container(stage, shares=web.pid)
    assert sidecar.do("talk", "127.0.0.1", 80, b"hello") == b"hello"
    assert sidecar.do("interfaces") == ["lo", "eth0"]


@fact
def a_name_resolves_to_the_address_that_the_table_has_now(stage):
    network_a(stage)
    table = {"web": ["172.18.0.2"], "db.a": ["172.18.0.9", "172.18.0.8"]}
    client = stage.container("a 172.18.0.3")
    with_resolver(stage, client, table)
    assert client.do("resolve", "web") == ["172.18.0.2"]
    assert client.do("resolve", "WEB") == ["172.18.0.2"]
    assert sorted(client.do("resolve", "db.a")) == ["172.18.0.8", "172.18.0.9"]
    assert client.do("resolve", "cache") == socket.EAI_NONAME
    table["cache"] = ["172.18.0.4"]
    del table["web"]
    assert client.do("resolve", "cache") == ["172.18.0.4"]
    assert client.do("resolve", "web") == socket.EAI_NONAME
    assert client.do("resolve", "example.org") == socket.EAI_NONAME


@fact
def the_name_server_of_one_container_does_not_answer_another(stage):
    network_a(stage)
    client, other = stage.container("a 172.18.0.3"), stage.container("a 172.18.0.4")
    with_resolver(stage, client, {"web": ["172.18.0.2"]})
    assert client.do("resolve", "web") == ["172.18.0.2"]
    assert other.do("resolve", "web") == socket.EAI_AGAIN
    assert other.do("ask", "172.18.0.3", b"\0" * 40) == -errno.ECONNREFUSED


@fact
def hostile_packets_leave_the_name_server_at_work(stage):
    client = stage.container()
    with_resolver(stage, client, {"web": ["172.18.0.2"]})
    client.do("pelt", "127.0.0.11")
    assert client.do("resolve", "web") == ["172.18.0.2"]


@fact
def nothing_is_changed_by_an_attachment_that_fails(stage):
    from network_stage import in_namespace

    network_a(stage)
    web = stage.container("a 172.18.0.2")
    before = ports(stage, "a")
    for arguments, expected in [
        ((web.pid, "eth0", "a", "172.18.0.3", 16, "02:42:ac:12:00:03"), FileExistsError),  # the interface is there
        ((web.pid, "e" * 16, "a", "172.18.0.3", 16, "02:42:ac:12:00:03"), OSError),
        ((web.pid, "eth1", "a", "172.18.0.3", 33, "02:42:ac:12:00:03"), ValueError),
        ((web.pid, "eth1", "a", "172.18.0.3", 16, "01:00:00:00:00:00"), OSError),  # a multicast address
        ((web.pid, "eth1", "a", "172.18.0", 16, "02:42:ac:12:00:03"), OSError),
        ((web.pid, "eth1", "none", "172.18.0.3", 16, "02:42:ac:12:00:03"), KeyError),
        ((2**22 + 1, "eth1", "a", "172.18.0.3", 16, "02:42:ac:12:00:03"), FileNotFoundError),
        ((web.pid, "eth1", "a", "172.18.0.3", 16, "02:42:ac:12:00:03", "203.0.113.1"), OSError),  # not to be reached
    ]:
        assert isinstance(raised(stage.switch.attach, *arguments), expected)
        assert ports(stage, "a") == before
        assert web.do("interfaces") == ["lo", "eth0"]
    assert isinstance(raised(stage.switch.network, "c", "172.20.0.0/16", "no address"), ValueError)
    assert isinstance(raised(stage.switch.network, "c", "172.20.0.0/99", "172.20.0.1"), ValueError)
    assert isinstance(raised(stage.switch.namespace, "c"), KeyError)
    assert in_namespace(stage.switch.namespace("a"), bridge_addresses) == ["172.18.0.1"]


@fact
def an_error_names_the_command_that_would_do_the_same(stage):
    network_a(stage)
    web = stage.container("a 172.18.0.2")
    error = raised(stage.wire, web, "eth0", "a", "172.18.0.3")
    assert error.errno == errno.EEXIST
    assert error.filename == "ip link add vethac120003 type veth peer eth0"
    error = raised(stage.switch.attach, 2**22 + 1, "eth0", "a", "172.18.0.3", 16, "02:42:ac:12:00:03")
    assert error.filename == "/proc/4194305/ns/net"


@fact
def a_container_that_starts_again_with_its_address_is_reached_at_once(stage):
    network_a(stage)
    client = stage.container("a 172.18.0.3")
    for number in range(20):
        web = stage.container("a 172.18.0.2")
        web.do("serve", "0.0.0.0", 80, "echo")
        words = str(number).encode()
        assert client.do("talk", "172.18.0.2", 80, words) == words
        web.end()
        assert ports(stage, "a") <= {"vethac120002", "vethac120003"}


@fact
def thirty_containers_talk_and_end_without_a_trace(stage):
    network_a(stage)
    web = stage.container("a 172.18.0.2")
    web.do("serve", "0.0.0.0", 80, "echo")
    for number in range(3, 33):
        client = stage.container(f"a 172.18.0.{number}")
        assert client.do("talk", "172.18.0.2", 80, b"hello") == b"hello"
    assert len(ports(stage, "a")) == 31
    for each in list(stage.containers):
        each.end()
    until(lambda: not ports(stage, "a"))


@fact
def a_network_is_found_again_by_the_descriptor_of_another_process(stage):
    from course.processes.linux.network import Switch

    network_a(stage)
    web = stage.container("a 172.18.0.2")
    web.do("serve", "0.0.0.0", 80, "echo")
    first, stage.switch = stage.switch, Switch()
    stage.switch.adopt("a", f"/proc/{os.getpid()}/fd/{first.namespace('a')}")
    first.close()
    client = stage.container("a 172.18.0.3")
    assert client.do("talk", "172.18.0.2", 80, b"hello") == b"hello"
    assert raised(stage.switch.adopt, "b", "/dev/null").errno == errno.EINVAL


@fact
def a_network_lasts_as_long_as_it_is_kept(stage):
    network_a(stage)
    network_b(stage)
    client = stage.container("a 172.18.0.2", "b 172.19.0.2")
    stage.switch.keep("b")
    until(lambda: client.do("interfaces") == ["lo", "eth1"])
    stage.switch.remove_network("b")
    until(lambda: client.do("interfaces") == ["lo"])
    stage.switch.remove_network("b")


# published ports: the stage is in the host's network namespace


@fact
def a_published_port_is_reached_from_the_host(stage):
    web, place = published(stage, "echo")
    assert talk(*place, b"hello") == b"hello"
    web.do("serve", "0.0.0.0", 81, "peer")
    assert web.do("talk", "172.18.0.2", 81, b"") == b"172.18.0.2"
    _web, place = published(stage, "peer", address="172.18.0.4")
    assert talk(*place, b"") == b"172.18.0.1"  # as docker's proxy comes from the gateway


@fact
def a_server_on_the_containers_own_loopback_is_not_reached(stage):
    _web, place = published(stage, "echo", on="127.0.0.1")
    assert talk(*place, b"") in (b"", -errno.ECONNRESET)


@fact
def a_page_is_got_over_http(stage):
    from http.client import HTTPConnection

    _web, place = published(stage, "http")
    connection = HTTPConnection(*place)
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"hello"
    connection.close()


@fact
def megabytes_pass_both_ways_unharmed(stage):
    _web, place = published(stage, "echo")
    data = os.urandom(4 * MEGABYTE)
    assert hashlib.sha256(talk(*place, data)).digest() == hashlib.sha256(data).digest()


@fact
def an_end_of_input_is_passed_on_and_the_answer_still_comes(stage):
    _web, place = published(stage, "count")
    assert talk(*place, bytes(MEGABYTE)) == b"1048576"


@fact
def who_does_not_read_holds_up_nobody_and_no_memory(stage):
    _web, place = published(stage, "endless")
    until(lambda: descriptors(stage.forwarders[0]) == ITS_OWN)
    before = memory(stage.forwarders[0])
    idle = [socket.create_connection(place) for _each in range(30)]
    for _each in range(3):
        with socket.create_connection(place) as client:
            assert takes(client, 4 * MEGABYTE)
    assert memory(stage.forwarders[0]) < before + 30 * MEGABYTE // 4
    for each in idle:
        assert takes(each, 8 * MEGABYTE)  # more than is held on the way, in whichever buffer
        each.close()


@fact
def more_connections_than_are_served_at_a_time_wait_for_their_turn(stage):
    _web, place = published(stage, "echo")
    many = [socket.create_connection(place) for _each in range(300)]
    for each in reversed(many[:256]):
        each.sendall(b"x")
        assert each.recv(1) == b"x"
    many[299].sendall(b"x")
    many[299].settimeout(0.2)
    assert isinstance(raised(many[299].recv, 1), TimeoutError)
    for each in many[:256]:
        each.close()
    many[299].settimeout(None)
    assert many[299].recv(1) == b"x"
    for each in many:
        each.close()


@fact
def a_client_that_breaks_off_or_is_reset_leaves_the_forwarder_at_work(stage):
    _web, place = published(stage, "echo")
    for number in range(50):
        client = socket.create_connection(place)
        client.sendall(b"x" * (number * 5000))
        if number % 2:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset
        client.close()
    assert talk(*place, b"hello") == b"hello"
    until(lambda: descriptors(stage.forwarders[0]) == ITS_OWN)
    assert is_asleep(stage.forwarders[0])


@fact
def a_container_that_is_not_listening_is_met_with_a_closed_connection(stage):
    _web, place = published(stage, "")
    assert talk(*place, b"") in (b"", -errno.ECONNRESET)
    assert is_asleep(stage.forwarders[0])


@fact
def a_published_port_is_free_again_when_the_container_has_ended(stage):
    from course.processes.linux import forwarding

    web, place = published(stage, "echo")
    with socket.create_connection(place) as client:
        client.sendall(b"hello")
        assert client.recv(5) == b"hello"
        web.end()
        os.waitpid(stage.forwarders.pop(), 0)
        assert client.recv(1) == b""
    assert talk(*place, b"") == -errno.ECONNREFUSED
    forwarding.listen(place[1]).close()


@fact
def a_port_that_is_in_use_or_roots_is_refused(stage):
    from course.processes.linux import forwarding

    with forwarding.listen(0) as listener:
        for address in ("127.0.0.1", "0.0.0.0", "192.0.2.1"):
            assert raised(forwarding.listen, listener.getsockname()[1], address).errno == errno.EADDRINUSE
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as file:
        if int(file.read()) > 1:
            assert raised(forwarding.listen, 1).errno == errno.EACCES


@fact
def whatever_address_is_asked_for_the_loopback_alone_listens(stage):
    from course.processes.linux import forwarding

    for asked, address in [("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("127.0.0.9", "127.0.0.9")]:
        with forwarding.listen(0, asked) as listener:
            assert listener.getsockname()[0] == address


@fact
def the_forwarder_has_no_descriptors_but_its_own(stage):
    published(stage, "echo")
    until(lambda: descriptors(stage.forwarders[0]) == ITS_OWN)


# what the facts need


def with_resolver(stage, container, table):
    from course.processes.linux.network import name_server_socket
    from course.processes.linux.resolver import Resolver

    stage.resolvers.append(Resolver(name_server_socket(container.pid), table))


def published(stage, kind, address="172.18.0.2", on="0.0.0.0"):
    """Return a container with a server of this kind, and where on the host it is published."""
    from course.processes.linux import forwarding
    from course.processes.linux.syscalls import PR_SET_DUMPABLE, prctl

    network_a(stage)
    web = stage.container(f"a {address}")
    if kind:
        web.do("serve", on, 80, kind)
    with forwarding.listen(0) as listener:
        routes = [(listener, (address, 80))]
        prctl(PR_SET_DUMPABLE, 1)  # so that the forwarder's descriptors can be counted
        stage.forwarders.append(forwarding.forward(web.pid, stage.switch.namespace("a"), routes))
        return web, listener.getsockname()


def ports(stage, name):
    """Return the ends of pairs that are in a network's namespace (set of str)."""
    from network_stage import in_namespace

    return set(in_namespace(stage.switch.namespace(name), interfaces)) - {"lo", "bridge0"}


def until(condition):
    """Wait for what the kernel does in its own time."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


def raised(function, *arguments):
    """Return the error that ``function`` ends with."""
    try:
        function(*arguments)
    except Exception as error:
        return error
    raise AssertionError("it does not fail")


def takes(channel, amount):
    """Tell whether so many bytes can be read."""
    while amount > 0:
        data = channel.recv(min(amount, MEGABYTE))
        if not data:
            return False
        amount -= len(data)
    return True


def memory(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def is_asleep(pid):
    """Tell whether a process waits, and does not turn in circles."""

    def state_and_time():
        with open(f"/proc/{pid}/stat") as file:
            words = file.read().rpartition(")")[2].split()
        return words[0], words[11], words[12]

    until(lambda: state_and_time()[0] == "S")
    before = state_and_time()
    time.sleep(0.2)
    return state_and_time() == before


# what containers do


def interfaces():
    return [name for _index, name in socket.if_nameindex()]


def bridge_addresses():
    import fcntl
    import struct

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        answer = fcntl.ioctl(channel, 0x8915, struct.pack("256s", b"bridge0"))  # SIOCGIFADDR
    return [socket.inet_ntoa(answer[20:24])]


def forwards_again():
    """Return whether a bridge forwards: as it was made, when that is taken back, and after ``forward``."""
    from course.processes.linux.netlink import Netlink

    setting = pathlib.Path("/proc/sys/net/ipv4/conf/bridge0/forwarding")
    made = setting.read_text()
    setting.write_text("0")
    taken_back = setting.read_text()
    inside = Netlink(Netlink.socket())
    inside.forward(inside.index("bridge0"))
    inside.close()
    return [each.strip() for each in (made, taken_back, setting.read_text())]


def mac(name):
    import fcntl
    import struct

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        answer = fcntl.ioctl(channel, 0x8927, struct.pack("256s", name.encode()))  # SIOCGIFHWADDR
    return answer[18:24].hex(":")


def take_address(name, address, prefix):
    from course.processes.linux.netlink import Netlink

    inside = Netlink(Netlink.socket())
    inside.add_address(inside.index(name), address, prefix)
    inside.close()


def default_routes():
    with open("/proc/self/net/route") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    return [row[2] for row in rows if row[1] == "00000000"]


def resolve(name):
    try:
        return [found[4][0] for found in socket.getaddrinfo(name, 80, type=socket.SOCK_STREAM)]
    except socket.gaierror as error:
        return error.errno


def ask(address, packet):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.connect((address, 53))
        channel.settimeout(5)
        channel.send(packet)
        return channel.recv(4096)


def pelt(address):
    """Send a name server what it should not get."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        for number in range(300):
            packet = os.urandom(number % 40) if number % 3 else os.urandom(200 * (number % 20))
            channel.sendto(packet, (address, 53))


def talk(address, port, data):
    """Return what a server answers to ``data``, sent and received at once; of an OSError, its errno."""
    try:
        with socket.create_connection((address, port)) as channel:
            return exchange(channel, data)
    except OSError as error:
        return -(error.errno or 0)


def exchange(channel, data):
    received, unsent = bytearray(), memoryview(data)
    if not data:
        channel.shutdown(socket.SHUT_WR)
    channel.setblocking(False)
    while True:
        readable, writable, _ = select.select([channel], [channel] if unsent else [], [])
        if readable:
            part = channel.recv(65536)
            received += part
            if not part:
                return bytes(received)
        if writable:
            unsent = unsent[channel.send(unsent[:65536]) :]
            if not unsent:
                channel.shutdown(socket.SHUT_WR)


def serve(address, port, kind):
    """Start a server in the container: it answers each connection in a process of its own."""
    import signal

    from course.processes.linux.syscalls import PR_SET_PDEATHSIG, prctl

    listener = socket.create_server((address, port), backlog=512)
    if os.fork():
        listener.close()
        return
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        client, peer = listener.accept()
        if os.fork():
            client.close()
            continue
        try:
            ANSWERS[kind](client, peer)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):  # what is not read would make the end a reset
                pass
        finally:
            os._exit(0)


def echo(client, _peer):
    while data := client.recv(65536):
        client.sendall(data)


def count(client, _peer):
    total = 0
    while data := client.recv(65536):
        total += len(data)
    client.sendall(str(total).encode())


def tell_peer(client, peer):
    client.sendall(peer[0].encode())


def endless(client, _peer):
    while True:
        client.sendall(bytes(65536))


def http(client, _peer):
    client.recv(65536)
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")


ANSWERS = {"echo": echo, "count": count, "peer": tell_peer, "endless": endless, "http": http}

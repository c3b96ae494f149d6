"""A stage for networks: a process like the helper, in a user namespace, and containers that do as they are told.

``python network_stage.py KIND SCENARIO`` plays one function of ``network_scenarios``, as root with 65,536 ids (KIND is
"root") or as an ordinary user with one ("user"; if this is root, as one that nobody is).
"""

import marshal
import os
import select
import signal
import socket
import sys
import tempfile
import traceback

import network_scenarios

from course.processes.linux import network, user_namespace
from course.processes.linux.syscalls import (
    CLONE_NEWNET,
    CLONE_NEWNS,
    MS_BIND,
    MS_PRIVATE,
    MS_REC,
    PR_SET_DUMPABLE,
    PR_SET_PDEATHSIG,
    mount,
    prctl,
    setns,
    unshare,
)

NOBODY = 54321  # a user id without an account
NO_NAMESPACES = 99  # exit status


class Container:
    """A process in a network namespace of its own, which calls what it is asked to, and tells the result."""

    def __init__(self, stage, shares=None):
        self.stage = stage
        self.near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = os.fork()
        if not self.pid:
            self.near.close()
            try:
                live(far, stage.resolv_conf, shares)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
        far.close()
        assert marshal.loads(self.near.recv(65536)) == "ready"
        stage.containers.append(self)

    def do(self, name, *arguments):
        """Return what the function ``name`` of the scenarios returns in the container; of an OSError, its errno."""
        self.near.send(marshal.dumps((name, arguments)))
        self.stage.serve_until(self.near)
        return marshal.loads(self.near.recv(1 << 20))

    def end(self):
        os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.near.close()
        self.stage.containers.remove(self)


class Stage:
    """What is there: switch, containers, resolvers, forwarders."""

    def __init__(self):
        self.containers, self.resolvers, self.forwarders = [], [], []
        self.switch = network.Switch()
        with tempfile.NamedTemporaryFile("w", delete=False) as file:
            file.write("nameserver 127.0.0.11\noptions ndots:0 timeout:1 attempts:2\n")
        self.resolv_conf = file.name

    def container(self, *networks):
        """Return a new container that is in these networks: ``a 172.18.0.2``, each a name and an address."""
        made = Container(self)
        for number, text in enumerate(networks):
            self.wire(made, f"eth{number}", *text.split())
        return made

    def wire(self, container, interface, name, address):
        mac = "02:42:" + ":".join(f"{int(part):02x}" for part in address.split("."))
        gateway = ".".join([*address.split(".")[:2], "0", "1"])
        self.switch.attach(container.pid, interface, name, address, 16, mac, gateway)

    def serve_until(self, ready):
        """Answer questions about names until ``ready`` can be read."""
        poll = select.poll()
        for each in (ready, *self.resolvers):
            poll.register(each, select.POLLIN)
        while True:
            found = [descriptor for descriptor, _events in poll.poll()]
            if ready.fileno() in found:
                return
            for each in self.resolvers:
                if each.fileno() in found:
                    each.answer()

    def close(self):
        for each in list(self.containers):
            each.end()
        for pid in self.forwarders:  # which end with their containers
            os.waitpid(pid, 0)
        for each in self.resolvers:
            each.close()
        self.switch.close()
        os.unlink(self.resolv_conf)


def live(channel, resolv_conf, shares):
    """Be a container: call what is asked for."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    prctl(PR_SET_DUMPABLE, 1)  # so that the stage may enter its network namespace
    os.setsid()
    unshare(CLONE_NEWNS)
    if shares:
        network.join(shares)
    else:
        unshare(CLONE_NEWNET)
        network.loopback_up()
    mount("none", "/", "", MS_REC | MS_PRIVATE)
    mount(resolv_conf, os.path.realpath("/etc/resolv.conf"), "", MS_BIND)
    os.closerange(3, channel.fileno())
    os.closerange(channel.fileno() + 1, 1024)
    channel.send(marshal.dumps("ready"))
    while True:
        name, arguments = marshal.loads(channel.recv(1 << 20))
        try:
            result = getattr(network_scenarios, name)(*arguments)
        except OSError as error:
            result = -(error.errno or 0)
        channel.send(marshal.dumps(result))


def in_namespace(namespace, function):
    """Return what ``function`` returns in the network namespace of a descriptor."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        setns(namespace, CLONE_NEWNET)
        os.write(write, marshal.dumps(function()))
        os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:
        result = marshal.loads(pipe.read())
    os.waitpid(child, 0)
    return result


def enter(kind):
    """Enter a user namespace, as the helper does."""
    if kind == "user" and os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        prctl(PR_SET_DUMPABLE, 1)  # or the files of /proc/self would be root's
    user_namespace.enter()


def main(kind, scenario):
    socket.gethostbyname("localhost")  # loads the C library's resolver, before this is nobody
    try:
        enter(kind)
    except OSError as error:
        print(error)
        sys.exit(NO_NAMESPACES)
    before = sorted(os.listdir("/proc/self/fd"))
    stage = Stage()
    try:
        getattr(network_scenarios, scenario)(stage)
    finally:
        stage.close()
    assert sorted(os.listdir("/proc/self/fd")) == before, "descriptors are left open"
    assert isinstance(network_scenarios.raised(os.waitpid, -1, os.WNOHANG), ChildProcessError), "a process is left"


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The words and packets of networks: a name server's answers, netlink's attributes, and refusals to publish."""

import errno
import random
import socket
import struct

import pytest

from course.errors import DockerError
from course.processes.linux import publishing
from course.processes.linux.netlink import Netlink, attribute
from course.processes.linux.resolver import Resolver, reply

TABLE = {"web": ["172.18.0.2"], "db.a": ["172.18.0.8", "172.18.0.9"], "idle": [], "many": ["10.0.0.1"] * 100}


def query(name=b"web", kind=1, family=1, flags=0x0100, questions=1, number=0xBEEF):
    labels = b"".join(bytes((len(label),)) + label for label in name.split(b"."))
    header = struct.pack("!6H", number, flags, questions, 0, 0, 0)
    return header + labels + b"\0" + struct.pack("!HH", kind, family)


def code(answer):
    return answer[3] & 15


def addresses(answer):
    """Return the addresses in an answer, read as a stranger would: names are skipped label by label."""
    place = 12
    while answer[place]:
        place += 1 + answer[place]
    place += 5
    found = []
    for _each in range(struct.unpack_from("!H", answer, 6)[0]):
        pointer, kind, family, _ttl, length = struct.unpack_from("!HHHIH", answer, place)
        assert (pointer, kind, family, length) == (0xC00C, 1, 1, 4)
        found.append(socket.inet_ntoa(answer[place + 12 : place + 16]))
        place += 16
    assert place == len(answer)
    return found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (b"web", ["172.18.0.2"]),
        (b"WeB", ["172.18.0.2"]),
        (b"db.a", ["172.18.0.8", "172.18.0.9"]),
        (b"idle", []),
    ],
)
def test_a_name_in_the_table_has_its_addresses(name, found):
    answer = reply(query(name), TABLE)
    assert (code(answer), addresses(answer)) == (0, found)
    assert answer[:2] == b"\xbe\xef"
    assert answer[2:4] == b"\x85\x80"  # an answer, authoritative, to one who may ask for recursion
    assert answer[12 : 12 + len(query(name)) - 12] == query(name)[12:]


def test_a_name_that_is_not_there_does_not_exist():
    for name in (b"nobody", b"", b"web.a", b"\xff\xfe", b"a" * 63):
        answer = reply(query(name), TABLE)
        assert (code(answer), addresses(answer)) == (3, [])


def test_a_name_has_no_other_records_than_addresses():
    for kind, family in ((28, 1), (16, 1), (1, 3)):  # AAAA, TXT, of the class chaos
        answer = reply(query(b"web", kind, family), TABLE)
        assert (code(answer), addresses(answer)) == (0, [])
    assert addresses(reply(query(b"web", 255), TABLE)) == ["172.18.0.2"]


def test_an_answer_that_is_too_long_is_cut_and_says_so():
    answer = reply(query(b"many"), TABLE)
    assert len(answer) <= 512
    assert len(addresses(answer)) == (512 - len(query(b"many"))) // 16
    assert answer[2] & 2


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\0" * 11,
        query(flags=0x8000),  # an answer
        query() + bytes(500),
    ],
)
def test_what_is_no_question_is_not_answered(packet):
    assert reply(packet, TABLE) is None


@pytest.mark.parametrize(
    "packet",
    [
        query(questions=0),
        query(questions=2),
        query(questions=65535),
        query()[:12],
        query()[:-1],
        query()[:-4],
        query()[:12] + b"\xc0\x0c\0\1\0\1",  # a name that is itself
        query()[:12] + b"\x40" + b"a" * 64 + b"\0\0\1\0\1",  # a label too long
        query(b".".join([b"a" * 63] * 4)),  # 257 bytes
        query()[:12] + b"\x3f" + b"a" * 10,  # a label that does not end
        query()[:12] + b"\1a" * 250,
    ],
)
def test_a_question_that_is_badly_put_is_an_error_of_format(packet):
    answer = reply(packet, TABLE)
    assert (code(answer), len(answer)) == (1, 12)


def test_a_name_may_have_255_bytes():
    longest = b".".join([b"a" * 63] * 3 + [b"a" * 61])
    assert code(reply(query(longest), TABLE)) == 3


def test_other_operations_are_not_implemented():
    assert code(reply(query(flags=0x2800), TABLE)) == 4  # an update


def test_no_packet_makes_the_name_server_fail():
    dice = random.Random(1035)
    valid = [query(name, kind) for name in (b"web", b"db.a", b"many", b"x" * 63) for kind in (1, 28, 255)]
    for _each in range(20_000):
        packet = bytearray(dice.choice(valid))
        for _change in range(dice.randrange(6)):
            packet[dice.randrange(len(packet))] = dice.randrange(256)
        packet = bytes(packet[: dice.randrange(len(packet) + 1)] if dice.random() < 0.3 else packet)
        answer = reply(packet, TABLE)
        if answer is not None:
            assert 12 <= len(answer) <= 512
            assert answer[:2] == packet[:2]
            assert answer[2] & 0x80


@pytest.fixture
def resolver():
    channel = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    channel.bind(("127.0.0.1", 0))
    made = Resolver(channel, TABLE)
    yield made
    made.close()


def test_the_name_server_does_not_wait_for_a_question(resolver):
    assert resolver.answer() is None


def test_the_name_server_survives_an_asker_that_has_gone(resolver):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.sendto(query(), resolver.channel.getsockname())
    for _each in range(3):  # the answer is refused, which the next call is told
        resolver.answer()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.sendto(query(), resolver.channel.getsockname())
        resolver.answer()
        assert addresses(asker.recv(512)) == ["172.18.0.2"]


def test_attributes_are_as_long_as_they_say_and_end_on_four_bytes():
    for content, size in ((b"", 4), (b"abc", 7), ("eth0", 9), (7, 8)):
        packed = attribute(5, content)
        assert struct.unpack_from("HH", packed) == (size, 5)
        assert len(packed) == (size + 3) // 4 * 4
    inner = attribute(1, "veth")
    assert attribute(18, inner, inner)[4:] == inner + inner


@pytest.mark.linux
@pytest.mark.root
def test_interfaces_have_the_indexes_that_the_c_library_finds():
    channel = Netlink(Netlink.socket())
    try:
        assert channel.index("lo") == socket.if_nametoindex("lo")
        with pytest.raises(OSError, match="ip link show nothing0") as caught:
            channel.index("nothing0")
        assert caught.value.errno == errno.ENODEV
        channel.delete("nothing0")  # which is not there: nothing to do
    finally:
        channel.close()


def test_a_port_in_use_is_refused_in_dockers_words():
    refusal = publishing.refused(OSError(errno.EADDRINUSE, "Address already in use"), "web", "1f", "127.0.0.1:8080")
    assert isinstance(refusal, DockerError)
    assert str(refusal) == (
        "driver failed programming external connectivity on endpoint web (1f): Error starting userland proxy: "
        "listen tcp4 127.0.0.1:8080: bind: address already in use"
    )


def test_a_port_of_roots_is_refused_with_one_to_take_instead(tmp_path, monkeypatch):
    (tmp_path / "start").write_text("1024\n")
    monkeypatch.setattr(publishing, "FIRST_FREE", tmp_path / "start")
    refusal = str(publishing.refused(PermissionError(errno.EACCES, ""), "web", "1f", "0.0.0.0:80"))
    assert "port 80 of this machine is kept for root: choose one from 1024 on" in refusal


def test_any_other_failure_is_told_as_the_kernel_has_it():
    refusal = publishing.refused(OSError(errno.EMFILE, "Too many open files"), "web", "1f", "127.0.0.1:80")
    assert str(refusal).endswith("listen tcp4 127.0.0.1:80: bind: too many open files")


def test_only_tcp_is_published():
    publishing.check_protocol("80/tcp")
    for port in ("53/udp", "9/sctp"):
        with pytest.raises(DockerError, match=f"port {port} cannot be published: only TCP"):
            publishing.check_protocol(port)


def test_who_asked_for_more_than_the_loopback_is_told():
    assert publishing.notice("127.0.0.1") == ""
    assert "not on 0.0.0.0" in publishing.notice("0.0.0.0")

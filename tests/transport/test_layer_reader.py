"""A layer's tar becomes paths and marks as the specification says, and what could mislead or harm is refused."""

import dataclasses
import io
import tarfile

import pytest
from image_making import END, Saved, folder, hard_link, member, one_layer, pax

from course.errors import DigestMismatch, ImageError, InvalidLayer, LimitExceeded, TruncatedArchive
from course.layers.archive import tar_bytes
from course.layers.entry import IMPLIED_DIRECTORY, FileEntry, Kind, directory, file, symlink
from course.layers.layer import Layer
from course.transport.limits import Limits
from course.transport.reading import open_images
from course.union.view import UnionView


@pytest.fixture
def read(tmp_path):
    """Reads a layer made of these members, out of an image that has it as its only one."""

    def read(*members, **options):
        [image] = open_images(one_layer(tmp_path, *members, **options))
        return image.layers[0]

    return read


@pytest.fixture
def refused(read):
    """Gives the sentence with which a layer of these members is refused."""

    def refused(*members, kind=InvalidLayer):
        with pytest.raises(kind) as caught:
            read(*members)
        said = str(caught.value)
        assert "blobs/sha256/" in said
        assert "\n" not in said
        return said

    return refused


def test_what_the_course_writes_is_read_as_it_was(read):
    hello = file("hello\n", mtime_ns=1_700_000_000_500_000_000)
    layer = Layer.of(
        {
            "/": directory(0o755, uid=7),
            "/bin/sh": file("#!", 0o4755),
            "/etc/motd": hello,
            "/again": dataclasses.replace(hello, link_to="/etc/motd"),
            "/caf\udce9": "latin-1 name",
            "/" + "/".join(["long-name" * 10] * 3): "a path of 270 bytes",
            "/dev/null": FileEntry(Kind.CHARACTER_DEVICE, 0o666, device=(1, 3)),
            "/dev/sda": FileEntry(Kind.BLOCK_DEVICE, 0o660, device=(8, 0)),
            "/fifo": FileEntry(Kind.FIFO, 0o600),
            "/link": symlink("/etc/motd"),
            "/owned": file("", uid=3_000_000, gid=100),
            "/x": FileEntry(Kind.FILE, xattrs={"user.note": b"\xff\x00raw", "security.capability": b"\x01\x00"}),
        },
        whiteouts=["/etc/gone"],
        opaque=["/var/cache"],
    )
    again = read(tar_bytes(layer), end=b"")
    assert again.entries == layer.entries
    assert (again.whiteouts, again.opaque, again.diff_id) == (layer.whiteouts, layer.opaque, layer.diff_id)
    assert {path: entry.read() for path, entry in again.entries.items()} == {
        path: entry.read() for path, entry in layer.entries.items()
    }


@pytest.mark.parametrize("name", [b"etc/motd", b"./etc/motd", b"/etc/motd", b"//etc/./motd", b"././etc//motd"])
def test_a_name_from_here_or_from_the_root_is_the_same_path(read, name):
    layer = read(member(name, b"hi"))
    assert layer.entries["/etc/motd"].read() == b"hi"
    assert layer.get("/etc") is IMPLIED_DIRECTORY


@pytest.mark.parametrize("name", [b"../x", b"a/../../x", b"..", b"/..", b"a/.."])
def test_a_name_that_leads_out_is_refused(refused, name):
    assert f"'{name.decode()}': a name with '..'" in refused(member(name))
    assert "a name with '..'" in refused(member(b"x"), hard_link(b"y", name))


def test_a_nul_in_a_name_or_target_is_refused(refused):
    assert "NUL" in refused(pax((b"path", b"a\0b")), member(b"x"))
    assert "symbolic link" in refused(pax((b"linkpath", b"a\0b")), member(b"x", kind=b"2"))


def test_names_are_bytes_and_those_that_are_no_utf8_are_kept_and_shown_escaped(read, refused):
    layer = read(member(b"caf\xe9"), member("café".encode()))
    assert [path.encode("utf-8", "surrogateescape") for path in layer.entries] == [b"/caf\xe9", "/café".encode()]
    assert r"'caf\xe9\n': it stands twice" in refused(member(b"caf\xe9\n"), member(b"caf\xe9\n"))


def test_an_empty_name_is_refused(refused):
    assert "without a name" in refused(member(b""))
    assert "without a name" in refused(member(b"x"), hard_link(b"y", b""))


def test_a_name_longer_than_linux_takes_is_refused(refused, read):
    assert "too long" in refused(pax((b"path", b"n" * 256)), member(b"x"), kind=LimitExceeded)
    assert "too long" in refused(pax((b"path", b"/".join([b"n" * 255] * 17))), member(b"x"), kind=LimitExceeded)
    assert "too long" in refused(pax((b"path", b"d/" * 600)), member(b"x"), kind=LimitExceeded)
    assert len(read(pax((b"path", b"n" * 255)), member(b"x")).entries) == 1


def test_l2_a_path_that_stands_twice_is_refused(refused):
    assert "'etc/motd': it stands twice" in refused(member(b"etc/motd", b"1"), member(b"etc/motd", b"2"))
    assert "'./d/': it stands twice" in refused(folder(b"d"), folder(b"./d/"))
    assert "it stands twice" in refused(member(b"a/.wh.x"), member(b"a/.wh.x"))
    assert "it stands twice" in refused(member(b"a/.wh..wh..opq"), member(b"./a/.wh..wh..opq"))


def test_l3_all_attributes_are_carried(read):
    layer = read(pax((b"mtime", b"5.25"), (b"SCHILY.xattr.user.a", b"b")), member(b"f", b"x", mode=0o104755, uid=1000))
    entry = layer.entries["/f"]
    assert (entry.mode, entry.uid, entry.gid, entry.mtime_ns) == (0o4755, 1000, 0, 5_250_000_000)
    assert entry.xattrs == {"user.a": b"b"}
    link = read(member(b"l", kind=b"2", link=b"../else/where")).entries["/l"]
    assert (link.kind, link.target) == (Kind.SYMLINK, "../else/where")


@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
def test_l4_a_hard_link_is_another_name_of_the_same_file(read, compression):
    layer = read(
        member(b"a", b"content", mode=0o640, uid=5),
        hard_link(b"d/b", b"./a"),
        hard_link(b"c", b"d/b"),
        compression=compression,
    )
    original, link, link_of_link = (layer.entries[path] for path in ("/a", "/d/b", "/c"))
    assert (link.link_to, link_of_link.link_to, original.link_to) == ("/a", "/a", "")
    assert dataclasses.replace(link, link_to="") == original
    assert link.read() == link_of_link.read() == b"content"
    assert layer.size == 7


def test_l4_a_hard_link_may_name_a_symbolic_link_or_a_device(read):
    layer = read(
        member(b"l", kind=b"2", link=b"t"),
        hard_link(b"m", b"l"),
        member(b"n", kind=b"3", device=(1, 3)),
        hard_link(b"o", b"n"),
    )
    assert layer.entries["/m"].target == "t"
    assert layer.entries["/o"].device == (1, 3)


def test_l4_a_hard_link_that_leads_nowhere_is_refused(refused):
    assert "a hard link to '/etc/passwd', which does not stand before it" in refused(hard_link(b"x", b"/etc/passwd"))
    assert "does not stand before it" in refused(hard_link(b"x", b"y"), member(b"y"))
    assert "does not stand before it" in refused(hard_link(b"x", b"x"))
    assert "which is a directory" in refused(folder(b"d"), hard_link(b"x", b"d"))


def test_l7_a_whiteout_is_an_empty_file_and_hides_what_lies_below(read):
    layer = read(member(b"etc/.wh.motd"), member(b".wh.top"))
    assert layer.whiteouts == {"/etc/motd", "/top"}
    assert layer.entries == {}
    base = Layer.of({"/etc/motd": "", "/etc/hosts": "", "/top": ""})
    assert [path for path, _ in UnionView([base, layer]).walk()] == ["/etc", "/etc/hosts"]


@pytest.mark.parametrize("order", [1, -1])
def test_l7_a_whiteout_and_an_entry_of_one_layer_both_stand_in_either_order(read, order):
    layer = read(*[member(b"etc/.wh.motd"), member(b"etc/motd", b"new")][::order])
    assert layer.whiteouts == {"/etc/motd"}
    view = UnionView([Layer.of({"/etc/motd": "old"}), layer])
    assert view.read("/etc/motd") == b"new"


def test_l7_a_whiteout_of_what_is_not_there_is_kept(read):
    assert read(member(b"no/such/.wh.thing")).whiteouts == {"/no/such/thing"}


@pytest.mark.parametrize(
    "mark",
    [
        member(b"etc/.wh.x", b"content"),
        member(b"etc/.wh.x", kind=b"2", link=b"y"),
        folder(b"etc/.wh.x"),
        member(b"etc/.wh.x", kind=b"3"),
        folder(b"etc/.wh..wh..opq"),
        member(b"etc/.wh..wh..opq", b"content"),
        member(b"etc/.wh.x", kind=b"1", link=b"etc/motd"),
    ],
)
def test_l7_a_whiteout_that_is_no_empty_file_is_refused(refused, mark):
    assert "a whiteout is an empty file, and this is not" in refused(member(b"etc/motd"), mark)


def test_l7_a_whiteout_that_is_another_name_of_one_is_taken_as_aufs_wrote_it(read):
    assert read(member(b".wh.a"), hard_link(b"d/.wh.b", b".wh.a")).whiteouts == {"/a", "/d/b"}


@pytest.mark.parametrize("name", [b".wh.", b".wh..", b".wh..."])
@pytest.mark.parametrize("place", [b"", b"etc/", b"./a/b/"])
def test_l8_the_three_odd_whiteout_names_are_refused(refused, place, name):
    assert f"'{(place + name).decode()}': a whiteout of nothing" in refused(member(place + name))


@pytest.mark.parametrize("order", [1, -1])
def test_l9_an_opaque_mark_hides_the_directory_below_in_either_order(read, order):
    layer = read(*[member(b"d/.wh..wh..opq"), member(b"d/new")][::order])
    assert (layer.opaque, layer.whiteouts) == ({"/d"}, frozenset())
    assert UnionView([Layer.of({"/d/old": ""}), layer]).listdir("/d") == ["new"]
    assert read(member(b".wh..wh..opq")).opaque == {"/"}


def test_l10_nothing_lies_below_a_name_that_means_a_deletion(refused):
    for name in (b".wh.d/x", b"a/.wh.d/b/x", b"d/.wh..wh..opq/x", b".wh.d/.wh.x", b".wh./x"):
        assert "below a whiteout" in refused(member(name))


@pytest.mark.parametrize("name", [b".wh..wh.plnk", b".wh..wh.aufs", b".wh..wh.orph/1", b"d/.wh..wh.plnk/2.3"])
def test_what_aufs_kept_for_itself_is_passed_over_as_docker_does(read, name):
    assert list(read(member(name, b"content"), member(b"x")).entries) == ["/x"]


def test_l11_the_root_may_have_attributes_and_is_a_directory(read, refused):
    assert read(folder(b"./"), member(b"x")).entries["/"].mode == 0o755
    for kind in (b"0", b"2", b"3"):
        assert "the root of a layer can only be a directory" in refused(member(b"./", kind=kind, link=b"/etc"))


@pytest.mark.parametrize("link", [member(b"d", kind=b"2", link=b"/etc"), member(b"d", b"file")])
def test_an_entry_below_what_is_no_directory_is_refused(refused, link):
    for members in (
        [link, member(b"d/x")],
        [member(b"d/x"), link],
        [link, member(b"d/.wh.x")],
        [link, member(b"d/e/f")],
    ):
        assert "/d" in refused(*members)


@pytest.mark.parametrize("target", [b"", b"x" * 4097])
def test_a_symbolic_link_to_no_path_is_refused(refused, target):
    assert "symbolic link" in refused(pax((b"linkpath", target)), member(b"l", kind=b"2"))


def test_a_device_is_a_value_and_never_made(read):
    entry = read(member(b"dev/sda", kind=b"4", device=(8, 1), mode=0o660)).entries["/dev/sda"]
    assert (entry.kind, entry.device, entry.mode) == (Kind.BLOCK_DEVICE, (8, 1), 0o660)


def test_a_truncated_layer_is_named(read):
    with pytest.raises(TruncatedArchive, match="blobs/sha256/"):
        read(member(b"x", b"content")[:-100], end=b"")


def test_a_layer_of_no_entries_is_one(read):
    for end in (END, b"", bytes(10240)):
        assert read(end=end).entries == {}


def test_implied_directories_count_as_entries(tmp_path):
    path = one_layer(tmp_path, *(member(b"/".join([b"%d" % index] * 40)) for index in range(10)))
    assert len(open_images(path, Limits(entries=500))) == 1
    with pytest.raises(LimitExceeded, match="more than 300 entries"):
        open_images(path, Limits(entries=300))
    with pytest.raises(LimitExceeded, match="names and attributes"):
        open_images(path, Limits(text=1000))


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_what_lies_behind_the_end_of_the_tar_is_part_of_its_digest(tmp_path, compression):
    path = one_layer(tmp_path, member(b"x"), end=END + b"trailing" * 100_000, compression=compression)
    [image] = open_images(path)
    assert image.layers[0].diff_id == image.config.diff_ids[0]


@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
def test_contents_are_read_where_they_lie_in_any_order_and_side_by_side(read, compression):
    contents = {f"/f{index}": bytes([index]) * (index * 1000 + 1) for index in range(50)}
    layer = read(*(member(path[1:].encode(), data) for path, data in contents.items()), compression=compression)
    for path in sorted(contents, reverse=True):
        assert layer.entries[path].read() == contents[path]
    with layer.entries["/f9"].content.open() as nine, layer.entries["/f3"].content.open() as three:
        assert nine.read(10) == b"\x09" * 10
        assert three.read() == contents["/f3"]
        assert nine.read() == contents["/f9"][10:]
        assert nine.read() == b""


def test_contents_of_a_file_that_has_changed_are_not_read(tmp_path):
    path = one_layer(tmp_path, member(b"x", b"content"))
    [image] = open_images(path)
    [blob] = [blob for blob in (path / "blobs" / "sha256").iterdir() if blob.stat().st_size >= 1024]
    data = blob.read_bytes()
    blob.write_bytes(data + b"more")
    with pytest.raises(ImageError, match="has changed since it was read"):
        image.layers[0].entries["/x"].read()
    blob.unlink()
    with pytest.raises(ImageError, match="cannot be read"):
        image.layers[0].entries["/x"].read()


def test_tarfile_reads_the_same_layer(read):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for index in range(50):
            info = tarfile.TarInfo(f"dir{index % 5}/" + "n" * index * 4 + str(index))
            info.size, info.mtime, info.mode = index, index, 0o600 | index % 8
            tar.addfile(info, io.BytesIO(b"!" * index))
    layer = read(buffer.getvalue(), end=b"")
    buffer.seek(0)
    with tarfile.open(fileobj=buffer) as tar:
        for info in tar:
            entry = layer.entries["/" + info.name]
            assert (entry.size, entry.mtime_ns, entry.mode) == (info.size, info.mtime * 10**9, info.mode)
            assert entry.read() == tar.extractfile(info).read()


def test_c1_a_tar_that_is_not_the_one_of_the_diff_id_is_refused(tmp_path):
    for compression in ("", "gzip", "zstd"):
        rootfs = {"type": "layers", "diff_ids": ["sha256:" + 64 * "0"]}
        saved = Saved().image(member(b"x") + END, compression=compression, config={"rootfs": rootfs})
        with pytest.raises(DigestMismatch, match=r"blobs/sha256/.*diff_id is sha256:000"):
            open_images(saved.to_folder(tmp_path / f"layout{compression}"))

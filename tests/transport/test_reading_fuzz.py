"""Whatever happens to an archive, its reader gives the same image or says in a sentence why it does not."""

import gzip
import io
import json
import tarfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from image_making import COMPRESS, END, Saved, docker_files, folder, hard_link, member, outer_tar, pax

from course.errors import ImageError
from course.layers import paths
from course.layers.archive import tar_bytes
from course.layers.entry import FileEntry, Kind
from course.layers.layer import Layer
from course.transport.limits import Limits
from course.transport.reading import open_images

LIMITS = Limits(uncompressed=1 << 24, entries=5000, text=1 << 20)
ONE = (
    folder(b"etc")
    + pax((b"path", b"etc/" + b"long" * 40), (b"SCHILY.xattr.user.a", b"b"), (b"mtime", b"1.5"))
    + member(b"cut", b"content" * 100)
    + member(b"etc/link", kind=b"2", link=b"motd")
    + member(b"etc/motd", b"hello")
    + hard_link(b"etc/again", b"etc/motd")
    + member(b"", b"n/" * 60 + b"x\0", b"L")
    + member(b"cut", b"", magic=b"ustar  \0")
    + END
)
TWO = member(b"etc/.wh.motd") + member(b"d/.wh..wh..opq") + member(b"d/null", kind=b"3", device=(1, 3)) + END
ANY_TIME = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

change = st.tuples(
    st.sampled_from(["flip", "set", "truncate", "extend", "swap", "repeat", "blank", "drop"]),
    st.integers(0, 1 << 20),
    st.integers(0, 1 << 20),
)
changes = st.lists(change, min_size=1, max_size=4)


def mutated(data, all_changes):
    blocks = max(1, len(data) // 512)
    for what, one, other in all_changes:
        at, block, second = one % max(1, len(data)), one % blocks * 512, other % blocks * 512
        if what == "flip":
            data = data[:at] + bytes([data[at] ^ 1 << other % 8]) + data[at + 1 :] if data else data
        elif what == "set":
            data = data[:at] + bytes([other % 256]) + data[at + 1 :]
        elif what == "truncate":
            data = data[:at]
        elif what == "extend":
            data += bytes([other % 256]) * (one % 2000)
        elif what == "swap":
            low, high = sorted((block, second))
            data = (
                data[:low]
                + data[high : high + 512]
                + data[low + 512 : high]
                + data[low : low + 512]
                + data[high + 512 :]
                if low != high
                else data
            )
        elif what == "repeat":
            data = data[:second] + data[block : block + 512] + data[second:]
        elif what == "blank":
            data = data[:block] + bytes(512) + data[block + 512 :]
        else:
            data = data[:block] + data[block + 512 :]
    return data


def plain(path):
    """What an image file says: the exact configs, and all entries with their contents."""
    return [
        (
            image.config,
            [(dict(layer.entries), layer.whiteouts, layer.opaque, layer.chain_id) for layer in image.layers],
            [{path: entry.read() for path, entry in layer.entries.items()} for layer in image.layers],
        )
        for image in open_images(path, LIMITS)
    ]


def plain_or_refused(path, named):
    """What an image file says, or None if it was refused in one sentence that names what it should."""
    try:
        return plain(path)
    except ImageError as error:
        said = str(error)
    assert named in said
    assert "\n" not in said
    return None


ARCHIVES = {
    "layout": outer_tar(Saved().image(ONE, TWO, name="a").all_files()),
    "layout of gzip": outer_tar(Saved().image(ONE, TWO, compression="gzip").all_files()),
    "layout of zstd": outer_tar(Saved().image(ONE, TWO, compression="zstd").all_files()),
    "docker": outer_tar(docker_files(ONE, TWO)),
    "docker, gzip": COMPRESS["gzip"](outer_tar(docker_files(ONE, TWO))),
    "docker, zstd": COMPRESS["zstd"](outer_tar(docker_files(ONE, TWO))),
}


@pytest.mark.parametrize("form", ARCHIVES)
@ANY_TIME
@given(changes)
def test_a_mutated_archive_is_the_same_image_or_an_image_error(tmp_path, form, all_changes):
    path = tmp_path / "image.tar"
    path.write_bytes(ARCHIVES[form])
    [expected] = plain(path)
    path.write_bytes(mutated(ARCHIVES[form], all_changes))
    found = plain_or_refused(path, "image.tar")
    assert found in ([expected], [], None)  # none at all, if the index itself was emptied


@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
@ANY_TIME
@given(changes)
def test_a_mutated_layer_with_the_right_digests_is_read_or_refused(tmp_path, compression, all_changes):
    tar = mutated(ONE, all_changes)
    path = Saved().image(tar, TWO, compression=compression).to_folder(tmp_path / "layout")
    found = plain_or_refused(path, "blobs/sha256/")
    if not found:
        return
    [(_, [(entries, whiteouts, opaque, _), _], [contents, _])] = found
    for place, entry in entries.items():
        assert paths.normal(place) == place
        assert len(contents[place]) == entry.size
    for place in (*whiteouts, *opaque):
        assert paths.normal(place) == place
    if tar:  # what we read, tarfile reads too, but nothing at all
        with tarfile.open(fileobj=io.BytesIO(tar), errors="surrogateescape") as theirs:
            names = [paths.normal(info.name) for info in theirs]
        assert [name for name in names if "/.wh." not in name] == list(entries)


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
@ANY_TIME
@given(changes)
def test_a_mutated_stream_with_the_right_digest_is_the_same_layer_or_refused(tmp_path, compression, all_changes):
    stream = mutated(COMPRESS[compression](ONE), all_changes)
    saved = Saved()
    layers = [saved.add(stream, f"application/vnd.oci.image.layer.v1.tar+{compression}")]
    path = saved.image(ONE, compression=compression, manifest={"layers": layers}).to_folder(tmp_path / "layout")
    expected = plain(Saved().image(ONE, compression=compression).to_folder(tmp_path / "expected"))
    assert plain_or_refused(path, "blobs/sha256/") in (expected, None)


@pytest.mark.parametrize("where", ["index.json", "manifest", "config"])
@ANY_TIME
@given(changes)
def test_a_mutated_document_with_the_right_digest_is_read_or_refused(tmp_path, where, all_changes):
    saved = Saved().image(ONE, TWO, name="a")
    place = tmp_path / "layout"
    saved.to_folder(place)
    if where == "index.json":
        (place / where).write_bytes(mutated((place / where).read_bytes(), all_changes))
    elif where == "manifest":
        name = f"blobs/sha256/{saved.manifests[0]['digest'][7:]}"
        saved.manifests[0] = saved.add(mutated(saved.files[name], all_changes), saved.manifests[0]["mediaType"])
        saved.to_folder(place)
    else:
        config = next(data for data in saved.files.values() if b"rootfs" in data)
        descriptor = saved.add(mutated(config, all_changes), "application/vnd.oci.image.config.v1+json")
        saved.manifests.clear()
        saved.image(ONE, TWO, manifest={"config": descriptor}).to_folder(place)
    plain_or_refused(place, "layout")


odd_json = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.sampled_from(["..", "/", "a/b"])
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


def replaced(document, which, value):
    """A JSON document in which the value number ``which``, counted through the whole tree, is another one."""
    places = []

    def walk(node):
        for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
            places.append((node, key))
            walk(node[key])

    document = json.loads(document)
    walk(document)
    node, key = places[which % len(places)]
    node[key] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize("where", ["index.json", "manifest", "config", "manifest.json"])
@ANY_TIME
@given(st.integers(0, 100), odd_json)
def test_any_other_value_anywhere_in_a_document_is_read_or_refused(tmp_path, where, which, value):
    history = [{"created_by": "RUN x", "empty_layer": False}, {"created": "2020"}]
    more = {"history": history, "config": {"Env": ["A=b"], "Labels": {"a": "b"}, "User": ""}, "variant": "v8"}
    saved = Saved()
    saved.image(ONE, TWO, config=more, platform={"os": "linux", "architecture": "arm"}, name="a")
    place = tmp_path / "layout"
    if where == "manifest.json":
        files = docker_files(ONE, TWO)
        place = tmp_path / "image.tar"
        place.write_bytes(outer_tar({**files, where: replaced(files[where], which, value)}))
    elif where == "index.json":
        saved.to_folder(place)
        (place / where).write_bytes(replaced((place / where).read_bytes(), which, value))
    else:
        manifest = json.loads(saved.files[f"blobs/sha256/{saved.manifests.pop()['digest'][7:]}"])
        if where == "config":
            config = saved.files[f"blobs/sha256/{manifest['config']['digest'][7:]}"]
            manifest["config"] = saved.add(replaced(config, which, value), manifest["config"]["mediaType"])
        else:
            manifest = json.loads(replaced(json.dumps(manifest), which, value))
        saved.manifests.append(saved.add(manifest, "application/vnd.oci.image.manifest.v1+json"))
        saved.to_folder(place)
    plain_or_refused(place, place.name)


name = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=60).filter(
    lambda text: text not in (".", "..") and not text.startswith(".wh.")
)
odd_name = st.one_of(name, st.sampled_from(["a", "b", "caf\udce9", "n" * 200]))
path_of_names = st.lists(odd_name, min_size=1, max_size=4).map(lambda names: "/" + "/".join(names))
entry = st.builds(
    FileEntry,
    st.sampled_from([kind for kind in Kind if kind is not Kind.SYMLINK]),
    mode=st.integers(0, 0o7777),
    uid=st.integers(0, 2**32 - 1),
    gid=st.integers(0, 2**32 - 1),
    mtime_ns=st.integers(0, 10**20),
    xattrs=st.dictionaries(st.sampled_from(["user.a", "security.capability"]), st.binary(max_size=20)),
)


@ANY_TIME
@given(
    st.dictionaries(path_of_names, st.one_of(st.binary(max_size=2000), entry), max_size=20),
    st.frozensets(path_of_names, max_size=5),
    st.sampled_from(["", "gzip", "zstd"]),
)
def test_any_layer_that_can_be_written_is_read_as_it_was(tmp_path, files, whiteouts, compression):
    try:
        layer = Layer.of(files, whiteouts)
    except ImageError:
        return  # a file below a file
    tar = tar_bytes(layer)
    [[_, [(entries, found, _, chain_id)], [contents]]] = plain(
        Saved().image(tar, compression=compression).to_folder(tmp_path / "layout")
    )
    assert (entries, found, chain_id) == (dict(layer.entries), whiteouts, layer.chain_id)
    assert contents == {place: entry.read() for place, entry in layer.entries.items()}


def test_mutations_do_reach_the_reader(tmp_path):
    """The fuzz tests above would prove nothing if every mutation were refused at the first header."""
    path = tmp_path / "image.tar"
    path.write_bytes(gzip.compress(mutated(ARCHIVES["docker"], [("extend", 700, 7)])))
    assert len(plain(path)) == 1

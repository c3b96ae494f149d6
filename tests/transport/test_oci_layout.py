"""An OCI layout is read as the specification says, and every document is held to it."""

import base64
import hashlib
import json
import os
import shutil
import tarfile

import pytest
from image_making import CONFIG, END, INDEX, MANIFEST, OCI, TAR, Saved, digest, folder, member

from course.errors import (
    DigestMismatch,
    ImageError,
    InvalidDocument,
    LimitExceeded,
    MissingBlob,
    NotAnImage,
    TruncatedArchive,
    UnknownMediaType,
)
from course.transport import descriptors, reading
from course.transport.limits import Limits
from course.transport.reading import open_image, open_images
from course.transport.stored_layer import read_stored

ONE = folder(b"etc") + member(b"etc/motd", b"one") + END
TWO = member(b"etc/motd", b"two") + member(b"etc/.wh.gone") + END


@pytest.fixture
def place(tmp_path):
    return tmp_path / "layout"


def refused(saved, place, kind=InvalidDocument, limits=Limits()):  # noqa: B008 (immutable)
    """Return the sentence with which an image is refused."""
    with pytest.raises(kind) as caught:
        open_images(saved.to_folder(place), limits)
    said = str(caught.value)
    assert str(place) in said
    assert "\n" not in said
    return said


@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
def test_l1_a_layout_of_any_compression_is_read_as_folder_and_as_tar(place, compression):
    saved = Saved().image(ONE, TWO, name="demo:1", compression=compression)
    for path in (saved.to_folder(place), *(saved.to_tar(place / kind, kind) for kind in ("gzip", "zstd"))):
        image = open_image(path)
        assert image.names == ("demo:1",)
        assert [layer.diff_id for layer in image.layers] == [digest(ONE), digest(TWO)]
        assert image.layers[1].parent is image.layers[0]
        assert image.layers[1].whiteouts == {"/etc/gone"}
        assert [layer.entries["/etc/motd"].read() for layer in image.layers] == [b"one", b"two"]
        assert [blob.media_type for blob in image.blobs] == 2 * [TAR + (f"+{compression}" if compression else "")]
        for blob in image.blobs:
            data = saved.files[f"blobs/sha256/{blob.digest[7:]}"]
            assert (digest(data), len(data)) == (blob.digest, blob.size)


@pytest.mark.parametrize(
    ("media_type", "compression"),
    [
        ("application/vnd.docker.image.rootfs.diff.tar", ""),
        ("application/vnd.docker.image.rootfs.diff.tar.gzip", "gzip"),
        ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "gzip"),
        (f"{OCI}.layer.nondistributable.v1.tar", ""),
        (f"{OCI}.layer.nondistributable.v1.tar+gzip", "gzip"),
        (f"{OCI}.layer.nondistributable.v1.tar+zstd", "zstd"),
    ],
)
def test_l1_docker_s_layers_and_those_that_may_not_be_distributed_are_read_too(place, media_type, compression):
    saved = Saved()
    layers = json.loads(saved.files[f"blobs/sha256/{saved.manifest(ONE, compression=compression)['digest'][7:]}"])[
        "layers"
    ]
    layers[0]["mediaType"] = media_type
    saved.image(ONE, compression=compression, manifest={"layers": layers})
    assert open_image(saved.to_folder(place)).blobs[0].media_type == media_type


def test_l1_a_layer_of_another_media_type_is_refused_by_its_name(place):
    saved = Saved()
    saved.image(ONE, manifest={"layers": [saved.add(ONE, f"{TAR}+encrypted")]})
    assert "tar+encrypted" in refused(saved, place, UnknownMediaType)


def test_l1_a_layer_that_is_not_compressed_as_its_media_type_says_is_refused(place):
    saved = Saved()
    saved.image(ONE, manifest={"layers": [saved.add(ONE, f"{TAR}+gzip")]})
    assert "gzip stream is damaged" in refused(saved, place, ImageError)


def test_c2_layers_know_their_chain(place):
    one, two = open_image(Saved().image(ONE, TWO).to_folder(place)).layers
    assert one.chain_id == digest(ONE)
    assert two.chain_id == digest(f"{digest(ONE)} {digest(TWO)}".encode())


def test_c3_the_image_id_is_the_digest_of_the_config_s_exact_bytes(place):
    saved = Saved()
    config = b' {"os": "linux",\n"architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}\n'
    saved.image(manifest={"config": saved.add(config, CONFIG)})
    image = open_image(saved.to_folder(place))
    assert image.image_id == digest(config)
    assert image.layers == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"architecture": None},
        {"os": 7},
        {"rootfs": None},
        {"rootfs": {"type": "layers"}},
        {"rootfs": {"type": "layers", "diff_ids": ["sha256:beef"]}},
        {"history": [1]},
        {"config": {"Env": "A=b"}},
    ],
)
def test_c4_a_config_without_what_is_required_is_refused(place, wrong):
    assert "blobs/sha256/" in refused(Saved().image(ONE, config=wrong), place)


def test_c4_an_unknown_kind_of_root_file_system_is_refused(place):
    rootfs = {"type": "layers+base", "diff_ids": [digest(ONE)]}
    assert "'rootfs.type' is 'layers+base'" in refused(Saved().image(ONE, config={"rootfs": rootfs}), place)


def test_c4_null_is_absent_and_what_is_unknown_is_passed_over(place):
    config = {"author": None, "config": None, "history": None, "com.example": {"x": [1]}, "created": None}
    assert len(open_image(Saved().image(ONE, config=config).to_folder(place)).layers) == 1


def test_c5_layers_and_diff_ids_are_as_many(place):
    for diff_ids in ([], [digest(ONE), digest(TWO)]):
        saved = Saved().image(ONE, config={"rootfs": {"type": "layers", "diff_ids": diff_ids}})
        assert f"has 1 layers, and its config has {len(diff_ids)} diff_ids" in refused(saved, place)
        shutil.rmtree(place)


def test_c5_it_is_seen_before_a_layer_is_looked_for(place):
    saved = Saved().image(ONE, config={"rootfs": {"type": "layers", "diff_ids": []}})
    del saved.files[f"blobs/sha256/{digest(ONE)[7:]}"]
    assert "0 diff_ids" in refused(saved, place)


def test_c5_a_history_of_another_length_only_loses_the_instructions(place):
    image = open_image(Saved().image(ONE, TWO, config={"history": [{"created_by": "RUN x"}]}).to_folder(place))
    assert image.config.instructions() == ["", ""]


@pytest.mark.parametrize("version", [None, 0, 3, "2", True, 2.0])
def test_m1_the_schema_version_is_2(place, version):
    assert "schemaVersion" in refused(Saved().image(ONE, manifest={"schemaVersion": version}), place)
    saved = Saved().image(ONE)
    saved.index["schemaVersion"] = version
    assert "index.json" in refused(saved, place)


def test_m1_a_media_type_in_the_document_is_that_of_its_descriptor(place):
    docker = "application/vnd.docker.distribution.manifest.v2+json"
    assert docker in refused(Saved().image(ONE, manifest={"mediaType": docker}), place)
    saved = Saved().image(ONE)
    saved.index["mediaType"] = MANIFEST
    assert "index.json" in refused(saved, place)
    del saved.index["mediaType"]
    assert len(open_images(saved.to_folder(place))) == 1


def test_m1_a_document_that_could_be_taken_for_two_kinds_is_refused(place):
    assert "has 'manifests' too" in refused(Saved().image(ONE, manifest={"manifests": []}), place)
    for name in ("layers", "config"):
        saved = Saved().image(ONE)
        saved.index[name] = []
        assert f"has '{name}' too" in refused(saved, place)


def test_m1_docker_s_schema_1_is_refused_by_its_name(place):
    saved = Saved()
    schema_1 = {"schemaVersion": 1, "name": "x", "fsLayers": []}
    saved.manifests.append(saved.add(schema_1, MANIFEST))
    assert "docker's schema 1" in refused(saved, place, UnknownMediaType)
    saved = Saved()
    saved.manifests.append(saved.add(schema_1, "application/vnd.docker.distribution.manifest.v1+prettyjws"))
    assert "manifest.v1+prettyjws" in refused(saved, place, UnknownMediaType)


def test_m1_the_lowest_layer_comes_first(place):
    assert open_image(Saved().image(ONE, TWO).to_folder(place)).layers[0].entries["/etc/motd"].read() == b"one"


def test_m2_a_config_of_an_unknown_type_is_not_parsed(place):
    saved = Saved()
    saved.image(manifest={"config": saved.add(b"{no json", "application/vnd.cncf.helm.config.v1+json")})
    assert "is no container image, but an artifact of the type 'application/vnd.cncf.helm" in refused(
        saved, place, UnknownMediaType
    )


def test_m3_an_artifact_with_the_empty_config_is_no_image(place):
    saved = Saved()
    empty = {**saved.add(b"{}", "application/vnd.oci.empty.v1+json"), "data": "e30="}
    assert empty["digest"] == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    saved.image(manifest={"config": empty, "layers": [empty], "artifactType": "application/vnd.example"})
    assert "application/vnd.example" in refused(saved, place, UnknownMediaType)


def test_i1_an_index_may_be_empty_but_says_so(place):
    (place / "blobs").mkdir(parents=True)
    assert open_images(Saved().to_folder(place)) == []
    with pytest.raises(NotAnImage, match="holds no image"):
        open_image(place)
    saved = Saved()
    saved.index = {"schemaVersion": 2}
    assert "'manifests' is nothing" in refused(saved, place)


def test_i1_unknown_media_types_in_an_index_are_passed_over(place):
    saved = Saved()
    saved.manifests.append({"mediaType": "application/x-unknown", "digest": "blake3:beef", "size": -7})
    saved.image(ONE)
    saved.manifests.append(saved.add(b"signature", "application/vnd.example.signature"))
    assert len(open_images(saved.to_folder(place))) == 1
    artifact = saved.add({"schemaVersion": 2, "config": saved.add(b"{}", "application/x"), "layers": []}, MANIFEST)
    saved.manifests.insert(0, artifact)
    assert len(open_images(saved.to_folder(place))) == 1
    assert len(open_image(place).layers) == 1


def nested(saved, *manifests, depth=1, **more):
    for _ in range(depth):
        manifests = [saved.add({"schemaVersion": 2, "mediaType": INDEX, "manifests": list(manifests)}, INDEX)]
    manifests[0].update(more)
    return manifests[0]


def platform(text):
    return dict(zip(("os", "architecture", "variant"), text.split("/"), strict=False))


@pytest.fixture
def several(place, monkeypatch):
    """One image for three platforms, with what BuildKit attests beside it."""
    monkeypatch.setattr(descriptors.platform, "machine", lambda: "aarch64")
    saved = Saved()
    members = []
    for name in ("linux/amd64", "linux/arm64/v8", "linux/arm/v7"):
        config = {"architecture": name.split("/")[1]}
        members.append(saved.manifest(ONE, config=config, platform=platform(name)))
    attestation = saved.manifest(
        config={"architecture": "unknown", "os": "unknown"}, platform=platform("unknown/unknown")
    )
    name = {"org.opencontainers.image.ref.name": "demo:1"}
    saved.manifests.append(nested(saved, attestation, *members, annotations=name))
    return saved


def test_i1_of_several_platforms_that_of_this_machine_is_read(several, place):
    [image] = open_images(several.to_folder(place))
    assert image.config.architecture == "arm64"
    assert image.names == ("demo:1",)
    assert open_image(place) == image


@pytest.mark.parametrize(
    ("wanted", "architecture"),
    [
        ("linux/amd64", "amd64"),
        ("linux/arm64", "arm64"),
        ("linux/arm64/v8", "arm64"),
        ("linux/arm", "arm"),
        ("linux/arm/v7", "arm"),
    ],
)
def test_i1_a_platform_can_be_chosen(several, place, wanted, architecture):
    assert open_image(several.to_folder(place), platform=wanted).config.architecture == architecture


def test_i1_a_platform_that_is_not_there_is_refused_with_those_that_are(several, place):
    with pytest.raises(
        ImageError, match=r"no image for linux/s390x; there are: linux/amd64, linux/arm64/v8, linux/arm"
    ):
        open_image(several.to_folder(place), platform="linux/s390x")
    with pytest.raises(ImageError, match="no image for linux/arm6;"):
        open_image(place, platform="linux/arm6")


def test_i1_without_one_for_this_machine_the_first_is_read(several, place, monkeypatch):
    monkeypatch.setattr(descriptors.platform, "machine", lambda: "riscv64")
    assert open_image(several.to_folder(place)).config.architecture == "amd64"


def test_i1_a_platform_whose_blobs_were_never_fetched_is_passed_over(several, place):
    index = json.loads(several.files[f"blobs/sha256/{several.manifests[0]['digest'][7:]}"])
    for member_ in (index["manifests"][1], index["manifests"][2]):
        del several.files[f"blobs/sha256/{member_['digest'][7:]}"]
    assert open_image(several.to_folder(place)).config.architecture == "arm"
    del several.files[f"blobs/sha256/{index['manifests'][3]['digest'][7:]}"]
    shutil.rmtree(place)
    assert index["manifests"][1]["digest"][7:] in refused(several, place, MissingBlob)


def test_i1_indexes_may_lie_in_indexes_but_not_for_ever(place):
    saved = Saved()
    saved.manifests.append(nested(saved, saved.manifest(ONE), depth=8))
    assert len(open_images(saved.to_folder(place))) == 1
    saved.manifests[0] = nested(saved, saved.manifest(ONE), depth=9)
    assert "more than 8 deep" in refused(saved, place, LimitExceeded)


def test_i1_an_index_that_multiplies_what_it_holds_comes_to_an_end(place):
    saved = Saved()
    many = [saved.manifest(ONE)]
    for _ in range(6):
        many = [saved.add({"schemaVersion": 2, "manifests": many}, INDEX)] * 100
    saved.manifests.append(many[0])
    assert "one descriptor too many" in refused(saved, place, LimitExceeded)


def test_i1_the_first_of_one_name_that_fits_is_read(place, monkeypatch):
    monkeypatch.setattr(descriptors.platform, "machine", lambda: "x86_64")
    saved = Saved()
    for architecture, tar in (("arm64", ONE), ("amd64", TWO), ("amd64", ONE)):
        saved.image(tar, name="demo", config={"architecture": architecture})
    assert open_image(saved.to_folder(place), "demo").layers[0].diff_id == digest(TWO)


def test_i1_named_images_are_not_chosen_by_their_platform(place, monkeypatch):
    monkeypatch.setattr(descriptors.platform, "machine", lambda: "x86_64")
    saved = Saved().image(ONE, name="a", config={"architecture": "arm64"}).image(TWO, name="b")
    with pytest.raises(ImageError, match="There are: a, b"):
        open_image(saved.to_folder(place))


def test_i1_of_unnamed_images_the_one_for_this_machine_is_read(place, monkeypatch):
    monkeypatch.setattr(descriptors.platform, "machine", lambda: "AMD64")
    saved = Saved().image(ONE, config={"architecture": "arm64"}).image(TWO)
    assert open_image(saved.to_folder(place)).config.architecture == "amd64"
    saved.image(ONE)
    with pytest.raises(ImageError, match="several images"):
        open_image(saved.to_folder(place))


@pytest.mark.parametrize(
    "layout", [b"", b"{}", b'{"imageLayoutVersion":"2.0.0"}', b'{"imageLayoutVersion":1}', b"[]", b"\xff", b"1.0.0"]
)
def test_y1_the_layout_s_version_is_known(place, layout):
    saved = Saved().image(ONE)
    saved.files["oci-layout"] = layout
    assert "oci-layout" in refused(saved, place)


def test_y1_without_an_index_or_blobs_it_is_no_layout(place):
    saved = Saved().image(ONE)
    saved.to_folder(place)
    (place / "index.json").unlink()
    with pytest.raises(MissingBlob, match=r"index\.json"):
        open_images(place)
    shutil.rmtree(place)
    saved = Saved()
    assert "no folder 'blobs'" in refused(saved, place, NotAnImage)


def test_y1_unknown_files_are_passed_over(place):
    saved = Saved().image(ONE)
    saved.files |= {"manifest.json": b"whatever", "README": b"", "blobs/sha512/x": b"", "blobs/sha256/x": b""}
    assert len(open_images(saved.to_folder(place))) == 1


def test_y1_a_blob_that_is_missing_is_named(place):
    for media_type in (MANIFEST, CONFIG, TAR):
        saved = Saved().image(ONE)
        manifest = saved.manifests[0]
        document = json.loads(saved.files[f"blobs/sha256/{manifest['digest'][7:]}"])
        name = {MANIFEST: manifest, CONFIG: document["config"], TAR: document["layers"][0]}[media_type]["digest"][7:]
        del saved.files[f"blobs/sha256/{name}"]
        assert name in refused(saved, place, MissingBlob)
        shutil.rmtree(place)


def test_y2_only_the_index_gives_names(place):
    saved = Saved()
    name = {"org.opencontainers.image.ref.name": "inside"}
    saved.image(ONE, manifest={"annotations": name})
    saved.manifests.append(nested(saved, saved.manifest(TWO, annotations=name)))
    assert [image.names for image in open_images(saved.to_folder(place))] == [(), ()]


def test_y2_docker_s_full_name_is_shown_as_docker_does(place):
    saved = Saved()
    full = {"io.containerd.image.name": "docker.io/library/busybox:1.36", "org.opencontainers.image.ref.name": "1.36"}
    saved.manifests.append(saved.manifest(ONE, annotations=full))
    saved.manifests.append(saved.manifest(ONE, annotations={"io.containerd.image.name": "docker.io/library/b:latest"}))
    [image] = open_images(saved.to_folder(place))
    assert image.names == ("busybox:1.36", "b:latest")
    for name in ("busybox:1.36", "docker.io/library/busybox:1.36", "b", "b:latest"):
        assert open_image(place, name) == image


def change(saved, **more):
    saved.manifests[0].update(more)
    return saved


def test_d1_the_size_is_checked_before_the_digest(place):
    saved = change(Saved().image(ONE), size=7, digest=digest(ONE))
    assert "its descriptor promises 7" in refused(saved, place, DigestMismatch)
    saved = Saved()
    layers = [{**saved.add(ONE, TAR), "size": len(ONE) + 1}]
    saved.image(ONE, manifest={"layers": layers})
    assert f"its descriptor promises {len(ONE) + 1}" in refused(saved, place, DigestMismatch)


def test_d1_the_digest_is_checked_before_the_content(place):
    saved = Saved().image(ONE, compression="gzip")
    name = next(name for name, data in saved.files.items() if data[:2] == b"\x1f\x8b")
    saved.files[name] = bytes(len(saved.files[name]))
    assert name in refused(saved, place, DigestMismatch)


@pytest.mark.parametrize("size", [-1, None, "7", 7.0, True])
def test_d1_a_size_is_a_number_of_bytes(place, size):
    assert "'size'" in refused(change(Saved().image(ONE), size=size), place)


@pytest.mark.parametrize("media_type", [None, "", 7, "no slash", "a/b/c", "a/b;c=d", "-a/b"])
def test_d1_a_media_type_is_one(place, media_type):
    saved = Saved()
    config = {**saved.add(b"{}", CONFIG), "mediaType": media_type}
    assert "mediaType" in refused(saved.image(ONE, manifest={"config": config}), place)


@pytest.mark.parametrize(
    "name",
    [
        None,
        7,
        "",
        "sha256:",
        "sha256:" + "A" * 64,
        "sha256:" + "a" * 63,
        "sha512:" + hashlib.sha512(b"").hexdigest(),
        "blake3:" + "a" * 64,
        "sha256:../../../../etc/passwd",
        digest(b"") + "\n",
    ],
)
def test_d2_a_digest_has_its_form_before_it_becomes_a_path(place, name):
    assert "is no digest" in refused(change(Saved().image(ONE), digest=name), place)


def test_d3_embedded_data_is_the_content(place):
    saved = Saved().image(ONE)
    manifest = saved.files[f"blobs/sha256/{saved.manifests[0]['digest'][7:]}"]
    for data in (base64.b64encode(manifest).decode(), None):
        assert len(open_images(change(saved, data=data).to_folder(place))) == 1
    for data in ("", "e30=", "no base64!", base64.b64encode(manifest).decode() + "\n", 7):
        assert "'data'" in refused(change(saved, data=data), place)


def test_d3_embedded_data_stands_in_for_a_blob_that_is_missing(place):
    saved = Saved().image(ONE)
    manifest = saved.files.pop(f"blobs/sha256/{saved.manifests[0]['digest'][7:]}")
    change(saved, data=base64.b64encode(manifest).decode())
    assert len(open_images(saved.to_folder(place))) == 1


@pytest.mark.parametrize("annotations", [[], "x", {"a": 1}, {"a": None}])
def test_a1_annotations_are_texts(place, annotations):
    if annotations == []:
        assert len(open_images(change(Saved().image(ONE), annotations={}).to_folder(place))) == 1
    assert "annotations" in refused(change(Saved().image(ONE), annotations=annotations), place)


@pytest.mark.parametrize(
    ("index", "why"),
    [
        (b'{"schemaVersion":2,"manifests":[],"manifests":[]}', "stands twice"),
        (b'{"schemaVersion":2,"manifests":[],"annotations":{"a":"1","a":"2"}}', "stands twice"),
        (b"[" * 60_000, "deep"),
        (b'{"a":' * 60_000, "deep"),
        (b'{"schemaVersion":2,"manifests":[]}\xff', "JSON"),
        (b"\xef\xbb\xbf{}", "JSON"),
        (b'{"schemaVersion":NaN}', "JSON"),
        (b"", "JSON"),
        (b"[]", "object"),
        (b'{"schemaVersion":2,"manifests":{}}', "a list"),
        (b'{"schemaVersion":2,"manifests":[7]}', "object"),
        (b'{"schemaVersion":' + b"9" * 5000 + b"}", "JSON"),
        (b'"' + b'\\"' * 1_000_000, "JSON"),
    ],
)
def test_j1_documents_are_strict_json(place, index, why):
    Saved().image(ONE).to_folder(place)
    (place / "index.json").write_bytes(index)
    with pytest.raises(InvalidDocument, match=rf"index\.json.*{why}"):
        open_images(place)


def test_j1_documents_are_bounded_each_and_together(place):
    saved = Saved().image(ONE)
    saved.index["annotations"] = {"a": "x" * (4 << 20)}
    assert "index.json: 4.19MB" in refused(saved, place, LimitExceeded)
    saved = Saved()
    for number in range(5):
        saved.image(ONE, config={"author": "x" * 100_000, "created": str(number)})
    assert "with all others" in refused(saved, place, LimitExceeded, Limits(documents=400_000))


def test_layers_are_bounded(place):
    saved = Saved().image(*[ONE] * 4)
    assert "has 4 layers; expected 3 at most" in refused(saved, place, LimitExceeded, Limits(layers=3))


def test_a_bomb_in_a_layer_is_refused(place):
    for compression in ("gzip", "zstd"):
        saved = Saved().image(member(b"zeros", bytes(20 << 20)) + END, compression=compression)
        said = refused(saved, place, LimitExceeded, Limits(free=1 << 20))
        assert "blobs/sha256/" in said
        assert "bomb" in said
        shutil.rmtree(place)


def test_a_layer_beyond_all_bounds_is_refused(place):
    for compression in ("", "gzip"):
        saved = Saved().image(ONE, compression=compression)
        assert "blobs/sha256/" in refused(saved, place, LimitExceeded, Limits(uncompressed=1000))
        shutil.rmtree(place)


def test_a_layer_that_stands_twice_is_read_once_and_stands_twice(place):
    image = open_image(Saved().image(ONE, TWO, ONE).to_folder(place))
    assert [layer.diff_id for layer in image.layers] == [digest(ONE), digest(TWO), digest(ONE)]
    assert image.layers[2].parent is image.layers[1]
    assert image.layers[2].entries == image.layers[0].entries


def test_images_that_share_layers_share_the_values_and_each_is_read_once(place, monkeypatch):
    read = []
    monkeypatch.setattr(
        reading, "read_stored", lambda stored, budget: read.append(stored.diff_id) or read_stored(stored, budget)
    )
    one, two = open_images(Saved().image(ONE, name="a").image(ONE, TWO, name="b").to_folder(place))
    assert one.layers[0] is two.layers[0]
    assert read == [digest(ONE), digest(TWO)]
    with pytest.raises(LimitExceeded, match="more than 3 entries"):  # what was read before counts too
        open_images(place, Limits(entries=3))


@pytest.mark.parametrize("kind", ["fifo", "folder", "link to nothing"])
def test_what_is_no_file_in_a_layout_is_missing_and_nobody_waits(place, kind):
    Saved().image(ONE).to_folder(place)
    blob = place / "blobs" / "sha256" / digest(ONE)[7:]
    blob.unlink()
    if kind == "fifo":
        if not hasattr(os, "mkfifo"):
            pytest.skip("left out: needs FIFOs")
        os.mkfifo(blob)
    elif kind == "folder":
        blob.mkdir()
    else:
        blob.symlink_to("nowhere")
    with pytest.raises(MissingBlob, match=digest(ONE)[7:]):
        open_images(place)


def test_a_layout_in_a_tar_made_by_another_program_is_read(tmp_path, place):
    Saved().image(ONE, name="x", compression="gzip").to_folder(place)
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT):
        with tarfile.open(tmp_path / "image.tar", "w", format=form) as tar:
            tar.add(place, ".")
        assert open_image(tmp_path / "image.tar", "x").layers[0].entries["/etc/motd"].read() == b"one"


def test_a_truncated_archive_is_said_to_be_one_wherever_it_ends(tmp_path):
    path = Saved().image(ONE, TWO).to_tar(tmp_path / "image.tar")
    data = path.read_bytes()
    for end in range(512, len(data) - 1024, 256):
        path.write_bytes(data[:end])
        with pytest.raises(ImageError, match=r"image\.tar") as caught:
            open_images(path)
        assert end % 512 == 0 or isinstance(caught.value, TruncatedArchive), end
    for compression in ("gzip", "zstd"):
        Saved().image(ONE).to_tar(path, compression)
        path.write_bytes(path.read_bytes()[:-9])
        with pytest.raises(TruncatedArchive, match=rf"image\.tar.*{compression}"):
            open_images(path)


def test_the_content_of_a_compressed_archive_outlives_the_reading(tmp_path):
    path = Saved().image(ONE, TWO, compression="zstd").to_tar(tmp_path / "image.tar.gz", "gzip")
    image = open_image(path)
    path.unlink()
    with image.layers[0].entries["/etc/motd"].content.open() as stream:
        layers = image.layers
        del image
        assert stream.read() == b"one"
    assert layers[1].entries["/etc/motd"].read() == b"two"
    assert list(tmp_path.iterdir()) == []

"""Pushing: what is missing travels, the manifest comes last, and a registry that lies is told so."""

import gzip
import json
import random

import pytest
from registry_server import MANIFEST, Answer, Content, digest, error, serving

from course.errors import AccessDenied, CourseError, DigestMismatch, RegistryError, RegistryUnreachable
from course.layers.archive import tar_bytes
from course.layers.image import Image
from course.layers.layer import Layer
from course.layers.reference import Reference
from course.layers.small_image import small_image
from course.transport.registry.pulling import pull
from course.transport.registry.pushing import push

GREETER = small_image()
UPLOADS = "/v2/greeter/blobs/uploads/"


@pytest.fixture
def pushing(server):
    server.accept_pushes()
    return server


def refused(server, reference, kind=CourseError, image=GREETER):
    """Return the sentence with which a push is refused (str); the registry has no manifest then."""
    with pytest.raises(kind) as caught:
        push(image, reference)
    assert str(caught.value).isprintable()
    assert "1" not in server.stored
    return str(caught.value)


def test_layers_go_compressed_and_the_config_as_it_is(pushing, greeter):
    seen = []
    pushed = push(GREETER, greeter, progress=seen.append)
    manifest = json.loads(pushing.stored["1"])
    assert [gzip.decompress(pushing.stored[layer["digest"]]) for layer in manifest["layers"]] == [
        tar_bytes(layer) for layer in GREETER.layers
    ]
    assert {pushing.stored[layer["digest"]][3:8] for layer in manifest["layers"]} == {bytes(5)}, "no name and no time"
    assert pushing.stored[GREETER.image_id] == GREETER.config.raw
    assert (pushed.digest, pushed.size) == (digest(pushing.stored["1"]), len(pushing.stored["1"]))
    assert [(one.digest, one.size, one.status) for one in pushed.layers] == [
        (layer["digest"], layer["size"], "Pushed") for layer in manifest["layers"]
    ]
    assert {one.status for one in seen} == {"Pushing", "Pushed"}
    *_, last = pushing.requests
    assert (last.method, last.path, last.headers["content-type"]) == ("PUT", "/v2/greeter/manifests/1", MANIFEST)


def test_the_manifest_is_laid_out_as_docker_does(pushing, greeter):
    push(small_image("base:1"), greeter)
    lines = pushing.stored["1"].decode().split("\n")
    assert lines[:5] == [
        "{",
        '   "schemaVersion": 2,',
        f'   "mediaType": "{MANIFEST}",',
        '   "config": {',
        '      "mediaType": "application/vnd.docker.container.image.v1+json",',
    ]


def test_a_second_push_sends_the_manifest_alone(pushing, greeter):
    first = push(GREETER, greeter)
    before = len(pushing.requests)
    second = push(GREETER, greeter)
    assert {one.status for one in second.layers} == {"Layer already exists"}
    assert second.digest == first.digest
    assert [request.method for request in pushing.requests[before:]] == ["GET"] + ["HEAD"] * 5 + ["PUT"]


def test_what_was_pulled_is_pushed_as_it_came(pushing, greeter):
    content = Content([gzip.compress(tar_bytes(layer), 1, mtime=7) for layer in GREETER.layers], GREETER.config.raw)
    with serving() as other:
        other.serve(content)
        image = pull(Reference.parse(f"{other.address}/greeter:1")).image
    push(image, greeter)
    assert [layer["digest"] for layer in json.loads(pushing.stored["1"])["layers"]] == [
        digest(layer) for layer in content.layers
    ]


def test_a_repository_beside_gives_its_layers(pushing, greeter):
    pushing.answers["POST *"] = lambda request: Answer(
        201 if "mount=" in request.path else 202, b"", {"Location": "/v2/greeter/blobs/uploads/1"}
    )
    pushed = push(GREETER, greeter, "library/base")
    assert {one.status for one in pushed.layers} == {"Mounted from library/base"}
    assert set(pushing.stored) == {"1", GREETER.image_id}
    assert (
        pushing.paths("POST")[0] == f"{UPLOADS}?mount={pushed.layers[0].digest.replace(':', '%3A')}&from=library%2Fbase"
    )


def test_what_the_repository_beside_does_not_have_travels(pushing, greeter):
    assert {one.status for one in push(GREETER, greeter, "library/base").layers} == {"Pushed"}


def large_image(size):
    noise = random.Random(4).randbytes(size)
    return Image.of([Layer.of({"/noise": noise})])


@pytest.mark.parametrize("least", ["1", "1500000", "99999999999999999999", "0", "many", "-1"])
def test_a_registry_that_asks_for_pieces_gets_them(pushing, greeter, least):
    answer = Answer(202, b"", {"Location": f"{UPLOADS}0", "OCI-Chunk-Min-Length": least})
    pushing.answers["POST *"] = answer
    image = large_image(2_500_000)
    pushed = push(image, greeter)
    assert gzip.decompress(pushing.stored[pushed.layers[0].digest]) == tar_bytes(image.layers[0])
    pieces = [request for request in pushing.requests if request.method == "PATCH"]
    assert len(pieces) == {"1": 2, "1500000": 1}.get(least, 0)
    if pieces:
        assert pieces[0].headers["content-range"] == f"0-{max(int(least), 1 << 20) - 1}"


@pytest.mark.parametrize(
    "location", ["", "http://192.0.2.1/up", "http://127.0.0.1:1/up", "https://evil.example/up", "file:///x", "http://["]
)
def test_a_layer_is_not_sent_to_another_host(pushing, greeter, location):
    pushing.answers["POST *"] = Answer(202, b"", {"Location": location})
    said = refused(pushing, greeter, RegistryError)
    assert "another host; it was not sent" in said or "sends its client to" in said
    assert pushing.paths("PUT") == []


def test_an_upload_is_not_redirected(pushing, greeter):
    with serving() as other:
        pushing.answers["PUT *"] = Answer(307, b"", {"Location": f"http://{other.address}/"})
        assert refused(pushing, greeter) == "received unexpected HTTP status: 307 Temporary Redirect"
        assert other.requests == []


def test_a_registry_that_has_something_else_under_a_digest_is_found_out(pushing, greeter):
    pushing.answers["HEAD *"] = Answer(200, b"another size")
    assert "the registry has 12 under the digest" in refused(pushing, greeter, DigestMismatch)
    pushing.answers["HEAD *"] = Answer(404)
    pushing.answers["PUT *"] = Answer(201, b"", {"Docker-Content-Digest": digest(b"other")})
    assert f"the registry has {digest(b'other')} under the digest" in refused(pushing, greeter, DigestMismatch)


def test_a_registry_that_has_another_manifest_is_found_out(pushing, greeter):
    pushing.answers["PUT /v2/greeter/manifests/1"] = Answer(201, b"", {"Docker-Content-Digest": digest(b"other")})
    assert "has the manifest under the digest" in refused(pushing, greeter, DigestMismatch)


@pytest.mark.parametrize(
    ("key", "answer", "kind", "words"),
    [
        (
            "POST *",
            error(403, "DENIED", "requested access to the resource is denied"),
            AccessDenied,
            "denied: requested access to the resource is denied",
        ),
        ("POST *", Answer(405), RegistryError, "received unexpected HTTP status: 405 Method Not Allowed"),
        ("HEAD *", Answer(401), AccessDenied, "unauthorized: authentication required"),
        ("HEAD *", Answer(500), RegistryError, "received unexpected HTTP status: 500 Internal Server Error"),
        ("PUT *", Answer(500), RegistryError, "received unexpected HTTP status: 500 Internal Server Error"),
        (
            "PUT *",
            error(400, "DIGEST_INVALID", "provided digest did not match uploaded content"),
            RegistryError,
            "digest invalid: provided digest did not match uploaded content",
        ),
        (
            "PUT *",
            error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry"),
            RegistryError,
            "blob upload unknown: blob upload unknown to registry",
        ),
        (
            "PUT /v2/greeter/manifests/1",
            error(400, "MANIFEST_INVALID", "manifest invalid"),
            RegistryError,
            "manifest invalid: manifest invalid",
        ),
    ],
)
def test_a_refusal_of_a_push_is_told(pushing, greeter, key, answer, kind, words):
    pushing.answers[key] = answer
    assert refused(pushing, greeter, kind) == words


def test_a_connection_that_is_cut_while_sending_is_told(pushing, greeter):
    pushing.answers["PUT *"] = Answer(raw=b"")
    said = refused(pushing, greeter, RegistryUnreachable)
    assert said.startswith(f'Put "http://{pushing.address}{UPLOADS}7?state=a&digest=sha256')
    assert said.endswith('": EOF')


def test_a_body_is_sent_again_when_the_token_has_run_out(pushing, greeter):
    realm = f'Bearer realm="http://{pushing.address}/token"'
    pushing.answers["/token"] = Answer(200, b'{"token": "abc"}')
    put = pushing.answers["PUT *"]
    pushing.answers["PUT *"] = [error(401, "UNAUTHORIZED", **{"WWW-Authenticate": realm}), put]
    push(GREETER, greeter)
    assert set(pushing.stored) >= {"1", GREETER.image_id}


def test_a_reference_by_digest_cannot_be_pushed(pushing):
    reference = Reference.parse(f"{pushing.address}/greeter@{digest(b'')}")
    assert refused(pushing, reference) == "cannot push a digest reference"
    assert pushing.requests == []


def test_a_layer_whose_tar_is_lost_is_not_sent_as_another(pushing, greeter):
    lost = Layer({"/a": GREETER.layers[0].entries["/etc/motd"]}, known_diff_id=digest(b"lost"))
    refused(pushing, greeter, DigestMismatch, Image.of([lost]))
    assert pushing.stored == {}

"""Pulling from a registry that is honest, and from ones that lie: each lie is one sentence, and nothing comes of it."""

import gc
import gzip
import hashlib
import json
import tempfile

import pytest
from registry_server import CONFIG, INDEX, LAYER, MANIFEST, Answer, Content, descriptor, digest, endless, error, serving

from course.errors import (
    CourseError,
    DigestMismatch,
    ImageError,
    InvalidDocument,
    InvalidLayer,
    LimitExceeded,
    NotInRegistry,
    RegistryError,
    RegistryUnreachable,
    UnknownMediaType,
)
from course.layers.layer import Layer
from course.layers.reference import Reference
from course.layers.small_image import small_image
from course.transport.registry.pulling import pull

GREETER = small_image()


def refused(reference, kind=CourseError, **options):
    """Return the sentence with which a pull is refused (str)."""
    with pytest.raises(kind) as caught:
        pull(reference, **options)
    said = str(caught.value)
    assert said.isprintable(), "one line that no terminal trips over"
    return said


def blob_path(blob):
    return f"/v2/greeter/blobs/{digest(blob)}"


def test_an_image_arrives_equal_and_says_what_travelled(server, greeter):
    content = server.serve(Content.greeter())
    seen = []
    pulled = pull(greeter, progress=seen.append)
    assert pulled.image.layers == GREETER.layers
    assert pulled.image.config == GREETER.config
    assert pulled.image.names == (f"{server.address}/greeter:1",)
    assert pulled.digest == digest(content.manifest)
    assert [(one.digest, one.size, one.status) for one in pulled.layers] == [
        (digest(layer), len(layer), "Pull complete") for layer in content.layers
    ]
    assert [blob.digest for blob in pulled.image.blobs] == [digest(layer) for layer in content.layers]
    assert pulled.image.layers[0].entries["/etc/motd"].read().startswith(b"This is a small image")
    assert {one.status for one in seen} == {"Downloading", "Pull complete"}
    assert seen[-1] == pulled.layers[-1]


def test_layers_that_are_known_do_not_travel(server, greeter):
    content = server.serve(Content.greeter("greeter:2"))
    known = {layer.diff_id: layer for layer in GREETER.layers}
    pulled = pull(greeter, known=known)
    assert [one.status for one in pulled.layers] == ["Already exists", "Already exists", "Pull complete"]
    assert pulled.image.layers == small_image("greeter:2").layers
    assert pulled.image.layers[0] is GREETER.layers[0]
    asked = [path for path in server.paths("GET") if "/blobs/" in path]
    assert asked == [blob_path(content.config), blob_path(content.layers[2])]


def test_a_layer_that_is_known_on_another_base_gets_the_base_of_the_image(server, greeter):
    server.serve(Content.greeter())
    other = Layer(GREETER.layers[1].entries, parent=Layer.of({"/other": "base"}))
    pulled = pull(greeter, known={other.diff_id: other})
    assert pulled.layers[1].status == "Already exists"
    assert pulled.image.layers == GREETER.layers


def test_by_digest_only_what_has_that_digest_will_do(server):
    content = server.serve(Content.greeter())
    for tag in ("", ":1", ":other"):
        pulled = pull(Reference.parse(f"{server.address}/greeter{tag}@{digest(content.manifest)}"))
        assert (pulled.image.names, pulled.digest) == ((), digest(content.manifest))
    other = digest(b"other")
    server.answers[f"/v2/greeter/manifests/{other}"] = Answer(200, content.manifest, {"Content-Type": MANIFEST})
    said = refused(Reference.parse(f"{server.address}/greeter@{other}"), DigestMismatch)
    assert f"has the digest {digest(content.manifest)}, and {other} was promised" in said


def test_the_tag_is_latest_where_none_is_said(server):
    server.answers |= Content.greeter().answers(tag="latest")
    assert pull(Reference.parse(f"{server.address}/greeter")).image.names == (f"{server.address}/greeter:latest",)


def test_oci_media_types_will_do_as_well(server, greeter):
    content = Content.greeter()
    content.media_type = "application/vnd.oci.image.manifest.v1+json"
    oci = "application/vnd.oci.image"
    content.changes = {
        "config": descriptor(f"{oci}.config.v1+json", content.config),
        "layers": [descriptor(f"{oci}.layer.v1.tar+gzip", layer) for layer in content.layers],
    }
    server.serve(content)
    assert pull(greeter).image.layers == GREETER.layers


# an index


def test_of_an_index_the_image_for_the_platform_is_taken(server, greeter):
    data = server.serve_index(("linux/amd64", Content.greeter()), ("linux/amd64/v3", Content.greeter("greeter:2")))
    pulled = pull(greeter, "linux/amd64")
    assert pulled.image.config == GREETER.config
    assert pulled.digest == digest(data), "docker's RepoDigest is the index's"
    assert pull(greeter, "linux/amd64/v3").image.config == small_image("greeter:2").config


def test_an_index_without_the_platform_is_refused_in_dockers_words(server, greeter):
    server.serve_index(("linux/amd64", Content.greeter()), ("unknown/unknown", Content.greeter("base:1")))
    said = refused(greeter, ImageError, platform="linux/s390x")
    assert said == "no matching manifest for linux/s390x in the manifest list entries"


def test_one_image_for_another_platform_than_was_asked_for_comes_with_dockers_warning(server, greeter):
    server.serve(Content.greeter())
    assert pull(greeter, "linux/amd64").warning == ""
    assert pull(greeter, "linux/arm64").warning == (
        f"image with reference {greeter.familiar} was found but does not match the specified platform: "
        "wanted linux/arm64, actual: linux/amd64"
    )


def test_an_index_is_held_to_what_it_promises(server, greeter):
    content = Content.greeter()
    server.serve_index(("linux/amd64", content))
    path = f"/v2/greeter/manifests/{digest(content.manifest)}"
    server.answers[path] = Answer(200, content.manifest + b" ", {"Content-Type": MANIFEST})
    assert "was promised" in refused(greeter, DigestMismatch, platform="linux/amd64")
    server.answers[path] = Answer(200, content.manifest, {"Content-Type": INDEX})
    assert "the index promises" in refused(greeter, DigestMismatch, platform="linux/amd64")


def test_indexes_in_indexes_come_to_an_end(server, greeter):
    inner = Content.greeter().manifest
    server.answers |= Content.greeter().answers()
    media_type = MANIFEST
    for depth in range(9):
        if depth == 2:
            assert pull(greeter).image.config == GREETER.config
        manifests = [descriptor(media_type, inner)]
        inner, media_type = json.dumps({"schemaVersion": 2, "manifests": manifests}).encode(), INDEX
        for name in ("1", digest(inner)):
            server.answers[f"/v2/greeter/manifests/{name}"] = Answer(200, inner, {"Content-Type": INDEX})
    assert "indexes lie in indexes more than 8 deep" in refused(greeter, LimitExceeded)


# manifests that lie


def manifest(server, data, media_type=MANIFEST, **headers):
    server.answers["/v2/"] = Answer(200)
    server.answers["/v2/greeter/manifests/1"] = Answer(200, data, {"Content-Type": media_type} | headers)


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", InvalidDocument, "no valid JSON"),
        (b"<html>", InvalidDocument, "no valid JSON"),
        (b"\xff", InvalidDocument, "no valid JSON"),
        (b"[" * 100_000, InvalidDocument, "nested"),
        (b"[]", InvalidDocument, "expected a JSON object"),
        (b"{}", InvalidDocument, "'schemaVersion' is nothing"),
        (b'{"schemaVersion": 1}', UnknownMediaType, "schema 1"),
        (b'{"schemaVersion": 2}', InvalidDocument, "'config' is nothing"),
        (b'{"schemaVersion": 2, "config": {}}', InvalidDocument, "'mediaType' is nothing"),
        (b'{"schemaVersion": 2, "config": {}, "manifests": []}', InvalidDocument, "has 'manifests' too"),
        (f'{{"schemaVersion": 2, "mediaType": "{INDEX}"}}'.encode(), InvalidDocument, "'mediaType' is"),
        (endless(b" " * 65536), LimitExceeded, "answers with more than 4.19MB"),
        (b" " * (5 << 20), LimitExceeded, "answers with more than 4.19MB"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else "",
)
def test_a_manifest_that_is_none_is_refused(server, greeter, data, kind, words):
    manifest(server, data)
    assert words in refused(greeter, kind)


@pytest.mark.parametrize("media_type", ["text/html", "application/json", "", "application/vnd.example\x01+json"])
def test_another_content_type_is_refused(server, greeter, media_type):
    manifest(server, Content.greeter().manifest, media_type)
    assert "expected an image's manifest" in refused(greeter, UnknownMediaType)


@pytest.mark.parametrize("suffix", ["json", "prettyjws"])
def test_dockers_first_schema_is_refused(server, greeter, suffix):
    manifest(server, b'{"schemaVersion": 1}', f"application/vnd.docker.distribution.manifest.v1+{suffix}")
    assert "schema 1, long out of use" in refused(greeter, UnknownMediaType)


def test_a_header_that_promises_another_digest_is_not_believed(server, greeter):
    manifest(server, Content.greeter().manifest, **{"Docker-Content-Digest": digest(b"other")})
    assert f"{digest(b'other')} was promised" in refused(greeter, DigestMismatch)


@pytest.mark.parametrize(
    "changes",
    [
        {"config": descriptor("application/vnd.example+json", b"{}")},
        {"layers": [descriptor("text/plain", b"x")] * 4},
        {"layers": [descriptor(LAYER, b"x")] * 3},
        {"layers": [descriptor(LAYER, b"x", size=-1)] * 4},
        {"layers": [descriptor(LAYER, b"x") | {"size": 1 << 60}] * 4},
        {"layers": [descriptor(LAYER, b"x") | {"digest": "sha256:../../../etc/passwd"}] * 4},
        {"layers": ["text"] * 4},
        {"config": descriptor(CONFIG, b"x") | {"size": 5 << 20}},
    ],
)
def test_a_manifest_that_promises_what_cannot_be_is_refused(server, greeter, changes):
    content = Content.greeter()
    if "config" in changes:
        server.answers[blob_path(b"{}")] = Answer(200, b"{}")
    content.changes = changes
    server.serve(content)
    refused(greeter, ImageError)
    assert not [path for path in server.paths("GET") if "passwd" in path]


# blobs that lie


def lying(server, answer):
    """Serve greeter:1, whose second layer is ``answer`` (Answer)."""
    content = server.serve(Content.greeter())
    server.answers[blob_path(content.layers[1])] = answer
    return content.layers[1]


def test_a_blob_with_another_digest_is_refused(server, greeter):
    layer = lying(server, Answer(200, bytes(len(Content.greeter().layers[1]))))
    said = refused(greeter, DigestMismatch)
    assert f"{digest(layer)} was promised" in said
    assert greeter.familiar in said


def test_a_blob_of_another_size_is_refused_before_it_travels(server, greeter):
    lying(server, Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"))
    assert "has 5 bytes, and its descriptor promises" in refused(greeter, DigestMismatch)


def test_a_blob_that_ends_too_early_without_a_word_is_refused(server, greeter):
    layer = Content.greeter().layers[1]
    lying(server, Answer(200, [layer[:-1]]))
    assert f"has {len(layer) - 1} bytes" in refused(greeter, DigestMismatch)


def test_an_endless_blob_is_cut_off(server, greeter):
    layer = lying(server, Answer(200, endless()))
    assert f"is longer than the {len(layer)} bytes" in refused(greeter, DigestMismatch)


def test_the_temporary_file_ends_with_the_pull_or_with_the_image(server, greeter, monkeypatch):
    files, opened = [], tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: files.append(opened()) or files[-1])
    lying(server, Answer(200, endless()))
    refused(greeter, DigestMismatch)
    gc.collect()
    assert [file.closed for file in files] == [True]
    server.serve(Content.greeter())
    image = pull(greeter).image
    assert not files[1].closed
    del image
    gc.collect()
    assert files[1].closed


def test_a_connection_that_is_cut_within_a_blob_is_told(server, greeter):
    layer = Content.greeter().layers[1]
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(layer), layer[:-9])
    lying(server, Answer(raw=raw))
    said = refused(greeter, RegistryUnreachable)
    assert said == f'Get "http://{server.address}{blob_path(layer)}": unexpected EOF'


def test_a_layer_whose_tar_is_not_what_the_config_promises_is_refused(server, greeter):
    content = Content.greeter()
    content.layers[1] = gzip.compress(b"another tar", mtime=0)
    server.serve(content)
    refused(greeter, ImageError)
    content.layers[1] = gzip.compress(bytes(1024), mtime=0)
    server.serve(content)
    assert "diff_id" in refused(greeter, DigestMismatch)


def test_a_hostile_layer_is_read_as_strictly_as_one_in_a_file(server, greeter):
    import io
    import tarfile

    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("../../etc/passwd"))
    data = tar.getvalue()
    config = json.loads(GREETER.config.raw)
    config["rootfs"]["diff_ids"] = [f"sha256:{hashlib.sha256(data).hexdigest()}"]
    server.serve(Content([gzip.compress(data, mtime=0)], json.dumps(config).encode()))
    assert "could lead out of the layer" in refused(greeter, InvalidLayer)


def test_a_blob_that_is_missing_is_named(server, greeter):
    lying(server, error(404, "BLOB_UNKNOWN", "blob unknown to registry"))
    assert refused(greeter, NotInRegistry) == "blob unknown: blob unknown to registry"
    layer = lying(server, Answer(404, b"gone"))
    assert refused(greeter, NotInRegistry) == f"http://{server.address}{blob_path(layer)}: 404 Not Found"


# redirects


def test_a_blob_may_lie_on_another_host(server, greeter):
    layer = Content.greeter().layers[1]
    with serving() as other:
        other.answers["/store"] = Answer(200, layer)
        lying(server, Answer(307, b"", {"Location": f"http://{other.address}/store?sign=1"}))
        assert pull(greeter).image.layers == GREETER.layers
        assert other.paths("GET") == ["/store?sign=1"]


def test_a_blob_that_lies_elsewhere_is_verified_too(server, greeter):
    layer = Content.greeter().layers[1]
    with serving() as other:
        other.answers["/store"] = Answer(200, bytes(len(layer)))
        lying(server, Answer(302, b"", {"Location": f"http://{other.address}/store"}))
        assert "was promised" in refused(greeter, DigestMismatch)


def test_redirects_without_end_come_to_one(server, greeter):
    layer = Content.greeter().layers[1]
    lying(server, Answer(307, b"", {"Location": blob_path(layer)}))
    assert "from place to place, more than 5 times" in refused(greeter, RegistryError)
    assert server.paths("GET").count(blob_path(layer)) == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://192.0.2.1/layer",
        "http://localhost.example/layer",
        "ftp://127.0.0.1/layer",
        "file:///etc/passwd",
        "https://learner:secret@127.0.0.1/",
        "https://",
        "http://[::1",
        "http://127.0.0.1:port/",
        "//192.0.2.1/x",
        "https://caf\u00e9.example/",
        "https://a b/",
        "https://localhost:0/",
        "https://localhost:65536/",
        "https://a..example/",
        f"https://{'a' * 64}.example/",
    ],
)
def test_a_redirect_to_a_place_that_may_not_be_is_refused(server, greeter, location):
    lying(server, Answer(307, b"", {"Location": location}))
    said = refused(greeter, RegistryError)
    assert "sends its client to" in said or "Invalid URL in location header" in said


# answers that refuse, put off, or are none


def manifests(server, answer):
    server.answers |= {"/v2/": Answer(200), "/v2/greeter/manifests/1": answer}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            error(404, "MANIFEST_UNKNOWN", "manifest unknown"),
            "manifest for {} not found: manifest unknown: manifest unknown",
        ),
        (Answer(404, b"<html>"), "manifest for {} not found: manifest unknown: manifest unknown"),
        (
            error(404, "NAME_UNKNOWN", "repository name not known to registry"),
            "repository {name} not found: name unknown: repository name not known to registry",
        ),
        (
            error(403, "DENIED", "requested access to the resource is denied"),
            "pull access denied for {name}, repository does not exist or may require 'docker login': "
            "denied: requested access to the resource is denied",
        ),
        (
            Answer(403),
            "pull access denied for {name}, repository does not exist or may require 'docker login': "
            "denied: requested access to the resource is denied",
        ),
        (error(401, "UNAUTHORIZED", "authentication required"), "unauthorized: authentication required"),
        (Answer(401), "unauthorized: authentication required"),
        (
            error(429, "TOOMANYREQUESTS", "You have reached your pull rate limit."),
            "toomanyrequests: You have reached your pull rate limit.",
        ),
        (Answer(500), "received unexpected HTTP status: 500 Internal Server Error"),
        (Answer(500, endless()), "received unexpected HTTP status: 500 Internal Server Error"),
        (Answer(599), "received unexpected HTTP status: 599"),
        (Answer(204), "received unexpected HTTP status: 204 No Content"),
        (Answer(304), "received unexpected HTTP status: 304 Not Modified"),
        (
            error(500, "UNKNOWN", "evil \x1b[2J\nwords " + "x" * 9999),
            "unknown: " + ("evil \\x1b[2J\\nwords " + "x" * 300)[:300],
        ),
        (Answer(500, b'{"errors": [7]}'), "received unexpected HTTP status: 500 Internal Server Error"),
        (Answer(500, b'{"errors": {"code": "A"}}'), "received unexpected HTTP status: 500 Internal Server Error"),
    ],
)
def test_a_refusal_is_told_in_dockers_words(server, greeter, answer, words):
    answer.headers["Retry-After"] = "0"
    manifests(server, answer)
    assert refused(greeter) == words.format(greeter.familiar, name=greeter.familiar_name)


def test_what_is_put_off_is_tried_again(server, greeter):
    content = server.serve(Content.greeter())
    late = [Answer(429, b"", {"Retry-After": "0"}), Answer(503, b"", {"Retry-After": "Mon, 01 Jan 2024 00:00:00 GMT"})]
    server.answers["/v2/greeter/manifests/1"] = [*late, Answer(200, content.manifest, {"Content-Type": MANIFEST})]
    assert pull(greeter).image.layers == GREETER.layers


def test_what_is_put_off_for_ever_is_given_up(server, greeter):
    manifests(server, Answer(429, b"", {"Retry-After": "0"}))
    assert refused(greeter, RegistryError) == "received unexpected HTTP status: 429 Too Many Requests"
    assert server.paths("GET").count("/v2/greeter/manifests/1") == 4


def test_who_is_put_off_for_an_hour_does_not_wait(server, greeter, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail(f"waits {seconds} s"))
    manifests(server, Answer(429, b"", {"Retry-After": "3600"}))
    refused(greeter, RegistryError)
    assert server.paths("GET").count("/v2/greeter/manifests/1") == 1


@pytest.mark.parametrize(
    ("said", "seconds"), [("", [1, 2, 4]), ("soon", [1, 2, 4]), ("7", [7, 7, 7]), ("-1", [1, 2, 4])]
)
def test_the_wait_is_the_one_that_the_registry_says_or_grows(server, greeter, monkeypatch, said, seconds):
    waits = []
    monkeypatch.setattr("course.transport.registry.client.time.sleep", waits.append)
    manifests(server, Answer(503, b"", {"Retry-After": said}))
    refused(greeter, RegistryError)
    assert [wait for wait in waits if wait >= 1] == seconds


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "EOF"),
        (b"HTTP/1.1 200 OK\r\nContent-", "EOF"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "malformed HTTP response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "malformed HTTP response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", "malformed HTTP response"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "malformed HTTP response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", "unexpected EOF"),
        (b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 300_000 + b"\r\n\r\n", "malformed HTTP response"),
        (b"HTTP/1.1 200 OK\r\n" + b"X-A: a\r\n" * 50_000 + b"\r\n", "malformed HTTP response"),
    ],
    ids=["nothing", "half", "ssh", "negative", "two lengths", "bad chunk", "cut", "long header", "many headers"],
)
def test_what_is_no_answer_is_told(server, greeter, raw, words):
    manifests(server, Answer(raw=raw))
    said = refused(greeter, RegistryUnreachable)
    assert said.startswith(f'Get "http://{server.address}/v2/greeter/manifests/1": ')
    assert words in said


def test_where_nobody_listens_is_told_in_dockers_words(greeter):
    address = greeter.domain
    with serving() as gone:
        address = gone.address
    reference = Reference.parse(f"{address}/greeter:1")
    assert refused(reference, RegistryUnreachable) == (
        f'Get "http://{address}/v2/": dial tcp {address}: connect: connection refused'
    )


@pytest.mark.parametrize("domain", ["localhost:99999", "localhost:0", f"{'a' * 64}.example", "[1::2::3]", "[:]:80"])
def test_an_address_that_no_registry_can_have_is_refused(domain):
    said = refused(Reference.parse(f"{domain}/greeter:1"), RegistryError)
    assert said == f"{domain}/greeter:1: '{domain}' is no address that a registry could have."


def test_a_server_that_is_no_registry_is_told(server, greeter):
    server.answers["/v2/"] = Answer(404, b"<html>")
    assert refused(greeter, RegistryError) == f"http://{server.address}: there is no registry there."


def test_a_server_that_keeps_its_client_waiting_is_left(server, greeter, monkeypatch):
    import threading

    enough = threading.Event()
    server.serve(Content.greeter())
    server.answers["/v2/"] = lambda request: enough.wait(30) and Answer(200)
    monkeypatch.setattr("course.transport.registry.client.ANSWER", 0.05)
    try:
        assert "Client.Timeout exceeded" in refused(greeter, RegistryUnreachable)
    finally:
        enough.set()

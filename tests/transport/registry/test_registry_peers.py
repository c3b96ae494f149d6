"""Debian's docker-registry, skopeo and podman: what they have we read, and what we push they read."""

import base64
import json
import subprocess
import time

import pytest
from debian_registry import docker_registry
from registry_server import Answer, serving

from course.errors import AccessDenied, NotInRegistry
from course.layers.reference import Reference
from course.layers.small_image import small_image
from course.transport.reading import open_image
from course.transport.registry import uploading
from course.transport.registry.authentication import Credentials
from course.transport.registry.pulling import pull
from course.transport.registry.pushing import push
from course.transport.registry.tags import tags
from course.transport.writing import save_image

GREETER = small_image()
LEARNER = Credentials("learner", "secret")
HTPASSWD = "learner:$2y$05$TNsGC5/0U9KRMinP/Kgg.OG125/fjs2.Mc.TCISdmfrs4nS.XA7bm\n"  # bcrypt, of "secret"

pytestmark = pytest.mark.peer("docker-registry")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with docker_registry(tmp_path_factory.mktemp("registry")) as address:
        yield address


def skopeo(*command, check=True):
    return subprocess.run(["skopeo", *command], check=check, capture_output=True)


def test_what_was_pushed_is_pulled_equal(address):
    reference = Reference.parse(f"{address}/team/greeter:1")
    pushed = push(GREETER, reference)
    pulled = pull(reference)
    assert (pulled.image.layers, pulled.image.config) == (GREETER.layers, GREETER.config)
    assert pulled.digest == pushed.digest
    assert pull(Reference.parse(f"{address}/team/greeter@{pushed.digest}")).image.config == GREETER.config


def test_a_second_push_transfers_nothing_and_a_neighbour_mounts(address):
    first = push(GREETER, Reference.parse(f"{address}/second:1"))
    again = push(GREETER, Reference.parse(f"{address}/second:2"))
    beside = push(pull(Reference.parse(f"{address}/second:1")).image, Reference.parse(f"{address}/beside:1"), "second")
    assert {one.status for one in first.layers} == {"Pushed"}
    assert {one.status for one in again.layers} == {"Layer already exists"}
    assert {one.status for one in beside.layers} == {"Mounted from second"}
    assert first.digest == again.digest == beside.digest
    assert sorted(tags(Reference.parse(f"{address}/second"))) == ["1", "2"]


def test_in_pieces_it_arrives_as_well(address, monkeypatch):
    monkeypatch.setattr(uploading, "CHUNK", 100)
    monkeypatch.setattr(uploading, "_least_piece", lambda response: 100)
    reference = Reference.parse(f"{address}/pieces:1")
    assert {one.status for one in push(GREETER, reference).layers} == {"Pushed"}
    assert pull(reference).image.layers == GREETER.layers


def test_what_is_not_there_is_told_in_dockers_words(address):
    push(GREETER, Reference.parse(f"{address}/there:1"))
    for name in ("there:9", "nowhere:1"):
        with pytest.raises(NotInRegistry) as caught:
            pull(Reference.parse(f"{address}/{name}"))
        assert str(caught.value) == f"manifest for {address}/{name} not found: manifest unknown: manifest unknown"


@pytest.mark.peer("skopeo")
@pytest.mark.parametrize("form", ["v2s2", "oci"])
def test_what_skopeo_pushed_is_pulled_equal(address, tmp_path, form):
    save_image([GREETER], tmp_path / "greeter.tar")
    source = f"docker-archive:{tmp_path / 'greeter.tar'}:greeter:1"
    name = f"{address}/skopeo/{form}:1"
    skopeo("--insecure-policy", "copy", "--dest-tls-verify=false", f"--format={form}", source, f"docker://{name}")
    pulled = pull(Reference.parse(name)).image
    assert pulled.layers == GREETER.layers
    assert pulled.config.run == GREETER.config.run
    pushed = push(pulled, Reference.parse(f"{address}/again/{form}:1"), f"skopeo/{form}")
    assert {one.status for one in pushed.layers} == {f"Mounted from skopeo/{form}"}, "the same bytes as it came with"


@pytest.mark.peer("skopeo")
def test_skopeo_reads_what_was_pushed(address, tmp_path):
    name = f"{address}/for/skopeo:1"
    pushed = push(GREETER, Reference.parse(name))
    seen = json.loads(skopeo("inspect", "--tls-verify=false", f"docker://{name}").stdout)
    assert seen["Digest"] == pushed.digest
    assert seen["Layers"] == [one.digest for one in pushed.layers]
    layout = f"oci:{tmp_path / 'layout'}:1"
    skopeo("--insecure-policy", "copy", "--src-tls-verify=false", f"docker://{name}", layout)
    assert open_image(tmp_path / "layout").layers == GREETER.layers


@pytest.mark.linux
@pytest.mark.root
@pytest.mark.peer("podman")
def test_podman_pulls_what_was_pushed(address, tmp_path_factory):
    folder = tmp_path_factory.mktemp("p")  # podman takes no run root of more than 50 characters
    name = f"{address}/for/podman:1"
    push(GREETER, Reference.parse(name))
    own = ["podman", f"--root={folder / 'root'}", f"--runroot={folder / 'run'}", "--storage-driver=vfs"]
    pulled = subprocess.run(
        [*own, "pull", "-q", "--tls-verify=false", name], check=True, capture_output=True, text=True
    )
    assert f"sha256:{pulled.stdout.strip()}" == GREETER.image_id


def test_behind_a_password(tmp_path):
    (tmp_path / "htpasswd").write_text(HTPASSWD)
    lock = {"htpasswd": {"realm": "here", "path": str(tmp_path / "htpasswd")}}
    with docker_registry(tmp_path, auth=lock) as address:
        reference = Reference.parse(f"{address}/greeter:1")
        push(GREETER, reference, credentials=LEARNER)
        assert pull(reference, credentials=LEARNER).image.layers == GREETER.layers
        with pytest.raises(AccessDenied) as caught:
            pull(reference)
        assert str(caught.value) == f'Head "http://{address}/v2/greeter/manifests/1": no basic auth credentials'
        with pytest.raises(AccessDenied) as caught:
            pull(reference, credentials=Credentials("learner", "wrong"))
        assert str(caught.value) == "unauthorized: authentication required"


@pytest.mark.peer("openssl")
def test_behind_tokens(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=tokens", "-keyout", key]
    subprocess.run([*command, "-out", certificate], check=True, capture_output=True)
    with serving() as server:
        server.answers["/token"] = lambda request: give_token(request, key, certificate)
        lock = {
            "realm": f"http://{server.address}/token",
            "service": "here",
            "issuer": "tokens",
            "rootcertbundle": str(certificate),
        }
        with docker_registry(tmp_path, auth={"token": lock}) as address:
            reference = Reference.parse(f"{address}/greeter:1")
            push(GREETER, reference, credentials=LEARNER)
            assert pull(reference).image.layers == GREETER.layers
            with pytest.raises(AccessDenied) as caught:
                push(GREETER, Reference.parse(f"{address}/other:1"))
            assert str(caught.value) == "denied: requested access to the resource is denied"
            with pytest.raises(AccessDenied) as caught:
                pull(Reference.parse(f"{address}/secret/greeter:1"))
            assert str(caught.value) == (
                f"pull access denied for {address}/secret/greeter, repository does not exist or may require "
                "'docker login': denied: requested access to the resource is denied"
            )


def give_token(request, key, certificate):
    """Answer as a token server: whoever has the password may push, and all may pull what is no secret."""
    from urllib.parse import parse_qs, urlsplit

    access = []
    for scope in parse_qs(urlsplit(request.path).query).get("scope", []):
        kind, name, actions = scope.split(":")
        allowed = {"pull", "push"} if request.authorization == LEARNER.basic else {"pull"}
        allowed = set() if name.startswith("secret/") else allowed
        access.append({"type": kind, "name": name, "actions": sorted(allowed & set(actions.split(",")))})
    now = int(time.time())
    body = "".join(certificate.read_text().splitlines()[1:-1])
    head = {"typ": "JWT", "alg": "RS256", "x5c": [body]}
    claims = {"iss": "tokens", "sub": "", "aud": "here", "exp": now + 300, "nbf": now - 10, "iat": now, "jti": "1"}
    signed = b".".join(encoded(json.dumps(part).encode()) for part in (head, claims | {"access": access}))
    command = ["openssl", "dgst", "-sha256", "-sign", key]
    signature = subprocess.run(command, input=signed, check=True, capture_output=True).stdout
    return Answer(200, json.dumps({"token": (signed + b"." + encoded(signature)).decode()}).encode())


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")

"""HTTPS: certificates are verified, and nothing leads from there to a connection that others can read."""

import socket
import subprocess

import pytest
from registry_server import Answer, Content, error, serving

from course.errors import AccessDenied, CourseError, RegistryError, RegistryUnreachable
from course.layers.reference import Reference
from course.layers.small_image import small_image
from course.transport.registry.authentication import Credentials
from course.transport.registry.pulling import pull

pytestmark = pytest.mark.peer("openssl")

NAMES = ("registry.site.example", "store.test", "auth.site.example")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    names = ",".join(f"DNS:{name}" for name in NAMES)
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=registry",
    ]
    made = [*command, "-addext", f"subjectAltName={names}", "-keyout", "-", "-out", "-"]
    path.write_bytes(subprocess.run(made, check=True, capture_output=True).stdout)
    return path


@pytest.fixture(autouse=True)
def _names_lead_here(monkeypatch):
    asked = socket.getaddrinfo

    def here(host, *rest, **more):
        return asked("127.0.0.1" if host.rpartition(".")[2] in ("example", "test") else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def registry(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(certificate) as registry:
        yield registry


def name(registry, host="registry.site.example"):
    return Reference.parse(f"{host}:{registry.server_port}/greeter:1")


def refused(reference, kind=CourseError, credentials=None):
    with pytest.raises(kind) as caught:
        pull(reference, credentials=credentials)
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_a_registry_elsewhere_is_asked_over_https(registry):
    registry.serve(Content.greeter())
    assert pull(name(registry)).image.layers == small_image().layers


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate):
    with serving(certificate) as unknown:
        said = refused(name(unknown), RegistryUnreachable)
        assert "tls: failed to verify certificate: x509: self-signed certificate" in said
        assert unknown.requests == []


def test_a_certificate_for_another_name_is_refused(registry):
    said = refused(name(registry, "other.example"), RegistryUnreachable)
    assert "x509: Hostname mismatch" in said
    assert registry.requests == []


def test_a_registry_elsewhere_that_speaks_plain_http_is_refused(certificate):
    with serving() as plain:
        said = refused(name(plain), RegistryUnreachable)
        place = f"https://registry.site.example:{plain.server_port}/v2/"
        assert said == f'Get "{place}": http: server gave HTTP response to HTTPS client'
        assert plain.requests == []


def test_nothing_leads_from_https_to_http_not_even_on_this_machine(registry):
    content = registry.serve(Content.greeter())
    path = next(path for path in content.answers() if "/blobs/" in path)
    with serving() as plain:
        registry.answers[path] = Answer(307, b"", {"Location": f"http://{plain.address}{path}"})
        assert "expected an address that begins with https" in refused(name(registry), RegistryError)
        assert plain.requests == []


def test_a_blob_may_lie_on_another_host_which_learns_no_password(registry, certificate):
    content = registry.serve(Content.greeter())
    registry.answers["/v2/"] = [
        error(401, "UNAUTHORIZED", **{"WWW-Authenticate": 'Basic realm="x"'}),
        Answer(200),
    ]
    with serving(certificate) as store:
        store.answers |= content.answers()
        for path in content.answers():
            if "/blobs/" in path:
                place = f"https://store.test:{store.server_port}{path}"
                registry.answers[path] = Answer(307, b"", {"Location": place})
        pulled = pull(name(registry), credentials=Credentials("learner", "secret"))
        assert pulled.image.layers == small_image().layers
        assert registry.requests[-1].authorization.startswith("Basic ")
        assert {request.authorization for request in store.requests} == {""}


@pytest.mark.parametrize(("host", "is_sent"), [("auth.site.example", True), ("store.test", False)])
def test_a_password_goes_to_the_token_server_of_the_same_domain(registry, certificate, host, is_sent):
    registry.serve(Content.greeter())
    with serving(certificate) as tokens:
        tokens.answers["/token"] = Answer(200, b'{"token": "abc"}')
        realm = f'Bearer realm="https://{host}:{tokens.server_port}/token"'
        asked = error(401, "UNAUTHORIZED", **{"WWW-Authenticate": realm})
        registry.answers["/v2/"] = lambda request: Answer(200) if request.authorization else asked
        learner = Credentials("learner", "secret")
        if is_sent:
            assert pull(name(registry), credentials=learner).image.config == small_image().config
            assert registry.requests[-1].authorization == "Bearer abc"
        else:
            assert "another host; it was not sent" in refused(name(registry), AccessDenied, learner)
            assert tokens.requests == []

"""Who asks: tokens and passwords go where they belong, and to no other host."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry_server import MANIFEST, Answer, Content, endless, error, serving

from course.errors import AccessDenied, CourseError, InvalidDocument, LimitExceeded, RegistryError, RegistryUnreachable
from course.layers.small_image import small_image
from course.transport.registry.addresses import same_site
from course.transport.registry.authentication import Credentials, read_challenge
from course.transport.registry.pulling import pull
from course.transport.registry.pushing import push

LEARNER = Credentials("learner", "secret")
BASIC = "Basic " + base64.b64encode(b"learner:secret").decode()


def challenge(said):
    return error(401, "UNAUTHORIZED", "authentication required", **{"WWW-Authenticate": said})


def behind(server, said, expected):
    """Serve greeter:1 to whoever has the header "Authorization" that is ``expected``."""
    content = Content.greeter()
    asked = challenge(said)
    server.answers |= {
        path: (lambda request, answer=answer: answer if request.authorization == expected else asked)
        for path, answer in content.answers().items()
    }
    return content


def bearer(server, **more):
    said = {"realm": f"http://{server.address}/token", "service": "registry.example"} | more
    return "Bearer " + ",".join(f'{name}="{value}"' for name, value in said.items())


def refused(reference, kind=CourseError, credentials=LEARNER):
    with pytest.raises(kind) as caught:
        pull(reference, credentials=credentials)
    assert str(caught.value).isprintable()
    assert "secret" not in str(caught.value)
    return str(caught.value)


def test_a_password_is_given_to_whoever_asks_for_it_and_not_before(server, greeter):
    behind(server, 'Basic realm="x"', BASIC)
    assert len(pull(greeter, credentials=LEARNER).layers) == 4
    assert [request.authorization for request in server.requests][:3] == ["", BASIC, BASIC]


def test_without_a_password_there_is_dockers_sentence(server, greeter):
    behind(server, 'Basic realm="x"', BASIC)
    address = f"http://{server.address}/v2/greeter/manifests/1"
    assert refused(greeter, AccessDenied, None) == f'Head "{address}": no basic auth credentials'
    with pytest.raises(AccessDenied) as caught:
        push(small_image(), greeter)
    assert str(caught.value) == "no basic auth credentials"


def test_a_wrong_password_is_refused_once(server, greeter):
    behind(server, 'Basic realm="x"', "Basic other")
    assert refused(greeter, AccessDenied) == "unauthorized: authentication required"
    assert server.paths("GET") == ["/v2/"] * 2 + ["/v2/greeter/manifests/1"]


def test_a_token_is_fetched_for_what_is_to_be_done(server, greeter):
    behind(server, bearer(server, scope="repository:other:delete"), "Bearer abc")
    server.answers["/token"] = Answer(200, b'{"token": "abc"}')
    assert len(pull(greeter).layers) == 4
    (path,) = [path for path in server.paths("GET") if path.startswith("/token")]
    assert path == "/token?service=registry.example&scope=repository%3Agreeter%3Apull"
    pull(greeter, credentials=LEARNER)
    asked = [request for request in server.requests if request.path.startswith("/token")][-1]
    assert asked.authorization == BASIC
    assert asked.path.endswith("&account=learner")
    assert {request.authorization for request in server.requests} == {"", BASIC, "Bearer abc"}


def test_an_access_token_is_as_good(server, greeter):
    behind(server, bearer(server), "Bearer abc")
    server.answers["/token"] = Answer(200, b'{"access_token": "abc"}')
    assert len(pull(greeter).layers) == 4


def test_a_token_that_has_run_out_is_fetched_again(server, greeter):
    content = behind(server, bearer(server), "Bearer abc")
    server.answers["/token"] = Answer(200, b'{"token": "abc"}')
    path = "/v2/greeter/manifests/1"
    server.answers[path] = [challenge(bearer(server)), Answer(200, content.manifest, {"Content-Type": MANIFEST})]
    assert len(pull(greeter).layers) == 4


def test_a_token_that_will_not_do_is_not_tried_for_ever(server, greeter):
    behind(server, bearer(server), "Bearer other")
    server.answers["/token"] = Answer(200, b'{"token": "abc"}')
    assert refused(greeter, AccessDenied) == "unauthorized: authentication required"
    assert len(server.requests) < 8


def test_a_token_that_does_not_reach_so_far_is_dockers_pull_access_denied(server, greeter):
    behind(server, bearer(server, error="insufficient_scope"), "Bearer other")
    server.answers["/token"] = Answer(200, b'{"token": "abc"}')
    assert refused(greeter, AccessDenied) == (
        f"pull access denied for {greeter.name}, repository does not exist or may require 'docker login': "
        "denied: requested access to the resource is denied"
    )
    server.answers["POST *"] = challenge(bearer(server, error="insufficient_scope"))
    with pytest.raises(AccessDenied) as caught:
        push(small_image(), greeter)
    assert str(caught.value) == "denied: requested access to the resource is denied"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Bearer",
        "Bearer realm",
        'Bearer realm=""',
        'Digest realm="http://127.0.0.1/", nonce="x"',
        "Bearer " + "a=" * 20000,
        'Bearer realm="ftp://127.0.0.1/token"',
        'Bearer realm="file:///etc/passwd"',
        'Bearer realm="http://192.0.2.1/token"',
        'Bearer realm="http://other:word@127.0.0.1/token"',
        'Bearer realm="http://[::1/token"',
        'Bearer realm="https://\xe9.example/token"',
        'Bearer realm="gopher://x"',
    ],
)
def test_a_weird_challenge_is_refused(server, greeter, said):
    behind(server, said, "Bearer abc")
    refused(greeter, RegistryError)
    assert {request.authorization for request in server.requests} == {""}


def test_a_password_for_a_registry_is_not_sent_to_a_host_of_another_domain(server, greeter):
    behind(server, 'Bearer realm="https://auth.evil.example/token"', "Bearer abc")
    assert "another host; it was not sent" in refused(greeter, AccessDenied)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(200, b"<html>"), InvalidDocument),
        (Answer(200, b"[]"), InvalidDocument),
        (Answer(200, b"{}"), RegistryError),
        (Answer(200, b'{"token": 7}'), InvalidDocument),
        (Answer(200, b'{"token": ""}'), RegistryError),
        (Answer(200, b'{"token": "a\\r\\nX-Evil: 1"}'), RegistryError),
        (Answer(200, b'{"token": "a b"}'), RegistryError),
        (Answer(200, b'{"token": "\\u00e9"}'), RegistryError),
        (Answer(200, endless()), LimitExceeded),
        (Answer(302, b"", {"Location": "https://evil.example/"}), RegistryError),
        (Answer(401, b'{"details": "incorrect username or password"}'), AccessDenied),
        (Answer(500), RegistryError),
        (Answer(raw=b""), RegistryUnreachable),
    ],
)
def test_a_hostile_token_server_is_refused(server, greeter, answer, kind):
    behind(server, bearer(server), "Bearer abc")
    server.answers["/token"] = answer
    refused(greeter, kind)


def test_the_token_server_that_is_not_there_is_the_one_that_is_named(server, greeter):
    with serving() as gone:
        said = bearer(gone)
    behind(server, said, "Bearer abc")
    assert f"{gone.address}: connect: connection refused" in refused(greeter, RegistryUnreachable)


@pytest.mark.parametrize("said", ['Basic realm="x"', "bearer"])
def test_credentials_do_not_follow_a_blob_to_another_host(server, greeter, said):
    expected = BASIC if "Basic" in said else "Bearer abc"
    content = behind(server, said if "Basic" in said else bearer(server), expected)
    server.answers["/token"] = Answer(200, b'{"token": "abc"}')
    with serving() as other:
        place = f"/v2/greeter/blobs/sha256:{'0' * 64}"
        other.answers[place] = Answer(200, content.layers[0])
        path = f"/v2/greeter/blobs/{_digest(content)}"
        server.answers[path] = Answer(307, b"", {"Location": f"http://{other.address}{place}"})
        assert len(pull(greeter, credentials=LEARNER).layers) == 4
        assert [request.authorization for request in other.requests] == [""]


def _digest(content):
    return json.loads(content.manifest)["layers"][0]["digest"]


def test_another_host_cannot_ask_for_the_password(server, greeter):
    content = behind(server, 'Basic realm="x"', BASIC)
    with serving() as other:
        other.answers["/x"] = challenge('Basic realm="x"')
        path = f"/v2/greeter/blobs/{_digest(content)}"
        server.answers[path] = Answer(307, b"", {"Location": f"http://{other.address}/x"})
        refused(greeter, AccessDenied)
        assert [request.authorization for request in other.requests] == [""]


def test_another_host_cannot_name_a_token_server(server, greeter):
    content = server.serve(Content.greeter())
    with serving() as other:
        other.answers |= {"/x": challenge(bearer(other)), "/token": Answer(200, b'{"token": "abc"}')}
        path = f"/v2/greeter/blobs/{_digest(content)}"
        server.answers[path] = Answer(307, b"", {"Location": f"http://{other.address}/x"})
        refused(greeter, AccessDenied)
        assert other.paths("GET") == ["/x"]


def test_a_push_asks_for_the_right_to_push_and_to_mount(server, greeter):
    server.accept_pushes()
    server.answers["/v2/"] = challenge(bearer(server))
    server.answers["/token"] = Answer(200, b'{"token": "abc"}')
    push(small_image("base:1"), greeter, "team/base")
    (path,) = {path for path in server.paths("GET") if path.startswith("/token")}
    assert path.endswith("&scope=repository%3Agreeter%3Apull%2Cpush&scope=repository%3Ateam%2Fbase%3Apull")


def test_a_password_is_not_printed():
    assert "secret" not in repr(LEARNER)


@pytest.mark.parametrize(
    ("headers", "scheme"),
    [
        (['Basic realm="x"', 'Bearer realm="y"'], "bearer"),
        (["Negotiate", 'bAsIc realm="x"'], "basic"),
        (["Basic"], "basic"),
        (["Bearerrealm"], None),
        ([], None),
    ],
)
def test_a_token_is_preferred_to_a_password(headers, scheme):
    found = read_challenge(headers)
    assert (found and found.scheme) == scheme


@given(st.lists(st.text() | st.text(alphabet='Bearer basic="\\,rlm ').map("Bearer {}".format), max_size=3))
def test_any_challenge_is_read(headers):
    read_challenge(headers)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://registry-1.docker.io", "https://auth.docker.io/token", True),
        ("https://registry.example:5000", "https://registry.example", True),
        ("https://registry.example", "https://registry.example.evil.test", False),
        ("https://docker.io", "https://docker.io.evil", False),
        ("https://10.0.0.1", "https://10.9.0.1", False),
        ("https://[2001:db8::1]", "https://[2001:db8::2]", False),
        ("https://host", "https://other", False),
        ("https://a.io", "https://io", False),
    ],
)
def test_one_site_is_one_host_or_one_domain(one, other, same):
    assert same_site(one, other) is same

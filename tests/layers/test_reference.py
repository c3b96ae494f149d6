"""References are taken apart, completed, printed and refused as docker does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.layers.reference import InvalidReference, Reference

SHA256 = "sha256:" + "0123456789abcdef" * 4

# what people type, in full, and as docker prints it
READ = [
    ("greeter", "docker.io/library/greeter", "greeter"),
    ("greeter:1", "docker.io/library/greeter:1", "greeter:1"),
    ("library/greeter:1", "docker.io/library/greeter:1", "greeter:1"),
    ("docker.io/greeter:1", "docker.io/library/greeter:1", "greeter:1"),
    ("index.docker.io/library/greeter", "docker.io/library/greeter", "greeter"),
    ("team/tool:v1.2_3-rc", "docker.io/team/tool:v1.2_3-rc", "team/tool:v1.2_3-rc"),
    ("library/team/tool", "docker.io/library/team/tool", "library/team/tool"),
    ("a/b/c/d", "docker.io/a/b/c/d", "a/b/c/d"),
    ("localhost/tool", "localhost/tool", "localhost/tool"),
    ("localhost:5000/a/b:2", "localhost:5000/a/b:2", "localhost:5000/a/b:2"),
    ("localhost:5000", "docker.io/library/localhost:5000", "localhost:5000"),  # a tag: there is no slash
    ("registry.example/tool", "registry.example/tool", "registry.example/tool"),
    ("Registry/tool", "Registry/tool", "Registry/tool"),  # capitals are for domains only
    ("[::1]:5000/tool:1", "[::1]:5000/tool:1", "[::1]:5000/tool:1"),
    ("127.0.0.1:5000/a__b--c.d", "127.0.0.1:5000/a__b--c.d", "127.0.0.1:5000/a__b--c.d"),
    (f"greeter@{SHA256}", f"docker.io/library/greeter@{SHA256}", f"greeter@{SHA256}"),
    (f"greeter:1@{SHA256}", f"docker.io/library/greeter:1@{SHA256}", f"greeter:1@{SHA256}"),
    ("greeter:" + "t" * 128, "docker.io/library/greeter:" + "t" * 128, "greeter:" + "t" * 128),
]

FORMAT = "invalid reference format"
REFUSED = [
    ("", FORMAT),
    (" ", FORMAT),
    (":1", FORMAT),
    ("greeter:", FORMAT),
    ("greeter:1:2", FORMAT),
    ("greeter:" + "t" * 129, FORMAT),
    ("greeter:-1", FORMAT),
    ("greeter:é", FORMAT),
    ("greeter\n", FORMAT),
    ("greeter:1\n", FORMAT),
    ("-greeter", FORMAT),
    ("greeter-", FORMAT),
    ("a..b", FORMAT),
    ("a___b", FORMAT),
    ("a._b", FORMAT),
    ("a//b", FORMAT),
    ("/a", FORMAT),
    ("a/", FORMAT),
    ("../../etc/passwd", FORMAT),
    ("https://example.org/a", FORMAT),
    ("-example.org/a", FORMAT),
    ("example.org:port/a", FORMAT),
    ("[::1/a", FORMAT),
    ("a@b", FORMAT),
    ("a@sha256:" + "0" * 31, FORMAT),
    ("gr\0eter", FORMAT),
    ("gr\udc80eter", FORMAT),
    ("Foo", f"{FORMAT}: repository name (library/Foo) must be lowercase"),
    ("Foo:Bar", f"{FORMAT}: repository name (library/Foo) must be lowercase"),
    ("localhost:5000/Foo", f"{FORMAT}: repository name (Foo) must be lowercase"),
    ("team/Tool:1", f"{FORMAT}: repository name (team/Tool) must be lowercase"),
    (
        "0123456789abcdef" * 4,
        f"invalid repository name ({'0123456789abcdef' * 4}), cannot specify 64-byte hexadecimal strings",
    ),
    ("a/" * 150 + "a", "repository name must not be more than 255 characters"),
    ("a@sha256:" + "0" * 63, "invalid checksum digest length"),
    ("a@sha256:" + "A" * 64, "invalid checksum digest format"),
    ("a:1@SHA256:" + "0" * 64, "invalid checksum digest format"),
    ("a@SHA256:" + "0" * 64, f"{FORMAT}: repository name (library/a@SHA256) must be lowercase"),
    ("F\noo", f"{FORMAT}: repository name (library/F\\noo) must be lowercase"),
    ("a@md5:" + "0" * 32, "unsupported digest algorithm"),
]


@pytest.mark.parametrize(("text", "full", "familiar"), READ)
def test_a_reference_has_a_full_and_a_familiar_form(text, full, familiar):
    reference = Reference.parse(text)
    assert str(reference) == full
    assert reference.familiar == familiar
    assert Reference.parse(full) == Reference.parse(familiar) == reference


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_what_is_no_reference_is_refused_in_dockers_words(text, words):
    with pytest.raises(InvalidReference) as caught:
        Reference.parse(text)
    assert str(caught.value) == words


def test_the_tag_is_latest_where_nothing_is_said():
    assert Reference.parse("greeter").tagged.tag == "latest"
    assert Reference.parse("greeter:1").tagged.tag == "1"
    assert Reference.parse(f"greeter@{SHA256}").tagged.tag == ""


def test_the_name_is_without_tag_and_digest():
    reference = Reference.parse(f"localhost:5000/a/b:2@{SHA256}")
    assert (reference.name, reference.familiar_name) == ("localhost:5000/a/b",) * 2
    assert Reference.parse("library/greeter:1").familiar_name == "greeter"
    assert Reference.parse("greeter:1").name == "docker.io/library/greeter"


COMPONENT = st.from_regex(r"[a-z0-9]{1,5}(?:(?:[._]|__|-{1,3})[a-z0-9]{1,5}){0,2}", fullmatch=True)
DOMAIN = st.sampled_from(
    ["docker.io", "localhost", "localhost:5000", "registry.example", "Host", "[::1]:80", "10.0.0.1"]
)
TAG = st.just("") | st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)


@given(DOMAIN, st.lists(COMPONENT, min_size=1, max_size=4).map("/".join), TAG, st.sampled_from(["", SHA256]))
def test_the_full_form_reads_back_as_the_same_reference(domain, path, tag, digest):
    full_path = f"library/{path}" if domain == "docker.io" and "/" not in path else path
    reference = Reference(domain, full_path, tag, digest)
    assert Reference.parse(str(reference)) == reference


@given(
    st.lists(COMPONENT, min_size=1, max_size=4).filter(lambda parts: "." not in parts[0] and parts[0] != "localhost"),
    TAG,
)
def test_the_familiar_form_reads_back_as_the_same_reference(parts, tag):
    text = "/".join(parts) + (f":{tag}" if tag else "")
    reference = Reference.parse("docker.io/" + text)
    assert Reference.parse(reference.familiar) == reference


@given(st.text(max_size=40) | st.text(alphabet="aA0._-/:@[]\n", max_size=40))
def test_any_text_is_read_or_refused_in_one_line(text):
    try:
        reference = Reference.parse(text)
    except InvalidReference as error:
        assert str(error).isprintable()  # noqa: PT017 (what is read is a fact too)
    else:
        assert Reference.parse(str(reference)) == reference

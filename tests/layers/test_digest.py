"""Digests and chain_ids follow the OCI image specification."""

import hashlib

import pytest

from course.errors import InvalidDocument
from course.layers.digest import chain_id, checked_digest, sha256, short

# The worked example of image-spec config.md, "Layer ChainID": the digests are those of these texts.
A, B, C = (f"sha256:{hashlib.sha256(text).hexdigest()}" for text in (b"a", b"b", b"c"))


def test_the_empty_object_has_the_digest_that_the_specification_prints():
    assert sha256(b"{}") == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_chunks_give_the_digest_of_their_sum():
    assert sha256([b"{", b"", b"}"]) == sha256(b"{}")


def test_the_chain_id_of_one_layer_is_its_diff_id():
    assert chain_id([A]) == A


def test_each_layer_is_chained_to_all_below_it():
    two = "sha256:" + hashlib.sha256(f"{A} {B}".encode()).hexdigest()
    three = "sha256:" + hashlib.sha256(f"{two} {C}".encode()).hexdigest()
    assert chain_id([A, B]) == two
    assert chain_id([A, B, C]) == three


def test_the_order_of_layers_matters():
    assert chain_id([A, B]) != chain_id([B, A])


def test_no_layers_have_no_chain_id():
    with pytest.raises(ValueError, match="no chain_id"):
        chain_id([])


def test_a_short_id_is_twelve_digits():
    assert short(sha256(b"{}")) == "44136fa355b3"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "44136fa3",
        "sha256:",
        "sha256:" + "A" * 64,
        "sha256:" + "0" * 63,
        "sha512:" + "0" * 128,
        "sha256:../../x",
        None,
        7,
    ],
)
def test_what_is_no_digest_is_refused_before_it_becomes_a_path(text):
    with pytest.raises(InvalidDocument, match=r"index\.json.*no digest"):
        checked_digest(text, "index.json")


def test_a_digest_with_a_line_end_is_refused():
    with pytest.raises(InvalidDocument):
        checked_digest(sha256(b"") + "\n", "index.json")

"""The tags of a repository, page by page, from registries that are honest and from ones that are not."""

import json

import pytest
from registry_server import Answer, error

from course.errors import CourseError, InvalidDocument, LimitExceeded, NotInRegistry, RegistryError
from course.transport.registry.tags import tags

LIST = "/v2/greeter/tags/list"


@pytest.fixture
def listing(server):
    server.answers["/v2/"] = Answer(200)
    return server


def page(*names, following=""):
    link = {"Link": f'<{following}>; rel="next"'} if following else {}
    return Answer(200, json.dumps({"name": "greeter", "tags": names}).encode(), link)


def test_tags_come_from_all_pages_in_the_order_of_the_registry(listing, greeter):
    listing.answers[LIST] = [page("2", "1", following=f"{LIST}?last=1&n=2"), page("3")]
    assert tags(greeter) == ["2", "1", "3"]
    assert listing.paths("GET")[1:] == [LIST, f"{LIST}?last=1&n=2"]


@pytest.mark.parametrize(
    "link", ["", "<", '<>; rel="next"', "a;b;c", "<" * 1000, "</x>; rel", '</x>; rel="last"', ";=,<"]
)
def test_a_link_that_leads_nowhere_ends_the_list(listing, greeter, link):
    listing.answers[LIST] = Answer(200, b'{"tags": ["1"]}', {"Link": link})
    assert tags(greeter) == ["1"]


def test_a_repository_without_tags_has_none(listing, greeter):
    listing.answers[LIST] = Answer(200, b'{"name": "greeter", "tags": null}')
    assert tags(greeter) == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(200, b"<html>"), InvalidDocument),
        (Answer(200, b'{"tags": {}}'), InvalidDocument),
        (Answer(200, b'{"tags": [1]}'), InvalidDocument),
        (error(404, "NAME_UNKNOWN", "repository name not known to registry"), NotInRegistry),
        (page("1", following=LIST), LimitExceeded),
        (page("1", following="http://127.0.0.1:1/"), RegistryError),
        (page("1", following="http://192.0.2.1/"), RegistryError),
    ],
)
def test_a_list_that_is_none_is_refused(listing, greeter, answer, kind):
    listing.answers[LIST] = answer
    with pytest.raises(CourseError) as caught:
        tags(greeter)
    assert type(caught.value) is kind
    assert str(caught.value).isprintable()

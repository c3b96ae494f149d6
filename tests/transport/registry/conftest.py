"""A registry of the tests' own, and a place for temporary files that must be empty in the end."""

import tempfile

import pytest
from registry_server import serving

from course.layers.reference import Reference


@pytest.fixture
def server():
    with serving() as server:
        yield server


@pytest.fixture
def greeter(server):
    return Reference.parse(f"{server.address}/greeter:1")


@pytest.fixture(autouse=True)
def _no_file_stays(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []

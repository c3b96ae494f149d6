"""The build context: what of a folder, or a tar, COPY may take."""

import gzip
import os
import socket
import sys

import pytest

from course.engine.build import context as build_context
from course.engine.build.archives import context_from_tar, is_archive
from course.engine.build.context import context_from_folder
from course.engine.build.refusal import ContextError, DockerfileError
from course.layers.archive import tar_bytes
from course.layers.entry import Kind, file, symlink
from course.layers.layer import Layer

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes, links and sockets are those of POSIX")


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "app"
    (root / "src" / "deep").mkdir(parents=True)
    (root / "a.txt").write_bytes(b"hello")
    (root / "src" / "b.log").write_bytes(b"log")
    (root / "src" / "deep" / "c.py").write_bytes(b"")
    return root


def test_a_folder_is_read_whole(folder):
    layer = context_from_folder(folder)
    assert list(layer.entries) == ["/a.txt", "/src", "/src/b.log", "/src/deep", "/src/deep/c.py"]
    assert layer.entries["/a.txt"].read() == b"hello"
    assert {(entry.uid, entry.gid) for entry in layer.entries.values()} == {(0, 0)}


def test_the_context_is_a_value(folder):
    layer = context_from_folder(folder)
    (folder / "a.txt").write_bytes(b"changed")
    assert layer.entries["/a.txt"].read() == b"hello"


def test_what_is_ignored_is_left_out(folder):
    (folder / ".dockerignore").write_text("**/*.log\nsrc/deep\n")
    assert list(context_from_folder(folder).entries) == ["/.dockerignore", "/a.txt", "/src"]


def test_what_is_taken_back_comes_with_its_directories(folder):
    (folder / ".dockerignore").write_text("*\n!src/deep/c.py\n")
    assert list(context_from_folder(folder).entries) == ["/src", "/src/deep", "/src/deep/c.py"]


def test_a_dockerfile_may_have_an_ignore_file_of_its_own(folder):
    (folder / ".dockerignore").write_text("*\n")
    (folder / "web.Dockerfile.dockerignore").write_text("src\n*.dockerignore\n")
    assert list(context_from_folder(folder, "web.Dockerfile").entries) == ["/.dockerignore", "/a.txt"][1:]
    assert list(context_from_folder(folder).entries) == []


def test_an_ignore_file_that_is_not_well_made_is_refused(folder):
    (folder / ".dockerignore").write_text("a\n[\n")
    with pytest.raises(DockerfileError, match=r"^[.]dockerignore:2: error checking context: syntax error in pattern"):
        context_from_folder(folder)


@posix
def test_links_are_kept_and_never_followed(folder, tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key").write_text("key")
    (folder / "out").symlink_to(tmp_path / "secret")
    (folder / "dangling").symlink_to("nowhere")
    (folder / "loop").symlink_to(".")
    entries = context_from_folder(folder).entries
    assert entries["/out"].kind is Kind.SYMLINK
    assert entries["/dangling"].target == "nowhere"
    assert not any(path.startswith(("/out/", "/loop/")) for path in entries)


@posix
def test_modes_are_kept_fifos_too_and_sockets_are_passed_over(folder):
    (folder / "a.txt").chmod(0o4751)
    (folder / "src").chmod(0o700)
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "socket"))
    entries = context_from_folder(folder).entries
    assert [oct(entries[path].mode) for path in ("/a.txt", "/src")] == ["0o4751", "0o700"]
    assert entries["/fifo"].kind is Kind.FIFO
    assert "/socket" not in entries


@posix
def test_names_that_are_not_utf_8_are_kept(folder):
    (folder / os.fsdecode(b"caf\xe9")).write_bytes(b"")
    assert "/caf\udce9" in context_from_folder(folder).entries


@pytest.mark.parametrize("name", ["nowhere", "app/a.txt"])
def test_no_folder_is_refused(folder, tmp_path, name):
    with pytest.raises(ContextError, match=r"^unable to prepare context: path .* not found$"):
        context_from_folder(tmp_path / name)


@pytest.mark.parametrize("limit", ["MOST_BYTES", "MOST_ENTRIES"])
def test_a_context_that_is_too_large_is_refused(folder, monkeypatch, limit):
    monkeypatch.setattr(build_context, limit, 4)
    with pytest.raises(ContextError, match="leave out what the build does not need"):
        context_from_folder(folder)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(folder):
    (folder / "a.txt").chmod(0)
    with pytest.raises(ContextError, match=r"^error checking context: no permission to read from "):
        context_from_folder(folder)


def test_a_tar_is_a_context_too():
    tar = tar_bytes(Layer.of({"src/a": file("1", 0o600), "link": symlink("src")}))
    for data in (tar, gzip.compress(tar)):
        layer = context_from_tar(data)
        assert layer.entries["/src/a"].read() == b"1"
        assert layer.entries["/link"].target == "src"


@pytest.mark.parametrize(
    "data", [b"x" * 600, gzip.compress(b"x" * 600), gzip.compress(b"x" * 600)[:-4], b"BZhx", b"\xfd7zXZ\0x"]
)
def test_what_is_no_tar_is_refused(data):
    assert not is_archive(data)
    with pytest.raises(ContextError, match=r"^here.tar: "):
        context_from_tar(data, "here.tar")

"""`course open` and `course image`: what they print, and the one sentence that bad input gets."""

import gzip
import tarfile

import pytest
from click.testing import CliRunner

from course.cli import cli
from course.layers.small_image import small_image, small_images
from course.transport.writing import save_image


def course(*words):
    done = CliRunner().invoke(cli, [*map(str, words)])
    return done.exit_code, done.output


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "greeter.tar"
    save_image([small_image()], path)
    return path


def test_open_prints_each_layer_with_its_instruction_size_digests_and_changes(archive):
    status, printed = course("open", archive)
    assert status == 0
    layer = small_image().layers[2]
    for said in ("RUN sed -i s/hello/welcome/ /app/settings.ini", "19B", layer.diff_id, layer.chain_id):
        assert said in printed
    assert "~ /app/settings.ini" in printed
    assert "- /app/notes.txt" in printed
    assert "+ … and 48 more" in printed


def test_open_all_leaves_no_path_out(archive):
    printed = course("open", archive, "--all")[1]
    assert "more" not in printed
    assert printed.count("+ /bin/") == 38


def test_open_with_a_path_prints_its_provenance(archive):
    status, printed = course("open", archive, "/app/notes.txt")
    assert status == 0
    assert "whiteout" in printed
    assert "RUN rm /app/notes.txt" in printed


def test_a_path_that_no_layer_has_is_said_to_be_none(archive):
    status, printed = course("open", archive, "/nowhere")
    assert status == 0
    assert "/nowhere" in printed


def test_of_several_images_one_is_chosen_by_name(tmp_path):
    save_image(list(small_images().values()), tmp_path / "all.tar")
    status, printed = course("open", tmp_path / "all.tar")
    assert status == 2
    assert "greeter:2" in printed
    assert course("open", tmp_path / "all.tar", "--name", "greeter:2")[0] == 0


def bad_files(folder, archive):
    data = archive.read_bytes()
    blob = small_image().layers[1].diff_id.removeprefix("sha256:")
    with tarfile.open(archive) as whole, tarfile.open(folder / "missing.tar", "w") as part:
        for member in whole:
            if blob not in member.name:
                part.addfile(member, whole.extractfile(member))
    (folder / "text.tar").write_text("no image")
    (folder / "empty.tar").write_bytes(b"")
    (folder / "cut.tar").write_bytes(data[: len(data) // 2])
    (folder / "cut.tar.gz").write_bytes(gzip.compress(data)[:-20])
    (folder / "tampered.tar").write_bytes(data.replace(b"greeting = welcome", b"greeting = get out"))
    (folder / "folder").mkdir()
    (folder / "bomb.tar.gz").write_bytes(gzip.compress(bytes(400 << 20), 9))


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "text.tar",
        "empty.tar",
        "cut.tar",
        "cut.tar.gz",
        "tampered.tar",
        "missing.tar",
        "folder",
        "bomb.tar.gz",
    ],
)
def test_what_is_no_good_image_gets_one_sentence_that_names_it_and_status_2(tmp_path, archive, name):
    bad_files(tmp_path, archive)
    before = sorted(tmp_path.iterdir())
    status, printed = course("open", tmp_path / name)
    assert status == 2
    assert printed.count("\n") == 1
    assert printed.startswith("Error: ")
    assert str(tmp_path / name) in printed
    assert sorted(tmp_path.iterdir()) == before


def test_a_path_that_leads_out_of_the_image_is_refused(archive):
    status, printed = course("open", archive, "/etc/../../etc/passwd")
    assert status == 2
    assert "without '..'" in printed


@pytest.mark.linux
def test_an_image_of_this_machine_is_made_and_opened(tmp_path):
    status, printed = course("image", "from-host", tmp_path / "host.tar")
    assert status == 0
    assert "host:latest" in printed
    printed = course("open", tmp_path / "host.tar", "/bin/sh")[1]
    assert "not there" not in printed


@pytest.mark.linux
@pytest.mark.parametrize("place", ["", "no/such/folder.tar"])
def test_where_no_image_can_be_written_nothing_is(tmp_path, place):
    status, printed = course("image", "from-host", tmp_path / place)
    assert status == 2
    assert printed == f"Error: {tmp_path / place}: {'No such file or directory' if place else 'Is a directory'}.\n"
    assert list(tmp_path.iterdir()) == []

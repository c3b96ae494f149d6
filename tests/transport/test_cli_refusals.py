"""`course open` on bad images: one sentence that names the file and the reason, exit status 2, nothing written."""

import pytest
from click.testing import CliRunner
from image_making import END, Saved, member

from course.cli import cli
from course.transport import reading
from course.transport.limits import Limits

GOOD = member(b"etc/motd", b"hello") + END


def with_unknown_layer():
    saved = Saved()
    unknown = saved.add(GOOD, "application/vnd.example.layer")
    return saved.image(GOOD, manifest={"layers": [unknown]})


def without_its_layer():
    saved = Saved().image(GOOD)
    layer = next(name for name, data in saved.files.items() if data == GOOD)
    del saved.files[layer]
    return saved


def with_another_layer():
    saved = Saved().image(GOOD)
    layer = next(name for name, data in saved.files.items() if data == GOOD)
    saved.files[layer] = GOOD.replace(b"hello", b"jello")
    return saved


BAD = {
    "a missing blob": (without_its_layer, "is not there"),
    "a wrong digest": (with_another_layer, "digest"),
    "an unknown media type": (with_unknown_layer, "application/vnd.example.layer"),
    "a name that leads out": (lambda: Saved().image(member(b"../../etc/passwd") + END), "'..'"),
    "a path that stands twice": (lambda: Saved().image(member(b"a") + member(b"a") + END), "twice"),
    "a layer cut short": (lambda: Saved().image(GOOD[:600]), "ends"),
    "more entries than a bound": (lambda: Saved().image(b"".join(member(b"%d" % n) for n in range(30)) + END), "20"),
    "a gzip bomb": (lambda: Saved().image(member(b"zeros", bytes(400 << 20)) + END, compression="gzip"), "MB"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_image_gets_one_sentence_and_status_2(tmp_path, monkeypatch, fault):
    make, said = BAD[fault]
    path = make().to_folder(tmp_path / "image")
    if "bound" in fault:
        monkeypatch.setattr(reading, "LIMITS", Limits(entries=20))
    before = sorted(tmp_path.rglob("*"))
    done = CliRunner().invoke(cli, ["open", str(path)])
    assert done.exit_code == 2
    assert done.output.startswith(f"Error: {path}")
    assert done.output.count("\n") == 1
    assert said in done.output
    assert sorted(tmp_path.rglob("*")) == before


def test_the_same_image_without_a_fault_is_opened(tmp_path):
    assert CliRunner().invoke(cli, ["open", str(Saved().image(GOOD).to_folder(tmp_path / "image"))]).exit_code == 0

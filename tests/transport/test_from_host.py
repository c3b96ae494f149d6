"""An image made of this machine's own programs: real input without any network."""

import platform
import subprocess
import sys

import pytest

from course.errors import MachineError
from course.transport import from_host
from course.transport.from_host import image_from_host
from course.transport.reading import open_image
from course.transport.writing import save_image
from course.union.view import UnionView

pytestmark = pytest.mark.linux


def test_it_has_at_least_three_layers_and_each_brings_files():
    image = image_from_host()
    assert len(image.layers) >= 3
    assert all(layer.entries for layer in image.layers)
    assert image.config.instructions()[1] == "COPY shell /"


def test_no_file_is_brought_twice():
    seen = [
        path for layer in image_from_host().layers for path, entry in layer.entries.items() if not entry.is_directory
    ]
    assert len(seen) == len(set(seen))


def test_its_shell_is_this_machine_s():
    with open("/bin/sh", "rb") as shell:
        assert UnionView(image_from_host().layers).read("/bin/sh") == shell.read()


def test_saved_and_read_again_it_is_the_same(tmp_path):
    image = image_from_host()
    save_image([image], tmp_path / "host.tar")
    assert open_image(tmp_path / "host.tar").layers == image.layers


def test_no_program_keeps_a_set_id_bit():
    assert not any(entry.mode & 0o6000 for layer in image_from_host().layers for entry in layer.entries.values())


@pytest.mark.root
def test_its_programs_run_with_nothing_but_the_image_below_them(tmp_path):
    view = UnionView(image_from_host().layers)
    for path, found in view.walk():
        place = tmp_path / path[1:]
        if found.entry.is_directory:
            place.mkdir(exist_ok=True)
        elif found.entry.target:
            place.symlink_to(found.entry.target)
        else:
            place.write_bytes(found.entry.read())
            place.chmod(found.entry.mode)
    script = "ls / | head -n 1; id -u; echo shell | sed s/shell/works/"
    ran = subprocess.run(["chroot", tmp_path, "/bin/sh", "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "bin\n0\nworks\n"


def test_elsewhere_than_on_linux_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    with pytest.raises(MachineError, match=r"Darwin.*small image"):
        image_from_host()


def test_a_machine_without_a_shell_is_told_so(monkeypatch):
    monkeypatch.setattr(from_host, "SHELL", "/nonexistent")
    with pytest.raises(MachineError, match="no /nonexistent"):
        image_from_host()


def test_importing_it_starts_no_process():
    probe = "import sys, course.transport.from_host; sys.exit('subprocess' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0

"""Containers of runc, Docker and Podman, observed from outside: what is seen is what their engines say."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest
from session.engines import engine

from course.layers.entry import file, symlink
from course.layers.image import Image
from course.layers.layer import Layer
from course.processes.linux import capabilities
from course.processes.linux.observing import observe
from course.transport.writing import save_image

pytestmark = [pytest.mark.root, pytest.mark.linux, pytest.mark.peer("runc", "busybox")]

OWN = {"ipc", "mnt", "net", "pid", "uts"}
BUSYBOX = {f"/bin/{name}": symlink("busybox") for name in ("sh", "sleep", "cat")}
LIMITS = ["--memory", "64m", "--pids-limit", "100", "--cpu-period", "50000", "--cpu-quota", "25000"]


def image(count):
    """Return an image of a shell in so many layers."""
    layers = [Layer.of({"/bin/busybox": file(Path(shutil.which("busybox")).read_bytes(), 0o755), **BUSYBOX})]
    while len(layers) < count:
        layers.append(Layer.of({"/layer": str(len(layers))}, parent=layers[-1]))
    return Image.of(layers, names=[f"box:{count}"])


def first_process(container):
    """Return the PID here of a container's first process (int), found by the control group that is named after it."""
    for _attempt in range(100):
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                group, status = (folder / "cgroup").read_text(), (folder / "status").read_text()
            except OSError:
                continue
            pids = next(line for line in status.splitlines() if line.startswith("NSpid")).split()
            if container in group and pids[-1] == "1" and (folder / "cmdline").read_text().startswith("sleep"):
                return int(folder.name)
        time.sleep(0.1)
    raise AssertionError("the container has no process")


def shared_with_observer(seen):
    return {kind for kind, namespace in seen.namespaces.items() if namespace.with_observer}


def remove_groups(name):
    """Remove the control groups that are named so, as soon as what Podman leaves in them has ended."""
    for _attempt in range(100):
        groups = sorted(Path("/sys/fs/cgroup").glob(f"*/{name}/**/"), reverse=True)
        if not groups:
            return
        for group in groups:
            with suppress(OSError):  # in use, or removed with the same hierarchy elsewhere
                group.rmdir()
        time.sleep(0.1)
    raise AssertionError(groups)


def paths(directories):
    return [layer.path for layer in directories]


@pytest.fixture(scope="module")
def docker(tmp_path_factory):
    """A Docker engine with two images, and how to ask it."""
    if shutil.which("dockerd") is None or shutil.which("docker") is None:
        pytest.skip("left out: needs dockerd, docker (make peers)")
    folder = tmp_path_factory.mktemp("docker")
    with engine(folder / "engine") as running:

        def command(*arguments):
            done = running.run(["docker", *map(str, arguments)])
            assert done.returncode == 0, done.stderr
            return done.stdout.decode().strip()

        for count in (3, 60):
            save_image([image(count)], folder / "image.tar")
            command("load", "-i", folder / "image.tar")
        yield command


@pytest.fixture
def box(docker, request):
    """A container of Docker's from an image: its id, and what was seen of it."""
    count = getattr(request, "param", 3)
    name = docker("run", "-d", "--network", "none", *LIMITS, "-v", "/data", f"box:{count}", "sleep", "1000")
    yield name
    docker("rm", "-f", "-v", name)


@pytest.mark.parametrize("box", [3, 60], indirect=True)
def test_a_container_of_docker_has_the_layers_that_docker_says(docker, box):
    seen = observe(first_process(box))
    (inspected,) = json.loads(docker("inspect", box))
    told = inspected["GraphDriver"]["Data"]
    overlay = seen.overlays[0].overlay
    assert seen.overlays[0].point == "/"
    assert paths(overlay.lower) == told["LowerDir"].split(":")
    assert paths([overlay.upper, overlay.work]) == [told["UpperDir"], told["WorkDir"]]
    assert overlay.lower[0].given.startswith("l/" if len(overlay.lower) > 60 else "/")


def test_a_container_of_docker_has_the_namespaces_limits_and_rights_that_docker_gives(docker, box):
    seen = observe(first_process(box))
    assert shared_with_observer(seen).isdisjoint(OWN)
    assert "user" in shared_with_observer(seen)
    assert seen.root_is == 0
    found = {limit.what: limit.value for group in seen.groups for limit in group.limits if box in limit.group}
    assert found.items() >= {"memory": 64 * 2**20, "pids": 100, "cpus": 0.5}.items()
    assert set(seen.capabilities["effective"]) == set(capabilities.names(capabilities.DEFAULT))
    assert (seen.seccomp, seen.no_new_privs) == ("filter", False)
    (inspected,) = json.loads(docker("inspect", box))
    mounted = {entry.point: entry for entry in seen.mounts}
    assert inspected["HostnamePath"].endswith(mounted["/etc/hostname"].root)
    assert inspected["Mounts"][0]["Source"].endswith(mounted["/data"].root)
    assert {entry.kind for entry in seen.mounts} >= {"overlay", "proc", "sysfs", "tmpfs", "devpts", "mqueue"}


def test_a_paused_container_of_docker_is_seen_frozen(docker, box):
    pid = first_process(box)
    before = observe(pid)
    docker("pause", box)
    frozen = [limit.what for group in observe(pid).groups for limit in group.limits]
    docker("unpause", box)
    assert "frozen" in frozen
    assert "frozen" not in [limit.what for group in before.groups for limit in group.limits]


def test_what_docker_exec_starts_is_seen_beside_the_first_process(docker, box):
    docker("exec", "-d", box, "sleep", "999")
    for _attempt in range(50):
        seen = observe(first_process(box))
        if [process.command for process in seen.processes][1:] == ["sleep 999"]:  # runc is seen there before it
            break
        time.sleep(0.1)
    assert [process.command for process in seen.processes] == ["sleep 1000", "sleep 999"]
    assert seen.processes[0].inside == 1
    other = observe(seen.processes[1].outside)
    assert set(other.shared(seen)) == set(seen.namespaces)
    assert other.mounts == seen.mounts


@pytest.mark.peer("podman", "runc")
def test_a_container_of_podman_has_the_layers_and_limits_that_podman_says(tmp_path):
    folder = Path(tempfile.mkdtemp(prefix="seen-"))  # podman takes no run root of more than 50 characters
    own = ["podman", f"--root={folder / 'root'}", f"--runroot={folder / 'run'}", "--storage-driver=overlay"]
    own += ["--cgroup-manager=cgroupfs", "--runtime=runc"]

    def podman(*arguments):
        done = subprocess.run([*own, *map(str, arguments)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    save_image([image(3)], tmp_path / "image.tar")
    try:
        podman("load", "-q", "-i", tmp_path / "image.tar")
        options = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", "--cgroup-parent", f"/{folder.name}"]
        name = podman("run", "-d", "--network", "none", *LIMITS, *options, "box:3", "sleep", "1000")
        (inspected,) = json.loads(podman("inspect", name))
        seen = observe(inspected["State"]["Pid"])
    finally:
        podman("rm", "-a", "-f", "-t", "0")
        subprocess.run(["umount", folder / "root" / "overlay"], check=False, capture_output=True)
        remove_groups(folder.name)
        shutil.rmtree(folder)
    told = inspected["GraphDriver"]["Data"]
    assert paths(seen.overlays[0].overlay.lower) == told["LowerDir"].split(":")
    assert seen.overlays[0].overlay.upper.path == told["UpperDir"]
    assert shared_with_observer(seen).isdisjoint(OWN)
    found = {limit.what: limit.value for group in seen.groups for limit in group.limits}
    assert found.items() >= {"memory": 64 * 2**20, "pids": 100, "cpus": 0.5}.items()
    assert seen.command == "sleep 1000"


def test_a_container_of_runc_on_an_overlay_mounted_by_hand(tmp_path):
    for name in ("low", "low/bin", "low/dev", "mid", "up", "work", "rootfs"):
        (tmp_path / name).mkdir()
    shutil.copy(shutil.which("busybox"), tmp_path / "low" / "bin" / "sleep")
    subprocess.run(["runc", "spec"], cwd=tmp_path, check=True)
    config = json.loads((tmp_path / "config.json").read_text())
    config["process"] |= {"terminal": False, "args": ["/bin/sleep", "1000"]}
    config["process"].pop("rlimits")
    (tmp_path / "config.json").write_text(json.dumps(config))
    name = f"seen-{os.getpid()}"
    options = "lowerdir=mid:low,upperdir=up,workdir=work"
    script = (
        f"mount -t overlay overlay -o {options} rootfs && runc run -d --pid-file pid {name} >/dev/null 2>err </dev/null"
    )
    try:
        subprocess.run(["sh", "-c", script], cwd=tmp_path, check=True)
        seen = observe(int((tmp_path / "pid").read_text()))
    finally:
        subprocess.run(["runc", "delete", "-f", name], check=False)
        subprocess.run(["umount", tmp_path / "rootfs"], check=False)
    assert [layer.given for layer in seen.overlays[0].overlay.lower] == ["mid", "low"]
    assert paths(seen.overlays[0].overlay.lower) == ["", ""]
    assert shared_with_observer(seen).isdisjoint(OWN)
    assert set(seen.capabilities["effective"]) == set(config["process"]["capabilities"]["effective"])
    assert seen.no_new_privs is True
    assert [(each.inside, each.command) for each in seen.processes] == [(1, "/bin/sleep 1000")]

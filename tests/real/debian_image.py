"""A Debian userland image, made by podman from this machine's essential packages, saved in every form there is."""

import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

CONTAINERFILE = r"""
FROM scratch
ADD userland.tar /
ENV GREETING=hello
RUN rm -rf /usr/share/doc && mkdir /usr/share/doc && echo new > /usr/share/doc/new && chmod 700 /usr/share/doc
RUN echo hi > /etc/motd && ln /etc/motd /etc/motd.hard && ln -s motd /etc/motd.soft && rm /etc/debian_version \
    && printf x > "$(printf '/caf\351')" && mkdir -p /opt/deep/er && chown 1000:100 /opt/deep && chmod 4755 /usr/bin/env
RUN rm -r /opt && mkdir -p /opt/again && rm /etc/motd.hard
CMD ["/bin/sh"]
"""
NAME = "localhost/debian-userland:latest"
FORMATS = ["docker-archive", "oci-archive", "oci-dir", "docker-dir"]


def run(*command, **options):
    return subprocess.run([*map(str, command)], check=True, capture_output=True, **options).stdout


def essential_files():
    """The files of Debian's essential packages and of what they depend on, as names below the root."""
    listed = run("dpkg-query", "-W", "-f", "${Package}\t${Essential}\t${Pre-Depends},${Depends}\n", text=True)
    packages = {
        name: (essential, needs) for name, essential, needs in (line.split("\t") for line in listed.splitlines())
    }
    chosen, todo = set(), [name for name, (essential, _needs) in packages.items() if essential == "yes"]
    while todo:
        name = todo.pop()
        if name in packages and name not in chosen:
            chosen.add(name)
            todo += [
                found[1] for need in re.split("[,|]", packages[name][1]) if (found := re.match(r"\s*([\w.+-]+)", need))
            ]
    names = {"bin", "sbin", "lib", "lib64"}
    for path in map(Path, run("dpkg-query", "-L", *sorted(chosen), text=True).splitlines()):
        if path.is_absolute():
            names.add(str(Path(os.path.realpath(path.parent)) / path.name)[1:])
    return sorted(name for name in names if name and os.path.lexists(f"/{name}"))


class Podman:
    """Podman with a storage of its own, which leaves nothing behind."""

    def __init__(self, folder):
        self.folder = folder
        self.storage = folder / "storage"

    def __call__(self, *arguments):
        own = ["--root", self.storage, "--runroot", self.folder / "run", "--storage-driver", "overlay"]
        return run("podman", *own, "--cgroup-manager", "cgroupfs", *arguments, text=True)

    def build(self):
        context = self.folder / "context"
        context.mkdir()
        (context / "Containerfile").write_text(CONTAINERFILE)
        files = "\n".join(essential_files())
        run("tar", "--no-recursion", "-C", "/", "-cf", context / "userland.tar", "-T", "-", input=files.encode())
        self("--runtime", "runc", "build", "--isolation", "chroot", "--layers", "-t", NAME, context)

    def save(self, form):
        path = self.folder / form
        self("save", "-q", "--format", form, "-o", path, NAME)
        return path

    def close(self):
        self("image", "umount", "--all", "--force")
        subprocess.run(["umount", self.storage / "overlay"], check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def docker(folder):
    """A Docker engine of its own: a function that runs docker commands, and its data root."""
    socket = f"unix://{folder}/docker.sock"
    own = [
        "--data-root",
        folder / "data",
        "--exec-root",
        folder / "exec",
        "--pidfile",
        folder / "pid",
        "--host",
        socket,
    ]
    quiet = ["--bridge=none", "--iptables=false", "--storage-driver=overlay2"]
    with (folder / "log").open("wb") as log:
        daemon = subprocess.Popen(["dockerd", *map(str, own), *quiet], stdout=log, stderr=log)
    try:
        for _attempt in range(150):
            if subprocess.run(["docker", "-H", socket, "version"], check=False, capture_output=True).returncode == 0:
                break
            time.sleep(0.2)
        yield lambda *arguments: run("docker", "-H", socket, *arguments, text=True), folder / "data"
    finally:
        daemon.terminate()
        daemon.wait(30)

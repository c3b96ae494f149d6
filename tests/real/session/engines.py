"""Docker engines of the session's own: each in namespaces of its own, with a folder of its own, gone when it is left.

In its own network namespace an engine can have the bridge that every Docker host has, and touches none of this
machine's; its own PID and mount namespaces take its processes and mounts away with it.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path

START = """
set -e
ip link set lo up
if [ -n "$2" ]; then
  mount --bind "$2" "$2"
  mount --rbind /sys "$2/sys"
  mount --rbind /dev "$2/dev"
  mount -t proc proc "$2/proc"
  mkdir -p "$2/$1"
  mount --bind "$1" "$2/$1"
  cd "$2"
  pivot_root . mnt
  umount -l /mnt
fi
mount -t tmpfs tmpfs /run
cd "$1"
exec dockerd --data-root "$1/data" --exec-root "$1/exec" --pidfile "$1/pid" --host "unix://$1/docker.sock" \\
  --config-file "$1/daemon.json" --iptables=false --cgroup-parent="/$3"
"""
NAMESPACES = ["--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc"]
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"  # where Debian puts its own docker: client and engine are of one version


class Engine:
    """A running engine: ``docker`` runs a command in ``work`` (Path), ``data`` is its data root (Path)."""

    def __init__(self, folder, process, buildkit):
        self.folder, self.data, self.work = folder, folder / "data", folder / "work"
        self.process = process
        self.daemon = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0])
        self.environment = {"PATH": PATH, "HOME": str(folder), "DOCKER_HOST": f"unix://{folder}/docker.sock"}
        self.environment |= {"DOCKER_BUILDKIT": str(int(buildkit)), "BUILDKIT_PROGRESS": "plain"}

    def run(self, argv, stdin=None, **options):
        """Run a command where the engine is (list of str), and return it as completed (CompletedProcess of bytes)."""
        enter = ["nsenter", "--target", str(self.daemon), "--mount", "--root", "--", "env", "--chdir", str(self.work)]
        given = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        options = {"capture_output": True, "timeout": 60} | options
        return subprocess.run([*enter, *argv], env=self.environment, check=False, **given, **options)

    def ask(self, path):
        """Return what the engine's interface says at ``path`` (a JSON value, or None if there is no such thing)."""
        connection = http.client.HTTPConnection("localhost", timeout=60)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self.folder / "docker.sock"))
        with closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return json.load(answer) if answer.status == http.client.OK else None


@contextmanager
def engine(folder, *, userland=None, containerd_store=False):
    """Start an engine (Engine) below ``folder`` (Path, which is made and removed), of this machine or a ``userland``.

    Images lie in containerd's store if ``containerd_store`` says so.
    """
    folder = Path(folder)
    (folder / "work").mkdir(parents=True)
    store = {"features": {"containerd-snapshotter": True}} if containerd_store else {"storage-driver": "overlay2"}
    (folder / "daemon.json").write_text(json.dumps(store))
    group = f"docker-{folder.parent.name}"
    start = ["unshare", *NAMESPACES, "sh", "-c", START, "sh", folder, userland or "", group]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*map(str, start)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    running = None
    try:
        for _attempt in range(150):
            time.sleep(0.1)
            if (folder / "docker.sock").exists():
                running = running or Engine(folder, process, buildkit=bool(userland))
                if running.run(["docker", "version"]).returncode == 0:
                    break
        else:
            raise RuntimeError((folder / "log").read_text()[-2000:])
        yield running
    finally:
        if running:
            with suppress(OSError, subprocess.TimeoutExpired):  # it may have ended already, or not want to
                for container in running.ask("/containers/json?all=1") or ():
                    running.run(["docker", "rm", "-f", container["Id"]])
                os.kill(running.daemon, signal.SIGTERM)
                process.wait(20)
        process.kill()
        process.wait()
        for path in sorted(Path("/sys/fs/cgroup").glob(f"*/{group}/**/"), reverse=True):
            with suppress(OSError):  # another hierarchy of the same, where it is gone already
                path.rmdir()
        shutil.rmtree(folder)

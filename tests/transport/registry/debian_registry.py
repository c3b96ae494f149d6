"""Debian's docker-registry, started for the tests alone."""

import json
import socket
import subprocess
import time
from contextlib import contextmanager

import pytest


@contextmanager
def docker_registry(folder, **more):
    """Give the address (str) of a registry that keeps its images in ``folder`` (Path) and listens on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    config = {
        "version": 0.1,
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "images")}},
        "http": {"addr": address},
    }
    (folder / "config.yml").write_text(json.dumps(config | more))  # JSON is YAML
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(["docker-registry", "serve", folder / "config.yml"], stdout=log, stderr=log)
    try:
        wait_for(address, process, folder)
        yield address
    finally:
        process.terminate()
        process.wait()


def wait_for(address, process, folder):
    host, port = address.split(":")
    for _try in range(600):
        assert process.poll() is None, (folder / "log").read_text()
        try:
            socket.create_connection((host, int(port))).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("docker-registry does not listen")

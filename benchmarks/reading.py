"""Reading, verifying and indexing an image, against gzip with openssl and against umoci, in one run.

The image is made here and kept in the temporary folder: 8 gzip layers, 20,000 entries, 430 MB that compress 2.7 to 1.
Every number is the median of a few rounds in which the three take turns, from start to exit of their processes.
"""

import gzip
import hashlib
import io
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LAYERS, ENTRIES, BYTES = 8, 20_000, 430_000_000
PACKAGE = 40  # entries, the directory included
ROUNDS = 3
IMAGE = Path(tempfile.gettempdir(), "layer-by-layer-benchmark-image")
TMPFS = Path("/dev/shm")

READ = """
import sys
def memory(what):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(what))
before = memory("VmRSS") if sys.platform == "linux" else 0
from course.transport.reading import open_images
[image] = open_images(sys.argv[1])
after = memory("VmHWM") if sys.platform == "linux" else 0
print(sum(len(layer.entries) for layer in image.layers), after - before)
"""


def make_image(folder: Path) -> None:
    """Write the image as an OCI layout (the same bytes whenever it is made with the same gzip)."""
    chance = random.Random(1)
    words = ["".join(chance.choices("etaoinshrdlucmfwyp", k=chance.randint(2, 11))) for _ in range(4_000)]
    text = " ".join(chance.choices(words, weights=[1 / (rank + 9) for rank in range(len(words))], k=3_000_000)).encode()
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def add(data: bytes, media_type: str) -> dict[str, object]:
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"mediaType": f"application/vnd.oci.image.{media_type}", "digest": f"sha256:{digest}", "size": len(data)}

    wishes = [min(chance.paretovariate(1.2), 400) for _ in range(ENTRIES)]  # many small files, few large ones
    wishes[::PACKAGE] = [0] * len(wishes[::PACKAGE])  # these are directories
    sizes = [int(wish * BYTES / sum(wishes)) for wish in wishes]
    first = [ENTRIES * number * (number + 1) // (LAYERS * (LAYERS + 1)) for number in range(LAYERS + 1)]
    layers, diff_ids = [], []
    for number in range(LAYERS):
        plain = io.BytesIO()
        with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for index in range(first[number], first[number + 1]):  # layers differ in size, as real ones do
                info = tarfile.TarInfo(f"usr/share/package{index // PACKAGE}/file{index}")
                info.mtime, info.size = 1_700_000_000, sizes[index]
                if index % PACKAGE == 0:
                    info.name, info.type, info.mode = f"usr/share/package{index // PACKAGE}", tarfile.DIRTYPE, 0o755
                at = chance.randrange(len(text) - info.size)
                noise = chance.randbytes(info.size // 60)
                tar.addfile(info, io.BytesIO(noise + text[at : at + info.size - len(noise)]))
        diff_ids.append(f"sha256:{hashlib.sha256(plain.getbuffer()).hexdigest()}")
        layers.append(add(gzip.compress(plain.getbuffer(), 6, mtime=0), "layer.v1.tar+gzip"))
        print(f"  layer {number + 1} of {LAYERS}: {plain.tell() >> 20} MiB", flush=True)
    rootfs = {"type": "layers", "diff_ids": diff_ids}
    config = add(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).encode(), "config.v1+json")
    manifest = add(json.dumps({"schemaVersion": 2, "config": config, "layers": layers}).encode(), "manifest.v1+json")
    manifest["annotations"] = {"org.opencontainers.image.ref.name": "1"}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')


def seconds(run: Callable[[], object]) -> float:
    """Return how long ``run`` takes (float)."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    """Make the image if it is not there, and print how long each one takes with it, and the ratios."""
    if not (IMAGE / "oci-layout").exists():
        print(f"making {IMAGE}")
        shutil.rmtree(IMAGE, ignore_errors=True)
        make_image(IMAGE)
    blobs = sorted((IMAGE / "blobs" / "sha256").iterdir(), key=lambda blob: blob.stat().st_size)[-LAYERS:]
    said: list[str] = []

    def course() -> None:
        command = [sys.executable, "-c", READ, str(IMAGE)]
        said.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def gzip_openssl() -> None:
        layers = " ".join(map(str, blobs))
        subprocess.run(f"gzip -dc {layers} | openssl dgst -sha256", shell=True, check=True, stdout=subprocess.DEVNULL)

    def umoci() -> None:
        bundle = Path(tempfile.mkdtemp(dir=TMPFS)) / "bundle"
        as_user = ["--rootless"] if os.geteuid() else []
        unpack = ["umoci", "unpack", *as_user, "--image", f"{IMAGE}:1", str(bundle)]
        took.append(seconds(lambda: subprocess.run(unpack, check=True, capture_output=True)))
        shutil.rmtree(bundle.parent)

    took: list[float] = []
    times: dict[str, list[float]] = {"course": [], "gzip | openssl": []}
    for _ in range(ROUNDS):
        times["course"].append(seconds(course))
        times["gzip | openssl"].append(seconds(gzip_openssl))
        if shutil.which("umoci") and TMPFS.is_dir():
            umoci()
    if took:
        times["umoci unpack, tmpfs"] = took
    entries, memory = map(int, said[-1].split())
    print(f"{LAYERS} layers, {entries} entries; {sum(blob.stat().st_size for blob in blobs) / 1e6:.0f} MB of gzip")
    medians = {name: statistics.median(times) for name, times in times.items()}
    for name, median in medians.items():
        print(f"{name:20} {median:6.2f} s   course takes {medians['course'] / median:4.2f} of that")
    print(f"course: {memory / 1024:.0f} MiB of memory at most, modules and index included")


if __name__ == "__main__":
    main()

"""Makes images of every form and of every fault: headers by hand, where a tar library would refuse to write them."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import zstandard

OCI = "application/vnd.oci.image"
INDEX, MANIFEST, CONFIG = (f"{OCI}.{kind}.v1+json" for kind in ("index", "manifest", "config"))
TAR = f"{OCI}.layer.v1.tar"
END = bytes(1024)
COMPRESS = {
    "": lambda data: data,
    "gzip": lambda data: gzip.compress(data, 6, mtime=0),
    "zstd": lambda data: zstandard.ZstdCompressor().compress(data),
}


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def header(
    name: bytes,
    kind: bytes = b"0",
    size: int | bytes = 0,
    mode: int = 0o644,
    uid: int | bytes = 0,
    mtime: int | bytes = 0,
    link: bytes = b"",
    device: tuple[int, int] = (0, 0),
    magic: bytes = b"ustar\x0000",
    prefix: bytes = b"",
    checksum: bytes = b"",
) -> bytes:
    """One tar header; a number may also be given as the bytes that shall stand in its field."""

    def octal(number: int | bytes, width: int) -> bytes:
        return number if isinstance(number, bytes) else b"%0*o\0" % (width - 1, number)

    block = b"".join(
        [
            name.ljust(100, b"\0"),
            octal(mode, 8),
            octal(uid, 8),
            octal(0, 8),
            octal(size, 12),
            octal(mtime, 12),
            b" " * 8,
            kind,
            link.ljust(100, b"\0"),
            magic,
            bytes(64),
            octal(device[0], 8),
            octal(device[1], 8),
            prefix.ljust(155, b"\0"),
            bytes(12),
        ]
    )
    assert len(block) == 512
    return block[:148] + (checksum or b"%06o\0 " % sum(block)) + block[156:]


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def member(name: bytes, data: bytes = b"", kind: bytes = b"0", **fields: Any) -> bytes:
    """A header and its content."""
    return header(name, kind, **{"size": len(data), **fields}) + padded(data)


def folder(name: bytes) -> bytes:
    return member(name, kind=b"5", mode=0o755)


def hard_link(name: bytes, target: bytes) -> bytes:
    return member(name, kind=b"1", link=target)


def record(key: bytes, value: bytes) -> bytes:
    """One record of a PAX header, its own length counted in."""
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest) + 1
    while len(b"%d" % length) + len(rest) != length:
        length += 1
    return b"%d" % length + rest


def pax(*records: tuple[bytes, bytes], kind: bytes = b"x") -> bytes:
    return member(b"PaxHeaders/x", b"".join(record(*pair) for pair in records), kind)


class Saved:
    """An OCI layout in the making: ``blobs`` by their paths; ``index`` is the document that is written last."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}
        self.manifests: list[dict[str, Any]] = []
        self.index: dict[str, Any] = {"schemaVersion": 2, "mediaType": INDEX, "manifests": self.manifests}

    def add(self, data: bytes | dict[str, Any], media_type: str, **more: Any) -> dict[str, Any]:
        """Store a blob and return its descriptor."""
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.files[f"blobs/sha256/{digest(data)[7:]}"] = data
        return {"mediaType": media_type, "digest": digest(data), "size": len(data), **more}

    def manifest(
        self,
        *tars: bytes,
        compression: str = "",
        config: dict[str, Any] | None = None,
        manifest: dict[str, Any] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Store an image of these layers and return its manifest's descriptor; documents may be overruled."""
        suffix = f"+{compression}" if compression else ""
        layers = [self.add(COMPRESS[compression](tar), TAR + suffix) for tar in tars]
        rootfs = {"type": "layers", "diff_ids": [digest(tar) for tar in tars]}
        config = {"architecture": "amd64", "os": "linux", "rootfs": rootfs, **(config or {})}
        document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": self.add(config, CONFIG), "layers": layers}
        return self.add({**document, **(manifest or {})}, MANIFEST, **more)

    def image(self, *tars: bytes, name: str = "", **more: Any) -> "Saved":
        """Store an image and name it in the index."""
        if name:
            more["annotations"] = {"org.opencontainers.image.ref.name": name}
        self.manifests.append(self.manifest(*tars, **more))
        return self

    def all_files(self) -> dict[str, bytes]:
        return {**self.files, "index.json": json.dumps(self.index).encode()}

    def to_folder(self, path: Path) -> Path:
        for name, data in self.all_files().items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
        return path

    def to_tar(self, path: Path, compression: str = "") -> Path:
        path.write_bytes(COMPRESS[compression](outer_tar(self.all_files())))
        return path


def outer_tar(files: dict[str, bytes]) -> bytes:
    return b"".join(member(name.encode(), data) for name, data in files.items()) + END


def docker_files(*tars: bytes, names: tuple[str, ...] = ("demo:1",), compression: str = "") -> dict[str, bytes]:
    """The files of an archive of `docker save` before Engine 25."""
    rootfs = {"type": "layers", "diff_ids": [digest(tar) for tar in tars]}
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).encode()
    files = {f"{number}/layer.tar": COMPRESS[compression](tar) for number, tar in enumerate(tars)}
    config_name = f"{digest(config)[7:]}.json"
    manifest = [{"Config": config_name, "RepoTags": list(names), "Layers": list(files)}]
    return {**files, config_name: config, "manifest.json": json.dumps(manifest).encode()}


def one_layer(tmp_path: Path, *members: bytes, compression: str = "", end: bytes = END) -> Path:
    """A layout whose one image has one layer, which holds these members."""
    return Saved().image(b"".join(members) + end, compression=compression).to_folder(tmp_path / "layout")

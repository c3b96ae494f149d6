"""The archive that `docker save` wrote before Engine 25: a folder for each layer, with a config as of Docker 1.9."""

import json
from collections.abc import Sequence
from typing import Any

from course.layers.digest import chain_id, sha256
from course.layers.image import Image
from course.transport.archive_members import Member, as_json, folder, in_memory, link, of_layer

VERSION = b"1.0"
LONG_AGO = "1970-01-01T00:00:00Z"
# what Go writes of a container's config in which nothing is set
NO_CONFIG = {
    "Hostname": "",
    "Domainname": "",
    "User": "",
    "AttachStdin": False,
    "AttachStdout": False,
    "AttachStderr": False,
    "Tty": False,
    "OpenStdin": False,
    "StdinOnce": False,
    "Env": None,
    "Cmd": None,
    "Image": "",
    "Volumes": None,
    "WorkingDir": "",
    "Entrypoint": None,
    "OnBuild": None,
    "Labels": None,
}
ORDER = (  # of the properties, as Go writes them
    "id",
    "parent",
    "comment",
    "created",
    "container",
    "container_config",
    "docker_version",
    "author",
    "config",
    "architecture",
    "variant",
    "os",
)


def docker_archive(images: Sequence[Image]) -> list[Member]:
    """Return the archive of these images (sequence of Image), file by file (list of Member), sorted as docker's are.

    Rule: moby's image/spec v1.md and v1.2.md, "Combined Image JSON + Filesystem Changeset Format".
    """
    members: dict[str, Member] = {}
    layers: dict[str, str] = {}  # where the tar of each diff_id lies
    repositories: dict[str, dict[str, str]] = {}
    manifest = []
    for image in images:
        documents = v1_configs(image)
        for layer, document in zip(image.layers, documents, strict=True):
            tar = f"{document['id']}/layer.tar"
            place = layers.setdefault(layer.diff_id, tar)
            if tar not in members:
                members[tar] = of_layer(tar, layer) if place == tar else link(tar, f"../{place}")
                members |= {member.name: member for member in _beside(document)}
        config = in_memory(f"{image.image_id.removeprefix('sha256:')}.json", image.config.raw)
        members[config.name] = config
        for name in image.names:
            repository, _colon, tag = name.rpartition(":")
            if documents and repository and "/" not in tag and "@" not in repository:  # there is a tag, and no digest
                repositories.setdefault(repository, {})[tag] = documents[-1]["id"]
        names = list(image.names) or None
        tars = [layers[layer.diff_id] for layer in image.layers]  # not the links: skopeo 1.9 takes theirs for the size
        manifest.append({"Config": config.name, "RepoTags": names, "Layers": tars})
    ends = [
        in_memory("manifest.json", _go_json(manifest) + b"\n"),
        in_memory("repositories", as_json(repositories) + b"\n"),
    ]
    return [*(member for _name, member in sorted(members.items())), *ends]


def _beside(document: dict[str, Any]) -> list[Member]:
    """Return a layer's folder, and what lies in it beside its tar (list of Member)."""
    name = document["id"]
    return [folder(name), in_memory(f"{name}/VERSION", VERSION), in_memory(f"{name}/json", _go_json(document))]


def v1_configs(image: Image) -> list[dict[str, Any]]:
    """Return the config of each layer of ``image`` as of Docker 1.9 (list of dict), the lowest first.

    Then each layer was an image, and its ``id`` a random number; now it is the digest of the config, the chain_id and
    the id below.  They are docker's own ids for an image that docker made.  Rule: moby's image/v1/imagev1.go, CreateID.

    >>> from course.layers.small_image import small_image
    >>> configs = v1_configs(small_image("base:1"))
    >>> len(configs), configs[0]["os"], "parent" in configs[0]
    (1, 'linux', False)
    """
    whole = json.loads(image.config.raw)
    diff_ids = image.config.diff_ids
    configs: list[dict[str, Any]] = []
    for number in range(1, len(diff_ids) + 1):
        config: dict[str, Any] = {"created": LONG_AGO, "container_config": NO_CONFIG}
        if number == len(diff_ids):
            config |= {name: whole[name] for name in ORDER[2:] if name in whole}
        below = configs[-1]["id"] if configs else ""
        hashed = {**config, "layer_id": chain_id(diff_ids[:number])}
        if below:
            hashed["parent"] = f"sha256:{below}"
            config["parent"] = below
        config["id"] = sha256(_go_json(dict(sorted(hashed.items())))).removeprefix("sha256:")
        config["os"] = image.config.os
        configs.append({name: config[name] for name in ORDER if name in config})
    return configs


def _go_json(document: object) -> bytes:
    """Return a JSON document as Go writes it, the names of every object in the order in which they are."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8", "surrogatepass")

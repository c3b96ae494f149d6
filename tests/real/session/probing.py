"""What an engine knows after a step: states of containers, images, layers, volumes, and the ids of all of these."""

import hashlib
import io
import json
import posixpath
import re
import tarfile
from itertools import pairwise
from operator import itemgetter

WORD = re.compile(r"<(\w+) ([^>]+?)(?:\[:(\d+)\])?>")  # <container web>, <image base:1[:12]>

SMALL = 4096  # bytes: what is larger is of the userland, which is each machine's own
FEW = 40  # members of a layer: more has only what holds the userland


def chain_ids(diff_ids):
    """Return the chain_ids of a stack (list of str).  Rule: image-spec config.md, "Layer ChainID"."""
    chain = list(diff_ids[:1])
    for diff_id in diff_ids[1:]:
        chain.append("sha256:" + hashlib.sha256(f"{chain[-1]} {diff_id}".encode()).hexdigest())
    return chain


class Probe:
    """Asks an engine what it knows, and teaches it to ``names`` (Names)."""

    def __init__(self, running, names):
        self.engine, self.names = running, names
        self.typed, self.states = set(), {}

    def each(self, kind, listed):
        """Return what there is to say about each of what is listed (list of dict), but what has gone meanwhile."""
        found = (self.engine.ask(f"/{kind}/{each['Id']}/json") for each in listed)
        return [each for each in found if each]

    def containers(self):
        """Return what the engine says about every container, the oldest first (list of dict)."""
        return sorted(
            self.each("containers", self.engine.ask("/containers/json?all=1")), key=lambda each: each["Created"]
        )

    def images(self):
        """Return what the engine says about every image, the oldest first (list of dict)."""
        found = self.each("images", self.engine.ask("/images/json?all=1"))
        return sorted(found, key=lambda each: (each.get("Created", ""), each["Id"]))

    def volumes(self):
        """Return the names of the volumes (list of str)."""
        return sorted(each["Name"] for each in self.engine.ask("/volumes")["Volumes"] or ())

    def networks(self):
        """Return what the engine says about every network (list of dict)."""
        return sorted(self.engine.ask("/networks"), key=lambda each: each["Name"])

    def look(self):
        """Learn the ids of what there is."""
        containers = self.containers()
        for each in containers:
            name = each["Name"][1:]
            if re.fullmatch(r"[a-z]+_[a-z]+\d?", name) and name not in self.typed:
                self.names.learn_generated(name)
            self.names.learn("container", each["Id"], self.names.generated.get(name, name).strip("<>"))
        for network in self.networks():
            self.names.learn("network", network["Id"], network["Name"])
        for volume in self.volumes():
            if re.fullmatch("[0-9a-f]{64}", volume):
                self.names.learn("volume", volume)
        for image in self.images():
            self.learn_image(image)

    def changed_states(self):
        """Return the states of the containers whose state has changed since (dict of name to str; None: gone)."""
        states = {self.label(each): state_of(each) for each in self.containers()}
        changed = {name: state for name, state in states.items() if self.states.get(name) != state}
        changed |= {name: None for name in self.states if name not in states}
        self.states = states
        return changed

    def learn_image(self, image):
        """Learn the ids of an image and of its layers, which are named by the first image that has them."""
        identifier = image["Id"].removeprefix("sha256:")
        self.names.learn("image", identifier, next(iter(image["RepoTags"] or []), ""))
        label = self.names.of(identifier).strip("<>").removeprefix("image ")
        layers = image["RootFS"].get("Layers") or []
        for at, (layer, chain) in enumerate(zip(layers, chain_ids(layers), strict=True), 1):
            self.names.learn("layer", layer.removeprefix("sha256:"), f"{label}/{at}")
            self.names.learn("chain", chain.removeprefix("sha256:"), f"{label}/{at}")

    def label(self, container):
        name = container["Name"][1:]
        return self.names.generated.get(name, name)

    def filled(self, word):
        """Return a word of a command line with ids in place of ``<container web>`` (str)."""

        def identifier(found):
            kind, label, digits = found.groups()
            if (kind, label) == ("container", "ambiguous"):
                return self.ambiguous()
            return self.names.meant(kind, label)[: int(digits or 64)]

        return WORD.sub(identifier, word)

    def ambiguous(self):
        """Return a prefix that two containers' ids share (str)."""
        identifiers = sorted(each["Id"] for each in self.containers())
        return next(one[:1] for one, other in pairwise(identifiers) if one[:1] == other[:1])

    def everything(self):
        """Return what there is at the end of a chapter (dict)."""
        self.look()
        images = self.images()
        parents = {each.get("Parent") for each in images}
        steps = [each for each in images if each["Id"] in parents and not each["RepoTags"]]
        whole = [each for each in images if each not in steps]
        return {
            "containers": {self.label(each): self.container(each) for each in self.containers()},
            "images": {self.names.of(each["Id"].removeprefix("sha256:")): self.image(each) for each in whole},
            "intermediate": [self.row(self.engine.ask(f"/images/{each['Id']}/history")[0]) for each in steps],
            "layers": self.contents(whole),
            "layerdb": self.layerdb(),
            "volumes": [self.names.normal(name) for name in self.volumes()],
            "networks": [each["Name"] for each in self.networks()],
        }

    def container(self, each):
        """Return what is compared of a container (dict)."""
        keys = ("Status", "Running", "Paused", "Restarting", "OOMKilled", "Dead", "ExitCode", "Error")
        state = {key: each["State"][key] for key in keys}
        state["Error"] = self.names.normal(state["Error"])
        changes = self.engine.ask(f"/containers/{each['Id']}/changes") or ()
        return {
            "image": self.names.normal(each["Image"]),
            "state": state,
            "restarts": each["RestartCount"],
            "diff": [f"{'CAD'[change['Kind']]} {change['Path']}" for change in sorted(changes, key=itemgetter("Path"))],
        }

    def image(self, each):
        """Return what is compared of an image (dict)."""
        rows = self.engine.ask(f"/images/{each['Id']}/history") or ()  # containerd has none of what has no name
        config = {
            key: value for key, value in (each["Config"] or {}).items() if value and key not in ("Hostname", "Image")
        }
        return {
            "tags": sorted(each["RepoTags"] or []),
            "layers": [self.names.normal(layer) for layer in each["RootFS"].get("Layers") or []],
            "history": [self.row(row) for row in rows],
            "config": json.loads(self.names.normal(json.dumps(config))),
        }

    def row(self, row):
        """Return a row of an image's history in a line (str): id, size, what made it, comment."""
        size = row["Size"] if row["Size"] < SMALL else "<size>"
        return self.names.normal(f"{row['Id']} | {size} | {row['CreatedBy']} | {row['Comment']}")

    def contents(self, images):
        """Return what is in each layer that brings no whole userland (dict of layer to list of str), as saved."""
        made = [each for each in images if "base:1" not in (each["RepoTags"] or []) and each["RootFS"].get("Layers")]
        identifiers = [each["Id"] for each in made]
        found = {}
        saved = self.engine.run(["docker", "save", *identifiers])
        if saved.returncode:  # nothing to save; or containerd's store, which cannot save what has no name
            return found
        with tarfile.open(fileobj=io.BytesIO(saved.stdout)) as archive:
            for each in json.load(archive.extractfile("manifest.json")):
                diff_ids = json.load(archive.extractfile(each["Config"]))["rootfs"]["diff_ids"] or []
                for diff_id, path in zip(diff_ids, each["Layers"], strict=True):
                    name = self.names.normal(diff_id).removeprefix("sha256:")
                    if name not in found and "layer base:1/" not in name:
                        found[name] = members(read_member(archive, path))
        return {name: found[name] for name in sorted(found) if len(found[name]) < FEW}

    def layerdb(self):
        """Return the names of the directories of layers in docker's own data root (list of str; chain_ids)."""
        folder = self.engine.data / "image/overlay2/layerdb/sha256"
        return sorted(map(self.names.of, (each.name for each in folder.iterdir()))) if folder.exists() else []


def read_member(archive, path):
    """Return a member of an archive as a file; old archives link equal layers to one another."""
    member = archive.getmember(path)
    if member.issym():
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), member.linkname))
    return archive.extractfile(path)


def members(layer):
    """Return what a layer's tar holds, a line each (list of str): mode, owner, size of small files, name."""
    try:
        with tarfile.open(fileobj=layer) as archive:
            return sorted((describe(member) for member in archive), key=lambda line: line.split(" ", 3)[3])
    except tarfile.ReadError:
        return ["no archive"]  # containerd's store imports anything


def describe(member):
    """Return a member of a layer's tar in a line (str)."""
    if posixpath.basename(member.name).startswith(".wh."):
        return f"w - - {member.name}"  # what else it has is chance: whiteouts share one inode
    kinds = {
        tarfile.DIRTYPE: "d",
        tarfile.SYMTYPE: "l",
        tarfile.LNKTYPE: "h",
        tarfile.FIFOTYPE: "p",
        tarfile.CHRTYPE: "c",
    }
    kind = kinds.get(member.type, "-")
    size = "-" if kind != "-" else str(member.size) if member.size < SMALL else "<size>"
    target = f" -> {member.linkname}" if kind in "lh" else ""
    return f"{kind}{member.mode & 0o7777:04o} {member.uid}:{member.gid} {size} {member.name.removeprefix('./')}{target}"


def state_of(container):
    """Return a container's state in a word, with how it ended (str)."""
    state = container["State"]
    return f"{state['Status']} {state['ExitCode']}" if state["Status"] == "exited" else state["Status"]

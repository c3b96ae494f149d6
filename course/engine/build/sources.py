"""The sources of COPY and ADD: which files a list of paths and patterns means, and their checksum for the cache."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from posixpath import normpath

from course.engine.build.globs import has_wildcards, matcher
from course.engine.build.here_documents import here_document
from course.engine.build.instruction import Instruction
from course.engine.build.refusal import CopyError
from course.layers import paths
from course.layers.entry import FileEntry, Kind, file
from course.layers.layer import Layer
from course.union.view import UnionView
from course.words import _

REMOTE = ("http://", "https://", "git://", "git@", "ssh://")
MOUNTED = "/var/lib/docker/tmp/buildkit-mount1"  # where BuildKit sees the files of another stage
TAR_TYPES = {
    Kind.FILE: "0",
    Kind.SYMLINK: "2",
    Kind.CHARACTER_DEVICE: "3",
    Kind.BLOCK_DEVICE: "4",
    Kind.DIRECTORY: "5",
    Kind.FIFO: "6",
}


@dataclass(frozen=True, slots=True)
class Source:
    """One source: ``place`` (str, normal) in ``view`` (UnionView), links followed; ``name`` is what it was called."""

    view: UnionView
    place: str
    name: str

    @property
    def entry(self) -> FileEntry:
        """What lies there (FileEntry)."""
        return self.view.lstat(self.place)

    def below(self) -> Iterator[tuple[str, FileEntry]]:
        """Yield every path (str, normal) below a directory, with what lies there (FileEntry)."""
        return ((path, found.entry) for path, found in self.view.walk(self.place))


def sources(
    instruction: Instruction, view: UnionView, from_stage: bool = False, *, buildkit: bool = False
) -> list[Source]:
    """Return the sources (list of Source) of a COPY or ADD (Instruction, expanded).

    ``view`` shows the build context or, if ``from_stage``, another stage or image (UnionView).  Patterns may match
    nothing for ``buildkit`` (bool), and the destination of several need not end with a slash.  Raises CopyError, in
    docker's words.  Rule: Dockerfile reference, "COPY"; moby's daemon/builder/dockerfile/copy.go.

    >>> context = UnionView([Layer.of({"a.py": "1", "b.py": "2"})])
    >>> [source.place for source in sources(Instruction("COPY", ("*.py", "/src/")), context)]
    ['/a.py', '/b.py']
    """
    *words, destination = instruction.arguments
    documents = {document.name: document.data for document in instruction.here_documents}
    found: list[Source] = []
    for word in words:
        document = here_document(word)
        if document:
            inline = UnionView([Layer({"/content": file(documents.get(document.name, ""))})])
            found.append(Source(inline, "/content", document.name))
        else:
            found += _found(instruction.keyword, word, view, from_stage)
    if buildkit:
        return found
    if not found:
        raise CopyError(f"{instruction.keyword} failed: no source files were specified")
    if len(found) > 1 and not destination.endswith("/"):
        raise CopyError(
            f"When using {instruction.keyword} with more than one source file, "
            "the destination must be a directory and end with a /"
        )
    return found


def _found(keyword: str, word: str, view: UnionView, from_stage: bool) -> list[Source]:
    if word.startswith(REMOTE):
        if keyword == "COPY":
            raise CopyError("COPY failed: source can't be a URL for COPY", "source can't be a URL for COPY")
        raise CopyError(
            _("ADD failed: '{source}' lies on the network, which the simulator does not have.").format(source=word)
        )
    path = word.removeprefix("/").removeprefix("./")
    if has_wildcards(path):
        try:
            matches = matcher(path)
        except ValueError:
            return []  # docker takes a pattern that is not well made for one that matches nothing
        names = [name[1:] for name, _entry in view.walk() if matches(name[1:])]
        return [_source(keyword, name, view, from_stage) for name in names]
    return [_source(keyword, path, view, from_stage)]


def _source(keyword: str, path: str, view: UnionView, from_stage: bool) -> Source:
    clean = normpath(path.lstrip("/") or ".")
    missing = f'failed to calculate checksum of ref: "{normpath("/" + clean)}": not found'
    if not from_stage and clean.split("/")[0] == "..":
        raise CopyError(f"{keyword} failed: forbidden path outside the build context: {path} ()", missing)
    try:
        place = view.resolve(normpath("/" + clean))
    except (OSError, ValueError) as error:
        if from_stage:
            missing = f"lstat {MOUNTED}/{clean}: no such file or directory"
        hint = "" if from_stage else "file not found in build context or excluded by .dockerignore: "
        raise CopyError(f"{keyword} failed: {hint}stat {path}: file does not exist", missing) from error
    return Source(view, place, paths.name(normpath("/" + clean)))


def checksum(found: Sequence[Source], from_stage: bool = False) -> str:
    """Return the checksum (str) of sources, by which the cache knows them again.

    It depends on paths, kinds, modes, owners, contents and targets of links, and not on times.  It is the one that the
    classic builder shows in an image's history, ``COPY file:… in /``; but of a link in a directory that builder takes
    the checksum of what it leads to, and overlooks a change of its target.  ``from_stage`` is whether the sources lie
    in another stage or image (bool): those docker describes as they lie on its disk, with the names of their owners.
    Rule: moby's daemon/builder/dockerfile/copy.go and tarsum, version 1.

    >>> context = UnionView([Layer.of({"a": "1"})])
    >>> checksum(sources(Instruction("COPY", ("a", "/")), context))[:13]
    'file:9acfe44b'
    """
    each = [_checksum(source, from_stage) for source in found]
    return each[0] if len(each) == 1 else _joined("multi", each)


def _checksum(source: Source, from_stage: bool) -> str:
    entry = source.entry
    if not entry.is_directory:
        return f"file:{_tarsum(source.place, entry, from_stage)}"
    own = [] if source.place == paths.ROOT else [_tarsum(source.place, entry, from_stage)]
    return _joined("dir", sorted(own + [_tarsum(path, found, from_stage) for path, found in source.below()]))


def _joined(kind: str, sums: Sequence[str]) -> str:
    return f"{kind}:{hashlib.sha256(','.join(sums).encode()).hexdigest()}"


def _tarsum(path: str, entry: FileEntry, on_disk: bool) -> str:
    """Return the digest of an entry's header, in tarsum's form, and content."""
    name = path[1:] + "/" * entry.is_directory
    header = (
        ("name", name),
        (
            "mode",
            str(entry.kind.value | entry.mode),
        ),  # as moby's archive package has had it since Go 1.9 left the kind out
        ("uid", str(entry.uid)),
        ("gid", str(entry.gid)),
        ("size", str(entry.size)),
        ("typeflag", TAR_TYPES[entry.kind]),
        ("linkname", entry.target),
        ("uname", "root" if on_disk and not entry.uid else ""),
        ("gname", "root" if on_disk and not entry.gid else ""),
        ("devmajor", str(entry.device[0])),
        ("devminor", str(entry.device[1])),
    )
    digest = hashlib.sha256("".join(key + value for key, value in header).encode("utf-8", "surrogateescape"))
    if entry.kind is Kind.FILE:
        with entry.content.open() as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()

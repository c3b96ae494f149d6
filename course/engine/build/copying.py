"""What COPY and ADD put where: the entries that they write into the image."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from posixpath import normpath

from course.engine.build.archives import is_archive, unpacked
from course.engine.build.instruction import Instruction
from course.engine.build.owners import owner
from course.engine.build.refusal import CopyError
from course.engine.build.sources import Source
from course.errors import ImageError
from course.layers import paths
from course.layers.entry import FileEntry, Kind, directory
from course.layers.layer import Layer
from course.union.view import UnionView
from course.words import _

ROOT_OWNS = (0, 0)
UNKNOWN_FLAGS = ("parents", "exclude")
FOR_EVERYONE = 0o7777


def copied(
    instruction: Instruction,
    found: Sequence[Source],
    image: UnionView,
    working_directory: str = "/",
    now_ns: int = 0,
    *,
    buildkit: bool = False,
) -> dict[str, FileEntry]:
    """Return what a COPY or ADD (Instruction, expanded) writes (path -> FileEntry), each directory before its content.

    ``found`` are its sources (sequence of Source), ``image`` is what it writes into (UnionView), ``working_directory``
    is where a relative destination begins (str), ``now_ns`` the time that new directories get (int, nanoseconds since
    1970).  A directory's content is copied, not the directory; a file goes into a destination that is a directory or
    ends with a slash; ADD unpacks archives.  Directories on the way that are missing are made, mode 0755.  ``buildkit``
    is whether to do it as BuildKit does (bool).  Raises CopyError, in docker's words.

    Rule: Dockerfile reference, "COPY" and "ADD"; moby's daemon/builder/dockerfile/copy.go.

    >>> from course.engine.build.sources import sources
    >>> copy = Instruction("COPY", ("src", "/app"), (("chown", "5:6"),))
    >>> context = UnionView([Layer.of({"src/a": "1"})])
    >>> [(path, entry.uid) for path, entry in copied(copy, sources(copy, context), UnionView([])).items()]
    [('/app', 5), ('/app/a', 5)]
    """
    for flag in UNKNOWN_FLAGS:
        if instruction.flag(flag):
            raise CopyError(_("the simulator does not know --{flag} yet; name the files.").format(flag=flag))
    chown = instruction.flag("chown")
    owners = owner(chown, image, buildkit=buildkit) if chown else None if instruction.flag("from") else ROOT_OWNS
    mode = _mode(instruction.flag("chmod"), buildkit)
    wanted = instruction.arguments[-1]
    place = "/" + normpath(f"{working_directory}/{wanted}" if wanted[:1] != "/" else wanted).lstrip("/")
    written: dict[str, FileEntry] = {}
    for source in found:
        view = UnionView([*image.layers, Layer(written)]) if written else image
        target = _followed(view, place)
        entry = source.entry
        archive = _archive(source) if instruction.keyword == "ADD" else None
        new = directory(mtime_ns=now_ns)
        if archive is not None:
            entries = {paths.ROOT: new, **archive}
        elif entry.is_directory:
            entries = {path: _own(entry, owners) for path, entry in ((paths.ROOT, new), *_content(source))}
        else:
            if wanted.endswith("/") or _is_directory(view, target):
                target = _followed(view, paths.join(target, source.name))
            entries = {paths.ROOT: _own(replace(entry, link_to=""), owners)}
        # docker gives the directories above a file to whom it gives the file, and those above a directory to root
        _make_way(written, view, target, _own(new, None if entries[paths.ROOT].is_directory else owners))
        if entries[paths.ROOT].is_directory and view.lookup(target):
            if not _is_directory(view, target):
                raise _no_directory(target)
            del entries[paths.ROOT]  # one that was there stays as it is
        for path, entry in entries.items():
            link = paths.normal(target + entry.link_to) if entry.link_to else ""
            bits = entry.mode if mode is None or entry.kind is Kind.SYMLINK else mode
            _put(written, paths.normal(target + path), replace(entry, link_to=link, mode=bits))
    return written


def _mode(text: str, buildkit: bool) -> int | None:
    """Return the permission bits that ``--chmod`` asks for, or None; BuildKit overlooks what is no octal number."""
    if not text:
        return None
    if set(text) <= set("01234567") and len(text) < 10 and int(text, 8) <= FOR_EVERYONE:
        return int(text, 8)
    if buildkit:
        return None
    raise CopyError(f"invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777")


def _own(entry: FileEntry, owners: tuple[int, int] | None) -> FileEntry:
    return entry if owners is None else replace(entry, uid=owners[0], gid=owners[1])


def _archive(source: Source) -> Mapping[str, FileEntry] | None:
    """Return what an archive holds, or None where the source is none."""
    entry = source.entry
    if entry.kind is not Kind.FILE or not is_archive(data := entry.read()):
        return None
    try:
        return unpacked(data, source.name)
    except ImageError as error:
        raise CopyError(f"ADD failed: {error}") from error


def _content(source: Source) -> Iterator[tuple[str, FileEntry]]:
    """Yield what a directory holds, by its path below it; names of one file stay names of one file."""
    skipped = 0 if source.place == paths.ROOT else len(source.place)
    firsts: dict[tuple[int, str], str] = {}
    for path, found in source.view.walk(source.place):
        entry, below = found.entry, path[skipped:]
        if entry.kind is Kind.FILE:
            first = firsts.setdefault((found.layer, entry.link_to or path), below)
            entry = replace(entry, link_to="" if first == below else first)
        yield below, entry


def _followed(view: UnionView, place: str) -> str:
    """Return where a path leads, links followed as far as it is there."""
    missing: list[str] = []
    while place != paths.ROOT:
        try:
            found = view.resolve(place)
        except (OSError, ValueError):
            missing.append(paths.name(place))
            place = paths.parent(place)
            continue
        return "/".join(["" if found == paths.ROOT else found, *reversed(missing)]) or paths.ROOT
    return "/" + "/".join(reversed(missing))


def _is_directory(view: UnionView, place: str) -> bool:
    found = view.lookup(place)
    return found is not None and found.entry.is_directory


def _make_way(written: dict[str, FileEntry], view: UnionView, target: str, new: FileEntry) -> None:
    """Make the directories above the target that are missing."""
    for above in paths.ancestors(target)[1:]:
        found = view.lookup(above)
        if found is None:
            written[above] = new
        elif not found.entry.is_directory:
            raise _no_directory(above)


def _no_directory(path: str) -> CopyError:
    reason = f"mkdir {path}: not a directory"
    return CopyError(f"failed to copy files: {reason}", reason)


def _put(written: dict[str, FileEntry], place: str, entry: FileEntry) -> None:
    """Write an entry; what is no directory takes the place of all that was below."""
    if not entry.is_directory:
        for below in [path for path in written if path.startswith(place + "/")]:
            del written[below]
    written[place] = entry

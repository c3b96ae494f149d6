"""The directory of an engine's store: opened by one engine at a time, read once, and written after each command."""

import errno
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from course.engine.disk import image_store, overlay2_directory
from course.engine.disk.image_store import layer_files
from course.engine.disk.trees import document
from course.engine.kept.fields import Fields
from course.engine.kept.findings import Finding, Remedy
from course.engine.kept.layer_keeper import LayerKeeper
from course.engine.kept.loading import Loader
from course.engine.kept.locking import LOCK, locked
from course.engine.kept.reading import is_directory, is_there, read_json
from course.engine.kept.saving import Plan, below, net, planned
from course.engine.kept.writing import LIST, Files, draft_of
from course.engine.store import Change
from course.errors import CourseError, MachineError
from course.layers.entry import file
from course.union.overlay2_names import ROOT
from course.words import _, shown

FORMAT = 1
OWN = "engine.json"
LOST = "lost+found"
RESERVED = 1000  # ids that may be given without being written down
FOLDERS = {
    **{path.removeprefix(f"{ROOT}/"): mode for path, mode in overlay2_directory.FOLDERS.items() if path != ROOT},
    **{path.removeprefix(f"{ROOT}/"): mode for path, mode in image_store.FOLDERS.items()},
    "containers": 0o710,
    "overlay2": 0o710,
    "overlay2/l": 0o700,
    "volumes": 0o701,
    LOST: 0o700,
}


class Directory:
    """A store's directory, which no other engine has meanwhile: ``opened`` makes one.

    ``path`` is where it is (Path), ``keeper`` has its layers (LayerKeeper), ``files`` changes what else is in it
    (Files).  ``seed`` is where an engine on it takes ids from (int), drawn when the directory was made.  ``findings``
    are what the last ``load`` found damaged (list of Finding).

    Besides docker's files there are four of the course's own: ``engine.lock``, ``engine.json`` (the format, the seed,
    and an upper bound of the ids given so far), ``unfinished.json`` for an instant, and ``lost+found``.
    """

    def __init__(self, path: Path, keeper: LayerKeeper, lock: BinaryIO) -> None:
        self.path, self.keeper, self._lock = path, keeper, lock
        self.files = Files(path, keeper.remove)
        self.seed = self._reserved = 0
        self._own_findings: list[Finding] = []
        self.findings: list[Finding] = []

    @classmethod
    def opened(cls, path: Path, keeper: LayerKeeper) -> Self:
        """Return the directory ``path`` (Path), made if it is not there; it is to be closed, as by ``with``.

        What a crash has left half done is finished, or forgotten if it was not decided.  Raises MachineError: another
        engine has it; it is something else; it cannot be written; another version of the course has written it.
        """
        path = path.absolute()
        with telling(path):
            path.mkdir(0o700, parents=True, exist_ok=True)
            _check_kind(path)
            directory = cls(path, keeper, locked(path))
        try:
            with telling(path):
                directory._prepare()
        except BaseException:
            directory.close()
            raise
        return directory

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let another engine have it."""
        self._lock.close()

    def _prepare(self) -> None:
        if not is_there(self.path, OWN):
            self._reserve(0, random.randrange(2**32))  # noqa: S311 (names, no secrets)
        for name, mode in FOLDERS.items():
            folder = self.path / name
            if is_directory(self.path, name):
                continue
            if is_there(self.path, name):
                raise MachineError(_("{path}: is no directory.").format(path=shown(str(folder))))
            folder.mkdir()
            folder.chmod(mode)
        self._read_own()
        try:
            self.files.finish()
        except CourseError as error:
            self._give_up(LIST, error)
        self.files.empty_trash()

    def _read_own(self) -> None:
        try:
            fields = Fields(read_json(self.path, OWN), str(self.path / OWN))
            found = fields.number("Format", required=True)
            self.seed, self._reserved = fields.number("Seed"), fields.number("Ids")
        except CourseError as error:
            self._give_up(OWN, error)
            self._reserve(0, random.randrange(2**32))  # noqa: S311
            return
        if found != FORMAT:
            raise MachineError(
                _("{path}: is of format {found}; this course reads format {known}: choose another directory.").format(
                    path=shown(str(self.path)), found=found, known=FORMAT
                )
            )

    def _give_up(self, path: str, error: CourseError) -> None:
        """Put aside at once what no engine can go on with."""
        self.put_aside(path)
        self._own_findings.append(Finding(path, str(error), Remedy.NONE))

    def _reserve(self, ids: int, seed: int) -> None:
        """Write down that up to so many ``ids`` (int) may have been given from ``seed`` (int)."""
        found = document({"Format": FORMAT, "Seed": seed, "Ids": ids})
        self.files.change({OWN: file(found + "\n", 0o600)})
        self.seed, self._reserved = seed, ids

    # What an engine does with it

    def load(self) -> dict[str, dict[str, Any]]:
        """Return the tables of an engine (dict of dict) as the files tell them.

        They are those that were saved last, but for the build cache, the clock and the last pid, which begin anew, and
        the ids: those that may have been given since are passed over.  What is damaged is left out: ``problems`` says
        what.
        """
        loader = Loader(self.path, self.keeper)
        tables = loader.tables()
        tables["machine"]["ids"] = self._reserved
        self.findings = self._own_findings + loader.findings
        return tables

    @property
    def problems(self) -> list[str]:
        """What the last ``load`` left out, and why (list of str, a sentence each)."""
        return [finding.text for finding in self.findings]

    def save(self, changes: Sequence[Change], tables: Mapping[str, Mapping[str, Any]]) -> None:
        """Write what ``changes`` (sequence of Change), after which the ``tables`` are so, have changed on disk.

        When it returns, a power cut loses nothing of it; only what containers with ``--rm`` are and do is not worth
        waiting for the disk, and one that was made and is gone again costs nothing at all.  Raises MachineError (there
        is no space, or no right to write) or what the keeper raises, with everything as it was.
        """
        wanted, ids = net(changes), tables["machine"].get("ids", 0)
        if not wanted and ids <= self._reserved:
            return
        if self._lock.closed:
            raise MachineError(_("{path}: is closed.").format(path=shown(str(self.path))))
        with telling(self.path):
            if ids > self._reserved:
                self._reserve(ids + RESERVED, self.seed)
            if wanted:
                self._carry_out(planned(wanted, tables, str(self.path)))

    def _carry_out(self, plan: Plan) -> None:
        for layer in plan.layers:
            known = below(layer_files(layer))
            if not all(is_there(self.path, path) for path in known):  # they are written once the layer is kept
                self.keeper.keep(layer)
                plan.ahead |= known
                plan.synced = True
        self.files.change(plan.shown, plan.ahead, plan.removed, synced=plan.synced)
        self.files.remove(plan.left)
        for name in plan.forgotten:
            with suppress(OSError, CourseError):  # nothing refers to it: gc finds it
                self.keeper.forget(name)

    def put_aside(self, path: str) -> str:
        """Move ``path`` (str) into ``lost+found``, and return where it is then (str)."""
        name, number = path.replace("/", "-")[-200:], 1
        target = f"{LOST}/{name}"
        while is_there(self.path, target):
            number += 1
            target = f"{LOST}/{name}.{number}"
        (self.path / path).replace(self.path / target)
        return target


def _check_kind(path: Path) -> None:
    """Raise MachineError if ``path`` is someone else's, or holds something else."""
    owner, own = path.stat().st_uid, os.geteuid()
    if owner != own:
        raise MachineError(
            _("{path}: belongs to user {owner}, and this is user {own}: choose a directory of your own.").format(
                path=shown(str(path)), owner=owner, own=own
            )
        )
    others = {each.name for each in path.iterdir()} - {LOCK, LOST, draft_of(OWN)}
    if others and OWN not in others:
        raise MachineError(
            _("{path}: holds something else than an engine's store: choose an empty directory.").format(
                path=shown(str(path))
            )
        )


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Raise MachineError, with what to do, where the file system refuses."""
    try:
        yield
    except OSError as error:
        where = shown(error.filename if isinstance(error.filename, str) else str(path))
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            text = _("{path}: there is no space left, so nothing was changed: free some, and try again.")
        else:
            text = _("{path}: cannot be written, so nothing was changed: {reason}.")
        raise MachineError(text.format(path=where, reason=error.strerror)) from error

"""What the engines answered: recordings of the session, to hold another engine against."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from session.table import Step, chapter

FOLDER = Path(__file__).parent / "recordings"


@dataclass(frozen=True)
class Answer:
    """A step (Step) and, for a docker command, what came of it, normalised.

    ``status`` is the exit status (int; None for what is no command), ``stdout`` and ``stderr`` what was written (str),
    ``states`` the states of the containers whose state has changed (dict of name to ``exited 137``, ``running``, …, or
    None for one that is gone).
    """

    step: Step
    status: int | None = None
    stdout: str = ""
    stderr: str = ""
    states: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Recording:
    """A chapter as one engine answered it: ``answers`` in their order, and what there was at the ``end`` (dict)."""

    engine: str
    builder: str
    chapter: str
    answers: list[Answer]
    end: dict[str, Any]


def recorded():
    """Return what there are recordings of (list of pairs of str: engine and chapter)."""
    return sorted((path.parent.name, path.stem) for path in FOLDER.glob("*/*.json"))


def load(engine, name, folder=FOLDER):
    """Return the recording of a chapter on an engine (Recording).

    Raises ValueError: the chapter has been changed since, and has to be recorded again.
    """
    data = json.loads((folder / engine / f"{name}.json").read_text())
    steps, records = chapter(name, data["builder"]), data["steps"]
    lines = [record.get("run") or next(iter(record.items())) for record in records]
    if lines != [step.line if step.kind == "$" else (step.kind, step.line.partition(" ")[2]) for step in steps]:
        raise ValueError(f"chapter {name} has changed: record it again")
    answers = [answer(step, record) for step, record in zip(steps, records, strict=True)]
    return Recording(data["engine"], data["builder"], name, answers, data["end"])


def answer(step, record):
    """Return a step with what is on record about it (Answer)."""
    if step.kind != "$":
        return Answer(step, states=record.get("states", {}))
    written = ("".join(record[stream]) for stream in ("stdout", "stderr"))
    return Answer(step, record["status"], *written, record.get("states", {}))


def refusals(engine):
    """Return every command that an engine refused, with its exit status and words (list of Answer)."""
    recordings = (load(engine, name) for which, name in recorded() if which == engine)
    return [each for made in recordings for each in made.answers if each.status and each.stderr]

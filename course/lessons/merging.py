"""Merging notebooks: what a learner wrote goes into a newer version of the lesson, cell by cell.

Three versions are known: the lesson as it was when the learner got it (``base``), what the learner made of it
(``mine``), and the lesson as it is now (``shipped``).  Two cells are the same cell if they hold the same exercise, or
else if they have the same id (nbformat 4.5), or else, where a cell has none, if they stand in the same place.

- A cell that the learner did not touch becomes what the lesson has now; its output stays if its text does.
- A cell whose text the learner changed stays as it is, also where the lesson changed it or has it no more.
- A cell that the learner added stays after the cell that it followed.
- A cell that the learner deleted stays deleted, unless the lesson changed it.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any
from uuid import uuid4

Cell = dict[str, Any]
Notebook = dict[str, Any]


def source(cell: Cell) -> str:
    r"""Return the text of a cell (str), which a notebook holds as a string or as a list of lines.

    >>> source({"source": ["one\n", "two"]})
    'one\ntwo'
    """
    return "".join(cell.get("source", ""))


def exercise_id(cell: Cell) -> str:
    r"""Return the id (str) of the exercise that a cell (dict) holds; an empty text, if it holds none.

    >>> exercise_id({"source": "%%exercise layers/lookup\ndef lookup(layers, path): ..."})
    'layers/lookup'
    """
    words = source(cell).partition("\n")[0].split()
    return words[1] if len(words) == 2 and words[0] == "%%exercise" else ""


def as_jupyter_does(notebook: Notebook) -> bytes:
    r"""Return a notebook (dict) as Jupyter writes it (bytes).

    >>> as_jupyter_does({"cells": []})
    b'{\n "cells": []\n}\n'
    """
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    return text.encode("utf-8", "backslashreplace")  # half a surrogate pair, which JSON escapes in the same way


def merge(base: Notebook, mine: Notebook, shipped: Notebook) -> Notebook:
    """Return ``shipped`` with what the learner wrote in ``mine`` since it was ``base`` (each a notebook, dict).

    >>> def lesson(*texts):
    ...     return {"cells": [{"id": str(number), "source": text} for number, text in enumerate(texts)]}
    >>> merged = merge(lesson("old", "x = …"), lesson("old", "x = 1"), lesson("new", "x = ?"))
    >>> [source(cell) for cell in merged["cells"]]
    ['new', 'x = 1']
    """
    before = _by_key(base["cells"], {})
    now = _by_key(shipped["cells"], before)
    yours = _by_key(mine["cells"], {**before, **now, **before})  # as the learner got them, then what came since

    taken = {cell["id"] for cell in shipped["cells"] if "id" in cell}
    added: defaultdict[str, list[Cell]] = defaultdict(list)  # what only the learner has, by the cell that it follows
    place = ""
    for key, cell in yours.items():
        if key in now:
            place = key
        elif key not in before or _differ(cell, before[key]):
            added[place].append(_with_own_id(cell, taken))

    cells = list(added[""])
    for key, cell in now.items():
        if key in yours:
            cells.append(_merged(before.get(key), yours[key], cell))
        elif key not in before or _differ(cell, before[key]):
            cells.append(cell)
        cells += added[key]
    return {**mine, **shipped, "cells": cells}


def _merged(before: Cell | None, mine: Cell, now: Cell) -> Cell:
    if before and not _differ(mine, before) and _differ(mine, now):
        return now
    return {**mine, **{field: now[field] for field in ("id", "metadata") if field in now}}


def _differ(one: Cell, other: Cell) -> bool:
    return source(one) != source(other) or one.get("cell_type") != other.get("cell_type")


def _by_key(cells: list[Cell], known: Mapping[str, Cell]) -> dict[str, Cell]:
    """Return ``cells`` in their order, each under a key (str) of its own: the one that it has in ``known``, if any."""
    by_id = {cell["id"]: key for key, cell in known.items() if "id" in cell}
    by_place = _same_places(known, cells)
    keys: dict[int, str] = {}

    def claim(number: int, key: str) -> None:
        if key and number not in keys and key not in keys.values():
            keys[number] = key

    for number, cell in enumerate(cells):
        if name := exercise_id(cell):
            claim(number, f"exercise {name}")
    for number, cell in enumerate(cells):
        claim(number, by_id.get(cell.get("id", ""), ""))
    for number, cell in enumerate(cells):
        place = by_place.get(number, "")
        if place and not ("id" in cell and "id" in known[place]):
            claim(number, place)
        claim(number, f"id {cell['id']}" if "id" in cell else "")
        claim(number, f"new {uuid4()}")
    return {keys[number]: cell for number, cell in enumerate(cells)}


def _same_places(known: Mapping[str, Cell], cells: list[Cell]) -> dict[int, str]:
    """Return the key in ``known`` for each place in ``cells`` where the same text stands, or one text for another."""
    keys = list(known)
    texts = [source(cell) for cell in known.values()]
    matcher = SequenceMatcher(None, texts, [source(cell) for cell in cells], autojunk=False)
    places: dict[int, str] = {}
    for _tag, start, end, first, last in matcher.get_opcodes():
        places |= zip(range(first, last), keys[start:end], strict=False)
    return places


def _with_own_id(cell: Cell, taken: set[str]) -> Cell:
    """Return ``cell`` with an id that is not in ``taken``, and add it there; where no cell has an id, as it is."""
    if not taken:
        return cell
    if cell.get("id", "") in {"", *taken}:
        cell = {**cell, "id": uuid4().hex[:8]}
    taken.add(cell["id"])
    return cell

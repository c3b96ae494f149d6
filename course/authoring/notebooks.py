"""The shipped notebooks: run them to store their outputs, and fill in the solutions to check them solved.

``python -m course.authoring.notebooks run NOTEBOOK…`` runs notebooks and stores what their cells print;
``python -m course.authoring.notebooks lay-out FOLDER`` writes them into FOLDER, as they are shipped and with every
exercise solved, for nbval to run.
"""

import argparse
import copy
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from course.files import replacing
from course.grading.exercise import load_exercise
from course.lessons.merging import Notebook, as_jupyter_does, exercise_id
from course.shipped import shipped_folder

MACHINE = "machine"  # the tag of a cell whose output is this machine's own, and is not stored
PROGRESS = "progress"  # the tag of a cell whose output depends on what the learner has solved
IGNORED = "nbval-ignore-output"


def read_notebook(path: Path) -> Notebook:
    """Return the notebook at ``path`` (dict, nbformat 4).  Raises OSError, ValueError."""
    notebook: Notebook = json.loads(path.read_text("utf-8"))
    return notebook


def write_notebook(notebook: Notebook, path: Path) -> None:
    """Write ``notebook`` (dict) as Jupyter writes it, whole or not at all.  Raises OSError."""
    with replacing(path) as file:
        file.write(as_jupyter_does(notebook))


def solved(notebook: Notebook) -> Notebook:
    """Return a copy of ``notebook`` (dict) with every exercise solved, and full marks asserted after each.

    What the solutions change on the page (the feedback itself, and cells tagged ``progress``) is not compared.
    """
    cells = []
    for cell in copy.deepcopy(notebook["cells"]):
        name = exercise_id(cell)
        tags = cell["metadata"].setdefault("tags", [])
        if name:
            exercise = load_exercise(name)
            cell["source"] = f"%%exercise {name}\n{exercise.solution}"
            tags.append(IGNORED)
        elif PROGRESS in tags:
            tags.append(IGNORED)
        cells.append(cell)
        if name:
            source = (
                "from course.lessons.progress import progress\n"
                f"assert progress().best('{name}') == {load_exercise(name).points}, 'less than full marks'"
            )
            cells.append(_code_cell(f"{cell['id']}-marks", source))
    return {**notebook, "cells": cells}


def run(notebook: Notebook) -> Notebook:
    """Return ``notebook`` (dict) with the outputs that its cells give now, from an empty progress file.

    The output of a cell tagged ``machine`` is left out.  Raises subprocess.CalledProcessError: a cell fails, and what
    Jupyter says of it is printed.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "notebook.ipynb")
        write_notebook(notebook, path)
        jupyter = [sys.executable, "-m", "nbconvert", "--log-level=ERROR"]
        command = [*jupyter, "--to=notebook", "--execute", "--inplace", path.name]
        own_progress = {"COURSE_PROGRESS": str(Path(folder, "progress.jsonl"))}
        subprocess.run(command, check=True, cwd=folder, env={**os.environ, **own_progress})
        done = read_notebook(path)
    for cell in done["cells"]:
        cell["metadata"].pop("execution", None)
        if cell["cell_type"] == "code":
            for output in cell["outputs"]:
                output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)  # of a kernel now gone
            if MACHINE in cell["metadata"].get("tags", []):
                cell["execution_count"], cell["outputs"] = None, []
    done["metadata"] = notebook["metadata"]
    return done


def _code_cell(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "code", "id": name, "metadata": {}, "execution_count": None, "outputs": [], "source": source}


def main(arguments: list[str]) -> None:
    """Run or solve the shipped notebooks, as the module's docstring says."""
    parser = argparse.ArgumentParser(prog="python -m course.authoring.notebooks")
    parser.add_argument("verb", choices=["run", "lay-out"])
    parser.add_argument("paths", nargs="+", type=Path)
    asked = parser.parse_args(arguments)
    if asked.verb == "run":
        for path in asked.paths:
            write_notebook(run(read_notebook(path)), path)
        return
    [folder] = asked.paths
    for form, made in (("shipped", copy.deepcopy), ("solved", solved)):
        (folder / form).mkdir(parents=True)
        (folder / form / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", "utf-8")
        for path in sorted((shipped_folder() / "notebooks").glob("*.ipynb")):
            write_notebook(made(read_notebook(path)), folder / form / path.name)


if __name__ == "__main__":
    main(sys.argv[1:])

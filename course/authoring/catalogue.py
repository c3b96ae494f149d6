"""The message catalogue: every text that a person reads, gathered from the code and the exercises for translators.

``python -m course.authoring.catalogue`` writes ``course/locale/course.pot``; a test holds it to the sources.  A
translation is made of it with any gettext tool (``msginit``, ``pybabel init``, Poedit).
"""

import io
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course.files import replacing
from course.shipped import PACKAGE
from course.words import LOCALE_FOLDER

POT = LOCALE_FOLDER / "course.pot"
CHECKOUT = PACKAGE.parent
FUNCTIONS = {"_": None, "_n": (1, 2)}  # whose arguments are messages
TEXTS = ("title", "hints", "text", "explanation")  # the fields of exercise.toml and predict.toml that are shown
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'

Message = str | tuple[str, ...]  # the second form: one, and many


def messages() -> Iterator[tuple[str, Message]]:
    """Yield every message (str, or a tuple of two: one and many) with the file (str) that it stands in."""
    for path in [*_sources("course/**/*.py"), *_sources("exercises/**/checks.py")]:
        for message in _in_code(path):
            yield path.relative_to(CHECKOUT).as_posix(), message
    for path in _sources("exercises/**/*.toml"):
        for text in _in_toml(tomllib.loads(path.read_text("utf-8"))):
            yield path.relative_to(CHECKOUT).as_posix(), text


def catalogue_text() -> str:
    """Return the catalogue (str, a gettext template), the same whenever it is made of the same messages."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    catalogue = Catalog(charset="utf-8")
    for where, message in messages():
        catalogue.add(message, locations=[(where, 0)])
    written = io.BytesIO()
    write_po(written, catalogue, width=0, sort_output=True, omit_header=True, include_lineno=False)
    return HEADER + written.getvalue().decode("utf-8")


def _sources(pattern: str) -> list[Path]:
    return sorted(path for path in CHECKOUT.glob(pattern) if not path.is_relative_to(PACKAGE / "share"))


def _in_code(path: Path) -> Iterator[Message]:
    from babel.messages.extract import extract

    with path.open("rb") as file:
        for _line, message, _comments, _context in extract("python", file, keywords=FUNCTIONS):
            yield message


def _in_toml(table: dict[str, Any]) -> Iterator[str]:
    """Yield the texts of a table and of the tables in it."""
    for name, value in table.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield from _in_toml(item)
            elif name in TEXTS:
                yield item


if __name__ == "__main__":
    with replacing(POT) as file:
        file.write(catalogue_text().encode("utf-8"))

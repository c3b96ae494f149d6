"""The fields of a document that may say anything: each is of the kind that it has to be, or the document is refused."""

from collections.abc import Iterator
from typing import Any

from course.errors import InvalidDocument
from course.layers.document import field
from course.words import _


class Fields:
    """The fields of a JSON object (dict) by name; ``where`` names the document in messages (str).

    What is absent or null is the empty value of its kind.  Raises InvalidDocument: a field is of another kind.

    >>> Fields({"Binds": ["/srv:/data"], "Memory": None}, "hostconfig.json").texts("Binds")
    ('/srv:/data',)
    """

    def __init__(self, document: dict[str, Any], where: str) -> None:
        self.where = where
        self._document = document

    def text(self, name: str, *, required: bool = False) -> str:
        """Return a text (str); if ``required`` it has to be there, and to say something."""
        found: str = field(self._document, name, str, self.where, required=required)
        if required and not found:
            raise InvalidDocument(_("{where}: '{name}' is empty.").format(where=self.where, name=name))
        return found

    def number(self, name: str, *, required: bool = False) -> int:
        """Return a whole number (int)."""
        return field(self._document, name, int, self.where, required=required)  # type: ignore[no-any-return]

    def flag(self, name: str) -> bool:
        """Return whether something is so (bool)."""
        return field(self._document, name, bool, self.where)  # type: ignore[no-any-return]

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts (tuple of str)."""
        found: list[Any] = field(self._document, name, list, self.where)
        return tuple(self._text(each, name) for each in found)

    def mapping(self, name: str) -> dict[str, str]:
        """Return texts by name (dict)."""
        return {key: self._text(value, name) for key, value in self.whole(name).items()}

    def whole(self, name: str, *, required: bool = False) -> dict[str, Any]:
        """Return an object as it stands (dict)."""
        return field(self._document, name, dict, self.where, required=required)  # type: ignore[no-any-return]

    def inner(self, name: str, *, required: bool = False) -> "Fields":
        """Return the fields of an object in this one (Fields)."""
        return Fields(self.whole(name, required=required), f"{self.where}, {name}")

    def each(self, name: str) -> Iterator[tuple[str, "Fields"]]:
        """Yield the objects in an object, by name (pairs of str and Fields)."""
        inner = self.inner(name)
        for key in self.whole(name):
            yield key, inner.inner(key)

    def _text(self, value: object, name: str) -> str:
        if not isinstance(value, str):
            raise InvalidDocument(_("{where}: '{name}' holds what is no text.").format(where=self.where, name=name))
        return value

"""JSON documents, read strictly: an image's index, manifest and config come from strangers."""

import json
import re
from typing import Any

from course.errors import InvalidDocument
from course.words import _, shown, size

MAX_DOCUMENT = 4 << 20  # bytes; distribution-spec: registries take manifests of at least 4 MiB
MAX_DEPTH = 64
# possessive, and the end may be missing: to look for it again from every quotation mark would take hours
TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)


def read_document(data: bytes, where: str) -> dict[str, Any]:
    """Return the JSON object (dict) that ``data`` (bytes) holds.

    ``where`` names the document for the message.  Raises InvalidDocument: more than 4 MiB, not UTF-8, no JSON, no
    object, a name twice in one object, nested deeper than 64.  Rule: RFC 8259; image-spec considerations.md.

    >>> read_document(b'{"schemaVersion": 2}', "index.json")
    {'schemaVersion': 2}
    """
    document = _parse(data, where)
    if not isinstance(document, dict):
        raise InvalidDocument(_("{where}: expected a JSON object.").format(where=where))
    return document


def read_list(data: bytes, where: str) -> list[dict[str, Any]]:
    """Return the JSON list of objects (list of dict) that ``data`` (bytes) holds, as ``read_document`` does an object.

    >>> read_list(b'[{"Config": "x.json"}]', "manifest.json")
    [{'Config': 'x.json'}]
    """
    document = _parse(data, where)
    if not isinstance(document, list) or not all(isinstance(item, dict) for item in document):
        raise InvalidDocument(_("{where}: expected a JSON list of objects.").format(where=where))
    return document


def _parse(data: bytes, where: str) -> Any:
    if len(data) > MAX_DOCUMENT:
        raise InvalidDocument(
            _("{where}: {found} is more than a document of an image may have ({limit}).").format(
                where=where, found=size(len(data)), limit=size(MAX_DOCUMENT)
            )
        )
    _check_depth(data, where)
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidDocument(_("{where}: no valid JSON: {reason}.").format(where=where, reason=error)) from error


def field(document: dict[str, Any], name: str, kind: type, where: str, *, required: bool = False) -> Any:
    """Return ``document[name]`` (of the type ``kind``); null counts as absent, for which the kind's empty value stands.

    Raises InvalidDocument: of another type, or absent though ``required``.  Rule: image-spec config.md, "Properties".

    >>> field({"os": "linux"}, "os", str, "config"), field({}, "history", list, "config")
    ('linux', [])
    """
    value = document.get(name)
    if value is None and not required:
        return kind()
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        found = _("nothing") if value is None else shown(json.dumps(value))[:60]
        raise InvalidDocument(
            _("{where}: '{name}' is {found}; expected {kind}.").format(
                where=where, name=name, found=found, kind=_KINDS[kind]()
            )
        )
    return value


_KINDS = {
    str: lambda: _("a text"),
    int: lambda: _("a whole number"),
    bool: lambda: _("true or false"),
    list: lambda: _("a list"),
    dict: lambda: _("an object"),
}


def _check_depth(data: bytes, where: str) -> None:
    """Raise InvalidDocument if brackets are nested deeper than any image needs, before the parser recurses."""
    depth = deepest = 0
    for bracket in re.findall(rb"[][{}]", TEXT.sub(b"", data)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise InvalidDocument(
            _("{where}: nested {depth} deep; expected at most {limit}.").format(
                where=where, depth=deepest, limit=MAX_DEPTH
            )
        )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, value in pairs:
        if name in document:
            raise ValueError(_("the name '{name}' stands twice in one object").format(name=shown(name)))
        document[name] = value
    return document


def _no_constant(text: str) -> None:
    raise ValueError(_("'{text}' is no JSON").format(text=text))

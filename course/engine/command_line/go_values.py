"""Values as Go's templates know them: their truth, their types, how they are printed and written as JSON.

Text, numbers, booleans, lists and dicts stand for themselves; a dict is a map.  ``Struct`` and ``Nil`` add what Go
tells apart and Python does not.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

# in what docker inspects, these are maps, which may have any key; other objects are structs
MAPS = frozenset(
    "Annotations Config Containers Data DriverOpts ExposedPorts GenericResources Labels Networks Options PortBindings"
    " Ports StorageOpt Sysctls Tmpfs Volumes".split()
)
POINTERS = frozenset("Health Healthcheck IPAMConfig Init MemorySwappiness OomKillDisable PidsLimit Status".split())


class Struct(dict[str, Any]):
    """A value with fields of its own, in order; ``type_name`` is what Go calls it (str; empty if it came as JSON)."""

    def __init__(self, fields: Mapping[str, Any], type_name: str = "") -> None:
        super().__init__(fields)
        self.type_name = type_name


@dataclass(frozen=True, slots=True)
class Nil:
    """A list or map that is not there: ``text`` is how Go prints it (str); as JSON it is null."""

    text: str

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[Any]:
        return iter(())


NO_LIST, NO_MAP = Nil("[]"), Nil("map[]")
NO_VALUE = Nil("<no value>")
"""What a map has where it has nothing."""

ABSENT = Nil("<nil>")
"""A pointer that is nil, and that JSON leaves out."""

OMITTED = {
    "Health": ABSENT,
    "Healthcheck": ABSENT,
    "SizeRw": ABSENT,
    "SizeRootFs": ABSENT,
    "Init": ABSENT,
    "ExposedPorts": NO_MAP,
}
"""The fields that docker leaves out of JSON where they are empty, and what a template sees in their place."""


def described(document: Any, name: str = "") -> Any:
    """Return what docker inspects (a JSON document) as its templates see it; ``name`` is the key it is under (str).

    >>> described({"State": {"Pid": 0, "Health": None}, "Labels": {"a": "b"}, "Links": None})["Links"]
    Nil(text='[]')
    """
    if isinstance(document, Mapping):
        of_log = name == "LogConfig"
        inner = {
            key: described(value, "" if key == "Config" and not of_log else key) for key, value in document.items()
        }
        if name == "State":
            inner.setdefault("Health", ABSENT)
        return inner if name in MAPS else Struct(inner)
    if isinstance(document, list | tuple):
        return [described(value) for value in document]
    if document is None and name not in POINTERS:
        return NO_MAP if name in MAPS else NO_LIST
    return document


def is_true(value: Any) -> bool:
    """Return whether Go's templates take a value for true (bool): what is not empty, zero or nil; a struct always."""
    return isinstance(value, Struct) or bool(value)


def type_name(value: Any) -> str:
    """Return what Go calls the type of a value (str)."""
    if isinstance(value, Struct):
        return value.type_name or "map[string]interface {}"
    if isinstance(value, Mapping):
        return (
            "map[string]string" if all(isinstance(item, str) for item in value.values()) else "map[string]interface {}"
        )
    if isinstance(value, list | tuple):
        return "[]string" if all(isinstance(item, str) for item in value) else "[]interface {}"
    names = {bool: "bool", int: "int", float: "float64", str: "string"}
    return names.get(type(value), "<nil>")


def printed(value: Any) -> str:
    """Return a value as Go prints it (str), with the verb ``%v``.

    >>> printed({"b": [1, True], "a": None}), printed(1e21), printed(Struct({"Name": "no", "Count": 0}))
    ('map[a:<nil> b:[1 true]]', '1e+21', '{no 0}')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Struct):
        return "{" + " ".join(printed(item) for item in value.values() if not callable(item)) + "}"
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{key}:{printed(item)}" for key, item in sorted(value.items())) + "]"
    if isinstance(value, list | tuple):
        return "[" + " ".join(map(printed, value)) + "]"
    if isinstance(value, Nil):
        return value.text
    return "<nil>" if value is None else str(value)


def _float(value: float) -> str:
    """Return the shortest digits that are this number, with an exponent from 10^6 on.  Rule: strconv, format 'g'."""
    if not isfinite(value):
        return {"inf": "+Inf", "-inf": "-Inf"}.get(str(value), "NaN")
    sign, digits, power = Decimal(repr(value)).normalize().as_tuple()
    exponent = len(digits) + int(power) - 1
    if value == 0 or -4 <= exponent < 6:
        return f"{value:.{max(0, -int(power))}f}"
    first, *others = map(str, digits)
    return f"{'-' * sign}{first}{'.' * bool(others)}{''.join(others)}e{exponent:+03d}"


def as_json(value: Any) -> str:
    """Return a value as compact JSON (str), as docker's function ``json`` writes it.

    A row of a table (a struct with a name) has its fields sorted, and what HTML could take for its own escaped.

    >>> as_json({"b": None, "a": "<x>"}), as_json(Struct({"B": "<none>", "A": ""}, "row"))
    ('{"a":"<x>","b":null}', '{"A":"","B":"\\\\u003cnone\\\\u003e"}')
    """
    if isinstance(value, Struct) and value.type_name:
        text = as_json({key: item for key, item in value.items() if not callable(item)})
        return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")
    if isinstance(value, Mapping):
        items = value.items() if isinstance(value, Struct) else sorted(value.items())
        return "{" + ",".join(f"{_text(key)}:{as_json(item)}" for key, item in items if item is not ABSENT) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(as_json, value)) + "]"
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Nil):
        return "null"
    return _text(value)


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str):  # JSON is UTF-8: Go puts its sign for what is unreadable in place of other bytes
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return text

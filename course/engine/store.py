"""What an engine knows: tables of records that never change, and every change of a table on record."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

TABLES = ("machine", "images", "references", "containers", "names", "volumes", "networks", "trees", "cache")


@dataclass(frozen=True, slots=True)
class Change:
    """One change: in the table ``table`` (str) under ``key`` (str), ``before`` became ``after`` (records, or None)."""

    table: str
    key: str
    before: Any
    after: Any


class Store:
    """Tables of records by key.  A record is a value: it is put, replaced and removed, and never changed.

    ``tables`` maps a table's name (str) to its records by key (mapping); ``changes`` are those of the transaction that
    is under way (list of Change).

    >>> store = Store()
    >>> with store.transaction() as changes:
    ...     store.put("volumes", "data", "a record")
    >>> changes
    [Change(table='volumes', key='data', before=None, after='a record')]
    """

    def __init__(self, tables: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self.tables: dict[str, dict[str, Any]] = {name: dict((tables or {}).get(name, {})) for name in TABLES}
        self.changes: list[Change] = []

    def put(self, table: str, key: str, record: Any) -> None:
        """Put ``record`` into ``table`` (str) under ``key`` (str), in place of what is there; None removes it."""
        records = self.tables[table]
        before = records.get(key)
        if before is record:
            return
        self.changes.append(Change(table, key, before, record))
        _set(records, key, record)

    def remove(self, table: str, key: str) -> None:
        """Remove the record under ``key`` (str), if there is one."""
        self.put(table, key, None)

    @contextmanager
    def transaction(self) -> Iterator[list[Change]]:
        """Yield the list that will hold the changes (of Change); an error inside the block takes all of them back."""
        changes: list[Change] = []
        self.changes = changes
        try:
            yield changes
        except BaseException:
            self.undo(changes)
            raise
        finally:
            self.changes = []

    def undo(self, changes: list[Change] | tuple[Change, ...]) -> None:
        """Take back ``changes`` (sequence of Change), the last one first."""
        for change in reversed(changes):
            _set(self.tables[change.table], change.key, change.before)

    def redo(self, changes: tuple[Change, ...]) -> None:
        """Make ``changes`` (sequence of Change) again."""
        for change in changes:
            _set(self.tables[change.table], change.key, change.after)


def _set(records: dict[str, Any], key: str, record: Any) -> None:
    if record is None:
        records.pop(key, None)
    else:
        records[key] = record

"""What an engine knows: tables of records that never change, and every change of a table on record."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

TABLES = ("machine", "images", "references", "containers", "names", "volumes", "networks", "trees", "cache")


@dataclass(frozen=True, slots=True)
class Change:
    """One change: in the table ``table`` (str) under ``key`` (str), ``before`` became ``after`` (records, or None).

    ``place`` (int) tells where in the table the record is: a table is in the order in which records were put into it.
    """

    table: str
    key: str
    before: Any
    after: Any
    place: int = field(default=0, repr=False)


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

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Any]] = {name: {} for name in TABLES}
        self.changes: list[Change] = []
        self._places: dict[str, dict[str, int]] = {name: {} for name in TABLES}
        self._last = 0

    def copy(self) -> "Store":
        """Return a store with the same records (Store), which changes on its own from now on."""
        twin = Store()
        twin.tables = {name: dict(records) for name, records in self.tables.items()}
        twin._places = {name: dict(places) for name, places in self._places.items()}
        twin._last = self._last
        return twin

    def put(self, table: str, key: str, record: Any) -> None:
        """Put ``record`` into ``table`` (str) under ``key`` (str), in place of what is there; None removes it."""
        before = self.tables[table].get(key)
        if before is record:
            return
        self._last += 1
        place = self._last if before is None else self._places[table].get(key, 0)
        self.changes.append(Change(table, key, before, record, place))
        self._set(table, key, record, place)

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
        """Take back ``changes`` (sequence of Change), the last one first; a table's order comes back too."""
        for change in reversed(changes):
            self._set(change.table, change.key, change.before, change.place)
        for table in {change.table for change in changes if change.after is None}:  # what came back is at the end now
            places = self._places[table]
            self.tables[table] = dict(sorted(self.tables[table].items(), key=lambda item: places.get(item[0], 0)))

    def redo(self, changes: tuple[Change, ...]) -> None:
        """Make ``changes`` (sequence of Change) again."""
        for change in changes:
            self._set(change.table, change.key, change.after, change.place)

    def _set(self, table: str, key: str, record: Any, place: int) -> None:
        if record is None:
            self.tables[table].pop(key, None)
            self._places[table].pop(key, None)
        else:
            self.tables[table][key] = record
            self._places[table][key] = place

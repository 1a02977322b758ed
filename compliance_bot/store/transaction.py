"""What a deciding function is handed: a way to ask, to write, and to say what it touched."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any


class Transaction:
    """The connection inside one transaction. Lives only on the database thread."""

    __slots__ = ("_connection", "touched")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.touched: set[str] = set()

    def execute(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        return self._connection.execute(sql, parameters)

    def execute_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        self._connection.executemany(sql, rows)

    def one(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> sqlite3.Row | None:
        """The first row, or None."""
        row: sqlite3.Row | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def all(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
        """Every row."""
        return self._connection.execute(sql, parameters).fetchall()

    def insert(self, table: str, **values: Any) -> int:
        """Write one row and return its id."""
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        cursor = self._connection.execute(
            f'INSERT INTO "{table}" ({names}) VALUES ({marks})',
            list(values.values()),
        )
        return int(cursor.lastrowid or 0)

    def update(self, table: str, row_id: int, **values: Any) -> None:
        """Change columns of the row with that id."""
        changes = ", ".join(f"{name} = ?" for name in values)
        self._connection.execute(
            f'UPDATE "{table}" SET {changes} WHERE id = ?',
            [*values.values(), row_id],
        )

    def touch(self, topic: str) -> None:
        """Have those who listen to ``topic`` called once this is committed."""
        self.touched.add(topic)


_ONE_STATEMENTS = frozenset(
    {
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_TOOBIG,
        sqlite3.SQLITE_RANGE,
        sqlite3.SQLITE_MISUSE,
    }
)
"""What SQLite says of a single statement that is wrong; all else is about the file or the machine."""


def concerns_the_file(error: Exception) -> bool:
    """True for a database that is busy, full, failing or damaged: that is no fault of who asked."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, sqlite3.Error) and code is not None and code & 0xFF not in _ONE_STATEMENTS

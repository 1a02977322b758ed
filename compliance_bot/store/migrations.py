"""How the file came to its shape: one function a version, each with its record in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from compliance_bot.errors import DatabaseUnusable
from compliance_bot.store.schema_1 import SCHEMA_1
from compliance_bot.store.schema_2 import SCHEMA_2
from compliance_bot.store.schema_3 import SCHEMA_3

APPLICATION_ID = 0x43424F54
"""``CBOT`` in the file's header: a file with another id is somebody else's."""


def m1_first(connection: sqlite3.Connection) -> None:
    """Everything that one finding needs, there and back."""
    for statement in _statements(SCHEMA_1):
        connection.execute(statement)


def m2_digests(connection: sqlite3.Connection) -> None:
    """Many cases in one message, and many decisions by one press."""
    for statement in _statements(SCHEMA_2):
        connection.execute(statement)


def m3_decisions(connection: sqlite3.Connection) -> None:
    """What people decide: closings, snoozes, ladders, approvals, who is away."""
    for statement in _statements(SCHEMA_3):
        connection.execute(statement)


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (m1_first, m2_digests, m3_decisions)
VERSION = len(MIGRATIONS)


def refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    """Raise ``DatabaseUnusable`` for a file that is not ours or newer than this program."""
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application_id == 0 and version == 0 and not _has_tables(connection):
        return
    if application_id != APPLICATION_ID:
        raise DatabaseUnusable(
            f"{path} is not a database of compliance-bot: set COMPLIANCE_BOT_STATE elsewhere."
        )
    if version > VERSION:
        raise DatabaseUnusable(
            f"{path} has schema version {version}, this program knows {VERSION}: start the newer program, "
            "or restore a backup that the older one made."
        )


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema to this program's version, one committed step at a time."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    for number, step in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            step(connection)
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={number}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is not None


def _statements(script: str) -> list[str]:
    """Split a script at the statements' ends; ``executescript`` would commit on its own."""
    statements, current = [], ""
    for line in script.splitlines():
        current += line + "\n"
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    return statements

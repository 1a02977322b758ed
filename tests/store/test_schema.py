"""Version 1 of the schema is frozen: as text, and as a file that must open for ever."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from compliance_bot.audit import verify
from compliance_bot.model.cases import CaseState
from compliance_bot.model.findings import FindingStatus
from compliance_bot.store import cases, migrations, objects
from compliance_bot.store.database import Database
from tests.cases.stage import Stage, a_critical

HERE = Path(__file__).parent
SCHEMA = HERE / "schema_1.sql"
FILE = HERE / "version_1.db"


def schema_of(connection: sqlite3.Connection) -> str:
    """Every statement that made the schema, in the order of names, as SQLite keeps it."""
    rows = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name")
    return "".join(f"{row[0]};\n" for row in rows)


def test_the_first_migration_still_makes_exactly_version_one() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrations.m1_first(connection)
    made = schema_of(connection)
    connection.close()
    assert made == SCHEMA.read_text(encoding="utf-8")


async def test_a_file_of_version_one_opens_and_goes_on(tmp_path: Path) -> None:
    shutil.copy(FILE, tmp_path / "bot.db")
    database = await Database.open(tmp_path / "bot.db")
    stage = Stage(database=database, now=1_764_100_000.0)
    first = await stage.case("f-1")
    assert first is not None
    assert (first.state, first.acknowledged_by, first.ref) == (CaseState.ACKNOWLEDGED, "UBOBSMITH", "CB-0001")
    assert (await database.read(verify.verify)).whole
    await stage.observe(a_critical("f-1", status=FindingStatus.RESOLVED), a_critical("f-9"))
    assert (await stage.case("f-1")).state is CaseState.CLOSED  # type: ignore[union-attr]  # it stands there
    assert await stage.case("f-9") is not None
    assert await database.read(objects.count) == {"baseline": 1, "told": 3}
    assert (await database.read(cases.count_by_state))["closed"] == 1
    assert (await database.read(verify.verify)).whole
    await database.close()


def test_the_file_of_version_one_has_that_schema() -> None:
    connection = sqlite3.connect(f"file:{FILE}?mode=ro&immutable=1", uri=True)
    schema, version = schema_of(connection), connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    assert schema == SCHEMA.read_text(encoding="utf-8")
    assert version == 1

"""Version 1 of the schema is frozen: as text, and as a file that must open for ever (see ``version_1``)."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from compliance_bot.audit import verify
from compliance_bot.model.cases import CaseState
from compliance_bot.model.delivery import EffectKind
from compliance_bot.model.findings import FindingStatus
from compliance_bot.store import cases, directories, effects, inbox, migrations, objects
from compliance_bot.store.database import Database
from tests.cases.stage import DAY, START, Stage, a_critical
from tests.store.version_1 import FILE, SCHEMA, schema_of


def test_the_first_migration_still_makes_exactly_version_one() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrations.m1_first(connection)
    made = schema_of(connection)
    connection.close()
    assert made == SCHEMA.read_text(encoding="utf-8")


async def test_a_file_of_version_one_opens_and_goes_on(tmp_path: Path) -> None:
    shutil.copy(FILE, tmp_path / "bot.db")
    database = await Database.open(tmp_path / "bot.db")
    stage = Stage(database=database, now=START + DAY)
    first = await stage.case("f-1")
    assert first is not None
    assert (first.state, first.acknowledged_by, first.ref) == (CaseState.ACKNOWLEDGED, "UBOBSMITH", "CB-0001")
    assert await database.read(objects.count) == {"baseline": 1, "gone": 1, "told": 4}
    assert (await stage.known("f-3")).finding.title == "Gründe & <Namen>"
    assert (await database.read(verify.verify)).whole
    await stage.observe(a_critical("f-1", status=FindingStatus.RESOLVED), a_critical("f-9"))
    assert (await stage.case("f-1")).state is CaseState.CLOSED  # type: ignore[union-attr]  # it stands there
    assert await stage.case("f-9") is not None
    assert await database.read(objects.count) == {"baseline": 1, "gone": 1, "told": 5}
    assert await database.read(cases.count_by_state) == {"acknowledged": 1, "closed": 2, "open": 3}
    assert (await database.read(verify.verify)).whole
    await database.close()


async def test_what_a_file_of_version_one_left_under_way_is_brought_to_its_end(tmp_path: Path) -> None:
    shutil.copy(FILE, tmp_path / "bot.db")
    stage = Stage(database=await Database.open(tmp_path / "bot.db"), now=START + DAY)
    assert await stage.write(lambda tx: effects.adopt(tx, 1.0)) == 2
    unfinished = await stage.database.read(lambda tx: inbox.unfinished(tx, now=stage.now, limit=9))
    assert [row.state for row in unfinished if row.kind == "mention"] == ["received", "decided"]
    assert await stage.database.read(directories.recall) is not None
    delivered = {effect.kind for effect in await stage.deliver()}
    assert {EffectKind.POST, EffectKind.EDIT, EffectKind.NOTICE, EffectKind.STUDIO_COMMENT} <= delivered
    assert (await stage.database.read(verify.verify)).whole
    await stage.database.close()


def test_the_file_of_version_one_has_rows_in_every_table() -> None:
    connection = sqlite3.connect(f"file:{FILE}?mode=ro&immutable=1", uri=True)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608 - the names are the schema's own
    states = {row[0] for row in connection.execute("SELECT state FROM effect")}
    connection.close()
    assert len(tables) == 14
    assert [name for name, count in counts.items() if not count] == []
    assert states == {"pending", "sending", "unknown", "done", "skipped", "dead"}


def test_the_file_of_version_one_has_that_schema() -> None:
    connection = sqlite3.connect(f"file:{FILE}?mode=ro&immutable=1", uri=True)
    schema, version = schema_of(connection), connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    assert schema == SCHEMA.read_text(encoding="utf-8")
    assert version == 1

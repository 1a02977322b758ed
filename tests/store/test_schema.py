"""Each version of the schema is frozen: as text, and as a file that must open for ever."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from compliance_bot.audit import verify
from compliance_bot.model.cases import CaseState, DigestState
from compliance_bot.model.delivery import EffectKind
from compliance_bot.model.findings import FindingStatus, Severity
from compliance_bot.store import cases, digests, directories, effects, inbox, migrations, objects
from compliance_bot.store.database import Database
from tests.cases.stage import DAY, START, Stage, a_critical
from tests.store import version_2, version_3
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


async def test_a_file_of_version_two_opens_and_its_digests_go_on(tmp_path: Path) -> None:
    shutil.copy(version_2.FILE, tmp_path / "bot.db")
    database = await Database.open(tmp_path / "bot.db")
    stage = Stage(database=database, now=START + DAY)
    assert await stage.write(lambda tx: effects.adopt(tx, 1.0)) > 0
    first = await database.read(lambda tx: digests.find(tx, 1))
    assert (first.state, first.channel_name) == (DigestState.SHOWN, "compliance")
    assert await database.read(lambda tx: digests.counts(tx, 1)) == (
        {Severity.CRITICAL: 1, Severity.HIGH: 13},
        1,
    )
    await stage.press(studio_id="b-5")
    await stage.deliver()
    assert "2 of 14 handled" in str(stage.said(EffectKind.DIGEST_EDIT))
    assert (await database.read(verify.verify)).whole
    await database.close()


def test_the_migrations_still_make_exactly_version_two() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrations.m1_first(connection)
    migrations.m2_digests(connection)
    made = schema_of(connection)
    connection.close()
    assert made == version_2.SCHEMA.read_text(encoding="utf-8")


def test_the_migrations_still_make_exactly_version_three() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for step in (migrations.m1_first, migrations.m2_digests, migrations.m3_decisions):
        step(connection)
    made = schema_of(connection)
    connection.close()
    assert made == version_3.SCHEMA.read_text(encoding="utf-8")


async def test_a_file_of_version_three_opens_and_what_was_decided_goes_on(tmp_path: Path) -> None:
    shutil.copy(version_3.FILE, tmp_path / "bot.db")
    database = await Database.open(tmp_path / "bot.db")
    stage = Stage(database=database, now=START + 3 * DAY)
    asleep, taken = await stage.case("d-1"), await stage.case("d-2")
    assert asleep is not None
    assert taken is not None
    assert (asleep.state, asleep.snooze_reason) == (CaseState.SNOOZED, "the vendor is asked")
    assert (taken.state, taken.fix_by is None) == (CaseState.ACKNOWLEDGED, False)
    assert (
        await stage.do("confirm_proposal", "UCAROLYN", "d-4", ref=f"{(await stage.case('d-4')).ref} 1")
        is None
    )  # type: ignore[union-attr]  # it stands there
    assert (await stage.case("d-4")).state is CaseState.CLOSED  # type: ignore[union-attr]  # it stands there
    assert (await database.read(verify.verify)).whole
    await database.close()


@pytest.mark.parametrize(("file", "tables_there"), [(FILE, 14), (version_2.FILE, 16), (version_3.FILE, 22)])
def test_the_frozen_file_has_rows_in_every_table(file: Path, tables_there: int) -> None:
    connection = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    counts = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608 - the names are the schema's own
    states = {row[0] for row in connection.execute("SELECT state FROM effect")}
    connection.close()
    assert len(tables) == tables_there
    assert [name for name, count in counts.items() if not count] == []
    assert states == {"pending", "sending", "unknown", "done", "skipped", "dead"}


@pytest.mark.parametrize(
    ("file", "text", "number"),
    [(FILE, SCHEMA, 1), (version_2.FILE, version_2.SCHEMA, 2), (version_3.FILE, version_3.SCHEMA, 3)],
)
def test_the_frozen_file_has_that_schema(file: Path, text: Path, number: int) -> None:
    connection = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
    schema, version = schema_of(connection), connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    assert schema == text.read_text(encoding="utf-8")
    assert version == number

"""How ``schema_1.sql`` and ``version_1.db`` came to be: ``python -m tests.store.version_1``.

Both were made once, when version 1 of the schema was frozen, and are never made again: what this
program writes by then is of a later version, so it refuses. To see how, go back to the commit that
froze it. The rows are a day's work: a baseline, a finding acknowledged and written into Studio, one told
whose messages were in every state of the outbox when the process stopped, one deleted in Studio.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from pathlib import Path

from compliance_bot.model.cases import CaseState
from compliance_bot.model.delivery import Done, EffectKind, Never, Retry, Skip, Unknown
from compliance_bot.model.findings import FindingStatus
from compliance_bot.outbox.finishing import skip
from compliance_bot.store import cursors, directories, inbox, migrations, pace, quota, rules_used
from compliance_bot.store.transaction import Transaction
from compliance_bot.studio import walk
from tests.cases.stage import DAY, START, Stage, a_critical, a_finding, a_stage

HERE = Path(__file__).parent
SCHEMA = HERE / "schema_1.sql"
FILE = HERE / "version_1.db"
BOB = "UBOBSMITH"


def schema_of(connection: sqlite3.Connection) -> str:
    """Every statement that made the schema, in the order of names, as SQLite keeps it."""
    rows = connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name")
    return "".join(f"{row[0]};\n" for row in rows)


async def live(stage: Stage) -> None:
    """A day's work, left in the middle."""
    old = a_finding("f-0", created_at=START - DAY, first_seen=START - DAY)
    named = a_finding("f-3", title="Gründe & <Namen>", frameworks=("SOC 2",), assignee_name="Żaneta")
    await stage.begin(old)
    await stage.observe(a_critical("f-1"), a_critical("f-2"), named)
    await stage.deliver()
    await stage.press(BOB, "f-1")
    await stage.deliver()
    for _ in range(2):
        await stage.walk(old, a_critical("f-1", status=FindingStatus.INVESTIGATING), a_critical("f-2"))
    await stage.gone("f-3")
    await stage.deliver()
    await stage.observe(a_critical("f-4"), a_critical("f-5"))
    await leave_in_every_state(stage)
    await stage.write(lambda tx: note_the_rest(tx, stage))


async def leave_in_every_state(stage: Stage) -> None:
    """Six posts under way at once: each ends another way, the last two not at all."""
    first, second, third, fourth, *_ = await stage.claim(only=EffectKind.POST)
    await stage.finish(
        first, Done(result={"channel": first.pace_key, "ts": "1764000099.000100", "at": stage.now})
    )
    await stage.finish(second, Unknown(reason="timeout"))
    await stage.finish(third, Never(reason="restricted_action"))
    await stage.finish(fourth, Retry(reason="service_unavailable", after=30.0))
    await stage.press(BOB, "f-2")
    (status, *_) = await stage.claim(only=EffectKind.STUDIO_STATUS)
    await stage.write(lambda tx: skip(stage._turn(tx), status, Skip(reason="studio_moved_on")))


def note_the_rest(tx: Transaction, stage: Stage) -> None:
    """What the rooms above the cases leave behind."""
    rulebook = stage.rulebook
    rules_used.remember(tx, rulebook.hash, rulebook.source, stage.now)
    directories.remember(tx, stage.directory, rules=rulebook.source, now=stage.now)
    cursors.move(tx, "walk:finding", walk.begin(4, stage.now).to_dict(), stage.now)
    pace.park(tx, "CCOMPLIANCE", stage.now + 30.0, "ratelimited")
    quota.spend(tx, "poll", stage.now)
    quota.spend(tx, "decision", stage.now)
    for number, state in enumerate(("received", "decided", "failed"), start=900):
        key, body = f"event:Ev{number}", {"text": "status", "thread": None}
        inbox.receive(
            tx, key=key, kind="mention", person=BOB, channel="CCOMPLIANCE", body=body, now=stage.now
        )
        tx.execute("UPDATE inbox SET state = ?, attempt = 2 WHERE key = ?", (state, key))
    tx.execute("""UPDATE inbox SET reply = '{"say": "help"}' WHERE state = 'decided'""")


async def make() -> None:
    """Write both files anew."""
    if migrations.VERSION != 1:
        raise SystemExit("Version 1 is frozen: this program writes a later one.")
    with tempfile.TemporaryDirectory() as directory:
        stage = await a_stage(Path(directory))
        await live(stage)
        case = await stage.case("f-1")
        assert case is not None
        assert case.state is CaseState.ACKNOWLEDGED
        await stage.database.close()
        shutil.copy(Path(directory) / "bot.db", FILE)
    made = sqlite3.connect(f"file:{FILE}?mode=ro&immutable=1", uri=True)
    SCHEMA.write_text(schema_of(made), encoding="utf-8")
    made.close()


if __name__ == "__main__":
    asyncio.run(make())

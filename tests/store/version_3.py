"""How ``schema_3.sql`` and ``version_3.db`` came to be: ``python -m tests.store.version_3``.

Made once, when version 3 of the schema was frozen (see ``version_1``). Beside the days of versions 1 and 2,
people closed, snoozed, promised, took back and proposed; an audit was approved by one of two, and somebody
is away.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from pathlib import Path

from compliance_bot.store import migrations
from tests.approvals.stage import Desk, a_desk
from tests.cases.stage import DAY, a_critical, a_stage
from tests.store.version_1 import live, schema_of
from tests.store.version_2 import burst

HERE = Path(__file__).parent
SCHEMA = HERE / "schema_3.sql"
FILE = HERE / "version_3.db"


async def decide(desk: Desk) -> None:
    """One finding for each thing that people decide."""
    desk.later(DAY)
    await desk.observe(*[a_critical(f"d-{number}") for number in range(6)])
    await desk.deliver()
    await desk.do("resolve", studio_id="d-0", reason="mended")
    await desk.do("snooze", studio_id="d-1", reason="the vendor is asked", until=desk.now + 3 * DAY)
    await desk.press(studio_id="d-2")
    await desk.do("fix_by", studio_id="d-2", until=desk.now + 5 * DAY)
    await desk.do("assign", studio_id="d-3", slack_user="UCAROLYN", studio_user=None, name="Carol")
    await desk.do("accept_risk", studio_id="d-4", reason="the vendor is gone", may=["UCAROLYN"])
    await desk.do("false_positive", studio_id="d-5", reason="test data")
    await desk.deliver()
    await desk.undo(studio_id="d-5")


async def approve(desk: Desk) -> None:
    """An audit that one of two has approved, and one who is away."""
    await desk.asked()
    await desk.deliver()
    await desk.approves("UANNANNA")
    await desk.write(
        lambda tx: tx.insert(
            "away",
            person="UCAROLYN",
            person_name="Carol",
            since=desk.now,
            until=desk.now + DAY,
            deputy="UBOBSMITH",
            deputy_name="Bob",
        )
    )


async def make() -> None:
    """Write both files anew."""
    if migrations.VERSION != 3:
        raise SystemExit("Version 3 is frozen: this program writes another one.")
    with tempfile.TemporaryDirectory() as directory:
        stage = await a_stage(Path(directory))
        await live(stage)
        await burst(stage)
        await stage.database.close()
        desk = await a_desk(Path(directory), now=stage.now)
        await decide(desk)
        await approve(desk)
        await desk.database.close()
        shutil.copy(Path(directory) / "bot.db", FILE)
    made = sqlite3.connect(f"file:{FILE}?mode=ro&immutable=1", uri=True)
    SCHEMA.write_text(schema_of(made), encoding="utf-8")
    made.close()


if __name__ == "__main__":
    asyncio.run(make())

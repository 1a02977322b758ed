"""How ``schema_2.sql`` and ``version_2.db`` came to be: ``python -m tests.store.version_2``.

Made once, when version 2 of the schema was frozen (see ``version_1``). Beside a day as of version 1, a
burst became a digest, was acknowledged in part, one of its lines became urgent, and another was under way.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from pathlib import Path

from compliance_bot.model.delivery import EffectKind
from compliance_bot.model.findings import Severity
from compliance_bot.store import digests, migrations
from tests.cases.stage import Stage, a_finding, a_stage
from tests.store.version_1 import live, schema_of

HERE = Path(__file__).parent
SCHEMA = HERE / "schema_2.sql"
FILE = HERE / "version_2.db"


async def burst(stage: Stage) -> None:
    """Digests shown, edited, and on their way."""
    stage.later(3600)
    await stage.observe(*[a_finding(f"b-{number}", category="malware") for number in range(14)])
    await stage.write(lambda tx: digests.add_event(tx, 1, 1))
    await stage.deliver()
    await stage.press("UCAROLYN", "b-1")
    await stage.observe(a_finding("b-2", category="malware", severity=Severity.CRITICAL))
    stage.later(30)
    await stage.deliver()
    stage.later(3600)
    await stage.observe(*[a_finding(f"c-{number}", category="malware") for number in range(12)])
    await stage.claim(only=EffectKind.DIGEST)
    await stage.press(studio_id="c-1")


async def make() -> None:
    """Write both files anew."""
    if migrations.VERSION != 2:
        raise SystemExit("Version 2 is frozen: this program writes another one.")
    with tempfile.TemporaryDirectory() as directory:
        stage = await a_stage(Path(directory))
        await live(stage)
        await burst(stage)
        await stage.database.close()
        shutil.copy(Path(directory) / "bot.db", FILE)
    made = sqlite3.connect(f"file:{FILE}?mode=ro&immutable=1", uri=True)
    SCHEMA.write_text(schema_of(made), encoding="utf-8")
    made.close()


if __name__ == "__main__":
    asyncio.run(make())

"""A mention of somebody who is away names who stands in for them too."""

from __future__ import annotations

from pathlib import Path

from compliance_bot.cases.absence import with_deputies
from compliance_bot.store import away
from compliance_bot.store.away import Deputy
from compliance_bot.store.transaction import Transaction
from tests.cases.stage import DAY, START, a_stage


async def test_a_mention_of_who_is_away_names_their_deputy_too_each_once(tmp_path: Path) -> None:
    stage = await a_stage(tmp_path)

    def begin(tx: Transaction) -> None:
        away.begin(
            tx,
            person="UANN00001",
            person_name="Ann",
            until=START + DAY,
            deputy=Deputy(person="UCAROLYN", name="Carol"),
            now=START,
        )

    await stage.write(begin)
    mentions = ("<@UANN00001>", "<!subteam^S1>", "<@UCAROLYN>", "<@UBOBSMITH>", "@unresolved")
    ask = with_deputies
    named = await stage.database.read(lambda tx: ask(tx, mentions, START + 1))
    assert named == ("<@UANN00001>", "<@UCAROLYN>", "<!subteam^S1>", "<@UBOBSMITH>", "@unresolved")
    assert await stage.database.read(lambda tx: ask(tx, mentions, START + DAY)) == mentions
    await stage.database.close()

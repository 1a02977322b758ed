"""``deadletters``: what could not be delivered is listed, sent again, or dropped, and audited."""

import asyncio
import json

import pytest
from click.testing import CliRunner

from compliance_bot.audit.verify import verify
from compliance_bot.cli.commands import compliance_bot
from compliance_bot.model.delivery import EffectKind, Lane, PlannedEffect
from compliance_bot.outbox import dead_letters, effects
from compliance_bot.store import effects as stored
from compliance_bot.store.database import DATABASE_FILE, Database


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A state directory with one dead letter in it, and no daemon."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    monkeypatch.setenv("COMPLIANCE_BOT_STATE", str(state))
    asyncio.run(in_database(state, bury_one))
    return state


async def in_database(state, work):
    database = await Database.open(state / DATABASE_FILE)
    try:
        return await database.write(work)
    finally:
        await database.close()


def bury_one(tx):
    planned = PlannedEffect(
        kind=EffectKind.POST, key="p", lane=Lane.NORMAL, order_key="p", pace_key="C1", intent={}
    )
    number = effects.plan(tx, planned, 1.0)
    dead_letters.bury(tx, stored.by_id(tx, number), reason="is_archived", now=2.0)


def called(*arguments):
    return CliRunner().invoke(compliance_bot, ["deadletters", *arguments], standalone_mode=False)


def test_a_dead_letter_is_listed_with_its_reason(place):
    assert "post to C1" in called("list").stdout
    assert json.loads(called("list", "--json").stdout)["dead"][0]["reason"] == "is_archived"


def test_one_sent_again_is_pending_and_audited(place):
    assert called("retry", "1").return_value == 0

    counts = asyncio.run(in_database(place, stored.counts))
    assert (counts["dead"], counts["pending"]) == (0, 2)
    assert asyncio.run(in_database(place, verify)).entries == 1


def test_one_dropped_is_off_the_list(place):
    assert called("drop", "1", "--yes").return_value == 0
    assert "no dead letters" in called("list").stdout


def test_a_number_that_is_none_is_said(place):
    answer = called("retry", "99")

    assert answer.return_value == 1
    assert "no dead letter 99" in answer.stdout

"""A decision is taken with what Slack can say at the time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.handlers.deciders import OF_CASES
from compliance_bot.handlers.decisions import Decisions
from compliance_bot.model.cases import CaseState
from compliance_bot.model.findings import FindingDetail
from compliance_bot.store import inbox
from compliance_bot.store.inbox import InboxRow
from tests.cases.stage import Stage, a_critical, a_finding, a_stage
from tests.people.test_access import BOB, Slack, an_access

RULES = "access: {accept_risk: [Bob@Example.com, '@compliance-team']}"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage whose first walk found nothing."""
    stage = await a_stage(tmp_path)
    await stage.begin()
    yield stage
    await stage.database.close()


async def not_asked(*_: object) -> FindingDetail:
    raise LookupError("nothing is old here")


def decisions(stage: Stage, slack: Slack) -> Decisions:
    """What decides on this stage; nobody waits, so nobody is answered meanwhile."""

    class Now:
        def now(self) -> float:
            return stage.now

    given: dict[str, Any] = {"clock": Now(), "replies": None, "read_finding": not_asked, "take_in": not_asked}
    return Decisions(
        database=stage.database,
        moment=stage.moment,
        access=an_access(slack, RULES),
        studio_user=lambda _tx, _email: None,
        rules=OF_CASES,
        **given,
    )


async def a_row(stage: Stage) -> InboxRow:
    """Bob accepts the risk of the first case."""
    body = {"value": "CB-0001", "form": {"reason": "small"}}
    await stage.write(
        lambda tx: inbox.receive(
            tx, key="k", kind="accept_risk", person=BOB.id, channel=None, body=body, now=stage.now
        )
    )
    (row,) = await stage.database.read(lambda tx: inbox.unfinished(tx, now=stage.now, limit=5))
    return row


@pytest.mark.parametrize(("severe", "state"), [(False, CaseState.CLOSED), (True, CaseState.OPEN)])
async def test_while_slack_cannot_say_who_else_may_it_is_decided_or_proposed_all_the_same(
    stage: Stage, *, severe: bool, state: CaseState
) -> None:
    await stage.observe(a_critical() if severe else a_finding())
    await stage.deliver()
    slack = Slack(mute_on_groups=True)
    await decisions(stage, slack).deciders()["accept_risk"](await a_row(stage))
    case = await stage.case()
    assert case.state is state
    (row,) = await stage.rows("SELECT reply FROM inbox")
    assert ('"proposed"' in str(row["reply"])) is severe
    assert await stage.rows("SELECT id FROM effect WHERE kind = 'direct'") == []

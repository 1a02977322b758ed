"""A decision is taken by its own right, with what Slack and Studio can say at the time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.errors import StudioError
from compliance_bot.handlers.approving import Approving
from compliance_bot.handlers.deciders import OF_CASES, Rules
from compliance_bot.handlers.decisions import Decisions
from compliance_bot.handlers.replies import Replies
from compliance_bot.model.cases import CaseState
from compliance_bot.model.findings import FindingDetail
from compliance_bot.sandbox.clock import WorldClock
from compliance_bot.store import inbox
from compliance_bot.store.inbox import InboxRow
from tests.cases.stage import Stage, a_critical, a_finding, a_stage
from tests.people.test_access import BOB, Slack, an_access

RULES = "access: {accept_risk: [Bob@Example.com, '@compliance-team']}"
RIGHTS = {
    "acknowledge": ("acknowledge", "acknowledge_all", "undo", "fix_by", "decline_proposal"),
    "snooze": ("snooze", "wake"),
    "resolve": ("resolve", "false_positive"),
    "accept_risk": ("accept_risk", "confirm_proposal"),
    "assign": ("assign",),
    "comment": ("comment", "send_to_studio"),
    "approve": ("approve", "reject", "delegate", "approve_report", "return_report", "complete_request"),
}
"""Each right with the kinds of rows that ask for it."""
PAIRS = [(right, kind) for right, kinds in RIGHTS.items() for kind in kinds]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage whose first walk found nothing."""
    stage = await a_stage(tmp_path)
    await stage.begin()
    yield stage
    await stage.database.close()


async def not_asked(*_: object) -> FindingDetail:
    raise LookupError("nothing is old here")


async def silent(_finding_id: str) -> FindingDetail:
    raise StudioError("Studio is away.")


def of_approvals(stage: Stage, slack: Slack, access: str = RULES) -> Rules:
    """How words on approvals are decided; nobody asks Studio anything."""
    given: dict[str, Any] = {"clock": None, "studio": None}
    asked = an_access(slack, access)
    return Approving(database=stage.database, moment=stage.moment, access=asked, **given).rules()


def decisions(stage: Stage, slack: Slack, access: str = RULES, **changes: Any) -> Decisions:
    """What decides on this stage; by itself nobody waits, so nobody is answered meanwhile."""

    class Now:
        def now(self) -> float:
            return stage.now

    given: dict[str, Any] = {
        "clock": Now(),
        "replies": None,
        "read_finding": not_asked,
        "take_in": not_asked,
        "studio_user": lambda _tx, _email: None,
        "rules": OF_CASES,
    }
    return Decisions(
        database=stage.database, moment=stage.moment, access=an_access(slack, access), **{**given, **changes}
    )


async def a_row(stage: Stage, kind: str = "accept_risk", channel: str | None = None, **more: Any) -> InboxRow:
    """Bob accepts the risk of the first case, or does something else to it."""
    body = {"value": "CB-0001", "form": {"reason": "small", "words": "Look"}, **more}
    await stage.write(
        lambda tx: inbox.receive(
            tx, key="k", kind=kind, person=BOB.id, channel=channel, body=body, now=stage.now
        )
    )
    return await the_row(stage)


async def the_row(stage: Stage) -> InboxRow:
    """It, as it stands now."""
    return await stage.database.read(lambda tx: inbox.find(tx, 1))


async def refusals(stage: Stage) -> list[tuple[str, str, str]]:
    """Every refusal of the audit chain as (kind, reason, reference)."""
    rows = await stage.rows("SELECT body FROM audit ORDER BY seq")
    bodies = [json.loads(row["body"]) for row in rows]
    found = [one for one in bodies if one["kind"].startswith("refusal.")]
    return [(one["kind"], one["facts"]["reason"], one["facts"]["reference"]) for one in found]


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


def test_every_kind_of_row_has_its_right_here(stage: Stage) -> None:
    kinds = {*OF_CASES, *of_approvals(stage, Slack())}
    assert {kind for _, kind in PAIRS} == kinds


@pytest.mark.parametrize(("right", "kind"), PAIRS, ids=[kind for _, kind in PAIRS])
async def test_each_action_asks_for_its_own_right_and_a_refusal_is_on_record(
    stage: Stage, right: str, kind: str
) -> None:
    """Bob may do everything but this."""
    await stage.observe(a_finding())
    await stage.deliver()
    others = "".join(f", {other}: [members]" for other in ("view", *RIGHTS) if other != right)
    rules = {**OF_CASES, **of_approvals(stage, Slack())}
    decider = decisions(stage, Slack(), f"access: {{{right}: ['@carol']{others}}}", rules=rules)
    await decider.deciders()[kind](await a_row(stage, kind))
    row = await the_row(stage)
    assert row.reply is not None
    assert (row.reply["say"], row.reply["action"], row.reply["allowed"]) == ("refused", right, ["@carol"])
    assert await refusals(stage) == [(f"refusal.{kind}", "not_listed", row.reply["reference"])]
    assert await stage.rows("SELECT id FROM decision") == []


async def test_a_decision_keeps_who_by_which_right_under_which_rules_and_on_what(stage: Stage) -> None:
    await stage.observe(a_finding())
    await stage.deliver()
    (post, *_) = await stage.posts()
    asked: list[str | None] = []

    def studio_user(_tx: object, email: str | None) -> str:
        asked.append(email)
        return "s-9"

    decider = decisions(stage, Slack(), "access: {comment: ['@bob']}", studio_user=studio_user)
    row = await a_row(stage, "comment", post.channel_id, message_ts=post.ts)
    await decider.deciders()["comment"](row)
    (kept,) = await stage.rows("SELECT * FROM decision")
    who = (kept["person"], kept["person_name"], kept["person_email"], kept["studio_user"])
    assert (who, asked) == ((BOB.id, BOB.name, BOB.email, "s-9"), [BOB.email])
    assert (kept["right"], kept["rules_hash"]) == ("@bob", stage.rulebook.hash)
    known = await stage.known()
    assert (kept["version_shown"], kept["observed_at"]) == (post.shown_version, known.accepted_at)
    (entry,) = await stage.rows("SELECT body FROM audit WHERE body ->> '$.kind' = 'decision.comment'")
    facts = json.loads(entry["body"])["facts"]
    assert (facts["right"], facts["version_shown"]) == ("@bob", post.shown_version)


async def test_what_has_to_be_fresh_waits_for_studio_and_is_let_go_at_its_time(stage: Stage) -> None:
    """Fails if it is decided on old knowledge, or waits for ever."""
    await stage.observe(a_finding())
    await stage.deliver()
    stage.later(3600)
    nowhere: dict[str, Any] = {"slack": None, "clock": WorldClock()}
    waiting = decisions(stage, Slack(), read_finding=silent, replies=Replies(**nowhere))
    decider = waiting.deciders()["accept_risk"]
    await decider(await a_row(stage))
    row = await the_row(stage)
    assert row.reply is not None
    assert (row.state, row.reply["say"]) == ("received", "waits_for_studio")
    assert row.not_before > stage.now
    stage.now = row.received_at + stage.rulebook.rules.approvals.expires
    await decider(row)
    row = await the_row(stage)
    assert row.reply == {"say": "expired", "ref": "CB-0001"}
    ((kind, reason, _),) = await refusals(stage)
    assert (kind, reason) == ("refusal.accept_risk", "expired")
    assert await stage.rows("SELECT id FROM decision") == []


@pytest.mark.parametrize(
    ("access", "away", "right", "known"),
    [
        ("{approve: ['@bob']}", False, "@bob", True),
        ("{approve: ['@carol'], view: [members]}", False, None, True),
        ("{approve: ['@bob']}", True, None, False),
    ],
)
async def test_whom_it_is_handed_to_is_asked_of_slack_with_their_right_to_approve(
    stage: Stage, access: str, right: str | None, *, away: bool, known: bool
) -> None:
    rule = of_approvals(stage, Slack(away=away), f"access: {access}")["delegate"]
    assert rule.consult is not None
    taker = (await rule.consult({"to": BOB.id}))["taker"]
    assert (taker["id"], taker["right"], taker["known"]) == (BOB.id, right, known)

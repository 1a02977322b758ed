"""``audit show``: what a stranger reads of a decision, a case, an approval, and how its proof stands."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.cases import press
from compliance_bot.insight import proof
from compliance_bot.model.delivery import EffectKind, Never
from compliance_bot.model.findings import FindingStatus
from compliance_bot.store import people, rules_used
from tests.cases.clock_stage import pass_time
from tests.cases.stage import DAY, START, Stage, a_critical, a_finding, a_stage, rules_saying

LADDER = """
escalation:
  - after: 30m
    mentions: ["@security-team"]
"""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A critical finding, told in three channels, under rules that are remembered."""
    stage = await a_stage(tmp_path)
    await stage.write(lambda tx: rules_used.put_in_force(tx, stage.rulebook.hash, "the text", START - DAY))
    await stage.begin()
    await stage.observe(a_critical())
    await stage.deliver()
    yield stage
    await stage.database.close()


async def asked(stage: Stage, reference: str, zone: str | None = None) -> dict[str, Any]:
    """The answer to that reference."""
    found: dict[str, Any] = await stage.database.read(
        lambda tx: proof.shown(tx, stage.directory, reference, now=stage.now, zone=zone)
    )
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]  # JSON has no types


async def words(stage: Stage, reference: str, zone: str | None = None) -> str:
    """The page as one text: labels and words, line by line."""
    told = await asked(stage, reference, zone)
    assert told["found"], told
    lines = [line for heading, rows in told["sections"] for line in (heading, *map(" | ".join, rows))]
    return "\n".join(lines)


async def tamper(stage: Stage, sql: str, *values: Any) -> None:
    """Change the record, or the chain, behind the bot's back."""

    def change(tx: Any) -> None:
        tx.execute("DROP TRIGGER IF EXISTS audit_is_never_changed")
        tx.execute("DROP TRIGGER IF EXISTS audit_is_never_removed")
        tx.execute(sql, values)

    await stage.write(change)


async def test_a_decision_says_who_did_what_when_by_which_right_and_on_what(stage: Stage) -> None:
    stage.later(100)
    await stage.do("false_positive", reason="A bucket of test data")
    await stage.deliver()
    said = await words(stage, "CB-0001-1")
    assert "CB-0001-1 · false positive · VERIFIED" in said
    assert "Bob closed it as a false positive. It is about the critical finding “Finding f-1”" in said
    assert "reason | “A bucket of test data”" in said
    assert "person | Bob (Slack UBOBSMITH)" in said
    assert "who that is in Studio was not known" in said
    assert "right | the entry members of access in rules.yaml" in said
    assert f"rules | version {stage.rulebook.hash}" in said
    assert "in force since 2025-11-23 16:00:00 UTC, and still; their text is stored" in said
    assert "saw | version 1 of the message" in said
    assert "101 s old then" in said
    assert "the case | open → closed" in said
    assert "Studio | open → to be false positive" in said
    assert "status false positive: written, 2025-11-24" in said
    assert "comment: written, 2025-11-24" in said
    assert "#compliance-alerts: since 2025-11-24" in said
    assert "verdict | VERIFIED" in said


async def test_times_are_said_in_the_readers_zone_too_and_with_the_day_where_it_is_another(
    stage: Stage,
) -> None:
    await stage.press()
    assert "UTC (17:00:03 CET)" in await words(stage, "CB-0001-1", "Europe/Berlin")
    assert "(2025-11-25 01:00:0" in await words(stage, "CB-0001-1", "Asia/Tokyo")
    assert "(" not in (await words(stage, "CB-0001-1", "No/Where")).split("decided | ")[1].split("\n")[0]


async def test_the_document_holds_the_same_facts_with_times_in_utc(stage: Stage) -> None:
    await stage.do("snooze", until=stage.now + DAY, reason="Waits for the vendor")
    page = (await asked(stage, "CB-0001-1"))["page"]
    assert page["verified"] is True
    assert page["decided"]["action"] == "snooze"
    assert page["decided"]["who"]["slack_id"] == "UBOBSMITH"
    assert page["decided"]["reason"] == "Waits for the vendor"
    assert page["decided"]["details"] == {"until": "2025-11-25T16:00:03.000Z"}
    assert page["decided"]["decided_at"] == "2025-11-24T16:00:03.000Z"
    assert [one["seq"] for one in page["links"]] == [3]


async def test_what_was_undone_says_by_what_and_the_undoing_says_of_what(stage: Stage) -> None:
    await stage.press()
    stage.later(60)
    await stage.undo()
    await stage.deliver()
    first, second = await words(stage, "CB-0001-1"), await words(stage, "CB-0001-2")
    assert "taken back | by CB-0001-2: it stands no more" in first
    assert "status investigating: left out: it was taken back before it left" in first
    assert "takes back | CB-0001-1" in second
    assert "the case | acknowledged → open" in second
    assert (await asked(stage, "CB-0001-1"))["page"]["verified"]


async def test_of_two_people_both_stand_there_with_both_entries(stage: Stage) -> None:
    await stage.do("accept_risk", reason="Costs more to mend", until=stage.now + 30 * DAY)
    stage.later(60)
    await stage.do("confirm_proposal", "UCAROLYN", ref="CB-0001 1")
    said = await words(stage, "CB-0001-1")
    assert "proposed by | Bob (Slack UBOBSMITH), 2025-11-24 16:00:03 UTC" in said
    assert "confirmed by | Carol (Slack UCAROLYN), 2025-11-24 16:01:03 UTC" in said
    assert "proposal.accept_risk" in said
    assert "decision.accept_risk" in said
    assert "VERIFIED" in said.splitlines()[0]
    life = await words(stage, "CB-0001")
    assert "Bob proposed to a second person: accept risk: “Costs more to mend”" in life


async def test_what_studio_refused_is_said_with_its_reason_and_its_entry(stage: Stage) -> None:
    await stage.press()
    (status,) = await stage.claim(only=EffectKind.STUDIO_STATUS)
    await stage.finish(status, Never(reason="not allowed there"))
    said = await words(stage, "CB-0001-1")
    assert "status investigating: refused for good: not allowed there" in said
    assert "decision.refused_by_studio" in said
    assert "Studio refused what was decided: not allowed there" in await words(stage, "CB-0001")


async def test_what_was_refused_on_the_same_case_stands_beside_it(stage: Stage) -> None:
    await stage.write(
        lambda tx: press.refuse(
            tx,
            stage.moment(),
            person="UMALLORY1",
            action="resolve",
            ref="CB-0001",
            reason="not_listed",
            reference="R-12ab",
        )
    )
    await stage.press()
    said = await words(stage, "CB-0001-1")
    assert "UMALLORY1 (Slack UMALLORY1) tried to resolve: not listed, reference R-12ab" in said
    assert "was refused to resolve: not listed" in await words(stage, "CB-0001")


async def test_a_case_is_its_whole_life_in_order(stage: Stage) -> None:
    stage.later(10)
    await stage.press()
    stage.later(10)
    await stage.deliver()
    stage.later(10)
    await stage.do("resolve", "UCAROLYN", reason="Closed the bucket")
    await stage.deliver()
    said = await words(stage, "CB-0001")
    order = [
        "the bot opened the case: critical, open in Studio",
        "the bot told it in #compliance-alerts",
        "Bob acknowledged it",
        "the bot wrote into Studio: status investigating",
        "Carol closed it as resolved (acknowledged → closed): “Closed the bucket”, CB-0001-2",
        "the bot wrote into Studio: status resolved",
    ]
    places = [said.index(line) for line in order]
    assert places == sorted(places)
    assert "CB-0001 · finding · VERIFIED" in said


@pytest.mark.parametrize("name", ["CB-0001-1", "cb-1-1", " cb0001-1", "CB-OOO1-1"])
async def test_a_reference_is_understood_however_it_is_spelled(stage: Stage, name: str) -> None:
    await stage.press()
    assert (await asked(stage, name))["page"]["decided"]["ref"] == "CB-0001-1"


async def test_studios_id_leads_to_the_case_and_without_one_to_what_was_seen(stage: Stage) -> None:
    assert "CB-0001 · finding" in await words(stage, "f-1")
    assert "CB-0001 · finding" in await words(stage, "https://studio.example/findings/f-1/")
    await stage.observe(a_critical(), a_finding("f-old", status=FindingStatus.DISMISSED))
    said = await words(stage, "f-old")
    assert "f-old · finding · nothing decided" in said
    assert "case | none: recorded, not told" in said


@pytest.mark.parametrize(
    ("name", "why", "near"),
    [
        ("CB-0009", "the newest case is CB-0001", ["CB-0001"]),
        ("CB-0001-77", "CB-0001 has no decision 77", ["CB-0001-1"]),
        ("AP-0001", "no approval was asked for yet", []),
        ("f-2", "", []),
        ("", "", []),
    ],
)
async def test_what_nobody_knows_gets_a_sentence_and_the_near_miss(
    stage: Stage, name: str, why: str, near: list[str]
) -> None:
    await stage.press()
    told = await asked(stage, name)
    assert not told["found"]
    assert told["near"] == near
    assert why in told["sentence"]
    assert "CB-0001-12" in told["sentence"]


# ---------------------------------------------------------------- what does not match


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("UPDATE decision SET reason = 'another'", "reason and details (by their hash)"),
        ("""UPDATE decision SET details = '{"until": "never"}'""", "reason and details (by their hash)"),
        ("UPDATE decision SET person = 'UCAROLYN'", "the person"),
        ("UPDATE decision SET at = at - 3600", "the time"),
        ("UPDATE decision SET \"right\" = '@admins'", "right"),
        ("UPDATE decision SET rules_hash = 'other'", "the hash of the rules"),
        ("UPDATE decision SET outcome = 'open'", "the state after"),
        ("UPDATE decision SET version_shown = 9", "the version shown"),
        ("UPDATE decision SET action = 'resolve'", "kind"),
    ],
)
async def test_a_record_that_was_changed_is_named(stage: Stage, sql: str, fault: str) -> None:
    await stage.write(lambda tx: _meet(tx, stage.now, "UCAROLYN"))
    await stage.do("false_positive", reason="A bucket of test data")
    await tamper(stage, sql)
    for reference in ("CB-0001-1", "CB-0001"):
        told = await asked(stage, reference)
        assert not told["agrees"]
        said = await words(stage, reference)
        assert "NOT VERIFIED" in said.splitlines()[0]
        assert f"DOES NOT MATCH: {fault}: the record says" in said


def _meet(tx: Any, now: float, person: str) -> None:
    people.pseudonym(tx, person, now, person)


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        (
            "UPDATE audit SET body = replace(body, 'CB-0001-1', 'CB-0001-7')",
            "its words do not match its hash",
        ),
        ("UPDATE audit SET hash = 'f' || substr(hash, 2), seq = seq WHERE seq = 3", "its words do not match"),
        ("DELETE FROM audit WHERE seq = 2", "entry 2 is missing"),
    ],
)
async def test_an_entry_that_was_changed_is_named(stage: Stage, sql: str, fault: str) -> None:
    await stage.press()
    await tamper(stage, sql)
    assert f"DOES NOT MATCH: {fault}" in await words(stage, "CB-0001-1")


async def test_a_decision_whose_entry_is_gone_is_not_verified(stage: Stage) -> None:
    await stage.press()
    await tamper(stage, "DELETE FROM audit WHERE seq = 3")
    said = await words(stage, "CB-0001-1")
    assert "DOES NOT MATCH: no entry of the chain is about decision 1" in said
    assert not (await asked(stage, "CB-0001"))["page"]["verified"]


async def test_what_people_wrote_cannot_steer_a_terminal(stage: Stage) -> None:
    await stage.do("false_positive", reason="\x1b[2J\x07 all\r\nfine \u202e")
    said = await words(stage, "CB-0001-1")
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(said)
    assert "“[2J all fine”" in said


async def test_who_was_erased_stands_there_by_pseudonym_and_the_chain_holds(stage: Stage) -> None:
    await stage.press()
    await tamper(stage, "UPDATE person SET slack_id = 'erased', name = NULL")
    said = await words(stage, "CB-0001")
    assert "VERIFIED" in said


async def test_what_a_digest_was_reminded_of_stands_in_the_life_of_each_member(tmp_path: Path) -> None:
    stage = await a_stage(tmp_path, rulebook=rules_saying(LADDER))
    await stage.begin()
    await stage.observe(*(a_finding(f"f-{number}") for number in range(30)))
    await stage.deliver()
    await pass_time(stage, 1900.0)
    said = [await words(stage, f"f-{number}") for number in (0, 5, 15)]
    await stage.database.close()
    assert all("the bot reminded people, step 1 of 1 of its ladder: @security-team" in life for life in said)
    assert all("VERIFIED" in life.splitlines()[0] for life in said)


async def test_an_accepted_risk_that_ended_says_so_and_that_studio_was_told(stage: Stage) -> None:
    await stage.observe(a_critical(), a_finding("f-2"))
    await stage.do("accept_risk", studio_id="f-2", reason="Small", until=stage.now + DAY)
    await stage.deliver()
    await pass_time(stage, 1.5 * DAY)
    said = await words(stage, "f-2")
    assert "the bot began episode 2: its risk was accepted until 2025-11-25" in said
    assert "the bot wrote into Studio: status open" in said

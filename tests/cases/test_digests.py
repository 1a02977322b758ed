"""Many messages for one channel: one digest, honestly counted, edited as what it lists moves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from compliance_bot.cases import acknowledge_all
from compliance_bot.cases.press import Press
from compliance_bot.messages.digest_words import acknowledged_all
from compliance_bot.model.cases import Case, CaseState, PostState
from compliance_bot.model.delivery import EffectKind, Never
from compliance_bot.model.findings import FindingStatus, Severity
from compliance_bot.store import cases, inbox
from compliance_bot.store.transaction import Transaction
from tests.cases.stage import DAY, Stage, a_critical, a_directory, a_finding, rules_saying

COMPLIANCE = "CCOMPLIANCE"
LOOKS = {"channel_name": "compliance", "role": "copy", "lane": 1, "template": "compliance_update"}


def many(count: int, start: int = 0, **changes: Any) -> list[Any]:
    return [a_finding(f"f-{number}", **changes) for number in range(start, start + count)]


def sent_to(stage: Stage, channel: str = COMPLIANCE) -> list[tuple[str, str]]:
    """Kind and text of what was sent to a channel, in order."""
    return [
        (kind, request["arguments"]["text"])
        for kind, _, request in stage.sent
        if request.get("arguments", {}).get("channel") == channel
    ]


def words(request: dict[str, Any]) -> str:
    return json.dumps(request["arguments"].get("blocks", []), ensure_ascii=False)


async def press_all(stage: Stage, value: str, person: str = "UBOBSMITH") -> Any:
    def decide(tx: Transaction) -> Any:
        number = int((tx.one("SELECT coalesce(max(id), 0) + 1 FROM inbox") or (1,))[0])
        inbox.receive(
            tx,
            key=f"all:{number}",
            kind="acknowledge_all",
            person=person,
            channel=COMPLIANCE,
            body={},
            now=stage.now,
        )
        press = Press(
            inbox_id=number,
            ref=value,
            person=person,
            person_name=person.title(),
            person_email=None,
            right="members",
            channel=COMPLIANCE,
            ts=None,
        )
        return acknowledge_all.acknowledge_all(tx, stage.moment(), press)

    return await stage.write(decide)


def button_value(request: dict[str, Any]) -> str:
    for block in request["arguments"]["blocks"]:
        for element in block.get("elements", []):
            if element.get("action_id") == "acknowledge_all":
                return str(element["value"])
    raise LookupError("no Acknowledge all")


async def case_of(stage: Stage, studio_id: str) -> Case:
    case = await stage.case(studio_id)
    assert case is not None
    return case


async def test_ten_findings_are_ten_messages(begun: Stage) -> None:
    await begun.observe(*many(10))
    await begun.deliver()
    assert [kind for kind, _ in sent_to(begun)] == ["post"] * 10


async def test_eleven_findings_at_once_are_one_digest_with_honest_counts(begun: Stage) -> None:
    await begun.observe(*many(11), a_finding("f-low", severity=Severity.LOW))
    await begun.deliver()
    ((kind, text),) = sent_to(begun)
    assert kind == "digest"
    assert "12 findings: 11 high, 1 low" in text
    (request,) = begun.said(EffectKind.DIGEST)
    assert all(f"Finding f-{number}" in words(request) for number in range(11))
    assert button_value(request).split()[0] == "D-1"
    assert len(button_value(request).split()) == 13


async def test_a_digest_lists_twenty_and_counts_the_rest(begun: Stage) -> None:
    await begun.observe(
        *many(30), a_finding("f-top", severity=Severity.HIGH), *many(15, 50, severity=Severity.INFO)
    )
    await begun.deliver()
    (request,) = begun.said(EffectKind.DIGEST)
    assert len(button_value(request).split()) == 21
    assert "20 listed; 26 more (11 high, 15 info) are not" in words(request)


async def test_what_was_sent_counts_and_stays_and_what_waits_is_gathered(begun: Stage) -> None:
    await begun.observe(*many(8))
    await begun.deliver()
    await begun.observe(*many(2, 8))
    await begun.observe(*many(1, 10))
    await begun.deliver()
    assert [kind for kind, _ in sent_to(begun)] == ["post"] * 8 + ["digest"]
    assert "3 findings" in sent_to(begun)[-1][1]
    states = [(await begun.posts(f"f-{number}"))[0].state for number in (0, 8, 10)]
    assert states == [PostState.SHOWN, PostState.LISTED, PostState.LISTED]


async def test_an_hour_of_trickle_is_never_a_digest(begun: Stage) -> None:
    for number in range(30):
        await begun.observe(a_finding(f"f-{number}"))
        await begun.deliver()
        begun.later(20)
    assert {kind for kind, _ in sent_to(begun)} == {"post"}


async def test_what_comes_in_the_window_joins_by_an_edit_and_what_comes_later_does_not(begun: Stage) -> None:
    await begun.observe(*many(11))
    await begun.deliver()
    await begun.observe(*many(4, 11))
    assert await begun.deliver() == [], "edits of a growing digest come in steps"
    begun.later(5)
    await begun.deliver()
    assert "15 findings" in sent_to(begun)[-1][1]
    begun.later(60)
    await begun.observe(*many(1, 20))
    await begun.deliver()
    assert [kind for kind, _ in sent_to(begun)] == ["digest", "digest_edit", "post"]


async def test_a_storm_edits_each_digest_a_dozen_times_a_minute_at_most(begun: Stage) -> None:
    for batch in range(100):
        await begun.observe(*many(20, batch * 20))
        await begun.deliver()
    begun.later(5)
    await begun.deliver()
    kinds = [kind for kind, _ in sent_to(begun)]
    assert kinds.count("post") == 0
    assert kinds.count("digest") == 2
    assert kinds.count("digest_edit") <= 22
    lists = await begun.rows("SELECT digest_id, count(*) AS n FROM post GROUP BY digest_id")
    assert sum(row["n"] for row in lists) == 2000


async def test_criticals_stand_apart_up_to_five_a_minute_then_one_urgent_digest_calls(begun: Stage) -> None:
    alerts = "CCOMPLIANCE-ALERTS"
    await begun.observe(*[a_critical(f"c-{number}") for number in range(5)])
    await begun.deliver()
    assert [kind for kind, _ in sent_to(begun, alerts)] == ["post"] * 5
    await begun.observe(*[a_critical(f"d-{number}") for number in range(3)])
    await begun.deliver()
    assert [kind for kind, _ in sent_to(begun, alerts)] == ["post"] * 5 + ["digest"]
    request = next(one for one in begun.said(EffectKind.DIGEST) if one["arguments"]["channel"] == alerts)
    assert "<!subteam^SCOMPLIANCE-TEAM>" in words(request)
    assert "3 urgent findings: 3 critical" in request["arguments"]["text"]


async def test_grouping_switched_off_groups_nothing(begun: Stage) -> None:
    begun.rulebook = rules_saying("grouping: {enabled: false}")
    await begun.observe(*many(40))
    await begun.deliver()
    assert [kind for kind, _ in sent_to(begun)] == ["post"] * 40


async def test_a_member_that_turns_critical_gets_its_message_and_its_line_is_a_link_counted_once(
    begun: Stage,
) -> None:
    await begun.observe(*many(12, category="data_leak"))
    await begun.deliver()
    begun.later(120)
    await begun.observe(a_finding("f-3", category="data_leak", severity=Severity.CRITICAL))
    begun.later(5)
    await begun.deliver()
    post = next(post for post in await begun.posts("f-3") if post.channel_id == COMPLIANCE)
    assert (post.state, post.template) == (PostState.SHOWN, "critical_alert")
    edit = begun.said(EffectKind.DIGEST_EDIT)[-1]
    assert f"https://acme.slack.com/archives/{COMPLIANCE}/p{str(post.ts).replace('.', '')}" in words(edit)
    assert "12 findings: 1 critical, 11 high" in edit["arguments"]["text"]
    alone = [
        request
        for kind, _, request in begun.sent
        if kind == "post" and request["arguments"]["channel"] == COMPLIANCE
    ]
    assert len(alone) == 1
    assert "<!subteam^" in words(alone[0])


async def test_lines_follow_their_cases_and_the_handled_are_counted(begun: Stage) -> None:
    await begun.observe(*many(12))
    await begun.deliver()
    await begun.press(studio_id="f-2")
    await begun.observe(a_finding("f-5", status=FindingStatus.RESOLVED))
    begun.later(5)
    await begun.deliver()
    edit = begun.said(EffectKind.DIGEST_EDIT)[-1]
    assert "2 of 12 handled" in words(edit)
    assert "acknowledged by Bob" in words(edit)
    assert "closed: resolved" in words(edit)
    assert len(button_value(edit).split()) == 11
    assert await begun.lines() == [], "a line says what a thread would"


async def test_acknowledge_all_is_one_decision_each_for_those_still_open_and_listed(begun: Stage) -> None:
    await begun.observe(*many(25))
    await begun.deliver()
    value = button_value(begun.said(EffectKind.DIGEST)[0])
    taken = value.split()[1:]
    await begun.press("UCAROLYN", studio_id="f-4")
    reply = await press_all(begun, value)
    assert (reply["say"], reply["won"], reply["before"], reply["unknown"]) == ("acknowledged_all", 19, 1, 0)
    rows = await begun.rows('SELECT c.ref, d.person FROM decision d JOIN "case" c ON c.id = d.case_id')
    assert sorted(row["ref"] for row in rows) == sorted(taken)
    assert sum(row["person"] == "UBOBSMITH" for row in rows) == 19
    entries = await begun.rows("SELECT count(*) AS n FROM audit WHERE body LIKE '%decision.acknowledge%'")
    assert entries[0]["n"] == 20
    assert await begun.whole_chain()
    states = await begun.rows('SELECT state, count(*) AS n FROM "case" GROUP BY state ORDER BY state')
    assert [tuple(row.values()) for row in states] == [("acknowledged", 20), ("open", 5)]
    again = await press_all(begun, value, "UCAROLYN")
    assert (again["won"], again["before"]) == (0, 20)


async def test_acknowledge_all_goes_behind_single_clicks_and_says_how_long_studio_takes(begun: Stage) -> None:
    begun.rulebook = rules_saying("studio: {quota_per_hour: 10}")
    await begun.observe(*many(13))
    await begun.deliver()
    await begun.press(studio_id="f-0")
    reply = await press_all(begun, button_value(begun.said(EffectKind.DIGEST)[0]))
    assert (reply["won"], reply["takes"]) == (12, 3 * 3600.0)
    assert "within about 180 minutes" in acknowledged_all("D-1", 12, 1, 0, reply["takes"])
    rows = await begun.rows("SELECT lane, kind FROM effect WHERE kind LIKE 'studio%' ORDER BY lane, kind")
    lanes = [(row["lane"], row["kind"]) for row in rows]
    assert lanes[:2] == [(0, "studio_status"), (1, "studio_comment")]
    assert {lane for lane, _ in lanes[2:]} == {2}
    assert len(lanes) == 2 + 2 * 12


@pytest.mark.parametrize("value", ["", "D-1", "D-x CB-0001", "CB-0001 CB-0002", "D-99 CB-0001"])
async def test_a_button_of_another_digest_decides_nothing(begun: Stage, value: str) -> None:
    await begun.observe(*many(12))
    await begun.deliver()
    reply = await press_all(begun, value)
    assert reply["say"] == "unknown_button" or (reply["won"], reply["unknown"]) == (0, 1)
    assert await begun.rows("SELECT 1 FROM decision") == []


async def test_a_digest_that_slack_lost_is_posted_fresh_and_calls_nobody_again(begun: Stage) -> None:
    await begun.observe(*[a_critical(f"c-{number}") for number in range(9)])
    await begun.deliver()
    await begun.press(studio_id="c-1")
    begun.later(5)
    for effect in await begun.claim(only=EffectKind.DIGEST_EDIT):
        await begun.finish(effect, Never(reason="message_not_found", gone=True))
    await begun.deliver()
    fresh = [request for request in begun.said(EffectKind.DIGEST) if "1 of 9 handled" in words(request)]
    assert len(fresh) == 3
    assert not any("<!subteam^" in words(request) for request in fresh)


async def test_what_a_refused_digest_listed_is_told_in_the_default_channel(begun: Stage) -> None:
    begun.rulebook = rules_saying(
        "alert_configuration: {compliance_updates: {channels: ['#compliance-reports']}}"
    )
    await begun.observe(*many(14))
    (digest,) = await begun.claim(only=EffectKind.DIGEST)
    await begun.finish(digest, Never(reason="is_archived"))
    await begun.deliver()
    told = [one for one in sent_to(begun) if one[0] == "digest"]
    assert len(told) == 1
    assert "14 findings" in told[0][1]
    owners = [post for number in range(14) for post in await begun.posts(f"f-{number}")]
    assert {(post.channel_id, post.state) for post in owners} == {
        ("CCOMPLIANCE-REPORTS", PostState.DEAD),
        (COMPLIANCE, PostState.LISTED),
    }


async def test_lines_above_a_channels_ceiling_are_references(begun: Stage) -> None:
    begun.rulebook = rules_saying(
        "sensitivity: {rules: [{condition: \"title == 'Finding f-3'\", class: confidential}]}"
    )
    await begun.observe(*many(12))
    await begun.deliver()
    (request,) = begun.said(EffectKind.DIGEST)
    secret = await case_of(begun, "f-3")
    assert "Finding f-3" not in json.dumps(request)
    assert secret.ref in words(request)
    assert "Finding f-4" in words(request)


async def test_messages_held_all_night_are_one_digest_in_the_morning(begun: Stage) -> None:
    for number in range(12):
        await begun.observe(a_finding(f"f-{number}"))
        begun.later(1800)
    await begun.deliver()
    ((kind, text),) = sent_to(begun)
    assert (kind, "12 findings" in text) == ("digest", True)


async def test_a_case_opened_again_soon_moves_its_line_and_later_is_told_anew(begun: Stage) -> None:
    await begun.observe(*many(12))
    await begun.deliver()
    await begun.observe(a_finding("f-1", status=FindingStatus.RESOLVED))
    begun.later(3600)
    await begun.observe(a_finding("f-1"))
    begun.later(5)
    await begun.deliver()
    assert "0 of 12 handled" in words(begun.said(EffectKind.DIGEST_EDIT)[-1])
    await begun.observe(a_finding("f-1", status=FindingStatus.RESOLVED))
    begun.later(2 * DAY)
    await begun.observe(a_finding("f-1"))
    await begun.deliver()
    assert [kind for kind, _ in sent_to(begun)].count("post") == 1
    assert (await case_of(begun, "f-1")).state is CaseState.OPEN


async def test_a_digest_whose_members_all_became_urgent_says_so(begun: Stage) -> None:
    begun.rulebook = rules_saying("alert_configuration: {critical_issues: {channels: ['#compliance']}}")
    await begun.observe(*many(12))
    await begun.deliver()
    await begun.observe(*[a_critical(f"c-{number}", category="other") for number in range(8)])
    await begun.observe(*many(12, severity=Severity.CRITICAL))
    begun.later(30)
    await begun.deliver()
    texts = [request["arguments"]["text"] for request in begun.said(EffectKind.DIGEST_EDIT)]
    assert any("Nothing is left here" in text for text in texts)
    assert "20 urgent findings" in begun.said(EffectKind.DIGEST)[-1]["arguments"]["text"]
    assert await begun.rows("SELECT 1 FROM effect WHERE state = 'dead'") == []


async def test_an_urgent_message_never_joins_a_list_that_did_not_call_its_people(begun: Stage) -> None:
    begun.rulebook = rules_saying(
        "routing_rules: {payments: {condition: \"title == 'Ours'\", channels: ['#compliance-alerts'],"
        " mentions: ['@management']}}"
    )
    alerts = "CCOMPLIANCE-ALERTS"
    await begun.observe(*[a_critical(f"c-{number}") for number in range(8)])
    await begun.deliver()
    await begun.observe(a_critical("ours", title="Ours"), a_critical("c-9"))
    begun.later(5)
    await begun.deliver()
    calling = [
        kind
        for kind, _, request in begun.sent
        if request["arguments"]["channel"] == alerts and "<!subteam^SMANAGEMENT>" in words(request)
    ]
    assert calling == ["post"]
    assert "9 urgent findings" in sent_to(begun, alerts)[-1][1]


async def test_two_names_of_one_channel_leave_one_line_or_one_message(begun: Stage) -> None:
    begun.directory = a_directory(without=("compliance",))
    begun.rulebook = rules_saying("alert_configuration: {compliance_updates: {channels: ['#compliance']}}")
    await begun.observe(*many(12))
    row = await begun.rows("SELECT id FROM digest")
    case = await case_of(begun, "f-3")
    await begun.write(lambda tx: cases.want_post(tx, case, channel_id=COMPLIANCE, **LOOKS))
    begun.directory = a_directory()
    await begun.deliver()
    begun.later(60)
    await begun.deliver()
    assert len(row) == 1
    assert "11 findings" in sent_to(begun)[-1][1]


async def test_acknowledge_all_leaves_out_what_is_of_no_listed_project(begun: Stage) -> None:
    await begun.observe(*many(11, severity=Severity.MEDIUM))
    await begun.deliver()
    value = button_value(begun.said(EffectKind.DIGEST)[0])
    begun.rulebook = rules_saying("studio: {projects: [p-1]}")
    reply = await press_all(begun, value)
    assert (reply["won"], reply["unknown"]) == (0, 11)

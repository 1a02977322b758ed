from __future__ import annotations

import json

import pytest

from compliance_bot.cases import studio_answers
from compliance_bot.model.cases import Case, CaseState, StudioSync
from compliance_bot.model.delivery import EffectKind, EffectState, Never
from compliance_bot.model.findings import FindingStatus, Severity
from tests.cases.stage import DAY, Stage, a_critical, a_finding, rules_saying

ALONE = {
    "resolve": FindingStatus.RESOLVED,
    "false_positive": FindingStatus.FALSE_POSITIVE,
    "accept_risk": FindingStatus.ACCEPTED_RISK,
}


async def the_case(stage: Stage) -> Case:
    case = await stage.case()
    assert case is not None
    return case


@pytest.fixture
async def told(begun: Stage) -> Stage:
    """A high finding, told, with a thread."""
    await begun.observe(a_finding(severity=Severity.HIGH, category="data_leak"))
    await begun.deliver()
    return begun


@pytest.fixture
async def critical(begun: Stage) -> Stage:
    """A critical finding, told in three channels."""
    await begun.observe(a_critical())
    await begun.deliver()
    return begun


@pytest.mark.parametrize("kind", list(ALONE))
async def test_closing_writes_status_and_reason_and_says_it_is_not_yet_in_studio(
    told: Stage, kind: str
) -> None:
    assert await told.do(kind, reason=" seen with the vendor ") is None
    case = await the_case(told)
    assert (case.state, case.closed_by, case.closed_name) == (CaseState.CLOSED, "UBOBSMITH", "Bob")
    assert case.closed_reason == ALONE[kind].value
    await told.deliver(slack=True)
    assert "not yet in Studio" in str(told.said(EffectKind.EDIT)[-1])
    await told.deliver()
    (status,) = told.said(EffectKind.STUDIO_STATUS)
    assert status["body"] == {"status": ALONE[kind].value}
    assert set(status["expected"]) == {"open", "investigating", "in_progress"}
    (comment,) = told.said(EffectKind.STUDIO_COMMENT)
    assert "seen with the vendor" in comment["body"]["content"]
    assert "Bob" in comment["body"]["content"]
    assert (await the_case(told)).sync is StudioSync.CONFIRMED
    assert "not yet in Studio" not in str(told.said(EffectKind.EDIT)[-1])
    (decision,) = await told.rows("SELECT * FROM decision")
    assert (decision["action"], decision["reason"]) == (kind, "seen with the vendor")


async def test_a_blank_reason_closes_nothing(told: Stage) -> None:
    reply = await told.do("resolve", reason="  \n ")
    assert reply == {"say": "reason_missing", "ref": "CB-0001"}
    assert (await the_case(told)).state is CaseState.OPEN
    assert await told.rows("SELECT * FROM decision") == []


async def test_who_closes_what_is_closed_is_told_so(told: Stage) -> None:
    await told.do("resolve", reason="mended")
    reply = await told.do("false_positive", "UCAROLYN", reason="no")
    assert reply is not None
    assert (reply["say"], reply["reason"]) == ("already_closed", "resolved")


async def test_what_became_more_severe_since_it_was_shown_is_not_closed(told: Stage) -> None:
    reply = await told.do("resolve", reason="mended", severity="low")
    assert reply == {"say": "changed_since", "ref": "CB-0001", "before": "low", "after": "high"}
    assert (await the_case(told)).state is CaseState.OPEN


async def test_an_accepted_risk_keeps_its_end_and_a_past_one_is_refused(told: Stage) -> None:
    reply = await told.do("accept_risk", reason="old system", until=told.now - 1)
    assert reply is not None
    assert reply["say"] == "date_is_past"
    assert await told.do("accept_risk", reason="old system", until=told.now + 30 * DAY) is None
    assert (await the_case(told)).risk_until == told.now + 30 * DAY


async def test_the_echo_of_a_closing_makes_no_event_before_its_answer_or_after(told: Stage) -> None:
    events = await told.events()
    await told.do("false_positive", reason="test data")
    await told.observe(
        a_finding(severity=Severity.HIGH, category="data_leak", status=FindingStatus.FALSE_POSITIVE)
    )
    case = await the_case(told)
    assert (case.sync, case.closed_by) == (StudioSync.CONFIRMED, "UBOBSMITH")
    await told.deliver()
    await told.observe(
        a_finding(severity=Severity.HIGH, category="data_leak", status=FindingStatus.FALSE_POSITIVE)
    )
    assert await told.events() == events


async def test_studio_moving_while_the_closing_is_under_way_opens_nothing(told: Stage) -> None:
    await told.do("resolve", reason="mended")
    await told.observe(
        a_finding(severity=Severity.HIGH, category="data_leak", status=FindingStatus.IN_PROGRESS)
    )
    case = await the_case(told)
    assert (case.state, case.episode) == (CaseState.CLOSED, 1)


async def test_closed_otherwise_in_studio_meanwhile_studio_counts(told: Stage) -> None:
    await told.do("resolve", reason="mended")
    await told.observe(
        a_finding(severity=Severity.HIGH, category="data_leak", status=FindingStatus.DISMISSED)
    )
    case = await the_case(told)
    assert (case.closed_reason, case.closed_by, case.sync) == ("dismissed", None, StudioSync.NONE)
    await told.deliver()
    assert told.said(EffectKind.STUDIO_STATUS) == []


async def test_refused_by_studio_for_good_it_is_as_before_and_the_thread_says_why(told: Stage) -> None:
    await told.press()
    await told.deliver()
    await told.do("resolve", reason="mended")
    (status,) = await told.claim(only=EffectKind.STUDIO_STATUS)
    await told.finish(status, Never(reason="no such status"))
    case = await the_case(told)
    assert (case.state, case.acknowledged_by, case.sync) == (
        CaseState.ACKNOWLEDGED,
        "UBOBSMITH",
        StudioSync.REFUSED,
    )
    await told.deliver()
    line = told.said(EffectKind.THREAD)[-1]["arguments"]["text"]
    assert "Resolve" in line
    assert "no such status" in line


async def test_closing_takes_the_write_of_an_unsent_acknowledgement_back(told: Stage) -> None:
    await told.press()
    await told.do("resolve", reason="mended")
    await told.deliver()
    (status,) = told.said(EffectKind.STUDIO_STATUS)
    assert status["body"] == {"status": "resolved"}


# ---------------------------------------------------------------- two people


async def test_accepting_a_critical_risk_takes_a_second_person_asked_in_the_thread_and_directly(
    critical: Stage,
) -> None:
    reply = await critical.do("accept_risk", reason="vendor is gone", may=["UBOBSMITH", "UCAROLYN"])
    assert reply is not None
    assert reply["say"] == "proposed"
    assert (await the_case(critical)).state is CaseState.OPEN
    asked = await critical.rows("SELECT key FROM effect WHERE kind = 'direct'")
    assert [one["key"] for one in asked] == ["direct:proposal:1:UCAROLYN"]
    await critical.deliver()
    (line,) = [
        one["arguments"]
        for one in critical.said(EffectKind.THREAD)
        if "second person" in str(one["arguments"])
    ]
    assert "confirm_proposal" in json.dumps(line["blocks"])
    assert critical.said(EffectKind.STUDIO_STATUS) == []


async def test_the_second_person_confirms_and_both_names_stand(critical: Stage) -> None:
    await critical.do("accept_risk", reason="vendor is gone", until=critical.now + DAY, may=["UCAROLYN"])
    assert await critical.do("confirm_proposal", "UBOBSMITH", ref="CB-0001 1") == {
        "say": "second_is_first",
        "ref": "CB-0001",
    }
    assert await critical.do("confirm_proposal", "UCAROLYN", ref="CB-0001 1") is None
    case = await the_case(critical)
    assert (case.state, case.closed_by, case.risk_until) == (
        CaseState.CLOSED,
        "UBOBSMITH",
        pytest.approx(critical.now + DAY),
    )
    (decision,) = await critical.rows("SELECT * FROM decision")
    assert (decision["person"], decision["proposal_id"]) == ("UCAROLYN", 1)
    assert json.loads(decision["details"])["proposed_by"] == "UBOBSMITH"
    await critical.deliver()
    (comment,) = critical.said(EffectKind.STUDIO_COMMENT)
    assert "Bob, confirmed by Carol" in comment["body"]["content"]
    reply = await critical.do("confirm_proposal", "UCAROLYN", ref="CB-0001 1")
    assert reply is not None
    assert (reply["say"], reply["how"]) == ("proposal_ended", "confirmed")


@pytest.mark.parametrize(("person", "how"), [("UCAROLYN", "declined"), ("UBOBSMITH", "withdrawn")])
async def test_declined_or_taken_back_nothing_has_changed(critical: Stage, person: str, how: str) -> None:
    await critical.do("accept_risk", reason="vendor is gone")
    assert await critical.do("decline_proposal", person, ref="CB-0001 1") is None
    assert (await the_case(critical)).state is CaseState.OPEN
    (proposal,) = await critical.rows("SELECT state FROM proposal")
    assert proposal["state"] == how
    assert await critical.whole_chain()


async def test_only_one_proposal_waits_on_a_case(critical: Stage) -> None:
    await critical.do("accept_risk", reason="vendor is gone")
    reply = await critical.do("accept_risk", "UCAROLYN", reason="me too")
    assert reply is not None
    assert (reply["say"], reply["who"]) == ("proposed_already", "UBOBSMITH")


async def test_what_was_proposed_is_void_once_the_case_was_closed_otherwise(critical: Stage) -> None:
    await critical.do("accept_risk", reason="vendor is gone")
    await critical.do("resolve", "UCAROLYN", reason="mended")
    reply = await critical.do("confirm_proposal", "UCAROLYN", ref="CB-0001 1")
    assert reply == {"say": "proposal_overtaken", "ref": "CB-0001"}
    assert (await the_case(critical)).closed_reason == "resolved"


async def test_what_was_proposed_is_void_once_studio_closed_and_opened_it_again(critical: Stage) -> None:
    await critical.do("accept_risk", reason="vendor is gone")
    await critical.observe(a_critical(status=FindingStatus.RESOLVED))
    await critical.observe(a_critical())
    reply = await critical.do("confirm_proposal", "UCAROLYN", ref="CB-0001 1")
    assert reply == {"say": "proposal_overtaken", "ref": "CB-0001"}
    assert (await the_case(critical)).state is CaseState.OPEN


async def test_what_two_decide_is_bound_to_what_the_first_saw(critical: Stage) -> None:
    seen = [post.shown_version for post in await critical.posts()]
    await critical.do("accept_risk", reason="vendor is gone")
    await critical.deliver()
    assert [post.shown_version for post in await critical.posts()] != seen
    await critical.do("confirm_proposal", "UCAROLYN", ref="CB-0001 1")
    (decision,) = await critical.rows("SELECT version_shown, proposal_id FROM decision")
    assert (decision["version_shown"], decision["proposal_id"]) == (seen[0], 1)


async def test_what_was_proposed_is_void_once_it_is_more_severe_than_was_shown(begun: Stage) -> None:
    begun.rulebook = rules_saying("approvals: {second_person_for: [{action: accept_risk}]}")
    await begun.observe(a_finding())
    await begun.deliver()
    assert (await begun.do("accept_risk", reason="small") or {})["say"] == "proposed"
    await begun.observe(a_finding(severity=Severity.CRITICAL))
    reply = await begun.do("confirm_proposal", "UCAROLYN", ref="CB-0001 1")
    assert reply == {"say": "proposal_overtaken", "ref": "CB-0001"}
    assert (await the_case(begun)).state is CaseState.OPEN


async def test_a_late_write_is_not_said_twice(told: Stage) -> None:
    await told.do("resolve", reason="mended")
    told.later(120)
    assert await told.write(lambda tx: studio_answers.say_late(tx, told.moment())) == 0


async def test_a_comment_behind_a_refused_status_is_skipped(told: Stage) -> None:
    await told.do("resolve", reason="mended")
    (status,) = await told.claim(only=EffectKind.STUDIO_STATUS)
    await told.finish(status, Never(reason="no such status"))
    await told.deliver()
    comment = await told.effect("decision:1:comment")
    assert comment is not None
    assert comment.state is EffectState.SKIPPED


async def test_what_was_closed_here_and_is_deleted_there_is_gone(told: Stage) -> None:
    await told.do("resolve", reason="mended")
    (status,) = await told.claim(only=EffectKind.STUDIO_STATUS)
    await told.finish(status, Never(reason="deleted"))
    case = await the_case(told)
    assert (case.state, case.closed_reason, case.sync) == (CaseState.CLOSED, "gone", StudioSync.NONE)


async def test_a_closing_that_a_raised_severity_overtook_is_not_written_and_its_closer_is_told(
    told: Stage,
) -> None:
    await told.do("resolve", reason="mended")
    await told.observe(a_critical())
    case = await the_case(told)
    assert (case.state, case.episode) == (CaseState.OPEN, 2)
    await told.deliver()
    assert told.said(EffectKind.STUDIO_STATUS) == []
    assert told.said(EffectKind.STUDIO_COMMENT) == []
    assert "this changed before it could be written there" in str(told.said(EffectKind.THREAD))


async def test_a_proposal_is_over_once_studio_closed_the_case_so_that_another_may_propose(
    critical: Stage,
) -> None:
    await critical.do("accept_risk", reason="vendor is gone")
    await critical.observe(a_critical(status=FindingStatus.RESOLVED))
    (proposal,) = await critical.rows("SELECT state FROM proposal")
    assert proposal["state"] == "overtaken"
    await critical.observe(a_critical())
    reply = await critical.do("accept_risk", "UCAROLYN", reason="vendor is gone")
    assert reply is not None
    assert reply["say"] == "proposed"


async def test_one_human_with_two_accounts_is_not_two_people(critical: Stage) -> None:
    critical.rulebook = rules_saying("people: {aliases: {bob2@example.com: bob@example.com}}")
    await critical.do("accept_risk", reason="vendor is gone", email="bob@example.com")
    reply = await critical.do("confirm_proposal", "UCAROLYN", ref="CB-0001 1", email="bob2@example.com")
    assert reply == {"say": "second_is_first", "ref": "CB-0001"}


@pytest.mark.parametrize("late", [False, True])
async def test_the_line_that_asked_shows_how_it_ended_in_place_of_its_buttons(
    critical: Stage, late: bool
) -> None:
    await critical.do("accept_risk", reason="vendor is gone")
    if late:
        flying = await critical.claim(only=EffectKind.THREAD)
        await critical.do("confirm_proposal", "UCAROLYN", ref="CB-0001 1")
        for one in flying:
            await critical.finish(one)
    else:
        await critical.deliver()
        await critical.do("confirm_proposal", "UCAROLYN", ref="CB-0001 1")
    await critical.deliver()
    (over,) = [one for one in critical.said(EffectKind.THREAD) if one["method"] == "chat.update"]
    assert "Confirmed by Carol" in json.dumps(over["arguments"]["blocks"])
    assert "confirm_proposal" not in json.dumps(over)

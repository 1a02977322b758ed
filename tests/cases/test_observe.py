from __future__ import annotations

import pytest

from compliance_bot.cases import observe
from compliance_bot.model.cases import CaseState, StudioSync
from compliance_bot.model.delivery import EffectKind
from compliance_bot.model.findings import BadRow, FindingStatus, Severity
from compliance_bot.rules import attributes
from compliance_bot.store import objects
from compliance_bot.store.objects import Standing
from tests.cases.stage import START, Stage, a_critical, a_finding, rules_saying


async def test_a_new_finding_is_object_event_case_posts_effects_and_audit_at_once(begun: Stage) -> None:
    seen = await begun.observe(a_critical())
    assert (seen.new, seen.told) == (1, 1)
    assert await begun.events() == [("new", None, None)]
    assert [post.channel_name for post in await begun.posts()] == [
        "compliance-alerts",
        "security-alerts",
        "compliance",
    ]
    assert len(await begun.rows("SELECT id FROM effect WHERE kind = 'post'")) == 3
    assert "case.opened" in (await begun.rows("SELECT body FROM audit ORDER BY seq DESC"))[0]["body"]
    assert await begun.whole_chain()


async def test_nothing_of_a_finding_stands_when_one_part_of_its_transaction_fails(
    begun: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("broken")

    with monkeypatch.context() as patched:
        patched.setattr("compliance_bot.cases.posts.plan_post", broken)
        seen = await begun.observe(a_critical("bad"))
    assert seen.quarantined == 1
    for table in ("object", "event", '"case"', "post", "effect"):
        assert await begun.rows(f"SELECT * FROM {table}") == []  # noqa: S608 - names of ours
    await begun.observe(a_critical("bad"))
    assert await begun.standing("bad") is Standing.TOLD


async def test_a_row_that_cannot_be_taken_in_takes_no_other_with_it(
    begun: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    attributes_of = attributes.finding_attributes

    def one_is_broken(finding, **given):
        if finding.id == "bad":
            raise ValueError("broken")
        return attributes_of(finding, **given)

    monkeypatch.setattr("compliance_bot.cases.episode.finding_attributes", one_is_broken)
    seen = await begun.observe(a_finding("a"), a_finding("bad"), a_finding("b"))
    assert (seen.new, seen.quarantined) == (2, 1)
    assert await begun.standing("a") is await begun.standing("b") is Standing.TOLD


async def test_the_same_row_twice_on_a_page_and_on_two_pages_is_one_event(begun: Stage) -> None:
    await begun.observe(a_finding(), a_finding())
    await begun.observe(a_finding())
    assert await begun.events() == [("new", None, None)]


async def test_each_difference_is_one_event_however_often_it_is_seen(begun: Stage) -> None:
    await begun.observe(a_finding(severity=Severity.LOW))
    changed = a_critical(status=FindingStatus.INVESTIGATING, assignee_id="u-1", assignee_name="Ann")
    for _ in range(3):
        await begun.observe(changed)
    assert await begun.events() == [
        ("new", None, None),
        ("status", "open", "investigating"),
        ("severity_raised", "low", "critical"),
        ("assigned", None, "u-1"),
    ]


async def test_an_answer_asked_for_before_what_we_know_is_dropped(begun: Stage) -> None:
    await begun.observe(a_finding())
    asked = begun.now
    begun.later(5)
    await begun.observe(a_finding(status=FindingStatus.RESOLVED))
    seen = await begun.observe(a_finding(severity=Severity.CRITICAL), sent_at=asked)
    assert (seen.stale, seen.changed) == (1, 0)
    case = await begun.case()
    assert case is not None
    assert (case.state, case.severity) == (CaseState.CLOSED, "high")


async def test_a_page_asked_for_before_our_write_was_answered_is_no_news(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.deliver()
    held = begun.now
    begun.later(2)
    await begun.press()
    await begun.deliver()
    begun.later(2)
    assert (await begun.observe(a_critical(), sent_at=held)).stale == 1
    case = await begun.case()
    assert case is not None
    assert case.state is CaseState.ACKNOWLEDGED
    assert [change for change, _, _ in await begun.events()] == ["new"]
    posted = list(begun.said(EffectKind.POST))
    await begun.deliver()
    assert begun.said(EffectKind.POST) == posted


async def test_our_own_write_seen_by_a_poll_before_its_answer_makes_no_event(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.deliver()
    await begun.press()
    await begun.observe(a_critical(status=FindingStatus.INVESTIGATING))
    case = await begun.case()
    assert case is not None
    assert (case.state, case.sync) == (CaseState.ACKNOWLEDGED, StudioSync.CONFIRMED)
    assert [change for change, _, _ in await begun.events()] == ["new"]


async def test_our_own_write_seen_after_its_answer_makes_no_event(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.press()
    await begun.deliver()
    begun.later(5)
    await begun.observe(a_critical(status=FindingStatus.INVESTIGATING))
    assert [change for change, _, _ in await begun.events()] == ["new"]


async def test_somebody_elses_status_is_no_echo_though_our_write_is_open(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.press()
    await begun.observe(a_critical(status=FindingStatus.IN_PROGRESS))
    assert ("status", "open", "in_progress") in await begun.events()
    case = await begun.case()
    assert case is not None
    assert (case.state, case.acknowledged_by) == (CaseState.ACKNOWLEDGED, "UBOBSMITH")


async def test_an_answer_of_our_write_never_overwrites_what_was_asked_for_later(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.press()
    (write,) = await begun.claim(only=EffectKind.STUDIO_STATUS)
    answer = begun.done(write)
    begun.later(1)
    await begun.observe(a_critical(status=FindingStatus.RESOLVED))
    await begun.finish(write, answer)
    assert (await begun.known()).finding.status is FindingStatus.RESOLVED


async def test_bookkeeping_of_studio_edits_nothing_and_wording_edits_silently(begun: Stage) -> None:
    await begun.observe(a_finding())
    await begun.deliver()
    await begun.observe(a_finding(updated_at=START + 50, comments=3, resolved_at=None))
    assert await begun.deliver() == []
    await begun.observe(a_finding(title="Other words", occurrences=9))
    assert await begun.deliver() == []
    begun.later(900)
    (edit,) = await begun.deliver()
    assert edit.kind is EffectKind.EDIT
    assert "Other words" in str(begun.said(EffectKind.EDIT))
    assert await begun.lines() == []


async def test_a_write_answer_without_relations_keeps_the_names_we_knew(begun: Stage) -> None:
    await begun.observe(a_finding(account="Prod", vendor="AWS", assignee_id="u-1", assignee_name="Ann"))
    await begun.observe(a_finding(assignee_id="u-1", occurrences=2))
    finding = (await begun.known()).finding
    assert (finding.account, finding.vendor, finding.assignee_name) == ("Prod", "AWS", "Ann")


async def test_a_kind_that_is_switched_off_is_recorded_and_not_told(begun: Stage) -> None:
    begun.rulebook = rules_saying("alert_configuration: {compliance_updates: {enabled: false}}")
    await begun.observe(a_finding())
    assert await begun.events() == [("new", None, None)]
    assert await begun.case() is None
    assert await begun.standing() is Standing.SILENT
    assert await begun.rows("SELECT id FROM effect") == []


async def test_a_finding_outside_the_allowed_projects_is_never_told(begun: Stage) -> None:
    begun.rulebook = rules_saying('studio: {projects: ["p-1"]}')
    await begun.observe(a_critical("out"), a_critical("in", project_id="p-1"))
    await begun.observe(a_critical("out", assignee_id="u-1"))
    assert await begun.case("out") is None
    assert await begun.case("in") is not None
    assert [change for change, _, _ in await begun.events("out")] == ["new", "assigned"]


async def test_what_is_closed_when_first_seen_is_recorded_only(begun: Stage) -> None:
    closed = [status for status in FindingStatus if status.is_closed]
    await begun.observe(*(a_critical(status.value, status=status) for status in closed))
    assert [await begun.case(status.value) for status in closed] == [None] * 4
    assert await begun.events() == [("new", None, None)] * 4


async def test_a_bad_row_counts_as_present_in_a_walk(begun: Stage) -> None:
    await begun.observe(a_finding())
    bad = BadRow(studio_id="f-1", reason="severity is none of them")
    for _ in range(3):
        started = begun.now
        begun.later(1)
        begun.walks += 1
        await begun.observe(walk=begun.walks, bad=(bad,))
        await begun.conclude(started)
    assert (await begun.known()).missing_walks == 0


async def test_one_asked_for_by_itself_is_taken_in_like_a_row_of_a_page(begun: Stage) -> None:
    await begun.observe(a_finding())

    def take(finding, sent_at):
        return lambda tx: observe.observe_one(tx, begun.moment(), finding, sent_at)

    await begun.write(take(a_finding(status=FindingStatus.RESOLVED), begun.now - 100))
    assert (await begun.case()).state is CaseState.OPEN  # type: ignore[union-attr]  # it was told
    await begun.write(take(a_finding(status=FindingStatus.RESOLVED), begun.now))
    assert (await begun.case()).state is CaseState.CLOSED  # type: ignore[union-attr]  # it was told
    await begun.write(take(a_finding("never-seen"), begun.now))
    assert await begun.database.read(lambda tx: objects.find(tx, "never-seen")) is None


async def test_hostile_text_goes_through_the_whole_transaction(begun: Stage) -> None:
    nasty = "\u202e<!channel> \U0001f9e8 *x* {{ 7*7 }} " + "e\u0301" * 4000
    await begun.observe(a_critical(title=nasty, description=nasty, resource=nasty, frameworks=(nasty,)))
    await begun.deliver()
    assert len(begun.said(EffectKind.POST)) == 3
    assert await begun.whole_chain()

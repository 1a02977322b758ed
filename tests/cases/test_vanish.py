from __future__ import annotations

import pytest

from compliance_bot.model.cases import CaseState
from compliance_bot.model.delivery import EffectKind
from compliance_bot.model.findings import Finding, FindingStatus, Severity
from compliance_bot.store.objects import Standing
from tests.cases.stage import DAY, START, Stage, a_critical, a_finding


def some(prefix: str, count: int, **changes: object) -> list[Finding]:
    return [a_finding(f"{prefix}-{number}", **changes) for number in range(count)]


async def state(stage: Stage, name: str = "f-1") -> CaseState | None:
    case = await stage.case(name)
    return None if case is None else case.state


async def test_missed_by_two_walks_and_404_is_gone_and_said(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.deliver()
    assert (await begun.walk()).ask == ()
    assert (await begun.walk()).ask == ("f-1",)
    assert await state(begun) is CaseState.OPEN
    await begun.gone("f-1")
    assert await state(begun) is CaseState.CLOSED
    assert await begun.lines() == ["closed_in_studio"]
    assert [change for change, _, _ in await begun.events()] == ["new", "gone"]
    await begun.deliver()
    assert "Gone from Studio" in str(begun.said(EffectKind.EDIT)[-1])


async def test_a_404_for_what_no_two_walks_missed_closes_nothing(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.walk()
    await begun.gone("f-1")
    assert await state(begun) is CaseState.OPEN


async def test_seen_between_the_two_walks_is_not_missing(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.walk()
    await begun.observe(a_critical())
    assert (await begun.walk()).ask == ()


async def test_what_a_poll_sees_while_a_walk_runs_is_not_missing(begun: Stage) -> None:
    started = begun.now
    begun.later(1)
    await begun.observe(a_critical())
    begun.walks += 1
    await begun.conclude(started)
    assert (await begun.known()).missing_walks == 0


@pytest.mark.parametrize(("away", "posts", "episode"), [(3600.0, 3, 2), (DAY + 3600, 6, 2)])
async def test_gone_and_back_unchanged_is_open_again_and_pings_only_after_a_day(
    begun: Stage, away: float, posts: int, episode: int
) -> None:
    await begun.observe(a_critical())
    await begun.deliver()
    await begun.walk()
    await begun.walk()
    await begun.gone("f-1")
    await begun.deliver()
    begun.later(away)
    await begun.observe(a_critical())
    await begun.deliver()
    case = await begun.case()
    assert case is not None
    assert (case.state, case.episode) == (CaseState.OPEN, episode)
    assert await begun.standing() is Standing.TOLD
    assert len(begun.said(EffectKind.POST)) == posts
    assert (await begun.events())[-1] == ("reopened", "gone", "open")
    await begun.observe(a_critical())
    assert len(await begun.events()) == 3


async def test_gone_and_back_more_severe_says_both_and_reaches_the_new_channels(begun: Stage) -> None:
    await begun.observe(a_finding())
    await begun.walk()
    await begun.walk()
    await begun.gone("f-1")
    await begun.observe(a_critical())
    assert [change for change, _, _ in await begun.events()] == ["new", "gone", "reopened", "severity_raised"]
    assert len(await begun.posts()) == 3


async def test_gone_and_back_closed_stays_closed_and_is_recorded(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.walk()
    await begun.walk()
    await begun.gone("f-1")
    await begun.observe(a_critical(status=FindingStatus.RESOLVED))
    assert await state(begun) is CaseState.CLOSED
    assert (await begun.events())[-1] == ("status", "open", "resolved")


async def test_a_page_asked_for_before_the_404_does_not_bring_it_back(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.walk()
    held = begun.now
    begun.later(5)
    await begun.walk()
    await begun.gone("f-1")
    assert (await begun.observe(a_critical(), sent_at=held)).stale == 1
    assert await state(begun) is CaseState.CLOSED


async def test_what_has_no_case_is_gone_without_asking_and_its_return_is_compared(stage: Stage) -> None:
    old = {"created_at": START - 99}
    await stage.begin(a_finding(severity=Severity.LOW, **old))
    await stage.walk()
    assert (await stage.walk()).ask == ()
    assert await stage.standing() is Standing.GONE
    await stage.observe(a_critical(**old))
    assert await state(stage) is CaseState.OPEN
    assert await stage.events() == [("severity_raised", "low", "critical")]


async def test_most_of_an_integration_vanishing_closes_nobody_and_is_said_once(stage: Stage) -> None:
    await stage.begin()
    await stage.observe(*some("f", 30))
    kept = some("f", 10)
    for _ in range(4):
        missing = await stage.walk(*kept)
        assert missing.suspects == ("aws",)
        assert missing.ask == ()
    assert await state(stage, "f-29") is CaseState.OPEN
    notices = await stage.notices()
    assert len(notices) == 1
    assert "20" in notices[0]


async def test_the_first_walk_after_the_baseline_knows_a_vanished_integration(stage: Stage) -> None:
    await stage.begin(*some("f", 30, created_at=START - 99))
    assert (await stage.walk()).suspects == ("aws",)


async def test_less_than_twenty_may_go_one_by_one(begun: Stage) -> None:
    await begun.observe(*some("f", 19))
    await begun.walk()
    missing = await begun.walk()
    assert (len(missing.ask), missing.suspects) == (19, ())


async def test_come_back_at_the_next_walk_tells_what_was_held(begun: Stage) -> None:
    await begun.observe(*some("f", 30))
    await begun.walk()
    await begun.observe(a_critical("young"))
    assert await begun.standing("young") is Standing.HELD
    assert await state(begun, "young") is None
    missing = await begun.walk(*some("f", 30), a_critical("young"))
    assert missing.suspects == ()
    assert await state(begun, "young") is CaseState.OPEN
    assert [change for change, _, _ in await begun.events("young")] == ["new"]


async def test_what_was_held_and_closed_meanwhile_is_recorded_only(begun: Stage) -> None:
    await begun.observe(*some("f", 30))
    await begun.walk()
    await begun.observe(a_critical("young"))
    await begun.walk(*some("f", 30), a_critical("young", status=FindingStatus.RESOLVED))
    assert await state(begun, "young") is None
    assert [change for change, _, _ in await begun.events("young")] == ["new"]


async def test_two_walks_that_find_nothing_in_their_place_tell_what_was_held_and_hold_no_more(
    begun: Stage,
) -> None:
    await begun.observe(*some("f", 30))
    await begun.walk()
    await begun.observe(a_critical("young"))
    assert (await begun.walk(a_critical("young"))).suspects == ("aws",)
    assert await state(begun, "young") is CaseState.OPEN
    await begun.observe(a_critical("younger"))
    assert await state(begun, "younger") is CaseState.OPEN
    assert await state(begun, "f-0") is CaseState.OPEN


async def test_imported_anew_is_a_baseline_and_closes_the_old_with_one_notice(begun: Stage) -> None:
    await begun.observe(*some("f", 30))
    await begun.deliver()
    await begun.walk()
    fresh = some("g", 30, created_at=begun.now)
    await begun.observe(*fresh)
    missing = await begun.walk(*fresh)
    assert (missing.suspects, missing.ask) == ((), ())
    assert {await state(begun, f"f-{number}") for number in range(30)} == {CaseState.CLOSED}
    assert {await state(begun, f"g-{number}") for number in range(30)} == {None}
    assert {await begun.standing(f"g-{number}") for number in range(30)} == {Standing.BASELINE}
    assert len(await begun.notices()) == 2
    assert await begun.lines() == []
    assert (await begun.walk(*fresh)).suspects == ()
    await begun.observe(a_critical("g-0", created_at=fresh[0].created_at))
    assert await state(begun, "g-0") is CaseState.OPEN
    assert await begun.whole_chain()


async def test_one_integration_vanishing_holds_nothing_of_another(begun: Stage) -> None:
    await begun.observe(*some("f", 30))
    await begun.walk()
    await begun.observe(a_critical("other", integration_id="github"))
    assert await state(begun, "other") is CaseState.OPEN

"""The table of a case's life: every cell that needs no other button than Acknowledge, printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from compliance_bot.model.cases import Case, CaseState, PostRole, StudioSync
from compliance_bot.model.delivery import EffectKind, Never
from compliance_bot.model.findings import Finding, FindingStatus, Severity
from tests.cases.stage import DAY, Stage, a_critical, a_finding, pings, rules_saying

OPEN, ACKNOWLEDGED, SNOOZED, CLOSED = CaseState
STATUS = FindingStatus
THREADS = "alert_configuration: {compliance_updates: {threading: true}}"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell: in that state this happens, and then it is so. ``line`` None: the thread says nothing."""

    happens: str
    state: CaseState
    news: dict[str, Any] = field(default_factory=dict)
    then: CaseState
    line: str | None = None
    episode: int = 1
    owner: str | None = None
    before: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        said = self.line or "not said"
        again = "" if self.episode == 1 else f", episode {self.episode}"
        return f"{self.happens:<32} {self.state.value:>12} -> {self.then.value:<12} {said}{again}"


def _same(state: CaseState) -> dict[str, Any]:
    return {"state": state, "then": state}


TAKEN_UP = {"news": {"status": STATUS.INVESTIGATING}, "line": "taken_up_in_studio"}
WORKED_ON = {"news": {"status": STATUS.IN_PROGRESS}}
RAISED = {"news": {"severity": Severity.HIGH}, "line": "severity_raised"}
CRITICAL = {"news": {"severity": Severity.CRITICAL}, "line": "severity_raised"}
ASSIGNED = {"news": {"assignee_id": "u-1", "assignee_name": "Ann"}, "line": "assigned"}

CELLS = [
    Cell(happens="Studio: investigating", state=OPEN, then=ACKNOWLEDGED, **TAKEN_UP),
    Cell(happens="Studio: in_progress", state=OPEN, then=ACKNOWLEDGED, **{**TAKEN_UP, **WORKED_ON}),
    Cell(happens="Studio: in_progress", **_same(ACKNOWLEDGED), owner="UBOBSMITH", **WORKED_ON),
    Cell(happens="Studio: investigating", state=SNOOZED, then=ACKNOWLEDGED, **TAKEN_UP),
    Cell(happens="Studio: investigating", state=CLOSED, then=ACKNOWLEDGED, episode=2, **TAKEN_UP),
    *(
        Cell(
            happens=f"Studio: {status.value}",
            state=state,
            then=CLOSED,
            news={"status": status},
            line="closed_in_studio",
            owner="UBOBSMITH" if state is ACKNOWLEDGED else None,
        )
        for status in STATUS
        if status.is_closed
        for state in (OPEN, ACKNOWLEDGED, SNOOZED)
    ),
    Cell(happens="Studio: resolved → dismissed", **_same(CLOSED), news={"status": STATUS.DISMISSED}),
    Cell(happens="Studio: back to open", state=ACKNOWLEDGED, then=OPEN, news={}, line="opened_again"),
    Cell(
        happens="Studio: back to open",
        **_same(SNOOZED),
        before={"status": STATUS.INVESTIGATING},
        line="opened_again",
    ),
    Cell(happens="Studio: back to open", state=CLOSED, then=OPEN, line="opened_again", episode=2),
    Cell(happens="severity raised", **_same(OPEN), **RAISED),
    Cell(happens="severity raised", **_same(ACKNOWLEDGED), owner="UBOBSMITH", **RAISED),
    Cell(happens="severity raised to critical", state=ACKNOWLEDGED, then=OPEN, **CRITICAL),
    Cell(happens="severity raised", state=SNOOZED, then=OPEN, **RAISED),
    Cell(
        happens="severity raised, still closed",
        **_same(CLOSED),
        news={"severity": Severity.CRITICAL, "status": STATUS.RESOLVED},
    ),
    Cell(
        happens="severity raised, open again",
        state=CLOSED,
        then=OPEN,
        news={"severity": Severity.CRITICAL},
        line="severity_raised",
        episode=2,
    ),
    *(
        Cell(happens="assigned", **{**_same(state), "news": ASSIGNED["news"]}, line="assigned", owner="Ann")
        for state in (OPEN, ACKNOWLEDGED, SNOOZED)
    ),
    Cell(happens="assigned", **_same(CLOSED), news={**ASSIGNED["news"], "status": STATUS.RESOLVED}),
    *(
        Cell(
            happens="wording, less severe",
            **_same(state),
            news={"severity": Severity.LOW, "title": "Other", **news},
            owner="UBOBSMITH" if state is ACKNOWLEDGED else None,
        )
        for state, news in (
            (OPEN, {}),
            (ACKNOWLEDGED, {"status": STATUS.INVESTIGATING}),
            (SNOOZED, {}),
            (CLOSED, {"status": STATUS.RESOLVED}),
        )
    ),
]


def told(**changes: Any) -> Finding:
    return a_finding(**{"severity": Severity.MEDIUM, **changes})


async def stand(stage: Stage, cell: Cell) -> None:
    """Bring one case into the cell's state, by what people and Studio do where they can."""
    before = told(**cell.before) if cell.before else told()
    await stage.begin()
    await stage.observe(before)
    await stage.deliver()
    if cell.state is ACKNOWLEDGED:
        await stage.press()
        await stage.deliver()
    elif cell.state is SNOOZED:
        await stage.put_case(SNOOZED)
    elif cell.state is CLOSED:
        await stage.observe(told(status=STATUS.RESOLVED))
        await stage.deliver()
    stage.later(60)


async def the_case(stage: Stage) -> Case:
    case = await stage.case()
    assert case is not None
    return case


async def entries(stage: Stage) -> int:
    return len(await stage.rows("SELECT seq FROM audit"))


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: " ".join(str(cell).split()))
async def test_cell_of_the_table_of_a_cases_life(stage: Stage, cell: Cell) -> None:
    print(cell)  # noqa: T201 - the table is to be read with ``pytest -s``
    stage.rulebook = rules_saying(THREADS)
    await stand(stage, cell)
    said, happened, audited = len(await stage.lines()), len(await stage.events()), await entries(stage)
    kept = {"status": STATUS.INVESTIGATING} if cell.state is ACKNOWLEDGED and cell.news else {}
    await stage.observe(told(**{**kept, **cell.news}))
    case = await the_case(stage)
    assert (case.state, case.episode, case.owner) == (cell.then, cell.episode, cell.owner)
    lines = (await stage.lines())[said:]
    assert (cell.line in lines) if cell.line else (lines == [])
    changes = len(await stage.events()) - happened if cell.line else 0
    assert await entries(stage) - audited == changes, "one entry for each event that changes the case"
    assert len({(post.channel_id, post.episode) for post in await stage.posts()}) == len(await stage.posts())
    stage.later(1000)
    await stage.deliver()
    shown = await stage.posts()
    assert all(post.shown_version == case.version for post in shown)
    assert await stage.whole_chain()


@pytest.mark.parametrize(
    ("status", "state", "pinged"),
    [
        (STATUS.OPEN, OPEN, True),
        (STATUS.INVESTIGATING, ACKNOWLEDGED, False),
        (STATUS.IN_PROGRESS, ACKNOWLEDGED, False),
    ],
)
async def test_first_seen_is_told_and_what_is_taken_up_already_without_a_ping(
    begun: Stage, status: FindingStatus, state: CaseState, pinged: bool
) -> None:
    await begun.observe(a_critical(status=status))
    await begun.deliver()
    assert (await the_case(begun)).state is state
    assert [bool(pings(request)) for request in begun.said(EffectKind.POST)] == [pinged] * 3


async def test_severity_raised_goes_to_new_channels_with_a_ping_and_never_twice_into_one(
    begun: Stage,
) -> None:
    await begun.observe(a_finding(category="data_leak"))
    await begun.deliver()
    assert [post.channel_name for post in await begun.posts()] == ["compliance"]
    await begun.observe(a_critical())
    await begun.deliver()
    posts = begun.said(EffectKind.POST)
    channels = [request["arguments"]["channel"] for request in posts]
    assert sorted(channels) == ["CCOMPLIANCE", "CCOMPLIANCE-ALERTS", "CSECURITY-ALERTS"]
    assert [bool(pings(request)) for request in posts] == [False, True, True]
    assert [request["arguments"]["channel"] for request in begun.said(EffectKind.EDIT)] == ["CCOMPLIANCE"]


async def test_severity_raised_keeps_an_acknowledgement_quiet_where_it_is_not_critical(begun: Stage) -> None:
    rule = (
        "routing_rules: {high: {condition: \"severity == 'high'\", channels: ['#security-alerts'],"
        " mentions: ['@security-team']}}"
    )
    begun.rulebook = rules_saying(rule)
    await begun.observe(a_finding(severity=Severity.LOW))
    await begun.press()
    await begun.deliver()
    await begun.observe(a_finding(severity=Severity.HIGH, status=STATUS.INVESTIGATING))
    await begun.deliver()
    last = begun.said(EffectKind.POST)[-1]
    assert last["arguments"]["channel"] == "CSECURITY-ALERTS"
    assert pings(last) == []


async def test_raised_to_critical_takes_an_acknowledgement_not_yet_written_off_the_list(begun: Stage) -> None:
    await begun.observe(a_finding())
    await begun.press()
    await begun.observe(a_critical())
    case = await the_case(begun)
    assert (case.state, case.acknowledged_by, case.sync) == (OPEN, None, StudioSync.NONE)
    await begun.deliver()
    assert begun.said(EffectKind.STUDIO_STATUS) == []


async def test_opened_again_within_a_day_stays_in_its_message_without_a_ping(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.deliver()
    await begun.observe(a_critical(status=STATUS.RESOLVED))
    begun.later(DAY - 60)
    await begun.observe(a_critical())
    await begun.deliver()
    assert len(begun.said(EffectKind.POST)) == 3
    case = await the_case(begun)
    assert (case.episode, case.state) == (2, OPEN)
    assert {post.episode for post in await begun.posts()} == {2}
    assert await begun.lines() == ["closed_in_studio", "opened_again"]


async def test_opened_again_after_a_day_is_a_new_message_with_its_ping(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.deliver()
    await begun.observe(a_critical(status=STATUS.RESOLVED))
    await begun.deliver()
    begun.later(DAY + 60)
    await begun.observe(a_critical())
    await begun.deliver()
    posts = begun.said(EffectKind.POST)
    assert len(posts) == 6
    assert all(pings(request) for request in posts[3:])
    (old,) = await begun.rows("SELECT channel_id, ts FROM post WHERE episode = 1 AND role = 'primary'")
    link = f"https://acme.slack.com/archives/{old['channel_id']}/p{old['ts'].replace('.', '')}"
    assert all(link in str(request) for request in posts[3:])
    assert [post.role for post in await begun.posts()] == [PostRole.PRIMARY, PostRole.COPY, PostRole.COPY]


async def test_opened_again_soon_but_nowhere_shown_is_told_afresh(begun: Stage) -> None:
    begun.rulebook = rules_saying("routing_rules: {}")
    await begun.observe(a_finding())
    (post,) = await begun.claim()
    await begun.finish(post, Never(reason="is_archived"))
    await begun.observe(a_finding(status=STATUS.RESOLVED))
    await begun.observe(a_finding())
    assert [one.state.value for one in await begun.posts()] == ["wanted"]


async def test_a_post_of_an_episode_that_is_over_is_not_sent_any_more(begun: Stage) -> None:
    await begun.observe(a_finding())
    await begun.observe(a_finding(status=STATUS.RESOLVED))
    begun.later(DAY + 60)
    await begun.observe(a_finding())
    await begun.deliver()
    assert len(begun.said(EffectKind.POST)) == 1
    assert [post.state.value for post in await begun.posts()] == ["shown"]


async def test_opened_again_gives_no_second_hand_the_old_decision(begun: Stage) -> None:
    await begun.observe(a_critical())
    await begun.press()
    await begun.deliver()
    begun.later(5)
    await begun.observe(a_critical())
    assert (await the_case(begun)).acknowledged_by is None
    assert await begun.press("UCAROLYN") is None
    decisions = await begun.rows("SELECT person, episode FROM decision ORDER BY id")
    assert [one["person"] for one in decisions] == ["UBOBSMITH", "UCAROLYN"]


async def test_an_assignee_of_studio_owns_the_case_whoever_acknowledges(begun: Stage) -> None:
    await begun.observe(a_critical(assignee_id="u-1", assignee_name="Ann"))
    await begun.press()
    assert (await the_case(begun)).owner == "Ann"


async def test_without_threading_follow_ups_are_edits_only(begun: Stage) -> None:
    await begun.observe(a_finding())
    await begun.deliver()
    await begun.observe(a_finding(status=STATUS.RESOLVED))
    await begun.deliver()
    assert await begun.lines() == []
    assert len(begun.said(EffectKind.EDIT)) == 1


async def test_the_event_of_a_raised_severity_keeps_why_it_went_where_it_goes(begun: Stage) -> None:
    await begun.observe(a_finding(severity=Severity.HIGH))
    await begun.observe(a_finding(severity=Severity.CRITICAL))
    rows = await begun.rows("SELECT change, trace FROM event ORDER BY id")
    assert [row["change"] for row in rows] == ["new", "severity_raised"]
    assert "critical_alerts" in rows[1]["trace"]

"""A tick stands under the primary's message exactly while somebody has taken the case."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from compliance_bot.cases.marks import SCOPE
from compliance_bot.cases.moment import Moment
from compliance_bot.model.cases import CaseState
from compliance_bot.model.delivery import EffectKind, EffectState, Never
from compliance_bot.model.findings import FindingStatus
from tests.cases.stage import Stage, a_critical, a_finding, rules_saying

GRANTED = frozenset({SCOPE, "chat:write"})


class TickingStage:
    """A stage whose app may set emoji, and what it set."""

    def __init__(self, stage: Stage, granted: frozenset[str] | None = GRANTED) -> None:
        self.stage = stage
        plain = stage.moment

        def moment() -> Moment:
            return replace(plain(), granted=granted)

        stage.moment = moment  # type: ignore[method-assign]  # what Slack granted is all that differs

    def set(self) -> list[tuple[str, str, str]]:
        """Method, channel and emoji of every call, in order."""
        calls = self.stage.said(EffectKind.REACTION)
        return [(one["method"], one["arguments"]["channel"], one["arguments"]["name"]) for one in calls]


@pytest.fixture
def ticking(begun: Stage) -> TickingStage:
    """A stage on which emoji are set."""
    return TickingStage(begun)


async def test_who_takes_an_alert_has_it_ticked_once_in_its_primarys_channel(ticking: TickingStage) -> None:
    stage = ticking.stage
    await stage.observe(a_critical())
    await stage.deliver(slack=True)
    assert ticking.set() == []
    await stage.press()
    await stage.deliver(slack=True)
    primary, *copies = await stage.posts()
    assert copies
    assert ticking.set() == [("reactions.add", primary.channel_id, "white_check_mark")]
    [request] = stage.said(EffectKind.REACTION)
    assert request["arguments"]["timestamp"] == primary.ts


async def test_an_alert_that_opens_again_loses_its_tick_and_gets_it_back(ticking: TickingStage) -> None:
    stage = ticking.stage
    await stage.observe(a_finding())
    await stage.deliver()
    for status in (FindingStatus.RESOLVED, FindingStatus.OPEN, FindingStatus.RESOLVED):
        await stage.observe(a_finding(status=status))
        await stage.deliver()
    assert [method for method, _, _ in ticking.set()] == [
        "reactions.add",
        "reactions.remove",
        "reactions.add",
    ]


async def test_what_is_taken_up_before_it_is_shown_is_ticked_when_it_stands(ticking: TickingStage) -> None:
    stage = ticking.stage
    await stage.observe(a_finding(status=FindingStatus.INVESTIGATING))
    await stage.deliver()
    assert [method for method, _, _ in ticking.set()] == ["reactions.add"]


async def test_a_tick_that_is_not_wanted_any_more_is_not_set(ticking: TickingStage) -> None:
    stage = ticking.stage
    await stage.observe(a_finding())
    await stage.deliver()
    await stage.press()
    await stage.deliver(only=EffectKind.EDIT)
    await stage.put_case(CaseState.OPEN)
    await stage.deliver(only=EffectKind.REACTION)
    assert ticking.set() == []


@pytest.mark.parametrize("granted", [frozenset({"chat:write"}), frozenset()])
async def test_without_the_scope_nothing_is_planned(begun: Stage, granted: frozenset[str]) -> None:
    TickingStage(begun, granted)
    await begun.observe(a_finding())
    await begun.deliver()
    await begun.press()
    await begun.deliver()
    assert await begun.rows("SELECT id FROM effect WHERE kind = 'reaction'") == []


async def test_a_tick_that_slack_refuses_tells_nobody_and_is_not_tried_for_the_same_again(
    ticking: TickingStage,
) -> None:
    stage = ticking.stage
    await stage.observe(a_finding())
    await stage.deliver()
    await stage.press()
    await stage.deliver(only=EffectKind.EDIT)
    [tick] = await stage.claim(only=EffectKind.REACTION)
    await stage.finish(tick, Never(reason="too_many_reactions", gone=True))
    await stage.deliver()
    ended = await stage.effect(tick.key)
    assert ended is not None
    assert ended.state is EffectState.SKIPPED
    assert await stage.rows("SELECT id FROM effect WHERE kind = 'notice' AND id > ?", tick.id) == []
    assert await stage.claim(only=EffectKind.REACTION) == []


async def test_shadow_mode_ticks_nothing_outside_its_channel(ticking: TickingStage) -> None:
    stage = ticking.stage
    await stage.observe(a_finding(category="data_leak", severity="critical"))
    await stage.deliver()
    stage.rulebook = rules_saying('delivery: {shadow: "#compliance-reports"}')
    await stage.press()
    await stage.deliver()
    assert ticking.set() == []


async def test_what_is_only_a_line_of_a_digest_has_no_tick(ticking: TickingStage) -> None:
    stage = ticking.stage
    await stage.observe(*[a_finding(f"f-{number}") for number in range(1, 14)])
    await stage.deliver(slack=True)
    await stage.press(studio_id="f-13")
    await stage.deliver(slack=True)
    assert ticking.set() == []


async def test_a_tick_waits_behind_no_message_and_no_message_behind_it(ticking: TickingStage) -> None:
    stage = ticking.stage
    await stage.observe(a_finding())
    await stage.deliver()
    await stage.press()
    await stage.deliver(only=EffectKind.EDIT)
    rows: list[dict[str, Any]] = await stage.rows(
        "SELECT pace_key, order_key, lane FROM effect WHERE kind = 'reaction'"
    )
    [post] = await stage.posts()
    assert rows == [{"pace_key": "reactions", "order_key": f"mark:{post.id}:1", "lane": 2}]

"""Each channel is greeted once: with what was recorded, what will land there and who is called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from compliance_bot.cases.welcome import plan_welcomes
from compliance_bot.messages.landing_words import landing_operations
from compliance_bot.model.delivery import EffectKind
from compliance_bot.model.slack import Channel, Directory
from compliance_bot.store.database import Database
from tests.cases.stage import START, Stage, a_critical, a_directory, a_finding, a_stage, rules_saying

OLD = START - 1000
FOUR = {"CCOMPLIANCE", "CCOMPLIANCE-ALERTS", "CCOMPLIANCE-REPORTS", "CSECURITY-ALERTS"}
SHADOW = 'delivery:\n  shadow: "#compliance-reports"\n'


@pytest.fixture
async def begun(stage: Stage) -> Stage:
    """A stage whose first walk found two old findings."""
    await stage.begin(a_critical("a", created_at=OLD), a_finding("b", created_at=OLD))
    return stage


async def plan(stage: Stage) -> int:
    """Plan the welcomes that are due."""
    count: int = await stage.write(lambda tx: plan_welcomes(tx, stage.moment()))
    return count


async def greeted(stage: Stage) -> dict[str, str]:
    """What was said in each channel that was greeted; each is greeted once."""
    await stage.deliver(only=EffectKind.WELCOME)
    said = [one["arguments"] for one in stage.said(EffectKind.WELCOME)]
    assert len({one["channel"] for one in said}) == len(said)
    return {one["channel"]: f"{one['text']} {one['blocks']}" for one in said}


def with_channel(directory: Directory, channel: Channel) -> Directory:
    """One channel more, or another one under that id."""
    others = {name: one for name, one in directory.channels_by_name.items() if one.id != channel.id}
    return replace(
        directory,
        channels_by_name={**others, channel.name: channel},
        channels_by_id={**directory.channels_by_id, channel.id: channel},
    )


async def test_every_channel_that_the_rules_name_is_greeted_once(begun: Stage) -> None:
    assert await plan(begun) == 4
    assert set(await greeted(begun)) == FOUR
    assert await plan(begun) == 0


async def test_nobody_is_greeted_before_the_first_walk_has_counted(stage: Stage) -> None:
    assert await plan(stage) == 0
    await stage.observe(a_critical("a", created_at=OLD), walk=1)
    assert await plan(stage) == 0


async def test_a_welcome_counts_what_was_recorded_and_not_told(begun: Stage) -> None:
    await begun.observe(a_critical("young", created_at=begun.now))
    await plan(begun)
    said = await greeted(begun)
    assert all("2 findings (1 critical, 1 high)" in one for one in said.values())


async def test_a_welcome_says_what_will_land_in_its_channel_and_who_is_called(begun: Stage) -> None:
    await plan(begun)
    said = await greeted(begun)
    assert "Critical findings (critical_alerts)" in said["CCOMPLIANCE-ALERTS"]
    assert "@compliance-team, @manager" in said["CCOMPLIANCE-ALERTS"]
    assert "(rule security_incidents)" in said["CSECURITY-ALERTS"]
    assert "Critical findings" not in said["CSECURITY-ALERTS"]
    assert "What finds no other channel" in said["CCOMPLIANCE"]
    assert landing_operations() in said["CCOMPLIANCE"]


async def test_a_welcome_pings_nobody(begun: Stage) -> None:
    await plan(begun)
    assert not any(
        "<!" in one.replace("<!date", "") or "<@" in one for one in (await greeted(begun)).values()
    )


async def test_a_renamed_channel_is_not_greeted_again(begun: Stage) -> None:
    await plan(begun)
    await greeted(begun)
    renamed = Channel(id="CSECURITY-ALERTS", name="security", member=True)
    begun.directory = with_channel(begun.directory, renamed)
    begun.rulebook = rules_saying(
        "routing_rules:\n  all:\n    condition: \"type == 'finding'\"\n    channels: ['#security']\n"
    )
    assert await plan(begun) == 0


async def test_a_channel_that_slack_knows_later_is_greeted_then(begun: Stage) -> None:
    begun.directory = a_directory(without=("security-alerts",))
    assert await plan(begun) == 3
    begun.directory = a_directory()
    assert await plan(begun) == 1
    assert set(await greeted(begun)) == FOUR


async def test_archived_channels_are_not_greeted(begun: Stage) -> None:
    closed = Channel(id="CSECURITY-ALERTS", name="security-alerts", archived=True)
    begun.directory = with_channel(a_directory(), closed)
    await plan(begun)
    assert set(await greeted(begun)) == {"CCOMPLIANCE", "CCOMPLIANCE-ALERTS", "CCOMPLIANCE-REPORTS"}


async def test_new_rules_greet_only_the_channels_that_are_new(begun: Stage) -> None:
    await plan(begun)
    await greeted(begun)
    begun.directory = with_channel(begun.directory, Channel(id="CTEAM", name="team", member=True))
    begun.rulebook = rules_saying(
        "routing_rules:\n  team:\n    condition: \"severity == 'high'\"\n    channels: ['#team']\n"
    )
    assert await plan(begun) == 1
    assert "severity == 'high' (rule team)" in (await greeted(begun))["CTEAM"]


async def test_in_shadow_mode_the_shadow_channel_alone_is_greeted(begun: Stage) -> None:
    begun.rulebook = rules_saying(SHADOW)
    await plan(begun)
    said = await greeted(begun)
    assert set(said) == {"CCOMPLIANCE-REPORTS"}
    assert "Shadow mode" in said["CCOMPLIANCE-REPORTS"]
    assert "Critical findings (critical_alerts), meant for #compliance-alerts" in said["CCOMPLIANCE-REPORTS"]


async def test_a_welcome_that_still_waits_when_shadow_mode_begins_goes_when_it_is_over(begun: Stage) -> None:
    await plan(begun)
    real, begun.rulebook = begun.rulebook, rules_saying(SHADOW)
    assert set(await greeted(begun)) == {"CCOMPLIANCE-REPORTS"}
    begun.rulebook = real
    begun.later(3_601)
    assert set(await greeted(begun)) == FOUR


async def test_a_welcome_is_for_no_eyes_from_outside(begun: Stage) -> None:
    shared = Channel(id="CSECURITY-ALERTS", name="security-alerts", member=True, shared_outside=True)
    begun.directory = with_channel(begun.directory, shared)
    await plan(begun)
    said = await greeted(begun)
    assert "2 findings" not in said["CSECURITY-ALERTS"]
    assert "security_incidents" not in said["CSECURITY-ALERTS"]
    assert "2 findings" in said["CCOMPLIANCE"]


async def test_a_kill_between_the_plan_and_the_message_greets_once(tmp_path: Path) -> None:
    first = await a_stage(tmp_path)
    await first.begin(a_critical("a", created_at=OLD))
    await plan(first)
    sending = await first.claim(only=EffectKind.WELCOME)
    await first.database.close()
    second = Stage(database=await Database.open(tmp_path / "bot.db"), now=first.now + 60)
    assert await plan(second) == 0
    assert len(sending) == 4
    assert await second.claim(only=EffectKind.WELCOME) == []
    await second.database.close()


async def test_a_welcome_waits_in_quiet_hours_and_says_when_they_are(begun: Stage) -> None:
    begun.rulebook = rules_saying('quiet_hours:\n  from: "15:00"\n  to: "17:00"\n')
    await plan(begun)
    assert await greeted(begun) == {}
    begun.later(3_600)
    said = await greeted(begun)
    assert set(said) == FOUR
    assert "From 15:00 to 17:00 (UTC) only what is urgent" in said["CCOMPLIANCE"]


async def test_rules_may_forgo_all_welcomes(begun: Stage) -> None:
    begun.rulebook = rules_saying("delivery:\n  welcome: false\n")
    assert await plan(begun) == 0


async def test_a_channel_that_new_rules_name_no_more_is_not_greeted_after_all(begun: Stage) -> None:
    await plan(begun)
    begun.rulebook = rules_saying("routing_rules: {}\n")
    assert set(await greeted(begun)) == FOUR - {"CSECURITY-ALERTS"}

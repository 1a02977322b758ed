"""What Slack tells by itself of a channel's readers counts at once, also over a restart."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from compliance_bot.errors import NotRecorded
from compliance_bot.model.slack import Channel, Directory
from compliance_bot.slack.audience import KEEP_EVERY, PACE, READ_EVERY, AudienceReader
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.directory import DirectoryReader
from tests.slack.audience_watch import BOT, Watch, Workspace, asked, ok, read_once, recalled
from tests.slack.wire import Call, DrivenClock


async def test_a_guest_who_joins_counts_before_anything_isasked(watch: Watch, workspace: Workspace) -> None:
    await read_once(watch, workspace, "U0ANN")
    workspace.members["C1"].append("U0GINA")
    watch.audience.on_event("member_joined_channel", {"user": "U0GINA", "channel": "C1"})
    assert watch.channel().guests is True
    await watch.until(lambda: watch.changed == ["C1"])


async def test_somebody_unknown_who_joins_makes_the_channel_unread_until_it_is_read(
    watch: Watch, workspace: Workspace
) -> None:
    await read_once(watch, workspace, "U0ANN")
    workspace.person("U0NEW", "new", listed=False)
    workspace.members["C1"].append("U0NEW")
    watch.audience.on_event("member_joined_channel", {"user": "U0NEW", "channel": "C1"})
    assert watch.channel().guests is None
    await watch.until(lambda: watch.read == ["C1", "C1"])
    assert (watch.channel().guests, watch.changed) == (False, [])


async def test_colleagues_who_come_and_go_cost_no_question(watch: Watch, workspace: Workspace) -> None:
    await read_once(watch, workspace, "U0ANN")
    watch.audience.on_event("member_joined_channel", {"user": "U0BEN", "channel": "C1"})
    watch.audience.on_event("member_left_channel", {"user": "U0BEN", "channel": "C1"})
    watch.audience.on_event("member_joined_channel", {"user": "U0GINA", "channel": "C0ELSEWHERE"})
    await watch.asleep(READ_EVERY)
    assert (watch.channel().guests, workspace.asked("conversations.info")) == (False, ["C1"])


async def test_when_the_last_guest_has_left_titles_may_be_shown_again(
    watch: Watch, workspace: Workspace
) -> None:
    await read_once(watch, workspace, "U0GINA")
    workspace.members["C1"].remove("U0GINA")
    watch.audience.on_event("member_left_channel", {"user": "U0GINA", "channel": "C1"})
    assert watch.channel().guests is True, "until Slack says that no other is there"
    await watch.until(lambda: watch.changed == ["C1"])
    assert watch.channel().guests is False


async def test_a_channel_shared_outside_counts_so_at_once_and_unshared_once_it_is_read(
    watch: Watch, workspace: Workspace
) -> None:
    await read_once(watch, workspace)
    workspace.channels["C1"]["is_ext_shared"] = True
    watch.audience.on_event("channel_shared", {"channel": "C1", "connected_team_id": "T0PARTNER1"})
    assert watch.channel().shared_outside
    await watch.until(lambda: watch.changed == ["C1"])
    workspace.channels["C1"]["is_ext_shared"] = False
    watch.audience.on_event("channel_unshared", {"channel": "C1", "is_ext_shared": False})
    assert watch.channel().shared_outside
    await watch.until(lambda: watch.changed == ["C1", "C1"])
    assert (watch.channel().shared_outside, watch.channel().guests) == (False, False)


async def test_when_somebody_becomes_a_guest_every_channel_is_read_again_before_it_is_trusted(
    watch: Watch, workspace: Workspace
) -> None:
    workspace.channel("C2", "lunch", "U0BEN")
    await watch.directory.refresh()
    await watch.audience.read(["C2"])
    await read_once(watch, workspace, "U0ANN")
    guest = workspace.person("U0ANN", "ann", is_restricted=True)
    await watch.directory.on_event("user_change", {"type": "user_change", "user": guest})
    assert (watch.channel("C1").guests, watch.channel("C2").guests) == (None, None)
    await watch.until(lambda: watch.changed == ["C1"])
    await watch.until(lambda: watch.channel("C2").guests is False)
    workspace.person("U0ANN", "ann")
    await watch.directory.refresh()
    await watch.asleep(PACE)
    watch.clock.advance(PACE)
    await watch.until(lambda: watch.changed == ["C1", "C1"])
    assert watch.channel("C1").guests is False


async def test_news_during_a_reading_makes_it_begin_again(watch: Watch, workspace: Workspace) -> None:
    """Fails if a list of members from before the guest came is believed after."""
    held, reached = asyncio.Event(), asyncio.Event()

    async def slowly(call: Call) -> web.Response:
        members = list(workspace.members[asked(call)])
        reached.set()
        await held.wait()
        return web.json_response(ok(members=members))

    workspace.channel("C1", "alerts", "U0ANN")
    await watch.directory.refresh()
    workspace.slack.answers["conversations.members"] = slowly
    watch.start()
    await asyncio.wait_for(reached.wait(), 5)
    workspace.members["C1"].append("U0GINA")
    watch.audience.on_event("member_joined_channel", {"user": "U0GINA", "channel": "C1"})
    held.set()
    await watch.asleep(READ_EVERY)
    assert watch.channel().guests is True


async def test_whoever_joins_where_slack_did_not_say_who_reads_has_it_asked_again(
    watch: Watch, workspace: Workspace
) -> None:
    """Fails if a channel to which the bot was invited at last shows references for another hour."""
    workspace.slack.answers["conversations.members"] = {"ok": False, "error": "channel_not_found"}
    await read_once(watch, workspace)
    assert watch.channel().undescribed
    workspace.slack.answers["conversations.members"] = ok(members=[BOT, "U0ANN"])
    watch.audience.on_event("member_joined_channel", {"user": BOT, "channel": "C1"})
    await watch.until(lambda: watch.changed == ["C1"])
    assert (watch.channel().guests, watch.channel().undescribed) == (False, False)


async def test_a_channel_that_left_the_list_and_came_back_is_read_at_once(
    watch: Watch, workspace: Workspace
) -> None:
    await read_once(watch, workspace)
    del workspace.channels["C1"]
    await watch.directory.refresh()
    workspace.channel("C1", "alerts", "U0GINA")
    await watch.directory.refresh()
    await watch.until(lambda: watch.changed == ["C1"])
    assert watch.channel().guests is True


async def test_a_change_during_the_telling_of_another_is_told_too(watch: Watch, workspace: Workspace) -> None:
    async def made_public_meanwhile(_channel_id: str) -> None:
        if not watch.changed:
            workspace.channels["C1"]["is_private"] = False
            await watch.directory.refresh()

    await read_once(watch, workspace)
    workspace.channels["C1"]["is_private"] = True
    watch.record = made_public_meanwhile
    await watch.directory.refresh()
    await watch.until(lambda: watch.changed == ["C1", "C1"])


async def test_lists_read_later_leave_what_is_known_of_the_readers(
    watch: Watch, workspace: Workspace
) -> None:
    await read_once(watch, workspace, "U0GINA")
    workspace.channels["C1"]["is_archived"] = True
    await watch.directory.refresh()
    assert (watch.channel().guests, watch.channel().archived) == (True, True)


async def test_a_list_begun_before_the_news_does_not_undo_it(watch: Watch, workspace: Workspace) -> None:
    await read_once(watch, workspace)
    stale = [dict(one) for one in workspace.channels.values()]

    def news_meanwhile(_: Call) -> dict[str, Any]:
        watch.audience.on_event("channel_shared", {"channel": "C1"})
        return ok(channels=stale)

    workspace.channels["C1"]["is_ext_shared"] = True
    workspace.slack.answers["conversations.list"] = news_meanwhile
    await watch.directory.refresh()
    assert watch.channel().shared_outside


async def test_that_a_channel_is_shared_is_also_learned_from_the_list(
    watch: Watch, workspace: Workspace
) -> None:
    await read_once(watch, workspace)
    workspace.channels["C1"]["is_ext_shared"] = True
    await watch.directory.refresh()
    await watch.until(lambda: watch.changed == ["C1"])


# ---------------------------------------------------------------- a restart


async def test_after_a_restart_every_channel_is_unread_until_it_is_read(
    watch: Watch, workspace: Workspace
) -> None:
    workspace.channel("C1", "alerts")
    watch.directory.recall(recalled(Channel(id="C1", name="alerts", guests=True, undescribed=True)))
    assert (watch.channel().guests, watch.channel().undescribed) == (None, False)
    await watch.directory.refresh()
    assert watch.channel().guests is None


@pytest.mark.parametrize(
    ("former", "changed"),
    [
        (Channel(id="C1", name="alerts", guests=False), ["C1"]),
        (Channel(id="C1", name="alerts", guests=True), []),
        (Channel(id="C1", name="alerts", undescribed=True), []),
        (Channel(id="C1", name="alerts", shared_outside=True), ["C1"]),
        (Channel(id="C1", name="alerts", guests=None), []),
        (Channel(id="C7", name="other", guests=False), []),
    ],
)
async def test_a_guest_who_came_while_the_bot_was_away_is_told_of(
    watch: Watch, workspace: Workspace, former: Channel, changed: list[str]
) -> None:
    workspace.channel("C1", "alerts", "U0GINA")
    watch.directory.recall(recalled(former))
    await watch.directory.refresh()
    watch.start()
    await watch.until(lambda: watch.read == ["C1"])
    await watch.pass_by(2.0, READ_EVERY)
    assert watch.changed == changed


async def test_what_was_learned_is_remembered_soon_for_the_next_start(
    client: SlackClient, clock: DrivenClock, workspace: Workspace
) -> None:
    kept: list[Directory] = []

    async def remember(known: Directory) -> None:
        kept.append(known)

    directory = DirectoryReader(client=client, clock=clock, remember=remember)
    watch = Watch(client, clock, directory)
    await read_once(watch, workspace, "U0GINA")
    await watch.pass_by(2.0, READ_EVERY)
    watch.tasks[0].cancel()
    await asyncio.gather(*watch.tasks, return_exceptions=True)
    assert [one.channels_by_id["C1"].guests for one in kept] == [True]


async def test_first_readings_of_many_channels_are_remembered_together(
    client: SlackClient, clock: DrivenClock, workspace: Workspace
) -> None:
    kept: list[Directory] = []

    async def remember(known: Directory) -> None:
        kept.append(known)

    directory = DirectoryReader(client=client, clock=clock, remember=remember)
    watch = Watch(client, clock, directory)
    for number in range(1, 10):
        workspace.channel(f"C{number}", "alerts" if number == 1 else f"room-{number}")
    await directory.refresh()
    watch.start()
    for _ in range(8):
        await watch.asleep(PACE)
        clock.advance(PACE)
    await watch.until(lambda: len(watch.read) == 9)
    await watch.asleep(KEEP_EVERY - 0.25)
    assert len(kept) == 1
    clock.advance(KEEP_EVERY)
    await watch.asleep(0.25)
    clock.advance(0.25)
    await watch.asleep(KEEP_EVERY - 0.25)
    watch.tasks[0].cancel()
    await asyncio.gather(*watch.tasks, return_exceptions=True)
    assert len(kept) == 2
    assert all(channel.guests is False for channel in kept[-1].channels_by_id.values())


async def test_former_readers_are_remembered_until_the_others_were_told_of(
    watch: Watch, workspace: Workspace
) -> None:
    """Fails if a bot that is killed while the disk is full never edits what a guest may now read."""
    refusals = iter([NotRecorded("the disk is full")])

    async def refuse_once(_channel_id: str) -> None:
        if (refusal := next(refusals, None)) is not None:
            raise refusal

    def remembered() -> bool | None:
        return watch.directory.to_be_kept().channels_by_id["C1"].guests

    await read_once(watch, workspace, "U0ANN")
    watch.record = refuse_once
    watch.audience.on_event("member_joined_channel", {"user": "U0GINA", "channel": "C1"})
    await watch.asleep(2.0)
    assert (watch.channel().guests, watch.changed, remembered()) == (True, [], False)
    watch.clock.advance(2.0)
    await watch.until(lambda: watch.changed == ["C1"])
    await watch.asleep(READ_EVERY)
    assert remembered() is True


async def test_what_was_known_last_is_remembered_while_a_channel_is_unread(
    client: SlackClient, clock: DrivenClock, workspace: Workspace
) -> None:
    """Fails if a bot that is stopped soon after a start forgets who read its channels before."""
    kept: list[Directory] = []

    async def remember(known: Directory) -> None:
        kept.append(known)

    def guests() -> bool | None:
        return kept[-1].channels_by_id["C1"].guests

    directory = DirectoryReader(client=client, clock=clock, remember=remember)
    audience = AudienceReader(client=client, clock=clock, directory=directory, named=list)
    workspace.channel("C1", "alerts", "U0GINA")
    directory.recall(recalled(Channel(id="C1", name="alerts", guests=False)))
    await directory.refresh()
    await directory.keep()
    assert guests() is False
    await audience.read(["C1"])
    directory.told("C1")
    await directory.keep()
    assert guests() is True
    audience.on_event("member_joined_channel", {"user": "U0NOBODY", "channel": "C1"})
    assert directory.snapshot.channels_by_id["C1"].guests is None
    await directory.keep()
    assert guests() is True

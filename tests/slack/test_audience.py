"""Channels are read first where it counts and again each hour; what can't be read is never guessed."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from compliance_bot.slack.audience import GUESS_AFTER, MEMBERSHIPS, PACE, READ_EVERY, TRUST_FOR
from tests.slack.audience_watch import BOT, Watch, Workspace, asked, ok, read_once
from tests.slack.wire import Call


async def test_the_channels_of_the_rules_are_read_at_once_and_the_bots_others_one_by_one(
    watch: Watch, workspace: Workspace
) -> None:
    workspace.channel("C1", "alerts")
    workspace.channel("C2", "lunch")
    workspace.channel("C3", "walks")
    workspace.channel("C4", "foreign", is_member=False)
    workspace.channel("C5", "old", is_archived=True)
    await watch.directory.refresh()
    watch.start()
    await watch.until(lambda: set(watch.read) == {"C1", "C2"})
    await watch.pass_by(PACE, PACE)
    await watch.pass_by(PACE, READ_EVERY - 2 * PACE)
    assert sorted(watch.read) == sorted(workspace.asked("conversations.info")) == ["C1", "C2", "C3"]


async def test_no_more_than_so_many_channels_are_read_unasked(watch: Watch, workspace: Workspace) -> None:
    for number in range(MEMBERSHIPS + 5):
        workspace.channel(f"C{number:04}", f"room-{number}")
    await watch.directory.refresh()
    watch.start()
    for _ in range(MEMBERSHIPS - 1):
        await watch.pass_by(0.0, PACE)
        watch.clock.advance(PACE)
    await watch.until(lambda: len(watch.read) == MEMBERSHIPS)
    watch.clock.advance(PACE)
    await watch.clock.until_asleep(lambda seconds: seconds > PACE * 10)
    assert len(workspace.asked("conversations.info")) == MEMBERSHIPS


async def test_where_something_waits_is_read_at_once_member_or_not(
    watch: Watch, workspace: Workspace
) -> None:
    workspace.channel("C1", "alerts")
    workspace.channel("C9", "team-blue", "U0GINA", is_member=False)
    await watch.directory.refresh()
    watch.start()
    await watch.until(lambda: watch.read == ["C1"])
    watch.audience.want("C9")
    await watch.until(lambda: watch.read == ["C1", "C9"])
    watch.audience.want("C9")
    watch.audience.want("C0NOWHERE")
    await watch.asleep(READ_EVERY)
    assert watch.channel("C9").guests is True
    assert workspace.asked("conversations.info") == ["C1", "C9"]


async def test_each_channel_is_read_again_every_hour(watch: Watch, workspace: Workspace) -> None:
    workspace.channel("C1", "alerts", "U0ANN")
    await watch.directory.refresh()
    watch.start()
    await watch.until(lambda: watch.read == ["C1"])
    await watch.asleep(READ_EVERY)
    workspace.members["C1"].append("U0GINA")
    await watch.pass_by(READ_EVERY - 1, READ_EVERY)
    assert watch.channel().guests is False
    await watch.pass_by(1, READ_EVERY)
    await watch.until(lambda: watch.changed == ["C1"])
    assert (watch.channel().guests, watch.read) == (True, ["C1"])


async def test_slacks_rate_limit_is_waited_out(watch: Watch, workspace: Workspace) -> None:
    answers = iter([web.Response(status=429, headers={"Retry-After": "20"})])
    workspace.channel("C1", "alerts")
    await watch.directory.refresh()
    told = ok(members=[BOT])
    workspace.slack.answers["conversations.members"] = lambda _: next(answers, None) or told
    reading = asyncio.create_task(watch.audience.read(["C1"]))
    await watch.asleep(20.0)
    watch.clock.advance(20.0)
    await asyncio.wait_for(reading, 5)
    assert watch.channel().guests is False


# ---------------------------------------------------------------- what can't be read


@pytest.mark.parametrize("method", ["conversations.info", "conversations.members", "users.info"])
@pytest.mark.parametrize("code", ["channel_not_found", "missing_scope", "user_not_visible", "no_permission"])
async def test_a_refusal_means_that_slack_does_not_describe_it(
    watch: Watch, workspace: Workspace, method: str, code: str
) -> None:
    workspace.channel("C1", "alerts", "U0ANN", "U0STRANGE")
    workspace.slack.answers[method] = {"ok": False, "error": code}
    await watch.directory.refresh()
    watch.start()
    await watch.until(lambda: watch.read == ["C1"])
    assert watch.channel().undescribed
    await watch.asleep(READ_EVERY)


async def test_a_channel_that_was_refused_is_read_again_after_an_hour(
    watch: Watch, workspace: Workspace
) -> None:
    workspace.channel("C1", "alerts")
    workspace.slack.answers["conversations.members"] = {"ok": False, "error": "missing_scope"}
    await watch.directory.refresh()
    watch.start()
    await watch.until(lambda: watch.read == ["C1"])
    await watch.asleep(READ_EVERY)
    workspace.slack.answers["conversations.members"] = ok(members=[BOT])
    await watch.pass_by(READ_EVERY, READ_EVERY)
    await watch.until(lambda: watch.changed == ["C1"])
    assert (watch.channel().guests, watch.channel().undescribed) == (False, False)


@pytest.mark.parametrize("code", ["internal_error", "fetch_members_failed", "service_unavailable"])
async def test_what_is_known_stands_two_hours_while_it_cannot_be_read(
    watch: Watch, workspace: Workspace, code: str
) -> None:
    workspace.channel("C1", "alerts")
    await watch.directory.refresh()
    await watch.audience.read(["C1"])
    workspace.slack.answers["conversations.members"] = {"ok": False, "error": code}
    watch.clock.advance(TRUST_FOR - 1.0)
    await watch.audience.read(["C1"])
    assert (watch.channel().guests, watch.channel().undescribed) == (False, False)
    watch.clock.advance(1.0)
    await watch.audience.read(["C1"])
    assert watch.channel().undescribed


async def test_a_channel_never_read_is_taken_for_one_that_cannot_be_described_after_a_minute(
    watch: Watch, workspace: Workspace
) -> None:
    workspace.channel("C1", "alerts")
    workspace.slack.answers["conversations.members"] = {"ok": False, "error": "internal_error"}
    await watch.directory.refresh()
    await watch.audience.read(["C1"])
    assert (watch.channel().guests, watch.channel().undescribed) == (None, False)
    watch.clock.advance(GUESS_AFTER)
    await watch.audience.read(["C1"])
    assert watch.channel().undescribed


async def test_while_slack_answers_nothing_at_all_nothing_is_guessed(
    watch: Watch, workspace: Workspace
) -> None:
    """Fails if the first messages after an outage are references, though titles may be shown."""
    workspace.channel("C1", "alerts")
    workspace.channel("C2", "compliance")
    await watch.directory.refresh()
    await watch.audience.read(["C2"])
    for method in ("conversations.info", "conversations.members"):
        workspace.slack.answers[method] = lambda _: web.Response(status=502, text="bad gateway")
    for _ in range(3):
        await watch.audience.read(["C1", "C2"])
        watch.clock.advance(TRUST_FOR)
    assert [(one.guests, one.undescribed) for one in (watch.channel("C1"), watch.channel("C2"))] == [
        (None, False),
        (None, False),
    ]


async def test_a_channel_that_fails_is_asked_again_less_and_less_often_however_much_waits_there(
    watch: Watch, workspace: Workspace
) -> None:
    workspace.channel("C1", "alerts")
    workspace.slack.answers["conversations.info"] = {"ok": False, "error": "internal_error"}
    await watch.directory.refresh()
    watch.start()
    for pause, following in ((2.0, 5.0), (5.0, 15.0), (15.0, 30.0), (30.0, 30.0)):
        await watch.asleep(pause)
        watch.audience.want("C1")
        await watch.pass_by(pause, following)
    assert len(workspace.asked("conversations.info")) == 5


async def test_after_the_machine_slept_what_was_known_counts_no_more(
    watch: Watch, workspace: Workspace
) -> None:
    await read_once(watch, workspace)
    held = asyncio.Event()

    async def slowly(call: Call) -> web.Response:
        await held.wait()
        return web.json_response(ok(members=workspace.members[asked(call)]))

    workspace.slack.answers["conversations.members"] = slowly
    watch.clock.advance(TRUST_FOR)
    await watch.asleep(READ_EVERY)
    assert watch.channel().guests is None
    held.set()
    await watch.until(lambda: watch.read == ["C1", "C1"])
    assert watch.channel().guests is False


async def test_a_channel_that_the_bot_has_left_is_asked_about_anew_when_something_is_to_be_said(
    watch: Watch, workspace: Workspace
) -> None:
    watch.named = []
    workspace.channel("C1", "alerts")
    await watch.directory.refresh()
    watch.start()
    await watch.until(lambda: watch.read == ["C1"])
    workspace.channel("C1", "alerts", is_member=False)
    await watch.directory.refresh()
    for _ in range(3):
        await watch.pass_by(READ_EVERY, READ_EVERY)
    assert watch.channel().guests is None
    watch.audience.want("C1")
    await watch.until(lambda: watch.read == ["C1", "C1"])


async def test_a_person_to_whom_something_is_to_be_said_is_met_at_once(
    watch: Watch, workspace: Workspace
) -> None:
    workspace.person("U0FAR", "far", listed=False, is_restricted=True)
    await watch.directory.refresh()
    watch.start()
    watch.audience.want("U0FAR")
    await watch.until(lambda: watch.read == ["U0FAR"])
    assert watch.directory.snapshot.people_by_id["U0FAR"].guest

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.directory import DirectoryReader, read_directory
from compliance_bot.slack.failures import SlackCallFailed
from tests.slack.wire import Call, DrivenClock, WireSlack


def a_channel(channel_id: str, name: str, **overrides: Any) -> dict[str, Any]:
    return {"id": channel_id, "name": name, "is_private": False, "is_member": True, **overrides}


def a_user(user_id: str, handle: str, **overrides: Any) -> dict[str, Any]:
    profile = {"display_name": handle.title(), "email": f"{handle}@example.com"}
    return {"id": user_id, "name": handle, "team_id": "T0DEMO1", "profile": profile, **overrides}


@pytest.fixture
def directory(client: SlackClient, clock: DrivenClock, slack: WireSlack) -> DirectoryReader:
    slack.answers["conversations.list"] = {"ok": True, "channels": [a_channel("C1", "alerts")]}
    group = {"id": "S1", "handle": "compliance-team", "name": "Compliance"}
    slack.answers["usergroups.list"] = {"ok": True, "usergroups": [group]}
    slack.answers["users.list"] = {"ok": True, "members": [a_user("U1", "alice")]}
    return DirectoryReader(client=client, clock=clock)


async def test_names_of_channels_groups_and_people_become_ids(directory: DirectoryReader) -> None:
    assert not directory.snapshot.complete
    assert await directory.refresh()
    there = directory.snapshot
    channel = there.channel("#alerts")
    assert channel is not None
    assert channel.id == "C1"
    assert there.mention("@compliance-team") == "<!subteam^S1>"
    assert there.mention("alice@example.com") == "<@U1>"
    assert there.complete


async def test_reading_once_gives_the_same_and_waiting_ends_with_it(
    client: SlackClient, directory: DirectoryReader
) -> None:
    waiting = asyncio.create_task(directory.wait_loaded())
    await directory.refresh()
    await asyncio.wait_for(waiting, 5)
    once = await read_directory(client)
    assert (once.complete, once.channel("alerts")) == (True, directory.snapshot.channel("alerts"))


async def test_all_pages_are_read_and_an_archived_name_yields_to_the_living(
    slack: WireSlack, directory: DirectoryReader
) -> None:
    def pages(call: Call) -> dict[str, Any]:
        if call.arguments.get("cursor") == "two":
            return {"ok": True, "channels": [a_channel("C3", "old", is_archived=True)]}
        first = [a_channel("C2", "old"), a_channel("C1", "alerts"), {"id": None}, None]
        return {"ok": True, "channels": first, "response_metadata": {"next_cursor": "two"}}

    slack.answers["conversations.list"] = pages
    await directory.refresh()
    assert {channel.id for channel in directory.snapshot.channels_by_id.values()} == {"C1", "C2", "C3"}
    assert directory.snapshot.channels_by_name["old"].id == "C2"


async def test_a_cursor_that_loops_ends_the_reading_and_makes_no_list(
    slack: WireSlack, directory: DirectoryReader
) -> None:
    page = {"ok": True, "channels": [a_channel("C1", "alerts")], "response_metadata": {"next_cursor": "x"}}
    slack.answers["conversations.list"] = page
    assert not await directory.refresh()
    assert len(slack.of("conversations.list")) == 2
    assert (directory.lacking, directory.loaded) == ({"channels": "endless_pages"}, False)


@pytest.mark.parametrize("code", ["plan_upgrade_required", "paid_teams_only"])
async def test_a_plan_without_user_groups_means_none_and_is_said(
    slack: WireSlack, directory: DirectoryReader, code: str
) -> None:
    slack.answers["usergroups.list"] = {"ok": False, "error": code}
    assert await directory.refresh()
    assert (directory.lacking, directory.snapshot.complete) == ({"groups": code}, True)
    assert directory.snapshot.groups_lacking == code


async def test_groups_are_known_again_once_the_plan_has_them_and_gone_once_it_has_not(
    slack: WireSlack, directory: DirectoryReader
) -> None:
    await directory.refresh()
    listed = slack.answers["usergroups.list"]
    slack.answers["usergroups.list"] = {"ok": False, "error": "plan_upgrade_required"}
    await directory.refresh()
    assert directory.snapshot.mention("@compliance-team") is None
    slack.answers["usergroups.list"] = listed
    await directory.refresh()
    assert directory.snapshot.groups_lacking is None
    assert directory.snapshot.mention("@compliance-team") == "<!subteam^S1>"


@pytest.mark.parametrize(("told", "size"), [("2", 2), (0, 0), (None, None), ("many", None), (-1, 0)])
async def test_how_many_are_in_a_group_is_read_as_slack_writes_it(
    slack: WireSlack, directory: DirectoryReader, told: Any, size: int | None
) -> None:
    group = {"id": "S1", "handle": "compliance-team", "name": "Compliance", "user_count": told}
    slack.answers["usergroups.list"] = {"ok": True, "usergroups": [group]}
    await directory.refresh()
    assert slack.of("usergroups.list")[0].arguments["include_count"] == "1"
    assert directory.snapshot.groups_by_handle["compliance-team"].size == size


async def test_a_missing_scope_is_said_and_the_rest_is_read(
    slack: WireSlack, directory: DirectoryReader
) -> None:
    slack.answers["users.list"] = {"ok": False, "error": "missing_scope", "needed": "users:read"}
    assert await directory.refresh()
    assert directory.lacking == {"people": "missing_scope"}


async def test_a_reading_that_fails_keeps_what_was_known(
    slack: WireSlack, directory: DirectoryReader
) -> None:
    await directory.refresh()
    slack.answers["conversations.list"] = {"ok": False, "error": "internal_error"}
    assert not await directory.refresh()
    assert directory.snapshot.channel("alerts") is not None


async def test_private_channels_are_asked_for_only_with_the_scope(
    slack: WireSlack, directory: DirectoryReader
) -> None:
    slack.answers["auth.test"] = lambda _: web.json_response(
        {"ok": True, "team_id": "T0DEMO1"}, headers={"x-oauth-scopes": "channels:read"}
    )
    await directory.refresh()
    assert slack.of("conversations.list")[0].arguments["types"] == "public_channel"


async def test_a_rate_limit_is_waited_out(
    slack: WireSlack, directory: DirectoryReader, clock: DrivenClock
) -> None:
    answers = iter([web.Response(status=429, headers={"Retry-After": "20"})])
    listed = slack.answers["conversations.list"]
    slack.answers["conversations.list"] = lambda _: next(answers, None) or web.json_response(listed)
    refreshing = asyncio.create_task(directory.refresh())
    assert await clock.until_asleep() == 20.0
    clock.advance(20.0)
    assert await refreshing


async def test_it_refreshes_every_ten_minutes_and_soon_after_a_change(
    slack: WireSlack, directory: DirectoryReader, clock: DrivenClock
) -> None:
    running = asyncio.create_task(directory.run())
    assert await clock.until_asleep() == 600.0
    clock.advance(600.0)
    await clock.until_asleep(lambda _: len(slack.of("users.list")) == 2)
    slack.answers["conversations.list"] = {"ok": True, "channels": [a_channel("C9", "new")]}
    await directory.on_event("channel_created", {"channel": {"id": "C9", "name": "new"}})
    assert await clock.until_asleep(lambda seconds: seconds < 600.0) == 2.0
    clock.advance(2.0)
    await clock.until_asleep(lambda _: directory.snapshot.channel("new") is not None)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_renamed_channel_is_followed_at_once_by_its_id(directory: DirectoryReader) -> None:
    await directory.refresh()
    await directory.on_event("channel_rename", {"channel": {"id": "C1", "name": "sec-alerts"}})
    there = directory.snapshot
    assert there.channels_by_name["sec-alerts"].id == "C1"
    assert there.channel("alerts") == there.channel("C1")


async def test_a_former_name_means_its_channel_until_another_takes_it(
    slack: WireSlack, directory: DirectoryReader
) -> None:
    await directory.refresh()
    slack.answers["conversations.list"] = {"ok": True, "channels": [a_channel("C1", "sec-alerts")]}
    await directory.refresh()
    renamed = directory.snapshot.channel("#alerts")
    assert renamed is not None
    assert renamed.id == "C1"
    both = [a_channel("C1", "sec-alerts"), a_channel("C9", "alerts")]
    slack.answers["conversations.list"] = {"ok": True, "channels": both}
    await directory.refresh()
    taken = directory.snapshot.channel("#alerts")
    assert taken is not None
    assert taken.id == "C9"


async def test_a_person_is_asked_for_once_by_all_who_ask_at_the_same_time(
    slack: WireSlack, directory: DirectoryReader, clock: DrivenClock
) -> None:
    slack.answers["users.info"] = {"ok": True, "user": a_user("U2", "bob", is_restricted=True)}
    people = await asyncio.gather(*(directory.people.person("U2") for _ in range(20)))
    assert {person.guest for person in people} == {True}
    await directory.people.person("U2", max_age=300.0)
    assert len(slack.of("users.info")) == 1
    clock.advance(301.0)
    await directory.people.person("U2", max_age=300.0)
    assert len(slack.of("users.info")) == 2


async def test_a_question_slack_does_not_answer_is_an_error_and_no_guess(
    slack: WireSlack, directory: DirectoryReader, clock: DrivenClock
) -> None:
    slack.answers["users.info"] = {"ok": True, "user": a_user("U2", "bob")}
    await directory.people.person("U2")
    slack.answers["users.info"] = {"ok": False, "error": "internal_error"}
    slack.answers["usergroups.users.list"] = {"ok": False, "error": "ratelimited"}
    clock.advance(301.0)
    with pytest.raises(SlackCallFailed):
        await directory.people.person("U2")
    with pytest.raises(SlackCallFailed):
        await directory.people.group_members("S1")
    slack.answers["users.info"] = {"ok": True}
    with pytest.raises(SlackCallFailed):
        await directory.people.person("U2")


async def test_a_deactivation_told_by_an_event_counts_at_once(
    slack: WireSlack, directory: DirectoryReader
) -> None:
    await directory.refresh()
    await directory.on_event("user_change", {"user": a_user("U1", "alice", deleted=True)})
    assert (await directory.people.person("U1")).deactivated
    assert directory.snapshot.mention("@alice") is None
    assert slack.of("users.info") == []


@pytest.mark.parametrize(
    ("user", "stranger"),
    [
        ({"team_id": "T0DEMO1"}, False),
        ({"team_id": "T0PARTNER1"}, True),
        ({"is_stranger": True}, True),
        ({"team_id": "T0OTHER1", "enterprise_user": {"teams": ["T0DEMO1", "T0OTHER1"]}}, False),
    ],
)
async def test_a_person_of_another_workspace_is_a_stranger(
    slack: WireSlack, directory: DirectoryReader, user: dict[str, Any], stranger: bool
) -> None:
    slack.answers["users.info"] = {"ok": True, "user": a_user("U2", "bob", **user)}
    assert (await directory.people.person("U2")).stranger is stranger


async def test_a_groups_members_are_no_older_than_asked_and_a_change_forgets_them(
    slack: WireSlack, directory: DirectoryReader, clock: DrivenClock
) -> None:
    slack.answers["usergroups.users.list"] = {"ok": True, "users": ["U1", "U2"]}
    assert await directory.people.group_members("S1") == frozenset({"U1", "U2"})
    await directory.people.group_members("S1")
    assert len(slack.of("usergroups.users.list")) == 1
    await directory.on_event("subteam_members_changed", {"subteam_id": "S1"})
    await directory.people.group_members("S1")
    clock.advance(61.0)
    await directory.people.group_members("S1")
    assert len(slack.of("usergroups.users.list")) == 3


async def test_an_address_outside_the_snapshot_is_looked_up(
    slack: WireSlack, directory: DirectoryReader
) -> None:
    await directory.refresh()
    slack.answers["users.lookupByEmail"] = {"ok": True, "user": a_user("U7", "grace")}
    known, asked = (
        await directory.person_by_email("Alice@example.com"),
        await directory.person_by_email("g@x"),
    )
    assert known is not None
    assert asked is not None
    assert (known.id, asked.id) == ("U1", "U7")
    slack.answers["users.lookupByEmail"] = {"ok": False, "error": "users_not_found"}
    assert await directory.person_by_email("nobody@example.com") is None
    assert len(slack.of("users.lookupByEmail")) == 2


async def test_a_person_whom_no_list_told_of_is_met_and_kept(
    slack: WireSlack, directory: DirectoryReader
) -> None:
    slack.answers["users.info"] = {"ok": True, "user": a_user("U9", "gina", is_restricted=True)}
    await directory.refresh()
    assert await directory.meet("U9")
    assert directory.snapshot.people_by_id["U9"].guest
    assert directory.snapshot.people_by_id["U1"].handle == "alice"


@pytest.mark.parametrize("error", ["user_not_found", "user_not_visible"])
async def test_that_there_is_nobody_of_an_id_is_known_afterwards(
    slack: WireSlack, directory: DirectoryReader, error: str
) -> None:
    slack.answers["users.info"] = {"ok": False, "error": error}
    assert await directory.meet("U9")
    assert directory.snapshot.people_unknown == {"U9"}


async def test_a_slack_that_is_away_says_nothing_of_a_person(
    slack: WireSlack, directory: DirectoryReader
) -> None:
    slack.answers["users.info"] = {"ok": False, "error": "service_unavailable"}
    assert not await directory.meet("U9")
    assert directory.snapshot.people_unknown == frozenset()

"""Who comes into a channel, and with whom it is shared: what Slack tells of it, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from compliance_bot.sandbox.slack.world import SlackWorld

ALERTS = "C0ALERTS1"


async def event(wire: Any) -> dict[str, Any]:
    """The next event that the app gets, without its time."""
    told = (await wire.receive_json())["payload"]["event"]
    del told["event_ts"]
    return told


async def test_a_guest_is_a_member_whom_only_users_info_tells_apart(slack: SlackWorld, hand: Any) -> None:
    guest = slack.add_guest("compliance-alerts", "grace", guest="single")
    members = (await hand.call("conversations.members", channel=ALERTS))["members"]
    assert guest.id in members
    told = (await hand.call("users.info", user=guest.id))["user"]
    assert (told["is_restricted"], told["is_ultra_restricted"]) == (True, True)
    assert "is_restricted" not in (await hand.call("conversations.info", channel=ALERTS))["channel"]


async def test_who_joins_and_leaves_is_told_where_the_bot_is_inside_and_nowhere_else(
    slack: SlackWorld, hand: Any
) -> None:
    wire = await hand.socket()
    slack.invite("general", "gina")
    slack.invite("compliance-alerts", "gina", "alice")
    joined = {"type": "member_joined_channel", "user": "U0GUEST001", "channel": ALERTS, "channel_type": "C"}
    assert await event(wire) == {**joined, "team": "T0DEMO1", "inviter": "U0ALICE01"}
    slack.kick("general", "gina")
    slack.kick("compliance-alerts", "gina")
    left = {**joined, "type": "member_left_channel", "team": "T0DEMO1"}
    assert await event(wire) == left


async def test_a_channel_shared_and_unshared_is_told_and_an_offer_is_not(
    slack: SlackWorld, hand: Any
) -> None:
    async def shared() -> tuple[bool, bool]:
        told = (await hand.call("conversations.info", channel=ALERTS))["channel"]
        return told["is_ext_shared"], told["is_pending_ext_shared"]

    wire = await hand.socket()
    slack.offer_outside("compliance-alerts")
    assert await shared() == (False, True)
    slack.share_outside("compliance-alerts")
    assert await event(wire) == {
        "type": "channel_shared",
        "connected_team_id": "T0PARTNER1",
        "channel": ALERTS,
    }
    assert await shared() == (True, False)
    slack.invite("compliance-alerts", "U0CAROL001")
    assert (await event(wire))["user"] == "U0CAROL001"
    slack.unshare("compliance-alerts")
    assert await event(wire) == {
        "type": "channel_unshared",
        "previously_connected_team_id": "T0PARTNER1",
        "channel": ALERTS,
        "is_ext_shared": False,
    }
    assert await shared() == (False, False)
    assert "U0CAROL001" not in (await hand.call("conversations.members", channel=ALERTS))["members"]


async def test_a_channel_made_private_keeps_its_id_and_is_told_in_no_event(
    slack: SlackWorld, hand: Any
) -> None:
    wire = await hand.socket()
    slack.make_private("compliance-alerts")
    slack.invite("compliance-alerts", "gina")
    assert (await event(wire))["channel_type"] == "G"
    assert (await hand.call("conversations.info", channel=ALERTS))["channel"]["is_private"] is True


@pytest.mark.parametrize(
    ("channel", "user", "word"),
    [
        ("compliance-alerts", "dave", "cant_invite"),
        ("compliance-alerts", "bob", "already_in_channel"),
        ("compliance-alerts", "gus", "ura_max_channels"),
        ("compliance-alerts", "U0CAROL001", "user_team_not_in_channel"),
        ("old-alerts", "bob", "is_archived"),
    ],
)
def test_an_invitation_that_slack_would_refuse_is_refused(
    slack: SlackWorld, channel: str, user: str, word: str
) -> None:
    with pytest.raises(ValueError, match=word):
        slack.invite(channel, user)


@pytest.mark.parametrize("channel", ["general", "old-alerts"])
def test_neither_the_general_channel_nor_an_archived_one_is_shared(slack: SlackWorld, channel: str) -> None:
    for order in (slack.share_outside, slack.offer_outside):
        with pytest.raises(ValueError, match="channel_type_not_supported"):
            order(channel)
    with pytest.raises(ValueError, match="channel_type_not_supported"):
        slack.make_private("general")


def test_a_workspace_is_connected_once_and_leaves_once(slack: SlackWorld) -> None:
    slack.share_outside("compliance-alerts")
    with pytest.raises(ValueError, match="already_shared"):
        slack.share_outside("compliance-alerts")
    slack.unshare("compliance-alerts")
    with pytest.raises(ValueError, match="not_shared"):
        slack.unshare("compliance-alerts")


async def test_the_size_of_a_group_is_told_to_who_asks_for_it(hand: Any) -> None:
    told = (await hand.call("usergroups.list", include_count="1"))["usergroups"]
    assert {one["handle"]: one["user_count"] for one in told}["compliance-team"] == 3
    assert all("user_count" not in one for one in (await hand.call("usergroups.list"))["usergroups"])

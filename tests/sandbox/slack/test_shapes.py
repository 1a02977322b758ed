"""What the embedded Slack sends and answers has the keys and types that were recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.sandbox.slack.world import SlackWorld
from tests.sandbox.slack.cases import modal, words

PAYLOADS = Path(__file__).parent / "payloads"
CONFIRM = {"title": words("Sure?"), "text": words("Really?"), "confirm": words("Yes"), "deny": words("No")}


def recorded(name: str, case: str | None = None) -> Any:
    """The recorded payload, frames, or answer of a file; of one of its variants."""
    file = json.loads((PAYLOADS / f"{name}.json").read_text())
    if case is not None:
        file = next(one for one in file["variants"] if one["_case"] == case)
    return file.get("payload") or file.get("response") or file["frames"]


def differences(made: Any, taken: Any, place: str = "") -> Iterator[str]:
    """Where the made value has other keys or types than the recorded one."""
    if type(made) is not type(taken):
        yield f"{place}: {type(made).__name__} for {type(taken).__name__}"
    elif isinstance(made, dict):
        for key in sorted(set(made) ^ set(taken)):
            yield f"{place}/{key}: {'added' if key in made else 'missing'}"
        for key in set(made) & set(taken):
            yield from differences(made[key], taken[key], f"{place}/{key}")
    elif isinstance(made, list):
        for number, (one, other) in enumerate(zip(made, taken, strict=False)):
            yield from differences(one, other, f"{place}/{number}")
        if bool(made) != bool(taken):
            yield f"{place}: {len(made)} for {len(taken)} items"


def same(made: Any, name: str, case: str | None = None, *, but: tuple[str, ...] = ()) -> None:
    """Hold a payload against its recording; ``but`` names places that may differ."""
    found = [one for one in differences(made, recorded(name, case)) if not one.startswith(but or ("\0",))]
    assert found == []


def blocks_of(name: str, case: str | None = None) -> list[dict[str, Any]]:
    """The blocks of the clicked message of a recording."""
    blocks: list[dict[str, Any]] = recorded(name, case)["message"]["blocks"]
    return blocks


@pytest.mark.parametrize(
    ("name", "case", "action", "value"),
    [
        ("block_actions_button_channel", None, "finding_ack", None),
        ("block_actions_overflow", None, "finding_more", "snooze:1042"),
        ("block_actions_static_select", None, "fix_by", "7d"),
        ("block_actions_users_select", None, "assign_to", "U0BOB0001"),
        ("block_actions_datepicker", "chosen", "fix_by_date", "2026-12-15"),
        ("block_actions_datepicker", "cleared", "fix_by_date", None),
        ("block_actions_checkboxes", "one ticked", "prefs", ["weekly"]),
        ("block_actions_checkboxes", "all cleared", "prefs", []),
    ],
)
async def test_a_click_in_a_message_is_shaped_as_recorded(
    slack: SlackWorld, hand: Any, name: str, case: str | None, action: str, value: Any
) -> None:
    blocks = blocks_of(name, case)
    posted = await hand.call("chat.postMessage", channel="C0ALERTS1", text="t", blocks=blocks)
    click = await slack.click("alice", "C0ALERTS1", posted["ts"], action, value)
    same(click.payload, name, case)


async def test_a_click_on_an_edited_message_carries_its_edit(slack: SlackWorld, hand: Any) -> None:
    blocks = blocks_of("block_actions_button_edited_message")
    posted = await hand.call("chat.postMessage", channel="C0ALERTS1", text="t", blocks=blocks)
    await hand.call("chat.update", channel="C0ALERTS1", ts=posted["ts"], text="t", blocks=blocks)
    click = await slack.click("alice", "C0ALERTS1", posted["ts"], "finding_ack")
    same(click.payload, "block_actions_button_edited_message")
    assert click.payload["message"]["edited"]["user"] == "B0BOT0001"


@pytest.mark.parametrize("case", ["button in a reply", "button in the parent of a thread"])
async def test_a_click_in_a_thread_names_the_thread(slack: SlackWorld, hand: Any, case: str) -> None:
    parent_blocks = blocks_of("block_actions_button_thread", "button in the parent of a thread")
    reply_blocks = blocks_of("block_actions_button_thread", "button in a reply")
    parent = await hand.call("chat.postMessage", channel="C0ALERTS1", text="t", blocks=parent_blocks)
    where = {"channel": "C0ALERTS1", "thread_ts": parent["ts"]}
    reply = await hand.call("chat.postMessage", **where, text="t", blocks=reply_blocks)
    ts, action = (reply["ts"], "remind_done") if "reply" in case else (parent["ts"], "finding_ack")
    click = await slack.click("alice", "C0ALERTS1", ts, action)
    same(click.payload, "block_actions_button_thread", case)


@pytest.mark.parametrize("case", ["in the channel", "in a thread"])
async def test_a_click_in_an_ephemeral_has_no_message(slack: SlackWorld, hand: Any, case: str) -> None:
    button = {"type": "button", "action_id": "share_to_channel", "text": words("Share"), "value": "s"}
    blocks = [{"type": "actions", "elements": [button]}]
    thread = {"thread_ts": "1764000000.000100"} if "thread" in case else {}
    told = await hand.call(
        "chat.postEphemeral", channel="C0ALERTS1", user="U0ALICE01", text="t", blocks=blocks, **thread
    )
    click = await slack.click("alice", "C0ALERTS1", told["message_ts"], "share_to_channel")
    same(click.payload, "block_actions_button_ephemeral", case)


async def test_a_click_in_a_direct_message_names_no_channel(slack: SlackWorld, hand: Any) -> None:
    blocks = blocks_of("block_actions_dm")
    posted = await hand.call("chat.postMessage", channel="U0ALICE01", text="t", blocks=blocks)
    assert posted["channel"] == "D0ALICE01"
    click = await slack.click("alice", "D0ALICE01", posted["ts"], "approve")
    same(click.payload, "block_actions_dm")
    assert click.payload["channel"]["name"] == "directmessage"


@pytest.mark.parametrize("missing", [False, True])
async def test_a_click_in_a_private_channel_hides_its_name(
    slack: SlackWorld, hand: Any, *, missing: bool
) -> None:
    slack.settings.click_without_message = missing
    blocks = blocks_of("block_actions_private_or_not_member", "private channel")
    posted = await hand.call("chat.postMessage", channel="C0PRIVAT1", text="t", blocks=blocks)
    click = await slack.click("alice", "C0PRIVAT1", posted["ts"], "finding_ack")
    case = "private channel, message missing" if missing else "private channel"
    same(click.payload, "block_actions_private_or_not_member", case)
    assert click.payload["channel"]["name"] == "privategroup"


async def test_a_strangers_click_has_our_team_and_their_own(slack: SlackWorld, hand: Any) -> None:
    blocks = blocks_of("block_actions_slack_connect")
    posted = await hand.call("chat.postMessage", channel="C0SHARED1", text="t", blocks=blocks)
    click = await slack.click("U0CAROL001", "C0SHARED1", posted["ts"], "finding_ack")
    same(click.payload, "block_actions_slack_connect")
    assert (click.payload["team"]["id"], click.payload["user"]["team_id"]) == ("T0DEMO1", "T0PARTNER1")


async def test_a_command_is_all_strings(slack: SlackWorld) -> None:
    command = await slack.slash("alice", "C0ALERTS1", "/compliance", " SOC2 ")
    same(command.payload, "slash_command")
    assert command.payload["text"] == "SOC2"


@pytest.mark.parametrize(
    ("channel", "case"),
    [("D0ALICE01", "in the DM with the bot"), ("C0PRIVAT1", "in a private channel")],
)
async def test_a_command_from_a_private_place_lies_about_its_name(
    slack: SlackWorld, channel: str, case: str
) -> None:
    slack.workspace.direct_message("U0ALICE01")
    command = await slack.slash("alice", channel, "/compliance")
    same(command.payload, "slash_command_variants", case)
    assert command.payload["channel_name"] == recorded("slash_command_variants", case)["channel_name"]


async def test_a_submitted_modal_is_shaped_as_recorded(slack: SlackWorld, hand: Any) -> None:
    taken = recorded("view_submission_empty_optionals")
    view = {
        key: taken["view"][key]
        for key in ("type", "title", "submit", "close", "blocks", "private_metadata", "callback_id")
    }
    trigger = (await slack.shortcut("alice", "evidence")).trigger_id
    opened = await hand.call("views.open", trigger_id=trigger, view={**view, "notify_on_close": True})
    typed = {"kind_in": "policy", "control_in": "cc6.1", "words_in": "x"}
    sent = await slack.submit_view("alice", opened["view"]["id"], typed)
    same(sent.payload, "view_submission_empty_optionals")


async def test_a_required_input_left_empty_is_not_sent(slack: SlackWorld, hand: Any) -> None:
    block = {"type": "input", "label": words(), "element": {"type": "plain_text_input", "action_id": "w"}}
    trigger = (await slack.shortcut("alice", "evidence")).trigger_id
    view = modal(blocks=[block], submit=words("Send"))
    opened = await hand.call("views.open", trigger_id=trigger, view=view)
    with pytest.raises(ValueError, match="w is required"):
        await slack.submit_view("alice", opened["view"]["id"])


@pytest.mark.parametrize(
    ("errors", "shown"),
    [
        ({"field": "Too short"}, {"field": "Too short"}),
        ({"nowhere": "Too short"}, {"": "We had some trouble connecting. Try again?"}),
        ({}, {"": "We had some trouble connecting. Try again?"}),
    ],
)
async def test_mistakes_are_shown_at_inputs_of_the_modal_alone(
    slack: SlackWorld, hand: Any, errors: dict[str, str], shown: dict[str, str]
) -> None:
    element = {"type": "plain_text_input", "action_id": "w"}
    block = {"type": "input", "block_id": "field", "label": words(), "element": element}
    trigger = (await slack.shortcut("alice", "evidence")).trigger_id
    view = modal(blocks=[block], submit=words("Send"))
    opened = await hand.call("views.open", trigger_id=trigger, view=view)
    wire = await hand.socket()
    sent = await slack.submit_view("alice", opened["view"]["id"], {"w": "x"})
    envelope = await wire.receive_json()
    answer = {"response_action": "errors", "errors": errors}
    await wire.send_json({"envelope_id": envelope["envelope_id"], "payload": answer})
    assert await sent.acked is not None
    [standing] = slack.views("alice")
    assert standing.errors == shown


async def test_a_closed_modal_is_told_only_when_asked_for(slack: SlackWorld, hand: Any) -> None:
    for notify in (False, True):
        trigger = (await slack.shortcut("alice", "evidence")).trigger_id
        view = modal(notify_on_close=notify, submit=words(), close=words())
        opened = await hand.call("views.open", trigger_id=trigger, view=view)
        closed = await slack.close_view("alice", opened["view"]["id"])
        assert (closed is not None) is notify
    assert closed is not None
    case = json.loads((PAYLOADS / "view_closed.json").read_text())["variants"][0]["_case"]
    same(closed.payload, "view_closed", case, but=("/view/blocks",))


async def test_shortcuts_are_shaped_as_recorded(slack: SlackWorld) -> None:
    same((await slack.shortcut("alice", "upload_evidence")).payload, "shortcut_global")
    said, _ = await slack.say("bob", "C0ALERTS1", "see <https://a.example|it> <@U0ALICE01>")
    action = await slack.message_action("alice", "C0ALERTS1", said.ts, "save_as_evidence")
    same(action.payload, "message_action_plain", but=("/message/blocks/0/elements/0/elements",))


def event_of(envelopes: list[Any]) -> Any:
    """The payload of the only envelope."""
    [envelope] = envelopes
    return envelope.payload


async def test_events_of_what_people_say_are_shaped_as_recorded(slack: SlackWorld, hand: Any) -> None:
    _, mention = await slack.mention("alice", "C0ALERTS1", "why CRIT-1042")
    same(event_of(mention), "event_app_mention")
    _, direct = await slack.dm("alice", "what waits on me?")
    same(event_of(direct), "event_message_im")
    posted = await hand.call("chat.postMessage", channel="C0ALERTS1", text="t")
    _, threaded = await slack.mention("alice", "C0ALERTS1", "snooze 3d", thread_ts=posted["ts"])
    same(event_of(threaded), "event_app_mention_in_thread")


async def test_a_mention_also_comes_as_a_message_when_subscribed(slack: SlackWorld) -> None:
    slack.settings.subscriptions.add("message.channels")
    message, envelopes = await slack.mention("alice", "C0ALERTS1", "hey")
    first, second = [envelope.payload for envelope in envelopes]
    assert first["event_id"] != second["event_id"]
    assert first["event"]["ts"] == second["event"]["ts"] == message.ts
    assert "channel_type" not in first["event"]


async def test_a_mention_where_the_bot_is_not_inside_is_not_sent(slack: SlackWorld) -> None:
    _, envelopes = await slack.mention("alice", "#general", "hey")
    assert envelopes == []


async def test_what_the_app_did_comes_back_when_subscribed(slack: SlackWorld, hand: Any) -> None:
    slack.settings.subscriptions.add("message.channels")
    wire = await hand.socket()
    blocks = blocks_of("block_actions_button_channel")
    posted = await hand.call("chat.postMessage", channel="C0ALERTS1", text="t", blocks=blocks)
    same((await wire.receive_json())["payload"], "event_message_own_bot", "our own app")
    await hand.call("chat.update", channel="C0ALERTS1", ts=posted["ts"], text="other")
    event = (await wire.receive_json())["payload"]["event"]
    assert (event["subtype"], event["message"]["edited"]["user"]) == ("message_changed", "B0BOT0001")
    await hand.call("chat.delete", channel="C0ALERTS1", ts=posted["ts"])
    event = (await wire.receive_json())["payload"]["event"]
    assert (event["subtype"], event["deleted_ts"]) == ("message_deleted", posted["ts"])


async def test_edits_and_deletions_of_people_are_shaped_as_recorded(slack: SlackWorld, hand: Any) -> None:
    slack.settings.subscriptions.add("message.channels")
    wire = await hand.socket()
    said, _ = await slack.say("alice", "C0ALERTS1", "fix by friday")
    await wire.receive_json()
    await slack.edit("C0ALERTS1", said.ts, "fix by monday")
    same((await wire.receive_json())["payload"], "event_message_changed")
    other, _ = await slack.say("alice", "C0ALERTS1", "fix by friday")
    await wire.receive_json()
    await slack.remove("C0ALERTS1", other.ts)
    same((await wire.receive_json())["payload"], "event_message_deleted")


async def test_events_of_the_workspace_are_shaped_as_recorded(slack: SlackWorld, hand: Any) -> None:
    wire = await hand.socket()
    slack.invite("C0GENERAL1", slack.settings.bot_user, "alice")
    same((await wire.receive_json())["payload"], "event_member_joined_channel")
    slack.rename("C0ALERTS1", "sec-alerts")
    same((await wire.receive_json())["payload"], "event_channel_rename")
    slack.archive("C0ALERTS1")
    same((await wire.receive_json())["payload"], "event_channel_archive")
    said, _ = await slack.say("bob", "C0COMPLI01", "done")
    await slack.react("alice", "C0COMPLI01", said.ts, "white_check_mark")
    same((await wire.receive_json())["payload"], "event_reaction_added")
    slack.change_person("bob", deactivated=True)
    pictures = tuple(f"/event/user/profile/image_{size}" for size in (32, 48, 72, 192))
    mail = "/event/user/profile/email"
    same((await wire.receive_json())["payload"], "event_user_change", but=(*pictures, mail))
    await slack.open_home("alice")
    same((await wire.receive_json())["payload"], "event_app_home_opened", "first time")


async def test_frames_are_shaped_as_recorded(slack: SlackWorld, hand: Any) -> None:
    opened = await hand.call("apps.connections.open", slack.settings.app_token)
    wire = await hand.session.ws_connect(opened["url"])
    assert list(differences(await wire.receive_json(), recorded("socket_hello")[0])) == []
    await slack.mention("alice", "C0ALERTS1", "status")
    first = await wire.receive_json()
    assert list(differences(first, recorded("socket_envelope_events_api")[0])) == []
    await slack.slash("alice", "C0ALERTS1", "/compliance", "SOC2")
    command = await wire.receive_json()
    assert list(differences(command, recorded("socket_envelope_slash_commands")[0])) == []
    slack.disconnect("warning")
    assert list(differences(await wire.receive_json(), recorded("socket_disconnect")[0])) == []


ANSWERS: list[tuple[str, dict[str, Any], str | None, tuple[str, ...]]] = [
    ("auth.test", {}, None, ()),
    ("chat.postEphemeral", {"channel": "C0ALERTS1", "user": "U0ALICE01", "text": "t"}, None, ()),
    ("conversations.info", {"channel": "C0ALERTS1"}, None, ()),
    ("conversations.info", {"channel": "C0PRIVAT1"}, "private, bot in it", ()),
    ("conversations.info", {"channel": "C0SHARED1"}, "Slack Connect", ("/channel/last_read",)),
    ("conversations.info", {"channel": "C0OLDCHAN1"}, "archived", ()),
    ("conversations.members", {"channel": "C0ALERTS1"}, None, ()),
    ("conversations.open", {"users": "U0ALICE01"}, None, ()),
    ("users.info", {"user": "U0ALICE01"}, None, ()),
    ("users.info", {"user": "U0BOB0001"}, "no display name", ()),
    ("users.info", {"user": "U0GUEST001"}, "multi-channel guest", ()),
    ("users.info", {"user": "U0GUEST002"}, "single-channel guest", ()),
    ("users.info", {"user": "U0DAVE0001"}, "deactivated", ()),
    ("users.info", {"user": "U0CAROL001"}, "stranger (Slack Connect)", ()),
    ("users.info", {"user": "U0BOT0001"}, "our bot", ()),
    ("users.info", {"user": "USLACKBOT"}, "Slackbot", ()),
    ("users.lookupByEmail", {"email": "alice@example.com"}, None, ()),
    ("usergroups.list", {"include_users": True, "include_count": True}, None, ("/usergroups/1/users",)),
    ("usergroups.list", {}, "plain call", ()),
    ("usergroups.users.list", {"usergroup": "S0COMPLI1"}, None, ()),
    ("chat.postMessage", {"channel": "C0ALERTS1", "text": "Scan \n"}, "text only", ()),
    ("chat.postMessage", {"channel": "U0ALICE01", "text": "Your turn"}, "to a user id (DM)", ()),
]


@pytest.mark.parametrize(("method", "arguments", "case", "but"), ANSWERS)
async def test_the_answer_is_shaped_as_recorded(
    hand: Any, method: str, arguments: dict[str, Any], case: str | None, but: tuple[str, ...]
) -> None:
    body = await hand.call(method, **arguments)
    same(body, f"api_{method.replace('.', '_')}", case, but=but)


async def test_posting_rewrites_blocks_as_recorded(hand: Any) -> None:
    file = json.loads((PAYLOADS / "api_chat_postMessage.json").read_text())
    body = await hand.call("chat.postMessage", **file["request"]["args"])
    same(body, "api_chat_postMessage")
    assert body["message"]["blocks"][0]["text"]["emoji"] is True


async def test_editing_is_answered_as_recorded(hand: Any) -> None:
    blocks = recorded("api_chat_update")["message"]["blocks"]
    posted = await hand.call("chat.postMessage", channel="C0ALERTS1", text="t")
    body = await hand.call("chat.update", channel="C0ALERTS1", ts=posted["ts"], text="u", blocks=blocks)
    same(body, "api_chat_update")


async def test_history_tells_metadata_only_when_asked(hand: Any) -> None:
    metadata = {"event_type": "compliance_outbox", "event_payload": {"k": "abc"}}
    await hand.call("chat.postMessage", channel="C0ALERTS1", text="t", metadata=metadata)
    [bare] = (await hand.call("conversations.history", channel="C0ALERTS1"))["messages"]
    [whole] = (await hand.call("conversations.history", channel="C0ALERTS1", include_all_metadata=True))[
        "messages"
    ]
    assert (bare["metadata"], whole["metadata"]) == ({"event_type": "compliance_outbox"}, metadata)
    assert "user_id" not in bare["bot_profile"]


async def test_a_view_is_answered_with_defaults_filled_in(slack: SlackWorld, hand: Any) -> None:
    taken = recorded("api_views_open")["view"]
    view = {key: taken[key] for key in ("type", "title", "close", "submit", "blocks", "private_metadata")}
    trigger = (await slack.shortcut("alice", "x")).trigger_id
    body = await hand.call("views.open", trigger_id=trigger, view=view)
    same(body, "api_views_open")
    changed = await hand.call(
        "views.update", view_id=body["view"]["id"], view=view, hash=body["view"]["hash"]
    )
    same(changed, "api_views_update")
    assert changed["view"]["hash"] != body["view"]["hash"]

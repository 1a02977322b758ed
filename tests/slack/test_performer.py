from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from compliance_bot.model.delivery import (
    Absent,
    CannotTell,
    Done,
    Effect,
    EffectKind,
    EffectState,
    Found,
    Lane,
    Never,
    Retry,
    Unknown,
    key_hash,
)
from compliance_bot.slack.client import SlackClient
from compliance_bot.slack.failures import SlackCallFailed
from compliance_bot.slack.performer import SlackPerformer
from compliance_bot.slack.webhooks import WebhookSender
from tests.slack.wire import Call, DrivenClock, WireSlack

POST = "chat.postMessage"


def an_effect(key: str = "post:1", method: str = POST, **overrides: Any) -> Effect:
    arguments = {"channel": "C0ALERTS1", "text": "x", **overrides.pop("arguments", {})}
    given: dict[str, Any] = {
        "id": 1,
        "kind": EffectKind.POST,
        "key": key,
        "lane": Lane.NORMAL,
        "order_key": "post:1",
        "pace_key": "C0ALERTS1",
        "intent": {},
        "state": EffectState.SENDING,
        "attempt": 1,
        "created_at": 1_764_000_000.0,
        "not_before": 0.0,
        "started_at": 1_764_000_100.0,
        "payload": json.dumps({"method": method, "arguments": arguments}).encode(),
    }
    return Effect(**{**given, **overrides})


def ours(key: str, ts: str, **overrides: Any) -> dict[str, Any]:
    payload = {"k": key_hash(key)}
    return {
        "type": "message",
        "user": "U0BOT0001",
        "bot_id": "B0BOT0001",
        "ts": ts,
        "metadata": {"event_type": "compliance_outbox", "event_payload": payload},
        **overrides,
    }


@pytest.fixture
def fatal() -> list[SlackCallFailed]:
    return []


@pytest.fixture
def performer(
    client: SlackClient, hooks: WebhookSender, clock: DrivenClock, fatal: list[SlackCallFailed]
) -> SlackPerformer:
    return SlackPerformer(client=client, hooks=hooks, clock=clock, on_fatal=fatal.append)


async def test_a_post_answers_with_channel_ts_and_our_time(
    slack: WireSlack, performer: SlackPerformer, clock: DrivenClock
) -> None:
    slack.answers[POST] = {"ok": True, "channel": "C0ALERTS1", "ts": "1764000100.000100"}
    outcome = await performer.perform(an_effect(arguments={"blocks": [{"type": "divider"}]}))
    assert outcome == Done(result={"channel": "C0ALERTS1", "ts": "1764000100.000100", "at": clock.now()})
    assert slack.calls[0].arguments["blocks"] == [{"type": "divider"}]


async def test_ok_without_a_ts_is_of_unknown_outcome(slack: WireSlack, performer: SlackPerformer) -> None:
    slack.answers[POST] = {"ok": True}
    assert await performer.perform(an_effect()) == Unknown(reason="ok_without_ts")


async def test_a_rate_limit_parks_its_pace_key_for_as_long_as_slack_asks(
    slack: WireSlack, performer: SlackPerformer
) -> None:
    slack.answers[POST] = lambda _: web.json_response(
        {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "30"}
    )
    assert await performer.perform(an_effect()) == Retry(reason="ratelimited", after=30.0, park=True)


async def test_a_lost_token_is_told_at_once_and_costs_no_attempt(
    slack: WireSlack, performer: SlackPerformer, fatal: list[SlackCallFailed]
) -> None:
    slack.answers[POST] = {"ok": False, "error": "token_revoked"}
    assert await performer.perform(an_effect()) == Retry(reason="token_revoked", blocked=True)
    assert [failure.code for failure in fatal] == ["token_revoked"]


async def test_a_new_message_named_none_that_could_be_gone(
    slack: WireSlack, performer: SlackPerformer
) -> None:
    slack.answers[POST] = {"ok": False, "error": "message_not_found"}
    assert await performer.perform(an_effect()) == Never(reason="message_not_found")
    in_thread = an_effect(arguments={"thread_ts": "1764000050.000100"})
    assert await performer.perform(in_thread) == Never(reason="message_not_found", gone=True)


async def test_a_channel_that_is_gone_is_never_tried_again(
    slack: WireSlack, performer: SlackPerformer
) -> None:
    slack.answers[POST] = {"ok": False, "error": "is_archived"}
    assert await performer.perform(an_effect()) == Never(reason="is_archived", place=True)


async def test_blocks_slack_refuses_are_degraded_once_and_then_given_up(
    slack: WireSlack, performer: SlackPerformer
) -> None:
    slack.answers[POST] = {"ok": False, "error": "invalid_blocks"}
    assert await performer.perform(an_effect()) == Retry(reason="invalid_blocks", degrade=True)
    assert await performer.perform(an_effect(degraded=True)) == Never(reason="invalid_blocks")


async def test_one_reading_of_a_channel_settles_all_its_posts(
    slack: WireSlack, performer: SlackPerformer, clock: DrivenClock
) -> None:
    messages = [ours("post:1", "1764000100.000100"), ours("post:2", "1764000101.000100")]
    slack.answers["conversations.history"] = {"ok": True, "messages": messages, "has_more": False}
    effects = [
        an_effect("post:1", started_at=1_764_000_100.0),
        an_effect("post:2", started_at=1_764_000_090.0),
        an_effect("post:3"),
    ]
    result = {"channel": "C0ALERTS1", "ts": "1764000101.000100", "at": clock.now()}
    sightings = await performer.find(effects)
    assert sightings["post:2"] == Found(result=result)
    assert isinstance(sightings["post:1"], Found)
    assert sightings["post:3"] == Absent()
    asked = slack.of("conversations.history")
    assert len(asked) == 1
    assert asked[0].arguments["include_all_metadata"] == "1"


async def test_the_history_is_read_in_slacks_own_clock(
    slack: WireSlack, performer: SlackPerformer, clock: DrivenClock
) -> None:
    slack.answers["auth.test"] = lambda _: web.json_response(
        {"ok": True, "user_id": "U0BOT0001"}, headers={"Date": "Mon, 24 Nov 2025 15:00:00 GMT"}
    )
    slack.answers["conversations.history"] = {"ok": True, "messages": []}
    await performer.find([an_effect(started_at=clock.now())])
    oldest = float(slack.of("conversations.history")[0].arguments["oldest"])
    assert oldest == clock.now() - 3600 + 0.5 - 60


async def test_pages_are_followed_until_every_post_is_found(
    slack: WireSlack, performer: SlackPerformer
) -> None:
    def history(call: Call) -> dict[str, Any]:
        page = int(call.arguments.get("cursor", "1"))
        messages = [ours(f"post:{page}", f"176400010{page}.000100")]
        return {"ok": True, "messages": messages, "response_metadata": {"next_cursor": str(page + 1)}}

    slack.answers["conversations.history"] = history
    sightings = await performer.find([an_effect("post:3")])
    assert isinstance(sightings["post:3"], Found)
    assert len(slack.of("conversations.history")) == 3


async def test_a_history_without_end_cannot_tell(slack: WireSlack, performer: SlackPerformer) -> None:
    slack.answers["conversations.history"] = {
        "ok": True,
        "messages": [],
        "response_metadata": {"next_cursor": "again"},
    }
    assert await performer.find([an_effect()]) == {
        "post:1": CannotTell(reason="too_many_pages", temporary=True)
    }


async def test_a_strangers_message_with_our_metadata_does_not_count(
    slack: WireSlack, performer: SlackPerformer
) -> None:
    forged = ours("post:1", "1764000100.000100", user="U0BOB0001", bot_id="B0OTHER01")
    other = ours("post:1", "1764000100.000200", metadata={"event_type": "other", "event_payload": {}})
    bare = ours("post:1", "1764000100.000300", metadata={"event_type": "compliance_outbox"})
    slack.answers["conversations.history"] = {"ok": True, "messages": [forged, other, bare, None, {}]}
    assert await performer.find([an_effect()]) == {"post:1": Absent()}


@pytest.mark.parametrize("code", ["not_in_channel", "missing_scope", "channel_not_found"])
async def test_a_channel_that_cannot_be_read_cannot_tell(
    slack: WireSlack, performer: SlackPerformer, fatal: list[SlackCallFailed], code: str
) -> None:
    slack.answers["conversations.history"] = {"ok": False, "error": code}
    blind = code != "missing_scope"
    assert await performer.find([an_effect()]) == {"post:1": CannotTell(reason=code, blind=blind)}
    assert fatal == []


@pytest.mark.parametrize("code", ["ratelimited", "service_unavailable", "internal_error"])
async def test_a_slack_that_is_busy_or_failing_may_tell_later(
    slack: WireSlack, performer: SlackPerformer, code: str
) -> None:
    slack.answers["conversations.history"] = {"ok": False, "error": code}
    assert await performer.find([an_effect()]) == {"post:1": CannotTell(reason=code, temporary=True)}


async def test_a_token_refused_in_a_look_up_is_told(
    slack: WireSlack, performer: SlackPerformer, fatal: list[SlackCallFailed]
) -> None:
    slack.answers["conversations.history"] = {"ok": False, "error": "token_revoked"}
    assert await performer.find([an_effect()]) == {"post:1": CannotTell(reason="token_revoked")}
    assert [failure.code for failure in fatal] == ["token_revoked"]


async def test_replies_are_looked_for_in_their_thread(slack: WireSlack, performer: SlackPerformer) -> None:
    reply = ours("thread:1", "1764000102.000100", thread_ts="1764000050.000100")
    slack.answers["conversations.replies"] = {"ok": True, "messages": [reply]}
    in_thread = {"thread_ts": "1764000050.000100"}
    sightings = await performer.find([an_effect("thread:1", arguments=in_thread)])
    assert isinstance(sightings["thread:1"], Found)
    assert slack.of("conversations.replies")[0].arguments["ts"] == "1764000050.000100"


async def test_an_edit_of_unknown_outcome_is_looked_for_nowhere(
    slack: WireSlack, performer: SlackPerformer
) -> None:
    edit = an_effect("edit:1", "chat.update", arguments={"ts": "1764000050.000100"})
    assert await performer.find([edit]) == {"edit:1": Absent()}
    assert slack.calls == []


async def test_a_direct_message_is_looked_for_in_its_conversation(
    slack: WireSlack, performer: SlackPerformer
) -> None:
    slack.answers["conversations.open"] = {"ok": True, "channel": {"id": "D0ALICE01"}}
    slack.answers["conversations.history"] = {"ok": True, "messages": [ours("post:1", "1764000100.000100")]}
    sightings = await performer.find([an_effect(arguments={"channel": "U0ALICE01"})])
    found = sightings["post:1"]
    assert isinstance(found, Found)
    assert found.result["channel"] == "D0ALICE01"


def an_emoji(method: str = "reactions.add") -> Effect:
    arguments = {"channel": "C0ALERTS1", "timestamp": "1764000050.000100", "name": "white_check_mark"}
    payload = json.dumps({"method": method, "arguments": arguments}).encode()
    return an_effect("mark:1:1:2", kind=EffectKind.REACTION, pace_key="reactions", payload=payload)


@pytest.mark.parametrize("method", ["reactions.add", "reactions.remove"])
async def test_an_emoji_is_put_or_taken_away_by_name_and_place(
    slack: WireSlack, performer: SlackPerformer, method: str
) -> None:
    slack.answers[method] = {"ok": True}
    assert await performer.perform(an_emoji(method)) == Done()
    assert slack.calls[0].arguments == {
        "channel": "C0ALERTS1",
        "timestamp": "1764000050.000100",
        "name": "white_check_mark",
    }


@pytest.mark.parametrize("error", ["already_reacted", "no_reaction"])
async def test_an_emoji_that_is_so_already_is_done(
    slack: WireSlack, performer: SlackPerformer, error: str
) -> None:
    slack.answers["reactions.add"] = {"ok": False, "error": error}
    assert await performer.perform(an_emoji()) == Done()


@pytest.mark.parametrize(
    "error", ["message_not_found", "missing_scope", "is_archived", "too_many_reactions", "a_new_code"]
)
async def test_an_emoji_that_slack_refuses_for_good_is_let_be(
    slack: WireSlack, performer: SlackPerformer, fatal: list[SlackCallFailed], error: str
) -> None:
    slack.answers["reactions.add"] = {"ok": False, "error": error}
    assert await performer.perform(an_emoji()) == Never(reason=error, gone=True)
    assert fatal == []


async def test_an_emoji_of_unknown_outcome_is_put_again(slack: WireSlack, performer: SlackPerformer) -> None:
    slack.answers["reactions.add"] = {"ok": False, "error": "internal_error"}
    assert await performer.perform(an_emoji()) == Retry(reason="internal_error")
    assert await performer.find([an_emoji()]) == {"mark:1:1:2": Absent()}


async def test_a_token_lost_at_an_emoji_stops_everything_as_at_a_message(
    slack: WireSlack, performer: SlackPerformer, fatal: list[SlackCallFailed]
) -> None:
    slack.answers["reactions.add"] = {"ok": False, "error": "token_revoked"}
    assert await performer.perform(an_emoji()) == Retry(reason="token_revoked", blocked=True)
    assert [failure.code for failure in fatal] == ["token_revoked"]

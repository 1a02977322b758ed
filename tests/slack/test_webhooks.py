"""Incoming webhooks at the wire: what is sent, what never is, and what each answer means."""

from __future__ import annotations

import io
import json
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from compliance_bot import logs
from compliance_bot.config.secrets import Secret
from compliance_bot.errors import Misconfigured
from compliance_bot.model.delivery import CannotTell, Done, Effect, Never, Retry, Unknown
from compliance_bot.slack.performer import SlackPerformer
from compliance_bot.slack.webhooks import WebhookSender, perform
from tests.slack.test_performer import an_effect, fatal, performer
from tests.slack.wire import Call, WireSlack, address, serve

__all__ = ["fatal", "performer"]
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "fact"}}]
SECRET_PATH = "T0CANARY/B0CANARY/of-the-webhook"


def by_webhook(**overrides: Any) -> Effect:
    arguments = {"webhook": "BOARD_ROOM", "channel": "hook:board-room", "blocks": BLOCKS}
    return an_effect(method="webhook", pace_key="hook:board-room", arguments=arguments, **overrides)


def answering(slack: WireSlack, status: int, text: str, **headers: str) -> None:
    slack.answers["webhook"] = lambda _: web.Response(status=status, text=text, headers=headers)


async def test_a_webhook_gets_the_message_alone_and_no_token(
    slack: WireSlack, performer: SlackPerformer
) -> None:
    answering(slack, 200, "ok")
    outcome = await performer.perform(by_webhook())
    assert outcome == Done(result={"channel": "hook:board-room", "ts": None})
    (call,) = slack.calls
    assert call.arguments == {"text": "x", "blocks": BLOCKS}
    assert call.request.path == "/webhook/BOARD_ROOM"
    assert "Authorization" not in call.headers
    assert "xoxb" not in str(call.headers)


async def test_a_redirect_is_not_followed(slack: WireSlack, performer: SlackPerformer) -> None:
    answering(slack, 307, "", Location=slack.url.replace("/api/", "/webhook/ELSEWHERE"))
    assert await performer.perform(by_webhook()) == Retry(reason="http_307")
    assert len(slack.calls) == 1


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (404, "no_active_hooks"),
        (404, "no_service"),
        (404, "no_team"),
        (403, "invalid_token"),
        (403, "action_prohibited"),
        (403, "posting_to_general_channel_denied"),
        (404, "channel_not_found"),
        (410, "channel_is_archived"),
        (400, "user_not_found"),
    ],
)
async def test_what_the_webhook_will_never_take_is_never_tried_again(
    slack: WireSlack, performer: SlackPerformer, status: int, word: str
) -> None:
    answering(slack, status, word)
    assert await performer.perform(by_webhook()) == Never(reason=word)


@pytest.mark.parametrize("word", ["invalid_payload", "no_text", "too_many_attachments", "invalid_blocks"])
async def test_a_refused_message_goes_once_more_in_plain_words(
    slack: WireSlack, performer: SlackPerformer, word: str
) -> None:
    answering(slack, 400, word)
    assert await performer.perform(by_webhook()) == Retry(reason=word, degrade=True)
    assert await performer.perform(by_webhook(degraded=True)) == Never(reason=word)


async def test_a_rate_limit_parks_this_webhook_alone(slack: WireSlack, performer: SlackPerformer) -> None:
    answering(slack, 429, "rate_limited", **{"Retry-After": "7"})
    assert await performer.perform(by_webhook()) == Retry(reason="ratelimited", after=7.0, park=True)


@pytest.mark.parametrize(("status", "reason"), [(500, "http_500"), (502, "http_502"), (504, "http_504")])
async def test_a_failing_host_may_have_done_it(
    slack: WireSlack, performer: SlackPerformer, status: int, reason: str
) -> None:
    answering(slack, status, "<html>failed</html>")
    assert await performer.perform(by_webhook()) == Unknown(reason=reason)


async def test_a_host_that_is_away_has_not_done_it_and_does_not_stop_slack(
    slack: WireSlack, performer: SlackPerformer, session: aiohttp.ClientSession
) -> None:
    answering(slack, 503, "")
    assert await performer.perform(by_webhook()) == Retry(reason="http_503", park=True)
    nowhere = WebhookSender(session=session, address=lambda _: "http://127.0.0.1:1/x")
    outcome = await perform(nowhere, {"webhook": "A", "text": "x"}, degraded=False)
    assert outcome == Retry(reason="unreachable", park=True)


@pytest.mark.parametrize("page", ["<html>Sign in</html>" * 500, "OKAY", ""])
async def test_an_answer_that_is_not_slacks_ok_is_no_delivery(
    slack: WireSlack, performer: SlackPerformer, page: str
) -> None:
    answering(slack, 200, page)
    assert await performer.perform(by_webhook()) == Unknown(reason="http_200")


async def test_an_answer_that_never_came_is_of_unknown_outcome(
    slack: WireSlack, performer: SlackPerformer
) -> None:
    def cut(call: Call) -> web.Response:
        assert call.request.transport is not None
        call.request.transport.abort()
        return web.Response()

    slack.answers["webhook"] = cut
    assert await performer.perform(by_webhook()) == Unknown(reason="disconnected")


async def test_nobody_can_look_whether_a_webhook_s_message_stands(
    slack: WireSlack, performer: SlackPerformer
) -> None:
    assert await performer.find([by_webhook()]) == {"post:1": CannotTell(reason="webhook", blind=True)}
    assert slack.calls == []


async def test_a_webhook_without_a_usable_address_is_said_by_its_setting(
    session: aiohttp.ClientSession,
) -> None:
    def refuse(name: str) -> str:
        raise Misconfigured(f"SLACK_WEBHOOK_{name} must begin with https://.")

    sender = WebhookSender(session=session, address=refuse)
    outcome = await perform(sender, {"webhook": "A", "text": "x"}, degraded=False)
    assert outcome == Never(reason="webhook_unusable: SLACK_WEBHOOK_A must begin with https://.")


async def test_the_address_is_asked_for_at_each_message(
    slack: WireSlack, session: aiohttp.ClientSession
) -> None:
    answering(slack, 200, "ok")
    addresses = iter(["old", "new"])
    base = slack.url.replace("/api/", "/webhook/")
    sender = WebhookSender(session=session, address=lambda _: base + next(addresses))
    await perform(sender, {"webhook": "A", "channel": "hook:a", "text": "x"}, degraded=False)
    await perform(sender, {"webhook": "A", "channel": "hook:a", "text": "x"}, degraded=False)
    assert [call.request.path for call in slack.calls] == ["/webhook/old", "/webhook/new"]


@pytest.mark.parametrize("fault", ["refused", "away", "cut", "nonsense"])
async def test_the_address_stands_in_no_outcome_and_no_log(
    session: aiohttp.ClientSession, fault: str
) -> None:
    lines = io.StringIO()
    logs.configure("debug", stream=lines, pretty=False)

    async def handle(request: web.Request) -> web.StreamResponse:
        if fault == "cut" and request.transport is not None:
            request.transport.abort()
        return web.Response(status=403, text=f"refused {request.url}")

    runner = await serve(handle)
    known = {"away": "http://127.0.0.1:1", "nonsense": "http://[127.0.0.1"}
    secret = Secret(f"{known.get(fault, address(runner))}/{SECRET_PATH}")
    sender = WebhookSender(session=session, address=lambda _: secret.reveal())
    outcome = await perform(sender, {"webhook": "A", "text": "x"}, degraded=False)
    logs.logger("test").warning("outcome", outcome=str(outcome))
    await runner.cleanup()
    assert "CANARY" not in f"{outcome} {lines.getvalue()}"
    assert json.loads(lines.getvalue().splitlines()[-1])["event"] == "outcome"

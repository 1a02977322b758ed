from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from compliance_bot.slack.client import LARGEST_ANSWER, SlackClient
from compliance_bot.slack.failures import FailureClass, SlackCallFailed
from tests.slack.wire import APP_TOKEN, BOT_TOKEN, Call, DrivenClock, WireSlack, address, serve


async def failure_of(client: SlackClient, method: str = "chat.postMessage") -> SlackCallFailed:
    with pytest.raises(SlackCallFailed) as caught:
        await client.call(method, {"text": "x"})
    assert BOT_TOKEN not in f"{caught.value} {caught.value!r}"
    return caught.value


async def test_the_app_token_goes_to_opening_a_connection_only_and_the_bot_token_to_all_else(
    slack: WireSlack, client: SlackClient
) -> None:
    slack.answers["apps.connections.open"] = {"ok": True, "url": "ws://127.0.0.1/"}
    slack.answers["chat.postMessage"] = {"ok": True}
    await client.call("apps.connections.open")
    await client.call("chat.postMessage", {"channel": "C0ALERTS1", "text": "x"})
    await client.call("auth.test")
    tokens = [(call.method, call.headers["Authorization"]) for call in slack.calls]
    assert tokens == [
        ("apps.connections.open", f"Bearer {APP_TOKEN}"),
        ("chat.postMessage", f"Bearer {BOT_TOKEN}"),
        ("auth.test", f"Bearer {BOT_TOKEN}"),
    ]
    assert client.calls == {"apps.connections.open": 1, "chat.postMessage": 1, "auth.test": 1}


async def test_a_rotated_token_counts_at_the_next_call(
    slack: WireSlack, client_of: Callable[..., SlackClient]
) -> None:
    tokens = iter(["xoxb-old", "xoxb-new"])
    client = client_of(slack.url, bot_token=lambda: next(tokens))
    await client.call("auth.test")
    await client.call("auth.test")
    assert [call.headers["Authorization"] for call in slack.calls] == ["Bearer xoxb-old", "Bearer xoxb-new"]


async def test_a_redirect_is_not_followed_so_the_token_stays_with_its_host(
    slack: WireSlack, client: SlackClient
) -> None:
    strangers_calls: list[str] = []

    async def stranger(request: web.Request) -> web.StreamResponse:
        strangers_calls.append(request.path)
        return web.json_response({"ok": True})

    elsewhere = await serve(stranger)
    moved = web.Response(status=302, headers={"Location": address(elsewhere)})
    slack.answers["chat.postMessage"] = lambda _: moved
    failure = await failure_of(client)
    await elsewhere.cleanup()
    assert (failure.code, failure.kind, strangers_calls) == ("http_302", FailureClass.RETRY, [])


async def test_reading_methods_get_a_form_and_chat_gets_json(slack: WireSlack, client: SlackClient) -> None:
    slack.answers["conversations.list"] = slack.answers["chat.postMessage"] = {"ok": True}
    await client.call("conversations.list", {"exclude_archived": True, "types": "public_channel", "limit": 9})
    await client.call("chat.postMessage", {"text": "größer", "unfurl_links": False, "blocks": [{"a": 1}]})
    reading, posting = slack.calls
    assert reading.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert reading.arguments == {"exclude_archived": "1", "types": "public_channel", "limit": "9"}
    assert posting.headers["Content-Type"] == "application/json; charset=utf-8"
    assert posting.arguments == {"text": "größer", "unfurl_links": False, "blocks": [{"a": 1}]}


async def test_a_rate_limit_says_how_long_to_wait(slack: WireSlack, client: SlackClient) -> None:
    limited = {"ok": False, "error": "ratelimited"}
    slack.answers["chat.postMessage"] = lambda _: web.json_response(
        limited, status=429, headers={"Retry-After": "17", "x-slack-req-id": "81e2f7"}
    )
    failure = await failure_of(client)
    assert (failure.kind, failure.retry_after, failure.request_id) == (FailureClass.RETRY, 17.0, "81e2f7")


async def test_a_rate_limit_in_plain_text_waits_thirty_seconds(slack: WireSlack, client: SlackClient) -> None:
    slack.answers["chat.postMessage"] = lambda _: web.Response(status=429, text="slow down")
    failure = await failure_of(client)
    assert (failure.code, failure.retry_after) == ("ratelimited", 30.0)


@pytest.mark.parametrize(
    "answer",
    [
        web.Response,
        lambda: web.Response(text="<html>login</html>", content_type="text/html"),
        lambda: web.Response(text='{"ok": tru', content_type="application/json"),
        lambda: web.Response(text="[1, 2]", content_type="application/json"),
        lambda: web.Response(text='{"message": "teapot"}', content_type="application/json"),
        lambda: web.Response(status=502, text="<html>Bad gateway</html>", content_type="text/html"),
        lambda: web.json_response({"ok": True}, status=500),
        lambda: web.Response(text="[" * 200_000, content_type="application/json"),
        lambda: web.Response(
            body=gzip.compress(b'{"ok": true, "pad": "' + b"a" * 3 * LARGEST_ANSWER + b'"}', 1),
            headers={"Content-Encoding": "gzip", "Content-Type": "application/json"},
        ),
    ],
)
async def test_an_answer_that_cannot_be_read_is_of_unknown_outcome(
    slack: WireSlack, client: SlackClient, answer: Callable[[], web.Response]
) -> None:
    slack.answers["chat.postMessage"] = lambda _: answer()
    assert (await failure_of(client)).kind is FailureClass.UNKNOWN


async def test_a_connection_cut_after_slack_took_the_message_is_of_unknown_outcome_and_sent_once(
    slack: WireSlack, client: SlackClient
) -> None:
    def cut(call: Call) -> web.Response:
        assert call.request.transport is not None
        call.request.transport.close()
        return web.Response()

    slack.answers["chat.postMessage"] = cut
    failure = await failure_of(client)
    assert failure.kind is FailureClass.UNKNOWN
    assert len(slack.of("chat.postMessage")) == 1


async def test_an_answer_later_than_the_time_out_is_of_unknown_outcome(
    slack: WireSlack, client_of: Callable[..., SlackClient]
) -> None:
    released = asyncio.Event()

    async def held(_: Call) -> dict[str, Any]:
        await released.wait()
        return {"ok": True}

    slack.answers["chat.postMessage"] = held
    failure = await failure_of(client_of(slack.url, timeout=0.05))
    released.set()
    assert (failure.code, failure.kind) == ("timeout", FailureClass.UNKNOWN)


async def test_a_connection_that_never_stood_is_safe_to_retry(client_of: Callable[..., SlackClient]) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response()

    nobody = await serve(answer)
    url = address(nobody) + "/api/"
    await nobody.cleanup()
    failure = await failure_of(client_of(url))
    assert (failure.code, failure.kind) == ("unreachable", FailureClass.RETRY)


async def test_a_proxy_of_the_environment_is_ignored_and_the_configured_one_is_used(
    slack: WireSlack, client_of: Callable[..., SlackClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    async def proxy(request: web.Request) -> web.StreamResponse:
        seen.append(str(request.url))
        return web.json_response({"ok": True})

    runner = await serve(proxy)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    await client_of(slack.url).call("auth.test")
    await client_of("http://slack.test/api/", proxy=address(runner)).call("auth.test")
    await runner.cleanup()
    assert seen == ["http://slack.test/api/auth.test"]


async def test_slacks_clock_and_the_granted_scopes_are_read_from_the_headers(
    slack: WireSlack, client: SlackClient, clock: DrivenClock
) -> None:
    headers = {"Date": "Mon, 24 Nov 2025 16:00:00 GMT", "x-oauth-scopes": "chat:write, commands,users:read"}
    slack.answers["auth.test"] = lambda _: web.json_response({"ok": True}, headers=headers)
    await client.call("auth.test")
    assert client.slack_time(clock.now()) == 1_764_000_000.5
    assert client.granted_scopes == frozenset({"chat:write", "commands", "users:read"})


async def test_a_date_that_is_garbage_changes_no_clock(slack: WireSlack, client: SlackClient) -> None:
    slack.answers["auth.test"] = lambda _: web.json_response({"ok": True}, headers={"Date": "tomorrow"})
    await client.call("auth.test")
    assert client.clock_offset == 0.0


async def test_who_we_are_is_asked_once(slack: WireSlack, client: SlackClient) -> None:
    first, second = await client.identify(), await client.identify()
    assert first is second
    assert (first.bot_user_id, first.bot_id, first.team_id) == ("U0BOT0001", "B0BOT0001", "T0DEMO1")
    assert len(slack.of("auth.test")) == 1


async def test_a_wrong_token_is_fatal_and_says_where_to_look(slack: WireSlack, client: SlackClient) -> None:
    slack.answers["auth.test"] = {"ok": False, "error": "invalid_auth"}
    failure = await failure_of(client, "auth.test")
    assert failure.kind is FailureClass.FATAL
    assert "IP allow list" in str(failure)


async def test_a_large_body_arrives_whole(slack: WireSlack, client: SlackClient) -> None:
    slack.answers["chat.postMessage"] = {"ok": True}
    text = "ü" * 300_000
    await client.call("chat.postMessage", {"text": text})
    assert slack.calls[0].arguments["text"] == text
    assert json.dumps(slack.calls[0].arguments)

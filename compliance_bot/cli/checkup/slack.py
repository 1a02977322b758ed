"""The Slack side: both tokens, the scopes, Socket Mode, the clock."""

from __future__ import annotations

import asyncio
from typing import Any

from compliance_bot.cli.checkup.lines import Line, doubt, fault, good
from compliance_bot.handlers.manifest import APP_TOKEN_SCOPE, OPTIONAL_SCOPES, SCOPES, missing_scopes
from compliance_bot.slack.client import Identity, SlackClient
from compliance_bot.slack.connection import CannotConnect, Connection, WireTimes, connect
from compliance_bot.slack.failures import FailureClass, SlackCallFailed

BEARABLE_SKEW = 30.0
"""Seconds our clock may differ from Slack's or Studio's; Date headers are good to one."""

_REACH = "let this machine reach slack.com and wss-primary.slack.com (port 443), or set SLACK_PROXY"


async def bot_token(client: SlackClient) -> tuple[Identity | None, Line]:
    """Whether Slack takes SLACK_BOT_TOKEN, and who it is."""
    try:
        identity = await client.identify()
    except SlackCallFailed as failure:
        return None, fault("tokens", f"SLACK_BOT_TOKEN: {failure}", _mend_token(failure, "SLACK_BOT_TOKEN"))
    return identity, good("tokens", f"SLACK_BOT_TOKEN is {identity.bot_user_id} in {identity.team}")


async def app_token(client: SlackClient) -> tuple[str | None, Line]:
    """Whether Slack gives SLACK_APP_TOKEN a socket's address; that address holds a ticket."""
    try:
        answer = await client.call("apps.connections.open")
    except SlackCallFailed as failure:
        return None, fault("tokens", f"SLACK_APP_TOKEN: {failure}", _mend_token(failure, "SLACK_APP_TOKEN"))
    return str(answer.get("url")), good("tokens", f"SLACK_APP_TOKEN may open sockets ({APP_TOKEN_SCOPE})")


def scopes(client: SlackClient) -> list[Line]:
    """What was granted against what is needed."""
    granted = client.granted_scopes
    if granted is None:
        return [doubt("scopes", "Slack did not say which scopes were granted", "compare with the manifest")]
    lines = [
        fault(
            "scopes",
            f"{scope} was not granted: {SCOPES[scope]}",
            f"add {scope} to the bot scopes under OAuth & Permissions, then install the app again",
        )
        for scope in missing_scopes(granted)
    ]
    lines += [
        doubt("scopes", f"without {scope} the bot {loss}", f"add {scope} if you want that")
        for scope, loss in OPTIONAL_SCOPES.items()
        if scope not in granted
    ]
    if not missing_scopes(granted):
        lines.insert(0, good("scopes", f"all {len(SCOPES)} needed scopes were granted"))
    return lines


async def socket(client: SlackClient, url: str, *, seconds: float = 10.0) -> Line:
    """Open one socket, wait for its hello, close it. Not while a daemon runs: it would take its envelopes."""
    hello: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    async def take(_: Connection, frame: dict[str, Any]) -> None:
        if frame.get("type") == "hello" and not hello.done():
            hello.set_result(frame)

    try:
        times = WireTimes(connect=seconds)
        connection = await connect(
            session=client.session,
            url=url,
            proxy=client.proxy,
            on_frame=take,
            on_alive=lambda: None,
            times=times,
        )
    except CannotConnect as failure:
        return fault("socket", f"Socket Mode: {failure}", f"{_REACH}; a proxy must let WebSockets through")
    await connection.close()
    others = int(hello.result().get("num_connections") or 1) - 1 if hello.done() else 0
    if others > 0:
        return doubt(
            "socket",
            f"{others} other connections use this app token, and each takes its share of what people do",
            "stop the other process, or give it an app of its own",
        )
    return good("socket", "Socket Mode said hello")


def clock(step_of: str, offset: float | None) -> Line:
    """Whether our clock agrees with the other side's; ``offset``: theirs less ours, seconds."""
    if offset is None:
        return doubt(
            "clock", f"{step_of} did not tell its time", "make sure that this machine's clock is set"
        )
    if abs(offset) > BEARABLE_SKEW:
        way = "behind" if offset > 0 else "ahead of"
        return fault(
            "clock",
            f"this machine's clock is {abs(offset):.0f} s {way} {step_of}'s",
            "synchronise it (timedatectl set-ntp true)",
        )
    return good("clock", f"this machine's clock agrees with {step_of}'s")


def _mend_token(failure: SlackCallFailed, name: str) -> str:
    if failure.code in ("unreachable", "timeout", "disconnected") or failure.code.startswith("http_"):
        return _REACH
    if failure.kind is FailureClass.RETRY:
        return "try again in a minute"
    page = "OAuth & Permissions" if name == "SLACK_BOT_TOKEN" else "Basic Information, App-Level Tokens"
    extra = "" if name == "SLACK_BOT_TOKEN" else f" (scope {APP_TOKEN_SCOPE}), and switch Socket Mode on"
    return (
        f"copy {name} again from {page}{extra}; if it is right, the app's IP allow list may lack the address "
        "that this machine calls from"
    )

"""Every refusal of every method's table, over real HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.sandbox.slack.api import HANDLERS
from compliance_bot.sandbox.slack.refusals import METHODS, TIERS
from compliance_bot.sandbox.slack.world import SlackWorld
from tests.sandbox.slack.cases import CASES, GOOD

PAYLOADS = Path(__file__).parent / "payloads"
COMMON = {"not_authed", "invalid_auth", "token_revoked", "token_expired", "account_inactive"}
COMMON |= {"not_allowed_token_type", "missing_scope", "ratelimited"}
TOKENED = [method for method in METHODS if METHODS[method].caller]
SCOPED = [method for method in TOKENED if METHODS[method].scopes or METHODS[method].conversation]
NATURAL = [
    (method, error) for method in METHODS for error in METHODS[method].natural if error != "ratelimited"
]
ON_DEMAND = [(method, error) for method in METHODS for error in METHODS[method].all_on_demand]


def bearer(slack: SlackWorld, method: str) -> str:
    """The token a method takes."""
    settings = slack.settings
    return settings.app_token if METHODS[method].caller == "app" else settings.bot_token


def test_every_method_has_a_table_and_a_hand() -> None:
    assert set(METHODS) == {*HANDLERS, "apps.connections.open"} == set(GOOD)


def test_every_natural_refusal_has_a_case() -> None:
    assert set(NATURAL) <= set(CASES)


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("api_*.json")), ids=lambda path: path.stem)
def test_every_recorded_error_is_in_the_table(path: Path) -> None:
    method = path.stem.removeprefix("api_").replace("_", ".")
    table = METHODS.get(method)
    recorded = {one["error"] for one in json.loads(path.read_text()).get("errors", [])}
    known = {*table.all_natural, *table.all_on_demand} if table else recorded
    assert recorded <= known


@pytest.mark.parametrize("method", METHODS)
async def test_the_good_call_is_answered_ok(method: str, slack: SlackWorld, hand: Any) -> None:
    body = await hand.call(method, bearer(slack, method), **GOOD[method](slack))
    assert body["ok"] is True, body


@pytest.mark.parametrize(("method", "error"), NATURAL)
async def test_the_refusal_is_given(method: str, error: str, slack: SlackWorld, hand: Any) -> None:
    body = await hand.call(method, bearer(slack, method), **CASES[method, error](slack))
    assert (body["ok"], body["error"]) == (False, error)
    assert hand.status == 200
    assert slack.calls_of(method)[-1].error == error


@pytest.mark.parametrize(("method", "error"), ON_DEMAND)
async def test_the_refusal_from_inside_slack_is_given_on_demand(
    method: str, error: str, slack: SlackWorld, hand: Any
) -> None:
    slack.refuse(method, error)
    body = await hand.call(method, bearer(slack, method), **GOOD[method](slack))
    assert (body["ok"], body["error"]) == (False, error)
    again = await hand.call(method, bearer(slack, method), **GOOD[method](slack))
    assert again["ok"] is True


@pytest.mark.parametrize("method", TOKENED)
async def test_without_a_token_it_is_not_authed(method: str, hand: Any) -> None:
    assert (await hand.call(method, ""))["error"] == "not_authed"


@pytest.mark.parametrize("method", TOKENED)
async def test_a_foreign_token_is_invalid(method: str, hand: Any) -> None:
    assert (await hand.call(method, "xoxb-of-somebody-else"))["error"] == "invalid_auth"


@pytest.mark.parametrize("method", TOKENED)
async def test_the_other_kind_of_token_is_not_allowed(method: str, slack: SlackWorld, hand: Any) -> None:
    bot, app = slack.settings.bot_token, slack.settings.app_token
    other = bot if bearer(slack, method) == app else app
    assert (await hand.call(method, other))["error"] == "not_allowed_token_type"


@pytest.mark.parametrize("method", TOKENED)
@pytest.mark.parametrize("error", ["token_revoked", "token_expired", "account_inactive"])
async def test_a_token_that_lost_its_worth_says_why(
    method: str, error: str, slack: SlackWorld, hand: Any
) -> None:
    token = bearer(slack, method)
    slack.settings.token_faults[token] = error
    assert (await hand.call(method, token))["error"] == error


@pytest.mark.parametrize("method", SCOPED)
async def test_without_its_scope_it_names_what_is_needed(method: str, slack: SlackWorld, hand: Any) -> None:
    slack.settings.scopes = {"commands"}
    slack.settings.app_scopes = {"authorizations:read"}
    body = await hand.call(method, bearer(slack, method), **GOOD[method](slack))
    assert body["error"] == "missing_scope"
    assert body["needed"]
    assert body["provided"] in ("commands", "authorizations:read")
    assert hand.headers["x-oauth-scopes"] == body["provided"]


@pytest.mark.parametrize("method", [one for one in TOKENED if METHODS[one].tier])
async def test_a_call_above_the_tier_is_told_when_to_come_again(
    method: str, slack: SlackWorld, hand: Any
) -> None:
    slack.settings.limits = "real"
    token = bearer(slack, method)
    for _ in range(TIERS[METHODS[method].tier or 1]):
        assert (await hand.call(method, token)).get("error") != "ratelimited"
    body = await hand.call(method, token)
    assert body == {"ok": False, "error": "ratelimited"}
    assert (hand.status, hand.headers["Retry-After"]) == (429, "60")


async def test_an_app_token_as_a_parameter_is_invalid(slack: SlackWorld, hand: Any) -> None:
    body = await hand.call("apps.connections.open", "", token=slack.settings.app_token)
    assert body["error"] == "invalid_auth"


async def test_an_unknown_method_is_said_to_be_one(hand: Any) -> None:
    assert (await hand.call("chat.shout"))["error"] == "unknown_method"

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from compliance_bot import logs

BOT_TOKEN = "xoxb-1111-2222-canarycanary"
APP_TOKEN = "xapp-1-A111-2222-canarycanary"
PASSWORD = 'pass"word\\with é odd & signs'
CANARIES = (BOT_TOKEN, APP_TOKEN, PASSWORD, "canaryticket", "canarybearer", "canaryhook", "canaryproxy")
EVERYTHING = (
    f"{BOT_TOKEN} {APP_TOKEN} wss://wss-primary.slack.com/link/?ticket=canaryticket&app_id=A1 "
    f"Authorization: Bearer canarybearer https://hooks.slack.com/services/T1/B1/canaryhook "
    f"http://someone:canaryproxy@proxy.example:3128 {PASSWORD}"
)


@pytest.fixture
def lines() -> Iterator[Callable[[], str]]:
    """What came out on the (pretended) stderr; everything is put back afterwards."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, logging.raiseExceptions)
    out = io.StringIO()
    logs.keep_secret(PASSWORD)
    logs.configure("debug", stream=out, pretty=False)
    yield out.getvalue
    root.handlers[:], root.level, sys.excepthook, logging.raiseExceptions = before
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def spelled(text: str) -> tuple[str, ...]:
    return (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1])


def assert_no_canary(out: str) -> None:
    assert out
    for canary in CANARIES:
        for spelling in spelled(canary):
            assert spelling not in out, canary


class Odd:
    """A thing whose repr tells too much."""

    def __repr__(self) -> str:
        return f"Odd({EVERYTHING})"


def fail(words: str) -> None:
    raise ValueError(words)


@pytest.mark.parametrize(
    "words",
    [
        {"text": EVERYTHING},
        {"deep": {"list": [EVERYTHING, {"again": (EVERYTHING,)}], EVERYTHING: 1}},
        {"raw": EVERYTHING.encode()},
        {"thing": Odd()},
        {"headers": {"Authorization": f"Bearer {BOT_TOKEN}"}},
    ],
)
def test_no_keyword_carries_a_secret_out(lines: Callable[[], str], words: dict[str, Any]) -> None:
    logs.logger("slack").info("slack.call.failed", **words)
    assert_no_canary(lines())


def test_no_message_of_ours_carries_a_secret_out(lines: Callable[[], str]) -> None:
    logs.logger("slack").error(EVERYTHING)
    assert_no_canary(lines())


def test_no_exception_carries_a_secret_out(lines: Callable[[], str]) -> None:
    try:
        fail(EVERYTHING)
    except ValueError:
        logs.logger("slack").exception("slack.call.failed")
        logging.getLogger("third.party").exception("failed with %s", EVERYTHING)
    assert_no_canary(lines())
    assert "ValueError" in lines()


def test_an_exception_handed_over_as_a_value_carries_no_secret_out(lines: Callable[[], str]) -> None:
    logs.logger("slack").warning(
        "slack.call.failed", error=RuntimeError(EVERYTHING), exc_info=RuntimeError(EVERYTHING)
    )
    assert_no_canary(lines())


@pytest.mark.parametrize("name", ["slack_sdk.web", "aiohttp.client", "whoever"])
def test_third_party_loggers_carry_no_secret_out(lines: Callable[[], str], name: str) -> None:
    logging.getLogger(name).warning("params: %s", {"token": BOT_TOKEN, "all": EVERYTHING})
    wrong_number_of_arguments = "one %s two %s"
    logging.getLogger(name).warning(wrong_number_of_arguments, EVERYTHING)
    assert_no_canary(lines())


def test_an_uncaught_exception_carries_no_secret_out(lines: Callable[[], str]) -> None:
    error = ValueError(EVERYTHING)
    sys.excepthook(ValueError, error, None)
    assert_no_canary(lines())


@pytest.mark.usefixtures("lines")
def test_a_pretty_terminal_shows_no_secret_either() -> None:
    out = io.StringIO()
    logs.configure("debug", stream=out, pretty=True)
    token = BOT_TOKEN
    try:
        fail(token)
    except ValueError:
        logs.logger("slack").exception("slack.call.failed", text=EVERYTHING)
    assert_no_canary(out.getvalue())


@pytest.mark.parametrize("name", ["slack_sdk", "slack_bolt.AsyncApp", "aiohttp.client"])
def test_libraries_that_print_bodies_stay_silent_below_info(lines: Callable[[], str], name: str) -> None:
    logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger(name).debug("a whole body")
    logging.getLogger(name).info("a fact")
    assert "a whole body" not in lines()
    assert "a fact" in lines()


def test_each_event_is_one_json_line_with_its_name_and_place(lines: Callable[[], str]) -> None:
    logs.logger("studio.walk").info("walk.counted", rows=10)
    (line,) = lines().splitlines()
    told = json.loads(line)
    assert told["event"] == "walk.counted"
    assert told["room"] == "studio.walk"
    assert told["rows"] == 10
    assert told["level"] == "info"
    assert told["at"].endswith("Z")


@pytest.mark.usefixtures("lines")
def test_the_level_is_that_of_our_own_loggers_only() -> None:
    out = io.StringIO()
    logs.configure("error", stream=out, pretty=False)
    logs.logger("studio").warning("studio.slow")
    logging.getLogger("third.party").warning("still said")
    assert "studio.slow" not in out.getvalue()
    assert "still said" in out.getvalue()


def test_redaction_leaves_harmless_words_alone() -> None:
    page = "the token from Basic Information, App-Level Tokens"
    assert logs.redact(page) == page
    harmless = "finding F-1 in #compliance, https://studio.example.com/findings/1, foxtrot-1, ticket closed"
    assert logs.redact(harmless) == harmless


def test_a_repeating_fault_is_said_once_then_again_with_its_count() -> None:
    repeats = logs.Repeats(every=60)
    assert repeats.once("studio", 0.0) == 0
    assert [repeats.once("studio", float(second)) for second in range(1, 4)] == [None, None, None]
    assert repeats.once("other", 3.0) == 0
    assert repeats.once("studio", 61.0) == 3


def test_the_end_of_a_fault_is_said_only_if_the_fault_was() -> None:
    repeats = logs.Repeats(every=60)
    assert not repeats.over("studio")
    repeats.once("studio", 0.0)
    assert repeats.over("studio")
    assert repeats.once("studio", 1.0) == 0

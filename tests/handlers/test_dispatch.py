from __future__ import annotations

import asyncio
from typing import Any

import pytest

from compliance_bot.handlers.acknowledging import Ack
from compliance_bot.handlers.dispatch import Dispatcher
from compliance_bot.handlers.incoming import Incoming, Kind, read_envelope
from compliance_bot.slack.client import Identity

EPHEMERAL = {"text": "Score 87 %", "response_type": "ephemeral"}
REFUSAL = {"response_action": "errors", "errors": {"due": "Choose a date in the future."}}
US = Identity(team_id="T0DEMO1", team="Demo", bot_user_id="U0BOT0001", bot_id="B0BOT0001")


def an_envelope(payload: Any, kind: str = "interactive", **overrides: Any) -> dict[str, Any]:
    return {"envelope_id": "e1", "type": kind, "payload": payload, **overrides}


def a_command(**overrides: Any) -> dict[str, Any]:
    return {
        "team_id": "T0DEMO1",
        "api_app_id": "A0DEMO001",
        "channel_id": "C0ALERTS1",
        "user_id": "U0ALICE01",
        "command": "/compliance",
        "text": "SOC2",
        "response_url": "https://hooks.slack.com/commands/1",
        "trigger_id": "750.640.0f1e",
        "is_enterprise_install": "false",
        **overrides,
    }


def an_interaction(kind: str, **overrides: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "user": {"id": "U0BOB0001", "team_id": "T0DEMO1", "name": "bob"},
        "team": {"id": "T0DEMO1", "domain": "demo"},
        "api_app_id": "A0DEMO001",
        "trigger_id": "750.640.1",
        "enterprise": None,
        "is_enterprise_install": False,
        **overrides,
    }


def a_click(action_id: str = "acknowledge", **overrides: Any) -> dict[str, Any]:
    action = {
        "type": "button",
        "action_id": action_id,
        "block_id": "case:1",
        "value": "CB-1",
        "action_ts": "1764000060.1",
    }
    container = {"type": "message", "message_ts": "1764000000.000100", "channel_id": "C0ALERTS1"}
    given = {"actions": [action], "container": container, "channel": {"id": "C0ALERTS1", "name": "alerts"}}
    return an_interaction("block_actions", **{**given, **overrides})


def an_event(**event: Any) -> dict[str, Any]:
    given = {"type": "app_mention", "user": "U0ALICE01", "channel": "C0ALERTS1", "ts": "1764000200.000300"}
    return {
        "type": "event_callback",
        "event_id": "Ev0DEMO1",
        "team_id": "T0DEMO1",
        "api_app_id": "A0DEMO001",
        "authorizations": [{"team_id": "T0DEMO1", "user_id": "U0BOT0001", "is_bot": True}],
        "event": {**given, **event},
    }


def a_view(kind: str = "view_submission", **overrides: Any) -> dict[str, Any]:
    view = {
        "type": "modal",
        "id": "V1",
        "hash": "h1",
        "callback_id": "snooze",
        "app_installed_team_id": "T0DEMO1",
    }
    return an_interaction(kind, view=view, **overrides)


class Bench:
    """A dispatcher, the frames it wrote, and what its listeners got."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.heard: list[Incoming] = []
        self.of_teams: list[tuple[str, str]] = []
        self.dispatcher = Dispatcher(
            identity=lambda: US,
            app_id=lambda: "A0DEMO001",
            heard=lambda person, team: self.of_teams.append((person, team)),
        )

    async def send(self, frame: dict[str, Any]) -> bool:
        """The socket's end of an ack."""
        self.frames.append(frame)
        return True

    async def hear(self, incoming: Incoming, ack: Ack) -> None:
        """A listener that acks."""
        self.heard.append(incoming)
        await ack()

    async def take(self, payload: Any, kind: str = "interactive", **overrides: Any) -> list[dict[str, Any]]:
        """Dispatch one payload; returns all frames written so far."""
        await self.dispatcher.dispatch(an_envelope(payload, kind, **overrides), self.send)
        return self.frames


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_command_reaches_its_listener_and_is_acked(bench: Bench) -> None:
    bench.dispatcher.on(Kind.COMMAND, "/compliance", bench.hear)
    assert await bench.take(a_command(), "slash_commands") == [{"envelope_id": "e1"}]
    (heard,) = bench.heard
    assert (heard.kind, heard.name, heard.text) == (Kind.COMMAND, "/compliance", "SOC2")
    assert (heard.person, heard.channel, heard.team) == ("U0ALICE01", "C0ALERTS1", "T0DEMO1")
    assert heard.response_url == "https://hooks.slack.com/commands/1"


async def test_of_which_workspace_a_person_is_is_told_by_what_they_press_and_by_no_event(
    bench: Bench,
) -> None:
    bench.dispatcher.otherwise(Kind.ACTION, bench.hear)
    await bench.take(a_click(user={"id": "U0PARTNER", "team_id": "T0PARTNER1"}))
    await bench.take(an_event(team="T0PARTNER1"), "events_api")
    assert bench.of_teams == [("U0PARTNER", "T0PARTNER1")]


async def test_the_ack_is_written_before_the_listener_goes_on(bench: Bench) -> None:
    written: list[int] = []

    async def listener(_: Incoming, ack: Ack) -> None:
        await ack()
        written.append(len(bench.frames))

    bench.dispatcher.on(Kind.ACTION, "acknowledge", listener)
    await bench.take(a_click())
    assert written == [1]


async def test_a_listener_that_raises_right_after_its_ack_loses_no_ack(bench: Bench) -> None:
    async def listener(_: Incoming, ack: Ack) -> None:
        await ack()
        raise RuntimeError("a bug of ours")

    bench.dispatcher.on(Kind.ACTION, "acknowledge", listener)
    for _ in range(20):
        await bench.take(a_click())
    assert len(bench.frames) == 20


async def test_a_listener_that_raises_before_its_ack_sends_none(bench: Bench) -> None:
    async def listener(_: Incoming, __: Ack) -> None:
        raise RuntimeError("a bug of ours")

    bench.dispatcher.on(Kind.ACTION, "acknowledge", listener)
    bench.dispatcher.on(Kind.EVENT, "app_mention", listener)
    await bench.take(a_click())
    assert await bench.take(an_event(), "events_api") == []


async def test_an_event_whose_listener_does_not_ack_is_not_acked(bench: Bench) -> None:
    async def keeps_silent(incoming: Incoming, _: Ack) -> None:
        bench.heard.append(incoming)

    bench.dispatcher.on(Kind.EVENT, "app_mention", keeps_silent)
    assert await bench.take(an_event(), "events_api", retry_attempt=2) == []
    assert (bench.heard[0].key, bench.heard[0].retry) == ("event:Ev0DEMO1", 2)


async def test_a_second_ack_writes_nothing(bench: Bench) -> None:
    async def listener(_: Incoming, ack: Ack) -> None:
        await ack()
        await ack("again")

    bench.dispatcher.on(Kind.ACTION, "acknowledge", listener)
    assert await bench.take(a_click()) == [{"envelope_id": "e1"}]


async def test_listeners_run_at_the_same_time(bench: Bench) -> None:
    both = asyncio.Barrier(2)

    async def listener(_: Incoming, ack: Ack) -> None:
        await both.wait()
        await ack()

    bench.dispatcher.on(Kind.ACTION, "acknowledge", listener)
    await asyncio.wait_for(asyncio.gather(bench.take(a_click()), bench.take(a_click())), 5)
    assert len(bench.frames) == 2


@pytest.mark.parametrize(
    ("answer", "payload"),
    [
        (
            {"text": "Score 87 %", "response_type": "ephemeral"},
            {"text": "Score 87 %", "response_type": "ephemeral"},
        ),
        ({"text": "plain"}, {"text": "plain"}),
        (
            {"response_action": "errors", "errors": {"due": "no"}},
            {"response_action": "errors", "errors": {"due": "no"}},
        ),
        ({"response_action": "clear"}, {"response_action": "clear"}),
        ({"options": []}, {"options": []}),
    ],
)
async def test_what_a_listener_answers_stands_in_the_ack(
    bench: Bench, answer: dict[str, Any], payload: dict[str, Any]
) -> None:
    async def listener(_: Incoming, ack: Ack) -> None:
        await ack(**answer)

    bench.dispatcher.on(Kind.SUBMISSION, "snooze", listener)
    assert await bench.take(a_view()) == [{"envelope_id": "e1", "payload": payload}]


KINDS = [
    (a_command(), "slash_commands", Kind.COMMAND, "/compliance"),
    (a_click(), "interactive", Kind.ACTION, "acknowledge"),
    (a_view(), "interactive", Kind.SUBMISSION, "snooze"),
    (a_view("view_closed"), "interactive", Kind.CLOSED, "snooze"),
    (an_interaction("shortcut", callback_id="upload"), "interactive", Kind.SHORTCUT, "upload"),
    (
        an_interaction(
            "message_action", callback_id="save", channel={"id": "C1"}, message={"ts": "1.1", "text": "x"}
        ),
        "interactive",
        Kind.SHORTCUT,
        "save",
    ),
    (an_interaction("block_suggestion", action_id="pick", value="log"), "interactive", Kind.OPTIONS, "pick"),
    (an_event(), "events_api", Kind.EVENT, "app_mention"),
    (
        an_event(type="message", subtype="message_changed"),
        "events_api",
        Kind.EVENT,
        "message",
    ),
]


@pytest.mark.parametrize(("payload", "envelope", "kind", "name"), KINDS)
async def test_every_kind_without_a_listener_is_still_acked(
    bench: Bench, payload: dict[str, Any], envelope: str, kind: Kind, name: str
) -> None:
    assert await bench.take(payload, envelope) == [{"envelope_id": "e1"}]
    bench.dispatcher.otherwise(kind, bench.hear)
    await bench.take(payload, envelope)
    assert [(heard.kind, heard.name) for heard in bench.heard] == [(kind, name)]


@pytest.mark.parametrize(("payload", "envelope", "kind", "name"), KINDS)
async def test_every_kind_reaches_the_listener_of_its_name(
    bench: Bench, payload: dict[str, Any], envelope: str, kind: Kind, name: str
) -> None:
    bench.dispatcher.on(kind, name, bench.hear)
    await bench.take(payload, envelope)
    assert [heard.name for heard in bench.heard] == [name]


async def test_what_we_did_ourselves_is_acked_and_reaches_nobody(bench: Bench) -> None:
    bench.dispatcher.on(Kind.EVENT, "message", bench.hear)
    ours = an_event(type="message", user="U0BOT0001", bot_id="B0BOT0001")
    assert await bench.take(ours, "events_api") == [{"envelope_id": "e1"}]
    assert bench.heard == []


@pytest.mark.parametrize(
    ("payload", "kind", "acked"),
    [
        (None, "interactive", False),
        ([1], "interactive", False),
        ({}, "interactive", False),
        ({"type": "block_actions"}, "interactive", False),
        ({"type": "a_kind_of_next_year"}, "interactive", False),
        (None, "slash_commands", False),
        (None, "events_api", True),
        ({"event": None}, "events_api", True),
        ({"event": {"type": 7}}, "events_api", True),
        ({"event": {"type": "app_mention", "channel": 7}}, "events_api", True),
        ({"x": 1}, "a_type_of_next_year", True),
    ],
)
async def test_what_cannot_be_read_is_survived_and_only_events_are_acked(
    bench: Bench, payload: Any, kind: str, acked: bool
) -> None:
    assert bool(await bench.take(payload, kind)) is acked


async def test_an_envelope_of_another_workspace_or_app_reaches_nobody(bench: Bench) -> None:
    bench.dispatcher.on(Kind.ACTION, "acknowledge", bench.hear)
    bench.dispatcher.on(Kind.EVENT, "app_mention", bench.hear)
    await bench.take(a_click(team={"id": "T0OTHER1"}))
    await bench.take(a_click(api_app_id="A0OTHER01"))
    assert bench.frames == []
    foreign = {**an_event(), "authorizations": [{"team_id": "T0OTHER1"}]}
    assert await bench.take(foreign, "events_api") == [{"envelope_id": "e1"}]
    assert bench.heard == []


async def test_an_outsiders_submission_in_a_shared_channel_is_ours_and_says_whose_he_is(bench: Bench) -> None:
    bench.dispatcher.on(Kind.SUBMISSION, "snooze", bench.hear)
    outsider = {"id": "U0CAROL001", "team_id": "T0PARTNER1"}
    await bench.take(a_view(team={"id": "T0PARTNER1"}, user=outsider))
    (heard,) = bench.heard
    assert (heard.team, heard.person, heard.person_team) == ("T0DEMO1", "U0CAROL001", "T0PARTNER1")


async def test_a_click_of_an_org_install_has_no_team_and_is_heard(bench: Bench) -> None:
    bench.dispatcher.on(Kind.ACTION, "acknowledge", bench.hear)
    await bench.take(a_click(team=None, user={"id": "W1"}))
    assert [heard.person for heard in bench.heard] == ["W1"]


def incoming(payload: dict[str, Any], kind: str = "interactive") -> Incoming:
    read = read_envelope(an_envelope(payload, kind))
    assert read is not None
    return read


def test_two_presses_of_one_button_have_two_keys_and_one_press_has_one() -> None:
    later = {**a_click()["actions"][0], "action_ts": "1764000061.1"}
    assert incoming(a_click()).key == incoming(a_click()).key
    assert incoming(a_click()).key != incoming(a_click(actions=[later])).key


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ({"value": "CB-1"}, "CB-1"),
        ({"selected_option": {"value": "snooze:1"}}, "snooze:1"),
        ({"selected_user": "U0BOB0001"}, "U0BOB0001"),
        ({"selected_date": None}, None),
        ({"selected_options": []}, None),
    ],
)
def test_the_value_of_an_element_is_found_wherever_it_stands(
    action: dict[str, Any], value: str | None
) -> None:
    assert incoming(a_click(actions=[{"action_id": "x", **action}])).value == value


def test_an_ephemeral_click_has_no_message_and_is_read_from_its_container() -> None:
    read = incoming(a_click())
    assert (read.message_ts, read.channel, read.thread) == ("1764000000.000100", "C0ALERTS1", None)


@pytest.mark.parametrize(
    ("event", "person", "channel"),
    [
        ({"type": "channel_rename", "user": None, "channel": {"id": "C1", "name": "new"}}, None, "C1"),
        ({"type": "user_change", "user": {"id": "U9"}, "channel": None}, "U9", None),
        (
            {"type": "reaction_added", "channel": None, "item": {"channel": "C2", "ts": "1.1"}},
            "U0ALICE01",
            "C2",
        ),
        (
            {"type": "file_shared", "user": None, "channel": None, "user_id": "U8", "channel_id": "C3"},
            "U8",
            "C3",
        ),
        ({"type": "message", "user": None, "message": {"user": "U7"}}, "U7", "C0ALERTS1"),
    ],
)
def test_person_and_channel_of_an_event_are_found_wherever_they_stand(
    event: dict[str, Any], person: str | None, channel: str | None
) -> None:
    read = incoming(an_event(**event), "events_api")
    assert (read.person, read.channel) == (person, channel)

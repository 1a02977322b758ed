"""``explain`` on the command line: what it takes, what it says, and what it refuses."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_bot.cli.event_file import read_subjects
from compliance_bot.errors import UserMistake
from compliance_bot.rules.attributes import ATTRIBUTES
from compliance_bot.state_directory import hold
from compliance_bot.store import directories
from compliance_bot.store.database import DATABASE_FILE, Database
from tests.cases.stage import a_directory

from .conftest import Ended

Run = Callable[..., Ended]
_JSON = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([*ATTRIBUTES, "finding", "critical"])
)
_KEYS = st.sampled_from([*ATTRIBUTES, "data", "finding", "createdAt", "x"])


def _nested(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4)


RECORDED = Path(__file__).parents[1] / "studio" / "recorded_exchanges.json"
CRITICAL = {"type": "finding", "severity": "critical", "category": "security", "title": "Public bucket"}


def recorded(title: str) -> Any:
    """Studio's own answer to what was recorded under that title."""
    exchanges = json.loads(RECORDED.read_text(encoding="utf-8"))
    return next(one["answer"] for one in exchanges if one["title"] == title)


def written(value: Any) -> str:
    Path("event.json").write_text(json.dumps(value), encoding="utf-8")
    return "event.json"


def channels(explanation: dict[str, Any]) -> list[str]:
    return [place["channel"] for place in explanation["destinations"]]


def test_attributes_are_explained_to_people_within_eighty_columns(command: Run) -> None:
    ended = command("explain", written(CRITICAL))
    assert ended.code == 0
    assert max(map(len, ended.out.splitlines())) <= 80
    assert "→ #compliance-alerts" in ended.out
    assert "rule      security_incidents: matched" in ended.out
    assert "Nothing was sent" in ended.out
    assert "every handle is taken to exist" in ended.err
    assert "\x1b" not in ended.out


def test_the_same_words_in_another_channel_are_not_shown_again(command: Run) -> None:
    out = command("explain", written(CRITICAL)).out
    assert out.count("Critical Compliance Alert") == 1
    assert out.count("as in #compliance-alerts, with these pings") == 2


def test_json_is_one_document_with_the_blocks(command: Run) -> None:
    told = json.loads(command("explain", written(CRITICAL), "--json").out)
    assert (told["names"], len(told["explanations"])) == ("none", 1)
    (explanation,) = told["explanations"]
    assert channels(explanation) == ["#compliance-alerts", "#security-alerts", "#compliance"]
    assert {"reason": "rule.not_matched", "detail": "report_ready"} in explanation["trace"]
    assert explanation["destinations"][0]["blocks"][0]["type"] == "header"


def test_a_list_and_a_detail_as_studio_answers_them_are_taken_as_they_are(command: Run) -> None:
    page = recorded("List (default page=1, limit=50)")
    told = json.loads(command("explain", written(page), "--json").out)["explanations"]
    assert [one["id"] for one in told] == [row["id"] for row in page["data"]]
    detail = recorded("Detail")["data"]
    for document in (detail, {"finding": detail}, [{"finding": detail}], {"data": detail}):
        ended = command("explain", written(document), "--json")
        (one,) = json.loads(ended.out)["explanations"]
        assert one["title"] == detail["title"]
        assert "credentials" not in ended.out


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "true"])
def test_a_number_that_is_none_is_refused(command: Run, number: str) -> None:
    Path("event.json").write_text(f'{{"type": "deadline", "days_remaining": {number}}}')
    ended = command("explain", "event.json")
    assert (ended.code, "days_remaining must be a number" in ended.err) == (2, True)


def test_stdin_is_read_for_a_dash(command: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(CRITICAL).encode())))
    assert command("explain", "-").code == 0
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"{")))
    ended = command("explain", "-")
    assert (ended.code, "stdin is not JSON" in ended.err) == (2, True)


def test_every_fault_of_the_file_is_told_with_its_place_and_the_near_miss(command: Run) -> None:
    broken = [
        {"type": "finding", "severty": "critical", "score": "5"},
        {"type": "fnding"},
        {"id": "x", "createdAt": "2026-01-01"},
        {"finding": [3]},
    ]
    ended = command("explain", written(broken))
    assert ended.code == 2
    assert [line.strip() for line in ended.err.splitlines()[-6:]] == [
        "compliance-bot: event.json cannot be used:",
        "event.json[0]: no event has severty (did you mean severity?)",
        "event.json[0]: score must be a number",
        "event.json[1]: type is never 'fnding' (did you mean finding?)",
        "event.json[2]: title is not a text",
        'event.json[3][0]: an event is an object such as {"type": "finding", "severity": "critical"}',
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[]", "holds no event"),
        (b"\xff", "is not UTF-8"),
        (b"[" * 100_000, "is not JSON"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_sentence(
    command: Run, content: bytes | None, words: str
) -> None:
    if content is not None:
        Path("event.json").write_bytes(content)
    ended = command("explain", "event.json")
    assert ended.code == 2
    assert words in ended.err
    assert "Traceback" not in ended.err


def test_rules_that_cannot_be_used_are_told_as_validate_tells_them(command: Run) -> None:
    Path("rules.yaml").write_text(
        "routing_rules:\n  x:\n    condition: \"severty == 'x'\"\n    channels: [a]\n"
    )
    ended = command("explain", written(CRITICAL))
    assert ended.code == 2
    assert "rules.yaml:3:16 routing_rules.x.condition: reads severty" in ended.out
    told = json.loads(command("explain", written(CRITICAL), "--json").out)
    assert [problem["line"] for problem in told["problems"]] == [3, 4]


@pytest.mark.parametrize(
    ("when", "until"),
    [
        ("22:30", "T06:00:00.000Z"),
        ("2026-11-24T22:30", "2026-11-25T06:00:00.000Z"),
        ("2026-11-24T21:30:00Z", "2026-11-25T06:00:00.000Z"),
        ("2026-11-24T12:00+01:00", None),
    ],
)
def test_at_another_time_quiet_hours_hold_what_is_not_urgent(
    command: Run, when: str, until: str | None
) -> None:
    Path("rules.yaml").write_text('quiet_hours: {from: "20:00", to: "07:00", timezone: Europe/Zurich}\n')
    ended = command("explain", written({**CRITICAL, "severity": "high"}), "--at", when, "--json")
    (place,) = json.loads(ended.out)["explanations"][0]["destinations"]
    assert place["held_until"] is None if until is None else place["held_until"].endswith(until)


@pytest.mark.parametrize("when", ["tomorrow", "20261124", "22:30+05:00", "2026-13-01T10:00"])
def test_a_time_that_is_none_is_refused_with_how_to_write_it(command: Run, when: str) -> None:
    ended = command("explain", written(CRITICAL), "--at", when)
    assert (ended.code, "2026-11-24T22:30" in ended.err) == (2, True)


def test_without_a_daemon_the_names_are_those_it_knew_last(command: Run, state: Path) -> None:
    async def remember() -> None:
        database = await Database.open(state / DATABASE_FILE)
        known = a_directory(without=("security-alerts",))
        await database.write(lambda tx: directories.remember(tx, known, rules="", now=0.0))
        await database.close()

    with hold(state):
        asyncio.run(remember())
    told = json.loads(command("explain", written(CRITICAL), "--json").out)
    assert told["names"] == "database"
    assert channels(told["explanations"][0]) == ["#compliance-alerts", "#compliance"]
    ended = command("explain", written(CRITICAL))
    assert "as it knew them last" in ended.err


@pytest.mark.usefixtures("state")
def test_a_bot_that_never_read_slack_s_names_leaves_them_all_to_be_imagined(command: Run) -> None:
    told = json.loads(command("explain", written(CRITICAL), "--json").out)
    assert told["names"] == "none"


def test_where_another_process_holds_the_database_the_names_are_imagined(command: Run, state: Path) -> None:
    with hold(state):
        ended = command("explain", written(CRITICAL))
    assert ended.code == 0
    assert "can't be asked for" in ended.err


@given(
    st.binary(max_size=200)
    | st.recursive(_JSON, _nested, max_leaves=8).map(lambda one: json.dumps(one).encode())
)
@settings(deadline=None)
def test_whatever_the_file_holds_it_is_read_or_refused_in_words(content: bytes) -> None:
    text = content.decode("utf-8", "replace")
    with contextlib.suppress(UserMistake):
        assert read_subjects(text, "event.json", categories={}, now=0.0)

"""The demo's rules panel: what the supervisor makes of a text, and what it never touches."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from compliance_bot.cli.demonstration.place import Place, furnish
from compliance_bot.cli.demonstration.rules_desk import SLACK, STUDIO, RulesDesk
from compliance_bot.cli.demonstration.sample_events import SAMPLES
from compliance_bot.cli.event_file import read_subjects
from compliance_bot.config.places import packaged_place
from compliance_bot.control import ControlServer
from compliance_bot.model.slack import Channel, Directory, UserGroup
from compliance_bot.rulebook import compile_rulebook
from compliance_bot.store import directories

Desk = tuple[RulesDesk, "Supervised"]
NOW = 1_795_000_000.0
CHANNELS = ("compliance", "compliance-alerts", "security-alerts")
SECURITY = "category == 'security' AND severity == 'critical'"


class Supervised:
    """What the desk told the world, and how often it had the bot read its rules."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.told: dict[str, Any] = {}
        self.answers: dict[int, Any] = {}
        self.reloads = 0

    async def ask(self, path: str) -> Any:
        """The world's clock, and who is in its Slack and its Studio."""
        nobody = {"people": [], "groups": [], "now": NOW}
        return {"/world/clock": {"now": NOW}, SLACK: nobody, STUDIO: nobody}[path]

    async def tell(self, path: str, word: Mapping[str, Any]) -> None:
        """Take what the world would be told."""
        if path == "/world/bot/answers":
            self.answers[word["number"]] = word["answer"]
        else:
            self.told |= word

    def reload(self) -> None:
        """Count it."""
        self.reloads += 1

    @property
    def text(self) -> str:
        """What the demo's file holds."""
        return self.place.rules.read_text(encoding="utf-8")


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    place = furnish(tmp_path / "demo", speed=1)
    supervised = Supervised(place)
    made = RulesDesk(place=place, ask=supervised.ask, tell=supervised.tell, reload=supervised.reload)
    await made.open(compile_rulebook(place.rules, place.templates)[0])
    return made, supervised


@pytest.fixture
async def bot(desk: Desk) -> AsyncIterator[None]:
    """A bot runs on the state directory, and knows what Slack's names mean."""
    group = UserGroup(id="S1", handle="security-team", name="Security", size=2)
    channels = [Channel(id=f"C{name}", name=name, member=True) for name in CHANNELS]
    known = Directory(
        groups_by_handle={group.handle: group},
        channels_by_id={one.id: one for one in channels},
        channels_by_name={one.name: one for one in channels},
        complete=True,
    )

    async def answer(params: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"directory": directories.packed(known, params["named"])}

    server = ControlServer(state_path=desk[1].place.state, commands={"directory": answer})
    await server.start()
    yield
    await server.stop()


async def asked(desk: Desk, order: str, text: str, event: str = "critical_security") -> Any:
    wanted = next((json.dumps(one.event) for one in SAMPLES if one.name == event), event)
    await desk[0].answer({"order": order, "number": 1, "asked": {"text": text, "event": wanted}})
    return desk[1].answers[1]


async def test_every_problem_comes_with_its_line_and_column(desk: Desk) -> None:
    wrong = desk[1].text.replace(SECURITY, SECURITY.replace("severity", "severty"), 1)
    answer = await asked(desk, "try", wrong.replace('priority: "low"', 'priority: "lowest"'))
    assert [one["path"] for one in answer["problems"]] == [
        "notification_types.report_notifications.priority",
        "routing_rules.security_incidents.condition",
    ]
    lines = wrong.splitlines()
    for one in answer["problems"]:
        assert one["file"] == "rules.yaml"
        assert lines[one["line"] - 1].strip().startswith(one["path"].rpartition(".")[2])
    assert "explanation" not in answer


@pytest.mark.usefixtures("bot")
async def test_the_explanation_says_where_why_and_whom_as_the_running_bot_knows_slack(desk: Desk) -> None:
    told = (await asked(desk, "try", desk[1].text))["explanation"]
    assert [place["channel"] for place in told["destinations"]] == told["before"]
    assert told["before"] == ["#compliance-alerts", "#security-alerts", "#compliance"]
    second = told["destinations"][1]
    assert second["because"][0]["words"] == "named by rule security_incidents"
    assert [(ping["who"], ping["people"]) for ping in second["pings"]] == [("@security-team", 2)]
    assert second["unresolved"] == ["@compliance-team"]
    assert second["blocks"]


async def test_while_no_bot_runs_every_name_is_taken_to_exist(desk: Desk) -> None:
    told = (await asked(desk, "try", desk[1].text))["explanation"]
    assert [place["unresolved"] for place in told["destinations"]] == [[], [], []]


async def test_an_edited_text_is_explained_beside_the_saved_one(desk: Desk) -> None:
    edited = desk[1].text.replace('["#security-alerts", "#compliance"]', '["#general"]')
    told = (await asked(desk, "try", edited))["explanation"]
    assert [place["channel"] for place in told["destinations"]] == ["#compliance-alerts", "#general"]
    assert told["before"] == ["#compliance-alerts", "#security-alerts", "#compliance"]


async def test_what_is_no_event_is_said_and_the_rules_are_judged_all_the_same(desk: Desk) -> None:
    answer = await asked(desk, "try", desk[1].text, event='{"type": "finding"')
    assert answer["problems"] == []
    assert "is not JSON" in answer["no_event"]
    assert (
        "severity is missing" in (await asked(desk, "try", desk[1].text, '{"type": "finding"}'))["no_event"]
    )


async def test_saving_writes_the_demos_copy_and_has_the_bot_read_it(desk: Desk) -> None:
    shipped = packaged_place("rules.yaml").read_bytes()
    edited = f"{desk[1].text}\n# mine\n"
    assert (await asked(desk, "save", edited))["saved"] == desk[1].told["hash"]
    assert desk[1].text == edited
    assert desk[1].reloads == 1
    assert desk[1].told["text"] == edited
    assert packaged_place("rules.yaml").read_bytes() == shipped
    assert [one.name for one in desk[1].place.rules.parent.glob("rules*")] == ["rules.yaml"]


async def test_the_page_suggests_the_commands_of_the_saved_rules(desk: Desk) -> None:
    assert "/compliance" in [one["command"] for one in desk[1].told["commands"]]
    await asked(desk, "save", desk[1].text.replace("  /compliance:", "  /posture:"))
    names = [one["command"] for one in desk[1].told["commands"]]
    assert "/posture" in names
    assert "/compliance" not in names


async def test_a_text_with_a_problem_is_not_saved(desk: Desk) -> None:
    before = desk[1].text
    answer = await asked(desk, "save", before.replace(SECURITY, "severty == 1"))
    assert answer["saved"] is None
    assert answer["problems"]
    assert desk[1].text == before
    assert desk[1].reloads == 0


async def test_the_page_hears_which_rules_are_in_force(desk: Desk) -> None:
    await desk[0].heed({"event": "starting", "rules": desk[1].told["hash"]})
    assert desk[1].told["running"] == {"hash": desk[1].told["hash"], "at": NOW}
    assert desk[1].reloads == 0
    await desk[0].heed({"event": "rules.refused", "in_force": "older"})
    assert desk[1].told["refused"] == {"at": NOW}
    await desk[0].heed({"event": "rules.reloaded", "from": "older", "to": "newer"})
    assert (desk[1].told["running"]["hash"], desk[1].told["refused"]) == ("newer", None)


async def test_a_bot_that_began_with_older_rules_reads_again(desk: Desk) -> None:
    await desk[0].heed({"event": "starting", "rules": "older"})
    assert desk[1].reloads == 1


async def test_a_question_that_fails_is_answered_with_its_fault(desk: Desk) -> None:
    await desk[0].answer({"order": "try", "number": 1, "asked": {}})
    assert desk[1].answers[1] == {"error": "KeyError: 'text'"}


async def test_every_event_on_offer_is_one_that_explain_takes() -> None:
    for sample in SAMPLES:
        assert read_subjects(json.dumps(sample.event), sample.name, categories={}, now=0.0)

"""``why`` says what was recorded when a finding was routed, and how far its messages got."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compliance_bot.insight.why import OutsideProjects, Unknown, why
from compliance_bot.messages.why_card import WhyView, show_why
from compliance_bot.model.delivery import Never
from compliance_bot.model.findings import FindingStatus
from compliance_bot.store.database import Database
from tests.cases.stage import START, Stage, a_critical, a_directory, a_finding, rules_saying


@pytest.fixture
async def stage(tmp_path):
    database = await Database.open(tmp_path / "bot.db")
    yield Stage(database)
    await database.close()


async def asked(stage: Stage, name: str, *, asked_in: str | None = None):
    return await stage.database.read(lambda tx: why(tx, stage.moment(), name, asked_in=asked_in))


def words(view: WhyView) -> str:
    return "\n".join(block["text"]["text"] for block in show_why(view).blocks)


async def test_what_was_told_says_the_rules_the_places_and_who_was_pinged(stage: Stage) -> None:
    await stage.observe(a_critical())
    await stage.deliver()
    view = await asked(stage, "f-1")
    assert isinstance(view, WhyView)
    assert (view.ref, view.title, view.untold) == ("CB-0001", "Finding f-1", None)
    assert [place.state for place in view.places] == ["shown"] * 3
    assert view.places[0].pinged == ("@compliance-team", "@manager")
    said = words(view)
    assert "notification type critical_alerts, by the kind of event" in said
    assert "rule security_incidents matched" in said
    assert "Rules that did not match: compliance_deadlines, report_ready" in said
    assert "• #security-alerts: shown" in said
    assert "https://acme.slack.com/archives/CCOMPLIANCE-ALERTS/p" in said
    assert "<!subteam" not in said


@pytest.mark.parametrize(
    "name", ["CB-0001", "cb-0001", "CB-1", "cb0001", "1", "CB-OOO1", "<https://s.example/findings/f-1|f-1>"]
)
async def test_a_reference_is_understood_however_it_is_spelled(stage: Stage, name: str) -> None:
    await stage.observe(a_critical())
    view = await asked(stage, name)
    assert isinstance(view, WhyView)
    assert view.ref == "CB-0001"


async def test_what_nobody_knows_gets_the_near_miss(stage: Stage) -> None:
    assert await asked(stage, "CB-0009") == Unknown(asked="CB-0009", near=None)
    await stage.observe(a_critical("e0000000-0000-4000-8000-000000000001"))
    assert await asked(stage, "CB-0009") == Unknown(asked="CB-0009", near="CB-0001")
    near = await asked(stage, "e0000000")
    assert isinstance(near, Unknown)
    assert near.near == "e0000000-0000-4000-8000-000000000001"
    assert await asked(stage, "nonsense") == Unknown(asked="nonsense", near=None)


async def test_what_waits_is_said_with_what_it_waits_for(stage: Stage) -> None:
    await stage.observe(a_critical())
    assert {place.state for place in (await asked(stage, "f-1")).places} == {"waits"}
    assert "waits for its turn" in words(await asked(stage, "f-1"))


async def test_what_quiet_hours_hold_says_until_when(stage: Stage) -> None:
    stage.rulebook = rules_saying('quiet_hours: {from: "15:00", to: "19:00"}')
    await stage.observe(a_finding())
    await stage.deliver()
    (place,) = (await asked(stage, "f-1")).places
    assert (place.state, place.at) == ("held", START + 3 * 3600)
    assert "held by quiet hours until <!date^" in words(await asked(stage, "f-1"))


async def test_what_is_a_line_of_a_digest_says_which_and_where_it_stands(stage: Stage) -> None:
    stage.rulebook = rules_saying("grouping: {threshold: 2}")
    await stage.observe(*(a_finding(f"f-{number}") for number in range(9)))
    await stage.deliver()
    (place,) = (await asked(stage, "f-8")).places
    assert (place.state, place.digest) == ("listed", "D-1")
    said = words(await asked(stage, "f-8"))
    assert "a line of digest D-1 <!date^" in said
    assert "|the message>" in said


async def test_what_slack_refused_for_good_says_slack_s_word(stage: Stage) -> None:
    await stage.observe(a_critical())
    for effect in await stage.claim():
        refused = effect.pace_key == "CSECURITY-ALERTS"
        await stage.finish(effect, Never(reason="is_archived") if refused else None)
    states = {place.channel: place for place in (await asked(stage, "f-1")).places}
    assert (states["security-alerts"].state, states["security-alerts"].reason) == ("dead", "is_archived")
    assert "#security-alerts: not delivered: is" in words(await asked(stage, "f-1"))


@pytest.mark.parametrize(
    ("rules", "finding", "words_of"),
    [
        ("{}", a_critical(status=FindingStatus.RESOLVED), "called it closed"),
        ("{}", a_critical(created_at=0.0), "before my first complete reading"),
        ("alert_configuration: {critical_issues: {enabled: false}}", a_critical(), "switched off"),
    ],
)
async def test_what_was_not_told_says_why(stage: Stage, rules: str, finding, words_of: str) -> None:
    stage.rulebook = rules_saying(rules)
    await stage.observe(finding)
    view = await asked(stage, "f-1")
    assert view.places == ()
    assert view.ref == "f-1"
    assert words_of in words(view)


async def test_of_a_project_that_is_not_listed_nothing_is_said(stage: Stage) -> None:
    stage.rulebook = rules_saying("studio: {projects: [p-1]}")
    await stage.observe(a_critical(project_id="p-2"))
    assert isinstance(await asked(stage, "f-1"), OutsideProjects)


async def test_a_confidential_title_is_told_only_where_its_readers_may_see_it(stage: Stage) -> None:
    stage.rulebook = rules_saying(
        "sensitivity: {rules: [{condition: \"title =~~ 'Finding'\", class: confidential}]}"
    )
    known = a_directory()
    alerts = replace(known.channels_by_name["compliance-alerts"], private=True)
    stage.directory = replace(
        known,
        channels_by_name={**known.channels_by_name, "compliance-alerts": alerts},
        channels_by_id={**known.channels_by_id, alerts.id: alerts},
    )
    await stage.observe(a_critical())
    elsewhere = await asked(stage, "f-1", asked_in="CCOMPLIANCE")
    assert (elsewhere.title, elsewhere.places[0].channel) == (None, None)
    assert "a private channel" in words(elsewhere)
    inside = await asked(stage, "f-1", asked_in=alerts.id)
    assert (inside.title, inside.places[0].channel) == ("Finding f-1", "compliance-alerts")
    alone = await asked(stage, "f-1", asked_in="D0ANYBODY")
    assert (alone.title, alone.places[0].channel) == (None, None), "a conversation where it does not stand"


async def test_a_channel_that_slack_shows_no_more_is_not_named(stage: Stage) -> None:
    await stage.observe(a_critical())
    await stage.deliver()
    stage.directory = a_directory(without=("compliance-alerts",))
    view = await asked(stage, "f-1")
    assert (view.places[0].channel, view.places[0].permalink) == (None, None)
    assert view.places[1].channel == "security-alerts"

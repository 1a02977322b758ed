"""``explain`` and ``run`` agree: the same channels, the same pings, the same words, of the same events."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from bot_process import FAST, POLL, within
from journey_steps import stored

from compliance_bot.cases.projects import PROJECTS_LINE
from compliance_bot.jobs.project_poll import PROJECTS_EVERY

REFERENCE = re.compile(r"CB-[0-9A-Z]{4,}")

RULES = {
    **FAST,
    "grouping": {"enabled": False},
    "notification_types": {
        "silent_anomalies": {"channel": "#compliance", "match": "finding_category == 'anomaly'"},
        "partner_news": {
            "channel": "#partners",
            "match": "title =~~ 'partner'",
            "mentions": ["@here", "bob@example.com", "@nobody-at-all"],
            "template": "compliance_update",
        },
    },
    "alert_configuration": {"silent_anomalies": {"enabled": False}},
    "routing_rules": {
        "alone": {
            "condition": "title =~~ 'replace'",
            "channels": ["#security-alerts"],
            "replace": True,
            "stop": True,
            "mentions": ["@bob"],
        },
        "security_incidents": {
            "condition": "category == 'security' AND severity == 'critical'",
            "channels": ["#security-alerts", "#compliance"],
            "mentions": ["@security-team", "@compliance-team"],
        },
        "teams": {"condition": "frameworks.length > 0", "channels": ["#team-{{ framework }}"]},
        "lost": {"condition": "resource == 'lost'", "channels": ["#nowhere-at-all", "#compliance-reports"]},
        "also_here": {"condition": "severity == 'high'", "channels": ["#compliance"], "mentions": ["@carol"]},
    },
    "sensitivity": {"rules": [{"condition": "title =~~ 'patient'", "class": "confidential"}]},
    "studio": {**FAST["studio"], "links": {"finding": "/findings/{id}"}},
}

SHAPES = {
    "a critical security finding": {"severity": "critical", "category": "data_leak"},
    "a critical compliance finding": {"severity": "critical", "category": "policy_violation"},
    "high compliance, named twice": {"severity": "high", "category": "compliance_gap"},
    "for a team of its own": {"severity": "low", "category": "other", "frameworks": ["HIPAA", "SOC 2"]},
    "for a team without a channel": {"severity": "low", "category": "other", "frameworks": ["No Such"]},
    "for a channel that is not there": {
        "severity": "medium",
        "category": "other",
        "affectedResource": "lost",
    },
    "of a kind that is switched off": {"severity": "high", "category": "anomaly"},
    "one that must replace the others": {"severity": "critical", "category": "malware"},
    "a patient in public channels": {"severity": "high", "category": "data_leak"},
    "partner matter where guests read": {"severity": "medium", "category": "misconfiguration"},
    "taken up in Studio already": {
        "severity": "critical",
        "category": "data_leak",
        "status": "investigating",
    },
    "closed in Studio already": {"severity": "critical", "category": "data_leak", "status": "resolved"},
    "hostile <!channel> *words* & <https://x.example|here>": {
        "severity": "medium",
        "category": "other",
        "description": "@here <@U0BOB0001> ```x",
        "recommendation": "a\nb",
    },
}


@pytest.fixture
def shaped(world):
    """The channels that the shapes need, one of them read by a guest."""
    world.slack.add_channel("team-hipaa")
    guest = world.slack.add_person("gina", guest="multi")
    world.slack.add_channel("partners", members=[guest.id, world.slack.settings.bot_user])


def everything_sent(world, bot):
    """Every finding's messages as they left: its id → channel → text and blocks. All stand in Slack."""
    rows = stored(
        bot,
        "SELECT o.studio_id, p.channel_id, p.ts, e.payload FROM post p JOIN 'case' c ON c.id = p.case_id "
        "JOIN object o ON o.id = c.object_id JOIN effect e ON e.intent ->> 'post' = p.id "
        "WHERE e.kind = 'post' ORDER BY p.id",
    )
    sent = {}
    for row in rows:
        assert world.slack.message(row["channel_id"], row["ts"])
        arguments = json.loads(row["payload"])["arguments"]
        sent.setdefault(row["studio_id"], {})[row["channel_id"]] = words_of(arguments)
    return sent


def explained(document):
    """The same of an explanation."""
    return {
        one["id"]: {place["channel_id"]: words_of(place) for place in one["destinations"]}
        for one in document["explanations"]
        if one["told"]
    }


def words_of(message):
    """Text and blocks, without the reference, which only the case itself has."""
    words = {"text": message["text"], "blocks": list(message.get("blocks", ()))}
    return json.loads(REFERENCE.sub("CB-X", json.dumps(words)))


async def explain(bot, rows, *options):
    """What the command says of these rows while the daemon runs."""
    (bot.home / "events.json").write_text(json.dumps(rows))
    code, out, err = await bot.command("explain", "events.json", "--json", *options)
    assert code == 0, err
    return json.loads(out)


@pytest.mark.usefixtures("shaped")
@pytest.mark.parametrize("ping_once", [False, True])
async def test_what_is_explained_is_what_is_then_done(world, bot, ping_once):
    bot.rules = {**RULES, "delivery": {**FAST["delivery"], "ping_once": ping_once}}
    await bot.start()
    added = {world.studio.add_finding(title=title, **fields): title for title, fields in SHAPES.items()}
    rows = [world.studio.finding(one) for one in added]
    await bot.settled()
    document = await explain(bot, rows)
    assert document["names"] == "daemon"
    promised, done = explained(document), everything_sent(world, bot)
    for finding_id, title in added.items():
        assert promised.get(finding_id) == done.get(finding_id), title
    untold = {added[one["id"]]: one["untold"] for one in document["explanations"] if not one["told"]}
    assert untold == {
        "of a kind that is switched off": "type.disabled",
        "closed in Studio already": "status.closed",
    }
    assert len(done) == len(SHAPES) - 2


@pytest.mark.usefixtures("shaped")
async def test_the_shapes_show_what_they_are_meant_to_show(world, bot):
    bot.rules = RULES
    await bot.start()
    rows = [{**EMPTY_ROW, "id": title, "title": title, **fields} for title, fields in SHAPES.items()]
    told = {one["title"]: one for one in (await explain(bot, rows))["explanations"]}
    assert where(told["a critical security finding"]) == [
        "#compliance-alerts",
        "#security-alerts",
        "#compliance",
    ]
    assert where(told["for a team of its own"]) == ["#compliance", "#team-hipaa"]
    assert where(told["for a team without a channel"]) == ["#compliance"]
    assert where(told["one that must replace the others"]) == ["#security-alerts"]
    assert {place["shown"] for place in told["a patient in public channels"]["destinations"]} == {"withheld"}
    (partners,) = told["partner matter where guests read"]["destinations"]
    assert (partners["shown"], partners["ceiling_because"]) == ("withheld", "ceiling.guests")
    assert [ping["who"] for ping in partners["pings"]] == ["@here", "@bob"]
    assert partners["unresolved"] == ["@nobody-at-all"]
    groups = told["a critical security finding"]["destinations"][0]["pings"]
    sizes = {group.handle: len(group.members) for group in world.slack.workspace.groups.values()}
    assert {ping["who"]: ping["people"] for ping in groups} == {
        "@compliance-team": sizes["compliance-team"],
        "@manager": 1,
    }


EMPTY_ROW = {"createdAt": "2026-11-24T09:00:00.000Z", "status": "open", "type": "t", "description": ""}


def where(explanation):
    return [place["channel"] for place in explanation["destinations"]]


async def test_what_quiet_hours_hold_is_explained_with_its_end(world, bot):
    now = datetime.fromtimestamp(world.clock.now(), UTC)
    begin, end = (f"{now + timedelta(hours=hours):%H:%M}" for hours in (-2, 3))
    bot.rules = {**FAST, "quiet_hours": {"from": begin, "to": end}}
    await bot.start()
    title = "Not urgent"
    finding_id = world.studio.add_finding(title=title, severity="high", category="other", status="open")
    await within(bot.logged("outbox.quiet_hours.held"))
    told = await explain(bot, world.studio.finding(finding_id))
    (place,) = told["explanations"][0]["destinations"]
    (held,) = stored(bot, "SELECT not_before FROM effect WHERE kind = 'post'")
    assert datetime.fromisoformat(place["held_until"]).timestamp() == held["not_before"]
    urgent = await explain(bot, {**world.studio.finding(finding_id), "severity": "critical"})
    assert [one["held_until"] for one in urgent["explanations"][0]["destinations"]] == [None]


async def projects_are_known(bot):
    """Return once the first complete list of projects is recorded: what differs from now on is told."""
    news = bot._news
    while not any(one.get("line") == PROJECTS_LINE for one in bot.log_events()):
        await news.wait()
        news = bot._news


async def test_a_project_s_news_goes_where_explain_sends_its_event(world, bot):
    bot.rules = {**FAST, "studio": {**FAST["studio"], "links": {"project": "/projects/{id}"}}}
    project = world.studio.add_project(
        name="SOC 2 2027", framework="SOC 2", status="review_pending", progress=40
    )
    await bot.start()
    await within(projects_are_known(bot))
    world.studio.change_project(project, status="approved")
    while not world.slack.messages("compliance-reports"):
        await world.clock.jump(PROJECTS_EVERY)
        await within(world.studio.next_call(POLL))
    await bot.settled()
    (event,) = stored(bot, "SELECT type, change, attributes FROM event WHERE type = 'report'")
    told = await explain(bot, {**json.loads(event["attributes"]), "change": event["change"], "id": project})
    sent = stored(bot, "SELECT pace_key, payload FROM effect WHERE kind = 'announcement' ORDER BY id")
    places = told["explanations"][0]["destinations"]
    assert {place["channel_id"] for place in places} == {row["pace_key"] for row in sent}
    ((place, row),) = zip(places, sent, strict=True)
    shown = json.dumps(json.loads(row["payload"])["arguments"])
    assert [ping["markup"] in shown for ping in place["pings"]] == [True, True]


async def test_without_the_daemon_the_same_is_explained_from_the_names_it_knew(world, bot):
    bot.rules = {**RULES, "routing_rules": {}}
    await bot.start()
    row = {**EMPTY_ROW, "id": "f-1", "title": "T", "severity": "critical", "category": "other"}
    running = await explain(bot, row)
    await bot.stop()
    alone = await explain(bot, row)
    assert (running["names"], alone["names"]) == ("daemon", "database")
    assert alone["explanations"] == running["explanations"]

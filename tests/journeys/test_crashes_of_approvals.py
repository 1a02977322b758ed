"""Killed anywhere while two managers approve, Studio away in the middle: approved once, true everywhere."""

import signal

from journeys.crash_matrix import killed_at_each_point
from journeys.filling_in import button, filled_in

from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.studio.fixture import AUDITOR, SECOND_AUDITOR

AUDIT, CHANNEL, BOB, ERIN = "SOC 2 for the shop", "compliance", "bob", "U0ERIN0001"
RULES = {
    "studio": {"poll_interval": "1s", "full_walk_interval": "1h", "quota_per_hour": 0, "first_run": "all"},
    "delivery": {"per_channel": 0, "reconcile_after": "1s", "welcome": False},
    "people": {"roles": {"manager": ["bob@example.com", "erin@example.com"]}},
    "approvals": {"needed": 2},
}
CHOSEN = {"approve_auditor": AUDITOR, "approve_reviewer": SECOND_AUDITOR, "approve_due": "2030-01-01"}


def prepare(world):
    world.slack.add_person("erin", "Erin Engineer", id=ERIN)
    return world.studio.add_project(name=AUDIT, status="pending", auditorId=None, reviewerAuditorId=None)


def asking(slack):
    return [one for one in slack.messages(CHANNEL) if "approval_reference" in str(one.blocks)]


def asking_alone(slack, person):
    return [one for one in slack.direct(person) if "approval_reference" in str(one.blocks)]


async def the_story(world, bot, project_id):
    """Bob approves, Studio goes away, Erin approves, Studio comes back."""
    slack, studio = world.slack, world.studio
    await slack.until(lambda: asking(slack) and asking_alone(slack, BOB) and asking_alone(slack, ERIN))
    first = button(slack, BOB, CHANNEL, lambda: asking(slack)[0], "open_approve_form")
    await filled_in(slack, BOB, first, "approve_auditor", CHOSEN)
    await slack.until(lambda: "Bob Builder" in str(asking(slack)[0].blocks))
    second = button(slack, ERIN, CHANNEL, lambda: asking(slack)[0], "open_approve_form")
    away = studio.faults.lay(Fault(call="PUT /api/manager/projects/{id}/approve", drop="after"))
    await filled_in(slack, ERIN, second, "approve_auditor", CHOSEN)
    while studio.records.projects[project_id]["status"] == "pending":
        await studio.next_call("PUT /api/manager/projects/{id}/approve")
    studio.faults.lift(away)
    await slack.until(lambda: all("confirmed by Studio" in one for one in copies(slack)))


def copies(slack):
    alone = [one for person in (BOB, ERIN) for one in asking_alone(slack, person)]
    return [str(one.blocks) for one in (*asking(slack), *alone)]


def assert_right(ended):
    slack, row = ended.world.slack, ended.world.studio.records.projects[ended.staged]
    assert (row["status"], row["auditorId"], row["reviewerAuditorId"]) == (
        "in_progress",
        AUDITOR,
        SECOND_AUDITOR,
    )
    assert len(asking(slack)) == len(asking_alone(slack, BOB)) == len(asking_alone(slack, ERIN)) == 1
    assert not any("open_approve_form" in one for one in copies(slack)), "stale buttons"
    assert ended.code == (-signal.SIGKILL if ended.killed_while_stopping else 0)
    assert ended.verdict[0] == 0, ended.verdict


async def test_killed_at_each_point_what_two_approve_is_approved_once(tmp_path, record_property):
    await killed_at_each_point(
        tmp_path,
        record_property,
        one_in=50,
        assert_right=assert_right,
        rules=RULES,
        prepare=prepare,
        story=the_story,
    )

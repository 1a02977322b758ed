"""Approvals through the real process: told, decided by those who may, written once, true on every copy."""

import json

import pytest
from bot_process import within
from journey_steps import stored, whispers

from compliance_bot.sandbox.faults import Fault
from compliance_bot.sandbox.studio.fixture import AUDITOR, CUSTOMER, SECOND_AUDITOR

AUDIT, CHANNEL = "SOC 2 for the shop", "compliance"
APPROVE_CALL = "PUT /api/manager/projects/{id}/approve"
ALERTS = "GET /api/manager/alerts"
DAY = 86_400.0
PEOPLE = {
    "aliases": {"alice@example.com": "customer@rig.test"},
    "roles": {"manager": ["bob@example.com", "erin@example.com", "customer@rig.test"]},
}


@pytest.fixture
def bot(world, bot):
    """A bot whose managers are Bob, Erin, and Alice, who is also the customer that asks."""
    world.slack.add_person("erin", "Erin Engineer", id="U0ERIN0001")
    bot.rules = {**bot.rules, "people": PEOPLE}
    return bot


def a_pending_project(world, name=AUDIT):
    """Somebody asks for an audit; its id."""
    return world.studio.add_project(name=name, status="pending", auditorId=None, reviewerAuditorId=None)


def asking(world, channel=CHANNEL, name=AUDIT):
    """The messages of a channel that ask for the approval."""
    return [one for one in world.slack.messages(channel) if name in str(one.blocks)]


def asking_alone(world, person, name=AUDIT):
    """The same, before one person."""
    return [one for one in world.slack.direct(person) if _asks(one, name)]


def _asks(message, name):
    """Whether a message is a copy of the request."""
    return name in str(message.blocks) and "approval_reference" in str(message.blocks)


def copies(world, *people):
    """Every copy, as one text each."""
    alone = [one for person in people for one in asking_alone(world, person)]
    return [str(one.blocks) for one in (*asking(world), *alone)]


async def told(world, until, *people):
    """Wait until it is asked in the channel and before these people; the channel's message."""
    await until(lambda: asking(world) and all(asking_alone(world, person) for person in people))
    return asking(world)[0]


async def form(world, until, person, message, action, channel=CHANNEL):
    """Press a button that opens a form, and wait until its fields are there (or why not)."""
    click = await world.slack.click(person, channel, message.ts, action)
    assert await within(click.acked) is not None
    await until(
        lambda: world.slack.views(person) and "One moment" not in str(world.slack.views(person)[-1].sent)
    )
    return world.slack.views(person)[-1]


async def send_off(world, person, view, values):
    """Fill a form in and send it off; what the ack holds."""
    sent = await world.slack.submit_view(person, view.id, values)
    ack = await within(sent.acked)
    assert ack is not None
    return ack.payload


def chosen(auditor=AUDITOR, reviewer=SECOND_AUDITOR, due="2030-01-01"):
    """The approve form filled in."""
    return {"approve_auditor": auditor, "approve_reviewer": reviewer, "approve_due": due}


async def next_alerts(world):
    """Move time on until the alerts were read once more."""
    asked = world.studio.next_call(ALERTS)
    while not asked.done():
        await world.clock.jump(60.0)
        await within(world.studio.next_call("GET /api/findings"))


def project(world, project_id):
    """The project's row in Studio."""
    return world.studio.records.projects[project_id]


def kinds(bot):
    """The chain's entries about approvals and decisions."""
    rows = stored(bot, "SELECT body FROM audit ORDER BY seq")
    found = [json.loads(row["body"])["kind"] for row in rows]
    return [kind for kind in found if kind.startswith(("approval.", "decision.", "refusal."))]


async def test_a_project_is_approved_in_two_taps_by_who_may_and_every_copy_says_so(world, bot, until):
    """What waited before the first start is told too: it is an obligation."""
    audit = a_pending_project(world)
    await bot.start()
    message = await told(world, until, "bob", "erin")
    assert asking_alone(world, "alice") == [], "who asked is not asked"
    for fact in ("SOC 2", "customer@rig.test", "see Studio", "Bob Builder"):
        assert fact in str(message.blocks)

    refused = await form(world, until, "alice", message, "open_approve_form")
    assert "You asked for" in str(refused.sent)
    await world.slack.close_view("alice", refused.id)

    view = await form(world, until, "bob", message, "open_approve_form")
    assert "Aud Itor (no project)" in str(view.sent)
    again = await send_off(world, "bob", view, chosen(reviewer=AUDITOR, due="2020-01-01"))
    assert again["response_action"] == "errors"
    assert set(again["errors"]) == {"approve_reviewer", "approve_due"}
    assert await send_off(world, "bob", view, chosen()) in (None, "", {})
    await until(lambda: all("confirmed by Studio" in one for one in copies(world, "bob", "erin")))
    row = project(world, audit)
    assert (row["status"], row["auditorId"], row["reviewerAuditorId"], row["dueDate"]) == (
        "in_progress",
        AUDITOR,
        SECOND_AUDITOR,
        "2030-01-01T00:00:00.000Z",
    )
    assert not any("open_approve_form" in one for one in copies(world, "bob", "erin"))

    late = await form(world, until, "erin", message, "open_reject_form")
    assert "Approved by" in str(late.sent)
    await next_alerts(world)
    assert len(world.studio.calls_of(APPROVE_CALL)) == 1
    assert len(asking(world)) == 1
    assert await bot.stop() == 0
    assert kinds(bot) == ["approval.asked", "refusal.approve", "decision.approve", "approval.decided"]
    code, out, err = await bot.command("audit", "verify")
    assert code == 0, out + err


async def test_a_rejection_needs_a_reason_and_hands_it_on_and_a_delegate_may_decide(world, bot, until):
    audit = a_pending_project(world)
    await bot.start()
    message = await told(world, until, "bob", "erin")
    view = await form(world, until, "bob", message, "open_delegate_form")
    assert "Alice" not in str(view.sent["blocks"][-1]), "who asked is not offered"
    await send_off(world, "bob", view, {"delegate_to": "U0ERIN0001"})
    await until(lambda: any("hands you the decision" in one.text for one in world.slack.direct("erin")))
    await until(lambda: "handed this to" in str(asking(world)[0].blocks))

    (mine,) = asking_alone(world, "erin")
    place = world.slack.workspace.direct_message("U0ERIN0001").id
    view = await form(world, until, "erin", mine, "open_reject_form", channel=place)
    blank = await send_off(world, "erin", view, {"reject_reason": "   "})
    assert list(blank["errors"]) == ["reject_reason"]
    await send_off(world, "erin", view, {"reject_reason": "Scope is unclear"})
    await until(lambda: all("Rejected by" in one for one in copies(world, "bob", "erin")))
    await until(lambda: any("Scope is unclear" in one.text for one in world.slack.direct("alice")))
    row = project(world, audit)
    assert row["status"] == "rejected"
    assert row["rejectionReason"].startswith("Scope is unclear (by erin from Slack")
    assert await bot.stop() == 0
    (vote,) = stored(bot, "SELECT * FROM vote WHERE verdict = 'reject'")
    assert vote["reason"] == "Scope is unclear"
    assert kinds(bot) == ["approval.asked", "decision.delegate", "decision.reject", "approval.decided"]


async def test_an_answer_that_studio_never_gave_is_found_and_a_second_manager_is_told(world, bot, until):
    audit = a_pending_project(world)
    await bot.start()
    message = await told(world, until, "bob", "erin")
    first = await form(world, until, "bob", message, "open_approve_form")
    second = await form(world, until, "erin", message, "open_approve_form")
    lost = world.studio.faults.lay(Fault(call=APPROVE_CALL, drop="after", times=1))
    await send_off(world, "bob", first, chosen())
    await within(lost.reached.wait())
    await send_off(world, "erin", second, chosen(AUDITOR, SECOND_AUDITOR))
    await until(
        lambda: any(
            "was first" in one or "decided already" in one for one in whispers(world, "erin", CHANNEL)
        )
    )
    await until(lambda: all("confirmed by Studio" in one for one in copies(world, "bob", "erin")))
    assert project(world, audit)["status"] == "in_progress"
    assert len(world.studio.calls_of(APPROVE_CALL)) == 1
    assert await bot.stop() == 0
    assert len(stored(bot, "SELECT * FROM vote")) == 1


async def test_what_is_decided_or_deleted_or_changed_in_studio_is_the_truth_on_every_copy(world, bot, until):
    decided, deleted, changed = (a_pending_project(world, name) for name in ("One", "Two", "Three"))
    await bot.start()
    await until(lambda: all(asking(world, name=name) for name in ("One", "Two", "Three")))
    (three,) = asking(world, name="Three")
    view = await form(world, until, "bob", three, "open_approve_form")
    world.studio.change_project(
        decided, status="in_progress", auditorId=SECOND_AUDITOR, reviewerAuditorId=AUDITOR
    )
    del world.studio.records.projects[deleted]
    world.studio.change_project(changed, dueDate="2031-05-05T00:00:00.000Z")
    await send_off(world, "bob", view, chosen())
    await until(lambda: any("was changed in Studio" in one for one in whispers(world, "bob", CHANNEL)))
    await until(lambda: "2031-05-05" in str(asking(world, name="Three")[0].blocks))
    assert project(world, changed)["status"] == "pending"
    await next_alerts(world)
    await until(lambda: "Decided in Studio, not here" in str(asking(world, name="One")[0].blocks))
    await until(lambda: "Deleted in Studio" in str(asking(world, name="Two")[0].blocks))
    view = await form(world, until, "bob", three, "open_approve_form")
    await send_off(world, "bob", view, chosen())
    await until(lambda: "confirmed by Studio" in str(asking(world, name="Three")[0].blocks))
    assert world.studio.calls_of(APPROVE_CALL)[-1].path.count(changed) == 1


async def test_a_click_while_studio_is_away_waits_and_is_gone_after_its_time(world, bot, until):
    audit = a_pending_project(world)
    bot.rules = {**bot.rules, "approvals": {"expires": "5m"}}
    await bot.start()
    message = await told(world, until, "bob")
    view = await form(world, until, "bob", message, "open_approve_form")
    world.studio.away(None)
    await send_off(world, "bob", view, chosen())
    await until(lambda: len(whispers(world, "bob", CHANNEL)) == 1)
    for _ in range(4):
        await world.clock.jump(80.0)
    await until(lambda: len(whispers(world, "bob", CHANNEL)) == 2)
    world.studio.back()
    await within(bot.ready())
    assert project(world, audit)["status"] == "pending"
    assert "open_approve_form" in str(asking(world)[0].blocks)
    assert await bot.stop() == 0
    assert stored(bot, "SELECT * FROM vote") == []


async def test_a_report_and_a_request_are_decided_with_one_press_each(world, bot, until):
    """Only where Studio takes it from our account: it reviews this report, and it sent this request."""
    report = world.studio.add_project(
        name="Ours", status="review_pending", auditorId=SECOND_AUDITOR, reviewerAuditorId=AUDITOR
    )
    world.studio.add_project(name="Theirs", status="review_pending")
    request = an_open_request(world, "Upload proof")
    await bot.start()
    await until(lambda: asking(world, name="Ours") and asking(world, name="Upload proof"))
    assert asking(world, name="Theirs") == []

    async def press(name, action):
        (message,) = asking(world, name=name)
        assert await within((await world.slack.click("bob", CHANNEL, message.ts, action)).acked) is not None

    await press("Ours", "return_report")
    await until(lambda: "flags or reviewer notes" in str(asking(world, name="Ours")[0].blocks))
    await press("Ours", "approve_report")
    await press("Upload proof", "complete_request")
    for name in ("Ours", "Upload proof"):
        await until(lambda name=name: "confirmed by Studio" in str(asking(world, name=name)[0].blocks))
    assert project(world, report)["status"] == "approved"
    assert world.studio.records.requests[request]["status"] == "Completed"
    assert await bot.stop() == 0
    verdicts = [row["verdict"] for row in stored(bot, "SELECT verdict FROM vote ORDER BY id")]
    assert sorted(verdicts) == ["approve", "complete", "return"]


def an_open_request(world, title):
    """Our auditor asked a customer for something; its id."""
    now = "2026-11-24T00:00:00.000Z"
    row = {
        "id": "f0000000-0000-4000-8000-000000000001",
        "auditorId": AUDITOR,
        "customerId": CUSTOMER,
        "projectId": None,
        "title": title,
        "description": "Screenshot",
        "dueDate": None,
        "status": "Pending",
        "createdAt": now,
        "updatedAt": now,
        "controlId": None,
    }
    world.studio.records.requests[row["id"]] = row
    return row["id"]

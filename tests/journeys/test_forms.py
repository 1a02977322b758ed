"""People decide in modals, through the real process: all that a case offers, and all that goes wrong."""

import asyncio

from bot_process import within
from journey_steps import (
    ALERTS,
    CHANNELS,
    a_critical_is_shown,
    commented,
    press,
    says,
    stored,
    thread_of,
    whispers,
)

from tests.journeys.filling_in import button, filled_in, menu, opened, sent_off
from tests.journeys.steps import until_studio

TITLE = "Public bucket"
BOB, MONA = "bob", "manager"
ROLES = {"people": {"roles": {"manager": ["manager@example.com", "alice@example.com"]}}}
CLOSE, FIX, UNDO = "open_close_form", "open_fix_form", "undo_decision"


def message(world):
    """The message of the case, as it stands."""
    return world.slack.messages(ALERTS)[0]


def shown(view):
    """Everything that a modal shows."""
    return str(view.sent["blocks"])


async def stands(world, until, words):
    """Every copy says it by now."""
    await until(lambda: all(says(world, name, TITLE, words) for name in CHANNELS))


async def pressed(world, who, action, value=None):
    """Somebody presses a button of the message."""
    click = await world.slack.click(who, ALERTS, message(world).ts, action, value)
    assert await within(click.acked) is not None


async def told(world, until, who, words):
    """Somebody is told something that nobody else sees."""
    await until(lambda: any(words in one for one in whispers(world, who)))


async def chosen(world, until, who, view, action, value, words):
    """Somebody chooses in a modal, which then says ``words``."""
    click = await world.slack.click_in_view(who, view.id, action, value)
    assert await within(click.acked) is not None
    await until(lambda: words in shown(view))


async def opened_by_menu(world, who, word, field):
    """The modal that a word of the menu opens, filled."""
    return await opened(world.slack, who, menu(world.slack, who, ALERTS, lambda: message(world), word), field)


async def opened_by_button(world, who, action, field):
    """The modal that a button opens, filled."""
    ways = button(world.slack, who, ALERTS, lambda: message(world), action)
    return await opened(world.slack, who, ways, field)


async def is_said_of_it(world, until):
    """Details and why, which anybody may ask."""
    press_details = menu(world.slack, BOB, ALERTS, lambda: message(world), "details")
    view = await opened(world.slack, BOB, press_details, "as_of")
    for words in (TITLE, "customer-exports", "Comments in Studio", "nobody has decided anything yet"):
        assert words in shown(view)
    assert "hunter2" not in shown(view)
    await pressed(world, BOB, "case_menu", f"why {reference(world)}")
    await told(world, until, BOB, reference(world))


def reference(world):
    """The case's reference, as the menu has it."""
    (row,) = [one for one in message(world).blocks if "case_menu" in str(one)]
    return row["elements"][-1]["options"][0]["value"].split()[1]


async def is_given_away_and_spoken_of(world, until, finding_id):
    """Comment and Assign."""
    view = await opened_by_menu(world, BOB, "comment", "words")
    assert (await sent_off(world.slack, BOB, view, {"words": "on it"})).payload is None
    await until(lambda: any("on it" in one for one in thread_of(world)))
    view = await opened_by_menu(world, MONA, "assign", "assign_slack_user")
    await chosen(world, until, MONA, view, "assign_slack_user", "U0BOB0001", "recorded here only")
    await sent_off(world.slack, MONA, view, {})
    await until(lambda: any(TITLE in f"{one.text}{one.blocks}" for one in world.slack.direct(BOB)))
    await commented(world, finding_id)


async def is_promised_snoozed_and_woken(world, until):
    """Acknowledge, Fix by, Snooze, Undo, Wake."""
    await press(world, BOB)
    await stands(world, until, "Acknowledged by")
    view = await opened_by_button(world, BOB, FIX, "fix_end")
    await chosen(world, until, BOB, view, "fix_end", "days_5", "You are reminded the day before")
    await sent_off(world.slack, BOB, view, {})
    await stands(world, until, "to be fixed by")
    view = await opened_by_menu(world, BOB, "snooze", "snooze_end")
    await chosen(world, until, BOB, view, "snooze_end", "other", "snooze_time")
    blank = await sent_off(world.slack, BOB, view, {"reason": "  "})
    assert list(blank.payload["errors"]) == ["reason"]
    await sent_off(world.slack, BOB, view, {"reason": "waits for the vendor"})
    await stands(world, until, "waits for the vendor")
    await pressed(world, BOB, UNDO)
    await stands(world, until, "to be fixed by")
    view = await opened_by_menu(world, BOB, "snooze", "snooze_end")
    await sent_off(world.slack, BOB, view, {"reason": "again"})
    await stands(world, until, "Snoozed until")
    await pressed(world, BOB, "wake_case")
    await stands(world, until, "acknowledge_alert")


def asking(world):
    """The line that asks for a second person."""
    lines = world.slack.thread(ALERTS, message(world).ts)
    return [one for one in lines if "confirm_proposal" in str(one.blocks)]


async def is_closed_by_two(world, until, finding_id):
    """Accept risk on a critical: one proposes, another agrees."""
    view = await opened_by_button(world, MONA, CLOSE, "close_outcome")
    await chosen(world, until, MONA, view, "close_outcome", "accept_risk", "a second person has to confirm")
    await sent_off(world.slack, MONA, view, {"reason": "too costly"})
    await stands(world, until, "a second person is asked")
    await until(lambda: asking(world))
    (asked,) = asking(world)
    click = await world.slack.click("alice", ALERTS, asked.ts, "confirm_proposal")
    assert await within(click.acked) is not None
    await stands(world, until, "Accepted risk until")
    await until_studio(world, lambda: world.studio.finding(finding_id)["status"] == "accepted_risk")


async def test_a_case_is_worked_through_from_its_message_to_its_end(world, bot, until):
    bot.rules = {**bot.rules, **ROLES}
    await bot.start()
    words = {"description": "password=hunter2hunter2 in the log", "affectedResource": "customer-exports"}
    finding_id = await a_critical_is_shown(world, until, TITLE, **words)
    await is_said_of_it(world, until)
    await is_given_away_and_spoken_of(world, until, finding_id)
    await is_promised_snoozed_and_woken(world, until)
    await is_closed_by_two(world, until, finding_id)
    assert await bot.stop() == 0
    done = [row["action"] for row in stored(bot, "SELECT action FROM decision ORDER BY id")]
    assert done == [
        "comment",
        "assign",
        "acknowledge",
        "fix_by",
        "snooze",
        "undo",
        "snooze",
        "wake",
        "accept_risk",
    ]
    code, out, err = await bot.command("audit", "verify")
    assert code == 0, out + err


async def is_refused_in_the_modal(world, until, who, words):
    """Somebody opens the form to close it and reads why they may not."""
    await pressed(world, who, CLOSE)
    person = world.slack.workspace.person(who)
    await until(lambda: any(words in shown(view) for view in world.slack.workspace.stack(person.id)))


async def sent(world, click, **changes):
    """A press as a client of another time, or another workspace, would have sent it."""
    fresh = {"trigger_id": world.slack.workspace.new_trigger(click.payload["user"]["id"])}
    action = {**click.payload["actions"][0], **changes.pop("action", {})}
    payload = {**click.payload, **fresh, "actions": [action], **changes}
    return await world.slack.send_envelope("interactive", payload)


async def is_not_known(world, until):
    """Buttons of a case that nobody knows, of another version's menu, and of another workspace."""
    click = await world.slack.click(MONA, ALERTS, message(world).ts, CLOSE)
    assert await within(click.acked) is not None
    await sent(world, click, action={"value": "CB-ZZZZ"})
    mona = world.slack.workspace.person(MONA).id
    await until(
        lambda: any("I don't know CB-ZZZZ" in shown(one) for one in world.slack.workspace.stack(mona))
    )
    menu_of = {"action_id": "case_menu", "type": "overflow"}
    await sent(world, click, action={**menu_of, "selected_option": {"value": "dance CB-0001"}})
    await told(world, until, MONA, "a message I don't know any more")
    opened_so_far = len(world.slack.calls_of("views.open"))
    elsewhere = {"id": "T0OTHER01", "domain": "elsewhere"}
    await sent(world, click, team=elsewhere, user={"id": "U0ELSEWHR1", "team_id": "T0OTHER01"})
    await sent(world, click, action={**menu_of, "selected_option": {"value": "why CB-0001"}})
    await told(world, until, MONA, "*CB-0001*")
    assert len(world.slack.calls_of("views.open")) == opened_so_far


async def test_what_can_not_be_taken_is_said_where_it_was_done_and_changes_nothing(world, bot, until):
    bot.rules = {**bot.rules, **ROLES}
    await bot.start()
    finding_id = await a_critical_is_shown(world, until)
    for who, words in {"gina": "Guests can't", "U0CAROL001": "Only people of", BOB: "access.resolve"}.items():
        await is_refused_in_the_modal(world, until, who, words)

    await is_not_known(world, until)
    late = world.slack.refuse("views.open", "expired_trigger_id")
    await pressed(world, MONA, CLOSE)
    await told(world, until, MONA, "That took too long for Slack to open the form")
    assert late.met == 1

    await world.clock.jump(310.0)
    doubt = world.slack.refuse("users.info", "internal_error", times=None)
    await is_refused_in_the_modal(world, until, MONA, "Slack can't tell right now")
    world.slack.faults.lift(doubt)

    first, second = [await world.slack.click(BOB, ALERTS, message(world).ts, CLOSE) for _ in range(2)]
    await within(asyncio.gather(first.acked, second.acked))
    before = message(world)
    await filled_in(
        world.slack,
        MONA,
        button(world.slack, MONA, ALERTS, lambda: before, CLOSE),
        "close_outcome",
        {"close_outcome": "false_positive", "reason": "a test bucket"},
    )
    await stands(world, until, "a test bucket")
    await is_refused_in_the_modal(world, until, MONA, "is closed already (false positive)")

    twice = [await world.slack.click(MONA, ALERTS, before.ts, UNDO) for _ in range(2)]
    await within(asyncio.gather(*(one.acked for one in twice)))
    await told(world, until, MONA, "undone already")
    await stands(world, until, "acknowledge_alert")
    await until_studio(world, lambda: world.studio.finding(finding_id)["status"] == "open")
    assert await bot.stop() == 0
    done = [row["action"] for row in stored(bot, "SELECT action FROM decision ORDER BY id")]
    assert done == ["false_positive", "undo"]
    refused = stored(bot, "SELECT body FROM audit WHERE body LIKE '%refusal.resolve%'")
    reasons = ("guest", "stranger", "not_listed", "unknown", "not_listed", "not_listed")
    assert [next(one for one in reasons if f'"{one}"' in row["body"]) for row in refused] == list(reasons)

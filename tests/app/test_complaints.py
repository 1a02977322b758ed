"""Complaints name their cause and their mend, and none is made too early."""

import pytest

from compliance_bot.app.answers import walk_note
from compliance_bot.app.complaints import (
    is_old,
    lost_channels,
    nobody_manages,
    old_poll,
    refused,
    undescribed_channels,
)
from compliance_bot.config.guide_sections import SlackConfig
from compliance_bot.config.schema import Rules
from compliance_bot.model.slack import Channel, Directory
from compliance_bot.studio.walk import WalkProgress

BEGAN = 1_764_000_000.0


@pytest.mark.parametrize(
    ("last", "now", "old"),
    [
        (None, 180.0, False),
        (None, 181.0, True),
        (-600.0, 180.0, False),
        (60.0, 240.0, False),
        (60.0, 241.0, True),
    ],
    ids=["just started", "never came", "before this start", "three intervals", "more than three"],
)
def test_a_poll_is_old_after_three_intervals_but_not_within_the_first_three(last, now, old):
    at = None if last is None else BEGAN + last
    assert is_old(at, began=BEGAN, interval=60.0, now=BEGAN + now) is old


def test_however_short_the_interval_a_poll_with_its_tries_is_not_old():
    assert not is_old(BEGAN, began=BEGAN, interval=0.2, now=BEGAN + 30)


def test_an_old_poll_says_whether_the_quota_is_its_reason():
    told = {"interval": 60.0, "now": BEGAN + 600, "quota": 1000}
    plain = old_poll(BEGAN, **told, spent_until=BEGAN + 500)
    assert plain.startswith("The last complete poll of Studio is 600 s old (one each 60 s is meant): ")
    assert "compliance-bot check" in plain
    spent = old_poll(None, **told, spent_until=BEGAN + 900)
    assert spent.startswith("There was no complete poll of Studio yet: ")
    assert "quota_per_hour: 1000) are spent until 2025-11-24T16:15:00.000Z; raise" in spent


@pytest.mark.parametrize(
    ("name", "by_login", "mend"),
    [
        ("manager", False, "Studio refuses STUDIO_TOKEN_MANAGER: No. Renew it"),
        ("auditor (writing)", False, "Studio refuses STUDIO_TOKEN_AUDITOR: No. Renew it"),
        ("customer", True, "Look at STUDIO_LOGIN_CUSTOMER and STUDIO_PASSWORD_CUSTOMER"),
        ("single", False, "Studio refuses STUDIO_TOKEN: No. Renew it"),
    ],
)
def test_a_refused_account_names_the_setting_to_mend(name, by_login, mend):
    assert mend in refused(name, "No.", by_login=by_login)


def test_a_channel_that_catches_the_rest_and_is_not_there_is_named_with_its_setting():
    named = SlackConfig(default_channel="#compliance", operations_channel="#ops")
    here = Channel(id="C1", name="compliance", member=True)
    closed = Channel(id="C2", name="ops", member=True, archived=True)
    known = Directory(channels_by_name={"compliance": here, "ops": closed})
    (said,) = lost_channels(named, known)
    assert said.startswith("#ops (slack_config.operations_channel) can't be found in Slack or is archived")
    both = SlackConfig(default_channel="#here")
    (once,) = lost_channels(both, Directory())
    assert once.startswith("#here (slack_config.default_channel)")


def test_a_walk_says_how_far_it_is_and_about_when_it_ends():
    walk = WalkProgress(
        number=3, started_at=BEGAN, offset=120_000, total=236_000, seen=120_000, pages=240, tail=("a",)
    )
    spent = [(BEGAN + second, "walk") for second in range(240)]
    by_quota = walk_note(walk, spent, 1000, BEGAN + 1200)
    assert by_quota == (
        "walk 3: 120000 of 236000 findings read; at the present quota the rest takes about 44 min"
    )
    assert walk_note(walk, [], 0, BEGAN + 1200).endswith("takes about 20 min")
    done = WalkProgress(number=3, started_at=BEGAN, total=6, seen=6, pages=1, finished=True)
    assert walk_note(done, [], 1000, BEGAN) == "walk 3: 6 of 6 findings read; the next begins in its turn"


def undescribed(*names, **fields):
    return [Channel(id=f"C{name}", name=name, undescribed=True, **fields) for name in names]


def said_of(*channels):
    return undescribed_channels(Directory(channels_by_id={one.id: one for one in channels}))


def test_channels_that_slack_does_not_describe_are_named_and_many_are_counted():
    (one,) = said_of(*undescribed("a"))
    assert one.startswith("Slack does not say who reads #a, so messages there are references")
    (few,) = said_of(*undescribed("b", "a"))
    assert few.startswith("Slack does not say who reads #a and #b, so messages there are references")
    (many,) = said_of(*undescribed(*"abcdefg"))
    assert "#e and 2 more, so" in many
    assert said_of(Channel(id="C1", name="a")) == said_of(*undescribed("a", archived=True)) == ()


def test_a_private_channel_is_not_named_on_the_health_page():
    (both,) = said_of(*undescribed("a"), *undescribed("merger", "layoffs", private=True))
    assert both.startswith("Slack does not say who reads #a and 2 private channels, so")
    (alone,) = said_of(*undescribed("merger", private=True))
    assert alone.startswith("Slack does not say who reads 1 private channel, so")


def test_while_no_manager_is_listed_what_nobody_may_is_said():
    (said,) = nobody_manages(Rules())
    assert said.startswith("Nobody can approve or reject, nor accept risks: that is for managers")
    assert "people.roles.manager" in said


def test_with_a_manager_listed_nothing_is_said():
    assert nobody_manages(Rules.model_validate({"people": {"roles": {"manager": ["ann@example.com"]}}})) == []

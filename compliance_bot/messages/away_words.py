"""The sentences about who is away; like ``wording``, mrkdwn in which data is inert."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from compliance_bot.messages.wording import Refusal, datum, when_said

Words: TypeAlias = Mapping[str, Any]

USAGE = (
    "Say `away until DAY`, `away until DAY to @PERSON` or `away off`. A day is a date such as `2026-12-01`, "
    "a day of the week, `tomorrow`, or `3d`."
)
_MOST_NAMED = 5
_WHY_NOT: Mapping[str, str] = {
    Refusal.GUEST: "guests can't stand in for anybody",
    Refusal.STRANGER: "only people of this workspace can stand in for anybody",
    Refusal.BOT: "bots can't stand in for anybody",
    Refusal.DEACTIVATED: "that account is deactivated",
    Refusal.UNKNOWN: "Slack can't tell right now who that is; please try again in a minute",
}


def began(day: str, deputy: str | None, *, approves: bool) -> str:
    """Somebody is away from now on. ``day``: when they are back; ``approves``: approvals wait for them."""
    said = f"You are away until {datum(day)}; that day you are back, without saying so."
    if deputy is None:
        alone = " Nobody stands in for you: add `to @PERSON` to name somebody." if approves else ""
        return f"{said}{alone} `away off` ends it sooner."
    return f"{said} {datum(deputy)} stands in for you and is told so. `away off` ends it sooner."


def ended() -> str:
    """Somebody is back."""
    return "Welcome back: you are not away any more, and nobody stands in for you."


def not_away() -> str:
    """Somebody was not away at all."""
    return f"You are not away. {USAGE}"


def stands(until: float, deputy: str | None, reached: str | None, stands_in_for: Sequence[str]) -> str:
    """How it is with somebody. ``reached``: who stands in in the end, where the deputy is away too."""
    said = f"You are away until {when_said(until)}"
    if deputy is None:
        said = f"{said}; nobody stands in for you."
    elif reached is None:
        said = f"{said}; {datum(deputy)} was to stand in for you but is away too, so nobody does."
    elif reached != deputy:
        said = f"{said}; {datum(deputy)} is away too, so {datum(reached)} stands in for you."
    else:
        said = f"{said}; {datum(deputy)} stands in for you."
    return said + stood_in_for(stands_in_for)


def present(stands_in_for: Sequence[str]) -> str:
    """Somebody is not away."""
    return not_away() + stood_in_for(stands_in_for)


def stood_in_for(names: Sequence[str]) -> str:
    """Whom one stands in for, as the end of an answer; nothing where it is nobody."""
    if not names:
        return ""
    left = len(names) - _MOST_NAMED
    said = [datum(name) for name in names[:_MOST_NAMED]] + ([f"{left} more"] if left > 0 else [])
    return f"\nYou stand in for {', '.join(said)}."


def day_unknown(asked: str) -> str:
    """What was said is no day."""
    return f"I can't read {datum(asked)} as a day. {USAGE}" if asked.strip() else f"Until when? {USAGE}"


def day_past(day: str) -> str:
    """The day is not after today."""
    return f"{datum(day)} is not after today, so you would be back already. {USAGE}"


def day_far(day: str) -> str:
    """The day is more than a year ahead."""
    return f"{datum(day)} is more than a year ahead. Please name a day within a year."


def deputy_unknown(asked: str) -> str:
    """Nobody is called so."""
    if not asked.strip():
        return f"To whom? {USAGE}"
    return f"I know nobody called {datum(asked)}. Please pick the person with @, as Slack offers them."


def deputy_is_self() -> str:
    """Somebody named themselves."""
    return "You can't stand in for yourself. Please name somebody else, or leave out `to @PERSON`."


def deputy_refused(name: str, refusal: str) -> str:
    """The person may not do anything here, or not see this."""
    why = _WHY_NOT.get(refusal, "they may not see what this bot knows (access.view in rules.yaml)")
    return f"{datum(name)} can't stand in for you: {why}. Nothing was changed: please name somebody else."


def deputy_may_not_approve(name: str, others: Sequence[str]) -> str:
    """The person lacks the right that approvals need. ``others``: who has it."""
    said = [datum(one) for one in others[:_MOST_NAMED]]
    who = f"These may: {', '.join(said)}." if said else "Nobody else may."
    return (
        f"{datum(name)} may not approve, so can't stand in for you. {who} Nothing was changed: please name "
        "one of them, or leave out `to @PERSON`."
    )


def circle(name: str) -> str:
    """The person is away, and in the end it would come back to whoever asks."""
    return (
        f"{datum(name)} is away, and you stand in for them: it would come back to you. Nothing was changed: "
        "please name somebody else."
    )


def asked_to_stand_in(name: str, until: float) -> str:
    """To the deputy, by direct message."""
    return (
        f"{datum(name)} is away until {when_said(until)} and named you to stand in: what waits for them "
        "stands in your `queue` too, and where they are called you are."
    )


def stands_in_no_more(name: str) -> str:
    """To the deputy, when it ended sooner."""
    return f"{datum(name)} is back: you need not stand in any more."


def on_behalf(absent: str) -> str:
    """To the deputy, before what was told to who is away."""
    return f"For {datum(absent)}, who is away:"


SENTENCES: Mapping[str, Callable[[Words], str]] = {
    "away_began": lambda w: began(w["day"], w["deputy"], approves=w["approves"]),
    "away_ended": lambda _: ended(),
    "away_not": lambda _: not_away(),
    "away_day_unknown": lambda w: day_unknown(w["asked"]),
    "away_day_past": lambda w: day_past(w["day"]),
    "away_day_far": lambda w: day_far(w["day"]),
    "away_deputy_unknown": lambda w: deputy_unknown(w["asked"]),
    "away_deputy_self": lambda _: deputy_is_self(),
    "away_deputy_refused": lambda w: deputy_refused(w["name"], w["refusal"]),
    "away_deputy_may_not": lambda w: deputy_may_not_approve(w["name"], w["others"]),
    "away_circle": lambda w: circle(w["name"]),
}
"""Every answer to ``away``, by the name under which it is stored."""

"""The sentences of approvals: how they stand, what goes into the thread, into Studio, and at a field.

mrkdwn in which data is inert, as in ``wording``; what goes to Studio, and what stands at a modal's field, is
plain text. Times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from compliance_bot.messages.form_words import label
from compliance_bot.messages.mrkdwn import clean
from compliance_bot.messages.values import Moment, day_or_moment
from compliance_bot.messages.wording import datum, person, status_words, when_said

SCOPE_UNKNOWN = "see Studio"
REQUESTER_UNKNOWN = "not stated by Studio"
_DAY = 86_400
_MOST_NAMES = 10


def day_said(at: float) -> str:
    """A date of Studio's inside a sentence."""
    said = day_or_moment(at)
    return said.markup if isinstance(said, Moment) else said


def age(since: float, now: float) -> str:
    """How long something waits already: ``3 days``. Plain text."""
    days = int(max(0.0, now - since) // _DAY)
    if days:
        return f"{days} day{'s' if days > 1 else ''}"
    hours = int(max(0.0, now - since) // 3600)
    return f"{hours} hour{'s' if hours > 1 else ''}" if hours else "less than an hour"


def requester(name: str | None, email: str | None) -> str:
    """Who asks, by name and e-mail. Plain text."""
    if name and email:
        return f"{name} ({email})"
    return name or email or REQUESTER_UNKNOWN


# ---------------------------------------------------------------- how it stands (lines of the message)


def may_decide(names: Sequence[str], needed: int) -> str:
    """Who was asked, and how many of them it takes."""
    said = [datum(name) for name in names[:_MOST_NAMES]]
    left = len(names) - len(said)
    who = ", ".join([*said, *([f"{left} more"] if left > 0 else [])])
    if not who:
        return (
            "Nobody may decide this here: `people.roles` in rules.yaml names no manager whom Slack knows. "
            "Please decide in Studio."
        )
    people = "one of them is enough" if needed == 1 else f"{needed} different people must approve"
    return f"May decide: {who}; {people}." if len(names) > 1 or needed > 1 else f"May decide: {who}."


def requester_has_no_address() -> str:
    """Nobody can be told from who asked, so nobody is refused for that."""
    return "Studio tells no e-mail address of who asked: if that was you, please let somebody else decide."


def approved_so_far(names: Sequence[tuple[str, str]], needed: int) -> str:
    """Who has approved while more are needed; (Slack id, name) each."""
    who = ", ".join(person(*one) for one in names)
    return f"{len(names)} of {needed} approved: {who}."


def handed_over(giver: str, taker: str) -> str:
    """One person handed the decision to another; names, so that nobody is called."""
    return f"{datum(giver)} handed this to {datum(taker)}."


_DONE = {"approve": "Approved", "reject": "Rejected", "return": "Returned", "complete": "Marked complete"}


def _done(verdict: str) -> str:
    return _DONE.get(verdict, "Decided")


def decided_by(verdict: str, slack_id: str, name: str, at: float, others: Sequence[str] = ()) -> str:
    """Who decided it here, and when."""
    also = f" (with {', '.join(datum(one) for one in others)})" if others else ""
    return f"{_done(verdict)} by {person(slack_id, name)}{also}, {when_said(at)}"


def staffed(auditor: str, reviewer: str, due: float | None) -> str:
    """Whom an approved project was given to."""
    until = "" if due is None else f", due {day_said(due)}"
    return f"auditor {datum(auditor)}, reviewer {datum(reviewer)}{until}"


def because(reason: str) -> str:
    """The reason that was given."""
    return f"Reason: {datum(reason)}"


def being_written() -> str:
    """The decision is on its way to Studio."""
    return "being written to Studio"


def not_yet_in_studio(since: float) -> str:
    """The decision has been on its way for long."""
    return f"not yet in Studio (since {when_said(since)})"


def in_studio() -> str:
    """Studio has confirmed it."""
    return "confirmed by Studio"


def only_here() -> str:
    """Shadow mode: Studio is not told."""
    return "recorded here only: Studio is not written in shadow mode"


def decided_in_studio(status: str, at: float, who: str | None = None) -> str:
    """Somebody decided it there."""
    by = f" ({datum(who)})" if who else ""
    return f"Decided in Studio, not here: {datum(status_words(status))}{by}, seen {when_said(at)}."


def deleted_in_studio(at: float) -> str:
    """It is not there any more."""
    return f"Deleted in Studio, seen {when_said(at)}: there is nothing left to decide."


def waits_again(reason: str) -> str:
    """Why a decision did not hold."""
    return f"Waits again: {why_not_held(reason)}."


# ---------------------------------------------------------------- why a decision did not hold


def why_not_held(reason: str) -> str:
    """What ended the write, in words: the other side's own word, or one of ours."""
    if "flags or reviewer notes" in reason:
        return f"Studio refused it ({datum(reason)}): put one in Studio first, then return it again"
    return {
        "expired": "Studio did not take the decision in time, so it counts no more",
        "changed": "what was approved had changed in Studio before the decision reached it",
        "broken": "Studio answers with an error whenever this is written; are these people still there?",
    }.get(reason, f"Studio refused it ({datum(reason)})")


# ---------------------------------------------------------------- the short forms


def headline(name: str) -> str:
    """The fact for notifications."""
    return f"Approval needed: {datum(name)}"


def review_headline(name: str) -> str:
    """The same of a report."""
    return f"Report to review: {datum(name)}"


def request_headline(name: str) -> str:
    """The same of a request for evidence."""
    return f"Evidence request open: {datum(name)}"


def withheld(ref: str) -> str:
    """An approval in a channel whose readers may not see what it is about."""
    return (
        f"{datum(ref)}: something waits for approval that may not be shown in this channel. Those who may "
        "decide have a direct message; else please look in Studio."
    )


def buttons_missing() -> str:
    """The plain form has no buttons."""
    return "Buttons could not be shown here: please decide in Studio."


# ---------------------------------------------------------------- lines in the thread


def line_voted(name: str, have: int, needed: int, at: float) -> str:
    """One of several approved."""
    return f"{datum(name)} approved, {when_said(at)}: {have} of {needed}."


def line_decided(verdict: str, name: str, at: float) -> str:
    """The decision was taken here."""
    return f"{_done(verdict)} by {datum(name)}, {when_said(at)}."


def line_handed(giver: str, taker: str, at: float) -> str:
    """It was handed on."""
    return f"{datum(giver)} handed this to {datum(taker)}, {when_said(at)}."


def line_changed(fields: Sequence[str], void: int, at: float) -> str:
    """What is approved was changed in Studio."""
    what = ", ".join(datum(one) for one in fields) or "what is asked"
    lost = "" if not void else f" {void} approval{'s' if void > 1 else ''} given before no longer count."
    return f"Changed in Studio, seen {when_said(at)}: {what}.{lost} The message above shows it as it is now."


def line_not_held(name: str, reason: str) -> str:
    """Studio did not take it."""
    return f"{datum(name)}'s decision did not hold: {why_not_held(reason)}. This waits again."


# ---------------------------------------------------------------- written into Studio, or at a field (plain)


def rejection(reason: str, name: str, ref: str) -> str:
    """The reason as Studio keeps it and hands it to the customer, written for a person. Plain text."""
    return f"{clean(reason).strip()} (by {' '.join(clean(name).split())} from Slack, ref {clean(ref)})"


def same_person() -> str:
    """Auditor and reviewer are one. Plain text."""
    return "The reviewer must be somebody else than the auditor."


def due_over() -> str:
    """The date is over. Plain text."""
    return "That day is over already: please choose a later one."


def due_before_start(start: float) -> str:
    """The date lies before the project begins. Plain text."""
    first = datetime.fromtimestamp(start, UTC).date().isoformat()
    return f"The project starts on {first} only: please choose a later day."


def too_few_auditors(count: int) -> str:
    """Studio does not list two people."""
    many = "nobody" if count == 0 else "only one person"
    return (
        f"Approving needs two different people of Studio's auditors, and Studio lists {many}. Please add "
        "them there, or decide in Studio."
    )


def load_words(load: int) -> str:
    """How much an auditor has. Plain text."""
    return "no project" if load == 0 else f"{load} project{'s' if load > 1 else ''}"


def no_way_back(needed: int, have: int) -> str:
    """What pressing the modal's button means (mrkdwn)."""
    if needed - have > 1:
        return f"Counts as {have + 1} of {needed}; Studio is written with the last. It can't be taken back."
    return "This is written to Studio at once and can't be taken back from here."


def reason_goes_to(name: str | None) -> str:
    """Who reads the reason. Plain text."""
    return (
        f"It is handed to {label(name)} in Studio, and in Slack where they are here."
        if name
        else "It is kept."
    )


def nobody_to_hand_to() -> str:
    """Nobody else may."""
    return "Nobody else may approve here, so there is nobody to hand this to. Please decide it yourself."


def slack_cannot_say() -> str:
    """Slack is asked who may, and is away."""
    return "Slack can't tell right now who may approve. Nothing was changed: please press again in a minute."

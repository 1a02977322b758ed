"""What is said of what people decide: in the thread, to whoever pressed, and in Studio.

Lines and answers are mrkdwn in which data is inert; what stands in Studio is plain text.
"""

from __future__ import annotations

from compliance_bot.clock import iso
from compliance_bot.messages.direct_words import action_name
from compliance_bot.messages.mrkdwn import clean
from compliance_bot.messages.wording import datum, person, status_words, when_said
from compliance_bot.model.cases import CaseState
from compliance_bot.model.findings import FindingStatus

_LONGEST_WORDS = 10_000
"""Characters of a person's own words in Studio, which takes 20,000."""

_HERE_ONLY = " It is recorded here only."


def _because(reason: str | None) -> str:
    return f" Reason: {datum(reason)}" if reason else ""


def _until(until: float | None) -> str:
    return "" if until is None else f" until {when_said(until)}"


def _here_only(*, here_only: bool) -> str:
    return _HERE_ONLY if here_only else ""


# ---------------------------------------------------------------- lines in a case's thread


def closed_here(
    status: FindingStatus, name: str, second: str | None, until: float | None, reason: str, *, shadow: bool
) -> str:
    """Somebody closed it here, alone or with a second person."""
    by = datum(name) + (f", confirmed by {datum(second)}" if second else "")
    said = f"Closed as {datum(status_words(status))}{_until(until)} by {by}.{_because(reason)}"
    return said + _here_only(here_only=shadow)


def proposed(name: str, action: str, until: float | None, reason: str) -> str:
    """Somebody wants to, and a second person is asked."""
    said = f"{datum(name)} asks to “{action_name(action)}”{_until(until)}, which needs a second person."
    return said + _because(reason)


def proposal_ended(name: str, first: str, how: str) -> str:
    """The second person did not agree, or the first took it back."""
    if how == "withdrawn":
        return f"{datum(name)} took the request for a second person back. Nothing has changed."
    return f"{datum(name)} declined what {datum(first)} asked for. Nothing has changed."


def undone(name: str, action: str, stays: str | None) -> str:
    """Somebody took their own click back."""
    return f"{datum(name)} undid “{action_name(action)}”.{_stays(stays)}"


def _stays(stays: str | None) -> str:
    return {
        "assignee": " Studio can't clear an assignee: there it stays as it was given.",
        "resolved_stamp": " Studio keeps the time at which it was resolved.",
    }.get(stays or "", "")


def snoozed(name: str, until: float, reason: str) -> str:
    """Somebody put it to sleep."""
    return f"Snoozed until {when_said(until)} by {datum(name)}; nobody is reminded before.{_because(reason)}"


def woken(name: str) -> str:
    """Somebody ended a snooze before its time."""
    return f"{datum(name)} ended the snooze: this is open again."


def assigned_here(by: str, name: str, *, here_only: bool) -> str:
    """Somebody gave it to somebody."""
    return f"{datum(by)} assigned this to {datum(name)}.{_here_only(here_only=here_only)}"


def commented(name: str, words: str, *, shadow: bool) -> str:
    """Somebody commented, and Studio gets it."""
    where = "here only, in shadow mode" if shadow else "in Studio too"
    return f"{datum(name)} commented ({where}): {datum(words)}"


def sent_to_studio(name: str, author: str, *, shadow: bool) -> str:
    """A message of this thread stands in Studio."""
    where = "would stand in Studio as a comment" if shadow else "is a comment in Studio now"
    return f"A message of {datum(author)}'s {where}, sent by {datum(name)}."


def refused_by_studio(name: str, action: str, reason: str, state: str) -> str:
    """Studio will never have what somebody decided, and how the case stands now."""
    stands = " This is open again." if state == CaseState.OPEN else f" This stands as {datum(state)}."
    return f"Studio refused {datum(name)}'s “{action_name(action)}”: {_studio_reason(reason)}.{stands}"


def _studio_reason(reason: str) -> str:
    known = {
        "deleted": "the finding was deleted there",
        "overtaken": "this changed before it could be written there",
        "assignee_not_taken": "it does not take that person as an assignee",
    }
    return known.get(reason) or datum(reason)


def fix_by_set(name: str, until: float) -> str:
    """Somebody promised a day."""
    return f"{datum(name)} will fix this by {when_said(until)}; past that, it is open again."


# ---------------------------------------------------------------- to whoever pressed


def answer_snoozed(reference: str, until: float) -> str:
    """It sleeps."""
    return f"{datum(reference)} sleeps until {when_said(until)}. A raised severity wakes it sooner."


def answer_assigned(reference: str, who: str | None, name: str, *, here_only: bool) -> str:
    """It is theirs now."""
    said = f"{datum(reference)} is assigned to {person(who, name)}."
    return said + (" Studio doesn't know them, so it is recorded here only." if here_only else "")


def answer_fix_by(reference: str, until: float) -> str:
    """The day is noted."""
    return f"{datum(reference)} is to be fixed by {when_said(until)}. You are reminded a day before."


def answer_undone(reference: str, action: str, stays: str | None) -> str:
    """It is as it was before the click."""
    return f"Undone: “{action_name(action)}” on {datum(reference)}.{_stays(stays)}"


def answer_proposed(reference: str) -> str:
    """A second person has to agree first."""
    return (
        f"{datum(reference)} needs a second person for that: they are asked in its thread and by direct "
        "message. Nothing has changed until one of them confirms."
    )


def proposed_already(reference: str, who: str | None, name: str) -> str:
    """Somebody asked for the same before."""
    asked = f"{person(who, name)} has asked for a second person on {datum(reference)} already"
    return f"{asked}: confirm or decline it there."


def proposal_over(reference: str, how: str, who: str | None, name: str | None, at: float | None) -> str:
    """Somebody was first with the answer."""
    when = "" if at is None else f", {when_said(at)}"
    return f"The request on {datum(reference)} was {datum(how)} by {person(who, name)}{when}."


def proposal_overtaken(reference: str) -> str:
    """What was shown is not so any more."""
    return f"{datum(reference)} has changed since that was asked for. Please look at it again and ask anew."


def second_is_first(reference: str) -> str:
    """One can't be both."""
    return f"You asked for this on {datum(reference)} yourself: somebody else has to confirm it."


def undo_not_yours(reference: str, who: str | None, name: str) -> str:
    """Only whoever clicked may undo."""
    return f"Only {person(who, name)} can undo this on {datum(reference)}: it was their click."


def undo_too_late(reference: str, at: float) -> str:
    """Ten minutes are over."""
    return (
        f"Too late to undo: that was {when_said(at)}, and Undo works for ten minutes. "
        f"Please decide {datum(reference)} anew."
    )


def undo_overtaken(reference: str) -> str:
    """The case moved on."""
    return f"{datum(reference)} has changed since, so your click can't be undone any more."


def undone_already(reference: str) -> str:
    """A second press."""
    return f"That is undone already: {datum(reference)} stands as before."


def undo_impossible(reference: str) -> str:
    """There is nothing to take back."""
    return f"What was done to {datum(reference)} can't be undone here; please mend it in Studio."


def reason_missing(reference: str) -> str:
    """A blank reason is refused."""
    return f"{datum(reference)} needs a reason in words: please press again and give one."


def words_missing(reference: str) -> str:
    """There is nothing to write into Studio."""
    return f"There are no words to write into Studio for {datum(reference)}."


def date_is_past(reference: str, at: float) -> str:
    """The day is over."""
    return f"{when_said(at)} is past: please choose a later time for {datum(reference)}."


def date_too_far(reference: str, at: float) -> str:
    """A day that nobody means."""
    return f"{when_said(at)} is too far away for {datum(reference)}: please choose a day within a year."


def snooze_too_long(reference: str, at: float) -> str:
    """A longer silence is an accepted risk."""
    return (
        f"{datum(reference)} can sleep until {when_said(at)} at most. For longer, accept its risk, "
        "which asks for a right of its own."
    )


def not_snoozed(reference: str) -> str:
    """Somebody was first."""
    return f"{datum(reference)} isn't asleep any more."


def nobody_chosen(reference: str) -> str:
    """Nobody is named."""
    return f"Nobody was chosen for {datum(reference)}: please press again and choose a person."


def assigned_already(reference: str, who: str | None, name: str) -> str:
    """It is theirs already."""
    return f"{datum(reference)} is {person(who, name)}'s already."


def take_it_first(reference: str) -> str:
    """Only who has taken it can promise a day."""
    return f"{datum(reference)} isn't acknowledged: acknowledge it first, then set the day."


def changed_since(reference: str, before: str, after: str) -> str:
    """What was pressed is not what stands."""
    return (
        f"{datum(reference)} was {datum(before)} when you decided and is {datum(after)} now, so nothing was "
        "done. Please look at it again."
    )


def sent_before(reference: str, name: str, at: float) -> str:
    """That very message stands there."""
    return f"{datum(name)} sent that message to Studio already, {when_said(at)} ({datum(reference)})."


def answer_sent(reference: str, *, shadow: bool) -> str:
    """It will stand in Studio."""
    where = "here only: in shadow mode nothing is written into Studio" if shadow else "a comment in Studio"
    return f"Recorded on {datum(reference)} as {where}."


def waits_for_studio(reference: str, until: float) -> str:
    """Studio doesn't answer, and this may only be decided on what it says now."""
    return (
        f"Studio doesn't answer, and {datum(reference)} may only be decided on what it says now. Your click "
        f"waits until {when_said(until)} and is carried out as soon as Studio answers; you will be told."
    )


def project_not_listed(reference: str) -> str:
    """It belongs to no project that may be decided about from Slack."""
    return (
        f"{datum(reference)} belongs to no project that may be decided about here (studio.projects in "
        "rules.yaml). Nothing was changed; please decide in Studio."
    )


def expired(reference: str) -> str:
    """A click that waited too long."""
    return (
        f"Studio did not answer in time, so your click on {datum(reference)} was let go. Please press again."
    )


# ---------------------------------------------------------------- written into Studio (plain text)


def _plain(text: str, limit: int = 300) -> str:
    return " ".join(clean(text[: 2 * limit]).split())[:limit] or "somebody"


def studio_closed(
    status: FindingStatus, name: str, second: str | None, reason: str, until: float | None, reference: str
) -> str:
    """Who closed it, why, and until when. Plain text."""
    by = _plain(name) + (f", confirmed by {_plain(second)}" if second else "")
    end = "" if until is None else f" until {iso(until)[:10]}"
    return (
        f"{status_words(status).capitalize()}{end}, decided in Slack by {by}. "
        f"Reason: {clean(reason[:_LONGEST_WORDS])} — ref {clean(reference)}"
    )


def studio_undone(action: str, name: str, reference: str) -> str:
    """Who took a click back. Plain text."""
    return f"“{action_name(action)}” was undone in Slack by {_plain(name)} — ref {clean(reference)}"


def studio_said(name: str, email: str | None, words: str, reference: str) -> str:
    """What somebody said in Slack. Plain text."""
    who = _plain(name) + (f" ({_plain(email)})" if email else "")
    return f"{who} in Slack: {clean(words[:_LONGEST_WORDS])} — ref {clean(reference)}"


def studio_sent(name: str, author: str, words: str, permalink: str | None, reference: str) -> str:
    """A message of Slack's, with who wrote it, who sent it, and where it stands. Plain text."""
    where = f" {permalink}" if permalink else ""
    return (
        f"{_plain(author)} wrote in Slack: {clean(words[:_LONGEST_WORDS])} (sent by {_plain(name)}{where}) "
        f"— ref {clean(reference)}"
    )


def studio_fix_by(name: str, until: float, reference: str) -> str:
    """The day somebody promised. Plain text."""
    return f"{_plain(name)} in Slack: to be fixed by {iso(until)[:10]} — ref {clean(reference)}"

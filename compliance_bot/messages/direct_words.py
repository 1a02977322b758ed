"""The sentences of direct messages: to one person, about what they are asked, given or told.

mrkdwn in which data is inert, as in ``wording``. ``SENTENCES`` names each for those who plan one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from compliance_bot.messages import approval_answer_words, away_words
from compliance_bot.messages.wording import datum, person, when_said

Words: TypeAlias = Mapping[str, Any]

_VERBS = {
    "resolve": "resolve",
    "false_positive": "mark as a false positive",
    "accept_risk": "accept the risk of",
    "acknowledge": "acknowledge",
    "snooze": "snooze",
    "assign": "assign",
    "comment": "comment on",
    "fix_by": "set a fix-by date for",
}
_NAMES = {"resolve": "Resolve", "false_positive": "False positive", "accept_risk": "Accept risk"}


def action_name(action: str) -> str:
    """An action as its button names it: ``Accept risk``."""
    return _NAMES.get(action) or datum(action.replace("_", " ").capitalize())


def _because(reason: str | None) -> str:
    return f" Reason given: {datum(reason)}" if reason else ""


def assigned(who: str | None, name: str, ref: str) -> str:
    """A colleague gave somebody a case."""
    return f"{person(who, name)} assigned {datum(ref)} to you."


def consent_asked(
    who: str | None, name: str, ref: str, action: str, reason: str | None, until: float | None = None
) -> str:
    """The second person is asked; the buttons stand below."""
    verb = _VERBS.get(action, action_name(action).lower())
    when = f" until {when_said(until)}" if until is not None else ""
    asked = f"{person(who, name)} wants to {verb} {datum(ref)}{when}, which needs a second person."
    return asked + _because(reason)


def consent_over(how: str, who: str | None, name: str | None) -> str:
    """In place of the buttons, once the proposal has ended."""
    if how == "overtaken":
        return "Nothing is asked of you any more: the finding has changed since"
    said = {"confirmed": "Confirmed", "declined": "Declined", "withdrawn": "Taken back"}.get(how, "Over")
    return f"{said} by {person(who, name)}" if name else said


def consent_given(who: str | None, name: str, ref: str, action: str) -> str:
    """The second person agreed: it is done."""
    return f"{person(who, name)} confirmed your “{action_name(action)}” on {datum(ref)}."


def consent_declined(who: str | None, name: str, ref: str, action: str, reason: str | None = None) -> str:
    """The second person did not agree: nothing was done."""
    said = f"{person(who, name)} declined your “{action_name(action)}” on {datum(ref)}: it stays as it was."
    return said + _because(reason)


def studio_refused(ref: str, action: str, reason: str) -> str:
    """Studio will never take what somebody decided."""
    said = f"Studio refused your “{action_name(action)}” on {datum(ref)}: {datum(reason)}."
    return f"{said} It stands as it did before you pressed."


def fix_by_near(ref: str, at: float) -> str:
    """Before a fix-by date, to the owner."""
    return f"{datum(ref)} is to be fixed by {when_said(at)}."


def fix_by_passed(ref: str, at: float) -> str:
    """After it, to the owner."""
    return f"{datum(ref)} was to be fixed by {when_said(at)}: it is open again."


def snooze_ended(ref: str, reason: str | None) -> str:
    """To whoever put it to sleep."""
    return f"{datum(ref)} wakes: its snooze is over.{_because(reason)}"


def risk_ended(ref: str, at: float) -> str:
    """To whoever accepted the risk for a time."""
    return f"The risk of {datum(ref)} was accepted until {when_said(at)}: it is open again."


def told(text: str) -> str:
    """What stands as one sentence already (plain text)."""
    return datum(text)


def _on_behalf(w: Words) -> str:
    """What was told to who is away, for who stands in."""
    said = direct_text(w["of"], {"ref": w.get("ref"), **w["words"]})
    return f"{away_words.on_behalf(w['absent'])} {said}"


SENTENCES: Mapping[str, Callable[[Words], str]] = {
    "assigned": lambda w: assigned(w.get("who"), w["name"], w["ref"]),
    "consent_asked": lambda w: consent_asked(
        w.get("who"), w["name"], w["ref"], w["action"], w.get("reason"), w.get("until")
    ),
    "consent_given": lambda w: consent_given(w.get("who"), w["name"], w["ref"], w["action"]),
    "consent_declined": lambda w: consent_declined(
        w.get("who"), w["name"], w["ref"], w["action"], w.get("reason")
    ),
    "studio_refused": lambda w: studio_refused(w["ref"], w["action"], w["reason"]),
    "fix_by_near": lambda w: fix_by_near(w["ref"], w["at"]),
    "fix_by_passed": lambda w: fix_by_passed(w["ref"], w["at"]),
    "snooze_ended": lambda w: snooze_ended(w["ref"], w.get("reason")),
    "risk_ended": lambda w: risk_ended(w["ref"], w["at"]),
    "told": lambda w: told(w["text"]),
    "on_behalf": _on_behalf,
    "stands_in": lambda w: away_words.asked_to_stand_in(w["name"], w["until"]),
    "stands_in_no_more": lambda w: away_words.stands_in_no_more(w["name"]),
    "approval_handed": lambda w: approval_answer_words.told_handed(
        w.get("who"), w["name"], w["ref"], w["what"]
    ),
    "approval_rejected": lambda w: approval_answer_words.told_rejected(
        w["what"], w["ref"], w["name"], w["reason"]
    ),
    "approval_granted": lambda w: approval_answer_words.told_approved(w["what"], w["ref"], w["name"]),
    "approval_void": lambda w: approval_answer_words.told_void(w["what"], w["ref"]),
    "approval_not_held": lambda w: approval_answer_words.told_not_held(w["what"], w["ref"], w["reason"]),
    "approval_elsewhere": lambda w: approval_answer_words.told_elsewhere(w["what"], w["ref"], w["status"]),
}
"""Every sentence, by the name under which it is planned. ``who`` is a Slack id; in shadow mode it is left
out, so that nobody is called."""


def direct_text(sentence: str, words: Words) -> str:
    """The sentence as it is to be sent (mrkdwn)."""
    return SENTENCES[sentence](words)


def would_be_told(name: str, text: str) -> str:
    """In shadow mode: whom a direct message would have gone to, and what it says."""
    return f"Shadow mode: {datum(name)} would be told by direct message: {text}"


_WHY_NOT = {
    "person.bot": "that is a bot",
    "person.stranger": "they are not of this workspace",
    "person.deactivated": "their account is deactivated",
    "person.guest": "guests are not told of findings",
    "person.unknown": "Slack knows nobody by that id",
    "cannot_dm_bot": "that is a bot",
    "user_not_found": "Slack knows nobody by that id",
    "user_disabled": "their account is deactivated",
    "messages_tab_disabled": "the app's messages tab is switched off (App Home in the app's settings)",
}


def not_told(name: str, reason: str) -> str:
    """A line in the case's thread: somebody who was to be told by direct message was not, and why."""
    why = _WHY_NOT.get(reason, f"Slack refused it ({datum(reason)})")
    return f"{datum(name)} could not be told by direct message: {why}."

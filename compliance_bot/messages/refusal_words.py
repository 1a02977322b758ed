"""Why a person may not do something, who may, and how to get it; mrkdwn in which data is inert."""

from __future__ import annotations

from collections.abc import Sequence

from compliance_bot.messages.mrkdwn import clean
from compliance_bot.messages.wording import Refusal, datum

_MOST_NAMED = 20
_ACTION_WORDS = {
    "view": "see this",
    "acknowledge": "acknowledge",
    "snooze": "snooze",
    "comment": "comment",
    "evidence": "hand in evidence",
    "assign": "assign",
    "resolve": "close findings",
    "audit": "ask for audits",
    "scan": "start scans",
    "approve": "approve or reject",
    "accept_risk": "accept risks",
    "administer": "administer this bot",
}
"""What each action of ``access:`` is, behind "can't"."""

_WHO = {
    "members": "members of this workspace",
    "studio:manager": "managers",
    "studio:auditor": "auditors",
    "studio:customer": "customers",
}
"""Entries of ``access:`` in words; what names a group or a person is said as it stands."""


def action_words(action: str) -> str:
    """What an action of ``access:`` is, behind "can't" or "may". Plain text."""
    return _ACTION_WORDS.get(action, " ".join(clean(action).replace("_", " ").split()) or "do this")


def refused(refusal: Refusal, *, action: str, allowed: Sequence[str], reference: str) -> str:
    """Why a person may not, who may, and what they can do instead.

    Args:
        refusal: The cause.
        action: What was tried, as ``access:`` names it: ``acknowledge``.
        allowed: Who may, as ``access:`` has it: ``members``, ``@compliance-team``, ``studio:manager``.
        reference: Also in the log.

    """
    verb = datum(action_words(action))
    who = _listed([_WHO.get(entry, entry) for entry in allowed])
    it_is_for = f"it is for {who}" if allowed else "it is for nobody yet"
    ask_for_it = "Please ask one of them, or" if allowed else "Please ask"
    asked = f"Please ask {who}" if allowed else "Please ask a colleague"
    sentence = {
        Refusal.GUEST: f"Guests can't {verb} here. {asked} to do it",
        Refusal.STRANGER: f"Only people of this workspace can {verb} here. {asked} to do it",
        Refusal.BOT: f"Bots can't {verb} here. {asked} to do it",
        Refusal.DEACTIVATED: (
            f"This account is deactivated, so it can't {verb}. Please ask an administrator of this workspace"
        ),
        Refusal.NOT_LISTED: (
            f"You can't {verb} here; {it_is_for}. {ask_for_it} whoever runs this bot to list you under "
            f"access.{datum(action)} in rules.yaml"
        ),
        Refusal.NO_MANAGER: (
            f"Nobody can {verb} yet: it is for managers, and rules.yaml names none. Please ask whoever runs "
            "this bot to list them, by e-mail, under people.roles.manager"
        ),
        Refusal.STUDIO_SILENT: (
            f"You could {verb} as an auditor, but Studio's list of auditors could not be read for over an "
            f"hour. Please try again once Studio answers; {it_is_for}"
        ),
        Refusal.UNKNOWN: (
            f"Slack can't tell right now whether you may {verb}. Please try again in a minute; {it_is_for}"
        ),
    }[refusal]
    return f"{sentence} (reference {datum(reference)})."


def _listed(names: Sequence[str]) -> str:
    said = [datum(name) for name in names[:_MOST_NAMED]]
    left = len(names) - len(said)
    said += [f"{left} more"] if left > 0 else []
    return " or ".join(filter(None, (", ".join(said[:-1]), *said[-1:])))

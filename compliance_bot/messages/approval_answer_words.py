"""What one person is told of an approval: the answer to a press, and direct messages.

mrkdwn in which data is inert, as in ``wording``. Times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from compliance_bot.messages.approval_words import (
    decided_by,
    decided_in_studio,
    deleted_in_studio,
    why_not_held,
)
from compliance_bot.messages.wording import datum, person, status_words

Words: TypeAlias = Mapping[str, Any]


# ---------------------------------------------------------------- answers to a press


def unknown(ref: str) -> str:
    """The button belongs to an approval nobody knows."""
    return (
        f"I don't know {datum(ref)} any more: this button belongs to a message of another time. Please "
        "decide in Studio, or use its newest message here."
    )


def _is_over(ref: str, how: str) -> str:
    return f"{datum(ref)} is decided already. {how}"


def under_way(ref: str, name: str) -> str:
    """Somebody was first, and Studio is being written."""
    return f"{datum(name)} was first: {datum(ref)} is being written to Studio. Nothing is left for you to do."


def own_request(ref: str) -> str:
    """Who asked for it can't grant it."""
    return (
        f"You asked for {datum(ref)} yourself, so somebody else has to decide it. Please ask one of those "
        "named in the message, or press Delegate for one of them."
    )


def own_request_alone(ref: str) -> str:
    """The same, of what can't be delegated either."""
    return f"You asked for {datum(ref)} yourself, so you can neither decide it nor choose who does."


def nobody_known_by(ref: str) -> str:
    """Slack gives no e-mail, so nobody can tell whether this is the requester."""
    return (
        f"Slack does not tell me your e-mail, so I can't see whether {datum(ref)} is your own request. "
        "Please decide in Studio."
    )


def changed(ref: str) -> str:
    """What is approved is not what was shown."""
    return (
        f"{datum(ref)} was changed in Studio after you had opened it, so your decision was not taken. The "
        "message shows how it is now: please look again and press once more."
    )


def counted_already(ref: str, have: int, needed: int) -> str:
    """The same person a second time."""
    return f"You approved {datum(ref)} already: {have} of {needed}. Somebody else has to be the next."


def counted(ref: str, have: int, needed: int) -> str:
    """One of several."""
    return (
        f"Your approval of {datum(ref)} counts: {have} of {needed}. Studio is written when all have approved."
    )


def place_taken(ref: str, taker: str) -> str:
    """Whoever stands in one's place has voted."""
    return f"You handed {datum(ref)} to {datum(taker)}, who approved in your place: one place counts once."


def taken(ref: str, verdict: str) -> str:
    """The decision counts; Studio is being written."""
    how = {"approve": "approval", "reject": "rejection", "return": "return", "complete": "mark"}.get(
        verdict, "word"
    )
    return f"Your {how} of {datum(ref)} is recorded and on its way to Studio. It can't be taken back here."


def handed(ref: str, taker: str) -> str:
    """It was handed on."""
    return f"{datum(ref)} is handed to {datum(taker)}, who is told by direct message."


def hand_refused(ref: str, name: str, why: str) -> str:
    """Why it can't be handed to that person; ``why``: a name of ours."""
    reason = {
        "self": "that is yourself",
        "requester": f"{datum(name)} asked for it",
        "no_right": f"{datum(name)} may not approve here",
        "circle": f"it came to you from {datum(name)}, so it would go in a circle",
        "voted": f"{datum(name)} has approved it already",
        "no_email": f"Slack does not tell {datum(name)}'s e-mail, so I can't see whether they asked for it",
        "unknown": "Slack can't tell right now who that is; please try again in a minute",
        "voted_yourself": "you have approved it yourself",
    }.get(why, "they can't take it")
    return f"{datum(ref)} can't be handed to {datum(name)}: {reason}. Please choose somebody else."


def not_staff(ref: str) -> str:
    """The two people are not Studio's auditors any more."""
    return (
        f"One of the two people you chose for {datum(ref)} is not on Studio's list of auditors any more, so "
        "nothing was decided. Please press Approve again and choose anew."
    )


# ---------------------------------------------------------------- direct messages


def told_handed(who: str | None, name: str, ref: str, what: str) -> str:
    """To whom it was handed; the message with the buttons comes beside it."""
    return f"{person(who, name)} hands you the decision on {datum(what)} ({datum(ref)})."


def told_rejected(what: str, ref: str, name: str, reason: str) -> str:
    """To the requester."""
    return (
        f"Your request {datum(what)} was not approved. {datum(name)} gives this reason: {datum(reason)} "
        f"({datum(ref)}). You can ask anew in Studio."
    )


def told_approved(what: str, ref: str, name: str) -> str:
    """To the requester."""
    return f"Your request {datum(what)} was approved by {datum(name)} ({datum(ref)})."


def told_void(what: str, ref: str) -> str:
    """To whoever approved what has changed since."""
    return (
        f"{datum(what)} ({datum(ref)}) was changed in Studio after you approved it, so your approval no "
        "longer counts. Please look at its message again."
    )


def told_not_held(what: str, ref: str, reason: str) -> str:
    """To whoever decided what Studio did not take."""
    return (
        f"Your decision on {datum(what)} ({datum(ref)}) did not hold: {why_not_held(reason)}. It waits again."
    )


def told_elsewhere(what: str, ref: str, status: str) -> str:
    """To whoever decided, but somebody in Studio was first."""
    return (
        f"Somebody in Studio was first: {datum(what)} ({datum(ref)}) is {datum(status_words(status))} there, "
        "not by your decision."
    )


# ---------------------------------------------------------------- answers, by the name that a decision leaves


def _over(words: Words) -> str:
    if words["state"] == "deciding":
        return under_way(words["ref"], words["name"])
    if words["state"] == "decided":
        return _is_over(
            words["ref"], f"{decided_by(words['verdict'], words['who'], words['name'], words['at'])}."
        )
    if words["state"] == "gone":
        return _is_over(words["ref"], deleted_in_studio(words["at"]))
    return _is_over(words["ref"], decided_in_studio(words["outcome"] or "?", words["at"]))


def _own_request(words: Words) -> str:
    return own_request_alone(words["ref"]) if words.get("action") == "delegate" else own_request(words["ref"])


ANSWERS: Mapping[str, Callable[[Words], str]] = {
    "approval_unknown": lambda w: unknown(w["ref"]),
    "approval_over": _over,
    "approval_own_request": _own_request,
    "approval_nobody_known": lambda w: nobody_known_by(w["ref"]),
    "approval_changed": lambda w: changed(w["ref"]),
    "approval_counted_already": lambda w: counted_already(w["ref"], w["have"], w["needed"]),
    "approval_counted": lambda w: counted(w["ref"], w["have"], w["needed"]),
    "approval_place_taken": lambda w: place_taken(w["ref"], w["name"]),
    "approval_not_staff": lambda w: not_staff(w["ref"]),
    "approval_taken": lambda w: taken(w["ref"], w["verdict"]),
    "approval_handed": lambda w: handed(w["ref"], w["name"]),
    "approval_hand_refused": lambda w: hand_refused(w["ref"], w["name"], w["why"]),
}
"""Every answer to a voter, by the name under which a decision leaves it."""

"""What each entry of the audit chain says, in plain words: a line of a case's life."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from compliance_bot.messages.decision_page import DONE, action_words
from compliance_bot.messages.proof import Written, plainly
from compliance_bot.messages.wording import status_words

Facts: TypeAlias = Mapping[str, Any]
"""What an entry holds."""


def _status(facts: Facts) -> str:
    return plainly(status_words(str(facts.get("status", "?"))))


def _opened(facts: Facts) -> str:
    return f"opened the case: {facts.get('severity', '?')}, {_status(facts)} in Studio"


def _closed(facts: Facts) -> str:
    return f"closed it there ({_status(facts)}), or not to be found there any more: the case is closed"


def _escalated(facts: Facts) -> str:
    called = [plainly(one) for one in (*facts.get("called", ()), *facts.get("channels", ()))]
    step = f"step {facts.get('step', '?')} of {facts.get('of', '?')}"
    return f"reminded people, {step} of its ladder: {', '.join(called) or 'nobody by name'}"


_CASE: Mapping[str, Callable[[Facts], str]] = {
    "case.opened": _opened,
    "case.taken_up_in_studio": lambda facts: f"took it up there ({_status(facts)}): the case is acknowledged",
    "case.closed_in_studio": _closed,
    "case.opened_again": lambda facts: f"opened it again there ({_status(facts)})",
    "case.new_episode": lambda facts: (
        f"began episode {facts.get('episode', '?')}: {_status(facts)} in Studio"
    ),
    "case.severity_raised": lambda facts: f"raised its severity to {facts.get('severity', '?')}",
    "case.assigned": lambda _: "gave it to somebody there",
    "case.snooze_ended": lambda _: "opened it again: its snooze has ended",
    "case.fix_by_passed": lambda _: "opened it again: the day by which it was to be fixed has passed",
    "case.reminded": lambda facts: f"reminded its owner of {facts.get('fix_by', 'the day to fix it by')}",
    "case.risk_ended": lambda facts: (
        f"began episode {facts.get('episode', '?')}: its risk was accepted until {facts.get('until', 'now')}"
    ),
    "case.escalated": _escalated,
    "direct.not_told": lambda facts: (
        f"could not be told by direct message: {plainly(facts.get('reason', '?'))}"
    ),
}

_APPROVAL: Mapping[str, Callable[[Facts], str]] = {
    "approval.asked": lambda facts: f"asked {facts.get('asked', '?')} people to decide it",
    "approval.changed": lambda facts: (
        f"changed {', '.join(map(plainly, facts.get('fields', ()))) or 'what is approved'}: "
        f"{facts.get('void', 0)} votes are void"
    ),
    "approval.decided_in_studio": lambda facts: f"decided it there ({_status(facts)})",
    "approval.gone": lambda _: "deleted it there",
    "approval.decided": lambda facts: f"has Studio's word: {_status(facts)}",
    "approval.not_held": lambda facts: f"could not hold the decision: {plainly(facts.get('reason', '?'))}",
}
APPROVAL_IN_STUDIO = frozenset({"approval.changed", "approval.decided_in_studio", "approval.gone"})

IN_STUDIO = frozenset(
    {
        "case.taken_up_in_studio",
        "case.closed_in_studio",
        "case.opened_again",
        "case.severity_raised",
        "case.assigned",
    }
)
"""Entries of what somebody did in Studio, which does not say who."""


def entry_words(kind: str, facts: Facts, *, reason: str | None = None, details: Facts | None = None) -> str:
    """One entry in words; ``reason``, ``details``: of the decision's row, of which the chain holds a hash."""
    known = _CASE.get(kind) or _APPROVAL.get(kind)
    if known is not None:
        return known(facts)
    room, _, action = kind.partition(".")
    if room == "refusal":
        return f"was refused to {action_words(action)}: {action_words(str(facts.get('reason', '?')))}"
    if kind == "decision.refused_by_studio":
        return f"Studio refused what was decided: {plainly(facts.get('reason', '?'))}"
    if room == "decision":
        return _decided(action, facts, reason, details or {})
    if room == "proposal":
        return _proposed(action, reason, details or {})
    return _any(kind, facts)


def _decided(action: str, facts: Facts, reason: str | None, details: Facts) -> str:
    before, after = facts.get("from"), facts.get("to")
    moved = f" ({before} → {after})" if before and after and before != after else ""
    reference = f", {facts['reference']}" if "reference" in facts else ""
    return f"{DONE.get(action, action_words(action))}{moved}{_because(reason, details)}{reference}"


def _proposed(action: str, reason: str | None, details: Facts) -> str:
    ended = {"declined": "declined what was proposed", "withdrawn": "took the proposal back"}
    said = ended.get(action) or f"proposed to a second person: {action_words(action)}"
    return said + (_because(reason, details) if action not in ended else "")


def _because(reason: str | None, details: Facts) -> str:
    said = [f"“{plainly(reason)}”"] if reason else []
    said += [f"{plainly(name).replace('_', ' ')} {plainly(value)}" for name, value in details.items()]
    return f": {'; '.join(said)}" if said else ""


_LEFT_OUT = frozenset({"case", "episode", "finding", "event", "rules", "approval"})


def _any(kind: str, facts: Facts) -> str:
    """An entry of a kind without words of its own: its name, and what it holds beside the obvious."""
    name = kind.partition(".")[2] or kind
    held = [
        f"{plainly(key).replace('_', ' ')} {plainly(value)}"
        for key, value in facts.items()
        if key not in _LEFT_OUT
    ]
    return action_words(name) + (f": {'; '.join(held)}" if held else "")


def sent_words(one: Written) -> str:
    """A step towards Studio, once it came to its end."""
    said = {
        "done": "wrote into Studio",
        "not_needed": "did not need to write into Studio",
        "refused": "was refused by Studio",
        "in_doubt": "does not know yet whether Studio has",
    }
    note = f": {plainly(one.note)}" if one.note else ""
    return f"{said.get(one.state, 'left out towards Studio')}: {plainly(one.what)}{note}"

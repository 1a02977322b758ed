"""How each kind of row of the inbox is decided: the right it asks for, and the plain function for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from compliance_bot.cases.acknowledge import acknowledge
from compliance_bot.cases.acknowledge_all import acknowledge_all
from compliance_bot.cases.assign import assign
from compliance_bot.cases.closing import accept_risk, confirm, false_positive, resolve
from compliance_bot.cases.comment import comment, send_to_studio
from compliance_bot.cases.fix_by import fix_by
from compliance_bot.cases.press import Decider
from compliance_bot.cases.proposals import decline
from compliance_bot.cases.snooze import snooze, wake
from compliance_bot.cases.undo import undo
from compliance_bot.config.schema import Action

Freshen: TypeAlias = Callable[[str], Awaitable[bool]]
"""Has Studio read again what a reference is about; False where Studio did not answer in time."""

Consult: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""What Slack has to be asked about what was chosen in a form; the decider gets it with the form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How a kind of row is decided.

    ``right``: what its person needs. ``must_be_fresh``: it waits while Studio does not answer. ``asks``: the
    right of those whose Slack ids the decider is handed as ``form["may"]``. ``freshen``: what reads Studio
    again, where it is not a finding's case.
    """

    right: Action
    decide: Decider
    must_be_fresh: bool = False
    asks: Action | None = None
    freshen: Freshen | None = None
    consult: Consult | None = None


Rules = Mapping[str, Rule]
"""Each by the kind of its rows."""

OF_CASES: Rules = {
    "acknowledge": Rule(right="acknowledge", decide=acknowledge),
    "acknowledge_all": Rule(right="acknowledge", decide=acknowledge_all),
    "undo": Rule(right="acknowledge", decide=undo),
    "snooze": Rule(right="snooze", decide=snooze),
    "wake": Rule(right="snooze", decide=wake),
    "resolve": Rule(right="resolve", decide=resolve, must_be_fresh=True),
    "false_positive": Rule(right="resolve", decide=false_positive, must_be_fresh=True),
    "accept_risk": Rule(right="accept_risk", decide=accept_risk, must_be_fresh=True, asks="accept_risk"),
    "confirm_proposal": Rule(right="accept_risk", decide=confirm, must_be_fresh=True),
    "decline_proposal": Rule(right="acknowledge", decide=decline),
    "assign": Rule(right="assign", decide=assign),
    "comment": Rule(right="comment", decide=comment),
    "fix_by": Rule(right="acknowledge", decide=fix_by),
    "send_to_studio": Rule(right="comment", decide=send_to_studio),
}
"""Everything that people decide of a finding's case."""

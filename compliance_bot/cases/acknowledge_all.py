"""Acknowledge all: each finding that a digest listed as open when it was clicked, one decision each.

The button carries the references that stood there, so that nothing is decided which nobody saw.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from compliance_bot.cases import studio_pace
from compliance_bot.cases.acknowledge import acknowledge
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.press import Press, Reply, unknown
from compliance_bot.messages.digest import MOST_LINES
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.model.delivery import Lane
from compliance_bot.store import cases as store
from compliance_bot.store import digests, objects
from compliance_bot.store.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a button of a digest carries: the digest, and the references that stood there open."""

    digest_ref: str
    refs: tuple[str, ...]


def read_button(value: str) -> Listed:
    """The button's value, ``D-12 CB-0001 CB-0002``; of too long a one only the first references."""
    words = value.split()
    return Listed(digest_ref=words[0] if words else "", refs=tuple(words[1 : MOST_LINES + 1]))


def acknowledge_all(tx: Transaction, moment: Moment, press: Press) -> Reply:
    """Decide every one of them in this transaction; what is not open any more stays as it is.

    ``press.ref`` is the button's value. The writes into Studio go in the low lane, behind everybody's clicks.
    """
    listed = read_button(press.ref)
    digest_id = listed.digest_ref.removeprefix("D-")
    if not digest_id.isdecimal() or not listed.refs:
        return unknown(replace(press, ref=listed.digest_ref))
    outcomes = Counter(_decide(tx, moment, press, int(digest_id), ref) for ref in listed.refs)
    return {
        "say": "acknowledged_all",
        "ref": listed.digest_ref,
        "won": outcomes["won"],
        "before": outcomes["before"],
        "unknown": outcomes["unknown"],
        "takes": studio_pace.seconds_for(tx, moment, outcomes["won"]),
    }


def _decide(tx: Transaction, moment: Moment, press: Press, digest_id: int, ref: str) -> str:
    case = store.find_by_ref(tx, ref)
    if case is None or not digests.lists(tx, digest_id, case.id) or _is_outside(tx, moment, case):
        return "unknown"
    if case.state is not CaseState.OPEN:
        return "before"
    reply = acknowledge(tx, moment, replace(press, ref=ref), lane=Lane.LOW)
    return "won" if reply is None or reply["say"] == "on_data_of" else "before"


def _is_outside(tx: Transaction, moment: Moment, case: Case) -> bool:
    """Whether its project is none that ``studio.projects`` lists."""
    projects = moment.rulebook.rules.studio.projects
    return bool(projects) and objects.find_by_row(tx, case.object_id).finding.project_id not in projects

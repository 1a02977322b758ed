"""``audit show``: what a reference means, and its page; what nobody knows is said with what may be meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from compliance_bot.insight.approval_page import approval_page, vote_page
from compliance_bot.insight.case_life import case_page
from compliance_bot.insight.decision_page import decision_page
from compliance_bot.insight.object_page import object_page
from compliance_bot.insight.proof_parts import Reading
from compliance_bot.messages.case_page import CasePage, case_sections
from compliance_bot.messages.decision_page import DecisionPage, decision_sections
from compliance_bot.messages.proof import Section, Unknown, as_json, unknown_words
from compliance_bot.model.cases import Case
from compliance_bot.model.slack import Directory
from compliance_bot.store import cases, trail
from compliance_bot.store.transaction import Transaction

Page: TypeAlias = DecisionPage | CasePage

_CASE = re.compile(r"CB[-_ ]?([0-9A-Z]{1,12})(?:[-_ ](\d{1,12}))?", re.IGNORECASE)
_APPROVAL = re.compile(r"AP[-_ ]?([0-9A-Z]{1,12})(?:[-_ ](\d{1,12}))?", re.IGNORECASE)
_ALIKE = str.maketrans("OIL", "011")
"""Letters that no reference has, and the digits they are taken for."""
_SHORTEST_START = 4


def shown(
    tx: Transaction, directory: Directory, asked: str, *, now: float, zone: str | None
) -> dict[str, Any]:
    """The page of ``asked`` as JSON and in words, or why there is none. ``zone``: the reader's, IANA."""
    page = find(Reading(tx=tx, directory=directory, now=now), asked)
    if isinstance(page, Unknown):
        return {"found": False, "sentence": unknown_words(page), "near": list(page.near)}
    known_zone = zone_called(zone)
    said = sections(page, known_zone)
    return {
        "found": True,
        "agrees": page.verified or not (page.links or page.missing),
        "page": {"verified": page.verified, **as_json(page)},
        "zone": None if known_zone is None else zone,
        "sections": [[heading, [list(row) for row in rows]] for heading, rows in said],
    }


def sections(page: Page, zone: tzinfo | None) -> Iterator[Section]:
    """A page in words."""
    return decision_sections(page, zone) if isinstance(page, DecisionPage) else case_sections(page, zone)


def zone_called(name: str | None) -> tzinfo | None:
    """The time zone of that name; None where there is none such here."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, KeyError, OSError):
        return None


def find(reading: Reading, asked: str) -> Page | Unknown:
    """What goes by that reference, or by that id in Studio."""
    name = asked.strip().rstrip("/").rpartition("/")[2]
    of_case = _CASE.fullmatch(name)
    if of_case is not None:
        return _of_case(reading, asked, *of_case.groups())
    of_approval = _APPROVAL.fullmatch(name)
    if of_approval is not None:
        return _of_approval(reading, asked, *of_approval.groups())
    known = trail.object_called(reading.tx, name)
    if known is not None:
        case = cases.find_by_object(reading.tx, known["id"])
        return object_page(reading, name, known) if case is None else case_page(reading, case)
    return Unknown(asked=asked, why="", near=_near(reading, name))


def _of_case(reading: Reading, asked: str, digits: str, number: str | None) -> Page | Unknown:
    ref = f"CB-{digits.upper().translate(_ALIKE).rjust(4, '0')}"
    case = cases.find_by_ref(reading.tx, ref)
    if case is None:
        newest = cases.newest_ref(reading.tx)
        why = "no case was opened yet" if newest is None else f"the newest case is {newest}"
        return Unknown(asked=asked, why=why, near=() if newest is None else (newest,))
    return case_page(reading, case) if number is None else _decision(reading, asked, case, int(number))


def _decision(reading: Reading, asked: str, case: Case, number: int) -> Page | Unknown:
    rows = trail.decisions_of(reading.tx, case.id)
    row = next((row for row in rows if row["id"] == number), None)
    if row is not None:
        return decision_page(reading, case, row)
    near = tuple(f"{case.ref}-{row['id']}" for row in rows[-5:])
    why = f"{case.ref} has no decision {number}" if rows else f"nothing was decided on {case.ref} yet"
    return Unknown(asked=asked, why=why, near=near or (case.ref,))


def _of_approval(reading: Reading, asked: str, digits: str, number: str | None) -> Page | Unknown:
    ref = f"AP-{digits.upper().translate(_ALIKE).rjust(4, '0')}"
    row = trail.approval(reading.tx, ref)
    if row is None:
        newest = trail.newest_approval(reading.tx)
        why = "no approval was asked for yet" if newest is None else f"the newest approval is {newest}"
        return Unknown(asked=asked, why=why, near=() if newest is None else (newest,))
    if number is None:
        return approval_page(reading, row)
    votes = trail.votes_on(reading.tx, row["id"])
    vote = next((vote for vote in votes if vote["id"] == int(number)), None)
    if vote is not None:
        return vote_page(reading, row, vote)
    near = tuple(f"{ref}-{vote['id']}" for vote in votes[-5:])
    why = f"{ref} has no vote {int(number)}" if votes else f"nobody has voted on {ref} yet"
    return Unknown(asked=asked, why=why, near=near or (ref,))


def _near(reading: Reading, name: str) -> tuple[str, ...]:
    """The one finding or project whose id begins so."""
    starts = trail.objects_that_begin(reading.tx, name) if len(name) >= _SHORTEST_START else []
    return tuple(starts) if len(starts) == 1 else ()

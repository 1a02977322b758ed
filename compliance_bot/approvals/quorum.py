"""When enough different people have approved: whose place each stands in, and who is still free to speak.

A person speaks for one place: their own, or that of whoever handed the decision to them. One place counts
once, whoever fills it; one person counts once, however many handed it to them. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from compliance_bot.model.approvals import Verdict, Vote, VoteOutcome


def approvals(votes: Sequence[Vote]) -> list[Vote]:
    """The votes that count towards what is needed, one a person."""
    return [vote for vote in votes if vote.counts_as_approval]


def has_voted(votes: Sequence[Vote], person: str) -> bool:
    """Whether that person's approval counts already."""
    return any(vote.person == person for vote in approvals(votes))


def takes_place_of(votes: Sequence[Vote], person: str) -> Vote | None:
    """The counted vote that was given in this person's place by another; None while it is free."""
    return next((vote for vote in approvals(votes) if person in vote.details.get("places", ())), None)


def handed_by(votes: Sequence[Vote]) -> dict[str, str]:
    """To whom each giver handed the decision last: giver → taker."""
    handed: dict[str, str] = {}
    for vote in votes:
        if vote.verdict is Verdict.DELEGATE and vote.outcome is VoteOutcome.COUNTED:
            handed[vote.person] = str(vote.details["to"])
    return handed


def givers_of(votes: Sequence[Vote], person: str) -> list[str]:
    """From whom the decision came to a person, the nearest first, as far back as it goes."""
    handed = handed_by(votes)
    found: list[str] = []
    taker = person
    while True:
        giver = next((one for one, to in handed.items() if to == taker and one not in (*found, person)), None)
        if giver is None:
            return found
        found.append(giver)
        taker = giver


def places_of(votes: Sequence[Vote], person: str) -> list[str]:
    """The places that a person fills by speaking now, besides their own: of givers who are free still."""
    free: list[str] = []
    for giver in givers_of(votes, person):
        if has_voted(votes, giver) or takes_place_of(votes, giver) is not None:
            break
        free.append(giver)
    return free


def goes_in_a_circle(votes: Sequence[Vote], giver: str, taker: str) -> bool:
    """Whether the decision came to the giver from that very taker."""
    return taker in givers_of(votes, giver)

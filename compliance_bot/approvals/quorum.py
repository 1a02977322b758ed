"""When enough different people have approved: whose place each stands in, and who is still free to speak.

A person speaks for one place: their own, or that of whoever handed the decision to them. One place counts
once, whoever fills it; one person counts once, however many handed it to them, and by however many accounts
of Slack they speak: all but the first two of these functions take votes as ``by_human`` tells them. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from compliance_bot.config.schema import Rules
from compliance_bot.model.approvals import Verdict, Vote, VoteOutcome
from compliance_bot.people.identity import Account, same_human


def by_human(rules: Rules, votes: Sequence[Vote]) -> list[Vote]:
    """The votes, each human named by the first account that they appear with."""
    first: dict[str, str] = {}
    seen: list[Account] = []
    for account in _accounts(votes):
        known = next((one for one in seen if same_human(rules, one, account)), account)
        first.setdefault(account[0], first.get(known[0], known[0]))
        seen.append(account)
    return [_renamed(vote, first) for vote in votes]


def account_of(rules: Rules, votes: Sequence[Vote], account: Account) -> str:
    """The account by which ``by_human`` names whoever has this one."""
    known = next((one for one in _accounts(votes) if same_human(rules, one, account)), account)
    return known[0]


def _accounts(votes: Sequence[Vote]) -> list[Account]:
    """Every account that spoke or was handed the decision, in the order of that."""
    found: list[Account] = []
    for vote in votes:
        found.append((vote.person, vote.person_email))
        if vote.verdict is Verdict.DELEGATE:
            found.append((str(vote.details["to"]), vote.details.get("to_email")))
    return found


def _renamed(vote: Vote, first: dict[str, str]) -> Vote:
    details = dict(vote.details)
    if "to" in details:
        details["to"] = first.get(str(details["to"]), details["to"])
    if "places" in details:
        details["places"] = [first.get(one, one) for one in details["places"]]
    return replace(vote, person=first.get(vote.person, vote.person), details=details)


def approvals(votes: Sequence[Vote]) -> list[Vote]:
    """The votes that count towards what is needed, one a person."""
    counted: dict[str, Vote] = {}
    for vote in votes:
        if vote.counts_as_approval:
            counted.setdefault(vote.person, vote)
    return list(counted.values())


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

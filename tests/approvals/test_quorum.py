"""However people vote and hand on, no person and no place counts twice."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.approvals import quorum
from compliance_bot.model.approvals import Verdict, Vote, VoteOutcome
from tests.cases.stage import rules_saying

PEOPLE = ("a", "b", "c", "d")
STEPS = st.lists(st.tuples(st.sampled_from(PEOPLE), st.none() | st.sampled_from(PEOPLE)), max_size=12)


def a_vote(number: int, person: str, to: str | None, places: list[str]) -> Vote:
    return Vote(
        id=number,
        approval_id=1,
        verdict=Verdict.APPROVE if to is None else Verdict.DELEGATE,
        person=person,
        person_name=person,
        person_email=None,
        right="members",
        facts_hash="x",
        outcome=VoteOutcome.COUNTED,
        at=float(number),
        details={"places": places} if to is None else {"to": to, "name": to},
    )


def played(steps: list[tuple[str, str | None]]) -> list[Vote]:
    """The votes that the deciders would take, in order."""
    votes: list[Vote] = []
    for person, to in steps:
        if quorum.has_voted(votes, person):
            continue
        if to is None and quorum.takes_place_of(votes, person) is None:
            votes.append(a_vote(len(votes), person, None, quorum.places_of(votes, person)))
        elif to not in (None, person) and not (
            quorum.has_voted(votes, to or "") or quorum.goes_in_a_circle(votes, person, to or "")
        ):
            votes.append(a_vote(len(votes), person, to, []))
    return votes


@given(STEPS)
def test_no_person_speaks_for_a_place_that_is_spoken_for(steps: list[tuple[str, str | None]]) -> None:
    spoken = [
        place for vote in quorum.approvals(played(steps)) for place in (vote.person, *vote.details["places"])
    ]
    assert len(spoken) == len(set(spoken))


@given(STEPS)
def test_no_more_count_than_there_are_people(steps: list[tuple[str, str | None]]) -> None:
    counted = quorum.approvals(played(steps))
    assert len({vote.person for vote in counted}) == len(counted) <= len(PEOPLE)


@given(STEPS)
def test_handing_on_never_goes_round(steps: list[tuple[str, str | None]]) -> None:
    votes = played(steps)
    assert all(person not in quorum.givers_of(votes, person) for person in PEOPLE)


def test_an_empty_room_has_approved_nothing() -> None:
    assert quorum.approvals([]) == []
    assert quorum.places_of([], "a") == []


ALIASED = rules_saying("people: {aliases: {a@slack.test: b@slack.test}}").rules


def by(vote: Vote, **emails: str) -> Vote:
    """The vote, by people of those addresses."""
    details = {**vote.details, "to_email": emails.get(str(vote.details.get("to")))}
    return replace(vote, person_email=emails.get(vote.person), details=details)


def test_one_human_counts_once_by_however_many_accounts() -> None:
    emails = {"a": "a@slack.test", "b": "b@slack.test"}
    votes = [by(a_vote(number, one, None, []), **emails) for number, one in enumerate(PEOPLE)]
    counted = quorum.approvals(quorum.by_human(ALIASED, votes))
    assert [vote.person for vote in counted] == ["a", "c", "d"]
    assert quorum.account_of(ALIASED, votes, ("b", "b@slack.test")) == "a"
    assert quorum.account_of(ALIASED, votes, ("e", "e@slack.test")) == "e"


def test_what_was_handed_to_one_account_came_to_the_other_too() -> None:
    emails = {"a": "a@slack.test", "b": "b@slack.test"}
    votes = quorum.by_human(
        ALIASED, [by(a_vote(0, "c", "a", []), **emails), by(a_vote(1, "b", "d", []), **emails)]
    )
    assert quorum.givers_of(votes, "d") == ["a", "c"]
    assert quorum.goes_in_a_circle(votes, "d", "a")

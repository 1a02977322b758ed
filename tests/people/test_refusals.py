"""Every refusal of every action is a sentence that a person can act on."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest

from compliance_bot.config.schema import ACCESS_DEFAULTS, Action
from compliance_bot.messages import refusal_words
from compliance_bot.messages.wording import Refusal
from compliance_bot.people import access
from tests.people.rules_text import rules_of

ACTIONS: tuple[Action, ...] = get_args(Action)
PAIRS = list(itertools.product(Refusal, ACTIONS))


def said(refusal: Refusal, action: str) -> str:
    return refusal_words.refused(
        refusal, action=action, allowed=ACCESS_DEFAULTS[action], reference="R-12ab34cd"
    ).replace("\u200b", "")


def test_every_action_of_the_rules_has_words() -> None:
    words = [refusal_words.action_words(action) for action in ACTIONS]
    assert len(set(words)) == len(ACTIONS)
    assert not any("_" in one for one in words)


@pytest.mark.parametrize(("refusal", "action"), PAIRS, ids=[f"{one}-{two}" for one, two in PAIRS])
def test_a_refusal_says_what_why_how_to_get_it_and_its_reference(refusal: Refusal, action: str) -> None:
    sentence = said(refusal, action)
    assert refusal_words.action_words(action) in sentence
    assert "Please" in sentence
    assert sentence.endswith("(reference R-12ab34cd).")
    assert 60 < len(sentence) < 320
    assert "None" not in sentence
    assert "studio:" not in sentence
    assert not any(double in sentence for double in ("  ", "..", " ,", " ."))


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("refusal", [Refusal.GUEST, Refusal.STRANGER, Refusal.NOT_LISTED, Refusal.UNKNOWN])
def test_whoever_may_is_named(refusal: Refusal, action: str) -> None:
    words = {"members": "members", "studio:manager": "managers", "studio:auditor": "auditors"}
    entries = ACCESS_DEFAULTS[action]
    sentence = said(refusal, action)
    assert all(words[entry] in sentence for entry in entries)
    assert entries or "a colleague" in sentence or "nobody yet" in sentence


@pytest.mark.parametrize("action", ACTIONS)
def test_who_is_not_listed_is_told_where_to_be_listed(action: str) -> None:
    assert f"access.{action} in rules.yaml" in said(Refusal.NOT_LISTED, action)


def test_while_there_is_no_manager_that_very_sentence_is_said() -> None:
    assert said(Refusal.NO_MANAGER, "approve") == (
        "Nobody can approve or reject yet: it is for managers, and rules.yaml names none. Please ask whoever "
        "runs this bot to list them, by e-mail, under people.roles.manager (reference R-12ab34cd)."
    )


@pytest.mark.parametrize(
    ("rules", "waits"),
    [
        ("grouping: {}", {"approve", "accept_risk"}),
        ("people: {roles: {manager: ['ann@example.com']}}", set()),
        ("access: {approve: ['@compliance-team'], accept_risk: members}", set()),
        ("access: {resolve: ['studio:manager']}", {"approve", "accept_risk", "resolve"}),
    ],
)
def test_what_waits_for_a_manager_is_known_from_the_rules(rules: str, waits: set[str]) -> None:
    read = rules_of(rules)
    assert {action for action in ACTIONS if access.waits_for_managers(action, read)} == waits

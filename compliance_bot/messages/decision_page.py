"""One decision as a page that a stranger understands: what, by whom, by which right, on what, its proof."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from compliance_bot.messages.proof import (
    WHAT_A_CHAIN_IS,
    Link,
    Refusal,
    Row,
    RulesUsed,
    Section,
    Shown,
    Subject,
    Who,
    Written,
    labelled,
    link_rows,
    plainly,
    refusal_words,
    rules_rows,
    shown_words,
    subject_rows,
    verdict,
    when,
    who_words,
    written_words,
)

DONE: Mapping[str, str] = {
    "acknowledge": "acknowledged it: somebody is looking after it",
    "undo": "took back what had been decided",
    "snooze": "snoozed it: it sleeps until a time",
    "wake": "ended its snooze",
    "resolve": "closed it as resolved",
    "false_positive": "closed it as a false positive",
    "accept_risk": "closed it with its risk accepted",
    "assign": "gave it to somebody",
    "comment": "commented on it",
    "fix_by": "set the day by which it is to be fixed",
    "send_to_studio": "had a message of Slack added to it in Studio",
    "approve": "approved it",
    "reject": "rejected it",
    "delegate": "handed the decision to somebody else",
    "return": "returned it for more work",
    "complete": "called it complete",
}
"""What each action came to, behind the name of who did it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What is common to a decision on a case and a vote on an approval. ``details``: what else was chosen.

    ``right``: the entry of ``access:``. ``version_shown``: of the message the person had before them.
    ``observed_at``: when Studio was asked for what was known then. ``pressed_in``: the channel.
    """

    ref: str
    action: str
    who: Who
    decided_at: float
    right: str
    rules: RulesUsed
    version_shown: int | None
    observed_at: float | None
    received_at: float | None
    pressed_in: str | None
    reason: str | None
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """Who proposed it and who agreed, where two people were needed."""

    proposed_by: Who
    proposed_at: float
    right: str
    state: str
    confirmed_by: Who | None
    confirmed_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One thing that is otherwise by it; words of Studio or of ours."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPage:
    """All that is known of one decision, and how its proof stands. ``missing``: what the chain lacks."""

    decided: Decided
    subject: Subject
    changed: tuple[Changed, ...]
    undoes: str | None
    undone_by: str | None
    second: Second | None
    sent: tuple[Written, ...]
    shown: tuple[Shown, ...]
    told: tuple[Written, ...]
    refusals: tuple[Refusal, ...]
    links: tuple[Link, ...]
    missing: tuple[str, ...]
    checked_at: float

    @property
    def verified(self) -> bool:
        """True where the chain says the same as the record, and hangs together around it."""
        return verdict(self.links, self.missing) == "VERIFIED"


def decision_sections(page: DecisionPage, zone: tzinfo | None) -> Iterator[Section]:
    """The page, section by section."""
    yield heading(page.decided, page.verified), (("", _lead(page, zone)),)
    yield "What was decided", tuple(_what(page))
    yield "By whom, by which right", tuple(_by_whom(page, zone))
    yield "What it changed", tuple(_changed(page))
    yield "Studio", tuple(labelled("", (written_words(one, zone) for one in page.sent))) or (NOTHING,)
    yield "Slack", tuple(slack_rows(page.shown, page.told, zone))
    yield "Refused in the same matter", tuple(refusal_rows(page.refusals, zone))
    yield "Proof", tuple(proof_rows(page.links, page.missing, page.checked_at, zone))


def _lead(page: DecisionPage, zone: tzinfo | None) -> str:
    """The whole of it in one sentence."""
    subject, decided = page.subject, page.decided
    what = f"{subject.severity} {subject.kind}".strip()
    second = "" if page.second is None else f", as {plainly(page.second.proposed_by.name)} had proposed"
    taken_back = "" if page.undone_by is None else f" It was taken back by {page.undone_by}."
    return (
        f"{when(decided.decided_at, zone)}: {plainly(decided.who.name)} {_done(decided)}{second}. "
        f"It is about the {what} “{plainly(subject.title)}” ({subject.ref}).{taken_back}"
    )


def _done(decided: Decided) -> str:
    """What was done, without what it means."""
    did = DONE.get(decided.action, f"decided: {action_words(decided.action)}")
    return did.partition(":")[0]


NOTHING: Row = ("", "nothing")
NOBODY: Row = ("", "nobody")


def heading(decided: Decided, verified: bool) -> str:
    """The first line of the page."""
    return f"{decided.ref} · {action_words(decided.action)} · {'VERIFIED' if verified else 'NOT VERIFIED'}"


def action_words(action: str) -> str:
    """``false_positive`` → ``false positive``."""
    return plainly(action).replace("_", " ")


def _what(page: DecisionPage) -> Iterator[Row]:
    yield from subject_rows(page.subject)
    yield from what_rows(page.decided)
    if page.undoes is not None:
        yield "takes back", page.undoes
    if page.undone_by is not None:
        yield "taken back", f"by {page.undone_by}: it stands no more"


def what_rows(decided: Decided) -> Iterator[Row]:
    """The decision in words, its reason, and whatever else was chosen."""
    did = DONE.get(decided.action, f"decided: {action_words(decided.action)}")
    yield "decision", f"{plainly(decided.who.name)} {did}"
    yield "reason", f"“{plainly(decided.reason)}”" if decided.reason else "none given"
    for name, value in decided.details.items():
        yield plainly(name).replace("_", " "), plainly(value)


def _by_whom(page: DecisionPage, zone: tzinfo | None) -> Iterator[Row]:
    yield from whom_rows(page.decided, zone)
    if page.second is not None:
        yield from _second(page.second, zone)


def whom_rows(decided: Decided, zone: tzinfo | None) -> Iterator[Row]:
    """Who, when, by which right, under which rules, and what they had before them."""
    yield "person", who_words(decided.who)
    if decided.who.studio_user is None:
        yield "", "who that is in Studio was not known"
    yield "decided", when(decided.decided_at, zone)
    if decided.received_at is not None:
        place = "" if decided.pressed_in is None else f", in {plainly(decided.pressed_in)}"
        yield "pressed", f"{when(decided.received_at, zone)}{place}"
    yield "right", f"the entry {plainly(decided.right)} of access in rules.yaml"
    yield from rules_rows(decided.rules, zone)
    version = decided.version_shown
    yield "saw", "no message of the case" if version is None else f"version {version} of the message"
    if decided.observed_at is not None:
        age = max(0, round(decided.decided_at - decided.observed_at))
        yield "", f"data of {when(decided.observed_at, zone)}, {age} s old then"


def _second(second: Second, zone: tzinfo | None) -> Iterator[Row]:
    proposed = f"{who_words(second.proposed_by)}, {when(second.proposed_at, zone)}"
    yield "proposed by", f"{proposed}, by the entry {plainly(second.right)}"
    if second.confirmed_by is not None:
        yield "confirmed by", f"{who_words(second.confirmed_by)}, {when(second.confirmed_at, zone)}"
    else:
        yield "", plainly(second.state)


def _changed(page: DecisionPage) -> Iterator[Row]:
    for one in page.changed:
        yield one.what, f"{plainly(one.before)} → {plainly(one.after)}"
    if not page.changed:
        yield "", "no state: it was only said"


def slack_rows(shown: tuple[Shown, ...], told: tuple[Written, ...], zone: tzinfo | None) -> Iterator[Row]:
    """Which messages show it since when, and what was said of it beside."""
    yield from labelled("shown in", (shown_words(one, zone) for one in shown))
    yield from labelled("said", (written_words(one, zone).replace("written", "said", 1) for one in told))
    if not shown and not told:
        yield NOTHING


def refusal_rows(refusals: tuple[Refusal, ...], zone: tzinfo | None) -> Iterator[Row]:
    """Who tried in vain."""
    yield from labelled("", (refusal_words(one, zone) for one in refusals))
    if not refusals:
        yield NOBODY


def proof_rows(
    links: tuple[Link, ...], missing: tuple[str, ...], checked_at: float, zone: tzinfo | None
) -> Iterator[Row]:
    """What was looked at just now, and what came of it."""
    yield from link_rows(links)
    yield from (("", f"DOES NOT MATCH: {plainly(one)}") for one in missing)
    found = verdict(links, missing)
    said = {
        "VERIFIED": "each hash was computed anew, its neighbours hang on it, and the record says the same",
        "NOT VERIFIED": "the record and the audit chain do not agree, see above",
    }
    yield "verdict", f"{found}: {said[found]}; looked at {when(checked_at, zone)}"
    yield "", WHAT_A_CHAIN_IS

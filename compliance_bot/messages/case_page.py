"""The whole life of a case, in order: each line with its time, who, and the entry that proves it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo

from compliance_bot.messages.decision_page import NOTHING
from compliance_bot.messages.proof import (
    WHAT_A_CHAIN_IS,
    Link,
    Row,
    Section,
    Shown,
    Subject,
    Who,
    labelled,
    link_rows,
    plainly,
    shown_words,
    subject_rows,
    verdict,
    when,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened. ``words``: plain text; ``seq``: the chain's entry, None for what has none."""

    at: float
    who: Who
    words: str
    seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """A case, or an object that has none. ``facts``: how it stands now, by name."""

    subject: Subject
    facts: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    shown: tuple[Shown, ...]
    links: tuple[Link, ...]
    missing: tuple[str, ...]
    checked_at: float

    @property
    def verified(self) -> bool:
        """True where every entry about it is whole and the record says the same."""
        return verdict(self.links, self.missing) == "VERIFIED"


def case_sections(page: CasePage, zone: tzinfo | None) -> Iterator[Section]:
    """The page, section by section."""
    proof = (
        "VERIFIED" if page.verified else "NOT VERIFIED" if page.links or page.missing else "nothing decided"
    )
    yield f"{page.subject.ref} · {page.subject.kind} · {proof}", ()
    yield "What it is", (*subject_rows(page.subject), *page.facts)
    yield "Its life", tuple(life_rows(page.steps, zone)) or (NOTHING,)
    yield "Slack", tuple(labelled("shown in", (shown_words(one, zone) for one in page.shown))) or (NOTHING,)
    yield "Proof", tuple(_proof(page, zone))


def life_rows(steps: tuple[Step, ...], zone: tzinfo | None) -> Iterator[Row]:
    """Each with its entry and its time, and who did what below it."""
    for step in steps:
        entry = "" if step.seq is None else f"entry {step.seq}"
        yield entry, f"{when(step.at, zone)}\n{plainly(step.who.name)} {plainly(step.words)}"


def _proof(page: CasePage, zone: tzinfo | None) -> Iterator[Row]:
    bad = tuple(link for link in page.links if link.faults)
    yield from link_rows(bad)
    yield from (("", f"DOES NOT MATCH: {plainly(one)}") for one in page.missing)
    if not page.links:
        yield "verdict", "no entry of the chain is about it"
        return
    first, last = page.links[0], page.links[-1]
    yield "entries", f"{len(page.links)}, the first and the last of them:"
    yield f"entry {first.seq}", f"hash {first.hash}"
    if last is not first:
        yield f"entry {last.seq}", f"hash {last.hash}"
    if not bad and not page.missing:
        yield "verdict", f"VERIFIED: each says what the record says; looked at {when(page.checked_at, zone)}"
    else:
        yield "verdict", f"NOT VERIFIED: see above; looked at {when(page.checked_at, zone)}"
    yield "", WHAT_A_CHAIN_IS

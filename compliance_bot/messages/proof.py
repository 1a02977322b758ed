"""What a proof shows: the nouns of ``audit show``, and the words that all its pages share. Plain text.

Times are Unix seconds; each is said in UTC and, beside it, in the reader's zone. Texts of people and of
Studio are data: one line, no control characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeAlias

from compliance_bot.clock import iso
from compliance_bot.messages.mrkdwn import clean

Row: TypeAlias = tuple[str, str]
"""A label (empty: the same as above) and what stands beside it."""
Section: TypeAlias = tuple[str, tuple[Row, ...]]
"""A heading and its rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A person as the record knows them. ``slack_id`` is None where Studio or the bot itself acted."""

    name: str
    slack_id: str | None = None
    email: str | None = None
    studio_user: str | None = None


BOT = Who(name="the bot")


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesUsed:
    """The rules that decided. ``first_used``: when they came into force first; None where nobody knows."""

    hash: str
    first_used_at: float | None
    stored: bool
    in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One step towards Studio or Slack, and how it stands.

    ``state``: ``done``, ``not_needed``, ``refused``, ``left_out``, ``in_doubt``, ``waiting``. ``at``: when it
    came to that; ``note``: why, in the other side's word.
    """

    what: str
    state: str
    planned_at: float
    at: float | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One message and since when it has shown it; ``since_at`` is None while it does not."""

    channel: str
    state: str
    since_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One entry of the chain, looked at now; ``faults``: what does not match, empty where all does."""

    seq: int
    hash: str
    kind: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What somebody tried on the same case and was refused."""

    at: float
    who: Who
    action: str
    reason: str
    reference: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What it is all about, as it was known last."""

    ref: str
    kind: str
    studio_id: str
    title: str
    severity: str = ""
    stands: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Nothing goes by that name; ``near``: what may have been meant, ``why``: what is known of it."""

    asked: str
    why: str
    near: tuple[str, ...] = ()


# ---------------------------------------------------------------- as JSON


def as_json(noun: Any) -> Any:
    """A page as plain JSON: field by field, times in UTC beside nothing else."""
    if is_dataclass(noun) and not isinstance(noun, type):
        return {field.name: _field(field.name, getattr(noun, field.name)) for field in fields(noun)}
    if isinstance(noun, Mapping):
        return {name: as_json(value) for name, value in noun.items()}
    return [as_json(one) for one in noun] if isinstance(noun, tuple | list) else noun


def _field(name: str, value: Any) -> Any:
    is_time = (name == "at" or name.endswith("_at")) and isinstance(value, float | int)
    return iso(value) if is_time else as_json(value)


# ---------------------------------------------------------------- in words


def plainly(value: object) -> str:
    """Data on a terminal: one line, without control characters."""
    return " ".join(clean(str(value)[:12_000]).split())


def when(at: float | None, zone: tzinfo | None) -> str:
    """``2026-11-24 14:03:05 UTC (15:03:05 CET)``; the date too where the reader's is another."""
    if at is None:
        return "not known"
    utc = datetime.fromtimestamp(at, UTC)
    said = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    if zone is None:
        return said
    local = utc.astimezone(zone)
    if local.utcoffset() == utc.utcoffset():
        return said
    form = "%H:%M:%S %Z" if local.date() == utc.date() else "%Y-%m-%d %H:%M:%S %Z"
    return f"{said} ({local.strftime(form)})"


def who_words(who: Who) -> str:
    """Name, then all by which the person is known."""
    known = [
        None if who.slack_id is None else f"Slack {who.slack_id}",
        who.email,
        f"Studio {who.studio_user}" if who.studio_user else None,
    ]
    said = ", ".join(plainly(one) for one in known if one)
    return f"{plainly(who.name)} ({said})" if said else plainly(who.name)


def subject_rows(subject: Subject) -> Iterator[Row]:
    """What it is about."""
    yield "about", f"{subject.kind} “{plainly(subject.title)}”"
    known = [f"Studio id {plainly(subject.studio_id)}", subject.severity, subject.stands]
    yield "", ", ".join(filter(None, known))


def rules_rows(rules: RulesUsed, zone: tzinfo | None) -> Iterator[Row]:
    """The rules, since when, and whether they can be read still."""
    since = "since when is not known"
    if rules.first_used_at is not None:
        since = f"in force since {when(rules.first_used_at, zone)}"
    now = ", and still" if rules.in_force else ", and no more"
    kept = "their text is stored" if rules.stored else "their text is not stored any more"
    yield "rules", f"version {rules.hash}"
    yield "", f"{since}{now if rules.first_used_at is not None else ''}; {kept}"


STATES: Mapping[str, str] = {
    "done": "written",
    "not_needed": "not needed",
    "refused": "refused for good",
    "left_out": "left out",
    "in_doubt": "sent, and not yet known whether it arrived",
    "waiting": "awaited",
}


def written_words(one: Written, zone: tzinfo | None) -> str:
    """How one step stands: ``status investigating: written 2026-…``."""
    note = f": {plainly(one.note)}" if one.note else ""
    at = f"since {when(one.planned_at, zone)}" if one.at is None else when(one.at, zone)
    return f"{plainly(one.what)}: {STATES[one.state]}{note}, {at}"


def shown_words(one: Shown, zone: tzinfo | None) -> str:
    """Where it stands: ``#compliance: since 2026-…``."""
    if one.since_at is not None:
        return f"{plainly(one.channel)}: since {when(one.since_at, zone)}"
    return f"{plainly(one.channel)}: {plainly(one.state)}"


def refusal_words(one: Refusal, zone: tzinfo | None) -> str:
    """Who was refused what, and why."""
    quoted = f", reference {plainly(one.reference)}" if one.reference else ""
    tried = plainly(one.action).replace("_", " ")
    reason = plainly(one.reason).replace("_", " ")
    return f"{when(one.at, zone)}: {who_words(one.who)} tried to {tried}: {reason}{quoted}"


def link_rows(links: Sequence[Link]) -> Iterator[Row]:
    """The entries by number and hash, each with what was found wrong."""
    for link in links:
        yield f"entry {link.seq}", plainly(link.kind)
        yield "", f"hash {link.hash}"
        for fault in link.faults:
            yield "", f"DOES NOT MATCH: {plainly(fault)}"


def verdict(links: Sequence[Link], missing: Iterable[str] = ()) -> str:
    """``VERIFIED``, or that it is not."""
    faults = any(link.faults for link in links) or any(missing)
    return "NOT VERIFIED" if faults or not links else "VERIFIED"


WHAT_A_CHAIN_IS = (
    "The audit chain has one entry for each decision, refusal and change of a case. The hash of each covers "
    "the one before it, so that nothing can be changed or taken out unseen. To check all of it: "
    "compliance-bot audit verify"
)


def labelled(label: str, lines: Iterable[str]) -> Iterator[Row]:
    """Lines under one label."""
    for number, line in enumerate(lines):
        yield ("" if number else label), line


def unknown_words(unknown: Unknown) -> str:
    """That nothing goes by that name, and what may have been meant."""
    why = f": {unknown.why}" if unknown.why else ""
    near = f" Did you mean {' or '.join(map(plainly, unknown.near))}?" if unknown.near else ""
    mend = (
        "Give a decision's reference as it stands in Studio's comments (CB-0001-12), a case's (CB-0001), an "
        "approval's (AP-0001, AP-0001-3) or an id of Studio's."
    )
    return f"The record knows nothing called {plainly(unknown.asked)}{why}.{near} {mend}"

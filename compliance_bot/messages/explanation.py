"""What would be said of an event, and why, as ``explain`` shows it: as data and as lines for people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from compliance_bot.clock import iso
from compliance_bot.messages.mrkdwn import clean
from compliance_bot.messages.why_words import people_words, plainly, reason_words
from compliance_bot.model.delivery import CHANNEL_UNRESOLVED
from compliance_bot.model.events import Attribute


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A named reason with what it speaks of."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSeen:
    """One routing rule. ``outcome``: ``matched``, ``not matched`` or ``not looked at``.

    ``reads``: what its condition reads of the event; None where the event lacks it.
    """

    name: str
    condition: str
    outcome: str
    reads: Mapping[str, Attribute | None]
    stop: bool = False
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """Somebody who is pinged. ``kind``: group, person or here; ``people`` None: nobody knows how many.

    ``markup`` is the mention as it stands in the message.
    """

    who: str
    markup: str
    kind: str
    people: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One channel's message. ``channel_id`` is None while Slack knows no such channel.

    ``shown``: ``shown``, ``withheld`` (a reference that says nothing) or ``unread`` (it waits until Slack
    said who reads the channel). ``waits``: why it does not leave yet, a named reason; ``held_until``: the
    end of quiet hours, Unix seconds. ``text`` and ``blocks`` are the request as it would leave.
    """

    channel: str
    channel_id: str | None
    because: tuple[Why, ...]
    pings: tuple[Ping, ...]
    named: tuple[str, ...]
    unresolved: tuple[str, ...]
    ceiling: str | None
    ceiling_because: str
    shown: str
    waits: str | None
    held_until: float | None
    text: str | None
    blocks: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RungSeen:
    """What is said again ``after`` so many seconds in which nobody acts; names as rules.yaml writes them."""

    after: float
    step: int
    mentions: tuple[str, ...]
    channel: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that would become of one event. ``untold``: why it is recorded only; None: it is told."""

    type: str
    id: str
    title: str
    change: str
    untold: str | None
    notification: str
    template: str
    lane: str
    threading: bool
    sensitivity: str
    trace: tuple[Why, ...]
    rules: tuple[RuleSeen, ...]
    places: tuple[Place, ...]
    attributes: Mapping[str, Attribute]
    notes: tuple[str, ...] = field(default=())
    """What was taken for granted, in words."""
    ladder: tuple[RungSeen, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """As one JSON object."""
        return {
            "type": self.type,
            "id": self.id,
            "title": self.title,
            "change": self.change,
            "told": self.untold is None,
            "untold": self.untold,
            "notification": self.notification,
            "template": self.template,
            "lane": self.lane,
            "threading": self.threading,
            "class": self.sensitivity,
            "trace": [_why(why) for why in self.trace],
            "rules": [_rule(rule) for rule in self.rules],
            "destinations": [_place(place) for place in self.places],
            "ladder": [_rung(rung) for rung in self.ladder],
            "attributes": dict(self.attributes),
            "notes": list(self.notes),
        }


def _why(why: Why) -> dict[str, str]:
    return {"reason": why.reason, "detail": why.detail}


def _rung(rung: RungSeen) -> dict[str, Any]:
    return {
        "after": rung.after,
        "step": rung.step,
        "mentions": list(rung.mentions),
        "channel": rung.channel,
    }


def _rule(rule: RuleSeen) -> dict[str, Any]:
    return {
        "name": rule.name,
        "outcome": rule.outcome.replace(" ", "_"),
        "condition": rule.condition,
        "reads": dict(rule.reads),
        "stop": rule.stop,
        "replace": rule.replace,
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "channel": place.channel,
        "channel_id": place.channel_id,
        "because": [_why(why) for why in place.because],
        "pings": [_ping(ping) for ping in place.pings],
        "named": list(place.named),
        "unresolved": list(place.unresolved),
        "ceiling": place.ceiling,
        "ceiling_because": place.ceiling_because,
        "shown": place.shown,
        "waits": place.waits,
        "held_until": None if place.held_until is None else iso(place.held_until),
        "text": place.text,
        "blocks": list(place.blocks),
    }


def _ping(ping: Ping) -> dict[str, Any]:
    return {"who": ping.who, "markup": ping.markup, "kind": ping.kind, "people": ping.people}


# ---------------------------------------------------------------- for people

UNTOLD: Mapping[str, str] = {
    "type.disabled": "its notification type is switched off (enabled: false)",
    "status.closed": "Studio calls it closed already",
    "project.not_listed": "its project is not in studio.projects",
}
WAITS: Mapping[str, str] = {
    CHANNEL_UNRESOLVED: "until Slack knows the channel",
    "audience.unread": "until Slack has said who reads the channel",
}
MOST_RUNGS = 10
"""Rungs of a ladder that are named."""

Row = tuple[str, str]
"""A label (empty: the same as above, or a line of its own) and what stands beside it."""


def rows(told: Explanation) -> Iterator[Row]:
    """The explanation as labelled lines, without the messages."""
    name = f"{told.type} {told.id}".rstrip()
    yield "event", plainly(f"{name} ({told.change}): {told.title}".rstrip(" :"))
    for note in told.notes:
        yield "note", note
    first = told.trace[0]
    yield "type", reason_words(first.reason, first.detail)
    threading = "follow-ups in its thread" if told.threading else "follow-ups by editing it only"
    yield "", f"{told.lane}, template {plainly(told.template)}, {threading}"
    for rule in told.rules:
        yield from _rule_rows(rule)
    yield "class", plainly(told.sensitivity)
    if told.untold is not None:
        yield "told", f"no, recorded only: {UNTOLD.get(told.untold, told.untold)}"
    yield from _ladder_rows(told.ladder)


def _ladder_rows(ladder: Sequence[RungSeen]) -> Iterator[Row]:
    """While nobody acts: when, whom it calls, and where besides."""
    for number, rung in enumerate(ladder[:MOST_RUNGS]):
        where = f", in {plainly(rung.channel)} too" if rung.channel else ""
        whom = ", ".join(map(plainly, rung.mentions)) or "nobody"
        yield "" if number else "climbs", f"after {duration_words(rung.after)}: {whom}{where}"
    if len(ladder) > MOST_RUNGS:
        yield "", f"and {len(ladder) - MOST_RUNGS} more"


def duration_words(seconds: float) -> str:
    """``1 h 30 min``: as much as tells two durations apart."""
    left = int(seconds)
    parts = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts) or f"{seconds:g} s"


def _rule_rows(rule: RuleSeen) -> Iterator[Row]:
    extra = "".join(f", {word}" for word, on in (("replace", rule.replace), ("stop", rule.stop)) if on)
    yield "rule", f"{plainly(rule.name)}: {rule.outcome}{extra if rule.outcome == 'matched' else ''}"
    yield "", f"  {plainly(rule.condition)}"
    if rule.outcome != "not looked at":
        yield "", "  " + ", ".join(_read(name, value) for name, value in rule.reads.items())


def _read(name: str, value: Attribute | None) -> str:
    if value is None:
        return f"no {name}"
    said = ", ".join(value) if isinstance(value, tuple) else str(value)
    return f"{name} is {plainly(said)}"


def place_rows(place: Place) -> Iterator[Row]:
    """One destination as labelled lines, without its message."""
    yield "because", "; ".join(reason_words(why.reason, why.detail) for why in place.because)
    yield "pings", ", ".join(f"{ping.who} ({people_words(ping.people)})" for ping in place.pings) or "nobody"
    if place.named:
        yield "", f"as text only: {', '.join(map(plainly, place.named))}"
    if place.unresolved:
        yield "", f"unknown to Slack: {', '.join(map(plainly, place.unresolved))}"
    yield "readers", _readers(place)
    yield "leaves", _leaves(place)


def _readers(place: Place) -> str:
    because = reason_words(place.ceiling_because, "")
    if place.shown == "unread":
        return because
    verdict = "shown" if place.shown == "shown" else "withheld, a reference stands for it"
    return f"up to {place.ceiling} ({because}): {verdict}"


def _leaves(place: Place) -> str:
    waits = [] if place.waits is None else [f"waits {WAITS.get(place.waits, place.waits)}"]
    if place.held_until is not None:
        waits.append(f"held by quiet hours until {iso(place.held_until)}")
    return "; ".join(waits) or "at once"


def body_of(place: Place) -> tuple[dict[str, Any], ...]:
    """The message's blocks without the line of its mentions: what it says, whoever it pings."""
    return tuple(block for block in place.blocks if block.get("block_id") != "case_mentions")


def message_lines(place: Place) -> Iterator[str]:
    """The message as a reader would see it, roughly: one line for each text and row of buttons."""
    lines = _raw_lines(place)
    for line in lines:
        for ping in place.pings:
            line = line.replace(ping.markup, ping.who)  # noqa: PLW2901 - one line, mended step by step
        yield clean(_UNESCAPED.sub(lambda found: _CHARACTERS[found[0]], _LABELLED.sub(r"\1", line)))


def _raw_lines(place: Place) -> Iterator[str]:
    if not place.blocks and place.text is not None:
        yield from place.text.splitlines()
    for block in place.blocks:
        yield from _block_lines(block)


_LABELLED = re.compile(r"<[^<>|]*\|([^<>]*)>")
"""Markup with words for those who cannot draw it: dates, links."""
_CHARACTERS = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_UNESCAPED = re.compile("|".join(_CHARACTERS))


def _block_lines(block: Mapping[str, Any]) -> Iterator[str]:
    if block.get("type") == "rich_text":
        yield from _rich_lines(block)
        return
    fields = [block.get("text"), *block.get("fields", ())]
    for text in (one for one in fields if isinstance(one, dict)):
        yield from str(text.get("text", "")).splitlines()
    elements = [*block.get("elements", ()), *([block["accessory"]] if "accessory" in block else [])]
    said = [_element(one) for one in elements if isinstance(one, dict)]
    if any(said):
        yield "  ".join(part for part in said if part)
    if block.get("type") == "divider":
        yield "---"


def _element(element: Mapping[str, Any]) -> str:
    text = element.get("text")
    if isinstance(text, dict):
        return f"[{text.get('text', '')}]"
    return str(text or "")


def _rich_lines(part: Mapping[str, Any], bullet: str = "") -> Iterator[str]:
    """The lines of a rich text: of its sections, and of its lists, one for each entry."""
    for inner in part.get("elements", ()):
        if inner.get("type") == "rich_text_list":
            yield from _rich_lines(inner, "• ")
        else:
            whole = "".join(map(_rich_word, inner.get("elements", ())))
            yield from f"{bullet}{whole}".splitlines()


def _rich_word(word: Mapping[str, Any]) -> str:
    if word.get("type") == "emoji":
        return f":{word.get('name', '')}:"
    return str(next((word[key] for key in ("text", "fallback", "url", "user_id") if word.get(key)), ""))

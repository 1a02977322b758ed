"""Why a finding was told, where it stands, and why not, for one pair of eyes: data in it is inert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from compliance_bot.messages.limits import fit
from compliance_bot.messages.message import Message
from compliance_bot.messages.values import link
from compliance_bot.messages.why_words import reason_words
from compliance_bot.messages.wording import datum, when_said


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTold:
    """One channel and what became of the message there. Times are Unix seconds.

    ``channel`` is None where the reader may not know that it is there. ``state``: ``shown``, ``listed``
    (a line of ``digest``, which ``at`` and ``permalink`` are then of), ``held`` (by quiet hours until
    ``at``), ``sending``, ``in_doubt``, or ``waits`` and ``dead`` with their ``reason``. ``pinged``: who,
    by name: nobody is pinged by this answer.
    """

    channel: str | None
    state: str
    at: float | None = None
    permalink: str | None = None
    digest: str | None = None
    reason: str = ""
    pinged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyView:
    """All that is said. ``title`` is None where the reader may not see it; ``untold``: why it has no case.

    ``trace``: the reasons as recorded when it was routed, ``at`` what time and for which ``change``.
    """

    ref: str
    title: str | None
    stands: str
    untold: str | None
    at: float | None
    change: str
    trace: tuple[tuple[str, str], ...]
    places: tuple[PlaceTold, ...]


def show_why(view: WhyView) -> Message:
    """The answer, within Slack's limits."""
    title = "" if view.title is None else f" {datum(view.title)}"
    head = f"*{datum(view.ref)}*{title} ({datum(view.stands)})"
    parts = [head, *_reasons(view), *_places(view.places)]
    blocks: tuple[dict[str, Any], ...] = tuple(
        {"type": "section", "text": {"type": "mrkdwn", "text": part, "verbatim": True}} for part in parts
    )
    return fit(Message(text=head, blocks=blocks))


def unknown_finding(asked: str, near: str | None) -> str:
    """There is no such finding; the near miss."""
    guess = f" Did you mean {datum(near)}?" if near else ""
    mend = "Give a reference such as CB-0007, or the finding's id in Studio."
    return f"I know no finding called {datum(asked)}.{guess} {mend}"


def which_finding(command: str) -> str:
    """Nothing was named."""
    return f"Which finding? For example `{datum(command)} why CB-0007`, or with its id in Studio."


def of_no_listed_project() -> str:
    """Its project is none that this bot tells of, so nothing more is said."""
    return "That finding belongs to no project that I may tell of (studio.projects in rules.yaml)."


_UNTOLD = {
    "baseline": "It stood in Studio before my first complete reading, so it was recorded and not told.",
    "closed": "Studio called it closed when I first saw it, so it was recorded and not told.",
    "disabled": "Its kind is switched off in rules.yaml (enabled: false), so it was recorded and not told.",
    "held": "Most of its integration's findings vanished; it is told once that is settled.",
    "gone": "It was gone from Studio before it was told.",
    "unknown": "It was recorded and not told.",
}


_MISSED = "rule.not_matched"


def _reasons(view: WhyView) -> list[str]:
    lines = [] if view.untold is None else [_UNTOLD.get(view.untold, _UNTOLD["unknown"])]
    missed = [detail for reason, detail in view.trace if reason == _MISSED]
    told = list(dict.fromkeys(reason_words(*step, say=datum) for step in view.trace if step[0] != _MISSED))
    if told:
        when = "" if view.at is None else f", {when_said(view.at)}"
        lines.append(f"*Why* ({datum(view.change)}{when}): {'; '.join(told)}")
    if missed:
        lines.append(f"Rules that did not match: {', '.join(map(datum, missed[:20]))}")
    return lines


def _places(places: Sequence[PlaceTold]) -> list[str]:
    return ["\n".join(f"• {_place(place)}" for place in places)] if places else []


def _place(place: PlaceTold) -> str:
    where = "a private channel" if place.channel is None else f"#{datum(place.channel)}"
    pinged = f"; pinged {', '.join(map(datum, place.pinged))}" if place.pinged else ""
    return f"{where}: {_state(place)}{pinged}"


def _state(place: PlaceTold) -> str:
    at = "" if place.at is None else when_said(place.at)
    waits = f"waits: {datum(place.reason)}" if place.reason else "waits for its turn"
    words = {
        "shown": f"shown {at}".rstrip() + _linked(place.permalink),
        "listed": f"a line of digest {datum(place.digest or '')} {at}".rstrip() + _linked(place.permalink),
        "held": f"held by quiet hours until {at}",
        "sending": "being sent",
        "in_doubt": "sent, and not yet known whether it arrived",
        "dead": f"not delivered: {datum(place.reason)}",
    }
    return words.get(place.state, waits)


def _linked(permalink: str | None) -> str:
    address = link(permalink)
    return f" (<{address}|the message>)" if address else ""

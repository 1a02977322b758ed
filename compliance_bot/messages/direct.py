"""A direct message: one sentence, the case it is about as it stands now, and at most two buttons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from compliance_bot.messages import wording
from compliance_bot.messages.buttons import consent_row
from compliance_bot.messages.framing import context, section
from compliance_bot.messages.limits import balance
from compliance_bot.messages.message import Message
from compliance_bot.messages.mrkdwn import escape
from compliance_bot.messages.values import link
from compliance_bot.model.cases import Case
from compliance_bot.model.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectView:
    """All that a direct message is made of.

    ``finding`` is None where the reader may not know what the case is about. ``url`` leads to Studio,
    ``permalink`` to the case's message. ``proposal``: the proposal to be confirmed or declined; ``over``:
    how it ended, in place of its buttons.
    """

    text: str
    case: Case | None = None
    finding: Finding | None = None
    url: str | None = None
    permalink: str | None = None
    proposal: int | None = None
    over: str | None = None


def show_direct(view: DirectView) -> Message:
    """The message within Slack's limits."""
    blocks: list[dict[str, Any]] = [section(view.text)]
    fact = "" if view.finding is None else _fact(view.finding)
    if fact:
        blocks.append(section(fact))
    if view.case is not None:
        blocks.append(context("direct_reference", _reference(view, view.case)))
        if view.over is not None:
            blocks.append(context("direct_over", view.over))
        elif view.proposal is not None:
            blocks.append(consent_row(view.case.ref, view.proposal))
    return balance(Message(text=" ".join(filter(None, (view.text, fact))), blocks=tuple(blocks)))


def show_direct_plainly(view: DirectView) -> Message:
    """The same in words only, for when Slack will not take the blocks. It has no buttons."""
    fact = "" if view.finding is None else _fact(view.finding)
    said = [view.text, fact, escape(link(view.permalink) or link(view.url) or "")]
    return Message(text="\n".join(filter(None, said)))


def _fact(finding: Finding) -> str:
    return f"{wording.severity_words(finding.severity)}: {wording.datum(finding.title)}"


def _reference(view: DirectView, case: Case) -> str:
    parts = [wording.datum(case.ref), case.state.value]
    places = (("in Slack", view.permalink), ("in Studio", view.url))
    parts += [f"<{address}|{name}>" for name, place in places if (address := link(place)) is not None]
    return " · ".join(parts)

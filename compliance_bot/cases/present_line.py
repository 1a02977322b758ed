"""A line of a case's thread as it leaves: where it stands, whom it calls, and what is asked there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from compliance_bot.cases import calls, direct, lines, posts
from compliance_bot.cases.episode import content_of
from compliance_bot.cases.moment import Moment
from compliance_bot.messages import buttons, direct_words, framing, wording
from compliance_bot.model.cases import Case, Post
from compliance_bot.model.delivery import (
    CHANNEL_UNRESOLVED,
    Done,
    Effect,
    Later,
    Never,
    Outcome,
    Presentation,
    Skip,
)
from compliance_bot.outbox.notices import notify_of_effect
from compliance_bot.rules.sensitivity import clear
from compliance_bot.store import cases as store
from compliance_bot.store import objects, proposals, told
from compliance_bot.store.transaction import Transaction

_AGAIN = "again:"


def present_line(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """A line in the thread of whichever post carries it now; without one, as a message of its own."""
    if calls.is_overtaken(tx, effect):
        return Skip(reason=calls.OVERTAKEN)
    case = store.find(tx, effect.intent["case"])
    if "edits" in effect.intent:
        return _line_over(tx, moment, case, effect)
    words = calls.words_now(tx, effect, moment)
    text = lines.words_of(effect.intent["line"], words)
    named, pings = f"{case.ref}: {text}", calls.pings_of(words)
    place = calls.meant_beside(tx, effect, case) or calls.place_of(tx, case)
    if place is None or _is_in_the_light(moment, place.channel_id):
        return _beside(tx, moment, case, named, pings)
    if place.by_webhook:
        return _line(tx, moment, case, place.channel_id, named, {}, pings=pings)
    if place.ts is None:
        return Later(reason="thread.not_there_yet", after=1.0)
    plain = (isinstance(place, Post) and not effect.by_webhook) or "open" in words
    said = text if plain else named
    place_there = {"thread_ts": place.ts}
    blocks = _buttons(effect, case, said)
    return _line(tx, moment, case, place.channel_id, said, place_there, blocks, pings=pings)


def _beside(tx: Transaction, moment: Moment, case: Case, named: str, pings: Sequence[str]) -> Presentation:
    """The line as a message of its own, where the case stands nowhere."""
    channel = moment.directory.channel(moment.rulebook.default_channel)
    if channel is None:
        return Later(reason=CHANNEL_UNRESOLVED)
    return _line(tx, moment, case, channel.id, named, {}, pings=pings)


def _is_in_the_light(moment: Moment, channel_id: str) -> bool:
    """Whether a thread stands outside the one channel that shadow mode speaks in."""
    shadow = moment.rulebook.rules.delivery.shadow
    channel = None if shadow is None else moment.directory.channel(shadow)
    return shadow is not None and (channel is None or channel.id != channel_id)


def _line_over(tx: Transaction, moment: Moment, case: Case, effect: Effect) -> Presentation:
    """The line that asked for a second person, with how that ended in place of its buttons."""
    sent = told.result_of(tx, effect.intent["edits"])
    proposal = proposals.find(tx, effect.intent["proposal"])
    if sent is None or proposal is None:
        return Skip(reason=calls.OVERTAKEN)
    said = lines.words_of(effect.intent["line"], effect.intent["words"])
    over = direct_words.consent_over(proposal.state, None, proposal.ended_name)
    place = {"ts": sent["ts"], "parse": "none"}
    blocks = {"blocks": [framing.section(said), framing.context("consent_over", over)]}
    content = content_of(moment, objects.find_by_row(tx, case.object_id).finding)
    return clear(
        "chat.update",
        moment.audience(sent["channel"]),
        {"text": f"{said} {over}", **({} if effect.degraded else blocks), **place},
        content=content,
        instead={"text": wording.withheld_line(case.ref), **place},
    )


def _buttons(effect: Effect, case: Case, said: str) -> Mapping[str, Any]:
    """The line with the second person's buttons, where it asks for one."""
    proposal = effect.intent.get("proposal")
    if proposal is None or effect.degraded:
        return {}
    return {"blocks": [framing.section(said), buttons.consent_row(case.ref, proposal)]}


def _line(
    tx: Transaction,
    moment: Moment,
    case: Case,
    channel_id: str,
    text: str,
    place: Mapping[str, Any],
    blocks: Mapping[str, Any] | None = None,
    pings: Sequence[str] = (),
) -> Presentation:
    return clear(
        "chat.postMessage",
        moment.audience(channel_id),
        {"text": text, **(blocks or {}), **place},
        content=content_of(moment, objects.find_by_row(tx, case.object_id).finding),
        instead={"text": " ".join([*pings, wording.withheld_line(case.ref)]), **place},
    )


def settle_line(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """A line changes nothing of the case; one whose thread is gone is said once more, under a fresh post.

    One that asked for a second person while somebody was quicker shows that.
    """
    if "edits" in effect.intent:
        return
    if isinstance(outcome, Done) and proposals.has_ended(tx, effect.intent.get("proposal")):
        direct.show_over(tx, moment, effect)
    if not isinstance(outcome, Never) or not outcome.gone:
        return
    if _AGAIN in effect.key:
        notify_of_effect(tx, effect, about="dead", reason=outcome.reason, now=moment.now)
        return
    case = store.find(tx, effect.intent["case"])
    owner = posts.thread_owner(store.posts_of(tx, case))
    if owner is not None and owner.ts is not None and _was_under(effect, owner.ts):
        posts.post_fresh(tx, moment, owner)
    line, words = effect.intent["line"], effect.intent["words"]
    if calls.is_call(effect):
        calls.plan_again(tx, moment, effect, case, f"{_AGAIN}{effect.id}")
        return
    posts.say_in_thread(tx, moment, case, line, words, key=f"{_AGAIN}{effect.id}")


def _was_under(effect: Effect, ts: str) -> bool:
    arguments: Mapping[str, Any] = json.loads(effect.payload or b"{}").get("arguments", {})
    return arguments.get("thread_ts") == ts

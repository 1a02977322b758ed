"""A tick under the alert that somebody has taken; it goes when the case opens again.

It is decoration: where the app may set no emoji there is none, and one that fails blocks and tells nobody.
"""

from __future__ import annotations

from compliance_bot.cases import posts
from compliance_bot.cases.moment import Moment
from compliance_bot.model.cases import Case, CaseState, Post, PostState
from compliance_bot.model.delivery import Effect, EffectKind, Lane, Outcome, PlannedEffect, Presentation, Skip
from compliance_bot.outbox import effects
from compliance_bot.outbox.pacing import REACTIONS
from compliance_bot.rules.sensitivity import clear
from compliance_bot.store import cases as store
from compliance_bot.store import told
from compliance_bot.store.transaction import Transaction

TICK = "white_check_mark"
SCOPE = "reactions:write"

_TAKEN = (CaseState.ACKNOWLEDGED, CaseState.CLOSED)


def mark(tx: Transaction, moment: Moment, case: Case) -> None:
    """Have the case's primary message carry the tick exactly while the case is taken; free to call often."""
    if moment.granted is not None and SCOPE not in moment.granted:
        return
    post = posts.thread_owner(store.posts_of(tx, case))
    if post is None or not _stands(post):
        return
    key, wanted = f"mark:{post.id}:{post.generation}", case.state in _TAKEN
    earlier = told.written_below(tx, f"{key}:")
    if wanted == (bool(earlier) and earlier[-1].intent["on"]):
        return
    effects.plan(
        tx,
        PlannedEffect(
            kind=EffectKind.REACTION,
            key=f"{key}:{case.version}",
            lane=Lane.LOW,
            order_key=key,
            pace_key=REACTIONS,
            intent={"post": post.id, "generation": post.generation, "on": wanted},
        ),
        moment.now,
    )


def present(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """The call that puts the tick there or takes it away, if that is still what the case wants."""
    intent = effect.intent
    post = store.find_post(tx, intent["post"])
    case = store.find(tx, post.case_id)
    if not _stands(post) or post.generation != intent["generation"] or post.episode != case.episode:
        return Skip(reason="mark.no_message")
    if intent["on"] is not (case.state in _TAKEN):
        return Skip(reason="mark.overtaken")
    if moment.granted is not None and SCOPE not in moment.granted:
        return Skip(reason="mark.no_scope")
    if _is_in_the_light(moment, post):
        return Skip(reason="mark.in_shadow")
    arguments = {"timestamp": post.ts, "name": TICK}
    return clear(
        "reactions.add" if intent["on"] else "reactions.remove",
        moment.audience(post.channel_id),
        arguments,
        content=moment.rulebook.sensitivity.lowest,
        instead=arguments,
    )


def settle(_tx: Transaction, _effect: Effect, _outcome: Outcome | Skip, _moment: Moment) -> None:
    """However it ended, nothing follows from it."""


def _stands(post: Post) -> bool:
    return post.state is PostState.SHOWN and post.ts is not None


def _is_in_the_light(moment: Moment, post: Post) -> bool:
    """Whether the message stands outside the one channel that shadow mode speaks in."""
    shadow = moment.rulebook.rules.delivery.shadow
    channel = None if shadow is None else moment.directory.channel(shadow)
    return shadow is not None and (channel is None or channel.id != post.channel_id)

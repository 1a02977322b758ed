"""Where a case is shown: its posts, their edits, and the lines of its thread.

A post is wanted (a row and an effect), shown (it has a ``ts``), gone (Slack lost it: posted fresh) or
dead (Slack refused it for good: its place is taken by the next).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from compliance_bot.cases.moment import Moment
from compliance_bot.messages import case_words, wording
from compliance_bot.model.cases import Case, Post, PostRole, PostState
from compliance_bot.model.delivery import EffectKind, Lane, PlannedEffect
from compliance_bot.outbox import effects
from compliance_bot.outbox.pacing import EDITS
from compliance_bot.rules.routing import Destination, Routing
from compliance_bot.rules.trace import Reason
from compliance_bot.store import cases as store
from compliance_bot.store.transaction import Transaction

SILENT_EDIT_EVERY = 900.0
_LOST = (Reason.CHANNEL_UNKNOWN.value, Reason.CHANNEL_ARCHIVED.value)
UNRESOLVED = "?"
"""Begins the ``channel_id`` of a post whose channel Slack doesn't know (yet)."""


def show_in(
    tx: Transaction,
    moment: Moment,
    case: Case,
    routing: Routing,
    *,
    change: str,
    quiet: bool,
    earlier: Post | None = None,
) -> None:
    """Want a post in every destination that has none yet; the first of an episode is the primary.

    ``earlier``: the message of the episode before, which the new ones link.
    """
    standing = store.posts_of(tx, case)
    came_before = _earlier_note(moment, earlier)
    for destination in routing.destinations:
        role = PostRole.COPY if standing else PostRole.PRIMARY
        post_id = _want(tx, case, routing, destination, role=role, change=change, quiet=quiet)
        if post_id is not None:
            post = store.find_post(tx, post_id)
            if came_before:
                note = "\n".join(filter(None, (post.note, came_before)))
                store.change_post(tx, post.id, note=note)
            standing.append(post)
            plan_post(tx, moment, post)


def _earlier_note(moment: Moment, earlier: Post | None) -> str | None:
    if earlier is None or earlier.ts is None:
        return None
    return case_words.earlier_message_note(moment.permalink(earlier.channel_id, earlier.ts))


def _want(
    tx: Transaction,
    case: Case,
    routing: Routing,
    destination: Destination,
    *,
    role: PostRole,
    change: str,
    quiet: bool,
) -> int | None:
    return store.want_post(
        tx,
        case,
        channel_id=destination.channel_id or f"{UNRESOLVED}{destination.channel_name}",
        channel_name=destination.channel_name,
        role=role.value,
        lane=int(routing.lane),
        template=routing.template,
        emoji=routing.emoji,
        mentions=json.dumps([*destination.mentions, *destination.unresolved]),
        note=_note(destination),
        change=change,
        threading=int(routing.threading),
        quiet=int(quiet),
    )


def _note(destination: Destination) -> str | None:
    """What a reader must know of how the message came here (mentions are looked up when it leaves)."""
    lost = [reason.split(" ", 1)[1] for reason in destination.reasons if reason.startswith(_LOST)]
    notes = [wording.channel_unresolved_note(lost)] if lost else []
    if destination.meant_for:
        notes.append(wording.shadow_note(destination.meant_for, destination.named))
    elif destination.named:
        notes.append(wording.named_elsewhere_note(destination.named))
    return "\n".join(notes) or None


def plan_post(tx: Transaction, moment: Moment, post: Post) -> None:
    """Plan the message of a wanted post (of its present generation)."""
    effects.plan(
        tx,
        PlannedEffect(
            kind=EffectKind.POST,
            key=f"post:{post.id}:{post.generation}",
            lane=Lane(post.lane),
            order_key=order_key(post),
            pace_key=post.channel_id,
            intent={"post": post.id, "generation": post.generation},
        ),
        moment.now,
    )


def order_key(post: Post) -> str:
    """What concerns one message goes one after another; a fresh one never waits behind the lost one."""
    return f"post:{post.id}:{post.generation}"


def refresh(
    tx: Transaction, moment: Moment, case: Case, *, silent: bool = False, clicked: int | None = None
) -> None:
    """Have every post of the case show its present version; the ``clicked`` one first.

    Silent edits wait until a message was left alone for a quarter of an hour.
    """
    for post in store.posts_of(tx, case):
        if post.state is PostState.DEAD or post.want_version >= case.version:
            continue
        store.change_post(tx, post.id, want_version=case.version)
        if post.state is PostState.SHOWN:
            plan_edit(tx, moment, store.find_post(tx, post.id), silent=silent, first=post.id == clicked)


def plan_edit(
    tx: Transaction, moment: Moment, post: Post, *, silent: bool = False, first: bool = False
) -> None:
    """Arm the one edit that a post may have waiting."""
    lane = Lane.URGENT if first else Lane.LOW if silent else Lane.NORMAL
    effects.plan(
        tx,
        PlannedEffect(
            kind=EffectKind.EDIT,
            key=f"edit:{post.id}:{post.generation}:{post.want_version}",
            lane=lane,
            order_key=order_key(post),
            pace_key=EDITS,
            intent={"post": post.id, "silent": silent},
            not_before=post.edited_at + SILENT_EDIT_EVERY if silent else 0.0,
        ),
        moment.now,
    )


def say_in_thread(
    tx: Transaction, moment: Moment, case: Case, line: str, words: Mapping[str, Any], *, key: str
) -> None:
    """Plan a line in the primary's thread, in words of ``messages.wording``; ``key`` names it once."""
    post = thread_owner(store.posts_of(tx, case))
    if post is None:
        return
    effects.plan(
        tx,
        PlannedEffect(
            kind=EffectKind.THREAD,
            key=f"thread:{case.id}:{key}",
            lane=Lane.NORMAL,
            order_key=order_key(post),
            pace_key=post.channel_id,
            intent={"case": case.id, "episode": case.episode, "line": line, "words": dict(words)},
        ),
        moment.now,
    )


def thread_owner(posts: Sequence[Post]) -> Post | None:
    """The post whose thread carries the follow-ups: the primary, else the next that lives."""
    return next((post for post in posts if post.state is not PostState.DEAD), None)


def post_fresh(tx: Transaction, moment: Moment, post: Post) -> None:
    """Post a message anew whose old one Slack has no more."""
    store.change_post(
        tx, post.id, state=PostState.WANTED, generation=post.generation + 1, ts=None, quiet=1, shown_version=0
    )
    plan_post(tx, moment, store.find_post(tx, post.id))


def bury(tx: Transaction, moment: Moment, case: Case, post: Post) -> None:
    """Let a post go that Slack refused for good; the next copy, or the default channel, takes over."""
    store.change_post(tx, post.id, state=PostState.DEAD)
    living = [other for other in store.posts_of(tx, case) if other.state is not PostState.DEAD]
    if post.role is PostRole.PRIMARY and living:
        store.change_post(tx, post.id, role=PostRole.COPY)
        heir = next((other for other in living if other.state is PostState.SHOWN), living[0])
        store.change_post(tx, heir.id, role=PostRole.PRIMARY)
    if not living:
        _fall_back(tx, moment, case, post)


def _fall_back(tx: Transaction, moment: Moment, case: Case, post: Post) -> None:
    name = moment.rulebook.default_channel
    channel = moment.directory.channel(name)
    if channel is None:
        return
    post_id = store.want_post(
        tx,
        case,
        channel_id=channel.id,
        channel_name=channel.name,
        role=PostRole.COPY.value,
        lane=post.lane,
        template=post.template,
        emoji=post.emoji,
        mentions=json.dumps(list(post.mentions)),
        note=wording.channel_unresolved_note([f"#{post.channel_name}"]),
        change=post.change,
        threading=int(post.threading),
        quiet=int(post.quiet),
    )
    if post_id is not None:
        store.change_post(tx, post.id, role=PostRole.COPY)
        store.change_post(tx, post_id, role=PostRole.PRIMARY)
        plan_post(tx, moment, store.find_post(tx, post_id))

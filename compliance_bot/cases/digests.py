"""Many messages for one channel become one: what it lists, and when it is edited.

Decided as each message is wanted: once a channel has had, or is to get, too many in the window, all that
wait unsent become lines of a digest, and so does what comes while it still takes members.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from compliance_bot.cases.destinations import Coming
from compliance_bot.cases.moment import Moment
from compliance_bot.model.cases import Digest, DigestState, Post, PostState
from compliance_bot.model.delivery import Effect, EffectKind, EffectState, Lane, PlannedEffect
from compliance_bot.outbox import effects
from compliance_bot.outbox.pacing import EDITS
from compliance_bot.rules.grouping import burst_of
from compliance_bot.store import cases as stored_cases
from compliance_bot.store import digests as store
from compliance_bot.store import effects as stored_effects
from compliance_bot.store.transaction import Transaction

EDIT_EVERY = 5.0
"""Seconds between two edits of a digest that nobody clicked: it grows and moves in steps."""
SILENT_EDIT_EVERY = 900.0
_MOST_WAITING = 5_000
_MOST_NOTES = 3
_GROUPED = "grouped"


def digest_for(tx: Transaction, moment: Moment, coming: Coming) -> int | None:
    """The digest in which the message is to be a line; None where it is to stand alone."""
    section = moment.rulebook.rules.grouping
    burst = burst_of(section, urgent=coming.urgent)
    if burst is None:
        return None
    for known in store.taking(tx, coming.channel_id, urgent=coming.urgent, now=moment.now):
        if _can_take(tx, known, coming):
            return _with(tx, known, coming)
    since = moment.now - burst.window
    sent = store.sent_since(tx, coming.channel_id, urgent=coming.urgent, since=since)
    waiting = store.waiting(tx, coming.channel_id, urgent=coming.urgent, limit=_MOST_WAITING)
    if not burst.exceeded(sent=sent, waiting=len(waiting)):
        return None
    digest_id = _open(tx, moment, coming, section.window)
    for effect in waiting:
        _gather(tx, moment, digest_id, effect)
    return digest_id


def _open(tx: Transaction, moment: Moment, coming: Coming, window: float) -> int:
    digest_id = store.add(
        tx,
        channel_id=coming.channel_id,
        channel_name=coming.channel_name,
        urgent=int(coming.urgent),
        opened_at=moment.now,
        takes_until=moment.now + window,
        emoji=coming.emoji,
        mentions=json.dumps(list(coming.mentions)),
        note=coming.note,
    )
    plan_digest(tx, moment, store.find(tx, digest_id))
    return digest_id


def _can_take(tx: Transaction, digest: Digest, coming: Coming) -> bool:
    """Whether whom the message calls is called: an edit pings nobody, and what went by webhook has none."""
    called = set(coming.mentions) <= set(digest.mentions) and not digest.by_webhook
    return called or _waits(tx, digest)


def _waits(tx: Transaction, digest: Digest) -> bool:
    effect = stored_effects.by_key(tx, order_key(digest))
    return effect is not None and effect.state is EffectState.PENDING


def _with(tx: Transaction, digest: Digest, coming: Coming) -> int:
    """Have the digest call whom the message would have called, and note its notes."""
    mentions = tuple(dict.fromkeys((*digest.mentions, *coming.mentions)))
    notes = digest.note.split("\n") if digest.note else []
    if coming.note and coming.note not in notes and len(notes) < _MOST_NOTES:
        notes.append(coming.note)
    note = "\n".join(notes) or None
    if (mentions, note) != (digest.mentions, digest.note):
        store.change(tx, digest.id, mentions=json.dumps(list(mentions)), note=note)
    return digest.id


def _gather(tx: Transaction, moment: Moment, digest_id: int, effect: Effect) -> None:
    """Make a line of a message that waits unsent."""
    stored_effects.close(tx, effect, EffectState.SKIPPED, now=moment.now, error=_GROUPED)
    if effect.kind is EffectKind.POST:
        post = stored_cases.find_post(tx, effect.intent["post"])
        mentions = () if post.quiet else post.mentions
        _with(tx, store.find(tx, digest_id), _coming(post, mentions))
        stored_cases.change_post(tx, post.id, state=PostState.LISTED, digest_id=digest_id)
    else:
        store.add_event(tx, digest_id, effect.intent["event"])


def _coming(post: Post, mentions: tuple[str, ...]) -> Coming:
    return Coming(
        channel_id=post.channel_id,
        channel_name=post.channel_name,
        lane=Lane(post.lane),
        emoji=post.emoji,
        mentions=mentions,
        note=post.note,
    )


def list_new(tx: Transaction, moment: Moment, coming: Coming) -> int | None:
    """The digest that lists a post about to be written; None where it is to stand alone."""
    digest_id = digest_for(tx, moment, coming)
    if digest_id is not None:
        bump(tx, moment, digest_id)
    return digest_id


def take_post(tx: Transaction, moment: Moment, post: Post) -> bool:
    """List a written post where its channel has too many messages; False where it is to stand alone."""
    digest_id = digest_for(tx, moment, _coming(post, () if post.quiet else post.mentions))
    if digest_id is None:
        return False
    before = post.digest_id
    stored_cases.change_post(tx, post.id, state=PostState.LISTED, digest_id=digest_id)
    bump(tx, moment, digest_id)
    if before is not None:
        bump(tx, moment, before)
    return True


def take_event(tx: Transaction, moment: Moment, coming: Coming, event_id: int) -> bool:
    """List an event that has no case, likewise."""
    digest_id = digest_for(tx, moment, coming)
    if digest_id is None:
        return False
    store.add_event(tx, digest_id, event_id)
    bump(tx, moment, digest_id)
    return True


# ---------------------------------------------------------------- its message and its edits


def bump(
    tx: Transaction,
    moment: Moment,
    digest_id: int,
    *,
    silent: bool = False,
    clicked: str | None = None,
) -> None:
    """Have a digest show what it has become; at once where somebody ``clicked`` in it (its ts).

    A transaction does so once: nothing of it is rendered before all of it is committed.
    """
    done = f"digest:{digest_id}:{silent}:{clicked}"
    if done in tx.touched:
        return
    tx.touch(done)
    digest = store.find(tx, digest_id)
    if digest.state is DigestState.DEAD:
        return
    store.change(tx, digest.id, want_version=digest.want_version + 1)
    if digest.state is DigestState.SHOWN and not digest.by_webhook:
        here = digest.ts == clicked
        plan_edit(tx, moment, store.find(tx, digest.id), silent=silent, clicked=here)


def plan_digest(tx: Transaction, moment: Moment, digest: Digest) -> None:
    """Plan the digest's message (of its present generation)."""
    effects.plan(
        tx,
        PlannedEffect(
            kind=EffectKind.DIGEST,
            key=order_key(digest),
            lane=Lane.URGENT if digest.urgent else Lane.NORMAL,
            order_key=order_key(digest),
            pace_key=digest.channel_id,
            intent={"digest": digest.id, "generation": digest.generation},
        ),
        moment.now,
    )


def plan_edit(
    tx: Transaction, moment: Moment, digest: Digest, *, silent: bool = False, clicked: bool = False
) -> None:
    """Arm the one edit that a digest may have waiting."""
    pause = 0.0 if clicked else SILENT_EDIT_EVERY if silent else EDIT_EVERY
    effects.plan(
        tx,
        PlannedEffect(
            kind=EffectKind.DIGEST_EDIT,
            key=f"digest_edit:{digest.id}:{digest.generation}:{digest.want_version}",
            lane=Lane.URGENT if clicked else Lane.LOW if silent else Lane.NORMAL,
            order_key=order_key(digest),
            pace_key=EDITS,
            intent={"digest": digest.id},
            not_before=digest.edited_at + pause if pause else 0.0,
        ),
        moment.now,
    )


def order_key(digest: Digest) -> str:
    """What concerns one message goes one after another."""
    return f"digest:{digest.id}:{digest.generation}"


def post_fresh(tx: Transaction, moment: Moment, digest: Digest) -> None:
    """Post a digest anew whose message Slack has no more; nobody is pinged again."""
    store.change(
        tx,
        digest.id,
        state=DigestState.WANTED,
        generation=digest.generation + 1,
        ts=None,
        shown_version=0,
        mentions="[]",
    )
    plan_digest(tx, moment, store.find(tx, digest.id))


def digest_of(tx: Transaction, posts: Sequence[Post]) -> Digest | None:
    """The digest whose thread a case has that stands nowhere by itself."""
    listed = next((post for post in posts if post.state is PostState.LISTED), None)
    return None if listed is None or listed.digest_id is None else store.find(tx, listed.digest_id)

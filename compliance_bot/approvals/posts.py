"""Where an approval is shown: its copies in channels and before persons, their edits, the thread's lines.

A copy is wanted (a row and an effect), shown (it has a ``ts``) or dead (Slack refused it for good). One that
Slack lost is posted fresh. Approvals never join a digest: each asks somebody for something.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from compliance_bot.cases.destinations import note_of, place_of, words_of
from compliance_bot.cases.moment import Moment
from compliance_bot.messages import wording
from compliance_bot.model.approvals import (
    Approval,
    ApprovalPost,
    ApprovalPostState,
    ApprovalRole,
    ApprovalState,
    Decider,
)
from compliance_bot.model.delivery import EffectKind, Lane, PlannedEffect
from compliance_bot.model.slack import WEBHOOK
from compliance_bot.outbox import effects
from compliance_bot.outbox.pacing import EDITS
from compliance_bot.rules.routing import Routing
from compliance_bot.store import approvals as store
from compliance_bot.store.transaction import Transaction

_SLACK_ID = re.compile(r"[UW][A-Z0-9]{5,20}")
MOST_ANEW = 200
"""The newest copies of a channel that are shown anew for other readers."""


def show_in_channels(tx: Transaction, moment: Moment, approval: Approval, routing: Routing) -> None:
    """Want a copy in every destination that has none yet; the first carries the thread."""
    standing = bool(store.posts_of(tx, approval))
    for destination in routing.destinations:
        role = ApprovalRole.COPY if standing else ApprovalRole.PRIMARY
        post_id = store.want_post(
            tx,
            approval,
            channel_id=place_of(destination),
            channel_name=destination.channel_name,
            role=role,
            lane=int(routing.lane),
            template=routing.template,
            emoji=routing.emoji,
            mentions=json.dumps(list(words_of(destination))),
            note=note_of(destination),
        )
        if post_id is not None:
            standing = True
            plan_post(tx, moment, store.find_post(tx, post_id))


def show_to(
    tx: Transaction, moment: Moment, approval: Approval, people: Iterable[Decider], routing: Routing
) -> None:
    """Want a copy before each of these people alone, who has none yet; nobody in shadow mode."""
    if moment.shadow:
        return
    for person in (one for one in people if _SLACK_ID.fullmatch(one.id)):
        post_id = store.want_post(
            tx,
            approval,
            channel_id=person.id,
            channel_name=person.name,
            role=ApprovalRole.DIRECT,
            lane=int(routing.lane),
            template=routing.template,
            emoji=routing.emoji,
        )
        if post_id is not None:
            plan_post(tx, moment, store.find_post(tx, post_id))


def plan_post(tx: Transaction, moment: Moment, post: ApprovalPost) -> None:
    """Plan the message of a wanted copy (of its present generation)."""
    effects.plan(
        tx,
        PlannedEffect(
            kind=EffectKind.APPROVAL,
            key=order_key(post),
            lane=Lane(post.lane),
            order_key=order_key(post),
            pace_key=post.channel_id,
            intent={"post": post.id, "generation": post.generation},
        ),
        moment.now,
    )


def order_key(post: ApprovalPost) -> str:
    """What concerns one message goes one after another; a fresh one never waits behind the lost one."""
    return f"approval:{post.id}:{post.generation}"


def refresh(tx: Transaction, moment: Moment, approval: Approval, *, clicked: str | None = None) -> None:
    """Have every copy show the approval as it is now; the message ``clicked`` (its ts) first."""
    fresh = store.find(tx, approval.id)
    for post in store.posts_of(tx, fresh):
        if post.state is ApprovalPostState.DEAD or post.want_version >= fresh.version:
            continue
        store.change_post(tx, post.id, want_version=fresh.version)
        if post.state is ApprovalPostState.SHOWN and not post.by_webhook:
            plan_edit(tx, moment, store.find_post(tx, post.id), first=post.ts == clicked)


def plan_edit(tx: Transaction, moment: Moment, post: ApprovalPost, *, first: bool = False) -> None:
    """Arm the one edit that a copy may have waiting."""
    effects.plan(
        tx,
        PlannedEffect(
            kind=EffectKind.APPROVAL_EDIT,
            key=f"approval_edit:{post.id}:{post.generation}:{post.want_version}",
            lane=Lane.URGENT if first else Lane.NORMAL,
            order_key=order_key(post),
            pace_key=EDITS,
            intent={"post": post.id},
        ),
        moment.now,
    )


def say(
    tx: Transaction, moment: Moment, approval: Approval, line: str, words: Mapping[str, Any], *, key: str
) -> None:
    """Plan a line in the primary's thread; ``key`` names it once."""
    owner = thread_owner(store.posts_of(tx, approval))
    if owner is None:
        return
    effects.plan(
        tx,
        PlannedEffect(
            kind=EffectKind.APPROVAL_LINE,
            key=f"approval_line:{approval.id}:{key}",
            lane=Lane.NORMAL,
            order_key=order_key(owner),
            pace_key=owner.channel_id,
            intent={"approval": approval.id, "line": line, "words": {"at": moment.now, **words}},
        ),
        moment.now,
    )


def thread_owner(posts: Sequence[ApprovalPost]) -> ApprovalPost | None:
    """The copy whose thread carries what is said: the primary, else the next channel's that has one."""
    standing = (ApprovalPostState.WANTED, ApprovalPostState.SHOWN)
    shared = [post for post in posts if post.role is not ApprovalRole.DIRECT and post.state in standing]
    threads = (post for post in shared if not (post.by_webhook or post.channel_id.startswith(WEBHOOK)))
    return next(threads, next(iter(shared), None))


def post_fresh(tx: Transaction, moment: Moment, post: ApprovalPost) -> None:
    """Post a copy anew whose old message Slack has no more."""
    wanted = ApprovalPostState.WANTED
    store.change_post(
        tx, post.id, state=wanted, generation=post.generation + 1, ts=None, place=None, shown_version=0
    )
    plan_post(tx, moment, store.find_post(tx, post.id))


def bury(tx: Transaction, moment: Moment, post: ApprovalPost) -> None:
    """Let a copy go that Slack refused for good; the last in a channel gives way to the default channel."""
    store.change_post(tx, post.id, state=ApprovalPostState.DEAD)
    if post.role is ApprovalRole.DIRECT:
        return
    approval = store.find(tx, post.approval_id)
    heir = thread_owner(store.posts_of(tx, approval))
    if heir is None:
        _fall_back(tx, moment, approval, post)
    elif post.role is ApprovalRole.PRIMARY:
        store.change_post(tx, post.id, role=ApprovalRole.COPY)
        store.change_post(tx, heir.id, role=ApprovalRole.PRIMARY)


def _fall_back(tx: Transaction, moment: Moment, approval: Approval, post: ApprovalPost) -> None:
    channel = moment.directory.channel(moment.rulebook.default_channel)
    if channel is None:
        return
    post_id = store.want_post(
        tx,
        approval,
        channel_id=channel.id,
        channel_name=channel.name,
        role=ApprovalRole.COPY,
        lane=post.lane,
        template=post.template,
        emoji=post.emoji,
        mentions=json.dumps(list(post.mentions)),
        note=wording.channel_unresolved_note([f"#{post.channel_name}"]),
    )
    if post_id is not None:
        store.change_post(tx, post.id, role=ApprovalRole.COPY)
        store.change_post(tx, post_id, role=ApprovalRole.PRIMARY)
        plan_post(tx, moment, store.find_post(tx, post_id))


def show_anew(tx: Transaction, moment: Moment, channel_id: str) -> int:
    """A channel has other readers than before: what stands there is judged and written again; how many."""
    found = {post.approval_id for post in store.standing_in(tx, channel_id, MOST_ANEW)}
    approvals = [store.find(tx, approval_id) for approval_id in sorted(found)]
    for approval in approvals:
        store.change(tx, approval, expected=tuple(ApprovalState))
        refresh(tx, moment, approval)
    return len(approvals)

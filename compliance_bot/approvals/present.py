"""What an approval looks like at the moment its message leaves, and what its leaving means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance_bot.approvals import lines, posts
from compliance_bot.cases.destinations import UNRESOLVED, mentions_of
from compliance_bot.cases.moment import Moment
from compliance_bot.messages import wording
from compliance_bot.messages.approval import (
    ApprovalView,
    show_approval,
    show_approval_plainly,
    show_approval_withheld,
)
from compliance_bot.model.approvals import Approval, ApprovalPost, ApprovalPostState, ApprovalRole
from compliance_bot.model.delivery import (
    CHANNEL_UNRESOLVED,
    Done,
    Effect,
    EffectKind,
    Later,
    Never,
    Outcome,
    Presentation,
    Skip,
)
from compliance_bot.model.slack import WEBHOOK, Channel
from compliance_bot.people.access import never
from compliance_bot.rules.sensitivity import UNREAD, SensitivityClass, clear, may_show
from compliance_bot.store import approvals as store
from compliance_bot.store import effects as stored_effects
from compliance_bot.store import events
from compliance_bot.store.transaction import Transaction

_SHOWN_THERE = "approval.shown_there_already"
_ASK_AGAIN = 2.0
"""Seconds until a message asks again whom Slack knows by an id."""


# ---------------------------------------------------------------- the message


def present_post(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """A copy's message as the approval is now."""
    post = store.find_post(tx, effect.intent["post"])
    if post.generation != effect.intent["generation"] or post.state is not ApprovalPostState.WANTED:
        return Skip(reason="post.overtaken")
    approval = store.find(tx, post.approval_id)
    if post.role is ApprovalRole.DIRECT and not approval.state.is_living:
        return Skip(reason="approval.over")
    if post.role is ApprovalRole.DIRECT:
        refusal = _may_not_be_told(moment, post.channel_id)
        if refusal is not None:
            return refusal
    elif moment.shadow or post.channel_id.startswith((UNRESOLVED, WEBHOOK)):
        channel = moment.directory.channel(moment.rulebook.rules.delivery.shadow or post.channel_name)
        lost = channel is None and not post.channel_id.startswith(WEBHOOK)
        if lost or (channel is not None and channel.id != post.channel_id):
            return _move(tx, effect, approval, post, channel)
    return _cleared(tx, moment, approval, post, "chat.postMessage", {}, plainly=effect.degraded)


def _may_not_be_told(moment: Moment, person_id: str) -> Presentation | None:
    """Why no message goes to that person now; None where it may."""
    if moment.shadow:
        return Skip(reason="delivery.shadow")
    person = moment.directory.people_by_id.get(person_id)
    if person is None and person_id not in moment.directory.people_unknown:
        return Later(reason=UNREAD, after=_ASK_AGAIN, unread=person_id)
    refusal = "unknown" if person is None else never(person)
    return None if refusal is None else Skip(reason=f"person.{refusal}")


def _move(
    tx: Transaction, effect: Effect, approval: Approval, post: ApprovalPost, channel: Channel | None
) -> Presentation:
    """The channel was unknown when it was asked, or all goes to the shadow channel since."""
    if channel is None:
        return Later(reason=CHANNEL_UNRESOLVED)
    if any(other.channel_id == channel.id for other in store.posts_of(tx, approval)):
        return Skip(reason=_SHOWN_THERE)
    store.change_post(tx, post.id, channel_id=channel.id)
    stored_effects.move(tx, effect.id, channel.id)
    return Later(reason="channel.resolved", after=0.0)


def present_edit(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """A copy's message as the approval is now, in place of what it shows."""
    post = store.find_post(tx, effect.intent["post"])
    if post.state is not ApprovalPostState.SHOWN or post.ts is None:
        return Skip(reason="post.not_shown")
    if post.shown_version >= post.want_version:
        return Skip(reason="post.up_to_date")
    approval = store.find(tx, post.approval_id)
    place = {"ts": post.ts, "parse": "none"}
    return _cleared(tx, moment, approval, post, "chat.update", place, plainly=effect.degraded)


def present_line(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """A line in the thread of whichever copy carries it now; without a thread, as a message beside it."""
    approval = store.find(tx, effect.intent["approval"])
    owner = posts.thread_owner(store.posts_of(tx, approval))
    if owner is None:
        return Skip(reason="thread.nowhere")
    text = lines.words_of(effect.intent["line"], effect.intent["words"])
    if owner.by_webhook:
        place: Mapping[str, Any] = {}
        text = f"{approval.ref}: {text}"
    elif owner.ts is None:
        return Later(reason="thread.not_there_yet", after=1.0)
    else:
        place = {"thread_ts": owner.ts}
    return clear(
        "chat.postMessage",
        moment.audience(owner.place or owner.channel_id),
        {"text": text, **place},
        content=content_of(tx, moment, approval),
        instead={"text": wording.withheld_line(approval.ref), **place},
    )


def content_of(tx: Transaction, moment: Moment, approval: Approval) -> SensitivityClass:
    """How sensitive what is asked is, by the event that asked."""
    if approval.event_id is None or not moment.rulebook.sensitivity.rules:
        return moment.rulebook.sensitivity.internal
    return moment.rulebook.class_of(events.find(tx, approval.event_id).event)


def _cleared(
    tx: Transaction,
    moment: Moment,
    approval: Approval,
    post: ApprovalPost,
    method: str,
    place: Mapping[str, Any],
    *,
    plainly: bool,
) -> Presentation:
    view = view_of(tx, moment, approval, post)
    audience = moment.audience(post.place or post.channel_id)
    content = content_of(tx, moment, approval)
    if not may_show(audience, content):
        shown = show_approval_withheld(view)
    else:
        shown = show_approval_plainly(view) if plainly else show_approval(moment.rulebook.templates, view)
    return clear(
        method,
        audience,
        {**shown.body(), **place},
        content=content,
        instead={**show_approval_withheld(view).body(), **place},
        version=approval.version,
    )


def view_of(tx: Transaction, moment: Moment, approval: Approval, post: ApprovalPost) -> ApprovalView:
    """All that a copy is made of."""
    mentions, unknown = mentions_of(post.mentions, moment)
    return ApprovalView(
        approval=approval,
        votes=store.votes_of(tx, approval.id),
        template=post.template,
        emoji=post.emoji,
        mentions=mentions,
        note="\n".join(filter(None, (post.note, unknown))) or None,
        url=page_of(tx, moment, approval),
        now=moment.now,
        shadow=moment.shadow,
    )


def page_of(tx: Transaction, moment: Moment, approval: Approval) -> str | None:
    """Where what is asked can be looked at in Studio; None while no path is known."""
    if approval.kind.value == "request":
        return None
    return moment.project_link(store.studio_id_of(tx, approval))


# ---------------------------------------------------------------- what its leaving means


def settle_post(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """Shown: its place is known. Refused for good: the next takes over."""
    post = store.find_post(tx, effect.intent["post"])
    if isinstance(outcome, Done):
        place = outcome.result.get("channel") or post.channel_id
        store.change_post(
            tx,
            post.id,
            state=ApprovalPostState.SHOWN,
            ts=outcome.result["ts"],
            place=place,
            channel_id=post.channel_id if post.role is ApprovalRole.DIRECT else place,
            shown_version=effect.version or 0,
            edited_at=moment.now,
        )
        _follow_up(tx, moment, post, effect.version or 0)
    elif isinstance(outcome, Never):
        posts.bury(tx, moment, post)
    elif isinstance(outcome, Skip) and outcome.reason != "post.overtaken":
        store.change_post(tx, post.id, state=ApprovalPostState.DEAD)


def settle_edit(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """It shows the version that was rendered, which may be behind already; lost: posted fresh."""
    post = store.find_post(tx, effect.intent["post"])
    if isinstance(outcome, Done):
        store.change_post(tx, post.id, shown_version=effect.version or 0, edited_at=moment.now)
        _follow_up(tx, moment, post, effect.version or 0)
    elif isinstance(outcome, Never) and outcome.gone and store.find(tx, post.approval_id).state.is_living:
        posts.post_fresh(tx, moment, post)
    elif isinstance(outcome, Never) and outcome.gone:
        store.change_post(tx, post.id, state=ApprovalPostState.GONE)


def settle_line(_tx: Transaction, _effect: Effect, _outcome: Outcome | Skip, _moment: Moment) -> None:
    """A line changes nothing: the message itself shows how it stands."""


def _follow_up(tx: Transaction, moment: Moment, post: ApprovalPost, shown: int) -> None:
    """Have the approval's later versions shown too, where there are any."""
    fresh = store.find_post(tx, post.id)
    if fresh.want_version <= shown or fresh.by_webhook:
        return
    if stored_effects.pending_of(tx, posts.order_key(fresh), EffectKind.APPROVAL_EDIT) is None:
        posts.plan_edit(tx, moment, fresh)

"""What a case looks like at the moment its message leaves, and what its leaving means for the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance_bot.cases import digests, marks, posts
from compliance_bot.cases.destinations import UNRESOLVED, mentions_of
from compliance_bot.cases.episode import content_of
from compliance_bot.cases.moment import Moment
from compliance_bot.messages import case_words, webhook_words, wording
from compliance_bot.messages.case_message import (
    CaseView,
    Proposed,
    show_case,
    show_case_plainly,
    show_case_withheld,
)
from compliance_bot.model.cases import Case, CaseState, Post, PostState, StudioSync
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
from compliance_bot.rules.attributes import category_group
from compliance_bot.rules.sensitivity import clear, may_show
from compliance_bot.store import cases as store
from compliance_bot.store import effects as stored_effects
from compliance_bot.store import objects, proposals
from compliance_bot.store.transaction import Transaction

_SHOWN_THERE = "post.shown_there_already"

# ---------------------------------------------------------------- the message


def present_post(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """A post's message as the case is now."""
    post = store.find_post(tx, effect.intent["post"])
    case = store.find(tx, post.case_id)
    current = post.episode == case.episode and post.generation == effect.intent["generation"]
    if not current or post.state is not PostState.WANTED:
        return Skip(reason="post.overtaken")
    shadow = moment.rulebook.rules.delivery.shadow
    if shadow is not None or post.channel_id.startswith((UNRESOLVED, WEBHOOK)):
        channel = moment.directory.channel(shadow or post.channel_name)
        lost = channel is None and not post.channel_id.startswith(WEBHOOK)
        if lost or (channel is not None and channel.id != post.channel_id):
            return _move(tx, effect, post, channel)
    by_webhook = effect.by_webhook or post.channel_id.startswith(WEBHOOK)
    where = _act_elsewhere(tx, moment, case, post) if by_webhook else None
    return _cleared(tx, moment, case, post, "chat.postMessage", {}, plainly=effect.degraded, where=where)


def _act_elsewhere(tx: Transaction, moment: Moment, case: Case, post: Post) -> str | None:
    """Where an open case can be acknowledged that is shown here without its button; no private channel."""
    if case.state is not CaseState.OPEN:
        return None
    others = [other for other in store.posts_of(tx, case) if other.id != post.id and other.stands_alone]
    known = [moment.directory.channel(other.channel_id) for other in others if not other.by_webhook]
    return webhook_words.acknowledge_elsewhere([f"#{one.name}" for one in known if one and not one.private])


def _move(tx: Transaction, effect: Effect, post: Post, channel: Channel | None) -> Presentation:
    """The channel was unknown when the case opened, or all goes to the shadow channel since."""
    if channel is None:
        return Later(reason=CHANNEL_UNRESOLVED)
    taken = any(other.channel_id == channel.id for other in store.posts_of(tx, store.find(tx, post.case_id)))
    if taken:
        return Skip(reason=_SHOWN_THERE)
    store.change_post(tx, post.id, channel_id=channel.id)
    stored_effects.move(tx, effect.id, channel.id)
    return Later(reason="channel.resolved", after=0.0)


def present_edit(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """A post's message as the case is now, in place of what it shows."""
    post = store.find_post(tx, effect.intent["post"])
    if post.state is not PostState.SHOWN or post.ts is None:
        return Skip(reason="post.not_shown")
    if post.shown_version >= post.want_version:
        return Skip(reason="post.up_to_date")
    case = store.find(tx, post.case_id)
    place = {"ts": post.ts, "parse": "none"}
    return _cleared(tx, moment, case, post, "chat.update", place, plainly=effect.degraded)


def _cleared(
    tx: Transaction,
    moment: Moment,
    case: Case,
    post: Post,
    method: str,
    place: Mapping[str, Any],
    *,
    plainly: bool,
    where: str | None = None,
) -> Presentation:
    """The case's message for the readers of its channel.

    ``place``: what the request adds to it; ``where``: the words that say where the case can be acted on.
    """
    view = _view(tx, moment, case, post, where)
    audience, content = moment.audience(post.channel_id), content_of(moment, view.finding)
    if not may_show(audience, content):
        hidden = show_case_withheld(view).body()
        arguments: dict[str, Any] = hidden
    else:
        hidden = {"text": wording.withheld(case.ref)}
        shown = show_case_plainly(view) if plainly else show_case(moment.rulebook.templates, view)
        arguments = shown.body()
    return clear(
        method,
        audience,
        {**arguments, **place},
        content=content,
        instead={**hidden, **place},
        version=case.version,
    )


def _view(tx: Transaction, moment: Moment, case: Case, post: Post, where: str | None) -> CaseView:
    finding = objects.find_by_row(tx, case.object_id).finding
    mentions, unknown = mentions_of(post.mentions, moment)
    return CaseView(
        case=case,
        finding=finding,
        template=post.template,
        emoji=post.emoji,
        mentions=mentions,
        ping=not post.quiet,
        note="\n".join(filter(None, (post.note, unknown, where, _only_here(moment, case)))) or None,
        url=moment.link(finding),
        change=post.change,
        score=None,
        now=moment.now,
        project=finding.project_name,
        group=category_group(finding.category, moment.rulebook.rules.categories),
        reason=_reason(tx, case),
        proposed=_proposed(tx, case),
    )


def _proposed(tx: Transaction, case: Case) -> Proposed | None:
    """What waits for a second person."""
    one = proposals.waiting(tx, case.id)
    return None if one is None else Proposed(action=one.action, name=one.person_name, at=one.proposed_at)


def _reason(tx: Transaction, case: Case) -> str | None:
    """The words of whoever closed it here."""
    if case.state is not CaseState.CLOSED or case.closed_name is None or case.decision_id is None:
        return None
    reason: str | None = store.find_decision(tx, case.decision_id)["reason"]
    return reason


def _only_here(moment: Moment, case: Case) -> str | None:
    """In shadow mode Studio is never told what somebody decided here."""
    acknowledged = case.state is CaseState.ACKNOWLEDGED and case.acknowledged_by is not None
    ours = acknowledged or (case.state is CaseState.CLOSED and case.closed_by is not None)
    shadow = moment.rulebook.rules.delivery.shadow is not None
    return (
        case_words.recorded_here_only() if shadow and ours and case.sync is not StudioSync.CONFIRMED else None
    )


# ---------------------------------------------------------------- what its leaving means


def settle_post(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """Shown: its place is known. Refused for good: the next takes over."""
    post = store.find_post(tx, effect.intent["post"])
    if isinstance(outcome, Done):
        store.change_post(
            tx,
            post.id,
            state=PostState.SHOWN,
            ts=outcome.result["ts"],
            channel_id=outcome.result.get("channel") or post.channel_id,
            shown_version=effect.version or 0,
            edited_at=moment.now,
        )
        _follow_up(tx, moment, post, effect.version or 0)
        if post.digest_id is not None:
            digests.bump(tx, moment, post.digest_id)
        marks.mark(tx, moment, store.find(tx, post.case_id))
    elif isinstance(outcome, Never):
        posts.bury(tx, moment, store.find(tx, post.case_id), post)
    elif isinstance(outcome, Skip) and outcome.reason == _SHOWN_THERE:
        store.change_post(tx, post.id, state=PostState.DEAD)


def settle_edit(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """It shows the version that was rendered, which may be behind already; lost: posted fresh."""
    post = store.find_post(tx, effect.intent["post"])
    if isinstance(outcome, Done):
        store.change_post(tx, post.id, shown_version=effect.version or 0, edited_at=moment.now)
        _follow_up(tx, moment, post, effect.version or 0)
        marks.mark(tx, moment, store.find(tx, post.case_id))
    elif isinstance(outcome, Never) and outcome.gone:
        posts.post_fresh(tx, moment, post)


def _follow_up(tx: Transaction, moment: Moment, post: Post, shown: int) -> None:
    """Have the case's later versions shown too, where there are any."""
    if post.want_version <= shown or store.find_post(tx, post.id).by_webhook:
        return
    if stored_effects.pending_of(tx, posts.order_key(post), EffectKind.EDIT) is None:
        posts.plan_edit(tx, moment, store.find_post(tx, post.id))

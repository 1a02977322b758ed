"""What a digest looks like at the moment it leaves, and what its leaving means for what it lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from compliance_bot.cases import announcements, digests, posts
from compliance_bot.cases.destinations import UNRESOLVED, mentions_of
from compliance_bot.cases.episode import content_of
from compliance_bot.cases.moment import Moment
from compliance_bot.messages import digest_words
from compliance_bot.messages.digest import (
    MOST_LINES,
    DigestLine,
    DigestView,
    show_digest,
    show_digest_plainly,
    show_digest_withheld,
)
from compliance_bot.model.cases import CaseState, Digest, DigestState, PostState
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
from compliance_bot.rules.sensitivity import Audience, SensitivityClass, clear, may_show
from compliance_bot.store import cases as stored_cases
from compliance_bot.store import digests as store
from compliance_bot.store import effects as stored_effects
from compliance_bot.store import events as stored_events
from compliance_bot.store import objects
from compliance_bot.store.transaction import Transaction


def present_digest(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """A digest's message as what it lists is now."""
    digest = store.find(tx, effect.intent["digest"])
    if digest.state is not DigestState.WANTED or digest.generation != effect.intent["generation"]:
        return Skip(reason="digest.overtaken")
    shadow = moment.rulebook.rules.delivery.shadow
    if shadow is not None or digest.channel_id.startswith(UNRESOLVED):
        channel = moment.directory.channel(shadow or digest.channel_name)
        if channel is None:
            return Later(reason=CHANNEL_UNRESOLVED)
        if channel.id != digest.channel_id:
            store.move(tx, digest, channel.id)
            stored_effects.move(tx, effect.id, channel.id)
            return Later(reason="channel.resolved", after=0.0)
    return _cleared(tx, moment, digest, "chat.postMessage", {}, plainly=effect.degraded)


def present_digest_edit(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """A digest as what it lists is now, in place of what it shows."""
    digest = store.find(tx, effect.intent["digest"])
    if digest.state is not DigestState.SHOWN or digest.ts is None:
        return Skip(reason="digest.not_shown")
    if digest.shown_version >= digest.want_version:
        return Skip(reason="digest.up_to_date")
    place = {"ts": digest.ts, "parse": "none"}
    return _cleared(tx, moment, digest, "chat.update", place, plainly=effect.degraded)


def _cleared(
    tx: Transaction, moment: Moment, digest: Digest, method: str, place: dict[str, Any], *, plainly: bool
) -> Presentation:
    audience = moment.audience(digest.channel_id)
    view, content = _view(tx, moment, digest, audience)
    shown = show_digest_plainly(view) if plainly else show_digest(moment.rulebook.templates, view)
    return clear(
        method,
        audience,
        {**shown.body(), **place},
        content=content,
        instead={**show_digest_withheld(view).body(), **place},
        version=digest.want_version,
    )


def _view(
    tx: Transaction, moment: Moment, digest: Digest, audience: Audience
) -> tuple[DigestView, SensitivityClass]:
    """The digest with the lines its readers may see, and the class of what those lines say."""
    severities, handled = store.counts(tx, digest.id)
    events = store.events(tx, digest.id)
    judged = [_line(tx, moment, post_id, audience) for post_id in store.listed(tx, digest.id, MOST_LINES)]
    judged += [_event_line(tx, moment, event_id, audience) for event_id in events[: MOST_LINES - len(judged)]]
    mentions, unknown = mentions_of(digest.mentions, moment)
    taking = digest.state is DigestState.WANTED or moment.now < digest.takes_until
    view = DigestView(
        ref=digest.ref,
        lines=tuple(line for line, _ in judged),
        total=sum(severities.values()) + len(events),
        handled=handled,
        by_severity=severities,
        emoji=digest.emoji,
        mentions=mentions,
        ping=bool(mentions),
        since=digest.opened_at,
        until=None if taking else digest.takes_until,
        note="\n".join(filter(None, (digest.note, unknown))) or None,
        urgent=digest.urgent,
        joins_until=digest.takes_until if taking else None,
    )
    return view, _gravest(moment, judged)


def _gravest(moment: Moment, judged: Sequence[tuple[DigestLine, SensitivityClass]]) -> SensitivityClass:
    """The class of what is said: of the lines shown, or the whole where not one may be."""
    shown = [content for line, content in judged if not line.withheld]
    every = shown or [content for _, content in judged] or [moment.rulebook.sensitivity.lowest]
    return max(every, key=lambda one: one.rank)


def _line(
    tx: Transaction, moment: Moment, post_id: int, audience: Audience
) -> tuple[DigestLine, SensitivityClass]:
    post = stored_cases.find_post(tx, post_id)
    case = stored_cases.find(tx, post.case_id)
    finding = objects.find_by_row(tx, case.object_id).finding
    content = content_of(moment, finding)
    alone = post.state is PostState.SHOWN and post.ts is not None
    line = DigestLine(
        ref=case.ref,
        severity=finding.severity,
        title=finding.title,
        state=digest_words.line_state(case),
        open=case.state is CaseState.OPEN,
        url=moment.link(finding),
        moved_to=moment.permalink(post.channel_id, post.ts) if alone and post.ts else None,
        withheld=not may_show(audience, content),
    )
    return line, content


def _event_line(
    tx: Transaction, moment: Moment, event_id: int, audience: Audience
) -> tuple[DigestLine, SensitivityClass]:
    content = moment.rulebook.class_of(stored_events.find(tx, event_id).event)
    line = announcements.line(tx, event_id)
    return (line if may_show(audience, content) else _nameless(line)), content


def _nameless(line: DigestLine) -> DigestLine:
    return replace(line, title="", state="", url=None, withheld=True)


# ---------------------------------------------------------------- what its leaving means


def settle_digest(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """Shown: its place is known. Refused for good: what it lists goes on where the rules fall back to."""
    digest = store.find(tx, effect.intent["digest"])
    if isinstance(outcome, Done):
        store.change(
            tx,
            digest.id,
            state=DigestState.SHOWN,
            ts=outcome.result["ts"],
            channel_id=outcome.result.get("channel") or digest.channel_id,
            shown_version=effect.version or 0,
            edited_at=moment.now,
        )
        if outcome.result["ts"] is None:
            _close(tx, moment, digest.id, effect.version or 0)
        else:
            _follow_up(tx, moment, digest.id, effect.version or 0)
    elif isinstance(outcome, Never):
        _bury(tx, moment, digest)


def _close(tx: Transaction, moment: Moment, digest_id: int, shown: int) -> None:
    """A digest that went by a webhook grows no more; what came while it was under way is said by another."""
    digest = store.find(tx, digest_id)
    store.change(tx, digest.id, takes_until=min(moment.now, digest.takes_until))
    if digest.want_version > shown:
        digests.post_fresh(tx, moment, digest)


def settle_digest_edit(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """It shows the version that was rendered, which may be behind already; lost: posted fresh."""
    digest = store.find(tx, effect.intent["digest"])
    if isinstance(outcome, Done):
        store.change(tx, digest.id, shown_version=effect.version or 0, edited_at=moment.now)
        _follow_up(tx, moment, digest.id, effect.version or 0)
    elif isinstance(outcome, Never) and outcome.gone:
        digests.post_fresh(tx, moment, digest)


def _follow_up(tx: Transaction, moment: Moment, digest_id: int, shown: int) -> None:
    digest = store.find(tx, digest_id)
    if digest.want_version <= shown:
        return
    if stored_effects.pending_of(tx, digests.order_key(digest), EffectKind.DIGEST_EDIT) is None:
        digests.plan_edit(tx, moment, digest)


def _bury(tx: Transaction, moment: Moment, digest: Digest) -> None:
    """What was a line in it is told where nothing else is left to tell it: in the default channel."""
    store.change(tx, digest.id, state=DigestState.DEAD)
    for post_id in store.members(tx, digest.id):
        post = stored_cases.find_post(tx, post_id)
        posts.bury(tx, moment, stored_cases.find(tx, post.case_id), post)
    for event_id in store.events(tx, digest.id):
        announcements.fall_back(tx, moment, event_id, lost=(digest.channel_id, digest.channel_name))

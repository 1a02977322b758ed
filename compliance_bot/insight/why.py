"""Why a finding was told, or not: read from what was recorded when it was routed, and how it stands since."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from compliance_bot.cases.destinations import UNRESOLVED
from compliance_bot.cases.episode import content_of
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.posts import order_key
from compliance_bot.insight.pings import ping_of
from compliance_bot.messages.explanation import WAITS
from compliance_bot.messages.why_card import PlaceTold, WhyView
from compliance_bot.messages.wording import change_words, status_words
from compliance_bot.model.cases import Case, Post, PostState
from compliance_bot.model.delivery import Effect, EffectState
from compliance_bot.rules.sensitivity import may_show
from compliance_bot.rules.trace import Reason
from compliance_bot.store import cases, digests, effects, events, held, objects
from compliance_bot.store.objects import KnownFinding, Standing
from compliance_bot.store.transaction import Transaction

_REFERENCE = re.compile(r"(?:CB)?[-\s]*([0-9A-Z]{1,12})", re.IGNORECASE)
_ALIKE = str.maketrans("OIL", "011")
"""Letters that no reference has, and the digits they are taken for."""
_SHORTEST_START = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Nobody knows such a finding; ``near`` is what may have been meant."""

    asked: str
    near: str | None


class OutsideProjects:
    """The finding belongs to no project that may be told of."""


def why(
    tx: Transaction, moment: Moment, asked: str, *, asked_in: str | None
) -> WhyView | Unknown | OutsideProjects:
    """What is known of the finding ``asked`` for: a case's reference, Studio's id, or a link to it."""
    name = asked.strip("<>").split("|")[0].rstrip("/").rpartition("/")[2].strip()
    case = _case_called(tx, name)
    known = objects.find(tx, name) if case is None else objects.find_by_row(tx, case.object_id)
    if known is None:
        return Unknown(asked=asked, near=_near(tx, name))
    allowed = moment.rulebook.rules.studio.projects
    if allowed and known.finding.project_id not in allowed:
        return OutsideProjects()
    return _view(tx, moment, known, case or cases.find_by_object(tx, known.id), asked_in)


def _case_called(tx: Transaction, name: str) -> Case | None:
    found = _REFERENCE.fullmatch(name)
    if found is None:
        return None
    digits = found[1].upper().translate(_ALIKE)
    return cases.find_by_ref(tx, f"CB-{digits.rjust(4, '0')}")


def _near(tx: Transaction, name: str) -> str | None:
    """The one finding whose id begins so; else the newest reference, for one that is too high."""
    if len(name) >= _SHORTEST_START and len(starts := objects.begin_with(tx, name)) == 1:
        return starts[0]
    return cases.newest_ref(tx) if name.upper().startswith("CB") else None


def _view(
    tx: Transaction, moment: Moment, known: KnownFinding, case: Case | None, asked_in: str | None
) -> WhyView:
    routed = events.last_routed(tx, known.id)
    trace = () if routed is None else routed[1]
    posts = [] if case is None else cases.posts_of(tx, case)
    state = known.finding.status if case is None else case.state
    return WhyView(
        ref=known.finding.id if case is None else case.ref,
        title=known.finding.title if may_tell(moment, known, posts, asked_in) else None,
        stands=f"{known.finding.severity}, {status_words(state)}",
        untold=_untold(known, trace) if case is None else None,
        at=None if routed is None else routed[0].observed_at,
        change="" if routed is None else change_words(routed[0].event.change),
        trace=tuple((reason, detail) for reason, _, detail in (step.partition(" ") for step in trace)),
        places=tuple(_place(tx, moment, post, asked_in) for post in posts),
    )


def may_tell(moment: Moment, known: KnownFinding, posts: Sequence[Post], asked_in: str | None) -> bool:
    """Whether the title may be told there: as any member may, or as its readers may where it stands."""
    content = content_of(moment, known.finding)
    if content.rank <= moment.rulebook.sensitivity.internal.rank:
        return True
    here = asked_in is not None and any(post.channel_id == asked_in for post in posts)
    return here and may_show(moment.audience(asked_in or ""), content)


def _untold(known: KnownFinding, trace: tuple[str, ...]) -> str:
    if known.standing is Standing.SILENT:
        if any(step.startswith(Reason.TYPE_DISABLED) for step in trace):
            return "disabled"
        return "closed" if known.finding.status.is_closed else "unknown"
    return known.standing.value


# ---------------------------------------------------------------- where it stands


def _place(tx: Transaction, moment: Moment, post: Post, asked_in: str | None) -> PlaceTold:
    channel = moment.directory.channel(post.channel_id)
    unknown = channel is None and not post.channel_id.startswith(UNRESOLVED)
    hidden = post.channel_id != asked_in and (unknown or (channel is not None and channel.private))
    name = post.channel_name if channel is None else channel.name
    state, at, reason = _standing(tx, post)
    digest = None if post.digest_id is None else digests.find(tx, post.digest_id)
    ts = post.ts if digest is None or state != "listed" else digest.ts
    return PlaceTold(
        channel=None if hidden else name.removeprefix(UNRESOLVED),
        state=state,
        at=float(ts) if ts and state == "listed" else at,
        permalink=moment.permalink(post.channel_id, ts) if ts and not hidden else None,
        digest=None if digest is None else digest.ref,
        reason=reason,
        pinged=() if post.quiet or state != "shown" else _pinged(moment, post),
    )


def _pinged(moment: Moment, post: Post) -> tuple[str, ...]:
    markup = (moment.directory.mention(said) if not said.startswith("<") else said for said in post.mentions)
    return tuple(ping_of(moment.directory, one).who for one in markup if one is not None)


def _standing(tx: Transaction, post: Post) -> tuple[str, float | None, str]:
    """Its state in one word, a time that belongs to it, and a reason."""
    if post.state is PostState.SHOWN:
        return "shown", float(post.ts) if post.ts else post.edited_at, ""
    if post.state is PostState.LISTED:
        return "listed", None, ""
    effect = effects.by_key(tx, order_key(post))
    if post.state is PostState.DEAD:
        return "dead", None, (effect.error if effect else None) or "Slack refused it"
    return _waiting(effect)


def _waiting(effect: Effect | None) -> tuple[str, float | None, str]:
    if effect is None:
        return "waits", None, ""
    if effect.state is EffectState.UNKNOWN:
        return "in_doubt", None, ""
    if effect.state is EffectState.SENDING:
        return "sending", None, ""
    if effect.error == held.HELD:
        return "held", effect.not_before, ""
    return "waits", None, WAITS.get(effect.error or "", effect.error or "")

"""A direct message as it leaves: for one person alone, from the case as it is then.

Who may not know (guests, strangers, bots, deactivated people, whom Slack doesn't know) is not told, and the
case's thread and the audit chain say so. In shadow mode the message stands in the shadow channel, naming whom
it was for and calling nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance_bot.audit import chain
from compliance_bot.cases import direct, posts
from compliance_bot.cases.episode import content_of
from compliance_bot.cases.moment import Moment
from compliance_bot.messages import direct_words, wording
from compliance_bot.messages.direct import DirectView, show_direct, show_direct_plainly
from compliance_bot.model.cases import Case
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
from compliance_bot.model.slack import Person
from compliance_bot.people.access import never
from compliance_bot.rules.sensitivity import UNREAD, SensitivityClass, clear, may_show
from compliance_bot.store import cases as store
from compliance_bot.store import events, objects, proposals, told
from compliance_bot.store.transaction import Transaction

OVERTAKEN = "direct.overtaken"
"""Why a message is not sent about what has moved on since."""

_NOBODY = "person."
"""Begins the reason why a person is not told."""

_ASK_AGAIN = 2.0
"""Seconds until a message asks again whom Slack knows by an id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a message stands, and its sentence. ``ts``: of the one it replaces; ``over``: how that ended."""

    channel_id: str
    text: str
    ts: str | None = None
    over: str | None = None


def present(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """The message as things are now; one that was sent before, as it stands once its proposal has ended."""
    case = _case_of(tx, effect)
    if "edits" not in effect.intent and _is_overtaken(tx, effect.intent, case):
        return Skip(reason=OVERTAKEN)
    before = "edits" in effect.intent
    place = _place_before(tx, effect, moment) if before else _place_now(effect, moment)
    return place if isinstance(place, Skip | Later) else _cleared(tx, moment, effect, case, place)


def _case_of(tx: Transaction, effect: Effect) -> Case | None:
    about = effect.intent["case"]
    return None if about is None else store.find(tx, about["id"])


def _is_overtaken(tx: Transaction, intent: Mapping[str, Any], case: Case | None) -> bool:
    """Whether the case, or the proposal, has moved on, so that there is nothing to be told of it."""
    if proposals.has_ended(tx, intent["proposal"]):
        return True
    states = intent["only_in"]
    if case is None or not states:
        return False
    return case.state.value not in states or case.episode != intent["case"]["episode"]


# ---------------------------------------------------------------- where it goes


def _place_now(effect: Effect, moment: Moment) -> _Place | Skip | Later:
    person_id = effect.intent["person"]
    person = moment.directory.people_by_id.get(person_id)
    if person is None and person_id not in moment.directory.people_unknown:
        return Later(reason=UNREAD, after=_ASK_AGAIN, unread=person_id)
    refusal = "unknown" if person is None else never(person)
    if refusal is not None or person is None:
        return Skip(reason=f"{_NOBODY}{refusal}")
    if not moment.shadow:
        return _Place(channel_id=person_id, text=_sentence(effect))
    channel_id = _shadow_channel(moment)
    if channel_id is None:
        return Later(reason=CHANNEL_UNRESOLVED)
    return _Place(channel_id=channel_id, text=_shadow_text(effect, person))


def _place_before(tx: Transaction, effect: Effect, moment: Moment) -> _Place | Skip:
    """Where it was sent, unless that is outside the one channel that shadow mode speaks in."""
    sent = told.result_of(tx, effect.intent["edits"])
    proposal = proposals.find(tx, effect.intent["proposal"])
    if sent is None or proposal is None:
        return Skip(reason=OVERTAKEN)
    channel_id, person = sent["channel"], moment.directory.people_by_id.get(effect.intent["person"])
    if moment.shadow and channel_id != _shadow_channel(moment):
        return Skip(reason="direct.in_shadow")
    in_person = channel_id.startswith(("D", "U", "W"))
    who = proposal.ended_by if in_person else None
    return _Place(
        channel_id=channel_id,
        text=_sentence(effect) if in_person else _shadow_text(effect, person),
        ts=sent["ts"],
        over=direct_words.consent_over(proposal.state, who, proposal.ended_name),
    )


def _shadow_channel(moment: Moment) -> str | None:
    channel = moment.directory.channel(moment.rulebook.rules.delivery.shadow or "")
    return None if channel is None else channel.id


def _sentence(effect: Effect, instead: Mapping[str, Any] | None = None) -> str:
    words = {**effect.intent["words"], **(instead or {})}
    return direct_words.direct_text(effect.intent["sentence"], words)


def _shadow_text(effect: Effect, person: Person | None) -> str:
    name = effect.intent["person"] if person is None else person.name
    return direct_words.would_be_told(name, _sentence(effect, {"who": None}))


# ---------------------------------------------------------------- what it says


def _cleared(
    tx: Transaction, moment: Moment, effect: Effect, case: Case | None, place: _Place
) -> Presentation:
    """The message for the readers of its place."""
    finding = None if case is None else objects.find_by_row(tx, case.object_id).finding
    content = _content(tx, moment, effect) if finding is None else content_of(moment, finding)
    audience = moment.audience(place.channel_id)
    view = DirectView(
        text=place.text,
        case=case,
        finding=finding if may_show(audience, content) else None,
        url=None if finding is None else moment.link(finding),
        permalink=None if case is None else _permalink(tx, moment, case),
        proposal=effect.intent["proposal"],
        over=place.over,
    )
    message = show_direct_plainly(view) if effect.degraded else show_direct(view)
    about = effect.intent["words"].get("ref") if case is None else case.ref
    withheld = wording.notice_withheld() if about is None else wording.withheld_line(str(about))
    where = {} if place.ts is None else {"ts": place.ts, "parse": "none"}
    return clear(
        "chat.postMessage" if place.ts is None else "chat.update",
        audience,
        {**message.body(), **where},
        content=content,
        instead={"text": withheld, **where},
    )


def _content(tx: Transaction, moment: Moment, effect: Effect) -> SensitivityClass:
    """How sensitive it is what a message speaks of that is about no case."""
    event_id = effect.intent.get("event")
    if event_id is None or not moment.rulebook.sensitivity.rules:
        return moment.rulebook.sensitivity.internal
    return moment.rulebook.class_of(events.find(tx, event_id).event)


def _permalink(tx: Transaction, moment: Moment, case: Case) -> str | None:
    """Where the case's own message stands."""
    owner = posts.thread_owner(store.posts_of(tx, case))
    return None if owner is None or owner.ts is None else moment.permalink(owner.channel_id, owner.ts)


# ---------------------------------------------------------------- what its leaving means


def settle(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """Who could not be told is named in the case's thread, and in the audit chain."""
    if "edits" in effect.intent:
        return
    match outcome:
        case Done() if proposals.has_ended(tx, effect.intent["proposal"]):
            direct.show_over(tx, moment, effect)
        case Never(reason=reason):
            _not_told(tx, effect, moment, reason)
        case Skip(reason=reason) if reason.startswith(_NOBODY):
            _not_told(tx, effect, moment, reason)


def _not_told(tx: Transaction, effect: Effect, moment: Moment, reason: str) -> None:
    person_id, case = effect.intent["person"], _case_of(tx, effect)
    facts = {"case": case.ref if case else "", "about": effect.intent["sentence"], "reason": reason}
    chain.append(tx, "direct.not_told", facts, now=moment.now, person=person_id)
    if case is None:
        return
    person = moment.directory.people_by_id.get(person_id)
    words = {"name": person_id if person is None else person.name, "reason": reason}
    posts.say_in_thread(tx, moment, case, "not_told", words, key=f"not_told:{effect.id}")

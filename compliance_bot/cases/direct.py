"""Direct messages: planned as what is to be said to whom, made when they leave from the case as it is then.

Told exactly once, like any message. Who may not know (guests, strangers, bots, deactivated people, whom
Slack doesn't know) is not told, and the case's thread and the audit chain say so. In shadow mode it stands
in the shadow channel, naming whom it was for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from compliance_bot.audit import chain
from compliance_bot.cases import posts
from compliance_bot.cases.episode import content_of
from compliance_bot.cases.moment import Moment
from compliance_bot.messages import direct_words, wording
from compliance_bot.messages.direct import DirectView, show_direct, show_direct_plainly
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.model.delivery import (
    CHANNEL_UNRESOLVED,
    Effect,
    EffectKind,
    Lane,
    Later,
    Never,
    Outcome,
    PlannedEffect,
    Presentation,
    Skip,
)
from compliance_bot.model.findings import Finding
from compliance_bot.outbox import effects
from compliance_bot.people.access import never
from compliance_bot.rules.sensitivity import UNREAD, clear, may_show
from compliance_bot.store import cases as store
from compliance_bot.store import objects
from compliance_bot.store.transaction import Transaction

_SLACK_ID = re.compile(r"[UW][A-Z0-9]{5,20}")
_ASK_AGAIN = 2.0
"""Seconds until a message asks again whom Slack knows by an id."""

OVERTAKEN = "direct.overtaken"


def tell(
    tx: Transaction,
    moment: Moment,
    *,
    person: str,
    sentence: str,
    words: Mapping[str, Any],
    key: str,
    case: Case | None = None,
    proposal: int | None = None,
    only_in: Collection[CaseState] = (),
    lane: Lane = Lane.NORMAL,
    expires_at: float | None = None,
) -> bool:
    """Plan a direct message to one person; False where there is nobody to tell or it is planned already.

    Args:
        tx: The transaction of the decision that makes it worth saying.
        moment: The moment of that.
        person: A Slack id; anything else (a name of Studio's, "") is nobody.
        sentence: A name of ``direct_words.SENTENCES``.
        words: What the sentence says, as JSON can hold it; ``ref`` is added from the case.
        key: Names this message once, for each person: ``decision:12`` or ``reminder:CB-0001:2``.
        case: What it is about: shown below the sentence as it stands when the message leaves.
        proposal: The proposal that the person is asked to confirm or decline, by two buttons.
        only_in: Not told any more where the case has left these states, or its episode, by then.
        lane: ``URGENT`` for what somebody waits for.
        expires_at: Not told any more after that, Unix seconds.

    """
    if not _SLACK_ID.fullmatch(person):
        return False
    named = {"ref": case.ref, **words} if case is not None else dict(words)
    about = None if case is None else {"id": case.id, "episode": case.episode}
    intent = {
        "person": person,
        "sentence": sentence,
        "words": named,
        "case": about,
        "proposal": proposal,
        "only_in": [state.value for state in only_in],
    }
    number = effects.plan(
        tx,
        PlannedEffect(
            kind=EffectKind.DIRECT,
            key=f"direct:{person}:{key}",
            lane=lane,
            order_key=f"direct:{person}:{key}",
            pace_key=person,
            intent=intent,
            expires_at=expires_at,
        ),
        moment.now,
    )
    return number is not None


# ---------------------------------------------------------------- the message


def present(tx: Transaction, effect: Effect, moment: Moment) -> Presentation:
    """The message as things are now, for that person alone; in shadow mode for the shadow channel."""
    case = _case_of(tx, effect)
    if case is not None and _is_overtaken(effect.intent, case):
        return Skip(reason=OVERTAKEN)
    person_id = effect.intent["person"]
    person = moment.directory.people_by_id.get(person_id)
    if person is None and person_id not in moment.directory.people_unknown:
        return Later(reason=UNREAD, after=_ASK_AGAIN, unread=person_id)
    refusal = "unknown" if person is None else never(person)
    if refusal is not None:
        return Skip(reason=f"person.{refusal}")
    shadow = moment.rulebook.rules.delivery.shadow
    if shadow is None:
        return _cleared(tx, moment, effect, case, person_id, _sentence(effect, {}))
    channel = moment.directory.channel(shadow)
    if channel is None:
        return Later(reason=CHANNEL_UNRESOLVED)
    nobody_called = {"who": None}
    text = direct_words.would_be_told(person.name if person else person_id, _sentence(effect, nobody_called))
    return _cleared(tx, moment, effect, case, channel.id, text)


def _case_of(tx: Transaction, effect: Effect) -> Case | None:
    about = effect.intent["case"]
    return None if about is None else store.find(tx, about["id"])


def _is_overtaken(intent: Mapping[str, Any], case: Case) -> bool:
    """Whether the case has moved on, so that there is nothing to be told of it."""
    states = intent["only_in"]
    return bool(states) and (case.state.value not in states or case.episode != intent["case"]["episode"])


def _sentence(effect: Effect, instead: Mapping[str, Any]) -> str:
    return direct_words.direct_text(effect.intent["sentence"], {**effect.intent["words"], **instead})


def _cleared(
    tx: Transaction, moment: Moment, effect: Effect, case: Case | None, channel_id: str, text: str
) -> Presentation:
    finding = None if case is None else objects.find_by_row(tx, case.object_id).finding
    content = moment.rulebook.sensitivity.internal if finding is None else content_of(moment, finding)
    audience = moment.audience(channel_id)
    shown = finding if may_show(audience, content) else None
    view = _view(tx, moment, effect, case, shown, text)
    message = show_direct_plainly(view) if effect.degraded else show_direct(view)
    instead = {"text": wording.withheld_line(case.ref) if case is not None else wording.notice_withheld()}
    return clear("chat.postMessage", audience, message.body(), content=content, instead=instead)


def _view(
    tx: Transaction, moment: Moment, effect: Effect, case: Case | None, finding: Finding | None, text: str
) -> DirectView:
    owner = None if case is None else posts.thread_owner(store.posts_of(tx, case))
    stands = owner is not None and owner.ts is not None
    return DirectView(
        text=text,
        case=case,
        finding=finding,
        url=None if finding is None else moment.link(finding),
        permalink=moment.permalink(owner.channel_id, owner.ts) if stands and owner and owner.ts else None,
        proposal=effect.intent["proposal"],
    )


# ---------------------------------------------------------------- what its leaving means


def settle(tx: Transaction, effect: Effect, outcome: Outcome | Skip, moment: Moment) -> None:
    """Who could not be told is named in the case's thread, and in the audit chain."""
    person_id = effect.intent["person"]
    refused = isinstance(outcome, Skip) and outcome.reason.startswith("person.")
    if not (refused or isinstance(outcome, Never)) or not isinstance(outcome, Skip | Never):
        return
    case = _case_of(tx, effect)
    facts = {"case": case.ref if case else "", "about": effect.intent["sentence"], "reason": outcome.reason}
    chain.append(tx, "direct.not_told", facts, now=moment.now, person=person_id)
    if case is None:
        return
    person = moment.directory.people_by_id.get(person_id)
    words = {"name": person_id if person is None else person.name, "reason": outcome.reason}
    posts.say_in_thread(tx, moment, case, "not_told", words, key=f"not_told:{effect.id}")

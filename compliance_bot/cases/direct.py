"""Direct messages are planned here, as what is to be said to whom; they are made when they leave."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from compliance_bot.cases.moment import Moment
from compliance_bot.model.cases import Case, CaseState
from compliance_bot.model.delivery import Effect, EffectKind, EffectState, Lane, PlannedEffect
from compliance_bot.outbox import effects
from compliance_bot.outbox.pacing import EDITS
from compliance_bot.store import away, told
from compliance_bot.store.effects import by_key
from compliance_bot.store.transaction import Transaction

_SLACK_ID = re.compile(r"[UW][A-Z0-9]{5,20}")

TOLD_ON_BEHALF = frozenset({"assigned", "fix_by_near", "fix_by_passed", "snooze_ended", "risk_ended"})
"""What is about a finding in somebody's hands; what asks for a right is asked of whoever has it."""


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
    event: int | None = None,
    only_in: Collection[CaseState] = (),
    lane: Lane = Lane.NORMAL,
    expires_at: float | None = None,
) -> bool:
    """Plan a direct message to one person; False where there is nobody to tell or it is planned already.

    Of what is in a person's hands, whoever stands in for them while they are away is told too.

    Args:
        tx: The transaction of the decision that makes it worth saying.
        moment: The moment of that.
        person: A Slack id; anything else (a name of Studio's, "") is nobody.
        sentence: A name of ``direct_words.SENTENCES``.
        words: What the sentence says, as JSON can hold it; ``ref`` is added from the case.
        key: Names this message once, for each person: ``decision:12`` or ``reminder:CB-0001:2``;
            ``proposal:4`` where there is a proposal.
        case: What it is about: shown below the sentence as it stands when the message leaves.
        proposal: The proposal that the person is asked to confirm or decline, by two buttons.
        event: The event by which it is known how sensitive that is, where it is about no case.
        only_in: Not told any more where the case has left these states, or its episode, by then.
        lane: ``URGENT`` for what somebody waits for.
        expires_at: Not told any more after that, Unix seconds.

    """
    if not is_slack_id(person):
        return False
    if sentence in TOLD_ON_BEHALF and (deputy := away.deputy_of(tx, person, moment.now)) is not None:
        absent = away.standing(tx, person, moment.now)
        tell(
            tx,
            moment,
            person=deputy.person,
            sentence="on_behalf",
            words={
                "absent": person if absent is None else absent.person_name,
                "of": sentence,
                "words": words,
            },
            key=f"{key}:for:{person}",
            case=case,
            only_in=only_in,
            lane=lane,
            expires_at=expires_at,
        )
    named = {"ref": case.ref, **words} if case is not None else dict(words)
    about = None if case is None else {"id": case.id, "episode": case.episode}
    intent = {
        "person": person,
        "sentence": sentence,
        "words": named,
        "case": about,
        "proposal": proposal,
        "event": event,
        "only_in": [state.value for state in only_in],
    }
    number = effects.plan(
        tx,
        PlannedEffect(
            kind=EffectKind.DIRECT,
            key=f"direct:{key}:{person}",
            lane=lane,
            order_key=f"direct:{key}:{person}",
            pace_key=person,
            intent=intent,
            expires_at=expires_at,
        ),
        moment.now,
    )
    return number is not None


def is_slack_id(person: str) -> bool:
    """Whether that names somebody in Slack; a name of Studio's does not."""
    return _SLACK_ID.fullmatch(person) is not None


def proposal_over(tx: Transaction, moment: Moment, proposal_id: int, case_id: int) -> None:
    """Have whoever was asked about a proposal, directly or in the thread, see how it ended."""
    in_thread = by_key(tx, f"thread:{case_id}:proposal:{proposal_id}")
    directly = told.written_below(tx, f"direct:proposal:{proposal_id}:")
    for asked in (*directly, *([in_thread] if in_thread else [])):
        if asked.state is EffectState.DONE and "edits" not in asked.intent:
            show_over(tx, moment, asked)


def show_over(tx: Transaction, moment: Moment, asked: Effect) -> None:
    """Have that message, which was sent, show how its proposal ended."""
    effects.plan(
        tx,
        PlannedEffect(
            kind=asked.kind,
            key=f"{asked.key}:over",
            lane=Lane.NORMAL,
            order_key=asked.key,
            pace_key=EDITS,
            intent={**asked.intent, "edits": asked.id},
        ),
        moment.now,
    )

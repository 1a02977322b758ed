"""Who presents and settles each kind of effect that cases, and events without one, bring to the outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from compliance_bot.cases import (
    announcements,
    marks,
    present,
    present_digest,
    present_direct,
    present_line,
    studio_answers,
    studio_writes,
    welcome,
)
from compliance_bot.cases.moment import Moment
from compliance_bot.model.delivery import Effect, EffectKind, Outcome, Presentation, Skip
from compliance_bot.outbox.contract import Handler
from compliance_bot.rulebook import Rulebook
from compliance_bot.store.transaction import Transaction

Present: TypeAlias = Callable[[Transaction, Effect, Moment], Presentation]
Settle: TypeAlias = Callable[[Transaction, Effect, Outcome | Skip, Moment], None]

_PAIRS: Mapping[EffectKind, tuple[Present, Settle]] = {
    EffectKind.POST: (present.present_post, present.settle_post),
    EffectKind.EDIT: (present.present_edit, present.settle_edit),
    EffectKind.THREAD: (present_line.present_line, present_line.settle_line),
    EffectKind.DIGEST: (present_digest.present_digest, present_digest.settle_digest),
    EffectKind.DIGEST_EDIT: (present_digest.present_digest_edit, present_digest.settle_digest_edit),
    EffectKind.ANNOUNCEMENT: (announcements.present, announcements.settle),
    EffectKind.WELCOME: (welcome.present, welcome.settle),
    EffectKind.DIRECT: (present_direct.present, present_direct.settle),
    EffectKind.REACTION: (marks.present, marks.settle),
    EffectKind.STUDIO_STATUS: (studio_writes.present_status, studio_answers.settle_status),
    EffectKind.STUDIO_COMMENT: (studio_writes.present_comment, studio_answers.settle_comment),
    EffectKind.STUDIO_ASSIGN: (studio_writes.present_assignment, studio_answers.settle_assignment),
}


def handlers(moment: Callable[[float, Rulebook], Moment]) -> Mapping[EffectKind, Handler]:
    """The handlers of all of them. ``moment`` adds Slack's names as they are now."""
    return {kind: handler(moment, show, note) for kind, (show, note) in _PAIRS.items()}


def handler(moment: Callable[[float, Rulebook], Moment], show: Present, note: Settle) -> Handler:
    """The handler of one kind; ``moment`` adds Slack's names as they are now."""

    def present(tx: Transaction, effect: Effect, now: float, rulebook: Rulebook) -> Presentation:
        return show(tx, effect, moment(now, rulebook))

    def settle(
        tx: Transaction, effect: Effect, outcome: Outcome | Skip, now: float, rulebook: Rulebook
    ) -> None:
        note(tx, effect, outcome, moment(now, rulebook))

    return Handler(present=present, settle=settle)

"""Who presents and settles each kind of effect that approvals bring to the outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from compliance_bot.approvals import execute, present
from compliance_bot.cases.moment import Moment
from compliance_bot.cases.presenters import Present, Settle, handler
from compliance_bot.model.delivery import EffectKind
from compliance_bot.outbox.contract import Handler
from compliance_bot.rulebook import Rulebook

_PAIRS: Mapping[EffectKind, tuple[Present, Settle]] = {
    EffectKind.APPROVAL: (present.present_post, present.settle_post),
    EffectKind.APPROVAL_EDIT: (present.present_edit, present.settle_edit),
    EffectKind.APPROVAL_LINE: (present.present_line, present.settle_line),
    EffectKind.STUDIO_VERDICT: (execute.present, execute.settle),
}


def handlers(moment: Callable[[float, Rulebook], Moment]) -> Mapping[EffectKind, Handler]:
    """The handlers of all of them. ``moment`` adds Slack's names as they are now."""
    return {kind: handler(moment, show, note) for kind, (show, note) in _PAIRS.items()}

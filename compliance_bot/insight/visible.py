"""Whether the title of a case may be told to whoever asks, there where they ask."""

from __future__ import annotations

from compliance_bot.cases.episode import content_of
from compliance_bot.cases.moment import Moment
from compliance_bot.model.cases import Case
from compliance_bot.model.findings import Finding
from compliance_bot.rules.sensitivity import may_show
from compliance_bot.store import cases
from compliance_bot.store.transaction import Transaction


def may_be_told(
    tx: Transaction, moment: Moment, case: Case, finding: Finding, *, asked_in: str | None
) -> bool:
    """True for what any member may see, and for more only in a channel where it stands already.

    ``asked_in``: the channel; None where the answer leaves for other readers than who asked.
    """
    content = content_of(moment, finding)
    if content.rank <= moment.rulebook.sensitivity.internal.rank:
        return True
    here = asked_in is not None and any(post.channel_id == asked_in for post in cases.posts_of(tx, case))
    return here and may_show(moment.audience(asked_in or ""), content)

"""A channel has other readers than before: what shows a case there is shown anew, for them.

A guest who joins a channel may scroll back, so messages and digests above the new ceiling give way to
references; once the readers are inner again they say what they said. What is never edited stays as it was
said: thread lines, announcements, the message of an episode that is over.
"""

from __future__ import annotations

from collections.abc import Sequence

from compliance_bot.cases import digests, posts
from compliance_bot.cases.moment import Moment
from compliance_bot.store import cases as store
from compliance_bot.store import digests as stored_digests
from compliance_bot.store.transaction import Transaction

MOST = 200
"""The newest messages of a channel that are gone through; edits are 50 a minute in a workspace."""


def show_anew(tx: Transaction, moment: Moment, channel_ids: Sequence[str]) -> int:
    """Have the messages that stand in these channels judged and written again; how many there are."""
    edited = 0
    for channel_id in channel_ids:
        for post in store.standing_in(tx, channel_id, MOST):
            case = store.find(tx, post.case_id)
            if post.episode == case.episode and store.change(
                tx, case, expected=(case.state,), state=case.state
            ):
                posts.refresh(tx, moment, store.find(tx, case.id))
                edited += 1
        for digest_id in stored_digests.standing_in(tx, channel_id, MOST):
            digests.bump(tx, moment, digest_id)
            edited += 1
    return edited

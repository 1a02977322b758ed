"""Where a case is shown: its posts, their edits, and the lines of its thread.

A post is wanted (a row and an effect), shown (it has a ``ts``), listed (a line of a digest) or dead
(Slack refused it for good: its place is taken by the next). One that Slack lost is posted fresh.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from compliance_bot.cases import digests
from compliance_bot.cases.destinations import coming, note_of, place_of, words_of
from compliance_bot.cases.digests import SILENT_EDIT_EVERY
from compliance_bot.cases.moment import Moment
from compliance_bot.messages import case_words, wording
from compliance_bot.model.cases import Case, Post, PostRole, PostState
from compliance_bot.model.delivery import EffectKind, Lane, PlannedEffect
from compliance_bot.model.slack import WEBHOOK
from compliance_bot.outbox import effects
from compliance_bot.outbox.pacing import EDITS
from compliance_bot.outbox.quiet_hours import hurry
from compliance_bot.rules.routing import Destination, Routing
from compliance_bot.store import cases as store
from compliance_bot.store.transaction import Transaction

_ALWAYS_SAID = frozenset({"refused_by_studio", "proposed", "not_told"})
"""Lines that somebody waits for: said under the digest where the case stands nowhere by itself."""


def show_in(
    tx: Transaction,
    moment: Moment,
    case: Case,
    routing: Routing,
    *,
    change: str,
    quiet: bool,
    earlier: Post | None = None,
) -> None:
    """Want a post in every destination that has none yet; the first of an episode is the primary.

    What is only a line of a digest gets its own message once it is urgent, and what waits waits no more.
    ``earlier``: the message of the episode before, which the new ones link.
    """
    standing = {post.channel_id: post for post in store.posts_of(tx, case)}
    came_before = _earlier_note(moment, earlier)
    for destination in routing.destinations:
        known = standing.get(place_of(destination))
        looks = _looks(routing, destination, change=change, quiet=quiet, came_before=came_before)
        if known is None:
            role = PostRole.COPY if standing else PostRole.PRIMARY
            digest_id = digests.list_new(tx, moment, coming(routing, destination, quiet=quiet))
            post_id = store.want_post(tx, case, role=role.value, digest_id=digest_id, **looks)
            if post_id is not None:
                post = standing[looks["channel_id"]] = store.find_post(tx, post_id)
                if digest_id is None:
                    plan_post(tx, moment, post)
        elif routing.lane is Lane.URGENT < Lane(known.lane):
            _make_urgent(tx, moment, known, looks)


def _make_urgent(tx: Transaction, moment: Moment, post: Post, looks: Mapping[str, Any]) -> None:
    """Let a message that still waits go now, as what it has become; what was only listed stands alone."""
    if post.state is PostState.LISTED:
        _stand_alone(tx, moment, post, looks)
    elif post.state is PostState.WANTED:
        store.change_post(tx, post.id, **looks)
        hurry(tx, order_key(post), Lane.URGENT, moment.now)


def _place(tx: Transaction, moment: Moment, post: Post) -> None:
    """Give a wanted post its message, or its line where its channel has too many."""
    if not digests.take_post(tx, moment, post):
        plan_post(tx, moment, post)


def _stand_alone(tx: Transaction, moment: Moment, post: Post, looks: Mapping[str, Any]) -> None:
    """Give a case that was only listed its own message; its line becomes a link to that."""
    store.change_post(tx, post.id, **{**looks, "state": PostState.WANTED, "generation": post.generation + 1})
    _place(tx, moment, store.find_post(tx, post.id))


def _earlier_note(moment: Moment, earlier: Post | None) -> str | None:
    if earlier is None or earlier.ts is None:
        return None
    return case_words.earlier_message_note(moment.permalink(earlier.channel_id, earlier.ts))


def _looks(
    routing: Routing, destination: Destination, *, change: str, quiet: bool, came_before: str | None
) -> dict[str, Any]:
    """What a destination makes of a post, as its columns."""
    return {
        "channel_id": place_of(destination),
        "channel_name": destination.channel_name,
        "lane": int(routing.lane),
        "template": routing.template,
        "emoji": routing.emoji,
        "mentions": json.dumps(list(words_of(destination))),
        "note": "\n".join(filter(None, (note_of(destination), came_before))) or None,
        "change": change,
        "threading": int(routing.threading),
        "quiet": int(quiet),
    }


def plan_post(tx: Transaction, moment: Moment, post: Post) -> None:
    """Plan the message of a wanted post (of its present generation)."""
    effects.plan(
        tx,
        PlannedEffect(
            kind=EffectKind.POST,
            key=order_key(post),
            lane=Lane(post.lane),
            order_key=order_key(post),
            pace_key=post.channel_id,
            intent={"post": post.id, "generation": post.generation},
        ),
        moment.now,
    )


def order_key(post: Post) -> str:
    """What concerns one message goes one after another; a fresh one never waits behind the lost one."""
    return f"post:{post.id}:{post.generation}"


def refresh(
    tx: Transaction, moment: Moment, case: Case, *, silent: bool = False, clicked: str | None = None
) -> None:
    """Have every post of the case show its present version; the message ``clicked`` (its ts) first.

    Silent edits wait until a message was left alone for a quarter of an hour.
    """
    for post in store.posts_of(tx, case):
        if post.state is PostState.DEAD or post.want_version >= case.version:
            continue
        store.change_post(tx, post.id, want_version=case.version)
        if post.state is PostState.SHOWN and not post.by_webhook:
            first = post.ts == clicked
            plan_edit(tx, moment, store.find_post(tx, post.id), silent=silent, first=first)
        if post.digest_id is not None:
            digests.bump(tx, moment, post.digest_id, silent=silent, clicked=clicked)


def plan_edit(
    tx: Transaction, moment: Moment, post: Post, *, silent: bool = False, first: bool = False
) -> None:
    """Arm the one edit that a post may have waiting."""
    lane = Lane.URGENT if first else Lane.LOW if silent else Lane.NORMAL
    effects.plan(
        tx,
        PlannedEffect(
            kind=EffectKind.EDIT,
            key=f"edit:{post.id}:{post.generation}:{post.want_version}",
            lane=lane,
            order_key=order_key(post),
            pace_key=EDITS,
            intent={"post": post.id, "silent": silent},
            not_before=post.edited_at + SILENT_EDIT_EVERY if silent else 0.0,
        ),
        moment.now,
    )


def say_in_thread(
    tx: Transaction,
    moment: Moment,
    case: Case,
    line: str,
    words: Mapping[str, Any],
    *,
    key: str,
    proposal: int | None = None,
    lane: Lane = Lane.NORMAL,
) -> None:
    """Plan a line in the primary's thread, by its name in ``cases.lines``; ``key`` names it once.

    ``proposal``: the one that its two buttons confirm or decline.
    """
    standing = store.posts_of(tx, case)
    post, digest = thread_owner(standing), digests.digest_of(tx, standing)
    if post is not None:
        behind, place = order_key(post), post.channel_id
    elif digest is not None and line in _ALWAYS_SAID:
        behind, place = digests.order_key(digest), digest.channel_id
    else:
        return
    effects.plan(
        tx,
        PlannedEffect(
            kind=EffectKind.THREAD,
            key=f"thread:{case.id}:{key}",
            lane=lane,
            order_key=behind,
            pace_key=place,
            intent={
                "case": case.id,
                "episode": case.episode,
                "line": line,
                "words": dict(words),
                "proposal": proposal,
            },
        ),
        moment.now,
    )


def say_where_threads_are(
    tx: Transaction, moment: Moment, case: Case, line: str, words: Mapping[str, Any], *, key: str
) -> None:
    """Say it in the primary's thread where the rules have threads; the message itself shows it everywhere."""
    owner = thread_owner(store.posts_of(tx, case))
    if owner is not None and owner.threading:
        say_in_thread(tx, moment, case, line, {"at": moment.now, **words}, key=key)


def thread_owner(posts: Sequence[Post]) -> Post | None:
    """The post whose thread carries the follow-ups: the primary, else the next with its own message.

    What went by a webhook has no thread; where there is nothing else, they are said beside it.
    """
    alone = [post for post in posts if post.stands_alone]
    return next((post for post in alone if not _lacks_thread(post)), next(iter(alone), None))


def _lacks_thread(post: Post) -> bool:
    return post.by_webhook or post.channel_id.startswith(WEBHOOK)


def is_shown(posts: Sequence[Post]) -> bool:
    """Whether a case has a message, or a line, anywhere."""
    return any(post.state is not PostState.DEAD for post in posts)


def post_fresh(tx: Transaction, moment: Moment, post: Post) -> None:
    """Post a message anew whose old one Slack has no more."""
    store.change_post(
        tx, post.id, state=PostState.WANTED, generation=post.generation + 1, ts=None, quiet=1, shown_version=0
    )
    plan_post(tx, moment, store.find_post(tx, post.id))


def bury(tx: Transaction, moment: Moment, case: Case, post: Post) -> None:
    """Let a post go that Slack refused for good; the next copy, or the default channel, takes over."""
    store.change_post(tx, post.id, state=PostState.DEAD)
    living = [other for other in store.posts_of(tx, case) if other.state is not PostState.DEAD]
    if post.role is PostRole.PRIMARY and living:
        store.change_post(tx, post.id, role=PostRole.COPY)
        heir = next((other for other in living if other.state is PostState.SHOWN), living[0])
        store.change_post(tx, heir.id, role=PostRole.PRIMARY)
    if not living:
        _fall_back(tx, moment, case, post)


def _fall_back(tx: Transaction, moment: Moment, case: Case, post: Post) -> None:
    name = moment.rulebook.default_channel
    channel = moment.directory.channel(name)
    if channel is None:
        return
    post_id = store.want_post(
        tx,
        case,
        channel_id=channel.id,
        channel_name=channel.name,
        role=PostRole.COPY.value,
        lane=post.lane,
        template=post.template,
        emoji=post.emoji,
        mentions=json.dumps(list(post.mentions)),
        note=wording.channel_unresolved_note([f"#{post.channel_name}"]),
        change=post.change,
        threading=int(post.threading),
        quiet=int(post.quiet),
    )
    if post_id is not None:
        store.change_post(tx, post.id, role=PostRole.COPY)
        store.change_post(tx, post_id, role=PostRole.PRIMARY)
        _place(tx, moment, store.find_post(tx, post_id))

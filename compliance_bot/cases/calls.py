"""Lines that call people: urgent, in the thread of a case or under its digest, with pings that ring.

Whom they call is written down as rules.yaml names them, and looked up when the line leaves. A line is
overtaken by whatever takes its case out of the states it is for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from compliance_bot.cases import digests, posts
from compliance_bot.cases.destinations import UNRESOLVED, mentions_of
from compliance_bot.cases.moment import Moment
from compliance_bot.messages import clock_words
from compliance_bot.model.cases import Case, CaseState, Digest, DigestState, Post, PostState
from compliance_bot.model.delivery import Effect, EffectKind, Lane, PlannedEffect
from compliance_bot.outbox import effects
from compliance_bot.outbox.quiet_hours import hurry
from compliance_bot.store import away
from compliance_bot.store import cases as store
from compliance_bot.store import digests as stored_digests
from compliance_bot.store.transaction import Transaction

OVERTAKEN = "line.overtaken"
_WHOM, _ONLY_IN, _BESIDE = "whom", "only_in", "beside"


def call(
    tx: Transaction,
    moment: Moment,
    case: Case,
    line: str,
    words: Mapping[str, Any],
    *,
    key: str,
    whom: Sequence[str],
    only_in: Collection[CaseState] = (CaseState.OPEN,),
    beside: Post | Digest | None = None,
) -> bool:
    """Plan a line that calls people; False where it is planned already.

    Args:
        tx: The transaction of what makes it worth saying.
        moment: The moment of that.
        case: What it is about; of a digest's members, the first.
        line: A name of ``lines.LINES``.
        words: What the line says, as JSON can hold it.
        key: Names it once, for each case.
        whom: Mentions as rules.yaml writes them, or Slack's markup.
        only_in: The states in which it is said; it is not once the case has left them, or its episode.
        beside: The message under which it is said; without it, the one that carries the case's thread.

    """
    intent: dict[str, Any] = {
        "case": case.id,
        "episode": case.episode,
        "line": line,
        "words": {**words, _WHOM: list(dict.fromkeys(whom))},
        _ONLY_IN: [state.value for state in only_in],
        _BESIDE: _named(beside),
    }
    return _plan(tx, moment, case, intent, f"call:{case.id}:{key}", beside)


def _named(beside: Post | Digest | None) -> Mapping[str, int] | None:
    if beside is None:
        return None
    return {"digest" if isinstance(beside, Digest) else "post": beside.id}


def _plan(
    tx: Transaction,
    moment: Moment,
    case: Case,
    intent: Mapping[str, Any],
    key: str,
    beside: Post | Digest | None,
) -> bool:
    place = beside or place_of(tx, case)
    channel = None if place is not None else moment.directory.channel(moment.rulebook.default_channel)
    fallback = f"{UNRESOLVED}{moment.rulebook.default_channel}" if channel is None else channel.id
    planned = PlannedEffect(
        kind=EffectKind.THREAD,
        key=key,
        lane=Lane.URGENT,
        order_key=_order(tx, moment, case, place),
        pace_key=fallback if place is None else place.channel_id,
        intent=intent,
    )
    return effects.plan(tx, planned, moment.now) is not None


def _order(tx: Transaction, moment: Moment, case: Case, place: Post | Digest | None) -> str:
    """Behind the message that is not there yet, which waits no more; else in an order of its own.

    So no line waits behind an edit that is in no hurry.
    """
    if isinstance(place, Post) and place.state is PostState.WANTED:
        key = posts.order_key(place)
    elif isinstance(place, Digest) and place.state is DigestState.WANTED:
        key = digests.order_key(place)
    else:
        return f"call:{case.id}"
    hurry(tx, key, Lane.URGENT, moment.now)
    return key


def place_of(tx: Transaction, case: Case) -> Post | Digest | None:
    """The message under which a case's lines are said: one of its own, else the digest that lists it."""
    standing = store.posts_of(tx, case)
    return posts.thread_owner(standing) or digests.digest_of(tx, standing)


# ---------------------------------------------------------------- as it leaves


def is_call(effect: Effect) -> bool:
    """Whether a line calls people."""
    return _WHOM in effect.intent["words"]


def is_overtaken(tx: Transaction, effect: Effect) -> bool:
    """Whether nothing is left to be called for."""
    states = effect.intent.get(_ONLY_IN)
    if not states:
        return False
    beside = effect.intent.get(_BESIDE) or {}
    if "digest" in beside:
        return open_in(tx, beside["digest"])[0] == 0
    case = store.find(tx, effect.intent["case"])
    return case.episode != effect.intent["episode"] or case.state.value not in states


def open_in(tx: Transaction, digest_id: int) -> tuple[int, int]:
    """How many of a digest's cases are open, and how many cases it lists."""
    severities, handled = stored_digests.counts(tx, digest_id)
    total = sum(severities.values())
    return total - handled, total


def meant_beside(tx: Transaction, effect: Effect, case: Case) -> Post | Digest | None:
    """The message under which a line was meant to stand, where it still has a thread."""
    named = effect.intent.get(_BESIDE) or {}
    if "digest" in named:
        return stored_digests.find(tx, named["digest"])
    post = store.find_post(tx, named["post"]) if "post" in named else None
    return post if post is not None and post.stands_alone and post.episode == case.episode else None


def words_now(tx: Transaction, effect: Effect, moment: Moment) -> dict[str, Any]:
    """A line's words as they are now: whom it calls, and how many a digest still has open."""
    words = dict(effect.intent["words"])
    named = effect.intent.get(_BESIDE) or {}
    if "digest" in named:
        digest = stored_digests.find(tx, named["digest"])
        words["open"], words["total"] = open_in(tx, digest.id)
        words["digest"] = digest.ref
    whom = words.get(_WHOM)
    if whom:
        pings, unknown = mentions_of(whom, moment)
        shadow = clock_words.would_call(whom) if moment.shadow else None
        deputies = _deputies(tx, pings, moment)
        words["pings"] = list(dict.fromkeys([*pings, *deputies.values()]))
        absences = [clock_words.stands_in(deputy, absent) for absent, deputy in deputies.items()]
        words["notes"] = [note for note in (*absences, unknown, shadow, words.get("note")) if note]
    return words


def _deputies(tx: Transaction, pings: Sequence[str], moment: Moment) -> Mapping[str, str]:
    """Who stands in for whom among those that are called, both as Slack's markup."""
    people = [ping for ping in pings if ping.startswith("<@")]
    found = {ping: away.deputy_of(tx, ping[2:-1], moment.now) for ping in people}
    return {ping: f"<@{deputy.person}>" for ping, deputy in found.items() if deputy is not None}


def pings_of(words: Mapping[str, Any]) -> list[str]:
    """Whom a line calls, as ``words_now`` found them."""
    return list(words.get("pings", ()))


def plan_again(tx: Transaction, moment: Moment, effect: Effect, case: Case, key: str) -> None:
    """Say a line once more whose thread was gone."""
    under_digest = "digest" in (effect.intent.get(_BESIDE) or {})
    intent = effect.intent if under_digest else {**effect.intent, _BESIDE: None}
    _plan(tx, moment, case, intent, f"call:{case.id}:{key}", None)

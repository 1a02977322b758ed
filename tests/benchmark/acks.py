"""From an envelope to its ack: one at a time, fifty outstanding, five hundred clicks at once."""

import asyncio
import sqlite3
import time

from tests.benchmark import anchors, envelopes
from tests.benchmark.processes import stage
from tests.benchmark.spread import ratio, spread

WARM = 20
REST = 0.1
"""Seconds after which a decision's own consequences (Studio's write, the edits) are over."""


async def one_at_a_time(size):
    """A question and a decision beside stock Bolt's, and beside a commit."""
    count = size.samples
    async with stage() as ours:
        async with ours.daemon():
            cases = await told_cases(ours, 2 * (size.decisions + WARM))
            question = await singly([envelopes.question(ours.respond_url)] * (count + WARM), ours)
            half = len(cases) // 2
            clicks = [envelopes.click(ours.respond_url, *case) for case in cases]
            decision = await singly(clicks[:half], ours, rest=REST)
            in_a_row = await singly(clicks[half:], ours)
        commit = anchors.one_row_commits(ours.home, count)
    async with stage() as theirs, theirs.stock():
        asked = await singly([envelopes.question(theirs.respond_url)] * (count + WARM), theirs)
        pressed = await singly([envelopes.click(theirs.respond_url, *case) for case in cases], theirs)
    reach = question["p50_ms"] + commit["p50_ms"]
    return {
        "question": {"ours": question, "stock_bolt": asked, "ratio_p50": of_p50(question, asked)},
        "decision": {
            "ours": decision,
            "ours_each_upon_the_last_ack": in_a_row,
            "stock_bolt_without_a_commit": pressed,
            "one_row_commit": commit,
            "reach_p50_ms": round(reach, 3),
            "over_reach_ms": round(decision["p50_ms"] - reach, 3),
        },
    }


def of_p50(ours, theirs):
    """Our median over theirs."""
    return ratio(ours["p50_ms"], theirs["p50_ms"])


async def told_cases(stage_, count):
    """Have so many criticals told, each in one channel; (channel, ts, reference) of each."""
    before = len(await stage_.order("posts"))
    await stage_.order("findings", count=count, severity="critical", category="misconfiguration")
    posts = await stage_.posts(before + count)
    return [post[1:4] for post in posts[before:]]


async def singly(sent, stage_, *, rest=0.0):
    """One envelope after another; the first few warm up. ``rest``: seconds for what follows an ack."""
    taken = []
    for each in sent:
        taken.append(await stage_.link.exchange(*each))
        await asyncio.sleep(rest)
    return spread(taken[WARM:])


async def fifty_outstanding(size):
    """Questions a second with fifty under way, beside stock Bolt's."""
    async with stage() as one, one.daemon():
        ours = await _flood(one, size.flood)
    async with stage() as other, other.stock():
        theirs = await _flood(other, size.flood)
    return {"ours": ours, "stock_bolt": theirs, "ratio": ratio(ours["a_second"], theirs["a_second"])}


async def _flood(stage_, count):
    await stage_.link.exchange(*envelopes.question(stage_.respond_url))
    left, taken = iter(range(count)), []

    async def ask():
        taken.extend([await stage_.link.exchange(*envelopes.question(stage_.respond_url)) for _ in left])

    began = time.perf_counter()
    await asyncio.gather(*(ask() for _ in range(50)))
    return {"a_second": round(count / (time.perf_counter() - began)), **spread(taken)}


async def clicks_at_once(size):
    """Clicks on as many cases, sent within the second: when the last was acked, and what was decided."""
    async with stage() as one:
        async with one.daemon():
            cases = await told_cases(one, size.clicks)
            sent = [envelopes.click(one.respond_url, *case) for case in cases]
            began = time.perf_counter()
            taken = await asyncio.gather(*(one.link.exchange(*each) for each in sent))
            all_acked = time.perf_counter() - began
            async with asyncio.timeout(60):
                while (decided := _decisions(one.home))[0] < size.clicks:  # noqa: ASYNC110 - in a file
                    await asyncio.sleep(0.1)
        return {
            "clicks": size.clicks,
            "all_acked_s": round(all_acked, 3),
            "ack": spread(taken),
            "decisions": decided[0],
            "cases_decided": decided[1],
        }


def _decisions(home):
    connection = sqlite3.connect(f"file:{home}/state/compliance-bot.db?mode=ro", uri=True)
    try:
        return connection.execute("SELECT count(*), count(DISTINCT case_id) FROM decision").fetchone()
    finally:
        connection.close()

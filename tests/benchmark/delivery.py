"""From an event to Slack's 200: a burst as fast as it goes, and urgent past a backlog."""

import sqlite3
import time
from collections import Counter

from tests.benchmark import anchors
from tests.benchmark.light_slack import CHANNEL_IDS
from tests.benchmark.processes import cpu_seconds, stage
from tests.benchmark.spread import ratio


async def burst(size):
    """Messages a second when so many findings appear at once, beside a client that writes nothing down."""
    async with stage() as one:
        async with one.daemon() as process:
            ours = await _drained(one, process, size.burst, severity="high")
        bare = await anchors.bare_client(one, size.requests)
        ceiling = await anchors.peer_ceiling(one, size.requests)
    async with stage() as other, other.daemon() as process:
        critical = await _drained(other, process, size.burst // 4, severity="critical")
    return {
        "updates": ours,
        "critical_alerts": critical,
        "bare_aiohttp_client_a_second": bare,
        "peer_ceiling_a_second": ceiling,
        "ratio_to_bare_client": ratio(ours["a_second"], bare),
    }


async def _drained(stage_, process, count, *, severity):
    before, began = len(await stage_.order("posts")), time.time()
    used = cpu_seconds(process)
    await stage_.order("findings", count=count, severity=severity, category="misconfiguration")
    posts = (await stage_.posts(before + count))[before:]
    used = cpu_seconds(process) - used
    first = _first_commit(stage_.home, began)
    last = max(post[0] for post in posts)
    return {
        "messages": len(posts),
        "unique_ts": len({post[2] for post in posts}),
        "unique_cases": len({post[3] for post in posts}),
        "seconds_from_first_commit": round(last - first, 3),
        "a_second": round(len(posts) / (last - first)),
        "cpu_us_a_message": round(used / len(posts) * 1e6),
    }


def _first_commit(home, since):
    connection = sqlite3.connect(f"file:{home}/state/compliance-bot.db?mode=ro", uri=True)
    try:
        return connection.execute(
            "SELECT min(created_at) FROM effect WHERE kind = 'post' AND created_at >= ?", (since,)
        ).fetchone()[0]
    finally:
        connection.close()


async def urgent_past_backlog(size):
    """With one message a second in each channel: the wait of an urgent one, and the pace used."""
    async with stage() as one, one.daemon({"delivery": {"per_channel": 1, "welcome": False}}):
        await one.order("behave", strict=True)
        backlog = max(60, size.urgent_seconds * 2)
        await one.order("findings", count=backlog, severity="high", category="misconfiguration")
        began = (await one.posts(3))[0][0]
        waits = []
        for _ in range(3):
            before = await _count(one, "compliance-alerts")
            await one.order("findings", count=1, severity="critical", category="misconfiguration")
            posts = await one.posts(0)
            while await _count(one, "compliance-alerts") == before:
                posts = await one.posts(len(posts) + 1)
            effect = _last_urgent(one.home)
            waits.append(round(effect, 3))
        await one.posts(size.urgent_seconds + 3, seconds=size.urgent_seconds + 30)
        posts = await one.order("posts")
        normal = [post[0] for post in posts if post[1] == CHANNEL_IDS["compliance"]]
        refused = (await one.order("counts"))["refused"]
    possible = int(normal[-1] - began) + 1
    return {
        "backlog": backlog,
        "urgent_commit_to_sent_s": waits,
        "normal_sent": len(normal),
        "normal_possible": possible,
        "share_of_the_possible": ratio(len(normal), possible),
        "refused_429": refused,
        "channels": dict(Counter(post[1] for post in posts)),
    }


async def _count(stage_, channel):
    return sum(post[1] == CHANNEL_IDS[channel] for post in await stage_.order("posts"))


def _last_urgent(home):
    connection = sqlite3.connect(f"file:{home}/state/compliance-bot.db?mode=ro", uri=True)
    try:
        return connection.execute(
            "SELECT started_at - created_at FROM effect WHERE kind = 'post' AND lane = 0 ORDER BY id DESC"
        ).fetchone()[0]
    finally:
        connection.close()

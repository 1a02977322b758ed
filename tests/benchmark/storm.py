"""Thousands of findings at once, one message a second a channel: until the digest tells them all."""

import asyncio
import re
import time

from tests.benchmark.processes import megabytes, stage

RULES = {
    "delivery": {"per_channel": 1, "welcome": False},
    "grouping": {"enabled": True},
}
_COUNTED = re.compile(r"(\d[\d,]*) findings?")


async def storm(size):
    """Seconds until the first digest stands, until one counts them all, and what it cost."""
    async with stage() as one, one.daemon(RULES) as process:
        await one.order("behave", strict=True)
        began = time.time()
        await one.order("findings", count=size.burst, severity="high", category="misconfiguration")
        first = (await one.posts(1))[0][0]
        last = await _all_counted(one, size.burst)
        counts = await one.order("counts")
        return {
            "findings": size.burst,
            "first_digest_s": round(first - began, 2),
            "all_counted_s": round(last - began, 2),
            "messages": counts["posts"],
            "edits": counts["slack"].get("chat.update", 0),
            "refused_429": counts["refused"],
            "peak_mb": megabytes(process, "VmHWM"),
        }


async def _all_counted(stage_, total):
    """When digests and messages told of every finding, by the counts that they themselves name."""
    while True:
        shown = (await stage_.order("shown")).values()
        counted = [_COUNTED.search(text) for _, text in shown]
        if sum(int(one[1].replace(",", "")) if one else 1 for one in counted) >= total:
            return max(at for at, _ in shown)
        await asyncio.sleep(0.1)

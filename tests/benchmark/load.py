"""Acks while a walk and a drain are under way, and the answer to a command with an empty cache."""

import asyncio
import itertools
import time

from tests.benchmark import envelopes
from tests.benchmark.acks import told_cases
from tests.benchmark.processes import cpu_seconds, megabytes, stage
from tests.benchmark.spread import spread

FIRST_CASES = 200


async def acks_under_load(size):
    """Envelopes at a steady rate while findings are walked and alerts drained; also its memory."""
    async with stage() as one:
        await one.order("findings", base=size.walked)
        async with one.daemon() as process:
            began = time.time()
            cases = itertools.cycle(await told_cases(one, FIRST_CASES))
            await one.order("findings", count=size.burst, severity="high", category="misconfiguration")
            waits = await _steadily(one, cases, size)
            drained = await one.posts(FIRST_CASES + size.burst, what="cases")
            lag = await one.metric("compliance_bot_loop_lag_worst_seconds")
            counts = await one.order("counts")
            busy = cpu_seconds(process)
            return {
                "ack": spread([*waits["question"], *waits["click"]]),
                "question": spread(waits["question"]),
                "click": spread(waits["click"]),
                "alerts_drained": len({post[3] for post in drained if post[3]}),
                "messages": counts["posts"],
                "messages_with_unique_keys": counts["unique_keys"],
                "pages_read": counts["studio"].get("list", 0),
                "last_alert_s": round(max(post[0] for post in drained) - began, 1),
                "envelopes_s": round(waits["seconds"], 1),
                "worst_loop_lag_ms": round((lag or 0) * 1000, 1),
                "rss_peak_mb": megabytes(process, "VmHWM"),
                "cpu_s": round(busy, 1),
            }


async def _steadily(stage_, cases, size):
    """Four questions to each click, at the rate asked, whatever the acks do."""
    waits = {"question": [], "click": []}
    tasks, began = [], time.perf_counter()

    async def send(number):
        kind = "question" if number % 5 else "click"
        respond = stage_.respond_url
        each = envelopes.question(respond) if number % 5 else envelopes.click(respond, *next(cases))
        waits[kind].append(await stage_.link.exchange(*each))

    for number in range(size.envelopes):
        await asyncio.sleep(max(0.0, began + number / size.envelopes_a_second - time.perf_counter()))
        tasks.append(asyncio.ensure_future(send(number)))
    await asyncio.gather(*tasks)
    return {**waits, "seconds": time.perf_counter() - began}


async def command_to_answer(size):
    """``/compliance`` with nothing remembered, beside the slowest of Studio's answers."""
    slowest, others = 0.080, 0.040
    names = ("manager/projects", "manager/dashboard", "auditor/dashboard", "list")
    delays = dict.fromkeys(names, others) | {"auditor/dashboard": slowest}
    taken = []
    async with stage() as one, one.daemon(clock=True):
        await one.order("behave", delays=delays)
        for number in range(size.answers):
            one.link.clock.jump(120.0)
            await asyncio.sleep(0.3)
            began = time.time()
            await one.link.exchange(*envelopes.question(one.respond_url))
            async with asyncio.timeout(20):
                while len(answers := await one.answers()) <= number:  # noqa: ASYNC110 - in another process
                    await asyncio.sleep(0.02)
            taken.append(answers[number][0] - began)
    over = [seconds - slowest for seconds in taken]
    return {"slowest_studio_answer_ms": slowest * 1000, "answered": spread(taken), "over": spread(over)}

"""What a daemon costs by standing there: memory, and its start with an old database."""

import asyncio
import sqlite3
import sys
import time

from tests.benchmark.processes import cpu_seconds, megabytes, stage


async def memory(size):
    """RSS of ``run`` idle, and after it told many alerts."""
    async with stage() as one, one.daemon() as process:
        await asyncio.sleep(2.0)
        idle = megabytes(process)
        await one.order("findings", count=size.burst, severity="high", category="misconfiguration")
        await one.posts(size.burst)
        return {
            "idle_mb": idle,
            "alerts": size.burst,
            "after_alerts_mb": megabytes(process),
            "peak_mb": megabytes(process, "VmHWM"),
        }


async def start(size):
    """Seconds from the process's birth to Slack's hello: empty, and with a million events."""
    async with stage() as one:
        first, _ = await _connected(one)
        empty = [await _connected(one) for _ in range(size.starts)]
        status_empty = await _commands(one, size.starts)
        _fill(one.home / "state" / "compliance-bot.db", size.events)
        filled = [await _connected(one) for _ in range(size.starts)]
        status_filled = await _commands(one, size.starts)
        interpreter = await _interpreter("pass")
        libraries = await _interpreter("import aiohttp, slack_bolt.async_app, aiosqlite, pydantic, jinja2")
    return {
        "first_s": first,
        "empty_s": _least_and_middle([seconds for seconds, _ in empty]),
        "empty_cpu_s": _least_and_middle([used for _, used in empty]),
        "events": size.events,
        "filled_s": _least_and_middle([seconds for seconds, _ in filled]),
        "filled_cpu_s": _least_and_middle([used for _, used in filled]),
        "status_empty_s": status_empty,
        "status_filled_s": status_filled,
        "python_itself_s": interpreter,
        "python_and_its_libraries_s": libraries,
    }


async def _connected(stage_):
    async with stage_.daemon() as process:
        return round(stage_.link.greeted_at - process.began, 3), round(cpu_seconds(process), 2)


async def _commands(stage_, count):
    return _least_and_middle([round((await stage_.command("status"))[1], 3) for _ in range(count)])


def _least_and_middle(seconds):
    ordered = sorted(seconds)
    return {"min": ordered[0], "median": ordered[len(ordered) // 2], "max": ordered[-1]}


async def _interpreter(code):
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
        await process.wait()
        taken.append(time.perf_counter() - began)
    return round(min(taken), 3)


def _fill(path, events):
    """Write a history straight into the file: ten events for each object, one case and message each."""
    connection = sqlite3.connect(path)
    numbers = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {events // 10})"  # noqa: S608 - a number of ours
    old = time.time() - 86_400.0 * 60
    history = f"""
        {numbers}
        INSERT INTO object (id, source, kind, studio_id, state, fingerprint, status, severity, first_seen,
            last_seen, accepted_at, standing)
        SELECT i + 1000, 'platform', 'old finding', 'f' || i, '{{}}', 'x', 'resolved', 'high', {old}, {old},
            {old}, 'silent' FROM n;
        INSERT INTO event (object_id, type, change, cause, observed_at, attributes, rules_hash)
        SELECT o.id, 'finding', 'new', 'studio', {old} + k.i, '{{"severity": "high", "status": "open",
            "title": "Public bucket evidence-archive", "category": "security"}}', 'x'
        FROM object o, (WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 10)
            SELECT i FROM k) k WHERE o.kind = 'old finding';
        INSERT INTO "case" (id, ref, object_id, state, severity, opened_at, closed_at, closed_reason)
        SELECT id, 'CB-X' || id, id, 'closed', 'high', {old}, {old}, 'resolved'
        FROM object WHERE kind = 'old finding';
        INSERT INTO post (case_id, episode, channel_id, channel_name, role, state, ts, want_version,
            shown_version, lane, template)
        SELECT id, 1, 'C0BENCH000', 'compliance', 'primary', 'shown', id || '.000001', 1, 1, 1,
            'compliance_update' FROM "case" WHERE ref LIKE 'CB-X%';
        INSERT INTO effect (kind, key, lane, order_key, pace_key, intent, state, created_at, not_before,
            started_at, finished_at, ready)
        SELECT 'post', 'old:' || id, 1, 'old:' || id, 'C0BENCH000', '{{}}', 'done', {old}, 0, {old}, {old}, 1
        FROM post WHERE ts LIKE '%.000001';
    """  # noqa: S608 - numbers of ours
    connection.executescript(history)
    connection.close()

"""``python -m tests.benchmark``: every figure beside its anchor, as one JSON document on stdout.

A readable table goes to stderr. Absolute times drift with the machine and with who shares it; ratios
within one run count. ``--repeat`` gives the least, the median and the most of each figure.
"""

import argparse
import asyncio
import json
import os
import platform
import sqlite3
import sys
from dataclasses import dataclass

from tests.benchmark import acks, delivery, load, standing, storm
from tests.benchmark.spread import over_runs


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much of everything is measured."""

    samples: int = 1000
    decisions: int = 300
    flood: int = 20_000
    clicks: int = 500
    burst: int = 10_000
    requests: int = 10_000
    walked: int = 100_000
    envelopes: int = 5_000
    envelopes_a_second: int = 150
    answers: int = 20
    starts: int = 5
    events: int = 1_000_000
    urgent_seconds: int = 60


QUICK = Size(
    samples=30,
    decisions=20,
    flood=300,
    clicks=20,
    burst=100,
    requests=200,
    walked=1_000,
    envelopes=60,
    envelopes_a_second=100,
    answers=2,
    starts=1,
    events=1_000,
    urgent_seconds=4,
)

FIGURES = {
    "ack_one_at_a_time": acks.one_at_a_time,
    "ack_fifty_outstanding": acks.fifty_outstanding,
    "clicks_at_once": acks.clicks_at_once,
    "ack_under_load": load.acks_under_load,
    "event_to_slack": delivery.burst,
    "urgent_past_backlog": delivery.urgent_past_backlog,
    "storm": storm.storm,
    "command_to_answer": load.command_to_answer,
    "memory": standing.memory,
    "start": standing.start,
}


def main():
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("--only", action="append", choices=FIGURES, help="this figure (may be repeated)")
    parser.add_argument("--repeat", type=int, default=1, help="so many runs of each")
    parser.add_argument("--quick", action="store_true", help="little of everything: does it work at all?")
    parser.add_argument("--json", action="store_true", help="no table on stderr")
    asked = parser.parse_args()
    told = asyncio.run(_measure(asked))
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


async def _measure(asked):
    figures = {}
    for name in asked.only or FIGURES:
        runs = [await FIGURES[name](QUICK if asked.quick else Size()) for _ in range(asked.repeat)]
        figures[name] = over_runs(runs) if asked.repeat > 1 else runs[0]
        if not asked.json:
            _show(name, figures[name])
    return {"machine": _machine(), "runs": asked.repeat, "quick": asked.quick, "figures": figures}


def _machine():
    return {
        "processors": os.cpu_count(),
        "load": [round(each, 2) for each in os.getloadavg()],
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def _show(name, figure):
    sys.stderr.write(f"\n{name}\n")
    for path, value in _leaves(figure):
        sys.stderr.write(f"  {path:<46} {value}\n")


def _leaves(figure, path=""):
    for name, value in figure.items():
        here = f"{path} {name}".strip()
        if isinstance(value, dict) and not {"min", "median"} <= value.keys():
            yield from _leaves(value, here)
        else:
            words = " / ".join(f"{each:g}" for each in value.values()) if isinstance(value, dict) else value
            yield here, words


if __name__ == "__main__":
    main()

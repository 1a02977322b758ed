"""The benchmark runs, and says every figure in JSON; no figure is judged here."""

import asyncio
import json
import os
import sys
from pathlib import Path

from tests.benchmark.__main__ import FIGURES
from tests.benchmark.spread import over_runs

ROOT = Path(__file__).parents[2]


async def test_a_quick_run_prints_one_document_with_the_acks_and_their_anchors():
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.benchmark", "--quick", "--json", "--only", "ack_one_at_a_time"),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()

    figure = json.loads(out)["figures"]["ack_one_at_a_time"]
    assert figure["question"]["ours"]["n"] == figure["question"]["stock_bolt"]["n"] > 0
    assert figure["decision"]["one_row_commit"]["p50_ms"] > 0


def test_every_figure_that_the_contract_names_has_a_measurement():
    assert set(FIGURES) == {
        "ack_one_at_a_time",
        "ack_fifty_outstanding",
        "clicks_at_once",
        "ack_under_load",
        "event_to_slack",
        "storm",
        "urgent_past_backlog",
        "command_to_answer",
        "memory",
        "start",
    }


def test_many_runs_become_the_least_the_median_and_the_most():
    runs = [{"a": {"p50": 3, "n": 7}}, {"a": {"p50": 1, "n": 7}}, {"a": {"p50": 2, "n": 7}}]

    assert over_runs(runs) == {"a": {"p50": {"min": 1, "median": 2, "max": 3}, "n": 7}}

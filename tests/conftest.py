"""How the whole suite runs: several at once, and what a test prints for a reader stands at the end."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# No test asserts a duration: a machine with much to do is no fault of what is tested.
settings.register_profile("suite", deadline=None, max_examples=25)
settings.load_profile("suite")

PRINTED = "printed"
"""The property of a test (``record_property``) that is shown whoever ran it."""

_AT_LEAST = 3


def pytest_xdist_auto_num_workers() -> int:
    """One more than two processors: journeys wait for processes more than they work."""
    return max(_AT_LEAST, os.cpu_count() or 1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests printed for a reader."""
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            if name == PRINTED:
                terminalreporter.write_line(f"\n{text}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deal the tests to the workers as cards, the long ones first: else one works on while others rest."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0"))
    if workers and config.getoption("dist", "no") == "worksteal":
        long = ("journeys/test_crashes", "journeys/", "")
        dealt = sorted(items, key=lambda item: next(n for n, part in enumerate(long) if part in item.nodeid))
        items[:] = [item for worker in range(workers) for item in dealt[worker::workers]]

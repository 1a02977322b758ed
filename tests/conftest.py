"""How the whole suite runs: several at once, and what a test prints for a reader stands at the end."""

from __future__ import annotations

import os

import pytest

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

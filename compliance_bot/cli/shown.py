"""A page of ``audit show`` as text: headings and labelled lines, 96 columns where there is no terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

WIDTH = 96
WIDEST = 100
_LABEL = 15
"""Columns of the labels."""
_ZONES = "zoneinfo/"


def local_zone() -> str | None:
    """The IANA name of whoever reads: by ``TZ``, else by the machine; None where neither says."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if named:
        return named
    target = str(Path("/etc/localtime").resolve())
    return target.rpartition(_ZONES)[2] if _ZONES in target else None


def page_text(told: Mapping[str, Any]) -> str:
    """The page, in colour on a terminal, plain where it is piped."""
    from rich.console import Console  # noqa: PLC0415 - heavy, and only this form needs it

    terminal = sys.stdout.isatty()
    console = Console(
        width=WIDTH if not terminal else None,
        force_terminal=terminal,
        highlight=False,
        emoji=False,
        markup=False,
        soft_wrap=False,
    )
    console.width = min(console.width, WIDEST)
    with console.capture() as captured:
        for number, (heading, rows) in enumerate(told["sections"]):
            if number:
                console.print()
            console.print(heading, style="bold", highlight=False)
            _table(console, rows)
        zone = "" if told["zone"] in (None, "UTC", "Etc/UTC") else f"; in brackets {told['zone']}"
        console.print(f"\nTimes are UTC{zone}.", style="dim")
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _table(console: Any, rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table  # noqa: PLC0415 - heavy, and only this form needs it
    from rich.text import Text  # noqa: PLC0415 - the same

    if not rows:
        return
    table = Table.grid(padding=(0, 2))
    labelled = any(label for label, _ in rows)
    table.add_column(width=_LABEL if labelled else 0)
    table.add_column(overflow="fold")
    for label, words in rows:
        table.add_row(Text(label, style="cyan"), Text(words))
    console.print(table)

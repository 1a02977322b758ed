"""Explanations as people read them: labelled lines, 80 columns where there is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from compliance_bot.clock import iso
from compliance_bot.config.schema import Grouping
from compliance_bot.messages.explanation import (
    Explanation,
    Place,
    Row,
    body_of,
    message_lines,
    place_rows,
    rows,
)

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80
_LABEL = 8
"""Columns of the labels."""


def shown(told: Sequence[Explanation], now: float, grouping: Grouping) -> str:
    """All of them as text, in colour on a terminal. ``grouping``: what becomes of a burst."""
    from rich.console import Console  # noqa: PLC0415 - heavy, and only this form needs it

    terminal = sys.stdout.isatty()
    console = Console(
        width=None if terminal else WIDTH,
        force_terminal=terminal,
        highlight=False,
        emoji=False,
        markup=False,
        soft_wrap=False,
    )
    with console.capture() as captured:
        for number, one in enumerate(told):
            if number:
                console.print()
            _print(console, one)
        console.print()
        console.print(f"As of {iso(now)}. Nothing was sent; a reference such as CB-0001 is a stand-in.")
        if grouping.enabled:
            console.print(
                "Each event is taken by itself: when a channel would get more than "
                f"{grouping.threshold} messages in {grouping.window:g} s, they are lines of one digest."
            )
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _print(console: Console, told: Explanation) -> None:
    _table(console, rows(told))
    said: dict[object, str] = {}
    for place in told.places:
        console.print()
        console.print(f"→ {place.channel}", style="bold")
        _table(console, place_rows(place))
        _message(console, place, said)


def _table(console: Console, pairs: Iterable[Row]) -> None:
    from rich.table import Table  # noqa: PLC0415 - heavy, and only this form needs it
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table.grid(padding=(0, 2))
    table.add_column(width=_LABEL)
    table.add_column(overflow="fold")
    for label, words in pairs:
        table.add_row(Text(label, style="cyan"), Text(words))
    console.print(table)


def _message(console: Console, place: Place, said: dict[object, str]) -> None:
    """What would stand there; the same words in another channel are not shown again."""
    from rich.padding import Padding  # noqa: PLC0415 - heavy, and only this form needs it
    from rich.text import Text  # noqa: PLC0415 - the same

    body = str(body_of(place)) if place.blocks else place.text
    if body is None:
        return
    if body in said:
        _table(console, [("message", f"as in {said[body]}, with these pings")])
        return
    said[body] = place.channel
    console.print("message", style="cyan")
    for line in message_lines(place):
        console.print(Padding(Text(line, style="dim"), (0, 0, 0, _LABEL + 2)))

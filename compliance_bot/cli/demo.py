"""``compliance-bot demo``."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from compliance_bot.cli.demonstration.place import furnish, require_free_port
from compliance_bot.cli.demonstration.show import Show


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8484, show_default=True, help="The page's port."
)
@click.option("--no-browser", is_flag=True, help="Print the page's address and leave the browser to you.")
@click.option(
    "--speed",
    type=click.FloatRange(0.1, 3600),
    default=1.0,
    show_default=True,
    help="World seconds in a real second.",
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the bot's record in this new directory. Without it, it is deleted at the end.",
)
def demo(*, port: int, no_browser: bool, speed: float, state: Path | None) -> int:
    """Show the bot at work in a made-up workspace on this machine: no tokens, no network.

    Two processes: the embedded world (Slack, Studio, a page to click in) and an unchanged `run` with its
    addresses. The page edits the demo's own rules.yaml, never yours. Ctrl-C stops both.
    """
    require_free_port(port)
    with _kept_or_not(state) as directory:
        place = furnish(directory, speed=speed)
        return asyncio.run(Show(place=place, port=port, speed=speed, browser=not no_browser).run())


@contextlib.contextmanager
def _kept_or_not(state: Path | None) -> Iterator[Path]:
    if state is not None:
        yield state.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="compliance-bot-demo-") as made:
        yield Path(made)

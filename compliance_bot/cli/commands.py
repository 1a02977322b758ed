"""Every command, where it lives, and what it does in one line. Loading it costs nothing."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Mapping
from typing import Any

import click

from compliance_bot import __version__

COMMANDS: Mapping[str, tuple[str, str]] = {
    "run": ("run", "Run the daemon until it is told to stop."),
    "demo": ("demo", "Show the bot at work in a workspace on this machine: no tokens, no network."),
    "init": ("init", "Write rules.yaml, templates/ and the unit files to start from."),
    "check": ("check", "Test the connection to Slack and Studio; name the mend of each fault."),
    "validate": ("validate", "Check rules.yaml and templates/ without any network."),
    "explain": ("explain", "Say where an event would go, why, whom it pings and in which words."),
    "manifest": ("manifest", "Print the Slack app manifest to create the app from."),
    "status": ("status", "Say how the running bot is."),
    "deadletters": ("deadletters", "List what could not be delivered; send it again or drop it."),
    "audit": ("audit", "Look into the audit chain."),
}
"""Command → (module of this package that has a click command of the same name, its one line)."""


class CommandsOnDemand(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table, which is the order of a newcomer's needs."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        # Imports make nothing but what stays; to look for garbage meanwhile is a tenth of a start.
        gc.disable()
        try:
            module = importlib.import_module(f"compliance_bot.cli.{COMMANDS[cmd_name][0]}")
        finally:
            gc.enable()
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The one-liners of the table, without importing any command."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's own, but an unknown command is answered with the known ones."""
        name: Any = args[0] if args else None
        if name is not None and name not in COMMANDS and not str(name).startswith("-"):
            ctx.fail(f"there is no command {name!r}: {', '.join(COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(cls=CommandsOnDemand, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="compliance-bot")
def compliance_bot() -> None:
    """Joins Slack (Socket Mode, no public URL) with the Studio compliance platform.

    Settings come from the environment; what goes where stands in rules.yaml. Exit codes: 0 done, 1 a
    fault was found, 2 bad input, 73 would overwrite, 75 another instance runs, 78 misconfigured.
    """

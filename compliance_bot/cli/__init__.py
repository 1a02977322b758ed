"""The command line: one thin file a command, each loaded only when it is asked for."""

from __future__ import annotations

import sys

from compliance_bot.cli.ending import carry_out

__all__ = ["main"]


def main() -> None:
    """Run the command that the arguments name, and end the process with its exit code."""
    sys.exit(carry_out(sys.argv[1:]))

"""How a command ends: errors as one sentence on stderr, and as an exit code."""

from __future__ import annotations

import os
import sys

import click

from compliance_bot import logs
from compliance_bot.cli.commands import compliance_bot
from compliance_bot.errors import AlreadyRunning, BotError, DatabaseUnusable, Misconfigured, UserMistake

DONE, FAULT, BAD_INPUT = 0, 1, 2
WOULD_OVERWRITE, BUSY, MISCONFIGURED = 73, 75, 78
INTERRUPTED = 130


class WouldOverwrite(BotError):
    """A file is there already and was left as it is."""


_CODES: tuple[tuple[type[BotError], int], ...] = (
    (WouldOverwrite, WOULD_OVERWRITE),
    (AlreadyRunning, BUSY),
    (Misconfigured, MISCONFIGURED),
    (DatabaseUnusable, MISCONFIGURED),
    (UserMistake, BAD_INPUT),
    (BotError, FAULT),
)


def carry_out(arguments: list[str]) -> int:
    """Run the command line ``arguments``; its exit code. No exception leaves."""
    logs.configure("warning")
    try:
        code = compliance_bot.main(args=arguments, prog_name="compliance-bot", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAULT
    except Exception as error:  # noqa: BLE001 - the last place that can turn a fault into words
        return _explain(error)
    return code if isinstance(code, int) else DONE


def _explain(error: Exception) -> int:
    told = _ours(error)
    if told is None:
        logs.logger("cli").critical("command.failed", exc_info=error)
        return FAULT
    click.echo(logs.redact(f"compliance-bot: {told}"), err=True)
    return next(code for kind, code in _CODES if isinstance(told, kind))


def _ours(error: BaseException) -> BotError | None:
    """The error that has words for the operator, also where a task group wrapped it."""
    if isinstance(error, BotError):
        return error
    if isinstance(error, BaseExceptionGroup):
        found = [told for inner in error.exceptions if (told := _ours(inner)) is not None]
        return found[0] if len(found) == len(error.exceptions) else None
    return None

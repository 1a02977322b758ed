"""``compliance-bot run``: the daemon."""

from __future__ import annotations

import asyncio

import click

from compliance_bot import logs, state_directory
from compliance_bot.app import Requests, log_level
from compliance_bot.app import run as serve
from compliance_bot.cli import surroundings
from compliance_bot.rulebook import compile_rulebook


@click.command()
def run() -> int:
    """Run the daemon until SIGTERM or SIGINT; SIGHUP reads rules.yaml and the templates anew.

    Exit code 0: stopped as told. 75: another instance holds the state directory. 78: it can never
    work as configured (a setting, rules.yaml, a token or scope that Slack refuses, the database). A
    Studio or Slack that is away is no reason to end: the bot goes on, and /readyz is red.
    """
    requests = Requests()
    requests.remember_early()
    settings = surroundings.settings()
    rulebook, warnings = compile_rulebook(settings.rules_path, settings.templates_path)
    logs.configure(log_level(rulebook.rules))
    with state_directory.hold(settings.state_path):
        return asyncio.run(serve(settings, rulebook=rulebook, warnings=warnings, requests=requests))

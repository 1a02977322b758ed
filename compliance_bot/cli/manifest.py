"""``compliance-bot manifest``."""

from __future__ import annotations

import os

import click
import yaml

from compliance_bot.cli.printing import json_option, remark, say, say_json
from compliance_bot.config.places import rules_place, templates_place
from compliance_bot.handlers import manifest as app_manifest
from compliance_bot.rulebook import compile_rulebook


@click.command()
@json_option
def manifest(*, as_json: bool) -> None:
    """Print the manifest to create the Slack app from (api.slack.com/apps, "From a manifest").

    YAML, or JSON with --json. Commands that rules.yaml renames are renamed here too.
    """
    rules = rules_place(os.environ, packaged=True)
    templates = templates_place(os.environ, packaged=True)
    rulebook, _ = compile_rulebook(rules, templates)
    commands = rulebook.rules.slash_commands
    missing = app_manifest.left_out(commands)
    if missing:
        remark(f"Left out, since this version does not answer them yet: {', '.join(missing)}")
    document = app_manifest.manifest(commands)
    if as_json:
        say_json(document)
    else:
        say(yaml.safe_dump(document, sort_keys=False, allow_unicode=True).rstrip())

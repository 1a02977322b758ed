"""Rules as a few lines of rules.yaml say them, all else by default."""

from __future__ import annotations

import yaml

from compliance_bot.config.schema import Rules


def rules_of(text: str) -> Rules:
    """The sections of ``text``; what it leaves out is as in an empty file."""
    return Rules.model_validate(yaml.safe_load(text))

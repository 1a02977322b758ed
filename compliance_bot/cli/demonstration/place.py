"""What the demo needs before anything starts: a directory, rules that look often, free ports."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from compliance_bot import state_directory
from compliance_bot.cli.ending import WouldOverwrite
from compliance_bot.config.places import packaged_place
from compliance_bot.errors import UserMistake
from compliance_bot.store.database import DATABASE_FILE

HOST = "127.0.0.1"
POLL_SECONDS = 2
_ROUTED = """routing_rules:
  # Added by `compliance-bot demo`: partners read that channel, so they see that there is something, not what.
  patient_portal:
    condition: "severity == 'critical' AND title =~~ 'patient portal'"
    channels: ["#shared-with-partner"]

"""
_EYES = 'acknowledge_reaction: "eyes"'
_ADDED = """
# Added by `compliance-bot demo`, which runs on the rules as shipped but for this, one routing rule and
# acknowledge_reaction.

# Nobody wants to wait a minute for the first message: Studio is looked at every {real} real seconds.
studio:
  poll_interval: {seconds}s
  quota_per_hour: 0

# Mona and Omar are the managers. Bob and Alice are auditors: Studio says so itself.
people:
  roles:
    manager: ["manager@example.com", "omar@example.com"]

# Carol leads compliance: beyond the defaults she may close and assign, and accept a risk.
access:
  assign: ["studio:manager", "studio:auditor", "carol@example.com"]
  resolve: ["studio:manager", "studio:auditor", "carol@example.com"]
  accept_risk: ["studio:manager", "carol@example.com"]

# While nobody takes a critical finding, more people are asked.
escalation:
  - match: "severity == 'critical'"
    after: 15m
    mentions: ["@security-team"]
  - match: "severity == 'critical'"
    after: 1h
    mentions: ["@management"]
    repeat: 2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the demo's bot finds its rules and keeps its record."""

    state: Path
    rules: Path
    templates: Path


def furnish(directory: Path, *, speed: float) -> Place:
    """Write the demo's rules.yaml into ``directory``; ``speed``: world seconds in a real second.

    Raises ``WouldOverwrite`` where a bot kept a record before: it tells of a world that is gone.
    """
    state_directory.prepare(directory)
    if (directory / DATABASE_FILE).exists():
        raise WouldOverwrite(
            f"{directory} holds the record of an earlier bot, whose Slack and Studio are gone: "
            "name a new directory"
        )
    rules = directory / "rules.yaml"
    shipped = packaged_place("rules.yaml").read_text(encoding="utf-8")
    added = _ADDED.format(real=POLL_SECONDS, seconds=max(1, round(POLL_SECONDS * speed)))
    begun = shipped.replace("routing_rules:\n", _ROUTED, 1).replace(f"# {_EYES}", _EYES, 1)
    rules.write_text(begun + added, encoding="utf-8")
    return Place(state=directory, rules=rules, templates=packaged_place("templates"))


def require_free_port(port: int) -> None:
    """Raises ``UserMistake``, one sentence, when something listens on ``port`` of this machine already."""
    with socket.socket() as trial:
        # As the world's own listener does: a port whose last connections are still closing is free.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError as error:
            raise UserMistake(
                f"port {port} cannot be used ({os.strerror(error.errno or 0).lower()}), "
                "perhaps by another demo: name another with --port"
            ) from error


def free_port() -> int:
    """A port of this machine that nobody listens on just now."""
    with socket.socket() as trial:
        trial.bind((HOST, 0))
        return int(trial.getsockname()[1])

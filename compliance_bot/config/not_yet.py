"""What rules.yaml may name for later versions: said at load, lest anyone rely on it today."""

from __future__ import annotations

from collections.abc import Mapping

from compliance_bot.config.nodes import KeyPath, Located
from compliance_bot.config.schedules import REMINDERS

_UNASKED = "no button or command asks for it yet"

DOES_NOTHING: Mapping[KeyPath, str] = {
    ("alert_configuration", REMINDERS, "schedule"): "no job runs yet",
    ("studio", "links", "evidence"): "findings and projects have links",
    ("schedule",): "no job runs yet",
    ("access", "evidence"): _UNASKED,
    ("access", "audit"): _UNASKED,
    ("access", "scan"): _UNASKED,
    ("access", "administer"): _UNASKED,
    ("retention",): "it deletes nothing",
}
"""Place → what happens instead, of all that is read and checked but not acted on."""


def check_not_yet(located: Located) -> None:
    """Warn of everything that is set and does nothing."""
    for path, instead in DOES_NOTHING.items():
        if _is_set(located, path):
            located.complain(path, "does nothing in this version", instead, key=True, warning=True)


def _is_set(located: Located, path: KeyPath) -> bool:
    """True where the file gives ``path`` a value of which no error was said."""
    value = located.data
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value is not None and not located.has_error_at(path)

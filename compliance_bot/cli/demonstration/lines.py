"""The bot's JSON log as short lines for the terminal that runs the demo."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

_COLOURS = {"warning": "yellow", "error": "red", "critical": "red"}
_LONGEST = 160
_KNOWN = {"at", "level", "room", "event", "exception"}


def short_line(raw: bytes) -> str:
    """``bot 14:05:09 warning slack.socket: lost reason=…``; what is no JSON line is shown as it came."""
    entry = entry_of(raw)
    if not entry:
        return f"{_prefix('info')} {_text(raw)[:_LONGEST]}"
    return f"{_prefix(str(entry.get('level')))} {_told(entry)}"


def entry_of(raw: bytes) -> Mapping[str, Any]:
    """The fields of a line of the log; empty for what is no JSON line."""
    try:
        entry = json.loads(_text(raw))
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").rstrip()


def demo_line(words: str) -> str:
    """A line of the demo itself."""
    return f"{click.style('demo', fg='cyan', bold=True)} {words}"


def _prefix(level: str) -> str:
    return click.style("bot ", fg=_COLOURS.get(level, "green"), bold=True)


def _told(entry: Mapping[str, Any]) -> str:
    facts = " ".join(f"{name}={_fact(value)}" for name, value in entry.items() if name not in _KNOWN)
    level = "" if entry.get("level") in ("info", "debug") else f"{entry.get('level')} "
    last = str(entry.get("exception") or "").strip().rpartition("\n")[2]
    words = f"{str(entry.get('at'))[11:19]} {level}{entry.get('event')} {facts} {last}".rstrip()
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _fact(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)

"""Who a mention pings, by name, and how many that are."""

from __future__ import annotations

from compliance_bot.messages.explanation import Ping
from compliance_bot.model.slack import Directory


def ping_of(directory: Directory, markup: str) -> Ping:
    """Who stands behind a mention as Slack writes it, as far as the directory knows."""
    inner = markup.strip("<>")
    if inner.startswith("!subteam^"):
        group = next((g for g in directory.groups_by_handle.values() if g.id == inner[9:]), None)
        if group is not None:
            return Ping(who=f"@{group.handle}", markup=markup, kind="group", people=group.size)
    if inner.startswith("@") and markup.startswith("<"):
        person = next((p for p in directory.people_by_handle.values() if p.id == inner[1:]), None)
        person = person or next((p for p in directory.people_by_email.values() if p.id == inner[1:]), None)
        return Ping(who=f"@{person.handle}" if person else markup, markup=markup, kind="person", people=1)
    if inner.startswith("!"):
        return Ping(who=f"@{inner[1:]}", markup=markup, kind="here", people=None)
    return Ping(who=markup, markup=markup, kind="unknown", people=None)

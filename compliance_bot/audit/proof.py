"""One entry proved by itself: its hash recomputed, and that its neighbours hang on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from compliance_bot.audit.chain import GENESIS
from compliance_bot.audit.verify import fault_of
from compliance_bot.store import trail
from compliance_bot.store.audit_entries import Entry
from compliance_bot.store.transaction import Transaction


def faults_of(tx: Transaction, entry: Entry) -> list[str]:
    """What is wrong with an entry; empty where its hash is right and both neighbours hang on it."""
    before = trail.entry(tx, entry.seq - 1)
    prev = before.hash if before is not None else GENESIS if entry.seq == 1 else ""
    found = [fault_of(entry, entry.seq, prev)] if prev else [f"entry {entry.seq - 1} is missing"]
    after = trail.entry(tx, entry.seq + 1)
    if after is not None and after.prev != entry.hash:
        found.append(f"entry {after.seq} does not follow it")
    return [fault for fault in found if fault]


def body_of(entry: Entry) -> Mapping[str, Any]:
    """What an entry says; nothing where its words cannot be read."""
    try:
        said = json.loads(entry.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}

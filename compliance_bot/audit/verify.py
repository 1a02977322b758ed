"""Is the chain whole? Names the first number that isn't, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compliance_bot.audit.chain import GENESIS, canonical, link
from compliance_bot.store import audit_entries
from compliance_bot.store.audit_entries import Entry
from compliance_bot.store.transaction import Transaction

HEAD_FILE = "audit.head"
"""Beside the database: number and hash of the last entry at a clean stop, so a cut tail shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a reading of the whole chain found."""

    entries: int
    head: str
    bad_seq: int | None = None
    reason: str = ""

    @property
    def whole(self) -> bool:
        """True where nothing was found wrong."""
        return self.bad_seq is None

    def as_json(self) -> dict[str, Any]:
        """What ``audit verify --json`` says."""
        return {
            "whole": self.whole,
            "entries": self.entries,
            "head": self.head,
            "bad_seq": self.bad_seq,
            "reason": self.reason,
            "sentence": self.sentence(),
        }

    def sentence(self) -> str:
        """The verdict for an operator, one sentence."""
        if self.whole:
            return f"The audit chain is whole: {self.entries} entries, head {self.head[:16]}."
        return f"The audit chain is broken at entry {self.bad_seq}: {self.reason}."


def verify(tx: Transaction, head: tuple[int, str] | None = None) -> Verdict:
    """Read every entry; ``head``: what a clean stop wrote down (see ``read_head``)."""
    last, prev, seen_head = 0, GENESIS, GENESIS
    for entry in audit_entries.entries(tx):
        reason = fault_of(entry, last + 1, prev)
        if reason:
            return Verdict(entries=last, head=prev, bad_seq=last + 1, reason=reason)
        last, prev = entry.seq, entry.hash
        if head is not None and last == head[0]:
            seen_head = prev
    if head is not None and last < head[0]:
        return Verdict(
            entries=last, head=prev, bad_seq=last + 1, reason="the entries after the last are cut off"
        )
    if head is not None and head[0] > 0 and seen_head != head[1]:
        return Verdict(
            entries=last, head=prev, bad_seq=head[0], reason="it is not the entry of the last clean stop"
        )
    return Verdict(entries=last, head=prev)


def write_head(path: Path, head: tuple[int, str]) -> None:
    """Write down the last entry at a clean stop: a file beside the database, replaced whole."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"seq": head[0], "hash": head[1]}))
    fresh.replace(path)


def read_head(path: Path) -> tuple[int, str] | None:
    """What the last clean stop wrote down; None where there was none."""
    try:
        found = json.loads(path.read_text())
        return int(found["seq"]), str(found["hash"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return (1 << 62, "unreadable")


def current_head(tx: Transaction) -> tuple[int, str]:
    """Number and hash of the last entry; (0, zeros) for an empty chain."""
    entry = audit_entries.last_entry(tx)
    return (0, GENESIS) if entry is None else (entry.seq, entry.hash)


def fault_of(entry: Entry, expected: int, prev: str) -> str:
    """What is wrong with the entry at number ``expected``, behind hash ``prev``; empty where nothing is."""
    if entry.seq != expected:
        return f"entry {expected} is missing"
    if entry.prev != prev:
        return "it does not follow the entry before it"
    if link(entry.prev, entry.body) != entry.hash:
        return "its words do not match its hash"
    try:
        body = json.loads(entry.body)
    except ValueError:
        return "its words cannot be read"
    if body.get("seq") != entry.seq or canonical(body) != entry.body:
        return "its words are not in canonical form"
    return ""

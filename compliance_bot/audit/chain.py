"""The chain: each entry's hash covers the one before, in the transaction of what it tells.

``hash = SHA-256("compliance-bot/audit/v1" NUL prev body)`` with ``prev`` as 32 raw bytes and ``body`` in
RFC 8785's canonical JSON. People stand in it by pseudonym.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import rfc8785

from compliance_bot import __version__
from compliance_bot.clock import iso
from compliance_bot.store import audit_entries, people
from compliance_bot.store.audit_entries import Entry
from compliance_bot.store.transaction import Transaction

DOMAIN = b"compliance-bot/audit/v1\x00"
GENESIS = "0" * 64

_plainly = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode
_LARGEST_WHOLE = 2**53 - 1


def append(
    tx: Transaction, kind: str, facts: Mapping[str, Any], *, now: float, person: str | None = None
) -> int:
    """Add one entry and return its number. ``person``: a Slack id; None where the bot itself acted.

    ``facts`` holds strings, whole numbers, truths, lists and maps of them; no floats, no secrets.
    """
    before = audit_entries.last_entry(tx)
    seq = 1 if before is None else before.seq + 1
    prev = GENESIS if before is None else before.hash
    actor = "bot" if person is None else people.pseudonym(tx, person, now)
    body = canonical(
        {"v": 1, "seq": seq, "at": iso(now), "kind": kind, "actor": actor, "facts": facts, "by": __version__}
    )
    audit_entries.add_entry(tx, Entry(seq=seq, hash=link(prev, body), prev=prev, body=body))
    return seq


def canonical(body: Mapping[str, Any]) -> str:
    """The one way to write a body down (RFC 8785).

    ASCII text and whole numbers, which is nearly all, the standard library writes alike and ten times
    as fast: there the two differ only in the order of other letters, in floats, and in huge numbers.
    """
    whole = dict(body)
    return _plainly(whole) if _is_plain(whole) else rfc8785.dumps(whole).decode()


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii()
    if isinstance(value, dict):
        return all(type(name) is str and name.isascii() and _is_plain(one) for name, one in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return value is None or (type(value) in (bool, int) and abs(value) <= _LARGEST_WHOLE)


def link(prev: str, body: str) -> str:
    """The hash of an entry, hexadecimal."""
    return hashlib.sha256(DOMAIN + bytes.fromhex(prev) + body.encode()).hexdigest()

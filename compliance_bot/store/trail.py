"""What a proof is read from: the chain's entries about one thing, and the rows that stand beside them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from compliance_bot.store.audit_entries import Entry
from compliance_bot.store.transaction import Transaction

_ENTRY = "seq, hash, prev, body"
_ABOUT = (
    """CASE WHEN instr(body, '"{name}":"') THEN substr(body, instr(body, '"{name}":"') + {length}, """
    """instr(substr(body, instr(body, '"{name}":"') + {length}), '"') - 1) END"""
)
"""What an entry's body names so, spelled as the indexes of the audit table spell it."""
_CASE = _ABOUT.format(name="case", length=len('"case":"'))
_APPROVAL = _ABOUT.format(name="approval", length=len('"approval":"'))


def entries_of_case(tx: Transaction, ref: str) -> list[Entry]:
    """The entries that name a case, in order; refusals of what was tried on it too."""
    return _entries(tx, f"{_CASE} = ?", (ref,))


def entries_listing(tx: Transaction, ref: str, after: int) -> list[Entry]:
    """The entries behind number ``after`` that name a case in a list: rungs of a digest's members."""
    condition = """seq > ? AND instr(body, '"cases":[') AND instr(body, '"' || ? || '"')"""
    return [entry for entry in _entries(tx, condition, (after, ref)) if f'"case":"{ref}"' not in entry.body]


def entries_of_approval(tx: Transaction, ref: str) -> list[Entry]:
    """The entries that name an approval, in order; refusals of what was tried on it too."""
    return _entries(tx, f"{_APPROVAL} = ? OR {_CASE} = ?", (ref, ref))


def _entries(tx: Transaction, condition: str, values: Sequence[str | int]) -> list[Entry]:
    rows = tx.all(f"SELECT {_ENTRY} FROM audit WHERE {condition} ORDER BY seq", values)
    return [Entry(**dict(row)) for row in rows]


def entry(tx: Transaction, seq: int) -> Entry | None:
    """The entry with that number."""
    row = tx.one(f"SELECT {_ENTRY} FROM audit WHERE seq = ?", (seq,))
    return None if row is None else Entry(**dict(row))


def person_behind(tx: Transaction, pseudonym: str) -> tuple[str, str | None] | None:
    """Slack id and name of who stands in the chain as that word."""
    row = tx.one("SELECT slack_id, name FROM person WHERE pseudonym = ?", (pseudonym,))
    return None if row is None else (row["slack_id"], row["name"])


def name_of(tx: Transaction, slack_id: str) -> str | None:
    """What a person was called when they did something last."""
    row = tx.one("SELECT name FROM person WHERE slack_id = ?", (slack_id,))
    return None if row is None else row["name"]


def rules_first_used(tx: Transaction, rules_hash: str) -> tuple[float, bool] | None:
    """When rules of that hash decided first, and whether their text is still stored."""
    row = tx.one("SELECT first_used, length(text) FROM rules WHERE hash = ?", (rules_hash,))
    return None if row is None else (float(row[0]), bool(row[1]))


def decisions_of(tx: Transaction, case_id: int) -> list[sqlite3.Row]:
    """Every decision on a case, in order."""
    return tx.all("SELECT * FROM decision WHERE case_id = ? ORDER BY id", (case_id,))


def proposal(tx: Transaction, proposal_id: int) -> sqlite3.Row | None:
    """What somebody proposed to a second person."""
    return tx.one("SELECT * FROM proposal WHERE id = ?", (proposal_id,))


def proposals_of(tx: Transaction, case_id: int) -> list[sqlite3.Row]:
    """Everything that was ever proposed on a case, in order."""
    return tx.all("SELECT * FROM proposal WHERE case_id = ? ORDER BY id", (case_id,))


def effects_keyed(tx: Transaction, start: str) -> list[sqlite3.Row]:
    """The effects whose key begins so (it ends in a colon), in the order they were planned."""
    after = f"{start[:-1]};"
    return tx.all("SELECT * FROM effect WHERE key >= ? AND key < ? ORDER BY id", (start, after))


def pressed(tx: Transaction, inbox_id: int) -> sqlite3.Row | None:
    """When and where a press came in, as its inbox row says."""
    return tx.one("SELECT channel, received_at, kind FROM inbox WHERE id = ?", (inbox_id,))


def events_of(tx: Transaction, object_id: int) -> list[sqlite3.Row]:
    """Every event of an object, in order."""
    return tx.all(
        "SELECT id, change, before, after, cause, observed_at FROM event WHERE object_id = ? ORDER BY id",
        (object_id,),
    )


def object_called(tx: Transaction, studio_id: str) -> sqlite3.Row | None:
    """The finding or project with that id in Studio; a finding first."""
    return tx.one(
        "SELECT id, kind, state, status, severity, standing, first_seen FROM object"
        " WHERE source = 'platform' AND kind IN ('finding', 'project') AND studio_id = ? ORDER BY kind",
        (studio_id,),
    )


def objects_that_begin(tx: Transaction, start: str, limit: int = 2) -> list[str]:
    """Studio's ids of findings and projects that begin so, in their order."""
    rows = tx.all(
        "SELECT studio_id FROM object WHERE source = 'platform' AND kind IN ('finding', 'project')"
        " AND studio_id >= ? AND studio_id < ? ORDER BY studio_id LIMIT ?",
        (start, start + "\U0010ffff", limit),
    )
    return [row["studio_id"] for row in rows]


_APPROVALS = "SELECT a.*, o.studio_id FROM approval a JOIN object o ON o.id = a.object_id"


def approval(tx: Transaction, ref: str) -> sqlite3.Row | None:
    """The approval known by that reference."""
    return tx.one(f"{_APPROVALS} WHERE ref = ?", (ref,))


def newest_approval(tx: Transaction) -> str | None:
    """The reference of the approval asked for last; None before the first."""
    row = tx.one("SELECT ref FROM approval ORDER BY id DESC LIMIT 1")
    return None if row is None else str(row["ref"])


def approvals_of(tx: Transaction, object_id: int) -> list[sqlite3.Row]:
    """Every approval that was asked for on an object, in order."""
    return tx.all(f"{_APPROVALS} WHERE object_id = ? ORDER BY a.id", (object_id,))


def votes_on(tx: Transaction, approval_id: int) -> list[sqlite3.Row]:
    """Every vote on an approval, in order."""
    return tx.all("SELECT * FROM vote WHERE approval_id = ? ORDER BY id", (approval_id,))


def approval_posts(tx: Transaction, approval_id: int) -> list[sqlite3.Row]:
    """The messages that show an approval."""
    return tx.all("SELECT * FROM approval_post WHERE approval_id = ? ORDER BY id", (approval_id,))


def posts_of_case(tx: Transaction, case_id: int, until: float) -> list[sqlite3.Row]:
    """A case's posts of every episode that were wanted by then: the primary first, then in routing order."""
    return tx.all(
        "SELECT * FROM post p WHERE case_id = ? AND coalesce((SELECT min(created_at) FROM effect e"
        " WHERE e.key >= 'post:' || p.id || ':' AND e.key < 'post:' || p.id || ';'), 0) <= ?"
        " ORDER BY role = 'primary' DESC, id",
        (case_id, until),
    )


def effects_called(tx: Transaction, key: str) -> list[sqlite3.Row]:
    """The effect with that key, if it was ever planned."""
    return tx.all("SELECT * FROM effect WHERE key = ?", (key,))


def direct_messages(tx: Transaction, about: str) -> list[sqlite3.Row]:
    """The direct messages about that to people whom the chain knows."""
    return tx.all(
        "SELECT effect.* FROM person JOIN effect ON key = 'direct:' || slack_id || ':' || ?"
        " ORDER BY effect.id",
        (about,),
    )

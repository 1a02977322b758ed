"""The exact bytes of an effect: what is stored is what is sent."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from compliance_bot.model.delivery import Cleared, StudioWrite

METADATA_EVENT = "compliance_outbox"
"""``event_type`` of the metadata by which a message of ours is found again."""

POST_MESSAGE = "chat.postMessage"


def key_hash(key: str) -> str:
    """The opaque word for an effect's key that may stand in Slack, where any app can read it."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def payload_of(presented: Cleared | StudioWrite, key: str) -> bytes:
    """The request as JSON; a new message carries the key's hash and unfurls nothing."""
    if isinstance(presented, StudioWrite):
        return _bytes(
            {
                "operation": presented.operation,
                "studio_id": presented.studio_id,
                "body": dict(presented.body),
                "expected_status": presented.expected_status,
            }
        )
    arguments = {**presented.arguments, "channel": presented.channel_id}
    if presented.method == POST_MESSAGE:
        metadata = {"event_type": METADATA_EVENT, "event_payload": {"k": key_hash(key)}}
        arguments |= {"metadata": metadata, "unfurl_links": False, "unfurl_media": False}
    return _bytes({"method": presented.method, "arguments": arguments})


def hash_of(payload: bytes) -> str:
    """The payload's fingerprint."""
    return hashlib.sha256(payload).hexdigest()


def _bytes(request: dict[str, Any]) -> bytes:
    return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()

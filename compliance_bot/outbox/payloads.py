"""The exact bytes of an effect: what is stored is what is sent."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from compliance_bot.messages.message import Message
from compliance_bot.messages.webhook_form import for_webhook
from compliance_bot.model.delivery import Cleared, StudioWrite

METADATA_EVENT = "compliance_outbox"
"""``event_type`` of the metadata by which a message of ours is found again."""

POST_MESSAGE, WEBHOOK = "chat.postMessage", "webhook"
_UNFURL_NOTHING = {"unfurl_links": False, "unfurl_media": False}


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
        arguments |= {"metadata": metadata, **_UNFURL_NOTHING}
    return _bytes({"method": presented.method, "arguments": arguments})


def webhook_payload(presented: Cleared, webhook: str, *, perhaps_said: bool) -> bytes:
    """A new message's request as an incoming webhook takes it: links instead of buttons, marked.

    ``webhook`` names it as the settings spell it; its address is looked up when the message leaves.
    """
    words = presented.arguments
    message = Message(text=words["text"], blocks=tuple(words.get("blocks") or ()))
    shown = for_webhook(message, perhaps_said=perhaps_said)
    arguments: dict[str, Any] = {"channel": presented.channel_id, "webhook": webhook, "text": shown.text}
    if shown.blocks:
        arguments["blocks"] = list(shown.blocks)
    return _bytes({"method": WEBHOOK, "arguments": {**arguments, **_UNFURL_NOTHING}})


def hash_of(payload: bytes) -> str:
    """The payload's fingerprint."""
    return hashlib.sha256(payload).hexdigest()


def _bytes(request: dict[str, Any]) -> bytes:
    return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()

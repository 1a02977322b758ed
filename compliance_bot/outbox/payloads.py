"""The exact bytes of an effect: what is stored is what is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from compliance_bot.messages.marking import marked
from compliance_bot.messages.message import Message
from compliance_bot.messages.webhook_form import for_webhook
from compliance_bot.messages.webhook_words import perhaps_said_before
from compliance_bot.model.delivery import METADATA_EVENT, Cleared, StudioWrite, key_hash

POST_MESSAGE, WEBHOOK = "chat.postMessage", "webhook"
_UNFURL_NOTHING = {"unfurl_links": False, "unfurl_media": False}


def payload_of(presented: Cleared | StudioWrite, key: str, *, perhaps_said: bool = False) -> bytes:
    """The request as JSON; a new message carries the key's hash and unfurls nothing.

    ``perhaps_said``: it may stand there already, which a new message then says.
    """
    if isinstance(presented, StudioWrite):
        return _bytes(
            {
                "operation": presented.operation,
                "studio_id": presented.studio_id,
                "body": dict(presented.body),
                "expected": list(presented.expected),
            }
        )
    arguments = {**presented.arguments, "channel": presented.channel_id}
    if presented.method == POST_MESSAGE:
        if perhaps_said:
            arguments |= marked(_message(arguments), perhaps_said_before()).body()
        metadata = {"event_type": METADATA_EVENT, "event_payload": {"k": key_hash(key)}}
        arguments |= {"metadata": metadata, **_UNFURL_NOTHING}
    return _bytes({"method": presented.method, "arguments": arguments})


def webhook_payload(presented: Cleared, webhook: str, *, perhaps_said: bool) -> bytes:
    """A new message's request as an incoming webhook takes it.

    ``webhook`` names it as the settings spell it; its address is looked up when the message leaves.
    """
    said = words_by_webhook(presented.arguments, perhaps_said=perhaps_said)
    place = {"channel": presented.channel_id, "webhook": webhook}
    return _bytes({"method": WEBHOOK, "arguments": {**place, **said, **_UNFURL_NOTHING}})


def words_by_webhook(arguments: Mapping[str, Any], *, perhaps_said: bool = False) -> dict[str, Any]:
    """The text and blocks of a new message where it goes by a webhook: links for buttons, marked."""
    return for_webhook(_message(arguments), perhaps_said=perhaps_said).body()


def _message(arguments: Mapping[str, Any]) -> Message:
    return Message(text=arguments["text"], blocks=tuple(arguments.get("blocks") or ()))


def hash_of(payload: bytes) -> str:
    """The payload's fingerprint."""
    return hashlib.sha256(payload).hexdigest()


def _bytes(request: dict[str, Any]) -> bytes:
    return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()

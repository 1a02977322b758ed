"""What may be shown where. The only place that builds a ``Cleared`` request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance_bot.model.delivery import Cleared


def clear(method: str, channel_id: str, arguments: Mapping[str, Any], version: int | None = None) -> Cleared:
    """A Slack request that may be sent to ``channel_id``.

    The channel in ``arguments`` is always the one that was judged, whatever stood there before.

    Args:
        method: ``chat.postMessage`` or ``chat.update``.
        channel_id: The channel whose readers were judged.
        arguments: The request's JSON body.
        version: The case's version that the words show; None where no case is shown.

    """
    judged = {**arguments, "channel": channel_id}
    return Cleared(method=method, channel_id=channel_id, arguments=judged, version=version)

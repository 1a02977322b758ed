"""Routing remembered: events alike in all that the rules read go the same way while names stay the same."""

from __future__ import annotations

from collections.abc import Mapping

from compliance_bot.model.events import Attribute
from compliance_bot.model.slack import Directory
from compliance_bot.rules.routing import Router, Routing, route

MOST = 1000
"""Ways that are remembered; then all are forgotten."""

_ALWAYS_READ = frozenset({"type", "severity"})


class RememberedRoutes:
    """Answers as ``route`` does, of one router. A burst of a thousand findings asks the rules a few times."""

    def __init__(self) -> None:
        self._directory: Directory | None = None
        self._known: dict[tuple[Attribute | None, ...], Routing] = {}

    def route(self, router: Router, attributes: Mapping[str, Attribute], directory: Directory) -> Routing:
        """Where an event with these attributes goes, as Slack's names resolve in ``directory``."""
        if directory is not self._directory or len(self._known) >= MOST:
            self._directory, self._known = directory, {}
        key = tuple(attributes.get(name) for name in sorted(router.names_read | _ALWAYS_READ))
        try:
            known = self._known.get(key)
        except TypeError:  # a list among them
            return route(router, attributes, directory)
        if known is None:
            known = self._known[key] = route(router, attributes, directory)
        return known

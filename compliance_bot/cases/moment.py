"""What a decision is taken with: the time, the rules in force, and what Slack's names mean."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from compliance_bot.cases.routed import RoutedLog
from compliance_bot.model.findings import Finding
from compliance_bot.model.slack import Directory
from compliance_bot.rulebook import Rulebook
from compliance_bot.rules.sensitivity import Audience


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Handed to every deciding function; nothing in it changes while one runs."""

    now: float
    rulebook: Rulebook
    directory: Directory
    studio_url: str = ""
    workspace_url: str = ""
    routed: RoutedLog | None = None
    """Where it is noted what was routed; None where nothing that is decided becomes real."""
    granted: frozenset[str] | None = None
    """The scopes that Slack granted the bot; None while it has not told."""

    @property
    def shadow(self) -> bool:
        """True while the rules are only tried out: all goes to one channel, and Studio is not written."""
        return self.rulebook.rules.delivery.shadow is not None

    def audience(self, channel_id: str) -> Audience:
        """Who reads a channel, as Slack told last."""
        return self.rulebook.audience(self.directory, channel_id)

    def permalink(self, channel_id: str, ts: str) -> str | None:
        """Where a message stands in Slack, in the form of Slack's ``chat.getPermalink``."""
        if not self.workspace_url:
            return None
        return f"{self.workspace_url.rstrip('/')}/archives/{channel_id}/p{ts.replace('.', '')}"

    def link(self, finding: Finding) -> str | None:
        """Where the finding can be looked at in Studio; None while no path is known: never a guess."""
        return self._page(self.rulebook.rules.studio.links.finding, finding.id)

    def project_link(self, project_id: str) -> str | None:
        """Where a project can be looked at in Studio; None while no path is known."""
        return self._page(self.rulebook.rules.studio.links.project, project_id)

    def _page(self, path: str | None, studio_id: str) -> str | None:
        return path and self.studio_url.rstrip("/") + path.replace("{id}", quote(studio_id, safe=""))

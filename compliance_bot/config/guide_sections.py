"""The sections of rules.yaml that Studio's own Slack guide defines, as written there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, model_validator

from compliance_bot.config.units import (
    ChannelName,
    ChannelTemplate,
    Command,
    Emoji,
    Mention,
    SecondsOrNumber,
    Text,
)

ALERT_NAMES: Mapping[str, str] = {"critical_issues": "critical_alerts"}
"""Names of ``alert_configuration`` that mean a notification type of another name."""


class Section(BaseModel):
    """A frozen section; a key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class NotificationChannels(Section):
    """Where a notification type goes that names no channel."""

    critical: ChannelName | None = None
    reports: ChannelName | None = None
    general: ChannelName | None = None


class SlackConfig(Section):
    """``slack_config`` without its tokens, which are settings."""

    default_channel: ChannelName = "#compliance"
    notification_channels: NotificationChannels = NotificationChannels()
    operations_channel: ChannelName = "#compliance"
    """What the bot says about itself goes here; the default channel unless named."""
    acknowledge_reaction: Emoji | None = None
    """The emoji that acknowledges when somebody puts it under an alert; None: no emoji does."""

    @model_validator(mode="before")
    @classmethod
    def _operations_default(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and "operations_channel" not in values and "default_channel" in values:
            return {**values, "operations_channel": values["default_channel"]}
        return values


class NotificationType(Section):
    """One entry of ``notification_types``."""

    channel: ChannelName | None = None
    priority: Literal["urgent", "normal", "low"] = "normal"
    mentions: tuple[Mention, ...] = ()
    emoji: StrictStr = ""
    template: Text | None = None
    match: Text | None = None
    """A condition; the first type whose condition holds takes the event."""


class AlertConfiguration(Section):
    """One entry of ``alert_configuration``; None where the file says nothing."""

    enabled: StrictBool = True
    channels: tuple[ChannelName, ...] | None = None
    mentions: tuple[Mention, ...] | None = None
    emoji: StrictStr | None = None
    threading: StrictBool = True
    schedule: Text | None = None


class RoutingRule(Section):
    """One entry of ``routing_rules``: where what fulfils ``condition`` goes as well."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["channels"], "properties": {"channels": {"minItems": 1}}},
                {"required": ["stop"], "properties": {"stop": {"const": True}}},
                {"required": ["replace"], "properties": {"replace": {"const": True}}},
            ]
        }
    )

    condition: Text
    channels: tuple[ChannelTemplate, ...] = ()
    mentions: tuple[Mention, ...] = ()
    stop: StrictBool = False
    replace: StrictBool = False


class Parameter(Section):
    """A parameter of a slash command, for the manifest's usage hint."""

    name: Text
    description: StrictStr = ""
    type: Literal["string"] = "string"


CommandHandler = Literal[
    "compliance_status_command", "evidence_upload_command", "risk_assessment_command", "audit_start_command"
]
"""The four handlers that the guide names."""


class SlashCommand(Section):
    """One slash command; its key in ``slash_commands`` is what people type."""

    description: StrictStr = ""
    parameters: tuple[Parameter, ...] = ()
    handler: CommandHandler


class DebugConfig(Section):
    """``debug_config``; its values count while ``enabled``."""

    enabled: StrictBool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    api_timeout: SecondsOrNumber | None = None
    retry_attempts: StrictInt = Field(default=3, ge=0, le=10)
    detailed_logging: StrictBool = False


def default_commands() -> dict[Command, SlashCommand]:
    """The guide's four commands, where rules.yaml names none."""

    def one(handler: CommandHandler, description: str, name: str, of: str) -> SlashCommand:
        parameters = (Parameter(name=name, description=of),)
        return SlashCommand(description=description, parameters=parameters, handler=handler)

    return {
        "/compliance": one(
            "compliance_status_command",
            "Check current compliance status",
            "framework",
            "Compliance framework (optional)",
        ),
        "/evidence": one(
            "evidence_upload_command", "Upload compliance evidence", "type", "Evidence type (optional)"
        ),
        "/risk": one(
            "risk_assessment_command", "View risk assessment", "level", "Risk level filter (optional)"
        ),
        "/audit": one("audit_start_command", "Start audit process", "type", "Audit type (optional)"),
    }

"""The JSON Schema of rules.yaml for editors: what they complete, underline, and say of each key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance_bot.config.schema import Rules

_DURATION = "A duration: 200ms, 30s, 15m, 1h, 7d."
_CONDITION = "A condition, such as category == 'security' AND severity == 'critical'."
_PINGED = "Who is pinged: @group, @person, an e-mail address or @here."

WORDS: Mapping[str, str] = {
    "SlackConfig.default_channel": "Where goes what finds no other place.",
    "SlackConfig.notification_channels": "For notification types that name no channel.",
    "SlackConfig.operations_channel": "Where the bot speaks of itself; the default channel unless named.",
    "SlackConfig.acknowledge_reaction": "An emoji's name, such as eyes: under an alert it acknowledges.",
    "NotificationType.channel": "Where this type goes.",
    "NotificationType.priority": "urgent passes every queue and quiet hours; normal; low goes last.",
    "NotificationType.mentions": _PINGED,
    "NotificationType.emoji": "As in :rotating_light:.",
    "NotificationType.template": "templates/NAME.json.j2.",
    "NotificationType.match": f"{_CONDITION} The first type whose match holds takes the event.",
    "AlertConfiguration.enabled": "false: recorded, not told.",
    "AlertConfiguration.channels": "Replace those of the notification type.",
    "AlertConfiguration.mentions": "Replace those of the notification type.",
    "AlertConfiguration.threading": "false: what follows is shown by editing the message only.",
    "AlertConfiguration.schedule": "Of deadline_reminders: minute hour day month weekday.",
    "RoutingRule.condition": _CONDITION,
    "RoutingRule.channels": 'Where it goes as well; may be named after the event: "#team-{{ project }}".',
    "RoutingRule.mentions": _PINGED,
    "RoutingRule.stop": "true: no rule below is looked at.",
    "RoutingRule.replace": "true: what was chosen above is dropped.",
    "SlashCommand.handler": "Which of the guide's four it is, whatever its name.",
    "DebugConfig.enabled": "Whether the keys of this section count.",
    "DebugConfig.log_level": "Of the bot's own loggers.",
    "DebugConfig.api_timeout": "Seconds that one answer of Studio may take.",
    "DebugConfig.retry_attempts": "How often a read of Studio that failed is tried again.",
    "DebugConfig.detailed_logging": "Every call to Slack and Studio in the log; never what was sent.",
    "Studio.first_run": "What stands in Studio already: recorded only, open criticals told, or all told.",
    "Studio.poll_interval": f"How often the newest findings are read. {_DURATION}",
    "Studio.full_walk_interval": f"How often all findings are read. {_DURATION}",
    "Studio.timeout": f"How long one answer may take. {_DURATION}",
    "Studio.quota_per_hour": "Calls that Studio allows an hour; 0: no limit.",
    "Studio.projects": "Ids of projects; what belongs to none of them is not shown. Empty: all.",
    "Studio.links": "Pages for people, as paths below STUDIO_URL; none known: no button.",
    "ScheduleEntry.every": f"Either this or cron. {_DURATION}",
    "ScheduleEntry.cron": "Either this or every: minute hour day month weekday.",
    "ScheduleEntry.missed": "What becomes of runs that a stop made it miss.",
    "ScheduleEntry.grace": f"Later than this counts as missed. {_DURATION}",
    "People.aliases": "Slack e-mail: Studio e-mail, where a person's two differ.",
    "People.roles": "E-mails by Studio role. Managers are known only from here.",
    "Approvals.expires": f"How long a click may wait for Studio. {_DURATION}",
    "Approvals.needed": "How many must approve.",
    "EscalationStep.match": f"{_CONDITION} Without one: always.",
    "EscalationStep.after": f"How long nobody acts until it is said. {_DURATION}",
    "EscalationStep.repeat": "How often it is said again, each `after` later.",
    "Grouping.threshold": "More messages than this in `window` become one digest.",
    "Grouping.window": _DURATION,
    "QuietHours.from": 'When it gets quiet: a time of day in quotes, such as "20:00".',
    "QuietHours.to": "When it ends, on the next day if that is earlier than `from`.",
    "QuietHours.days": "Days on which a quiet time begins.",
    "QuietHours.holidays": "Quiet as a whole: dates, or days of the week.",
    "Delivery.per_channel": "Messages a second in one channel; 0: Slack decides.",
    "Delivery.reconcile_after": f"When an unanswered message is looked for. {_DURATION}",
    "Delivery.ping_once": "true: a handle pings in the first channel that names it only.",
    "Delivery.welcome": "Each channel is greeted once: what will land there, and why.",
    "Delivery.shadow": "A trial: everything goes to this channel, nobody is pinged, Studio is not written.",
    "Sensitivity.classes": "From the most public to the least; what no rule names is internal.",
    "Sensitivity.rules": "The first that holds gives an event its class.",
    "Sensitivity.ceilings": "The highest class that each kind of channel may show.",
    "Sensitivity.channels": "Channels of which you know better.",
    "Ceilings.shared": "Guests or another organisation read it, or Slack doesn't say who does.",
    "Retention.usage": f"Who used the bot, by person. {_DURATION}",
}
"""What an editor says of a key, by the section's class in ``config.schema`` and the key."""


def json_schema() -> dict[str, Any]:
    """The schema: closed where the loader is, with the patterns that a schema can hold."""
    schema = Rules.model_json_schema(by_alias=True)
    _close(schema)
    for place, words in WORDS.items():
        section, _, key = place.partition(".")
        schema["$defs"][section]["properties"][key]["description"] = words
    sections = {name: {"anyOf": [shape, {"type": "null"}]} for name, shape in schema["properties"].items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "properties": sections,
        "title": "rules.yaml",
    }


def _close(schema: Any) -> None:
    """Have a key of the wrong shape refused wherever keys have one."""
    for inner in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(inner, dict | list):
            _close(inner)
    if isinstance(schema, dict) and "patternProperties" in schema:
        schema["additionalProperties"] = False

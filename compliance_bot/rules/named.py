"""Every channel and every mention that rules.yaml names, and where it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from compliance_bot.config.guide_sections import ALERT_NAMES, AlertConfiguration
from compliance_bot.config.schema import Rules


def named_channels(rules: Rules) -> dict[str, list[str]]:
    """Channel name → the places in rules.yaml that name it; templates of channel names left out."""
    places: dict[str, list[str]] = {}
    for place, name in _channels(rules):
        if name is not None and "{{" not in name:
            places.setdefault(name, []).append(place)
    return places


def templated_channels(rules: Rules) -> tuple[str, ...]:
    """The channels whose names are filled in for each event: ``#team-{{ project }}``."""
    found = (name for _, name in _channels(rules) if name is not None and "{{" in name)
    return tuple(dict.fromkeys(found))


def named_mentions(rules: Rules) -> dict[str, list[str]]:
    """Mention → the places in rules.yaml that name it."""
    places: dict[str, list[str]] = {}
    for place, mentions in _mentions(rules):
        for mention in mentions:
            places.setdefault(mention, []).append(place)
    return places


def _channels(rules: Rules) -> Iterator[tuple[str, str | None]]:
    """Place in rules.yaml and channel of whatever may be written to."""
    slack = rules.slack_config
    yield "slack_config.default_channel", slack.default_channel
    yield "slack_config.operations_channel", slack.operations_channel
    yield "delivery.shadow", rules.delivery.shadow
    for kind, channel in slack.notification_channels:
        yield f"slack_config.notification_channels.{kind}", channel
    alerts = _alerts(rules)
    for name, notification in rules.notification_types.items():
        alert = alerts.get(name)
        if alert is None or (alert.enabled and alert.channels is None):
            yield f"notification_types.{name}.channel", notification.channel
    for name, alert in rules.alert_configuration.items():
        channels_there = alert.channels if alert.enabled else ()
        yield from ((f"alert_configuration.{name}.channels", channel) for channel in channels_there or ())
    for name, rule in rules.routing_rules.items():
        yield from ((f"routing_rules.{name}.channels", channel) for channel in rule.channels)
    for index, step in enumerate(rules.escalation):
        yield f"escalation[{index}].channel", step.channel


def _mentions(rules: Rules) -> Iterator[tuple[str, Iterable[str]]]:
    """Place in rules.yaml and mentions of whatever may ping."""
    alerts = _alerts(rules)
    for name, notification in rules.notification_types.items():
        alert = alerts.get(name)
        if alert is None or (alert.enabled and alert.mentions is None):
            yield f"notification_types.{name}.mentions", notification.mentions
    for name, alert in rules.alert_configuration.items():
        if alert.enabled:
            yield f"alert_configuration.{name}.mentions", alert.mentions or ()
    for name, rule in rules.routing_rules.items():
        yield f"routing_rules.{name}.mentions", rule.mentions
    for index, step in enumerate(rules.escalation):
        yield f"escalation[{index}].mentions", step.mentions


def _alerts(rules: Rules) -> Mapping[str, AlertConfiguration]:
    """The switches by the name of their notification type: what they say replaces the type's own."""
    return {ALERT_NAMES.get(name, name): alert for name, alert in rules.alert_configuration.items()}

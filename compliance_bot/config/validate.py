"""What the schema alone cannot see: names that must meet, sections that must agree."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

from compliance_bot.config.guide_sections import ALERT_NAMES, AlertConfiguration, NotificationType
from compliance_bot.config.near_miss import did_you_mean, did_you_mean_or_list
from compliance_bot.config.nodes import KeyPath, Located
from compliance_bot.config.schema import Rules
from compliance_bot.config.units import WEEKDAYS

_EMOJI_NAME = re.compile(r"[a-z0-9_+-]+")
_GROUPS = ("security", "compliance", "other")
_WIDE = ("@channel", "@everyone")
_CRON_FIELDS = 5
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def check_meaning(rules: Rules, located: Located, templates: Collection[str], types: Collection[str]) -> None:
    """Complain of everything that can never work as written.

    Args:
        rules: The typed file.
        located: Where the complaints go, with the places.
        templates: The names of the templates that exist; empty: not checked.
        types: The notification types that exist without being described.

    """
    _templates(rules, located, templates)
    _alerts(rules, located, types)
    _routing(rules, located)
    _wide_mentions(rules, located)
    _schedules(rules, located)
    _commands(rules, located)
    _sensitivity(rules, located)
    _quiet_hours(rules, located)
    _escalation(rules, located)
    _shadow(rules, located)
    _emoji(rules, located)
    for name, group in rules.categories.items():
        if group not in _GROUPS and (hint := did_you_mean(group, _GROUPS)):
            located.complain(("categories", name), f"names the group {group}", hint, warning=True)


def _templates(rules: Rules, located: Located, templates: Collection[str]) -> None:
    for name, described in rules.notification_types.items():
        if templates and described.template and described.template not in templates:
            hint = did_you_mean_or_list(described.template, sorted(templates))
            path = ("notification_types", name, "template")
            located.complain(path, f"names a template that does not exist: {described.template}", hint)


def _alerts(rules: Rules, located: Located, types: Collection[str]) -> None:
    known = {*types, *rules.notification_types}
    spelled = {name: ALERT_NAMES.get(name, name) for name in rules.alert_configuration}
    for name, alert in rules.alert_configuration.items():
        path: KeyPath = ("alert_configuration", name)
        if spelled[name] not in known:
            hint = did_you_mean_or_list(name, sorted({*known, *ALERT_NAMES}))
            located.complain(path, "belongs to no notification type", hint, key=True)
            continue
        if name != spelled[name] and spelled[name] in rules.alert_configuration:
            located.complain(path, f"means the same as {spelled[name]}, which stands here too", key=True)
        described = rules.notification_types.get(spelled[name])
        if described is not None:
            _differences(path, alert, spelled[name], described, located)


def _differences(
    path: KeyPath, alert: AlertConfiguration, name: str, described: NotificationType, located: Located
) -> None:
    """Warn where both sections say something and it is not the same."""
    pairs = (
        ("channels", alert.channels, (described.channel,) if described.channel else ()),
        ("mentions", alert.mentions, described.mentions),
        ("emoji", alert.emoji, described.emoji),
    )
    for key, here, there in pairs:
        if here is not None and there and set(here) != set(there):
            message = f"differs from notification_types.{name}; what stands here counts"
            located.complain((*path, key), message, warning=True)


def _routing(rules: Rules, located: Located) -> None:
    for name, rule in rules.routing_rules.items():
        path: KeyPath = ("routing_rules", name)
        if not rule.channels and rule.mentions:
            located.complain(path, "has mentions but no channels to say them in", "add channels", key=True)
        elif not rule.channels and not (rule.stop or rule.replace):
            located.complain(path, "does nothing: it has no channels", "add channels", key=True)


def _wide_mentions(rules: Rules, located: Located) -> None:
    """Warn of mentions that wake whoever is in a channel, on duty or not."""
    named: list[tuple[KeyPath, tuple[str, ...]]] = [
        *((("notification_types", name), one.mentions) for name, one in rules.notification_types.items()),
        *(
            (("alert_configuration", name), one.mentions or ())
            for name, one in rules.alert_configuration.items()
        ),
        *((("routing_rules", name), one.mentions) for name, one in rules.routing_rules.items()),
        *((("escalation", index), one.mentions) for index, one in enumerate(rules.escalation)),
    ]
    for path, mentions in named:
        for number, mention in enumerate(mentions):
            if mention.lower() in _WIDE:
                message = f"{mention} wakes everybody in the channel, also those who are away"
                hint = "write @here for those who are there, or a user group"
                located.complain((*path, "mentions", number), message, hint, warning=True)


def _schedules(rules: Rules, located: Located) -> None:
    for name, entry in rules.schedule.items():
        _cron(entry.cron, ("schedule", name, "cron"), located)
    by_job: dict[str, tuple[str, str | None]] = {
        entry.job: (name, entry.cron) for name, entry in rules.schedule.items()
    }
    for name, alert in rules.alert_configuration.items():
        path: KeyPath = ("alert_configuration", name, "schedule")
        _cron(alert.schedule, path, located)
        if alert.schedule is None:
            continue
        if name != "deadline_reminders":
            hint = "write an entry in schedule: instead"
            located.complain(path, "only deadline_reminders has a schedule here", hint)
            continue
        other, cron = by_job.get(name, ("", alert.schedule))
        if cron is None or cron.split() != alert.schedule.split():
            located.complain(path, f"and schedule.{other} both say when, and differ", "keep one of the two")


def _cron(text: str | None, path: KeyPath, located: Located) -> None:
    if text is None:
        return
    if len(text.split()) != _CRON_FIELDS or not _comes(text):
        hint = 'five fields: minute hour day month weekday, such as "0 9 * * 1-5"'
        located.complain(path, f"is no time that ever comes: {text}", hint)


def _comes(cron: str) -> bool:
    try:
        next(CronSim(cron, _ANY_DAY))
    except (CronSimError, StopIteration):
        return False
    return True


def _commands(rules: Rules, located: Located) -> None:
    first: dict[str, str] = {}
    for name, command in rules.slash_commands.items():
        other = first.setdefault(command.handler, name)
        if other != name:
            path = ("slash_commands", name, "handler")
            located.complain(path, f"is that of {other} already", "one command for each handler")


def _sensitivity(rules: Rules, located: Located) -> None:
    section = rules.sensitivity
    named: list[tuple[KeyPath, str]] = [
        (("rules", i, "class"), r.class_) for i, r in enumerate(section.rules)
    ]
    named += [(("channels", channel), name) for channel, name in section.channels.items()]
    named += [(("ceilings", key), name) for key, name in section.ceilings.model_dump().items()]
    for path, name in named:
        if name not in section.classes:
            hint = did_you_mean_or_list(name, section.classes)
            located.complain(("sensitivity", *path), f"names no class: {name}", hint)
    if "internal" not in section.classes:
        message = "lacks internal, the class of what no rule names"
        located.complain(("sensitivity", "classes"), message)


def _shadow(rules: Rules, located: Located) -> None:
    if rules.delivery.shadow is not None:
        place = rules.delivery.shadow
        message = f"is on: everything goes to {place}, nobody is pinged, Studio is not written"
        located.complain(("delivery", "shadow"), message, "delete the line to go live", warning=True)


def _quiet_hours(rules: Rules, located: Located) -> None:
    quiet = rules.quiet_hours
    if quiet is not None and quiet.from_ == quiet.to:
        located.complain(("quiet_hours", "to"), "is the same as from: the whole day or none of it?")
    if quiet is not None and set(WEEKDAYS) <= set(quiet.holidays):
        message = "names every day of the week, so nothing but urgent messages would ever be sent"
        located.complain(("quiet_hours", "holidays"), message)


def _escalation(rules: Rules, located: Located) -> None:
    """Warn of steps that only repeat, where the message stands already, what nobody has heard."""
    for index, step in enumerate(rules.escalation):
        if not step.mentions and step.channel is None:
            hint = "add mentions, or a channel to tell it in"
            located.complain(("escalation", index), "calls nobody", hint, key=True, warning=True)


def _emoji(rules: Rules, located: Located) -> None:
    for section in ("notification_types", "alert_configuration"):
        for name, entry in getattr(rules, section).items():
            if entry.emoji and _EMOJI_NAME.fullmatch(entry.emoji):
                hint = f"did you mean :{entry.emoji}:?"
                located.complain((section, name, "emoji"), "would stand as plain text", hint, warning=True)

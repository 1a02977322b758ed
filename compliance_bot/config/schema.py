"""rules.yaml as typed, frozen data: the guide's sections and this bot's own, with their defaults.

Every duration is in seconds here, whatever unit the file used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, StrictBool, StrictInt, model_validator

from compliance_bot.config.guide_sections import (
    AlertConfiguration,
    DebugConfig,
    NotificationType,
    RoutingRule,
    Section,
    SlackConfig,
    SlashCommand,
    default_commands,
)
from compliance_bot.config.units import (
    ChannelName,
    Command,
    DayOff,
    Email,
    LinkPath,
    Mention,
    PositiveSeconds,
    Principals,
    Seconds,
    Text,
    TimeOfDay,
    TimeZone,
)

DAY = 86400.0
HOUR = 3600.0

ACCESS_DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "view": ("members",),
    "acknowledge": ("members",),
    "snooze": ("members",),
    "comment": ("members",),
    "evidence": ("members",),
    "assign": ("studio:manager", "studio:auditor"),
    "resolve": ("studio:manager", "studio:auditor"),
    "audit": ("studio:manager", "studio:auditor"),
    "scan": ("studio:manager", "studio:auditor"),
    "approve": ("studio:manager",),
    "accept_risk": ("studio:manager",),
    "administer": (),
}
"""Every action that ``access`` may name, and who may while it does not."""

Action = Literal[
    "view",
    "acknowledge",
    "snooze",
    "comment",
    "evidence",
    "assign",
    "resolve",
    "audit",
    "scan",
    "approve",
    "accept_risk",
    "administer",
]


class Links(Section):
    """Paths below STUDIO_URL for people; none known: no button, never a guessed link."""

    finding: LinkPath | None = None
    project: LinkPath | None = None
    evidence: LinkPath | None = None


class Studio(Section):
    """How Studio is read."""

    api: Literal["platform"] = "platform"
    first_run: Literal["baseline", "open_critical", "all"] = "baseline"
    poll_interval: PositiveSeconds = 60.0
    full_walk_interval: PositiveSeconds = 900.0
    timeout: PositiveSeconds = 10.0
    quota_per_hour: StrictInt = Field(default=1000, ge=0)
    projects: tuple[Text, ...] = ()
    links: Links = Links()


Job = Literal[
    "compliance_scan",
    "daily_summary",
    "weekly_report",
    "monthly_review",
    "deadline_reminders",
    "agenda",
    "analytics_report",
    "maintenance_reminders",
]


class ScheduleEntry(Section):
    """When one job runs: ``every`` or ``cron``, never both."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["every"]}, {"required": ["cron"]}]})

    job: Job
    every: PositiveSeconds | None = None
    cron: Text | None = None
    timezone: TimeZone = "UTC"
    channel: ChannelName | None = None
    missed: Literal["skip", "run_once", "run_all"] = "run_once"
    grace: Seconds = HOUR

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.every is None) == (self.cron is None):
            raise ValueError("needs exactly one of every and cron")
        return self


class Roles(Section):
    """Who holds which Studio role, by e-mail. Managers are known only from here."""

    manager: tuple[Email, ...] = ()
    auditor: tuple[Email, ...] = ()
    customer: tuple[Email, ...] = ()


class People(Section):
    """``aliases``: Slack e-mail → Studio e-mail, where the two differ."""

    aliases: dict[Email, Email] = Field(default_factory=dict)
    roles: Roles = Roles()


class SecondPerson(Section):
    """An action that needs a second person, while ``match`` holds (always, without one)."""

    action: Literal["accept_risk", "approve", "resolve", "reload"]
    match: Text | None = None


class Approvals(Section):
    """``expires``: of a queued click. ``needed``: how many must approve."""

    expires: PositiveSeconds = 900.0
    needed: StrictInt = Field(default=1, ge=1, le=10)
    second_person_for: tuple[SecondPerson, ...] = (
        SecondPerson(action="accept_risk", match="severity == 'critical'"),
    )


class EscalationStep(Section):
    """One rung of the ladder: said ``after`` seconds of nobody acting, and ``repeat`` times more."""

    match: Text | None = None
    after: PositiveSeconds
    mentions: tuple[Mention, ...] = ()
    channel: ChannelName | None = None
    repeat: StrictInt = Field(default=0, ge=0, le=100)


class Grouping(Section):
    """More than ``threshold`` messages in ``window`` become one digest."""

    enabled: StrictBool = True
    threshold: StrictInt = Field(default=10, ge=1)
    window: PositiveSeconds = 60.0


class QuietHours(Section):
    """When normal and low messages wait.

    ``days``: those on which a window begins. ``holidays``: whole days, by date or by day of the week.
    """

    from_: TimeOfDay = Field(alias="from")
    to: TimeOfDay
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = (
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
    )
    timezone: TimeZone = "UTC"
    holidays: tuple[DayOff, ...] = ()


class Delivery(Section):
    """``per_channel``: messages a second (0: Slack decides). ``welcome``: each channel is greeted once."""

    per_channel: float = Field(default=1.0, ge=0, le=100, strict=True)
    reconcile_after: PositiveSeconds = 15.0
    ping_once: StrictBool = False
    welcome: StrictBool = True
    shadow: ChannelName | None = None

    @model_validator(mode="before")
    @classmethod
    def _whole_numbers_too(cls, values: Any) -> Any:
        rate = values.get("per_channel") if isinstance(values, Mapping) else None
        return {**values, "per_channel": float(rate)} if type(rate) is int else values


class SensitivityRule(Section):
    """The class of what fulfils ``condition``; the first rule that holds counts."""

    condition: Text
    class_: Text = Field(alias="class")


class Ceilings(Section):
    """The highest class that each kind of channel may show."""

    shared: Text = "public"
    public: Text = "internal"
    private: Text = "confidential"


class Sensitivity(Section):
    """``classes`` from the most public to the least; what no rule names is ``internal``."""

    classes: tuple[Text, ...] = ("public", "internal", "confidential")
    rules: tuple[SensitivityRule, ...] = ()
    ceilings: Ceilings = Ceilings()
    channels: dict[ChannelName, Text] = Field(default_factory=dict)


class Retention(Section):
    """How long each kind is kept, in seconds; None: for ever."""

    events: PositiveSeconds | None = None
    messages: PositiveSeconds | None = None
    usage: PositiveSeconds | None = 30 * DAY
    evidence_files: PositiveSeconds | None = None
    audit: PositiveSeconds | None = None


class Rules(Section):
    """The whole of rules.yaml. ``Rules()`` is what an empty file would mean."""

    slack_config: SlackConfig = SlackConfig()
    notification_types: dict[Text, NotificationType] = Field(default_factory=dict)
    alert_configuration: dict[Text, AlertConfiguration] = Field(default_factory=dict)
    routing_rules: dict[Text, RoutingRule] = Field(default_factory=dict)
    slash_commands: dict[Command, SlashCommand] = Field(default_factory=default_commands)
    debug_config: DebugConfig = DebugConfig()
    studio: Studio = Studio()
    schedule: dict[Text, ScheduleEntry] = Field(default_factory=dict)
    access: dict[Action, Principals] = Field(default_factory=dict, validate_default=True)
    people: People = People()
    approvals: Approvals = Approvals()
    escalation: tuple[EscalationStep, ...] = ()
    grouping: Grouping = Grouping()
    quiet_hours: QuietHours | None = None
    delivery: Delivery = Delivery()
    sensitivity: Sensitivity = Sensitivity()
    retention: Retention = Retention()
    categories: dict[Text, Text] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _fill_access(cls, values: Any) -> Any:
        given = values.get("access", {}) if isinstance(values, Mapping) else None
        if not isinstance(given, Mapping):
            return values
        return {**values, "access": {**ACCESS_DEFAULTS, **given}}

    @property
    def studio_timeout(self) -> float:
        """Seconds that one answer of Studio may take: ``debug_config``'s word goes first."""
        debug = self.debug_config
        return debug.api_timeout if debug.enabled and debug.api_timeout else self.studio.timeout

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.config.places import packaged_place
from compliance_bot.config.schema import Rules
from compliance_bot.model.delivery import Lane
from compliance_bot.model.events import Attribute
from compliance_bot.model.slack import Channel, Directory
from compliance_bot.rules.compile import compile_sections
from compliance_bot.rules.routing import Router, Routing, route
from compliance_bot.rules.trace import Reason

Compile = Callable[[str], Router]

CRITICAL: dict[str, Attribute] = {"type": "finding", "severity": "critical", "category": "compliance"}
LEAK: dict[str, Attribute] = {**CRITICAL, "category": "security"}
HIGH: dict[str, Attribute] = {**CRITICAL, "severity": "high"}


def places(routing: Routing) -> list[tuple[str, tuple[str, ...]]]:
    return [(destination.channel_name, destination.mentions) for destination in routing.destinations]


def reasons(routing: Routing) -> list[str]:
    return [str(step) for step in routing.trace]


def test_shipped_rules_send_a_critical_finding_to_the_alerts(compiled: Compile, directory: Directory) -> None:
    router = compiled(packaged_place("rules.yaml").read_text())
    routing = route(router, CRITICAL, directory)
    assert (routing.notification, routing.template, routing.lane) == (
        "critical_alerts",
        "critical_alert",
        Lane.URGENT,
    )
    assert routing.threading
    assert routing.emoji == ":rotating_light:"
    assert places(routing) == [("compliance-alerts", ("<!subteam^S1>", "<!subteam^S3>"))]


def test_shipped_rules_send_a_security_incident_to_security_too(
    compiled: Compile, directory: Directory
) -> None:
    router = compiled(packaged_place("rules.yaml").read_text())
    assert places(route(router, LEAK, directory)) == [
        ("compliance-alerts", ("<!subteam^S1>", "<!subteam^S3>")),
        ("security-alerts", ("<!subteam^S2>", "<!subteam^S1>")),
        ("compliance", ("<!subteam^S2>", "<!subteam^S1>")),
    ]


def test_shipped_rules_send_other_findings_as_updates(compiled: Compile, directory: Directory) -> None:
    routing = route(compiled(packaged_place("rules.yaml").read_text()), HIGH, directory)
    assert (routing.notification, routing.lane, routing.threading) == (
        "compliance_updates",
        Lane.NORMAL,
        False,
    )
    assert places(routing) == [("compliance", ())]


def test_shipped_rules_send_reports_and_deadlines_as_the_guide_says(
    compiled: Compile, directory: Directory
) -> None:
    router = compiled(packaged_place("rules.yaml").read_text())
    report = route(router, {"type": "report", "status": "ready"}, directory)
    assert (report.notification, report.lane) == ("report_notifications", Lane.LOW)
    assert places(report) == [("compliance-reports", ("<!subteam^S1>",))]
    assert report.destinations[0].unresolved == ("@management",)
    deadline = route(router, {"type": "deadline", "days_remaining": 2}, directory)
    assert places(deadline) == [("compliance", ("<!subteam^S1>",))]


def test_channel_named_twice_gets_one_message_with_all_mentions(
    compiled: Compile, directory: Directory
) -> None:
    identity = directory.channels_by_name["compliance"].id
    routing = route(
        compiled(
            'notification_types:\n  critical_alerts:\n    channel: "#compliance"\n'
            '    mentions: ["@manager"]\n'
            "routing_rules:\n  one:\n    condition: \"severity == 'critical'\"\n"
            f'    channels: ["{identity}", "#compliance"]\n'
            '    mentions: ["@bob", "bob@example.com", "@manager"]\n'
        ),
        CRITICAL,
        directory,
    )
    assert places(routing) == [("compliance", ("<!subteam^S3>", "<@U1>"))]
    assert routing.destinations[0].reasons == ("channel.of_type critical_alerts", "channel.of_rule one")


def test_match_takes_an_event_before_the_table(compiled: Compile, directory: Directory) -> None:
    router = compiled(
        "notification_types:\n  leaks:\n    match: \"category == 'security'\"\n"
        '    channel: "#security-alerts"\n'
        '    template: "critical_alert"\n    priority: "urgent"\n'
    )
    routing = route(router, LEAK, directory)
    assert (routing.notification, routing.template, routing.lane) == ("leaks", "critical_alert", Lane.URGENT)
    assert reasons(routing)[0] == "type.matched leaks"
    assert reasons(route(router, CRITICAL, directory))[0] == "type.by_table critical_alerts"


RULES = """
routing_rules:
  first:
    condition: "severity == 'critical'"
    channels: ["#security-alerts"]
  second:
    condition: "severity == 'critical'"
    channels: ["#compliance-reports"]
    {extra}: true
  third:
    condition: "severity == 'critical'"
    channels: ["#team-payments"]
"""


def test_stop_ends_the_rules(compiled: Compile, directory: Directory) -> None:
    routing = route(compiled(RULES.format(extra="stop")), CRITICAL, directory)
    assert [name for name, _ in places(routing)] == ["compliance", "security-alerts", "compliance-reports"]
    assert "rule.stopped second" in reasons(routing)


def test_replace_drops_what_came_before(compiled: Compile, directory: Directory) -> None:
    routing = route(compiled(RULES.format(extra="replace")), CRITICAL, directory)
    assert [name for name, _ in places(routing)] == ["compliance-reports", "team-payments"]
    assert "rule.replaced second" in reasons(routing)


def test_replace_without_channels_leaves_the_default_channel(compiled: Compile, directory: Directory) -> None:
    router = compiled(
        'notification_types:\n  critical_alerts:\n    channel: "#security-alerts"\n'
        "routing_rules:\n  quiet:\n    condition: \"severity == 'critical'\"\n    replace: true\n"
    )
    routing = route(router, CRITICAL, directory)
    assert places(routing) == [("compliance", ())]
    assert "channel.default #compliance" in reasons(routing)


def test_rule_that_does_not_match_stands_in_the_trace(compiled: Compile, directory: Directory) -> None:
    assert "rule.not_matched first" in reasons(route(compiled(RULES.format(extra="stop")), HIGH, directory))


def test_disabled_type_is_recorded_and_not_told(compiled: Compile, directory: Directory) -> None:
    routing = route(
        compiled("alert_configuration:\n  critical_issues:\n    enabled: false\n"), CRITICAL, directory
    )
    assert not routing.enabled
    assert routing.destinations == ()
    assert reasons(routing)[-1] == "type.disabled critical_alerts"


def test_alert_configuration_replaces_channels_and_mentions(compiled: Compile, directory: Directory) -> None:
    router = compiled(
        'notification_types:\n  critical_alerts:\n    channel: "#compliance"\n    mentions: ["@manager"]\n'
        'alert_configuration:\n  critical_issues:\n    channels: ["#security-alerts", "#team-payments"]\n'
        "    mentions: []\n"
    )
    assert places(route(router, CRITICAL, directory)) == [("security-alerts", ()), ("team-payments", ())]


def test_type_without_a_channel_uses_the_notification_channels(
    compiled: Compile, directory: Directory
) -> None:
    router = compiled(
        'slack_config:\n  default_channel: "#compliance"\n  notification_channels:\n'
        '    critical: "#compliance-alerts"\n    reports: "#compliance-reports"\n'
    )
    assert places(route(router, CRITICAL, directory))[0][0] == "compliance-alerts"
    assert places(route(router, {"type": "report"}, directory))[0][0] == "compliance-reports"
    assert places(route(router, HIGH, directory))[0][0] == "compliance"


def test_channel_named_after_the_event_is_filled(compiled: Compile, directory: Directory) -> None:
    router = compiled(
        "routing_rules:\n  teams:\n    condition: \"severity == 'critical'\"\n    replace: true\n"
        '    channels: ["#team-{{ project }}"]\n'
    )
    assert router.names_read == {"severity", "project"}
    assert places(route(router, {**CRITICAL, "project": "Payments!"}, directory)) == [("team-payments", ())]
    unknown = route(router, {**CRITICAL, "project": "Other"}, directory)
    assert places(unknown) == [("compliance", ())]
    assert unknown.destinations[0].reasons == ("channel.of_rule teams", "channel.unknown #team-other")
    lacking = route(router, CRITICAL, directory)
    assert lacking.destinations[0].reasons[1] == "channel.template_empty #team-{{ project }}"


def test_archived_channel_falls_to_the_default_with_a_note(compiled: Compile, directory: Directory) -> None:
    gone = Channel(id="C9", name="security-alerts", archived=True)
    archived = Directory(
        channels_by_name={**directory.channels_by_name, "security-alerts": gone},
        channels_by_id=directory.channels_by_id,
    )
    router = compiled('notification_types:\n  critical_alerts:\n    channel: "#security-alerts"\n')
    routing = route(router, CRITICAL, archived)
    assert places(routing) == [("compliance", ())]
    assert "channel.archived #security-alerts" in routing.destinations[0].reasons


def test_without_even_a_default_channel_the_message_waits(compiled: Compile) -> None:
    routing = route(compiled(RULES.format(extra="stop")), CRITICAL, Directory())
    assert [(d.channel_id, d.channel_name) for d in routing.destinations] == [("", "compliance")]
    assert "channel.default_unknown #compliance" in routing.destinations[0].reasons


def test_mention_that_slack_does_not_know_is_said(compiled: Compile, directory: Directory) -> None:
    router = compiled('notification_types:\n  critical_alerts:\n    mentions: ["@ghost", "@here"]\n')
    routing = route(router, CRITICAL, directory)
    assert routing.destinations[0].mentions == ("<!here>",)
    assert routing.destinations[0].unresolved == ("@ghost",)
    assert routing.trace[-1].reason is Reason.MENTION_UNKNOWN


NAMES = ["#a", "#b", "#c", "C00000001", "#ghost", "#team-{{ project }}"]
MENTIONS = ["@x", "@y", "@here", "@ghost"]
CONDITIONS = ["severity == 'critical'", "severity != 'low'", "score > 1", "NOT (score > 1)"]
rule_documents = st.fixed_dictionaries(
    {
        "condition": st.sampled_from(CONDITIONS),
        "channels": st.lists(st.sampled_from(NAMES), max_size=3).map(tuple),
        "mentions": st.lists(st.sampled_from(MENTIONS), max_size=3).map(tuple),
        "stop": st.booleans(),
        "replace": st.booleans(),
    }
)
events = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["finding", "report", "nonsense"]),
        "severity": st.sampled_from(["critical", "low"]),
    },
    optional={"score": st.integers(0, 3), "project": st.sampled_from(["a", "  ", "É"])},
)


@given(st.lists(rule_documents, max_size=5), events, st.sets(st.sampled_from("abc")))
def test_every_channel_gets_one_message_and_nothing_told_goes_nowhere(
    documents: list[dict[str, object]], event: dict[str, Attribute], known: set[str]
) -> None:
    rules = Rules.model_validate(
        {
            "slack_config": {"default_channel": "#a"},
            "routing_rules": {f"rule {index}": document for index, document in enumerate(documents)},
        }
    )
    channels = {name: Channel(id=f"C0000000{index}", name=name) for index, name in enumerate(sorted(known))}
    directory = Directory(channels_by_name=channels, channels_by_id={c.id: c for c in channels.values()})
    router = compile_sections(rules).router
    routing = route(router, event, directory)
    ids = [destination.channel_id for destination in routing.destinations]
    assert ids
    assert len(ids) == len(set(ids))
    assert ("" in ids) <= ("a" not in known)
    for destination in routing.destinations:
        assert len(set(destination.mentions)) == len(destination.mentions)
        assert destination.reasons
    assert route(router, event, directory) == routing

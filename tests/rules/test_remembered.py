"""A way that is remembered is the way that the rules say."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance_bot.config.places import packaged_place
from compliance_bot.model.events import Attribute
from compliance_bot.model.slack import Directory
from compliance_bot.rules.remembered import RememberedRoutes
from compliance_bot.rules.routing import Router, route

Compile = Callable[[str], Router]

EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["finding", "deadline", "report"])},
    optional={
        "severity": st.sampled_from(["critical", "high"]),
        "category": st.sampled_from(["security", "compliance"]),
        "days_remaining": st.integers(-2, 9),
        "status": st.sampled_from(["open", "ready"]),
        "title": st.text(max_size=3),
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(EVENTS, max_size=30))
def test_whatever_came_before_an_event_goes_where_the_rules_send_it(
    compiled: Compile, directory: Directory, events: list[dict[str, Attribute]]
) -> None:
    router = compiled(packaged_place("rules.yaml").read_text())
    remembered = RememberedRoutes()
    for event in events:
        assert remembered.route(router, event, directory) == route(router, event, directory)


def test_names_that_changed_in_slack_count_at_once(compiled: Compile, directory: Directory) -> None:
    router = compiled(packaged_place("rules.yaml").read_text())
    remembered = RememberedRoutes()
    event: dict[str, Attribute] = {"type": "finding", "severity": "critical"}
    before = remembered.route(router, event, directory)
    nobody = replace(directory, groups_by_handle={})

    assert before.destinations[0].mentions
    assert remembered.route(router, event, nobody).destinations[0].mentions == ()

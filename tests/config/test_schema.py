import contextlib
from pathlib import Path

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from compliance_bot.config.editor_schema import json_schema
from compliance_bot.config.places import packaged_place
from compliance_bot.config.schema import ACCESS_DEFAULTS, Rules
from compliance_bot.config.units import seconds


def test_defaults_are_those_of_the_contract() -> None:
    rules = Rules()
    assert rules.studio.poll_interval == 60
    assert rules.studio.full_walk_interval == 900
    assert rules.studio.timeout == 10
    assert rules.studio.quota_per_hour == 1000
    assert rules.studio.first_run == "baseline"
    assert rules.delivery.per_channel == 1
    assert rules.delivery.reconcile_after == 15
    assert not rules.delivery.ping_once
    assert rules.delivery.shadow is None
    assert (rules.grouping.enabled, rules.grouping.threshold, rules.grouping.window) == (True, 10, 60)
    assert (rules.approvals.expires, rules.approvals.needed) == (900, 1)
    assert rules.access == ACCESS_DEFAULTS
    assert rules.quiet_hours is None
    assert sorted(rules.slash_commands) == ["/audit", "/compliance", "/evidence", "/risk"]


def test_operations_channel_is_the_default_channel_unless_named() -> None:
    named = Rules.model_validate({"slack_config": {"default_channel": "#a"}})
    assert named.slack_config.operations_channel == "#a"
    both = Rules.model_validate({"slack_config": {"default_channel": "#a", "operations_channel": "#b"}})
    assert both.slack_config.operations_channel == "#b"


@pytest.mark.parametrize(("written", "meant"), [("eyes", "eyes"), (":eyes:", "eyes"), (None, None)])
def test_the_emoji_that_acknowledges_is_named_with_or_without_its_colons(
    written: str | None, meant: str | None
) -> None:
    rules = Rules.model_validate({"slack_config": {"acknowledge_reaction": written}})
    assert rules.slack_config.acknowledge_reaction == meant


@pytest.mark.parametrize("written", ["", "👀", "big eyes", True])
def test_what_is_no_name_of_an_emoji_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        Rules.model_validate({"slack_config": {"acknowledge_reaction": written}})


def test_access_named_for_one_action_leaves_the_others() -> None:
    rules = Rules.model_validate({"access": {"resolve": "members", "approve": []}})
    assert rules.access["resolve"] == ("members",)
    assert rules.access["approve"] == ()
    assert rules.access["assign"] == ("studio:manager", "studio:auditor")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("200ms", 0.2), ("30s", 30), ("15m", 900), ("1h", 3600), ("7d", 604800), ("1.5h", 5400), (0, 0)],
)
def test_durations_become_seconds(text: object, expected: float) -> None:
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "30", 30, True, "30 s", "-1s", "1y", None, "s"])
def test_durations_without_a_known_unit_are_refused(text: object) -> None:
    with pytest.raises(ValueError, match="with its unit"):
        seconds(text)


def test_rules_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Rules().studio.poll_interval = 1


def test_debug_timeout_counts_only_while_debug_is_on() -> None:
    off = Rules.model_validate({"debug_config": {"api_timeout": 30}})
    on = Rules.model_validate({"debug_config": {"enabled": True, "api_timeout": 30}})
    assert (off.studio_timeout, on.studio_timeout) == (10, 30)


def test_json_schema_is_valid_and_takes_the_shipped_rules() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    document = yaml.safe_load(packaged_place("rules.yaml").read_text())
    jsonschema.validate(document, schema)


BEYOND_A_SCHEMA = {
    # what has to be looked up elsewhere in the file, in the templates, or in the language of conditions
    "alerts_are_named_once",
    "alerts_belong_to_types",
    "channels_read_known_attributes",
    "classes_are_known",
    "conditions_are_understood",
    "every_unknown_name_is_told",
    "handlers_have_one_command",
    "quiet_hours_end",
    "reminders_are_scheduled_once",
    "templates_exist",
    # what YAML's own reader makes disappear before a schema sees it
    "no_duplicate_keys",
    "no_leading_zeros",
    "no_spoken_booleans",
}


def documents(place: Path) -> dict[str, object]:
    """The files that a plain YAML reader can read at all, by name."""
    found: dict[str, object] = {}
    for file in sorted(place.glob("*.yaml")):
        with contextlib.suppress(yaml.YAMLError, UnicodeDecodeError):
            found[file.stem] = yaml.safe_load(file.read_bytes().decode("utf-8-sig"))
    return found


def test_json_schema_takes_every_section_of_the_guide(testdata: Path) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    for name, document in documents(testdata / "guide").items():
        assert list(validator.iter_errors(document)) == [], name


def test_json_schema_takes_a_section_whose_lines_are_all_comments() -> None:
    jsonschema.validate({"grouping": None}, json_schema())


def test_json_schema_refuses_every_broken_file_that_a_schema_can_know(testdata: Path) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    taken = {name for name, document in documents(testdata).items() if validator.is_valid(document)}
    warned_only = {
        file.stem
        for file in testdata.glob("*.said")
        if all(line.startswith("warning ") for line in file.read_text().splitlines())
    }
    assert taken - warned_only - {"what_is_not_there_yet"} == BEYOND_A_SCHEMA


def test_json_schema_refuses_what_the_reader_refuses() -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    documents: list[dict[str, object]] = [
        {"rooting_rules": {}},
        {"studio": {"poll_interval": 60}},
        {"access": {"aprove": "members"}},
    ]
    for document in documents:
        assert list(validator.iter_errors(document)), document

import os
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.config.load import load_rules, load_text

FILE = "rules.yaml"


def words(text: str) -> list[str]:
    return [str(problem) for problem in load_text(text).problems]


def test_absent_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    loaded = load_rules(tmp_path / FILE)
    assert loaded.rules is None
    assert "cannot be read: No such file" in str(loaded.problems[0])
    assert "compliance-bot init" in loaded.problems[0].hint


@pytest.mark.parametrize("kind", ["pipe", "directory"])
def test_what_is_no_file_is_refused_unread(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "rules.yaml"
    os.mkfifo(place) if kind == "pipe" else place.mkdir()
    loaded = load_rules(place)
    assert loaded.rules is None
    assert "is not a file" in str(loaded.problems[0])


def test_file_over_one_megabyte_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("#" * 1_000_001)
    assert str(load_rules(tmp_path / FILE).problems[0]).startswith(
        "rules.yaml is larger than 1 MB (1,000,001 bytes)"
    )


def test_byte_order_mark_of_windows_editors_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xef\xbb\xbfgrouping:\n  threshold: 3\n")
    loaded = load_rules(tmp_path / FILE)
    assert loaded.rules is not None
    assert loaded.rules.grouping.threshold == 3


def test_windows_line_ends_are_no_matter() -> None:
    loaded = load_text('grouping:\r\n  threshold: 3\r\nslack_config:\r\n  default_channel: "#a"\r\n')
    assert loaded.problems == ()


def test_section_whose_lines_are_all_comments_means_its_defaults() -> None:
    loaded = load_text("grouping:\n  # threshold: 3\nstudio:\n  poll_interval: 2m\n")
    assert loaded.problems == ()
    assert loaded.rules is not None
    assert loaded.rules.grouping.threshold == 10
    assert loaded.rules.studio.poll_interval == 120.0


@pytest.mark.parametrize("text", ["[" * 3000, "{a: " * 3000, "a: [\n" * 2000, "- " * 5000 + "a"])
def test_deep_nesting_is_refused_and_does_not_break_the_reader(text: str) -> None:
    assert words(text)


def test_control_characters_are_refused() -> None:
    assert "special characters are not allowed" in words('a: "\x00"')[0]


def test_many_faults_in_one_file_are_told_together() -> None:
    text = (
        "studio:\n  poll_intervall: 60s\n"
        "routing_rules:\n  a:\n    condition: \"severity == 'critical'\"\n    channels: [Security]\n"
        'quiet_hours:\n  from: 22:00\n  to: "07:00"\n'
    )
    assert [line.split(" ")[0] for line in words(text)] == [
        "rules.yaml:2:3",
        "rules.yaml:6:16",
        "rules.yaml:8:9",
    ]


def test_dates_need_no_quotes() -> None:
    loaded = load_text(
        'quiet_hours:\n  from: "20:00"\n  to: "07:00"\n  holidays: [2026-12-25, "2026-12-26"]\n'
    )
    assert loaded.rules is not None
    assert loaded.rules.quiet_hours is not None
    assert loaded.rules.quiet_hours.holidays == ("2026-12-25", "2026-12-26")


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    load_text(text)


_yaml_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_sections = (
    "slack_config",
    "notification_types",
    "routing_rules",
    "access",
    "schedule",
    "escalation",
    "people",
)


@given(st.dictionaries(st.sampled_from(_sections), _yaml_like, max_size=3))
def test_no_shape_of_a_section_breaks_the_reader(document: dict[str, object]) -> None:

    for problem in load_text(yaml.safe_dump(document)).problems:
        assert problem.message

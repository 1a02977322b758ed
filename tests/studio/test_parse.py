from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.studio.platform import parse
from compliance_bot.studio.platform.fields import LONGEST_TEXT, Wrong
from compliance_bot.studio.transport import Unreadable

GOOD: dict[str, Any] = {
    "id": "e1",
    "title": "Public bucket",
    "severity": "critical",
    "status": "open",
    "category": "misconfiguration",
    "createdAt": "2026-11-24T04:08:42.643Z",
}


def a_row(**fields: Any) -> dict[str, Any]:
    return {**GOOD, **fields}


def a_page(*rows: Any, total: Any = 9) -> dict[str, Any]:
    return {"success": True, "data": list(rows), "pagination": {"total": total, "page": 1, "limit": 50}}


def test_a_row_needs_only_what_a_case_needs() -> None:
    finding = parse.finding(GOOD)
    assert (finding.id, finding.created_at, finding.assignee_id) == ("e1", 1795493322.643, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", None),
        ("id", 5),
        ("id", ""),
        ("id", "x" * 201),
        ("id", "a\0b"),
        ("title", None),
        ("title", ["a"]),
        ("severity", "urgent"),
        ("severity", "CRITICAL"),
        ("severity", None),
        ("status", "acknowledged"),
        ("status", 1),
        ("category", None),
        ("createdAt", None),
        ("createdAt", "soon"),
        ("createdAt", 1795493322),
        ("assignedToId", {"id": "a1"}),
    ],
)
def test_a_row_that_cannot_be_told_apart_is_put_aside_and_never_guessed(field: str, value: Any) -> None:
    page = parse.page_answer(a_page(GOOD, a_row(**{field: value}), a_row(id="e3")))
    assert [finding.id for finding in page.findings] == ["e1", "e3"]
    assert [(bad.position, field in bad.reason) for bad in page.bad_rows] == [(1, True)]


@pytest.mark.parametrize("value", [None, [7], {"a": 1}, True, "x"])
def test_wrong_types_elsewhere_are_merely_absent(value: Any) -> None:
    objects = dict.fromkeys(["integration", "agent", "assignedTo", "_count"], value)
    finding = parse.finding(a_row(**objects, dueDate=value, occurrenceCount=value, frameworks=value))
    assert (finding.account, finding.project_id, finding.comments) == (None, None, None)
    assert (finding.due, finding.occurrences, finding.frameworks) == (None, 1, ())


def test_ten_megabytes_in_a_field_are_cut() -> None:
    finding = parse.finding(a_row(description="é" * 10_000_000, frameworks=["x" * 1_000_000]))
    assert len(finding.description) == LONGEST_TEXT + 1
    assert len(finding.frameworks[0]) == LONGEST_TEXT + 1


def test_what_neither_sqlite_nor_slack_can_hold_is_mended() -> None:
    finding = parse.finding(json.loads(json.dumps(a_row(title="a\ud800b\0c"))))
    assert finding.title == "a?bc"


def test_only_named_fields_are_picked() -> None:
    row = a_row(
        integration={"name": "AWS", "credentials": {"key": "SECRET-IN-DB"}, "config": {"k": "SECRET"}},
        rawData={"token": "SECRET"},
        evidence=["SECRET"],
        resolvedBy={"name": "SECRET"},
    )
    assert "SECRET" not in repr(parse.detail_answer({"data": {**row, "comments": []}}))


def test_an_unreadable_comment_does_not_hide_the_others() -> None:
    comments = [None, {"id": 5}, {"id": "c1", "content": "ref CB-1", "author": None}]
    detail = parse.detail_answer({"data": a_row(comments=comments)})
    assert [comment.id for comment in detail.comments] == ["c1"]


def test_dates_without_a_zone_are_utc_and_a_plain_date_is_midnight() -> None:
    assert parse.finding(a_row(dueDate="2026-12-01")).due == 1796083200.0
    assert parse.finding(a_row(dueDate="2026-12-01T00:00:00")).due == 1796083200.0


@pytest.mark.parametrize("total", [None, -1, "6", True, 1e300])
def test_a_page_without_a_total_is_no_page(total: Any) -> None:
    with pytest.raises(Unreadable):
        parse.page_answer(a_page(total=total))


def test_limit_zero_gives_pages_null_and_is_still_read() -> None:
    body = a_page()
    body["pagination"]["pages"] = None
    assert parse.page_answer(body).total == 9


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*GOOD, "data", "stats", "pagination", "total", "totals", "comments", "_count"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)
PARSERS = [
    parse.page_answer,
    parse.detail_answer,
    parse.finding_answer,
    parse.comment_answer,
    parse.stats_answer,
    parse.manager_dashboard,
    parse.auditor_dashboard,
    parse.rows_answer(parse.alert),
    parse.rows_answer(parse.manager_project),
    parse.rows_answer(parse.auditor_project),
    parse.rows_answer(parse.auditor),
    parse.rows_answer(parse.audit_request),
]


@given(body=JSON, parser=st.sampled_from(PARSERS))
def test_any_json_is_either_read_or_refused(body: Any, parser: Any) -> None:
    for answer in (body, {"data": body, "stats": body, "pagination": body}):
        try:
            parser(answer)
        except (Unreadable, Wrong):
            continue


@given(st.fixed_dictionaries(dict.fromkeys(GOOD, JSON)))
def test_a_row_of_any_json_never_breaks_its_page(row: dict[str, Any]) -> None:
    page = parse.page_answer(a_page(GOOD, row))
    assert len(page.findings) + len(page.bad_rows) == 2

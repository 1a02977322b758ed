from __future__ import annotations

import json
from pathlib import Path

import pytest

from compliance_bot.model.delivery import Never, Retry, Unknown
from compliance_bot.slack.failures import (
    FailureClass,
    SlackCallFailed,
    classify,
    listed_codes,
    refused,
    retry_after,
    unreadable,
)
from compliance_bot.slack.performer import outcome_of

SLACKS_TABLE = {
    FailureClass.RETRY: [
        "ratelimited",
        "rate_limited",
        "message_limit_exceeded",
        "service_unavailable",
        "team_added_to_org",
        "org_login_required",
    ],
    FailureClass.UNKNOWN: ["fatal_error", "internal_error", "request_timeout"],
    FailureClass.PERMANENT_DESTINATION: [
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "is_inactive",
        "restricted_action",
        "restricted_action_read_only_channel",
        "messages_tab_disabled",
        "user_not_found",
        "cannot_dm_bot",
    ],
    FailureClass.PERMANENT_PAYLOAD: [
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "metadata_too_large",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "too_many_attachments",
        "block_mismatch",
        "a_code_of_next_year",
    ],
    FailureClass.FATAL: [
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "missing_scope",
        "no_permission",
        "accesslimited",
        "ekm_access_denied",
        "not_allowed_token_type",
        "team_access_not_granted",
    ],
    FailureClass.MESSAGE_GONE: ["message_not_found", "edit_window_closed", "cant_update_message"],
    FailureClass.STALE: ["expired_trigger_id", "exchanged_trigger_id", "hash_conflict"],
    FailureClass.FEATURE_MISSING: ["plan_upgrade_required", "paid_teams_only"],
}
ROWS = [(code, kind) for kind, codes in SLACKS_TABLE.items() for code in codes]


@pytest.mark.parametrize(("code", "kind"), ROWS)
def test_every_row_of_slacks_error_table_has_its_class(code: str, kind: FailureClass) -> None:
    assert classify(code)[0] is kind


@pytest.mark.parametrize(("code", "kind"), listed_codes().items())
def test_every_listed_code_has_a_reason_in_words(code: str, kind: FailureClass) -> None:
    found, why = classify(code)
    assert found is kind
    assert len(why) > 8


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30.0),
        ("7", 7.0),
        ("0", 1.0),
        (None, 30.0),
        ("", 30.0),
        ("soon", 30.0),
        ("-5", 30.0),
        ("nan", 30.0),
        ("inf", 30.0),
        ("999999999", 30.0),
        ("Tue, 24 Nov 2026 16:00:00 GMT", 30.0),
    ],
)
def test_a_retry_after_that_is_missing_or_garbage_means_thirty_seconds(
    header: str | None, seconds: float
) -> None:
    assert retry_after(header) == seconds


def test_invalid_auth_names_the_ip_allow_list_too() -> None:
    failure = refused("auth.test", {"ok": False, "error": "invalid_auth"}, 200, {})
    assert "IP allow list" in str(failure)
    assert "auth.test" in str(failure)


def test_a_missing_scope_says_what_is_needed_and_what_is_granted() -> None:
    body = {"ok": False, "error": "missing_scope", "needed": "files:read", "provided": "chat:write"}
    failure = refused("files.info", body, 200, {"x-slack-req-id": "7c1d90"})
    assert (failure.needed, failure.provided, failure.request_id) == ("files:read", "chat:write", "7c1d90")
    assert "needed: files:read, granted: chat:write" in str(failure)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, FailureClass.UNKNOWN),
        (302, FailureClass.RETRY),
        (403, FailureClass.RETRY),
        (413, FailureClass.PERMANENT_PAYLOAD),
        (429, FailureClass.RETRY),
        (500, FailureClass.UNKNOWN),
        (502, FailureClass.UNKNOWN),
        (503, FailureClass.RETRY),
        (504, FailureClass.UNKNOWN),
    ],
)
def test_an_answer_that_is_no_json_is_never_taken_for_sent(status: int, kind: FailureClass) -> None:
    assert unreadable("chat.postMessage", status, {}).kind is kind


def outcome(code: str, *, method: str = "chat.postMessage", degraded: bool = False) -> object:
    kind, why = classify(code)
    failure = SlackCallFailed(method=method, code=code, kind=kind, why=why)
    return outcome_of(failure, method=method, degraded=degraded)


def test_a_payload_slack_will_not_take_is_degraded_once_and_then_given_up() -> None:
    assert outcome("msg_blocks_too_long") == Retry(reason="msg_blocks_too_long", degrade=True)
    assert outcome("msg_blocks_too_long", degraded=True) == Never(reason="msg_blocks_too_long")


def test_a_fatal_code_costs_no_attempt() -> None:
    assert outcome("token_revoked") == Retry(reason="token_revoked", blocked=True)


def test_an_edit_of_unknown_outcome_is_simply_done_again() -> None:
    assert outcome("internal_error", method="chat.update") == Retry(reason="internal_error")
    assert outcome("internal_error") == Unknown(reason="internal_error")


def test_a_message_that_is_gone_is_told_as_gone() -> None:
    for code in ("message_not_found", "edit_window_closed", "cant_update_message"):
        assert outcome(code, method="chat.update") == Never(reason=code, gone=True)


def test_no_other_file_of_the_program_reads_slacks_error_codes() -> None:
    unmistakable = ["msg_blocks_too_long", "token_revoked", "edit_window_closed", "not_in_channel"]
    root = Path(__file__).parents[2] / "compliance_bot"
    readers = {
        path.name
        for path in root.rglob("*.py")
        if "sandbox" not in path.parts and any(json.dumps(code) in path.read_text() for code in unmistakable)
    }
    assert readers == {"failures.py"}

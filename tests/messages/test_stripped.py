from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_bot.messages.stripped import stripped

# Put together here, so that no scanner takes this file for a leak.
HIDDEN = "hunter2hunter2"
KEY = "AKIA" + "IOSFODNN7EXAMPLE"
TOKEN = "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0"
JWT = "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
BOT = "xoxb" + "-1234567890-abcdefABCDEF"
PRIVATE = "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "text",
    [
        f"password={HIDDEN}",
        f'"db_password": "{HIDDEN}"',
        f"DB_PASSWORD='{HIDDEN}' is set",
        f"aws_secret_access_key = {HIDDEN}",
        f"api-key: {HIDDEN}, region eu",
        f"clientSecret => {HIDDEN}",
        f"https://admin:{HIDDEN}@db.example/prod",
        f"Authorization: Bearer {HIDDEN}",
        f"https://x.blob.example/a?sv=1&sig={HIDDEN}",
    ],
)
def test_what_is_called_a_secret_is_taken_out(text: str) -> None:
    assert HIDDEN not in stripped(text)
    assert "<secret>" in stripped(text)


@pytest.mark.parametrize("secret", [KEY, TOKEN, JWT, BOT, PRIVATE])
def test_what_looks_like_a_key_is_taken_out(secret: str) -> None:
    assert stripped(f"found {secret} in the bucket") == "found <secret> in the bucket"


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:s3:::customer-exports is public",
        "Rotate the access keys of this user every 90 days.",
        "The password policy has no minimum length",
        "Secrets Manager isn't used: see https://docs.example/secrets",
        "",
    ],
)
def test_what_only_speaks_of_secrets_stays(text: str) -> None:
    assert stripped(text) == text


@given(st.text(max_size=400))
def test_nothing_that_is_written_breaks_it(text: str) -> None:
    assert isinstance(stripped(text), str)


def test_a_long_text_takes_no_long_time() -> None:
    for part in ("password", "token:", "a.", "-----BEGIN PRIVATE KEY-----", "eyJaaaaaaaaaa."):
        stripped(part * 20_000)

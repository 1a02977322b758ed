import os
import pickle
from pathlib import Path

import pytest

from compliance_bot.config.places import packaged_place, rules_place, templates_place
from compliance_bot.config.secrets import Secret
from compliance_bot.config.settings import read_settings
from compliance_bot.errors import Misconfigured
from compliance_bot.model.platform import Role

ENVIRON = {
    "SLACK_BOT_TOKEN": "xoxb-1-bot",
    "SLACK_APP_TOKEN": "xapp-1-app",
    "STUDIO_URL": "https://studio.example.com/",
    "STUDIO_TOKEN": "studio-secret",
}


def refused(**changes: str) -> str:
    """What is said of the environment with these changes; an empty text takes a setting out."""
    environ = {name: text for name, text in {**ENVIRON, **changes}.items() if text}
    with pytest.raises(Misconfigured) as caught:
        read_settings(environ)
    words = str(caught.value)
    assert words.endswith(".")
    assert "\n" not in words
    return words


def test_least_environment_gives_settings_with_defaults() -> None:
    settings = read_settings(ENVIRON)
    assert settings.slack_bot_token.reveal() == "xoxb-1-bot"
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.studio_url == "https://studio.example.com"
    assert settings.studio_tokens[None].reveal() == "studio-secret"
    assert settings.listen == ("127.0.0.1", 8085)
    assert settings.state_path == Path("state")
    assert settings.clock_url is None


def test_no_secret_stands_in_the_representation() -> None:
    environ = {**ENVIRON, "STUDIO_LOGIN_MANAGER": "bot@example.com", "STUDIO_PASSWORD_MANAGER": "pass-word"}
    environ["SLACK_WEBHOOK_COMPLIANCE_ALERTS"] = "https://hooks.example.com/s/T/B/X"
    words = repr(read_settings(environ)) + str(read_settings(environ))
    for secret in ("xoxb-", "xapp-", "studio-secret", "pass-word", "hooks.example.com"):
        assert secret not in words


def test_secret_is_never_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("x"))


@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "STUDIO_URL", "STUDIO_TOKEN"])
def test_missing_setting_is_named_with_its_mend(name: str) -> None:
    assert refused(**{name: ""}).startswith(f"{name} is missing: set it")


def test_empty_environment_is_told_of_slack_first() -> None:
    with pytest.raises(Misconfigured, match="SLACK_BOT_TOKEN is missing"):
        read_settings({})


def test_missing_bot_token_names_its_kind() -> None:
    assert "set it to the xoxb- token" in refused(SLACK_BOT_TOKEN="")


def test_swapped_tokens_are_called_swapped() -> None:
    assert "holds the other token" in refused(SLACK_BOT_TOKEN="xapp-1", SLACK_APP_TOKEN="xoxb-1")


def test_person_token_is_called_by_its_kind() -> None:
    assert "a person's token" in refused(SLACK_BOT_TOKEN="xoxp-1")


@pytest.mark.parametrize("token", ["hello", "Bearer xoxb-1", '"xoxb-1"'])
def test_text_that_is_no_token_is_refused_without_being_repeated(token: str) -> None:
    words = refused(SLACK_BOT_TOKEN=token)
    assert "does not start with xoxb-" in words
    assert token not in words


def test_token_with_white_space_inside_is_refused() -> None:
    assert "white space" in refused(SLACK_BOT_TOKEN="xoxb-1 2")
    assert "white space" in refused(STUDIO_TOKEN="a\nb")


@pytest.mark.parametrize("name", ["STUDIO_API_KEY", "STUDIO_CLIENT_ID", "STUDIO_CLIENT_SECRET"])
def test_settings_of_the_other_api_are_not_supported_yet(name: str) -> None:
    assert refused(**{name: "x"}).startswith(f"{name} is not supported yet")


def test_credential_goes_before_file_and_file_before_variable(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("xoxb-of-file\n")
    environ = {**ENVIRON, "SLACK_BOT_TOKEN_FILE": str(tmp_path / "token")}
    assert read_settings(environ).slack_bot_token.reveal() == "xoxb-of-file"
    (tmp_path / "slack_bot_token").write_text("xoxb-of-credential\n")
    environ["CREDENTIALS_DIRECTORY"] = str(tmp_path)
    assert read_settings(environ).slack_bot_token.reveal() == "xoxb-of-credential"


def test_file_is_read_again_when_it_changes_and_a_broken_one_leaves_the_last_value(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first")
    settings = read_settings({**ENVIRON, "STUDIO_TOKEN": "", "STUDIO_TOKEN_FILE": str(file)})
    assert settings.fresh("STUDIO_TOKEN").reveal() == "first"
    replacement = tmp_path / "new"
    replacement.write_text("second")
    os.replace(replacement, file)  # noqa: PTH105 - the way secret stores swap a file
    assert settings.fresh("STUDIO_TOKEN").reveal() == "second"
    file.unlink()
    assert settings.fresh("STUDIO_TOKEN").reveal() == "second"
    assert settings.fresh("SLACK_BOT_TOKEN").reveal() == "xoxb-1-bot"


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be read"), (b"", "is empty"), (b"\xff", "not UTF-8")]
)
def test_unusable_secret_file_is_told(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    assert said in refused(SLACK_BOT_TOKEN_FILE=str(file))


def test_tokens_by_role_do_without_the_common_one() -> None:
    settings = read_settings(
        {**ENVIRON, "STUDIO_TOKEN": "", "STUDIO_TOKEN_MANAGER": "m", "STUDIO_TOKEN_AUDITOR": "a"}
    )
    assert {role: token.reveal() for role, token in settings.studio_tokens.items()} == {
        Role.MANAGER: "m",
        Role.AUDITOR: "a",
    }


def test_login_needs_both_halves() -> None:
    assert refused(STUDIO_LOGIN_MANAGER="x").startswith("STUDIO_PASSWORD_MANAGER is missing")
    assert refused(STUDIO_PASSWORD_AUDITOR="x").startswith("STUDIO_LOGIN_AUDITOR is missing")


@pytest.mark.parametrize("name", ["STUDIO_URL", "SLACK_API_URL"])
def test_http_is_accepted_on_this_machine_only(name: str) -> None:
    assert "must begin with https://" in refused(**{name: "http://studio.example.com"})
    for host in ("127.0.0.1", "localhost", "[::1]"):
        read_settings({**ENVIRON, name: f"http://{host}:8484/x"})


@pytest.mark.parametrize(
    "url", ["studio.example.com", "https://", "ftp://x", "https://a b", "https://u:p@x", "https://x?y"]
)
def test_malformed_address_is_named(url: str) -> None:
    assert refused(STUDIO_URL=url).startswith("STUDIO_URL ")


def test_clock_of_the_demo_is_refused_beside_a_real_slack_or_studio() -> None:
    local = {
        "SLACK_API_URL": "http://127.0.0.1:1/slack/api/",
        "STUDIO_URL": "http://127.0.0.1:1/studio",
        "COMPLIANCE_BOT_CLOCK": "http://127.0.0.1:1/clock",
    }
    assert read_settings({**ENVIRON, **local}).clock_url == "http://127.0.0.1:1/clock"
    for name in ("SLACK_API_URL", "STUDIO_URL", "COMPLIANCE_BOT_CLOCK"):
        assert refused(**{**local, name: "https://real.example.com"}).startswith(
            "COMPLIANCE_BOT_CLOCK is for the demo"
        )


def test_proxies_are_apart_and_checked() -> None:
    settings = read_settings({**ENVIRON, "SLACK_PROXY": "http://proxy:3128"})
    assert (settings.slack_proxy, settings.studio_proxy) == ("http://proxy:3128", None)
    assert refused(STUDIO_PROXY="socks5://proxy:1080").startswith("STUDIO_PROXY ")
    assert refused(STUDIO_PROXY="proxy").startswith("STUDIO_PROXY ")


def test_ca_file_must_hold_a_certificate(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    assert refused(STUDIO_CA_FILE=str(file)).startswith("STUDIO_CA_FILE ")
    assert refused(STUDIO_CA_FILE=str(tmp_path)).startswith("STUDIO_CA_FILE ")
    file.write_text("hello")
    assert refused(STUDIO_CA_FILE=str(file)).startswith("STUDIO_CA_FILE ")
    file.write_text("-----BEGIN CERTIFICATE-----\n")
    assert read_settings({**ENVIRON, "STUDIO_CA_FILE": str(file)}).studio_ca_file == file


@pytest.mark.parametrize("text", ["8085", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:99999", ":80"])
def test_malformed_listen_address_is_named(text: str) -> None:
    assert refused(COMPLIANCE_BOT_LISTEN=text).startswith("COMPLIANCE_BOT_LISTEN must be host:port")


def test_empty_listen_address_switches_the_health_page_off() -> None:
    assert read_settings({**ENVIRON, "COMPLIANCE_BOT_LISTEN": ""}).listen is None


def test_webhooks_are_found_by_channel(tmp_path: Path) -> None:
    (tmp_path / "hook").write_text("https://hooks.example.com/2")
    environ = {
        **ENVIRON,
        "SLACK_WEBHOOK_A": "https://hooks.example.com/1",
        "SLACK_WEBHOOK_B_FILE": str(tmp_path / "hook"),
    }
    webhooks = read_settings(environ).webhooks
    assert {name: hook.reveal()[-1] for name, hook in webhooks.items()} == {"A": "1", "B": "2"}
    (tmp_path / "slack_webhook_c").write_text("https://hooks.example.com/3")
    assert "C" in read_settings({**ENVIRON, "CREDENTIALS_DIRECTORY": str(tmp_path)}).webhooks
    assert refused(SLACK_WEBHOOK_A="http://hooks.example.com/1").startswith("SLACK_WEBHOOK_A ")
    assert refused(SLACK_WEBHOOK_A="https://u:p@hooks.example.com/1").startswith("SLACK_WEBHOOK_A ")


def test_a_webhook_s_file_is_read_again_when_it_has_changed(tmp_path: Path) -> None:
    hook = tmp_path / "hook"
    hook.write_text("https://hooks.example.com/old")
    settings = read_settings({**ENVIRON, "SLACK_WEBHOOK_A_FILE": str(hook)})
    assert settings.webhook("A").reveal() == "https://hooks.example.com/old"
    hook.write_text("https://hooks.example.com/newer")
    assert settings.webhook("A").reveal() == "https://hooks.example.com/newer"


def test_a_webhook_that_became_no_address_is_refused_without_being_shown(tmp_path: Path) -> None:
    hook = tmp_path / "hook"
    hook.write_text("https://hooks.example.com/old")
    settings = read_settings({**ENVIRON, "SLACK_WEBHOOK_A_FILE": str(hook)})
    hook.write_text("http://hooks.example.com/newer")
    with pytest.raises(Misconfigured) as refusal:
        settings.webhook("A")
    assert str(refusal.value) == "SLACK_WEBHOOK_A must begin with https://."
    with pytest.raises(Misconfigured, match="SLACK_WEBHOOK_B is not set"):
        settings.webhook("B")


def test_state_directory_of_systemd_is_used() -> None:
    assert read_settings({**ENVIRON, "STATE_DIRECTORY": "/var/lib/x"}).state_path == Path("/var/lib/x")
    environ = {**ENVIRON, "STATE_DIRECTORY": "/var/lib/x", "COMPLIANCE_BOT_STATE": "/y"}
    assert read_settings(environ).state_path == Path("/y")


def test_rules_are_looked_for_here_then_packaged_where_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert rules_place({}, packaged=True) == packaged_place("rules.yaml")
    assert templates_place({}, packaged=True) == packaged_place("templates")
    assert rules_place({}) == Path("rules.yaml")
    Path("rules.yaml").write_text("")
    assert rules_place({}, packaged=True) == Path("rules.yaml")
    assert rules_place({"COMPLIANCE_BOT_RULES": "/x.yaml"}, packaged=True) == Path("/x.yaml")

"""What the environment says: tokens, addresses, places. rules.yaml never holds any of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from compliance_bot.config import addresses
from compliance_bot.config.places import rules_place, templates_place
from compliance_bot.config.secrets import Found, Secret, credential_names, look_up, read_secret_file
from compliance_bot.errors import Misconfigured
from compliance_bot.model.platform import Role

SLACK_API_URL = "https://slack.com/api/"
DEFAULT_LISTEN = "127.0.0.1:8085"

_MENDS = {
    "SLACK_BOT_TOKEN": "set it to the xoxb- token from OAuth & Permissions of your Slack app",
    "SLACK_APP_TOKEN": "set it to the xapp- token from Basic Information, App-Level Tokens",
    "STUDIO_URL": "set it to Studio's address, such as https://studio.example.com",
    "STUDIO_TOKEN": "set it (or STUDIO_TOKEN_MANAGER, STUDIO_TOKEN_AUDITOR, or STUDIO_LOGIN_<ROLE> with "
    "STUDIO_PASSWORD_<ROLE>) to what Studio gave you",
}
_WEBHOOK = "SLACK_WEBHOOK_"
_NOT_YET = ("STUDIO_API_KEY", "STUDIO_CLIENT_ID", "STUDIO_CLIENT_SECRET")


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A service account of Studio whose session the bot renews itself."""

    identifier: str
    password: Secret


@dataclass(slots=True)
class _FileMemory:
    """A secret's file, when it last changed (``st_mtime_ns``, ``st_ino``), and what it held then."""

    file: Path
    stamp: tuple[int, int]
    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, checked. Its ``repr`` shows no secret."""

    slack_bot_token: Secret
    slack_app_token: Secret
    slack_api_url: str
    studio_url: str
    studio_tokens: Mapping[Role | None, Secret]
    """By role; None is the one token for every role."""
    studio_logins: Mapping[Role, Login]
    studio_login_url: str | None
    slack_proxy: str | None
    studio_proxy: str | None
    studio_ca_file: Path | None
    rules_path: Path
    templates_path: Path
    state_path: Path
    listen: tuple[str, int] | None
    """Host and port of the health page; None: off."""
    clock_url: str | None
    webhooks: Mapping[str, Secret]
    """Incoming webhooks by the channel's name, upper case, as in ``SLACK_WEBHOOK_<CHANNEL>``."""
    master_key: Secret | None = None
    files: dict[str, _FileMemory] = field(default_factory=dict, repr=False)

    def fresh(self, name: str) -> Secret:
        """The secret ``name`` now: its file is read again when it has changed.

        A file that cannot be read any more leaves the last good value standing.
        """
        memory = self.files.get(name)
        if memory is None:
            return self._standing(name)
        try:
            stamp = _stamp(memory.file)
            if stamp != memory.stamp:
                memory.secret, memory.stamp = Secret(read_secret_file(name, memory.file)), stamp
        except (OSError, Misconfigured):
            pass
        return memory.secret

    def _standing(self, name: str) -> Secret:
        known = {"SLACK_BOT_TOKEN": self.slack_bot_token, "SLACK_APP_TOKEN": self.slack_app_token}
        for role, token in self.studio_tokens.items():
            known["STUDIO_TOKEN" if role is None else f"STUDIO_TOKEN_{role.upper()}"] = token
        for role, login in self.studio_logins.items():
            known[f"STUDIO_PASSWORD_{role.upper()}"] = login.password
        known |= {f"{_WEBHOOK}{channel}": address for channel, address in self.webhooks.items()}
        return known[name]

    def webhook(self, channel: str) -> Secret:
        """The incoming webhook of ``COMPLIANCE_ALERTS`` now; a bad address is ``Misconfigured``."""
        name = f"{_WEBHOOK}{channel}"
        if channel not in self.webhooks:
            raise Misconfigured(f"{name} is not set.")
        address = self.fresh(name)
        addresses.secret_url(name, address.reveal())
        return address


class _Reader:
    """Looks settings up and remembers which came from a file."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.files: dict[str, _FileMemory] = {}

    def text(self, name: str) -> str | None:
        found = look_up(name, self.environ)
        return found.text if found else None

    def secret(self, name: str) -> Secret | None:
        found = look_up(name, self.environ)
        return self._remember(name, found) if found else None

    def required(self, name: str) -> Secret:
        secret = self.secret(name)
        if secret is None:
            raise Misconfigured(f"{name} is missing: {_MENDS[name]}.")
        return secret

    def _remember(self, name: str, found: Found) -> Secret:
        secret = Secret(found.text)
        if found.file is not None:
            self.files[name] = _FileMemory(found.file, _stamp(found.file), secret)
        return secret


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Every setting of ``environ``, checked; the first fault is ``Misconfigured``, in one sentence."""
    reader = _Reader(environ)
    for name in _NOT_YET:
        if reader.text(name):
            raise Misconfigured(f"{name} is not supported yet: unset it and give STUDIO_TOKEN instead.")
    bot_token = _slack_token(reader, "SLACK_BOT_TOKEN", "xoxb-")
    app_token = _slack_token(reader, "SLACK_APP_TOKEN", "xapp-")
    slack_api_url = addresses.base_url("SLACK_API_URL", reader.text("SLACK_API_URL") or SLACK_API_URL) + "/"
    studio_url = addresses.base_url("STUDIO_URL", _required_text(reader, "STUDIO_URL"))
    tokens, logins = _studio_tokens(reader), _studio_logins(reader)
    if not tokens and not logins:
        raise Misconfigured(f"STUDIO_TOKEN is missing: {_MENDS['STUDIO_TOKEN']}.")
    return Settings(
        slack_bot_token=bot_token,
        slack_app_token=app_token,
        slack_api_url=slack_api_url,
        studio_url=studio_url,
        studio_tokens=tokens,
        studio_logins=logins,
        studio_login_url=_optional_url(reader, "STUDIO_LOGIN_URL"),
        slack_proxy=addresses.proxy("SLACK_PROXY", reader.text("SLACK_PROXY")),
        studio_proxy=addresses.proxy("STUDIO_PROXY", reader.text("STUDIO_PROXY")),
        studio_ca_file=_ca_file(environ),
        rules_path=rules_place(environ),
        templates_path=templates_place(environ),
        state_path=Path(environ.get("COMPLIANCE_BOT_STATE") or environ.get("STATE_DIRECTORY") or "state"),
        listen=addresses.listen(environ.get("COMPLIANCE_BOT_LISTEN", DEFAULT_LISTEN)),
        clock_url=addresses.clock(environ.get("COMPLIANCE_BOT_CLOCK"), slack_api_url, studio_url),
        webhooks=_webhooks(reader),
        master_key=reader.secret("COMPLIANCE_BOT_KEY"),
        files=reader.files,
    )


def _required_text(reader: _Reader, name: str) -> str:
    text = reader.text(name)
    if text is None:
        raise Misconfigured(f"{name} is missing: {_MENDS[name]}.")
    return text


def _slack_token(reader: _Reader, name: str, prefix: str) -> Secret:
    token = reader.required(name)
    if token.reveal().startswith(prefix):
        _refuse_white_space(name, token)
        return token
    if token.reveal().startswith(("xoxb-", "xapp-")):
        raise Misconfigured(
            f"{name} holds the other token: the xoxb- token belongs in SLACK_BOT_TOKEN, "
            "the xapp- token in SLACK_APP_TOKEN."
        )
    if token.reveal().startswith("xoxp-"):
        raise Misconfigured(f"{name} holds a person's token (xoxp-): {_MENDS[name]}.")
    raise Misconfigured(f"{name} does not start with {prefix}: {_MENDS[name]}.")


def _refuse_white_space(name: str, secret: Secret) -> None:
    if re.search(r"\s|[^\x21-\x7e]", secret.reveal()):
        raise Misconfigured(
            f"{name} holds white space or a letter no token has: copy it again, whole and alone."
        )


def _studio_tokens(reader: _Reader) -> dict[Role | None, Secret]:
    names: dict[Role | None, str] = {None: "STUDIO_TOKEN"}
    names |= {role: f"STUDIO_TOKEN_{role.upper()}" for role in Role}
    found = {role: reader.secret(name) for role, name in names.items()}
    for role, secret in found.items():
        if secret is not None:
            _refuse_white_space(names[role], secret)
    return {role: secret for role, secret in found.items() if secret is not None}


def _studio_logins(reader: _Reader) -> dict[Role, Login]:
    logins: dict[Role, Login] = {}
    for role in Role:
        name, secret_name = f"STUDIO_LOGIN_{role.upper()}", f"STUDIO_PASSWORD_{role.upper()}"
        identifier, password = reader.text(name), reader.secret(secret_name)
        if identifier and password:
            logins[role] = Login(identifier=identifier, password=password)
        elif identifier or password:
            missing, given = (secret_name, name) if identifier else (name, secret_name)
            raise Misconfigured(f"{missing} is missing: {given} is given, and a login needs both.")
    return logins


def _optional_url(reader: _Reader, name: str) -> str | None:
    text = reader.text(name)
    return addresses.base_url(name, text) if text else None


def _ca_file(environ: Mapping[str, str]) -> Path | None:
    text = environ.get("STUDIO_CA_FILE")
    if not text:
        return None
    file = Path(text)
    try:
        usable = b"BEGIN CERTIFICATE" in file.read_bytes()
    except OSError:
        usable = False
    if not usable:
        raise Misconfigured(f"STUDIO_CA_FILE names {file}, which is not a readable PEM certificate.")
    return file


def _webhooks(reader: _Reader) -> dict[str, Secret]:
    pattern = re.compile(rf"{_WEBHOOK}(\w+?)(_FILE)?")
    given = [*reader.environ, *credential_names(reader.environ)]
    names = {f"{_WEBHOOK}{found[1]}" for name in given if (found := pattern.fullmatch(name))}
    webhooks: dict[str, Secret] = {}
    for name in sorted(names):
        secret = reader.secret(name)
        if secret is not None:
            addresses.secret_url(name, secret.reveal())
            webhooks[name.removeprefix(_WEBHOOK)] = secret
    return webhooks


def _stamp(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_mtime_ns, status.st_ino
